"""Summaries of people, and what one act more changes of the derived tables: few rows, each by its key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from courtship.model import Activity, Address, Micros, Transition
from courtship.store import bulk
from courtship.store.derived import cues, naming, tables
from courtship.store.derived.cues import Cue
from courtship.store.log import reading
from courtship.store.log.derive import SAME_ACT, Act
from courtship.store.workspace import Workspace
from courtship.vocabulary import KIND_CODE, KINDS

_COLUMNS = ("person", "ladder", "cues", "recent", "gaps")


class State(NamedTuple):
    """What everything rests on, read at once. ``decided`` is the position of the last decision, ``facts``
    that of the last fact, ``undone`` that of the last Undo, ``formats`` how many have told of anything,
    ``account`` the greatest number of an account."""

    position: int
    refreshed: int
    refreshed_at: Micros
    refreshed_as: str
    named: int
    decided: int
    facts: int
    tombstones: int
    formats: int
    account: int
    undone: int


class Kept(NamedTuple):
    """A person's summary as it is written."""

    ladder: bytes
    cues: bytes
    recent: bytes | None
    gaps: bytes


class Person(NamedTuple):
    """A person as the tables have them; ``summary`` is ``None`` where none was wanted yet."""

    id: str
    row: tuple[Any, ...]
    summary: Kept | None


class Change(NamedTuple):
    """One person's rows as they are to be. ``row`` is in the order of ``tables.PERSON_COLUMNS``; ``account``
    is that of a newcomer; changes of stage at or after ``moved_from`` are replaced by ``moves``."""

    row: tuple[Any, ...]
    before: tuple[Any, ...] | None
    account: Address
    summary: Kept
    moved_from: Micros | None
    moves: Sequence[Transition]
    cues: Sequence[Cue]


def state(workspace: Workspace) -> State:
    """As it is."""
    return State(*bulk.rows(workspace.connection, _STATE, ())[0])


def locked(workspace: Workspace) -> State:
    """Takes the log's lock until the transaction ends, and reads."""
    if not bulk.sqlite(workspace.connection):  # what is read must be from after the lock was given
        bulk.lock_log(workspace.connection)
    return state(workspace)


_STATE = (
    "SELECT position, refreshed, refreshed_at, refreshed_as, named, "
    "(SELECT coalesce(max(position), 0) FROM store_decided), "
    "(SELECT coalesce(max(position), 0) FROM store_fact), "
    "(SELECT count(*) FROM store_tombstone), "
    "(SELECT count(*) FROM store_format), "
    "(SELECT coalesce(max(id), 0) FROM store_account), "
    "(SELECT coalesce(max(position), 0) FROM store_undone) "
    "FROM store_state WHERE id = 1"
)


def people(workspace: Workspace, accounts: Collection[Address]) -> dict[Address, Person]:
    """The persons of these accounts, those that there are."""
    found = {}
    for told in bulk.select_in(workspace.connection, _PEOPLE, sorted(accounts)):
        account, ladder, said, recent, gaps = told[:5]
        kept = None
        if ladder is not None:
            kept = Kept(bytes(ladder), bytes(said), None if recent is None else bytes(recent), bytes(gaps))
        found[account] = Person(told[5], told[5:], kept)
    return found


_PEOPLE = (
    "SELECT m.account, s.ladder, s.cues, s.recent, s.gaps, "  # noqa: S608 - our own names
    f"{', '.join(f'p.{name}' for name in tables.PERSON_COLUMNS)} FROM store_membership m "
    "JOIN store_person p ON p.id = m.person LEFT JOIN store_summary s ON s.person = m.person WHERE m.account"
)


def everything(workspace: Workspace) -> dict[str, Kept]:
    """Every summary there is, by person."""
    query = f"SELECT {', '.join(_COLUMNS)} FROM store_summary ORDER BY person"  # noqa: S608 - our own names
    rows = bulk.rows(workspace.connection, query)
    return {
        row[0]: Kept(bytes(row[1]), bytes(row[2]), None if row[3] is None else bytes(row[3]), bytes(row[4]))
        for row in rows
    }


def drop(workspace: Workspace, persons: Collection[str] | None = None) -> None:
    """Removes the summaries of these people, or all: who is wanted next is summed up anew."""
    with workspace.connection.cursor() as cursor:
        if persons is None:
            cursor.execute("DELETE FROM store_summary")
        else:
            cursor.executemany("DELETE FROM store_summary WHERE person = %s", [(one,) for one in persons])


