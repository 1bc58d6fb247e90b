"""The response clock: how long people wait for the brand, over time, and who waits too long now.

Every inbound act of talk (words or a share) waits until the brand does anything that counts as an answer
towards its person, strictly later and within thirty days; until it is said to be answered elsewhere; or until
it is dismissed. Where the brand's own answers there cannot be seen, no clock runs. Median and 90th percentile
are by nearest rank, as in ``lifecycle/responsiveness.py``: always a wait that did happen. The act that is
answered by name counts there; here, for everybody at once, the next act of the brand's counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from courtship.columns import Columns
from courtship.model import DAY, Micros
from courtship.plan.seen import Sight
from courtship.plan.settling import Settled
from courtship.vocabulary import ANSWERS, KIND_CODE, KINDS, TALK

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANSWER_DAYS: Final = 30
WEEKS: Final = 26
HOUR: Final[Micros] = DAY // 24
KEPT_DAYS: Final = 7 * WEEKS + 1
"""How far back what was said is kept: the weeks that are shown."""
NONE: Final = -1


class Waits(NamedTuple):
    """Acts of talk as arrays of one length: ``row`` in the columns, ``waited`` microseconds or ``NONE``."""

    row: NDArray[np.int64]
    waited: NDArray[np.int64]


def waits(columns: Columns, now: Micros) -> Waits:
    """What was said to the brand within ``KEPT_DAYS`` whole UTC days, and how long its answer took."""
    people = len(columns.start) - 1
    person = np.repeat(np.arange(people), np.diff(columns.start))
    there = (columns.at <= now) & (columns.ended > now) & (columns.precise == 1)
    recent = columns.at >= (now // DAY - KEPT_DAYS) * DAY
    talk = np.flatnonzero(there & recent & (columns.outbound == 0) & _of(columns, TALK))
    answers = np.flatnonzero(there & (columns.outbound == 1) & _of(columns, ANSWERS))
    waited = np.full(len(talk), NONE)
    if len(talk) and len(answers):
        # the first row of the same person at a later time: an answer is strictly later
        begins = np.append(
            np.flatnonzero(
                np.append(True, (person[1:] != person[:-1]) | (columns.at[1:] != columns.at[:-1]))
            ),
            len(columns.at),
        )
        following = begins[np.searchsorted(begins, talk, side="right")]
        place = np.searchsorted(answers, following, side="left")
        held = place < len(answers)
        found = answers[np.minimum(place, len(answers) - 1)]
        span = columns.at[found] - columns.at[talk]
        good = held & (person[found] == person[talk]) & (span < ANSWER_DAYS * DAY)
        waited[good] = span[good]
    return Waits(talk, waited)


def _of(columns: Columns, kinds: frozenset[str]) -> NDArray[np.bool_]:
    wanted = np.zeros(len(KINDS), np.bool_)
    wanted[[KIND_CODE[kind] for kind in kinds]] = True
    return wanted[columns.kind]


@dataclass(frozen=True, slots=True)
class Goals:
    """Within how many hours an answer is wanted (0: no goal): in general, by platform, by stage. Where both a
    platform and a stage have one, the shorter."""

    hours: int = 4
    platforms: Mapping[str, int] = field(default_factory=dict)
    stages: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Goals:
        """From the settings ``answers.hours``, ``answers.platform.NAME`` and ``answers.stage.NAME``."""

        def hours(name: str) -> int | None:
            value = values.get(name)
            good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 720
            return value if good else None

        def named(sort: str) -> dict[str, int]:
            start = f"answers.{sort}."
            found = {name.removeprefix(start): hours(name) for name in values if name.startswith(start)}
            return {name: value for name, value in found.items() if value is not None}

        general = hours("answers.hours")
        return cls(4 if general is None else general, named("platform"), named("stage"))

    def hours_for(self, platform: str, stage: str) -> int:
        """The goal for somebody at ``stage`` on ``platform``; 0: none."""
        special = [
            held[name] for held, name in ((self.platforms, platform), (self.stages, stage)) if name in held
        ]
        wanted = [hours for hours in special if hours]
        return min(wanted) if wanted else 0 if special else self.hours


class Said(NamedTuple):
    """What was said, as arrays of one length. ``platform`` and ``stage`` index the names; ``person`` the
    persons."""

    person: NDArray[np.int64]
    persons: Sequence[str]
    platform: NDArray[np.int64]
    platforms: Sequence[str]
    stage: NDArray[np.int64]
    stages: Sequence[str]
    at: NDArray[np.int64]
    kind: NDArray[np.int64]
    record: NDArray[np.int64]
    waited: NDArray[np.int64]


class Figures(NamedTuple):
    """How some talk fared: ``timed`` on the clock, ``answered`` of it, ``in_time`` of these within the goal
    (of those that have one, ``with_goal``). ``median`` and ``p90`` in microseconds."""

    timed: int
    answered: int
    waiting: int
    overdue: int
    with_goal: int
    in_time: int
    median: Micros | None
    p90: Micros | None


class Week(NamedTuple):
    """One week by when things were said, from ``start``: seven days."""

    start: Micros
    figures: Figures


class Overdue(NamedTuple):
    """Somebody who waits longer than the goal, since ``at``; ``goal`` hours. ``record`` is a log position."""

    person: str
    stage: str
    platform: str
    kind: str
    at: Micros
    record: int
    goal: int


@dataclass(frozen=True, slots=True)
class Answering:
    """How the brand answers. ``unseen``: so many acts of talk where no clock runs, as the brand's own answers
    there cannot be seen; ``elsewhere`` and ``dismissed``: the owner's word ended the wait."""

    overall: Figures
    weeks: tuple[Week, ...]
    by_platform: Mapping[str, Figures]
    by_stage: Mapping[str, Figures]
    overdue: tuple[Overdue, ...]
    unseen: int
    elsewhere: int


