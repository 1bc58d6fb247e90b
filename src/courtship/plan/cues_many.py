"""What is kept of everybody for their cues, from columns: equal to ``cues_columns.summarise`` of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from courtship.columnjson import Part, listed, number, row, words, written
from courtship.model import DAY, FOREVER, Micros
from courtship.plan.cues import NEWEST, OLDEST
from courtship.plan.cues_columns import ANSWERED, TALKED, WAITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.columns import Columns


def summarise(
    columns: Columns, record: NDArray[np.int64], since: Micros, wanted: NDArray[np.int64]
) -> tuple[list[bytes], list[bytes]]:
    """Of these people (places, ascending), as ``CuesSummary.to_bytes`` writes it. ``record`` has the log
    position of each row. What waits since before ``since`` is left out."""
    people = len(columns.start) - 1
    at = columns.at
    who = np.repeat(np.arange(people), np.diff(columns.start))
    said = np.stack([at, record, columns.kind, columns.platform], axis=1, dtype=np.int64)

    def each(rows: NDArray[np.int64], form: Callable[..., Part] = row) -> Part:
        """Of rows in the order of persons those of each."""
        ends = np.cumsum(np.bincount(who[rows], minlength=people))
        return form(said[rows], np.append(0, ends[:-1]), ends, columns.platforms)

    standing = columns.ended == FOREVER
    answers = np.flatnonzero(standing & (columns.outbound != 0) & ANSWERED[columns.kind])
    answered = columns.start[:-1].copy()  # the row after the last answer
    answered[who[answers]] = answers + 1  # of several the last one stays
    theirs = standing & (columns.outbound == 0) & (columns.precise != 0)
    told: list[Part] = []
    for kinds in WAITS:
        rows = np.flatnonzero(theirs & kinds[columns.kind] & (at >= since))
        rows = rows[rows >= answered[who[rows]]]
        count = np.bincount(who[rows], minlength=people)
        end = np.cumsum(count)
        place = np.arange(len(rows))
        few = (place - (end - count)[who[rows]] < OLDEST) | (end[who[rows]] - place <= NEWEST)
        told += [words(b"],[" if told else b"[[["), number(count), words(b","), each(rows[few], listed)]
    some = np.flatnonzero(columns.start[1:] > columns.start[:-1])
    opening = columns.start[:-1][some]
    new = theirs[opening] & (answered[some] == opening)
    talk = np.flatnonzero(standing & (columns.precise != 0) & TALKED[columns.kind])
    told += [words(b"]],"), each(opening[new])]
    told += [words(b","), each(_last(who, talk))]
    told += [words(b","), each(_last(who, talk[columns.outbound[talk] == 0]))]
    day = at[talk] // DAY
    new_day = np.append(True, (day[1:] != day[:-1]) | (who[talk][1:] != who[talk][:-1]))[: len(talk)]
    days = talk[new_day]
    talked = _last(who, days)
    ends = np.cumsum(np.bincount(who[talked], minlength=people))
    told += [words(b","), row(at[talked], np.append(0, ends[:-1]), ends), words(b"]")]
    same = who[days][1:] == who[days][:-1]
    mover, gap = who[days][1:][same], np.diff(at[days])[same]
    gaps = gap[np.lexsort((gap, mover))]
    ends = np.cumsum(np.bincount(mover, minlength=people))
    return written(told, wanted), written([listed(gaps, np.append(0, ends[:-1]), ends)], wanted)


def _last(who: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of rows in the order of persons each one's last."""
    last: NDArray[np.int64] = rows[np.append(who[rows][1:] != who[rows][:-1], True)[: len(rows)]]
    return last
