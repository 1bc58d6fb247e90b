"""Where the rows of each account lie among several sets of rows, and copying them together in any order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from courtship.model import FOREVER, Address
from courtship.store.cache.accountrows import NO_TELLING, SEVERAL, AccountRows, Ints

NUMBERS = ("at", "ended", "kind", "outbound", "precise", "rank", "record")
"""The columns of rows but for their ids."""

LONG_SPAN = 50
"""Rows of a stretch, on average, from which on each is copied by itself; shorter ones by an index of rows."""

Namespaces = Callable[[Sequence[int]], Sequence[str]]
"""The namespaces of the log's records at these positions."""


@dataclass(slots=True)
class Segments:
    """Segment ``i`` is the ``length[i]`` rows from ``first[i]`` on of ``sources[which[i]]``, rows of the
    account ``addresses[account[i]]``.

    Segments are in the order of ``account``, and addresses are sorted; each has rows. Where an account has
    several segments, their rows are still to be merged. ``gone`` are accounts of which a source says that
    they have no rows, whatever older ones say.
    """

    sources: Sequence[AccountRows]
    addresses: list[Address]
    account: Ints
    which: Ints
    first: Ints
    length: Ints
    gone: frozenset[Address] = frozenset()

    def some(self, low: int, high: int) -> Segments:
        """Those of the accounts from ``low`` to before ``high``."""
        here = slice(*np.searchsorted(self.account, [low, high]))
        return Segments(
            self.sources,
            self.addresses[low:high],
            self.account[here] - low,
            self.which[here],
            self.first[here],
            self.length[here],
        )

    def since(self, source: int) -> Segments:
        """Those of the accounts of which the sources from ``source`` on say anything."""
        newer = np.zeros(len(self.addresses), np.bool_)
        newer[self.account[self.which >= source]] = True
        here = newer[self.account]
        kept = np.flatnonzero(newer)
        return Segments(
            self.sources,
            [self.addresses[i] for i in kept],
            (np.cumsum(newer) - 1)[self.account[here]],
            self.which[here],
            self.first[here],
            self.length[here],
            self.gone,
        )

    def rows(self) -> int:
        """How many rows there are."""
        return int(self.length.sum())

    def counts(self) -> Ints:
        """How many rows each account has."""
        counts: Ints = np.bincount(self.account, self.length, len(self.addresses)).astype(np.int64)
        return counts

    def told(self) -> Ints:
        """Of each account by which formats its records with an object were told."""
        said = np.zeros(len(self.which), np.int64)
        for number, rows in enumerate(self.sources):
            here = self.which == number
            said[here] = rows.told[np.searchsorted(rows.start, self.first[here], side="right") - 1]
        found = np.full(len(self.addresses), NO_TELLING, np.int64)
        again = np.zeros(len(said), np.bool_)
        again[1:] = self.account[1:] == self.account[:-1]
        found[self.account[~again]] = said[~again]
        for account, more in zip(self.account[again].tolist(), said[again].tolist(), strict=True):
            found[account] = both_told(int(found[account]), more)
        return found


def both_told(one: int, other: int) -> int:
    """What holds of records of both."""
    if NO_TELLING in (one, other):
        return one or other
    return one if one == other else SEVERAL


