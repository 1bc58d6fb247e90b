"""What is kept of a person so that the next act need not read the others, summed up from all their acts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import orjson

from courtship.lifecycle import live
from courtship.lifecycle import summary as summaries
from courtship.lifecycle.summary import Ladder, Summary
from courtship.model import DAY, FOREVER, Address, Micros
from courtship.plan import cues_summary
from courtship.plan.cues_summary import CuesSummary, Said
from courtship.service.reckoning import cueing
from courtship.store.derived import summaries as table
from courtship.store.derived.summaries import Kept
from courtship.vocabulary import KIND_CODE

if TYPE_CHECKING:
    from courtship.columns import PeopleColumns
    from courtship.lifecycle.report import Reports
    from courtship.store.log.derive import Act
    from courtship.store.workspace import Workspace

MANY = 200
"""Acts from which on a person is summed up from columns."""


AT_ONCE = 16_000
"""People who are summed up at once."""


class Summed(NamedTuple):
    """``recent`` has of each act that another format may tell of too the last time, by a digest; ``None``
    where there is but one format."""

    ladder: Summary
    cues: CuesSummary
    recent: dict[str, Micros] | None


def as_kept(ladder: Summary, cues: CuesSummary, recent: dict[str, Micros] | None) -> Kept:
    """As it is written."""
    told, gaps = cues.to_bytes()
    if recent is not None:
        recent = {one: at for one, at in recent.items() if ladder.last - at <= table.WITHIN}
    return Kept(
        ladder.to_bytes(), told, None if recent is None else orjson.dumps(sorted(recent.items())), gaps
    )


def summed_up(
    acts: Sequence[Act], ladder: Ladder, brand: Collection[Address], now: Micros, *, several: bool
) -> Summed | None:
    """A person's summaries from all of their acts, in order of time; ``None`` where there can be none."""
    between: list[live.Act] = []
    cues = CuesSummary()
    recent: dict[str, Micros] = {}
    for act in acts:
        row = act.leader
        outbound = row.actor in brand
        if outbound == (row.target in brand) or not (row.actor and row.target):
            continue
        other = row.target if outbound else row.actor
        first = not between
        between.append(live.Act(row.at, act.ended, row.kind, outbound, bool(row.precise), row.activity))
        if act.ended == FOREVER:
            said = Said(row.at, row.position, KIND_CODE[row.kind], other.partition(":")[0])
            cues_summary.take_in(
                cues,
                said,
                row.kind,
                outbound=outbound,
                precise=bool(row.precise),
                first=first,
                since=(now // DAY - cueing.HORIZON_DAYS) * DAY,
            )
        if several:
            for one in act.told_by:
                same = "\0".join((one.actor, one.target, one.kind, one.object or ""))
                if one.object:
                    recent[table.digest(same)] = max(one.at, recent.get(table.digest(same), -FOREVER))
    found = summaries.summarise(ladder, between, now)
    if found is None:
        return None
    recent = {one: at for one, at in recent.items() if found.last - at <= table.WITHIN}
    return Summed(found, cues, recent if several else None)


def summed_up_columns(
    workspace: Workspace,
    people: PeopleColumns,
    person: int,
    ladder: Ladder,
    now: Micros,
    *,
    several: bool,
    without: Collection[int] = (),
) -> Summed | None:
    """The same of the ``person``-th of ``people`` but for the acts at positions ``without``; also ``None``
    where several records may tell of one act of theirs."""
    import numpy as np

    from courtship.columns import Columns
    from courtship.lifecycle import summary_columns
    from courtship.plan import cues_columns

    if people.plain is None or not people.plain.isdisjoint(people.accounts(person)):
        return None
    span = slice(int(people.columns.start[person]), int(people.columns.start[person + 1]))
    record = people.record[span]
    keep = np.flatnonzero(~np.isin(record, list(without))) if without else slice(None)
    record = record[keep]
    one = people.columns
    columns = Columns(
        np.array([0, len(record)], np.int64),
        one.at[span][keep],
        one.ended[span][keep],
        one.kind[span][keep],
        one.outbound[span][keep],
        one.precise[span][keep],
        one.rank[span][keep],
        one.platform[span][keep],
        platforms=one.platforms,
    )
    found = summary_columns.summarise(ladder, columns, now)
    if found is None:
        return None
    cues = cues_columns.summarise(columns, record, (now // DAY - cueing.HORIZON_DAYS) * DAY)
    recent = None
    if several:
        recent = table.said_at(workspace, record[columns.at >= found.last - table.WITHIN].tolist())
    return Summed(found, cues, recent)


def everybodys(
    workspace: Workspace,
    people: PeopleColumns,
    ids: Sequence[str],
    reports: Reports,
    ladder: Ladder,
    now: Micros,
) -> dict[str, Kept]:
    """The summaries of all ``people``, of whom the kernel says ``reports`` at ``now``, but for those of whose
    acts several records may tell: theirs are made when they are next heard of. ``ids`` are everybody's."""
    import numpy as np

    from courtship.lifecycle import summaries_columns
    from courtship.plan import cues_many

    columns, several = people.columns, table.several_formats(workspace)
    made: dict[str, Kept] = {}
    if not ids:
        return made
    acts: dict[Address, int] = {}
    if several:
        each = np.bincount(people.account, minlength=len(people.addresses)).tolist()
        acts = dict(zip(people.addresses, each, strict=True))
    plain = table.told_several_times(workspace, acts, several=several)
    since = (now // DAY - cueing.HORIZON_DAYS) * DAY
    # some at a time: what is read off the arrays is much
    for low in range(0, len(ids), AT_ONCE):
        high = min(low + AT_ONCE, len(ids))
        part, said = summaries_columns.part(columns, reports, low, high)
        record = people.record[int(columns.start[low]) : int(columns.start[high])]
        able, last, ladders = summaries_columns.summarise(ladder, part, said, now)
        cues, gaps_ = cues_many.summarise(part, record, since, able)
        recent: dict[int, dict[str, Micros]] = {}
        if several:
            who = np.repeat(np.arange(high - low), np.diff(part.start))
            rows = np.flatnonzero(part.at >= last[who] - table.WITHIN)
            told_by = dict(zip(record[rows].tolist(), who[rows].tolist(), strict=True))
            recent = table.said_at_by(workspace, told_by)
        for person, told, said_last, gaps in zip(able.tolist(), ladders, cues, gaps_, strict=True):
            if not plain or plain.isdisjoint(people.accounts(low + person)):
                named = _compact(orjson.dumps(sorted(recent.get(person, {}).items()))) if several else None
                made[ids[low + person]] = Kept(told, said_last, named, gaps)
    return made


def _compact(said: bytes) -> bytes:
    """The same bytes in no more room than they need: those who write JSON take kilobytes at first."""
    return memoryview(said).tobytes()


def keep_those_of_many(
    workspace: Workspace, people: PeopleColumns, ids: Sequence[str], ladder: Ladder, now: Micros
) -> None:
    """Writes the summaries of those of ``people`` who have many acts: theirs cost the most to sum up when
    they are next heard of. They have none; ``ids`` are everybody's. Within a transaction."""
    made: dict[str, Kept] = {}
    several = table.several_formats(workspace)
    start = people.columns.start.tolist()
    for person, id in enumerate(ids):
        if start[person + 1] - start[person] > MANY:
            found = summed_up_columns(workspace, people, person, ladder, now, several=several)
            if found is not None:
                made[id] = as_kept(*found)
    table.keep(workspace, made)
