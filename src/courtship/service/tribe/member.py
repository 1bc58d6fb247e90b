"""One member: the ledger by kind and week with the acts behind every figure, and what both promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from courtship.errors import NotAllowed
from courtship.model import DAY, Micros, Post
from courtship.service.reckoning.standing import standing
from courtship.service.tribe.books import Books
from courtship.service.tribe.page import WEEKS, Answer, Due, Member, State, answers, state
from courtship.store.derived import cues as table
from courtship.store.derived import people_query
from courtship.tribe.commitment import Commitment
from courtship.tribe.fairness import Balance
from courtship.tribe.weeks import week_starts
from courtship.vocabulary import COUNTED, KINDS

if TYPE_CHECKING:
    from courtship.service.tribe.decided import Link
    from courtship.store.workspace import Workspace

SIDES = ("theirs", "yours")
"""The side that gave: the member (0) or the brand (1)."""


class Entry(NamedTuple):
    """One line of the ledger: an act when it was done (``sign`` 1) or taken back (-1), with its receipt.

    ``settles`` are the words of what it settled (``""``: freely given). ``record`` is the log position."""

    activity: str
    side: str
    kind: str
    when: Micros
    sign: int
    text: str
    url: str
    post: Post | None
    settles: str
    record: int


class Line(NamedTuple):
    """What both sides gave of one kind, in acts that stand."""

    kind: str
    theirs: int
    yours: int


class Week(NamedTuple):
    """What both sides gave in a week; what was taken back is taken from the week in which that happened."""

    start: Micros
    theirs: int
    yours: int


@dataclass(frozen=True, slots=True)
class Account:
    """A member's page: ``lines`` by kind and ``balance`` over all time, ``weeks`` of the last quarter, oldest
    first. ``member`` is ``None`` for somebody who has left."""

    person: str
    name: str
    stage: str
    certain: bool
    member: Member | None
    left: Micros | None
    balance: Balance
    lines: tuple[Line, ...]
    weeks: tuple[Week, ...]
    commitments: tuple[Commitment, ...]
    yours: tuple[Due, ...]
    theirs: tuple[Due, ...]
    link: Link | None
    asks: tuple[Answer, ...]
    latest: tuple[Post, ...]


def account(workspace: Workspace, person: str, *, now: Micros) -> Account:
    """One member's account, or that of somebody who left. Raises NotAllowed where it is neither."""
    held = state(workspace, now=now)
    said = held.said
    if person not in said.members and person not in said.former:
        raise NotAllowed("They are not in the tribe; take them into it first.")
    row = people_query.by_ids(workspace, [person]).get(person)
    counted = _counted(held.books, person, standing(workspace).timezone)
    member = held.by_person.get(person)
    former = said.former.get(person)
    commitments = said.promised.get(person, ())
    return Account(
        person=person,
        name=(row.name or row.handle or person) if row else person,
        stage=row.stage if row else "aware",
        certain=row.certain if row else True,
        member=member,
        left=former.left if former else None,
        balance=Balance(sum(line.theirs for line in counted[0]), sum(line.yours for line in counted[0])),
        lines=counted[0],
        weeks=counted[1],
        commitments=tuple(sorted(commitments, key=lambda each: (_order(each), each.id))),
        yours=member.yours if member else (),
        theirs=member.theirs if member else (),
        link=said.link_of.get(person),
        asks=tuple(one for one in answers(workspace, held) if one.person == person),
        latest=tuple(_posts(held, person)[::-1][:5]),
    )


def _order(each: Commitment) -> tuple[int, Micros]:
    shown = ("offered", "accepted", "paused", "drafted", "declined", "ended")
    return shown.index(each.state), -each.changed


def _posts(held: State, person: str) -> list[Post]:
    import numpy as np

    told = held.books.told
    places = np.flatnonzero(told.owner == told.number[person]).tolist() if person in told.number else []
    return [told.posts[n] for n in places if told.posts[n].at <= held.at]


# ---------------------------------------------------------------- entries


class _Entry(NamedTuple):
    row: int
    sign: int
    when: Micros


def _entries(held: Books, person: str) -> list[_Entry]:
    """Every entry of a member by now, in order of time."""
    acts, at = held.ledger.acts, held.ledger.at
    found = []
    for row in held.acts_of(person).tolist():
        if KINDS[int(acts.kind[row])] in COUNTED:
            found.append(_Entry(row, 1, int(acts.at[row])))
            if acts.ended[row] <= at:
                found.append(_Entry(row, -1, int(acts.ended[row])))
    found.sort(key=lambda one: (one.when, one.row, -one.sign))
    return found


