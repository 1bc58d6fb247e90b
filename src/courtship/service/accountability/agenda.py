"""The calendar feed: check-ins and the ends of goals' periods as iCalendar (RFC 5545).

A UID is made of the workspace's own seed and what the entry is about, so that a calendar that fetches the
feed again changes its entries instead of adding new ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from courtship.model import Micros
from courtship.plan import checkins as plan_checkins
from courtship.plan import periods
from courtship.plan.goals import describe
from courtship.service.accountability import checkins, goals
from courtship.service.reckoning.standing import standing

if TYPE_CHECKING:
    from icalendar import Calendar, Event

    from courtship.store.workspace import Workspace

LINK: Final = "calendar"
"""The subject of the feed's private link."""
BACK, AHEAD = 8, 8
"""Check-ins that are shown, past and to come."""
HOUR_OF_DAY: Final = 9
"""A check-in is put at nine in the morning of the day after its period, and lasts half an hour."""


def feed(workspace: Workspace, *, now: Micros) -> bytes:
    """The feed as it is now."""
    from icalendar import Calendar

    held, seed = standing(workspace), _seed(workspace)
    made = Calendar()
    made.add("prodid", "-//Courtship//Plan and check-ins//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", held.brand or "Courtship")
    made.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    _add_checkins(made, workspace, seed, held.timezone, now)
    _add_goals(made, workspace, seed, held.timezone, now)
    made.add_missing_timezones()
    return bytes(made.to_ical())


def _add_checkins(made: Calendar, workspace: Workspace, seed: str, zone: str, now: Micros) -> None:
    how_often = checkins.every(workspace)
    if how_often == "never" or not goals.declared(workspace):
        return
    written = {one.key for one in checkins.written(workspace) if not one.writer}
    day = periods.first_day(periods.day_of(now, zone), how_often)
    for _ in range(BACK):
        day = periods.first_day(day - timedelta(days=1), how_often)
    for _ in range(BACK + AHEAD):
        stretch = periods.beginning(day, how_often, zone)
        key = plan_checkins.key_of(stretch, how_often, zone)
        day = periods.following(day, how_often)
        event = _event(seed, key, now)
        event.add("summary", f"Check-in{': written' if key in written else ''}")
        start = datetime(day.year, day.month, day.day, HOUR_OF_DAY, tzinfo=ZoneInfo(zone))
        event.add("dtstart", start)
        event.add("dtend", start + timedelta(minutes=30))
        event.add("description", "What was planned, what the log shows, what stood in the way, what is next.")
        made.add_component(event)


def _add_goals(made: Calendar, workspace: Workspace, seed: str, zone: str, now: Micros) -> None:
    for goal in goals.declared(workspace):
        if goal.end <= now or goal.period == "day":
            continue
        stretch = periods.holding(now, goal.period, zone)
        event = _event(seed, f"{goal.id} {periods.day_of(stretch.start, zone)}", now)
        event.add("summary", describe(goal))
        # the last day of the period, all day long: an end in iCalendar is not part of it
        after = periods.day_of(stretch.end, zone)
        event.add("dtstart", after - timedelta(days=1))
        event.add("dtend", after)
        event.add("transp", "TRANSPARENT")
        made.add_component(event)


def _seed(workspace: Workspace) -> str:
    """The same for as long as the workspace lives: its name and its first decision."""
    first = next(iter(workspace.decisions(include_undone=True)), None)
    return f"{workspace.name} {first.at if first else 0} {first.subject if first else ''}"


def _event(seed: str, what: str, now: Micros) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"{sha256(f'{seed} {what}'.encode()).hexdigest()[:32]}@courtship")
    event.add("dtstamp", periods.moment(now).replace(microsecond=0))
    return event
