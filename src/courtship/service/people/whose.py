"""Which person an id means now: after a merge older ids keep answering."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from courtship.people.identity import person_id
from courtship.store.derived import cues as table

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def people_now(workspace: Workspace, refs: Collection[str]) -> dict[str, str]:
    """Each of these person's ids and accounts -> the id of the person it now is; those of nobody left out.

    An id that is nobody's own any more is that of an account which is now one of several of a person's, so
    only such accounts are looked through.
    """
    accounts = {ref for ref in refs if ":" in ref}
    ids = set(refs) - accounts
    found = {one: one for one in table.who_is_there(workspace, ids)}
    if accounts:
        found |= table.persons_of(workspace, accounts)
    if older := ids - found.keys():
        joined = {person_id(account): person for account, person in table.accounts_of_several(workspace)}
        found |= {one: joined[one] for one in older if one in joined}
    return found
