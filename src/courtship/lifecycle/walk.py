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
from courtship.compiled import compiled_bare
from courtship.lifecycle.lanes import LANES, put_off
from courtship.model import DAY, FOREVER
from courtship.vocabulary import KIND_CODE, KINDS

SORTS: Final = 32
NEWEST, COUNT, DAYS, PAIR, VARIETY = range(5)
"""How a gauge is kept: by the newest end alone, where no condition asks for more than one; by as many of the
newest ends as any asks for, the newest first, or of the last of each day; by the newest ends of two sorts; by
the newest end of each sort."""

SHORT: Final = 8
"""So many ends are brought up in a straight line, whether they are there or not."""

(
    RUNGS, GAUGES, GAUGE, NEWESTS, COUNTS, DAILIES, PAIRS, SETS, LONGS, LISTED_TO,
    NEW, NEW_TO, WEIGHTS, CLEAR_TO, RULES, HELD, FIRST, WAITS, WIDTH,
) = range(19)  # fmt: skip
"""The head of ``m``: how many rungs and gauges there are; the address of the first gauge; where these stand,
one list after another: which gauges are kept by ``NEWEST`` (their numbers, in the order of their ends), and
the addresses of those kept by ``COUNT``, by ``DAYS``, by ``PAIR``, by ``VARIETY``, and of those with more
ends than are ``SHORT``. The addresses of the newest ends and of what follows them; of what is to be added, by
sort, to a moment for each of these ends. From the newest ends to ``CLEAR_TO`` everything is ``NEVER`` for a
person of whom nothing is known. Of where each rule's conditions begin (of each rung gain.all, gain.any,
keep.all, keep.any, and where the last ends); until when each rung is held (``NEVER`` where it is not). The
addresses of the cells that nobody's first rung waits for, and that a person's rungs wait for. How many words
a condition has (not known when this is compiled: else a handful of steps is unrolled by eights)."""

MEASURE, WINDOW, OF, ROOM, BASE, SHOWN_TO, LATEST, CELL, CELL_TO, FROM, TO, LEFT, EARLIEST = range(13)
"""From the address of a gauge: one of the above; microseconds (0 for standing); which sorts count, a bit
each. The most that any condition asks for. The addresses of the first of the ends that it shows, and of what
follows the last: of a list the newest is first, and its calendar days follow in the same order; of a pair
the sort of the first follows. The latest day that a list has seen. The addresses between which stand, by 2,
how much is needed and the cell of a gauge kept by sort; all others have an end for a cell. Those between
which the sorts that count are told, each run of them by its first and the one after its last. While looking
back: how many more decide it, and the earliest day."""
GAUGE_WIDTH: Final = 13
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
    for number in range(m[SETS], m[LONGS]):
        gauge = m[ix(number)]
        base = m[ix(gauge + BASE)]
        for cell in range(m[ix(gauge + CELL)], m[ix(gauge + CELL_TO)], 2):
            need, end = m[ix(cell)], NEVER
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
def _ends(rule: int, below: int, width: int, m: Any) -> tuple[int, int]:
    """When a rung's gain and keep end."""
    place, b, c = m[ix(rule)], m[ix(rule + 1)], m[ix(rule + 2)]
    d, e = m[ix(rule + 3)], m[ix(rule + 4)]
    gain, keep = below, FOREVER
    while place < b:
        gain = min(gain, m[ix(m[ix(place)])])
        place += width
    if b < c:
        some = NEVER
        while place < c:
            some = max(some, m[ix(m[ix(place)])])
            place += width
        gain = min(gain, some)
    while place < d:
        keep = min(keep, m[ix(m[ix(place)])])
        place += width
    if d < e:
        some = NEVER
        while place < e:
            some = max(some, m[ix(m[ix(place)])])
            place += width
        keep = min(keep, some)
    return gain, keep


