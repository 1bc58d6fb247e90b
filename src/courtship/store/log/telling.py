"""Everything that the log was told, told again: for an export that another workspace can take in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from courtship.model import Activity, Origin, Record, StoredActivity, Undo
from courtship.store import bulk, databases
from courtship.store.log import reading
from courtship.store.log.derive import Act, Row
from courtship.store.workspace import Workspace
from courtship.vocabulary import KINDS

ACCOUNTS_AT_ONCE = 500


def told(workspace: Workspace) -> Iterator[Origin | Record]:
    """Every record with the origin before it, in one snapshot.

    A record that several formats told of comes once under each. Records without an id of their own carry one
    that spells out their key, so that they stay the same record wherever they are imported.
    """
    connection = workspace.connection
    with databases.failures("exporting"), databases.snapshot(connection):
        origins = dict(reading.all_origins(connection))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, address FROM store_account")
            name = {0: "", **dict(cursor.fetchall())}
        columns = ", ".join(bulk.RECORD_COLUMNS)
        current = 0
        told_in = [
            ("activity", f"{columns} FROM store_record"),
            ("activity", f"{columns} FROM store_variant"),
            ("again", "key, origin FROM store_sighting"),
            ("undo", "origin, activity, undoes, at, platform, blank FROM store_undone"),
            ("fact", "origin, sort, body FROM store_fact"),
        ]
        for sort, what in told_in:
            for row in bulk.streamed(workspace.connection, f"SELECT {what} ORDER BY origin, position"):
                origin, record = _record(workspace, sort, row, name)
                if origin != current:
                    current = origin
                    yield origins[origin]
                yield record


def _record(
    workspace: Workspace, sort: str, row: tuple[Any, ...], name: dict[int, str]
) -> tuple[int, Record]:
    if sort == "activity":
        return row[3], _activity(row, name)
    if sort == "again":
        ((*first,),) = reading.rows_where(workspace.connection, "key", [bytes(row[0])])
        return row[1], _activity(tuple(first), name)
    if sort == "undo":
        origin, id, undoes, at, platform, blank = row
        return origin, Undo(id, undoes, at, platform, bool(blank))
    record: Record = reading.fact(row[1], row[2])
    return row[0], record


def _activity(row: tuple[Any, ...], name: dict[int, str]) -> Activity:
    (
        *_,
        actor,
        target,
        kind,
        precise,
        public,
        _told,
        at,
        ended,
        followers,
        id,
        object,
        in_reply_to,
        url,
        actor_name,
        target_name,
        text,
    ) = row
    return Activity(
        id,
        KINDS[kind],
        name[actor],
        name[target],
        at,
        ended,
        bool(precise),
        object,
        in_reply_to,
        text,
        url,
        None if public is None else bool(public),
        actor_name,
        target_name,
        followers,
    )


def activities(workspace: Workspace) -> Iterator[list[StoredActivity]]:
    """Every activity in force, each once, some accounts at a time, in order of time within each list."""
    connection = workspace.connection
    with databases.failures("exporting"), databases.snapshot(connection):
        brand = workspace.brand()
        denied = reading.denied_keys(connection, workspace.decisions("activity.deny"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, address FROM store_account ORDER BY id")
            accounts = cursor.fetchall()
        others = [number for number, address in accounts if address not in brand]
        ours = {address for _, address in accounts if address in brand}
        for first in range(0, len(others), ACCOUNTS_AT_ONCE):
            some = others[first : first + ACCOUNTS_AT_ONCE]
            names = set(bulk.addresses(connection, some).values()) - {""}
            found = reading.acts_of(connection, some, denied)
            yield reading.stored(connection, [act for act in found if _owner(act, ours) in names])
        # what the brand does to itself or to somebody unknown
        rows = _among(workspace, [number for number, address in accounts if address in brand])
        found = reading.acts_in_force(connection, rows, denied)
        yield reading.stored(connection, [act for act in found if _owner(act, ours) in ours | {""}])


def _owner(act: Act, ours: set[str]) -> str:
    """The one account under which an act is listed: the actor, of the brand's acts the target."""
    row = act.leader
    if row.actor and row.actor not in ours:
        return row.actor
    return row.target or row.actor


def _among(workspace: Workspace, ours: list[int]) -> list[Row]:
    listed = ", ".join(str(int(number)) for number in [0, *ours])
    query = (
        f"SELECT {', '.join(bulk.RECORD_COLUMNS)} FROM store_record "  # noqa: S608 - numbers
        f"WHERE actor IN ({listed}) AND target IN ({listed})"
    )
    connection = workspace.connection
    raw = list(bulk.streamed(connection, query))
    keys = sorted({bytes(row[1]) for row in raw})
    raw += reading.rows_where(connection, "key", keys, "store_variant")
    return reading.as_rows(connection, raw)
