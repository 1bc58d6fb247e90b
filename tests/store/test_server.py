"""Statements to PostgreSQL past Django's cursors: values as they were, errors told, order kept."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtship.errors import StoreFailure
from courtship.store import bulk, open_workspace, server
from courtship.store.workspace import Workspace

pytestmark = pytest.mark.postgres

whole = st.integers(-(2**63), 2**63 - 1)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.tuples(
    st.none() | whole, st.none() | words, st.none() | st.binary(), st.lists(whole), st.lists(words)
)


@pytest.fixture
def on_server(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    return open_workspace(tmp_path / "home")


def kept(workspace: Workspace) -> dict[str, str]:
    return dict(bulk.rows(workspace.connection, "SELECT name, body FROM store_kept"))


def keep(workspace: Workspace, name: str, body: str) -> None:
    bulk.run(
        workspace.connection, "INSERT INTO store_kept (name, stamp, body) VALUES (%s, '', %s)", (name, body)
    )


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=values, keys=st.lists(st.binary(max_size=20)))
def test_values_come_back_as_they_went(
    told: tuple[object, ...], keys: list[bytes], on_server: Workspace
) -> None:
    connection = on_server.connection
    query = "SELECT %s::bigint, %s::text, %s::bytea, %s::bigint[], %s::text[], %s::bytea[]"
    assert bulk.rows(connection, query, (*told, keys)) == [(*told, keys)]
    name = uuid.uuid4().hex
    keep(on_server, name, str(told[1] or ""))
    assert kept(on_server)[name] == (told[1] or "")
    found = bulk.held_keys(connection, "store_record", keys or [b"x"])
    assert found == set()


def test_what_is_queued_goes_in_order_and_with_what_reads(on_server: Workspace) -> None:
    connection = on_server.connection
    with on_server.transaction(), on_server.queued():
        keep(on_server, "a", "1")
        bulk.run(connection, "UPDATE store_kept SET body = %s WHERE name = %s", ("2", "a"))
        bulk.run_each(
            connection, "UPDATE store_kept SET body = body || %s WHERE name = 'a'", [("3",), ("4",), ("5",)]
        )
        assert len(server._line(connection).waiting) == 5
        assert kept(on_server) == {"a": "2345"}
        keep(on_server, "b", "1")
        with connection.cursor() as cursor:  # Django's own
            cursor.execute("SELECT count(*) FROM store_kept")
            assert cursor.fetchone() == (2,)
        keep(on_server, "c", "1")
        bulk.insert(
            connection, "store_kept", ("name", "stamp", "body"), [(f"n{n}", "", "") for n in range(99)]
        )
        keep(on_server, "d", "1")
    assert len(kept(on_server)) == 103
    assert not server._line(connection).queues


def test_an_error_of_what_was_queued_is_told_and_all_is_taken_back(on_server: Workspace) -> None:
    connection = on_server.connection
    keep(on_server, "a", "1")

    def twice() -> None:
        with on_server.transaction(), on_server.queued():
            keep(on_server, "b", "1")
            keep(on_server, "a", "2")
            keep(on_server, "c", "3")

    for _ in range(2):
        with pytest.raises(StoreFailure, match="duplicate key"):
            twice()
        assert kept(on_server) == {"a": "1"}
    with pytest.raises(IntegrityError):
        keep(on_server, "a", "2")
    with pytest.raises(ProgrammingError):
        bulk.rows(connection, "SELECT nothing_like_it FROM store_kept")
    with pytest.raises(DataError, match="zero bytes"):
        keep(on_server, "z\0", "")
    with pytest.raises(DataError):
        bulk.rows(connection, "SELECT %s::bigint", (2**63,))
    assert kept(on_server) == {"a": "1"}

    def stumbles() -> None:
        with on_server.transaction(), on_server.queued():
            keep(on_server, "b", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumbles()
    assert kept(on_server) == {"a": "1"}


def test_within_another_transaction_nothing_is_ended_early(on_server: Workspace) -> None:
    def taken_back() -> None:
        with on_server.transaction():
            with on_server.transaction(), on_server.queued():
                keep(on_server, "a", "1")
            assert kept(on_server) == {"a": "1"}
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        taken_back()
    assert kept(on_server) == {}
    with on_server.transaction(), on_server.queued():
        keep(on_server, "a", "1")
    on_server.close()
    assert kept(on_server) == {"a": "1"}


def test_a_connection_that_broke_is_told_and_another_one_made(on_server: Workspace) -> None:
    connection = on_server.connection
    ((own,),) = bulk.rows(connection, "SELECT pg_backend_pid()")
    other = open_workspace(on_server.home, "other")
    bulk.rows(other.connection, "SELECT pg_terminate_backend(%s::int)", (own,))
    with pytest.raises(OperationalError):
        kept(on_server)
    connection.close()
    keep(on_server, "a", "1")
    assert kept(on_server) == {"a": "1"}


def test_very_many_statements_are_not_all_kept(on_server: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STATEMENTS", 10)
    for n in range(35):
        assert bulk.rows(on_server.connection, f"SELECT {n}, %s::text", ("x",)) == [(n, "x")]
    ((held,),) = bulk.rows(on_server.connection, "SELECT count(*) FROM pg_prepared_statements")
    assert held <= 12


def test_numbers_follow_the_last(workspace: Workspace) -> None:
    columns = ("id", "digest", "path", "place", "reason", "origin")
    rows = [(n.to_bytes(2, "big"), "p", "", "", 0) for n in range(200)]
    bulk.insert_numbered(workspace.connection, "store_issue", columns, rows[:3])
    bulk.insert_numbered(workspace.connection, "store_issue", columns, rows[3:])
    found = bulk.rows(workspace.connection, "SELECT id, digest FROM store_issue ORDER BY id")
    assert [(id, bytes(digest)) for id, digest in found] == [(n, row[0]) for n, row in enumerate(rows, 1)]
