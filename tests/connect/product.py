"""The product as its owner runs it: ``courtship connect``, ``listen`` and ``serve``, each a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import orjson
from tests.testbeds.bluesky import free_port

from courtship.model import StoredActivity
from courtship.store import open_workspace
from courtship.store.workspace import Workspace

PATIENCE = 60.0
T = TypeVar("T")


class Product:
    """One home with one workspace."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home.parent / "listen.log"
        self._port = free_port()
        self._listening: subprocess.Popen[bytes] | None = None

    def run(self, *words: str, status: int = 0) -> str:
        """Runs a command to its end and answers what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "courtship", "--home", str(self.home), *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def stage(self, account: str) -> str:
        """The stage of a person, once there is one: it follows the log within a moment."""
        end = time.monotonic() + PATIENCE
        while True:
            done = subprocess.run(
                [sys.executable, "-m", "courtship", "--home", str(self.home), "person", account, "--json"],
                capture_output=True,
                timeout=120,
                check=False,
            )
            if done.returncode == 0:
                return str(orjson.loads(done.stdout)["stage"])
            assert time.monotonic() < end, done.stderr
            time.sleep(0.2)

    def connect(self, name: str, settings: dict[str, str], status: int = 0) -> str:
        """Connects as the owner does, who says that the account is the brand's."""
        pairs = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        return self.run("connect", name, *pairs, "--ours", status=status)

    def listen(self) -> None:
        """Begins to listen."""
        self._begin("listen")

    def serve(self) -> str:
        """Begins to serve, at the same address each time; answers it once pages are there."""
        base = f"http://127.0.0.1:{self._port}"
        self._begin("serve", "--port", str(self._port))
        end = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(f"{base}/static/courtship/look.css", timeout=5).close()
            except OSError:
                assert time.monotonic() < end, self.said()
                time.sleep(0.05)
            else:
                return base

    def _begin(self, *words: str) -> None:
        with self.log.open("ab") as log:
            self._listening = subprocess.Popen(
                [sys.executable, "-m", "courtship", "--home", str(self.home), *words],
                stdout=log,
                stderr=log,
                env=os.environ,
            )

    def kill(self) -> None:
        """As a power cut does it: without a chance to finish anything."""
        assert self._listening is not None
        self._listening.send_signal(signal.SIGKILL)
        self._listening.wait(20)

    def acts(self, account: str) -> dict[str, StoredActivity]:
        """The activities in force of one account, by id."""
        return self.asked(lambda workspace: {one.id: one for one in workspace.activities_of([account])})

    def asked(self, what: Callable[[Workspace], T]) -> T:
        """Something that the workspace says; asked in a thread of its own, for Playwright keeps Django out of
        its own."""

        def work() -> T:
            workspace = open_workspace(self.home)
            try:
                return what(workspace)
            finally:
                workspace.close()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(work).result()

    def until(self, account: str, condition: Callable[[dict[str, StoredActivity]], bool]) -> float:
        """Waits until an account's activities fulfil the condition; answers when (seconds since 1970)."""
        end = time.monotonic() + PATIENCE
        while not condition(acts := self.acts(account)):
            assert time.monotonic() < end, (
                f"there is {sorted(one.kind for one in acts.values())}; {self.said()}"
            )
            time.sleep(0.05)
        return time.time()

    def peak_mb(self) -> float:
        """The most memory that the process which listens or serves has had (Linux); 0 where it is gone."""
        assert self._listening is not None
        try:
            told = Path(f"/proc/{self._listening.pid}/status").read_text()
        except OSError:
            return 0.0
        peaks = [line.split()[1] for line in told.splitlines() if line.startswith("VmHWM")]
        return int(peaks[0]) / 1024 if peaks else 0.0

    def said(self) -> str:
        """What the listening process has said."""
        return self.log.read_text()[-2000:] if self.log.exists() else ""

    def stop(self) -> None:
        """Ends the listening process, if there is one."""
        if self._listening is not None and self._listening.poll() is None:
            self._listening.send_signal(signal.SIGINT)
            try:
                self._listening.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
