"""The audience through time: counts by day, who went from where to where, how long a stage lasts, cohorts.

From every change of stage of everybody, in one pass over arrays each. Times in UTC microseconds; days and
months are those of the boundaries handed in, so that any zone will do. What has not ended yet is kept as
censored, never left out: leaving it out would make stages seem shorter than they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from courtship.model import DAY, Micros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class Changes(NamedTuple):
    """Person *i* first appears at ``first_at[i]`` in the stage (a code) ``first_stage[i]``. Change *k*, in
    order of person and time, is of person ``person[k]``, at ``at[k]``, to the stage ``after[k]``; ``stages``
    is how many codes there are. ``seen_until[i]`` is the end of what is seen of person *i*, after which a
    lapse is not among the changes (``None``: everybody is seen till now)."""

    first_at: Ints
    first_stage: Ints
    person: Ints
    at: Ints
    after: Ints
    stages: int
    seen_until: Ints | None = None

    @property
    def before(self) -> Ints:
        """The stage before each change."""
        before: Ints = np.roll(self.after, 1)
        if len(before):
            first = np.r_[True, self.person[1:] != self.person[:-1]]
            before[first] = self.first_stage[self.person[first]]
        return before


def counts(changes: Changes, moments: Ints) -> Ints:
    """Moments x stages: how many people stand in each stage at each of the ``moments``, ascending (a
    change at the very moment has happened)."""
    width, rows = changes.stages, len(moments) + 1
    when = np.concatenate([changes.first_at, changes.at])
    row = np.searchsorted(moments, when, "left")
    came = row * width + np.concatenate([changes.first_stage, changes.after])
    went = row[len(changes.first_at) :] * width + changes.before
    size = rows * width
    difference = np.bincount(came, minlength=size) - np.bincount(went, minlength=size)
    told: Ints = np.cumsum(difference.reshape(rows, width), axis=0)[:-1]
    return told


def at(changes: Changes, moment: Micros) -> Ints:
    """Each person's stage at a moment, -1 for those not met yet."""
    stage = np.where(changes.first_at <= moment, changes.first_stage, -1)
    known = changes.at <= moment
    # changes are in order of person and time: the last one assigned stands
    stage[changes.person[known]] = changes.after[known]
    return stage


def matrix(changes: Changes, start: Micros, end: Micros) -> Ints:
    """(stages + 1) x stages: people by where they stood at ``start`` (the last row: not met yet) and at
    ``end``. Its sum is everybody met by ``end``."""
    before, after = at(changes, start), at(changes, end)
    met = after >= 0
    width = changes.stages
    told = np.bincount(
        np.where(before[met] < 0, width, before[met]) * width + after[met], minlength=(width + 1) * width
    )
    return told.reshape(width + 1, width).astype(np.int64)


# ---------------------------------------------------------------- how long a stage lasts


class Spells(NamedTuple):
    """Every time that somebody was in a stage: how long so far, whether it ended, and where to."""

    lasted: Ints
    ended: NDArray[np.bool_]
    after: Ints


