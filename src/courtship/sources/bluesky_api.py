"""Bluesky's answers, recorded: notifications, threads, quotes and feeds.

``app.bsky.notification.listNotifications`` is what shows others' acts: every like, repost, follow, answer,
quote and mention with the record itself, so that each is told exactly as the author's repository tells it.
Answers do not say whose they are: the owner is whoever all likes, reposts and follows in them are towards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Problem, Profile, Record
from courtship.platforms import bluesky_api as answers_mapping
from courtship.platforms.bluesky_api import Tellers
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


class _Answers:
    def __init__(self, made: Micros) -> None:
        self.made = made
        self.owners: set[Address] | None = None
        self.first: Micros | None = None
        self.last: Micros | None = None
        self.spans = Spans(())
        self._tellers = Tellers()

    def notification(self, item: Any) -> Iterator[Record]:
        acts = answers_mapping.notified(item, self.made)
        _, _, at = answers_mapping.viewed(item, self.made)
        yield from self._tellers.of(item["author"], at)
        yield from acts
        if acts and item.get("reason") in TOWARDS_OWNER:
            targets = {act.target for act in acts} - {""}
            self.owners = targets if self.owners is None else self.owners & targets
        self.first = min(at, self.first or at)
        self.last = max(at, self.last or at)

    def post(self, item: Any) -> Iterator[Record]:
        _, _, at = answers_mapping.viewed(item, self.made)
        yield from self._tellers.of(item["author"], at)
        for one in answers_mapping.post(item, self.made):
            if isinstance(one, Activity):
                self.spans.add(one)
            yield one


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
            yield from _mapped(entry, where, found.post, answers_mapping.posts_in(value))
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
