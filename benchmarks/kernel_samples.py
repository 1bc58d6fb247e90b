"""Which lines of the compiled walk the processor is in: ``perf`` says where, DWARF which line that is.

Everything inlines into ``walk``, so that functions tell little. Numba is asked for line tables and nothing
else, with which it makes the same machine code to the byte (its ``debug=True`` makes other code, which takes
more than twice as long).
"""

from __future__ import annotations

import ast
import bisect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.flames import Samples, Stack
from benchmarks.measure import ROOT

WALK: Final = ROOT / "src" / "courtship" / "lifecycle" / "walk.py"
RATE: Final = 4_999
"""Samples a second of each processor."""

FRAME: Final = re.compile(r"^\s*([0-9a-f]+) (.*?)(?:\+0x[0-9a-f]+)? \((.*)\)$", re.MULTILINE)
"""A line of ``perf script``: address, symbol, object."""

CAUSES: Final = (
    ("[zeroing fresh memory]", ("do_anonymous_page", "do_huge_pmd_anonymous_page")),
    ("[mapping of files]", ("do_fault", "do_read_fault", "filemap_map_pages")),
    ("[page fault]", ("exc_page_fault",)),
    ("[interrupt]", ("sysvec_", "common_interrupt")),
    ("[system call]", ("entry_SYSCALL",)),
)
"""What the operating system was at, told by functions of its own."""


def lacking() -> str:
    """What is not here that is needed, in words; ``""`` where all is."""
    for program, package in (("perf", "linux-perf"), ("objdump", "binutils")):
        if shutil.which(program) is None:
            return f"{program} is not here (Debian: {package}), so the kernel's lines are left out"
    return ""


def prepare(scratch: Path) -> Path:
    """Compiles the walk with its line table; answers the folder with the compiled code and the table."""
    folder = scratch / "lines"
    folder.mkdir(exist_ok=True)
    _run([*_job("compile_lines", {"into": str(folder / "walk.o")})], folder)
    return folder


def sampled(folder: Path, path: Path, threads: int, scratch: Path) -> tuple[Samples, dict[str, Any]]:
    """One run over the kernel's files at ``path`` in a process of its own: the samples of the time from the
    files opened to the reports made, and what the job said. Raises ``RuntimeError`` where perf cannot."""
    data = scratch / "perf.data"
    given = {"path": str(path), "threads": threads}
    record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(RATE), "-g", "-k", "CLOCK_MONOTONIC"]
    printed = _run([*record, "-o", str(data), "--", *_job("reckon_lines", given)], folder)
    said: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    text = _run(["perf", "script", "-i", str(data), "-F", "tid,time,ip,sym,dso"], folder)
    data.unlink()
    lines = _Lines(folder / "walk.o", said["walk"])
    began, ended = said["began"], said["began"] + said["seconds"]
    found = Samples()
    for at, frames in told(text):
        if began <= at <= ended:
            found.stacks[stack(frames, lines.frames)] += 1
    return found, said


def _job(name: str, given: dict[str, Any]) -> list[str]:
    return [sys.executable, "-m", "benchmarks.kernel_jobs", name, json.dumps(given)]


def _run(command: list[str], cache: Path) -> str:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    setting = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(command, capture_output=True, text=True, env=setting, cwd=ROOT, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-400:]}")
    return done.stdout


class _Lines:
    """Lines of ``walk.py`` by address, from the line table of what numba compiled."""

    def __init__(self, compiled: Path, base: int) -> None:
        self.base = base
        table = subprocess.run(
            ["objdump", "--dwarf=decodedline", str(compiled)], capture_output=True, text=True, check=True
        ).stdout
        rows = [
            (int(address, 16), int(line))
            for line, address in re.findall(r"^walk\.py\s+(\d+)\s+(0x[0-9a-f]+|0)\b", table, re.MULTILINE)
        ]
        self.addresses, self.lines, last = [], [], 0
        for address, line in sorted(rows, key=lambda row: row[0]):
            last = line or last  # of no line: what was moved here belongs to what stands before it
            self.addresses.append(address)
            self.lines.append(last)
        source = WALK.read_text(encoding="utf-8")
        self.code = source.split("\n")
        self.functions = [
            (node.lineno, node.end_lineno or node.lineno, node.name)
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef)
        ]

    def frames(self, address: int) -> Stack:
        """``function``, then its line with what stands there; nothing for what is not the walk's."""
        place = address - self.base
        if not self.addresses or not 0 <= place <= self.addresses[-1] + 64:
            return ()
        line = self.lines[bisect.bisect_right(self.addresses, place) - 1]
        name = next((name for low, high, name in self.functions if low <= line <= high), "?")
        code = " ".join(self.code[line - 1].split())[:70]
        return f"{name} (walk.py)", f"{name} (walk.py:{line}) {code}"


def told(text: str) -> Iterator[tuple[float, list[tuple[int, str, str]]]]:
    """Of what perf tells: the time of each sample, and its frames, the innermost first."""
    for block in text.split("\n\n"):
        head, *rest = block.strip("\n").split("\n")
        if not (words := head.split())[1:]:
            continue
        frames = re.findall(
            r"^\s*([0-9a-f]+) (.*?)(?:\+0x[0-9a-f]+)? \((.*)\)$", "\n".join(rest), re.MULTILINE
        )
        yield float(words[1].rstrip(":")), [(int(ip, 16), name, place) for ip, name, place in frames]


def stack(frames: list[tuple[int, str, str]], line: Callable[[int], Stack]) -> Stack:
    """Where in the program (``line`` answers the walk's own), and what the operating system did there."""
    system = [name for _, name, place in frames if "kernel.kallsyms" in place]
    program = [frame for frame in frames if "kernel.kallsyms" not in frame[2]]
    where: Stack = ("of the operating system alone",)
    if program:
        address, name, place = program[0]
        where = line(address) or (f"{name} ({place.rsplit('/', 1)[-1]})",)
    if not system:
        return where
    cause = next(
        (what for what, marks in CAUSES if any(one.startswith(mark) for one in system for mark in marks)),
        "[operating system]",
    )
    return (*where, cause, f"[{system[0]}]")
