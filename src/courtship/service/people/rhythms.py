"""Who has a keep-in-touch rhythm and when a word is due, soonest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.model import DAY, Micros, Post
from courtship.service.people import deciding
from courtship.service.people.whose import people_now
from courtship.store.derived import people_query

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MOST = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A person with a rhythm; ``due_at`` is when the ideal gap since the last contact is over."""

    person: people_query.Person
    ideal_days: int
    longest_days: int
    due_at: Micros


def due(workspace: Workspace, *, now: Micros) -> list[Due]:
    """Everybody with a rhythm of their own or by a tag, the longest due first, at most 200."""
    found: dict[str, tuple[int, int]] = {}
    held = deciding.rhythms(workspace)
    tags = deciding.tagged_now(workspace)
    for person, theirs in tags.items():
        by_tag = sorted(held[f"tag:{tag}"] for tag in theirs if f"tag:{tag}" in held)
        if by_tag:
            found[person] = by_tag[0]
    own = {subject: rhythm for subject, rhythm in held.items() if not subject.startswith("tag:")}
    now_of = people_now(workspace, own)
    found |= {now_of.get(subject, subject): rhythm for subject, rhythm in own.items()}
    people = people_query.by_ids(workspace, found)
    rows = [
        Due(person, *found[id], (person.last_contact_at or person.first_at) + found[id][0] * DAY)
        for id, person in people.items()
        if not person.set_aside
    ]
    return sorted(rows, key=lambda row: (row.due_at, row.person.id))[:MOST]


def posts_between(workspace: Workspace, start: Micros, end: Micros) -> list[Post]:
    """The brand's posts within [start, end], newest first."""
    return [post for post in reversed(workspace.posts(workspace.brand())) if start <= post.at <= end]
