"""Momentum and answers of many people at once: the columnar twins of ``momentum.rhythm`` and
``responsiveness.responsiveness``, in one pass over each person. Importing this module loads numba.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from courtship.columns import Columns
from courtship.compiled import compiled
from courtship.lifecycle.momentum import FIRST_GAP, GAPS, LATELY, MOMENTA, OWN_GAPS, PATIENCE, RHYTHM_KINDS
from courtship.lifecycle.responsiveness import ALWAYS, ANSWER_DAYS
from courtship.model import DAY, FOREVER, Micros
from courtship.vocabulary import ANSWERS, KINDS, TALK

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WARMING, _STEADY, _COOLING, _QUIET = (MOMENTA.index(w) for w in ("warming", "steady", "cooling", "quiet"))
_RHYTHM: Final = np.array([kind in RHYTHM_KINDS for kind in KINDS], np.uint8)
_TALK: Final = np.array([kind in TALK for kind in KINDS], np.uint8)
_ANSWERS: Final = np.array([kind in ANSWERS for kind in KINDS], np.uint8)
_END: Final = FOREVER
_WITHIN: Final = ANSWER_DAYS * DAY


class Rhythms(NamedTuple):
    """As ``momentum.Rhythm``, an array each: ``momentum`` is a code in ``MOMENTA``, -1 for none."""

    momentum: NDArray[np.int8]
    usual: NDArray[np.int64]
    silence: NDArray[np.int64]
    active: NDArray[np.int64]


class Answering(NamedTuple):
    """As ``responsiveness.Answers`` but for ``p90``, each an array of p by 2.

    Column 0 is how the brand answers them, column 1 how they answer the brand. ``median`` is -1 without
    an answer.
    """

    talk: NDArray[np.int64]
    answered: NDArray[np.int64]
    unanswered: NDArray[np.int64]
    waiting: NDArray[np.int64]
    unknown: NDArray[np.int64]
    median: NDArray[np.int64]


def rhythms(columns: Columns, at: Micros, covered_until: NDArray[np.int64] | None = None) -> Rhythms:
    """The momentum of each person at ``at``; ``covered_until`` is one time a person (``FOREVER``: now)."""
    people = len(columns.start) - 1
    now = np.full(people, at, np.int64)
    if covered_until is not None:
        now = np.minimum(now, covered_until)
    usual, silence, active = (np.zeros(people, np.int64) for _ in range(3))
    found = Rhythms(np.full(people, -1, np.int8), usual, silence, active)
    _rhythms(*_facts(columns), at, now, _RHYTHM, *found)
    return found


def answering(
    columns: Columns,
    at: Micros,
    *,
    seen: NDArray[np.int64] | None = None,
    linked: NDArray[np.int64] | None = None,
) -> Answering:
    """Who answers whom, for each person, as of ``at``.

    ``seen`` (p by 2 by 2) says from when to when the answers are seen: of each person, first the brand's
    acts towards them and then theirs. ``linked`` has, for each activity, the time of the earliest later
    act that names it as what it answers (``FOREVER`` for none); without it the first later act of the
    other side is the answer.
    """
    people = len(columns.start) - 1
    if seen is None:
        seen = np.empty((people, 2, 2), np.int64)
        seen[:, :] = ALWAYS
    if linked is None:
        linked = np.full(len(columns.at), FOREVER, np.int64)
    talk, unanswered, waiting, unknown = (np.zeros((people, 2), np.int64) for _ in range(4))
    delay = np.full(len(columns.at), -1, np.int64)
    facts = _facts(columns)
    counts = (talk, unanswered, waiting, unknown)
    _answering(*facts, np.ascontiguousarray(linked, np.int64), at, seen, _TALK, _ANSWERS, delay, *counts)
    told = np.flatnonzero(delay >= 0)
    person = np.searchsorted(facts[0], told, side="right") - 1
    key = 2 * person + columns.outbound[told]
    answered = np.bincount(key, minlength=2 * people)
    in_order = delay[told[np.lexsort((delay[told], key))]]
    first = np.cumsum(answered) - answered
    median = np.full(2 * people, -1, np.int64)
    some = answered > 0
    median[some] = in_order[(first + (answered + 1) // 2 - 1)[some]]
    return Answering(talk, answered.reshape(-1, 2), *counts[1:], median.reshape(-1, 2))


def _facts(columns: Columns) -> tuple[Any, Any, Any, Any, Any, Any]:
    return (
        np.ascontiguousarray(columns.start, np.int64),
        np.ascontiguousarray(columns.at, np.int64),
        np.ascontiguousarray(columns.ended, np.int64),
        np.ascontiguousarray(columns.kind, np.uint8),
        np.ascontiguousarray(columns.outbound, np.uint8),
        np.ascontiguousarray(columns.precise, np.uint8),
    )


@compiled
def _rhythms(
    start: Any, at: Any, ended: Any, kind: Any, outbound: Any, precise: Any,
    asked: int, now: Any, counts: Any,
    momentum: Any, usual: Any, quiet_for: Any, active: Any,
) -> None:  # fmt: skip
    gaps = np.zeros(GAPS, np.int64)  # newest first
    for person in range(len(start) - 1):
        low, high = start[person], start[person + 1]
        i = high - 1
        while i >= low and at[i] > now[person]:
            i -= 1
        last, newest, number = 0, 0, -1
        while i >= low and number < GAPS:
            if outbound[i] == 0 and precise[i] != 0 and counts[kind[i]] != 0 and ended[i] > asked:
                day = at[i] // DAY
                if number < 0:
                    newest, number = day, 0
                elif day != last:
                    gaps[number] = last - day
                    number += 1
                last = day
            i -= 1
        if number < 0:
            continue
        active[person] = number + 1
        if number < OWN_GAPS:
            gaps[number] = FIRST_GAP
            number += 1
        silence = now[person] // DAY - newest
        recent = min(LATELY, number // 2)
        lately, before, longest = 0, 0, 0
        for place in range(number):
            longest = max(longest, gaps[place])
            if place < recent:
                lately += gaps[place]
            else:
                before += gaps[place]
        total = lately + before
        lately_of, before_of = max(recent, 1), number - recent
        if silence > longest and silence * number > 3 * total and silence > PATIENCE:
            word = _QUIET
        elif silence > longest and silence * number > 2 * total and 2 * silence > PATIENCE:
            word = _COOLING
        elif 2 * (lately + silence) * before_of <= before * lately_of:
            word = _WARMING
        elif lately * before_of >= 2 * before * lately_of:
            word = _COOLING
        else:
            word = _STEADY
        momentum[person] = word
        usual[person] = total // number
        quiet_for[person] = silence


@compiled
def _answering(
    start: Any, at: Any, ended: Any, kind: Any, outbound: Any, precise: Any,
    linked: Any, asked: int, seen: Any,
    talks: Any, answers: Any,
    delay: Any, talk: Any, unanswered: Any, waiting: Any, unknown: Any,
) -> None:  # fmt: skip
    following = np.zeros(2, np.int64)  # the next answer of each side, strictly later than at[i]
    coming = np.zeros(2, np.int64)  # the same, later than or at at[i]
    for person in range(len(start) - 1):
        low = start[person]
        high = start[person + 1]
        while high > low and at[high - 1] > asked:
            high -= 1
        following[0] = following[1] = coming[0] = coming[1] = _END
        for i in range(high - 1, low - 1, -1):
            if i + 1 < high and at[i] < at[i + 1]:
                following[0], following[1] = coming[0], coming[1]
            if precise[i] == 0 or ended[i] <= asked:
                continue
            side = outbound[i]  # 0: theirs, which the brand answers
            if talks[kind[i]] != 0:
                talk[person, side] += 1
                answer = linked[i]
                if answer > asked:
                    answer = _END
                    if following[1 - side] < at[i] + _WITHIN:
                        answer = following[1 - side]
                if answer != _END:
                    delay[i] = answer - at[i]
                elif at[i] + _WITHIN > asked:
                    waiting[person, side] += 1
                elif seen[person, side, 0] <= at[i] and at[i] + _WITHIN <= seen[person, side, 1]:
                    unanswered[person, side] += 1
                else:
                    unknown[person, side] += 1
            if answers[kind[i]] != 0:
                coming[side] = at[i]
