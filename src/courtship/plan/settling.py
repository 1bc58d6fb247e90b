"""What the owner has already said of tasks: done, later, not this, answered elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from courtship.model import DAY, Micros
from courtship.plan.inputs import TaskDecision
from courtship.plan.task import Task

CLOSING = frozenset({"done", "dismiss", "elsewhere"})
"""These end a task for its cause."""
CONTACT = frozenset({"done", "elsewhere"})
"""These say that the owner was in touch."""


@dataclass(slots=True)
class Settled:
    """Decisions up to a moment, by what they settle.

    ``keys``: tasks that are over. ``covered[action, person]``: everything of that action up to then is over,
    so that older words, heard of later, do not come back as a new cause. ``later[key]``: hidden until then;
    ``put_off[person]``: until when, and by a decision of when. ``acted[person]``: the last closing decision,
    for the cool-down. ``contact[person]``: the last time the owner said to have been in touch.
    """

    keys: set[str] = field(default_factory=set)
    covered: dict[tuple[str, str], Micros] = field(default_factory=dict)
    later: dict[str, Micros] = field(default_factory=dict)
    put_off: dict[str, tuple[Micros, Micros]] = field(default_factory=dict)
    acted: dict[str, Micros] = field(default_factory=dict)
    contact: dict[str, Micros] = field(default_factory=dict)

    def over(self, action: str, person: str, at: Micros) -> bool:
        """Whether what happened at ``at`` was settled by a later decision of the same action."""
        until = self.covered.get((action, person))
        return until is not None and at <= until

    def hides(self, task: Task, now: Micros, cool_down_days: int, *, fresh_at: Micros | None) -> bool:
        """Whether ``task`` is over, put off, or its person is being left in peace.

        ``fresh_at``: when the person last asked a question or sent a message that waits; what was asked
        since the last decision is held back by neither.
        """
        if task.key in self.keys or self.later.get(task.key, now) > now:
            return True
        until, decided = self.put_off.get(task.person, (now, now)) if task.person else (now, now)
        if now < until and (fresh_at is None or fresh_at <= decided):
            return True
        last = self.acted.get(task.person) if task.person else None
        if last is None or now >= last + cool_down_days * DAY:
            return False
        return fresh_at is None or fresh_at <= last


def settle(decisions: Iterable[TaskDecision], now: Micros) -> Settled:
    """The decisions taken up to ``now``; in any order."""
    settled = Settled()
    for decision in decisions:
        if decision.at > now:
            continue
        if decision.verb == "snooze":
            if decision.until is not None:
                settled.later[decision.key] = max(decision.until, settled.later.get(decision.key, 0))
                put_off = settled.put_off.get(decision.person, (0, 0))
                settled.put_off[decision.person] = max((decision.until, decision.at), put_off)
            continue
        if decision.verb not in CLOSING:
            continue
        settled.keys.add(decision.key)
        if not decision.person:
            continue
        person = decision.person
        settled.acted[person] = max(decision.at, settled.acted.get(person, decision.at))
        pair = (decision.action, person)
        settled.covered[pair] = max(decision.at, settled.covered.get(pair, decision.at))
        if decision.verb in CONTACT:
            settled.contact[person] = max(decision.at, settled.contact.get(person, decision.at))
    return settled
