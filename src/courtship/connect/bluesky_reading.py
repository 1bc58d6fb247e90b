"""What the parts of the Bluesky connection share: the server, whose account it is, which acts are known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from courtship.connect.base import Batch, Session
from courtship.connect.bluesky_session import DEFAULT_SERVER, BlueskySession
from courtship.connect.json_api import changed
from courtship.connect.newest_first import Page
from courtship.model import Address, Micros, Problem, Record, Undo
from courtship.platforms import bluesky_api as answers
from courtship.platforms import times
from courtship.platforms.bluesky import account
from courtship.platforms.jetstream import deleted

PAGE: Final = 100
"""As many entries as a page of an answer may have."""

REMEMBERED: Final = 200
"""Acts whose disappearance is looked for: the newest of others, and of each sort of the brand's own."""

LATE: Final[Micros] = 600_000_000
"""So long after an act its notification may come: clocks differ, and the AppView lags."""


class Reading(ABC):
    """The state of one run that every part reads or adds to; each part has its own besides."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.server = signing_in(session)
        self.server.open()
        self.me = account(self.server.did)
        self.brand = session.brand | {self.me}
        mine = session.cursor.get("did") == self.server.did
        self.saved: Mapping[str, Any] = session.cursor if mine else {}
        """The cursor that the run begins with; none where it is another account's."""
        self.oldest: str = self.saved.get("oldest") or ""
        self.recent: dict[str, str] = dict(self.saved.get("recent") or ())
        """Others' newest acts: their ids, and how the notification is dated."""
        self.started_new = "notifications" not in self.saved
        self.known: dict[str, set[str]] = {}
        """By record: the ids of its acts, as far as this run has seen them or the cursor remembers them."""
        for id in self.recent:
            self.known.setdefault(id.partition("#")[0], set()).add(id)
        self.reacted: set[tuple[str, Address]] = set()
        """Which likes and reposts notifications have told of: the post, and who."""
        self.tellers = answers.Tellers()
        self.complained: set[Problem] = set()
        self.slow_down = False
        self.looked: Micros = session.now()
        """When the newest notifications were last asked for."""

    @abstractmethod
    def _batch(
        self, records: Sequence[Record | Problem], complete: Micros | None = None, note: str = ""
    ) -> Batch:
        """Records together with the cursor of all parts."""

    def _fresh(self, where: str, reasons: Sequence[str]) -> list[Problem]:
        """Problems of one answer but those that an earlier one had: it stays in the newest."""
        problems = [Problem("Bluesky", where, reason) for reason in reasons]
        new = [one for one in problems if one not in self.complained]
        self.complained.update(new)
        return new

    def _ended(self, uri: str, at: Micros) -> list[Undo]:
        ids = sorted(self.known.pop(uri, set()) | {uri})
        for id in ids:
            self.recent.pop(id, None)
        return [undo for id in ids for undo in deleted(id, at)]

    def _told_since(self) -> Micros:
        """Since when notifications tell, or will tell, of everything.

        What happens just now is left to them, or it would be told under two ids.
        """
        return self._first(self.looked - LATE)

    def _first(self, otherwise: Micros) -> Micros:
        return times.iso(self.oldest) or otherwise


def signing_in(session: Session) -> BlueskySession:
    """The server of the settings, not yet asked for a session."""
    settings = session.settings
    return BlueskySession(
        session.http,
        session.now,
        settings.get("server", "").strip() or DEFAULT_SERVER,
        settings.get("handle", ""),
        settings.get("password", ""),
    )


def page_of(value: Any, key: str) -> Page:
    """A page of an answer. `Unreachable` where what was asked for is not in it: that is no empty page."""
    entries = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(entries, list):
        raise changed("Bluesky", f"a list of {key}")
    cursor = value.get("cursor")
    return Page(entries, cursor if isinstance(cursor, str) and cursor else None)


def dated(item: Any) -> str:
    """The key of a notification: its date, always written alike (``2026-11-27T16:11:06.488Z``)."""
    date = item.get("indexedAt") if isinstance(item, Mapping) else None
    return date if isinstance(date, str) else ""


def keyed(item: Any) -> str:
    """The key of a record: the last part of its address."""
    uri = item.get("uri") if isinstance(item, Mapping) else None
    return uri.rpartition("/")[2] if isinstance(uri, str) else ""
