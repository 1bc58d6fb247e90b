"""What a connector is: one live way to one platform or protocol, from the owner's settings to batches of
records.

A connector is a module in this package with one value, ``CONNECTOR``; the registry lists it with one import.
It stands on the same pure mappings in ``courtship.platforms`` as the file sources. It knows no database and
no Django: it is handed a `Session` and yields a `Batch` whenever it has heard something; whoever runs it
(``service/live/listening.py``) stores the records *and* the cursor in one transaction, so that nothing is
lost or skipped wherever it is cut off. What is told twice is the same record and counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.model import Address, Guide, Micros, Post, Problem, Profile, Record, Shows

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that the owner fills in. ``secret`` ones are encrypted at rest and never shown again."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    optional: bool = False
    default: str = ""


class Batch(NamedTuple):
    """What was heard, and where to go on from; stored together in one transaction.

    ``cursor`` replaces the connection's cursor (JSON values). ``seen_from`` and ``seen_to`` say that
    everything the connector can see between these two moments is now in: coverage is declared for it, a
    later gap is known by it. ``note`` is what it is doing, for the health line ("back-fill: 12,000 so
    far").
    ``accounts`` are the accounts of which coverage is declared: ``()`` for that of the connection, as
    ``check`` found it; ``facebook:*`` and the like where it does not say which.
    """

    records: Sequence[Record | Problem]
    cursor: Mapping[str, Any]
    seen_from: Micros | None = None
    seen_to: Micros | None = None
    note: str = ""
    accounts: Sequence[Address] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """What a running connector is given.

    ``http`` has time-outs, a limit on the size of an answer, and refuses private addresses unless the
    owner's settings name them. ``now`` is the clock in UTC microseconds. ``wait(seconds)`` sleeps and
    answers true when the connector is to stop: return from ``run`` then; ``stopping()`` asks without
    sleeping. ``posts()`` are the brand's own posts as the log has them, for back-fill. ``cursor`` is that
    of the last stored batch, ``{}`` at first.
    """

    settings: Mapping[str, str]
    cursor: Mapping[str, Any]
    brand: frozenset[Address]
    http: httpx.Client
    now: Callable[[], Micros]
    wait: Callable[[float], bool]
    stopping: Callable[[], bool]
    posts: Callable[[], Sequence[Post]] = field(default=tuple)


@dataclass(frozen=True, slots=True)
class Connector:
    """One way to connect.

    ``check(session)`` tries the settings and answers the profile of the account that they open (``own``).
    ``run(session)`` yields batches until the session is to stop; it first fills the gap since the cursor
    (or goes back to the beginning), then listens. Both raise ``ConnectionRefused`` where only the owner can
    help and ``Unreachable`` where waiting may; whoever runs them backs off with jitter and starts ``run``
    again with the last stored cursor. A record that cannot be read is a `Problem` in the batch, never an
    exception.
    """

    name: str
    title: str
    platforms: tuple[str, ...]
    settings: tuple[Setting, ...]
    guide: Guide
    permission: str
    shows: Shows
    check: Callable[[Session], Profile]
    run: Callable[[Session], Iterator[Batch]]
    can_say: str = ""
    cannot_say: str = ""
    verified: str = ""
    """Against what it was tried: ``real server``, ``recorded`` or ``documentation only``."""
