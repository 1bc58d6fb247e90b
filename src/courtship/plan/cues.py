"""Cues: what in the activities of a whole audience may call for something to be done, found by arrays.

One pass over the columns finds for everybody what waits for an answer, what was shared and not thanked for,
who is new and not greeted, and the rhythm of real contact. They are kept in a small table, so that today's
queue need not look at everybody again; the rules of the queue look at each cue once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from courtship.columns import Columns
from courtship.model import DAY, Micros
from courtship.vocabulary import ANSWERS, KIND_CODE, KINDS, TALK

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = ("comment", "mention", "message")
"""Talk that waits for an answer."""
VOUCHING = ("share", "quote", "endorse")
"""Talk that is worth a thank-you."""
OLDEST, NEWEST = 3, 2
"""At most so many acts of each sort are kept of a person: the oldest and the newest."""


class Cue(NamedTuple):
    """``sort``: ``talk`` (waits for an answer), ``share`` (not thanked for), ``first`` (a newcomer's first
    act), ``pace`` (last real contact; ``amount`` is the usual gap in microseconds, 0 if there is none),
    ``heard`` (the person's last words; ``amount`` is how often they used words).

    ``person`` counts from 0 into the columns; ``row`` is the act's row in them.
    """

    sort: str
    person: int
    at: Micros
    row: int
    kind: str
    amount: int = 0


class Cues(NamedTuple):
    """Cues as arrays of one length, one set for each sort."""

    sort: str
    person: NDArray[np.int64]
    at: NDArray[np.int64]
    row: NDArray[np.int64]
    kind: NDArray[np.uint8]
    amount: NDArray[np.int64]

    def listed(self) -> list[Cue]:
        """One by one, in the order of persons."""
        columns = (self.person, self.at, self.row, self.kind, self.amount)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [
            Cue(self.sort, person, at, row, KINDS[kind], amount) for person, at, row, kind, amount in rows
        ]


def find_cues(columns: Columns, now: Micros, horizon_days: int) -> list[Cues]:
    """Every cue at ``now``; of what waits and who is new, those of the last ``horizon_days`` whole UTC days,
    so that within a day nothing changes but by what happens.

    An act waits until the brand does anything that counts as an answer towards its person, later than it.
    What was ended by ``now`` is not there; what has no date of its own waits for nothing.
    """
    people = len(columns.start) - 1
    person = np.repeat(np.arange(people), np.diff(columns.start))
    known = columns.at <= now
    there = known & (columns.ended > now)
    dated = there & (columns.precise == 1)
    inbound = columns.outbound == 0
    talk = dated & _of(columns, TALK)
    answered = _last(columns, person, there & ~inbound & _of(columns, ANSWERS), people)
    recent = dated & inbound & (columns.at >= (now // DAY - horizon_days) * DAY)
    open_acts = recent & (columns.at > answered[person])
    return [
        _few(columns, "talk", person, open_acts & _of(columns, WORDS)),
        _few(columns, "share", person, open_acts & _of(columns, VOUCHING)),
        _first(columns, person, known, inbound & recent, answered),
        _pace(columns, person, talk, people),
        _heard(columns, person, talk & inbound, people),
    ]


def _of(columns: Columns, kinds: Iterable[str]) -> NDArray[np.bool_]:
    wanted = np.zeros(len(KINDS), np.bool_)
    wanted[[KIND_CODE[kind] for kind in kinds]] = True
    return wanted[columns.kind]


def _last(
    columns: Columns, person: NDArray[np.int64], mask: NDArray[np.bool_], people: int
) -> NDArray[np.int64]:
    """The time of each person's last row in ``mask``; the least integer where there is none."""
    last = np.full(people, np.iinfo(np.int64).min)
    rows = np.flatnonzero(mask)
    ends = rows[np.append(person[rows][1:] != person[rows][:-1], True)] if len(rows) else rows
    last[person[ends]] = columns.at[ends]
    return last


def _few(columns: Columns, sort: str, person: NDArray[np.int64], mask: NDArray[np.bool_]) -> Cues:
    rows = np.flatnonzero(mask)
    who = person[rows]
    from_start = np.arange(len(rows)) - np.searchsorted(who, who, side="left")
    from_end = np.searchsorted(who, who, side="right") - 1 - np.arange(len(rows))
    return _cues(columns, sort, person, rows[(from_start < OLDEST) | (from_end < NEWEST)])


def _first(
    columns: Columns,
    person: NDArray[np.int64],
    known: NDArray[np.bool_],
    recent: NDArray[np.bool_],
    answered: NDArray[np.int64],
) -> Cues:
    """The first act of whoever appeared lately, if it is theirs and the brand has not acted towards them."""
    rows = np.flatnonzero(known)
    starts = rows[np.append(True, person[rows][1:] != person[rows][:-1])] if len(rows) else rows
    never = answered[person[starts]] == np.iinfo(np.int64).min
    return _cues(columns, "first", person, starts[recent[starts] & never])


def _pace(columns: Columns, person: NDArray[np.int64], talk: NDArray[np.bool_], people: int) -> Cues:
    rows = np.flatnonzero(talk)
    who, at = person[rows], columns.at[rows]
    if not len(rows):
        return _cues(columns, "pace", person, rows)
    new_person = np.append(True, who[1:] != who[:-1])
    first_of_day = new_person | np.append(True, at[1:] // DAY != at[:-1] // DAY)
    day_who, day_at = who[first_of_day], at[first_of_day]
    same = day_who[1:] == day_who[:-1]
    gap_who, gap = day_who[1:][same], np.diff(day_at)[same]
    order = np.lexsort((gap, gap_who))
    gap_who, gap = gap_who[order], gap[order]
    start = np.searchsorted(gap_who, np.arange(people), side="left")
    many = np.searchsorted(gap_who, np.arange(people), side="right") - start
    usual = np.zeros(people, np.int64)
    regular = many >= 2
    usual[regular] = gap[start[regular] + (many[regular] - 1) // 2]
    return _cues(columns, "pace", person, rows[np.append(new_person[1:], True)], usual)


def _heard(columns: Columns, person: NDArray[np.int64], said: NDArray[np.bool_], people: int) -> Cues:
    rows = np.flatnonzero(said)
    ends = rows[np.append(person[rows][1:] != person[rows][:-1], True)] if len(rows) else rows
    return _cues(columns, "heard", person, ends, np.bincount(person[rows], minlength=people))


def _cues(
    columns: Columns,
    sort: str,
    person: NDArray[np.int64],
    rows: NDArray[np.int64],
    amount_of_person: NDArray[np.int64] | None = None,
) -> Cues:
    who = person[rows]
    amount = np.zeros(len(rows), np.int64) if amount_of_person is None else amount_of_person[who]
    return Cues(sort, who, columns.at[rows], rows, columns.kind[rows], amount)
