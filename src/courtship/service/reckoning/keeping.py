"""What is reckoned from the people's tables as a whole, kept in memory while these stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from courtship.service.importing import jobs
from courtship.store.derived.cues import people_stand
from courtship.store.derived.touched import MOST, Stand, between
from courtship.store.log import heard
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


class Since(NamedTuple):
    """Up to where something was read: the people's tables were at ``stand``, the log at ``position``."""

    stand: Stand
    position: int

    @classmethod
    def now(cls, workspace: Workspace) -> Since:
        """To be read before what it speaks of."""
        return cls(people_stand(workspace), workspace.position())

    def concerned(self, workspace: Workspace, until: Since) -> frozenset[str] | None:
        """Whose rows changed, or of whom the log says more; ``None`` where that is not known or many are."""
        if self == until:
            return frozenset()
        people = between(workspace.alias, self.stand, until.stand)
        if people is None or until.position - self.position > MOST:
            return None
        return people | heard.since(workspace, self.position, until.position).people


def taken_on(
    workspace: Workspace,
    what: str,
    rests: str,
    read: Callable[[], T],
    mend: Callable[[T, Collection[str]], T],
) -> T:
    """What ``read`` answered when what it ``rests`` on was this, kept in memory; ``mend`` makes it anew of
    the last answer and of those of whom something changed since. Not to be changed."""
    here = Since.now(workspace)
    held = look(workspace.alias, what)
    before: tuple[str, Since, T] | None = held[2] if held is not None else None
    made: T
    people = before[1].concerned(workspace, here) if before is not None and before[0] == rests else None
    if before is None or people is None:
        made = read()
    elif people:
        made = mend(before[2], people)
    else:
        made = before[2]
    if before is None or (before[0], before[1]) != (rests, here):
        keep(workspace.alias, what, "", "", (rests, here, made))
    return made
