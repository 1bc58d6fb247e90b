"""The list of people, for the pages: whom a filter finds, in which order, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from courtship.service.reckoning.keeping import kept_while_people_stay
from courtship.store.derived import cues, people_query, roster
from courtship.store.derived.people_query import Filter, Person
from courtship.store.derived.roster import Roster

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def everybody(workspace: Workspace) -> Roster:
    """Everybody as the tables have them, kept in memory and taken on by those who changed; what time alone
    changes comes to it in the background."""
    return kept_while_people_stay(
        workspace,
        "everybody",
        lambda: roster.read(workspace),
        lambda held, people: roster.taken_on(workspace, held, people),
    )


def page(
    workspace: Workspace,
    wanted: Filter,
    *,
    sort: str,
    descending: bool,
    ladder: Sequence[str],
    offset: int,
    limit: int,
) -> tuple[list[Person], int]:
    """One page of those whom the filter finds, and how many they are. Beyond the end: the last page."""
    held = everybody(workspace)
    found = held.find(wanted)
    order = held.order(sort, descending, ladder)
    chosen = order[found[order]]
    total = len(chosen)
    if offset >= total:
        offset = max(0, (total - 1) // limit * limit)
    ids = [held.ids[number] for number in chosen[offset : offset + limit].tolist()]
    rows = people_query.by_ids(workspace, ids)
    return [rows[id] for id in ids if id in rows], total


def introduced_by(workspace: Workspace, person: str) -> int:
    """How many people somebody has introduced."""
    return len(cues.introduced(workspace, [person]))
