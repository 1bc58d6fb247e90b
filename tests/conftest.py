"""Fixtures for all tests: a real PostgreSQL server, and workspaces on both databases."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

# How long an example takes says how busy the machine is, not whether the law holds.
settings.register_profile("courtship", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("courtship")


def binaries() -> Path | None:
    """Where PostgreSQL's programs are, if they are installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


class Server:
    """A PostgreSQL server of the tests' own: temporary folder, Unix socket, no password."""

    def __init__(self, binaries: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="courtship-pg-"))
        # initdb refuses root: as root, run as the user that Debian's package makes
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o755)
        data = self.folder / "data"
        self._run(
            [binaries / "initdb", "-D", data, "-A", "trust", "-U", "courtship", "--no-sync", "-E", "UTF8"]
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(str(part) for part in (binaries / "postgres", "-D", data, "-p", self.port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"),
                    *("-c", "fsync=off", "-c", "max_connections=200"),
                ],
                stdout=log,
                stderr=log,
                user=self.user if os.geteuid() == 0 else None,
                cwd="/",
            )
        self._wait(binaries)

    def _run(self, command: list[object]) -> None:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            capture_output=True,
            user=self.user if os.geteuid() == 0 else None,
            cwd="/",
        )

    def _wait(self, binaries: Path) -> None:
        for _ in range(1_200):
            ready = subprocess.run(
                [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            )
            if ready.returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgres://courtship@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Runs one statement that cannot be in a transaction."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stops it, by its process id, and removes its folder."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running PostgreSQL server, one for each test process."""
    found = binaries()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed; run scripts/install-test-servers")
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    server = Server(found)
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The address of an empty database on the server, dropped after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    close_databases()
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def close_databases() -> None:
    """Closes this thread's connections and forgets the databases of the test that ends."""
    import sys

    if "courtship.store.databases" not in sys.modules:
        return
    from django.db import connections

    for alias in list(connections.databases):
        if alias != "default":
            connections[alias].close()
            del connections[alias]
            del connections.databases[alias]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Runs a test on each database; its value is the name."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "postgres":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    yield request.param
    close_databases()


@pytest.fixture
def sqlite(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs a test on SQLite alone: what it looks at does not depend on the database."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield
    close_databases()


@pytest.fixture
def workspace(database: str, tmp_path: Path) -> Workspace:
    """An empty workspace in a home folder of its own, on each database."""
    from courtship.store import open_workspace

    return open_workspace(tmp_path / "home")
