"""The acts of one person as arrays, with what their page tells of them: no object for each.

Of accounts with very many acts they are kept in memory, and in a file (``home/cache/WORKSPACE``,
``acts-NUMBER.arrow``; derived, it may be removed at any time) with the position of the log that they have
seen, and the log's mark at it: what came since is read by that position, so that a look costs the same
however many there are. Where
several records may tell of one act (variants, denials, several formats) the plain rules of ``derive.py`` must
be asked instead.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from courtship.columns import PersonActs
from courtship.model import FOREVER, Address, Micros, StoredActivity
from courtship.store import bulk, databases
from courtship.store.log import reading
from courtship.store.log.derive import Act
from courtship.store.log.keys import platform_of
from courtship.store.log.mark import log_mark
from courtship.store.log.undoing import Ending, endings_of, resolve

if TYPE_CHECKING:
    from pathlib import Path

    from courtship.store.workspace import Workspace

FORMAT = 2
KEPT = 3_000
"""Acts of one account above which they are kept."""
HELD = 8
"""So many accounts are held in memory."""
CHUNK = 20_000

_NUMBERS = {
    "record": np.int64,
    "kind": np.uint8,
    "outbound": np.uint8,
    "precise": np.uint8,
    "public": np.int8,
    "told": np.int64,
    "at": np.int64,
    "ended": np.int64,
    "followers": np.int64,
    "about": np.int64,
    "answers": np.int64,
    "named": np.bool_,
    "platform": np.uint16,
}


class NotKept(Exception):
    """The acts are very many, and are to be read in the background first."""


class _Intricate(Exception):
    """Several records may tell of one act."""


@dataclass(frozen=True, slots=True)
class _Of:
    """One account's acts up to ``position``, in the order (at, id). ``loose`` are ids that an Undo without a
    platform names. ``stamp`` says for which brand's accounts, ``mark`` of which log."""

    stamp: str
    position: int
    mark: str
    loose: tuple[str, ...]
    platforms: tuple[str, ...]
    columns: dict[str, NDArray[Any]]
    ids: pa.Array


_held: dict[tuple[str, int], _Of] = {}


def read(workspace: Workspace, accounts: Sequence[Address], *, make: bool) -> PersonActs | None:
    """The acts between the brand and the person of these accounts; ``None`` where the plain rules must be
    asked. Raises NotKept where they are very many and not kept yet, unless ``make`` says to read them."""
    with databases.failures("reading the workspace"), databases.snapshot(workspace.connection):
        reading_ = _Reading(workspace)
        numbers = bulk.held_accounts(workspace.connection, sorted(set(accounts)))
        try:
            found = [reading_.account(numbers[one], make=make) for one in accounts if one in numbers]
        except _Intricate:
            return None
        return _joined(workspace, tuple(one for one in accounts if one in numbers), found)


def told(workspace: Workspace, ended: Mapping[int, Micros]) -> dict[int, StoredActivity]:
    """The acts of the records at these positions, by position, with when each ended (``FOREVER``: it has
    not); of acts of which one record tells."""
    connection = workspace.connection
    with databases.failures("reading the workspace"):
        rows = reading.as_rows(connection, reading.rows_where(connection, "position", sorted(ended)))
        acts = [Act(row, ended[row.position], [row]) for row in rows]
        return {
            act.leader.position: one for act, one in zip(acts, reading.stored(connection, acts), strict=True)
        }


def has_kept(workspace: Workspace, accounts: Collection[Address]) -> bool:
    """Whether there is a file of each of these accounts that has many acts, however old."""
    numbers = bulk.held_accounts(workspace.connection, sorted(set(accounts)))
    return all(_place(workspace, number).exists() for number in numbers.values())


def unlike(workspace: Workspace) -> list[str]:
    """What the files of accounts with many acts say otherwise than the log, in words; reads all of each. Of
    those that would not be used any more, nothing is said."""
    found = []
    with databases.failures("reading the workspace"), databases.snapshot(workspace.connection):
        reading_ = _Reading(workspace)
        for place in sorted(workspace.cache_folder.glob("acts-*.arrow")):
            number = int(place.stem.removeprefix("acts-"))
            kept = _load(place)
            if kept is None or not reading_.vouches_for(kept):
                continue
            try:
                whole = reading_._taken_on(number, kept, save=False)
                anew = reading_._anew(number, save=False)
            except _Intricate:
                continue
            if whole is not None and not _alike(whole, anew):
                found.append(f"the acts kept of account {number} are not those of the log")
    return found


