"""Columns in the order of a sorted id, with some rows taken out and others put in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")


class Splice:
    """Takes the rows of ``out`` out of columns in the order of ``ids``, and puts rows in for ``into``.

    ``into`` is sorted, and values are given in its order. Columns are copied, never changed.
    """

    def __init__(self, ids: Sequence[str], out: Sequence[str], into: Sequence[str]) -> None:
        places = [(bisect_left(ids, id), id) for id in sorted(out)]
        self.out = [place for place, id in places if place < len(ids) and ids[place] == id]
        before = np.array([bisect_left(ids, id) for id in into], np.int64)
        gone = np.array(self.out, np.int64)
        self.at: NDArray[np.int64] = before - np.searchsorted(gone, before)
        """Before which of the rows that stay each new one comes."""
        self._size = len(ids)

    def row(self, column: Sequence[T], new: Sequence[T]) -> list[T]:
        """A list or tuple, spliced."""
        made = list(column)
        for place in reversed(self.out):
            del made[place]
        for place, value in zip(self.at[::-1].tolist(), reversed(new), strict=True):
            made.insert(place, value)
        return made

    def array(self, column: NDArray[Any], new: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
        """An array, spliced."""
        return np.insert(np.delete(column, self.out), self.at, np.asarray(new, column.dtype))

    def moved(self) -> NDArray[np.int64]:
        """Where each of the rows that there were is now; -1 where it was taken out."""
        stays = np.ones(self._size, np.bool_)
        stays[self.out] = False
        place = np.cumsum(stays) - 1
        shifted = place + np.searchsorted(self.at, place, side="right")
        return np.where(stays, shifted, -1)

    def placed(self) -> NDArray[np.int64]:
        """Where the new rows are now."""
        return self.at + np.arange(len(self.at))
