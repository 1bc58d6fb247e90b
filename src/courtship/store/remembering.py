"""Answers kept in this process's memory for as long as what they rest on stays."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 64
"""Answers kept, of all workspaces together; the one that was asked for longest ago goes first."""

_renewing: set[tuple[str, str]] = set()
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


def renewed(
    alias: str,
    what: str,
    stamp: str,
    clock: str,
    make: Callable[[], T],
    in_background: Callable[[Callable[[], None]], None],
) -> T:
    """As ``remembered``; where only the ``clock`` is another, what there is is answered once more, and made
    anew ``in_background``."""
    key = (alias, what)
    with _lock:
        held = _kept.get(key)
        if held is None or held[1][0] != stamp:
            held = None
        elif held[0] != clock and key not in _renewing:
            _renewing.add(key)
            in_background(lambda: _renew(key, stamp, clock, make))
    if held is not None:
        found: T = held[1][1]
        return found
    return _made(key, stamp, clock, make)


def look(alias: str, what: str) -> tuple[str, str, Any] | None:
    """What ``renewed`` keeps: the clock, the stamp, and the answer."""
    with _lock:
        held = _kept.get((alias, what))
    return None if held is None else (held[0], held[1][0], held[1][1])


def keep(alias: str, what: str, stamp: str, clock: str, made: Any) -> None:
    """Keeps an answer for ``renewed``."""
    key = (alias, what)
    with _lock:
        _kept[key] = (clock, (stamp, made))
        _kept.move_to_end(key)


def _renew(key: tuple[str, str], stamp: str, clock: str, make: Callable[[], T]) -> None:
    try:
        _made(key, stamp, clock, make)
    finally:
        _renewing.discard(key)


def _made(key: tuple[str, str], stamp: str, clock: str, make: Callable[[], T]) -> T:
    made = make()
    with _lock:
        _kept[key] = (clock, (stamp, made))
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def forget_all() -> None:
    """Forgets every answer that is kept (for tests)."""
    with _lock:
        _kept.clear()
