"""The lifecycle of many people at once, in one pass over each: the columnar twin of ``live.py``.

Each activity counts towards a gauge from its ``at`` until it is ended or its window passes. Three kinds
of pointers walk in time order over one person's activities: one over those that begin, one over those
that end, and one for each window of the policy over those that leave it. Each step adds or takes one
from a few counters, and the ladder is climbed anew only where a counter passes a threshold: the cost of
an activity does not depend on how long the windows are or how much happens in them. All in integers.

Importing this module loads numba and, from its cache on disk, the compiled code; only the first import
ever compiles (some seconds). ``numba.config.CACHE_DIR`` (``NUMBA_CACHE_DIR``) says where; by default it is
beside this file, else in the user's cache folder; where neither can be written, nothing is cached.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from courtship.columns import Columns
from courtship.lifecycle.compiled import compiled
from courtship.lifecycle.policy import Policy, Rule
from courtship.lifecycle.report import Reports
from courtship.lifecycle.zone import offsets
from courtship.model import DAY, FOREVER, Micros
from courtship.vocabulary import KIND_CODE, KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COUNT, _KINDS, _DAYS, _STANDING = range(4)
_MEASURE: Final = {"count": _COUNT, "kinds": _KINDS, "days": _DAYS, "standing": _STANDING}
_K: Final = len(KINDS)
_BLOCK: Final = KIND_CODE["block"]
_END: Final = FOREVER
_SPLIT: Final = 50_000  # activities below which a second thread costs more than it gains


class _Encoded(NamedTuple):
    """A policy as arrays. A *sort* is an activity's direction and kind: ``outbound * K + kind``."""

    measure: NDArray[np.int64]  # of each gauge
    window: NDArray[np.int64]  # of each gauge, position in windows; -1 for standing
    windows: NDArray[np.int64]  # the distinct lengths
    alarm: NDArray[np.int64]  # of each gauge, bit n where some condition needs n (63: 63 or more)
    touch_start: NDArray[np.int64]  # the gauges that each sort counts towards
    touch: NDArray[np.int64]
    leave_start: NDArray[np.int64]  # the same, by window and sort
    leave: NDArray[np.int64]
    rule_start: NDArray[np.int64]  # of each stage: gain.all, gain.any, keep.all, keep.any
    rule_gauge: NDArray[np.int64]
    rule_need: NDArray[np.int64]
    daily: NDArray[np.uint8]  # of each sort, whether its calendar day is asked for


def reckon_columns(columns: Columns, policy: Policy, at: Micros, *, threads: int = 2) -> Reports:
    """Where everybody in ``columns`` stands at ``at`` (UTC microseconds).

    Activities after ``at``, and ends after it, are not known yet. The answer does not depend on
    ``threads``.
    """
    people = len(columns.start) - 1
    encoded = _encode(policy)
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
        *_ends(start, columns, at),
    )
    first = int(facts[1].min(initial=at))
    zone = offsets(policy.timezone, first, max(first, at)) if encoded.daily.any() else offsets("UTC", 0, 0)

    def part(low: int, high: int) -> Any:
        answers = (stage, top, peak, since, until, have, found)
        return _walk(low, high, at, *facts, *encoded, *zone, *answers)

    if threads > 1 and start[-1] > _SPLIT:
        marks = np.searchsorted(start, np.linspace(0, start[-1], threads + 1)[1:-1])
        bounds = [0, *marks.tolist(), people]
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(part, bounds[:-1], bounds[1:]))
    else:
        parts = [part(0, people)]
    moved = [np.concatenate([each[column] for each in parts]) for column in range(4)]
    before, after = moved[1].astype(np.int16), moved[2].astype(np.int16)
    return Reports(
        policy, stage, top, peak, since, until, have, np.cumsum(found), moved[0], before, after, moved[3]
    )


