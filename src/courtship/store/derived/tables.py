"""The derived tables: people, who an account is, changes of stage. Rebuilt or mended, never edited; written
by ``people_written.py``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from courtship.model import Address, Coverage, Micros, Profile, Transition
from courtship.store import bulk
from courtship.store.log import changes, decisions, reading
from courtship.store.log.derive import in_force
from courtship.store.workspace import Workspace
from courtship.vocabulary import KIND_CODE

PASSED_ON = (KIND_CODE["share"], KIND_CODE["quote"])
PERSON_COLUMNS = (
    "id",
    "name",
    "handle",
    "stage",
    "since",
    '"until"',
    "peak",
    "certain",
    "momentum",
    "first_at",
    "last_inbound_at",
    "last_outbound_at",
    "last_contact_at",
    "inbound_count",
    "outbound_count",
    "talk_count",
    "answered_count",
    "platforms",
    "followers",
    "introduced_by",
    "set_aside",
)
STAGE = PERSON_COLUMNS.index("stage")
INTRODUCED_BY = PERSON_COLUMNS.index("introduced_by")
SET_ASIDE = PERSON_COLUMNS.index("set_aside")
TRANSITION_COLUMNS = ("id", "person", "at", "before", "after", "cause", "activity")


class PersonTold(NamedTuple):
    """A person's rows: ``row`` in the order of ``PERSON_COLUMNS``."""

    row: tuple[Any, ...]
    accounts: tuple[Address, ...]
    transitions: tuple[Transition, ...]


class Refreshed(NamedTuple):
    """What the derived tables have seen: the log's position, the moment they speak of, what else they rest on
    as a digest, and the earliest moment after it at which a stage lapses."""

    position: int
    at: Micros
    resting_on: str
    next_lapse: Micros | None


def refreshed(workspace: Workspace) -> Refreshed:
    """The derived tables' state; position -1 where they were never made."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT refreshed, refreshed_at, refreshed_as FROM store_state WHERE id = 1")
        position, at, resting_on = cursor.fetchone()
    return Refreshed(position, at, resting_on, next_lapse(workspace))


def next_lapse(workspace: Workspace) -> Micros | None:
    """The earliest moment at which anybody's stage lapses, as they were last reckoned."""
    with workspace.connection.cursor() as cursor:
        cursor.execute('SELECT min("until") FROM store_person')
        found: Micros | None = cursor.fetchone()[0]
        return found


AHEAD: Micros = 600_000_000
"""Ten minutes: what is dated so little after the moment is looked at again, since it will be then."""

LATELY = 10_000
"""Positions within which what is dated ahead is looked for."""


def set_refreshed(workspace: Workspace, position: int, at: Micros, resting_on: str) -> None:
    """Notes what the derived tables have seen: the log up to ``position``, or up to the first act that lies a
    little ahead of ``at`` and is not known yet, so that it is felt when its time has come."""
    with workspace.connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(position) FROM store_record WHERE position > %s AND position <= %s"
            " AND at > %s AND at <= %s",
            [position - LATELY, position, at, at + AHEAD],
        )
        ahead = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE store_state SET refreshed = %s, refreshed_at = %s, refreshed_as = %s",
            [position if ahead is None else ahead - 1, at, resting_on],
        )


def read(workspace: Workspace, people: Collection[str] | None = None) -> dict[str, PersonTold]:
    """The rows of these people, or of all, by id."""
    accounts: dict[str, list[str]] = {}
    for account, person in rows_of(workspace, ("account", "person"), "store_membership", "person", people):
        accounts.setdefault(person, []).append(account)
    transitions: dict[str, list[tuple[int, Transition]]] = {}
    for id, person, *rest in rows_of(workspace, TRANSITION_COLUMNS, "store_transition", "person", people):
        transitions.setdefault(person, []).append((id, Transition(*rest)))
    return {
        row[0]: PersonTold(
            tuple(row),
            tuple(sorted(accounts.get(row[0], ()))),
            tuple(transition for _, transition in sorted(transitions.get(row[0], ()))),
        )
        for row in rows_of(workspace, PERSON_COLUMNS, "store_person", "id", people)
    }


def strays(workspace: Workspace) -> list[str]:
    """The ids that accounts or changes of stage name, and that are nobody's."""
    with workspace.connection.cursor() as cursor:
        cursor.execute(
            "SELECT person FROM store_membership WHERE person NOT IN (SELECT id FROM store_person)"
            " UNION SELECT person FROM store_transition WHERE person NOT IN (SELECT id FROM store_person)"
            " ORDER BY 1"
        )
        return [person for (person,) in cursor.fetchall()]


def lapsed(workspace: Workspace, now: Micros, most: int) -> dict[Address, str]:
    """Account -> person, of people whose stage has lapsed by ``now`` since they were reckoned: of at most
    ``most`` people, those whose stage lapsed first."""
    with workspace.connection.cursor() as cursor:
        cursor.execute(
            'SELECT id FROM store_person WHERE "until" <= %s ORDER BY "until", id LIMIT %s', [now, most]
        )
        people = [id for (id,) in cursor.fetchall()]
    query = "SELECT account, person FROM store_membership WHERE person"
    return dict(bulk.select_in(workspace.connection, query, people))


