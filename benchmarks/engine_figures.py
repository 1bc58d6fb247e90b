"""The engines side by side on one lake: a pool of processes, Dask, and Dask with a worker killed."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Job, in_turn

if TYPE_CHECKING:
    from benchmarks.figures import Bench, Figure

NOW = 1_795_305_600_000_000


def engines(bench: Bench) -> Iterator[Figure]:
    """100,000,000 activities with ``--full``, else 2,000,000: the same checksum from every engine."""
    from benchmarks.figures import Figure

    activities = 100_000_000 if bench.full else 2_000_000
    lake = bench.scratch / f"lake-{activities}"
    module = "benchmarks.engine_figures"

    def job(name: str, **given: Any) -> Job:
        return Job(name, command=[sys.executable, "-m", module, name, json.dumps(given)])

    in_turn([job("write", lake=str(lake), activities=activities)], 1)
    rounds = 3
    runs = {"processes": [], "dask": [], "killed": []}  # type: dict[str, list[dict[str, Any]]]
    for _ in range(rounds):
        for name, into in runs.items():
            into.append(_said(job(name, lake=str(lake))))
    local = sorted(each["seconds"] for each in runs["processes"])[rounds // 2]
    sums = {each["checksum"] for found in runs.values() for each in found}
    for name, found in runs.items():
        took = sorted(each["seconds"] for each in found)[rounds // 2]
        most = {"processes": None, "dask": local + 3, "killed": 2 * local + 15}[name]
        what = {"processes": "a pool of two processes", "dask": "Dask, two workers"}.get(
            name, "Dask, one of two workers killed"
        )
        yield Figure(
            f"{activities:,} activities by {what}",
            f"{took:.1f} s, {found[0]['moves']:,} transitions, {found[0]['checksum'][:12]}",
            f"the pool {local:.1f} s",
            took / local,
            max(each["peak"] for each in found),
            "" if most is None else f"under {most:.1f} s, the same bytes",
            None if most is None else took <= most and len(sums) == 1,
        )


def _said(job: Job) -> dict[str, Any]:
    import subprocess

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", ".", *filter(None, sys.path)])}
    done = subprocess.run(job.command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{job.name} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


# ---------------------------------------------------------------- in a process of its own


def write(lake: str, activities: int) -> dict[str, Any]:
    """The lake, of the shape that hurts: one person with 9 %, half of all with three activities or fewer."""
    from courtship.columns import pack
    from courtship.demo.volume import Volume
    from courtship.engines.lake import write_lake

    began = time.perf_counter()
    columns = Volume(activities, activities * 85 // 2000).columns()
    bucket = pack(columns)
    del columns
    write_lake(lake, bucket, "benchmark", size=activities // 20)
    return {"seconds": time.perf_counter() - began}


def processes(lake: str) -> dict[str, Any]:
    """By a pool of two processes, which are started within the time."""
    return _reckoned(lake, "processes://2")


def dask(lake: str, *, kill: bool = False) -> dict[str, Any]:
    """By a cluster of two one-thread workers that is there already and has the compiled code."""
    from tests.engines.cluster import cluster

    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as made:
        from courtship.engines.lake import open_lake
        from courtship.engines.named import open_engine
        from courtship.lifecycle import policy
        from courtship.service.reckoning.lake import Work, reckon_files

        found = open_lake(lake)
        assert found is not None
        warm = [Work(lake, found.buckets[-1], policy.load(None), NOW)] * 4
        with open_engine(f"dask://{made.address}") as engine:
            engine.map(reckon_files, warm)
        if kill:
            victim = made.workers[0]
            threading.Timer(1.0, lambda: os.kill(victim.pid, signal.SIGKILL)).start()
        return _reckoned(lake, f"dask://{made.address}")


def killed(lake: str) -> dict[str, Any]:
    """The same, one worker killed a second after the beginning."""
    return dask(lake, kill=True)


def _reckoned(lake: str, address: str) -> dict[str, Any]:
    import resource

    from courtship.engines.lake import open_lake
    from courtship.engines.named import open_engine
    from courtship.lifecycle import policy
    from courtship.service.reckoning.lake import checksum, reckon_lake

    found = open_lake(lake)
    assert found is not None
    began = time.perf_counter()
    with open_engine(address) as engine:
        reports = reckon_lake(found, engine, policy.load(None), NOW)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "seconds": seconds,
        "checksum": checksum(reports),
        "moves": len(reports.at),
        "peak": max(peak, child) / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
