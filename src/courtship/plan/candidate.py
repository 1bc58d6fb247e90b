"""A task that could be shown, with its rank; and what all rules of the queue share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from courtship.model import DAY, Micros
from courtship.plan.inputs import PersonRow, Settings, Share, Talk
from courtship.plan.task import ACTIONS, Action, Evidence, Task, task_key

Rank = tuple[int, int, int, int, str]
"""(action, urgency class, minus points, time, id): the least comes first."""

SHOWN_EVIDENCE = 3
"""At most so many acts are shown as evidence of one task."""
_QUESTION_MARKS = ("?", "？", "؟", "⸮")  # Latin, full-width, Arabic, reversed


class Candidate(NamedTuple):
    """A task that could be shown. ``fresh_at``: the newest question or message that waits, if any."""

    rank: Rank
    task: Task
    fresh_at: Micros | None = None


def is_question(text: str) -> bool:
    """Whether the words ask something: a question mark of any script ends a word of them."""
    return any(
        word.rstrip("\"'”’»)!…").endswith(_QUESTION_MARKS) and not word.startswith("http")
        for word in text.split()
    )


def rank_of(action: Action, urgency: int, points: int, at: Micros, person: str) -> Rank:
    """``urgency`` 0 comes before 1; more ``points`` first; then the earlier ``at``; then the id."""
    return (ACTIONS.index(action), urgency, -points, at, person)


def is_current(covered_until: Micros | None, settings: Settings, now: Micros) -> bool:
    """Whether what is seen reaches to today, give or take the days after which new data is asked for."""
    return covered_until is not None and covered_until >= now - settings.stale_days * DAY


def evidence_of(acts: Sequence[Talk | Share]) -> tuple[Evidence, ...]:
    """The first ``SHOWN_EVIDENCE`` of ``acts``, as evidence."""
    return tuple(Evidence(act.activity, act.kind, act.at, act.text, act.url) for act in acts[:SHOWN_EVIDENCE])


def task_for(
    action: Action,
    row: PersonRow,
    verb: str,
    reason: str,
    cause: str,
    lead: Talk | Share | None,
    acts: Sequence[Talk | Share],
    *,
    due: Micros | None = None,
    marks: tuple[str, ...] = (),
) -> Task:
    """A task about the person of ``row``, its key made from action, person and ``cause``."""
    return Task(
        key=task_key(action, row.person, cause),
        action=action,
        person=row.person,
        verb=verb,
        name=row.name,
        reason=reason,
        evidence=evidence_of(acts),
        due=due,
        link=(lead.url if lead is not None else "") or row.url,
        stage=row.stage,
        certain=row.certain,
        platform=lead.platform if lead is not None else row.platform,
        marks=marks,
        cause=cause,
    )
