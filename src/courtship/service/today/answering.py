"""The response clock for every face: how the brand answers, who waits too long, the owner's word on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from courtship.addresses import platform_of
from courtship.errors import NotAllowed
from courtship.model import DAY, Address, Decision, Micros
from courtship.plan import answers
from courtship.plan.answers import Answering, Figures, Goals, Overdue, Said
from courtship.plan.seen import Sight
from courtship.plan.settling import settle as settled_by
from courtship.plan.task import task_key
from courtship.service.coverage.seen_now import seen_now
from courtship.service.reckoning.standing import standing
from courtship.service.today import today
from courtship.store.derived import cues as table
from courtship.store.derived import replies, tables
from courtship.store.derived.replies import Reply
from courtship.store.remembering import remembered
from courtship.times import to_iso

if TYPE_CHECKING:
    from courtship.columns import PeopleColumns
    from courtship.store.derived.cues import Standing, Told
    from courtship.store.workspace import Workspace

SCHEME = "1"
"""Of the rules in ``plan/answers.waits``; with another one the table is made anew."""
AT_MOST = 1_000
"""Accounts above which everybody's are found anew."""
VOUCHING = frozenset({"share", "quote", "endorse"})
_ALL = frozenset({"brand.add", "brand.remove", "person.forget", "activity.deny", "undo"})
_OF_PERSONS = frozenset({"person.merge", "person.split", "person.set_aside", "person.restore"})
ANEW: Micros = 600_000_000
"""After so long everything that was said is read anew: stages lapse as time goes by."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of what is overdue: who, what they said, and how long the goal is over."""

    overdue: Overdue
    standing: Standing
    told: Told


@dataclass(frozen=True, slots=True)
class Answers:
    """How the brand answers as of ``at``; ``waiting`` are the first of those that are overdue."""

    answering: Answering
    goals: Goals
    at: Micros
    waiting: tuple[Waiting, ...]


def page(workspace: Workspace, *, now: Micros, most: int = 50) -> Answers:
    """The response clock at ``now``, with the ``most`` longest overdue in words."""
    ensure(workspace, now)
    stamp = f"{table.people_clock(workspace)} {replies.seen(workspace, SCHEME)} {now // DAY}"
    said = remembered(workspace.alias, "what was said", stamp, lambda: _said(workspace, now))
    declared = today.declarations(workspace, now)
    goals = Goals.of(standing(workspace).settings)
    sight = Sight(seen_now(workspace, now), now)
    found = answers.answering(said, sight, settled_by(declared.decisions, now), goals, now)
    first = found.overdue[:most]
    people = table.standings(workspace, {one.person for one in first})
    told = table.told(workspace, {one.record for one in first})
    return Answers(
        found,
        goals,
        now,
        tuple(
            Waiting(one, people[one.person], told[one.record])
            for one in first
            if one.person in people and one.record in told
        ),
    )


def settle(
    workspace: Workspace, person: str, record: int, verb: str, *, now: Micros
) -> tuple[str, list[Decision]]:
    """The owner's word on what waits: ``task.done``, ``task.elsewhere`` or ``task.dismiss`` ends the wait of
    everything that the person has said (or shared) up to now. Answers the name, and the decision."""
    if verb not in ("task.done", "task.elsewhere", "task.dismiss"):
        raise NotAllowed(f"{verb!r} ends no wait; use task.done, task.elsewhere or task.dismiss")
    one = table.standings(workspace, [person]).get(person)
    told = table.told(workspace, [record]).get(record)
    if one is None or told is None:
        raise NotAllowed("That does not wait any more; load the page again to see what does.")
    action = "thank" if told.kind in VOUCHING else "answer"
    accounts = table.accounts_of(workspace, [person]).get(person, [""])
    detail: dict[str, Any] = {
        "action": action,
        "person": person,
        "cause": told.activity,
        "account": accounts[0],
    }
    if verb == "task.elsewhere":
        detail["at"] = now
    key = task_key(action, person, told.activity)
    return one.name or one.handle, workspace.decide(Decision(verb, key, detail, now))


def as_json(found: Answers) -> dict[str, Any]:
    """The response clock as ``courtship answers --json`` prints it; waits in seconds, times in ISO 8601."""

    def figures(one: Figures) -> dict[str, Any]:
        return {
            "timed": one.timed,
            "answered": one.answered,
            "waiting": one.waiting,
            "overdue": one.overdue,
            "with_goal": one.with_goal,
            "in_time": one.in_time,
            "median": None if one.median is None else one.median // 1_000_000,
            "p90": None if one.p90 is None else one.p90 // 1_000_000,
        }

    seen = found.answering
    return {
        "at": to_iso(found.at),
        "overall": figures(seen.overall),
        "weeks": [{"start": to_iso(week.start), **figures(week.figures)} for week in seen.weeks],
        "platforms": {name: figures(one) for name, one in seen.by_platform.items()},
        "stages": {name: figures(one) for name, one in seen.by_stage.items()},
        "unseen": seen.unseen,
        "elsewhere": seen.elsewhere,
        "overdue": [
            {
                "person": one.overdue.person,
                "name": one.standing.name or one.standing.handle,
                "stage": one.overdue.stage,
                "platform": one.overdue.platform,
                "kind": one.overdue.kind,
                "activity": one.told.activity,
                "at": to_iso(one.overdue.at),
                "goal_hours": one.overdue.goal,
                "text": one.told.text,
            }
            for one in found.waiting
        ],
    }


# ---------------------------------------------------------------- the table


