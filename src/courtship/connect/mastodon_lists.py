"""Who follows the brand on Mastodon, whom it follows and blocks: whole lists, compared every few hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from courtship.connect.base import Batch, Session
from courtship.connect.json_api import Denied
from courtship.connect.mastodon_reading import PAGE, Reading, in_path
from courtship.model import Activity, Address, Micros, Problem, Record, Snapshot
from courtship.platforms.mastodon_api import notified, profile, who
from courtship.vocabulary import Direction

LISTS_EVERY: Final[Micros] = 6 * 3_600_000_000


class FollowLists(Reading):
    """When the lists were read last, what they said, and since when each follows."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.lists: dict[str, Any] = dict(self.saved.get("lists") or {})
        self.follows: dict[Address, str] | None = {} if "notifications" not in self.saved else None
        """Follows that notifications tell of; ``None`` until they have been read."""

    def _next_lists(self) -> Micros:
        return int(self.lists.get("at") or 0) + LISTS_EVERY

    def _learn_follows(self) -> Iterator[Batch]:
        """A run that began with a cursor has not heard when those who follow came: once more."""
        self.follows = {}
        cursor: str | None = None
        while True:
            page = self.server.page(
                "/api/v1/notifications", limit=PAGE, max_id=cursor, **{"types[]": "follow"}
            )
            for item in page.entries:
                try:
                    for one in notified(item, self.statuses, self.me, self.session.now()):
                        if isinstance(one, Activity) and one.kind == "follow":
                            self.follows[one.actor] = max(self.follows.get(one.actor, ""), one.id)
                except ValueError:
                    continue  # it was listed as a problem when it was first read
            if page.cursor is None:
                return
            cursor = page.cursor
            yield self._batch([], note="when followers came")

    def _list(self, name: str, direction: Direction) -> Iterator[Batch]:
        """A whole list of follows. It is told only where it has changed: a year of them is kept."""
        if direction == "inbound" and self.follows is None:
            yield from self._learn_follows()
        members: dict[Address, None] = {}
        cursor: str | None = None
        whole = True
        while True:
            try:
                page = self.server.page(
                    f"/api/v1/accounts/{in_path(self.number)}/{name}", limit=PAGE, max_id=cursor
                )
            except Denied as error:
                yield self._batch([Problem("", name, f"the server does not show it ({error}); left out")])
                return
            records: list[Record | Problem] = []
            for view in page.entries:
                try:
                    records += self._kept([profile(view, self.session.now())])
                except (ValueError, AttributeError) as error:
                    records.append(Problem("", name, str(error)))
                    whole = False  # who is not read has not gone
                    continue
                self._meet(view)
                members[who(view)] = None
            if page.cursor is None:
                break
            cursor = page.cursor
            yield self._batch(records, note=f"{name}: {len(members):,} so far")
        if direction == "outbound":
            self.lists["at"] = self.session.now()
        if not whole:
            yield self._batch(records, note=f"{name}: {len(members):,}")
            return
        came = (self.follows or {}) if direction == "inbound" else {}
        ids = tuple(came.get(member, "") for member in members)
        records += self._snapshot(
            name,
            Snapshot(
                self.me,
                "follow",
                direction,
                tuple(members),
                self.session.now(),
                acts=ids,
                dates=(0,) * len(ids),
            ),
        )
        yield self._batch(records, note=f"{name}: {len(members):,}")

    def _snapshot(self, name: str, snapshot: Snapshot) -> list[Snapshot]:
        said = "\n".join(sorted(snapshot.members)).encode()
        digest = hashlib.blake2b(said, digest_size=12).hexdigest()
        if self.lists.get(name) == digest:
            return []
        self.lists[name] = digest
        return [snapshot]

    def _blocks(self) -> Iterator[Batch]:
        members: dict[Address, None] = {}
        cursor: str | None = None
        while True:
            try:
                page = self.server.page("/api/v1/blocks", limit=PAGE, max_id=cursor)
            except Denied:
                return  # the token may not see them
            members.update({address: None for address in map(who, page.entries) if address})
            if page.cursor is None:
                break
            cursor = page.cursor
        yield self._batch(
            self._snapshot(
                "blocks", Snapshot(self.me, "block", "outbound", tuple(members), self.session.now())
            )
        )
