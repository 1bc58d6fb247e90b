"""Who said a word, for the search on every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from courtship.service.importing import jobs
from courtship.store.derived import words_query

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_under_way: set[tuple[str, str]] = set()


def people_who_said(workspace: Workspace, words: str) -> frozenset[str]:
    """The ids of people who used all of these words in one act, at most 2,000."""
    key = (str(workspace.home), workspace.name)

    def later(task: Callable[[], None]) -> None:
        if key in _under_way:
            return
        _under_way.add(key)

        def done() -> None:
            try:
                task()
            finally:
                _under_way.discard(key)
                workspace.close()

        jobs.in_background(done)

    return words_query.people_who_said(workspace, words, later)
