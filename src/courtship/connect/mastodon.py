"""Mastodon and what speaks its API: what others do towards the brand, and the brand's own statuses.

What is asked, and in which order:

1. notifications, one by one and each with its date (``/api/v1``), from the newest back to the first. Grouped
   ones (``/api/v2``) name at most eight people of a group, and only the last one's date; servers that group
   offer both, so the whole ones are read;
2. followers and those followed, whole lists, compared every few hours; blocks, where the token may see them;
3. the brand's own statuses; of each who favourited and boosted it, and who answered in its thread;
4. what the brand favourited.

What is new comes by the user's stream within a second where the server has one, else by looking at short
intervals; a look follows every break of the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.event_stream import Event, EventStream
from courtship.connect.json_api import Denied, all_unreadable
from courtship.connect.mastodon_lists import FollowLists
from courtship.connect.mastodon_own import OwnStatuses
from courtship.connect.mastodon_reading import (
    PAGE,
    PAGES,
    REMEMBERED,
    STATUSES,
    in_path,
    key_of,
    no_permission,
    own_account,
)
from courtship.connect.mastodon_server import MastodonServer
from courtship.connect.newest_first import NewestFirst, Page
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import (
    Activity,
    Guide,
    Micros,
    Problem,
    Profile,
    Record,
    Shows,
    Undo,
)
from courtship.platforms import mastodon_api as mapping
from courtship.platforms import times
from courtship.platforms.mastodon import text_of
from courtship.platforms.mastodon_api import notified, profile, who

SHOWS: Final[Shows] = {
    **{
        (kind, "inbound"): "full"
        for kind in ("follow", "like", "comment", "mention", "message", "share", "quote")
    },
    **{
        (kind, "outbound"): "full"
        for kind in ("follow", "like", "comment", "mention", "message", "share", "quote")
    },
    ("block", "outbound"): "some",
}

SOONEST, LATEST = 3.0, 20.0
"""Seconds between two looks where there is no stream: while something happens, and when nothing has for long.
Mastodon allows 300 requests in five minutes; a look is two."""

BESIDE_STREAM: Final = 60.0
"""Seconds between two looks while the stream brings what is new."""

COMPARED_EVERY: Final[Micros] = 600_000_000
COVERED_EVERY: Final[Micros] = 60_000_000

_CHECKED: Final = 10
"""So many posts' reactions, and so many statuses, are asked for in one go."""


def check(session: Session) -> Profile:
    """The profile of the account that the token opens."""
    return profile(own_account(MastodonServer(session)), session.now(), own=True)


def run(session: Session) -> Iterator[Batch]:
    """Everything since the cursor, then what happens, until the session is to stop."""
    following = _Run(session)
    try:
        yield from following.batches()
    finally:
        if following.stream is not None:
            following.stream.close()


