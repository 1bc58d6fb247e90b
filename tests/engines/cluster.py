"""A real Dask cluster on loopback: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

WAIT = 120


@dataclass
class Cluster:
    """``address`` is that of the scheduler, ``host:port``."""

    address: str
    folder: Path
    environment: dict[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> subprocess.Popen[bytes]:
        number = len(self.workers)
        command = [
            sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://{self.address}",
            "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny", "--memory-limit", "0",
            "--local-directory", str(self.folder / f"worker-{number}"),
        ]  # fmt: skip
        log = (self.folder / f"worker-{number}.log").open("wb")
        self.workers.append(subprocess.Popen(command, stdout=log, stderr=log, env=self.environment))
        return self.workers[-1]


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Starts one, and stops every process of it at the end."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment["DASK_DISTRIBUTED__WORKER__HTTP__ROUTES"] = "[]"
    told = folder / "scheduler.log"
    command = [
        sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
        "--no-dashboard", "--no-show",
    ]  # fmt: skip
    with told.open("wb") as log:
        scheduler = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    made = None
    try:
        made = Cluster(_address(told, scheduler), folder, environment)
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        for process in [*(made.workers if made else []), scheduler]:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(WAIT)


def _address(told: Path, scheduler: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        found = re.search(r"tcp://(127\.0\.0\.1:\d+)", told.read_text(errors="replace"))
        if found:
            return found[1]
        if scheduler.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the scheduler did not start:\n{told.read_text(errors='replace')[-2000:]}")
