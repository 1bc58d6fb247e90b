"""Laws of the queue, over made-up audiences."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.model import DAY
from courtship.plan.candidate import is_question
from courtship.plan.inputs import Inputs, PersonRow, Settings, TaskDecision
from courtship.plan.queue import queue
from courtship.plan.task import ACTIONS, Task

from .made_inputs import NOW, made, shuffled

ALL = Settings(limit=1000, answers_first=1000)
FEW = settings(max_examples=60, deadline=None)
seeds = st.integers(0, 2**32)


def decided(task: Task, verb: str, at: int = NOW, until: int | None = None) -> TaskDecision:
    return TaskDecision(verb, task.key, task.action, task.person, task.cause, at, until)


def with_decisions(inputs: Inputs, *decisions: TaskDecision) -> Inputs:
    return replace(inputs, decisions=inputs.decisions + decisions)


@FEW
@given(seeds, seeds)
def test_the_order_of_the_inputs_never_matters(seed: int, other: int) -> None:
    inputs = made(seed)
    assert queue(inputs, Settings(), NOW) == queue(shuffled(inputs, other), Settings(), NOW)


@FEW
@given(seeds, st.integers(1, 8))
def test_never_more_than_the_limit_and_nobody_twice(seed: int, limit: int) -> None:
    everything = queue(made(seed), ALL, NOW)
    today = queue(made(seed), Settings(limit=limit), NOW)
    assert len(today.tasks) == min(limit, len(everything.tasks))
    assert len(today.tasks) + today.more == len(everything.tasks)
    assert today.more == sum(count for _, count in today.waiting)
    persons = [task.person for task in today.tasks if task.person]
    assert len(persons) == len(set(persons))
    assert len({task.key for task in everything.tasks}) == len(everything.tasks)


@FEW
@given(seeds)
def test_new_data_comes_before_anything_else(seed: int) -> None:
    tasks = queue(made(seed), Settings(), NOW).tasks
    order = [ACTIONS.index(task.action) for task in tasks]
    assert order == sorted(order)
    stale = any(NOW - end.end >= 14 * DAY for end in made(seed).endings)
    assert (bool(tasks) and tasks[0].action == "bring") == stale


@FEW
@given(seeds, st.sampled_from(["done", "dismiss", "elsewhere"]), st.integers(0, 400))
def test_what_is_settled_never_comes_back_for_the_same_cause(seed: int, verb: str, days: int) -> None:
    inputs = made(seed)
    for task in queue(inputs, ALL, NOW).tasks:
        after = queue(with_decisions(inputs, decided(task, verb)), ALL, NOW + days * DAY)
        assert task.key not in {other.key for other in after.tasks}


@FEW
@given(seeds, st.integers(0, 30))
def test_the_cool_down_leaves_a_person_in_peace(seed: int, days: int) -> None:
    inputs = made(seed)
    for task in queue(inputs, ALL, NOW).tasks:
        if not task.person:
            continue
        after = queue(with_decisions(inputs, decided(task, "done")), ALL, NOW + days * DAY)
        if days < Settings().cool_down_days:
            assert task.person not in {other.person for other in after.tasks}
    for task in queue(inputs, replace(ALL, cool_down_days=days), NOW).tasks[:3]:
        if task.person:
            peace = with_decisions(inputs, decided(task, "dismiss", NOW - 1))
            shown = queue(peace, replace(ALL, cool_down_days=days), NOW)
            assert days == 0 or task.person not in {other.person for other in shown.tasks}


@FEW
@given(seeds)
def test_later_hides_until_then_and_no_longer(seed: int) -> None:
    inputs = made(seed)
    for task in queue(inputs, ALL, NOW).tasks:
        later = with_decisions(inputs, decided(task, "snooze", until=NOW + DAY))
        assert task.key not in {other.key for other in queue(later, ALL, NOW + DAY - 1).tasks}
        again = {other.key for other in queue(later, ALL, NOW + DAY).tasks}
        assert (task.key in again) == (task.key in {x.key for x in queue(inputs, ALL, NOW + DAY).tasks})


@FEW
@given(seeds)
def test_a_later_real_contact_resets_losing_touch(seed: int) -> None:
    inputs = made(seed)
    for task in queue(inputs, ALL, NOW).tasks:
        if task.action != "touch":
            continue
        row = inputs.people[task.person]._replace(last_contact_at=NOW - 1)
        after = queue(replace(inputs, people={**inputs.people, task.person: row}), ALL, NOW)
        assert not [other for other in after.tasks if other.person == task.person and other.action == "touch"]


@FEW
@given(seeds)
def test_nothing_decided_later_is_known(seed: int) -> None:
    inputs = made(seed)
    today = queue(inputs, ALL, NOW)
    later = with_decisions(inputs, *(decided(task, "done", NOW + 1) for task in today.tasks))
    assert queue(later, ALL, NOW) == today


@FEW
@given(seeds)
def test_no_clock_where_the_own_answers_are_not_seen(seed: int) -> None:
    inputs = made(seed)
    blind = replace(inputs, talks=tuple(talk._replace(answers_seen_until=None) for talk in inputs.talks))
    for task in queue(blind, ALL, NOW).tasks:
        if task.action == "answer":
            assert task.due is None
            assert "waiting" not in task.reason
            assert "cannot be seen" in task.reason


@FEW
@given(seeds)
def test_a_lapse_beyond_the_end_of_coverage_makes_no_task(seed: int) -> None:
    inputs = made(seed)
    people = {key: row._replace(covered_until=NOW - 60 * DAY) for key, row in inputs.people.items()}
    tasks = queue(replace(inputs, people=people), ALL, NOW).tasks
    assert not [task for task in tasks if task.action == "keep"]


def test_a_new_question_is_not_held_back_by_the_cool_down() -> None:
    inputs = made(1)
    person = PersonRow("zoe", "Zoe", "know", NOW - 90 * DAY, None, NOW - 99 * DAY, covered_until=NOW)
    base = replace(inputs, people={"zoe": person}, talks=(), shares=(), newcomers=(), steps=(), endings=())
    asked = inputs.talks[0]._replace(
        person="zoe", at=NOW - DAY, text="And on Sunday?", answers_seen_until=NOW
    )
    said = TaskDecision("done", "k", "welcome", "zoe", "first", NOW - 2 * DAY)
    fresh = replace(base, talks=(asked,), decisions=(said,))
    assert [task.action for task in queue(fresh, Settings(), NOW).tasks] == ["answer"]
    chat = replace(base, talks=(asked._replace(text="Nice."),), decisions=(said,))
    assert queue(chat, Settings(), NOW).tasks == ()


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Does it keep?", True),
        ("هل تفتحون اليوم؟", True),
        ("何時ですか？", True),
        ("“Really?” I said", True),
        ("see https://example.org/?a=b", False),
        ("https://example.org/what?", False),
        ("Lovely.", False),
        ("", False),
    ],
)
def test_what_asks(text: str, asks: bool) -> None:
    assert is_question(text) is asks
