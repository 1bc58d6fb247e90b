"""Cues and people as last refreshed, from the store's tables."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from courtship.model import Micros, Post
from courtship.store.derived import cues as table
from courtship.store.derived.cues import Cue, Standing, Told

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class AtPresent:
    """``gathering.Source`` of a workspace; every answer is a bounded query."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def find(self, sort: str, **asked: Any) -> list[Cue]:
        return table.find(self._workspace, sort, **asked)

    def overdue(self, **asked: Any) -> list[Cue]:
        return table.overdue(self._workspace, **asked)

    def lapsing(self, **asked: Any) -> list[Standing]:
        return table.lapsing(self._workspace, **asked)

    def of_people(self, sort: str, people: Collection[str]) -> list[Cue]:
        return table.of_people(self._workspace, sort, people)

    def standings(self, people: Collection[str]) -> dict[str, Standing]:
        return table.standings(self._workspace, people)

    def told(self, positions: Collection[int]) -> dict[int, Told]:
        return table.told(self._workspace, positions)

    def posts_named(self, objects: Collection[str]) -> dict[str, Post]:
        return table.posts_named(self._workspace, objects)

    def people_by_platform(self) -> dict[str, int]:
        return table.people_by_platform(self._workspace)

    def introduced(self, people: Collection[str]) -> list[tuple[str, Micros]]:
        return table.introduced(self._workspace, people)
