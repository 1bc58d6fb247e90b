"""Bluesky: what others do towards the brand, and the brand itself, from its own server or any other.

What is asked, and in which order:

1. notifications, from the newest back to the first, a page at a time; the newest page again at short
   intervals;
2. followers and those followed, whole lists, compared every few hours;
3. the brand's own repository: posts, likes, reposts, follows, blocks;
4. of every post of the brand: who likes it, reposted it, quoted it, answered in its thread, where
   notifications have not told of it.

While the long lists are read, what is new is looked for all the same. Jetstream, where an address of one is
given, brings acts within a second and deletions too; else what was taken back is found by comparing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.bluesky_session import DEFAULT_SERVER, BlueskySession
from courtship.connect.jetstream import Jetstream
from courtship.connect.json_api import Denied, nearly_spent
from courtship.connect.newest_first import NewestFirst, Page
from courtship.errors import ConnectionRefused
from courtship.model import Activity, Address, Guide, Micros, Problem, Profile, Record, Shows, Snapshot, Undo
from courtship.platforms import bluesky as mapping
from courtship.platforms import bluesky_api as answers
from courtship.platforms.bluesky import BLOCK, FOLLOW, LIKE, POST, REPOST, account, described
from courtship.platforms.jetstream import deleted
from courtship.vocabulary import Direction

SHOWS: Final[Shows] = {
    **{(kind, "inbound"): "full" for kind in ("follow", "like", "comment", "mention", "share", "quote")},
    **{
        (kind, "outbound"): "full"
        for kind in ("follow", "like", "comment", "mention", "share", "quote", "block")
    },
}

OWN: Final = (POST, LIKE, REPOST, FOLLOW, BLOCK)
"""What is read of the brand's own repository."""

PAGE: Final = 100
"""As many entries as a page of an answer may have."""

REMEMBERED: Final = 200
"""Acts whose disappearance is looked for: the newest of others, and of each sort of the brand's own."""

SOONEST, LATEST = 1.0, 10.0
"""Seconds between two looks for what is new: while something happens, and when nothing has for long."""

BESIDE_JETSTREAM: Final = 60.0
"""Seconds between two looks while Jetstream brings what is new."""

LISTS_EVERY: Final[Micros] = 6 * 3_600_000_000
COMPARED_EVERY: Final[Micros] = 300_000_000
COVERED_EVERY: Final[Micros] = 60_000_000

_CHECKED: Final = 25
"""Acts that have disappeared from the notifications are asked for one by one, at most so many at a time."""


def _open(session: Session) -> BlueskySession:
    settings = session.settings
    return BlueskySession(
        session.http,
        session.now,
        settings.get("server", "").strip() or DEFAULT_SERVER,
        settings.get("handle", ""),
        settings.get("password", ""),
    )


def check(session: Session) -> Profile:
    """Signs in and answers the account's profile. An account's own password is turned away: it could do far
    more than is needed here."""
    server = _open(session)
    server.open()
    if server.may_do_everything:
        raise ConnectionRefused(
            "This is the account's own password, which can do everything; make an app password at bsky.app,"
            " Settings, Privacy and security, App passwords, and enter that"
        )
    view: Any = {"did": server.did, "handle": server.handle}
    try:
        view = server.query("app.bsky.actor.getProfile", actor=server.did).value
        return described(view, session.now(), own=True)
    except (Denied, ValueError):  # a new account is not known to the AppView at once
        return described({"did": server.did, "handle": server.handle}, session.now(), own=True)


def run(session: Session) -> Iterator[Batch]:
    """Everything since the cursor, then what happens, until the session is to stop."""
    following = _Run(session)
    try:
        yield from following.batches()
    finally:
        following.close()