def _counted(held: Books, person: str, zone: str) -> tuple[tuple[Line, ...], tuple[Week, ...]]:
    """Balances by kind over all time, and by week of the last quarter."""
    acts, at = held.ledger.acts, held.ledger.at
    kinds: dict[str, list[int]] = {}
    starts = week_starts(zone, at - (WEEKS - 1) * 7 * DAY, at)[-WEEKS - 1 :]
    weeks = [[0, 0] for _ in starts[:-1]]
    week = 0
    for one in _entries(held, person):
        side = int(acts.outbound[one.row])
        kinds.setdefault(KINDS[int(acts.kind[one.row])], [0, 0])[side] += one.sign
        if one.when >= starts[0]:
            while one.when >= starts[week + 1]:
                week += 1
            weeks[week][side] += one.sign
    lines = (Line(kind, *kinds[kind]) for kind in KINDS if kind in kinds)
    return tuple(lines), tuple(Week(start, *both) for start, both in zip(starts[:-1], weeks, strict=True))


def entries(
    workspace: Workspace,
    person: str,
    *,
    now: Micros,
    side: str = "",
    kind: str = "",
    week: Micros | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Entry], int]:
    """The entries behind a figure, newest first, and how many there are: of one side, kind and week (by its
    start), or all."""
    held = state(workspace, now=now).books
    acts = held.ledger.acts
    end = None
    if week is not None:
        end = week_starts(standing(workspace).timezone, week, week)[1]
    found = [
        one
        for one in _entries(held, person)
        if (not side or SIDES[int(acts.outbound[one.row])] == side)
        and (not kind or KINDS[int(acts.kind[one.row])] == kind)
        and (week is None or end is None or week <= one.when < end)
    ]
    shown = found[::-1][offset : offset + limit]
    return _told(workspace, held, shown), len(found)


def _told(workspace: Workspace, held: Books, shown: Sequence[_Entry]) -> list[Entry]:
    import numpy as np

    told, ledger = held.told, held.ledger
    acts = ledger.acts
    rows = [one.row for one in shown]
    ids = told.ids(np.array(rows, np.int64)) if rows else []
    records = table.told(workspace, [int(told.record[row]) for row in rows])
    found = []
    for one, activity in zip(shown, ids, strict=True):
        record = records.get(int(told.record[one.row]))
        object, due = int(acts.object[one.row]), int(ledger.settles[one.row])
        settles = ""
        if due >= 0:
            line = int(ledger.dues.line[due])
            settles = held.promised[int(ledger.lines.commitment[line])][1].id
        found.append(
            Entry(
                activity,
                SIDES[int(acts.outbound[one.row])],
                KINDS[int(acts.kind[one.row])],
                one.when,
                one.sign,
                record.text if record else "",
                record.url if record else "",
                told.posts[object] if object >= 0 else None,
                settles,
                int(told.record[one.row]),
            )
        )
    return found


def as_json(workspace: Workspace, person: str, *, now: Micros) -> dict[str, object]:
    """The ledger of one member, as ``courtship tribe ledger --json`` prints it."""
    from courtship.times import to_iso

    held = account(workspace, person, now=now)
    every, _ = entries(workspace, person, now=now, limit=1_000_000)
    return {
        "person": held.person,
        "name": held.name,
        "theirs": held.balance.theirs,
        "yours": held.balance.yours,
        "band": held.balance.band,
        "by_kind": [line._asdict() for line in held.lines],
        "by_week": [week._asdict() | {"start": to_iso(week.start)} for week in held.weeks],
        "open": [
            {
                "side": side,
                "gift": due.gift,
                "commitment": due.commitment,
                "since": to_iso(due.at),
                "on_time_until": to_iso(due.on_time),
                "post": due.post.object if due.post else None,
            }
            for side, dues in (("theirs", held.theirs), ("yours", held.yours))
            for due in dues
        ],
        "entries": [
            {
                "activity": one.activity,
                "side": one.side,
                "kind": one.kind,
                "at": to_iso(one.when),
                "sign": one.sign,
                "post": one.post.object if one.post else None,
                "settles": one.settles or None,
            }
            for one in every
        ],
    }
