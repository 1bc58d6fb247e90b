"""Bluesky's answers, recorded: notifications, threads, quotes and feeds.

``app.bsky.notification.listNotifications`` is what shows others' acts: every like, repost, follow, answer,
quote and mention with the record itself, so that each is told exactly as the author's repository tells it.
Answers do not say whose they are: the owner is whoever all likes, reposts and follows in them are towards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Problem, Profile, Record, Total
from courtship.platforms import bluesky as mapping
from courtship.platforms import times
from courtship.platforms.bluesky import account, author, described
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.recorded import answers
from courtship.sources.spans import Spans
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    (kind, "inbound"): "some" for kind in ("follow", "like", "comment", "mention", "share", "quote")
}

TOWARDS_OWNER: Final = frozenset({"like", "repost", "follow", "quote", "mention"})
"""Reasons of notifications about acts towards the owner. Answers are told of a whole thread."""

NAMES: Final = re.compile(r"\.(json|jsonl|ndjson)$|(?:^|/)[^./]+$", re.IGNORECASE)
_OURS: Final = re.compile(rb'"(?:notifications|posts|feed)"\s*:\s*\[|"thread"\s*:\s*\{')
_TOTALS: Final = {"likeCount": "like", "repostCount": "share", "replyCount": "comment", "quoteCount": "quote"}


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [
        entry
        for entry in tree.matching(NAMES)
        if (head := head_utf8(entry)).startswith(b"{")
        and b"app.bsky." in head
        and b'"did"' in head
        and b"at://" in head
        and _OURS.search(head)
    ]


class Tellers:
    """Profiles, each told once as it is first seen."""

    def __init__(self) -> None:
        self._told: set[tuple[Any, ...]] = set()

    def of(self, view: Any, at: Micros) -> Iterator[Profile]:
        """The profile in an answer. `ValueError` where it is nobody's."""
        profile = described(view, at)
        if profile._replace(at=None) not in self._told:
            self._told.add(profile._replace(at=None))
            yield profile


class _Answers:
    def __init__(self, made: Micros) -> None:
        self.made = made
        self.owners: set[Address] | None = None
        self.first: Micros | None = None
        self.last: Micros | None = None
        self.spans = Spans(())
        self._tellers = Tellers()

    def notification(self, item: Any) -> Iterator[Record]:
        uri, value, at = self._view(item, "record")
        acts = [one for one in mapping.record(uri, value) if isinstance(one, Activity)]
        yield from self._tellers.of(item["author"], at)
        yield from acts
        if acts and item.get("reason") in TOWARDS_OWNER:
            targets = {act.target for act in acts} - {""}
            self.owners = targets if self.owners is None else self.owners & targets
        self.first = min(at, self.first or at)
        self.last = max(at, self.last or at)

    def post(self, item: Any) -> Iterator[Record]:
        uri, value, at = self._view(item, "record")
        yield from self._tellers.of(item["author"], at)
        for one in mapping.record(uri, value):
            if isinstance(one, Activity):
                self.spans.add(one)
            yield one
            if isinstance(one, Post):
                for key, kind in _TOTALS.items():
                    amount = item.get(key)
                    if isinstance(amount, int) and amount > 0:
                        yield Total(uri, kind, amount, self.made)

    def _view(self, item: Any, key: str) -> tuple[str, Any, Micros]:
        if not isinstance(item, Mapping):
            raise ValueError("is no entry of an answer; left out")
        view = item.get("author")
        who = account(view.get("did")) if isinstance(view, Mapping) else ""
        uri = item.get("uri")
        if not who or author(uri) != who:
            raise ValueError("does not say whose record it is, or says two; left out")
        return str(uri), item.get(key), times.iso(item.get("indexedAt")) or self.made


def _posts(answer: Mapping[str, Any]) -> Iterator[Any]:
    """The posts of quotes, feeds and threads, a thread from the top."""
    if isinstance(posts := answer.get("posts"), list):
        yield from posts
    if isinstance(feed := answer.get("feed"), list):
        for item in feed:
            yield item.get("post") if isinstance(item, Mapping) else item
    above: list[Any] = []
    node = answer.get("thread")
    while isinstance(node, Mapping) and isinstance(node.get("parent"), Mapping):
        node = node["parent"]
        above.append(node)
    waiting = [answer.get("thread"), *above]
    while waiting:
        node = waiting.pop()
        # What was deleted or is blocked has an address and no post.
        if isinstance(node, Mapping) and "post" in node:
            yield node["post"]
            replies = node.get("replies")
            waiting += reversed(replies) if isinstance(replies, list) else ()


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        found = _Answers(entry.modified or claim.now)
        for answer in answers(entry):
            if isinstance(answer, Problem):
                yield answer
                continue
            where, value = answer
            if not isinstance(value, Mapping):
                yield entry.problem(where, "is no answer that is known here; left out")
                continue
            notifications = value.get("notifications")
            if isinstance(notifications, list):
                yield from _mapped(entry, where, found.notification, notifications)
            yield from _mapped(entry, where, found.post, _posts(value))
        if found.owners and len(found.owners) == 1:
            (owner,) = found.owners
            yield Profile(
                owner, found.made, url=f"https://bsky.app/profile/{owner.partition(':')[2]}", own=True
            )
            if found.first is not None and found.last is not None:
                yield from SOURCE.coverage(owner, found.last, found.first)
        yield from found.spans.coverage()


def _mapped(
    entry: Entry, where: str, reader: Callable[[Any], Iterator[Record]], items: Sequence[Any] | Iterator[Any]
) -> Iterator[Record | Problem]:
    for number, item in enumerate(items, 1):
        try:
            yield from reader(item)
        except ValueError as error:
            yield entry.problem(f"{where}, entry {number}".removeprefix(", "), str(error))


SOURCE = Source(
    name="bluesky-api",
    title="Bluesky's answers: notifications, threads, quotes",
    platforms=("bluesky",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Sign in to your server with an app password (Settings, Privacy and security, App passwords).",
            "Ask app.bsky.notification.listNotifications?limit=100, then again with each answer's cursor.",
            "Save each answer as a line of one file, or as a file of its own.",
        ),
        wait="At once.",
        link="https://docs.bsky.app/docs/api/app-bsky-notification-list-notifications",
    ),
    files="recorded answers of listNotifications, getPostThread, getPosts, getQuotes, getAuthorFeed (JSON)",
    can_say="Who liked, reposted, followed, answered, quoted and mentioned you, and when.",
    cannot_say="What was taken back since, and what happened outside the pages that were saved.",
    grade="A",
)
