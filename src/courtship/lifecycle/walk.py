"""The compiled walk over people's activities; ``kernel.py`` says what it does and hands it its arrays.

All compiled functions that call each other stand in this one file: numba's cache on disk looks at the file
of the outermost one only. A *sort* is an activity's direction and kind: ``outbound * 16 + kind``.

What is remembered of a policy and of one person stands in one array, ``m``, and is found by *addresses*,
places in it: numba hands on each array as seven words at every call, which cost more than what was done.
A *cell* is a word of ``m`` that says until when a condition holds if nothing more happens.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from courtship.columns import ENDS_BIT, KIND_BITS, OUTBOUND_BIT, PRECISE_BIT
from courtship.lifecycle.compiled import compiled_bare
from courtship.model import DAY, FOREVER
from courtship.vocabulary import KIND_CODE, KINDS

SORTS: Final = 32
NEWEST, COUNT, DAYS, VARIETY = range(4)
"""How a gauge is kept: by the newest end alone, where no condition asks for more than one; in a list of the
newest ends, or the last of each day; by the newest end of each sort."""

LANES: Final = 8
"""So many gauges that are kept by their newest end are brought up at once: numbers side by side."""

RUNGS, GAUGES, GAUGE, LISTS, LIST, SETS, SET, NEW, NEW_TO, WEIGHTS, RULES, HELD, CLEAR_TO, FIRST, WAITS = (
    range(15)
)
"""The head of ``m``: how many rungs and gauges there are; the address of the first gauge; how many gauges are
kept in lists, and where their addresses stand; likewise those kept by sort; the addresses of the newest ends
and of what follows them; of what is to be added, by sort, to a moment for each of these ends; of where each
rule's conditions begin (of each rung gain.all, gain.any, keep.all, keep.any, and where the last ends); until
when each rung is held (``NEVER`` where it is not). From the newest ends to ``CLEAR_TO`` everything is
``NEVER`` for a person of whom nothing is known. The addresses of the cells that nobody's first rung waits
for, and that a person's rungs wait for."""

MEASURE, WINDOW, OF, ROOM, BASE, HEAD, SIZE, LATEST, CELL, CELL_TO, FROM, TO, LEFT, EARLIEST = range(14)
"""From the address of a gauge: one of the above; microseconds (0 for standing); which sorts count, a bit
each. The most that any condition asks for. The address of the newest end, of the list, or of the ends by
sort. Of a list: where its newest stands, how many it has, and the latest day that it has seen; it is a ring
with the last end first; by 2: the end, and its calendar day. The addresses between which the cells stand, by
2: how much is needed, and the cell. Those between which the sorts that count are told, each run of them by
its first and the one after its last. While looking back: how many more decide it, and the earliest day."""
GAUGE_WIDTH: Final = 14
CONDITION_WIDTH: Final = 3
"""Of a condition in a rule: the address of its cell, the sorts that count, and whether it is kept by sort."""

NEVER: Final = -(2**62)
FAR: Final = 2**61
"""Ends beyond this never come."""
ix: Final = np.uint64
"""Wrapped around what is not known to be at least 0 as an index: else numba looks at each whether it counts
from the end, which made the walk take 1.8 times as long, and handles no numbers side by side."""
_BLOCK: Final = KIND_CODE["block"]
_FOLLOW: Final = KIND_CODE["follow"]
_ALL_BUT_PRECISE: Final = KIND_BITS | OUTBOUND_BIT | ENDS_BIT
_BLOCKS: Final = (1 << _BLOCK) | (1 << _BLOCK + 16)
_LONG: Final = 256
"""Activities from which on it is worth while to look for what can be left out."""
assert len(KINDS) <= 16


