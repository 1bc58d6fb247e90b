"""X (Twitter): what an archive of any age tells -> records.

Accounts are ``x:NUMBER``; where an archive names only a handle, ``x:@handle`` in small letters. Posts are
named ``https://x.com/i/status/NUMBER``, which opens whatever the author's handle is by now. There is no
official description of the format; the one followed here is in the platforms page of the documentation.

Decided here:

- An answer is a ``comment`` on whoever is answered; everybody else it names is mentioned. A post that begins
  with somebody's handle but answers no post of theirs is a ``mention``. An answer to oneself is a post.
- ``RT @…`` is a ``share``, a link to somebody's post a ``quote``. What is left of the precedence decides.
- Favourites have neither date nor author: as of the archive's date, not precise, towards ``""``. Their id
  names the post, so that the next archive tells of the same act.
- Followers, follows and blocks are lists without dates: snapshots, compared from archive to archive.
- A direct message is towards the other. In a group nobody can say whom one is towards: it is kept with the
  target ``""``, or is a mention of those that it names.
- What was deleted is told as it was, and ended by an Undo.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot, Total, Undo
from courtship.platforms import times, words

SNOWFLAKE_EPOCH: Final = 1_288_834_974_657
"""Milliseconds since 1970 at which post numbers begin to hold their time (``(id >> 22) + epoch``)."""

LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "follower": ("follow", "inbound"),
    "following": ("follow", "outbound"),
    "block": ("block", "outbound"),
}
"""Files that list accounts, and the kind and direction of what they list."""

_STATUS: Final = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:#!/)?(\w+)/status(?:es)?/(\d+)", re.ASCII
)
_RETWEET: Final = re.compile(r"RT @(\w+):? ", re.ASCII)
_HANDLE: Final = re.compile(r"(?<![\w@/.])@(\w{1,20})", re.ASCII)


def by_number(number: Any) -> Address:
    """``"123"`` -> ``x:123``; ``""`` for anything that is no account's number (the archives write -1)."""
    text = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
    return f"x:{text}" if text.isdecimal() and text.isascii() and int(text) > 0 else ""


def by_handle(handle: Any) -> Address:
    """``Ann_B`` -> ``x:@ann_b``."""
    text = handle.strip().lstrip("@").lower() if isinstance(handle, str) else ""
    return f"x:@{text}" if re.fullmatch(r"\w{1,20}", text, re.ASCII) else ""


def status(number: Any) -> str:
    """The address of a post by its number, ``""`` without one."""
    text = str(number or "")
    return f"https://x.com/i/status/{text}" if text.isdecimal() and text.isascii() and text != "0" else ""


def time_in(number: str) -> Micros | None:
    """When the post with this number was made, for those from November 2010 on."""
    if not number.isdecimal() or int(number) < 1 << 36:
        return None
    return times.milliseconds((int(number) >> 22) + SNOWFLAKE_EPOCH)


def moment(text: Any) -> Micros | None:
    """Any of the ways in which archives write times."""
    if isinstance(text, str) and text[:1].isdigit():
        return times.iso(re.sub(r" ([+-]\d\d)(\d\d)$", r"\1:\2", text))
    return times.v1(text)


