"""Everybody's summaries at once, from columns: equal to ``summary_columns.summarise`` of each (a test).

Each part is found for all people by arrays. Which rungs were held when somebody last acted is read off the
kernel's answers for the ladders of the first rung, the first two, and so on: a rung is held where such a
ladder has it as the highest, and can be won only when something happens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from courtship.columnjson import Part, listed, number, truth, words, written
from courtship.columns import Columns, pack
from courtship.lifecycle.kernel import reckon_bucket
from courtship.lifecycle.summary import DAYS, OPEN, SCHEME, WITHIN, Ladder, still_open
from courtship.lifecycle.summary_columns import ANSWERED, KIND_KEYS, RHYTHM, TALKED, day_of, ladders, of
from courtship.model import DAY, FOREVER, Micros
from courtship.vocabulary import KIND_CODE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.lifecycle.policy import Gauge
    from courtship.lifecycle.report import Reports

_BLOCK: Final = KIND_CODE["block"]


def last_of_each(who: NDArray[np.int64], people: int, most: int) -> NDArray[np.int64]:
    """Of rows in the order of persons (``who``) the places of each one's last ``most``."""
    ends = np.cumsum(np.bincount(who, minlength=people))
    return np.flatnonzero(ends[who] - np.arange(len(who)) <= most)


def part(columns: Columns, reports: Reports, low: int, high: int) -> tuple[Columns, Reports]:
    """Of the people from ``low`` to ``high`` the columns, and what the kernel says of them; as views."""
    start = columns.start[low : high + 1]
    rows = slice(int(start[0]), int(start[-1]))
    names = ("at", "ended", "kind", "outbound", "precise", "rank", "platform")
    some = replace(columns, start=start - start[0], **{name: getattr(columns, name)[rows] for name in names})
    move = reports.start[low : high + 1]
    moves = slice(int(move[0]), int(move[-1]))
    told = {
        name: getattr(reports, name)[low:high] for name in ("stage", "top", "peak", "since", "until", "have")
    }
    told |= {name: getattr(reports, name)[moves] for name in ("at", "before", "after", "activity")}
    return some, replace(reports, start=move - move[0], **told)


def summarise(
    ladder: Ladder, columns: Columns, reports: Reports, now: Micros
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[bytes]]:
    """Who can be summed up (places among the people, in order), of all when each was last heard of, and the
    summaries of those who can be, as ``Summary.to_bytes`` writes them. ``reports`` is what the kernel says of
    ``columns`` at ``now``. Whoever has ever blocked is left out."""
    people = len(columns.start) - 1
    at, ended = columns.at, columns.ended
    first, end = columns.start[:-1], columns.start[1:]
    who = np.repeat(np.arange(people), np.diff(columns.start))
    over = ended != FOREVER
    last = np.full(people, FOREVER)
    some = end > first
    last[some] = at[end[some] - 1]
    bad = ~some | (last > now)
    bad[who[columns.kind == _BLOCK]] = True
    np.maximum.at(last, who[over], ended[over])
    bad |= last > now
    standing = ~over
    keys = [
        _keys(ladder, place, gauge, columns, who, standing)
        for place, gauge in enumerate(ladder.policy.gauges)
    ]
    precise = standing & (columns.precise != 0)
    theirs, ours = precise & (columns.outbound == 0), precise & (columns.outbound != 0)
    active = np.flatnonzero(theirs & RHYTHM[columns.kind])
    day = at[active] // DAY
    new_day = np.append(True, (day[1:] != day[:-1]) | (who[active][1:] != who[active][:-1]))[: len(active)]
    active, day = active[new_day], day[new_day]
    newest = last_of_each(who[active], people, DAYS)
    days = _rows(who[active[newest]], people, np.stack([day[newest], at[active[newest]]], axis=1))
    talk = np.flatnonzero(theirs & TALKED[columns.kind])
    following = _following(columns, who, talk, np.flatnonzero(ours & ANSWERED[columns.kind]))
    met = following >= 0
    answered = np.bincount(who[talk[met]][at[following[met]] < at[talk[met]] + WITHIN], minlength=people)
    talks = np.bincount(who[talk], minlength=people)
    waiting = talk[~met]
    open_, ends = at[waiting], np.cumsum(np.bincount(who[waiting], minlength=people))
    low, high = np.append(0, ends[:-1]), ends
    for person in np.flatnonzero(high - low > OPEN).tolist():
        left = still_open(open_[low[person] : high[person]].tolist())
        # what is left of it are the last ones
        low[person] = -1 if left is None else high[person] - len(left)
    held, since = _held(ladder, columns, reports, last, now)
    parts = [words(b"[%d," % SCHEME), number(last)]
    for rank in range(held.shape[1]):
        parts += [words(b"," if rank else b",["), truth(held[:, rank])]
    parts += [words(b"],"), number(since), words(b","), number(reports.peak.astype(np.int64))]
    for place, each in enumerate(keys):
        parts += [words(b"," if place else b",["), each]
    parts += [words(b"],"), days, words(b","), number(talks), words(b","), number(answered)]
    parts += [words(b","), listed(open_, low, high), words(b",false]")]
    able = np.flatnonzero(~bad)
    return able, last, written(parts, able)