def keep(workspace: Workspace, summaries: dict[str, Kept]) -> None:
    """Writes the summaries of people who have none."""
    rows = ((id, *summaries[id]) for id in sorted(summaries))
    bulk.insert(workspace.connection, "store_summary", _COLUMNS, rows)


def replace(workspace: Workspace, summaries: dict[str, Kept]) -> None:
    """Makes these all the summaries there are; those that are there already are left. Within a
    transaction."""
    connection = workspace.connection
    query = f"SELECT {', '.join(_COLUMNS)} FROM store_summary"  # noqa: S608 - our own names
    held: set[str] = set()
    gone: list[tuple[str]] = []
    unlike: list[str] = []
    for person, *told in bulk.streamed(connection, query):
        held.add(person)
        one = summaries.get(person)
        if one is None:
            gone.append((person,))
        elif one != tuple(told):
            unlike.append(person)
    if len(gone) + len(unlike) > len(held) // 2:
        drop(workspace)
        keep(workspace, summaries)
        return
    bulk.run_each(connection, "DELETE FROM store_summary WHERE person = %s", gone)
    bulk.run_each(connection, _RENEW, [(person, *summaries[person]) for person in sorted(unlike)])
    keep(workspace, {person: one for person, one in summaries.items() if person not in held})


def is_new(workspace: Workspace, account: Address, last: int) -> bool:
    """Whether an account has been named for the first time since their greatest number was ``last``; within
    the transaction that appended what names it."""
    return workspace.interning().accounts({account}).get(account, 0) > last


def acts(workspace: Workspace, accounts: Collection[Address], denied: Collection[bytes]) -> list[Act]:
    """The activities in force of these accounts, in order of time, with the records that tell of each."""
    numbers = sorted(bulk.held_accounts(workspace.connection, sorted(accounts)).values())
    return reading.acts_of(workspace.connection, numbers, denied)


def several_formats(workspace: Workspace) -> bool:
    """Whether more than one format has told of anything."""
    return len(bulk.rows(workspace.connection, "SELECT 1 FROM store_format LIMIT 2")) > 1


def told_several_times(
    workspace: Workspace, acts: Mapping[Address, int] | None = None, *, several: bool
) -> set[Address]:
    """Accounts of whose acts several records may tell: with variants, denied, or (``several``) told of by
    several formats. Of the last all with more than ``LOOKED_AT`` ``acts``, whether or not any two records are
    alike: it would take long to see."""
    connection = workspace.connection
    denied = reading.denied_keys(connection, workspace.decisions("activity.deny"))
    numbers: set[int] = set()
    query = "SELECT actor, target FROM store_record WHERE key"
    for pair in bulk.select_in(connection, query, sorted(denied)):
        numbers.update(pair)
    for pair in bulk.rows(
        connection,
        "SELECT actor, target FROM store_variant UNION "
        "SELECT r.actor, r.target FROM store_variant v JOIN store_record r ON r.key = v.key",
    ):
        numbers.update(pair)
    found = set(bulk.addresses(connection, sorted(numbers)).values()) - {""}
    return found | _told_by_several(workspace, acts or {}) if several else found


LOOKED_AT = 200
"""Acts up to which the records of somebody told of by several formats are looked at one by one."""
LOOKED_UP = 5_000
"""So many of them at most."""


def _told_by_several(workspace: Workspace, acts: Mapping[Address, int]) -> set[Address]:
    connection = workspace.connection
    ours = set(bulk.held_accounts(connection, sorted(workspace.brand())).values())
    told_most = _told_most(workspace)
    by: dict[int, set[int]] = {}
    query = "SELECT actor, target, told FROM store_record WHERE told <> %s"
    for actor, target, told in bulk.rows(connection, query, [told_most]):
        for number in (actor, target):
            if number not in ours:
                by.setdefault(number, set()).add(told)
    if len(by) > LOOKED_UP:
        # where whole sources were told otherwise than most: those of whom all was told alike
        alike = {number for number, told in by.items() if len(told) == 1}
        for side in ("actor", "target"):
            query = f"SELECT DISTINCT {side} FROM store_record WHERE told = %s"  # noqa: S608 - our own names
            alike.difference_update(number for (number,) in bulk.rows(connection, query, [told_most]))
        for number in alike:
            del by[number]
    name = {number: one for number, one in bulk.addresses(connection, sorted(by)).items() if number}
    few = [number for number, one in name.items() if acts.get(one, 0) <= LOOKED_AT][:LOOKED_UP]
    found = set(name) - set(few)
    first: dict[tuple[Any, ...], int] = {}
    for side in ("actor", "target"):
        query = f"SELECT {side}, actor, target, kind, object, told FROM store_record WHERE {side}"  # noqa: S608
        for number, *same, told in bulk.select_in(connection, query, sorted(few)):
            if same[3] and first.setdefault(tuple(same), told) != told:
                found.add(number)
    return {name[number] for number in found}


