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

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.event_stream import Event, EventStream
from courtship.connect.json_api import Denied
from courtship.connect.mastodon_server import MastodonServer
from courtship.connect.newest_first import NewestFirst, Page
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import (
    Activity,
    Address,
    Guide,
    Micros,
    Post,
    Problem,
    Profile,
    Record,
    Shows,
    Snapshot,
    Total,
    Undo,
)
from courtship.platforms import mastodon_api as mapping
from courtship.platforms import times
from courtship.platforms.mastodon import text_of
from courtship.platforms.mastodon_api import Statuses, notified, profile, reaction, who
from courtship.vocabulary import Direction

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

PAGE: Final = 80
"""As many notifications or accounts as a page may have; of statuses 40. Servers give fewer if they like."""

STATUSES: Final = 40

SOONEST, LATEST = 3.0, 20.0
"""Seconds between two looks where there is no stream: while something happens, and when nothing has for long.
Mastodon allows 300 requests in five minutes; a look is two."""

BESIDE_STREAM: Final = 60.0
"""Seconds between two looks while the stream brings what is new."""

LISTS_EVERY: Final[Micros] = 6 * 3_600_000_000
COMPARED_EVERY: Final[Micros] = 600_000_000
COVERED_EVERY: Final[Micros] = 60_000_000

REMEMBERED: Final = 200
"""Acts whose disappearance is looked for: the newest ones."""

_CHECKED: Final = 10
"""So many posts' reactions, and so many statuses, are asked for in one go."""

_PAGES: Final = 5
"""So many pages of a list are read to see who is on it."""

_KNOWN: Final = 5_000
"""Statuses of which number, address and author are remembered."""


def check(session: Session) -> Profile:
    """The profile of the account that the token opens."""
    return profile(_me(MastodonServer(session)), session.now(), own=True)


def _me(server: MastodonServer) -> Mapping[str, Any]:
    try:
        view = server.get("/api/v1/accounts/verify_credentials").value
    except Denied as error:
        if error.status == 403:
            raise ConnectionRefused(_no_permission(server.host)) from None
        raise ConnectionRefused(
            f"{server.host} does not speak Mastodon's API (status {error.status}); check the server's address"
        ) from None
    if not isinstance(view, Mapping) or not who(view) or not text_of(view.get("id")):
        raise Unreachable(f"{server.host} does not say whose token this is")
    return view


def _no_permission(host: str) -> str:
    return (
        f"The access token of {host} lacks a permission: in Preferences, Development, tick read in your"
        " application, press Regenerate access token, and enter the new one"
    )


def run(session: Session) -> Iterator[Batch]:
    """Everything since the cursor, then what happens, until the session is to stop."""
    following = _Run(session)
    try:
        yield from following.batches()
    finally:
        if following.stream is not None:
            following.stream.close()