def certainties(workspace: Workspace) -> dict[str, tuple[int, str]]:
    """Of everybody, by id, whether their stage is certain, and their momentum."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT id, certain, momentum FROM store_person")
        return {id: (certain, momentum) for id, certain, momentum in cursor.fetchall()}


def introduced(workspace: Workspace) -> dict[str, str | None]:
    """Of everybody, by id, who introduced them."""
    return dict(bulk.streamed(workspace.connection, "SELECT id, introduced_by FROM store_person"))


def set_certainties(workspace: Workspace, told: Mapping[str, tuple[int, str]]) -> None:
    """Writes them of these people. Within a transaction."""
    query = "UPDATE store_person SET certain = %s, momentum = %s WHERE id = %s"
    bulk.run_each(workspace.connection, query, [(*one, id) for id, one in sorted(told.items())])


class Members(Mapping[Address, str]):
    """Account -> person, looked up as it is asked for; not to be walked through."""

    def __init__(self, workspace: Workspace, without: frozenset[Address] = frozenset()) -> None:
        self._workspace = workspace
        self._without = without

    def __getitem__(self, account: Address) -> str:
        if account in self._without:
            raise KeyError(account)
        with self._workspace.connection.cursor() as cursor:
            cursor.execute("SELECT person FROM store_membership WHERE account = %s", [account])
            found = cursor.fetchone()
        if found is None:
            raise KeyError(account)
        return str(found[0])

    def __iter__(self) -> Iterator[Address]:
        return iter(memberships(self._workspace))

    def __len__(self) -> int:
        return len(memberships(self._workspace))


def accounts_of(workspace: Workspace, person: str) -> list[Address]:
    """The accounts of a person, sorted."""
    query = "SELECT account FROM store_membership WHERE person"
    return sorted(account for (account,) in bulk.select_in(workspace.connection, query, [person]))


def somebody(workspace: Workspace) -> Address | None:
    """An account of any person; ``None`` where there is nobody."""
    rows = bulk.rows(workspace.connection, "SELECT account FROM store_membership LIMIT 1")
    return str(rows[0][0]) if rows else None


class Newcomer(NamedTuple):
    """``first_at`` and the log position (``record``) of a person's first act; ``id`` is theirs."""

    id: str
    first_at: Micros
    record: int


def introduced_through(workspace: Workspace, people: Collection[str]) -> set[Address]:
    """Accounts of everybody who was introduced by one of these people."""
    query = (
        "SELECT account FROM store_membership JOIN store_person ON store_person.id = person "
        "WHERE introduced_by"
    )
    return {account for (account,) in bulk.select_in(workspace.connection, query, sorted(people))}


def rows_of(
    workspace: Workspace, columns: Sequence[str], table: str, key: str, of: Collection[str] | None
) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of the first column, those whose ``key`` is one of ``of`` (``None``: all)."""
    query = f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608 - our own names
    if of is not None:
        yield from sorted(bulk.select_in(workspace.connection, f"{query} WHERE {key}", sorted(of)))
        return
    yield from bulk.streamed(workspace.connection, f"{query} ORDER BY {columns[0]}")


# ---------------------------------------------------------------- what a refresh asks of the log


def memberships(workspace: Workspace) -> dict[Address, str]:
    """Account -> person, of all."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT account, person FROM store_membership")
        return dict(cursor.fetchall())


def changed_accounts(workspace: Workspace, seen: int) -> set[Address]:
    """Accounts whose activities may differ from what they were at the position ``seen``."""
    connection = workspace.connection
    found = bulk.addresses(connection, sorted(changes.changed_accounts(connection, seen)))
    return set(found.values()) - {""}


def last_decided(workspace: Workspace) -> int:
    """The position of the last decision; 0 without any."""
    query = "SELECT coalesce(max(position), 0) FROM store_decided"
    return int(bulk.rows(workspace.connection, query)[0][0])


def known_accounts(workspace: Workspace, accounts: Collection[Address]) -> set[Address]:
    """Those of these accounts that the log's activities name."""
    return set(bulk.held_accounts(workspace.connection, sorted(accounts)))


