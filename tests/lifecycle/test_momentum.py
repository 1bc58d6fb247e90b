"""Momentum by everybody's own rhythm, and the columnar reading of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.lifecycle.acts import columns_of
from courtship.lifecycle.columnar import rhythms
from courtship.lifecycle.live import Act
from courtship.lifecycle.momentum import MOMENTA, Rhythm, momentum, rhythm
from courtship.model import DAY, FOREVER
from courtship.vocabulary import KINDS

NOON = DAY // 2


def on(*days: int, kind: str = "comment") -> list[Act]:
    return [Act(day * DAY + NOON, FOREVER, kind, False, True, f"{kind}{day}") for day in days]


def word(acts: list[Act], day: int, covered_until: int | None = None) -> str | None:
    found = rhythm(acts, day * DAY + NOON, covered_until)
    return found.momentum if found else None


def test_the_same_silence_is_quiet_for_one_and_steady_for_another() -> None:
    weekly, monthly = on(*range(0, 200, 7)), on(*range(7, 200, 30))
    assert word(weekly, 196 + 25) == "quiet"
    assert word(monthly, 187 + 25) == "steady"


def test_a_silence_cools_before_it_is_quiet() -> None:
    weekly = on(*range(0, 197, 7))
    assert [word(weekly, 196 + silence) for silence in (0, 7, 14, 15, 21, 22)] == [
        "steady", "steady", "steady", "cooling", "cooling", "quiet",
    ]  # fmt: skip


def test_a_holiday_is_no_silence() -> None:
    daily = on(*range(100))
    assert word(daily, 99 + 7) == "steady"
    assert word(daily, 99 + 14) == "cooling"
    assert word(daily, 99 + 15) == "quiet"


def test_coming_twice_as_often_is_warming_and_half_as_often_cooling() -> None:
    assert word(on(0, 20, 40, 60, 80, 88, 96, 104, 112, 120), 120) == "warming"
    assert word(on(0, 10, 20, 30, 40, 50, 70, 90, 110, 130), 135) == "cooling"


def test_a_pause_that_is_usual_for_them_is_no_silence() -> None:
    burst = on(0, 1, 2, 60, 61, 62, 120, 121, 122, 180, 181, 182)
    assert word(burst, 182 + 58) != "quiet"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (
            (0,),
            {
                0: "warming",
                15: "warming",
                16: "steady",
                60: "steady",
                61: "cooling",
                90: "cooling",
                91: "quiet",
            },
        ),
        ((0, 5), {5: "warming", 15: "warming", 30: "steady", 50: "cooling", 60: "quiet"}),
        ((0, 5, 9), {9: "warming", 30: "steady", 40: "cooling", 60: "quiet"}),
        ((0, 40, 80), {80: "steady", 160: "cooling", 200: "quiet"}),
    ],
)
def test_who_came_one_to_three_times_is_judged_as_anybody(
    days: tuple[int, ...], expected: dict[int, str]
) -> None:
    assert {day: word(on(*days), day) for day in expected} == expected


def test_what_says_nothing_of_a_rhythm_does_not_count() -> None:
    silent = [
        *on(1, kind="view"),
        *on(2, kind="follow"),
        Act(3 * DAY, FOREVER, "comment", True, True, "ours"),
        Act(3 * DAY, FOREVER, "comment", False, False, "undated"),
        Act(3 * DAY, 4 * DAY, "comment", False, True, "deleted"),
    ]
    assert rhythm(silent, 9 * DAY) is None
    assert rhythm([], 9 * DAY) is None
    assert word(silent, 3) is not None  # the deletion is not known yet


def test_only_covered_time_is_a_silence() -> None:
    weekly = on(*range(0, 197, 7))
    assert word(weekly, 400) == "quiet"
    assert word(weekly, 400, covered_until=200 * DAY) == "steady"
    assert rhythm(weekly, 400 * DAY, covered_until=-1) is None


def test_what_it_rests_on_is_told() -> None:
    assert rhythm(on(*range(0, 197, 7)), 201 * DAY) == Rhythm("steady", 7, 5, 16)


acts = st.builds(
    lambda day, hour, kind, outbound, precise, length, number: Act(
        day * DAY + hour * DAY // 24,
        FOREVER if length == 0 else (day + length) * DAY,
        kind,
        outbound,
        precise,
        str(number),
    ),
    st.integers(-50, 400),
    st.integers(0, 23),
    st.sampled_from([*KINDS, "like", "comment", "comment"]),
    st.sampled_from([False, False, False, True]),
    st.integers(0, 5).map(bool),
    st.sampled_from([0, 0, 0, 1, 40]),
    st.integers(0, 10**6),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(acts, max_size=40), min_size=1, max_size=3),
    st.integers(-10, 450),
    st.one_of(st.none(), st.integers(-10, 450)),
)
def test_many_are_reckoned_as_one(people: list[list[Act]], day: int, covered: int | None) -> None:
    people = [[act._replace(ended=max(act.ended, act.at)) for act in one] for one in people]
    columns, _ = columns_of(people)
    until = None if covered is None else covered * DAY
    ends = None if until is None else np.full(len(people), until)
    found = rhythms(columns, day * DAY, ends)
    for person, one in enumerate(people):
        expected = rhythm(one, day * DAY, until)
        code = int(found.momentum[person])
        told = (
            None
            if code < 0
            else Rhythm(
                MOMENTA[code], *(int(each[person]) for each in (found.usual, found.silence, found.active))
            )
        )
        assert told == expected
    assert momentum(columns, day * DAY, ends).tolist() == found.momentum.tolist()
