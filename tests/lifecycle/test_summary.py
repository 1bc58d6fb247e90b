"""A summary taken from act to act says what a replay of all acts says."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lifecycle.test_readings import histories, ladders

from courtship.lifecycle import live, momentum, policy, summaries_columns
from courtship.lifecycle import summary as summaries
from courtship.lifecycle.acts import columns_of
from courtship.lifecycle.columnar import answering
from courtship.lifecycle.kernel import reckon_columns
from courtship.lifecycle.live import Act
from courtship.lifecycle.policy import Policy
from courtship.lifecycle.summary import Ladder, Summary
from courtship.lifecycle.summary_columns import summarise as summarise_columns
from courtship.model import DAY, FOREVER, Transition
from courtship.plan import cues_columns, cues_many


def agrees(ladder: Ladder, found: Summary, moves: list[Transition], acts: list[Act], now: int) -> None:
    report = live.reckon_person(acts, ladder.policy, now)
    assert report is not None
    seen = summaries.outlook(ladder, found, now)
    names = ladder.policy.names
    assert (names[seen.stage], seen.since, seen.until) == (report.stage, report.since, report.until)
    assert names[found.peak] == report.peak
    assert (*moves, *seen.lapses) == report.transitions
    assert summaries.lacks(ladder, seen) == report.missing
    for until in (now, now - 3 * DAY):
        rhythm = momentum.rhythm(acts, now, until)
        assert summaries.momentum_of(found, min(now, until)) == (rhythm.momentum if rhythm else "")
    answers = answering(columns_of([acts])[0], now)
    assert (found.talk, found.answered) == (answers.talk[0, 0], answers.answered[0, 0])
    assert Summary.from_bytes(found.to_bytes()) == found


@settings(max_examples=400, deadline=None)
@given(acts=histories(), rules=ladders(), known=st.integers(0, 10), later=st.integers(0, 40))
def test_act_by_act(acts: list[Act], rules: Policy, known: int, later: int) -> None:
    acts = sorted(acts)
    first = dict(reversed([(act.at, act) for act in acts]))
    told = acts[:known]
    now = max((max(act.at, act.ended if act.ended != FOREVER else 0) for act in told), default=0)
    # what comes after, each at a time of its own and without an end
    rest = [act._replace(ended=FOREVER) for at, act in sorted(first.items()) if at > now]
    ladder = Ladder(rules)
    found: Summary | None = None
    moves: list[Transition] = []
    if told:
        found = summaries.summarise(ladder, sorted(told, key=lambda act: (act.at, act.id)), now)
        assert found is not None
        report = live.reckon_person(told, rules, found.last)
        assert report is not None
        moves = list(report.transitions)
        agrees(ladder, found, moves, told, now + later * DAY // 2)
    for act in rest:
        if not told:
            found = summaries.begin(ladder, act.at)
        assert found is not None
        moves += summaries.advance(ladder, found, act)
        told.append(act)
        agrees(ladder, found, moves, told, act.at + later * DAY // 2)


def test_many_days_and_much_open_talk() -> None:
    ladder = Ladder(policy.load(None))
    acts = [
        Act(n * 7 * DAY // 3, FOREVER, kind, out, True, str(n))
        for n, (kind, out) in zip(
            range(300),
            itertools.cycle([("comment", False), ("like", False), ("comment", True)]),
            strict=False,
        )
    ]
    found = summaries.begin(ladder, acts[0].at)
    moves: list[Transition] = []
    for n, act in enumerate(acts, 1):
        moves += summaries.advance(ladder, found, act)
        if n % 50 == 0:
            agrees(ladder, found, moves, acts[:n], act.at + DAY)
    assert summaries.momentum_of(found, acts[-120].at) is None  # does not reach back so far


@settings(max_examples=400, deadline=None)
@given(acts=histories(), rules=ladders(), later=st.integers(-20, 40))
def test_summed_up_from_columns(acts: list[Act], rules: Policy, later: int) -> None:
    now = max((max(act.at, act.ended if act.ended != FOREVER else 0) for act in acts), default=0)
    now += later * DAY // 2
    ladder = Ladder(rules)
    acts = sorted(acts, key=lambda act: (act.at, act.id))
    plainly = summaries.summarise(ladder, [act._replace(ended=max(act.ended, act.at)) for act in acts], now)
    assert summarise_columns(ladder, columns_of([acts])[0], now) == plainly


@settings(max_examples=150, deadline=None)
@given(people=st.lists(histories(), min_size=1, max_size=6), rules=ladders(), later=st.integers(0, 400))
def test_everybody_at_once_as_each_alone(people: list[list[Act]], rules: Policy, later: int) -> None:
    people = [acts for acts in people if acts]
    if not people:
        return
    ladder = Ladder(rules)
    columns, _ = columns_of(people)
    record = np.arange(len(columns.at)) * 3 + 1
    for now in (int(columns.at.max()) + later * DAY // 4, int(np.median(columns.at))):
        reports = reckon_columns(columns, rules, now)
        able, last, told = summaries_columns.summarise(ladder, columns, reports, now)
        since = now - 5 * DAY
        both = zip(told, zip(*cues_many.summarise(columns, record, since, able), strict=True), strict=True)
        found = dict(zip(able.tolist(), both, strict=True))
        for number, acts in enumerate(people):
            alone, _ = columns_of([acts])
            one = summarise_columns(ladder, alone, now)
            if one is None or any(act.kind == "block" for act in acts):
                assert number not in found
                continue
            span = slice(int(columns.start[number]), int(columns.start[number + 1]))
            assert found[number][0] == one.to_bytes()
            assert last[number] == one.last
            some, told_of = summaries_columns.part(columns, reports, number, number + 1)
            assert list(summaries_columns.summarise(ladder, some, told_of, now)[2]) == [one.to_bytes()]
            assert found[number][1] == cues_columns.summarise(alone, record[span], since).to_bytes()


def test_much_open_talk_from_columns() -> None:
    ladder = Ladder(policy.load(None))
    for step in (DAY // 50, DAY // 30, DAY // 20, DAY // 10, DAY):
        acts = [Act(n * step, FOREVER, "comment", n in (3, 400), True, f"{n:04}") for n in range(900)]
        plainly = summaries.summarise(ladder, acts, 900 * step)
        assert summarise_columns(ladder, columns_of([acts])[0], 900 * step) == plainly
