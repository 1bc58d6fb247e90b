"""Decisions in an export, made again in this workspace: each once, with the positions it has here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from courtship.errors import NotAllowed
from courtship.model import Decision, Problem

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


LINKS = frozenset({"link.open", "tribe.link", "tribe.opened"})
"""Private links are not carried from home to home: whoever made an export
would hold the key to this one. They are made anew."""


def decide_again(workspace: Workspace, decisions: Sequence[Decision], path: str) -> Iterator[Problem]:
    """Appends those that are not here yet, in their order. Positions they speak of are the new ones."""
    if not decisions:
        return
    place: dict[int, int] = {}
    known = {_said(decision): decision.position for decision in workspace.decisions(include_undone=True)}
    for decision in sorted(decisions, key=lambda decision: decision.position):
        if decision.verb in LINKS:
            continue
        before = decision.detail.get("position")
        if isinstance(before, int) and before in place:
            decision = replace(decision, detail={**decision.detail, "position": place[before]})
        said = _said(decision)
        if said not in known:
            try:
                (made,) = workspace.decide(decision)
            except NotAllowed as error:
                yield Problem(path, f"decision {decision.position}", str(error))
                continue
            known[said] = made.position
        place[decision.position] = known[said]


def _said(decision: Decision) -> tuple[str, str, str, int, str]:
    return decision.verb, decision.subject, repr(sorted(decision.detail.items())), decision.at, decision.by