def _ends(start: NDArray[np.int64], columns: Columns, at: Micros) -> tuple[Any, Any]:
    """The activities of each person that ended by ``at``, in order of their ends: offsets and positions."""
    ended = np.flatnonzero((columns.ended <= at) & (columns.at <= at))
    person = np.searchsorted(start, ended, side="right") - 1
    order = np.lexsort((columns.ended[ended], person))
    return np.searchsorted(person, np.arange(len(start))).astype(np.int64), ended[order].astype(np.int64)


def _encode(policy: Policy) -> _Encoded:
    gauges = policy.gauges
    windows = sorted({gauge.window for gauge in gauges} - {FOREVER})
    window = [windows.index(gauge.window) if gauge.window != FOREVER else -1 for gauge in gauges]
    sorts = [[g for g, gauge in enumerate(gauges) if _sorts(gauge, sort)] for sort in range(2 * _K)]
    leaves = [
        [g for g in sorts[sort] if window[g] == w] for w in range(len(windows)) for sort in range(2 * _K)
    ]
    rules: list[list[tuple[int, int]]] = []
    alarm = [0] * len(gauges)

    def add(rule: Rule) -> None:
        for conditions in (rule.all, rule.any):
            rules.append([(policy.place[condition.gauge], condition.need) for condition in conditions])
            for gauge, need in rules[-1]:
                alarm[gauge] |= 1 << min(need, 62)

    for stage in policy.stages:
        add(stage.gain)
        add(stage.keep)
    daily = [any(gauges[g].measure == "days" for g in each) for each in sorts]
    return _Encoded(
        np.array([_MEASURE[gauge.measure] for gauge in gauges], np.int64),
        np.array(window, np.int64),
        np.array(windows, np.int64),
        np.array(alarm, np.int64),
        *_ragged(sorts),
        *_ragged(leaves),
        _ragged(rules)[0],
        np.array([gauge for rule in rules for gauge, _ in rule], np.int64),
        np.array([need for rule in rules for _, need in rule], np.int64),
        np.array(daily, np.uint8),
    )


def _sorts(gauge: Any, sort: int) -> bool:
    return KINDS[sort % _K] in gauge.of and (sort >= _K) == (gauge.direction == "outbound")


