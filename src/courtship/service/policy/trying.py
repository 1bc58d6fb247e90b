"""A ladder read from a text, tried against the whole audience, and adopted; and the ladders before it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.columns import pack
from courtship.lifecycle import policy
from courtship.lifecycle.live import missing
from courtship.model import Decision, Micros, Missing
from courtship.service.reckoning.cueing import people_of
from courtship.service.reckoning.refresh import refresh
from courtship.service.reckoning.standing import standing
from courtship.store.derived import people_query
from courtship.store.derived.cues import people_stamp
from courtship.store.remembering import remembered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.columns import Bucket
    from courtship.lifecycle.policy import Policy
    from courtship.lifecycle.report import Reports
    from courtship.store.workspace import Workspace

WHERE = "The text"

SHOWN = 50
"""Movers whose reason a page shows."""


EVERYBODY = 2**31
"""As many movers as there are."""


class Mover(NamedTuple):
    """Somebody who would stand elsewhere. ``why`` is the condition that makes the difference: of the
    ladder that was tried where they would fall, of the one in force where they would rise; ``None`` where
    a block or the ladder's own names make it."""

    person: str
    name: str
    before: str
    after: str
    why: Missing | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What another ladder would change: (stage, now, then) for each stage of either, and who moves.

    ``people`` are the movers, as many as were asked for, in order of (from, to, id); ``said`` is the
    ladder as a mapping.
    """

    name: str
    total: int
    counts: tuple[tuple[str, int, int], ...]
    moves: tuple[tuple[str, str, int], ...]
    people: tuple[Mover, ...] = ()


class Ladder(NamedTuple):
    """A ladder that was adopted: the decision's position, its name and text, from when to when it was in
    force (``None``: it is now)."""

    position: int
    name: str
    text: str
    start: Micros
    end: Micros | None


class _Audience(NamedTuple):
    """Everybody's activities as the kernel reads them, with their ids; ``counted`` are those who are not set
    aside."""

    bucket: Bucket
    persons: list[str]
    counted: NDArray[np.bool_]


def text(workspace: Workspace) -> str:
    """The ladder in force as TOML."""
    adopted = workspace.decisions("policy.adopt")
    return _text(adopted[-1]) if adopted else default_text()


def default_text() -> str:
    """The ladder that holds where none was adopted, as TOML."""
    return resources.files("courtship.lifecycle").joinpath("like-know-trust.toml").read_text("utf-8")


def _text(adopted: Decision) -> str:
    from courtship.lifecycle import policy_text

    return str(adopted.detail.get("text") or policy_text.write(adopted.detail["policy"]))


def adopt(workspace: Workspace, said: str, *, now: Micros, where: str = WHERE) -> list[Decision]:
    """Makes the ladder of a text the one in force; everybody is reckoned anew.

    Raises InvalidPolicy, which names the line of ``where`` (a file, or the text).
    """
    ladder = policy.parse(said, where)
    decision = Decision("policy.adopt", ladder.name, {"policy": tomllib.loads(said), "text": said}, now)
    decided = workspace.decide(decision)
    refresh(workspace, now=now)
    return decided


def ladders(workspace: Workspace) -> list[Ladder]:
    """Every ladder that was ever in force, the newest first; the default before the first that was
    adopted."""
    adopted = workspace.decisions("policy.adopt")
    start = min((one.at for one in adopted), default=0)
    told = [Ladder(0, policy.load(None).name, default_text(), 0, start if adopted else None)]
    for place, one in enumerate(adopted):
        end = adopted[place + 1].at if place + 1 < len(adopted) else None
        told.append(Ladder(one.position, one.subject, _text(one), one.at, end))
    return told[::-1]


def compare(workspace: Workspace, said: str, *, now: Micros, where: str = WHERE, most: int = SHOWN) -> Tried:
    """Where everybody stands now and would stand by the ladder of a text, with ``most`` of the movers.

    Raises InvalidPolicy as `adopt`.
    """
    return _compared(workspace, standing(workspace).policy, policy.parse(said, where), now, most)


def compare_mapping(
    workspace: Workspace, said: Mapping[str, Any], *, now: Micros, most: int = SHOWN
) -> Tried:
    """The same for a ladder as a mapping."""
    return _compared(workspace, standing(workspace).policy, policy.load(said), now, most)


def as_it_was(workspace: Workspace, ladder: Ladder, *, now: Micros, most: int = SHOWN) -> Tried:
    """Where everybody stood by a former ladder at its end, beside where they stand by it no more: by the
    ladder that followed, at the same moment."""
    after = next((one for one in ladders(workspace) if one.start == ladder.end), None)
    following = policy.parse(after.text, WHERE) if after else standing(workspace).policy
    return _compared(workspace, policy.parse(ladder.text, WHERE), following, ladder.end or now, most)


def _audience(workspace: Workspace) -> _Audience:
    """Kept in memory until the log or the people change, so that a slider need not wait for the disk."""
    import numpy as np

    def read() -> _Audience:
        columns, persons = people_of(workspace)
        aside = people_query.set_aside(workspace)
        return _Audience(
            pack(columns.columns), persons, np.array([person not in aside for person in persons], bool)
        )

    stamp = f"{workspace.position()} {people_stamp(workspace)}"
    return remembered(workspace.alias, "what if", stamp, read)


def reckon(bucket: Bucket, ladder: Policy, at: Micros) -> Reports:
    """Everybody's standing; the kernel is loaded when it is first needed: numba takes its time."""
    from courtship.lifecycle.kernel import reckon_bucket

    return reckon_bucket(bucket, ladder, at, threads=2)


