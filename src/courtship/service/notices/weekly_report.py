"""The weekly report as a notice: due once a week is over, told of by a rule, sent like any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from courtship.model import DAY, Micros
from courtship.notify.letters import Letter
from courtship.plan import periods
from courtship.plan.notices import Event, event_name
from courtship.service.accountability import goals, weekly
from courtship.service.notices import notices
from courtship.service.reckoning.standing import standing
from courtship.store.operations.notices import Delivery

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_HALF_A_WEEK: Micros = 7 * DAY // 2


def over(workspace: Workspace, now: Micros) -> Iterator[Event]:
    """The week that ended last, as an event at its end, where a goal was set for it."""
    zone = standing(workspace).timezone
    end = periods.holding(now, "week", zone).start
    week = periods.holding(end - 1, "week", zone)
    if any(goal.start < end and goal.end > week.start for goal in goals.declared(workspace)):
        yield Event("report", event_name("report", _day(week.start, zone)), "", end)


def told(workspace: Workspace, one: Delivery, now: Micros) -> Letter | None:
    """The report of the week that ended at ``one.at``, as it is now; ``None`` where no goal is left in it."""
    zone = standing(workspace).timezone
    # by the middle of the week: the owner's zone may have changed since
    day = _day(periods.holding(one.at - _HALF_A_WEEK, "week", zone).start, zone)
    report = weekly.report(workspace, now=now, day=day)
    if not report.lines:
        return None
    return weekly.letter(workspace, report, f"{notices.base(workspace)}/plan/report?week={day}")


def _day(start: Micros, zone: str) -> str:
    return periods.day_of(start, zone).isoformat()
