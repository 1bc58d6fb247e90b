"""Bluesky's answers (``app.bsky.*`` queries) -> records: notifications, posts, and who likes or reposted one.

A notification carries the record itself, so that it is told exactly as the author's repository tells it
(`platforms.bluesky`). Lists of likes and reposts name people without their records: their acts get ids of
their own, ``listed:KIND:POST:DID``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Total
from courtship.platforms import bluesky as mapping
from courtship.platforms import times
from courtship.platforms.bluesky import account, author, described, page

_TOTALS: Final = {"likeCount": "like", "repostCount": "share", "replyCount": "comment", "quoteCount": "quote"}


class Tellers:
    """Profiles, each told once as it is first seen; at most the last ``limit`` are remembered."""

    def __init__(self, limit: int = 100_000) -> None:
        self._told: dict[Address, Profile] = {}
        self._limit = limit

    def of(self, view: Any, at: Micros) -> Iterator[Profile]:
        """The profile in an answer, if it is new or changed. `ValueError` where it is nobody's."""
        profile = described(view, at)
        plain = profile._replace(at=None)
        if self._told.get(profile.account) != plain:
            if len(self._told) >= self._limit:
                self._told.pop(next(iter(self._told)))
            self._told[profile.account] = plain
            yield profile


def viewed(item: Any, made: Micros) -> tuple[str, Any, Micros]:
    """The address, the record and the date of a notification or a post; ``made`` where it has no date.

    `ValueError` where it does not say whose record it is.
    """
    if not isinstance(item, Mapping):
        raise ValueError("is no entry of an answer; left out")
    view = item.get("author")
    who = account(view.get("did")) if isinstance(view, Mapping) else ""
    uri = item.get("uri")
    if not who or author(uri) != who:
        raise ValueError("does not say whose record it is, or says two; left out")
    return str(uri), item.get("record"), times.iso(item.get("indexedAt")) or made


def notified(item: Any, made: Micros) -> list[Activity]:
    """The acts that a notification tells of. `ValueError` says what is wrong with it."""
    uri, value, _ = viewed(item, made)
    return [one for one in mapping.record(uri, value) if isinstance(one, Activity)]


def post(item: Any, made: Micros) -> Iterator[Record]:
    """A post as answers show it: its acts, the post that it is, and its totals as of ``made``.

    `ValueError` says what is wrong with it.
    """
    uri, value, _ = viewed(item, made)
    for one in mapping.record(uri, value):
        yield one
        if isinstance(one, Post):
            yield from totals(item, uri, made)


def totals(item: Mapping[str, Any], uri: str, made: Micros) -> Iterator[Total]:
    """The counts of a post, of whoever they are."""
    for key, kind in _TOTALS.items():
        amount = item.get(key)
        if isinstance(amount, int) and amount > 0:
            yield Total(uri, kind, amount, made)


def posts_in(answer: Mapping[str, Any]) -> Iterator[Any]:
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


def reacted(key: str, item: Any) -> Any:
    """Whose profile an entry of ``likes`` or ``repostedBy`` shows."""
    return item.get("actor") if key == "likes" and isinstance(item, Mapping) else item


def listed_act(key: str, item: Any, uri: str, owner: Address, made: Micros) -> Activity | None:
    """One of those who like or reposted the post ``uri`` of ``owner``; ``None`` for the owner.

    ``key`` is ``likes``, which have a date, or ``repostedBy``, which have none: those are as of ``made``.
    `ValueError` where it does not say who.
    """
    view = reacted(key, item)
    who = account(view.get("did")) if isinstance(view, Mapping) else ""
    if not who:
        raise ValueError("an entry does not say who (no DID); left out")
    if who == owner:
        return None
    dated = times.iso(item.get("createdAt")) if key == "likes" else None
    kind = "like" if key == "likes" else "share"
    return Activity(
        f"listed:{kind}:{uri}:{who.partition(':')[2]}",
        kind,
        who,
        owner,
        made if dated is None else dated,
        precise=dated is not None,
        object=uri,
        url=page(uri),
        public=True,
    )


def follower(view: Any, of: Address) -> Activity | None:
    """The follow of one who follows the signed-in account ``of``: answers then name its record
    (``viewer.followedBy``), whose key dates it. ``None`` where they do not.
    """
    viewer = view.get("viewer") if isinstance(view, Mapping) else None
    uri = viewer.get("followedBy") if isinstance(viewer, Mapping) else None
    return _follow(uri, author(uri), of) if uri else None


def followed(view: Any, of: Address) -> Activity | None:
    """The follow by the signed-in account ``of`` of one whom it follows (``viewer.following``)."""
    viewer = view.get("viewer") if isinstance(view, Mapping) else None
    uri = viewer.get("following") if isinstance(viewer, Mapping) else None
    whom = account(view.get("did")) if isinstance(view, Mapping) else ""
    return _follow(uri, of, whom) if uri and whom else None


def _follow(uri: Any, actor: Address, target: Address) -> Activity | None:
    try:
        at = mapping.tid_time(mapping.parts(uri)[2])
    except ValueError:
        return None
    if at is None or not actor or not target:
        return None
    return Activity(str(uri), "follow", actor, target, at, public=True)
