"""The compiled walk over people's activities; ``kernel.py`` says what it does and hands it its arrays.

All compiled functions that call each other stand in this one file: numba's cache on disk looks at the file
of the outermost one only. A *sort* is an activity's direction and kind: ``outbound * len(KINDS) + kind``.

What is remembered of a policy and of one person stands in one array, ``m``, and is found by *addresses*,
places in it: numba hands on each array as seven words at every call, which cost more than what was done.
"""

from __future__ import annotations

from typing import Any, Final

from courtship.columns import ENDS_BIT, KIND_BITS, PRECISE_BIT
from courtship.lifecycle.compiled import compiled_bare
from courtship.model import DAY, FOREVER
from courtship.vocabulary import KIND_CODE, KINDS

SORTS: Final = 2 * len(KINDS)
NEWEST, COUNT, DAYS = range(3)
"""How a gauge is kept: by the newest activity of each sort, or in a list of the newest activities or days."""

RUNGS, GAUGES, GAUGE, LISTS, LIST, RULES, HELD, WAITS, FRESH, LASTS, DIRTY = range(11)
"""The head of ``m``: how many rungs and gauges there are; the addresses of the first gauge, of how many
lists, of the gauges that are kept in lists (each an address), of where each rule's conditions begin (of each
rung gain.all, gain.any, keep.all, keep.any, and where the last ends; a condition is the address of its gauge
and how much is needed). Of one person: the addresses of until when each rung is held at least (``NEVER``
where it is not); of what each rung waits for, by 3: the sorts, and the addresses between which the conditions
stand (none: that was not looked at); by sort, of the newest activity that has no end of its own; of the first
of the gauges' ``LAST``. Then, whether any of these ``LAST`` has been written."""

MEASURE, WINDOW, OF, ROOM, BASE, HEAD, SIZE, LATEST, FROM, TO, LAST = range(11)
"""From the address of a gauge: one of the above; microseconds (0 for standing); which sorts count, a bit
each. Of a list: how many it holds, the most that any condition asks for; its address; during the walk where
its newest stands, how many it has, and the latest day that it has seen. The addresses between which the sorts
that count are told, each run of them by its first and the one after its last, and where, by sort, the last
end of activities stands that were ended or that stand until they are. A list is a ring with the last end
first; by 2: the end, and its calendar day."""
GAUGE_WIDTH: Final = 11

NEVER: Final = -(2**62)
_K: Final = len(KINDS)
_BLOCK: Final = KIND_CODE["block"]
_LASTING: Final = sum(1 << (KIND_CODE[kind] + way) for kind in ("follow", "block") for way in (0, _K))


@compiled_bare
def _until(gauge: int, need: int, m: Any) -> int:
    """When a gauge falls below ``need`` if nothing more happens: the end of the ``need``-th from the last."""
    if m[gauge + MEASURE] != NEWEST:
        if m[gauge + SIZE] < need:
            return NEVER
        place = m[gauge + HEAD] + need - 1
        if place >= m[gauge + ROOM]:
            place -= m[gauge + ROOM]
        return int(m[m[gauge + BASE] + 2 * place])
    window, fresh, last = m[gauge + WINDOW], m[FRESH], m[gauge + LAST]
    end, second = NEVER, NEVER
    if need == 1 and not m[DIRTY]:
        for run in range(m[gauge + FROM], m[gauge + TO], 2):
            for sort in range(m[run], m[run + 1]):
                end = max(end, m[fresh + sort])
        return int(end + window)
    if need <= 2:
        for run in range(m[gauge + FROM], m[gauge + TO], 2):
            for sort in range(m[run], m[run + 1]):
                one = max(m[fresh + sort] + window, m[last + sort])
                second = max(second, min(end, one))
                end = max(end, one)
        return end if need == 1 else second
    taken = 0
    for _ in range(need):
        end, which = NEVER, -1
        for run in range(m[gauge + FROM], m[gauge + TO], 2):
            for sort in range(m[run], m[run + 1]):
                one = max(m[fresh + sort] + window, m[last + sort])
                if one > end and not (taken >> sort) & 1:
                    end, which = one, sort
        if which < 0:
            return NEVER
        taken |= 1 << which
    return end


