"""A ladder read from a text, tried against the whole audience, and adopted."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from courtship.lifecycle import kernel, policy
from courtship.model import Decision, Micros
from courtship.people.identity import person_id
from courtship.service.refresh import people_columns, refresh
from courtship.store import people_query

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

WHERE = "The text"


@dataclass(frozen=True, slots=True)
class Tried:
    """What another ladder would change: (stage, now, then) for each stage of either, and who moves."""

    name: str
    total: int
    counts: tuple[tuple[str, int, int], ...]
    moves: tuple[tuple[str, str, int], ...]
    people: tuple[tuple[str, str, str, str], ...] = ()
    """Some of the movers: (id, name, from, to)."""


def text(workspace: Workspace) -> str:
    """The ladder in force as TOML."""
    adopted = workspace.decisions("policy.adopt")
    if adopted:
        return str(adopted[-1].detail.get("text") or "")
    return resources.files("courtship.lifecycle").joinpath("like-know-trust.toml").read_text("utf-8")


def adopt(workspace: Workspace, said: str, *, now: Micros, where: str = WHERE) -> list[Decision]:
    """Makes the ladder of a text the one in force; everybody is reckoned anew.

    Raises InvalidPolicy, which names the line of ``where`` (a file, or the text).
    """
    ladder = policy.parse(said, where)
    decision = Decision("policy.adopt", ladder.name, {"policy": tomllib.loads(said), "text": said}, now)
    decided = workspace.decide(decision)
    refresh(workspace, now=now)
    return decided


def compare(workspace: Workspace, said: str, *, now: Micros, where: str = WHERE) -> Tried:
    """Where everybody stands now and would stand by the ladder of a text. Raises InvalidPolicy as `adopt`."""
    ladder = policy.parse(said, where)
    columns = people_columns(workspace)
    reports = kernel.reckon_columns(columns.columns, ladder, now)
    names = ladder.names
    then = {
        person_id(earliest): names[code]
        for earliest, code in zip(columns.earliest, reports.stage.tolist(), strict=True)
        if code >= 0
    }
    held = {p.id: p for p in people_query.everybody_at(workspace)}
    moved: Counter[tuple[str, str]] = Counter()
    some: list[tuple[str, str, str, str]] = []
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for person, row in held.items():
        stage = then.get(person, row.stage)
        before[row.stage] += 1
        after[stage] += 1
        if stage != row.stage:
            moved[row.stage, stage] += 1
            if len(some) < 20:
                some.append((person, row.name or row.handle or person, row.stage, stage))
    order = list(dict.fromkeys([*names, *before]))
    return Tried(
        ladder.name,
        len(held),
        tuple((s, before[s], after[s]) for s in order if before[s] or after[s]),
        tuple((a, b, n) for (a, b), n in sorted(moved.items(), key=lambda item: (-item[1], item[0]))),
        tuple(some),
    )
