"""TikTok: what ``user_data_tiktok.json`` tells -> records.

Accounts are ``tiktok:HANDLE`` in small letters. Times are UTC without saying so. Keys vary in case and place
from year to year; the source hands over each part by the key of its list.

Decided here:

- A like or comment names a video by number or not at all, never whose it is: towards ``""``, and whoever
  the comment names is mentioned.
- What was shared was sent by hand, to a chat or another app: no public share, and not read.
- In a chat with several the one named in the chat's title is who the messages are towards; what somebody
  else wrote there is towards nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Total
from courtship.platforms import times, words

WAYS: Final[Mapping[str, str]] = {"FansList": "follower", "Following": "following", "BlockList": "blocked"}
"""Lists of accounts, by the key of the list."""

_HANDLE: Final = re.compile(r"[A-Za-z0-9_.]{2,24}", re.ASCII)
_MENTION: Final = re.compile(r"(?<![\w.@/])@([A-Za-z0-9_.]{2,24})", re.ASCII)
_VIDEO: Final = re.compile(r"https?://(?:www\.)?tiktok(?:v)?\.com/(?:share|@[\w.]+)/video/(\d+)")
_CHAT: Final = re.compile(r"Chat History with (.+?):?\s*")
_TAG: Final = re.compile(r"#(\w+)")


def account(handle: Any) -> Address:
    """``@Ann`` -> ``tiktok:ann``; ``""`` of what cannot be a handle (``N/A``)."""
    text = handle.strip().removeprefix("@") if isinstance(handle, str) else ""
    return f"tiktok:{text.lower().rstrip('.')}" if _HANDLE.fullmatch(text) and text != "N/A" else ""


def video(link: Any) -> str:
    """A video's address, written in one way."""
    found = _VIDEO.search(link) if isinstance(link, str) else None
    return f"https://www.tiktok.com/share/video/{found[1]}" if found else ""


def owner(part: Any, made: Micros) -> Profile | None:
    """``ProfileMap``: whose data it is, offered as the brand's own."""
    if not isinstance(part, Mapping):
        return None
    who = account(part.get("userName"))
    if not who:
        return None
    handle = who.partition(":")[2]
    followers = str(part.get("followerCount") or "")
    email = _text(part.get("emailAddress"))
    return Profile(
        who,
        at=made,
        name=_text(part.get("displayName")) or handle,
        handle=handle,
        url=f"https://www.tiktok.com/@{handle}",
        bio=_text(part.get("bioDescription")),
        followers=int(followers) if followers.isdecimal() else None,
        email=email.casefold() if "@" in email else "",
        own=True,
    )


class Export:
    """Maps the data of ``me``, as of ``made``."""

    def __init__(self, me: Address, made: Micros) -> None:
        self.me = me
        self.made = made

    def relation(self, way: str, item: Any) -> Iterator[Activity]:
        """A line of a list of accounts. `ValueError` where it is nobody or has no date."""
        other, at = account(_get(item, "UserName")), times.iso(_get(item, "Date"))
        if not other or at is None:
            raise ValueError("is an account without name or date; left out")
        inbound = way == "follower"
        yield Activity(
            id=f"{way}:{other.partition(':')[2]}:{at // 1_000_000}",
            kind="block" if way == "blocked" else "follow",
            actor=other if inbound else self.me,
            target=self.me if inbound else other,
            at=at,
        )

    def like(self, item: Any) -> Iterator[Activity]:
        """A line of the list of likes: a video and when."""
        at, link = times.iso(_get(item, "Date")), video(_get(item, "Link"))
        if at is None or not link:
            raise ValueError("is a like without video or date; left out")
        name = f"like:{link.rpartition('/')[2]}:{at // 1_000_000}"
        yield Activity(name, "like", self.me, "", at, object=link, url=link)

    def comment(self, item: Any) -> Iterator[Activity]:
        """A comment: towards whoever it names, for whose video it is below is not said."""
        at, text = times.iso(_get(item, "Date")), words.tidy(_text(_get(item, "Comment")))
        if at is None:
            raise ValueError("is a comment without date; left out")
        link = video(_get(item, "Url"))
        named = {
            who: "mention" for found in _MENTION.findall(text) if (who := account(found)) and who != self.me
        }
        for order, (target, kind) in enumerate((named or {"": "comment"}).items()):
            yield Activity(
                id=f"comment:{at // 1_000_000}" + (f"#{target.partition(':')[2]}" if order else ""),
                kind=kind,
                actor=self.me,
                target=target,
                at=at,
                object=link or None,
                text=text or None,
                url=link or None,
                public=True,
            )

    def chat(self, title: str, messages: Any) -> Iterator[Record | str]:
        """One chat: its title names the other."""
        found = _CHAT.fullmatch(title)
        other = account(found[1]) if found else ""
        for message in messages if isinstance(messages, list) else ():
            sender, at = account(_get(message, "From")), times.iso(_get(message, "Date"))
            if not sender or at is None:
                yield "is a message without sender or date; left out"
                continue
            target = other if sender == self.me else self.me if sender == other else ""
            who = sender.partition(":")[2]
            name = f"dm:{other.partition(':')[2] or title}:{at // 1_000_000}:{who}"
            yield Activity(
                id=name,
                kind="message",
                actor=sender,
                target=target,
                at=at,
                object=name,
                text=_text(_get(message, "Content")) or None,
                public=False,
            )

    def post(self, item: Any) -> Iterator[Record]:
        """A video of the owner's, with how many liked it."""
        at = times.iso(_get(item, "Date"))
        if at is None:
            raise ValueError("is a video without date; left out")
        text = words.tidy(_text(_get(item, "Title")))
        link = video(_get(item, "Link"))
        name = link or f"{self.me}/video/{at // 1_000_000}"
        seen = _text(_get(item, "WhoCanView")).casefold()
        yield Post(
            object=name,
            author=self.me,
            at=at,
            text=text,
            media="video",
            tags=tuple(dict.fromkeys(_TAG.findall(text))),
            url=link,
            public=None if not seen else seen in {"public", "everyone"},
        )
        likes = str(_get(item, "Likes") or "")
        if likes.isdecimal() and int(likes) > 0:
            yield Total(name, "like", int(likes), self.made)


def _get(item: Any, key: str) -> Any:
    """A value whatever the case of its key."""
    if not isinstance(item, Mapping):
        return None
    return item[key] if key in item else next((item[k] for k in item if k.casefold() == key.casefold()), None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value != "N/A" else ""
