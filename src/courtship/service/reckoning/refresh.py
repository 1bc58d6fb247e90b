"""Brings the derived tables up to the log: everybody after an import, the few it touches after a decision.

What they rest on besides the log and the moment is written beside them as a digest; ``fresh`` compares, and
does nothing where nothing can have changed. A person's rows are the same whichever way they were reckoned
(``service/reckoning/rebuild.py`` compares).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import orjson

from courtship.lifecycle import policy as policies
from courtship.lifecycle.summary import Ladder
from courtship.model import DAY, Address, Decision, Micros
from courtship.people.identity import Grouping, set_aside
from courtship.service.coverage.covering import coverage_of, forget_coverage, touched_by_coverage
from courtship.service.reckoning import certainty, cueing, person_rows, summing
from courtship.service.reckoning.grouping import forget_grouping, grouping_of, keep_grouping
from courtship.service.reckoning.standing import forget_standing, standing
from courtship.store import bulk
from courtship.store.derived import cues, naming, people_written, summaries, tables

if TYPE_CHECKING:
    from courtship.columns import PeopleColumns
    from courtship.lifecycle.policy import Policy
    from courtship.store.workspace import Workspace

SCHEME = "3"
"""Of the rules in this module and ``person_rows``; another one makes the tables stale."""

AT_MOST = 1_000
"""Accounts above which everybody is reckoned: the kernel's way is then the shorter one."""

_OF_PERSONS = frozenset({"person.merge", "person.split", "person.set_aside", "person.restore"})
_OF_EVERYBODY = frozenset({"brand.add", "brand.remove", "policy.adopt", "person.forget"})


class Refreshed(NamedTuple):
    """``changed`` people's rows were rewritten; ``everybody`` says whether all were reckoned."""

    changed: int
    everybody: bool
    position: int
    at: Micros


def set_aside_of(workspace: Workspace, grouping: Grouping) -> dict[Address, str]:
    """Group key -> what they were set aside as."""
    return set_aside(workspace.decisions("person.set_aside", "person.restore"), grouping)


def people_columns(workspace: Workspace) -> PeopleColumns:
    """Everybody's activities by person, as they are grouped now."""
    return workspace.columns(grouping_of(workspace).key_of)


def fresh(workspace: Workspace, *, now: Micros) -> Refreshed | None:
    """Refreshes if the log, the ladder or the passing of time asks for it; ``None`` where nothing did."""
    seen = tables.refreshed(workspace)
    behind = certainty.is_pending(workspace) or not (_follows_log(workspace, seen) and _same_day(seen, now))
    if behind:
        return refresh(workspace, now=now)
    if seen.next_lapse is None or now < seen.next_lapse:
        return None
    return lapse(workspace, now=now, most=AT_MOST) or refresh(workspace, now=now)


def lapse(workspace: Workspace, *, now: Micros, most: int) -> Refreshed | None:
    """Reckons those alone whose stage has lapsed by ``now``; ``None``, and nothing done, where these are more
    than ``most`` people or accounts, or where the log has more than the tables have seen.

    What else the passing of days changes (momentum, how far somebody is from the next stage) is left to
    ``fresh``.
    """
    seen = tables.refreshed(workspace)
    if now < seen.at or not _follows_log(workspace, seen):
        return None
    person_of = tables.lapsed(workspace, now, most + 1)
    if len(person_of) > most:
        return None
    told = tables.read(workspace, set(person_of.values()))
    context = person_rows.Context(
        policy=standing(workspace).policy,
        coverage=coverage_of(workspace),
        called=naming.called(workspace, person_of),
        aside={id: one.row[tables.SET_ASIDE] for id, one in told.items() if one.row[tables.SET_ASIDE]},
        grouping=person_of,
    )
    columns = workspace.columns_of(person_of, person_of)
    if columns.position != seen.position:
        return None
    found = person_rows.rows(workspace, columns, context, now, tables.Members(workspace))
    rows = found.of
    if rows.keys() != told.keys():
        return None
    with workspace.transaction():
        if tables.refreshed(workspace).position != seen.position:
            return None
        changed = people_written.write(workspace, rows, (), by_clock=True)
        _write_cues(workspace, columns, found, now, only=rows.keys())
        # the day stays that of which everybody was reckoned, so that a new one is seen to be new
        tables.set_refreshed(
            workspace, seen.position, now if _same_day(seen, now) else seen.at, seen.resting_on
        )
    return Refreshed(changed, False, seen.position, now)


