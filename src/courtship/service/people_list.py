"""The list of people, for the pages: whom a filter finds, in which order, a page at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from courtship.store import people_query, roster
from courtship.store.cues import people_stamp
from courtship.store.people_query import Filter, Person
from courtship.store.roster import Roster

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_kept: OrderedDict[tuple[str, str], tuple[str, Roster]] = OrderedDict()
_lock = threading.Lock()


def everybody(workspace: Workspace) -> Roster:
    """Everybody as of the last refresh, kept in memory until the next."""
    key = (str(workspace.home), workspace.name)
    now = people_stamp(workspace)
    with _lock:
        kept = _kept.get(key)
        if kept and kept[0] == now:
            _kept.move_to_end(key)
            return kept[1]
    made = roster.read(workspace)
    with _lock:
        _kept[key] = (now, made)
        while len(_kept) > 4:
            _kept.popitem(last=False)
    return made


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
    return int(np.count_nonzero(everybody(workspace).find(Filter(introduced=person))))