@compiled_bare
def _varieties(m: Any) -> None:
    """Brings up the cells of the gauges that are kept by sort: the end of the n-th sort from the last."""
    for number in range(m[SETS]):
        gauge = m[ix(m[SET] + number)]
        base = m[ix(gauge + BASE)]
        for cell in range(m[ix(gauge + CELL)], m[ix(gauge + CELL_TO)], 2):
            need, end, second = m[ix(cell)], NEVER, NEVER
            if need == 2:
                for run in range(m[ix(gauge + FROM)], m[ix(gauge + TO)], 2):
                    for sort in range(m[ix(run)], m[ix(run + 1)]):
                        one = m[ix(base + sort)]
                        second = max(second, min(end, one))
                        end = max(end, one)
                m[ix(cell + 1)] = second
                continue
            taken = 0
            for _ in range(need):
                end, which = NEVER, -1
                for run in range(m[ix(gauge + FROM)], m[ix(gauge + TO)], 2):
                    for sort in range(m[ix(run)], m[ix(run + 1)]):
                        if m[ix(base + sort)] > end and not (taken >> sort) & 1:
                            end, which = m[ix(base + sort)], sort
                if which < 0:
                    end = NEVER
                    break
                taken |= 1 << which
            m[ix(cell + 1)] = end


@compiled_bare
def _climb(moment: int, waits: int, m: Any) -> tuple[int, int, int, int, int]:
    """Climb the ladder at a moment: the highest rung held, when to look again, what to wait for (sorts, the
    address after the last cell that is written at ``waits``, and whether one of these is kept by sort).

    A rung ends at ``max(keep, min(gain, the rung below))``: for whoever holds it, or where what follows
    ``max`` is still to come. Reckoned in full each time: that is a straight line, where looking first for
    what may be left out is a branch that cannot be foreseen.
    """
    if m[SETS]:
        _varieties(m)
    below, top, look, awaited, variety = FOREVER, 0, FOREVER, 0, 0
    held, rule = m[HELD], m[RULES]
    for _ in range(m[RUNGS]):
        a, b, c, d, e = m[ix(rule)], m[ix(rule + 1)], m[ix(rule + 2)], m[ix(rule + 3)], m[ix(rule + 4)]
        gain, keep = below, FOREVER
        for place in range(a, b, CONDITION_WIDTH):
            gain = min(gain, m[ix(m[ix(place)])])
        if b < c:
            some = NEVER
            for place in range(b, c, CONDITION_WIDTH):
                some = max(some, m[ix(m[ix(place)])])
            gain = min(gain, some)
        for place in range(c, d, CONDITION_WIDTH):
            keep = min(keep, m[ix(m[ix(place)])])
        if d < e:
            some = NEVER
            for place in range(d, e, CONDITION_WIDTH):
                some = max(some, m[ix(m[ix(place)])])
            keep = min(keep, some)
        end = NEVER
        if m[ix(held)] != NEVER or gain > moment:
            end = max(gain, keep)
        if end > moment:
            top = held - m[HELD] + 1
            look = min(look, end)
        else:
            end = NEVER
            if below > moment:
                low, high = b, c
                for place in range(a, b, CONDITION_WIDTH):
                    if m[ix(m[ix(place)])] <= moment:
                        low, high = place, place + CONDITION_WIDTH
                        break
                for place in range(low, high, CONDITION_WIDTH):
                    m[ix(waits)] = m[ix(place)]
                    waits += 1
                    awaited |= m[ix(place + 1)]
                    variety |= m[ix(place + 2)]
        m[ix(held)] = below = end
        held += 1
        rule += 4
    if look > FAR:
        look = FOREVER
    return top, look, awaited, waits, variety


@compiled_bare
def _push(gauge: int, key: int, value: int, m: Any) -> None:
    """Put an activity that ends after all others, and is of another day, in a list."""
    base, room, head = m[ix(gauge + BASE)], m[ix(gauge + ROOM)], m[ix(gauge + HEAD)]
    head = head - 1 if head else room - 1
    m[ix(base + 2 * head)], m[ix(base + 2 * head + 1)] = value, key
    m[ix(gauge + HEAD)], m[ix(gauge + SIZE)] = head, min(m[ix(gauge + SIZE)] + 1, room)
    m[ix(gauge + LATEST)] = key


@compiled_bare
def _cells(gauge: int, m: Any) -> None:
    """Brings up the cells of a list."""
    base, room, head, size = (
        m[ix(gauge + BASE)],
        m[ix(gauge + ROOM)],
        m[ix(gauge + HEAD)],
        m[ix(gauge + SIZE)],
    )
    for cell in range(m[ix(gauge + CELL)], m[ix(gauge + CELL_TO)], 2):
        place = head + m[ix(cell)] - 1
        if place >= room:
            place -= room
        m[ix(cell + 1)] = m[ix(base + 2 * place)] if m[ix(cell)] <= size else NEVER


