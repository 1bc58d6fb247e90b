"""Goals: kept, missed, rested, not seen; streaks with an honest grace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.errors import NotAllowed
from courtship.model import DAY
from courtship.plan.goals import Goal, Kept, Measured, Outcome, Stretch, describe, outcomes, streak

DAYS = [Stretch(n * DAY, (n + 1) * DAY, n % 7) for n in range(60)]


def told(*found: Outcome) -> list[Kept]:
    return [Kept(DAYS[n], outcome, 0, Measured(0)) for n, outcome in enumerate(found)]


def test_each_period_is_kept_missed_at_rest_unseen_or_still_running() -> None:
    goal = Goal("g", "comments", "day", 5, rest=(6,))
    measured = [Measured(5), Measured(4), Measured(4, seen=False), Measured(9, seen=False), Measured(0)]
    measured += [Measured(0), Measured(0), Measured(1)]
    found = outcomes(goal, DAYS[:8], measured, 7 * DAY + 1)
    said = ["kept", "missed", "not seen", "kept", "missed", "missed", "rest", "running"]
    assert [one.outcome for one in found] == said
    assert outcomes(goal, DAYS[:1], [Measured(5)], DAY // 2)[0].outcome == "kept"


def test_per_cent_is_told_at_the_end_and_nothing_waiting_asks_for_nothing() -> None:
    goal = Goal("g", "answers", "day", 90)
    measured = [Measured(9, 10), Measured(8, 9), Measured(0, 0), Measured(3, 3)]
    found = outcomes(goal, DAYS[:4], measured, 3 * DAY + 1)
    assert [one.outcome for one in found] == ["kept", "missed", "rest", "running"]
    assert [one.value for one in found] == [90, 88, 100, 100]


def test_a_goal_asks_nothing_before_it_begins_or_after_it_ends() -> None:
    goal = Goal("g", "posts", "day", 1, start=2 * DAY, end=4 * DAY)
    found = outcomes(goal, DAYS[:9], [Measured(1)] * 9, 9 * DAY)
    assert [one.stretch.start // DAY for one in found] == [2, 3]


def test_one_miss_in_ten_is_forgiven_and_does_not_lengthen_the_streak() -> None:
    goal = Goal("g", "posts", "day", 1)
    assert streak(goal, told("kept", "kept", "missed", "kept")) == (3, 3, 1)
    assert streak(goal, told("kept", "missed", "kept", "missed")) == (0, 2, 0)
    nine: list[Outcome] = ["kept"] * 9
    assert streak(goal, told("kept", "missed", *nine, "missed")) == (10, 10, 2)
    assert streak(goal, told("missed", "kept")) == (1, 1, 0)
    none = Goal("g", "posts", "day", 1, grace=0)
    assert streak(none, told("kept", "kept", "missed", "kept")) == (1, 2, 0)


@given(st.lists(st.sampled_from(["kept", "missed", "rest", "not seen", "running"])))
def test_rest_and_what_is_not_seen_change_no_streak(found: list[Outcome]) -> None:
    goal = Goal("g", "posts", "day", 1)
    asked = [one for one in found if one in ("kept", "missed")]
    assert streak(goal, told(*found)) == streak(goal, told(*asked))
    assert streak(goal, told(*found)).length <= found.count("kept")


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": "answers", "target": 101},
        {"measure": "posts", "target": 0},
        {"measure": "moves", "target": 10},
        {"measure": "by_hand", "target": 1},
        {"measure": "posts", "target": 1, "rest": list(range(7))},
        {"measure": "posts", "target": 1, "period": "hour"},
        {"measure": "posts", "target": "many"},
        {"measure": "posts"},
    ],
)
def test_what_is_no_goal_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(NotAllowed):
        Goal.from_detail("g", {"period": "week", **wrong})


def test_a_goal_survives_its_detail_and_is_said_in_words() -> None:
    goal = Goal("g", "moves", "month", 10, before="like", after="know", rest=(5, 6))
    assert Goal.from_detail("g", goal.as_detail()) == goal
    assert describe(goal) == "move 10 people from like to know, each month"
    assert describe(Goal("g", "posts", "week", 3)) == "3 posts, each week"
    assert describe(Goal("g", "by_hand", "week", 1, words="write to three people")) == (
        "write to three people, once each week"
    )
