"""The owner's decisions: appended with positions, read with what was undone left out."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

import orjson
from django.db import connections, transaction

from courtship.errors import NotAllowed
from courtship.model import VERBS, Decision
from courtship.store import bulk

_COLUMNS = ("position", "verb", "subject", "detail", "at", '"by"')


def decide(alias: str, decisions: Sequence[Decision]) -> list[Decision]:
    """Appends all of them in one transaction and answers them with their positions."""
    for decision in decisions:
        if decision.verb not in VERBS:
            raise NotAllowed(f"{decision.verb!r} is no decision; use one of: {', '.join(VERBS)}")
    if not decisions:
        return []
    connection = connections[alias]
    placed = []
    with transaction.atomic(using=alias):
        position = bulk.lock_log(connection)
        for decision in decisions:
            position += 1
            placed.append(
                Decision(
                    decision.verb,
                    decision.subject,
                    dict(decision.detail),
                    decision.at,
                    decision.by,
                    position,
                )
            )
        rows = [(d.position, d.verb, d.subject, orjson.dumps(d.detail).decode(), d.at, d.by) for d in placed]
        bulk.insert(connection, "store_decided", _COLUMNS, rows)
        bulk.release_log(connection, position)
    return placed


def read(alias: str, verbs: Sequence[str] = (), *, include_undone: bool = False) -> list[Decision]:
    """Decisions in order of position, of these verbs or of all; those undone are left out."""
    found = _all(alias)
    wanted = (
        [decision for verb in set(verbs) for decision in found.by_verb.get(verb, ())] if verbs else found.all
    )
    if not include_undone and found.gone:
        wanted = [decision for decision in wanted if decision.position not in found.gone]
    return sorted(wanted, key=_position) if len(verbs) > 1 else list(wanted)


_position = attrgetter("position")


class _Found(NamedTuple):
    """All decisions up to ``last`` in order, by verb too, the positions of those undone. Keep as they are."""

    stamp: tuple[bytes, int]
    all: list[Decision]
    by_verb: dict[str, list[Decision]]
    gone: set[int]

    @property
    def last(self) -> int:
        return self.all[-1].position if self.all else 0


_kept: dict[str, _Found] = {}
_AFTER = "FROM store_decided WHERE position > %s ORDER BY position"
_QUERY = f'SELECT position, verb, subject, detail, at, "by" {_AFTER}'


def _all(alias: str) -> _Found:
    """Every decision; what this process has read before is not read again. Forgetting changes some."""
    connection = connections[alias]
    ((key, tombstones, last),) = bulk.rows(
        connection,
        "SELECT forget_key, (SELECT count(*) FROM store_tombstone), "
        "(SELECT coalesce(max(position), 0) FROM store_decided) FROM store_state WHERE id = 1",
    )
    stamp, held = (bytes(key), tombstones), _kept.get(alias)
    if held is not None and held.stamp == stamp and held.last == last:
        return held
    if held is None or held.stamp != stamp or held.last > last:
        held = _Found(stamp, [], {}, set())
    more = [
        Decision(verb, subject, orjson.loads(detail), at, by, position)
        for position, verb, subject, detail, at, by in bulk.rows(connection, _QUERY, (held.last,))
    ]
    by_verb = dict(held.by_verb)
    for verb in {decision.verb for decision in more}:
        by_verb[verb] = [*by_verb.get(verb, ()), *(one for one in more if one.verb == verb)]
    found = _Found(stamp, [*held.all, *more], by_verb, undone(by_verb.get("undo", ())))
    if not connection.in_atomic_block:  # what may yet be taken back is not kept
        _kept[alias] = found
    return found


def undone(found: Sequence[Decision]) -> set[int]:
    """Positions of the decisions that others undo. An Undo that is itself undone undoes nothing."""
    gone: set[int] = set()
    for decision in sorted(found, key=lambda decision: -decision.position):
        if decision.verb == "undo" and decision.position not in gone:
            gone.add(int(decision.detail.get("position", 0)))
    return gone


def brand(alias: str) -> frozenset[str]:
    """The accounts that are the brand's own."""
    ours: set[str] = set()
    for decision in read(alias, ("brand.add", "brand.remove")):
        (ours.add if decision.verb == "brand.add" else ours.discard)(decision.subject)
    return frozenset(ours)
