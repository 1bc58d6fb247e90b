"""The audience over time: counts by day, from where to where, how long stages last, cohorts by month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from courtship.lifecycle.policy import AWARE, PARTED
from courtship.model import Micros
from courtship.service.reckoning.keeping import kept_while_people_stay
from courtship.service.reckoning.movement import NEW, history
from courtship.service.reckoning.standing import standing

if TYPE_CHECKING:
    from courtship.lifecycle.history import Changes, Cohort, Survival
    from courtship.store.workspace import Workspace

Step = Literal["day", "week", "month"]
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

MOST_DAYS: Final = 3660
"""Days of counts in one answer, at most."""

MONTHS: Final = 12
"""Cohorts that a page shows."""


@dataclass(frozen=True, slots=True)
class Counts:
    """People by stage at the end of each day (week, month): ``rows`` are (moment, counts in the order of
    ``stages``)."""

    stages: tuple[str, ...]
    rows: tuple[tuple[Micros, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``rows[a][b]`` people stood at ``stages[a]`` at ``start`` (the last row: not met yet) and at
    ``stages[b]`` at ``end``."""

    start: Micros
    end: Micros
    stages: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a stage lasts: its curve, and of the spells that ended, where people went (stage, how
    many)."""

    stage: str
    curve: Survival
    after: tuple[tuple[str, int], ...]


def stages(workspace: Workspace) -> tuple[str, ...]:
    """The stages in their order, ``aware`` and ``parted`` included."""
    return (AWARE, *standing(workspace).ladder, PARTED)


def _changes(workspace: Workspace) -> Changes:
    """Announced changes of everybody who is counted, with stages as places in `stages`."""
    import numpy as np

    from courtship.lifecycle.history import Changes

    order = stages(workspace)

    def made() -> Changes:
        told = history(workspace).announced
        moves = told.moves
        # a stage of a ladder that is no more stands beside the ladder's own, and is left out with its people
        code = np.array([order.index(name) if name in order else 0 for name in moves.stages], np.int64)
        code = code if len(code) else np.zeros(1, np.int64)
        return Changes(
            moves.first_at,
            code[moves.first_stage],
            moves.person,
            moves.at,
            code[moves.after],
            len(order),
            told.seen_until,
        )

    return kept_while_people_stay(workspace, f"changes {order}", made)


def counts(workspace: Workspace, *, start: Micros, end: Micros, step: Step = "day") -> Counts:
    """At the end of each day (week, month) of the policy's zone that ends within (``start``, ``end``], and at
    ``end``: at most `MOST_DAYS` of them, the last ones."""
    import numpy as np

    from courtship.lifecycle import history as reckoned

    moments = [*_ends(start, end, step, standing(workspace).timezone), end][-MOST_DAYS:]
    told = reckoned.counts(_changes(workspace), np.array(moments, np.int64))
    rows = tuple((moment, tuple(row)) for moment, row in zip(moments, told.tolist(), strict=True))
    return Counts(stages(workspace), rows)


def matrix(workspace: Workspace, *, start: Micros, end: Micros) -> Matrix:
    """Everybody met by ``end``, by where they stood at both moments."""
    from courtship.lifecycle import history as reckoned

    told = reckoned.matrix(_changes(workspace), start, end)
    return Matrix(start, end, stages(workspace), tuple(tuple(row) for row in told.tolist()))


def lasting(workspace: Workspace, *, now: Micros) -> list[Lasting]:
    """How long each rung of the ladder lasts, lowest first."""
    import numpy as np

    from courtship.lifecycle import history as reckoned

    order = stages(workspace)
    found = []
    for code, stage in enumerate(order):
        if stage in (AWARE, PARTED):
            continue
        told = reckoned.spells(_changes(workspace), code, now)
        went = np.bincount(told.after[told.ended], minlength=len(order)).tolist()
        after = tuple((name, number) for name, number in zip(order, went, strict=True) if number)
        found.append(Lasting(stage, reckoned.survival(told), after))
    return found


def cohorts(workspace: Workspace, *, reaching: str, now: Micros, months: int = MONTHS) -> list[Cohort]:
    """People by the month in which they were first met, oldest first, and how many of each had ever come
    as far as the stage ``reaching`` by the end of each month since. Months of the policy's zone; the last
    ``months``."""
    from courtship.lifecycle import history as reckoned

    order = stages(workspace)
    far_enough = [code for code, name in enumerate(order) if name != PARTED and code >= order.index(reaching)]
    zone = standing(workspace).timezone
    first = _month(now, zone, -(months - 1))
    bounds = [*_ends(first - 1, now, "month", zone), _month(now, zone, 1)]
    bounds = [first, *(bound for bound in bounds if bound > first)]
    return reckoned.cohorts(_changes(workspace), sorted(set(bounds)), far_enough, now)


def _ends(start: Micros, end: Micros, step: Step, zone: str) -> list[Micros]:
    """The bounds of days, weeks or months of the zone in (``start``, ``end``), ascending."""
    rules = ZoneInfo(zone)
    local = (EPOCH + dt.timedelta(microseconds=end)).astimezone(rules)
    day = local.date()
    if step == "week":
        day -= dt.timedelta(day.weekday())
    if step == "month":
        day = day.replace(day=1)
    found: list[Micros] = []
    while len(found) <= MOST_DAYS:
        bound = (dt.datetime.combine(day, dt.time(), rules) - EPOCH) // dt.timedelta(microseconds=1)
        if bound <= start:
            break
        if bound < end:
            found.append(bound)
        back = {"day": 1, "week": 7}.get(step)
        day = day - dt.timedelta(back) if back else (day - dt.timedelta(1)).replace(day=1)
    return found[::-1]


def _month(at: Micros, zone: str, ahead: int) -> Micros:
    """The start of the month so many months after that of ``at``."""
    local = (EPOCH + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    number = local.year * 12 + local.month - 1 + ahead
    start = dt.datetime(number // 12, number % 12 + 1, 1, tzinfo=ZoneInfo(zone))
    return (start - EPOCH) // dt.timedelta(microseconds=1)


def first_met(workspace: Workspace) -> Micros | None:
    """When the first person was met; ``None`` where there is nobody."""
    return history(workspace).first()


NOT_MET: Final = NEW
"""What the last row of a matrix is called."""