def refresh(workspace: Workspace, *, now: Micros, accounts: Collection[Address] | None = None) -> Refreshed:
    """Brings the derived tables up to the log as of ``now``.

    Finds out itself how much there is to do: where only a few accounts changed, their persons alone are
    reckoned. ``accounts`` are reckoned in any case.
    """
    done = mend(workspace, now=now, accounts=accounts)
    if done is not None and not certainty.is_pending(workspace):
        return done
    told = None if done is None else certainty.tell_anew(workspace, now)
    if done is not None and told is not None:
        return done._replace(changed=done.changed + told, everybody=True)
    return _everybody(workspace, now, by_clock=_follows_log(workspace, tables.refreshed(workspace)))


def mend(
    workspace: Workspace, *, now: Micros, accounts: Collection[Address] | None = None
) -> Refreshed | None:
    """As ``refresh`` where only a few people have to be reckoned; ``None`` where it may be everybody, and
    then only names are up to date. That everybody's certainty may be another is noted, not told: nobody has
    to wait for that."""
    with workspace.transaction():
        naming.update(workspace)
    seen = tables.refreshed(workspace)
    if seen.position < 0 or seen.resting_on != resting_on(workspace) or not _same_day(seen, now):
        return None
    position = workspace.position()
    found = _touched(workspace, seen.position, now)
    if found is None:
        return None
    touched, less_certain = found
    # whose stage has lapsed meanwhile is reckoned with them
    touched |= {*tables.lapsed(workspace, now, AT_MOST + 1), *(accounts or ())}
    if len(touched) > AT_MOST:
        return None
    return replay(workspace, now, touched, position, seen=seen.position, unsure=less_certain)


@contextmanager
def taken_back(workspace: Workspace) -> Iterator[None]:
    """What this process has learnt within a transaction that fails is forgotten."""
    try:
        yield
    except BaseException:
        workspace.interning().clear()
        forget_grouping(workspace)
        forget_standing(workspace)
        forget_coverage(workspace)
        _settled.pop(workspace.alias, None)
        raise


def resting_on(workspace: Workspace) -> str:
    """A digest of what the tables rest on besides the log: the ladder in force, and these rules."""
    said = standing(workspace).policy
    held = _resting.get(workspace.alias)
    if held is not None and held[0] is said:
        return held[1]
    found = _digest(said)
    _resting[workspace.alias] = (said, found)
    return found


def _digest(ladder: Policy) -> str:
    names = orjson.dumps([SCHEME, ladder.name, ladder.timezone, repr(ladder.stages)])
    return blake2b(names, digest_size=8).hexdigest()


_resting: dict[str, tuple[Policy, str]] = {}


def _same_day(seen: tables.Refreshed, now: Micros) -> bool:
    """Whether ``now`` is later on the day of the last refresh: then only lapses change anything, as momentum
    is told by the day."""
    return seen.at <= now and now // DAY == seen.at // DAY


def _follows_log(workspace: Workspace, seen: tables.Refreshed) -> bool:
    """Whether the tables have seen all of the log, by the ladder in force."""
    return seen.position == workspace.position() and seen.resting_on == resting_on(workspace)


# ---------------------------------------------------------------- everybody


def _everybody(workspace: Workspace, now: Micros, *, by_clock: bool = False) -> Refreshed:
    with bulk.uncollected():
        return _written(workspace, now, by_clock=by_clock)


