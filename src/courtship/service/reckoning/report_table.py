"""Reports as an Arrow table, made column by column: what ``courtship.reckon`` hands back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from courtship.model import FOREVER, Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.lifecycle.policy import Condition, Policy
    from courtship.lifecycle.report import Reports

MOMENT: Final = pa.timestamp("us", tz="UTC")
"""Times in the table."""

CONDITION: Final = pa.struct(
    [
        ("count", pa.int64()),
        ("days", pa.int64()),
        ("kinds", pa.int64()),
        ("standing", pa.string()),
        ("within_days", pa.int64()),
        ("direction", pa.string()),
        ("of", pa.list_(pa.string())),
    ]
)
"""A condition; the keys that the policy does not give are null."""

TRANSITION: Final = pa.struct(
    [
        ("at", MOMENT),
        ("from", pa.string()),
        ("to", pa.string()),
        ("cause", pa.string()),
        ("activity", pa.string()),
    ]
)

MISSING: Final = pa.struct(
    [
        ("stage", pa.string()),
        ("rule", pa.string()),
        ("condition", CONDITION),
        ("have", pa.int64()),
        ("need", pa.int64()),
        ("seen", pa.string()),
    ]
)

SCHEMA: Final = pa.schema(
    [
        ("person", pa.string()),
        ("stage", pa.string()),
        ("since", MOMENT),
        ("until", MOMENT),
        ("peak", pa.string()),
        ("transitions", pa.list_(TRANSITION)),
        ("missing", pa.list_(MISSING)),
    ]
)


class Ids(NamedTuple):
    """The ids of activities: ``all`` (an Arrow array) at the positions ``row``."""

    all: Any
    row: NDArray[np.int64]


def of_reports(reports: Iterable[tuple[str, Report]]) -> Any:
    """The table of persons' names and their reports."""
    return pa.Table.from_pylist(
        [
            {
                "person": name,
                "stage": report.stage,
                "since": report.since,
                "until": report.until,
                "peak": report.peak,
                "transitions": [
                    dict(zip(("at", "from", "to", "cause", "activity"), each, strict=True))
                    for each in report.transitions
                ],
                "missing": [each._asdict() for each in report.missing],
            }
            for name, report in reports
        ],
        SCHEMA,
    )


def of_columns(names: Sequence[str], reports: Reports, ids: Ids) -> Any:
    """The same of many reports; ``ids`` are those of the activities reckoned."""
    words = pa.array(reports.policy.names)
    there = np.flatnonzero(reports.stage >= 0)
    cause = reports.activity
    lapse = cause < 0
    moved = pa.StructArray.from_arrays(
        [
            pa.array(reports.at, MOMENT),
            words.take(pa.array(reports.before)),
            words.take(pa.array(reports.after)),
            pa.array(["activity", "lapse"]).take(pa.array(lapse.astype(np.int8))),
            ids.all.take(pa.array(ids.row[cause], mask=lapse)).cast(pa.string()),
        ],
        fields=list(TRANSITION),
    )
    until = reports.until[there]
    columns = [
        pa.array(names, pa.string()).take(pa.array(there)),
        words.take(pa.array(reports.stage[there])),
        pa.array(reports.since[there], MOMENT),
        pa.array(until, MOMENT, mask=until == FOREVER),
        words.take(pa.array(reports.peak[there])),
        pa.ListArray.from_arrays(_offsets(np.diff(reports.start)[there]), moved, type=pa.list_(TRANSITION)),
        _missing(reports, there),
    ]
    return pa.table(columns, schema=SCHEMA)


def _missing(reports: Reports, there: NDArray[np.int64]) -> Any:
    """What the next stage asks of each person that is there."""
    policy, have, top = reports.policy, reports.have[there], reports.top[there]
    asked = _asked(policy)
    person: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    place: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    shown: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for rung in range(len(policy.stages)):
        mine = np.flatnonzero(top == rung)
        of_any = [each for each in asked if each[0] == rung and each[1] == "any"]
        lacks_any = np.ones(len(mine), np.bool_)
        for _, _, condition in of_any:
            lacks_any &= have[mine, policy.place[condition.gauge]] < condition.need
        for number, (at_rung, rule, condition) in enumerate(asked):
            if at_rung == rung:
                values = have[mine, policy.place[condition.gauge]]
                lacks = np.flatnonzero(lacks_any if rule == "any" else values < condition.need)
                person.append(mine[lacks])
                place.append(np.full(len(lacks), number))
                shown.append(values[lacks].astype(np.int64))
    whose, which, has = (np.concatenate(each) for each in (person, place, shown))
    order = np.lexsort((which, whose))
    which, has = pa.array(which[order]), has[order]
    said = pa.array([condition.said for _, _, condition in asked], CONDITION)
    values = pa.StructArray.from_arrays(
        [
            pa.array([policy.stages[rung].name for rung, _, _ in asked], pa.string()).take(which),
            pa.array([rule for _, rule, _ in asked], pa.string()).take(which),
            said.take(which),
            pa.array(has, pa.int64()),
            pa.array([condition.need for _, _, condition in asked], pa.int64()).take(which),
            pa.array(["full"]).take(pa.array(np.zeros(len(has), np.int8))),
        ],
        fields=list(MISSING),
    )
    lengths = np.bincount(whose, minlength=len(there))
    return pa.ListArray.from_arrays(_offsets(lengths), values, type=pa.list_(MISSING))


def _asked(policy: Policy) -> list[tuple[int, str, Condition]]:
    """Every condition of every gain, in the policy's order: rung, rule and condition."""
    return [
        (rung, rule, condition)
        for rung, stage in enumerate(policy.stages)
        for rule, conditions in (("all", stage.gain.all), ("any", stage.gain.any))
        for condition in conditions
    ]


def _offsets(lengths: NDArray[np.int64]) -> Any:
    return pa.array(np.concatenate(([0], np.cumsum(lengths))).astype(np.int32))