def overlaid(layers: Sequence[AccountRows], added: AccountRows | None = None) -> Segments:
    """The rows of all accounts: of each account those of the last of ``layers`` that has it, and with them
    those that were ``added`` since."""
    base, *newer = layers
    names: list[Address] = base.addresses.to_pylist()
    which = np.zeros(len(names), np.int64)
    first, length = base.start[:-1], np.diff(base.start)
    said: dict[Address, tuple[int, int]] = {}
    gone: set[Address] = set()
    for number, rows in enumerate(newer, 1):
        said.update((name, (number, i)) for i, name in enumerate(rows.addresses.to_pylist()))
    if said:
        wanted = sorted(said)
        number, place = np.array([said[name] for name in wanted], np.int64).T
        from_, count = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)
        for source in np.unique(number).tolist():
            here, rows = number == source, newer[source - 1]
            from_[here] = rows.start[place[here]]
            count[here] = rows.start[place[here] + 1] - from_[here]
        names, (which, first, length), _ = _put(
            names, (which, first, length), wanted, (number, from_, count), in_place=True
        )
        gone.update(name for name, rows_ in zip(wanted, count.tolist(), strict=True) if not rows_)
    account = np.arange(len(names))
    if added is not None and len(added.addresses):
        wanted = added.addresses.to_pylist()
        more = (np.full(len(wanted), len(layers)), added.start[:-1], np.diff(added.start))
        names, (which, first, length), held = _put(
            names, (which, first, length), wanted, more, in_place=False
        )
        account = np.concatenate([np.arange(len(names)), held[0]])
        order = np.argsort(account, kind="stable")
        account = account[order]
        which, first, length = (
            np.concatenate([one, other])[order]
            for one, other in zip((which, first, length), held[1:], strict=True)
        )
    if not length.all():
        there = length > 0
        kept = np.zeros(len(names), np.bool_)
        kept[account[there]] = True
        account = (np.cumsum(kept) - 1)[account[there]]
        which, first, length = which[there], first[there], length[there]
        names = [names[i] for i in np.flatnonzero(kept)]
    sources = [*layers, added] if added is not None else list(layers)
    return Segments(sources, names, account, which, first, length, frozenset(gone))


_Arrays = tuple[Ints, Ints, Ints]


def _put(
    names: list[Address], arrays: _Arrays, wanted: list[Address], values: _Arrays, *, in_place: bool
) -> tuple[list[Address], _Arrays, tuple[Ints, Ints, Ints, Ints]]:
    """``arrays`` with ``values`` in the places of the ``wanted`` names, those that are new put among them.

    Those that are there are replaced, or else (not ``in_place``) handed back with their places.
    """
    place = np.array([bisect_left(names, name) for name in wanted], np.int64)
    known = np.array(
        [i < len(names) and names[i] == name for i, name in zip(place.tolist(), wanted, strict=True)],
        np.bool_,
    )
    if in_place:
        arrays = (arrays[0].copy(), arrays[1].copy(), arrays[2].copy())
        for array, value in zip(arrays, values, strict=True):
            array[place[known]] = value[known]
    new = ~known
    held = place[known] + np.searchsorted(place[new], place[known], side="right")
    if new.any():
        inserted = [
            np.insert(array, place[new], value[new]) for array, value in zip(arrays, values, strict=True)
        ]
        arrays = (inserted[0], inserted[1], inserted[2])
        names = sorted([*names, *(wanted[i] for i in np.flatnonzero(new))])
    return names, arrays, (held, values[0][known], values[1][known], values[2][known])


def told_of(layers: Sequence[AccountRows], names: Sequence[Address]) -> dict[Address, int]:
    """What ``AccountRows.told`` says of these accounts in the last of the layers that has them; those without
    rows are left out."""
    found: dict[Address, int] = {}
    left = list(names)
    for rows in reversed(layers):
        held: list[Address] = rows.addresses.to_pylist()
        unseen = []
        for name in left:
            place = bisect_left(held, name)
            if place == len(held) or held[place] != name:
                unseen.append(name)
            elif rows.start[place] < rows.start[place + 1]:
                found[name] = int(rows.told[place])
        left = unseen
    return found


# ---------------------------------------------------------------- copying


