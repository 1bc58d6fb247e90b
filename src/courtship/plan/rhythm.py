"""Keep-in-touch rhythms: how often is often enough, by person, by tag, or by the person's own habit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from courtship.model import DAY, Micros
from courtship.plan.inputs import PersonRow, Rhythm


class Pace(NamedTuple):
    """Ideal and longest gap in microseconds, and whence: ``person``, ``tag``, ``own`` or ``default``."""

    ideal: Micros
    longest: Micros
    source: str
    tag: str = ""


def pace_of(
    person: PersonRow,
    of_person: Mapping[str, Rhythm],
    of_tag: Mapping[str, Rhythm],
    longest_default_days: int,
) -> Pace:
    """The pace for ``person``: set for the person, else for a tag (the tightest of several), else their own
    (ideal twice the usual gap, longest four times, between two weeks and the default), else the default.
    """
    if (set_for := of_person.get(person.person)) is not None:
        return Pace(set_for.ideal_days * DAY, set_for.longest_days * DAY, "person")
    tagged = sorted(
        (of_tag[tag].longest_days, of_tag[tag].ideal_days, tag) for tag in person.tags if tag in of_tag
    )
    if tagged:
        longest, ideal, tag = tagged[0]
        return Pace(ideal * DAY, longest * DAY, "tag", tag)
    ceiling = longest_default_days * DAY
    if person.usual_gap is not None:
        longest_gap = min(max(4 * person.usual_gap, 14 * DAY), ceiling)
        return Pace(longest_gap // 2, longest_gap, "own")
    return Pace(ceiling // 2, ceiling, "default")


def usual_gap(contacts: Iterable[Micros]) -> Micros | None:
    """The usual gap between days with contact: the lower median of the gaps between the first contacts of
    different UTC days, in microseconds; ``None`` below three such days.
    """
    first_of_day: dict[int, Micros] = {}
    for at in contacts:
        day = at // DAY
        first_of_day[day] = min(at, first_of_day.get(day, at))
    days = sorted(first_of_day.values())
    if len(days) < 3:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(days))
    return gaps[(len(gaps) - 1) // 2]