@compiled_bare
def _climb(moment: int, waits: int, m: Any) -> tuple[int, int, int, int, int]:
    """Climb the ladder at a moment: the highest rung held, when to look again, what to wait for (sorts, the
    address after the last cell that is written at ``waits``, and whether one of these is kept by sort).

    A rung ends at ``max(keep, min(gain, the rung below))``: for whoever holds it, or where what follows
    ``max`` is still to come. Reckoned in full each time: that is a straight line, where looking first for
    what may be left out is a branch that cannot be foreseen.
    """
    if m[SETS] < m[LONGS]:
        _varieties(m)
    below, top, look, awaited, variety = FOREVER, 0, FOREVER, 0, 0
    held, rule = m[HELD], m[RULES]
    for _ in range(m[RUNGS]):
        gain, keep = _ends(rule, below, m[WIDTH], m)
        end = NEVER
        if m[ix(held)] != NEVER or gain > moment:
            end = max(gain, keep)
        if end > moment:
            top = held - m[HELD] + 1
            look = min(look, end)
        else:
            end = NEVER
            if below > moment:
                low, high = m[ix(rule + 1)], m[ix(rule + 2)]
                for place in range(m[ix(rule)], low, CONDITION_WIDTH):
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
def _enter(gauge: int, day: int, value: int, m: Any) -> None:
    """Put what ends at ``value`` in a list by day; of one day only the last end counts."""
    base, to = m[ix(gauge + BASE)], m[ix(gauge + SHOWN_TO)]
    room, place, found = to - base, base, NEVER
    m[ix(gauge + LATEST)] = max(m[ix(gauge + LATEST)], day)
    while place < to and m[ix(place)] != NEVER:
        if m[ix(place + room)] == day:
            found = m[ix(place)]
            break
        place += 1
    if place == to:  # the least falls out
        place -= 1
        found = m[ix(place)]
    if found >= value:
        return
    while place > base and m[ix(place - 1)] < value:
        m[ix(place)], m[ix(place + room)] = m[ix(place - 1)], m[ix(place + room - 1)]
        place -= 1
    m[ix(place)], m[ix(place + room)] = value, day


@compiled_bare
def _new_day(gauge: int, day: int, value: int, m: Any) -> None:
    """The same of a day later than all others, and an end not before theirs."""
    base, to = m[ix(gauge + BASE)], m[ix(gauge + SHOWN_TO)]
    place, room = base, to - base
    m[ix(gauge + LATEST)] = day
    while place < to:
        ended, was = m[ix(place)], m[ix(place + room)]
        m[ix(place)], m[ix(place + room)] = value, day
        if ended == NEVER and room > SHORT:
            break
        value, day = ended, was
        place += 1


