"""Rows by account -> columns by person: the cache, what changed since, and who is one person."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from courtship.columns import Columns, PeopleColumns
from courtship.model import FOREVER
from courtship.store.cache.accountrows import Ints
from courtship.store.cache.segments import Gathered, Namespaces, Segments, gathered, stretches
from courtship.store.log.keys import platform_of


def by_person(
    segments: Segments, groups: Mapping[str, str], position: int, namespaces: Namespaces
) -> PeopleColumns:
    """Columns grouped by person. ``groups`` gives accounts of one person the same word; others are alone.

    People are in the order of their least address.
    """
    addresses = segments.addresses
    count = len(addresses)
    person = _persons(addresses, groups)
    rows = gathered(segments, person, namespaces)
    accounts_each = np.bincount(person, minlength=len(rows.start) - 1)
    account_start = np.concatenate([[0], np.cumsum(accounts_each)]).astype(np.int64)
    held, account = addresses, rows.account
    by_account = np.arange(count)
    if len(accounts_each) < count:
        by_account = np.argsort(person, kind="stable")
        held = [addresses[i] for i in by_account.tolist()]
        new_place = np.empty(count, np.int64)
        new_place[by_account] = np.arange(count)
        account = new_place[account]
    platforms, platform = _platforms(addresses)
    platform = platform[by_account]
    columns = rows.columns
    return PeopleColumns(
        columns=Columns(
            start=rows.start,
            at=columns["at"],
            ended=columns["ended"],
            kind=columns["kind"],
            outbound=columns["outbound"],
            precise=columns["precise"],
            rank=columns["rank"],
            platform=platform[account],
            platforms=platforms,
        ),
        addresses=held,
        account_start=account_start,
        earliest=_earliest(held, account_start, segments, by_account),
        account=account,
        record=columns["record"],
        ids=_ids(rows),
        position=position,
        plain=segments.sources[0].plain if len(segments.sources) == 1 else None,
    )


def _persons(addresses: list[str], groups: Mapping[str, str]) -> Ints:
    """The person of each account: people are numbered by their first accounts."""
    first: dict[str, int] = {}
    places: list[int] = []
    leads: list[int] = []
    if len(groups) * 20 < len(addresses):
        for address in sorted(groups):
            place = bisect_left(addresses, address)
            if place < len(addresses) and addresses[place] == address:
                places.append(place)
                leads.append(first.setdefault(groups[address], place))
    elif groups:
        for place, group in enumerate(map(groups.get, addresses)):
            if group is not None:
                places.append(place)
                leads.append(first.setdefault(group, place))
    leader = np.arange(len(addresses))
    leader[places] = leads
    person: Ints = (np.cumsum(leader == np.arange(len(addresses))) - 1)[leader]
    return person


def _earliest(held: list[str], account_start: Ints, segments: Segments, by_account: Ints) -> list[str]:
    """Of each person the account with the earliest first act, the least of several."""
    several = np.flatnonzero(np.diff(account_start) > 1)
    if not len(several):
        return list(held)
    first = np.full(len(held), FOREVER, np.int64)
    for number, source in enumerate(segments.sources):
        here = segments.which == number
        np.minimum.at(first, segments.account[here], source.at[segments.first[here]])
    earliest = [held[i] for i in account_start[:-1].tolist()]
    # an address that comes before another is the less, so of those with the same time the first is taken
    sizes = np.diff(account_start)[several]
    person = np.repeat(several, sizes)
    accounts = stretches(account_start[several], sizes)
    order = np.lexsort((first[by_account][accounts], person))
    for i, account in zip(several.tolist(), accounts[order[np.cumsum(sizes) - sizes]].tolist(), strict=True):
        earliest[i] = held[account]
    return earliest


def _platforms(addresses: list[str]) -> tuple[tuple[str, ...], NDArray[np.uint16]]:
    """Of sorted addresses the platforms, and that of each: those of one platform stand together."""
    names, begins = [], []
    place = 0
    while place < len(addresses):
        name = platform_of(addresses[place], "")
        names.append(name)
        begins.append(place)
        # the next character after the colon
        after = f"{name};" if addresses[place].startswith(f"{name}:") else f"{name}\0"
        place = max(bisect_left(addresses, after, place), place + 1)
    known = sorted(set(names))
    code = {name: i for i, name in enumerate(known)}
    lengths = np.diff([*begins, len(addresses)])
    return tuple(known), np.repeat(np.array([code[name] for name in names], np.uint16), lengths)


def _ids(rows: Gathered) -> Callable[[Ints], list[str]]:
    def answer(wanted: Ints) -> list[str]:
        found: list[str] = rows.ids(wanted).to_pylist()
        return found

    return answer