def _rows(who: NDArray[np.int64], people: int, cells: NDArray[np.int64]) -> Part:
    """A list of each person's of these ``cells``, which are in the order of persons."""
    ends = np.cumsum(np.bincount(who, minlength=people))
    return listed(cells, np.append(0, ends[:-1]), ends)


def _following(
    columns: Columns, who: NDArray[np.int64], talk: NDArray[np.int64], answers: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each row of ``talk`` that of its person's first answer later than it, -1 where there is none."""
    place = np.searchsorted(answers, talk, side="right")
    rows = np.append(answers, -1)
    while True:
        found = rows[np.minimum(place, len(answers))]
        mine = (found >= 0) & (who[found] == who[talk])
        same = mine & (columns.at[found] == columns.at[talk])
        if not same.any():
            return np.where(mine, found, -1)
        place = place + same


def _held(
    ladder: Ladder, columns: Columns, reports: Reports, last: NDArray[np.int64], now: Micros
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which rungs each person held when they were last heard of, and since when the highest."""
    people = len(last)
    parts = ladders(ladder.policy)
    held = np.zeros((people, len(parts)), np.bool_)
    since = np.zeros(people, np.int64)
    some = columns.start[1:] > columns.start[:-1]
    since[some] = columns.at[columns.start[:-1][some]]
    bucket = pack(columns) if len(parts) > 1 else None
    for rank, part in enumerate(parts, 1):
        found = reports
        if rank < len(parts):
            assert bucket is not None
            found = reckon_bucket(bucket, part, now, threads=2)
        mover = np.repeat(np.arange(people), np.diff(found.start))
        moves = np.flatnonzero(found.at <= last[mover])
        newest = moves[last_of_each(mover[moves], people, 1)]
        held[mover[newest], rank - 1] = found.after[newest] == rank
        if rank == len(parts):
            since[mover[newest]] = found.at[newest]
    return held, since


def _keys(
    ladder: Ladder,
    place: int,
    gauge: Gauge,
    columns: Columns,
    who: NDArray[np.int64],
    standing: NDArray[np.bool_],
) -> Part:
    """The newest keys of a gauge and the last time of each, in order of time."""
    people = len(columns.start) - 1
    side = 1 if gauge.direction == "outbound" else 0
    wanted = standing & (columns.outbound == side) & of(gauge.of)[columns.kind]
    if gauge.measure == "days":
        wanted &= columns.precise != 0
    rows = np.flatnonzero(wanted)
    if gauge.measure == "days":
        order = np.argsort(columns.at[rows])
        key = np.empty(len(rows), np.int64)
        key[order] = day_of(ladder.policy.timezone, columns.at[rows[order]])
    elif gauge.measure == "kinds":
        key = KIND_KEYS[columns.kind[rows]]
    else:
        key = np.zeros(len(rows), np.int64)
    if gauge.measure in ("days", "kinds") and len(rows):
        # of each key the last
        span = int(key.max()) - int(key.min()) + 1
        one = who[rows] * span + (key - key.min())
        _, from_end = np.unique(one[::-1], return_index=True)
        newest = np.sort(len(rows) - 1 - from_end)
        rows, key = rows[newest], key[newest]
    kept = last_of_each(who[rows], people, ladder.need[place])
    return _rows(who[rows[kept]], people, np.stack([key[kept], columns.at[rows[kept]]], axis=1))
