"""What accounts are called: the newest name, handle and number of followers that any source told.

Kept as a table that takes in only what the log has gained; a function of the set of what was told, since the
newest counts (of equally new ones the greatest).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import orjson

from courtship.model import Activity, Address, Micros, Profile
from courtship.store import bulk
from courtship.store.workspace import Workspace

_NEVER = -(2**62)
_COLUMNS = ("account", "name", "named_at", "handle", "handle_at", "followers", "followers_at")


class Called(NamedTuple):
    """An account's name and handle (``""`` where none was told) and followers (``None`` likewise)."""

    name: str
    handle: str
    followers: int | None


class _Newest:
    """The newest of each for one account."""

    __slots__ = ("followers", "handle", "name")

    def __init__(self) -> None:
        self.name: tuple[Micros, str] = (_NEVER, "")
        self.handle: tuple[Micros, str] = (_NEVER, "")
        self.followers: tuple[Micros, int] = (_NEVER, -1)


def update(workspace: Workspace) -> None:
    """Takes in what was told since the last time. To be called within a transaction."""
    connection = workspace.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT named, position FROM store_state WHERE id = 1")
        seen, position = cursor.fetchone()
    if seen == position:
        return
    newest: dict[Address, _Newest] = {}
    _from_records(workspace, seen, newest)
    _from_profiles(workspace, seen, newest)
    _write(workspace, newest)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_state SET named = %s", [position])


def take_in(workspace: Workspace, activities: Sequence[Activity]) -> bool:
    """Takes in what these activities, all that the log has gained, call anybody; answers whether they do."""
    newest: dict[Address, _Newest] = {}
    for one in activities:
        if one.actor_name and one.actor:
            told = newest.setdefault(one.actor, _Newest())
            told.name = max(told.name, (one.at, one.actor_name))
        if one.target_name and one.target:
            told = newest.setdefault(one.target, _Newest())
            told.name = max(told.name, (one.at, one.target_name))
        if one.actor_followers is not None and one.actor:
            told = newest.setdefault(one.actor, _Newest())
            told.followers = max(told.followers, (one.at, one.actor_followers))
    if newest:
        _write(workspace, newest)
    return bool(newest)


def _write(workspace: Workspace, newest: dict[Address, _Newest]) -> None:
    connection = workspace.connection
    query = f"SELECT {', '.join(_COLUMNS)} FROM store_naming WHERE account"  # noqa: S608 - our own names
    held = bulk.select_in(connection, query, sorted(newest))
    for account, name, named_at, handle, handle_at, followers, followers_at in list(held):
        one = newest[account]
        one.name = max(one.name, (named_at, name))
        one.handle = max(one.handle, (handle_at, handle))
        if followers is not None:
            one.followers = max(one.followers, (followers_at, followers))
    rows = [
        (
            account,
            one.name[1],
            one.name[0],
            one.handle[1],
            one.handle[0],
            None if one.followers[1] < 0 else one.followers[1],
            one.followers[0],
        )
        for account, one in newest.items()
    ]
    if len(rows) > 8:
        remove(workspace, newest.keys())
        bulk.insert(connection, "store_naming", _COLUMNS, rows)
        return
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
    query = (
        f"INSERT INTO store_naming ({', '.join(_COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s) "  # noqa: S608
        f"ON CONFLICT (account) DO UPDATE SET {renewed}"
    )
    for row in rows:
        bulk.run(connection, query, row)


def anew(workspace: Workspace) -> None:
    """Makes the table from the whole log. To be called within a transaction."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_naming")
        cursor.execute("UPDATE store_state SET named = 0")
    update(workspace)


def remove(workspace: Workspace, accounts: Collection[Address]) -> None:
    """Forgets what these accounts are called."""
    with workspace.connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM store_naming WHERE account = %s", [(account,) for account in sorted(accounts)]
        )


def called(workspace: Workspace, accounts: Collection[Address] | None = None) -> dict[Address, Called]:
    """What these accounts (or all) are called; those of whom nothing was told are missing."""
    query = "SELECT account, name, handle, followers FROM store_naming"
    if accounts is None:
        with workspace.connection.cursor() as cursor:
            cursor.execute(query)
            rows = cursor.fetchall()
    else:
        rows = list(bulk.select_in(workspace.connection, f"{query} WHERE account", sorted(accounts)))
    return {account: Called(name, handle, followers) for account, name, handle, followers in rows}


def _from_records(workspace: Workspace, seen: int, newest: dict[Address, _Newest]) -> None:
    by_number: dict[int, _Newest] = {}
    for table in ("store_record", "store_variant"):
        query = (
            f"SELECT actor, target, at, actor_name, target_name, actor_followers FROM {table} "  # noqa: S608
            f"WHERE position > {int(seen)} AND (actor_name IS NOT NULL OR target_name IS NOT NULL "
            "OR actor_followers IS NOT NULL)"
        )
        with workspace.connection.cursor() as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(20_000):
                for actor, target, at, actor_name, target_name, followers in rows:
                    if actor_name:
                        one = by_number.get(actor) or by_number.setdefault(actor, _Newest())
                        one.name = max(one.name, (at, actor_name))
                    if target_name:
                        one = by_number.get(target) or by_number.setdefault(target, _Newest())
                        one.name = max(one.name, (at, target_name))
                    if followers is not None:
                        one = by_number.get(actor) or by_number.setdefault(actor, _Newest())
                        one.followers = max(one.followers, (at, followers))
    by_number.pop(0, None)
    for number, address in bulk.addresses(workspace.connection, sorted(by_number)).items():
        if number:
            newest[address] = by_number[number]


def _from_profiles(workspace: Workspace, seen: int, newest: dict[Address, _Newest]) -> None:
    with workspace.connection.cursor() as cursor:
        cursor.execute(
            "SELECT body FROM store_fact WHERE substr(sort, 1) = 'profile' AND position > %s", [seen]
        )
        for (body,) in cursor.fetchall():
            profile = Profile(*orjson.loads(body))
            at = 0 if profile.at is None else profile.at
            one = newest.get(profile.account) or newest.setdefault(profile.account, _Newest())
            if profile.name:
                one.name = max(one.name, (at, profile.name))
            if profile.handle:
                one.handle = max(one.handle, (at, profile.handle))
            if profile.followers is not None:
                one.followers = max(one.followers, (at, profile.followers))
