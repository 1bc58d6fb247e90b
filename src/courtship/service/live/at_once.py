"""What was heard in order of time, felt at once: each person's summary is taken on by it.

Nothing else is read. Whoever it does not hold for (an act that is late, ended, or told of twice; somebody
whose summary says too little) is answered as left over, for the way that replays. Both ways say the same, by
property test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import orjson

from courtship.lifecycle import live
from courtship.lifecycle import summary as summaries
from courtship.lifecycle.coverage import Coverages
from courtship.lifecycle.summary import Ladder, Outlook, Summary
from courtship.model import DAY, FOREVER, Activity, Address, Micros, Missing, Transition
from courtship.people.identity import person_id
from courtship.plan import cues_summary
from courtship.plan.cues_summary import CuesSummary, Said
from courtship.service.coverage.covering import coverage_of
from courtship.service.reckoning import cueing, grouping, person_rows, summing
from courtship.service.reckoning.refresh import resting_on
from courtship.service.reckoning.standing import standing
from courtship.store.derived import cues as cue_table
from courtship.store.derived import naming, tables
from courtship.store.derived import summaries as table
from courtship.store.derived.cues import Cue
from courtship.store.derived.summaries import Change, Kept, Person, State
from courtship.store.log import reading
from courtship.vocabulary import KIND_CODE, TALK

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_PLACE = {name.strip('"'): place for place, name in enumerate(tables.PERSON_COLUMNS)}


class Moved(NamedTuple):
    """Somebody who was reckoned: ``row`` as in ``derived.PERSON_COLUMNS``."""

    row: tuple[object, ...]
    new: bool
    acts: tuple[tuple[int, Activity], ...]
    moves: tuple[Transition, ...]


class AtOnce(NamedTuple):
    """``left`` are accounts whose persons are still to be replayed."""

    people: list[Moved]
    left: set[Address]


@dataclass(slots=True)
class Basis:
    """What was decided, and what sources can show, made ready; good while the stamp is the same."""

    stamp: tuple[int, int]
    resting_on: str
    brand: frozenset[Address]
    ladder: Ladder
    denied_ids: frozenset[str]
    denied: frozenset[bytes]
    coverages: Coverages
    certain: dict[tuple[str, int, int], tuple[bool, ...]] = field(default_factory=dict)
    until: dict[str, Micros | None] = field(default_factory=dict)


_kept: dict[str, Basis] = {}


def basis(workspace: Workspace, state: State) -> Basis:
    """As the log has it now; kept in memory until a decision or a fact comes."""
    stamp = (state.decided, state.facts)
    held = _kept.get(workspace.alias)
    if held is not None and held.stamp == stamp:
        return held
    if held is not None and held.stamp[0] == state.decided:
        made = Basis(
            stamp,
            held.resting_on,
            held.brand,
            held.ladder,
            held.denied_ids,
            held.denied,
            Coverages(coverage_of(workspace)),
        )
    else:
        denials = workspace.decisions("activity.deny", include_undone=True)
        made = Basis(
            stamp,
            resting_on(workspace),
            workspace.brand(),
            Ladder(standing(workspace).policy),
            frozenset(one.subject for one in denials),
            frozenset(reading.denied_keys(workspace.connection, workspace.decisions("activity.deny"))),
            Coverages(coverage_of(workspace)),
        )
    _kept[workspace.alias] = made
    return made


def feel(
    workspace: Workspace,
    told: Sequence[tuple[int, Activity]],
    before: State,
    on: Basis,
    now: Micros,
) -> AtOnce | None:
    """Reckons whom these new activities (with positions) touch, and writes it; ``None`` where only a replay
    can say who that is.

    The tables have seen everything before these activities, none of which was undone before, and the log
    nothing after; within the transaction that appended them. ``before`` is the state before that.
    """
    named = table.name(workspace, [activity for _, activity in told])
    by_account: dict[Address, list[tuple[int, Activity]]] = {}
    passed_on: dict[str, Micros] = {}
    left: set[Address] = set()
    for position, activity in told:
        ours = activity.actor in on.brand
        if ours == (activity.target in on.brand) or not (activity.actor and activity.target):
            continue  # moves nobody
        account = activity.target if ours else activity.actor
        by_account.setdefault(account, []).append((position, activity))
        if activity.at > now or activity.ended is not None or activity.id in on.denied_ids:
            left.add(account)
        elif not ours and activity.object and activity.kind in ("share", "quote"):
            passed_on[activity.object] = min(activity.at, passed_on.get(activity.object, FOREVER))
    held = table.people(workspace, by_account)
    groups: dict[str, tuple[Person | None, list[Address]]] = {}
    for account in by_account:
        person = held.get(account)
        groups.setdefault(person.id if person else account, (person, []))[1].append(account)
    changes: list[Change] = []
    moved: list[Moved] = []
    for person, accounts in groups.values():
        acts = sorted(
            (one for account in accounts for one in by_account[account]),
            key=lambda one: (one[1].at, one[1].id),
        )
        change = None
        if left.isdisjoint(accounts):
            change = _Person(workspace, on, before, now, named).heard(person, accounts[0], acts)
        if change is None:
            left.update(accounts)
            continue
        changes.append(change)
        moved.append(Moved(change.row, person is None, tuple(acts), tuple(change.moves)))
    table.write(workspace, changes)
    if passed_on:
        came = table.newcomers_between(workspace, passed_on, person_rows.INTRODUCED_WITHIN)
        if came is None:
            cue_table.people_changed(workspace, [change.row[0] for change in changes])
            return None
        left |= came
    return AtOnce(moved, left)


class _Person:
    """One person on the way from the acts before to those that came."""

    def __init__(self, workspace: Workspace, on: Basis, before: State, now: Micros, named: bool) -> None:
        self.workspace = workspace
        self.on = on
        self.before = before
        self.now = now
        self.named = named

    def heard(
        self, person: Person | None, account: Address, acts: Sequence[tuple[int, Activity]]
    ) -> Change | None:
        """What these acts, in order of time, change; ``None`` where the person must be replayed."""
        on = self.on
        if person is None:
            read = self._newcomer(account, acts[0][1])
            row = None
        else:
            read = self._read(person, {position for position, _ in acts})
            row = dict(zip(_PLACE, person.row, strict=True))
        if read is None:
            return None
        ladder, cues, recent = read
        moves: list[Transition] = []
        for position, activity in acts:
            if activity.at <= ladder.last:
                return None
            if recent is not None:
                same = table.same_act(activity)
                recent = {one: at for one, at in recent.items() if activity.at - at <= table.WITHIN}
                if same and same in recent:
                    return None
                if same:
                    recent[same] = activity.at
            outbound = activity.actor in on.brand
            act = live.Act(activity.at, FOREVER, activity.kind, outbound, activity.precise, activity.id)
            first = row is None
            if row is None:
                row = self._first_row(account, position, activity)
            try:
                moves += summaries.advance(on.ladder, ladder, act)
            except summaries.TooMuch:
                return None
            said = Said(activity.at, position, KIND_CODE[activity.kind], account.partition(":")[0])
            if len(acts) > 1:
                other = activity.target if outbound else activity.actor
                said = said._replace(platform=other.partition(":")[0])
            cues_summary.take_in(
                cues, said, activity.kind, outbound=outbound, precise=bool(activity.precise), first=first
            )
            _count(row, activity, outbound)
        assert row is not None
        seen = summaries.outlook(on.ladder, ladder, self.now)
        moves += seen.lapses
        stood_since = -1 if person is None else int(person.row[_PLACE["since"]])
        at = acts[0][1].at
        moves = [move for move in moves if move.at >= at or move.at > stood_since]
        if not self._stands(row, ladder, seen):
            return None
        row["talk_count"], row["answered_count"] = ladder.talk, ladder.answered
        if self.named or person is None:
            self._call(row, [account] if person is None else None)
        found = self._cues(row, cues, seen)
        if found is None:
            return None
        kept = summing.as_kept(ladder, cues, recent)
        return Change(
            tuple(row.values()),
            None if person is None else person.row,
            account,
            kept,
            None if person is None else person.summary,
            at if stood_since >= at else None,
            moves,
            found,
        )

    def _read(
        self, person: Person, new: set[int]
    ) -> tuple[Summary, CuesSummary, dict[str, Micros] | None] | None:
        if person.summary is not None:
            ladder = Summary.from_bytes(person.summary.ladder)
            recent = person.summary.recent
            several = self.before.formats > 1
            if ladder is not None and (recent is not None or not several):
                cues = CuesSummary.from_bytes(person.summary.cues, person.summary.gaps)
                if cues_summary.says_enough(cues, self.now, cueing.HORIZON_DAYS):
                    return ladder, cues, None if recent is None else dict(orjson.loads(recent))
        accounts = tables.accounts_of(self.workspace, person.id)
        several = self.before.formats > 1
        if person.row[_PLACE["inbound_count"]] + person.row[_PLACE["outbound_count"]] > summing.MANY:
            people = self.workspace.columns_of(accounts, dict.fromkeys(accounts, person.id))
            if people.plain is not None and not people.plain:
                return summing.summed_up_columns(
                    self.workspace, people, 0, self.on.ladder, self.now, several=several, without=new
                )
        acts = []
        for act in table.acts(self.workspace, accounts, self.on.denied):
            if new.isdisjoint(row.position for row in act.told_by):
                acts.append(act)
            elif len(act.told_by) > 1:
                return None
        return summing.summed_up(acts, self.on.ladder, self.on.brand, self.now, several=several)

    def _newcomer(
        self, account: Address, first: Activity
    ) -> tuple[Summary, CuesSummary, dict[str, Micros] | None] | None:
        """Somebody of whom nobody has heard: the account is new, and nothing joins it to another."""
        if not table.is_new(self.workspace, account, self.before.account):
            return None
        if grouping.is_named(self.workspace, account):
            return None
        recent: dict[str, Micros] | None = {} if self.before.formats > 1 else None
        return summaries.begin(self.on.ladder, first.at), CuesSummary(), recent

    def _first_row(self, account: Address, position: int, activity: Activity) -> dict[str, object]:
        id = person_id(account)
        row: dict[str, object] = dict.fromkeys(_PLACE)
        row |= {"id": id, "first_at": activity.at, "inbound_count": 0, "outbound_count": 0}
        row |= {"platforms": account.partition(":")[0], "set_aside": "", "handle": account.partition(":")[2]}
        if activity.actor == account:
            newcomer = tables.Newcomer(id, activity.at, position)
            known = tables.Members(self.workspace)
            row["introduced_by"] = person_rows.introducers(self.workspace, [newcomer], known).get(id)
        return row

    def _stands(self, row: dict[str, object], ladder: Summary, seen: Outlook) -> bool:
        names = self.on.ladder.policy.names
        row["stage"], row["since"], row["until"] = names[seen.stage], seen.since, seen.until
        row["peak"] = names[ladder.peak]
        platforms = str(row["platforms"])
        if platforms not in self.on.until:
            self.on.until[platforms] = self.on.coverages.covered_until(platforms.split(" "))
        until = self.on.until[platforms]
        word = summaries.momentum_of(ladder, self.now if until is None else min(self.now, until))
        if word is None:
            return False
        row["momentum"] = word
        lacking = summaries.unmet(self.on.ladder, seen)
        if lacking:
            key = (platforms, self.now // DAY, seen.top)
            is_seen = self.on.certain.get(key) or self._seen_of_next(key)
            row["certain"] = int(all(map(is_seen.__getitem__, lacking)))
        else:
            row["certain"] = 1
        return True

    def _seen_of_next(self, key: tuple[str, int, int]) -> tuple[bool, ...]:
        """Of each condition of the stage after the ``top``-th whether all of it is seen there."""
        platforms, _, top = key
        stage = self.on.ladder.policy.stages[top]
        found = []
        for one in (*stage.gain.all, *stage.gain.any):
            missing = Missing(stage.name, "all", one.said, 0, one.need)
            found.append(self.on.coverages.of_missing(missing, platforms.split(" "), self.now) == "full")
        self.on.certain[key] = tuple(found)
        return self.on.certain[key]

    def _call(self, row: dict[str, object], accounts: Sequence[Address] | None) -> None:
        id = str(row["id"])
        accounts = accounts or tables.accounts_of(self.workspace, id)
        told = person_rows.called_as(accounts, naming.called(self.workspace, accounts), id)
        row["name"], row["handle"], row["followers"] = told

    def _cues(self, row: dict[str, object], cues: CuesSummary, seen: Outlook) -> list[Cue] | None:
        if row["set_aside"]:
            return []
        found = cues_summary.cues_of(cues, self.now, cueing.HORIZON_DAYS)
        if found is None:
            return None
        return cueing.of_person(self.on.ladder, str(row["id"]), seen.stage, seen.have, found, self.now)


def _count(row: dict[str, object], activity: Activity, outbound: bool) -> None:
    name, last = ("outbound_count", "last_outbound_at") if outbound else ("inbound_count", "last_inbound_at")
    row[name] = int(str(row[name])) + 1
    row[last] = activity.at
    if activity.kind in TALK:
        row["last_contact_at"] = activity.at


def says_the_same(workspace: Workspace, person: str, kept: Kept, on: Basis, now: Micros) -> bool:
    """Whether a summary says what the log alone does; of what waits, what is still looked at."""
    acts = table.acts(workspace, tables.accounts_of(workspace, person), on.denied)
    found = summing.summed_up(acts, on.ladder, on.brand, now, several=kept.recent is not None)
    if found is None:
        return False
    anew = summing.as_kept(*found)
    cues = CuesSummary.from_bytes(kept.cues, kept.gaps)
    said = cues_summary.cues_of(cues, now, cueing.HORIZON_DAYS)
    return (
        (anew.ladder, anew.recent, anew.gaps) == (kept.ladder, kept.recent, kept.gaps)
        and cues.talked == found[1].talked
        and (said is None or said == cues_summary.cues_of(found[1], now, cueing.HORIZON_DAYS))
    )