def _alike(one: _Of, other: _Of) -> bool:
    if not one.ids.equals(other.ids):
        return False
    names = [[each.platforms[code] for code in each.columns["platform"].tolist()] for each in (one, other)]
    return names[0] == names[1] and all(
        np.array_equal(one.columns[name], other.columns[name]) for name in _NUMBERS if name != "platform"
    )


class _Reading:
    """What all accounts of one look have in common."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.connection = workspace.connection
        self.position = workspace.position()
        self.mark = log_mark(self.connection, self.position)
        brand = sorted(workspace.brand())
        self.ours = bulk.held_accounts(self.connection, brand)
        self.several = bulk.rows(self.connection, "SELECT count(*) FROM store_format")[0][0] > 1
        said = orjson.dumps([FORMAT, brand])
        self.stamp = blake2b(said, digest_size=8).hexdigest()
        self.denied = sorted(reading.denied_keys(self.connection, workspace.decisions("activity.deny")))

    def account(self, number: int, *, make: bool) -> _Of:
        key = (self.workspace.alias, number)
        kept = _held.get(key)
        if kept is None or not self.vouches_for(kept):
            kept = _load(_place(self.workspace, number))
        if kept is not None and not self.vouches_for(kept):
            kept = None
        if kept is not None and kept.position < self.position:
            kept = self._taken_on(number, kept)
        if kept is None:
            if not make and self._many(number):
                raise NotKept
            kept = self._anew(number)
        if len(kept.ids) > KEPT:
            _held.pop(key, None)
            _held[key] = kept
            while len(_held) > HELD:
                _held.pop(next(iter(_held)))
        return kept

    def vouches_for(self, kept: _Of) -> bool:
        """Whether these acts were read from this log."""
        if kept.stamp != self.stamp or kept.position > self.position:
            return False
        if kept.position == self.position:
            return kept.mark == self.mark
        return kept.mark == log_mark(self.connection, kept.position)

    def _many(self, number: int) -> bool:
        found = 0
        for side in ("actor", "target"):
            query = f"SELECT 1 FROM store_record WHERE {side} = %s LIMIT {KEPT + 1}"  # noqa: S608 - our own
            found += len(bulk.rows(self.connection, query, [number]))
        return found > KEPT

    def _anew(self, number: int, *, save: bool = True) -> _Of:
        self._look_for_several(number, 0)
        fresh = self._scan(number, 0)
        made = self._ended(_ordered(fresh, None), fresh.ids)
        self._look_for_formats(made, 0)
        if save and len(made.ids) > KEPT:
            _save(made, _place(self.workspace, number))
        return made

    def _taken_on(self, number: int, kept: _Of, *, save: bool = True) -> _Of | None:
        """With what the log has had since; ``None`` where that changes what was there before."""
        self._look_for_several(number, kept.position)
        if self.several and self._told_again(number, kept.position):
            return None
        fresh = self._scan(number, kept.position)
        if kept.loose and self._anywhere(kept.loose, kept.position):
            return None
        whole = kept
        if len(fresh.ids):
            whole = _ordered(fresh, kept)
            self._look_for_formats(whole, kept.position)
        whole = replace(whole, position=self.position, mark=self.mark)
        whole = self._ended(whole, fresh.ids, since=kept.position)
        if save and len(fresh.ids) > 1_000 + len(kept.ids) // 10:
            _save(whole, _place(self.workspace, number))
        return whole

    def _scan(self, number: int, since: int) -> _Of:
        ours = ", ".join(str(int(one)) for one in self.ours.values()) or "-1"
        platforms: list[str] = []
        name = bulk.addresses(self.connection, [number, *self.ours.values()])
        code: dict[int, int] = {}
        for one, address in name.items():
            platform = platform_of(address, "")
            if platform not in platforms:
                platforms.append(platform)
            code[one] = platforms.index(platform)
        digests: dict[str | None, int] = {None: 0, "": 0}
        parts: dict[str, list[NDArray[Any]]] = {column: [] for column in _NUMBERS}
        ids: list[pa.Array] = []
        for side, other, named in (
            ("actor", "target", "actor_name"),
            ("target", "actor", "target_name"),
        ):
            query = (
                "SELECT position, kind, precise, public, told, at, ended, actor_followers, activity, object, "  # noqa: S608
                f"in_reply_to, coalesce({named}, '') <> '', actor FROM store_record WHERE {side}"
            )
            more = f"AND {other} IN ({ours}) AND position > {int(since)}"
            rows = bulk.select_in(self.connection, query, [number], more)
            for some in _pieces(rows):
                at = np.array(some[5], np.int64)
                ended = np.array([FOREVER if end is None else end for end in some[6]], np.int64)
                outbound = side == "target"
                values = {
                    "record": some[0],
                    "kind": some[1],
                    "outbound": np.full(len(at), outbound),
                    "precise": some[2],
                    "public": [-1 if one is None else one for one in some[3]],
                    "told": some[4],
                    "at": at,
                    "ended": np.maximum(at, ended),
                    "followers": [-1 if one is None or outbound else one for one in some[7]],
                    "about": _digested(some[9], digests),
                    "answers": _digested(some[10], digests),
                    "named": some[11],
                    "platform": [code[one] for one in some[12]],
                }
                for column, kind in _NUMBERS.items():
                    parts[column].append(np.asarray(values[column], kind))
                ids.append(pa.array(some[8], pa.string()))
        columns: dict[str, NDArray[Any]] = {
            column: np.concatenate([np.empty(0, kind), *parts[column]]).astype(kind, copy=False)
            for column, kind in _NUMBERS.items()
        }
        whole = pa.concat_arrays(ids) if ids else pa.array([], pa.string())
        return _Of(self.stamp, self.position, self.mark, (), tuple(platforms), columns, whole)

    def _ended(self, acts: _Of, fresh: pa.Array, since: int = 0) -> _Of:
        """With every Undo: those of the ``fresh`` acts, and those that came since."""
        endings = endings_of(self.connection, set(fresh.to_pylist())) if len(fresh) else []
        if since:
            query = "SELECT undoes, platform, source, at, blank FROM store_undone WHERE position > %s"
            endings += [Ending(*row) for row in bulk.rows(self.connection, query, [since])]
        if not endings:
            return acts
        # of those without a platform also the ones that end nothing yet: another record may change that
        loose = {one.undoes for one in endings if not one.platform}
        ends: dict[bytes, int] = {}
        for key, ending in resolve(self.connection, endings):
            ends[key] = min(ending.at, ends.get(key, FOREVER))
        query = "SELECT key, position FROM store_record WHERE key"
        found = [
            (position, ends[bytes(key)])
            for key, position in bulk.select_in(self.connection, query, sorted(ends))
        ]
        columns = dict(acts.columns)
        if found:
            positions, at = np.array(found, np.int64).T
            by_record = np.argsort(columns["record"], kind="stable")
            place = np.searchsorted(columns["record"], positions, sorter=by_record)
            inside = place < len(by_record)
            rows = by_record[place[inside]]
            here = columns["record"][rows] == positions[inside]
            rows, at = rows[here], at[inside][here]
            ended = columns["ended"].copy()
            np.minimum.at(ended, rows, at)
            columns["ended"] = np.maximum(ended, columns["at"])
        mine = loose & set(acts.ids.to_pylist()) if loose else set()
        return replace(acts, columns=columns, loose=tuple(sorted({*acts.loose, *mine})))

    # ------------------------------------------------------------ whether one record is one act

    def _look_for_several(self, number: int, since: int) -> None:
        """Raises _Intricate where records of the account have variants, or are denied."""
        query = "SELECT actor, target FROM store_record WHERE key"
        for pair in bulk.select_in(self.connection, query, self.denied):
            if number in pair:
                raise _Intricate
        if not bulk.rows(self.connection, "SELECT 1 FROM store_variant WHERE position > %s LIMIT 1", [since]):
            return
        for side in ("actor", "target"):
            for there in (
                f"SELECT 1 FROM store_variant WHERE {side} = %s AND position > %s LIMIT 1",  # noqa: S608
                f"SELECT 1 FROM store_variant v JOIN store_record r ON r.key = v.key "  # noqa: S608
                f"WHERE r.{side} = %s AND v.position > %s LIMIT 1",
            ):
                if bulk.rows(self.connection, there, [number, since]):
                    raise _Intricate

    def _told_again(self, number: int, since: int) -> bool:
        # two questions: of one SQLite would walk through all records of the account
        again = bulk.rows(self.connection, "SELECT key FROM store_sighting WHERE position > %s", [since])
        query = "SELECT actor, target FROM store_record WHERE key"
        keys = sorted({bytes(key) for (key,) in again})
        return any(number in pair for pair in bulk.select_in(self.connection, query, keys))

    def _look_for_formats(self, acts: _Of, since: int) -> None:
        """Raises _Intricate where acts alike in kind and object were told by different formats."""
        one = acts.columns
        if not self.several or len(np.unique(one["told"])) < 2:
            return
        rows = np.flatnonzero(one["about"] != 0)
        order = rows[
            np.lexsort((one["told"][rows], one["kind"][rows], one["outbound"][rows], one["about"][rows]))
        ]
        same = np.ones(max(len(order) - 1, 0), np.bool_)
        for name in ("kind", "outbound", "about"):
            same &= one[name][order][1:] == one[name][order][:-1]
        if (same & (one["told"][order][1:] != one["told"][order][:-1])).any():
            raise _Intricate

    def _anywhere(self, ids: Sequence[str], since: int) -> bool:
        """Whether any record with one of these ids came since."""
        query = "SELECT 1 FROM store_record WHERE position > %s AND activity"
        marks = ", ".join(["%s"] * len(ids))
        return bool(bulk.rows(self.connection, f"{query} IN ({marks}) LIMIT 1", [since, *ids]))


def _pieces(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while some := list(islice(rows, CHUNK)):
        yield list(zip(*some, strict=True))


def _digested(words: Iterable[str | None], digests: dict[str | None, int]) -> list[int]:
    found = []
    for word in words:
        digest = digests.get(word)
        if digest is None:
            told = blake2b(str(word).encode("utf-8", "surrogatepass"), digest_size=8).digest()
            digest = digests[word] = int.from_bytes(told, "big", signed=True) or 1
        found.append(digest)
    return found


def _ordered(fresh: _Of, kept: _Of | None) -> _Of:
    """``fresh`` acts, with those ``kept``, in the order (at, id)."""
    if kept is None:
        columns, ids, platforms = fresh.columns, fresh.ids, fresh.platforms
        new = np.ones(len(ids), np.bool_)
    else:
        platforms = tuple(dict.fromkeys((*kept.platforms, *fresh.platforms)))
        code = np.array([platforms.index(one) for one in fresh.platforms], np.uint16)
        theirs = fresh.columns | {"platform": code[fresh.columns["platform"]]}
        columns = {name: np.concatenate([kept.columns[name], theirs[name]]) for name in _NUMBERS}
        ids = pa.concat_arrays([kept.ids, fresh.ids])
        new = np.arange(len(ids)) >= len(kept.ids)
    order = _order(columns["at"], ids, new)
    columns = {name: column[order] for name, column in columns.items()}
    loose = kept.loose if kept is not None else ()
    return _Of(fresh.stamp, fresh.position, fresh.mark, loose, platforms, columns, ids.take(pa.array(order)))


def _order(at: NDArray[np.int64], ids: pa.Array, new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The places of acts in the order (at, id); those that are not ``new`` are in it among themselves."""
    order = np.argsort(at, kind="stable")
    if not len(order):
        return order
    sorted_at = at[order]
    group = np.cumsum(np.append(False, sorted_at[1:] != sorted_at[:-1]))
    tied = (np.bincount(group) > 1) & (np.bincount(group, weights=new[order]) > 0)
    rows = np.flatnonzero(tied[group])
    if len(rows):
        named = zip(
            sorted_at[rows].tolist(),
            ids.take(pa.array(order[rows])).to_pylist(),
            order[rows].tolist(),
            strict=True,
        )
        order[rows] = [row for _, _, row in sorted(named)]
    return order


