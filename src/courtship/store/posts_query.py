"""The brand's posts with what is reckoned of each, paged and sorted in memory: a brand has thousands at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class Credit(NamedTuple):
    """What came of one post: people who acted on it, their acts, and by stage reached (parts, shared in)."""

    people: int
    acts: int
    parts: int
    credits: dict[str, tuple[int, int]]


def credits_of(workspace: Workspace) -> dict[str, Credit]:
    """All posts that anybody acted on, by object."""
    from courtship.store.models import PostCredit

    with workspace.chosen():
        rows = PostCredit.objects.values_list("object", "people", "acts", "parts", "credits")
        return {
            str(name): Credit(
                people,
                acts,
                parts,
                {stage: (int(a), int(b)) for stage, (a, b) in orjson.loads(credits).items()},
            )
            for name, people, acts, parts, credits in rows
        }
