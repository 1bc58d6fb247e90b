"""TikTok's data download as text (``Follower.txt``, ``Direct Messages.txt`` …) -> items with the JSON's keys.

A list is blocks of lines ``Key: value`` with blank lines between. A chat begins with ``>>> Chat History with
NAME::`` and has a line ``2026-03-01 08:00:00 UTC NAME: words`` for each message, which may go on below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

PARTS: Final = {
    "follower": "FansList",
    "followers": "FansList",
    "follower list": "FansList",
    "following": "Following",
    "following list": "Following",
    "block list": "BlockList",
    "like list": "ItemFavoriteList",
    "comments": "CommentsList",
    "posts": "VideoList",
    "post": "VideoList",
    "videos": "VideoList",
    "direct messages": "ChatHistory",
    "profile info": "ProfileMap",
    "profile information": "ProfileMap",
}
"""The list that a file holds, by its name in small letters, with the key that it has in the JSON."""

_KEY: Final = re.compile(r"([A-Z][A-Za-z() ]{1,30}):\s?(.*)")
_CHAT: Final = re.compile(r">>> (Chat History with .+?):+\s*")
_MESSAGE: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC ([A-Za-z0-9_.]{2,24}): ?(.*)", re.ASCII)
_NAMES: Final = {
    "username": "UserName",
    "like(s)": "Likes",
    "who can view": "WhoCanView",
    "name": "displayName",
    "display name": "displayName",
    "bio description": "bioDescription",
    "email": "emailAddress",
    "email address": "emailAddress",
    "follower count": "followerCount",
}
LONGEST: Final = 100
"""Lines of one item; more are no item's."""


def items(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Items of a list with the line at which each begins. A line without a key goes on with the one above."""
    item: dict[str, Any] = {}
    begun, last, blank = 0, "", False
    for number, line in lines:
        found = _KEY.fullmatch(line.strip())
        if not line.strip():
            blank = True
            continue
        key = _NAMES.get(found[1].casefold(), found[1]) if found else ""
        # An item ends with a blank line, or where its first key comes again.
        if item and found and (blank or key in item):
            yield begun, item
            item = {}
        if found:
            begun = begun if item else number
            item[key] = _date(found[2]) if key == "Date" else found[2].strip()
            last = key
        elif item and len(item) < LONGEST and not blank:
            item[last] += f"\n{line.strip()}"
        blank = False
    if item:
        yield begun, item


def chats(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Messages as ``(line, the chat's title, item)``."""
    title, begun = "", 0
    message: dict[str, Any] | None = None
    for number, line in lines:
        if found := _CHAT.fullmatch(line.strip()):
            if message is not None:
                yield begun, title, message
            title, message = found[1], None
        elif title and (found := _MESSAGE.fullmatch(line.strip())):
            if message is not None:
                yield begun, title, message
            begun, message = number, {"Date": found[1], "From": found[2], "Content": found[3]}
        elif message is not None and line.strip():
            message["Content"] += f"\n{line.strip()}"
    if message is not None:
        yield begun, title, message


def _date(text: str) -> str:
    return text.strip().removesuffix("UTC").strip()


def owner_of(chatted: Iterable[tuple[str, str]]) -> str:
    """Who writes in chats with others, by ``(title, sender)``: the one who is nobody's counterpart."""
    senders = {
        sender.lower() for title, sender in chatted if not title.lower().endswith(f"with {sender.lower()}")
    }
    return senders.pop() if len(senders) == 1 else ""