@compiled_bare
def _have(gauge: int, now: int, m: Any) -> int:
    """What a gauge shows, as far as any condition asks."""
    found = 0
    if m[gauge + MEASURE] != NEWEST:
        while found < m[gauge + SIZE] and _until(gauge, found + 1, m) > now:
            found += 1
        return found
    if m[gauge + ROOM] == 1:
        return int(_until(gauge, 1, m) > now)
    window, fresh, last = m[gauge + WINDOW], m[FRESH], m[gauge + LAST]
    for run in range(m[gauge + FROM], m[gauge + TO], 2):
        for sort in range(m[run], m[run + 1]):
            if max(m[fresh + sort] + window, m[last + sort]) > now:
                found += 1
    return int(min(found, m[gauge + ROOM]))


@compiled_bare
def _rule(rule: int, moment: int, m: Any) -> tuple[int, int, int]:
    """Until when a rule holds; if not beyond ``moment``, between which addresses the conditions stand of
    which one must come to hold."""
    end, low, high = FOREVER, m[rule + 1], m[rule + 2]
    for place in range(m[rule], low, 2):
        end = min(end, _until(m[place], m[place + 1], m))
        if end <= moment:
            return end, place, place + 2
    if low == high:
        return end, low, low
    latest = NEVER
    for place in range(low, high, 2):
        latest = max(latest, _until(m[place], m[place + 1], m))
        if latest >= end:
            break
    return min(end, latest), low, high


@compiled_bare
def _awaits(touched: int, moment: int, m: Any) -> bool:
    """Whether, of those waited for, a condition has come to hold by what was touched."""
    for rung in range(m[RUNGS]):
        if touched & m[m[WAITS] + 3 * rung]:
            for place in range(m[m[WAITS] + 3 * rung + 1], m[m[WAITS] + 3 * rung + 2], 2):
                if _until(m[place], m[place + 1], m) > moment:
                    return True
    return False


@compiled_bare
def _climb(moment: int, touched: int, m: Any) -> tuple[int, int, int]:
    """Climb the ladder at a moment: the highest rung held, when to look again, and what to wait for.

    A rung ends at ``max(keep, min(gain, the rung below))``. New activities only put ends off, so that an
    end once found needs no second look before it comes (either of the two will do), nor a gain that failed
    before one of the sorts that it waits for is ``touched``.
    """
    below, top, look, awaited = FOREVER, 0, FOREVER, 0
    for rung in range(m[RUNGS]):
        held, waits = m[HELD] + rung, m[WAITS] + 3 * rung
        end = m[held]
        if end <= moment and (
            end != NEVER or (below > moment and (touched & m[waits] or m[waits + 1] == m[waits + 2]))
        ):
            fresh, low, high = NEVER, 0, 0
            for which in range(2):  # keep, gain: written once, so that it is compiled in once
                if fresh <= moment and (end if which == 0 else below) > (NEVER if which == 0 else moment):
                    fresh, low, high = _rule(m[RULES] + 4 * rung + 2 * (1 - which), moment, m)
                    if which == 1:
                        fresh = min(fresh, below)
            if fresh <= moment:
                fresh, m[waits], m[waits + 1], m[waits + 2] = NEVER, 0, low, high
                for place in range(low, high, 2):
                    m[waits] |= m[m[place] + OF]
            m[held] = end = fresh
        if end > moment:
            top = rung + 1
            look = min(look, end)
        elif below > moment:
            awaited |= m[waits]
        else:
            m[waits] = m[waits + 1] = m[waits + 2] = 0
        below = end
    return top, look, awaited


