"""The compiled walk over people's activities; ``kernel.py`` says what it does and hands it its arrays.

All compiled functions that call each other stand in this one file: numba's cache on disk looks at the file
of the outermost one only. A *sort* is an activity's direction and kind: ``outbound * len(KINDS) + kind``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from courtship.lifecycle.compiled import compiled_bare
from courtship.model import DAY, FOREVER
from courtship.vocabulary import KIND_CODE, KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SORTS: Final = 2 * len(KINDS)
NEWEST, COUNT, DAYS = range(3)
"""How a gauge is kept: by the newest activity of each sort, or in a list of the newest activities or days."""

MEASURE, WINDOW, OF, ROOM, BASE, HEAD, SIZE, LATEST = range(8)
"""Columns of ``Ladder.gauges``: one of the above; microseconds (0 for standing); which sorts count, a bit
each. Of a list: how many it holds, the most that any condition asks for; where it begins; and during the
walk where its newest stands, how many it has, and the latest day that it has seen."""

_K: Final = len(KINDS)
_BLOCK: Final = KIND_CODE["block"]
_NEVER: Final = -(2**62)
_LASTING: Final = sum(1 << (KIND_CODE[kind] + way) for kind in ("follow", "block") for way in (0, _K))


class Ladder(NamedTuple):
    """A policy as arrays. Of each stage the conditions of gain.all, gain.any, keep.all and keep.any."""

    rules: NDArray[np.int64]  # where each rule's conditions begin
    conditions: NDArray[np.int64]  # by 2: the gauge and how much is needed of it
    gauges: NDArray[np.int64]  # by 8, as above
    lists: NDArray[np.int64]  # the gauges that are kept in lists
    zone: NDArray[np.int64]  # 2 by n: from when each offset holds, the offset


# What is remembered of one person during the walk; every time is the one at which something ends:
# ends     of each rung: it is held at least until then; _NEVER where it is not held
# newest   by gauge and sort, the last end of activities that were ended, or that stand until they are;
#          in its last row, by sort, the time of the newest activity of all others
# ring     the lists, each a ring with the last end first; by 2: the end, and its calendar day
# heap     the activities that have been ended, the earliest end first
# Arrays are handed on one by one and none is made here, so that nothing counts references.


@compiled_bare
def _until(gauge: int, need: int, gauges: Any, newest: Any, ring: Any) -> int:
    """When a gauge falls below ``need`` if nothing more happens: the end of the ``need``-th from the last."""
    if gauges[gauge, MEASURE] != NEWEST:
        if gauges[gauge, SIZE] < need:
            return _NEVER
        place = gauges[gauge, HEAD] + need - 1
        if place >= gauges[gauge, ROOM]:
            place -= gauges[gauge, ROOM]
        return int(ring[gauges[gauge, BASE] + place, 0])
    of, window, every = gauges[gauge, OF], gauges[gauge, WINDOW], len(newest) - 1
    end = _NEVER
    for _ in range(need):
        end, which = _NEVER, 0
        for sort in range(SORTS):
            if (of >> sort) & 1:
                one = max(newest[every, sort] + window, newest[gauge, sort])
                if one > end:
                    end, which = one, sort
        if end == _NEVER:
            break
        of &= ~(1 << which)
    return end


@compiled_bare
def _have(gauge: int, now: int, gauges: Any, newest: Any, ring: Any) -> int:
    """What a gauge shows, as far as any condition asks."""
    found = 0
    if gauges[gauge, MEASURE] != NEWEST:
        while found < gauges[gauge, SIZE] and _until(gauge, found + 1, gauges, newest, ring) > now:
            found += 1
        return found
    of, window, every = gauges[gauge, OF], gauges[gauge, WINDOW], len(newest) - 1
    for sort in range(SORTS):
        if (of >> sort) & 1 and max(newest[every, sort] + window, newest[gauge, sort]) > now:
            found += 1
    return int(min(found, gauges[gauge, ROOM]))


@compiled_bare
def _rule(
    rule: int, moment: int, rules: Any, conditions: Any, gauges: Any, newest: Any, ring: Any
) -> tuple[int, int]:
    """Until when a rule holds; if not beyond ``moment``, the sorts without which it cannot come to hold."""
    end = FOREVER
    for place in range(rules[rule], rules[rule + 1]):
        gauge = conditions[place, 0]
        end = min(end, _until(gauge, conditions[place, 1], gauges, newest, ring))
        if end <= moment:
            return end, gauges[gauge, OF]
    low, high = rules[rule + 1], rules[rule + 2]
    if low == high:
        return end, 0
    latest, sorts = _NEVER, 0
    for place in range(low, high):
        gauge = conditions[place, 0]
        latest = max(latest, _until(gauge, conditions[place, 1], gauges, newest, ring))
        sorts |= gauges[gauge, OF]
        if latest >= end:
            break
    return min(end, latest), sorts


@compiled_bare
def _climb(
    moment: int, ends: Any, rules: Any, conditions: Any, gauges: Any, newest: Any, ring: Any
) -> tuple[int, int, int]:
    """Climb the ladder at a moment: the highest rung held, when to look again, and what to wait for.

    A rung ends at ``max(keep, min(gain, the rung below))``. New activities only put ends off, so that an
    end once found needs no second look before it comes.
    """
    below, top, look, awaited = FOREVER, 0, FOREVER, 0
    for rung in range(len(ends)):
        end = ends[rung]
        if end <= moment:
            fresh, sorts = _NEVER, 0
            for which in range(2):  # gain, keep: written once, so that it is compiled in once
                if (below if which == 0 else end) > (moment if which == 0 else _NEVER):
                    rule_end, waits = _rule(
                        4 * rung + 2 * which, moment, rules, conditions, gauges, newest, ring
                    )
                    if which == 0:
                        fresh, sorts = min(rule_end, below), waits
                    else:
                        fresh = max(fresh, rule_end)
            if fresh <= moment:
                awaited |= sorts
                fresh = _NEVER
            ends[rung] = end = fresh
        if end > moment:
            top = rung + 1
            look = min(look, end)
        below = end
    return top, look, awaited


@compiled_bare
def _enter(gauge: int, key: int, value: int, gauges: Any, ring: Any) -> None:
    """Put an activity that ends at ``value`` in a list; of one ``key`` (a day) only the last end counts."""
    base, room = gauges[gauge, BASE], gauges[gauge, ROOM]
    head, size, latest = gauges[gauge, HEAD], gauges[gauge, SIZE], gauges[gauge, LATEST]
    by_day = gauges[gauge, MEASURE] == DAYS
    if size == 0 or value >= ring[base + head, 0]:
        if by_day and size and ring[base + head, 1] == key:
            ring[base + head, 0] = value
            return
        if not by_day or key > latest:  # the usual: it is the newest of all
            head = head - 1 if head else room - 1
            ring[base + head, 0], ring[base + head, 1] = value, key
            gauges[gauge, HEAD], gauges[gauge, SIZE] = head, min(size + 1, room)
            gauges[gauge, LATEST] = key
            return
    if by_day and key <= latest:
        found = -1
        for place in range(size):
            at = base + (head + place) % room
            if found >= 0:
                before = base + (head + place - 1) % room
                ring[before, 0], ring[before, 1] = ring[at, 0], ring[at, 1]
            elif ring[at, 1] == key:
                if value <= ring[at, 0]:
                    return
                found = place
        if found >= 0:
            size -= 1
    gauges[gauge, LATEST] = max(latest, key)
    place = size
    while place > 0 and ring[base + (head + place - 1) % room, 0] < value:
        if place < room:
            at, before = base + (head + place) % room, base + (head + place - 1) % room
            ring[at, 0], ring[at, 1] = ring[before, 0], ring[before, 1]
        place -= 1
    if place < room:
        at = base + (head + place) % room
        ring[at, 0], ring[at, 1] = value, key
        size = min(size + 1, room)
    gauges[gauge, SIZE] = size


@compiled_bare
def _rise(heap: Any, place: int, ended: Any) -> None:
    """Restore the order of a heap (the earliest end first) whose last has just been added at ``place``."""
    while place and ended[heap[place]] < ended[heap[(place - 1) // 2]]:
        above = (place - 1) // 2
        heap[place], heap[above] = heap[above], heap[place]
        place = above


@compiled_bare
def _cause(moment: int, cause: int, heap: Any, size: int, ended: Any, rank: Any) -> tuple[int, int]:
    """The least of ``cause`` and of those that ended at ``moment``; drops all that ended up to then."""
    while size and ended[heap[0]] <= moment:
        one = heap[0]
        if ended[one] == moment and (cause < 0 or rank[one] < rank[cause]):
            cause = one
        size -= 1
        heap[0] = heap[size]
        place = 0
        while 2 * place + 1 < size:
            under = 2 * place + 1
            if under + 1 < size and ended[heap[under + 1]] < ended[heap[under]]:
                under += 1
            if ended[heap[place]] <= ended[heap[under]]:
                break
            heap[place], heap[under] = heap[under], heap[place]
            place = under
    return cause, size


@compiled_bare
def walk(
    first: int, last: int, now: int, start: Any, at: Any, ended: Any, kind: Any, outbound: Any,
    precise: Any, rank: Any, rules: Any, conditions: Any, gauges: Any, lists: Any, zone: Any,
    ends: Any, newest: Any, ring: Any, heap: Any,
    stage: Any, top: Any, peak: Any, since: Any, until: Any, have: Any, found: Any,
    move_at: Any, move_by: Any, move_from: Any, move_to: Any,
) -> tuple[int, int]:  # fmt: skip
    """The persons ``first`` to ``last``, or fewer where there is no room for more transitions.

    Fills their answers in; answers how far it came and how many transitions it wrote. Nothing is allocated.
    """
    rungs, every, listed, rule = len(ends), len(gauges), 0, 0
    for number in range(len(lists)):
        listed |= gauges[lists[number], OF]
    parted, moves, dirty = rungs + 1, 0, True

    for person in range(first, last):
        i, high = start[person], start[person + 1]
        if i == high or at[i] > now:
            continue
        # each activity wins at most all rungs, of which each can be lost once, and parts once
        if moves + (high - i) * (rungs + 2) > len(move_at):
            return person, moves
        while at[high - 1] > now:
            high -= 1
        for rung in range(rungs):
            ends[rung] = _NEVER
        for row in range(0 if dirty else every, every + 1):
            for sort in range(SORTS):
                newest[row, sort] = _NEVER
        for number in range(len(lists)):
            gauge = lists[number]
            gauges[gauge, HEAD] = gauges[gauge, SIZE] = 0
            gauges[gauge, LATEST] = _NEVER
        dirty = False
        seen, ending, blocked = 0, 0, _NEVER
        best, highest, shown, changed, before = 0, 0, 0, at[i], moves
        look, awaited = FOREVER, -1  # a moment by which, and the sorts by which, something may change

        while True:
            cause = -1
            moment = at[i] if i < high else now + 1
            if look < moment:
                moment = look
            elif i == high:
                break
            else:
                cause, touched = i, 0
                while i < high and at[i] == moment:
                    sort = outbound[i] * _K + kind[i]
                    touched |= 1 << sort
                    if ended[i] > now and not (_LASTING >> sort) & 1:
                        newest[every, sort] = moment
                        end = FOREVER
                    else:
                        end = FOREVER
                        dirty = True
                        if ended[i] <= now:
                            end = ended[i]
                            heap[ending] = i
                            _rise(heap, ending, ended)
                            ending += 1
                        if end > moment:
                            for gauge in range(every):
                                if (gauges[gauge, OF] >> sort) & 1 and gauges[gauge, MEASURE] == NEWEST:
                                    window = gauges[gauge, WINDOW]
                                    value = min(end, moment + window) if window else end
                                    newest[gauge, sort] = max(newest[gauge, sort], value)
                            if kind[i] == _BLOCK:
                                blocked = max(blocked, end)
                                look = min(look, moment)
                    if (listed >> sort) & 1 and end > moment:
                        for number in range(len(lists)):
                            gauge = lists[number]
                            if not (gauges[gauge, OF] >> sort) & 1:
                                continue
                            day = 0
                            if gauges[gauge, MEASURE] == DAYS:
                                if precise[i] == 0:
                                    continue
                                if zone[0, rule] > moment:
                                    rule = 0
                                while rule + 1 < zone.shape[1] and zone[0, rule + 1] <= moment:
                                    rule += 1
                                day = (moment + zone[1, rule]) // DAY
                            _enter(gauge, day, min(end, moment + gauges[gauge, WINDOW]), gauges, ring)
                    i += 1
                seen |= touched
                if not touched & awaited and look > moment:
                    continue

            best, look, awaited = _climb(moment, ends, rules, conditions, gauges, newest, ring)
            highest = max(highest, best)
            reported = best
            if blocked > moment:
                reported = parted
                look = min(look, blocked)
            if reported != shown:
                cause, ending = _cause(moment, cause, heap, ending, ended, rank)
                move_at[moves], move_by[moves] = moment, cause
                move_from[moves], move_to[moves] = shown, reported
                moves += 1
                shown, changed = reported, moment

        stage[person], top[person], peak[person], since[person] = shown, best, highest, changed
        found[person + 1] = moves - before
        for gauge in range(every):
            if gauges[gauge, OF] & seen:
                have[person, gauge] = _have(gauge, now, gauges, newest, ring)
        if 0 < shown < parted:
            while look != FOREVER:
                moment = max(look, now)
                best, look, awaited = _climb(moment, ends, rules, conditions, gauges, newest, ring)
                if best != shown:
                    until[person] = moment
                    break
    return last, moves
