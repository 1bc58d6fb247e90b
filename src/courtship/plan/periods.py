"""Days, weeks and months of the owner's clock, as stretches of UTC microseconds.

A week begins on Monday (ISO 8601). A day has 23 or 25 hours where the clocks change.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from courtship.model import Micros
from courtship.plan.goals import Period, Stretch

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST: Final = 400
"""Periods that are reckoned at most, the newest ones."""


def day_of(at: Micros, zone: str) -> date:
    """The day of a moment by the clock of ``zone``."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).date()


def begins(day: date, zone: str) -> Micros:
    """The first moment of a day by the clock of ``zone``."""
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return (local - _EPOCH) // timedelta(microseconds=1)


def first_day(day: date, period: Period) -> date:
    """The first day of the period that ``day`` lies in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def following(day: date, period: Period) -> date:
    """The first day of the next period, of the first day of one."""
    if period == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if period == "week" else 1)


def holding(at: Micros, period: Period, zone: str) -> Stretch:
    """The period that a moment lies in."""
    return beginning(first_day(day_of(at, zone), period), period, zone)


def beginning(day: date, period: Period, zone: str) -> Stretch:
    """The period whose first day is ``day``."""
    return Stretch(begins(day, zone), begins(following(day, period), zone), day.weekday())


def periods(period: Period, zone: str, start: Micros, end: Micros) -> list[Stretch]:
    """The periods that [``start``, ``end``] touches, oldest first, without gaps; at most the newest 400."""
    last = first_day(day_of(end, zone), period)
    earliest = last - timedelta(days=MOST * {"day": 1, "week": 7, "month": 31}[period])
    day = first_day(max(day_of(start, zone), earliest), period)
    found = []
    while day <= last:
        found.append(beginning(day, period, zone))
        day = following(day, period)
    return found[-MOST:]


def moment(at: Micros) -> datetime:
    """A moment as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=at)