def accounts_after(workspace: Workspace, number: int) -> set[Address]:
    """Accounts that were named for the first time after the one with this number."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT address FROM store_account WHERE id > %s", [number])
        return {address for (address,) in cursor.fetchall()}


def profiles(workspace: Workspace) -> Iterator[Profile]:
    """Every profile as told, in no order; none is kept."""
    query = "SELECT body FROM store_fact WHERE sort = 'profile'"
    for (body,) in bulk.streamed(workspace.connection, query):
        yield reading.fact("profile", body)


def profiles_between(workspace: Workspace, after: int, until: int) -> list[Profile]:
    """Profiles told at the positions after ``after``, up to ``until``."""
    # a function of the sort: the few by position, not all of that sort by its index
    query = (
        "SELECT body FROM store_fact WHERE position > %s AND position <= %s AND substr(sort, 1) = 'profile'"
    )
    with workspace.connection.cursor() as cursor:
        cursor.execute(query, [after, until])
        return [reading.fact("profile", body) for (body,) in cursor.fetchall()]


def facts_seen(workspace: Workspace) -> tuple[int, int]:
    """The position of the last fact, and how many accounts were forgotten."""
    last, _, tombstones = reading.facts_stamp(workspace.connection).partition(":")
    return int(last), int(tombstones)


def coverage_between(workspace: Workspace, after: int, until: int) -> list[Coverage]:
    """What was declared at the positions after ``after``, up to ``until``."""
    # of many by the index on sorts, of few by position
    sort = "sort" if after <= 0 else "substr(sort, 1)"
    query = f"SELECT body FROM store_fact WHERE position > %s AND position <= %s AND {sort} = 'coverage'"  # noqa: S608
    with workspace.connection.cursor() as cursor:
        cursor.execute(query, [after, until])
        return [reading.fact("coverage", body) for (body,) in cursor.fetchall()]


def heard_after(workspace: Workspace, at: Micros, most: int) -> set[Address] | None:
    """Accounts of those who acted after ``at``; ``None`` where these are more than ``most`` people."""
    query = "SELECT id FROM store_person WHERE last_inbound_at > %s LIMIT %s"
    with workspace.connection.cursor() as cursor:
        cursor.execute(query, [at, most + 1])
        people = [id for (id,) in cursor.fetchall()]
    if len(people) > most:
        return None
    query = "SELECT account FROM store_membership WHERE person"
    return {account for (account,) in bulk.select_in(workspace.connection, query, people)}


def on_several_platforms(workspace: Workspace, platform: str, most: int) -> set[Address] | None:
    """Accounts of those who are on this platform and on others; ``None`` where these are more than ``most``
    people."""
    query = "SELECT id, platforms FROM store_person WHERE platforms LIKE '%% %%'"
    several = [id for id, said in bulk.rows(workspace.connection, query) if platform in said.split(" ")]
    if len(several) > most:
        return None
    query = "SELECT account FROM store_membership WHERE person"
    return {account for (account,) in bulk.select_in(workspace.connection, query, several)}


def profiled_since(workspace: Workspace, seen: int) -> set[Address]:
    """Accounts whose profile was told after the position ``seen``."""
    with workspace.connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject FROM store_fact WHERE substr(sort, 1) = 'profile' AND position > %s", [seen]
        )
        return {subject for (subject,) in cursor.fetchall()}


def passed_on_since(workspace: Workspace, seen: int) -> dict[str, Micros]:
    """What was shared or quoted as told after the position ``seen``, with the earliest time of each."""
    kinds = ", ".join(map(str, PASSED_ON))
    found: dict[str, Micros] = {}
    with workspace.connection.cursor() as cursor:
        for table in ("store_record", "store_variant"):
            cursor.execute(
                f"SELECT object, at FROM {table} WHERE position > %s AND kind IN ({kinds})",  # noqa: S608
                [seen],
            )
            for name, at in cursor.fetchall():
                if name:
                    found[name] = min(at, found.get(name, at))
    return found


def objects_of(workspace: Workspace, records: Collection[int]) -> dict[int, tuple[str, ...]]:
    """What the records at these positions are about: their object and what they answer."""
    query = "SELECT position, object, in_reply_to FROM store_record WHERE position"
    found = bulk.select_in(workspace.connection, query, [int(number) for number in sorted(records)])
    return {position: tuple(name for name in names if name) for position, *names in found if any(names)}


def passed_on(workspace: Workspace, objects: Collection[str]) -> dict[str, list[tuple[Micros, Address]]]:
    """Who shared or quoted each of these objects towards the brand: (when, account), in order of time."""
    connection = workspace.connection
    kinds = ", ".join(map(str, PASSED_ON))
    query = f"SELECT key FROM store_record WHERE kind IN ({kinds}) AND object"  # noqa: S608 - numbers
    keys = sorted({bytes(key) for (key,) in bulk.select_in(connection, query, sorted(objects))})
    if not keys:
        return {}
    keys = sorted(
        set(keys) - reading.denied_keys(connection, decisions.read(workspace.alias, ("activity.deny",)))
    )
    raw = reading.rows_where(connection, "key", keys) + reading.rows_where(
        connection, "key", keys, "store_variant"
    )
    brand = workspace.brand()
    found: dict[str, list[tuple[Micros, Address]]] = {}
    for row in in_force(reading.as_rows(connection, raw)):
        if row.kind in ("share", "quote") and row.object and row.target in brand and row.actor not in brand:
            found.setdefault(row.object, []).append((row.at, row.actor))
    for shares in found.values():
        shares.sort()
    return found
