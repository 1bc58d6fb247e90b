"""The columnar cache: immutable layers of rows by account, and a list of them.

The first layer holds the rows of every account, each later one the whole rows of those that changed since: of
an account the newest layer that has it says everything. A reader takes the list of layers, looks in a
snapshot of the log whether they were made from it, and reads anew what it has after them: new records by
themselves, and whole accounts where something that the log had may be otherwise. Where that is much, the
reader writes it as another layer, together with those beneath that are not much larger; so each row is copied
a few times in all, and the log is read whole only where there is no cache, or where the brand's accounts or
the form of the files have changed.

``home/cache/WORKSPACE/FOLDER/`` holds a layer (``files.py``), ``layers.json`` beside it is the list
(``publishing.py``). Nothing of it is in the database: servers with homes of their own may share that. One
process writes a home's cache at a time, by a lock of the file system that goes with the process; what was
half-made by one that was killed the next one removes.
"""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import Address
from courtship.store import bulk
from courtship.store.cache import files, publishing
from courtship.store.cache.accountrows import (
    NO_TELLING,
    SEVERAL,
    AccountRows,
    not_plainly_told,
    of_denied,
    read_added,
    read_all,
    read_some,
)
from courtship.store.cache.files import FORMAT, CacheGone, Piece, load
from courtship.store.cache.publishing import EVERYBODY, SOME, Layer
from courtship.store.cache.segments import (
    NUMBERS,
    Namespaces,
    Segments,
    both_told,
    gathered,
    overlaid,
    told_of,
)
from courtship.store.databases import snapshot
from courtship.store.log import decisions, reading
from courtship.store.log.changes import changes
from courtship.store.log.mark import log_mark

TAIL = 2_000
"""Positions after the newest layer above which there shall be another."""

TAIL_ROWS = 10_000
"""Likewise rows of accounts that were read whole."""

STALE_PART = 4
"""Where the accounts that would have to be read whole hold more than one in so many of all rows, it is
quicker to read the log from end to end."""

RATIO = 4
"""A layer has so many times the rows of the one above, or they are written as one."""

PIECE = 500_000
"""Rows copied at once when a layer is written."""


class _Found(NamedTuple):
    """``changed`` are the accounts read whole since, ``added`` the new rows of others; ``rows`` are those of
    the ``layers``, the first of the list ``held``; ``mark`` is that of the log where a layer is worth
    writing."""

    held: list[Layer]
    layers: list[Layer]
    rows: list[AccountRows]
    changed: AccountRows | None
    added: AccountRows | None
    position: int
    mark: str = ""

    def segments(self) -> Segments:
        rows = [*self.rows, self.changed] if self.changed is not None else self.rows
        return overlaid(rows, self.added)

    def is_much(self) -> bool:
        """Whether what came since is worth a layer."""
        if self.changed is None and self.added is None:
            return False
        read = len(self.changed.at) if self.changed is not None else 0
        return self.position - self.layers[-1].position > TAIL or read > TAIL_ROWS


def read(alias: str, folder: Path) -> tuple[Segments, int]:
    """Everybody's rows, and the log's position. Writes what is missing of the cache.

    Within a transaction nothing is written: what that has read may yet be taken back.
    """
    connection = connections[alias]
    writes = not connection.in_atomic_block
    for turn in range(3):
        try:
            found = _read(alias, folder)
        except CacheGone as gone:
            found = publishing.layers(folder)
            if found[: len(gone.layers)] != gone.layers:
                continue  # it was read too late: there is a newer list
        if isinstance(found, _Found):
            asks = turn < 2 and (found.is_much() or publishing.overdue(folder))
            if writes and asks and _append(alias, folder, found):
                continue  # what was merged for the files need not be merged again
            return found.segments(), found.position
        if not writes:
            break
        with contextlib.suppress(FileNotFoundError):  # somebody removed the cache while it was written
            write(alias, folder, found)
    # others write faster than this one reads: read past the cache
    with snapshot(connection):
        rows = read_all(connection, decisions.brand(alias), _denied(alias))
        return overlaid([rows]), _position(connection)


