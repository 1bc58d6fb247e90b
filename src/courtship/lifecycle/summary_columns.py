"""The summary of a person with many acts, from columns: equal to ``summary.summarise``, by property test.

Only the newest keys of each gauge are looked at. Which rungs are held is asked of the kernel: the n-th is
held where the ladder of the first n has it as the highest.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from courtship.columns import Columns, pack
from courtship.lifecycle import momentum
from courtship.lifecycle.kernel import reckon_bucket
from courtship.lifecycle.policy import Policy
from courtship.lifecycle.summary import DAYS, KIND_KEY, WITHIN, Ladder, Summary, still_open
from courtship.lifecycle.zone import offsets
from courtship.model import DAY, FOREVER, Micros
from courtship.vocabulary import ANSWERS, KIND_CODE, KINDS, TALK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.lifecycle.policy import Gauge

_BLOCK: Final = KIND_CODE["block"]
_FIRST_DAY: Final = 719_163
"""The ordinal of 1970-01-01."""


def of(kinds: frozenset[str]) -> NDArray[np.bool_]:
    """By a kind's code, whether it is one of these."""
    return np.array([kind in kinds for kind in KINDS], np.bool_)


TALKED: Final = of(frozenset(TALK))
ANSWERED: Final = of(frozenset(ANSWERS))
RHYTHM: Final = of(momentum.RHYTHM_KINDS)


def summarise(ladder: Ladder, columns: Columns, now: Micros) -> Summary | None:
    """The one person of ``columns`` as of ``now``; ``None`` where that cannot be summed up."""
    at, ended = columns.at, columns.ended
    if not len(at) or at[-1] > now:
        return None
    over = ended != FOREVER
    if over.any() and ended[over].max() > now:
        return None
    last = int(max(at[-1], ended[over].max(initial=at[-1])))
    held, since, peak = _held(ladder.policy, columns, last)
    standing = ~over
    keys = [
        _keys(ladder, place, gauge, columns, standing) for place, gauge in enumerate(ladder.policy.gauges)
    ]
    found = Summary(last, held, since, peak, keys)
    found.parted = bool((standing & (columns.kind == _BLOCK)).any())
    precise = standing & (columns.precise != 0)
    theirs, ours = precise & (columns.outbound == 0), precise & (columns.outbound != 0)
    active = at[theirs & RHYTHM[columns.kind]]
    days = active // DAY
    first = np.flatnonzero(np.diff(days, prepend=days[0] - 1 if len(days) else 0))[-DAYS:]
    found.days = np.stack([days[first], active[first]], axis=1).tolist()
    talk, answers = at[theirs & TALKED[columns.kind]], at[ours & ANSWERED[columns.kind]]
    found.talk = len(talk)
    answer = np.searchsorted(answers, talk, side="right")
    some = answer < len(answers)
    found.answered = int((answers[answer[some]] < talk[some] + WITHIN).sum())
    found.open = still_open(talk[~some].tolist())
    return found


def _held(policy: Policy, columns: Columns, at: Micros) -> tuple[list[bool], Micros, int]:
    """Which rungs are held at a moment, since when the highest is, and the highest ever."""
    bucket = pack(columns)
    held = []
    for rank, part in enumerate(ladders(policy), 1):
        reports = reckon_bucket(bucket, part, at)
        held.append(int(reports.top[0]) == rank)
    return held, int(reports.since[0]), int(reports.peak[0])


@lru_cache(maxsize=8)
def ladders(policy: Policy) -> tuple[Policy, ...]:
    """The ladders of the first rung, the first two, and so on."""
    stages = policy.stages
    return tuple(Policy(policy.name, policy.timezone, stages[:many]) for many in range(1, len(stages) + 1))


def _keys(
    ladder: Ladder, place: int, gauge: Gauge, columns: Columns, standing: NDArray[np.bool_]
) -> list[list[int]]:
    """The newest keys of a gauge and the last time of each, in order of time."""
    side = 1 if gauge.direction == "outbound" else 0
    wanted = standing & (columns.outbound == side) & of(gauge.of)[columns.kind]
    need = ladder.need[place]
    if gauge.measure == "days":
        wanted &= columns.precise != 0
    rows = np.flatnonzero(wanted)
    at = columns.at[rows]
    if gauge.measure == "days":
        key = day_of(ladder.policy.timezone, at)
    elif gauge.measure == "kinds":
        key = KIND_KEYS[columns.kind[rows]]
    else:
        return [[0, moment] for moment in at[-need:].tolist()]
    # of each key the last
    found, from_end = np.unique(key[::-1], return_index=True)
    newest = len(key) - 1 - from_end
    order = np.argsort(newest)[-need:]
    pairs: list[list[int]] = np.stack([found[order], at[newest[order]]], axis=1).tolist()
    return pairs


KIND_KEYS: Final = np.array([KIND_KEY.get(kind, -1) for kind in KINDS], np.int64)


def day_of(zone: str, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ordinals of the calendar days of these moments, ascending ones."""
    if not len(at):
        return at
    if zone == "UTC":
        return at // DAY + _FIRST_DAY
    since, offset = offsets(zone, int(at[0]), int(at[-1]))
    rule = np.searchsorted(since, at, side="right") - 1
    days: NDArray[np.int64] = (at + offset[rule]) // DAY + _FIRST_DAY
    return days
