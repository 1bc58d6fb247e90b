"""Who is whom, as last refreshed: accounts to persons and back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from courtship.model import Address
from courtship.store import databases

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_AT_ONCE = 500


def person_of(workspace: Workspace, account: Address) -> str | None:
    """The id of the person who holds ``account``, or ``None`` where nobody does."""
    rows = _rows(workspace, "SELECT person FROM store_membership WHERE account = %s", [account])
    return str(rows[0][0]) if rows else None


def accounts_of(workspace: Workspace, person: str) -> list[Address]:
    """The accounts of the person with that id, sorted; none where there is no such person."""
    query = "SELECT account FROM store_membership WHERE person = %s"
    return sorted(str(account) for (account,) in _rows(workspace, query, [person]))


def account_with_id(workspace: Workspace, id: str, id_of: Callable[[Address], str]) -> Address | None:
    """The account whose id, by ``id_of``, is ``id``; ``None`` where there is none.

    A person's own id is found at once; an older one by going through all accounts.
    """
    for account in accounts_of(workspace, id):
        if id_of(account) == id:
            return account
    for (account,) in _rows(workspace, "SELECT account FROM store_membership", []):
        if id_of(account) == id:
            return str(account)
    return None


def memberships(workspace: Workspace, people: Collection[str] | None = None) -> dict[str, list[Address]]:
    """Person -> accounts, sorted; of these people or of all."""
    query = "SELECT person, account FROM store_membership"
    rows: list[tuple[Any, ...]] = []
    if people is None:
        rows = _rows(workspace, query, [])
    else:
        wanted = sorted(people)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            rows += _rows(workspace, f"{query} WHERE person IN ({', '.join(['%s'] * len(some))})", [*some])
    found: dict[str, list[Address]] = {}
    for person, account in rows:
        found.setdefault(str(person), []).append(str(account))
    for accounts in found.values():
        accounts.sort()
    return found


def set_aside_count(workspace: Workspace) -> int:
    """How many people are in no count."""
    return int(_rows(workspace, "SELECT count(*) FROM store_person WHERE set_aside <> ''", [])[0][0])


def _rows(workspace: Workspace, query: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
    with databases.failures("reading the workspace"), workspace.connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