def ensure(workspace: Workspace, now: Micros) -> None:
    """Brings the table up to the people's tables: of the few accounts that changed, else of everybody."""
    position = tables.refreshed(workspace).position
    held = replies.seen(workspace, SCHEME)
    if held == position:
        return
    touched = _touched(workspace, held) if 0 <= held < position else None
    if touched is not None:
        touched = replies.related(workspace, touched)
    if touched is None or len(touched) > AT_MOST:
        replies.replace(workspace, anew(workspace, now), None, scheme=SCHEME, position=position)
        return
    person_of = table.persons_of(workspace, touched)
    columns = workspace.columns_of(touched, person_of)
    rows = _rows(columns, person_of, now)
    replies.replace(workspace, rows, touched, scheme=SCHEME, position=position)


def anew(workspace: Workspace, now: Micros, *, from_log: bool = False) -> Iterator[Reply]:
    """Everybody's rows, computed from all activities."""
    person_of = tables.memberships(workspace)
    read = workspace.columns_from_log if from_log else workspace.columns
    return _rows(read(person_of), person_of, now)


def _touched(workspace: Workspace, seen: int) -> set[Address] | None:
    """Accounts whose rows what the log has after ``seen`` may change; ``None``: that may be anybody's."""
    made = [one for one in workspace.decisions(include_undone=True) if one.position > seen]
    if any(one.verb in _ALL for one in made):
        return None
    touched = tables.changed_accounts(workspace, seen) | tables.profiled_since(workspace, seen)
    for one in made:
        if one.verb in _OF_PERSONS:
            touched |= {one.subject, str(one.detail.get("other", one.subject))}
    return touched - workspace.brand()


def _rows(columns: PeopleColumns, person_of: dict[Address, str], now: Micros) -> Iterator[Reply]:
    from courtship.people.identity import person_id
    from courtship.vocabulary import KINDS

    found = answers.waits(columns.columns, now)
    names = {place: columns.addresses[place] for place in set(columns.account[found.row].tolist())}
    rows = zip(
        columns.account[found.row].tolist(),
        columns.columns.at[found.row].tolist(),
        columns.columns.kind[found.row].tolist(),
        columns.record[found.row].tolist(),
        found.waited.tolist(),
        strict=True,
    )
    for place, at, kind, record, waited in rows:
        account = names[place]
        person = person_of.get(account) or person_id(account)
        yield Reply(person, account, at, KINDS[kind], record, waited)


_bases: dict[tuple[str, str], tuple[int, Micros, list[Address], Any, Said]] = {}
"""What was said, as it was read last: the table's position, the moment, accounts, of each row its account."""


def _said(workspace: Workspace, now: Micros) -> Said:
    """What was said lately. Kept in memory, with those of whom the log tells since read anew; all of it is
    read anew after ten minutes, on a new day, and where a decision may touch anybody."""
    key, since = (str(workspace.home), workspace.name), (now // DAY - answers.KEPT_DAYS) * DAY
    base, position = _bases.get(key), replies.seen(workspace, SCHEME)
    if (
        base is not None
        and 0 <= base[0] <= position
        and 0 <= now - base[1] < ANEW
        and now // DAY == base[1] // DAY
    ):
        touched = _touched(workspace, base[0]) if base[0] < position else set()
        if touched is not None:
            touched = replies.related(workspace, touched) if touched else touched
            if len(touched) <= AT_MOST:
                return _mended(
                    base[2], base[3], base[4], touched, replies.of_accounts(workspace, touched, since)
                )
    rows = replies.of_people(workspace, since)
    names, account = _coded([row[2] for row in rows])
    said = _arrays(rows)
    _bases[key] = (position, now, names, account, said)
    return said


def forget_read() -> None:
    """Forgets what is kept in memory, so that it is read anew (for tests)."""
    from courtship.store import remembering

    _bases.clear()
    remembering.forget_all()


def _mended(
    names: list[Address], account: Any, said: Said, touched: Collection[Address], rows: list[replies.Row]
) -> Said:
    """``said`` with the rows of ``touched`` in place of those that it has of them."""
    import numpy as np

    if not touched:
        return said
    gone = [place for place, name in enumerate(names) if name in touched]
    keep = ~np.isin(account, gone)
    more = _arrays(rows)

    def joined(mine: Any, held: Sequence[str], new: Any, also: Sequence[str]) -> tuple[Any, list[str]]:
        every = list(held)
        place = {name: number for number, name in enumerate(every)}
        for name in also:
            if name not in place:
                place[name] = len(every)
                every.append(name)
        moved = np.array([place[name] for name in also], np.int64)
        return np.concatenate([mine[keep], moved[new] if len(new) else new]), every

    person, persons = joined(said.person, said.persons, more.person, more.persons)
    platform, platforms = joined(said.platform, said.platforms, more.platform, more.platforms)
    stage, stages = joined(said.stage, said.stages, more.stage, more.stages)
    rest = [np.concatenate([mine[keep], new]) for mine, new in zip(said[6:], more[6:], strict=True)]
    return Said(person, persons, platform, platforms, stage, stages, *rest)


def _arrays(rows: list[replies.Row]) -> Said:
    import numpy as np

    columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * 7
    persons, person = _coded(columns[0])
    stages, stage = _coded(columns[1])
    platform_names = {account: platform_of(account) for account in set(columns[2])}
    platforms, platform = _coded([platform_names[account] for account in columns[2]])
    at, kind, record, waited = (np.array(column, np.int64) for column in columns[3:])
    return Said(person, persons, platform, platforms, stage, stages, at, kind, record, waited)


def _coded(words: Collection[str]) -> tuple[list[str], Any]:
    """The different words, sorted, and of each its place among them."""
    import numpy as np

    names = sorted(set(words))
    number = {name: place for place, name in enumerate(names)}
    return names, np.fromiter((number[word] for word in words), np.int64, len(words))
