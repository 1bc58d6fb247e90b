"""A row for each person of some columns: stage, momentum, counts and times, who introduced them."""

from __future__ import annotations

from bisect import bisect_left
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise, repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from courtship.columns import PeopleColumns
from courtship.lifecycle.policy import Policy
from courtship.model import DAY, FOREVER, Address, Coverage, Micros, Transition
from courtship.people.identity import Grouping, person_id, person_ids
from courtship.store.derived import tables
from courtship.store.derived.naming import Called
from courtship.store.derived.tables import Newcomer, PersonTold
from courtship.vocabulary import ANSWERS, KINDS, TALK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from courtship.lifecycle.report import Reports
    from courtship.store.workspace import Workspace

INTRODUCED_WITHIN: Micros = 7 * DAY
"""How long after somebody passed a post on a newcomer at that post counts as introduced by them."""

_NEVER = -FOREVER


@dataclass(frozen=True, slots=True)
class Context:
    """What rows rest on besides the columns. ``aside`` is by group key (``people.identity.set_aside``)."""

    policy: Policy
    coverage: Sequence[Coverage]
    called: Mapping[Address, Called]
    aside: Mapping[Address, str]
    grouping: Grouping | Mapping[Address, str]


class Rows(NamedTuple):
    """``of`` has the rows of everybody who has appeared, by id; ``ids`` and ``reports`` are in the order of
    the columns that were read."""

    of: dict[str, PersonTold]
    ids: list[str]
    reports: Reports


def rows(
    workspace: Workspace,
    people: PeopleColumns,
    context: Context,
    now: Micros,
    others: Mapping[Address, str] | None = None,
    introduced: Mapping[str, str | None] | None = None,
) -> Rows:
    """Rows of everybody in ``people`` who has appeared by ``now``, and what the kernel said of them.

    ``others`` says who the accounts are that are not in ``people``; ``introduced`` by whom those were
    introduced of whom that is known already.
    """
    from courtship.lifecycle import coverage
    from courtship.lifecycle.columnar import answering
    from courtship.lifecycle.kernel import reckon_columns
    from courtship.lifecycle.momentum import MOMENTA, momentum

    columns = people.columns
    reports = reckon_columns(columns, context.policy, now)
    if not len(columns.at):
        return Rows({}, [], reports)
    seen, on = coverage.Coverages(context.coverage), coverage.platform_sets(columns)
    certain = coverage.certain_of_many(seen, on, reports, now)
    # of whom no source says anything, only the owner's own log tells, and that lasts till now
    moods = momentum(columns, now, coverage.covered_until_of_many(seen, on, otherwise=FOREVER))
    answers = answering(columns, now, seen=coverage.seen_of_many(seen, on, ANSWERS))
    tally = _tally(people, now)
    ids = person_ids(people.earliest)
    kept = np.flatnonzero(reports.stage >= 0).tolist()
    accounts = _accounts(people)
    # the first map alone is written to; the others may be a look-up in the database
    known: ChainMap[Address, str] = ChainMap({}, {} if others is None else others)  # type: ignore[arg-type]
    told = {} if introduced is None else introduced
    newcomers = [
        Newcomer(ids[i], tally.first_at[i], tally.first_record[i])
        for i in kept
        if tally.first_inbound[i] and ids[i] not in told
    ]
    if newcomers:
        known.maps[0].update((account, ids[i]) for i in kept for account in accounts[i])
    by = {**told, **introducers(workspace, newcomers, known)}
    stages = context.policy.names
    called = [
        _called(some, earliest, context.called)
        for some, earliest in zip(accounts, people.earliest, strict=True)
    ]
    rows = zip(
        ids,
        [one[0] for one in called],
        [one[1] for one in called],
        [stages[rank] for rank in reports.stage.tolist()],
        reports.since.tolist(),
        _where(reports.until, FOREVER),
        [stages[rank] for rank in reports.peak.tolist()],
        certain.astype(np.int64).tolist(),
        [MOMENTA[mood] if mood >= 0 else "" for mood in moods.tolist()],
        tally.first_at,
        tally.last_inbound_at,
        tally.last_outbound_at,
        tally.last_contact_at,
        tally.inbound,
        tally.outbound,
        answers.talk[:, 0].tolist(),
        answers.answered[:, 0].tolist(),
        [_platforms(some) for some in accounts],
        [one[2] for one in called],
        map(by.get, ids),
        _aside(context, accounts),
        strict=True,
    )
    made = zip(ids, map(PersonTold, rows, accounts, _transitions(people, reports)), strict=True)
    if len(kept) == len(ids):
        return Rows(dict(made), ids, reports)
    appeared = (reports.stage >= 0).tolist()
    return Rows(dict(compress(made, appeared)), ids, reports)


def _accounts(people: PeopleColumns) -> list[tuple[Address, ...]]:
    """Those of each person."""
    start = people.account_start.tolist()
    if len(people.addresses) == len(start) - 1:
        return [(address,) for address in people.addresses]
    held = tuple(people.addresses)
    return [held[low:high] for low, high in pairwise(start)]


