"""Which records tell of one act: a function of their set, by hand-made cases and over random ones."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.model import FOREVER
from courtship.store.log.derive import SAME_ACT, Row, one_to_one

DAY = 86_400_000_000


def row(number: int, at: int, told: int, *, precise: bool = True) -> Row:
    """A repost of Ann's, told by the format with this bit."""
    key = number.to_bytes(16, "big")
    words = (f"{number}", "post", None, None, None, None, None)
    return Row(
        number, key, number, 1, "b:ann", "b:me", "share", int(precise), 1, told, at, FOREVER, None, *words
    )


def made(rows: list[Row]) -> list[list[int]]:
    """The numbers of the records of each act, its leader first."""
    found = [
        [act.leader.position, *(r.position for r in act.told_by if r is not act.leader)]
        for act in one_to_one(rows)
    ]
    return sorted([one[0], *sorted(one[1:])] for one in found)


def test_an_undated_repost_joins_the_dated_one_however_long_before() -> None:
    assert made([row(1, 100 * DAY, 1, precise=False), row(2, 3 * DAY, 2)]) == [[2, 1]]


def test_one_that_came_after_the_day_of_the_list_is_another() -> None:
    assert made([row(1, 3 * DAY, 1, precise=False), row(2, 100 * DAY, 2)]) == [[1], [2]]


def test_clocks_may_differ_by_ten_minutes() -> None:
    assert made([row(1, DAY, 1, precise=False), row(2, DAY + SAME_ACT, 2)]) == [[2, 1]]
    assert made([row(1, DAY, 1, precise=False), row(2, DAY + SAME_ACT + 1, 2)]) == [[1], [2]]


def test_one_to_one() -> None:
    dated = [row(1, DAY, 2), row(2, 5 * DAY, 2)]
    undated = [row(number, 9 * DAY + number, 1, precise=False) for number in (3, 4, 5)]
    assert made([*undated, *dated]) == [[1, 3], [2, 4], [5]]


def test_one_format_tells_of_two_acts() -> None:
    assert made([row(1, 9 * DAY, 1, precise=False), row(2, DAY, 1)]) == [[1], [2]]


def test_three_formats_tell_of_one_act() -> None:
    rows = [row(1, 9 * DAY, 1, precise=False), row(2, DAY, 2), row(3, DAY + 60_000_000, 4)]
    assert made(rows) == [[2, 1, 3]]


def test_two_undated_of_different_days_are_not_joined_by_guessing() -> None:
    assert made([row(1, DAY, 1, precise=False), row(2, 9 * DAY, 2, precise=False)]) == [[1], [2]]


@pytest.mark.parametrize("ended", [DAY, 20 * DAY])
def test_the_act_ends_with_the_earliest_end_of_any(ended: int) -> None:
    (act,) = one_to_one([replace(row(1, 9 * DAY, 1, precise=False), ended=ended), row(2, 3 * DAY, 2)])
    assert act.ended == max(ended, 3 * DAY)


rows = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([1, 2, 3, 4]), st.booleans()), min_size=1, max_size=8
).map(lambda found: [row(i, at * 200_000_000, told, precise=p) for i, (at, told, p) in enumerate(found)])


@given(rows, st.randoms(use_true_random=False))
def test_the_order_never_matters_and_each_record_is_in_one_act(found: list[Row], chance: object) -> None:
    expected = made(found)
    assert sorted(number for one in expected for number in one) == list(range(len(found)))
    chance.shuffle(found)  # type: ignore[attr-defined]
    assert made(found) == expected


@given(rows)
def test_no_format_tells_twice_of_one_act_and_what_is_dated_leads(found: list[Row]) -> None:
    for act in one_to_one(found):
        bits = [record.told for record in act.told_by]
        assert sum(bits) == reduce(int.__or__, bits)
        assert act.leader.precise or not any(record.precise for record in act.told_by)