class _Run:
    """One run: the state of the cursor, and what is remembered while it lasts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.server = MastodonServer(session)
        view = _me(self.server)
        self.view = view
        self.me = who(view)
        self.number = text_of(view.get("id"))
        self.brand = session.brand | {self.me}
        saved: Mapping[str, Any] = session.cursor if session.cursor.get("account") == self.me else {}
        self.notifications = NewestFirst(self._notifications, _key, saved.get("notifications"))
        self.own = NewestFirst(self._own_fetch, _key, saved.get("own"))
        self.own_saved: dict[str, Any] = self.own.state
        """What is stored: the state after the last page all of whose reactions have been told."""
        self.favourites: dict[str, Any] = dict(saved.get("favourites") or {})
        self.lists: dict[str, Any] = dict(saved.get("lists") or {})
        self.oldest: str = saved.get("oldest") or ""
        self.complete: Micros | None = saved.get("complete")
        self.recent: dict[str, list[str]] = {entry[0]: list(entry[1:]) for entry in saved.get("recent") or ()}
        """Others' newest acts by their ids: the notification's key, its type, the number of the status, the
        number of the account."""
        self.follows: dict[Address, str] | None = {} if "notifications" not in saved else None
        """Follows that notifications tell of; ``None`` until they have been read."""
        self.people: dict[str, Address] = {self.number: self.me}
        self.known: dict[str, Mapping[str, Any]] = {}
        self.statuses = Statuses(self.people, self.known)
        self.written: dict[str, set[str]] = {}
        """By the number of a status: the ids of its acts."""
        self.told: dict[Address, Profile] = {}
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
                if _key(status) and text_of(status.get("id")) not in self.written:
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
                raise ConnectionRefused(_no_permission(self.server.host)) from None
            raise Unreachable(f"{self.server.host} does not show notifications ({error})") from None
        return Page(page.entries, page.cursor)

    def _told(self, entries: Sequence[Any], *, every: bool) -> list[Record | Problem]:
        """The records of notifications; of ``every`` one, or of those alone that are not remembered."""
        records: list[Record | Problem] = []
        for item in entries:
            try:
                acts = self._notification(item, records, every=every)
            except ValueError as error:
                records.append(Problem("", "a notification", str(error)))
                continue
            created = text_of(item.get("created_at"))
            if created and (not self.oldest or created < self.oldest):
                self.oldest = created
            for act in acts:
                self._remember(act, item)
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

    def _kept(self, made: Sequence[Record]) -> list[Record]:
        """Of what a status or a notification tells: acts that are the brand's or towards it, the brand's own
        posts with their totals, and people, each once."""
        records: list[Record] = []
        own = {one.object for one in made if isinstance(one, Post) and one.author in self.brand}
        for one in made:
            if isinstance(one, Activity):
                keep = self._ours(one)
            elif isinstance(one, Profile):
                plain = one._replace(at=None)
                keep = self.told.get(one.account) != plain
                self.told[one.account] = plain
            elif isinstance(one, (Post, Total)):
                keep = one.object in own
            else:
                keep = True
            if keep:
                records.append(one)
        return records

    def _ours(self, act: Activity) -> bool:
        return act.actor in self.brand or act.target in self.brand

    def _remember(self, act: Activity, item: Mapping[str, Any]) -> None:
        status, account = item.get("status"), item.get("account")
        number = text_of(status.get("id")) if isinstance(status, Mapping) else ""
        person = text_of(account.get("id")) if isinstance(account, Mapping) else ""
        self.recent[act.id] = [_key(item), text_of(item.get("type")), number, person]
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
        there = {key: item for item in entries if (key := _key(item))}
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
        for _ in range(_PAGES):
            try:
                page = self.server.page(f"/api/v1/statuses/{_path(status)}/{name}", limit=PAGE, max_id=cursor)
            except Denied:
                return None  # the own status is gone: what others did to it stays
            found.update(text_of(one.get("id")) for one in page.entries if isinstance(one, Mapping))
            if page.cursor is None:
                return found
            cursor = page.cursor
        return None

    def _is_gone(self, status: str) -> bool:
        try:
            self.server.get(f"/api/v1/statuses/{_path(status)}")
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

    # ------------------------------------------------------------------ statuses

    def _learn(self, status: Any) -> None:
        """Remembers a status by its number, and finds the one that it answers: only then is it known what of
        the brand's was answered."""
        if not isinstance(status, Mapping):
            return
        self._know(status)
        self._meet(status.get("account"))
        for mention in status.get("mentions") or ():
            self._meet(mention)
        answered = text_of(status.get("in_reply_to_id"))
        if answered and answered not in self.known:
            try:
                found = self.server.get(f"/api/v1/statuses/{_path(answered)}").value
            except Denied:
                found = None  # deleted, or not for us to see
            if isinstance(found, Mapping):
                self._know(found)
            else:
                self.known[answered] = {}

    def _know(self, status: Mapping[str, Any]) -> None:
        number = text_of(status.get("id"))
        if not number:
            return
        if len(self.known) >= _KNOWN:
            del self.known[next(iter(self.known))]
        self.known[number] = {"uri": status.get("uri"), "account": status.get("account")}

    def _meet(self, view: Any) -> None:
        if isinstance(view, Mapping) and (address := who(view)) and (number := text_of(view.get("id"))):
            self.people[number] = address

    def _status(self, status: Any) -> list[Record | Problem]:
        """What a status tells, of whoever it is."""
        try:
            self._learn(status)
            made = self._kept(list(self.statuses.records(status, self.session.now())))
        except ValueError as error:
            return [Problem("", "a status", str(error))]
        self.written.setdefault(text_of(status.get("id")), set()).update(
            one.id for one in made if isinstance(one, Activity)
        )
        return list(made)

    def _own_fetch(self, cursor: str | None) -> Page:
        try:
            page = self.server.page(
                f"/api/v1/accounts/{_path(self.number)}/statuses", limit=STATUSES, max_id=cursor
            )
        except Denied as error:
            if error.status == 403:
                raise ConnectionRefused(_no_permission(self.server.host)) from None
            raise Unreachable(f"{self.server.host} does not show your statuses ({error})") from None
        return Page(page.entries, page.cursor)

    def _own_status(self, status: Any) -> Iterator[Batch]:
        """An own status, and who reacted to it, as far as the server shows it."""
        yield self._batch(self._status(status))
        if not isinstance(status, Mapping) or isinstance(status.get("reblog"), Mapping):
            return
        number = text_of(status.get("id"))
        for counted, name, type in (
            ("favourites_count", "favourited_by", "favourite"),
            ("reblogs_count", "reblogged_by", "reblog"),
        ):
            if status.get(counted) and number:
                yield from self._reacted(status, number, name, type)
        if status.get("replies_count") and number:
            try:
                context = self.server.get(f"/api/v1/statuses/{_path(number)}/context").value
            except Denied:
                return
            below = context.get("descendants") if isinstance(context, Mapping) else None
            answers = below if isinstance(below, list) else []
            for one in answers:
                if isinstance(one, Mapping):
                    self._know(one)
            records: list[Record | Problem] = []
            for one in answers:
                told = self._status(one)
                if any(isinstance(record, Activity) for record in told):
                    records += [*self._people(one), *told]
            yield self._batch(records)

    def _people(self, status: Any) -> list[Record]:
        view = status.get("account")
        return self._kept([profile(view, self.session.now())]) if isinstance(view, Mapping) else []

    def _reacted(self, status: Mapping[str, Any], number: str, name: str, type: str) -> Iterator[Batch]:
        cursor: str | None = None
        while not self.session.stopping():
            try:
                page = self.server.page(f"/api/v1/statuses/{_path(number)}/{name}", limit=PAGE, max_id=cursor)
            except Denied:
                return
            now = self.session.now()
            records: list[Record | Problem] = []
            for view in page.entries:
                try:
                    if who(view) not in self.brand:
                        # A notification of the same act has its date, is the earlier, and counts.
                        records += self._kept(
                            [profile(view, now), reaction(type, who(view), status, now, False)]
                        )
                except (ValueError, AttributeError) as error:
                    records.append(Problem("", name, str(error)))
            yield self._batch(records)
            if page.cursor is None:
                return
            cursor = page.cursor

    # ------------------------------------------------------------------ what the brand favourited

    def _favourited(self, entries: Sequence[Any]) -> list[Record | Problem]:
        records: list[Record | Problem] = []
        seen: list[str] = self.favourites.setdefault("seen", [])
        for status in entries:
            number = text_of(status.get("id")) if isinstance(status, Mapping) else ""
            if not number or number in seen:
                continue
            try:
                # A favourite has no date: it is as of when it was first seen.
                act = reaction("favourite", self.me, status, self.session.now(), False)
            except ValueError as error:
                records.append(Problem("", "a favourite", str(error)))
                continue
            seen.append(number)
            if act.target not in self.brand:
                records.append(act)
        del seen[:-REMEMBERED]
        return records

    def _favourite_news(self) -> list[Record | Problem]:
        """Own favourites since the last look: the newest pages, until one is known."""
        records: list[Record | Problem] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            page = self.server.page("/api/v1/favourites", limit=STATUSES, max_id=cursor)
            seen = set(self.favourites.get("seen") or ())
            fresh = [
                one for one in page.entries if isinstance(one, Mapping) and text_of(one.get("id")) not in seen
            ]
            records += self._favourited(fresh)
            if page.cursor is None or len(fresh) < len(page.entries):
                break
            cursor = page.cursor
        return records

    # ------------------------------------------------------------------ lists

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
        while True:
            try:
                page = self.server.page(
                    f"/api/v1/accounts/{_path(self.number)}/{name}", limit=PAGE, max_id=cursor
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
                    continue
                self._meet(view)
                members[who(view)] = None
            if page.cursor is None:
                break
            cursor = page.cursor
            yield self._batch(records, note=f"{name}: {len(members):,} so far")
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
        if direction == "outbound":
            self.lists["at"] = self.session.now()
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

    # ------------------------------------------------------------------ the cursor

    def _batch(
        self, records: Sequence[Record | Problem], complete: Micros | None = None, note: str = ""
    ) -> Batch:
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


def _key(item: Any) -> str:
    """The number of a notification or status, such that it grows as text: numbers have no fixed length, and
    some servers write letters (ULID), all of one length."""
    number = text_of(item.get("id")) if isinstance(item, Mapping) else ""
    return f"{len(number):03d}{number}" if number else ""


def _path(number: str) -> str:
    """A number as a part of a path: a server's answer must not choose another question."""
    from urllib.parse import quote

    return quote(number, safe="")


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
