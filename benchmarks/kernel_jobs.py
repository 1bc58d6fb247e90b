"""What the kernel is measured by: as ``jobs.py``, each runs in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.jobs import NOW, _warm


def write_files(folder: str, activities: int, people: int, *, even: bool, forms: list[str]) -> dict[str, Any]:
    """The kernel's files (``courtship.columnfiles``), one folder a form."""
    from courtship.columnfiles import write_bucket
    from courtship.columns import pack
    from courtship.demo.volume import Volume

    began = time.perf_counter()
    bucket = pack(Volume(activities, people, even=even).columns())
    for form in forms:
        write_bucket(f"{folder}/{form}", bucket, form="arrow" if form == "arrow" else "parquet")
    return {"seconds": time.perf_counter() - began}


def reckon_files(path: str, threads: int = 2) -> dict[str, Any]:
    """From the files to every report, default policy; what may change nothing is not read."""
    from hashlib import blake2b

    import pyarrow.parquet  # noqa: F401 - a running server has it loaded, as it has the kernel

    from courtship.columnfiles import open_bucket
    from courtship.lifecycle import policy
    from courtship.lifecycle.kernel import reckon_parts

    ladder = policy.load(None)
    _warm(ladder)
    began, busy = time.perf_counter(), time.process_time()
    files = open_bucket(path)
    opened = time.perf_counter()
    reports = reckon_parts(files.people, files.rows, files.read, ladder, NOW, threads=threads)
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    digest = blake2b(digest_size=8)
    for each in (reports.at, reports.before, reports.after, reports.activity, reports.start):
        digest.update(each.tobytes())
    return {
        "seconds": seconds,
        "processor": processor,
        "began": began,
        "open": opened - began,
        "people": len(reports.stage),
        "transitions": len(reports.at),
        "checksum": digest.hexdigest(),
    }


def compile_lines(into: str) -> dict[str, Any]:
    """Compiles the walk with its line table, and writes what the compiler made to a file."""
    from courtship.lifecycle import policy

    began = time.perf_counter()
    walk = _with_lines()
    _warm(policy.load(None))
    (compiled,) = walk.overloads.values()
    Path(into).write_bytes(compiled.library._get_compiled_object())
    return {"seconds": time.perf_counter() - began}


def reckon_lines(path: str, threads: int) -> dict[str, Any]:
    """``reckon_files`` with that code (from numba's cache), and at which address it begins."""
    walk = _with_lines()
    said = reckon_files(path, threads)
    (compiled,) = walk.overloads.values()
    said["walk"] = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
    return said


def _with_lines() -> Any:
    """The walk, which numba is about to compile with its line table. No option of numba's asks for that on
    a processor, so its flags are set."""
    from numba.core import cpu

    plain = cpu.CPUTargetOptions.finalize

    def finalize(self: Any, flags: Any, options: Any) -> None:
        plain(self, flags, options)
        flags.debuginfo = flags.dbg_directives_only = True

    cpu.CPUTargetOptions.finalize = finalize
    from courtship.lifecycle.walk import walk

    return walk


def aggregate_duckdb(path: str) -> dict[str, Any]:
    """The floor: four aggregates a person by DuckDB, two threads, of `person`, `at` and `act` of each row."""
    import duckdb
    import pyarrow as pa

    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "threads": "2"})
    database.sql("SELECT 1").fetchall()
    began, busy = time.perf_counter(), time.process_time()
    source = f"read_parquet('{path}/rows.parquet')"
    if path.endswith("arrow"):
        database.register("acts", pa.ipc.open_file(pa.memory_map(f"{path}/rows.arrow")).read_all())
        source = "acts"
    query = f'SELECT person, count(*), min("at"), max("at"), sum(act) FROM {source} GROUP BY person'
    people = database.sql(query).to_arrow_table().num_rows
    return {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - busy,
        "people": people,
    }


def aggregate_polars(path: str) -> dict[str, Any]:
    """The same by Polars, two threads (POLARS_MAX_THREADS)."""
    import polars as pl

    began, busy = time.perf_counter(), time.process_time()
    arrow = path.endswith("arrow")
    lazy = pl.scan_ipc(f"{path}/rows.arrow") if arrow else pl.scan_parquet(f"{path}/rows.parquet")
    at = pl.col("at")
    grouped = lazy.group_by("person").agg(
        pl.len(), at.min().alias("first"), at.max().alias("last"), pl.col("act").sum()
    )
    people = grouped.collect().height
    return {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - busy,
        "people": people,
    }


def by_hand(path: str, program: str) -> dict[str, Any]:
    """A program written by hand for the default policy; its answer is compared with the kernel's."""
    from importlib import import_module

    import numpy as np

    from courtship.columnfiles import open_bucket
    from courtship.lifecycle import policy
    from courtship.lifecycle.kernel import reckon_parts

    module = import_module(f"benchmarks.by_hand.{program}")
    began, busy = time.perf_counter(), time.process_time()
    person, stage, since = module.levels(Path(path), NOW)
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    files = open_bucket(path)
    reports = reckon_parts(files.people, files.rows, files.read, policy.load(None), NOW)
    known = np.flatnonzero(reports.stage >= 0)
    differ = np.ones(1, np.bool_)
    if len(known) == len(person):
        differ = (known != person) | (reports.stage[known] != stage) | (reports.since[known] != since)
    return {
        "seconds": seconds,
        "processor": processor,
        "people": len(person),
        "differ": int(differ.sum()),
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
