"""A task: one thing to do now, for one person, with the reason and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, NamedTuple, get_args

from courtship.model import Micros

Action = Literal["bring", "answer", "thank", "give", "welcome", "step", "keep", "touch"]
"""What is to be done, in the order in which the queue asks for it:

``bring`` new data, ``answer`` what waits, ``thank`` for a share, ``give`` back
what was promised to somebody in the tribe, ``welcome`` a newcomer, the ``step`` that
alone is missing for the next stage, ``keep`` a stage that is about to lapse, get in ``touch`` again.
"""

ACTIONS: tuple[Action, ...] = get_args(Action)


class Evidence(NamedTuple):
    """Something that happened and speaks for the task. ``activity`` is its id, ``""`` where it has none."""

    activity: str
    kind: str
    at: Micros
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of today's queue.

    ``key`` names the same task on every day and every machine: a digest of action, person and cause.
    ``person`` is a person's id (``""`` for ``bring``), ``verb`` and ``name`` make the heading ("Write back
    to", "Siobhán"), ``reason`` is one or two sentences. ``marks`` are words of the reason to be marked
    (shared interests). ``due`` is when the waiting began to be too long, or when the stage lapses; ``None``
    where there is no clock. ``link`` opens the very place on the platform (``""`` where none is known).
    """

    key: str
    action: Action
    person: str
    verb: str
    name: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    due: Micros | None = None
    link: str = ""
    stage: str = ""
    certain: bool = True
    platform: str = ""
    marks: tuple[str, ...] = ()
    cause: str = ""

    @property
    def title(self) -> str:
        """ "Write back to Siobhán"."""
        return f"{self.verb} {self.name}"

    @property
    def line(self) -> str:
        """The whole in one line: "Answer Maya: a question on your post, waiting 2 days"."""
        reason = self.reason.removesuffix(".")
        return f"{self.title}: {reason[:1].lower()}{reason[1:]}"


def task_key(action: str, person: str, cause: str) -> str:
    """The stable name of a task: 16 hexadecimal digits of BLAKE2b over action, person and cause."""
    return blake2b("\x1f".join((action, person, cause)).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Queue:
    """Today: the tasks, best first, and how many more could wait (``more``, by action in ``waiting``).
    ``about`` is what is open with somebody who was asked for, among the tasks or not."""

    tasks: tuple[Task, ...]
    more: int = 0
    waiting: tuple[tuple[Action, int], ...] = ()
    about: Task | None = None
