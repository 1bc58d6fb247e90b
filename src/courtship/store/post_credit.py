"""Acts on posts and changes of stage as arrays, and the table of what is credited to each post."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from courtship.store import bulk, databases
from courtship.store.cues import keep, kept
from courtship.store.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "post_credit"
_CHUNK = 50_000


class Credited(NamedTuple):
    """A post: how many people acted on it, how often, and by stage reached (parts, rises shared in)."""

    object: str
    people: int
    acts: int
    parts: int
    stages: Mapping[str, tuple[int, int]]


def acts_on(workspace: Workspace, objects: Mapping[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions (ascending) of the records about these objects, or in reply to them, and which one each
    is about, as its number."""
    import numpy as np

    positions: list[int] = []
    numbers: list[int] = []
    query = (
        "SELECT position, object, in_reply_to FROM store_record "
        "WHERE object IS NOT NULL OR in_reply_to IS NOT NULL ORDER BY position"
    )
    with databases.failures("reading the workspace"), databases.snapshot(workspace.connection):
        for rows in _chunks(workspace, query):
            for position, object, in_reply_to in rows:
                number = objects.get(object)
                if number is None:
                    number = objects.get(in_reply_to)
                if number is not None:
                    positions.append(position)
                    numbers.append(number)
    return np.array(positions, np.int64), np.array(numbers, np.int64)


def transitions(workspace: Workspace) -> list[tuple[str, int, str, str]]:
    """Every change of stage of whoever is not set aside: person, time, before, after."""
    query = (
        "SELECT t.person, t.at, t.before, t.after FROM store_transition t "
        "JOIN store_person p ON p.id = t.person WHERE p.set_aside = '' ORDER BY t.id"
    )
    with databases.failures("reading the workspace"), workspace.connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def replace(workspace: Workspace, rows: Iterable[Credited], totals: Mapping[str, Any], stamp: str) -> None:
    """Puts these in place of the table; ``totals`` is what holds for all posts together."""
    values = [
        (row.object, row.people, row.acts, row.parts, orjson.dumps(row.stages).decode()) for row in rows
    ]
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_post_credit")
        names = ("object", "people", "acts", "parts", "credits")
        bulk.insert(workspace.connection, "store_post_credit", names, values)
        keep(workspace, NAME, stamp, orjson.dumps(totals).decode())


def totals(workspace: Workspace) -> tuple[str, dict[str, Any]] | None:
    """The stamp of the table, and what holds for all posts together; ``None`` before it was ever made."""
    found = kept(workspace, NAME)
    return (found[0], orjson.loads(found[1])) if found is not None else None


def of_posts(workspace: Workspace, objects: Collection[str] | None = None) -> dict[str, Credited]:
    """What is credited to these posts, or to all."""
    query = "SELECT object, people, acts, parts, credits FROM store_post_credit"
    with databases.failures("reading the workspace"):
        if objects is None:
            with workspace.connection.cursor() as cursor:
                cursor.execute(query)
                rows = cursor.fetchall()
        else:
            rows = list(bulk.select_in(workspace.connection, f"{query} WHERE object", sorted(objects)))
    return {row[0]: Credited(row[0], row[1], row[2], row[3], _stages(row[4])) for row in rows}


def _stages(body: str) -> dict[str, tuple[int, int]]:
    return {stage: (parts, rises) for stage, (parts, rises) in orjson.loads(body).items()}


def _chunks(workspace: Workspace, query: str) -> Iterable[list[tuple[Any, ...]]]:
    connection = workspace.connection
    connection.ensure_connection()
    raw = connection.connection
    if bulk.sqlite(connection):
        cursor = raw.execute(query)
        while rows := cursor.fetchmany(_CHUNK):
            yield rows
        return
    with raw.cursor(name="courtship_posts") as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(_CHUNK):
            yield rows