def _ragged(lists: list[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lists of lists as offsets and one flat array."""
    start = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    flat = [each if isinstance(each, int) else each[0] for one in lists for each in one]
    return start, np.array(flat, np.int64)


# ------------------------------------------------------------------------------------------ compiled
# All compiled functions that call each other stand in one file: numba's cache looks at the file of the
# outermost one only.


@compiled
def _add(gauge: int, step: int, kind: int, slot: int, measure: Any, of_kind: Any, of_day: Any) -> int:
    """Count one activity in (1) or out (-1) of a gauge; by how much the gauge's value changes."""
    which = measure[gauge]
    if which == _KINDS:
        of_kind[gauge, kind] += step
        return step if of_kind[gauge, kind] == (1 if step > 0 else 0) else 0
    if which == _DAYS:
        of_day[gauge, slot] += step
        return step if of_day[gauge, slot] == (1 if step > 0 else 0) else 0
    return step


@compiled
def _holds(rule: int, have: Any, rule_start: Any, rule_gauge: Any, rule_need: Any) -> bool:
    for place in range(rule_start[rule], rule_start[rule + 1]):
        if have[rule_gauge[place]] < rule_need[place]:
            return False
    low, high = rule_start[rule + 1], rule_start[rule + 2]
    for place in range(low, high):
        if have[rule_gauge[place]] >= rule_need[place]:
            return True
    return bool(low == high)


@compiled
def _climb(held: Any, have: Any, rule_start: Any, rule_gauge: Any, rule_need: Any) -> int:
    """Climb the ladder anew, in place; the rank of the highest stage held."""
    below, top = True, 0
    for rung in range(len(held)):
        below = (below and _holds(4 * rung, have, rule_start, rule_gauge, rule_need)) or (
            held[rung] != 0 and _holds(4 * rung + 2, have, rule_start, rule_gauge, rule_need)
        )
        held[rung] = 1 if below else 0
        if below:
            top = rung + 1
    return top


@compiled
def _slots(
    low: int,
    high: int,
    sort_of: Any,
    daily: Any,
    at: Any,
    precise: Any,
    zone_at: Any,
    zone_by: Any,
    slot: Any,
) -> int:
    """Number the calendar days of a person's activities; how many there are.

    An activity whose day is not asked for or not known has slot -1. Clocks go back by less than seven
    days, so that of two days with the same last three bits the older cannot come again.
    """
    seen_day = np.full(8, -(2**62), np.int64)
    seen_slot = np.zeros(8, np.int64)
    days, rule = 0, 0
    for i in range(low, high):
        slot[i - low] = -1
        if precise[i] == 0 or daily[sort_of[i - low]] == 0:
            continue
        while rule + 1 < len(zone_at) and zone_at[rule + 1] <= at[i]:
            rule += 1
        day = (at[i] + zone_by[rule]) // DAY
        place = day & 7
        if seen_day[place] != day:
            seen_day[place] = day
            seen_slot[place] = days
            days += 1
        slot[i - low] = seen_slot[place]
    return days


@compiled
def _longer(array: Any) -> Any:
    more = np.zeros(2 * len(array), np.int64)
    for i in range(len(array)):
        more[i] = array[i]
    return more


@compiled
def _walk(
    first: int, last: int, now: int, start: Any, at: Any, ended: Any, kind: Any, outbound: Any,
    precise: Any, rank: Any, end_start: Any, ending: Any, measure: Any, window: Any, windows: Any,
    alarm: Any, touch_start: Any, touch: Any, leave_start: Any, leave: Any,
    rule_start: Any, rule_gauge: Any, rule_need: Any, daily: Any,
    zone_at: Any, zone_by: Any, stage: Any, top: Any, peak: Any, since: Any, until: Any, have_at: Any,
    found: Any,
) -> Any:  # fmt: skip
    """The persons ``first`` to ``last``; fills their answers in and returns their transitions."""
    gauges, spans = len(measure), len(windows)
    rungs = (len(rule_start) - 1) // 4
    parted = rungs + 1
    have = np.zeros(gauges, np.int64)
    held = np.zeros(rungs, np.uint8)
    of_kind = np.zeros((gauges, _K), np.int32)
    of_day = np.zeros((gauges, 64), np.int32)
    pointer = np.zeros(spans, np.int64)
    leaving = np.zeros(spans, np.int64)
    sort_of, slot = np.zeros(64, np.int64), np.zeros(64, np.int64)
    any_daily = daily.any()

    moves = 0
    move_at, move_by = np.zeros(64, np.int64), np.zeros(64, np.int64)
    move_from, move_to = np.zeros(64, np.int64), np.zeros(64, np.int64)

    for person in range(first, last):
        low = start[person]
        high = start[person + 1]
        if low == high or at[low] > now:
            continue
        while at[high - 1] > now:
            high -= 1
        size = high - low
        if size > len(slot):
            sort_of, slot = np.zeros(2 * size, np.int64), np.zeros(2 * size, np.int64)
        for i in range(low, high):
            sort_of[i - low] = outbound[i] * _K + kind[i]
        if any_daily:
            days = _slots(low, high, sort_of, daily, at, precise, zone_at, zone_by, slot)
            if days > of_day.shape[1]:
                of_day = np.zeros((gauges, 2 * days), np.int32)
            else:
                for g in range(gauges):
                    for day in range(days):
                        of_day[g, day] = 0
        for g in range(gauges):
            have[g] = 0
            for k in range(_K):
                of_kind[g, k] = 0
        for rung in range(rungs):
            held[rung] = 0
        blocks, best, highest, shown, changed_at = 0, 0, 0, 0, at[low]
        forget_at, moves_before, saved = _END, moves, False
        for w in range(spans):
            i = low
            while i < high:
                place = w * 2 * _K + sort_of[i - low]
                if leave_start[place] < leave_start[place + 1]:
                    break
                i += 1
            pointer[w] = i
            leaving[w] = at[i] + windows[w] if i < high else _END

        i, e, ends = low, end_start[person], end_start[person + 1]
        while True:
            moment = at[i] if i < high else _END
            if e < ends and ended[ending[e]] < moment:
                moment = ended[ending[e]]
            for w in range(spans):
                moment = min(moment, leaving[w])
            if moment > now and not saved:
                saved = True
                for g in range(gauges):
                    have_at[person, g] = have[g]
                top[person] = best
                stage[person] = shown
                if shown == 0 or shown == parted:
                    break  # nothing is left that could lapse
            if moment == _END:
                break
            cause, dirty = -1, False

            while e < ends and ended[ending[e]] == moment:
                j = ending[e]
                e += 1
                if cause < 0 or rank[j] < rank[cause]:
                    cause = j
                if at[j] == ended[j]:
                    continue  # never stood
                if kind[j] == _BLOCK:
                    blocks -= 1
                    dirty = True
                sort = sort_of[j - low]
                for place in range(touch_start[sort], touch_start[sort + 1]):
                    g = touch[place]
                    if window[g] >= 0 and at[j] + windows[window[g]] < moment:
                        continue  # has left its window already
                    if measure[g] == _DAYS and slot[j - low] < 0:
                        continue
                    step = _add(g, -1, kind[j], slot[j - low], measure, of_kind, of_day)
                    if step:
                        dirty = dirty or ((alarm[g] >> min(have[g], 62)) & 1) != 0
                        have[g] -= 1

            while i < high and at[i] == moment:
                if cause < 0 or rank[i] < rank[cause]:
                    cause = i
                if ended[i] > at[i]:
                    if kind[i] == _BLOCK:
                        blocks += 1
                        dirty = True
                    sort = sort_of[i - low]
                    for place in range(touch_start[sort], touch_start[sort + 1]):
                        g = touch[place]
                        if measure[g] == _DAYS and slot[i - low] < 0:
                            continue
                        step = _add(g, 1, kind[i], slot[i - low], measure, of_kind, of_day)
                        if step:
                            have[g] += 1
                            dirty = dirty or ((alarm[g] >> min(have[g], 62)) & 1) != 0
                i += 1

            for w in range(spans):
                while leaving[w] == moment:
                    j = pointer[w]
                    # one that ended by now was taken out when it ended
                    if ended[j] > moment or ended[j] > now:
                        place = w * 2 * _K + sort_of[j - low]
                        for p in range(leave_start[place], leave_start[place + 1]):
                            g = leave[p]
                            if measure[g] == _DAYS and slot[j - low] < 0:
                                continue
                            step = _add(g, -1, kind[j], slot[j - low], measure, of_kind, of_day)
                            if step:
                                dirty = dirty or ((alarm[g] >> min(have[g], 62)) & 1) != 0
                                have[g] -= 1
                    j += 1
                    while j < high:
                        place = w * 2 * _K + sort_of[j - low]
                        if leave_start[place] < leave_start[place + 1]:
                            break
                        j += 1
                    pointer[w] = j
                    leaving[w] = at[j] + windows[w] if j < high else _END

            if not dirty:
                continue
            best = _climb(held, have, rule_start, rule_gauge, rule_need)
            reported = parted if blocks > 0 else best
            if moment > now:
                if reported != shown:
                    forget_at = moment
                    break
                continue
            highest = max(highest, best)
            if reported != shown:
                if moves == len(move_at):
                    move_at, move_by = _longer(move_at), _longer(move_by)
                    move_from, move_to = _longer(move_from), _longer(move_to)
                move_at[moves], move_by[moves] = moment, cause
                move_from[moves], move_to[moves] = shown, reported
                moves += 1
                shown, changed_at = reported, moment

        peak[person] = highest
        since[person] = changed_at
        until[person] = forget_at
        found[person + 1] = moves - moves_before
    return move_at[:moves], move_from[:moves], move_to[:moves], move_by[:moves]
