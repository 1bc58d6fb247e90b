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

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from courtship.columns import Bucket, Columns, pack
from courtship.lifecycle.lanes import LANES
from courtship.lifecycle.policy import Gauge, Policy, Rule
from courtship.lifecycle.report import Reports
from courtship.lifecycle.walk import (
    CONDITION_WIDTH,
    COUNT,
    DAYS,
    GAUGE_WIDTH,
    NEVER,
    NEWEST,
    PAIR,
    SHORT,
    SORTS,
    VARIETY,
    walk,
)
from courtship.lifecycle.zone import offsets
from courtship.model import FOREVER, Micros
from courtship.vocabulary import KIND_CODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPLIT: Final = 50_000  # activities below which a second thread costs more than it gains
_PARTS: Final = 8  # for each thread, so that one which is done early takes over from the others
_ROOM: Final = 200_000  # transitions that are written before they are copied
_PERSON: Final = 4  # a person costs about as much as so many activities
_HEAD: Final = 24  # words before the first address that is used


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
    have = np.zeros((people, len(policy.gauges)), np.uint32)
    start = np.zeros(people + 1, np.int64)
    answers = (stage, top, peak, since, until, have, start[1:])
    ladder = _ladder(policy)
    moves = _Transitions(sum(sizes) // 4)
    rooms: list[_Moves] = []

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
        written: list[tuple[_Moves, int]] = []
        wanted = _ROOM
        while low < high:
            room = rooms.pop() if rooms and wanted == _ROOM else _Moves.room(wanted)
            given: list[Any] = [*facts, zone, memory, heap, *theirs, *room]
            reached, count = walk(low, high, at, bucket.row, *given)
            written.append((room, count))
            wanted = _ROOM if reached > low else 4 * wanted  # it may be too little for one person
            low = reached
        moves.put(number, written)
        rooms.extend(room for room, _ in written if len(room.at) == _ROOM)

    mean = sum(sizes) / max(len(sizes), 1)
    large = sorted((n for n, size in enumerate(sizes) if size > 2 * mean), key=lambda n: -sizes[n])
    order = [*large, *(n for n, size in enumerate(sizes) if size <= 2 * mean)]
    if threads > 1 and len(spans) > 1:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(run, order):
                pass
    else:
        for number in order:
            run(number)
    np.cumsum(start, out=start)
    when, by, before, after = moves.all()
    return Reports(policy, stage, top, peak, since, until, have, start, when, before, after, by)


class _Moves(NamedTuple):
    """Transitions: when, by which activity, from and to which stage."""

    at: NDArray[np.int64]
    by: NDArray[np.int64]
    before: NDArray[np.int16]
    after: NDArray[np.int16]

    @classmethod
    def room(cls, number: int) -> _Moves:
        """Room for so many; what is not written to takes no memory."""
        at, by = (np.empty(number, np.int64) for _ in range(2))
        before, after = (np.empty(number, np.int16) for _ in range(2))
        return cls(at, by, before, after)

    def first(self, number: int) -> _Moves:
        """The first so many."""
        return _Moves(self.at[:number], self.by[:number], self.before[:number], self.after[:number])

    def copy(self) -> _Moves:
        """The same, elsewhere."""
        return _Moves(self.at.copy(), self.by.copy(), self.before.copy(), self.after.copy())

    def write(self, place: int, others: _Moves) -> None:
        """Writes others from ``place`` on."""
        pairs: Iterable[tuple[Any, Any]] = zip(self, others, strict=True)
        for into, each in pairs:
            into[place : place + len(each)] = each


class _Transitions:
    """Those of all parts, in the order of parts: copied as soon as it is known how many come before, from
    rooms that are then used again. The system empties memory before it hands it out, which took a tenth of
    the time where every part had a room of its own. Safe in several threads at once."""

    def __init__(self, number: int) -> None:
        self._all, self._taken, self._next = _Moves.room(max(number, _ROOM)), 0, 0
        self._waiting: dict[int, list[_Moves]] = {}
        self._lock = Lock()

    def put(self, part: int, written: Sequence[tuple[_Moves, int]]) -> None:
        """Those of a part, written in rooms that may be used again afterwards."""
        found = [room.first(number) for room, number in written]
        with self._lock:
            if part != self._next:  # it waits for others; the rooms do not
                self._waiting[part] = [one.copy() for one in found]
                return
            self._take(found)
            while self._next in self._waiting:
                self._take(self._waiting.pop(self._next))

    def _take(self, found: Sequence[_Moves]) -> None:
        for one in found:
            number = len(one.at)
            if self._taken + number > len(self._all.at):
                wider = _Moves.room(2 * (self._taken + number))
                wider.write(0, self._all.first(self._taken))
                self._all = wider
            self._all.write(self._taken, one)
            self._taken += number
        self._next += 1

    def all(self) -> _Moves:
        """When all parts have been put."""
        return self._all.first(self._taken)


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

    def room(count: int) -> int:
        """Where there is room for ``count`` words, ``NEVER`` at first."""
        words.extend([NEVER] * count)
        return len(words) - count

    def pad() -> None:
        """Numbers that are handled side by side begin where a line of the processor's cache does."""
        words.extend([NEVER] * (-len(words) % LANES))

    # what is kept of one person: first the newest ends, side by side
    pad()
    new = len(words)
    lanes = -(-max(measures.count(NEWEST), 1) // LANES) * LANES
    bases = dict.fromkeys(range(len(measures)), 0)
    newest = [place for place, measure in enumerate(measures) if measure == NEWEST]
    bases |= zip(newest, range(new, room(lanes) + lanes), strict=False)
    held = room(len(policy.stages))
    sizes = [
        {NEWEST: 1, PAIR: 2, VARIETY: SORTS}.get(measure, need)
        for measure, need in zip(measures, needs, strict=True)
    ]
    long = [measure in (COUNT, DAYS) and size > SHORT for measure, size in zip(measures, sizes, strict=True)]
    beside = [{DAYS: size, PAIR: 1}.get(measure, 0) for measure, size in zip(measures, sizes, strict=True)]
    for place, measure in enumerate(measures):
        if measure != NEWEST and not long[place]:
            bases[place] = room(sizes[place] + beside[place])
    pad()
    clear_to = len(words)
    for place, is_long in enumerate(long):
        if is_long:
            bases[place] = room(sizes[place] + beside[place])
    # by sort, what each of the newest ends lies beyond the moment
    pad()
    weights = len(words)
    for sort in range(SORTS):
        for place in newest:
            gauge = policy.gauges[place]
            lies = 2**62 if gauge.window == FOREVER else gauge.window
            words.append(lies if _of(gauge) >> sort & 1 else NEVER)
        room(lanes - len(newest))

    cell_of: dict[tuple[int, int], int] = {}
    for place, (address, gauge) in enumerate(zip(of_gauge, policy.gauges, strict=True)):
        of, base, cells = _of(gauge), bases[place], len(words)
        for need in sorted({one for rule in rules for which, one in rule if which == place}):
            cell_of[place, need] = base + need - 1
            if measures[place] == VARIETY:
                cell_of[place, need] = len(words) + 1
                words += [need, NEVER]
        runs = len(words)
        words += [sort for sort in range(SORTS + 1) if (of >> sort ^ (of << 1) >> sort) & 1]
        window = 0 if gauge.window == FOREVER else gauge.window
        row = [measures[place], window, of, needs[place], base, base + sizes[place], NEVER]
        row += [cells, runs, runs, len(words), 0, 0]
        words[address : address + GAUGE_WIDTH] = row
    lists = [len(words)]
    words += newest
    for measure in (COUNT, DAYS, PAIR, VARIETY):
        lists.append(len(words))
        words += [of_gauge[place] for place, one in enumerate(measures) if one == measure]
    lists.append(len(words))
    words += [of_gauge[place] for place, is_long in enumerate(long) if is_long]
    lists.append(len(words))
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
    head = [len(policy.stages), len(policy.gauges), first, *lists]
    head += [new, new + lanes, weights, clear_to, ruled, held, waiting, waiting + conditions, CONDITION_WIDTH]
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
    if gauge.measure == "count":
        return COUNT
    return PAIR if need == 2 else VARIETY


def _of(gauge: Gauge) -> int:
    """The sorts that a gauge counts, a bit each."""
    shift = SORTS // 2 if gauge.direction == "outbound" else 0
    return sum(1 << KIND_CODE[kind] + shift for kind in gauge.of)