@compiled_bare
def _push(gauge: int, key: int, value: int, m: Any) -> None:
    """Put an activity that ends after all others, and is of another day, in a list."""
    base, room, head = m[gauge + BASE], m[gauge + ROOM], m[gauge + HEAD]
    head = head - 1 if head else room - 1
    m[base + 2 * head], m[base + 2 * head + 1] = value, key
    m[gauge + HEAD], m[gauge + SIZE] = head, min(m[gauge + SIZE] + 1, room)
    m[gauge + LATEST] = key


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
    base, room = m[gauge + BASE], m[gauge + ROOM]
    head, size, latest = m[gauge + HEAD], m[gauge + SIZE], m[gauge + LATEST]
    by_day = m[gauge + MEASURE] == DAYS
    if size == 0 or value >= m[base + 2 * head]:
        if by_day and size and m[base + 2 * head + 1] == key:
            m[base + 2 * head] = value
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
                m[before], m[before + 1] = m[at], m[at + 1]
            elif m[at + 1] == key:
                if value <= m[at]:
                    return
                found = place
        if found >= 0:
            size -= 1
    m[gauge + LATEST] = max(latest, key)
    place = size
    while place > 0 and m[base + 2 * ((head + place - 1) % room)] < value:
        if place < room:
            at, before = base + 2 * ((head + place) % room), base + 2 * ((head + place - 1) % room)
            m[at], m[at + 1] = m[before], m[before + 1]
        place -= 1
    if place < room:
        at = base + 2 * ((head + place) % room)
        m[at], m[at + 1] = value, key
        size = min(size + 1, room)
    m[gauge + SIZE] = size


