"""Rows of all activities between the brand and each account: the log, derived, as arrays.

Most accounts are read in one scan with arrays. Those that are touched by variants, denials or acts told by
several formats, which are few, are read by the plain rules of ``derive.py``; so are those that changed after
a cache was written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.backends.base.base import BaseDatabaseWrapper
from numpy.typing import NDArray

from courtship.model import FOREVER
from courtship.store import bulk
from courtship.store.log import reading
from courtship.store.log.keys import platform_of
from courtship.store.log.undoing import Ending, endings_of, resolve
from courtship.vocabulary import KIND_CODE

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

CHUNK = 20_000
"""Rows fetched at once."""

PLAIN_ACCOUNTS = 500
"""Accounts read at once by the plain rules."""

NO_TELLING, SEVERAL = 0, -1
"""Of an account's records that have an object: there are none; they are not all told by the same formats."""


@dataclass(slots=True)
class AccountRows:
    """Rows in the order (account, at, rank). ``addresses`` is sorted, ``start`` has one more entry.

    ``id`` is an Arrow string array of the activities' readable ids; ``rank`` orders (id, platform, namespace)
    among these rows. ``told`` says of each account which formats (bits) told of its records that have an
    object, the same of each: then no two of them tell of one act; else ``NO_TELLING`` or ``SEVERAL``.
    ``plain`` are accounts that were read by the plain rules, as several records may tell of one act; ``None``
    where that is not known.
    """

    addresses: pa.Array
    start: Ints
    at: Ints
    ended: Ints
    kind: Bytes
    outbound: Bytes
    precise: Bytes
    rank: Ints
    record: Ints
    id: pa.Array
    told: Ints
    plain: frozenset[str] | None = None

    def without(self, names: Collection[str]) -> AccountRows:
        """All but those of these accounts."""
        out = pc.is_in(self.addresses, value_set=pa.array(sorted(names), pa.string()))
        keep = ~out.to_numpy(zero_copy_only=False)
        counts = np.diff(self.start)
        rows = np.repeat(keep, counts)
        return AccountRows(
            addresses=self.addresses.filter(pa.array(keep)),
            start=np.concatenate([[0], np.cumsum(counts[keep])]).astype(np.int64),
            at=self.at[rows],
            ended=self.ended[rows],
            kind=self.kind[rows],
            outbound=self.outbound[rows],
            precise=self.precise[rows],
            rank=self.rank[rows],
            record=self.record[rows],
            id=self.id.filter(pa.array(rows)),
            told=self.told[keep],
        )


@dataclass(slots=True)
class _Loose:
    """Rows in any order; ``account`` is the account's number, ``place`` a number that orders namespaces,
    ``told`` by which formats one that has an object was told."""

    account: Ints
    at: Ints
    ended: Ints
    kind: Bytes
    outbound: Bytes
    precise: Bytes
    record: Ints
    place: Ints
    told: Ints
    id: pa.Array


def read_all(
    connection: BaseDatabaseWrapper, brand: Collection[str], denied: Collection[bytes]
) -> AccountRows:
    """Every account's rows. To be called within one snapshot."""
    ours = bulk.held_accounts(connection, sorted(brand))
    plain = _intricate_accounts(connection, denied) - set(ours.values())
    with bulk.uncollected():
        loose = _scan(connection, sorted(ours.values()))
    if plain:
        keep = ~np.isin(loose.account, np.array(sorted(plain), np.int64))
        loose = _join([_masked(loose, keep), _plain(connection, sorted(plain), brand, denied)])
    return _sorted(connection, loose)


def read_some(
    connection: BaseDatabaseWrapper,
    numbers: Collection[int],
    brand: Collection[str],
    denied: Collection[bytes],
) -> AccountRows:
    """The rows of these accounts (numbers)."""
    ours = set(bulk.held_accounts(connection, sorted(brand)).values())
    with bulk.uncollected():
        loose, plain = _scan_some(connection, sorted(set(numbers) - ours - {0}), sorted(ours), denied)
    if plain:
        keep = ~np.isin(loose.account, np.array(sorted(plain), np.int64))
        loose = _join([_masked(loose, keep), _plain(connection, sorted(plain), brand, denied)])
    rows = _sorted(connection, loose)
    rows.plain = frozenset(bulk.addresses(connection, sorted(plain)).values()) - {""}
    return rows


def read_added(
    connection: BaseDatabaseWrapper, after: int, numbers: Collection[int], brand: Collection[str]
) -> AccountRows:
    """Of the rows of these accounts those of records ``after`` a position, where each record is a row."""
    ours = bulk.held_accounts(connection, sorted(brand))
    with bulk.uncollected():
        loose = _scan(connection, sorted(ours.values()), after)
    return _sorted(connection, _masked(loose, np.isin(loose.account, np.array(sorted(numbers), np.int64))))


