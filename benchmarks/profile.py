"""``python -m benchmarks profile [--full] [--into FOLDER]``: which lines an import and the kernel spend their
time in, and flame graphs of both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import flames, kernel_samples, parsing
from benchmarks.figures import Bench, files, flat_table
from benchmarks.flames import Samples, Stack
from benchmarks.measure import ROOT

OURS: Final = "courtship/"
"""In the name of every file of the product, as py-spy tells it."""

LINES: Final = 25
RATE: Final = 200
RUNS: Final = 3
"""Processes whose samples of the kernel are taken together."""


def run(bench: Bench, into: Path | None) -> None:
    """Prints the top lines; writes folded stacks and pictures where a folder is named."""
    for line in _imports(bench, into):
        print(line, flush=True)
    for line in _kernel(bench, into):
        print(line, flush=True)


def _imports(bench: Bench, into: Path | None) -> Iterator[str]:
    beside = Path(sys.executable).with_name("py-spy")
    program = str(beside) if beside.exists() else shutil.which("py-spy")
    if program is None:
        yield "py-spy is not here (pip install py-spy), so the lines of an import are left out"
        return
    activities = 1_000_000 if bench.full else 200_000
    inbox = parsing.made("JSON, ActivityStreams", bench.data)
    for name, what, path in (
        ("import-table", f"{activities:,} activities, Parquet", flat_table(bench, activities)),
        ("import-takeout", "a YouTube Takeout, a zip", _takeout(bench)),
        ("import-activitystreams", "an ActivityStreams inbox", inbox),
    ):
        given = {"path": str(path), "home": str(bench.scratch / name)}
        try:
            samples = _spied(program, given, bench.scratch / "spied").within("import_paths")
        except RuntimeError as error:
            yield f"import of {what}: left out; {error}"
            continue
        yield f"\nimport of {what}, into SQLite: {samples.total:,} samples, {RATE} a second"
        yield from flames.top_lines(samples, OURS, LINES)
        yield "  by file:"
        yield from flames.shares(samples, _file, 15)
        yield "  innermost, libraries' and the interpreter's own code too:"
        yield from flames.shares(samples, lambda stack: stack[-1][:90], 15)
        if into is not None:
            flames.write(samples, into, name)


def _takeout(bench: Bench) -> Path:
    """YouTube's comments as the parsing benchmark makes them, in the zip in which they come."""
    path = bench.data / "takeout.zip"
    if not path.exists():
        folder = parsing.made("CSV, YouTube comments", bench.data)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                archive.write(file, file.relative_to(folder))
    return path


def _spied(program: str, given: dict[str, str], out: Path) -> Samples:
    job = [sys.executable, "-m", "benchmarks.jobs", "import_table", json.dumps(given)]
    command = [program, "record", "-r", str(RATE), "-f", "raw", "--native", "-o", str(out), "--", *job]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, cwd=ROOT, check=False
    )
    if done.returncode or not out.exists():
        raise RuntimeError(f"py-spy failed: {(done.stderr or done.stdout).strip()[-400:]}")
    stacks = []
    for line in out.read_text(encoding="utf-8").splitlines():
        stack, _, times = line.rpartition(" ")
        frames = tuple(frame for frame in stack.split(";") if "<frozen importlib" not in frame)
        stacks.append((frames, int(times)))
    out.unlink()
    return Samples(stacks)


def _file(stack: Stack) -> str:
    """The product's file that a stack is in: that of the innermost line of its own."""
    frame = flames.innermost(stack, OURS)
    return frame.rpartition("(")[2].partition(":")[0].rstrip(")")


def _kernel(bench: Bench, into: Path | None) -> Iterator[str]:
    lacking = kernel_samples.lacking()
    if lacking:
        yield f"\n{lacking}"
        return
    number = 20_000_000 if bench.full else 2_000_000
    compiled = kernel_samples.prepare(bench.scratch)
    with files(bench, bench.data / f"files-{number}-heavy", number, even=False) as folder:
        for form in ("arrow", "parquet"):
            for threads in (2, 1):
                samples, processor = Samples(), []
                try:
                    for _ in range(RUNS):
                        some, said = kernel_samples.sampled(compiled, folder / form, threads, bench.scratch)
                        samples.stacks.update(some.stacks)
                        processor.append(said["processor"])
                except RuntimeError as error:
                    yield f"\nthe kernel is left out: {error}"
                    return
                yield (
                    f"\nkernel, {number:,} activities, heavy, {form}, {threads} thread{'s' * (threads > 1)}: "
                    f"{samples.total:,} samples of {RUNS} runs, of {min(processor):.2f} to "
                    f"{max(processor):.2f} s of processor time each"
                )
                yield from flames.shares(samples, _sort, 15)
                yield "  of these, memory that is touched for the first time, by who touches it:"
                yield from flames.shares(samples, _touched, 8)
                yield from flames.top_lines(samples, "(walk.py:", LINES)
                if into is not None:
                    flames.write(samples, into, f"kernel-{form}-{threads}")


def _sort(stack: Stack) -> str:
    """What a sample is of: the operating system's work, the walk by function, or other code."""
    cause = next((frame for frame in stack if frame.startswith("[")), "")
    if cause:
        return cause
    if "(walk.py)" in stack[0]:
        return stack[0]
    return "copying (memmove)" if "memmove" in stack[0] or "memcpy" in stack[0] else "other code"


def _touched(stack: Stack) -> str:
    return next((frame for frame in reversed(stack) if frame[0] != "["), "?") if _fresh(stack) else "none"


def _fresh(stack: Stack) -> bool:
    return "[zeroing fresh memory]" in stack
