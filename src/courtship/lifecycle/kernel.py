"""The lifecycle of many people at once, in one pass over each: the columnar twin of ``live.py``.

What an activity counts towards ends at a moment known when it begins: when its window passes, or when it
was ended, if it was. So a condition that asks for n of something holds until the n-th of the last of these
ends: of activities for ``count``, of the last of each day for ``days``, of each kind for ``kinds``. Then
``all`` is a minimum, ``any`` a maximum, and a rung ends at ``max(keep, min(gain, the rung below))``. New
activities only put ends off, so that nothing need be looked at again before an end comes, or before
something arrives of a kind for which the next rung waits. Activities of most kinds cost one store.
All in integers.

Importing this module loads numba and, from its cache on disk, the compiled code (``walk.py``); only the
first import ever compiles (some seconds). ``numba.config.CACHE_DIR`` (``NUMBA_CACHE_DIR``) says where; by
default it is beside that file, else in the user's cache folder; where neither can be written, nothing is
cached.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from courtship.columns import Columns
from courtship.lifecycle.policy import Gauge, Policy, Rule
from courtship.lifecycle.report import Reports
from courtship.lifecycle.walk import COUNT, DAYS, NEWEST, ROOM, SORTS, Ladder, walk
from courtship.lifecycle.zone import offsets
from courtship.model import FOREVER, Micros
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPLIT: Final = 50_000  # activities below which a second thread costs more than it gains
_PARTS: Final = 4  # for each thread, so that one which is done early takes over from the others
_ROOM: Final = 100_000  # transitions written before they are put aside
_PERSON: Final = 4  # a person costs about as much as so many activities


def reckon_columns(columns: Columns, policy: Policy, at: Micros, *, threads: int = 2) -> Reports:
    """Where everybody in ``columns`` stands at ``at`` (UTC microseconds).

    Activities after ``at``, and ends after it, are not known yet. The answer does not depend on
    ``threads``.
    """
    people = len(columns.start) - 1
    stage, top, peak = (np.full(people, -1, np.int16) for _ in range(3))
    since, until = np.zeros(people, np.int64), np.full(people, FOREVER, np.int64)
    have = np.zeros((people, len(policy.gauges)), np.int32)
    found = np.zeros(people + 1, np.int64)
    start = np.ascontiguousarray(columns.start, np.int64)
    facts = (
        start,
        np.ascontiguousarray(columns.at, np.int64),
        np.ascontiguousarray(columns.ended, np.int64),
        np.ascontiguousarray(columns.kind, np.uint8),
        np.ascontiguousarray(columns.outbound, np.uint8),
        np.ascontiguousarray(columns.precise, np.uint8),
        np.ascontiguousarray(columns.rank, np.int64),
    )
    answers = (stage, top, peak, since, until, have, found)
    ladder = _ladder(policy, _first(start, facts[1], at), at)

    rungs = len(policy.stages)

    def part(low: int, high: int) -> list[NDArray[Any]]:
        largest = int(np.diff(start[low : high + 1]).max(initial=0))
        memory = (
            ladder.gauges.copy(),
            ladder.lists,
            ladder.zone,
            np.empty(rungs, np.int64),
            np.empty((len(ladder.gauges) + 1, SORTS), np.int64),
            np.empty((int(ladder.gauges[ladder.lists, ROOM].sum()), 2), np.int64),
            np.empty(largest, np.int64),
        )
        room = max(_ROOM, largest * (rungs + 2))
        moves = [np.empty(room, kind) for kind in (np.int64, np.int64, np.int16, np.int16)]
        moved: list[list[NDArray[Any]]] = []
        while not moved or low < high:
            low, number = walk(
                low, high, at, *facts, ladder.rules, ladder.conditions, *memory, *answers, *moves
            )
            moved.append([each[:number].copy() for each in moves])
        return [np.concatenate(each) for each in zip(*moved, strict=True)]

    if threads > 1 and start[-1] > _SPLIT:
        work = start + _PERSON * np.arange(people + 1)
        marks = np.searchsorted(work, np.linspace(0, work[-1], _PARTS * threads + 1)[1:-1])
        bounds = [0, *marks.tolist(), people]
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(part, bounds[:-1], bounds[1:]))
    else:
        parts = [part(0, people)]
    when, by, before, after = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Reports(policy, stage, top, peak, since, until, have, np.cumsum(found), when, before, after, by)


def _first(start: NDArray[np.int64], at: NDArray[np.int64], now: Micros) -> Micros:
    """The earliest activity of all; ``now`` where there is none."""
    return int(at[start[:-1][start[:-1] < start[1:]]].min(initial=now))


def _ladder(policy: Policy, first: Micros, now: Micros) -> Ladder:
    """The policy as arrays, with the offsets of its zone from ``first`` to ``now``."""
    needs = [0] * len(policy.gauges)
    rules: list[list[tuple[int, int]]] = []

    def add(rule: Rule) -> None:
        for conditions in (rule.all, rule.any):
            rules.append([(policy.place[condition.gauge], condition.need) for condition in conditions])
            for gauge, need in rules[-1]:
                needs[gauge] = max(needs[gauge], need)

    for stage in policy.stages:
        add(stage.gain)
        add(stage.keep)
    gauges, lists, base = [], [], 0
    for place, (gauge, need) in enumerate(zip(policy.gauges, needs, strict=True)):
        measure = _measure(gauge, need)
        window = 0 if gauge.window == FOREVER else gauge.window
        gauges.append((measure, window, _of(gauge), need, base, 0, 0, 0))
        if measure != NEWEST:
            lists.append(place)
            base += need
    daily = any(gauge.measure == "days" for gauge in policy.gauges)
    zone = offsets(policy.timezone, first, now) if daily else offsets("UTC", 0, 0)
    return Ladder(
        np.cumsum([0, *map(len, rules)], dtype=np.int64),
        np.array([condition for rule in rules for condition in rule], np.int64),
        np.array(gauges, np.int64),
        np.array(lists, np.int64),
        np.stack(zone),
    )


def _measure(gauge: Gauge, need: int) -> int:
    if gauge.measure == "days":
        return DAYS
    return COUNT if gauge.measure == "count" and need > 1 else NEWEST


def _of(gauge: Gauge) -> int:
    """The sorts that a gauge counts, a bit each."""
    outbound = gauge.direction == "outbound"
    return sum(
        1 << sort
        for sort in range(SORTS)
        if KINDS[sort % len(KINDS)] in gauge.of and (sort >= len(KINDS)) == outbound
    )
