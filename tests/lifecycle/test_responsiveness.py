"""Who answers whom: shares, times, platforms, and the columnar reading of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.lifecycle.acts import columns_of
from courtship.lifecycle.columnar import answering
from courtship.lifecycle.live import Act
from courtship.lifecycle.responsiveness import Answers, nearest_rank, responsiveness
from courtship.model import DAY, FOREVER, Activity
from courtship.vocabulary import ANSWERS, KINDS, TALK

BRAND = {"x:me", "m:me"}
HOUR = DAY // 24


def theirs(at: int, kind: str = "comment", **more: object) -> Activity:
    base = Activity(f"t{at}{kind}", kind, "x:ann", "x:me", at)
    return base._replace(**more)  # type: ignore[arg-type]


def ours(at: int, kind: str = "comment", **more: object) -> Activity:
    base = Activity(f"o{at}{kind}", kind, "x:me", "x:ann", at)
    return base._replace(**more)  # type: ignore[arg-type]


def test_the_first_later_act_within_thirty_days_answers() -> None:
    acts = [theirs(0), theirs(HOUR, "share"), ours(3 * HOUR, "like"), theirs(DAY), ours(31 * DAY)]
    found = responsiveness(acts, BRAND, 90 * DAY)
    assert found.ours == Answers(
        talk=3, answered=2, unanswered=1, waiting=0, unknown=0, median=2 * HOUR, p90=3 * HOUR
    )
    assert found.ours.per_cent == 66
    # of what the brand said, one was answered by the next day's comment; the like is no talk
    assert found.theirs == Answers(
        talk=1, answered=0, unanswered=1, waiting=0, unknown=0, median=None, p90=None
    )


def test_an_answer_that_says_what_it_answers_comes_before_any_other() -> None:
    acts = [
        theirs(0, object="c1"),
        ours(HOUR, in_reply_to="something else"),
        ours(40 * DAY, in_reply_to="c1"),
        theirs(50 * DAY, object="c2"),
        ours(50 * DAY + HOUR, "like", object="c2"),
    ]
    found = responsiveness(acts, BRAND, 60 * DAY)
    assert (found.ours.median, found.ours.p90) == (HOUR, 40 * DAY)


def test_an_answer_at_the_same_moment_or_before_is_none() -> None:
    acts = [ours(0), theirs(HOUR, object="c"), ours(HOUR), ours(0, in_reply_to="c")]
    assert responsiveness(acts, BRAND, 50 * DAY).ours.unanswered == 1


def test_what_may_still_be_answered_waits_and_lowers_no_share() -> None:
    acts = [theirs(0), ours(HOUR), theirs(10 * DAY)]
    young = responsiveness(acts, BRAND, 39 * DAY).ours
    assert (young.answered, young.unanswered, young.waiting, young.per_cent) == (1, 0, 1, 100)
    assert responsiveness(acts, BRAND, 40 * DAY).ours.per_cent == 50
    for seen in ((0, 39 * DAY), (11 * DAY, FOREVER)):
        unseen = responsiveness(acts, BRAND, 90 * DAY, ours_seen=seen).ours
        assert (unseen.waiting, unseen.unknown, unseen.per_cent) == (0, 1, 100)
    assert responsiveness(acts, BRAND, 90 * DAY, ours_seen=(10 * DAY, 40 * DAY)).ours.per_cent == 50
    assert responsiveness([theirs(0)], BRAND, DAY).ours.per_cent is None


def test_what_is_undated_ended_or_yet_to_come_is_left_out() -> None:
    acts = [
        theirs(0, precise=False),
        theirs(DAY, ended=2 * DAY),
        theirs(3 * DAY),
        ours(3 * DAY + HOUR, ended=5 * DAY),
        ours(4 * DAY, precise=False),
        theirs(100 * DAY),
    ]
    assert responsiveness(acts, BRAND, 60 * DAY).ours == Answers(1, 0, 1, 0, 0, None, None)


def test_both_ways_and_by_platform() -> None:
    acts = [
        ours(0),
        theirs(HOUR, "like"),
        theirs(DAY, actor="m:ann@b", target="m:me"),
        ours(DAY + HOUR, actor="m:me", target="m:ann@b"),
        theirs(2 * DAY),
    ]
    found = responsiveness(acts, BRAND, 90 * DAY)
    assert found.theirs_by_platform == {
        "x": Answers(1, 1, 0, 0, 0, HOUR, HOUR),
        "m": Answers(1, 1, 0, 0, 0, 23 * HOUR, 23 * HOUR),
    }
    assert found.ours_by_platform == {
        "m": Answers(1, 1, 0, 0, 0, HOUR, HOUR),
        "x": Answers(1, 0, 1, 0, 0, None, None),
    }
    own = responsiveness([theirs(0, actor="m:me")], BRAND, DAY)
    assert own.ours.talk == own.theirs.talk == 0  # what the brand does to itself


@pytest.mark.parametrize(
    ("number", "median", "ninetieth"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (9, 5, 9), (10, 5, 9), (11, 6, 10)]
)
def test_percentiles_are_times_that_happened(number: int, median: int, ninetieth: int) -> None:
    values = list(range(1, number + 1))
    assert (nearest_rank(values, 50), nearest_rank(values, 90)) == (median, ninetieth)


told = st.builds(
    lambda day, hour, kind, outbound, precise, length: Act(
        day * DAY + hour * HOUR, FOREVER if length == 0 else (day + length) * DAY, kind, outbound, precise, ""
    ),
    st.integers(0, 80),
    st.sampled_from([0, 0, 1, 5, 23]),
    st.sampled_from([*sorted(KINDS), "comment", "share"]),
    st.booleans(),
    st.integers(0, 5).map(bool),
    st.sampled_from([0, 0, 0, 1, 40]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(told, max_size=12), min_size=1, max_size=3),
    st.integers(0, 150),
    st.tuples(st.integers(0, 60), st.integers(0, 150)),
    st.data(),
)
def test_many_are_reckoned_as_one(
    people: list[list[Act]], day: int, seen: tuple[int, int], data: st.DataObject
) -> None:
    people = [
        [act._replace(ended=max(act.ended, act.at), id=f"{who}-{n:03}") for n, act in enumerate(one)]
        for who, one in enumerate(people)
    ]
    columns, ids = columns_of(people)
    at, span = day * DAY, (seen[0] * DAY, seen[1] * DAY)
    acts = {act.id: act for one in people for act in one}
    # let some talk be named by an act of the other side that answers it
    names: dict[str, str] = {}
    for one in people:
        for act in one:
            others = [each for each in one if each.outbound != act.outbound and each.kind in ANSWERS]
            if act.kind in TALK and others and data.draw(st.integers(0, 3)) == 0:
                names.setdefault(data.draw(st.sampled_from(others)).id, act.id)
    linked = np.full(len(ids), FOREVER)
    for reply, talk in names.items():
        act = acts[reply]
        if act.precise and act.at <= at < act.ended and act.at > acts[talk].at:
            linked[ids.index(talk)] = min(int(linked[ids.index(talk)]), act.at)
    spans = np.empty((len(people), 2, 2), np.int64)
    spans[:, 0] = span
    spans[:, 1] = (-FOREVER, 60 * DAY)
    found = answering(columns, at, seen=spans, linked=linked)
    for person, one in enumerate(people):
        activities = [
            Activity(
                act.id,
                act.kind,
                *(("x:me", "x:ann") if act.outbound else ("x:ann", "x:me")),
                act.at,
                None if act.ended == FOREVER else act.ended,
                act.precise,
                act.id,
                names.get(act.id),
            )
            for act in one
        ]
        expected = responsiveness(activities, BRAND, at, ours_seen=span, theirs_seen=(-FOREVER, 60 * DAY))
        for side, answers in enumerate((expected.ours, expected.theirs)):
            got = [int(each[person, side]) for each in found]
            median = -1 if answers.median is None else answers.median
            assert got == [*answers[:5], median]
