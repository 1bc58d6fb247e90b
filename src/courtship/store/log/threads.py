"""What acts are about: the ids by which records name each other, for many of them at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from courtship.store import bulk, databases

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MANY = 20_000
"""Records above which all from the first one on are read in one go."""


class Thread(NamedTuple):
    """The id of the act that a record tells of, the object it is about, and what it replies to; ``""`` where
    the source did not say."""

    activity: str
    object: str
    in_reply_to: str


def threads(workspace: Workspace, positions: Collection[int]) -> dict[int, Thread]:
    """What the records at these positions are about."""
    if not positions:
        return {}
    query = "SELECT position, activity, object, in_reply_to FROM store_record WHERE position"
    with databases.failures("reading the workspace"):
        if len(positions) <= MANY:
            rows = list(bulk.select_in(workspace.connection, query, sorted(set(positions))))
        else:
            with workspace.connection.cursor() as cursor:
                cursor.execute(f"{query} BETWEEN %s AND %s", [min(positions), max(positions)])
                wanted = set(positions)
                rows = [row for row in cursor.fetchall() if row[0] in wanted]
    return {row[0]: Thread(row[1] or "", row[2] or "", row[3] or "") for row in rows}