def of_denied(connection: BaseDatabaseWrapper, denied: Collection[bytes]) -> set[int]:
    """The accounts in records that were denied."""
    found: set[int] = set()
    query = "SELECT actor, target FROM store_record WHERE key"
    for pair in bulk.select_in(connection, query, sorted(denied)):
        found.update(pair)
    return found - {0}


def not_plainly_told(
    connection: BaseDatabaseWrapper, numbers: Collection[int], denied: Collection[bytes]
) -> set[int]:
    """Those of these accounts who are in records with variants, or in denied ones."""
    return _several(connection, sorted(numbers), denied)


# ---------------------------------------------------------------- the scan


def _told_by(connection: BaseDatabaseWrapper) -> str:
    """SQL for the formats that told of a record: they matter where there are several and it has an object."""
    bits = bulk.rows(connection, "SELECT bit FROM store_format LIMIT 2")
    if len(bits) < 2:
        return str(int(bits[0][0])) if bits else str(NO_TELLING)
    return f"CASE WHEN object IS NULL OR object = '' THEN {NO_TELLING} ELSE told END"


def _scan(connection: BaseDatabaseWrapper, ours: Sequence[int], after: int = 0) -> _Loose:
    """All records ``after`` a position between the brand and others, with their Undos; variants and acts told
    twice are not looked at."""
    parts: list[_Loose] = []
    places = _places(connection)
    brand = np.array(ours, np.int64)
    listed = ", ".join(str(int(number)) for number in ours) or "-1"
    # from end to end: by the indexes SQLite would fetch each row apart and sort them all again
    whole = "NOT INDEXED" if bulk.sqlite(connection) else ""
    query = (
        f"SELECT position, actor, target, kind, precise, at, ended, origin, {_told_by(connection)}, activity "  # noqa: S608
        f"FROM store_record {whole} WHERE position > {int(after)} "
        f"AND (actor IN ({listed}) OR target IN ({listed})) ORDER BY position"
    )
    for rows in bulk.chunks(connection, query, CHUNK):
        position, actor, target, kind, precise, at, ended, origin, told, id = zip(*rows, strict=True)
        actors, targets = np.array(actor, np.int64), np.array(target, np.int64)
        outbound = np.isin(actors, brand)
        other = np.where(outbound, targets, actors)
        part = _Loose(
            account=other,
            at=np.array(at, np.int64),
            ended=np.array([FOREVER if end is None else end for end in ended], np.int64),
            kind=np.array(kind, np.uint8),
            outbound=outbound.astype(np.uint8),
            precise=np.array(precise, np.uint8),
            record=np.array(position, np.int64),
            place=np.array([places[number] for number in origin], np.int64),
            told=np.array(told, np.int64),
            id=pa.array(id, pa.string()),
        )
        # what the brand does to itself, or to somebody not known, moves nobody
        parts.append(_masked(part, (other != 0) & ~np.isin(other, brand)))
    loose = _join(parts)
    if after:
        endings = _endings_of(connection, loose.id.to_pylist())
    else:
        undone = bulk.rows(connection, "SELECT undoes, platform, source, at, blank FROM store_undone")
        endings = [Ending(*row) for row in undone]
    _end(connection, loose, endings)
    np.maximum(loose.at, loose.ended, out=loose.ended)
    return loose


def _scan_some(
    connection: BaseDatabaseWrapper, numbers: Sequence[int], ours: Sequence[int], denied: Collection[bytes]
) -> tuple[_Loose, set[int]]:
    """The same of these accounts, who are not the brand's; and which of them are for the plain rules."""
    listed = ", ".join(str(int(number)) for number in ours) or "-1"
    found: list[tuple[Any, ...]] = []
    for side, other in (("actor", "target"), ("target", "actor")):
        query = (
            f"SELECT position, {side}, {int(side == 'target')}, kind, precise, at, ended, origin, activity, "  # noqa: S608
            f"told, object FROM store_record WHERE {side}"
        )
        # with a sign before it no index is looked for: of more accounts than the brand has SQLite would take
        # the brand's side, and walk through every record there is
        found += bulk.select_in(connection, query, numbers, f"AND +{other} IN ({listed})")
    if not found:
        return _join([]), _several(connection, numbers, denied)
    found.sort(key=itemgetter(0))
    position, account, outbound, kind, precise, at, ended, origin, id, told, object = zip(*found, strict=True)
    places = _places(connection)
    loose = _Loose(
        account=np.array(account, np.int64),
        at=np.array(at, np.int64),
        ended=np.array([FOREVER if end is None else end for end in ended], np.int64),
        kind=np.array(kind, np.uint8),
        outbound=np.array(outbound, np.uint8),
        precise=np.array(precise, np.uint8),
        record=np.array(position, np.int64),
        place=np.array([places[number] for number in origin], np.int64),
        told=np.array([by if what else NO_TELLING for by, what in zip(told, object, strict=True)], np.int64),
        id=pa.array(id, pa.string()),
    )
    plain = _several(connection, numbers, denied)
    if len(set(told)) > 1:
        first: dict[tuple[Any, ...], int] = {}
        for said in zip(account, outbound, kind, object, told, strict=True):
            if said[3] and first.setdefault(said[:4], said[4]) != said[4]:
                plain.add(said[0])
    _end(connection, loose, _endings_of(connection, id))
    np.maximum(loose.at, loose.ended, out=loose.ended)
    return loose, plain