@compiled_bare
def _push(gauge: int, value: int, m: Any) -> None:
    """Put what ends at ``value`` in a list."""
    base, to = m[ix(gauge + BASE)], m[ix(gauge + SHOWN_TO)]
    long = to - base > SHORT
    for place in range(base, to):
        ended = m[ix(place)]
        m[ix(place)], value = max(ended, value), min(ended, value)
        if long and value == NEVER:
            break


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
                elif m[ix(gauge + MEASURE)] < PAIR or not (seen >> sort) & 1:
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
    listed, rule, newests = 0, 0, m[NEWESTS]
    counts, dailies, pairs, sets, longs, listed_to = (
        m[COUNTS],
        m[DAILIES],
        m[PAIRS],
        m[SETS],
        m[LONGS],
        m[LISTED_TO],
    )
    parted, moves = m[RUNGS] + 1, 0
    plain = (
        m[ix(m[RULES])] == m[ix(m[RULES] + 1)]
    )  # whoever lost the lowest rung waits for the same as at first
    new, new_to, clear_to, weights = m[NEW], m[NEW_TO], m[CLEAR_TO], m[WEIGHTS]
    for number in range(counts, longs):
        listed |= m[ix(m[ix(number)] + OF)]
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
        for number in range(longs, listed_to):
            gauge = m[ix(number)]
            place = m[ix(gauge + BASE)]
            while place < m[ix(gauge + SHOWN_TO)] and m[ix(place)] != NEVER:
                m[ix(place)] = NEVER
                place += 1
        for number in range(dailies, pairs):
            m[ix(m[ix(number)] + LATEST)] = NEVER
        i, ending, blocked = low, 0, NEVER
        best, highest, shown, changed, before = 0, 0, 0, at[ix(low)], moves
        look, awaited, variety = FOREVER, awaited_first, variety_first
        waits, waits_to, leap, climbed = m[FIRST], first_waits_to, 0, False

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
                add = weights + sort * (new_to - new) - new
                for place in range(new, new_to, LANES):
                    put_off(m, place, add + place, moment, end)
                if (listed >> sort) & 1:
                    for number in range(counts, dailies):
                        gauge = m[ix(number)]
                        if (m[ix(gauge + OF)] >> sort) & 1:
                            _push(gauge, min(end, moment + m[ix(gauge + WINDOW)]), m)
                    for number in range(dailies, pairs):
                        gauge = m[ix(number)]
                        if (m[ix(gauge + OF)] >> sort) & 1 and one & PRECISE_BIT and end > moment:
                            if not day_from <= moment < day_to:
                                rule, day, day_from, day_to = _day(moment, rule, zone)
                            value = min(end, moment + m[ix(gauge + WINDOW)])
                            base = m[ix(gauge + BASE)]
                            if end == FOREVER and day > m[ix(gauge + LATEST)]:
                                _new_day(gauge, day, value, m)
                            elif end == FOREVER and day == m[ix(m[ix(gauge + SHOWN_TO)])]:
                                m[ix(base)] = value
                            else:
                                _enter(gauge, day, value, m)
                    for number in range(pairs, sets):
                        gauge = m[ix(number)]
                        if (m[ix(gauge + OF)] >> sort) & 1:
                            value, base = min(end, moment + m[ix(gauge + WINDOW)]), m[ix(gauge + BASE)]
                            best_end, best_sort = m[ix(base)], m[ix(base + 2)]
                            other = NEVER if sort == best_sort else min(best_end, value)
                            m[ix(base)] = max(best_end, value)
                            m[ix(base + 1)] = max(m[ix(base + 1)], other)
                            m[ix(base + 2)] = sort if value > best_end else best_sort
                    for number in range(sets, longs):
                        gauge = m[ix(number)]
                        place = m[ix(gauge + BASE)] + sort
                        if (m[ix(gauge + OF)] >> sort) & 1:
                            m[ix(place)] = max(m[ix(place)], min(end, moment + m[ix(gauge + WINDOW)]))
                climbed = False
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
            climbed = True
            if cause < 0 and best == 1 and plain and blocked == NEVER:
                # time alone wins nothing: only whether the lowest rung still holds
                if sets < longs:
                    _varieties(m)
                gain, keep = _ends(m[RULES], FOREVER, m[WIDTH], m)
                look = m[ix(m[HELD])] = max(gain, keep)
                if look <= moment:
                    m[ix(m[HELD])], best, look = NEVER, 0, FOREVER
                    waits, waits_to, awaited, variety = m[FIRST], first_waits_to, awaited_first, variety_first
                elif look > FAR:
                    look = FOREVER
            else:
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
        for lane in range(counts - newests):
            have[ix(person), ix(m[ix(newests + lane)])] = m[ix(new + lane)] > now
        for number in range(counts, longs):
            gauge, count = m[ix(number)], 0
            place = (gauge - m[GAUGE]) // GAUGE_WIDTH
            for one in range(m[ix(gauge + BASE)], m[ix(gauge + SHOWN_TO)]):
                if number < pairs and m[ix(one)] <= now:
                    break  # what follows in a list ends no later
                count += m[ix(one)] > now
            have[ix(person), ix(place)] = min(count, m[ix(gauge + ROOM)])
        if 0 < shown < parted:
            if not climbed:
                _climb(now, m[WAITS], m)
            end = m[ix(m[HELD] + best - 1)]
            if end < FAR:
                until[ix(person)] = end
    return last, moves