@dataclass(slots=True)
class Gathered:
    """Rows together, by unit (a person or an account): those of unit ``u`` from ``start[u]`` on, in the order
    (``at``, ``rank``).

    ``columns`` has those of ``NUMBERS``; ``account`` is the account of each row. Ranks order ids among the
    rows of a unit that have a moment in common.
    """

    columns: dict[str, NDArray[Any]]
    account: Ints
    start: Ints
    _copy: _Copy
    _place: Ints
    _moved: Ints

    def ids(self, rows: Ints) -> pa.Array:
        """The activities' ids of these rows."""
        rows = np.asarray(rows, np.int64)
        if len(self._place):
            found = np.minimum(np.searchsorted(self._place, rows), len(self._place) - 1)
            rows = np.where(self._place[found] == rows, self._moved[found], rows)
        return self._copy.ids(rows)

    def all_ids(self) -> pa.Array:
        """The ids of all rows."""
        ids = self._copy.all_ids()
        if len(self._place):
            order = np.arange(len(ids))
            order[self._place] = self._moved
            ids = ids.take(pa.array(order))
        return ids


def gathered(segments: Segments, unit: Ints, namespaces: Namespaces) -> Gathered:
    """Copies all rows together. ``unit`` is the unit of each account, numbered from 0.

    Only the rows of units with several segments are merged. Of two rows of a unit that have a moment in
    common that with the lesser (id, account, namespace) has the lesser rank.
    """
    units = unit[segments.account]
    account, which, first, length = segments.account, segments.which, segments.first, segments.length
    if len(units) and (np.diff(units) < 0).any():
        order = np.argsort(units, kind="stable")
        units, account, which = units[order], account[order], which[order]
        first, length = first[order], length[order]
    copy = _Copy(segments.sources, which, first, length)
    pieces = np.bincount(units)
    merges = bool((pieces > 1).any())
    columns = {name: copy.column(name, own=merges) for name in NUMBERS}
    account_of = np.repeat(account, length)
    begins = np.cumsum(pieces) - pieces
    start = np.zeros(len(pieces) + 1, np.int64)
    if len(pieces):
        start[1:] = np.cumsum(np.add.reduceat(length, begins))
    place = moved = np.empty(0, np.int64)
    if merges:
        place, moved = _merged(columns, account_of, start, pieces, length, copy, namespaces)
        for array in (*columns.values(), account_of):
            array[place] = array[moved]
    return Gathered(columns, account_of, start, copy, place, moved)


def _merged(
    columns: dict[str, NDArray[Any]],
    account: Ints,
    start: Ints,
    pieces: Ints,
    length: Ints,
    copy: _Copy,
    namespaces: Namespaces,
) -> tuple[Ints, Ints]:
    """Which rows of units with several segments are to be where; puts right the ranks of those that share a
    moment. ``pieces`` is how many segments each unit has, ``length`` that of each segment."""
    at, ended = columns["at"], columns["ended"]
    mixed = np.flatnonzero(pieces > 1)
    # the rows of each unit's longest segment stay in their order; the others, which are few, are put in
    of = np.repeat(np.arange(len(pieces)), pieces)
    longest = np.lexsort((-length, of))[np.cumsum(pieces) - pieces]
    begins = np.cumsum(length) - length
    low, high = begins[longest], begins[longest] + length[longest]
    short = pieces[of] > 1
    short[longest] = False
    few = stretches(begins[short], length[short])
    unit = np.repeat(of[short], length[short])
    order = np.lexsort((columns["rank"][few], at[few], unit))
    few, unit = few[order], unit[order]
    before = _first_not_before(at, low[unit], high[unit], at[few])

    long = stretches(low[mixed], (high - low)[mixed])
    long = long[(ended[long] != FOREVER) & (ended[long] != at[long])]
    ends = np.flatnonzero((ended[few] != FOREVER) & (ended[few] != at[few]))
    until = _first_not_before(at, low[unit[ends]], high[unit[ends]], ended[few[ends]])
    met = [
        unit[(before < high[unit]) & (at[np.minimum(before, len(at) - 1)] == at[few])],
        unit[ends][(until < high[unit[ends]]) & (at[np.minimum(until, len(at) - 1)] == ended[few[ends]])],
        _meeting(
            np.concatenate([np.searchsorted(start, long, side="right") - 1, unit, unit[ends]]),
            np.concatenate([ended[long], at[few], ended[few[ends]]]),
            len(long),
        ),
    ]
    meets = np.zeros(len(pieces), np.bool_)
    meets[np.concatenate(met)] = True

    # units in which rows of several segments share a moment are sorted whole, by rank too
    sorted_ = np.flatnonzero(meets)
    sizes = start[sorted_ + 1] - start[sorted_]
    place = stretches(start[sorted_], sizes)
    moved = place[_sorted(columns, account, place, np.repeat(sorted_, sizes), copy, namespaces)]

    clean = mixed[~meets[mixed]]
    here = ~meets[unit]
    few, unit, before = few[here], unit[here], before[here]
    there = stretches(start[clean], start[clean + 1] - start[clean])
    to = start[unit] + before - low[unit] + np.arange(len(few)) - np.searchsorted(unit, unit)
    put_in = np.zeros(len(account), np.bool_)
    put_in[to] = True
    put_in = put_in[there]
    from_ = np.empty(len(there), np.int64)
    from_[put_in] = few
    from_[~put_in] = stretches(low[clean], (high - low)[clean])
    if not len(place):
        return there, from_
    place, moved = np.concatenate([place, there]), np.concatenate([moved, from_])
    order = np.argsort(place, kind="stable")
    return place[order], moved[order]