class _Run(OwnStatuses, FollowLists):
    """One run: the state of the cursor, and what is remembered while it lasts."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.notifications = NewestFirst(self._notifications, key_of, self.saved.get("notifications"))
        self.oldest: str = self.saved.get("oldest") or ""
        self.complete: Micros | None = self.saved.get("complete")
        self.recent: dict[str, list[str]] = {
            entry[0]: list(entry[1:]) for entry in self.saved.get("recent") or ()
        }
        """Others' newest acts by their ids: the notification's key, its type, the number of the status, the
        number of the account."""
        self.compared: Micros = 0
        self.covered: Micros = 0
        self.interval = SOONEST
        self.stream: EventStream | None = None
        self.connections = 0

    # ------------------------------------------------------------------ the loop

    def batches(self) -> Iterator[Batch]:
        yield self._batch([profile(self.view, self.session.now())])
        self.stream = EventStream(
            self.session.http,
            f"{self.server.streaming()}/api/v1/streaming/user",
            self.server.headers,
        )
        back, filling, looked = self._back(), True, -1
        while not self.session.stopping():
            if not filling or self.session.now() - looked >= SOONEST * 1_000_000:
                yield from self._look()
                looked = self.session.now()
            if filling:
                step = next(back, None)
                filling = step is not None
                if step is not None:
                    yield step
                if self.server.slow_down and self.session.wait(1.0):
                    return
                yield from self._streamed(0)
                continue
            yield from self._listen()
            if self.notifications.gaps or self.own.gaps or self.session.now() >= self._next_lists():
                back, filling = self._back(), True

    def _listen(self) -> Iterator[Batch]:
        """Waits for the next look, and hands on what the stream brings meanwhile."""
        until = self.session.now() + int((BESIDE_STREAM if self._live() else self.interval) * 1_000_000)
        while not self.session.stopping() and self.session.now() < until:
            if self.stream is None or not self.stream.offered:
                self.session.wait(self.interval)
                return
            live = self.stream.live
            yield from self._streamed(0.2)
            if self.stream.connected != self.connections or live != self.stream.live:
                self.connections = self.stream.connected
                return  # what came during the break is looked for at once

    def _live(self) -> bool:
        return self.stream is not None and self.stream.live

    def _look(self) -> Iterator[Batch]:
        """What is new: notifications and own statuses."""
        records = self._told(self.notifications.look(), every=False)
        if self.own.newest is not None:
            for status in self.own.look():
                if key_of(status) and text_of(status.get("id")) not in self.written:
                    records += self._status(status)
            if not self.own.gaps:
                self.own_saved = self.own.state
        if self.favourites.get("done"):
            records += self._favourite_news()
        now = self.session.now()
        if now - self.compared >= COMPARED_EVERY:
            self.compared = now
            records += self._gone(now)
        self.interval = SOONEST if records else min(self.interval * 1.2, LATEST)
        whole = self.notifications.whole and self.own.whole and bool(self.favourites.get("done"))
        if records or (whole and now - self.covered >= COVERED_EVERY):
            yield self._batch(records, now if whole else None)

    def _back(self) -> Iterator[Batch]:
        """What is further back, one step at a time."""
        seen = 0
        while self.notifications.gaps:
            entries = self.notifications.fill()
            seen += len(entries)
            yield self._batch(self._told(entries, every=True), note=f"notifications: {seen:,} so far")
        if self.session.now() >= self._next_lists():
            yield from self._list("followers", "inbound")
            yield from self._list("following", "outbound")
            yield from self._blocks()
        count = 0
        while self.own.newest is None or self.own.gaps:
            statuses = self.own.look() if self.own.newest is None else self.own.fill()
            for status in statuses:
                yield from self._own_status(status)
            count += len(statuses)
            self.own_saved = self.own.state
            yield self._batch([], note=f"own statuses: {count:,} so far")
        while not self.favourites.get("done"):
            page = self.server.page(
                "/api/v1/favourites", limit=STATUSES, max_id=self.favourites.get("cursor")
            )
            records = self._favourited(page.entries)
            self.favourites["cursor"] = page.cursor
            self.favourites["done"] = page.cursor is None
            yield self._batch(records, note="what you favourited")

    # ------------------------------------------------------------------ notifications

    def _notifications(self, cursor: str | None) -> Page:
        try:
            page = self.server.page("/api/v1/notifications", limit=PAGE, max_id=cursor)
        except Denied as error:
            if error.status == 403:
                raise ConnectionRefused(no_permission(self.server.host)) from None
            raise Unreachable(f"{self.server.host} does not show notifications ({error})") from None
        return Page(page.entries, page.cursor)

    def _told(self, entries: Sequence[Any], *, every: bool) -> list[Record | Problem]:
        """The records of notifications; of ``every`` one, or of those alone that are not remembered."""
        records: list[Record | Problem] = []
        wrong: list[str] = []
        for item in entries:
            try:
                acts = self._notification(item, records, every=every)
            except ValueError as error:
                wrong.append(str(error))
                continue
            created = text_of(item.get("created_at"))
            if created and (not self.oldest or created < self.oldest):
                self.oldest = created
            for act in acts:
                self._remember(act, item)
        all_unreadable(self.server.host, len(entries), wrong)
        records += self._fresh("a notification", wrong)
        return records

    def _notification(self, item: Any, records: list[Record | Problem], *, every: bool) -> list[Activity]:
        now = self.session.now()
        if isinstance(item, Mapping):
            self._learn(item.get("status"))
            self._meet(item.get("account"))
        made = list(notified(item, self.statuses, self.me, now))
        acts = [one for one in made if isinstance(one, Activity) and self._ours(one)]
        if acts and not every and all(act.id in self.recent for act in acts):
            return []
        if acts:
            records += self._kept(made)
        return acts

    def _remember(self, act: Activity, item: Mapping[str, Any]) -> None:
        status, account = item.get("status"), item.get("account")
        number = text_of(status.get("id")) if isinstance(status, Mapping) else ""
        person = text_of(account.get("id")) if isinstance(account, Mapping) else ""
        self.recent[act.id] = [key_of(item), text_of(item.get("type")), number, person]
        if act.kind == "follow" and self.follows is not None:
            held = self.follows.get(act.actor)
            self.follows[act.actor] = act.id if held is None else max(held, act.id)
        if len(self.recent) > 2 * REMEMBERED:
            self.recent = dict(self._newest())

    def _newest(self) -> list[tuple[str, list[str]]]:
        return sorted(self.recent.items(), key=lambda item: (item[1][0], item[0]))[-REMEMBERED:]

    def _gone(self, now: Micros) -> list[Record | Problem]:
        """Which of the remembered acts have been taken back.

        Mastodon then takes the notification away too, other servers leave it; and notifications can be
        cleared, and people muted, while the act stays. So what is gone is asked for itself: of words whose
        notification is gone or empty the status, of reactions who reacted, to the posts with the newest ones.
        """
        if not self.recent:
            return []
        page = self._notifications(None)
        entries = list(page.entries)
        while page.cursor is not None and len(entries) < REMEMBERED:
            page = self._notifications(page.cursor)
            entries += page.entries
        there = {key: item for item in entries if (key := key_of(item))}
        records = self._told(
            [item for item in entries if isinstance(item, Mapping) and item.get("status")], every=False
        )
        since = min(there, default="") if page.cursor is not None else ""
        checked = 0
        absent: dict[str, list[str]] = {}
        reacted: dict[tuple[str, str], set[str] | None] = {}
        for id, (key, type, status, person) in reversed(self._newest()):
            if not status or key <= since:
                continue  # follows are compared as a whole list
            if type in mapping.ABOUT:
                if (type, status) not in reacted and len(reacted) < _CHECKED:
                    reacted[type, status] = self._who_reacts(type, status)
                found = reacted.get((type, status))
                if found is not None and person not in found:
                    absent.setdefault(person, []).append(id)
            elif checked < _CHECKED and not (key in there and there[key].get("status")):
                checked += 1
                del self.recent[id]
                if self._is_gone(status):
                    records.append(Undo(f"{id}:gone", id, now, "mastodon", blank=True))
        for person in self._visible(absent):
            for id in absent[person]:
                del self.recent[id]
                records.append(Undo(f"{id}:gone", id, now, "mastodon"))
        return records

    def _visible(self, people: Mapping[str, Any]) -> list[str]:
        """Those of the accounts that no block and no mute hides from us: who is hidden is on no list."""
        if not people:
            return []
        try:
            told = self.server.get(
                "/api/v1/accounts/relationships", **{"id[]": list(people)[:STATUSES]}
            ).value
        except Denied:
            return []
        return [
            text_of(one.get("id"))
            for one in (told if isinstance(told, list) else ())
            if isinstance(one, Mapping)
            and one.get("id") in people
            and not any(one.get(word) for word in ("muting", "blocking", "blocked_by", "domain_blocking"))
        ]

    def _who_reacts(self, type: str, status: str) -> set[str] | None:
        """The accounts that favourited or boosted a status; ``None`` where not all of them can be seen."""
        name = "favourited_by" if type == "favourite" else "reblogged_by"
        cursor: str | None = None
        found: set[str] = set()
        for _ in range(PAGES):
            try:
                page = self.server.page(
                    f"/api/v1/statuses/{in_path(status)}/{name}", limit=PAGE, max_id=cursor
                )
            except Denied:
                return None  # the own status is gone: what others did to it stays
            ids = [text_of(one.get("id")) if isinstance(one, Mapping) else "" for one in page.entries]
            if not all(ids):
                return None  # who cannot be read has not taken it back
            found.update(ids)
            if page.cursor is None:
                return found
            cursor = page.cursor
        return None

    def _is_gone(self, status: str) -> bool:
        try:
            self.server.get(f"/api/v1/statuses/{in_path(status)}")
        except Denied as error:
            return error.status in {404, 410}
        return False

    # ------------------------------------------------------------------ the stream

    def _streamed(self, patience: float) -> Iterator[Batch]:
        if self.stream is None:
            return
        records: list[Record | Problem] = []
        for event in self.stream.heard(patience):
            records += self._event(event)
        if records:
            yield self._batch(records)

    def _event(self, event: Event) -> list[Record | Problem]:
        """One event. Other people's statuses are passed over: what they say to the brand comes as a
        notification."""
        if event.name == "delete":
            return self._deleted(event.data.strip())
        if event.name not in {"notification", "update", "status.update", "conversation"}:
            return []
        try:
            value = orjson.loads(event.data)
        except orjson.JSONDecodeError:
            return [Problem("", "the stream", "an event is no JSON: damaged or cut short; left out")]
        if event.name == "notification":
            return self._told([value], every=False)
        if event.name == "conversation":
            value = value.get("last_status") if isinstance(value, Mapping) else None
        author = who(value.get("account")) if isinstance(value, Mapping) else ""
        known = isinstance(value, Mapping) and text_of(value.get("id")) in self.written
        return self._status(value) if author in self.brand or known or event.name == "conversation" else []

    def _deleted(self, number: str) -> list[Record | Problem]:
        now = self.session.now()
        ids = sorted(self.written.pop(number, set()))
        for id in ids:
            self.recent.pop(id, None)
        return [Undo(f"{id}:gone", id, now, "mastodon", blank=id.startswith("status:")) for id in ids]

    # ------------------------------------------------------------------ the cursor

    def _batch(
        self, records: Sequence[Record | Problem], complete: Micros | None = None, note: str = ""
    ) -> Batch:
        stream = self.stream
        if not note and stream is not None and not stream.live:
            if not stream.offered:
                note = "listening by looking every few seconds: this server offers no stream"
            elif stream.trouble:
                note = (
                    f"listening by looking every few seconds; the stream does not answer ({stream.trouble})"
                )
        seen_from: Micros | None = None
        if complete is not None:
            seen_from = self.complete if self.complete is not None else times.iso(self.oldest) or complete
            self.complete = self.covered = complete
        cursor = {
            "account": self.me,
            "notifications": self.notifications.state,
            "own": dict(self.own_saved),
            "favourites": {**self.favourites, "seen": list(self.favourites.get("seen") or ())},
            "lists": dict(self.lists),
            "oldest": self.oldest,
            "complete": self.complete,
            "recent": [[id, *rest] for id, rest in self._newest()],
        }
        return Batch(list(records), cursor, seen_from, complete, note)


CONNECTOR = Connector(
    name="mastodon",
    title="Mastodon",
    platforms=("mastodon",),
    settings=(
        Setting("server", "Server", "Where your account is, like example.social."),
        Setting("token", "Access token", "Shown when you open your application in Development.", secret=True),
    ),
    guide=Guide(
        steps=(
            "On your server open Preferences, Development, New application.",
            "Name it courtship; tick read and nothing else (untick profile, write and follow); press Submit.",
            "Open the application and copy Your access token.",
        ),
        wait="At once.",
        link="https://docs.joinmastodon.org/client/token/",
    ),
    permission="read: notifications, statuses, accounts, follows and blocks. Nothing can be posted with it.",
    shows=SHOWS,
    check=check,
    run=run,
    can_say="Who followed, favourited, boosted, quoted, answered and mentioned you and wrote to you, with"
    " dates as far back as your server keeps notifications; what you did yourself; who unfollowed.",
    cannot_say="Who voted in a poll: Mastodon tells nobody. When somebody favourited or boosted, where no"
    " notification is left of it. People whom you have blocked or muted. What was taken back is noticed among"
    " the newest 200 acts.",
    verified="mock and recorded answers",
)
