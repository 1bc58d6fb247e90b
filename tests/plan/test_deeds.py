"""What goals count, deed by deed, against the plain rules and against ``responsiveness``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from courtship.lifecycle.responsiveness import responsiveness
from courtship.model import DAY, Activity
from courtship.plan import deeds
from courtship.plan.deeds import HOUR, Act, Deed
from courtship.plan.goals import Goal, Measured, Stretch
from courtship.vocabulary import KINDS, TALK

NOW = 200 * DAY
BRAND = "test:me"


def always(platform: str, start: int, end: int) -> bool:
    return True


def never(platform: str, start: int, end: int) -> bool:
    return False


@st.composite
def histories(draw: st.DrawFn) -> list[Act]:
    made: list[Act] = []
    for person in ("ann", "bo"):
        times = sorted(draw(st.lists(st.integers(0, 100 * 24), max_size=12, unique=True)))
        for number, hour in enumerate(times):
            outbound = draw(st.booleans())
            name = f"{person}{number}"
            about = draw(st.sampled_from(["", f"{person}0", f"{person}1", f"{person}{max(0, number - 1)}"]))
            made.append(
                Act(
                    person,
                    hour * HOUR,
                    draw(st.sampled_from(KINDS)),
                    outbound,
                    "test",
                    len(made) + 1,
                    () if outbound else (name,),
                    (about,) if outbound and about else (),
                )
            )
    return made


def told(acts: list[Act], person: str) -> list[Activity]:
    return [
        Activity(
            str(act.record),
            act.kind,
            BRAND if act.outbound else f"test:{person}",
            f"test:{person}" if act.outbound else BRAND,
            act.at,
            object=act.names[0] if act.names else None,
            in_reply_to=act.about[0] if act.about else None,
        )
        for act in acts
        if act.person == person
    ]


@given(histories())
def test_answers_within_thirty_days_are_those_of_responsiveness(acts: list[Act]) -> None:
    found = deeds.answered(acts, TALK, 30 * DAY, NOW, always)
    ours = [responsiveness(told(acts, person), {BRAND}, NOW).ours for person in ("ann", "bo")]
    assert len(found) == sum(one.talk for one in ours)
    # a named answer may come later than thirty days: answered there, too late here
    late = sum(deed.wait is not None and deed.wait > 30 * DAY for deed in found)
    boundary = sum(deed.wait == 30 * DAY for deed in found)
    assert sum(deed.came == "done" for deed in found) == sum(one.answered for one in ours) - late
    assert boundary >= 0
    assert sorted(found) == found


@given(histories(), st.integers(1, 48), st.integers(0, 110 * 24))
def test_what_waits_what_is_unknown_and_what_is_not_done(acts: list[Act], hours: int, at: int) -> None:
    now = at * HOUR
    seen = deeds.answered(acts, TALK, hours * HOUR, now, always)
    blind = deeds.answered(acts, TALK, hours * HOUR, now, never)
    assert [deed.at for deed in seen] == [deed.at for deed in blind]
    for one, other in zip(seen, blind, strict=True):
        assert one.at <= now
        if one.came == "not done":
            assert one.at + hours * HOUR <= now
            assert other.came == ("unknown" if one.wait is None else "not done")
        else:
            assert other == one
        if one.came == "waits":
            assert one.at + hours * HOUR > now


@given(histories(), st.sampled_from(["answers", "comments", "shares", "thanks"]))
def test_the_order_in_which_people_come_never_matters(acts: list[Act], measure: str) -> None:
    goal = Goal("g", measure, "week", 1)  # type: ignore[arg-type]
    turned = [act for act in acts if act.person == "bo"] + [act for act in acts if act.person == "ann"]
    found = deeds.of_goal(goal, acts, {"post"}, NOW, always)
    assert found == deeds.of_goal(goal, turned, {"post"}, NOW, always)


def test_an_answer_to_somebody_is_no_comment_on_their_post() -> None:
    said = Act("ann", DAY, "comment", False, "test", 1, ("post",), ("c1",))
    answer = Act("ann", 2 * DAY, "comment", True, "test", 2, (), ("c1",))
    under = Act("ann", 3 * DAY, "comment", True, "test", 3, (), ("mine",))
    theirs = Act("ann", 4 * DAY, "comment", True, "test", 4, (), ("her post",))
    found = deeds.comments([said, answer, under, theirs], {"mine"}, NOW)
    assert found == [Deed(4 * DAY, "done", "ann", "test", "comment", 4)]
    assert deeds.of_goal(Goal("g", "comments", "day", 1, on=("x",)), [theirs], (), NOW, always) == []


def test_a_periods_figure_is_the_number_of_its_deeds() -> None:
    day = Stretch(DAY, 2 * DAY, 0)
    found = [Deed(DAY - 1, "done"), Deed(DAY, "done"), Deed(2 * DAY - 1, "not done"), Deed(2 * DAY, "done")]
    assert deeds.within(found, day) == found[1:3]
    assert deeds.measured(found[1:3], True, True) == Measured(1, 2, True, 0)
    assert deeds.measured([Deed(DAY, "unknown")], True, True) == Measured(0, 0, False, 0)
    assert deeds.measured([Deed(DAY, "waits")], True, True) == Measured(0, 0, True, 1)
    assert deeds.measured(found[1:3], False, False) == Measured(1, 0, False)