def _first_not_before(at: Ints, low: Ints, high: Ints, moment: Ints) -> Ints:
    """Of each moment the first row from ``low`` to before ``high``, in order of time, not before it."""
    low, high = low.copy(), high.copy()
    open_ = np.flatnonzero(low < high)
    while len(open_):
        middle = (low[open_] + high[open_]) // 2
        later = at[middle] < moment[open_]
        low[open_[later]] = middle[later] + 1
        high[open_[~later]] = middle[~later]
        open_ = open_[low[open_] < high[open_]]
    return low


def _meeting(unit: Ints, moment: Ints, known: int) -> Ints:
    """The units in which a moment is there twice; but not for two of the first ``known``."""
    order = np.lexsort((moment, unit))
    unit, moment, new = unit[order], moment[order], order >= known
    same = (unit[1:] == unit[:-1]) & (moment[1:] == moment[:-1]) & (new[1:] | new[:-1])
    found: Ints = unit[1:][same]
    return found


def _sorted(
    columns: dict[str, NDArray[Any]],
    account: Ints,
    place: Ints,
    unit: Ints,
    copy: _Copy,
    namespaces: Namespaces,
) -> Ints:
    """The order (unit, ``at``, ``rank``) of the rows at ``place``; puts right the ranks of those of a unit
    that share a moment."""
    at, ended = columns["at"][place], columns["ended"][place]
    ends = np.flatnonzero((ended != FOREVER) & (ended != at))
    row = np.concatenate([np.arange(len(place)), ends])
    moment = np.concatenate([at, ended[ends]])
    order = np.lexsort((moment, unit[row]))
    same = np.zeros(len(order) + 1, np.bool_)
    same[1:-1] = (moment[order[1:]] == moment[order[:-1]]) & (unit[row[order[1:]]] == unit[row[order[:-1]]])
    shared = np.unique(row[order[same[1:] | same[:-1]]])
    if len(shared):
        some = place[shared]
        columns["rank"][some] = _ranks(copy.ids(some), account[some], columns["record"][some], namespaces)
    return np.lexsort((columns["rank"][place], at, unit))


def _ranks(ids: pa.Array, account: Ints, record: Ints, namespaces: Namespaces) -> Ints:
    """The rank of each row's (id, account, namespace)."""
    code = np.empty(len(ids), np.int64)
    order = pc.sort_indices(ids).to_numpy()
    ordered = ids.take(pa.array(order))
    differs = pc.not_equal(ordered[1:], ordered[:-1]).to_numpy(zero_copy_only=False)
    code[order] = np.concatenate([[0], np.cumsum(differs)])
    order = np.lexsort((account, code))
    same = (code[order[1:]] == code[order[:-1]]) & (account[order[1:]] == account[order[:-1]])
    if same.any():
        # one id of an account in several namespaces: those few are looked up
        twice = np.zeros(len(order), np.bool_)
        twice[order[1:][same]] = twice[order[:-1][same]] = True
        names = namespaces(record[twice].tolist())
        known = {name: i for i, name in enumerate(sorted(set(names)))}
        source = np.zeros(len(order), np.int64)
        source[twice] = [known[name] for name in names]
        order = np.lexsort((source, account, code))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


