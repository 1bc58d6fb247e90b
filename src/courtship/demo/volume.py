"""Much data, quickly: flat-table batches for tests and benchmarks, up to 100,000,000 activities.

No words and no behaviour, only the shape that hurts: one person who holds 9 % of everything, half of the
people with three activities or fewer, one in ten with two accounts; or the same number spread evenly.

Every value is a function of (seed, row), in integers, so that the same call gives the same bytes on every
machine. A row finds its person through a permutation of [0, activities) (a Feistel network over a mixed
radix, Black and Rogaway 2002, "Ciphers with arbitrary finite domains"), so that sizes are exact, rows come
in order of time, and memory is that of the people (some 30 bytes each) and of one batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from courtship.columns import Columns
from courtship.model import DAY, FOREVER, Address, Micros
from courtship.vocabulary import KIND_CODE, KINDS

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

UNTIL: Micros = 1_795_305_600_000_000
"""2026-11-22T00:00:00Z, the end of the two years unless another is asked for."""

LARGEST_PER_CENT = 9
"""What the largest person holds of all activities."""

SECOND_ACCOUNT_PER_CENT = 10
"""How many of the people have two accounts."""

# Of 1,000 activities; what is towards the brand and what is from it.
_INBOUND = {"like": 470, "view": 190, "comment": 160, "follow": 60, "mention": 35, "vote": 35, "share": 25,
            "message": 15, "quote": 6, "endorse": 3, "block": 1}  # fmt: skip
_OUTBOUND = {"like": 520, "comment": 360, "message": 50, "mention": 30, "follow": 30, "share": 9, "block": 1}
_OUTBOUND_PER_MILLE = 180
_ENDED_PER_MILLE = 15

_SLOT, _KIND, _WAY, _END, _LENGTH, _TIME, _ACCOUNT, _PLACE, _ORDER = range(1, 10)


def _mix(value: Words, salt: int, seed: int) -> Words:
    """SplitMix64's finaliser over ``value`` (uint64), with a salt a column (Steele, Lea, Flood 2014)."""
    z = value * np.uint64(0x9E3779B97F4A7C15) + np.uint64((salt * 0xD1342543DE82EF95 + seed) & (2**64 - 1))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class Permutation:
    """A bijection of [0, size) on itself, both ways, without a table."""

    ROUNDS = 4

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self._seed = seed
        self._left = isqrt(max(size - 1, 0)) + 1
        self._right = -(-size // self._left)

    def _step(self, value: Words, *, back: bool) -> Words:
        a, b = np.uint64(self._left), np.uint64(self._right)
        left, right = value % a, value // a
        for turn in reversed(range(self.ROUNDS)) if back else range(self.ROUNDS):
            if turn % 2 == 0:
                shift = _mix(right, _SLOT + 16 * turn, self._seed) % a
                left = (left + (a - shift if back else shift)) % a
            else:
                shift = _mix(left, _SLOT + 16 * turn, self._seed) % b
                right = (right + (b - shift if back else shift)) % b
        return left + right * a

    def _walk(self, value: Words, *, back: bool) -> Words:
        # Values that land outside [0, size) walk on until they are inside: still a bijection.
        found = self._step(value, back=back)
        while (outside := found >= self.size).any():
            found[outside] = self._step(found[outside], back=back)
        return found

    def __call__(self, value: Words) -> Words:
        """Where ``value`` (uint64, below ``size``) goes."""
        return self._walk(value, back=False)

    def inverse(self, value: Words) -> Words:
        """Where ``value`` came from."""
        return self._walk(value, back=True)


def sizes(activities: int, people: int, *, even: bool = False) -> Ints:
    """How many activities each of ``people`` has, largest first; they sum to ``activities``.

    The lower 52 % have 1, 2 or 3; the rest 4 and more by Zipf's law, n(r) = 4 + C / (r + 8); the first 9 %
    of all. ``even`` gives everybody the same, to one. Raises ``ValueError`` where there are too few
    activities for that shape (fewer than eight a person).
    """
    if even:
        out = np.full(people, activities // people, np.int64)
        out[: activities % people] += 1
        return out
    if activities < 8 * people or people < 10:
        raise ValueError("the heavy-tailed shape needs at least 10 people and 8 activities for each")
    largest = activities * LARGEST_PER_CENT // 100
    few = people * 52 // 100
    out = np.empty(people, np.int64)
    out[people - few :] = 3 - (np.arange(few) * 3 // few)
    rank = np.arange(1, people - few, dtype=np.int64)
    wanted = activities - largest - int(out[people - few :].sum()) - 4 * len(rank)
    low, high = 0, activities * 16
    while low < high:
        middle = (low + high + 1) // 2
        if int((middle // (rank + 8)).sum()) <= wanted:
            low = middle
        else:
            high = middle - 1
    out[0] = largest
    out[1 : people - few] = 4 + low // (rank + 8)
    short = activities - int(out.sum())
    out[1 : 1 + short] += 1
    return out


@dataclass(frozen=True)
class Volume:
    """A made-up flat table: ``activities`` rows of ``people`` people over the ``days`` before ``until``.

    ``even`` spreads the activities evenly. ``brand`` is the brand's account; people are
    ``test:p0000001``, their second accounts ``other:p0000001``.
    """

    activities: int
    people: int
    seed: int = 1
    until: Micros = UNTIL
    days: int = 730
    even: bool = False
    brand: Address = "test:brand"

    @cached_property
    def _sizes(self) -> Ints:
        by_rank = sizes(self.activities, self.people, even=self.even)
        order = np.argsort(_mix(np.arange(self.people, dtype=np.uint64), _ORDER, self.seed), kind="stable")
        return by_rank[order]

    @cached_property
    def _start(self) -> Ints:
        return np.concatenate(([0], np.cumsum(self._sizes)))

    @cached_property
    def _twofold(self) -> NDArray[np.bool_]:
        able = np.flatnonzero(self._sizes >= 2)
        order = np.argsort(_mix(able.astype(np.uint64), _ACCOUNT, self.seed), kind="stable")
        out = np.zeros(self.people, np.bool_)
        out[able[order[: self.people * SECOND_ACCOUNT_PER_CENT // 100]]] = True
        return out

    @cached_property
    def _permutation(self) -> Permutation:
        return Permutation(self.activities, self.seed)

    def twofold(self) -> list[tuple[Address, Address]]:
        """The two accounts of everybody who has two."""
        return [(f"test:p{p:07d}", f"other:p{p:07d}") for p in np.flatnonzero(self._twofold)]

    def _times(self, row: Words) -> Ints:
        step = self.days * DAY // self.activities
        jitter = (_mix(row, _TIME, self.seed) % np.uint64(step)).astype(np.int64)
        return self.until - self.days * DAY + row.astype(np.int64) * step + jitter

    def _acts(self, row: Words, at: Ints) -> tuple[NDArray[np.uint8], NDArray[np.bool_], Ints]:
        """Kind code, outbound, end (``FOREVER`` where none) of each row."""
        outbound = _mix(row, _WAY, self.seed) % np.uint64(1000) < _OUTBOUND_PER_MILLE
        draw = (_mix(row, _KIND, self.seed) % np.uint64(1000)).astype(np.int64)
        kind = np.where(outbound, _table(_OUTBOUND)[draw], _table(_INBOUND)[draw]).astype(np.uint8)
        stays = _mix(row, _LENGTH, self.seed) % np.uint64(90 * DAY)
        ended = np.minimum(at + stays.astype(np.int64), self.until)
        ends = _mix(row, _END, self.seed) % np.uint64(1000) < _ENDED_PER_MILLE
        return kind, outbound, np.where(ends, ended, FOREVER)

    def batches(self, rows: int = 131_072) -> Iterator[pa.RecordBatch]:
        """The flat table in order of time, ``rows`` at a time.

        Columns ``id kind actor target at ended object`` (``at`` and ``ended`` timestamps in UTC
        microseconds, the rest strings).
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        kinds = pa.array(KINDS, pa.string())
        brand = pa.scalar(self.brand, pa.string())
        stamp = pa.timestamp("us", tz="UTC")
        for first in range(0, self.activities, rows):
            row = np.arange(first, min(first + rows, self.activities), dtype=np.uint64)
            slot = self._permutation(row).astype(np.int64)
            person = np.searchsorted(self._start, slot, side="right") - 1
            at = self._times(row)
            kind, outbound, ended = self._acts(row, at)
            person_account = self._accounts(person, slot)
            other_way = pa.array(outbound)
            place = (_mix(row, _PLACE, self.seed) % np.uint64(3)).astype(np.int64)
            columns = {
                "id": _numbered("a", row.astype(np.int64), 9),
                "kind": kinds.take(pa.array(kind)),
                "actor": pc.if_else(other_way, brand, person_account),
                "target": pc.if_else(other_way, person_account, brand),
                "at": pa.array(at, pa.int64()).cast(stamp),
                "ended": pa.array(ended, pa.int64(), mask=ended == FOREVER).cast(stamp),
                # one post a day and a few acts on older ones
                "object": _numbered("post", np.maximum((at - self.until) // DAY + self.days - place, 0), 4),
            }
            yield pa.RecordBatch.from_pydict(columns)

    def _second(self, person: Ints, slot: Ints) -> NDArray[np.bool_]:
        """Whether each activity is that of the person's second account."""
        place = slot - self._start[person]
        share = _mix(slot.astype(np.uint64), _ACCOUNT, self.seed) % np.uint64(10)
        second: NDArray[np.bool_] = self._twofold[person] & ((place == 1) | ((place > 1) & (share < 3)))
        return second

    def _accounts(self, person: Ints, slot: Ints) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        platform = pc.if_else(pa.array(self._second(person, slot)), "other:p", "test:p")
        return pc.binary_join_element_wise(platform, _digits(person, 7), "")

    def write(self, path: Path, rows: int = 131_072) -> None:
        """The flat table as a Parquet file at ``path`` (Snappy, one row group a batch)."""
        import pyarrow.parquet as pq

        writer = None
        for batch in self.batches(rows):
            writer = writer or pq.ParquetWriter(path, batch.schema)
            writer.write_batch(batch)
        if writer is not None:
            writer.close()

    def columns(self) -> Columns:
        """All of it grouped by person, for the kernel (some 60 bytes an activity while it sorts)."""
        row = self._permutation.inverse(np.arange(self.activities, dtype=np.uint64))
        for many in np.flatnonzero(self._sizes > 1):
            row[self._start[many] : self._start[many + 1]].sort()
        at = self._times(row)
        kind, outbound, ended = self._acts(row, at)
        person = np.repeat(np.arange(self.people), self._sizes)
        # which row came into which place decides its account, as it does in the table
        second = self._second(person, self._permutation(row).astype(np.int64))
        return Columns(
            start=self._start,
            at=at,
            ended=ended,
            kind=kind,
            outbound=outbound.astype(np.uint8),
            precise=np.ones(self.activities, np.uint8),
            rank=row.astype(np.int64),
            platform=second.astype(np.uint16),
            platforms=("test", "other"),
        )


def _table(per_mille: dict[str, int]) -> NDArray[np.uint8]:
    out = np.repeat([KIND_CODE[kind] for kind in per_mille], list(per_mille.values())).astype(np.uint8)
    assert len(out) == 1000
    return out


def _digits(number: Ints, width: int) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.ascii_lpad(pa.array(number).cast(pa.string()), width, "0")


def _numbered(word: str, number: Ints, width: int) -> pa.Array:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(word, _digits(number, width), "")