_people: dict[tuple[str, tuple[Address, ...]], tuple[list[dict[str, NDArray[Any]]], PersonActs]] = {}


def _joined(workspace: Workspace, accounts: tuple[Address, ...], found: Sequence[_Of]) -> PersonActs:
    """The acts of all accounts as those of one person; where they are kept and none came, as before."""
    key, parts = (workspace.alias, accounts), [one.columns for one in found]
    held = _people.get(key)
    if held is not None and len(held[0]) == len(parts) and all(map(is_, held[0], parts)):
        return held[1]
    made = _one_person(accounts, found)
    if len(made.at) > KEPT:
        _people.pop(key, None)
        _people[key] = (parts, made)
        while len(_people) > HELD:
            _people.pop(next(iter(_people)))
    return made


def _one_person(accounts: tuple[Address, ...], found: Sequence[_Of]) -> PersonActs:
    platforms = tuple(dict.fromkeys(name for one in found for name in one.platforms))
    sizes = [len(one.ids) for one in found]
    account = np.repeat(np.arange(len(found), dtype=np.uint16), sizes)
    if len(found) == 1:
        columns, ids = found[0].columns, found[0].ids
    else:
        columns = {
            name: np.concatenate([np.empty(0, kind), *(one.columns[name] for one in found)]).astype(kind)
            for name, kind in _NUMBERS.items()
        }
        codes = [
            np.array([platforms.index(name) for name in one.platforms], np.uint16)[one.columns["platform"]]
            for one in found
        ]
        columns["platform"] = np.concatenate([np.empty(0, np.uint16), *codes])
        ids = pa.concat_arrays([pa.array([], pa.string()), *(one.ids for one in found)])
        order = _order(columns["at"], ids, np.ones(len(ids), np.bool_))
        columns = {name: column[order] for name, column in columns.items()}
        ids, account = ids.take(pa.array(order)), account[order]

    def answer(rows: NDArray[np.int64]) -> list[str]:
        told: list[str] = ids.take(pa.array(rows)).to_pylist()
        return told

    names = ("record", "at", "ended", "kind", "outbound", "precise", "public", "about", "answers")
    return PersonActs(
        accounts,
        platforms,
        account,
        **{name: columns[name] for name in (*names, "platform", "followers", "named")},
        ids=answer,
    )