@compiled_bare
def _day(moment: int, rule: int, zone: Any) -> tuple[int, int, int, int]:
    """The zone's rule at a moment, the calendar day, and between which moments both are the same."""
    if zone[0, rule] > moment:
        rule = 0
    while rule + 1 < zone.shape[1] and zone[0, rule + 1] <= moment:
        rule += 1
    offset = zone[1, rule]
    day = (moment + offset) // DAY
    low, high = max(day * DAY - offset, zone[0, rule]), (day + 1) * DAY - offset
    if rule + 1 < zone.shape[1]:
        high = min(high, zone[0, rule + 1])
    return rule, day, low, high


@compiled_bare
def _enter(gauge: int, key: int, value: int, m: Any) -> None:
    """Put an activity that ends at ``value`` in a list; of one ``key`` (a day) only the last end counts."""
    base, room = m[ix(gauge + BASE)], m[ix(gauge + ROOM)]
    head, size, latest = m[ix(gauge + HEAD)], m[ix(gauge + SIZE)], m[ix(gauge + LATEST)]
    by_day = m[ix(gauge + MEASURE)] == DAYS
    if size == 0 or value >= m[ix(base + 2 * head)]:
        if by_day and size and m[ix(base + 2 * head + 1)] == key:
            m[ix(base + 2 * head)] = value
            return
        if not by_day or key > latest:  # the usual: it is the newest of all
            _push(gauge, key, value, m)
            return
    if by_day and key <= latest:
        found = -1
        for place in range(size):
            at = base + 2 * ((head + place) % room)
            if found >= 0:
                before = base + 2 * ((head + place - 1) % room)
                m[ix(before)], m[ix(before + 1)] = m[ix(at)], m[ix(at + 1)]
            elif m[ix(at + 1)] == key:
                if value <= m[ix(at)]:
                    return
                found = place
        if found >= 0:
            size -= 1
    m[ix(gauge + LATEST)] = max(latest, key)
    place = size
    while place > 0 and m[ix(base + 2 * ((head + place - 1) % room))] < value:
        if place < room:
            at, before = base + 2 * ((head + place) % room), base + 2 * ((head + place - 1) % room)
            m[ix(at)], m[ix(at + 1)] = m[ix(before)], m[ix(before + 1)]
        place -= 1
    if place < room:
        at = base + 2 * ((head + place) % room)
        m[ix(at)], m[ix(at + 1)] = value, key
        size = min(size + 1, room)
    m[ix(gauge + SIZE)] = size


@compiled_bare
def _shows(gauge: int, now: int, m: Any) -> int:
    """What a gauge shows, as far as any condition asks."""
    base, found = m[ix(gauge + BASE)], 0
    if m[ix(gauge + MEASURE)] == NEWEST:
        return int(m[ix(base)] > now)
    if m[ix(gauge + MEASURE)] == VARIETY:
        for run in range(m[ix(gauge + FROM)], m[ix(gauge + TO)], 2):
            for sort in range(m[ix(run)], m[ix(run + 1)]):
                found += m[ix(base + sort)] > now
        return int(min(found, m[ix(gauge + ROOM)]))
    head, room = m[ix(gauge + HEAD)], m[ix(gauge + ROOM)]
    while found < m[ix(gauge + SIZE)] and m[ix(base + 2 * ((head + found) % room))] > now:
        found += 1
    return found


