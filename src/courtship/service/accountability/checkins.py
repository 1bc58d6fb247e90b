"""Check-ins for every face: which are due, what the log shows of their period, what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from courtship.errors import NotAllowed
from courtship.model import Decision, Micros
from courtship.plan import checkins as pure
from courtship.plan import periods
from courtship.plan.checkins import CheckIn, Due
from courtship.plan.goals import Goal, Kept, Period, Stretch
from courtship.service.accountability import goals
from courtship.service.reckoning.standing import standing

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

EVERY = ("week", "month", "never")
SETTING = "checkin_every"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the log shows of one goal in the period of a check-in: its own periods that end within it."""

    goal: Goal
    kept: tuple[Kept, ...]


def every(workspace: Workspace) -> Literal["week", "month", "never"]:
    """How often a check-in is due: the setting, else weekly."""
    said = standing(workspace).settings.get(SETTING, "week")
    return cast("Literal['week', 'month', 'never']", said) if said in EVERY else "week"


def due(workspace: Workspace, *, now: Micros) -> list[Due]:
    """The check-in that waits, if one does: of the last period that is over, since the first goal began."""
    how_often = every(workspace)
    started = [goal.start for goal in goals.declared(workspace) if goal.end > now]
    if how_often == "never" or not started:
        return []
    return pure.due(written(workspace), how_often, standing(workspace).timezone, min(started), now)


def written(workspace: Workspace) -> list[CheckIn]:
    """Everything that was written, by period."""
    return pure.written(workspace.decisions("checkin.write"))


def write(
    workspace: Workspace,
    key: str,
    *,
    planned: str,
    stood_in_the_way: str,
    next: str,
    now: Micros,
    partner: str = "",
) -> list[Decision]:
    """Keeps a check-in of the period ``key`` in place of the writer's last. Raises NotAllowed for an empty
    one, and for a period that is none or has not begun."""
    _, stretch = pure.parse_key(key, standing(workspace).timezone)
    if stretch.start > now:
        raise NotAllowed("That period has not begun yet.")
    detail = {
        name: text.strip()[: pure.LONGEST]
        for name, text in (("planned", planned), ("stood_in_the_way", stood_in_the_way), ("next", next))
    }
    if not any(detail.values()):
        raise NotAllowed(
            "A check-in needs some words: what was planned, what stood in the way, or what is next."
        )
    by = f"partner:{partner}" if partner else ""
    return workspace.decide(Decision("checkin.write", key, detail, now, by))


def current_key(workspace: Workspace, *, now: Micros, last: bool = True) -> str:
    """The subject of the check-in of the last period that is over (or of the one that runs)."""
    how_often = every(workspace)
    period: Period = "week" if how_often == "never" else how_often
    zone = standing(workspace).timezone
    running = periods.holding(now, period, zone)
    return pure.key_of(periods.holding(running.start - 1, period, zone) if last else running, period, zone)


def stretch_of(workspace: Workspace, key: str) -> Stretch:
    """The period that a key names."""
    return pure.parse_key(key, standing(workspace).timezone)[1]


def shown(workspace: Workspace, stretch: Stretch, *, now: Micros) -> list[Shown]:
    """What the log shows of every goal whose periods end within ``stretch``, or run in it."""
    found = []
    for one in goals.stand(workspace, now=now):
        within = tuple(
            kept
            for kept in one.kept
            if stretch.start < kept.stretch.end <= stretch.end
            or (kept.stretch.start < stretch.end < kept.stretch.end)
        )
        if within:
            found.append(Shown(one.goal, within))
    return found
