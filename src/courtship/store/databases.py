"""Database aliases: one for a home folder, one for each workspace, on SQLite or PostgreSQL.

SQLite: ``home.db`` and ``workspaces/NAME.db`` in the home folder, WAL, ``synchronous=FULL``. PostgreSQL
(where ``DATABASE_URL`` is set): the schemas ``courtship_home`` and ``ws_NAME`` of that database.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.errors import StoreFailure

BUSY_SECONDS = 60
WAL_PAGES = 8_000
"""Pages of the write-ahead log (4 KB each) from which on a commit puts them into their place itself: SQLite's
own 1,000 are some fifty events, so that one event in fifty would wait for it (``checkpoints.py``)."""
SQLITE_INIT = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
    "PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864; "
    f"PRAGMA wal_autocheckpoint={WAL_PAGES};"
)


def database_url() -> str:
    """The server's address from the environment, ``""`` for SQLite files."""
    return os.environ.get("DATABASE_URL", "")


def home_name(home: Path) -> str:
    """Alias of the home database of ``home``."""
    return f"home:{_digest(home)}"


def workspace_alias(home: Path, name: str) -> str:
    """Alias of the database of the workspace ``name`` of ``home``."""
    return f"workspace:{_digest(home)}:{name}"


def _digest(home: Path) -> str:
    said = f"{home}\n{database_url()}".encode()
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def workspace_path(home: Path, name: str) -> Path:
    """The SQLite file of a workspace."""
    return home / "workspaces" / f"{name}.db"


def schema_of(name: str) -> str:
    """The PostgreSQL schema of a workspace."""
    return f"ws_{name}"


HOME_SCHEMA = "courtship_home"


def register(alias: str, path: Path, schema: str) -> None:
    """Makes ``alias`` known to Django; opens nothing."""
    if alias in connections.databases:
        return
    url = database_url()
    settings = _postgres(url, schema) if url else _sqlite(path)
    # the list is kept as Django fills it in, so the defaults come from there
    connections.databases[alias] = settings
    for key, value in _DEFAULTS.items():
        settings.setdefault(key, value)


_DEFAULTS: dict[str, Any] = {
    "ATOMIC_REQUESTS": False,
    "AUTOCOMMIT": True,
    "CONN_MAX_AGE": None,
    "CONN_HEALTH_CHECKS": False,
    "OPTIONS": {},
    "TIME_ZONE": None,
    "NAME": "",
    "USER": "",
    "PASSWORD": "",
    "HOST": "",
    "PORT": "",
    "TEST": {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None},
}


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"timeout": BUSY_SECONDS, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_INIT},
    }


def _postgres(url: str, schema: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise StoreFailure(f"DATABASE_URL must begin with postgres://, not {parts.scheme}://")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {**options, "options": f'-c search_path="{schema}"'},
    }


def create_schema(alias: str, schema: str) -> None:
    """Makes the PostgreSQL schema where it is missing; nothing on SQLite."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')


def is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    """Whether this is SQLite (else PostgreSQL)."""
    return connection.vendor == "sqlite"


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything read within is of one moment; takes no write lock. Inside a transaction: that one."""
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN" if is_sqlite(connection) else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute("COMMIT")


_FAILED = (DatabaseError, sqlite3.Error, OSError)


class Writing:
    """One transaction, with ``failures``; within another one a savepoint of it.

    On SQLite the outermost is begun and ended past Django's ``atomic``, which does the same, but asks so many
    things of its connection for it that this was a tenth of what an event costs. Django is told of it, so
    that what writes through its ORM within is part of it.
    """

    __slots__ = ("_atomic", "_connection", "_what")

    _from_testcase = False
    """Asked by Django of the outermost, where another within must be lasting by itself."""

    def __init__(self, connection: BaseDatabaseWrapper, what: str) -> None:
        self._connection: Any = connection
        self._what = what
        self._atomic: Any = None

    def __enter__(self) -> None:
        connection = self._connection
        try:
            if connection.connection is None:
                connection.ensure_connection()
            if connection.in_atomic_block or not connection.autocommit or connection.vendor != "sqlite":
                self._atomic = transaction.atomic(using=connection.alias)
                self._atomic.__enter__()
                return
            connection.commit_on_exit, connection.needs_rollback = True, False
            connection.connection.execute("BEGIN IMMEDIATE")
        except _FAILED as error:
            raise StoreFailure(_line(self._what, error)) from error
        connection.autocommit, connection.in_atomic_block = False, True
        connection.atomic_blocks.append(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._atomic is not None:
                self._atomic.__exit__(kind, error, trace)
            else:
                self._end(taken_back=kind is not None)
        except _FAILED as failed:
            raise StoreFailure(_line(self._what, failed)) from failed
        if isinstance(error, _FAILED):
            raise StoreFailure(_line(self._what, error)) from error

    def _end(self, *, taken_back: bool) -> None:
        connection = self._connection
        connection.atomic_blocks.pop()
        connection.in_atomic_block = False
        if connection.closed_in_transaction:  # which took it back
            connection.autocommit, connection.connection = True, None
            return
        raw = connection.connection
        taken_back, connection.needs_rollback = taken_back or connection.needs_rollback, False
        try:
            if not taken_back:
                raw.commit()
        except BaseException:
            taken_back = True
            raise
        finally:
            connection.autocommit = True
            if taken_back:
                try:
                    raw.rollback()
                except sqlite3.Error:
                    connection.close()


class failures:  # noqa: N801 - read as a word in a ``with``
    """Turns a database's or a file system's error within into a StoreFailure of one line."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, _FAILED):
            raise StoreFailure(_line(self._what, error)) from error


def _line(what: str, error: Exception) -> str:
    said = " ".join(str(error).split())
    low = said.lower()
    if "disk is full" in low or "no space left" in low or "disk full" in low:
        return f"{what}: the disk is full; nothing was half-written. Make room and do it again."
    if "i/o error" in low or "input/output" in low or "file too large" in low:
        return (
            f"{what}: the disk is full or failing ({said}); nothing was half-written. Make room, try again."
        )
    if "locked" in low or "busy" in low:
        return f"{what}: another program holds the workspace; try again when it has finished."
    if "readonly" in low or "permission" in low or "read-only" in low:
        return f"{what}: the workspace may not be written ({said}); give this user the right to write to it."
    if "not a database" in low or "malformed" in low:
        return f"{what}: the workspace's file is damaged ({said}); put back a backup."
    if "connect" in low:
        return f"{what}: the database server does not answer ({said}); start it or correct DATABASE_URL."
    return f"{what}: {said}"