@compiled_bare
def _rise(heap: Any, place: int, ended: Any) -> None:
    """Restore the order of a heap (the earliest end first) whose last has just been added at ``place``."""
    while place and ended[heap[place]] < ended[heap[(place - 1) // 2]]:
        above = (place - 1) // 2
        heap[place], heap[above] = heap[above], heap[place]
        place = above


@compiled_bare
def _cause(
    moment: int, cause: int, heap: Any, size: int, ends: Any, ended: Any, rank: Any, tie: Any
) -> tuple[int, int]:
    """The least of ``cause`` and of those that ended at ``moment``; drops all that ended up to then."""
    met, least = False, 0
    while size and ended[heap[0]] <= moment:
        one = heap[0]
        if ended[one] == moment:
            if not met:
                met, least = cause >= 0, tie[one]
            if not met or rank[one] < least:
                met, cause, least = True, ends[one], rank[one]
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
    rungs, gauges, lists, listed, rule = m[RUNGS], m[GAUGES], m[m[LISTS]], 0, 0
    first_list, fresh, parted, moves = m[LIST], m[FRESH], rungs + 1, 0
    for number in range(lists):
        listed |= m[m[first_list + number] + OF]
    day, day_from, day_to, end_place = 0, 0, 0, 0
    low = start[first] if first < last else 0
    high = len(ends)
    while end_place < high:  # the first that ends of these persons
        middle = (end_place + high) // 2
        if ends[middle] < low:
            end_place = middle + 1
        else:
            high = middle

    for person in range(first, last):
        low, high = start[person], start[person + 1]
        while end_place < len(ends) and ends[end_place] < low:
            end_place += 1
        if low == high or at[low] > now:
            continue
        while at[high - 1] > now:
            high -= 1
        for rung in range(rungs):
            m[m[HELD] + rung] = NEVER
            waits = m[WAITS] + 3 * rung
            m[waits] = m[waits + 1] = m[waits + 2] = 0
        for sort in range(SORTS):
            m[fresh + sort] = NEVER
        if m[DIRTY]:
            for place in range(gauges * SORTS):
                m[m[LASTS] + place] = NEVER
        for number in range(lists):
            gauge = m[first_list + number]
            m[gauge + HEAD] = m[gauge + SIZE] = 0
            m[gauge + LATEST] = NEVER
        m[DIRTY] = 0
        i, seen, ending, blocked = low, 0, 0, NEVER
        best, highest, shown, changed, before = 0, 0, 0, at[low], moves
        look, awaited = FOREVER, -1  # a moment by which, and the sorts by which, something may change

        while True:
            special = awaited | _LASTING
            while i < high:  # those that are only remembered
                one, moment = int(act[i]), at[i]
                sort = (one & KIND_BITS) + ((one >> 5) & 1) * _K
                if one & ENDS_BIT or (special >> sort) & 1 or moment >= look:
                    break
                m[fresh + sort] = moment
                seen |= 1 << sort
                i += 1
                if (listed >> sort) & 1:
                    for number in range(lists):
                        gauge = m[first_list + number]
                        if (m[gauge + OF] >> sort) & 1:
                            if m[gauge + MEASURE] == COUNT:
                                _push(gauge, 0, moment + m[gauge + WINDOW], m)
                            elif one & PRECISE_BIT:
                                if not day_from <= moment < day_to:
                                    rule, day, day_from, day_to = _day(moment, rule, zone)
                                _enter(gauge, day, moment + m[gauge + WINDOW], m)
            cause, touched = -1, 0
            moment = at[i] if i < high else now + 1
            if look < moment:
                moment = look
            elif i == high:
                break
            else:
                cause = i
                while i < high and at[i] == moment:
                    one = int(act[i])
                    sort = (one & KIND_BITS) + ((one >> 5) & 1) * _K
                    touched |= 1 << sort
                    end = FOREVER
                    if one & ENDS_BIT:
                        if ended[end_place] <= now:
                            end = ended[end_place]
                            heap[ending] = end_place
                            _rise(heap, ending, ended)
                            ending += 1
                        end_place += 1
                    if end == FOREVER and not (_LASTING >> sort) & 1:
                        m[fresh + sort] = moment
                    elif end > moment:
                        m[DIRTY] = 1
                        for place in range(gauges):
                            gauge = m[GAUGE] + place * GAUGE_WIDTH
                            if (m[gauge + OF] >> sort) & 1 and m[gauge + MEASURE] == NEWEST:
                                window, last_end = m[gauge + WINDOW], m[gauge + LAST] + sort
                                value = min(end, moment + window) if window else end
                                m[last_end] = max(m[last_end], value)
                        if one & KIND_BITS == _BLOCK:
                            blocked = max(blocked, end)
                            look = min(look, moment)
                    if (listed >> sort) & 1 and end > moment:
                        for number in range(lists):
                            gauge = m[first_list + number]
                            if not (m[gauge + OF] >> sort) & 1:
                                continue
                            if m[gauge + MEASURE] == DAYS:
                                if not one & PRECISE_BIT:
                                    continue
                                if not day_from <= moment < day_to:
                                    rule, day, day_from, day_to = _day(moment, rule, zone)
                            _enter(gauge, day, min(end, moment + m[gauge + WINDOW]), m)
                    i += 1
                seen |= touched
                if look > moment and awaited >= 0 and not _awaits(touched & awaited, moment, m):
                    continue
                while cause > low and at[cause - 1] == moment:
                    cause -= 1

            best, look, awaited = _climb(moment, touched, m)
            highest = max(highest, best)
            reported = best
            if blocked > moment:
                reported = parted
                look = min(look, blocked)
            if reported != shown:
                if moves == len(move_at):
                    return person, before
                if ending:
                    cause, ending = _cause(moment, cause, heap, ending, ends, ended, rank, tie)
                move_at[moves], move_by[moves] = moment, cause + row if cause >= 0 else -1
                move_from[moves], move_to[moves] = shown, reported
                moves += 1
                shown, changed = reported, moment

        stage[person], top[person], peak[person], since[person] = shown, best, highest, changed
        found[person] = moves - before
        for place in range(gauges):
            gauge = m[GAUGE] + place * GAUGE_WIDTH
            if m[gauge + OF] & seen:
                have[person, place] = _have(gauge, now, m)
        if 0 < shown < parted:
            while look != FOREVER:
                moment = max(look, now)
                best, look, awaited = _climb(moment, 0, m)
                if best != shown:
                    until[person] = moment
                    break
    return last, moves
