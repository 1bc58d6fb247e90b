"""Cues of the whole audience, or of some people: found by arrays, kept in a table for today's queue."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from courtship.model import DAY, Micros
from courtship.plan import cues as found_cues
from courtship.plan.cues_summary import Said
from courtship.store.derived import cues as table
from courtship.store.derived.cues import Cue
from courtship.store.derived.tables import memberships
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.columns import PeopleColumns
    from courtship.lifecycle.policy import Condition, Policy
    from courtship.lifecycle.report import Reports
    from courtship.lifecycle.summary import Ladder
    from courtship.store.workspace import Workspace

HORIZON_DAYS = 400
"""How far back something may wait: longer than any setting of today's queue asks for."""
ASKED_DAYS = 366
"""How lately somebody must have spoken for a next step to be worth a cue: longer than any setting, too."""


def find(
    columns: PeopleColumns,
    persons: Sequence[str],
    reports: Reports,
    now: Micros,
    *,
    leave_out: Collection[str] = (),
    heard: bool = False,
) -> Iterator[Cue]:
    """Every cue at ``now``. ``persons`` are the ids in the order of ``columns``; ``leave_out`` who is set
    aside. ``heard``: also everybody's last words, which the table
    has no need of."""
    import numpy as np

    names = reports.policy.names
    by_sort = {cues.sort: cues for cues in found_cues.find_cues(columns.columns, now, HORIZON_DAYS)}
    platforms = columns.columns.platforms
    there = reports.stage >= 0
    if leave_out:
        skipped = frozenset(leave_out)
        there &= ~np.array([person in skipped for person in persons], np.bool_)

    def made(sort: str, cues: found_cues.Cues, amount: NDArray[np.int64] | None = None) -> Iterator[Cue]:
        keep = there[cues.person]
        who, row = cues.person[keep], cues.row[keep]
        return map(
            Cue,
            [persons[person] for person in who.tolist()],
            repeat(sort),
            [names[stage] for stage in reports.stage[who].tolist()],
            [platforms[code] for code in columns.columns.platform[row].tolist()],
            cues.at[keep].tolist(),
            columns.record[row].tolist(),
            [KINDS[code] for code in cues.kind[keep].tolist()],
            (cues.amount if amount is None else amount)[keep].tolist(),
        )

    for sort in ("talk", "share", "first"):
        yield from made(sort, by_sort[sort])
    second = (reports.stage >= 2) & (reports.stage <= len(reports.policy.stages))
    yield from made("pace", _of(by_sort["pace"], second[by_sort["pace"].person] | heard))
    lacks, said = lacking(reports), by_sort["heard"]
    asked = _of(said, (lacks[said.person] >= 0) & (said.at >= (now // DAY - ASKED_DAYS) * DAY))
    yield from made("lack", asked, _packed(reports, asked.person, lacks[asked.person]))
    if heard:
        yield from made("heard", said)


def of_person(
    ladder: Ladder,
    person: str,
    rank: int,
    have: Sequence[int],
    found: Mapping[str, Sequence[tuple[Said, int]]],
    now: Micros,
) -> list[Cue]:
    """The same of one person, at the ``rank``-th stage of the ladder, whose gauges show ``have``."""
    name = ladder.policy.names[rank]
    sorts = (
        ("talk", "share", "first", "pace") if 2 <= rank <= len(ladder.rungs) else ("talk", "share", "first")
    )
    made = [
        Cue(person, sort, name, said.platform, said.at, said.record, KINDS[said.kind], amount)
        for sort in sorts
        for said, amount in found[sort]
    ]
    if found["heard"] and (number := _lacking(ladder, rank, have)) >= 0:
        said, _ = found["heard"][0]
        if said.at >= (now // DAY - ASKED_DAYS) * DAY:
            (every, some), _ = ladder.rungs[rank]
            place = (*every, *some)[number][0]
            amount = number * _HAVE + min(have[place], _HAVE - 1)
            kind = KINDS[said.kind]
            made.append(Cue(person, "lack", name, said.platform, said.at, said.record, kind, amount))
    return made


def _lacking(ladder: Ladder, rank: int, have: Sequence[int]) -> int:
    """As ``lacking`` of one person."""
    if rank >= len(ladder.rungs):
        return -1
    (all_of, any_of), _ = ladder.rungs[rank]
    every = [number for number, (place, need, _) in enumerate(all_of) if have[place] < need]
    none_of_any = bool(any_of)
    for place, need, _ in any_of:
        if have[place] >= need:
            none_of_any = False
    if len(every) == 1 and not none_of_any:
        number = every[0]
    elif len(any_of) == 1 and none_of_any and not every:
        number = len(all_of)
    else:
        return -1
    gain = ladder.policy.stages[rank].gain
    return number if _can_be_done((*gain.all, *gain.any)[number], rank) else -1


def _of(cues: found_cues.Cues, keep: NDArray[np.bool_]) -> found_cues.Cues:
    return found_cues.Cues(
        cues.sort, cues.person[keep], cues.at[keep], cues.row[keep], cues.kind[keep], cues.amount[keep]
    )


def lacking(reports: Reports) -> NDArray[np.int64]:
    """For each person the number of the one condition that the next stage still asks for, -1 where it is
    none or several, or nothing that the brand can do something about (``next_steps``)."""
    import numpy as np

    policy = reports.policy
    lacks = np.full(len(reports), -1, np.int64)
    for rank, stage in enumerate(policy.stages):
        people = np.flatnonzero((reports.stage == rank) & (reports.top == rank))
        if not len(people):
            continue
        every = _unmet(reports, people, stage.gain.all)
        some = _unmet(reports, people, stage.gain.any)
        none_of_any = some.all(axis=0) if len(some) else np.zeros(len(people), np.bool_)
        one_of_all = (every.sum(axis=0) == 1) & ~none_of_any
        if len(every):
            lacks[people[one_of_all]] = every.argmax(axis=0)[one_of_all]
        if len(some) == 1:
            lacks[people[none_of_any & ~every.any(axis=0)]] = len(every)
        possible = np.array([_can_be_done(one, rank) for one in (*stage.gain.all, *stage.gain.any)])
        chosen = lacks[people]
        lacks[people[(chosen >= 0) & ~possible[chosen]]] = -1
    return lacks


def _unmet(
    reports: Reports, people: NDArray[np.int64], conditions: tuple[Condition, ...]
) -> NDArray[np.bool_]:
    """Which of ``conditions`` (rows) do not hold for which of ``people`` (columns)."""
    import numpy as np

    have = reports.have[people]
    rows = [have[:, reports.policy.place[one.gauge]] < one.need for one in conditions]
    return np.array(rows, np.bool_).reshape(len(conditions), len(people))


def _can_be_done(condition: Condition, rank: int) -> bool:
    """Whether the brand can do something about it: act itself, or ask somebody it knows for a share."""
    gauge = condition.gauge
    if gauge.direction == "outbound":
        return True
    return rank >= 2 and bool(gauge.of) and gauge.of.issubset(found_cues.VOUCHING)


_HAVE = 1_000_000


def _packed(reports: Reports, people: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Conditions' numbers and how far they are met, as the one ``amount`` of a cue each."""
    import numpy as np

    policy = reports.policy
    asked = [
        [policy.place[one.gauge] for one in (*stage.gain.all, *stage.gain.any)] for stage in policy.stages
    ]
    most = max(map(len, asked))
    places = np.array([[*some, *[0] * (most - len(some))] for some in asked], np.int64)
    have = reports.have[people, places[reports.top[people], numbers]].astype(np.int64)
    return numbers * _HAVE + np.minimum(have, _HAVE - 1)


def condition_of(policy: Policy, stage: str, amount: int) -> tuple[str, Condition, int] | None:
    """What a ``lack`` cue of somebody at ``stage`` stands for: the next stage, its condition, what is had."""
    number, have = divmod(amount, _HAVE)
    rank = policy.names.index(stage) if stage in policy.names else -1
    if not 0 <= rank < len(policy.stages):
        return None
    above = policy.stages[rank]
    conditions = (*above.gain.all, *above.gain.any)
    return (above.name, conditions[number], have) if number < len(conditions) else None


SCHEME = "1"
"""Of the rules in this module and ``plan/cues.py``; with another one cues are found anew."""


def refresh_cues(
    workspace: Workspace,
    columns: PeopleColumns,
    persons: Sequence[str],
    reports: Reports,
    now: Micros,
    *,
    leave_out: Collection[str] = (),
    only: Collection[str] | None = None,
) -> None:
    """Writes the cues of everybody in ``columns``, of whom the kernel said ``reports`` at ``now``; with
    ``only`` in place of those of these people alone, who may have gone. ``persons`` are their ids. Called
    whenever the derived tables of people are written, in the same transaction."""
    table.replace(workspace, find(columns, persons, reports, now, leave_out=leave_out), SCHEME, only)


def ensure_cues(workspace: Workspace, policy: Policy, now: Micros) -> None:
    """Finds everybody's cues if that was never done by these rules."""
    kept = table.kept(workspace, table.STAMP)
    if kept is None or kept[0] != SCHEME:
        columns, persons = people_of(workspace)
        reports = reckon(columns, policy, now)
        table.replace(workspace, find(columns, persons, reports, now), SCHEME)


def people_of(workspace: Workspace) -> tuple[PeopleColumns, list[str]]:
    """The whole audience by person, as the derived tables group it, and their ids in that order."""
    from courtship.people.identity import person_id

    groups = memberships(workspace)
    columns = workspace.columns(groups)
    return columns, [groups.get(address) or person_id(address) for address in columns.earliest]


def some_of(workspace: Workspace, people: Collection[str]) -> tuple[PeopleColumns, list[str]]:
    """The same of these people only."""
    from courtship.people.identity import person_id

    members = table.accounts_of(workspace, people)
    groups = {account: person for person, accounts in members.items() for account in accounts}
    columns = workspace.columns_of(list(groups), groups)
    return columns, [groups.get(address) or person_id(address) for address in columns.earliest]


def reckon(columns: PeopleColumns, policy: Policy, at: Micros) -> Reports:
    """Everybody's standing at ``at``; the kernel is loaded when it is first needed: numba takes its time."""
    from courtship.lifecycle.kernel import reckon_columns

    return reckon_columns(columns.columns, policy, at)
