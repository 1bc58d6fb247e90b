"""The audience in one look: how many stand where, how sure that is, and what cannot be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from courtship.model import DAY, Coverage, Micros, Momentum
from courtship.service.reckoning.movement import NEW, Change, history
from courtship.service.reckoning.standing import standing
from courtship.store.derived import people_query
from courtship.vocabulary import TALK, Seen

if TYPE_CHECKING:
    from courtship.service.reckoning.stages import PersonStanding, Stages
    from courtship.store.workspace import Workspace

LATELY = 30
"""Days within which the board tells who moved."""

TOLD = 90
"""As many acts as a time line at the terminal shows well."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage of the board: ``perhaps`` of its ``people`` may stand further on than can be seen."""

    stage: str
    people: int
    perhaps: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """Changes of stage within the last ``days`` days; each person counts once, by where they came out."""

    days: int
    new: int = 0
    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Unseen:
    """What one platform's data do not show: what others do (``others``; ``partly`` where some of it is
    shown), and anything after ``until`` where that lies before the board's moment."""

    platform: str
    others: bool
    partly: bool
    until: Micros | None


@dataclass(frozen=True, slots=True)
class Audience:
    """The lifecycle board at one moment. ``rungs`` are ``aware``, the ladder and ``parted``, in order.

    ``unseen`` is what the sources do not show, by platform; ``lately`` counts people by momentum.
    """

    brand: str
    at: Micros
    ladder: tuple[str, ...]
    rungs: tuple[Rung, ...]
    moved: Moved | None = None
    lately: tuple[tuple[str, int], ...] = ()
    unseen: tuple[Unseen, ...] = ()
    set_aside: int = 0


def rungs(ladder: Sequence[str], standing: Iterable[tuple[str, bool]]) -> tuple[Rung, ...]:
    """Counts by stage of (stage, certain), a rung for each stage there can be, also the empty ones."""
    people: Counter[str] = Counter()
    perhaps: Counter[str] = Counter()
    for stage, certain in standing:
        people[stage] += 1
        # Beneath a block nobody is further on.
        perhaps[stage] += not certain and stage != "parted"
    return tuple(Rung(stage, people[stage], perhaps[stage]) for stage in ("aware", *ladder, "parted"))


def unseen(coverage: Iterable[Coverage], at: Micros) -> tuple[Unseen, ...]:
    """What is not seen at ``at``, by platform; platforms that show everything are left out."""
    ends: dict[str, Micros] = {}
    shown: dict[str, dict[str, set[Seen]]] = {}
    for one in coverage:
        platform = one.account.partition(":")[0]
        if one.seen == "none" or (one.start is not None and one.start > at):
            continue
        ends[platform] = max(ends.get(platform, one.end), one.end)
        kinds = shown.setdefault(platform, {})
        if one.direction == "inbound":
            kinds.setdefault(one.kind, set()).add(one.seen)
    found = []
    for platform in sorted(ends):
        full = {kind for kind, seen in shown[platform].items() if "full" in seen}
        nothing, partly = not shown[platform].keys() & TALK, not full >= TALK
        ended = ends[platform] if ends[platform] < at - DAY else None
        if partly or ended is not None:
            found.append(Unseen(platform, nothing, partly and not nothing, ended))
    return tuple(found)


def moved(ladder: Sequence[str], changes: Iterable[Change], days: int) -> Moved:
    """Who moved between two moments, each person by where they came out."""
    rank = {stage: place for place, stage in enumerate(("parted", "aware", *ladder))}
    new = up = down = 0
    for one in changes:
        if one.before == NEW:
            new += one.people
        elif rank.get(one.after, 0) > rank.get(one.before, 0):
            up += one.people
        elif rank.get(one.after, 0) < rank.get(one.before, 0):
            down += one.people
    return Moved(days, new, up, down)


def board(workspace: Workspace, found: Stages, *, present: bool = True) -> Audience:
    """The board of what ``service.stages.stages`` found. Who moved lately is told of the ``present`` only."""
    changes = (
        history(workspace).announced.flow(found.at - LATELY * DAY, found.at)
        if present and found.people
        else None
    )
    lately = Counter(one.momentum for one in found.people if one.momentum)
    return Audience(
        brand=standing(workspace).brand,
        at=found.at,
        ladder=found.ladder,
        rungs=rungs(found.ladder, ((one.stage, one.certain) for one in found.people)),
        lately=tuple((word, lately[word]) for word in get_args(Momentum) if lately[word]),
        unseen=unseen(workspace.coverage(), found.at),
        moved=None if changes is None else moved(found.ladder, changes, LATELY),
        set_aside=found.set_aside,
    )


def lapsed_unseen(workspace: Workspace) -> frozenset[str]:
    """Who by the rule has lapsed since the end of what is seen of them, which is not announced."""
    return history(workspace).unannounced


def example(workspace: Workspace, found: Stages) -> PersonStanding | None:
    """Somebody whose story is worth telling: high up, heard of lately, with several accounts, and with so
    many acts as can be told apart; ``None`` of nobody."""
    rows = {one.id: one for one in people_query.everybody_at(workspace)}
    rank = {stage: place for place, stage in enumerate(found.ladder)}

    def worth(one: PersonStanding) -> tuple[bool, int, bool, int, str]:
        row = rows[one.person]
        heard = (row.last_inbound_at or 0) > found.at - LATELY * DAY
        acts = row.inbound_count + row.outbound_count
        return (not heard, -rank.get(one.stage, -1), len(one.accounts) < 2, abs(acts - TOLD), one.person)

    return min((one for one in found.people if one.person in rows), key=worth, default=None)
