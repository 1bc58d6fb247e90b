"""A PostgreSQL server for measurements: as the tests start theirs, but each commit waits for the disk."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Server


@contextmanager
def running() -> Iterator[Server]:
    """A server on loopback, stopped by its process id at the end."""
    from tests.conftest import Server, binaries

    found = binaries()
    if found is None:
        raise SystemExit("PostgreSQL is not installed; run scripts/install-test-servers")
    server = Server(found, durable=True)
    try:
        yield server
    finally:
        server.stop()


def database(server: Server | None) -> dict[str, str]:
    """The environment in which a job is on an empty database of the server; on SQLite where there is none."""
    if server is None:
        return {"DATABASE_URL": ""}
    name = f"bench_{uuid.uuid4().hex[:12]}"
    server.execute(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": server.url(name)}
