"""Answers kept in this process's memory for as long as what they rest on stays."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 64
"""Answers kept, of all workspaces together; the one that was asked for longest ago goes first."""

_kept: OrderedDict[tuple[str, str], tuple[str, Any]] = OrderedDict()
_lock = threading.Lock()


def remembered(alias: str, what: str, stamp: str, make: Callable[[], T]) -> T:
    """What ``make`` answered when the stamp was this one; made where it was another. Not to be changed.

    ``alias`` is the workspace's. The stamp is to be read before ``make`` reads: what changes in between is
    then made anew the next time.
    """
    key = (alias, what)
    with _lock:
        held = _kept.get(key)
        if held is not None and held[0] == stamp:
            _kept.move_to_end(key)
            found: T = held[1]
            return found
    made = make()
    with _lock:
        _kept[key] = (stamp, made)
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made