def _told_most(workspace: Workspace) -> int:
    """The formats that told of most records, about: of a few hundred that are looked at."""
    connection = workspace.connection
    ((last,),) = bulk.rows(connection, "SELECT coalesce(max(position), 0) FROM store_record")
    positions = sorted({last * part // 500 for part in range(501)})
    found = bulk.select_in(connection, "SELECT told FROM store_record WHERE position", positions)
    most = Counter(told for (told,) in found).most_common(1)
    return int(most[0][0]) if most else 0


def said_at_by(workspace: Workspace, person_of: dict[int, int]) -> dict[int, dict[str, Micros]]:
    """As ``said_at``, of each person those of the records at their positions."""
    connection = workspace.connection
    query = "SELECT position, actor, target, kind, object, at FROM store_record WHERE position"
    rows = [row for row in bulk.select_in(connection, query, sorted(person_of)) if row[4]]
    name = bulk.addresses(connection, sorted({number for row in rows for number in row[1:3]}))
    found: dict[int, dict[str, Micros]] = {}
    for position, actor, target, kind, about, at in rows:
        same = digest("\0".join((name[actor], name[target], KINDS[kind], about)))
        theirs = found.setdefault(person_of[position], {})
        theirs[same] = max(at, theirs.get(same, at))
    return found


def said_at(workspace: Workspace, positions: Collection[int]) -> dict[str, Micros]:
    """What the records at these positions have in common with another format's of the same act, as a digest,
    and the last time of each."""
    query = "SELECT actor, target, kind, object, at FROM store_record WHERE position"
    rows = [row for row in bulk.select_in(workspace.connection, query, sorted(positions)) if row[3]]
    name = bulk.addresses(workspace.connection, sorted({number for row in rows for number in row[:2]}))
    found: dict[str, Micros] = {}
    for actor, target, kind, about, at in rows:
        same = digest("\0".join((name[actor], name[target], KINDS[kind], about)))
        found[same] = max(at, found.get(same, at))
    return found


def same_act(activity: Activity) -> str:
    """What two formats' records of one act have in common, as a digest; ``""`` where they have no object."""
    if not (activity.object and activity.actor and activity.target):
        return ""
    return digest("\0".join((activity.actor, activity.target, activity.kind, activity.object)))


def digest(said: str) -> str:
    """Sixteen hexadecimal digits."""
    return blake2b(said.encode(), digest_size=8).hexdigest()


WITHIN = SAME_ACT
"""How far apart two formats' times of one act may lie."""


def write(workspace: Workspace, changes: Sequence[Change]) -> None:
    """Writes what changed of these people, and nothing else. To be called within a transaction."""
    if not changes:
        return
    connection = workspace.connection
    moves: list[tuple[str, Transition]] = []
    came = [change for change in changes if change.before is None]
    updates: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
    for change in changes:
        row, before = change.row, change.before
        if before is not None and row != before:
            unlike = tuple([i for i, now in enumerate(row) if now != before[i]])
            updates.setdefault(unlike, []).append((*[row[i] for i in unlike], row[0]))
        if change.moves:
            moves += [(row[0], move) for move in change.moves]
    if came:
        bulk.insert(connection, "store_person", tables.PERSON_COLUMNS, [change.row for change in came])
        members = [(change.account, change.row[0]) for change in came]
        bulk.insert(connection, "store_membership", ("account", "person"), members)
    for unlike, rows in updates.items():
        bulk.run_each(connection, _update(unlike), rows)
    again = [(change.row[0], change.moved_from) for change in changes if change.moved_from is not None]
    bulk.run_each(connection, "DELETE FROM store_transition WHERE person = %s AND at >= %s", again)
    bulk.run_each(connection, _RENEW, [(change.row[0], *change.summary) for change in changes])
    _write_cues(workspace, changes)
    if moves:
        ((last,),) = bulk.rows(connection, "SELECT coalesce(max(id), 0) FROM store_transition", ())
        told = [(last + i, person, *move) for i, (person, move) in enumerate(moves, 1)]
        bulk.insert(connection, "store_transition", tables.TRANSITION_COLUMNS, told)
    cues.people_changed(workspace, [change.row[0] for change in changes])


_RENEW = (
    "INSERT INTO store_summary (person, ladder, cues, recent, gaps) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (person) DO UPDATE SET ladder = excluded.ladder, cues = excluded.cues, "
    "recent = excluded.recent, gaps = excluded.gaps"
)


@lru_cache(maxsize=256)
def _update(unlike: tuple[int, ...]) -> str:
    said = ", ".join(f"{tables.PERSON_COLUMNS[i]} = %s" for i in unlike)
    return f"UPDATE store_person SET {said} WHERE id = %s"  # noqa: S608 - our own names


def _write_cues(workspace: Workspace, changes: Sequence[Change]) -> None:
    connection = workspace.connection
    missing = {(*cue[:6], KIND_CODE[cue.kind], cue.amount) for change in changes for cue in change.cues}
    gone = []
    known = [change.row[0] for change in changes if change.before is not None]  # who comes has none
    for row in bulk.select_in(connection, _CUES, known):
        held = row[1:]
        if held in missing:
            missing.remove(held)
        else:
            gone.append(row)
    if gone and missing:
        # a row that is written over costs less than one that goes and one that comes
        places: dict[tuple[str, str], list[int]] = {}
        for id, person, sort, *_ in gone:
            places.setdefault((person, sort), []).append(id)
        renewed = []
        for one in sorted(missing):
            ids = places.get(one[:2])
            if ids:
                renewed.append((*one[2:], ids.pop()))
                missing.remove(one)
        bulk.run_each(connection, _RENEW_CUE, renewed)
        bulk.run_each(connection, _DROP_CUE, [(id,) for ids in places.values() for id in ids])
    else:
        bulk.run_each(connection, _DROP_CUE, [(row[0],) for row in gone])
    if missing:
        ((last,),) = bulk.rows(connection, "SELECT coalesce(max(id), 0) FROM store_cue", ())
        rows = [(last + i, *one) for i, one in enumerate(sorted(missing), 1)]
        bulk.insert(connection, "store_cue", cues.COLUMNS, rows)


_DROP_CUE = "DELETE FROM store_cue WHERE id = %s"
_RENEW_CUE = (
    "UPDATE store_cue SET stage = %s, platform = %s, at = %s, record = %s, kind = %s, amount = %s "
    "WHERE id = %s"
)


_CUES = f"SELECT {', '.join(cues.COLUMNS)} FROM store_cue WHERE person"  # noqa: S608 - our own names


def set_seen(workspace: Workspace, position: int, at: Micros) -> None:
    """Notes that the log has come to ``position``, and that people and names have seen all of it."""
    bulk.run(
        workspace.connection,
        "UPDATE store_state SET position = %s, refreshed = %s, named = %s, refreshed_at = %s WHERE id = 1",
        (position, position, position, at),
    )


def set_position(workspace: Workspace, position: int) -> None:
    """Notes that the log has come to ``position``."""
    bulk.release_log(workspace.connection, position)


def name(workspace: Workspace, activities: Sequence[Activity]) -> bool:
    """Takes in what these activities call anybody; answers whether they call anybody anything."""
    return naming.take_in(workspace, activities)


def newcomers_between(
    workspace: Workspace, objects: dict[str, Micros], within: Micros
) -> set[Address] | None:
    """Accounts of those who may have come by a post that was passed on: ``objects`` has of each post the
    time; ``None`` where too many appeared since."""
    first = min(objects.values())
    query = (
        "SELECT m.account FROM store_person p JOIN store_membership m ON m.person = p.id "
        "WHERE p.first_at > %s AND p.first_at <= %s LIMIT 2001"
    )
    last = max(objects.values()) + within
    accounts = sorted(account for (account,) in bulk.rows(workspace.connection, query, (first, last)))
    if len(accounts) > 2_000:
        return None
    if not accounts:
        return set()
    numbers = bulk.held_accounts(workspace.connection, accounts)
    query = "SELECT actor, object, in_reply_to FROM store_record WHERE actor"
    by_number = {number: account for account, number in numbers.items()}
    return {
        by_number[actor]
        for actor, about, answering in bulk.select_in(
            workspace.connection, query, sorted(by_number), _naming(objects)
        )
        if about in objects or answering in objects
    }


def _naming(objects: Collection[str]) -> str:
    return "AND (object IS NOT NULL OR in_reply_to IS NOT NULL)" if objects else ""
