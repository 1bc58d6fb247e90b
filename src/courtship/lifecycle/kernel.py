"""The lifecycle of many people at once, in one pass over each: the columnar twin of ``live.py``.

What an activity counts towards ends at a moment known when it begins: when its window passes, or when it
was ended, if it was. So a condition that asks for n of something holds until the n-th of the last of these
ends: of activities for ``count``, of the last of each day for ``days``, of each kind for ``kinds``. Then
``all`` is a minimum, ``any`` a maximum, and a rung ends at ``max(keep, min(gain, the rung below))``. New
activities only put ends off, so that nothing need be looked at again before an end comes, or before
something arrives of a kind for which the next rung waits. Activities of most kinds cost one store.
All in integers.

A rung that is not held waits for one condition, or for one of several, and is climbed again only when that
has come to hold; one that is held is looked at when its end comes, its keep first.

Importing this module loads numba and, from its cache on disk, the compiled code (``walk.py``); only the
first import ever compiles (some seconds). ``numba.config.CACHE_DIR`` (``NUMBA_CACHE_DIR``) says where; by
default it is beside that file, else in the user's cache folder; where neither can be written, nothing is
cached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from courtship.columns import Bucket, Columns, pack
from courtship.lifecycle.policy import Gauge, Policy, Rule
from courtship.lifecycle.report import Reports
from courtship.lifecycle.walk import COUNT, DAYS, GAUGE_WIDTH, NEVER, NEWEST, SORTS, walk
from courtship.lifecycle.zone import offsets
from courtship.model import FOREVER, Micros
from courtship.vocabulary import KINDS

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
        memory = ladder.copy()
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


def _ladder(policy: Policy) -> NDArray[np.int64]:
    """The policy as the array ``m`` of ``walk.py``, with room for what is remembered of one person."""
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
    lists, rows = [], []
    for address, gauge, need in zip(of_gauge, policy.gauges, needs, strict=True):
        measure = _measure(gauge, need)
        window = 0 if gauge.window == FOREVER else gauge.window
        of = _of(gauge)
        edges = [sort for sort in range(SORTS + 1) if (of >> sort ^ (of << 1) >> sort) & 1]
        base = len(words)
        if measure != NEWEST:
            lists.append(address)
            words += [0, 0] * need
        rows.append([measure, window, of, need, base, 0, 0, 0, len(words), len(words) + len(edges)])
        words += edges
    listed = len(words)
    words += lists
    ruled = len(words)
    words += [0] * (len(rules) + 1)
    for place, rule in enumerate(rules):
        words[ruled + place] = len(words)
        for gauge_place, need in rule:
            words += [of_gauge[gauge_place], need]
    words[ruled + len(rules)] = len(words)
    held = len(words)
    waits = held + len(policy.stages)
    fresh = waits + 3 * len(policy.stages)
    last = fresh + SORTS
    words += [NEVER] * (last + SORTS * len(policy.gauges) - held)
    for place, (address, row) in enumerate(zip(of_gauge, rows, strict=True)):
        words[address : address + GAUGE_WIDTH] = [*row, last + SORTS * place]
    number = len(words)
    words.append(len(lists))
    head = [len(policy.stages), len(policy.gauges), first, number, listed, ruled, held, waits, fresh, last, 1]
    words[: len(head)] = head
    return np.array(words, np.int64)


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