class _Run:
    """One run: the state of the cursor, and what is remembered while it lasts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.server = _open(session)
        self.server.open()
        self.me = account(self.server.did)
        self.brand = session.brand | {self.me}
        saved: Mapping[str, Any] = session.cursor if session.cursor.get("did") == self.server.did else {}
        self.notifications = NewestFirst(self._notifications, _dated, saved.get("notifications"))
        own = saved.get("own") or {}
        self.own = {one: NewestFirst(self._own_fetch(one), _keyed, own.get(one)) for one in OWN}
        self.posts: dict[str, Any] = dict(saved.get("posts") or {})
        self.lists: dict[str, Any] = dict(saved.get("lists") or {})
        self.oldest: str = saved.get("oldest") or ""
        self.rev: str = saved.get("rev") or ""
        self.complete: Micros | None = saved.get("complete")
        self.recent: dict[str, str] = dict(saved.get("recent") or ())
        """Others' newest acts: their ids, and how the notification is dated."""
        self.recent_own: dict[str, list[str]] = {
            one: list((saved.get("recent_own") or {}).get(one) or ()) for one in OWN
        }
        self.started_new = "notifications" not in saved
        self.known: dict[str, set[str]] = {}
        """By record: the ids of its acts, as far as this run has seen them or the cursor remembers them."""
        for id in self.recent:
            self.known.setdefault(id.partition("#")[0], set()).add(id)
        self.reacted: set[tuple[str, Address]] = set()
        """Which likes and reposts notifications have told of: the post, and who."""
        self.reacted_whole = self.started_new
        self.tellers = answers.Tellers()
        self.compared: Micros = 0
        self.covered: Micros = 0
        self.interval = SOONEST
        self.slow_down = False
        address = session.settings.get("jetstream", "").strip()
        self.jetstream = (
            Jetstream(address, self.server.did, saved.get("jetstream"), self.known) if address else None
        )

    def close(self) -> None:
        if self.jetstream is not None:
            self.jetstream.close()

    # ------------------------------------------------------------------ the loop

    def batches(self) -> Iterator[Batch]:
        back = self._back()
        filling = True
        looked: Micros = -1
        while not self.session.stopping():
            if not filling or self.session.now() - looked >= SOONEST * 1_000_000:
                yield from self._look()
                looked = self.session.now()
            if filling:
                step = next(back, None)
                filling = step is not None
                if step is not None:
                    yield step
                if self.slow_down and self.session.wait(1.0):
                    return
                continue
            pause = BESIDE_JETSTREAM if self.jetstream is not None and self.jetstream.live else self.interval
            yield from self._listen(pause)
            gaps = self.notifications.gaps or any(walk.gaps for walk in self.own.values())
            if gaps or self.session.now() >= self._next_lists():
                back, filling = self._back(), True

    def _listen(self, pause: float) -> Iterator[Batch]:
        """Waits for the next look, and hands on what Jetstream brings meanwhile."""
        if self.jetstream is None:
            self.session.wait(pause)
            return
        until = self.session.now() + int(pause * 1_000_000)
        while not self.session.stopping() and self.session.now() < until:
            heard = self.jetstream.heard(0.2)
            records: list[Record | Problem] = []
            for record in heard:
                if isinstance(record, Activity):
                    if record.actor not in self.brand and record.target not in self.brand:
                        continue
                    self._remember(record, "")
                if isinstance(record, Undo):
                    records += self._ended(record.undoes.partition("#")[0], record.at)
                else:
                    records.append(record)
            if any(isinstance(record, Activity) for record in records):
                # Jetstream tells no names: the notification, which does, is looked for soon.
                until = min(until, self.session.now() + 3_000_000)
            if records:
                yield self._batch(records)
            if not self.jetstream.live:
                return

    def _look(self) -> Iterator[Batch]:
        """What is new: notifications, and the brand's own repository where it has changed."""
        before = self.notifications.newest
        entries = self.notifications.look()
        records = self._told(entries, every=False)
        if before != self.notifications.newest or records:
            self.interval = SOONEST
        else:
            self.interval = min(self.interval * 1.2, LATEST)
        if self.notifications.whole and not self.notifications.gaps:
            self._oldest(entries)
        records += self._own_news()
        now = self.session.now()
        if now - self.compared >= COMPARED_EVERY:
            self.compared = now
            records += self._gone(now)
        whole = (
            self.notifications.whole and all(one.whole for one in self.own.values()) and self._posts_done()
        )
        if records or (whole and now - self.covered >= COVERED_EVERY):
            yield self._batch(records, now if whole else None)

    def _back(self) -> Iterator[Batch]:
        """What is further back, one step at a time."""
        seen = 0
        while self.notifications.gaps:
            entries = self.notifications.fill()
            seen += len(entries)
            self._oldest(entries)
            yield self._batch(self._told(entries, every=True), note=f"notifications: {seen:,} so far")
        if self.session.now() >= self._next_lists():
            for name, direction in (("getFollowers", "inbound"), ("getFollows", "outbound")):
                yield from self._list(name, direction)  # type: ignore[arg-type]
        for collection, walk in self.own.items():
            while walk.newest is None or walk.gaps:
                entries = walk.look() if walk.newest is None else walk.fill()
                yield self._batch(
                    self._own_records(collection, entries), note=f"own {collection.rpartition('.')[2]}s"
                )
        yield from self._posts()

    # ------------------------------------------------------------------ notifications

    def _notifications(self, cursor: str | None) -> Page:
        answer = self.server.query("app.bsky.notification.listNotifications", limit=PAGE, cursor=cursor)
        self.slow_down = nearly_spent(answer.headers, self.session.now())
        return _page(answer.value, "notifications")

    def _told(self, entries: Sequence[Any], *, every: bool) -> list[Record | Problem]:
        """The records of notifications; of ``every`` one, or of those alone that are not remembered."""
        records: list[Record | Problem] = []
        for item in entries:
            try:
                acts = [
                    act
                    for act in answers.notified(item, self.session.now())
                    if act.actor in self.brand or act.target in self.brand
                ]
                if not every and acts and all(act.id in self.recent for act in acts):
                    continue
                if acts:
                    _, _, at = answers.viewed(item, self.session.now())
                    records += self.tellers.of(item["author"], at)
                    records += acts
            except ValueError as error:
                records.append(Problem("Bluesky", "a notification", str(error)))
                continue
            for act in acts:
                self._remember(act, _dated(item))
        return records

    def _remember(self, act: Activity, dated: str) -> None:
        self.known.setdefault(act.id.partition("#")[0], set()).add(act.id)
        if act.kind in {"like", "share"} and act.object:
            self.reacted.add((act.object, act.actor))
        if dated:
            self.recent[act.id] = dated
            if len(self.recent) > 2 * REMEMBERED:
                newest = sorted(self.recent.items(), key=lambda item: (item[1], item[0]))[-REMEMBERED:]
                self.recent = dict(newest)

    def _oldest(self, entries: Sequence[Any]) -> None:
        dates = [date for date in map(_dated, entries) if date]
        if dates:
            self.oldest = min([*dates, *([self.oldest] if self.oldest else [])])

    def _gone(self, now: Micros) -> list[Record | Problem]:
        """Which of the remembered acts have been taken back: they are in the notifications no longer, and
        their record is not there when asked for. (Who is muted disappears from the notifications too.)"""
        if not self.recent:
            return []
        page = self._notifications(None)
        entries = list(page.entries)
        while page.cursor is not None and len(entries) < REMEMBERED and page.entries:
            page = self._notifications(page.cursor)
            entries += page.entries
        records = self._told(entries, every=False)
        there = {str(item.get("uri")) for item in entries if isinstance(item, Mapping)}
        dates = [date for date in map(_dated, entries) if date]
        since = min(dates, default="") if page.cursor is not None else ""
        missing = {
            id.partition("#")[0]
            for id, dated in self.recent.items()
            if dated > since and id.partition("#")[0] not in there
        }
        for uri in sorted(missing)[:_CHECKED]:
            if self._is_gone(uri):
                records += self._ended(uri, now)
            for id in self.known.get(uri, set()):
                self.recent.pop(id, None)  # answered for: not asked again
        return records

    def _is_gone(self, uri: str) -> bool:
        did, collection, key = mapping.parts(uri)
        try:
            self.server.query("com.atproto.repo.getRecord", repo=did, collection=collection, rkey=key)
        except Denied as error:
            return error.code == "RecordNotFound"
        return False

    def _ended(self, uri: str, at: Micros) -> list[Undo]:
        ids = sorted(self.known.pop(uri, set()) | {uri})
        for id in ids:
            self.recent.pop(id, None)
        return [undo for id in ids for undo in deleted(id, at)]

    # ------------------------------------------------------------------ the brand's own repository

    def _own_fetch(self, collection: str) -> Any:
        def fetch(cursor: str | None) -> Page:
            answer = self.server.public(
                "com.atproto.repo.listRecords",
                repo=self.server.did,
                collection=collection,
                limit=PAGE,
                cursor=cursor,
            )
            return _page(answer.value, "records")

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
        if records:
            self.interval = SOONEST
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
        there = {key for entry in entries if (key := _keyed(entry))}
        since = min(there) if len(entries) >= PAGE else ""
        gone = [
            key for key in self.recent_own[collection] if key > since and key.partition("#")[0] not in there
        ]
        self.recent_own[collection] = [key for key in self.recent_own[collection] if key not in set(gone)]
        now = self.session.now()
        prefix = f"at://{self.server.did}/{collection}/"
        return [undo for key in gone for undo in deleted(f"{prefix}{key}", now)]

    # ------------------------------------------------------------------ lists

    def _next_lists(self) -> Micros:
        return int(self.lists.get("at") or 0) + LISTS_EVERY

    def _list(self, name: str, direction: Direction) -> Iterator[Batch]:
        """A whole list of follows. It is told only where it has changed: a year of them is kept."""
        key = {"inbound": "followers", "outbound": "follows"}[direction]
        reader = answers.follower if direction == "inbound" else answers.followed
        members: dict[Address, str] = {}
        cursor: str | None = None
        while True:
            answer = self.server.query(
                f"app.bsky.graph.{name}", actor=self.server.did, limit=PAGE, cursor=cursor
            )
            self.slow_down = nearly_spent(answer.headers, self.session.now())
            page = _page(answer.value, key)
            records: list[Record | Problem] = []
            for view in page.entries:
                try:
                    records += self.tellers.of(view, self.session.now())
                except ValueError as error:
                    records.append(Problem("Bluesky", key, str(error)))
                    continue
                act = reader(view, self.me)
                members[account(view["did"])] = act.id if act is not None else ""
                if act is not None:
                    self.known.setdefault(act.id, set()).add(act.id)
                    records.append(act)
            if page.cursor is None or not page.entries:
                break
            cursor = page.cursor
            yield self._batch(records, note=f"{key}: {len(members):,} so far")
        digest = hashlib.blake2b("\n".join(sorted(members)).encode(), digest_size=12).hexdigest()
        if self.lists.get(key) != digest:
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
        self.lists[key] = digest
        if direction == "outbound":
            self.lists["at"] = self.session.now()
        yield self._batch(records, note=f"{key}: {len(members):,}")

    # ------------------------------------------------------------------ the brand's posts

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
            page = _page(answer.value, "records")
            uris = [str(entry.get("uri")) for entry in page.entries if isinstance(entry, Mapping)]
            views = self.server.query("app.bsky.feed.getPosts", uris=uris).value if uris else {}
            for view in _page(views, "posts").entries:
                yield from self._reactions(view)
            count += len(uris)
            self.posts = (
                {"cursor": page.cursor} if page.cursor is not None and page.entries else {"done": True}
            )
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
            page = _page(answer.value, "notifications")
            for item in page.entries:
                try:
                    for act in answers.notified(item, self.session.now()):
                        self.reacted.add((act.object or "", act.actor))
                except ValueError:
                    continue  # it was listed as a problem when it was first read
            if page.cursor is None or not page.entries or self.session.stopping():
                break
            cursor = page.cursor
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
                if at is None or at >= self._first(made + 1):
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
            page = _page(answer.value, key)
            if key == "posts":
                yield self._batch(self._written(page.entries))
            else:
                yield self._batch(self._listed(key, uri, page.entries))
            if page.cursor is None or not page.entries:
                return
            cursor = page.cursor

    def _listed(self, key: str, uri: str, entries: Sequence[Any]) -> list[Record | Problem]:
        records: list[Record | Problem] = []
        now = self.session.now()
        first = self._first(now + 1)
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

    # ------------------------------------------------------------------ the cursor

    def _batch(
        self, records: Sequence[Record | Problem], complete: Micros | None = None, note: str = ""
    ) -> Batch:
        seen_from: Micros | None = None
        if complete is not None:
            seen_from = self.complete if self.complete is not None else self._first(complete)
            self.complete = self.covered = complete
        newest = sorted(self.recent.items(), key=lambda item: (item[1], item[0]))[-REMEMBERED:]
        cursor: dict[str, Any] = {
            "did": self.server.did,
            "notifications": self.notifications.state,
            "own": {name: walk.state for name, walk in self.own.items() if walk.newest is not None},
            "posts": dict(self.posts),
            "lists": dict(self.lists),
            "oldest": self.oldest,
            "rev": self.rev,
            "complete": self.complete,
            "recent": [list(item) for item in newest],
            "recent_own": {name: list(keys) for name, keys in self.recent_own.items()},
        }
        if self.jetstream is not None:
            cursor["jetstream"] = self.jetstream.position
        return Batch(list(records), cursor, seen_from, complete, note)

    def _first(self, otherwise: Micros) -> Micros:
        from courtship.platforms import times

        return times.iso(self.oldest) or otherwise


