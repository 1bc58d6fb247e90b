"""Opens homes and workspaces. Django is loaded and set up here, at the first opening."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from courtship.errors import NotAllowed, UnknownWorkspace

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

SCHEMA = "0010_layers_in_homes"
"""The newest migration of the store: a database that names it is opened without looking further."""

_MAKING_TABLES = 0x436F757274
"""The number of our advisory lock, among all of a PostgreSQL database."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
_lock = threading.RLock()


def set_up() -> None:
    """Sets Django up, once a process. Cheap when done before."""
    with _lock:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courtship.settings")
        import django
        from django.apps import apps

        if not apps.ready:
            django.setup()


def open_workspace(home: Path, name: str = "default", *, create: bool = True) -> Workspace:
    """The workspace ``name`` of the home folder; made where it is missing and ``create`` is true.

    Raises UnknownWorkspace where it is missing and ``create`` is false, NotAllowed for a name that is none,
    StoreFailure where the database cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        raise NotAllowed(
            f"{name!r} cannot name a workspace; use up to 50 small letters, digits, - and _, "
            "with a letter or digit first"
        )
    home = home.expanduser().resolve()
    set_up()
    from django.db import connections

    from courtship.store import databases, router
    from courtship.store.workspace import Workspace

    alias = databases.workspace_alias(home, name)
    path = databases.workspace_path(home, name)
    with databases.failures(f"opening the workspace {name}"), _lock:
        on_server = bool(databases.database_url())
        if not create and not on_server and not path.exists():
            raise UnknownWorkspace(_unknown(home, name))
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        databases.register(alias, path, databases.schema_of(name))
        connection = connections[alias]
        if _schema(alias, "store_state") != SCHEMA:
            if not create and not _has_schema(alias, databases.schema_of(name)):
                raise UnknownWorkspace(_unknown(home, name))
            _migrate_workspace(home, alias, databases.schema_of(name))
            open_home(home, name)
        else:
            router.set_process_home(databases.home_name(home))
            databases.register(databases.home_name(home), home / "home.db", databases.HOME_SCHEMA)
        workspace = Workspace(home, name, alias)
        connection.close_if_unusable_or_obsolete()
    return workspace


def open_home(home: Path, workspace: str = "", *, users: bool = False) -> str:
    """Opens the home database (made where missing), notes ``workspace`` in its list; answers its alias.

    With ``users`` the tables of users and sessions are made too: the web application's way in. The home
    becomes this process's own for queries on these.
    """
    home = home.expanduser().resolve()
    set_up()
    from django.core.management import call_command
    from django.db import connections

    from courtship.store import databases, router

    alias = databases.home_name(home)
    with databases.failures("opening the home folder"), _lock:
        home.mkdir(parents=True, exist_ok=True)
        databases.register(alias, home / "home.db", databases.HOME_SCHEMA)
        connection = connections[alias]
        if _schema(alias, "store_homestate") != SCHEMA:
            with _one_process(home, alias):
                databases.create_schema(alias, databases.HOME_SCHEMA)
                call_command("migrate", "store", database=alias, verbosity=0, interactive=False)
                with connection.cursor() as cursor:
                    cursor.execute(
                        "INSERT INTO store_homestate (id, schema, secret_key) VALUES (1, %s, %s) "
                        "ON CONFLICT DO NOTHING",
                        [SCHEMA, secrets.token_hex(32)],
                    )
                    cursor.execute("UPDATE store_homestate SET schema = %s", [SCHEMA])
        if users and "django_session" not in connection.introspection.table_names():
            with _one_process(home, alias):
                call_command("migrate", database=alias, verbosity=0, interactive=False)
        if workspace:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO store_workspacename (name, title, created) VALUES (%s, '', 0) "
                    "ON CONFLICT DO NOTHING",
                    [workspace],
                )
        router.set_process_home(alias)
    return alias


def list_workspaces(home: Path) -> list[str]:
    """The names of the home's workspaces, sorted."""
    home = home.expanduser().resolve()
    if not os.environ.get("DATABASE_URL") and not (home / "home.db").exists():
        return []
    alias = open_home(home)
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name FROM store_workspacename ORDER BY name")
        return [name for (name,) in cursor.fetchall()]


def home_secret(home: Path) -> str:
    """The home's own secret, for signing cookies."""
    alias = open_home(home)
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT secret_key FROM store_homestate")
        return str(cursor.fetchone()[0])


def _unknown(home: Path, name: str) -> str:
    known = ", ".join(list_workspaces(home))
    return f"there is no workspace {name!r} in {home}" + (f"; there are: {known}" if known else "")


def _schema(alias: str, table: str) -> str:
    """The migration that a database names as its newest, ``""`` where it has no such table yet."""
    from django.db import DatabaseError, connections

    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT schema FROM {table} WHERE id = 1")  # noqa: S608 - our own names
            row = cursor.fetchone()
    except DatabaseError as error:
        if connection.vendor == "postgresql" and connection.connection is None:
            raise
        said = str(error)
        if "no such table" in said or "does not exist" in said:
            return ""
        raise
    return str(row[0]) if row else ""


def _has_schema(alias: str, schema: str) -> bool:
    from django.db import connections

    connection = connections[alias]
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def _migrate_workspace(home: Path, alias: str, schema: str) -> None:
    from django.core.management import call_command
    from django.db import connections

    from courtship.store import databases

    with _one_process(home, alias):
        # another process may have done it while this one waited for the lock
        if _schema(alias, "store_state") == SCHEMA:
            return
        databases.create_schema(alias, schema)
        call_command("migrate", "store", database=alias, verbosity=0, interactive=False)
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "INSERT INTO store_state "
                "(id, schema, position, forget_key, refreshed, refreshed_at, refreshed_as, named, people, "
                "clock) VALUES (1, %s, 0, %s, -1, 0, '', 0, '', '') ON CONFLICT DO NOTHING",
                [SCHEMA, secrets.token_bytes(32)],
            )
            cursor.execute("UPDATE store_state SET schema = %s", [SCHEMA])


@contextmanager
def _one_process(home: Path, alias: str) -> Iterator[None]:
    """Held by one process at a time: tables are made once. On a server also among those with other homes."""
    from django.db import DatabaseError, connections

    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = connections[alias]
        if connection.vendor == "sqlite":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MAKING_TABLES])
        try:
            yield
        finally:
            # where the connection broke the lock went with it
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MAKING_TABLES])
