"""The lifecycle of many people at once, in one pass over each: the columnar twin of ``live.py``.

What an activity counts towards ends at a moment known when it begins: when its window passes, or when it
was ended, if it was. So a condition that asks for n of something holds until the n-th of the last of these
ends: of activities for ``count``, of the last of each day for ``days``, of each kind for ``kinds``. Then
``all`` is a minimum, ``any`` a maximum, and a rung ends at ``max(keep, min(gain, the rung below))``. New
activities only put ends off, so that nothing need be looked at again before an end comes, or before
something arrives of a kind for which a rung waits that is not held. All in integers.

A rung that is not held waits for one condition, or for one of several, and the ladder is climbed again only
when that has come to hold, or when the first end comes of a rung that is held. Where all are held, what
comes before that end is left out but for the last few activities, which decide what then holds.

Importing this module loads numba and, from its cache on disk, the compiled code (``walk.py``); only the
first import ever compiles (some seconds). ``numba.config.CACHE_DIR`` (``NUMBA_CACHE_DIR``) says where; by
default it is beside that file, else in the user's cache folder; where neither can be written, nothing is
cached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from courtship.columns import Bucket, Columns, pack
from courtship.lifecycle.policy import Gauge, Policy, Rule
from courtship.lifecycle.report import Reports
from courtship.lifecycle.walk import COUNT, DAYS, GAUGE_WIDTH, LANES, NEVER, NEWEST, SORTS, VARIETY, walk
from courtship.lifecycle.zone import offsets
from courtship.model import FOREVER, Micros
from courtship.vocabulary import KIND_CODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPLIT: Final = 50_000  # activities below which a second thread costs more than it gains
_PARTS: Final = 8  # for each thread, so that one which is done early takes over from the others
_ROOM: Final = 1_000  # transitions for which there is room at first
_PERSON: Final = 4  # a person costs about as much as so many activities
_HEAD: Final = 16  # words before the first address that is used


def reckon_columns(columns: Columns, policy: Policy, at: Micros, *, threads: int = 2) -> Reports:
    """Where everybody in ``columns`` stands at ``at`` (UTC microseconds).

    Activities after ``at``, and ends after it, are not known yet. The answer does not depend on
    ``threads``.
    """
    return reckon_bucket(pack(columns), policy, at, threads=threads)


def reckon_bucket(bucket: Bucket, policy: Policy, at: Micros, *, threads: int = 1) -> Reports:
    """Where everybody in ``bucket`` stands at ``at``: a function of its arguments alone, to be mapped.

    The answers are in the order of ``bucket.person``; ``activity`` is a position among all (``bucket.row``
    and on).
    """
    people = len(bucket.person)
    bounds = [0, people]
    if threads > 1 and len(bucket.at) > _SPLIT:
        work = bucket.start + _PERSON * np.arange(people + 1)
        marks = np.searchsorted(work, np.linspace(0, work[-1], _PARTS * threads + 1)[1:-1])
        bounds = sorted({0, *marks.tolist(), people})
    else:
        threads = 1
    spans = list(pairwise(bounds))
    sizes = [int(bucket.start[high] - bucket.start[low]) for low, high in spans]

    def part(number: int) -> tuple[Bucket, int, int]:
        return bucket, *spans[number]

    return _reckon(spans, sizes, part, policy, at, threads)


def reckon_parts(
    people: Sequence[int],
    sizes: Sequence[int],
    read: Callable[[int], Bucket],
    policy: Policy,
    at: Micros,
    *,
    threads: int = 2,
) -> Reports:
    """Where everybody stands in buckets of so many ``people`` and activities (``sizes``), one after another.

    ``read`` answers a bucket by its number; it is called in the thread that then walks over it, so that one
    thread reads while the other walks. The largest comes first: whoever has a tenth of all activities in
    one person is done with it when the others are done with the rest.
    """
    ends = np.cumsum([0, *people]).tolist()

    def part(number: int) -> tuple[Bucket, int, int]:
        return read(number), 0, people[number]

    return _reckon(list(pairwise(ends)), sizes, part, policy, at, threads)


def joined(reports: Sequence[Reports]) -> Reports:
    """The answers for several buckets, one after another, as one. Raises ``ValueError`` without any."""
    if not reports:
        raise ValueError("There is nothing to join.")
    first, starts = reports[0], [np.zeros(1, np.int64)]
    for each in reports:
        starts.append(each.start[1:] + starts[-1][-1])
    names = ("stage", "top", "peak", "since", "until", "have", "at", "before", "after", "activity")
    whole = {name: np.concatenate([getattr(each, name) for each in reports]) for name in names}
    return Reports(policy=first.policy, start=np.concatenate(starts), **whole)


def _reckon(
    spans: Sequence[tuple[int, int]],
    sizes: Sequence[int],
    part: Callable[[int], tuple[Bucket, int, int]],
    policy: Policy,
    at: Micros,
    threads: int,
) -> Reports:
    people = spans[-1][1] if spans else 0
    stage, top, peak = (np.full(people, -1, np.int16) for _ in range(3))
    since, until = np.zeros(people, np.int64), np.full(people, FOREVER, np.int64)
    have = np.zeros((people, len(policy.gauges)), np.int32)
    start = np.zeros(people + 1, np.int64)
    answers = (stage, top, peak, since, until, have, start[1:])
    ladder = _ladder(policy)
    moves: list[list[tuple[NDArray[Any], ...]]] = [[] for _ in spans]

    def run(number: int) -> None:
        bucket, low, high = part(number)
        shift = spans[number][0] - low
        theirs: list[Any] = [each[shift:] for each in answers]
        facts: list[Any] = [
            _still(getattr(bucket, name)) for name in ("start", "at", "act", "ends", "ended", "rank", "tie")
        ]
        zone = _zone(policy, bucket, at)
        heap = np.empty(len(bucket.ends), np.int64)
        memory = _aligned(ladder)
        room = max(_ROOM, sizes[number] // 2)  # what is not written to takes no memory
        while low < high:
            new: list[Any] = [np.empty(room, kind) for kind in (np.int64, np.int64, np.int16, np.int16)]
            given: list[Any] = [*facts, zone, memory, heap, *theirs, *new]
            reached, count = walk(low, high, at, bucket.row, *given)
            moves[number].append(tuple(each[:count] for each in new))
            room *= 1 if reached > low else 4  # it may be too little for one person
            low = reached

    order = sorted(range(len(spans)), key=lambda number: -sizes[number])
    if threads > 1 and len(spans) > 1:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(run, order):
                pass
    else:
        for number in order:
            run(number)
    np.cumsum(start, out=start)
    total = int(start[-1])
    found: list[Any] = [np.empty(total, kind) for kind in (np.int64, np.int64, np.int16, np.int16)]
    place = 0
    for several in moves:
        for one in several:
            for into, each in zip(found, one, strict=True):
                into[place : place + len(each)] = each
            place += len(one[0])
        several.clear()
    when, by, before, after = found
    return Reports(policy, stage, top, peak, since, until, have, start, when, before, after, by)


def _still(array: NDArray[Any]) -> NDArray[Any]:
    """A view that cannot be written to, as of what is mapped: numba compiles for either apart."""
    view = np.ascontiguousarray(array)[:]
    view.flags.writeable = False
    return view


def _zone(policy: Policy, bucket: Bucket, now: Micros) -> NDArray[np.int64]:
    """The offsets of the policy's zone over the bucket's activities up to ``now``."""
    daily = any(gauge.measure == "days" for gauge in policy.gauges)
    if not daily or policy.timezone == "UTC":
        return np.stack(offsets("UTC", 0, 0))
    first = bucket.at[bucket.start[:-1][bucket.start[:-1] < bucket.start[1:]]].min(initial=now)
    return np.stack(offsets(policy.timezone, int(first), now))


@lru_cache(maxsize=32)
def _ladder(policy: Policy) -> NDArray[np.int64]:
    """The policy as the array ``m`` of ``walk.py``, with room for what is remembered of one person. Copied by
    whoever writes to it (``_aligned``)."""
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

    words = [0] * _HEAD
    first = len(words)
    of_gauge = [first + GAUGE_WIDTH * place for place in range(len(policy.gauges))]
    words += [0] * GAUGE_WIDTH * len(policy.gauges)
    measures = [_measure(gauge, need) for gauge, need in zip(policy.gauges, needs, strict=True)]

    def pad() -> int:
        """Numbers that are handled side by side begin where a line of the processor's cache does."""
        words.extend([0] * (-len(words) % LANES))
        return len(words)

    # what is kept of one person, NEVER at first
    new = pad()
    lanes = -(-max(measures.count(NEWEST), 1) // LANES) * LANES
    words += [NEVER] * lanes
    held = len(words)
    words += [NEVER] * len(policy.stages)
    sorted_base = {}
    for place, measure in enumerate(measures):
        if measure == VARIETY:
            sorted_base[place] = len(words)
            words += [NEVER] * SORTS
    words.extend([NEVER] * (-len(words) % LANES))
    clear_to = len(words)
    # by sort, what each of the newest ends lies beyond the moment
    weights = len(words)
    newest = [gauge for gauge, measure in zip(policy.gauges, measures, strict=True) if measure == NEWEST]
    for sort in range(SORTS):
        row = [
            (2**62 if one.window == FOREVER else one.window) if _of(one) >> sort & 1 else NEVER
            for one in newest
        ]
        words += row + [NEVER] * (lanes - len(row))

    lists: list[int] = []
    sets: list[int] = []
    cell_of: dict[tuple[int, int], int] = {}
    for place, (address, gauge, need) in enumerate(zip(of_gauge, policy.gauges, needs, strict=True)):
        measure, of = measures[place], _of(gauge)
        window = 0 if gauge.window == FOREVER else gauge.window
        cells = len(words)
        if measure == NEWEST:
            base = new + newest.index(gauge)
            cell_of[place, 1] = base
        else:
            (sets if measure == VARIETY else lists).append(address)
            for one in sorted({one for rule in rules for which, one in rule if which == place}):
                cell_of[place, one] = len(words) + 1
                words += [one, NEVER]
        cells_to = base if measure == NEWEST else len(words)
        cells = base if measure == NEWEST else cells
        if measure == VARIETY:
            base = sorted_base[place]
        elif measure != NEWEST:
            base = len(words)
            words += [0, 0] * need
        edges = [sort for sort in range(SORTS + 1) if (of >> sort ^ (of << 1) >> sort) & 1]
        row = [
            measure,
            window,
            of,
            need,
            base,
            0,
            0,
            0,
            cells,
            cells_to,
            len(words),
            len(words) + len(edges),
            0,
            0,
        ]
        words[address : address + GAUGE_WIDTH] = row
        words += edges
    listed = len(words)
    words += lists
    by_sort = len(words)
    words += sets
    ruled = len(words)
    words += [0] * (len(rules) + 1)
    for place, rule in enumerate(rules):
        words[ruled + place] = len(words)
        for which, need in rule:
            words += [cell_of[which, need], _of(policy.gauges[which]), int(measures[which] == VARIETY)]
    words[ruled + len(rules)] = len(words)
    waiting = len(words)
    conditions = sum(map(len, rules))
    words += [0] * 2 * conditions
    head = [len(policy.stages), len(policy.gauges), first, len(lists), listed, len(sets), by_sort]
    head += [new, new + lanes, weights, ruled, held, clear_to, waiting, waiting + conditions]
    words[: len(head)] = head
    return np.array(words, np.int64)


def _aligned(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """A copy that begins where a line of the processor's cache does."""
    room = np.empty(len(words) + LANES, np.int64)
    shift = -(room.ctypes.data // 8) % LANES
    room[shift : shift + len(words)] = words
    return room[shift : shift + len(words)]


def _measure(gauge: Gauge, need: int) -> int:
    if gauge.measure == "days":
        return DAYS
    if need == 1:
        return NEWEST
    return COUNT if gauge.measure == "count" else VARIETY


def _of(gauge: Gauge) -> int:
    """The sorts that a gauge counts, a bit each."""
    shift = SORTS // 2 if gauge.direction == "outbound" else 0
    return sum(1 << KIND_CODE[kind] + shift for kind in gauge.of)
