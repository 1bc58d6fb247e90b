"""The columnar cache: immutable Arrow files of all rows by account, published by a database row.

``home/cache/WORKSPACE/FOLDER/`` holds ``rows.arrow`` (the numbers), ``ids.arrow`` and ``accounts.arrow``,
read by memory map. The row in the database names the folder, the position of the log that it has seen and
the brand's accounts that it was made for; a reader takes the files and what the log has after them in one
snapshot. What changed since is read anew, account by account; when that is much, a new folder is written and
the old one removed. A process that has it open keeps its memory map; one that comes too late reads the row
again.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Collection
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.store import bulk, decisions, reading
from courtship.store.accountrows import AccountRows, read_all, read_some
from courtship.store.databases import snapshot
from courtship.store.undoing import endings_of, platforms, resolve

FORMAT = "1"
"""Of the files; another number makes older files worthless."""

TAIL = 20_000
"""Positions after the cache's own above which it is written anew."""

STALE_PART = 4
"""Likewise where the accounts that changed hold more than one in so many of all rows."""

MAKING = "-making"
ABANDONED = 3600.0
"""Seconds after which a folder that is still being made belongs to somebody who died over it."""

_NUMBERS = ("at", "ended", "kind", "outbound", "precise", "rank", "record")


class CacheGone(Exception):
    """The files that a row named are not there, or not whole."""


def read(alias: str, folder: Path) -> tuple[AccountRows, AccountRows | None, set[str], int]:
    """Rows from the cache, rows of the accounts that changed since, their addresses, and the log's position.

    Writes the cache where there is none or it is too old. The changed accounts' rows replace the cache's.
    """
    for _ in range(3):
        try:
            found = _read(alias, folder)
        except CacheGone:
            found = None
            _unpublish(alias)
        if found is not None:
            return found
        with contextlib.suppress(FileNotFoundError):  # somebody removed the cache while it was written
            write(alias, folder)
    # others write faster than this one reads: read past the cache
    connection = connections[alias]
    with snapshot(connection):
        rows = read_all(connection, decisions.brand(alias), _denied(alias))
        return rows, None, set(), _position(connection)


def _read(alias: str, folder: Path) -> tuple[AccountRows, AccountRows | None, set[str], int] | None:
    connection = connections[alias]
    with snapshot(connection):
        position = _position(connection)
        brand = decisions.brand(alias)
        published = _published(connection)
        if published is None:
            return None
        name, seen, made_for = published
        if made_for != _digest(brand) or position - seen > TAIL:
            return None
        rows = load(folder / name)
        if position == seen:
            return rows, None, set(), position
        changed = changed_accounts(connection, seen)
        changed -= set(bulk.held_accounts(connection, sorted(brand)).values())
        names = {
            number: address
            for number, address in bulk.addresses(connection, sorted(changed)).items()
            if number
        }
        if _rows_of(rows, set(names.values())) * STALE_PART > len(rows.at) + TAIL:
            return None
        anew = read_some(connection, sorted(names), brand, _denied(alias))
        return rows, anew, set(names.values()), position


def write(alias: str, folder: Path) -> None:
    """Writes the cache from the log, publishes it, removes older ones."""
    connection = connections[alias]
    with snapshot(connection):
        position = _position(connection)
        brand = decisions.brand(alias)
        rows = read_all(connection, brand, _denied(alias))
    name = f"{position}-{secrets.token_hex(4)}"
    save(rows, folder / name)
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        bulk.lock_log(connection)
        cursor.execute("DELETE FROM store_cachefiles")
        cursor.execute(
            "INSERT INTO store_cachefiles (id, folder, position, rows, brand, published) "
            "VALUES (1, %s, %s, %s, %s, 0)",
            [name, position, len(rows.at), _digest(brand)],
        )
    _sweep(folder, keep=name)


def drop(alias: str, folder: Path) -> None:
    """Removes the cache and its files: nothing that it held can be found there."""
    _unpublish(alias)
    shutil.rmtree(folder, ignore_errors=True)


