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

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.bluesky_follows import FollowLists
from courtship.connect.bluesky_own import OwnRepository
from courtship.connect.bluesky_reactions import Reactions
from courtship.connect.bluesky_reading import PAGE, REMEMBERED, dated, page_of, signing_in
from courtship.connect.bluesky_session import DEFAULT_SERVER
from courtship.connect.jetstream import Jetstream
from courtship.connect.json_api import Denied, all_unreadable, nearly_spent, onwards
from courtship.connect.newest_first import NewestFirst, Page
from courtship.errors import ConnectionRefused
from courtship.model import Activity, Guide, Micros, Problem, Profile, Record, Shows, Undo
from courtship.platforms import bluesky as mapping
from courtship.platforms import bluesky_api as answers
from courtship.platforms.bluesky import described

SHOWS: Final[Shows] = {
    **{(kind, "inbound"): "full" for kind in ("follow", "like", "comment", "mention", "share", "quote")},
    **{
        (kind, "outbound"): "full"
        for kind in ("follow", "like", "comment", "mention", "share", "quote", "block")
    },
}

SOONEST, LATEST = 1.0, 10.0
"""Seconds between two looks for what is new: while something happens, and when nothing has for long."""

BESIDE_JETSTREAM: Final = 60.0
"""Seconds between two looks while Jetstream brings what is new."""

COMPARED_EVERY: Final[Micros] = 300_000_000
COVERED_EVERY: Final[Micros] = 60_000_000

_CHECKED: Final = 25
"""Acts that have disappeared from the notifications are asked for one by one, at most so many at a time."""


def check(session: Session) -> Profile:
    """Signs in and answers the account's profile. An account's own password is turned away: it could do far
    more than is needed here."""
    server = signing_in(session)
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


class _Run(OwnRepository, FollowLists, Reactions):
    """One run: the state of the cursor, and what is remembered while it lasts."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.notifications = NewestFirst(self._notifications, dated, self.saved.get("notifications"))
        self.complete: Micros | None = self.saved.get("complete")
        self.compared: Micros = 0
        self.covered: Micros = 0
        self.interval = SOONEST
        address = session.settings.get("jetstream", "").strip()
        self.jetstream = (
            Jetstream(address, self.server.did, self.saved.get("jetstream"), self.known) if address else None
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
        self.looked = self.session.now()
        entries = self.notifications.look()
        records = self._told(entries, every=False)
        if before != self.notifications.newest or records:
            self.interval = SOONEST
        else:
            self.interval = min(self.interval * 1.2, LATEST)
        if self.notifications.whole and not self.notifications.gaps:
            self._oldest(entries)
        done = self._own_news()
        if done:
            self.interval = SOONEST
        records += done
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
        return page_of(answer.value, "notifications")

    def _told(self, entries: Sequence[Any], *, every: bool) -> list[Record | Problem]:
        """The records of notifications; of ``every`` one, or of those alone that are not remembered."""
        records: list[Record | Problem] = []
        wrong: list[str] = []
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
                wrong.append(str(error))
                continue
            for act in acts:
                self._remember(act, dated(item))
        all_unreadable("Bluesky", len(entries), wrong)
        records += self._fresh("a notification", wrong)
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
        dates = [date for date in map(dated, entries) if date]
        if dates:
            self.oldest = min([*dates, *([self.oldest] if self.oldest else [])])

    def _gone(self, now: Micros) -> list[Record | Problem]:
        """Which of the remembered acts have been taken back: they are in the notifications no longer, and
        their record is not there when asked for. (Who is muted disappears from the notifications too.)"""
        if not self.recent:
            return []
        page = self._notifications(None)
        entries = list(page.entries)
        cursor: str | None = None
        while page.cursor is not None and len(entries) < REMEMBERED and page.entries:
            cursor = onwards("Bluesky", cursor, page.cursor)
            page = self._notifications(cursor)
            entries += page.entries
        records = self._told(entries, every=False)
        there = {str(item.get("uri")) for item in entries if isinstance(item, Mapping)}
        dates = [date for date in map(dated, entries) if date]
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
            if not note and self.jetstream.trouble and not self.jetstream.live:
                trouble = self.jetstream.trouble
                note = f"listening by looking every few seconds; Jetstream does not answer ({trouble})"
        return Batch(list(records), cursor, seen_from, complete, note)


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