def _platforms(accounts: tuple[Address, ...]) -> str:
    if len(accounts) == 1:
        return accounts[0].partition(":")[0]
    return " ".join(sorted({account.partition(":")[0] for account in accounts}))


def _aside(context: Context, accounts: Sequence[tuple[Address, ...]]) -> Iterable[str]:
    """As what each person was set aside, ``""`` where they were not."""
    if not context.aside:
        return repeat("", len(accounts))
    return (context.aside.get(context.grouping[some[0]], "") for some in accounts)


def _where(values: NDArray[np.int64], none: int) -> list[int | None]:
    """The same with ``None`` in place of ``none``."""
    found: list[int | None] = values.tolist()
    for place in np.flatnonzero(values == none).tolist():
        found[place] = None
    return found


def introducers(
    workspace: Workspace, newcomers: Sequence[Newcomer], known: Mapping[Address, str]
) -> dict[str, str]:
    """Newcomer's id -> id of the person who introduced them.

    That is the other person who last shared or quoted, within the seven days before the newcomer's first act,
    the post that this act is about or answers. ``known`` says who an account is.
    """
    objects = tables.objects_of(workspace, [one.record for one in newcomers])
    shares = tables.passed_on(workspace, {name for names in objects.values() for name in names})
    found: dict[str, str] = {}
    for one in newcomers:
        best: tuple[Micros, Address] | None = None
        for name in objects.get(one.record, ()):
            told = shares.get(name)
            if told is None:
                continue
            for place in range(bisect_left(told, (one.first_at, "")) - 1, -1, -1):
                at, account = told[place]
                if at < one.first_at - INTRODUCED_WITHIN or (best and (at, account) < best):
                    break
                if known.get(account, one.id) != one.id:
                    best = (at, account)
                    break
        if best is not None:
            found[one.id] = known[best[1]]
    return found


class _Tally(NamedTuple):
    """Of each person, by lists: times (``None`` for never) and counts, up to the moment asked for."""

    first_at: list[Micros]
    first_record: list[int]
    first_inbound: list[bool]
    last_inbound_at: list[Micros | None]
    last_outbound_at: list[Micros | None]
    last_contact_at: list[Micros | None]
    inbound: list[int]
    outbound: list[int]


def _tally(people: PeopleColumns, now: Micros) -> _Tally:
    columns = people.columns
    first = columns.start[:-1]
    known = columns.at <= now
    outbound = columns.outbound != 0
    talk = np.isin(columns.kind, [code for code, kind in enumerate(KINDS) if kind in TALK])

    def last(mask: NDArray[np.bool_]) -> list[Micros | None]:
        return _where(np.maximum.reduceat(np.where(known & mask, columns.at, _NEVER), first), _NEVER)

    def count(mask: NDArray[np.bool_]) -> list[int]:
        counted: list[int] = np.add.reduceat((known & mask).astype(np.int64), first).tolist()
        return counted

    return _Tally(
        columns.at[first].tolist(),
        people.record[first].tolist(),
        (~outbound[first]).tolist(),
        last(~outbound),
        last(outbound),
        last(talk),
        count(~outbound),
        count(outbound),
    )


def _transitions(people: PeopleColumns, reports: Reports) -> list[tuple[Transition, ...]]:
    names = reports.policy.names
    lapsed = reports.activity < 0
    causes: list[str | None] = [None] * len(lapsed)
    for place, id in zip(
        np.flatnonzero(~lapsed).tolist(), people.ids(reports.activity[~lapsed]), strict=True
    ):
        causes[place] = id
    columns = (
        reports.at.tolist(),
        [names[rank] for rank in reports.before.tolist()],
        [names[rank] for rank in reports.after.tolist()],
        [_CAUSES[one] for one in lapsed.tolist()],
        causes,
    )
    moves = tuple(map(Transition._make, zip(*columns, strict=True)))
    return [moves[low:high] for low, high in pairwise(reports.start.tolist())]


_CAUSES = ("activity", "lapse")


def called_as(
    accounts: Sequence[Address], called: Mapping[Address, Called], id: str
) -> tuple[str, str, int | None]:
    """The name, handle and number of followers of the person with this id."""
    earliest = next((account for account in accounts if person_id(account) == id), accounts[0])
    told = _called(accounts, earliest, called)
    return told.name, told.handle, told.followers


def _called(accounts: Sequence[Address], earliest: Address, called: Mapping[Address, Called]) -> Called:
    """What to call a person: the earliest account's name and handle, else those of another in order."""
    if len(accounts) == 1:
        one = called.get(earliest)
        if one is not None and one[0] and one[1]:
            return one
    told = [called[account] for account in (earliest, *accounts) if account in called]
    name = next((one.name for one in told if one.name), "")
    handle = next((one.handle for one in told if one.handle), earliest.partition(":")[2])
    followers = [one.followers for one in told if one.followers is not None]
    return Called(name or handle, handle, max(followers, default=None))
