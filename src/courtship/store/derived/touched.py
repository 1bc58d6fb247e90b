"""Whom each change of the people's tables touched, as far as this process made it.

The tables bear two random words (``cues.people_stamp`` and ``cues.people_clock``), new ones with each change.
A step leads from one pair to the next and says whom it touched; what is kept in memory of everybody is taken
on by the steps that lead to where the tables are. Where others wrote in between no chain of steps leads
there, and everybody is read. A step that was taken back leads to a pair that the tables never bear.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from typing import Final, NamedTuple

MOST: Final = 500
"""So many people at most are read anew by themselves; beyond, everybody is."""
KEPT: Final = 20_000
"""Steps kept, of all workspaces together."""


class Stand(NamedTuple):
    """What the people's tables bear: see ``cues.people_stamp`` and ``cues.people_clock``."""

    stamp: str
    clock: str


_steps: OrderedDict[tuple[str, Stand], tuple[Stand, frozenset[str]]] = OrderedDict()
_lock = threading.Lock()


def note(alias: str, before: Stand, after: Stand, people: Collection[str]) -> None:
    """The tables of the workspace went from ``before`` to ``after``, where only these people changed."""
    if len(people) > MOST:
        return
    with _lock:
        _steps[alias, after] = (before, frozenset(people))
        while len(_steps) > KEPT:
            _steps.popitem(last=False)


def between(alias: str, before: Stand, after: Stand) -> frozenset[str] | None:
    """Who changed from the one to the other; ``None`` where that is not known, or where they are many."""
    found: set[str] = set()
    with _lock:
        while after != before:
            step = _steps.get((alias, after))
            if step is None:
                return None
            after, people = step
            found |= people
            if len(found) > MOST:
                return None
    return frozenset(found)


def forget_all() -> None:
    """Forgets every step (for tests)."""
    with _lock:
        _steps.clear()
