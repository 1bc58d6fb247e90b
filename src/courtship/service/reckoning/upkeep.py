"""Keeps the derived tables up to the log and the clock while pages are asked for."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from courtship.model import Micros
from courtship.service.content import posts
from courtship.service.importing import jobs
from courtship.service.people import people_list
from courtship.service.reckoning import movement, readying
from courtship.service.reckoning.refresh import fresh, lapse
from courtship.store.derived import post_acts, tables

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

AT_ONCE = 150_000
"""Records up to which a page waits; above, it is done in the background and the page shows what was."""
EVERY: Micros = 60_000_000
"""A log that has not moved is looked at again after so long: stages lapse as time goes by."""

LAPSES = 25
"""Accounts up to which lapses are reckoned while a page waits."""

_looked: dict[tuple[str, str], tuple[int, Micros]] = {}
_under_way: set[tuple[str, str]] = set()
_lock = threading.Lock()


def keep_up(workspace: Workspace, *, now: Micros) -> None:
    """Refreshes what is behind, at once where that is quick."""
    if jobs.busy(workspace):
        return
    key = (str(workspace.home), workspace.name)
    position = workspace.position()
    looked = _looked.get(key)
    if looked is not None and looked[0] == position and looked[1] <= now < looked[1] + EVERY:
        # the kernel takes seconds to load: who first needs it, does so in the background
        if key not in _under_way and "courtship.lifecycle.kernel" in sys.modules:
            due = tables.next_lapse(workspace)
            if due is not None and due <= now:
                lapse(workspace, now=now, most=LAPSES)
        return
    if key in _under_way:
        return
    if post_acts.records(workspace) <= AT_ONCE:
        fresh(workspace, now=now)
        _looked[key] = (workspace.position(), now)
        return
    with _lock:
        if key in _under_way:
            return
        _under_way.add(key)
    _looked[key] = (position, now)

    def later() -> None:
        try:
            if fresh(workspace, now=now) is not None:
                _look_ahead(workspace, now)
        finally:
            _under_way.discard(key)
            workspace.close()

    jobs.in_background(later)


def _look_ahead(workspace: Workspace, now: Micros) -> None:
    """What pages of the whole audience keep in memory is made before the next of them is asked for."""
    people_list.everybody(workspace)
    movement.history(workspace)
    readying.read_those_of_many(workspace)
    posts.page(workspace, now=now, limit=1)
