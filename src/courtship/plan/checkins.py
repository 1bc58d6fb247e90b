"""Check-ins: what was planned, what stood in the way, what is next; by owner and partners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from courtship.errors import NotAllowed
from courtship.model import Decision, Micros
from courtship.plan import periods
from courtship.plan.goals import PERIODS, Period, Stretch

LONGEST: Final = 4_000
"""Characters of one answer."""
OWNER: Final = ""
"""Who writes where it is no partner."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What one person wrote of a period (its first day, ISO 8601). ``writer`` is ``""`` for the owner, else
    the partner's id; ``position`` is that of the decision, for Undo."""

    period: Period
    day: str
    writer: str
    planned: str
    stood_in_the_way: str
    next: str
    at: Micros
    position: int

    @property
    def key(self) -> str:
        return f"{self.period}:{self.day}"


@dataclass(frozen=True, slots=True)
class Due:
    """A period that is over and of which the owner has written nothing yet. ``planned`` is what the check-in
    before it said was next."""

    period: Period
    day: str
    stretch: Stretch
    planned: str


def key_of(stretch: Stretch, period: Period, zone: str) -> str:
    """The subject of check-ins of a period: ``week:2026-11-16``."""
    return f"{period}:{periods.day_of(stretch.start, zone).isoformat()}"


def parse_key(key: str, zone: str) -> tuple[Period, Stretch]:
    """The period that a key names. Raises NotAllowed where it names none."""
    named, _, day = key.partition(":")
    try:
        first = date.fromisoformat(day)
    except ValueError:
        first = None
    if named not in PERIODS or first is None or not 1990 <= first.year <= 2100:
        raise NotAllowed(f"{key[:40]!r} names no period; write it as week:2026-11-16, with its first day.")
    period: Period = named
    if periods.first_day(first, period) != first:
        raise NotAllowed(f"No {period} begins on {day}; name its first day.")
    return period, periods.beginning(first, period, zone)


def written(decisions: Iterable[Decision]) -> list[CheckIn]:
    """Of each period and writer the newest, by period and in the order in which they were written."""
    newest: dict[tuple[str, str], CheckIn] = {}
    for one in decisions:
        if one.verb != "checkin.write":
            continue
        period, _, day = one.subject.partition(":")
        newest.pop((one.subject, one.by), None)
        planned, stood_in_the_way, next = (
            str(one.detail.get(part, "")) for part in ("planned", "stood_in_the_way", "next")
        )
        newest[one.subject, one.by] = CheckIn(
            cast("Period", period),  # checked when it was written
            day,
            one.by.removeprefix("partner:"),
            planned,
            stood_in_the_way,
            next,
            one.at,
            one.position,
        )
    return sorted(newest.values(), key=lambda one: (one.day, one.position))


def due(
    told: Sequence[CheckIn], period: Period, zone: str, since: Micros, now: Micros, most: int = 1
) -> list[Due]:
    """The newest ``most`` periods that are over, have ended since ``since`` and wait for the owner."""
    by_owner: Mapping[str, CheckIn] = {one.key: one for one in told if one.writer == OWNER}
    over = [one for one in periods.periods(period, zone, since, now) if since < one.end <= now]
    found = []
    for number, stretch in enumerate(over):
        if number < len(over) - most or key_of(stretch, period, zone) in by_owner:
            continue
        earlier = by_owner.get(key_of(over[number - 1], period, zone)) if number else None
        day = periods.day_of(stretch.start, zone).isoformat()
        found.append(Due(period, day, stretch, earlier.next if earlier else ""))
    return found