def write(alias: str, folder: Path, worthless: Sequence[Layer] = ()) -> None:
    """Writes the cache from the log, unless there is one already (but for these ``worthless`` layers)."""
    connection = connections[alias]
    with _writing(folder, wait=True):
        publishing.sweep(folder)
        held = publishing.layers(folder)
        with snapshot(connection):
            position = _position(connection)
            brand = decisions.brand(alias)
            good = publishing.vouched(connection, held, position)
            if _are_for(good, brand) and held != list(worthless):
                return
            mark = log_mark(connection, position)
            rows = read_all(connection, brand, _denied(alias))
        if held and not good:
            # of another log, or with somebody who was forgotten since: so may be all that lies there
            publishing.clear(folder)
            folder.mkdir(parents=True, exist_ok=True)
        columns = {name: getattr(rows, name) for name in NUMBERS}
        pieces = [Piece(columns, rows.id.cast(pa.large_string()))]
        made = Layer(_name(position, everybody=True), position, len(rows.at), _digest(brand), mark)
        names, counts = rows.addresses.to_pylist(), np.diff(rows.start)
        files.save(folder / made.folder, names, counts, rows.told, pieces)
        _publish(alias, folder, made, (), good)


def drop(folder: Path) -> None:
    """Removes the cache and its files: nothing that it held can be found there."""
    publishing.clear(folder)


def namespaces(alias: str) -> Namespaces:
    """Looks up of which namespaces records are."""

    def look_up(positions: Sequence[int]) -> list[str]:
        connection = connections[alias]
        source = {number: origin.source for number, origin in reading.all_origins(connection)}
        origin_of: dict[int, int] = {}
        for table in ("store_record", "store_variant"):
            query = f"SELECT position, origin FROM {table} WHERE position"  # noqa: S608 - our own names
            origin_of.update(bulk.select_in(connection, query, sorted(set(positions))))
        return [source.get(origin_of.get(position, 0), "") for position in positions]

    return look_up


# ---------------------------------------------------------------- reading


def _read(alias: str, folder: Path) -> _Found | list[Layer]:
    """What there is; the layers that are worth nothing, where the cache has to be written from the log."""
    connection = connections[alias]
    held = publishing.layers(folder)
    with snapshot(connection):
        position = _position(connection)
        brand = decisions.brand(alias)
        good = publishing.vouched(connection, held, position)
        if not _are_for(good, brand):
            return held
        rows = _loaded(folder, good)
        seen = good[-1].position
        if position == seen:
            return _Found(held, good, rows, None, None, position)
        since = changes(connection, seen)
        ours = {0, *bulk.held_accounts(connection, sorted(brand)).values()}
        denied = _denied(alias)
        name_of = bulk.addresses(connection, sorted((since.added | since.changed) - ours))
        told = {number: name_of[number] for number in since.added - since.changed - ours if number in name_of}
        added, unsure = _added(connection, rows, seen, told, brand, denied)
        whole = {number for number in (since.changed - ours) | unsure if number in name_of}
        names = sorted(name_of[number] for number in whole)
        if _rows_of(rows, names) * STALE_PART > sum(len(one.at) for one in rows) + TAIL_ROWS:
            return held
        changed = _complete(read_some(connection, sorted(whole), brand, denied), names) if names else None
        found = _Found(held, good, rows, changed, added, position)
        return found._replace(mark=log_mark(connection, position)) if found.is_much() else found


def _added(
    connection: BaseDatabaseWrapper,
    rows: Sequence[AccountRows],
    seen: int,
    name_of: Mapping[int, Address],
    brand: Collection[Address],
    denied: Collection[bytes],
) -> tuple[AccountRows | None, set[int]]:
    """The rows added to these accounts after the position ``seen``; and those of the accounts, left out of
    it, that must be read whole, since a new record may tell of an act that an older one tells of."""
    if not name_of:
        return None, set()
    added = read_added(connection, seen, name_of, brand)
    held = told_of(rows, sorted(name_of.values()))
    unsure = of_denied(connection, denied) & name_of.keys()
    unsure |= not_plainly_told(
        connection, {number for number, name in name_of.items() if name not in held}, denied
    )
    mixed = {
        name
        for name, told in zip(added.addresses.to_pylist(), added.told.tolist(), strict=True)
        if told != NO_TELLING and both_told(held.get(name, NO_TELLING), told) == SEVERAL
    }
    unsure |= {number for number, name in name_of.items() if name in mixed}
    if unsure:
        added = added.without({name_of[number] for number in unsure})
    return added, unsure


def _loaded(folder: Path, held: list[Layer]) -> list[AccountRows]:
    try:
        return [load(folder / one.folder) for one in held]
    except CacheGone as gone:
        gone.layers = held
        raise


