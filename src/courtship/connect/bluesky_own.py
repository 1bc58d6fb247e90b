"""The brand's own repository on Bluesky: posts, likes, reposts, follows and blocks of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from courtship.connect.base import Session
from courtship.connect.bluesky_reading import PAGE, REMEMBERED, Reading, keyed, page_of
from courtship.connect.newest_first import NewestFirst, Page
from courtship.model import Activity, Problem, Record, Undo
from courtship.platforms import bluesky as mapping
from courtship.platforms.bluesky import BLOCK, FOLLOW, LIKE, POST, REPOST
from courtship.platforms.jetstream import deleted

OWN: Final = (POST, LIKE, REPOST, FOLLOW, BLOCK)
"""What is read of the brand's own repository."""


class OwnRepository(Reading):
    """How far each collection has been read, and which of its newest records are there."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        own, recent = self.saved.get("own") or {}, self.saved.get("recent_own") or {}
        self.own = {one: NewestFirst(self._own_fetch(one), keyed, own.get(one)) for one in OWN}
        self.recent_own: dict[str, list[str]] = {one: list(recent.get(one) or ()) for one in OWN}
        self.rev: str = self.saved.get("rev") or ""

    def _own_fetch(self, collection: str) -> Any:
        def fetch(cursor: str | None) -> Page:
            answer = self.server.public(
                "com.atproto.repo.listRecords",
                repo=self.server.did,
                collection=collection,
                limit=PAGE,
                cursor=cursor,
            )
            return page_of(answer.value, "records")

        return fetch

    def _own_news(self) -> list[Record | Problem]:
        """What the brand has done since: asked for only where its repository has a new revision."""
        latest = self.server.public("com.atproto.sync.getLatestCommit", did=self.server.did).value
        rev = str(latest.get("rev")) if isinstance(latest, Mapping) else ""
        if rev == self.rev:
            return []
        records: list[Record | Problem] = []
        for collection, walk in self.own.items():
            if walk.newest is not None:
                entries = walk.look()
                records += self._own_ended(collection, entries)
                records += self._own_records(collection, entries, every=False)
        self.rev = rev
        return records

    def _own_records(
        self, collection: str, entries: Sequence[Any], *, every: bool = True
    ) -> list[Record | Problem]:
        records: list[Record | Problem] = []
        remembered = self.recent_own[collection]
        for item in entries:
            uri = str(item.get("uri")) if isinstance(item, Mapping) else ""
            key = uri.rpartition("/")[2]
            if not every and key in remembered:
                continue
            try:
                told = list(mapping.record(uri, item.get("value") if isinstance(item, Mapping) else None))
            except ValueError as error:
                records.append(Problem("Bluesky", uri or "a record", str(error)))
                continue
            records += told
            self.known[uri] = {one.id for one in told if isinstance(one, Activity)}
            remembered += [key, *(id.rpartition("/")[2] for id in sorted(self.known[uri] - {uri}))]
        remembered.sort(reverse=True)
        del remembered[REMEMBERED:]
        return records

    def _own_ended(self, collection: str, entries: Sequence[Any]) -> list[Undo]:
        """Own acts that were remembered and are gone from the newest page."""
        keys = [keyed(entry) for entry in entries]
        if not all(keys):
            return []  # what cannot be read has not gone
        there = set(keys)
        since = min(there) if len(entries) >= PAGE else ""
        gone = [
            key for key in self.recent_own[collection] if key > since and key.partition("#")[0] not in there
        ]
        self.recent_own[collection] = [key for key in self.recent_own[collection] if key not in set(gone)]
        now = self.session.now()
        prefix = f"at://{self.server.did}/{collection}/"
        return [undo for key in gone for undo in deleted(f"{prefix}{key}", now)]