def _compared(workspace: Workspace, old: Policy, new: Policy, now: Micros, most: int) -> Tried:
    import numpy as np

    audience = _audience(workspace)
    before, after = (reckon(audience.bucket, ladder, now) for ladder in (old, new))
    known = np.flatnonzero(audience.counted & (before.stage >= 0))
    order = list(dict.fromkeys([*new.names, *old.names]))
    one = np.array([order.index(name) for name in old.names])[before.stage[known]]
    two = np.array([order.index(name) for name in new.names])[after.stage[known]]
    counted = [np.bincount(codes, minlength=len(order)).tolist() for codes in (one, two)]
    pairs = np.bincount(one * len(order) + two, minlength=len(order) ** 2).reshape(len(order), -1)
    moves = [(order[a], order[b], int(pairs[a, b])) for a, b in np.argwhere(pairs > 0).tolist() if a != b]
    some = np.flatnonzero(one != two)
    some = some[np.argsort(one[some] * len(order) + two[some], kind="stable")][:most]
    return Tried(
        new.name,
        len(known),
        tuple((name, a, b) for name, a, b in zip(order, *counted, strict=True) if a or b),
        tuple(sorted(moves, key=lambda move: (-move[2], move[:2]))),
        tuple(_movers(workspace, audience, known[some].tolist(), before, after)),
    )


def _movers(
    workspace: Workspace, audience: _Audience, some: list[int], before: Reports, after: Reports
) -> list[Mover]:
    if not some:
        return []
    people = people_query.by_ids(workspace, [audience.persons[number] for number in some])
    told = []
    for number in some:
        person = audience.persons[number]
        row = people.get(person)
        name = (row.name or row.handle) if row else ""
        old, new = (str(each.policy.names[int(each.stage[number])]) for each in (before, after))
        told.append(Mover(person, name or person, old, new, _why(number, before, after)))
    return told


def _why(number: int, before: Reports, after: Reports) -> Missing | None:
    """What the lower of the two still asks for: by the tried ladder for who falls, by the other for who
    rises."""
    falls = int(after.top[number]) < int(before.top[number])
    lower = after if falls else before
    lacks = missing(lower.policy, int(lower.top[number]), lower.have[number].tolist())
    return lacks[0] if lacks else None
