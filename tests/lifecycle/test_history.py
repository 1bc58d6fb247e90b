"""History at scale equals history person by person."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.lifecycle import history
from courtship.lifecycle.history import Changes, Spells
from courtship.model import DAY

STAGES = 4
moves = st.tuples(st.integers(0, 40), st.integers(0, STAGES - 1))
life = st.lists(moves, min_size=1, max_size=6, unique_by=lambda move: move[0])
people = st.lists(life, max_size=8)
Lives = list[list[tuple[int, int]]]


def changes(lives: Lives) -> Changes:
    lives = [sorted(life) for life in lives]
    later = [(n, at * DAY, stage) for n, life in enumerate(lives) for at, stage in life[1:]]
    table = np.array(later, np.int64).reshape(-1, 3)
    first = np.array([life[0] for life in lives], np.int64).reshape(-1, 2)
    return Changes(first[:, 0] * DAY, first[:, 1], table[:, 0], table[:, 1], table[:, 2], STAGES)


def stage_at(life: list[tuple[int, int]], moment: int) -> int:
    return next((stage for at, stage in sorted(life, reverse=True) if at * DAY <= moment), -1)


@settings(deadline=None)
@given(people, st.lists(st.integers(-1, 42 * 2), max_size=6))
def test_counts_are_those_of_each_moment(lives: Lives, halves: list[int]) -> None:
    moments = sorted(half * DAY // 2 for half in halves)
    told = history.counts(changes(lives), np.array(moments, np.int64))
    for row, moment in zip(told.tolist(), moments, strict=True):
        assert row == [sum(stage_at(life, moment) == s for life in lives) for s in range(STAGES)]


@settings(deadline=None)
@given(people, st.integers(0, 42), st.integers(0, 42))
def test_the_matrix_counts_everybody_met_by_its_end_once(lives: Lives, one: int, two: int) -> None:
    start, end = sorted((one * DAY, two * DAY))
    told = history.matrix(changes(lives), start, end)
    wanted = np.zeros((STAGES + 1, STAGES), np.int64)
    for life in lives:
        if stage_at(life, end) >= 0:
            wanted[stage_at(life, start), stage_at(life, end)] += 1
    assert told.tolist() == wanted.tolist()


@settings(deadline=None)
@given(people, st.integers(0, STAGES - 1), st.integers(0, 45))
def test_spells_keep_what_has_not_ended(lives: Lives, stage: int, day: int) -> None:
    told = history.spells(changes(lives), stage, day * DAY)
    wanted = []
    for life in lives:
        for (at, held), (end, then) in pairwise([*sorted(life), (10**6, -1)]):
            if held == stage and at <= day:
                over = end <= day
                wanted.append(((min(end, day) - at) * DAY, over, then if over else -1))
    found = zip(told.lasted.tolist(), told.ended.tolist(), told.after.tolist(), strict=True)
    assert sorted(found) == sorted(wanted)


def test_a_spell_is_followed_no_further_than_the_person_is_seen() -> None:
    """Three came on day 0; one left on day 10, of the others nothing is seen after days 4 and 20."""
    lives = [[(0, 1), (10, 0)], [(0, 1)], [(0, 1)]]
    seen = np.array([2**62, 4 * DAY, 20 * DAY])
    told = history.spells(changes(lives)._replace(seen_until=seen), 1, 900 * DAY)
    assert (told.lasted // DAY).tolist() == [10, 4, 20]
    assert told.ended.tolist() == [True, False, False]
    curve = history.survival(told)
    assert (curve.at_risk.tolist(), curve.share.tolist()) == ([2], [0.5])
    # what is known all the same, by the owner's own log, say, is where it is followed to
    told = history.spells(changes(lives)._replace(seen_until=np.full(3, -DAY)), 1, 900 * DAY)
    assert (told.lasted // DAY).tolist() == [10, 0, 0]


def test_kaplan_and_meier_of_a_known_example() -> None:
    # Freireich et al. 1963, remission in weeks under 6-MP, as printed in every textbook; + is censored
    told_of = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
    weeks = told_of.split(" ")
    told = history.survival(
        Spells(
            np.array([int(week.rstrip("+")) * DAY for week in weeks], np.int64),
            np.array([not week.endswith("+") for week in weeks]),
            np.zeros(len(weeks), np.int64),
        )
    )
    assert told.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert told.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert [round(float(s), 4) for s in told.share] == [
        0.8571,
        0.8067,
        0.7529,
        0.6902,
        0.6275,
        0.5378,
        0.4482,
    ]
    assert (told.entered, told.censored, told.median) == (21, 12, 23)
    assert (told.low < told.share).all()
    assert (told.share < told.high).all()


def test_nobody_has_no_curve() -> None:
    told = history.survival(history.spells(changes([]), 0, DAY))
    assert (told.entered, told.median, len(told.days)) == (0, None, 0)
    assert history.cohorts(changes([]), [0, DAY], [1], DAY)[0].people == 0


@settings(deadline=None)
@given(people, st.integers(1, 45))
def test_cohorts_tell_when_each_had_come_so_far(lives: Lives, day: int) -> None:
    bounds = [10 * DAY * n for n in range(6)]
    told = history.cohorts(changes(lives), bounds, [2, 3], day * DAY)
    assert sum(cohort.people for cohort in told) == sum(min(life)[0] <= day for life in lives)
    for k, cohort in enumerate(told):
        mine = [
            life for life in lives if cohort.start <= min(life)[0] * DAY < cohort.end and min(life)[0] <= day
        ]
        assert cohort.now == tuple(
            sum(stage_at(life, day * DAY) == s for life in mine) for s in range(STAGES)
        )
        for j, number in enumerate(cohort.reached, k):
            if bounds[j + 1] > day * DAY:
                assert number is None
            else:
                came = [any(s >= 2 and at * DAY < bounds[j + 1] for at, s in life) for life in mine]
                assert number == sum(came)


@pytest.mark.parametrize("stage", range(STAGES))
def test_a_curve_never_rises(stage: int) -> None:
    lives = [[(n % 5, stage), (n % 5 + 3 + n % 7, (stage + 1) % STAGES)] for n in range(40)]
    told = history.survival(history.spells(changes(lives), stage, 8 * DAY))
    assert (np.diff(told.share) < 0).all()
    assert int(told.left.sum()) + told.censored == told.entered
