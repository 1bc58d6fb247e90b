"""The coach's view: every client's goals, due check-ins and trends, silo by silo.

Each workspace is opened on its own and told of on its own; nothing of one is read while another is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from courtship.errors import CourtshipError
from courtship.model import Micros
from courtship.plan.checkins import Due
from courtship.plan.goals import Kept, describe
from courtship.service.accountability import checkins, goals
from courtship.service.accountability.goals import Standing
from courtship.service.reckoning.standing import standing
from courtship.times import to_iso

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

Trend = Literal["more kept", "as before", "fewer kept", ""]
RECENT = 4
"""Periods that are compared with as many before them."""


@dataclass(frozen=True, slots=True)
class Client:
    """One workspace. ``kept`` of ``asked`` goals were kept in their last period that asked for something;
    ``wrong`` says why the workspace could not be read."""

    workspace: str
    name: str
    zone: str = "UTC"
    goals: tuple[Standing, ...] = ()
    due: tuple[Due, ...] = ()
    written: Micros | None = None
    kept: int = 0
    asked: int = 0
    wrong: str = ""


def clients(workspaces: Iterable[Workspace], *, now: Micros) -> list[Client]:
    """Every client, those with a check-in due or a goal missed first."""
    found = [_client(workspace, now) for workspace in workspaces]
    return sorted(found, key=lambda one: (not one.wrong, not one.due, one.kept == one.asked, one.name))


def _client(workspace: Workspace, now: Micros) -> Client:
    try:
        held = standing(workspace)
        stand = tuple(one for one in goals.stand(workspace, now=now) if not one.ended)
        last = [kept for one in stand if (kept := last_asked(one))]
        told = [one.at for one in checkins.written(workspace) if not one.writer]
        return Client(
            workspace.name,
            held.brand or workspace.name,
            held.timezone,
            stand,
            tuple(checkins.due(workspace, now=now)),
            max(told, default=None),
            sum(kept.outcome == "kept" for kept in last),
            len(last),
        )
    except CourtshipError as error:
        return Client(workspace.name, workspace.name, wrong=str(error))


def last_asked(one: Standing) -> Kept | None:
    """The newest period that was kept or missed."""
    return next((kept for kept in reversed(one.kept) if kept.outcome in ("kept", "missed")), None)


def trend(one: Standing) -> Trend:
    """How many of the last four periods that asked for something were kept, against the four before."""
    told = [kept.outcome == "kept" for kept in one.kept if kept.outcome in ("kept", "missed")]
    if len(told) < 2 * RECENT:
        return ""
    lately, before = sum(told[-RECENT:]), sum(told[-2 * RECENT : -RECENT])
    return "as before" if lately == before else "more kept" if lately > before else "fewer kept"


def as_json(one: Client) -> dict[str, Any]:
    """A client as ``courtship coach --json`` prints it."""
    return {
        "workspace": one.workspace,
        "name": one.name,
        "kept": one.kept,
        "asked": one.asked,
        "due": [f"{due.period}:{due.day}" for due in one.due],
        "checked_in": to_iso(one.written) if one.written is not None else None,
        "goals": [goal_as_json(goal) for goal in one.goals],
        "problem": one.wrong or None,
    }


def goal_as_json(one: Standing) -> dict[str, Any]:
    """A goal as ``courtship goals --json`` prints it; times are ISO 8601."""
    return {
        "goal": one.goal.id,
        "says": describe(one.goal),
        "measure": one.goal.measure,
        "period": one.goal.period,
        "target": one.goal.target,
        "ended": one.ended,
        "streak": one.streak.length,
        "longest": one.streak.longest,
        "graced": one.streak.graced,
        "trend": trend(one) or None,
        "unseen": list(one.unseen),
        "periods": [
            {
                "start": to_iso(kept.stretch.start),
                "end": to_iso(kept.stretch.end),
                "outcome": kept.outcome,
                "value": kept.value,
                "done": kept.measured.done,
                "of": kept.measured.of,
            }
            for kept in one.kept
        ],
    }