def _complete(rows: AccountRows, names: list[Address]) -> AccountRows:
    """``rows`` with those of these accounts (sorted) that have none."""
    held = rows.addresses.to_pylist()
    if len(held) == len(names):
        return rows
    place = np.searchsorted(np.array(names, object), np.array(held, object))
    counts, told = np.zeros(len(names), np.int64), np.full(len(names), NO_TELLING, np.int64)
    counts[place], told[place] = np.diff(rows.start), rows.told
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return replace(rows, addresses=pa.array(names, pa.string()), start=start, told=told)


def _rows_of(rows: Sequence[AccountRows], names: Sequence[Address]) -> int:
    """How many rows the layers hold of these accounts."""
    wanted = pa.array(names, pa.string())
    found = 0
    for one in rows if names else ():
        here = pc.is_in(one.addresses, value_set=wanted).to_numpy(zero_copy_only=False)
        found += int(np.diff(one.start)[here].sum())
    return found


def _are_for(held: Sequence[Layer], brand: Collection[Address]) -> bool:
    """Whether these layers say everything of everybody, for these accounts of the brand."""
    digest = _digest(brand)
    return bool(held) and held[0].folder.endswith(EVERYBODY) and all(one.brand == digest for one in held)


def _position(connection: BaseDatabaseWrapper) -> int:
    return int(bulk.rows(connection, "SELECT position FROM store_state WHERE id = 1")[0][0])


def _digest(brand: Collection[Address]) -> str:
    said = "\n".join([FORMAT, sys.byteorder, *sorted(brand)])
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _denied(alias: str) -> set[bytes]:
    return reading.denied_keys(connections[alias], decisions.read(alias, ("activity.deny",)))


# ---------------------------------------------------------------- writing


def _append(alias: str, folder: Path, found: _Found) -> bool:
    """Writes what came since as a layer, with those beneath that are not much larger; answers whether it did.

    Where another process writes, or where there is no room, it is left for later: nothing depends on it.
    """
    with contextlib.suppress(OSError), _writing(folder, wait=False) as alone:
        if not alone:
            return False
        publishing.sweep(folder)
        if not found.is_much() or publishing.layers(folder) != found.held:
            return False
        segments = found.segments()
        keep = len(found.layers)
        part = segments.since(keep)
        while keep and found.layers[keep - 1].rows < RATIO * part.rows():
            keep -= 1
            part = segments.since(keep) if keep else segments
        names, counts, told = part.addresses, part.counts(), part.told()
        gone = segments.gone.difference(names) if keep else ()
        if gone:
            names = sorted([*part.addresses, *gone])
            there = np.array([name not in gone for name in names], np.bool_)
            every = np.zeros(len(names), np.int64), np.full(len(names), NO_TELLING, np.int64)
            every[0][there], every[1][there] = counts, told
            counts, told = every
        position, brand = found.position, found.layers[0].brand
        made = Layer(_name(position, everybody=not keep), position, part.rows(), brand, found.mark)
        files.save(folder / made.folder, names, counts, told, _pieces(part, namespaces(alias)))
        return _publish(alias, folder, made, found.layers[:keep], found.layers[keep:])
    return False


def _pieces(part: Segments, look_up: Namespaces) -> Iterator[Piece]:
    ends = np.cumsum(part.counts())
    low, row = 0, 0
    while low < len(ends):
        high = max(int(np.searchsorted(ends, row + PIECE, side="right")), low + 1)
        some = gathered(part.some(low, high), np.arange(high - low), look_up)
        yield Piece(some.columns, some.all_ids())
        low, row = high, int(ends[high - 1])


def _publish(alias: str, folder: Path, made: Layer, keep: Sequence[Layer], retire: Sequence[Layer]) -> bool:
    if publishing.publish(alias, folder, made, keep, retire):
        publishing.sweep(folder)
        return True
    return False


def _name(position: int, *, everybody: bool) -> str:
    return f"{position}-{secrets.token_hex(4)}-{EVERYBODY if everybody else SOME}"


@contextlib.contextmanager
def _writing(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Within it nobody else writes this cache; answers whether that is so (always, where it may ``wait``)."""
    folder.mkdir(parents=True, exist_ok=True)
    # beside the folder: that may be removed as a whole at any time
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            alone = True
        except BlockingIOError:
            alone = False
        yield alone
