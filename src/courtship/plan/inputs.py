"""What today's queue is reckoned from. Gathered by a service; nothing here reads a store or a clock.

Any superset will do: each rule looks at every row again, so that a service may hand over candidates chosen
generously and the answer is the same as from all rows. All times are UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from courtship.model import Micros

PARTED = "parted"
AWARE = "aware"


class PersonRow(NamedTuple):
    """A person as they stand. ``last_contact_at`` is the last real contact: talk, either way.

    ``covered_until`` is the end of what is seen of this person (``None``: nothing is known of it, then no
    clock runs). ``usual_gap`` is the person's own rhythm, the usual time between days with contact
    (``None`` below three such days). ``answered`` counts what the brand ever did towards the person;
    ``talked`` how often the person used words.
    """

    person: str
    name: str
    stage: str
    since: Micros
    until: Micros | None
    first_at: Micros
    momentum: str = ""
    certain: bool = True
    last_contact_at: Micros | None = None
    covered_until: Micros | None = None
    usual_gap: Micros | None = None
    talked: int = 0
    answered: int = 0
    tags: tuple[str, ...] = ()
    platform: str = ""
    url: str = ""


class Talk(NamedTuple):
    """Words of a person's that the brand has not answered, as far as can be seen.

    ``answers_seen_until``: up to when the brand's own answers there can be seen (``None``: not at all).
    ``about`` is the post's first words or title, ``""`` where unknown; ``own_post`` whether it is the
    brand's post that was answered.
    """

    activity: str
    person: str
    kind: str
    at: Micros
    text: str = ""
    url: str = ""
    platform: str = ""
    about: str = ""
    answers_seen_until: Micros | None = None


class Share(NamedTuple):
    """A share, quote or recommendation that was not thanked for. ``followers``: who may have seen it."""

    activity: str
    person: str
    kind: str
    at: Micros
    text: str = ""
    url: str = ""
    platform: str = ""
    about: str = ""
    followers: int | None = None
    introduced: int = 0


class Newcomer(NamedTuple):
    """Somebody whose first sign of interest is recent and whom the brand has not greeted."""

    person: str
    activity: str
    kind: str
    at: Micros
    url: str = ""
    platform: str = ""
    shared: tuple[str, ...] = ()


class Step(NamedTuple):
    """The one condition that is missing for a person's next stage (``model.Missing``), with what they said.

    ``direction`` and ``kinds`` are the condition's. ``evidence`` are the activities that already count.
    """

    person: str
    stage: str
    direction: str
    kinds: tuple[str, ...]
    have: int
    need: int
    seen: str
    evidence: tuple[Talk, ...] = ()


class GiveBack(NamedTuple):
    """What the brand promised to somebody in its tribe and has not given: ``open`` things, the newest of
    which, ``gift``, fell due at ``at`` for a post about ``about`` ("" where any post will do)."""

    person: str
    cause: str
    at: Micros
    open: int
    gift: str
    about: str = ""
    url: str = ""
    platform: str = ""


class AskAnswered(NamedTuple):
    """An act by which somebody in the tribe did what they were asked for at ``asked_at``."""

    person: str
    activity: str
    kind: str
    at: Micros
    asked_at: Micros
    text: str = ""
    url: str = ""
    about: str = ""
    platform: str = ""


class Drifted(NamedTuple):
    """Somebody in the tribe with something agreed, and nothing seen of them since ``last``."""

    person: str
    last: Micros


class Ending(NamedTuple):
    """Where what can be seen ends: of ``platform``, at ``end``; ``people`` of the audience are there.

    ``account`` is the brand's, ``live`` true while a connection keeps it up to date.
    """

    platform: str
    end: Micros
    people: int = 0
    account: str = ""
    live: bool = False


class Rhythm(NamedTuple):
    """How often to be in touch with a person or tag, in days."""

    ideal_days: int
    longest_days: int


class TaskDecision(NamedTuple):
    """What the owner said of a task: ``verb`` is ``done snooze dismiss elsewhere``; ``person`` as of now."""

    verb: str
    key: str
    action: str
    person: str
    cause: str
    at: Micros
    until: Micros | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner may set; days and counts, whole numbers. Read from ``setting.set`` decisions."""

    limit: int = 5
    answers_first: int = 2
    cool_down_days: int = 7
    answer_within_days: int = 30
    unseen_answer_within_days: int = 7
    thank_within_days: int = 30
    welcome_within_days: int = 14
    lapse_days: int = 30
    stale_days: int = 14
    snooze_days: int = 1
    step_within_days: int = 60
    stage_worth_days: int = 3
    question_worth_days: int = 2
    longest_default_days: int = 120
    credit_days: int = 14

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """The settings named ``today.limit`` and so on; unknown names and values that are no positive whole
        number (``cool_down_days`` may be 0) are left at their defaults."""
        known: dict[str, int] = {}
        for name in cls.__dataclass_fields__:
            value = values.get(f"today.{name}")
            least = 0 if name in {"cool_down_days", "answers_first"} else 1
            if isinstance(value, int) and not isinstance(value, bool) and value >= least:
                known[name] = value
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the queue looks at. ``ladder`` is the policy's stages, lowest first."""

    ladder: tuple[str, ...] = ("like", "know", "trust")
    people: Mapping[str, PersonRow] = field(default_factory=dict)
    talks: tuple[Talk, ...] = ()
    shares: tuple[Share, ...] = ()
    newcomers: tuple[Newcomer, ...] = ()
    steps: tuple[Step, ...] = ()
    endings: tuple[Ending, ...] = ()
    give_back: tuple[GiveBack, ...] = ()
    asks_answered: tuple[AskAnswered, ...] = ()
    drifted: tuple[Drifted, ...] = ()
    rhythm_of_person: Mapping[str, Rhythm] = field(default_factory=dict)
    rhythm_of_tag: Mapping[str, Rhythm] = field(default_factory=dict)
    decisions: tuple[TaskDecision, ...] = ()
    timezone: str = "UTC"

    def rung(self, stage: str) -> int:
        """0 for ``aware``, 1 for the lowest stage of the ladder, …; -1 for ``parted``."""
        if stage == PARTED:
            return -1
        return self.ladder.index(stage) + 1 if stage in self.ladder else 0
