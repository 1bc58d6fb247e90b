"""Activities of many people as columns: what the store hands to the lifecycle's kernel.

NumPy is imported by whoever makes one; this module loads nothing beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.model import Address

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


@dataclass(frozen=True, slots=True)
class PeopleColumns:
    """The whole audience: ``columns`` and who its ``p`` people are.

    The accounts of person ``i`` are ``addresses[account_start[i]:account_start[i + 1]]``, sorted;
    ``earliest[i]`` is the one that gives the person their id (least time of a first activity, then least
    address). ``account`` has the index into ``addresses`` of each row, ``record`` the log position of its
    leading record. ``ids`` answers the readable ids of the activities in the given rows. ``position`` is
    what the log had when these were read.
    """

    columns: Columns
    addresses: Sequence[Address]
    account_start: NDArray[np.int64]
    earliest: Sequence[Address]
    account: NDArray[np.int64]
    record: NDArray[np.int64]
    ids: Callable[[NDArray[np.int64]], list[str]]
    position: int

    def accounts(self, person: int) -> Sequence[Address]:
        """The accounts of the ``person``-th person."""
        return self.addresses[int(self.account_start[person]) : int(self.account_start[person + 1])]
