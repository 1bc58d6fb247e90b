"""The owner's decisions: appended with positions, read with what was undone left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    query = 'SELECT position, verb, subject, detail, at, "by" FROM store_decided'
    values: list[Any] = []
    if verbs:
        wanted = sorted({*verbs, "undo"})
        query += f" WHERE verb IN ({', '.join(['%s'] * len(wanted))})"
        values = [*wanted]
    with connections[alias].cursor() as cursor:
        cursor.execute(query + " ORDER BY position", values)
        found = [
            Decision(verb, subject, orjson.loads(detail), at, by, position)
            for position, verb, subject, detail, at, by in cursor.fetchall()
        ]
    if not include_undone:
        gone = undone(found)
        found = [decision for decision in found if decision.position not in gone]
    return [decision for decision in found if not verbs or decision.verb in verbs]


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