# ---------------------------------------------------------------- files


def _place(workspace: Workspace, number: int) -> Path:
    return workspace.cache_folder / f"acts-{number}.arrow"


def _save(acts: _Of, place: Path) -> None:
    """Writes the file, in place of an older one. A full disk keeps nothing."""
    said = orjson.dumps([acts.stamp, acts.position, acts.mark, acts.loose, acts.platforms])
    table = pa.table({**{name: pa.array(column) for name, column in acts.columns.items()}, "id": acts.ids})
    table = table.replace_schema_metadata({b"courtship": said}).combine_chunks()
    fresh = place.with_suffix(f".{os.getpid()}.new")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        with pa.OSFile(str(fresh), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        fresh.replace(place)


def _load(place: Path) -> _Of | None:
    """The file by memory map; ``None`` where there is none, or a damaged one."""
    try:
        table = pa.ipc.open_file(pa.memory_map(str(place))).read_all()
        stamp, position, mark, loose, platforms = orjson.loads(table.schema.metadata[b"courtship"])
        columns = {
            name: table[name].combine_chunks().to_numpy(zero_copy_only=False).astype(kind, copy=False)
            for name, kind in _NUMBERS.items()
        }
        ids = table["id"].combine_chunks()
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.chunk(0) if ids.num_chunks == 1 else pa.concat_arrays(ids.chunks)
    return _Of(stamp, position, mark, tuple(loose), tuple(platforms), columns, ids)
