"""What came to the log after a position, in a few words: whom it concerns and of what kinds it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from courtship.store import bulk, databases
from courtship.store.log import changes
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class Moved(NamedTuple):
    """The log's last position, and the one that the people's tables have seen."""

    position: int
    refreshed: int


class Concerned(NamedTuple):
    """Ids of persons, and kinds of activities."""

    people: frozenset[str]
    kinds: frozenset[str]


def moved(workspace: Workspace) -> Moved:
    """How far the log and the people's tables are: one row."""
    with databases.failures("reading the workspace"), workspace.connection.cursor() as cursor:
        cursor.execute("SELECT position, refreshed FROM store_state WHERE id = 1")
        return Moved(*cursor.fetchone())


def since(workspace: Workspace, since: int, until: int) -> Concerned:
    """Whom the log after ``since`` concerns, as the people's tables know them, and the kinds of activities
    on (``since``, ``until``]."""
    with databases.failures("reading the workspace"):
        connection = workspace.connection
        numbers = sorted(changes.changed_accounts(connection, since))
        accounts = sorted(set(bulk.addresses(connection, numbers).values()) - {""})
        query = "SELECT person FROM store_membership WHERE account"
        people = frozenset(str(person) for (person,) in bulk.select_in(connection, query, accounts))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT kind FROM store_record WHERE position > %s AND position <= %s",
                [since, until],
            )
            kinds = frozenset(KINDS[kind] for (kind,) in cursor.fetchall())
    return Concerned(people, kinds)