def _written(workspace: Workspace, now: Micros, *, by_clock: bool) -> Refreshed:
    rest, begun = resting_on(workspace), tables.refreshed(workspace)
    columns, found = everybody(workspace, now)
    summed: dict[str, summaries.Kept] = {}
    if not by_clock:
        ladder = Ladder(standing(workspace).policy)
        summed = summing.everybodys(workspace, columns, found.ids, found.reports, ladder, now)
    with workspace.transaction():
        stood = tables.refreshed(workspace)
        later = stood.position >= columns.position and stood.at > now and stood.resting_on == rest
        if later and stood != begun:
            # others have written them meanwhile, as of a later moment: what that knows must not be lost
            return Refreshed(0, False, stood.position, stood.at)
        by_clock = by_clock and stood.position == columns.position
        changed = people_written.write(workspace, found.of, by_clock=by_clock)
        _write_cues(workspace, columns, found, now)
        if not by_clock:
            summaries.replace(workspace, summed)
        certainty.done(workspace)
        keep_grouping(workspace)
        tables.set_refreshed(workspace, columns.position, now, rest)
    return Refreshed(changed, True, columns.position, now)


def reckoned(
    workspace: Workspace, now: Micros, *, from_log: bool = False
) -> tuple[PeopleColumns, dict[str, tables.PersonTold]]:
    """Everybody's rows by id, from the columnar cache or (``from_log``) from the log alone."""
    columns, found = everybody(workspace, now, from_log=from_log)
    return columns, found.of


def everybody(
    workspace: Workspace, now: Micros, *, from_log: bool = False
) -> tuple[PeopleColumns, person_rows.Rows]:
    """The same with what the kernel said of them."""
    grouping = grouping_of(workspace)
    read = workspace.columns_from_log if from_log else workspace.columns
    columns = read(grouping.key_of)
    context = person_rows.Context(
        policy=standing(workspace).policy,
        coverage=coverage_of(workspace),
        called=naming.called(workspace),
        aside=set_aside_of(workspace, grouping),
        grouping=grouping,
    )
    introduced = None if from_log else _introduced(workspace, columns.position)
    return columns, person_rows.rows(workspace, columns, context, now, introduced=introduced)


def _introduced(workspace: Workspace, position: int) -> dict[str, str | None] | None:
    """Of whom the tables have, who introduced them, where the log has told nothing since that bears on it: it
    is as it was, or only other ladders were adopted. ``None`` where it may have, up to ``position``."""
    seen = tables.refreshed(workspace)
    adopted = workspace.decisions("policy.adopt", include_undone=True)
    before = [one for one in adopted if one.position <= seen.position]
    if seen.position < 0 or seen.position + len(adopted) - len(before) != position:
        return None
    if seen.position < position:
        standing_then = [one for one in workspace.decisions("policy.adopt") if one.position <= seen.position]
        said = standing_then[-1].detail.get("policy") if standing_then else None
        if seen.resting_on != _digest(policies.load(said)):
            return None
    elif seen.resting_on != resting_on(workspace):
        return None
    found = tables.introduced(workspace)
    # somebody else may have written them meanwhile
    return found if tables.refreshed(workspace) == seen else None


def _write_cues(
    workspace: Workspace,
    columns: PeopleColumns,
    found: person_rows.Rows,
    now: Micros,
    only: Collection[str] | None = None,
) -> None:
    """In place of everybody's, or of those of ``only``; whoever is set aside has none."""
    aside = {person for person, told in found.of.items() if told.row[tables.SET_ASIDE]}
    cueing.refresh_cues(workspace, columns, found.ids, found.reports, now, leave_out=aside, only=only)


# ---------------------------------------------------------------- some


