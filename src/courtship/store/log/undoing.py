"""Which record an Undo ends. With a platform: the one with that key. Without: the one record that has the id
on any platform of the namespace, and none where two platforms have it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import Micros, Origin, Problem, Undo
from courtship.store import bulk
from courtship.store.log.keys import activity_key


class Ending(NamedTuple):
    """An Undo as the log has it."""

    undoes: str
    platform: str
    source: str
    at: Micros
    blank: int


def platforms(connection: BaseDatabaseWrapper) -> list[str]:
    """All platforms that any account of the workspace is of, sorted."""
    if bulk.sqlite(connection):
        # from one to the next by the index: ";" comes after ":"
        found: list[str] = []
        at = ""
        while True:
            ((address,),) = bulk.rows(
                connection, "SELECT min(address) FROM store_account WHERE address >= %s", (at,)
            )
            if address is None:
                return found
            platform, colon, _ = address.partition(":")
            if colon:
                found.append(platform)
            at = f"{platform};" if colon else f"{address}\0"
    query = "SELECT DISTINCT split_part(address, ':', 1) FROM store_account"
    return sorted(name for (name,) in bulk.rows(connection, query))


def resolve(connection: BaseDatabaseWrapper, endings: Sequence[Ending]) -> list[tuple[bytes, Ending]]:
    """The key of the record that each Undo ends; those that end none (yet) are left out."""
    if not endings:
        return []
    everywhere = platforms(connection) if any(not ending.platform for ending in endings) else []
    wanted: list[tuple[Ending, list[bytes]]] = []
    for ending in endings:
        where = [ending.platform] if ending.platform else everywhere
        wanted.append((ending, list({activity_key(name, ending.source, ending.undoes) for name in where})))
    loose = sorted({key for ending, found in wanted if not ending.platform for key in found})
    there = bulk.held_keys(connection, "store_record", loose)
    resolved: list[tuple[bytes, Ending]] = []
    for ending, candidates in wanted:
        if not ending.platform:
            candidates = [key for key in candidates if key in there]
            if len(candidates) != 1:
                continue
        resolved.append((candidates[0], ending))
    return resolved


def endings_of(connection: BaseDatabaseWrapper, ids: Collection[str]) -> list[Ending]:
    """Every Undo that names one of these activities' ids."""
    query = "SELECT undoes, platform, source, at, blank FROM store_undone WHERE undoes"
    return [Ending(*row) for row in bulk.select_in(connection, query, sorted(ids))]


def blank_words(connection: BaseDatabaseWrapper, new_ids: Collection[str]) -> None:
    """Takes the words out of those of these records that their author has deleted."""
    if not new_ids:
        return
    if not bulk.rows(connection, "SELECT 1 FROM store_undone WHERE blank = 1 LIMIT 1"):
        return
    blank_ended(connection, endings_of(connection, set(new_ids)))


def blank_ended(connection: BaseDatabaseWrapper, endings: Sequence[Ending]) -> None:
    """Takes the words out of what these delete."""
    endings = [ending for ending in endings if ending.blank]
    if not endings:
        return
    blanked = sorted({key for key, _ in resolve(connection, endings)})
    with connection.cursor() as cursor:
        for table in ("store_record", "store_variant"):
            cursor.executemany(
                f"UPDATE {table} SET text = NULL, url = NULL WHERE key = %s",  # noqa: S608
                [(key,) for key in blanked],
            )


def ambiguous(connection: BaseDatabaseWrapper, undos: Sequence[Undo], origin: Origin) -> list[Problem]:
    """A problem for each Undo without platform whose id two platforms have."""
    everywhere = platforms(connection)
    candidates = {
        undo.undoes: {activity_key(name, origin.source, undo.undoes) for name in everywhere} for undo in undos
    }
    there = bulk.held_keys(connection, "store_record", sorted(set().union(*candidates.values())))
    return [
        Problem(
            origin.path,
            f"undo {undo.id}",
            f"{undo.undoes} is the id of activities on several platforms, so nothing was ended; "
            "name the platform in the file",
        )
        for undo in undos
        if len(candidates[undo.undoes] & there) > 1
    ]
