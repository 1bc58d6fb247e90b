"""The tables of people written: row by row what they do not say yet, and nothing else.

What is right already is read and left: a refresh that finds little new writes little, and of a person of whom
one thing is otherwise that one is written, with the indexes that have it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from courtship.model import Address
from courtship.store import bulk
from courtship.store.derived import cues
from courtship.store.derived.tables import PERSON_COLUMNS, TRANSITION_COLUMNS, PersonTold, rows_of
from courtship.store.workspace import Workspace


def write(
    workspace: Workspace,
    people: Mapping[str, PersonTold],
    gone: Collection[str] | None = None,
    *,
    by_clock: bool = False,
) -> int:
    """Makes the tables say this of these people; answers of how many people anything changed.

    ``gone`` are people who are no more; ``None`` says that ``people`` are all there are. ``by_clock``: the
    log is as it was, only time has passed. To be called within a transaction.
    """
    of = None if gone is None else {*people, *gone}
    held, unlike = _write_rows(workspace, people, of)
    unlike |= _write_accounts(workspace, people, of)
    unlike |= _write_moves(workspace, people, of)
    came, removed = people.keys() - held, held - people.keys()
    unlike |= came | removed
    if unlike:
        cues.people_changed(workspace, unlike, by_clock=by_clock and not came and not removed)
    return len(unlike)


def _write_rows(
    workspace: Workspace, people: Mapping[str, PersonTold], of: Collection[str] | None
) -> tuple[set[str], set[str]]:
    """Who was there, and whose rows were written over."""
    held: set[str] = set()
    unlike: set[str] = set()
    updates: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
    for before in rows_of(workspace, PERSON_COLUMNS, "store_person", "id", of):
        id = before[0]
        held.add(id)
        told = people.get(id)
        if told is None or told.row == before:
            continue
        row = told.row
        columns = tuple([i for i, value in enumerate(row) if value != before[i]])
        updates.setdefault(columns, []).append((*[row[i] for i in columns], id))
        unlike.add(id)
    connection = workspace.connection
    _delete(workspace, "store_person", "id", held - people.keys())
    for columns, values in sorted(updates.items()):
        bulk.run_each(connection, _update(columns), values)
    came = sorted(people.keys() - held)
    with bulk.indexed_after(connection, "store_person", len(came)):
        bulk.insert(connection, "store_person", PERSON_COLUMNS, [people[id].row for id in came])
    return held, unlike


def _write_accounts(
    workspace: Workspace, people: Mapping[str, PersonTold], of: Collection[str] | None
) -> set[str]:
    """Whose accounts were others."""
    missing: dict[Address, str] = {account: id for id, told in people.items() for account in told.accounts}
    wrong: list[Address] = []
    unlike: set[str] = set()
    for account, person in rows_of(workspace, ("account", "person"), "store_membership", "person", of):
        if missing.get(account) == person:
            del missing[account]
        else:
            wrong.append(account)
            unlike.add(person)
    unlike.update(missing.values())
    # an account may come from a person who changes only here
    _delete(workspace, "store_membership", "account", wrong if of is None else {*wrong, *missing})
    with bulk.indexed_after(workspace.connection, "store_membership", len(missing)):
        bulk.insert(workspace.connection, "store_membership", ("account", "person"), sorted(missing.items()))
    return unlike


def _write_moves(
    workspace: Workspace, people: Mapping[str, PersonTold], of: Collection[str] | None
) -> set[str]:
    """Whose changes of stage were others."""
    unlike: set[str] = set()
    places: dict[str, int] = {}
    for move in rows_of(workspace, TRANSITION_COLUMNS, "store_transition", "person", of):
        person = move[1]
        told = people.get(person)
        place = places.get(person, 0)
        if told is None or place >= len(told.transitions) or told.transitions[place] != move[2:]:
            unlike.add(person)
        places[person] = place + 1
    unlike.update(id for id, told in people.items() if places.get(id, 0) != len(told.transitions))
    _delete(workspace, "store_transition", "person", unlike & places.keys())
    connection = workspace.connection
    ((last,),) = bulk.rows(connection, "SELECT coalesce(max(id), 0) FROM store_transition")
    moves = [(id, move) for id in sorted(unlike & people.keys()) for move in people[id].transitions]
    rows = [(number, id, *move) for number, (id, move) in enumerate(moves, int(last) + 1)]
    with bulk.indexed_after(connection, "store_transition", len(rows)):
        bulk.insert(connection, "store_transition", TRANSITION_COLUMNS, rows)
    return unlike


def _delete(workspace: Workspace, table: str, column: str, values: Iterable[str]) -> None:
    query = f"DELETE FROM {table} WHERE {column} = %s"  # noqa: S608 - our own names
    bulk.run_each(workspace.connection, query, [(value,) for value in sorted(values)])


@lru_cache(maxsize=256)
def _update(columns: tuple[int, ...]) -> str:
    said = ", ".join(f"{PERSON_COLUMNS[i]} = %s" for i in columns)
    return f"UPDATE store_person SET {said} WHERE id = %s"  # noqa: S608 - our own names