def _unpublish(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("DELETE FROM store_cachefiles")


def _sweep(folder: Path, keep: str) -> None:
    seen = int(keep.split("-")[0])
    for old in folder.iterdir():
        # a folder of a later position is another process's, about to be published; what has no position
        # for a name is another derived file's
        position = old.name.partition("-")[0]
        if old.name == keep or not position.isdecimal() or int(position) > seen or _is_being_made(old):
            continue
        shutil.rmtree(old, ignore_errors=True)


def _is_being_made(folder: Path) -> bool:
    """Whether another thread or process may still be writing it: what was left half-made is old."""
    try:
        return folder.name.endswith(MAKING) and time.time() - folder.stat().st_mtime < ABANDONED
    except OSError:
        return False


def _position(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM store_state WHERE id = 1")
        return int(cursor.fetchone()[0])


def _published(connection: BaseDatabaseWrapper) -> tuple[str, int, str] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT folder, position, brand FROM store_cachefiles ORDER BY id DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


def _digest(brand: Collection[str]) -> str:
    said = "\n".join([FORMAT, *sorted(brand)])
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _denied(alias: str) -> set[bytes]:
    return reading.denied_keys(connections[alias], decisions.read(alias, ("activity.deny",)))


def _rows_of(rows: AccountRows, addresses: Collection[str]) -> int:
    import pyarrow.compute as pc

    held = pc.is_in(rows.addresses, value_set=pa.array(sorted(addresses), pa.string())).to_numpy(False)
    return int(np.diff(rows.start)[held].sum())


# ---------------------------------------------------------------- what changed


def changed_accounts(connection: BaseDatabaseWrapper, seen: int) -> set[int]:
    """Numbers of all accounts whose activities may differ from what they were at the position ``seen``."""
    found: set[int] = set()
    ids: set[str] = set()
    keys: set[bytes] = set()
    with connection.cursor() as cursor:
        for table in ("store_record", "store_variant"):
            query = f"SELECT actor, target, activity, key FROM {table} WHERE position > %s"  # noqa: S608
            cursor.execute(query, [seen])
            for actor, target, id, key in cursor.fetchall():
                found.update((actor, target))
                ids.add(id)
                if table == "store_variant":
                    keys.add(bytes(key))
        cursor.execute("SELECT key FROM store_sighting WHERE position > %s", [seen])
        keys.update(bytes(key) for (key,) in cursor.fetchall())
        cursor.execute("SELECT undoes FROM store_undone WHERE position > %s", [seen])
        undone = {id for (id,) in cursor.fetchall()}
        cursor.execute("SELECT verb, subject, detail FROM store_decided WHERE position > %s", [seen])
        made = cursor.fetchall()
    # an Undo without platform ends the one record of that id: a second one, elsewhere, frees the first
    loose = [ending for ending in endings_of(connection, ids) if not ending.platform]
    everywhere = platforms(connection) if loose else []
    for ending in loose:
        for platform in everywhere:
            keys.update(key for key, _ in resolve(connection, [ending._replace(platform=platform)]))
    keys.update(key for key, _ in resolve(connection, endings_of(connection, undone)))
    if any(verb in ("activity.deny", "undo") for verb, _, _ in made):
        keys |= reading.denied_keys(
            connection, decisions.read(connection.alias, ("activity.deny",), include_undone=True)
        )
    for table in ("store_record", "store_variant"):
        query = f"SELECT actor, target FROM {table} WHERE key"  # noqa: S608 - our own names
        for pair in bulk.select_in(connection, query, sorted(keys)):
            found.update(pair)
    return found - {0}


# ---------------------------------------------------------------- files


def save(rows: AccountRows, folder: Path) -> None:
    """Writes the three files, whole and on the disk, under a name that nobody reads yet."""
    making = folder.with_name(f"{folder.name}{MAKING}")
    making.mkdir(parents=True)
    numbers = pa.table({name: pa.array(getattr(rows, name)) for name in _NUMBERS})
    accounts = pa.table({"address": rows.addresses, "start": pa.array(rows.start[:-1])})
    for name, table in (
        ("rows", numbers),
        ("ids", pa.table({"id": rows.id})),
        ("accounts", accounts),
    ):
        path = making / f"{name}.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    making.rename(folder)


def load(folder: Path) -> AccountRows:
    """The files by memory map. Raises CacheGone where they are not there or not whole."""
    try:
        numbers, ids, accounts = (
            pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow"))).read_all()
            for name in ("rows", "ids", "accounts")
        )
    except (OSError, pa.ArrowException) as error:
        raise CacheGone(str(error)) from error
    columns = {name: _whole(numbers[name]).to_numpy() for name in _NUMBERS}
    start = np.append(_whole(accounts["start"]).to_numpy(), np.int64(numbers.num_rows))
    return AccountRows(addresses=_whole(accounts["address"]), start=start, id=_whole(ids["id"]), **columns)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
