"""Runs jobs in processes of their own, in turn, and keeps the median and the peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class Runs:
    """What came of running one thing several times, each in a process of its own.

    ``wall`` is the life of the process, ``inside`` what the job timed itself, ``cpu`` what it used of all
    processors (which a busy machine disturbs least), in seconds; ``peak`` the largest resident size in MB
    (as the kernel tells of the child).
    """

    wall: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def wall_median(self) -> float:
        """Seconds."""
        return median(self.wall)

    @property
    def inside_median(self) -> float:
        """Seconds."""
        return median(self.inside)

    @property
    def cpu_median(self) -> float:
        """Seconds."""
        return median(self.cpu)

    @property
    def peak_mb(self) -> float:
        """The most of any run."""
        return max(self.peak)


@dataclass(frozen=True, slots=True)
class Job:
    """A function of ``benchmarks.jobs`` (of another ``module``, or as ``live_jobs.felt``) with its
    arguments, or a command line. ``environment`` is set for it beside what is set already."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    command: Sequence[str] = ()
    module: str = "benchmarks.jobs"
    environment: Mapping[str, str] = field(default_factory=dict)


def in_turn(jobs: Sequence[Job], rounds: int, environment: Mapping[str, str] | None = None) -> list[Runs]:
    """Runs every job once, then every job again, so that what disturbs the machine disturbs all alike.

    Raises ``RuntimeError`` with the end of what a job said where one fails.
    """
    runs = [Runs() for _ in jobs]
    for _ in range(rounds):
        for job, into in zip(jobs, runs, strict=True):
            _once(job, into, environment or {})
    return runs


def _once(job: Job, into: Runs, environment: Mapping[str, str]) -> None:
    module, _, name = job.name.rpartition(".")
    command = list(job.command) or [
        sys.executable,
        *("-m", f"benchmarks.{module}" if module else job.module, name, json.dumps(dict(job.arguments))),
    ]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    setting = {**os.environ, "PYTHONPATH": path, **environment, **job.environment}
    began = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=setting, cwd=ROOT, text=True
    )
    assert child.stdout is not None
    assert child.stderr is not None
    out, err = child.stdout.read(), child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    into.wall.append(time.perf_counter() - began)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{job.name} failed:\n{err[-3000:]}")
    into.cpu.append(used.ru_utime + used.ru_stime)
    into.peak.append(used.ru_maxrss / 1024)
    if not job.command:
        said = json.loads(out.strip().splitlines()[-1])
        into.inside.append(float(said["seconds"]))
        into.said = said
