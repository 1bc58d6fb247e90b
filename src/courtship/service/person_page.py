"""One person as their page shows them: the story, and what the owner keeps about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.model import DAY, Address, Decision, Micros, Missing
from courtship.people.identity import Link, person_id
from courtship.service import coverage_page, deciding, identity, person
from courtship.service.story import Act, Answering, Story
from courtship.store import people_query
from courtship.strategy.topics import Shared
from courtship.vocabulary import ANSWERS, TALK

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

GAP: Micros = 90 * DAY
ANSWER_WITHIN: Micros = 30 * DAY


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a person; ``origin`` says in words where it is known from."""

    address: Address
    platform: str
    handle: str
    url: str
    origin: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that is shown. Waits are in microseconds; ``covered_days`` of ``known_days`` can be seen."""

    story: Story
    name: str
    row: people_query.Person | None
    seen_until: Micros | None
    gaps: tuple[tuple[Micros, Micros], ...]
    missing: tuple[Missing, ...]
    theirs: Answering | None
    ours: Answering | None
    their_waits: tuple[Micros, ...]
    our_waits: tuple[Micros, ...]
    best_time: str
    covered_days: int | None
    known_days: int
    common: tuple[Shared, ...]
    accounts: tuple[Account, ...]
    ideal_days: int | None
    longest_days: int | None
    last_word: Act | None
    introduced_by: people_query.Person | None
    introduced: int
    tags: tuple[str, ...]
    notes: tuple[deciding.Note, ...]


@dataclass(frozen=True, slots=True)
class Acts:
    """Every act of a person, oldest first, each with the file it was heard of from."""

    person: str
    name: str
    acts: tuple[Act, ...]
    origin: dict[str, str]
