"""Who liked, reposted, quoted and answered the brand's posts on Bluesky, where notifications tell no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from courtship.connect.base import Batch, Session
from courtship.connect.bluesky_reading import PAGE, Reading, page_of
from courtship.connect.json_api import nearly_spent, onwards
from courtship.model import Problem, Record
from courtship.platforms import bluesky as mapping
from courtship.platforms import bluesky_api as answers
from courtship.platforms.bluesky import POST


class Reactions(Reading):
    """How far back the brand's posts have been asked for those who reacted."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.posts: dict[str, Any] = dict(self.saved.get("posts") or {})
        self.reacted_whole = self.started_new
        """Whether ``reacted`` holds every repost that notifications tell of."""

    def _posts_done(self) -> bool:
        return bool(self.posts.get("done"))

    def _posts(self) -> Iterator[Batch]:
        """Who reacted to the brand's posts, newest post first, where notifications have not told of it."""
        count = 0
        while not self._posts_done():
            cursor = self.posts.get("cursor")
            answer = self.server.public(
                "com.atproto.repo.listRecords",
                repo=self.server.did,
                collection=POST,
                limit=25,  # as many as getPosts takes
                cursor=cursor,
            )
            page = page_of(answer.value, "records")
            uris = [str(entry.get("uri")) for entry in page.entries if isinstance(entry, Mapping)]
            if uris:
                views = self.server.query("app.bsky.feed.getPosts", uris=uris).value
                for view in page_of(views, "posts").entries:
                    yield from self._reactions(view)
            count += len(uris)
            further = onwards("Bluesky", cursor, page.cursor) if page.entries else None
            self.posts = {"cursor": further} if further is not None else {"done": True}
            yield self._batch([], note=f"who reacted: {count:,} posts so far")

    def _learn_reposts(self) -> Iterator[Batch]:
        """A run that was cut off has forgotten which reposts notifications told of: once more."""
        cursor: str | None = None
        while True:
            answer = self.server.query(
                "app.bsky.notification.listNotifications",
                limit=PAGE,
                cursor=cursor,
                reasons="repost",
            )
            page = page_of(answer.value, "notifications")
            for item in page.entries:
                try:
                    for act in answers.notified(item, self.session.now()):
                        self.reacted.add((act.object or "", act.actor))
                except ValueError:
                    continue  # it was listed as a problem when it was first read
            if page.cursor is None or not page.entries or self.session.stopping():
                break
            cursor = onwards("Bluesky", cursor, page.cursor)
            yield self._batch([], note="which reposts are known already")
        self.reacted_whole = True

    def _reactions(self, view: Any) -> Iterator[Batch]:
        made = self.session.now()
        try:
            uri, _, _ = answers.viewed(view, made)
            records: list[Record | Problem] = list(answers.totals(view, uri, made))
        except ValueError as error:
            yield self._batch([Problem("Bluesky", "a post", str(error))])
            return
        if records:
            yield self._batch(records)
        for counted, name, key in (
            ("likeCount", "getLikes", "likes"),
            ("repostCount", "getRepostedBy", "repostedBy"),
            ("quoteCount", "getQuotes", "posts"),
        ):
            if not view.get(counted):
                continue
            if key == "repostedBy":
                # These have no date. Of a younger post notifications have told all.
                at = mapping.tid_time(uri.rpartition("/")[2])
                if at is None or at >= self._told_since():
                    continue
                if not self.reacted_whole:
                    yield from self._learn_reposts()
            yield from self._reacted(uri, name, key)
        if view.get("replyCount"):
            thread = self.server.query(
                "app.bsky.feed.getPostThread", uri=uri, depth=1000, parentHeight=0
            ).value
            yield self._batch(self._written(answers.posts_in(thread) if isinstance(thread, Mapping) else ()))

    def _reacted(self, uri: str, name: str, key: str) -> Iterator[Batch]:
        cursor: str | None = None
        while not self.session.stopping():
            answer = self.server.query(f"app.bsky.feed.{name}", uri=uri, limit=PAGE, cursor=cursor)
            self.slow_down = nearly_spent(answer.headers, self.session.now())
            page = page_of(answer.value, key)
            if key == "posts":
                yield self._batch(self._written(page.entries))
            else:
                yield self._batch(self._listed(key, uri, page.entries))
            if page.cursor is None or not page.entries:
                return
            cursor = onwards("Bluesky", cursor, page.cursor)

    def _listed(self, key: str, uri: str, entries: Sequence[Any]) -> list[Record | Problem]:
        records: list[Record | Problem] = []
        now = self.session.now()
        first = self._told_since()
        for item in entries:
            try:
                act = answers.listed_act(key, item, uri, self.me, now)
                if act is not None and act.precise and act.at >= first:
                    continue  # told by its notification, with its own address
                if act is not None and (uri, act.actor) not in self.reacted:
                    records += self.tellers.of(answers.reacted(key, item), now)
                    records.append(act)
            except ValueError as error:
                records.append(Problem("Bluesky", key, str(error)))
        return records

    def _written(self, entries: Any) -> list[Record | Problem]:
        """Posts of others that quote or answer: what they are towards the brand."""
        records: list[Record | Problem] = []
        now = self.session.now()
        for item in entries:
            try:
                acts = [
                    act
                    for act in answers.notified(item, now)
                    if act.actor not in self.brand and act.target in self.brand
                ]
                if acts:
                    records += self.tellers.of(item["author"], now)
                    records += acts
                for act in acts:
                    self.known.setdefault(act.id.partition("#")[0], set()).add(act.id)
            except ValueError as error:
                records.append(Problem("Bluesky", "a post", str(error)))
        return records
