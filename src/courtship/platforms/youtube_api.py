"""YouTube's Data API v3: things in its recorded answers -> records.

Read are comments with their answers, subscriptions both ways, members, and videos, uploads and channels as
posts, totals and profiles (https://developers.google.com/youtube/v3/docs). Decided here:

- A comment is towards whoever owns what it directly answers: the author of the parent comment; else the
  channel that the thread is about; else the owner of the video, where another answer says it.
- YouTube hangs every answer under the first comment of its thread. One that begins with ``@handle`` answers
  the channel of that handle: known only where that channel wrote something in these files, else nobody.
- The same comment may be told of where it is known what it answers, and where not: the latter has an id of
  its own, for it must not hide the former.
- A membership is a ``follow``, since it began; a subscription is one, since its date, which for those of
  others to us YouTube gives without promise: it is then not precise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot, Total
from courtship.platforms import words
from courtship.platforms.youtube import COMMENT, VIDEO, account, moment, watch

Item = Mapping[str, Any]

_MENTION: Final = re.compile(r"\s*@([\w.·-]{3,30})")
_THUMBNAIL: Final = re.compile(r"/vi/([\w-]{11})/", re.ASCII)
_COUNTS: Final = {"viewCount": "view", "likeCount": "like", "commentCount": "comment"}


class Answers:
    """Maps things of all answers of one import. Let it `learn` every one of them first."""

    def __init__(self) -> None:
        self._author: dict[str, Address] = {}
        self._video: dict[str, str] = {}
        self._owner: dict[str, Address] = {}
        self._handle: dict[str, Address] = {}
        self._asked: dict[Address, None] = {}
        self._sure: dict[Address, None] = {}
        self._told: set[Address] = set()
        self._undated: dict[Address, None] = {}

    # ------------------------------------------------------------------ learning

    def learn(self, item: Any) -> None:
        """Who wrote which comment, whose which video is, whose answers these are."""
        kind, snippet = _kind(item), _map(item, "snippet")
        if kind == "commentThread":
            video, owner = _word(snippet, "videoId"), account(snippet.get("channelId"))
            for comment in _thread(item):
                self._comment(comment, video)
            if owner:
                self._asked[owner] = None
                if video:
                    self._owner[video] = owner
        elif kind == "comment":
            self._comment(item, "")
        elif kind == "member":
            if owner := account(snippet.get("creatorChannelId")):
                self._sure[owner] = None
        elif kind == "subscription":
            whose = _map(snippet, "resourceId") if _map(item, "subscriberSnippet") else snippet
            if owner := account(whose.get("channelId")):
                self._asked[owner] = None
        elif kind in {"video", "activity"}:
            owner = account(snippet.get("channelId"))
            if (video := _uploaded(item)) and owner:
                self._owner[video] = owner

    def _comment(self, item: Item, video: str) -> None:
        snippet, id = _map(item, "snippet"), _word(item, "id")
        author = account(_map(snippet, "authorChannelId").get("value"))
        if author:
            self._author[id] = author
            handle = _word(snippet, "authorDisplayName")
            if handle.startswith("@"):
                self._handle[handle[1:].casefold()] = author
        if video := _word(snippet, "videoId") or video:
            self._video[id] = video

    @property
    def own(self) -> Address:
        """The one channel about which was asked, ``""`` where there are several: offered as the brand's."""
        found = self._sure if len(self._sure) == 1 else self._asked | self._sure
        return next(iter(found)) if len(found) == 1 else ""

    # ------------------------------------------------------------------ mapping

    def records(self, item: Any, at: Micros) -> Iterator[Record]:
        """The records of one thing of an answer that was recorded ``at``. `ValueError` says what is wrong."""
        kind = _kind(item)
        if kind == "commentThread":
            thread = _map(item, "snippet")
            for comment in _thread(item):
                yield from self._said(comment, account(thread.get("channelId")), _word(thread, "videoId"))
        elif kind == "comment":
            yield from self._said(item, "", "")
        elif kind == "subscription":
            yield from self._subscription(item)
        elif kind == "member":
            yield from self._member(item)
        elif kind in {"video", "activity"}:
            yield from self._posted(item, at)
        elif kind == "channel":
            yield self._channel(item, at)

    def _said(self, item: Item, channel: Address, video: str) -> Iterator[Record]:
        snippet, id = _map(item, "snippet"), _word(item, "id")
        at = moment(snippet.get("publishedAt"))
        if not COMMENT.fullmatch(id) or at is None:
            raise ValueError("is a comment without its id, or a time that can be believed; left out")
        author = account(_map(snippet, "authorChannelId").get("value"))
        name = _word(snippet, "authorDisplayName")
        text = words.tidy(_word(snippet, "textOriginal")) or words.plain(snippet.get("textDisplay"))
        parent = _word(snippet, "parentId") or (id.partition(".")[0] if "." in id else "")
        video = _word(snippet, "videoId") or video or self._video.get(id, "") or self._video.get(parent, "")
        channel = channel or account(snippet.get("channelId")) or self._owner.get(video, "")
        target = self._author.get(parent, "") if parent else channel
        if parent and (named := _MENTION.match(text)):
            target = self._handle.get(named[1].casefold(), "")
        if author or target:
            about = watch(video) if video else _discussion(channel)
            yield Activity(
                id=f"comment:{id}" if target else f"comment:{id}:of-somebody",
                kind="comment",
                actor=author,
                target=target,
                at=at,
                object=_named(video, id),
                in_reply_to=_named(video, parent) if parent else about or None,
                text=text or None,
                url=watch(video, id) if video else None,
                public=_word(snippet, "moderationStatus") in {"", "published"},
                actor_name=name or None,
            )
        yield from self._profile(author, name)

    def _profile(self, who: Address, name: str, bio: str = "") -> Iterator[Record]:
        if who and who not in self._told:
            self._told.add(who)
            yield Profile(
                who,
                name=name,
                handle=name if name.startswith("@") else "",
                url=f"https://www.youtube.com/channel/{who.partition(':')[2]}",
                bio=words.tidy(bio),
                own=who == self.own,
            )

    def _subscription(self, item: Item) -> Iterator[Record]:
        snippet, subscriber = _map(item, "snippet"), _map(item, "subscriberSnippet")
        actor = account(subscriber.get("channelId")) or account(snippet.get("channelId"))
        target = account(_map(snippet, "resourceId").get("channelId"))
        if not snippet and actor:
            self._undated[actor] = None
        else:
            at = moment(snippet.get("publishedAt"))
            if not actor or not target or at is None:
                raise ValueError("is a subscription that does not say whose, of whom or since when; left out")
            yield Activity(
                f"subscription:{actor.partition(':')[2]}:{target.partition(':')[2]}:{at}",
                "follow",
                actor,
                target,
                at,
                precise=not subscriber,
            )
        yield from self._profile(target, _word(snippet, "title"))
        yield from self._profile(actor, _word(subscriber, "title"), _word(subscriber, "description"))

    def _member(self, item: Item) -> Iterator[Record]:
        snippet = _map(item, "snippet")
        member = _map(snippet, "memberDetails")
        lasting = _map(_map(snippet, "membershipsDetails"), "membershipsDuration")
        at = moment(lasting.get("memberSince"))
        actor, target = account(member.get("channelId")), account(snippet.get("creatorChannelId"))
        if not actor or not target or at is None:
            raise ValueError("is a member without a channel's id (UC…), or a time; left out")
        if actor == target:
            raise ValueError("says that a channel is its own member; left out")
        yield Activity(
            f"member:{actor.partition(':')[2]}:{target.partition(':')[2]}", "follow", actor, target, at
        )
        yield from self._profile(actor, _word(member, "displayName"))

    def _posted(self, item: Item, seen: Micros) -> Iterator[Record]:
        snippet = _map(item, "snippet")
        video, owner, at = (
            _uploaded(item),
            account(snippet.get("channelId")),
            moment(snippet.get("publishedAt")),
        )
        if _kind(item) == "activity" and snippet.get("type") != "upload":
            return
        if not video or not owner or at is None:
            raise ValueError("is a video without its id, channel or time; left out")
        text = words.tidy("\n\n".join(filter(None, (_word(snippet, "title"), _word(snippet, "description")))))
        tags = snippet.get("tags")
        status = _word(_map(item, "status"), "privacyStatus")
        yield Post(
            watch(video),
            owner,
            at,
            text=text,
            media="video",
            tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
            url=watch(video),
            public=status == "public" if status else None,
        )
        for name, kind in _COUNTS.items():
            amount = _number(_map(item, "statistics").get(name))
            if amount is not None:
                yield Total(watch(video), kind, amount, seen)

    def _channel(self, item: Item, seen: Micros) -> Profile:
        snippet, counted = _map(item, "snippet"), _map(item, "statistics")
        who = account(item.get("id"))
        if not who:
            raise ValueError("is a channel without its id (UC…); left out")
        self._told.add(who)
        return Profile(
            who,
            at=seen,
            name=_word(snippet, "title"),
            handle=_word(snippet, "customUrl"),
            url=f"https://www.youtube.com/channel/{who.partition(':')[2]}",
            bio=words.tidy(_word(snippet, "description")),
            followers=None
            if counted.get("hiddenSubscriberCount")
            else _number(counted.get("subscriberCount")),
            own=who == self.own,
        )

    def undated(self, at: Micros) -> Iterator[Record]:
        """At the end: subscribers of whom no answer says since when, as a list of some of them."""
        if self.own and self._undated:
            yield Snapshot(self.own, "follow", "inbound", tuple(self._undated), at, complete=False)


