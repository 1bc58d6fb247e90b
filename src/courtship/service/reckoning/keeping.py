"""What is reckoned from the people's tables as a whole, kept in memory while these stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from courtship.service.importing import jobs
from courtship.store.derived.cues import people_stand
from courtship.store.derived.touched import Stand, between
from courtship.store.remembering import keep, look, renewed

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

T = TypeVar("T")

AT_ONCE = 150_000
"""Records up to which what the passing of time changes is made anew while one waits."""


def kept_while_people_stay(
    workspace: Workspace,
    what: str,
    make: Callable[[], T],
    take_on: Callable[[T, frozenset[str]], T] | None = None,
) -> T:
    """What ``make`` answered when people were as they are. Of a large audience where only time has passed (a
    stage has lapsed, a new day has come), the last answer once more, while a new one is made in the
    background.

    ``take_on`` makes it of the last answer and of who changed since, where this process knows that.
    """
    stand = people_stand(workspace)
    stamp, clock = stand
    if workspace.position() <= AT_ONCE:
        stamp = f"{stamp} {clock}"
    held = look(workspace.alias, what) if take_on is not None else None
    if take_on is not None and held is not None and held[:2] != (clock, stamp):
        people = between(workspace.alias, Stand(held[1].partition(" ")[0], held[0]), stand)
        if people is not None:
            made = take_on(held[2], people)
            keep(workspace.alias, what, stamp, clock, made)
            return made

    def in_background(renew: Callable[[], None]) -> None:
        def task() -> None:
            try:
                renew()
            finally:
                workspace.close()

        jobs.in_background(task)

    return renewed(workspace.alias, what, stamp, clock, make, in_background)