def _page(value: Any, key: str) -> Page:
    """A page of an answer; an answer that is not what was asked for is an empty one, the last."""
    if not isinstance(value, Mapping):
        return Page((), None)
    entries, cursor = value.get(key), value.get("cursor")
    return Page(
        entries if isinstance(entries, list) else (), cursor if isinstance(cursor, str) and cursor else None
    )


def _dated(item: Any) -> str:
    """The key of a notification: its date, always written alike (``2026-11-27T16:11:06.488Z``)."""
    date = item.get("indexedAt") if isinstance(item, Mapping) else None
    return date if isinstance(date, str) else ""


def _keyed(item: Any) -> str:
    """The key of a record: the last part of its address."""
    uri = item.get("uri") if isinstance(item, Mapping) else None
    return uri.rpartition("/")[2] if isinstance(uri, str) else ""


CONNECTOR = Connector(
    name="bluesky",
    title="Bluesky",
    platforms=("bluesky",),
    settings=(
        Setting("handle", "Handle", "Yours, like name.bsky.social or your own domain."),
        Setting(
            "password", "App password", "Four groups of four letters, not your own password.", secret=True
        ),
        Setting(
            "server",
            "Server",
            "Change it only if your account is on a server of its own.",
            optional=True,
            default=DEFAULT_SERVER,
        ),
        Setting(
            "jetstream",
            "Jetstream",
            "The address of a Jetstream (wss://…/subscribe), to hear within a second; it carries everything"
            " that happens on Bluesky, so leave it empty on a slow line.",
            optional=True,
        ),
    ),
    guide=Guide(
        steps=(
            "In Bluesky open Settings, Privacy and security, App passwords.",
            "Press Add app password, name it courtship, and leave Allow access to your direct messages off.",
            "Copy the password (four groups of four letters); it is shown once.",
        ),
        wait="At once.",
        link="https://bsky.app/settings/app-passwords",
    ),
    permission="An app password without access to direct messages. Bluesky has none that can only read;"
    " nothing here posts, likes or follows.",
    shows=SHOWS,
    check=check,
    run=run,
    can_say="Who followed, liked, reposted, quoted, answered and mentioned you, with dates back to the first"
    " notification; what you did yourself; who unfollowed.",
    cannot_say="Direct messages, who only looked, and what people do whom you have blocked or muted. When"
    " somebody reposted before the first notification. A like or post taken back is noticed among the newest"
    " 200 acts; with Jetstream, while it is connected, among all that this run has seen.",
    verified="real server",
)
