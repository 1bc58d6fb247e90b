"""Which layers make up the columnar cache: rows of the database, published and retired in one transaction.

A layer that is retired stays named, and its files stay, for an hour, for whoever has just read the list; at
most as many rows as those in force hold are so kept. What no row names was left by somebody who died over it.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import Micros
from courtship.store import bulk
from courtship.store.cache.files import MAKING

HOUR: Micros = 3_600_000_000
EVERYBODY, SOME = "all", "some"
"""End the names of the folders of a layer that has every account, and of one that has some."""

_FOLDER = re.compile(rf"\d+-[0-9a-f]{{8}}(-({EVERYBODY}|{SOME}))?({MAKING})?")


class Layer(NamedTuple):
    """``position`` is what the log had, ``brand`` a digest of the brand's accounts and of the files' form;
    ``retired`` is 0 while it is in force."""

    id: int
    folder: str
    position: int
    rows: int
    brand: str
    retired: Micros = 0


def layers(connection: BaseDatabaseWrapper) -> list[Layer]:
    """Those in force, the oldest first."""
    query = (
        "SELECT id, folder, position, rows, brand, retired FROM store_cachefiles "
        "WHERE retired = 0 ORDER BY position, id"
    )
    return [Layer(*row) for row in bulk.rows(connection, query)]


def publish(alias: str, made: Layer, *, after: Sequence[Layer] | None, keep: int) -> bool:
    """Puts ``made`` in the place of all but the first ``keep`` of the layers ``after``, or of all there are
    (``None``); answers whether it did.

    It does not where others have changed the list meanwhile, where a layer of the same brand has seen as
    much, or where somebody was forgotten.
    """
    connection = connections[alias]
    with transaction.atomic(using=alias):
        bulk.lock_log(connection)
        held = layers(connection)
        if after is not None:
            stale = list(after) != held
        else:
            stale = any(one.brand == made.brand and one.position >= made.position for one in held)
        query = "SELECT 1 FROM store_decided WHERE position > %s AND verb = 'person.forget' LIMIT 1"
        if stale or bulk.rows(connection, query, (made.position,)):
            return False
        for one in held[keep:]:
            bulk.run(connection, "UPDATE store_cachefiles SET retired = %s WHERE id = %s", (_now(), one.id))
        ((last,),) = bulk.rows(connection, "SELECT coalesce(max(id), 0) FROM store_cachefiles")
        bulk.run(
            connection,
            "INSERT INTO store_cachefiles (id, folder, position, rows, brand, retired) "
            "VALUES (%s, %s, %s, %s, %s, 0)",
            (last + 1, *made[1:5]),
        )
    return True


def remove(alias: str, only: Sequence[Layer] | None = None) -> None:
    """Empties the list, or does so where ``only`` these are in force: a list of some would say too little."""
    connection = connections[alias]
    with transaction.atomic(using=alias):
        bulk.lock_log(connection)
        if only is None or layers(connection) == list(only):
            bulk.run(connection, "DELETE FROM store_cachefiles")


def sweep(alias: str, folder: Path) -> None:
    """Removes the files that nobody reads any more. To be called by the one who writes the cache."""
    connection = connections[alias]
    query = (
        "SELECT id, folder, position, rows, brand, retired FROM store_cachefiles ORDER BY retired DESC, id"
    )
    named = [Layer(*row) for row in bulk.rows(connection, query)]
    room = sum(one.rows for one in named if not one.retired)
    kept, gone, now = set(), [], _now()
    for one in named:
        if one.retired:
            room -= one.rows
        # a clock that was put back keeps nothing for longer
        if one.retired and (room < 0 or not 0 <= now - one.retired < HOUR):
            gone.append(one.id)
        else:
            kept.add(one.folder)
    query = "DELETE FROM store_cachefiles WHERE id = %s AND retired > 0"
    bulk.run_each(connection, query, [(id,) for id in gone])
    if folder.is_dir():
        for old in folder.iterdir():
            if _FOLDER.fullmatch(old.name) and old.name not in kept:
                shutil.rmtree(old, ignore_errors=True)


def overdue(connection: BaseDatabaseWrapper) -> bool:
    """Whether there are layers that were retired more than an hour ago."""
    query = "SELECT 1 FROM store_cachefiles WHERE retired > 0 AND retired < %s LIMIT 1"
    return bool(bulk.rows(connection, query, (_now() - HOUR,)))


def _now() -> Micros:
    return time.time_ns() // 1000