@compiled_bare
def _rise(heap: Any, place: int, ended: Any) -> None:
    """Restore the order of a heap (the earliest end first) whose last has just been added at ``place``."""
    while place and ended[ix(heap[ix(place)])] < ended[ix(heap[ix((place - 1) // 2)])]:
        above = (place - 1) // 2
        heap[ix(place)], heap[ix(above)] = heap[ix(above)], heap[ix(place)]
        place = above


@compiled_bare
def _cause(
    moment: int, cause: int, heap: Any, size: int, ends: Any, ended: Any, rank: Any, tie: Any
) -> tuple[int, int]:
    """The least of ``cause`` and of those that ended at ``moment``; drops all that ended up to then."""
    met, least = False, 0
    while size and ended[ix(heap[ix(0)])] <= moment:
        one = heap[ix(0)]
        if ended[ix(one)] == moment:
            if not met:
                met, least = cause >= 0, tie[ix(one)]
            if not met or rank[ix(one)] < least:
                met, cause, least = True, ends[ix(one)], rank[ix(one)]
        size -= 1
        heap[ix(0)] = heap[ix(size)]
        place = 0
        while 2 * place + 1 < size:
            under = 2 * place + 1
            if under + 1 < size and ended[ix(heap[ix(under + 1)])] < ended[ix(heap[ix(under)])]:
                under += 1
            if ended[ix(heap[ix(place)])] <= ended[ix(heap[ix(under)])]:
                break
            heap[ix(place)], heap[ix(under)] = heap[ix(under)], heap[ix(place)]
            place = under
    return cause, size


@compiled_bare
def _notable(low: int, high: int, blocked: bool, act: Any) -> tuple[int, int]:
    """Where the first block stands (``high`` without one, or if they are ``blocked`` for good), and which
    sorts of follow, not ended, come up to there or a little later."""
    sorts = 0
    while low < high:
        upto = min(low + 1024, high)
        blocks, inbound, outbound = 0, 0, 0
        for place in range(low, upto):
            one = act[ix(place)]
            blocks += one & KIND_BITS == _BLOCK
            inbound += one & _ALL_BUT_PRECISE == _FOLLOW
            outbound += one & _ALL_BUT_PRECISE == _FOLLOW | OUTBOUND_BIT
        sorts |= (inbound > 0) << _FOLLOW | (outbound > 0) << (_FOLLOW + 16)
        if blocks and not blocked:
            while act[ix(low)] & KIND_BITS != _BLOCK:
                low += 1
            return low, sorts
        low = upto
    return high, sorts


@compiled_bare
def _leap(
    i: int, high: int, look: int, blocked: bool, at: Any, act: Any, rule: int, zone: Any, m: Any
) -> int:
    """Up to where activities can be left out that change nothing: where all rungs are held nothing can be
    won, and before ``look`` nothing lost, so that only those count that say until when conditions then hold.

    What ends is not among what is left out, nor is a block, nor what comes after. A follow that lasts is
    remembered.
    """
    step = _LONG
    if at[ix(i + step - 1)] >= look:
        return i
    while i + step < high and at[ix(i + step)] < look:
        step *= 2
    low, target = i + step // 2, min(i + step, high)
    while low < target:
        middle = (low + target) // 2
        if at[ix(middle)] < look:
            low = middle + 1
        else:
            target = middle
    target, follows = _notable(i, target, blocked, act)
    if target - i < _LONG:
        return i
    open_, longest, first = 0, 0, m[GAUGE]
    gauges_to = first + m[GAUGES] * GAUGE_WIDTH
    for gauge in range(first, gauges_to, GAUGE_WIDTH):
        m[ix(gauge + LEFT)] = m[ix(gauge + ROOM)] if m[ix(gauge + WINDOW)] else 0
        m[ix(gauge + EARLIEST)] = FOREVER
        longest = max(longest, m[ix(gauge + WINDOW)])
        if m[ix(gauge + LEFT)]:
            open_ |= m[ix(gauge + OF)]
    place, seen, oldest = target, 0, at[ix(target - 1)] - longest
    while place > i and open_ and at[ix(place - 1)] > oldest:
        place -= 1
        one = int(act[ix(place)])
        sort = (one & 15) | ((one >> 1) & 16)
        if one & ENDS_BIT or not (open_ >> sort) & 1:
            continue
        open_ = 0
        for gauge in range(first, gauges_to, GAUGE_WIDTH):
            if m[ix(gauge + LEFT)] and (m[ix(gauge + OF)] >> sort) & 1:
                if m[ix(gauge + MEASURE)] == DAYS:
                    if one & PRECISE_BIT:
                        rule, day, _, _ = _day(at[ix(place)], rule, zone)
                        if day < m[ix(gauge + EARLIEST)]:
                            m[ix(gauge + EARLIEST)] = day
                            m[ix(gauge + LEFT)] -= 1
                elif m[ix(gauge + MEASURE)] != VARIETY or not (seen >> sort) & 1:
                    m[ix(gauge + LEFT)] -= 1
            if m[ix(gauge + LEFT)]:
                open_ |= m[ix(gauge + OF)]
        seen |= 1 << sort
    for sort in (_FOLLOW, _FOLLOW + 16):
        if place > i and (follows >> sort) & 1:
            row = m[WEIGHTS] + sort * (m[NEW_TO] - m[NEW])
            for lane in range(m[NEW_TO] - m[NEW]):
                m[ix(m[NEW] + lane)] = max(m[ix(m[NEW] + lane)], at[ix(i)] + m[ix(row + lane)])
    return place


@compiled_bare
def walk(
    first: int, last: int, now: int, row: int,
    start: Any, at: Any, act: Any, ends: Any, ended: Any, rank: Any, tie: Any,
    zone: Any, m: Any, heap: Any,
    stage: Any, top: Any, peak: Any, since: Any, until: Any, have: Any, found: Any,
    move_at: Any, move_by: Any, move_from: Any, move_to: Any,
) -> tuple[int, int]:  # fmt: skip
    """The persons ``first`` to ``last``, or fewer where there is no room for more transitions.

    Fills their answers in; answers how far it came and how many transitions it wrote, which are none where
    the room is too small for one person. ``heap`` has room for as many as end. Nothing is allocated.
    """
    gauges, lists, listed, rule = m[GAUGES], m[LISTS], 0, 0
    first_list, sets, first_set, parted, moves = m[LIST], m[SETS], m[SET], m[RUNGS] + 1, 0
    new, new_to, clear_to, weights = m[NEW], m[NEW_TO], m[CLEAR_TO], m[WEIGHTS]
    for number in range(lists):
        listed |= m[ix(m[ix(first_list + number)] + OF)]
    for place in range(new, clear_to):
        m[ix(place)] = NEVER
    _, _, awaited_first, first_waits_to, variety_first = _climb(0, m[FIRST], m)
    day, day_from, day_to, end_place = 0, 0, 0, 0
    low = start[ix(first)] if first < last else 0
    high = len(ends)
    while end_place < high:  # the first that ends of these persons
        middle = (end_place + high) // 2
        if ends[ix(middle)] < low:
            end_place = middle + 1
        else:
            high = middle

    for person in range(first, last):
        low, high = start[ix(person)], start[ix(person + 1)]
        while end_place < len(ends) and ends[ix(end_place)] < low:
            end_place += 1
        if low == high or at[ix(low)] > now:
            continue
        while at[ix(high - 1)] > now:
            high -= 1
        for place in range(new, clear_to, LANES):
            for lane in range(LANES):
                m[ix(place + lane)] = NEVER
        for number in range(lists):
            gauge = m[ix(first_list + number)]
            m[ix(gauge + HEAD)] = m[ix(gauge + SIZE)] = 0
            m[ix(gauge + LATEST)] = NEVER
            for cell in range(m[ix(gauge + CELL)], m[ix(gauge + CELL_TO)], 2):
                m[ix(cell + 1)] = NEVER
        i, ending, blocked = low, 0, NEVER
        best, highest, shown, changed, before = 0, 0, 0, at[ix(low)], moves
        look, awaited, variety = FOREVER, awaited_first, variety_first
        waits, waits_to, leap = m[FIRST], first_waits_to, 0

        while True:
            special, due, forced = awaited | (_BLOCKS if blocked < FOREVER else 0), 0, False
            moment, cause = NEVER, -1
            while i < high:
                moment = at[ix(i)]
                if moment > look:
                    break
                one, end = int(act[ix(i)]), FOREVER
                sort = (one & 15) | ((one >> 1) & 16)
                if one & ENDS_BIT:
                    if ended[ix(end_place)] <= now:
                        end = ended[ix(end_place)]
                        heap[ix(ending)] = end_place
                        _rise(heap, ending, ended)
                        ending += 1
                    end_place += 1
                add = weights + sort * (new_to - new)
                for place in range(new, new_to, LANES):
                    a, b, c, d = m[ix(add)], m[ix(add + 1)], m[ix(add + 2)], m[ix(add + 3)]
                    e, f, g, h = m[ix(add + 4)], m[ix(add + 5)], m[ix(add + 6)], m[ix(add + 7)]
                    p, q, r, s = m[ix(place)], m[ix(place + 1)], m[ix(place + 2)], m[ix(place + 3)]
                    t, u, v, w = m[ix(place + 4)], m[ix(place + 5)], m[ix(place + 6)], m[ix(place + 7)]
                    p, q = max(p, min(end, moment + a)), max(q, min(end, moment + b))
                    r, s = max(r, min(end, moment + c)), max(s, min(end, moment + d))
                    t, u = max(t, min(end, moment + e)), max(u, min(end, moment + f))
                    v, w = max(v, min(end, moment + g)), max(w, min(end, moment + h))
                    m[ix(place)], m[ix(place + 1)], m[ix(place + 2)], m[ix(place + 3)] = p, q, r, s
                    m[ix(place + 4)], m[ix(place + 5)], m[ix(place + 6)], m[ix(place + 7)] = t, u, v, w
                    add += LANES
                for number in range(sets):
                    gauge = m[ix(first_set + number)]
                    place = m[ix(gauge + BASE)] + sort
                    m[ix(place)] = max(m[ix(place)], min(end, moment + m[ix(gauge + WINDOW)]))
                if (listed >> sort) & 1 and end > moment:
                    for number in range(lists):
                        gauge = m[ix(first_list + number)]
                        if (m[ix(gauge + OF)] >> sort) & 1:
                            if m[ix(gauge + MEASURE)] == COUNT:
                                if end == FOREVER:
                                    _push(gauge, 0, moment + m[ix(gauge + WINDOW)], m)
                                else:
                                    _enter(gauge, 0, min(end, moment + m[ix(gauge + WINDOW)]), m)
                                _cells(gauge, m)
                            elif one & PRECISE_BIT:
                                if not day_from <= moment < day_to:
                                    rule, day, day_from, day_to = _day(moment, rule, zone)
                                _enter(gauge, day, min(end, moment + m[ix(gauge + WINDOW)]), m)
                                _cells(gauge, m)
                i += 1
                if i < leap:
                    i = min(leap, ends[ix(end_place)]) if end_place < len(ends) else leap
                due |= (special >> sort) & 1
                if due or moment == look:
                    if one & KIND_BITS == _BLOCK:
                        blocked, forced = max(blocked, end), True
                    if i < high and at[ix(i)] == moment:
                        continue
                    if moment < look and not forced:
                        due = 0
                        if variety:
                            _varieties(m)
                        for place in range(waits, waits_to):
                            due |= m[ix(m[ix(place)])] > moment
                        if not due:
                            continue
                    cause = i - 1
                    break
            if cause < 0:
                if look > now:
                    break
                moment = look
            waits = m[WAITS]
            best, look, awaited, waits_to, variety = _climb(moment, waits, m)
            highest = max(highest, best)
            reported = best
            if blocked > moment:
                reported = parted
                look = min(look, blocked)
            if reported != shown:
                if moves == len(move_at):
                    return person, before
                while cause > low and at[ix(cause - 1)] == moment:
                    cause -= 1
                if ending:
                    cause, ending = _cause(moment, cause, heap, ending, ends, ended, rank, tie)
                move_at[ix(moves)], move_by[ix(moves)] = moment, cause + row if cause >= 0 else -1
                move_from[ix(moves)], move_to[ix(moves)] = shown, reported
                moves += 1
                shown, changed = reported, moment
            if not awaited and high - i > _LONG:
                leap = _leap(i, high, look, blocked == FOREVER, at, act, rule, zone, m)
                i = min(leap, ends[ix(end_place)]) if end_place < len(ends) else leap

        stage[ix(person)], top[ix(person)], peak[ix(person)], since[ix(person)] = (
            shown,
            best,
            highest,
            changed,
        )
        found[ix(person)] = moves - before
        for place in range(gauges):
            have[person, place] = _shows(m[GAUGE] + place * GAUGE_WIDTH, now, m)
        if 0 < shown < parted:
            _climb(now, m[WAITS], m)
            end = m[ix(m[HELD] + best - 1)]
            if end < FAR:
                until[ix(person)] = end
    return last, moves
