"""The table of what was said to the brand lately and how long each answer took (derived)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.model import Address, Micros
from courtship.store import bulk, databases
from courtship.store.derived import cues
from courtship.vocabulary import KIND_CODE, KINDS

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NAME = "replies"
_COLUMNS = ("id", "person", "account", "at", "kind", "record", "waited")


class Reply(NamedTuple):
    """``waited``: microseconds until the brand's next act towards the person, -1 where there is none yet."""

    person: str
    account: Address
    at: Micros
    kind: str
    record: int
    waited: Micros


def seen(workspace: Workspace, scheme: str) -> int:
    """The log's position that the table has seen by these rules; -1: made by others, or never."""
    kept = cues.kept(workspace, NAME)
    return int(kept[1]) if kept is not None and kept[0] == scheme else -1


def related(workspace: Workspace, accounts: Collection[Address]) -> set[Address]:
    """These accounts and all others of the persons whose they are, as the people's tables and this table
    have it."""
    connection, found = workspace.connection, set(accounts)
    with databases.failures("reading the workspace"):
        persons = set(cues.persons_of(workspace, found).values())
        query = "SELECT DISTINCT person FROM store_reply WHERE account"
        persons |= {row[0] for row in bulk.select_in(connection, query, sorted(found))}
        query = "SELECT DISTINCT account FROM store_reply WHERE person"
        found |= {row[0] for row in bulk.select_in(connection, query, sorted(persons))}
    for held in cues.accounts_of(workspace, persons).values():
        found |= set(held)
    return found


def replace(
    workspace: Workspace,
    rows: Iterable[Reply],
    accounts: Collection[Address] | None,
    *,
    scheme: str,
    position: int,
) -> None:
    """Puts these rows in place of all, or of those of ``accounts``; ``position``: what the table has seen."""
    connection = workspace.connection
    with workspace.transaction(), connection.cursor() as cursor:
        if accounts is None:
            cursor.execute("DELETE FROM store_reply")
        else:
            cursor.executemany(
                "DELETE FROM store_reply WHERE account = %s", [(one,) for one in sorted(accounts)]
            )
        cursor.execute("SELECT coalesce(max(id), 0) FROM store_reply")
        last = int(cursor.fetchone()[0])
        made = [
            (last + number, one.person, one.account, one.at, KIND_CODE[one.kind], one.record, one.waited)
            for number, one in enumerate(rows, 1)
        ]
        bulk.insert(connection, "store_reply", _COLUMNS, made)
        cues.keep(workspace, NAME, scheme, str(position))


def everything(workspace: Workspace) -> list[Reply]:
    """Every row, sorted."""
    query = "SELECT person, account, at, kind, record, waited FROM store_reply"
    return sorted(Reply._make((*row[:3], KINDS[row[3]], *row[4:])) for row in _rows(workspace, query))


_OF_PEOPLE = (
    "SELECT person, stage, account, at, kind, record, waited FROM store_reply "
    "JOIN store_person ON store_person.id = person WHERE set_aside = '' AND stage <> 'parted' AND "
)
Row = tuple[str, str, str, Micros, int, int, Micros]
"""(person, stage, account, at, kind as its code, record, waited)."""


def of_people(workspace: Workspace, since: Micros) -> list[Row]:
    """What was said at ``since`` or later by whoever counts, in no order."""
    return _rows(workspace, f"{_OF_PEOPLE} at >= %s", [since])


def of_accounts(workspace: Workspace, accounts: Collection[Address], since: Micros) -> list[Row]:
    """The same of these accounts."""
    with databases.failures("reading the workspace"):
        found = bulk.select_in(workspace.connection, f"{_OF_PEOPLE} account", sorted(accounts))
        return [(*row[:6], row[6]) for row in found if row[3] >= since]


def _rows(workspace: Workspace, query: str, values: Collection[Any] = ()) -> list[Any]:
    with databases.failures("reading the workspace"), workspace.connection.cursor() as cursor:
        cursor.execute(query, list(values))
        return list(cursor.fetchall())
