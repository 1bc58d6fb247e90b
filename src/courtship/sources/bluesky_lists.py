"""Bluesky's lists, recorded: who likes or reposted a post, who follows, whom one follows.

These answers name people without the records of what they did. A like has its date; a repost and a follow
have none. A list of followers is compared with the next one; it counts as complete only where its pages, to
the last, are lines of one file: of a page alone nobody can tell whether it is all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Address, Micros, Problem, Record, Snapshot
from courtship.platforms.bluesky import account, author
from courtship.platforms.bluesky_api import Tellers, listed_act, reacted
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.bluesky_api import NAMES
from courtship.sources.recorded import answers
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction

SHOWS: Final[Shows] = {
    ("like", "inbound"): "some",
    ("share", "inbound"): "some",
    ("follow", "inbound"): "some",
    ("follow", "outbound"): "some",
}

_OURS: Final = re.compile(rb'"(?:likes|repostedBy|followers|follows)"\s*:\s*\[')
_LISTS: Final[Mapping[str, Direction]] = {"followers": "inbound", "follows": "outbound"}


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [
        entry
        for entry in tree.matching(NAMES)
        if (head := head_utf8(entry)).startswith(b"{")
        and re.search(rb'"did:(?:plc|web):', head)
        and b'"handle"' in head
        and _OURS.search(head)
    ]


class _Lists:
    """What one file says."""

    def __init__(self, made: Micros) -> None:
        self.made = made
        self.damaged = False
        self._tellers = Tellers()
        self._members: dict[tuple[Address, Direction], list[Address]] = {}
        self._more: dict[tuple[Address, Direction], list[bool]] = {}
        self._spans: dict[tuple[Address, str], tuple[Micros, Micros]] = {}

    def answer(self, value: Any) -> Iterator[Record | str]:
        """The records of one answer; words for what could not be read."""
        if not isinstance(value, Mapping):
            yield "is no answer that is known here; left out"
            return
        uri = value.get("uri")
        owner = author(uri)
        for key in ("likes", "repostedBy"):
            items = value.get(key)
            if not isinstance(items, list):
                continue
            if not owner:
                yield "does not say of which post (uri); ask by the author's DID, not by a handle"
                continue
            for item in items:
                yield from self._act(key, item, str(uri), owner)
        for key, direction in _LISTS.items():
            if isinstance(items := value.get(key), list):
                yield from self._list(value, items, direction)

    def _act(self, key: str, item: Any, uri: str, owner: Address) -> Iterator[Record | str]:
        try:
            act = listed_act(key, item, uri, owner, self.made)
            yield from self._tellers.of(reacted(key, item), self.made)
        except ValueError as error:
            yield str(error)
            return
        if act is None:
            return
        yield act
        kind, at = act.kind, act.at
        first, last = self._spans.get((owner, kind), (at, at))
        self._spans[owner, kind] = (min(first, at), max(last, at))

    def _list(
        self, value: Mapping[str, Any], items: Sequence[Any], direction: Direction
    ) -> Iterator[Record | str]:
        subject = value.get("subject")
        of = account(subject.get("did")) if isinstance(subject, Mapping) else ""
        if not of:
            yield "does not say whose list it is (subject); left out"
            return
        yield from self._tellers.of(subject, self.made)
        members = self._members.setdefault((of, direction), [])
        for item in items:
            who = account(item.get("did")) if isinstance(item, Mapping) else ""
            if who:
                yield from self._tellers.of(item, self.made)
                members.append(who)
            else:
                yield "an entry does not say who (no DID); left out"
        self._more.setdefault((of, direction), []).append(bool(value.get("cursor")))

    def end(self) -> Iterator[Record]:
        """The lists, put together from their pages, and the coverage."""
        for (of, direction), members in self._members.items():
            more = self._more[of, direction]
            complete = not self.damaged and len(more) > 1 and all(more[:-1]) and not more[-1]
            yield Snapshot(of, "follow", direction, tuple(dict.fromkeys(members)), self.made, complete)
            yield from SOURCE.coverage(
                of, self.made, only={("follow", direction): "full" if complete else "some"}
            )
        for (of, kind), (first, last) in self._spans.items():
            yield from SOURCE.coverage(of, last, first, only={(kind, "inbound"): "some"})


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        lists = _Lists(entry.modified or claim.now)
        for answer in answers(entry):
            if isinstance(answer, Problem):
                lists.damaged = True
                yield answer
                continue
            where, value = answer
            for record in lists.answer(value):
                lists.damaged = lists.damaged or isinstance(record, str)
                yield entry.problem(where, record) if isinstance(record, str) else record
        yield from lists.end()


SOURCE = Source(
    name="bluesky-lists",
    title="Bluesky's lists: likes, reposts, followers, follows",
    platforms=("bluesky",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Ask public.api.bsky.app/xrpc/app.bsky.graph.getFollowers?actor=DID&limit=100, no account needed,"
            " then again with each answer's cursor until there is none.",
            "Save the answers in order as the lines of one file: only then can departures be seen.",
            "For one post ask app.bsky.feed.getLikes or getRepostedBy with ?uri=at://DID/app.bsky.feed.post/KEY.",
        ),
        wait="At once.",
        link="https://docs.bsky.app/docs/api/app-bsky-graph-get-followers",
    ),
    files="recorded answers of getLikes, getRepostedBy, getFollowers, getFollows (JSON)",
    can_say="Who likes a post and when, who reposted it, who follows you and whom you follow.",
    cannot_say="When somebody reposted or followed: these lists have no dates.",
    grade="A",
)