class _Copy:
    """Rows of several sources one after another."""

    def __init__(self, sources: Sequence[AccountRows], which: Ints, first: Ints, length: Ints) -> None:
        self._sources = sources
        # neighbours in a source that are neighbours here are one stretch
        begins = np.ones(len(which), np.bool_)
        begins[1:] = (which[1:] != which[:-1]) | (first[1:] != first[:-1] + length[:-1])
        heads = np.flatnonzero(begins)
        ends = np.cumsum(length)
        self.size = int(ends[-1]) if len(ends) else 0
        self._to = (ends - length)[heads]
        self._which, self._from = which[heads], first[heads]
        self._length = np.diff(np.append(self._to, self.size))
        self._indexes: list[tuple[int, Ints, Ints]] | None = None

    def column(self, name: str, *, own: bool) -> NDArray[Any]:
        """One of ``NUMBERS``; that of the source where nothing is moved, unless it must be one's ``own``."""
        arrays = [getattr(source, name) for source in self._sources]
        if not own and len(self._which) == 1 and self._length[0] == len(arrays[self._which[0]]):
            whole: NDArray[Any] = arrays[self._which[0]]
            return whole
        out: NDArray[Any] = np.empty(self.size, arrays[0].dtype)
        if len(self._which) * LONG_SPAN <= self.size:
            to = 0
            for which, from_, length in self._spans():
                out[to : to + length] = arrays[which][from_ : from_ + length]
                to += length
            return out
        for source, to_rows, from_rows in self._index():
            out[to_rows] = arrays[source][from_rows]
        return out

    def ids(self, rows: Ints) -> pa.Array:
        """The ids of these rows (as they are here)."""
        span = np.searchsorted(self._to, rows, side="right") - 1
        which, place = self._which[span], self._from[span] + rows - self._to[span]
        sources = np.unique(which).tolist()
        if not sources:
            return pa.array([], pa.large_string())
        parts = [_wide(self._sources[one].id.take(pa.array(place[which == one]))) for one in sources]
        if len(parts) == 1:
            return parts[0]
        order = np.empty(len(rows), np.int64)
        order[np.argsort(which, kind="stable")] = np.arange(len(rows))
        return pa.concat_arrays(parts).take(pa.array(order))

    def all_ids(self) -> pa.Array:
        """The ids of all rows."""
        ids = [_wide(source.id) for source in self._sources]
        parts = [ids[which].slice(from_, length) for which, from_, length in self._spans()]
        return pa.concat_arrays(parts) if parts else pa.array([], pa.large_string())

    def _spans(self) -> Iterator[tuple[int, int, int]]:
        return zip(self._which.tolist(), self._from.tolist(), self._length.tolist(), strict=True)

    def _index(self) -> list[tuple[int, Ints, Ints]]:
        """Of each source: to which rows, from which."""
        if self._indexes is None:
            self._indexes = []
            for source in np.unique(self._which).tolist():
                here = self._which == source
                self._indexes.append(
                    (
                        source,
                        stretches(self._to[here], self._length[here]),
                        stretches(self._from[here], self._length[here]),
                    )
                )
        return self._indexes


def _wide(ids: pa.Array) -> pa.Array:
    return ids.cast(pa.large_string())


def stretches(first: Ints, length: Ints) -> Ints:
    """The numbers from each of ``first`` on, ``length`` of them, one after another."""
    ends = np.cumsum(length)
    if not len(ends):
        return np.empty(0, np.int64)
    return np.repeat(first - (ends - length), length) + np.arange(int(ends[-1]))