def _touched(workspace: Workspace, seen: int, now: Micros) -> tuple[set[Address], bool] | None:
    """Accounts that what the log has after ``seen`` may touch, and whether anybody's certainty or momentum
    may be another; ``None`` where anything may be."""
    position = workspace.position()
    if position == seen:
        return set(), False
    decided = workspace.decisions(include_undone=True) if tables.last_decided(workspace) > seen else []
    made = [decision for decision in decided if decision.position > seen]
    undone = {int(one.detail.get("position", 0)) for one in made if one.verb == "undo"}
    taken_back = [one for one in decided if one.position in undone]
    if any(one.verb in _OF_EVERYBODY for one in (*made, *taken_back)):
        return None
    if any(one.verb in ("undo", "activity.deny") for one in taken_back):
        return None
    seen_now = touched_by_coverage(workspace, seen, now, standing(workspace).policy)
    came = _came_by(workspace, seen)
    if came is None:
        return None
    touched = tables.changed_accounts(workspace, seen) | (seen_now or set()) | came
    touched |= tables.profiled_since(workspace, seen)
    for one in (*made, *taken_back):
        if one.verb in _OF_PERSONS:
            touched |= _accounts_in(one)
    return touched, seen_now is None


def _accounts_in(decision: Decision) -> set[Address]:
    return {decision.subject, str(decision.detail.get("other", decision.subject))}


def replay(
    workspace: Workspace,
    now: Micros,
    touched: Collection[Address],
    position: int,
    *,
    seen: int | None = None,
    unsure: bool = False,
) -> Refreshed | None:
    """Reckons the persons of these accounts, as they were grouped and as they are; everything else that the
    log has up to ``position`` the tables say already. ``None`` where the log has more meanwhile, or where the
    tables have not seen it up to ``seen`` any more: somebody else wrote them as of another position.
    ``unsure``: it is noted that everybody's certainty is to be told anew.

    On another day than that of which everybody was reckoned, that day stays noted, so that a new one is seen
    to be new.
    """
    rest, stood = resting_on(workspace), tables.refreshed(workspace)
    at = now if _same_day(stood, now) else stood.at
    touched = set(touched)
    if not touched:
        with workspace.transaction():
            if workspace.position() != position or _is_written_by_others(workspace, seen):
                return None
            if unsure:
                certainty.note(workspace)
            tables.set_refreshed(workspace, position, at, rest)
        return Refreshed(0, False, position, now)
    grouping = grouping_of(workspace)
    policy, columns, found, people = _reckoned_some(workspace, now, touched, grouping)
    rows = found.of
    if columns.position != position:
        return None
    with workspace.transaction():
        if _is_written_by_others(workspace, seen):
            return None
        changed = people_written.write(workspace, rows, people - rows.keys())
        summaries.drop(workspace, people | rows.keys())
        _write_cues(workspace, columns, found, now, only=people | rows.keys())
        summing.keep_those_of_many(workspace, columns, found.ids, Ladder(policy), now)
        if unsure:
            certainty.note(workspace)
        tables.set_refreshed(workspace, position, at, rest)
    _settled[workspace.alias] = grouping
    return Refreshed(changed, False, position, now)


def rehearse(workspace: Workspace, account: Address, now: Micros) -> None:
    """Does all that ``replay`` does of one person but writes nothing: what it reads and loads for the first
    time in a process (seconds, with a large audience) is then there."""
    grouping, seen = grouping_of(workspace), tables.refreshed(workspace)
    policy, columns, found, _ = _reckoned_some(workspace, now, {account}, grouping)
    list(cueing.find(columns, found.ids, found.reports, now))
    for person in range(len(found.ids)):
        summing.summed_up_columns(workspace, columns, person, Ladder(policy), now, several=True)
    if _follows_log(workspace, seen) and not _regrouped(workspace, grouping):
        _settled[workspace.alias] = grouping


def _reckoned_some(
    workspace: Workspace, now: Micros, touched: set[Address], grouping: Grouping
) -> tuple[Policy, PeopleColumns, person_rows.Rows, set[str]]:
    """The ladder in force, the activities and the rows of whoever these accounts belong to, as they were
    grouped and as they are; who they were."""
    before = _Before(workspace)
    accounts, people = _closure(touched | _regrouped(workspace, grouping), before, grouping)
    # whoever was introduced by somebody who may now be another person is reckoned with them
    accounts, people = _closure(accounts | tables.introduced_through(workspace, people), before, grouping)
    context = person_rows.Context(
        policy=standing(workspace).policy,
        coverage=coverage_of(workspace),
        called=naming.called(workspace, accounts),
        aside=set_aside_of(workspace, grouping),
        grouping=grouping,
    )
    columns = workspace.columns_of(accounts, grouping.key_of)
    found = person_rows.rows(workspace, columns, context, now, before.without(accounts))
    return context.policy, columns, found, people