def spells(changes: Changes, stage: int, now: Micros) -> Spells:
    """The spells in a stage that began by ``now``; those that have not ended by then are censored there, or
    where what is seen of the person ends."""
    order = np.lexsort(
        (
            np.r_[np.zeros(len(changes.first_at), np.int64), np.ones(len(changes.at), np.int64)],
            np.r_[changes.first_at, changes.at],
            np.r_[np.arange(len(changes.first_at)), changes.person],
        )
    )
    person = np.r_[np.arange(len(changes.first_at)), changes.person][order]
    start = np.r_[changes.first_at, changes.at][order]
    held = np.r_[changes.first_stage, changes.after][order]
    following = np.r_[person[1:] == person[:-1], False][: len(person)]
    end = np.where(following, np.r_[start[1:], 0][: len(start)], now)
    then = np.where(following, np.r_[held[1:], 0][: len(held)], -1)
    ended = following & (end <= now)
    mine = (held == stage) & (start <= now)
    seen = np.full(len(start), now)
    if changes.seen_until is not None:
        seen = np.maximum(np.minimum(changes.seen_until, now)[person], start)
    return Spells(
        (np.where(ended, end, seen) - start)[mine],
        ended[mine],
        np.where(ended, then, -1)[mine].astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Survival:
    """The Kaplan-Meier curve of a stage: after ``days[k]`` whole days ``share[k]`` of those who entered it
    are still in it; ``at_risk`` and ``left`` are the numbers behind each step, ``low`` and ``high`` the 95 %
    band (Greenwood, on the log-log scale). ``entered`` spells in all, ``censored`` of them not over."""

    days: Ints
    at_risk: Ints
    left: Ints
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    entered: int
    censored: int

    @property
    def median(self) -> int | None:
        """Days after which half have left; ``None`` while more than half are still there."""
        half = np.flatnonzero(self.share <= 0.5 + 1e-12)
        return int(self.days[half[0]]) if len(half) else None


def survival(told: Spells) -> Survival:
    """S(t) = product over the days d up to t of (1 - left(d) / at_risk(d)); who is censored on a day was at
    risk on it (Kaplan and Meier 1958, "Nonparametric Estimation from Incomplete Observations"). The variance
    is Greenwood's, the band that of log(-log S) (Kalbfleisch and Prentice 1980, section 1.4)."""
    lasted = told.lasted // DAY
    longest = int(lasted.max(initial=-1))
    gone = np.bincount(lasted[told.ended], minlength=longest + 1)
    out = np.bincount(lasted, minlength=longest + 1)
    at_risk = len(lasted) - np.concatenate([[0], np.cumsum(out)[:-1]]) if longest >= 0 else out
    days = np.flatnonzero(gone)
    n, d = at_risk[days].astype(np.int64), gone[days].astype(np.int64)
    share = np.cumprod(1 - d / n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(d / (n * (n - d)))
        spread = 1.959964 * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(spread), share ** np.exp(-spread)
    certain = ~np.isfinite(spread)
    low, high = np.where(certain, share, low), np.where(certain, share, high)
    return Survival(days, n, d, share, low, high, len(lasted), int((~told.ended).sum()))


# ---------------------------------------------------------------- cohorts


class Cohort(NamedTuple):
    """Those first met on [``start``, ``end``): how many, where they stand now (by stage), and how many of
    them had ever reached the stage asked for by the end of each period since (the first: that of the
    meeting); ``None`` for periods that are not over."""

    start: Micros
    end: Micros
    people: int
    now: tuple[int, ...]
    reached: tuple[int | None, ...]


def cohorts(
    changes: Changes, periods: Sequence[Micros], reaching: Sequence[int], now: Micros
) -> list[Cohort]:
    """People by when they were first met. ``periods`` are the bounds of the periods (of months, say),
    ascending, the last one after ``now``; ``reaching`` are the stages of which any counts as having come
    so far."""
    bounds = np.array(periods, np.int64)
    met = changes.first_at <= now
    cohort = np.where(met, np.searchsorted(bounds, changes.first_at, "right") - 1, -1)
    when = _first_reached(changes, reaching)
    standing = at(changes, now)
    number = len(bounds) - 1
    people = np.bincount(cohort[cohort >= 0], minlength=number)
    places = cohort[cohort >= 0] * changes.stages + standing[cohort >= 0]
    stages = np.bincount(places, minlength=number * changes.stages).reshape(number, changes.stages)
    came = (cohort >= 0) & (when <= now)
    period = np.searchsorted(bounds, when[came], "right") - 1
    steps = np.bincount(cohort[came] * number + period, minlength=number * number).reshape(number, number)
    reached = np.cumsum(steps, axis=1)
    return [
        Cohort(
            int(bounds[k]),
            int(bounds[k + 1]),
            int(people[k]),
            tuple(int(n) for n in stages[k]),
            tuple(int(reached[k, j]) if bounds[j + 1] <= now else None for j in range(k, number)),
        )
        for k in range(number)
    ]


def _first_reached(changes: Changes, reaching: Sequence[int]) -> Ints:
    """When each person first stood in one of these stages; the largest time where they never did."""
    never = np.iinfo(np.int64).max
    when = np.where(np.isin(changes.first_stage, reaching), changes.first_at, never)
    hits = np.flatnonzero(np.isin(changes.after, reaching))[::-1]
    later = np.full(len(changes.first_at), never)
    later[changes.person[hits]] = changes.at[hits]  # backwards, so that the earliest is what stays
    first: Ints = np.minimum(when, later)
    return first
