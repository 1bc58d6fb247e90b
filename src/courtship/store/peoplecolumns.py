"""Rows by account -> columns by person: the cache, what changed since, and who is one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from courtship.columns import Columns, PeopleColumns
from courtship.store.accountrows import AccountRows, Ints
from courtship.store.keys import platform_of

_NUMBERS = ("at", "ended", "kind", "outbound", "precise", "rank", "record")


def overlaid(rows: AccountRows, anew: AccountRows | None, changed: set[str]) -> AccountRows:
    """``rows`` with those of the accounts ``changed`` replaced by ``anew``; in the order of addresses.

    Ranks order ids within one account only, unless nothing changed.
    """
    if anew is None or not changed:
        return rows
    value_set = pa.array(sorted(changed), pa.string())
    keep = pc.invert(pc.is_in(rows.addresses, value_set=value_set)).to_numpy(zero_copy_only=False)
    counts = np.concatenate([np.diff(rows.start)[keep], np.diff(anew.start)])
    addresses = pa.concat_arrays([rows.addresses.filter(pa.array(keep)), anew.addresses])
    by_name = pc.sort_indices(addresses).to_numpy()
    place = np.empty(len(by_name), np.int64)
    place[by_name] = np.arange(len(by_name))
    keep_rows = np.repeat(keep, np.diff(rows.start))
    order = np.argsort(np.repeat(place, counts), kind="stable")
    numbers = {
        name: np.concatenate([getattr(rows, name)[keep_rows], getattr(anew, name)])[order]
        for name in _NUMBERS
    }
    ids = pa.concat_arrays([rows.id.filter(pa.array(keep_rows)), anew.id]).take(pa.array(order))
    start = np.concatenate([[0], np.cumsum(counts[by_name])]).astype(np.int64)
    return AccountRows(
        addresses=addresses.take(pa.array(by_name)), start=start, id=ids, plain=None, **numbers
    )


def by_person(rows: AccountRows, groups: Mapping[str, str], position: int) -> PeopleColumns:
    """Columns grouped by person. ``groups`` gives accounts of one person the same word; others are alone.

    People are in the order of their least address.
    """
    addresses: list[str] = rows.addresses.to_pylist()
    count = len(addresses)
    person, many = _persons(addresses, groups)
    lengths = np.diff(rows.start)
    account = np.repeat(np.arange(count), lengths)
    numbers = {name: getattr(rows, name) for name in _NUMBERS}
    order: Ints | None = None
    if many:
        rank = _global_rank(rows, many)
        order = _order(rows, person, account, rank, many)
        numbers = {name: array[order] for name, array in numbers.items()}
        numbers["rank"] = rank[order]
        account = account[order]
    people = int(person.max(initial=-1)) + 1
    row_count = np.bincount(person, weights=None, minlength=people) if count else np.zeros(0, np.int64)
    rows_each = np.zeros(people, np.int64)
    np.add.at(rows_each, person, lengths)
    by_account = np.argsort(person, kind="stable")
    held = [addresses[i] for i in by_account] if many else addresses
    new_place = np.empty(count, np.int64)
    new_place[by_account] = np.arange(count)
    platforms, platform = _platforms(held)
    columns = Columns(
        start=_offsets(rows_each),
        at=numbers["at"],
        ended=numbers["ended"],
        kind=numbers["kind"],
        outbound=numbers["outbound"],
        precise=numbers["precise"],
        rank=numbers["rank"],
        platform=platform[new_place[account]] if count else np.empty(0, np.uint16),
        platforms=platforms,
    )
    account_start = _offsets(row_count)
    first = rows.at[rows.start[:-1]] if count else np.empty(0, np.int64)
    earliest = list(held) if not many else _earliest(held, account_start, first[by_account])
    return PeopleColumns(
        columns=columns,
        addresses=held,
        account_start=account_start,
        earliest=earliest,
        account=new_place[account],
        record=numbers["record"],
        ids=_ids(rows.id, order),
        position=position,
        plain=rows.plain,
    )


def _persons(addresses: list[str], groups: Mapping[str, str]) -> tuple[Ints, list[list[int]]]:
    """The person of each account, and the accounts of those persons who have several."""
    if not groups:
        return np.arange(len(addresses)), []
    members: dict[str, list[int]] = {}
    for i, address in enumerate(addresses):
        group = groups.get(address)
        if group is not None:
            members.setdefault(group, []).append(i)
    many = [found for found in members.values() if len(found) > 1]
    leader = np.arange(len(addresses))
    for found in many:
        leader[found] = found[0]
    return np.unique(leader, return_inverse=True)[1].astype(np.int64), many


def _global_rank(rows: AccountRows, many: list[list[int]]) -> Ints:
    """Ranks that order ids also between accounts of one person, where rows of several readings meet."""
    rank = rows.rank.copy()
    for found in many:
        spans = [np.arange(rows.start[i], rows.start[i + 1]) for i in found]
        place = np.concatenate(spans)
        ids = rows.id.take(pa.array(place))
        which = np.repeat(np.arange(len(found)), [len(span) for span in spans])
        order = pc.sort_indices(
            pa.table({"id": ids, "account": which, "rank": rank[place]}),
            sort_keys=[("id", "ascending"), ("account", "ascending"), ("rank", "ascending")],
        ).to_numpy()
        rank[place[order]] = np.arange(len(place))
    return rank


def _order(rows: AccountRows, person: Ints, account: Ints, rank: Ints, many: list[list[int]]) -> Ints:
    """The places of rows in the order (person, at, rank)."""
    person_of_row = person[account]
    order = np.argsort(person_of_row, kind="stable")
    mixed = np.zeros(int(person.max(initial=-1)) + 1, np.bool_)
    for found in many:
        mixed[person[found[0]]] = True
    place = np.flatnonzero(mixed[person_of_row[order]])
    some = order[place]
    order[place] = some[np.lexsort((rank[some], rows.at[some], person_of_row[some]))]
    return order


def _earliest(held: list[str], account_start: Ints, first: Ints) -> list[str]:
    one = account_start[:-1]
    several = np.flatnonzero(np.diff(account_start) > 1)
    earliest = [held[i] for i in one]
    for i in several:
        span = range(int(account_start[i]), int(account_start[i + 1]))
        earliest[i] = held[min(span, key=lambda n: (first[n], held[n]))]
    return earliest


def _platforms(addresses: list[str]) -> tuple[tuple[str, ...], NDArray[np.uint16]]:
    names = [platform_of(address, "") for address in addresses]
    known = sorted(set(names))
    code = {name: i for i, name in enumerate(known)}
    return tuple(known), np.array([code[name] for name in names], np.uint16)


def _offsets(counts: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _ids(ids: pa.Array, order: Ints | None) -> Callable[[Ints], list[str]]:
    def answer(rows: Ints) -> list[str]:
        places = rows if order is None else order[rows]
        found: list[str] = ids.take(pa.array(places)).to_pylist()
        return found

    return answer
