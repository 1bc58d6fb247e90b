"""Today's queue: at most five things, best first, each with its reason and what it rests on.

A pure function of typed inputs and *now*; the order of the inputs never matters. ``docs/today.md`` tells the
rules in words. Ranks are tuples of integers with ties broken by the person's id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from courtship.model import Micros
from courtship.plan.candidate import Candidate
from courtship.plan.inputs import Inputs, Settings
from courtship.plan.rules import candidates
from courtship.plan.settling import settle
from courtship.plan.task import ACTIONS, Action, Queue


def queue(inputs: Inputs, settings: Settings, now: Micros, *, about: str = "") -> Queue:
    """What to do at ``now``, at most ``settings.limit`` tasks, and how many more could wait.

    Nothing later than ``now`` is looked at. One task a person; what is done, put off or cooling down is
    left out. The first pass gives ``settings.answers_first`` places to answers and one to each other action,
    so that a flood of one kind hides no other; the second fills up in order. What is open with ``about`` (a
    person's id) is answered besides, however far behind it stands.
    """
    settled = settle(inputs.decisions, now)
    open_tasks = [
        candidate
        for candidate in candidates(inputs, settings, settled, now)
        if not settled.hides(candidate.task, now, settings.cool_down_days, fresh_at=candidate.fresh_at)
    ]
    ranked = _one_a_person(sorted(open_tasks, key=lambda candidate: candidate.rank))
    chosen = _chosen(ranked, settings)
    rest = Counter(candidate.task.action for candidate in ranked if candidate not in chosen)
    return Queue(
        tasks=tuple(candidate.task for candidate in chosen),
        more=rest.total(),
        waiting=tuple((action, rest[action]) for action in ACTIONS if rest[action]),
        about=next((one.task for one in ranked if about and one.task.person == about), None),
    )


def _one_a_person(ranked: Iterable[Candidate]) -> list[Candidate]:
    """The best of each person; tasks about nobody all stay."""
    seen: set[str] = set()
    best: list[Candidate] = []
    for candidate in ranked:
        person = candidate.task.person
        if person in seen:
            continue
        if person:
            seen.add(person)
        best.append(candidate)
    return best


def _chosen(ranked: list[Candidate], settings: Settings) -> list[Candidate]:
    """At most ``settings.limit`` of ``ranked``, in the same order."""
    places: Counter[Action] = Counter(dict.fromkeys(ACTIONS, 1))
    places["answer"] = max(1, settings.answers_first)
    first: list[int] = []
    second: list[int] = []
    for index, candidate in enumerate(ranked):
        action = candidate.task.action
        if places[action]:
            places[action] -= 1
            first.append(index)
        else:
            second.append(index)
    # Old data everywhere must not fill the day with one errand: more of "bring" comes last of all.
    second.sort(key=lambda index: (ranked[index].task.action == "bring", index))
    return [ranked[index] for index in sorted((first + second)[: settings.limit])]
