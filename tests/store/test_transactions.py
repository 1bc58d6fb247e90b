"""A workspace's transaction, begun past Django's own on SQLite: Django's ORM within it is part of it."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

import pytest
from django.db import transaction

from courtship.errors import StoreFailure
from courtship.store.derived import cues
from courtship.store.workspace import Workspace


def written(workspace: Workspace) -> set[str]:
    from courtship.store.models import Kept  # Django is set up by then

    with workspace.chosen():
        return set(Kept.objects.values_list("name", flat=True))


def write(workspace: Workspace, name: str) -> None:
    from courtship.store.models import Kept

    with workspace.chosen():
        Kept.objects.create(name=name, stamp="", body="")


def is_settled(workspace: Workspace) -> bool:
    connection = workspace.connection
    return connection.autocommit and not connection.in_atomic_block and not connection.savepoint_ids


def test_all_or_nothing(workspace: Workspace) -> None:
    def fails() -> None:
        with workspace.transaction():
            write(workspace, "by the ORM")
            cues.keep(workspace, "past it", "")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fails()
    assert written(workspace) == set()
    assert is_settled(workspace)
    with workspace.transaction():
        write(workspace, "by the ORM")
        cues.keep(workspace, "past it", "")
        assert workspace.connection.in_atomic_block
    assert written(workspace) == {"by the ORM", "past it"}
    assert is_settled(workspace)


def test_one_within_another(workspace: Workspace) -> None:
    def fails() -> None:
        with workspace.transaction():
            write(workspace, "inner")
            raise RuntimeError("no")

    with workspace.transaction():
        write(workspace, "before")
        with pytest.raises(RuntimeError):
            fails()
        with workspace.transaction():
            write(workspace, "after")
    assert written(workspace) == {"before", "after"}
    assert is_settled(workspace)


def test_what_failed_without_a_savepoint_takes_all_back(workspace: Workspace) -> None:
    with workspace.transaction():
        write(workspace, "before")
        with suppress(RuntimeError), transaction.atomic(using=workspace.alias, savepoint=False):
            raise RuntimeError("no")
    assert written(workspace) == set()
    assert is_settled(workspace)


def test_a_database_that_fails_is_told_in_a_line(workspace: Workspace) -> None:
    def fails() -> None:
        with workspace.transaction():
            write(workspace, "before")
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(StoreFailure, match="writing the workspace: the disk is full"):
        fails()
    assert written(workspace) == set()
    assert is_settled(workspace)


def test_a_connection_closed_within_takes_all_back(workspace: Workspace) -> None:
    with suppress(StoreFailure), workspace.transaction():
        write(workspace, "before")
        workspace.close()
    assert written(workspace) == set()
    assert is_settled(workspace)
