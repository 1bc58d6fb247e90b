"""What is reckoned from the people's tables as a whole, kept in memory while these stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from courtship.service.importing import jobs
from courtship.store.derived.cues import people_clock, people_stamp
from courtship.store.remembering import renewed

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

T = TypeVar("T")

AT_ONCE = 150_000
"""Records up to which what the passing of time changes is made anew while one waits."""


def kept_while_people_stay(workspace: Workspace, what: str, make: Callable[[], T]) -> T:
    """What ``make`` answered when people were as they are. Of a large audience where only time has passed (a
    stage has lapsed, a new day has come), the last answer once more, while a new one is made in the
    background."""
    stamp, clock = people_stamp(workspace), people_clock(workspace)
    if workspace.position() <= AT_ONCE:
        stamp = f"{stamp} {clock}"

    def in_background(renew: Callable[[], None]) -> None:
        def task() -> None:
            try:
                renew()
            finally:
                workspace.close()

        jobs.in_background(task)

    return renewed(workspace.alias, what, stamp, clock, make, in_background)