def _several(connection: BaseDatabaseWrapper, numbers: Sequence[int], denied: Collection[bytes]) -> set[int]:
    """Those of these accounts who are in records with variants, or in denied ones."""
    found = of_denied(connection, denied)
    if bulk.rows(connection, "SELECT 1 FROM store_variant LIMIT 1"):
        there = "AND EXISTS (SELECT 1 FROM store_variant v WHERE v.key = r.key)"
        for side in ("actor", "target"):
            query = f"SELECT {side} FROM store_variant WHERE {side}"  # noqa: S608 - our own names
            found.update(number for (number,) in bulk.select_in(connection, query, numbers))
            query = f"SELECT {side} FROM store_record r WHERE {side}"  # noqa: S608 - our own names
            found.update(number for (number,) in bulk.select_in(connection, query, numbers, there))
    return found & set(numbers)


def _endings_of(connection: BaseDatabaseWrapper, ids: Sequence[str]) -> list[Ending]:
    """Every Undo that names one of these activities: all are read where they are few."""
    query = "SELECT undoes, platform, source, at, blank FROM store_undone LIMIT %s"
    most = max(1_000, len(ids))
    endings = bulk.rows(connection, query, (most + 1,)) if len(ids) > 20 else []
    if not endings and len(ids) > 20:
        return []
    wanted = set(ids)
    if not endings or len(endings) > most:
        return endings_of(connection, wanted)
    return [Ending(*row) for row in endings if row[0] in wanted]


def _places(connection: BaseDatabaseWrapper) -> dict[int, int]:
    """Origin's number -> rank of its namespace among all namespaces."""
    origins = reading.all_origins(connection)
    names = sorted({origin.source for _, origin in origins})
    return {number: names.index(origin.source) for number, origin in origins}


def _end(connection: BaseDatabaseWrapper, loose: _Loose, endings: Sequence[Ending]) -> None:
    """Applies these Undos; ``loose.record`` is ascending."""
    if not endings or not len(loose.record):
        return
    ends: dict[bytes, int] = {}
    for key, ending in resolve(connection, endings):
        ends[key] = min(ending.at, ends.get(key, FOREVER))
    query = "SELECT key, position FROM store_record WHERE key"
    found = [
        (position, ends[bytes(key)]) for key, position in bulk.select_in(connection, query, sorted(ends))
    ]
    if not found:
        return
    positions, at = np.array(found, np.int64).T
    place = np.searchsorted(loose.record, positions)
    place[place == len(loose.record)] = 0
    here = loose.record[place] == positions
    np.minimum.at(loose.ended, place[here], at[here])


# ---------------------------------------------------------------- the plain rules


def _intricate_accounts(connection: BaseDatabaseWrapper, denied: Collection[bytes]) -> set[int]:
    """Accounts in records with variants, in denied ones, and in acts that several formats may tell of."""
    found: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, target FROM store_variant UNION "
            "SELECT actor, target FROM store_record WHERE key IN (SELECT key FROM store_variant)"
        )
        for pair in cursor.fetchall():
            found.update(pair)
        cursor.execute("SELECT count(*) FROM store_format")
        if cursor.fetchone()[0] > 1:
            cursor.execute(
                "SELECT DISTINCT actor, target FROM (SELECT actor, target FROM store_record "
                "WHERE object IS NOT NULL AND object <> '' GROUP BY actor, target, kind, object "
                "HAVING count(*) > 1 AND min(told) <> max(told)) AS several"
            )
            for pair in cursor.fetchall():
                found.update(pair)
    return (found | of_denied(connection, denied)) - {0}