_settled: dict[str, Grouping] = {}
"""What the tables said of who is whom when this process last looked: as long as the log says the same, so do
they, whoever mends them."""


def _regrouped(workspace: Workspace, grouping: Grouping) -> set[Address]:
    """An account of each person whom the tables group otherwise than ``grouping`` does: proofs and merges may
    change who is whom beyond the accounts they name."""
    settled = _settled.get(workspace.alias)
    if settled is not None:
        old, new = settled.members, grouping.members
        if settled is grouping or (old is new or old == new):
            return set()
        # only what differs: a decision reaches few
        unlike = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        return {one for key in unlike for one in (*old.get(key, ()), *new.get(key, ()))}
    held: dict[str, list[Address]] = {}
    for account, person in cues.accounts_of_several(workspace):
        held.setdefault(person, []).append(account)
    apart = {some[0] for some in held.values() if len({grouping[one] for one in some}) > 1}
    person_of = cues.persons_of(workspace, grouping.key_of)
    joined = {
        some[0]
        for some in grouping.members.values()
        if len({person_of[account] for account in some if account in person_of}) > 1
    }
    return apart | joined


class _Before:
    """Who held which accounts, as the tables say, read as it is asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._accounts: dict[str, list[Address]] = {}
        self._person: dict[Address, str | None] = {}

    def person(self, account: Address) -> str | None:
        """The person of an account, ``None`` where it is nobody's."""
        if account not in self._person:
            self._person[account] = cues.persons_of(self._workspace, [account]).get(account)
        return self._person[account]

    def accounts(self, person: str) -> list[Address]:
        """The accounts of a person."""
        if person not in self._accounts:
            self._accounts[person] = tables.accounts_of(self._workspace, person)
        return self._accounts[person]

    def ask(self, accounts: Collection[Address]) -> None:
        """Reads the persons of many accounts at once."""
        self._person |= {**dict.fromkeys(accounts), **cues.persons_of(self._workspace, accounts)}
        people = {person for account in accounts if (person := self._person[account])}
        self._accounts |= cues.accounts_of(self._workspace, people - self._accounts.keys())

    def without(self, accounts: Collection[Address]) -> Mapping[Address, str]:
        """Account -> person but for these accounts."""
        return tables.Members(self._workspace, frozenset(accounts))


def _closure(touched: set[Address], before: _Before, grouping: Grouping) -> tuple[set[Address], set[str]]:
    """All accounts of everybody whose accounts are among ``touched``, before and now; who they were."""
    before.ask(touched)
    edge = set(touched)
    accounts: set[Address] = set()
    people: set[str] = set()
    while edge:
        account = edge.pop()
        if account in accounts:
            continue
        accounts.add(account)
        edge |= set(grouping.accounts(account)) - accounts
        person = before.person(account)
        if person is not None:
            people.add(person)
            edge |= set(before.accounts(person)) - accounts
    return accounts, people


def _came_by(workspace: Workspace, seen: int) -> set[Address] | None:
    """Accounts of newcomers who may have come by a post that, as the log has learnt after ``seen``, was
    passed on; ``None`` where these are many."""
    passed_on = tables.passed_on_since(workspace, seen)
    if not passed_on:
        return set()
    if len(passed_on) > AT_MOST:
        return None
    return summaries.newcomers_between(workspace, passed_on, person_rows.INTRODUCED_WITHIN)


def _is_written_by_others(workspace: Workspace, seen: int | None) -> bool:
    """Whether the tables have seen another position than ``seen`` by now."""
    return seen is not None and tables.refreshed(workspace).position != seen