def _kind(item: Any) -> str:
    kind = item.get("kind") if isinstance(item, Mapping) else None
    return kind.removeprefix("youtube#") if isinstance(kind, str) else ""


def _thread(item: Item) -> Iterator[Item]:
    """The first comment of a thread, and the answers that came with it."""
    yield _map(_map(item, "snippet"), "topLevelComment")
    answers = _map(item, "replies").get("comments")
    if isinstance(answers, list):
        yield from (answer for answer in answers if isinstance(answer, Mapping))


def _uploaded(item: Item) -> str:
    if _kind(item) == "video":
        found = _word(item, "id")
        return found if VIDEO.fullmatch(found) else ""
    found = _word(_map(_map(item, "contentDetails"), "upload"), "videoId")
    if not found:
        picture = _word(_map(_map(_map(item, "snippet"), "thumbnails"), "default"), "url")
        shown = _THUMBNAIL.search(picture)
        found = shown[1] if shown else ""
    return found if VIDEO.fullmatch(found) else ""


def _named(video: str, comment: str) -> str:
    return watch(video, comment) if video else f"youtube:comment/{comment}"


def _discussion(channel: Address) -> str:
    return f"https://www.youtube.com/channel/{channel.partition(':')[2]}/discussion" if channel else ""


def _map(item: Any, key: str) -> Mapping[str, Any]:
    found = item.get(key) if isinstance(item, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _word(item: Mapping[str, Any], key: str) -> str:
    found = item.get(key)
    return found.strip() if isinstance(found, str) else ""


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
