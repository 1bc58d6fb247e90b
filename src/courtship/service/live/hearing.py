"""What was just heard: appended, and felt by whoever it is about, in one transaction.

Connectors, the webhook, forms and ``courtship log`` come this way. What is answered is on the disk: the
transaction has been committed (SQLite with ``synchronous=FULL``). Where what was heard may touch everybody
(a merge's proof on a large scale, thousands of accounts at once) the records are committed first, and
everybody is reckoned after that, still before the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from courtship.model import (
    DAY,
    Activity,
    Address,
    Appended,
    Micros,
    Origin,
    Problem,
    Record,
    Transition,
)
from courtship.service.live import at_once
from courtship.service.reckoning import certainty
from courtship.service.reckoning.refresh import mend, refresh, replay, taken_back
from courtship.store.bulk import Locked
from courtship.store.derived import cues, last_read, summaries, tables

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


AT_ONCE = 20_000
"""Positions of the log up to which everybody's certainty is told anew before the answer, where it may be
another; above, whoever brings the tables up next does it."""


class Felt(NamedTuple):
    """One person who changed: ``new`` where nobody knew them, ``acts`` that were not in the log before (with
    their positions), the stage they now stand at, and the changes of stage that were not there before."""

    person: str
    name: str
    new: bool
    stage: str
    acts: tuple[tuple[int, Activity], ...]
    moves: tuple[Transition, ...]


class Heard(NamedTuple):
    """What came of it. ``position`` is the log's afterwards; ``everybody`` says that all were reckoned (then
    ``people`` are still only those whom the records name)."""

    appended: Appended
    position: int
    people: tuple[Felt, ...]
    everybody: bool


def hear(
    workspace: Workspace,
    records: Iterable[Record | Origin | Problem],
    origin: Origin,
    *,
    now: Micros,
    save: Callable[[], None] | None = None,
) -> Heard:
    """Appends ``records`` and reckons whom they touch, as of ``now``.

    ``save`` is called inside the same transaction, after the records are in: a connector writes its cursor
    there, so that both are kept or neither is. What it raises takes everything back. Raises StoreFailure
    where the database cannot be written.
    """
    told: list[tuple[int, Activity]] = []
    with taken_back(workspace), workspace.transaction(), workspace.queued():
        before = summaries.locked(workspace)
        log = Locked(before.position, before.tombstones, bool(before.undone))
        interning = workspace.interning()
        made = interning.made
        appended = workspace.append(records, origin, told=told, interning=interning, locked=log)
        if save is not None:
            summaries.set_position(workspace, log.position)
            save()
            log.position = workspace.position()
        done: tuple[Felt, ...] | _Unsettled | None = None
        after: summaries.State | None = None
        # nothing but new activities, none of them ahead of its time, and none undone before it was told
        if (
            log.position == before.position + len(told)
            and not log.ended
            and all(activity.at <= now for _, activity in told)
        ):
            felt = _at_once(workspace, told, before, log.position, now)
            if felt is not None:
                done, after = felt
        if done is None:
            summaries.set_position(workspace, log.position)
            done = _mended(workspace, told, before, now)
        if isinstance(done, tuple):
            heard = Heard(appended, log.position, done, False)
    if after is not None and save is None:
        last_read.committed(workspace, after if interning.made == made else None)
    if isinstance(done, tuple):
        if log.position <= AT_ONCE and certainty.is_pending(workspace):
            refresh(workspace, now=now)
        return heard
    refresh(workspace, now=now)
    return Heard(appended, log.position, _felt(workspace, done.accounts, done.stood, told), True)


class _Unsettled:
    """Who is named, and as they stood: everybody is to be reckoned."""

    def __init__(self, accounts: set[Address], stood: dict[str, tables.PersonTold]) -> None:
        self.accounts = accounts
        self.stood = stood


def _at_once(
    workspace: Workspace,
    told: list[tuple[int, Activity]],
    before: summaries.State,
    position: int,
    now: Micros,
) -> tuple[tuple[Felt, ...], summaries.State | None] | None:
    """By everybody's summary; ``None`` where the tables have not seen all that was there before, or where
    only a replay can say whom it touches. With the state as it is then, but for new accounts and formats;
    without it where anybody was replayed."""
    on = at_once.basis(workspace, before)
    if not (
        before.refreshed == before.named == before.position
        and before.refreshed_as == on.resting_on
        and before.refreshed_at <= now
    ):
        return None
    done = at_once.feel(workspace, told, before, on, now)
    if done is None:
        return None
    found = [
        Felt(str(one.row[0]), str(one.row[1]), one.new, str(one.row[tables.STAGE]), one.acts, one.moves)
        for one in done.people
    ]
    # the day stays that of which everybody was reckoned, so that a new one is seen to be new
    at = now if now // DAY == before.refreshed_at // DAY else before.refreshed_at
    after = summaries.set_seen(workspace, before, position, at, [str(one.row[0]) for one in done.people])
    if done.left:
        stood = _stood(workspace, done.left)
        if replay(workspace, now, done.left, position) is None:
            return None
        found += _felt(workspace, done.left, stood, told)
        return tuple(sorted(found)), None
    return tuple(found) if len(found) < 2 else tuple(sorted(found)), after


def _mended(
    workspace: Workspace, told: list[tuple[int, Activity]], before: summaries.State, now: Micros
) -> tuple[Felt, ...] | _Unsettled:
    seen = before.position
    touched = tables.changed_accounts(workspace, seen) | tables.profiled_since(workspace, seen)
    stood = _stood(workspace, touched)
    if mend(workspace, now=now) is None:
        return _Unsettled(touched, stood)
    return _felt(workspace, touched, stood, told)


def _stood(workspace: Workspace, accounts: Iterable[Address]) -> dict[str, tables.PersonTold]:
    """The persons of these accounts, as they were last reckoned."""
    return tables.read(workspace, set(cues.persons_of(workspace, set(accounts)).values()))


def _felt(
    workspace: Workspace,
    accounts: Iterable[Address],
    before: dict[str, tables.PersonTold],
    told: list[tuple[int, Activity]],
) -> tuple[Felt, ...]:
    person_of = cues.persons_of(workspace, set(accounts))
    acts: dict[str, list[tuple[int, Activity]]] = {}
    for position, activity in told:
        for person in sorted({person_of.get(activity.actor, ""), person_of.get(activity.target, "")} - {""}):
            acts.setdefault(person, []).append((position, activity))
    found = []
    for id, one in sorted(tables.read(workspace, set(person_of.values())).items()):
        held = before.get(id)
        known = set(held.transitions) if held else set()
        moves = tuple(move for move in one.transitions if move not in known)
        if one == held and id not in acts:
            continue
        row = dict(zip(tables.PERSON_COLUMNS, one.row, strict=True))
        found.append(Felt(id, row["name"], held is None, row["stage"], tuple(acts.get(id, ())), moves))
    return tuple(found)
