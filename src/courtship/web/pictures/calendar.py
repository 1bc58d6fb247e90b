"""Where the marks of a time axis stand: starts of months and years, few enough to be read."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from courtship.model import DAY, Micros
from courtship.web.frame import Frame
from courtship.web.words import MONTHS

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def micros(moment: dt.datetime) -> Micros:
    """A moment with a zone as UTC microseconds."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def month_start(at: Micros, frame: Frame, back: int = 0) -> Micros:
    """The start of the month that holds ``at``, ``back`` months earlier, in the page's zone."""
    local = frame.local(at)
    months = local.year * 12 + local.month - 1 - back
    return micros(dt.datetime(months // 12, months % 12 + 1, 1, tzinfo=ZoneInfo(frame.zone)))


def ticks(start: Micros, end: Micros, most: int, frame: Frame) -> list[tuple[Micros, str, bool]]:
    """At most about ``most`` ticks in [start, end]: (moment, label, is a year's start)."""
    months = max(1, round((end - start) / (30.44 * DAY)))
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if months / s <= most), 240)
    first = frame.local(month_start(start, frame))
    index = first.year * 12 + first.month - 1
    index -= index % step if step < 12 else index % 12
    found: list[tuple[Micros, str, bool]] = []
    while True:
        year, month = divmod(index, 12)
        at = micros(dt.datetime(year, month + 1, 1, tzinfo=ZoneInfo(frame.zone)))
        if at > end:
            return found
        if at >= start:
            found.append((at, str(year) if month == 0 else MONTHS[month][:3], month == 0))
        index += step
