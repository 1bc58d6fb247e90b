"""How many people stood where, and who moved: over every change of stage there was, by arrays.

The stage of a person at *t* is that after the last change at or before *t*; ``aware`` from the first
appearance on; before it there is no such person (``docs/lifecycle.md``). So the totals equal the log: every
matrix adds up to the people who had appeared by its later date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtship.model import DAY, Micros

ABSENT = -1
"""The code of whoever has not appeared yet."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Every change of stage of ``p`` people, ``n`` in all, grouped by person, in order of time within each.

    ``first_at`` (p, UTC microseconds) is the first appearance. ``start`` has p+1 offsets into ``at``,
    ``before`` and ``after`` (n; codes into ``names``, whose first is ``aware``).
    """

    names: tuple[str, ...]
    first_at: NDArray[np.int64]
    start: NDArray[np.int64]
    at: NDArray[np.int64]
    before: NDArray[np.int8]
    after: NDArray[np.int8]

    @classmethod
    def of(
        cls,
        names: tuple[str, ...],
        first_at: NDArray[np.int64],
        person: NDArray[np.int64],
        at: NDArray[np.int64],
        before: NDArray[np.int8],
        after: NDArray[np.int8],
    ) -> Changes:
        """From changes in any order but that of several of one person at one instant. ``person`` (n) counts
        from 0 into ``first_at``. ``names`` are all stages, ``aware`` first."""
        order = np.lexsort((at, person))
        start = np.zeros(len(first_at) + 1, np.int64)
        np.cumsum(np.bincount(person, minlength=len(first_at)), out=start[1:])
        return cls(names, first_at, start, at[order], before[order], after[order])

    def person(self) -> NDArray[np.int64]:
        """The person of each change (n)."""
        return np.repeat(np.arange(len(self.first_at)), np.diff(self.start))


def stage_at(changes: Changes, t: Micros) -> NDArray[np.int8]:
    """Everybody's stage at ``t`` (p), as a code into ``changes.names``; ``ABSENT`` before they appeared."""
    done = np.bincount(changes.person()[changes.at <= t], minlength=len(changes.first_at))
    stage = np.where(changes.first_at <= t, 0, ABSENT).astype(np.int8)
    moved = done > 0
    stage[moved] = changes.after[changes.start[:-1][moved] + done[moved] - 1]
    return stage


@dataclass(frozen=True, slots=True)
class Flow:
    """Who stood where at ``since`` and at ``until``.

    ``matrix[i, j]``: people at ``names[i]`` then and at ``names[j]`` now; its last row holds the newcomers,
    who were not there then. ``before`` and ``after`` are everybody's codes (p), for the list behind a number.
    """

    names: tuple[str, ...]
    since: Micros
    until: Micros
    matrix: NDArray[np.int64]
    before: NDArray[np.int8]
    after: NDArray[np.int8]

    def moved(self, before: str | None, after: str) -> int:
        """How many went from ``before`` (``None``: newcomers) to ``after``. ``KeyError``: no such stage."""
        return int(self.matrix[self._row(before), self._code(after)])

    def people(self, before: str | None, after: str) -> NDArray[np.int64]:
        """The numbers of the people behind ``moved(before, after)``, ascending."""
        row = ABSENT if before is None else self._code(before)
        return np.flatnonzero((self.before == row) & (self.after == self._code(after)))

    def _row(self, before: str | None) -> int:
        return len(self.names) if before is None else self._code(before)

    def _code(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(name)
        return self.names.index(name)


def flow(changes: Changes, since: Micros, until: Micros) -> Flow:
    """The moves between two moments (``since`` <= ``until``), newcomers included."""
    before, after = stage_at(changes, since), stage_at(changes, until)
    count = len(changes.names)
    there = after != ABSENT
    row = np.where(before == ABSENT, count, before)[there].astype(np.int64)
    matrix = np.bincount(row * count + after[there], minlength=(count + 1) * count)
    return Flow(changes.names, since, until, matrix.reshape(count + 1, count), before, after)


def counts(changes: Changes, moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many people stood at each stage at each of ``moments`` (m, ascending): (m, len(names))."""
    made = np.zeros((len(moments), len(changes.names)), np.int64)
    made[:, 0] = np.searchsorted(np.sort(changes.first_at), moments, side="right")
    for code in range(len(changes.names)):
        came = np.sort(changes.at[changes.after == code])
        left = np.sort(changes.at[changes.before == code])
        made[:, code] += np.searchsorted(came, moments, side="right")
        made[:, code] -= np.searchsorted(left, moments, side="right")
    return made


def moments_between(since: Micros, until: Micros, step_days: int) -> NDArray[np.int64]:
    """Moments every ``step_days`` days back from ``until``, the earliest not before ``since``; ascending.

    The last is ``until`` itself, so that a picture ends with what the board says.
    """
    step = step_days * DAY
    return np.arange(until - (until - since) // step * step, until + 1, step, dtype=np.int64)


def changes_between(changes: Changes, since: Micros, until: Micros) -> NDArray[np.int64]:
    """Every change in (``since``, ``until``], counted: (names, names), from row to column.

    Unlike ``flow`` this counts who went up and came back again.
    """
    inside = (changes.at > since) & (changes.at <= until)
    count = len(changes.names)
    pairs = changes.before[inside].astype(np.int64) * count + changes.after[inside]
    return np.bincount(pairs, minlength=count * count).reshape(count, count)
