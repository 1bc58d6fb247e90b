"""Tells whoever listens in this process that something was heard: pages that are open, and the notifier.

Whoever writes (a connection, the webhook, an import) calls ``publish`` when the derived tables have it. What
another process writes is noticed by looking at the log's position once a second, while anybody listens.
Nothing is told twice and nothing between two tellings is left out: each says from which position it goes on,
and they come in the order of the log.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from courtship.errors import CourtshipError
from courtship.model import Micros
from courtship.store.log import heard as told

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

EVERY = 1.0
"""Seconds between two looks at the log's position."""

PATIENCE = 3.0
"""Seconds after which what is in the log is told of although nobody has brought the people's tables up."""

log = logging.getLogger("courtship.heard")


class Heard(NamedTuple):
    """What came to the log after position ``since`` up to ``position``.

    ``people`` are the ids of the persons that it concerns, ``kinds`` the kinds of their new activities;
    ``at`` is when it was noticed (UTC microseconds). Empty where only posts, profiles or decisions came.
    """

    since: int
    position: int
    people: frozenset[str]
    kinds: frozenset[str]
    at: Micros


Listener = Callable[[Heard], None]


class _Watched:
    """One workspace that somebody listens to."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.position = workspace.position()
        self.behind_since: float | None = None
        self.listeners: list[Listener] = []
        self.lock = threading.RLock()
        self.ended = threading.Event()


_watched: dict[tuple[str, str], _Watched] = {}
_lock = threading.Lock()


def subscribe(workspace: Workspace, listener: Listener) -> Callable[[], None]:
    """Calls ``listener`` whenever something was heard; answers what ends it.

    It is called in the thread of whoever noticed, one after the other: it must be quick and hand on (a queue,
    an event loop's ``call_soon_threadsafe``). What it raises is logged and stops nobody.
    """
    key = _key(workspace)
    with _lock:
        watched = _watched.get(key)
        if watched is None:
            watched = _watched[key] = _Watched(workspace)
            threading.Thread(target=_watch, args=(key, watched), name="courtship-heard", daemon=True).start()
        watched.listeners.append(listener)

    def end() -> None:
        with _lock:
            if listener in watched.listeners:
                watched.listeners.remove(listener)
            if not watched.listeners and _watched.get(key) is watched:
                del _watched[key]
                watched.ended.set()

    return end


def publish(workspace: Workspace) -> None:
    """Says that the log and the people's tables have moved: whoever listens is told at once.

    Cheap where nobody does. Call it outside of a transaction, after what was written is committed.
    """
    watched = _watched.get(_key(workspace))
    if watched is not None:
        _tell(watched, workspace)


def _tell(watched: _Watched, workspace: Workspace) -> None:
    with watched.lock:
        now = told.moved(workspace)
        if now.position <= watched.position:
            return
        what = told.since(workspace, watched.position, now.position)
        heard = Heard(watched.position, now.position, what.people, what.kinds, time.time_ns() // 1000)
        watched.position = now.position
        watched.behind_since = None
        # with the lock held: of two threads that notice at once the later must not overtake the earlier, or
        # a page that goes on from the last event it had would leave the other out
        for listener in list(watched.listeners):
            try:
                listener(heard)
            except Exception:
                log.exception("somebody who was told of what was heard stumbled")


def _watch(key: tuple[str, str], watched: _Watched) -> None:
    """Looks for what other processes wrote."""
    workspace = watched.workspace
    try:
        while not watched.ended.wait(EVERY):
            try:
                _look(watched, workspace)
            except CourtshipError as error:  # a database that is away comes back
                log.warning("the log could not be looked at: %s", error)
                workspace.close()
    finally:
        workspace.close()


def _look(watched: _Watched, workspace: Workspace) -> None:
    now = told.moved(workspace)
    if now.position <= watched.position:
        watched.behind_since = None
        return
    began = watched.behind_since
    if began is None:
        began = watched.behind_since = time.monotonic()
    if now.refreshed >= now.position or time.monotonic() - began >= PATIENCE:
        _tell(watched, workspace)


def _key(workspace: Workspace) -> tuple[str, str]:
    return (str(workspace.home), workspace.name)
