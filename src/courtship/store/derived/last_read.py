"""What a connection has itself read and written of people's rows, good as long as nobody else has written.

Within a transaction SQLite says whether another connection has committed anything since, in this process or
another (``PRAGMA data_version``, https://www.sqlite.org/pragma.html#pragma_data_version), and it counts the
rows that this one has changed, also those taken back. While both are as they were when the last event was
committed, what was read and written then is what is there, and need not be asked for again. On PostgreSQL
nothing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from courtship.store import bulk

if TYPE_CHECKING:
    from courtship.model import Address
    from courtship.store.derived.summaries import Person, State
    from courtship.store.workspace import Workspace

MOST = 2_000
"""People kept at most, some ten megabytes."""


class LastRead:
    """``state`` as it was left, where that is known; ``people`` by id, ``person_of`` accounts, ``cues`` the
    rows of a person in that table. Nothing in it is changed in place."""

    __slots__ = ("_raw", "cues", "people", "person_of", "stamp", "state", "version")

    def __init__(self, raw: Any) -> None:
        self._raw = raw  # held, so that no other connection is taken for this one
        self.stamp: tuple[int, int] | None = None
        self.version = 0
        self.state: State | None = None
        self.people: dict[str, Person] = {}
        self.person_of: dict[Address, str] = {}
        self.cues: dict[str, list[tuple[Any, ...]]] = {}

    def is_good(self, raw: Any, version: int) -> bool:
        """Whether this connection, which sees this version of the database, has left it so."""
        return self._raw is raw and self.stamp == (version, raw.total_changes) and len(self.people) <= MOST


def begin(workspace: Workspace) -> LastRead:
    """What is still good, within the transaction that holds the lock; until ``committed`` says that all which
    was put into it is on the disk, it is good for this transaction alone."""
    connection = workspace.connection
    raw = connection.connection
    if not bulk.sqlite(connection):
        return _put(workspace, LastRead(raw))
    (version,) = raw.execute("PRAGMA data_version").fetchone()
    held = of(workspace)
    if not held.is_good(raw, version):
        held = _put(workspace, LastRead(raw))
    held.version, held.stamp = version, None
    return held


def of(workspace: Workspace) -> LastRead:
    """As ``begin`` has answered."""
    held: LastRead | None = getattr(workspace.connection, "courtship_last_read", None)
    return _put(workspace, LastRead(None)) if held is None else held


def committed(workspace: Workspace, state: State | None) -> None:
    """The transaction is committed, by which the tables are as noted, and the log's state this (``None``: not
    known). To be called before this connection does anything else."""
    connection = workspace.connection
    if bulk.sqlite(connection) and not connection.in_atomic_block:
        held = of(workspace)
        held.state, held.stamp = state, (held.version, connection.connection.total_changes)


def _put(workspace: Workspace, held: LastRead) -> LastRead:
    workspace.connection.courtship_last_read = held  # type: ignore[attr-defined]
    return held