def _plain(
    connection: BaseDatabaseWrapper,
    numbers: Sequence[int],
    brand: Collection[str],
    denied: Collection[bytes],
) -> _Loose:
    parts = []
    sources = {number: origin.source for number, origin in reading.all_origins(connection)}
    names = sorted(set(sources.values()))
    for i in range(0, len(numbers), PLAIN_ACCOUNTS):
        some = numbers[i : i + PLAIN_ACCOUNTS]
        number_of = {address: number for number, address in bulk.addresses(connection, some).items()}
        rows = []
        ids = []
        for act in reading.acts_of(connection, some, denied):
            row = act.leader
            inbound = row.target in brand and row.actor not in brand
            if not inbound and (row.actor not in brand or row.target in brand):
                continue
            number = number_of.get(row.actor if inbound else row.target)
            if not number:
                continue
            ids.append(row.activity)
            rows.append(
                (
                    number,
                    row.at,
                    act.ended,
                    KIND_CODE[row.kind],
                    not inbound,
                    bool(row.precise),
                    row.position,
                    names.index(sources[row.origin]),
                )
            )
        values = np.array(rows, np.int64).reshape(-1, 8).T
        parts.append(
            _Loose(
                account=values[0],
                at=values[1],
                ended=values[2],
                kind=values[3].astype(np.uint8),
                outbound=values[4].astype(np.uint8),
                precise=values[5].astype(np.uint8),
                record=values[6],
                place=values[7],
                told=np.full(len(ids), SEVERAL, np.int64),  # not to be added to
                id=pa.array(ids, pa.string()),
            )
        )
    return _join(parts)


# ---------------------------------------------------------------- order


def _masked(loose: _Loose, keep: NDArray[np.bool_]) -> _Loose:
    if keep.all():
        return loose
    arrays = [getattr(loose, name)[keep] for name in _Loose.__slots__[:-1]]
    return _Loose(*[*arrays, loose.id.filter(pa.array(keep))])


def _join(parts: list[_Loose]) -> _Loose:
    if not parts:
        none, small = np.empty(0, np.int64), np.empty(0, np.uint8)
        return _Loose(none, none, none, small, small, small, none, none, none, pa.array([], pa.string()))
    if len(parts) == 1:
        return parts[0]
    arrays = [np.concatenate([getattr(part, name) for part in parts]) for name in _Loose.__slots__[:-1]]
    return _Loose(*[*arrays, pa.concat_arrays([part.id for part in parts])])


def _sorted(connection: BaseDatabaseWrapper, loose: _Loose) -> AccountRows:
    numbers, codes = np.unique(loose.account, return_inverse=True)
    known = bulk.addresses(connection, [int(number) for number in numbers])
    names = [known[int(number)] for number in numbers]
    by_name = sorted(range(len(names)), key=names.__getitem__)
    order_of = np.empty(len(names), np.int64)
    order_of[by_name] = np.arange(len(names))
    account = order_of[codes] if len(names) else codes
    rank = _ranks(loose, [names[i] for i in by_name], account)
    order = np.lexsort((rank, loose.at, account))
    start = np.searchsorted(account[order], np.arange(len(names) + 1)).astype(np.int64)
    return AccountRows(
        addresses=pa.array([names[i] for i in by_name], pa.string()),
        start=start,
        at=loose.at[order],
        ended=loose.ended[order],
        kind=loose.kind[order],
        outbound=loose.outbound[order],
        precise=loose.precise[order],
        rank=rank[order],
        record=loose.record[order],
        id=loose.id.take(pa.array(order)),
        told=_told(loose.told[order], start),
    )


def _told(told: Ints, start: Ints) -> Ints:
    if not len(told):
        return np.empty(0, np.int64)
    most = np.maximum.reduceat(np.where(told == SEVERAL, FOREVER, told), start[:-1])
    least = np.minimum.reduceat(np.where(told == NO_TELLING, FOREVER, told), start[:-1])
    return np.where((most == least) | (most == NO_TELLING), most, SEVERAL)


def _ranks(loose: _Loose, addresses: Sequence[str], account: Ints) -> Ints:
    """The rank of each row's (id, platform, namespace) among all."""
    platforms = [platform_of(address, "") for address in addresses]
    names = sorted(set(platforms))
    code = np.array([names.index(name) for name in platforms], np.int64)
    place = code[account] * (int(loose.place.max(initial=0)) + 1) + loose.place if len(code) else loose.place
    table = pa.table({"id": loose.id, "place": place})
    order = pc.sort_indices(table, sort_keys=[("id", "ascending"), ("place", "ascending")]).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank
