"""Who follows the brand on Bluesky and whom it follows: whole lists, compared every few hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from courtship.connect.base import Batch, Session
from courtship.connect.bluesky_reading import PAGE, Reading, page_of
from courtship.connect.json_api import nearly_spent, onwards
from courtship.model import Address, Micros, Problem, Record, Snapshot
from courtship.platforms import bluesky_api as answers
from courtship.platforms.bluesky import account
from courtship.vocabulary import Direction

LISTS_EVERY: Final[Micros] = 6 * 3_600_000_000


class FollowLists(Reading):
    """When the lists were read last, and what they said."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.lists: dict[str, Any] = dict(self.saved.get("lists") or {})

    def _next_lists(self) -> Micros:
        return int(self.lists.get("at") or 0) + LISTS_EVERY

    def _list(self, name: str, direction: Direction) -> Iterator[Batch]:
        """A whole list of follows. It is told only where it has changed: a year of them is kept."""
        key = {"inbound": "followers", "outbound": "follows"}[direction]
        reader = answers.follower if direction == "inbound" else answers.followed
        members: dict[Address, str] = {}
        cursor: str | None = None
        whole = True
        while True:
            answer = self.server.query(
                f"app.bsky.graph.{name}", actor=self.server.did, limit=PAGE, cursor=cursor
            )
            self.slow_down = nearly_spent(answer.headers, self.session.now())
            page = page_of(answer.value, key)
            records: list[Record | Problem] = []
            for view in page.entries:
                try:
                    records += self.tellers.of(view, self.session.now())
                except ValueError as error:
                    records.append(Problem("Bluesky", key, str(error)))
                    whole = False  # who is not read has not gone
                    continue
                act = reader(view, self.me)
                members[account(view["did"])] = act.id if act is not None else ""
                if act is not None:
                    self.known.setdefault(act.id, set()).add(act.id)
                    records.append(act)
            if page.cursor is None or not page.entries:
                break
            cursor = onwards("Bluesky", cursor, page.cursor)
            yield self._batch(records, note=f"{key}: {len(members):,} so far")
        digest = hashlib.blake2b("\n".join(sorted(members)).encode(), digest_size=12).hexdigest()
        if whole and self.lists.get(key) != digest:
            ids = tuple(members.values())
            records.append(
                Snapshot(
                    self.me,
                    "follow",
                    direction,
                    tuple(members),
                    self.session.now(),
                    acts=ids,
                    dates=(0,) * len(ids),
                )
            )
        if whole:
            self.lists[key] = digest
        if direction == "outbound":
            self.lists["at"] = self.session.now()
        yield self._batch(records, note=f"{key}: {len(members):,}")
