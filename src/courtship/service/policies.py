"""The ladder in force, as an adopted decision or the default, and what another one would change."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from courtship.errors import InvalidPolicy
from courtship.lifecycle.policy import Policy, load
from courtship.model import Decision, Micros
from courtship.service.refresh import refresh
from courtship.service.stages import stages

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

DEFAULT = Path(__file__).parent.parent / "lifecycle" / "like-know-trust.toml"


@dataclass(frozen=True, slots=True)
class Tried:
    """People by stage now and by another ladder, and the moves between, most people first."""

    before: tuple[tuple[str, int], ...]
    after: tuple[tuple[str, int], ...]
    moves: tuple[tuple[tuple[str, str], int], ...]


def in_force_text(workspace: Workspace) -> str:
    """The same as TOML, with its comments where it has some."""
    adopted = workspace.decisions("policy.adopt")
    if not adopted:
        return DEFAULT.read_text(encoding="utf-8")
    return str(adopted[-1].detail.get("text") or "")


def adopt(workspace: Workspace, file: Path, *, now: Micros) -> Policy:
    """Makes the ladder in ``file`` the one in force; everybody is reckoned anew."""
    policy = load(file)
    text = file.read_text(encoding="utf-8")
    workspace.decide(
        Decision("policy.adopt", policy.name, {"policy": tomllib.loads(text), "text": text}, at=now)
    )
    refresh(workspace, now=now)
    return policy


def compare(workspace: Workspace, file: Path, *, at: Micros | None, now: Micros) -> Tried:
    """Where everybody stands by the ladder in force and by that in ``file``."""
    before = {one.person: one.stage for one in stages(workspace, at=at, policy=None, now=now).people}
    after = {one.person: one.stage for one in stages(workspace, at=at, policy=load(file), now=now).people}
    if before.keys() != after.keys():
        raise InvalidPolicy(f"{file}: the log changed while it was tried; try it again")
    moves = Counter((before[person], after[person]) for person in before if before[person] != after[person])
    return Tried(
        tuple(Counter(before.values()).items()),
        tuple(Counter(after.values()).items()),
        tuple(sorted(moves.items(), key=lambda item: (-item[1], item[0]))),
    )