def answering(said: Said, sight: Sight, settled: Settled, goals: Goals, now: Micros) -> Answering:
    """How the brand answers what was said, as of ``now``; the overdue first by how long they wait."""
    until = _seen_until(said, sight)
    timed = until > said.at
    over = _settled(said, settled) & (said.waited == NONE)
    goal = _goal(said, goals)
    known = np.minimum(until, now)
    answered = timed & (said.waited != NONE)
    waiting = timed & ~answered & ~over & (said.at > now - ANSWER_DAYS * DAY)
    late = waiting & (goal > 0) & (known - said.at >= goal)

    def figures(mask: NDArray[np.bool_]) -> Figures:
        mine = mask & answered
        took = np.sort(said.waited[mine])
        judged = mask & timed & (goal > 0) & (answered | late | (~waiting & ~over))
        return Figures(
            timed=int((mask & timed).sum()),
            answered=int(mine.sum()),
            waiting=int((mask & waiting).sum()),
            overdue=int((mask & late).sum()),
            with_goal=int(judged.sum()),
            in_time=int((judged & answered & (said.waited <= goal)).sum()),
            median=_rank(took, 50),
            p90=_rank(took, 90),
        )

    every = np.ones(len(said.at), np.bool_)
    week = 7 * DAY
    last = (now // DAY + 1) * DAY
    weeks = []
    for number in range(WEEKS, 0, -1):
        start = last - number * week
        weeks.append(Week(start, figures((said.at >= start) & (said.at < start + week))))
    places = np.flatnonzero(late)
    places = places[np.lexsort((said.record[places], said.at[places]))]
    return Answering(
        overall=figures(every),
        weeks=tuple(weeks),
        by_platform=_by(said.platform, said.platforms, figures),
        by_stage=_by(said.stage, said.stages, figures),
        overdue=tuple(
            Overdue(
                said.persons[said.person[place]],
                said.stages[said.stage[place]],
                said.platforms[said.platform[place]],
                KINDS[said.kind[place]],
                int(said.at[place]),
                int(said.record[place]),
                int(goal[place] // HOUR),
            )
            for place in places.tolist()
        ),
        unseen=int((~timed).sum()),
        elsewhere=int((over & timed).sum()),
    )


def _by(codes: NDArray[np.int64], names: Sequence[str], figures: Any) -> dict[str, Figures]:
    found = {name: figures(codes == code) for code, name in enumerate(names)}
    return {name: one for name, one in sorted(found.items()) if one.timed}


def _rank(ordered: NDArray[np.int64], per_cent: int) -> Micros | None:
    if not len(ordered):
        return None
    return int(ordered[max(0, -(-len(ordered) * per_cent // 100) - 1)])


def _seen_until(said: Said, sight: Sight) -> NDArray[np.int64]:
    """Up to when the brand's own answers to each are seen; the least integer where not at all."""
    until = np.full(len(said.at), np.iinfo(np.int64).min)
    for code, platform in enumerate(said.platforms):
        mine = said.platform == code
        for start, end in sight.answer_spans(platform):
            inside = mine & (said.at >= start) & (said.at < end)
            until[inside] = np.maximum(until[inside], end)
    return until


def _settled(said: Said, settled: Settled) -> NDArray[np.bool_]:
    """What the owner's word has ended: answered elsewhere, done, or dismissed."""
    over = np.zeros(len(said.at), np.bool_)
    if not settled.covered:
        return over
    words = np.isin(said.kind, [KIND_CODE[kind] for kind in ("comment", "mention", "message")])
    number = {person: place for place, person in enumerate(said.persons)}
    for action, mask in (("answer", words), ("thank", ~words)):
        limit = np.full(len(said.persons), np.iinfo(np.int64).min)
        for (held, person), at in settled.covered.items():
            if held == action and person in number:
                limit[number[person]] = at
        over |= mask & (said.at <= limit[said.person]) if len(said.persons) else mask
    return over


def _goal(said: Said, goals: Goals) -> NDArray[np.int64]:
    table = np.array(
        [[goals.hours_for(platform, stage) * HOUR for stage in said.stages] for platform in said.platforms],
        np.int64,
    ).reshape(len(said.platforms), len(said.stages))
    return table[said.platform, said.stage] if len(said.at) else np.zeros(0, np.int64)