class Archive:
    """Maps one archive of the account ``number``, as of ``made``."""

    REMEMBERED: Final = 20_000
    LISTED_NOTES: Final = 50_000

    def __init__(self, number: str, handle: str, made: Micros) -> None:
        self.account = by_number(number)
        self.handle = handle.strip().lstrip("@")
        self.made = made
        self._notes: dict[str, str] = {}
        self._told: dict[tuple[str, str, str], None] = {}

    # ------------------------------------------------------------------ the owner

    def owner(self, account: Mapping[str, Any], profile: Mapping[str, Any]) -> Profile:
        """The owner of the archive, offered as the brand's own."""
        description = profile.get("description")
        described: Mapping[str, Any] = description if isinstance(description, Mapping) else profile
        website = _text(described.get("website"))
        return Profile(
            self.account,
            at=self.made,
            name=_text(account.get("accountDisplayName")) or _text(account.get("full_name")),
            handle=self.handle,
            url=f"https://x.com/{self.handle}" if self.handle else "",
            bio=html.unescape(_text(described.get("bio"))),
            email=_text(account.get("email")).casefold(),
            links=(website,) if website.startswith("http") else (),
            own=True,
        )

    def renamed(self, item: Any) -> Iterator[Profile]:
        """screen-name-change.js: the handle before and the one after."""
        change = _inside(_inside(item, "screenNameChange"), "screenNameChange")
        at = moment(change.get("changedAt"))
        if at is None:
            raise ValueError("has no date that can be read; left out")
        for when, key in ((at - 1, "changedFrom"), (at, "changedTo")):
            if handle := _text(change.get(key)):
                yield Profile(self.account, at=when, handle=handle, own=True)

    # ------------------------------------------------------------------ posts

    def note(self, item: Any) -> None:
        """note-tweet.js: remembers the whole text of a long post, for the post that holds its beginning."""
        note = _inside(item, "noteTweet")
        text = html.unescape(_text(_inside(note, "core", missing={}).get("text")))
        at = moment(note.get("createdAt"))
        if text and at is not None and len(self._notes) < self.LISTED_NOTES:
            self._notes[_beginning(text)] = text

    def tweet(self, item: Any) -> Iterator[Record]:
        """One post of tweets.js, tweet.js, community-tweet.js, deleted-tweets.js or a Grailbird file."""
        tweet = (
            item["tweet"] if isinstance(item, Mapping) and isinstance(item.get("tweet"), Mapping) else item
        )
        if not isinstance(tweet, Mapping):
            raise ValueError("is no post")
        number = _text(tweet.get("id_str")) or str(tweet.get("id") or "")
        at = moment(tweet.get("created_at")) or time_in(number)
        if not status(number) or at is None:
            raise ValueError("is a post without number or date; left out")
        entities = tweet.get("entities")
        parts: Mapping[str, Any] = entities if isinstance(entities, Mapping) else {}
        mentions = dict(self._mentions(parts))
        yield from self._people(parts, at)
        text = self._text_of(tweet, parts)
        told = self._towards(tweet, parts, mentions, text)
        acts = [
            Activity(
                id=number if order == 0 else f"{number}#{target.partition(':')[2]}",
                kind=kind,
                actor=self.account,
                target=target,
                at=at,
                object=named or status(number),
                in_reply_to=status(tweet.get("in_reply_to_status_id_str")) or None,
                text=text if kind != "share" else None,
                url=f"https://x.com/{self.handle or 'i'}/status/{number}",
                public=True,
                target_name=mentions.get(target) or None,
            )
            for order, (target, (kind, named)) in enumerate(told.items())
        ]
        yield from acts
        shared = any(act.kind == "share" for act in acts)
        answers_other = bool(tweet.get("in_reply_to_status_id_str")) and any(
            act.kind == "comment" for act in acts
        )
        if not shared and not answers_other:
            yield self._post(parts, tweet, number, at, text)
        if not shared:
            for key, kind in (("favorite_count", "like"), ("retweet_count", "share")):
                amount = str(tweet.get(key) or "")
                if amount.isdecimal() and int(amount) > 0:
                    yield Total(status(number), kind, int(amount), self.made)
        deleted = moment(tweet.get("deleted_at"))
        if deleted is not None:
            yield from self._undone(acts, number, deleted)

    def _undone(self, acts: list[Activity], number: str, at: Micros) -> Iterator[Undo]:
        for name in [act.id for act in acts] or [number]:
            yield Undo(f"delete:{name}", name, at, "x", blank=True)

    def deleted(self, item: Any) -> Undo:
        """deleted-tweet-headers.js: only that a post is no more."""
        tweet = _inside(item, "tweet")
        number, at = _text(tweet.get("tweet_id")), moment(tweet.get("deleted_at"))
        if not status(number) or at is None:
            raise ValueError("is a deletion without number or date; left out")
        return Undo(f"delete:{number}", number, at, "x", blank=True)

    def _towards(
        self, tweet: Mapping[str, Any], parts: Mapping[str, Any], mentions: Mapping[Address, str], text: str
    ) -> dict[Address, tuple[str, str]]:
        """Towards whom, as which kind, about which post: the first kind that fits."""
        told: dict[Address, tuple[str, str]] = {}
        handles = {name.rpartition("@")[2].lower(): who for who, name in mentions.items() if "@" in name}
        original = tweet.get("retweeted_status")
        retweet = _RETWEET.match(_text(tweet.get("full_text")) or _text(tweet.get("text")))
        if isinstance(original, Mapping):
            user = _inside(original, "user", missing={})
            who = by_number(user.get("id_str") or user.get("id")) or by_handle(user.get("screen_name"))
            return {who: ("share", status(original.get("id_str") or original.get("id")))}
        if retweet:
            handle = retweet[1].lower()
            who = self.account if handle == self.handle.lower() else handles.get(handle) or by_handle(handle)
            return {who: ("share", self._source(parts, who))}
        for link in _each(parts.get("urls")):
            found = _STATUS.match(_text(link.get("expanded_url")))
            if found and found[1].lower() != "i":
                handle = found[1].lower()
                who = (
                    self.account
                    if handle == self.handle.lower()
                    else handles.get(handle) or by_handle(handle)
                )
                told.setdefault(who, ("quote", status(found[2])))
        answered = status(tweet.get("in_reply_to_status_id_str") or tweet.get("in_reply_to_status_id"))
        if answered:
            who = by_number(tweet.get("in_reply_to_user_id_str") or tweet.get("in_reply_to_user_id"))
            who = who or by_handle(tweet.get("in_reply_to_screen_name"))
            told.setdefault(who, ("comment", answered))
        for who in mentions:
            told.setdefault(who, ("mention", ""))
        told.pop(self.account, None)  # what one says to oneself is a post
        return told

    def _source(self, parts: Mapping[str, Any], who: Address) -> str:
        for media in _each(parts.get("media")):
            if by_number(media.get("source_user_id_str") or media.get("source_user_id")) == who:
                return status(media.get("source_status_id_str") or media.get("source_status_id"))
        return ""

    def _mentions(self, parts: Mapping[str, Any]) -> Iterator[tuple[Address, str]]:
        for user in _each(parts.get("user_mentions")):
            who = by_number(user.get("id_str") or user.get("id"))
            if who:
                yield who, f"@{_text(user.get('screen_name'))}"

    def _people(self, parts: Mapping[str, Any], at: Micros) -> Iterator[Profile]:
        for user in _each(parts.get("user_mentions")):
            who = by_number(user.get("id_str") or user.get("id"))
            handle, name = _text(user.get("screen_name")), _text(user.get("name"))
            if who and who != self.account and handle and (who, handle, name) not in self._told:
                self._told[who, handle, name] = None
                if len(self._told) > self.REMEMBERED:
                    del self._told[next(iter(self._told))]
                yield Profile(
                    who, at=at, name=html.unescape(name), handle=handle, url=f"https://x.com/{handle}"
                )

    def _text_of(self, tweet: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
        text = html.unescape(_text(tweet.get("full_text")) or _text(tweet.get("text")))
        text = self._notes.get(_beginning(text), text) if self._notes else text
        for link in _each(parts.get("urls")):
            short, long = _text(link.get("url")), _text(link.get("expanded_url"))
            if short and long:
                text = text.replace(short, long)
        for media in _each(parts.get("media")):
            text = text.replace(_text(media.get("url")) or "\0", "")
        return words.tidy(text)

    def _post(
        self, parts: Mapping[str, Any], tweet: Mapping[str, Any], number: str, at: Micros, text: str
    ) -> Post:
        links = [_text(link.get("expanded_url")) for link in _each(parts.get("urls"))]
        extended = tweet.get("extended_entities")
        media = _each((extended if isinstance(extended, Mapping) else parts).get("media"))
        return Post(
            object=status(number),
            author=self.account,
            at=at,
            text=text,
            media=_media([_text(one.get("type")) for one in media]),
            link=next((link for link in links if link.startswith("http") and not _STATUS.match(link)), ""),
            tags=tuple(
                dict.fromkeys(tag for one in _each(parts.get("hashtags")) if (tag := _text(one.get("text"))))
            ),
            url=f"https://x.com/{self.handle or 'i'}/status/{number}",
            public=True,
        )

    # ------------------------------------------------------------------ likes and lists

    def like(self, item: Any) -> Activity:
        """like.js: a favourite, of which only the post is known."""
        like = _inside(item, "like")
        number = _text(like.get("tweetId"))
        if not status(number):
            raise ValueError("is a favourite without a post's number; left out")
        found = _STATUS.match(_text(like.get("expandedUrl")))
        who = by_handle(found[1]) if found and found[1].lower() != "i" else ""
        return Activity(
            id=f"like:{number}",
            kind="like",
            actor=self.account,
            target=self.account if who == by_handle(self.handle) else who,
            # The post's own time is before the favourite; only the archive's date is surely after it.
            at=self.made,
            precise=False,
            object=status(number),
            url=status(number),
        )

    def listing(self, name: str, members: tuple[Address, ...]) -> Snapshot:
        """follower.js, following.js, block.js: everybody in it, as of the archive's date."""
        kind, direction = LISTS[name]
        return Snapshot(
            self.account, kind, "inbound" if direction == "inbound" else "outbound", members, self.made
        )


def member(item: Any) -> Address:
    """One account of a list; `ValueError` where it is none."""
    inner = next(iter(item.values()), None) if isinstance(item, Mapping) and "accountId" not in item else item
    who = by_number(inner.get("accountId")) if isinstance(inner, Mapping) else ""
    if not who:
        raise ValueError("is an account without number; left out")
    return who


# ------------------------------------------------------------------ direct messages


def conversation(item: Any, me: Address, handle: str, *, group: bool) -> Iterator[Activity | str]:
    """One conversation: its messages and the reactions to them; a string says what of it is left out."""
    talk = _inside(item, "dmConversation")
    for message in _each(talk.get("messages")):
        created = message.get("messageCreate")
        if not isinstance(created, Mapping):
            continue  # who joined, left or renamed the group
        number, at = _text(created.get("id")), moment(created.get("createdAt"))
        actor, target = by_number(created.get("senderId")), by_number(created.get("recipientId"))
        if not number or at is None or not actor or (not target and not group):
            yield "is a message without number, date or people; left out"
            continue
        text = html.unescape(_text(created.get("text")))
        towards = [("message", target)] if target else _in_group(text, actor, me, handle)
        for order, (kind, who) in enumerate(towards):
            yield Activity(
                id=f"dm:{number}" if order == 0 else f"dm:{number}#{who.partition(':')[2]}",
                kind=kind,
                actor=actor,
                target=who,
                at=at,
                object=f"dm:{number}",
                text=text or None,
                public=False,
            )
        yield from _reactions(created, number, actor)


def _in_group(text: str, actor: Address, me: Address, handle: str) -> list[tuple[str, Address]]:
    named = dict.fromkeys(found.lower() for found in _HANDLE.findall(text))
    people = [me if name == handle.lower() else by_handle(name) for name in named]
    return [("mention", who) for who in people if who != actor] or [("message", "")]


def _reactions(created: Mapping[str, Any], number: str, author: Address) -> Iterator[Activity | str]:
    for reaction in _each(created.get("reactions")):
        who, at = by_number(reaction.get("senderId")), moment(reaction.get("createdAt"))
        if not who or at is None:
            yield "is a reaction without date or person; left out"
        elif who != author:
            yield Activity(
                id=f"dm-reaction:{_text(reaction.get('eventId')) or f'{number}-{who}'}",
                kind="like",
                actor=who,
                target=author,
                at=at,
                object=f"dm:{number}",
                text=_text(reaction.get("reactionKey")) or None,
                public=False,
            )


# ------------------------------------------------------------------ values


def csv_tweet(row: Mapping[str, str]) -> dict[str, Any]:
    """A row of Grailbird's tweets.csv as the same post would stand in its JavaScript."""
    tweet: dict[str, Any] = {
        "id_str": row.get("tweet_id", ""),
        "created_at": row.get("timestamp", ""),
        "text": row.get("text", ""),
        "in_reply_to_status_id_str": row.get("in_reply_to_status_id", ""),
        "in_reply_to_user_id_str": row.get("in_reply_to_user_id", ""),
        "entities": {
            "urls": [{"expanded_url": url} for url in row.get("expanded_urls", "").split(",") if url],
            "user_mentions": [],
        },
    }
    if row.get("retweeted_status_id"):
        tweet["retweeted_status"] = {
            "id_str": row["retweeted_status_id"],
            "user": {"id_str": row.get("retweeted_status_user_id", "")},
        }
    return tweet


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _inside(item: Any, key: str, missing: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    inner = item.get(key) if isinstance(item, Mapping) else None
    if isinstance(inner, Mapping):
        return inner
    if missing is not None:
        return missing
    raise ValueError(f"has no {key} in it; left out")


def _each(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _beginning(text: str) -> str:
    return re.split(r"…|https?://", text)[0][:80].strip()


def _media(kinds: list[str]) -> str:
    if len(kinds) > 1:
        return "album"
    return {"photo": "image", "video": "video", "animated_gif": "video"}.get(
        kinds[0] if kinds else "", "text"
    )
