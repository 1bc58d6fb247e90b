"""What is kept of everybody for their cues, from columns: equal to ``cues_columns.summarise`` of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from courtship.model import DAY, FOREVER, Micros
from courtship.plan.cues import NEWEST, OLDEST
from courtship.plan.cues_columns import ANSWERED, TALKED, WAITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.columns import Columns


def summarise(
    columns: Columns, record: NDArray[np.int64], since: Micros, wanted: Sequence[int]
) -> Iterator[tuple[bytes, bytes]]:
    """Of these people (places, ascending), as ``CuesSummary.to_bytes`` writes it. ``record`` has the log
    position of each row. What waits since before ``since`` is left out."""
    people = len(columns.start) - 1
    at = columns.at
    who = np.repeat(np.arange(people), np.diff(columns.start))
    standing = columns.ended == FOREVER
    answers = np.flatnonzero(standing & (columns.outbound != 0) & ANSWERED[columns.kind])
    answered = columns.start[:-1].copy()  # the row after the last answer
    answered[who[answers]] = answers + 1  # of several the last one stays
    theirs = standing & (columns.outbound == 0) & (columns.precise != 0)
    waiting = []
    for kinds in WAITS:
        rows = np.flatnonzero(theirs & kinds[columns.kind] & (at >= since))
        rows = rows[rows >= answered[who[rows]]]
        count = np.bincount(who[rows], minlength=people)
        end = np.cumsum(count)
        place = np.arange(len(rows))
        few = (place - (end - count)[who[rows]] < OLDEST) | (end[who[rows]] - place <= NEWEST)
        waiting.append((count.tolist(), _starts(who[rows[few]], people), _said(columns, record, rows[few])))
    some = np.flatnonzero(columns.start[1:] > columns.start[:-1])
    opening = columns.start[:-1][some]
    new = theirs[opening] & (answered[some] == opening)
    first = dict(zip(some[new].tolist(), _said(columns, record, opening[new]), strict=True))
    talk = np.flatnonzero(standing & (columns.precise != 0) & TALKED[columns.kind])
    contact = _last(who, talk, columns, record)
    heard = _last(who, talk[columns.outbound[talk] == 0], columns, record)
    day = at[talk] // DAY
    new_day = np.append(True, (day[1:] != day[:-1]) | (who[talk][1:] != who[talk][:-1]))[: len(talk)]
    days = talk[new_day]
    ends = np.append(who[days][1:] != who[days][:-1], True)[: len(days)]
    talked = dict(zip(who[days[ends]].tolist(), at[days[ends]].tolist(), strict=True))
    same = who[days][1:] == who[days][:-1]
    mover, gap = who[days][1:][same], np.diff(at[days])[same]
    order = np.lexsort((gap, mover))
    gaps, gap_start = gap[order].tolist(), _starts(mover[order], people)
    for i in wanted:
        open_ = [[count[i], said[start[i] : start[i + 1]]] for count, start, said in waiting]
        told = [open_, first.get(i), contact.get(i), heard.get(i), talked.get(i)]
        yield orjson.dumps(told), orjson.dumps(gaps[gap_start[i] : gap_start[i + 1]])


def _starts(who: NDArray[np.int64], people: int) -> list[int]:
    return [0, *np.cumsum(np.bincount(who, minlength=people)).tolist()]


def _last(
    who: NDArray[np.int64], rows: NDArray[np.int64], columns: Columns, record: NDArray[np.int64]
) -> dict[int, list[Any]]:
    rows = rows[np.append(who[rows][1:] != who[rows][:-1], True)[: len(rows)]]
    return dict(zip(who[rows].tolist(), _said(columns, record, rows), strict=True))


def _said(columns: Columns, record: NDArray[np.int64], rows: NDArray[np.int64]) -> list[list[Any]]:
    names = [columns.platforms[code] for code in columns.platform[rows].tolist()]
    values = (columns.at[rows], record[rows], columns.kind[rows])
    return [list(one) for one in zip(*(value.tolist() for value in values), names, strict=True)]
