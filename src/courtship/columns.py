"""Activities of many people as columns: what the store hands to the lifecycle's kernel.

NumPy is imported by whoever makes one; this module loads nothing beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from courtship.model import FOREVER, Address

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Columns:
    """``n`` activities of ``p`` people, grouped by person, in the order (``at``, ``rank``) within each.

    Only activities between the brand and a person are in it; each activity once. ``start`` has p+1
    offsets. ``at`` and ``ended`` are UTC microseconds (``FOREVER`` where not ended; never before ``at``).
    ``kind`` is the code in ``vocabulary.KIND_CODE``; ``outbound`` and ``precise`` are 0 or 1. ``rank``
    orders ids: the least rank among several is the least id. ``platform`` indexes ``platforms`` (that of
    the person's account).
    """

    start: NDArray[np.int64]
    at: NDArray[np.int64]
    ended: NDArray[np.int64]
    kind: NDArray[np.uint8]
    outbound: NDArray[np.uint8]
    precise: NDArray[np.uint8]
    rank: NDArray[np.int64]
    platform: NDArray[np.uint16]
    platforms: tuple[str, ...]


KIND_BITS: Final = 0b1_1111
OUTBOUND_BIT: Final = 0b10_0000
PRECISE_BIT: Final = 0b100_0000
ENDS_BIT: Final = 0b1000_0000
"""The byte ``Bucket.act`` of an activity: its kind's code; whether it is outbound, precise, ever ended."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """``n`` activities of ``p`` people as the kernel reads them: 9 bytes each, 32 more for those that end.

    ``start`` has p+1 offsets, from 0 to n. ``person`` has the number of each person among all (ascending);
    ``row`` is the place of the first activity among those of all. ``at`` and ``act`` (the byte above) are
    grouped by person, in the order (``at``, rank) within each. Of each of the m activities that end, in the
    same order: ``ends`` is where it stands (0 to n), ``ended`` when (UTC microseconds, never before its
    ``at``), ``rank`` its rank among the ids, ``tie`` the rank of the person's first activity that begins at
    the very moment of that end (-1 without one): what decides between the two which is the cause.
    """

    person: NDArray[np.int32]
    row: int
    start: NDArray[np.int64]
    at: NDArray[np.int64]
    act: NDArray[np.uint8]
    ends: NDArray[np.int64]
    ended: NDArray[np.int64]
    rank: NDArray[np.int64]
    tie: NDArray[np.int64]


def pack(columns: Columns) -> Bucket:
    """``columns`` as one bucket; people are numbered from 0."""
    import numpy as np

    start = np.ascontiguousarray(columns.start, np.int64)
    at = np.ascontiguousarray(columns.at, np.int64)
    act = np.ascontiguousarray(columns.kind, np.uint8).copy()
    act |= np.ascontiguousarray(columns.outbound, np.uint8) << 5
    act |= np.ascontiguousarray(columns.precise, np.uint8) << 6
    ends = np.flatnonzero(columns.ended != FOREVER)
    act[ends] |= ENDS_BIT
    ended = columns.ended[ends].astype(np.int64)
    # the first of the person's activities at or after each end, by halving
    person = np.searchsorted(start, ends, side="right") - 1
    last = start[person + 1]
    low, high = start[person].copy(), last.copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        later = open_ & (at[np.minimum(middle, len(at) - 1)] < ended)
        low = np.where(later, middle + 1, low)
        high = np.where(open_ & ~later, middle, high)
    found = low < last
    place = np.where(found, low, 0)
    tie = np.full(len(ends), -1, np.int64)
    if len(ends):
        met = found & (at[place] == ended)
        tie[met] = columns.rank[place[met]]
    rank = columns.rank[ends].astype(np.int64)
    return Bucket(np.arange(len(start) - 1, dtype=np.int32), 0, start, at, act, ends, ended, rank, tie)


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """The whole audience: ``columns`` and who its ``p`` people are.

    The accounts of person ``i`` are ``addresses[account_start[i]:account_start[i + 1]]``, sorted;
    ``earliest[i]`` is the one that gives the person their id (least time of a first activity, then least
    address). ``account`` has the index into ``addresses`` of each row, ``record`` the log position of its
    leading record. ``ids`` answers the readable ids of the activities in the given rows. ``position`` is
    what the log had when these were read. ``plain`` are accounts of whose acts several records may tell;
    ``None`` where that is not known.
    """

    columns: Columns
    addresses: Sequence[Address]
    account_start: NDArray[np.int64]
    earliest: Sequence[Address]
    account: NDArray[np.int64]
    record: NDArray[np.int64]
    ids: Callable[[NDArray[np.int64]], list[str]]
    position: int
    plain: frozenset[Address] | None = None

    def accounts(self, person: int) -> Sequence[Address]:
        """The accounts of the ``person``-th person."""
        return self.addresses[int(self.account_start[person]) : int(self.account_start[person + 1])]


@dataclass(frozen=True, slots=True)
class PersonActs:
    """One person's ``n`` activities with the brand in the order (``at``, id), with what is told of them.

    ``at``, ``ended``, ``kind``, ``outbound`` and ``precise`` are as in ``Columns``; ``record`` is the log
    position of each one's record, ``account`` the place of the person's account in ``accounts``,
    ``platform`` that of the actor's platform in ``platforms``. ``public`` is 1 or 0, -1 where no source says.
    ``about`` and ``answers`` are digests of the object and of what is answered, 0 without; ``followers`` are
    the person's at an act of theirs, -1 where not known; ``named`` says whether the record has a name for
    them. ``ids`` answers the readable ids of the activities in the given rows.
    """

    accounts: tuple[Address, ...]
    platforms: tuple[str, ...]
    account: NDArray[np.uint16]
    platform: NDArray[np.uint16]
    record: NDArray[np.int64]
    at: NDArray[np.int64]
    ended: NDArray[np.int64]
    kind: NDArray[np.uint8]
    outbound: NDArray[np.uint8]
    precise: NDArray[np.uint8]
    public: NDArray[np.int8]
    about: NDArray[np.int64]
    answers: NDArray[np.int64]
    followers: NDArray[np.int64]
    named: NDArray[np.bool_]
    ids: Callable[[NDArray[np.int64]], list[str]]
