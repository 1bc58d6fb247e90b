"""YouTube Takeouts from before 2022: comments and live chats as web pages -> rows as of the later CSV files.

``my-comments.html`` and ``my-live-chat-messages.html`` are one list. An item has a sentence in the account's
language with the time in UTC and links to the video (``v=``) and to the comment (``lc=``), then a line break
and the words. Only those shapes are read, so any language is. Whose they are is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from courtship.platforms import words
from courtship.platforms.youtube import COMMENT, VIDEO, Columns

COLUMNS: Final[Columns] = {"comment": 0, "channel": 1, "time": 2, "video": 3, "text": 4}
"""Where each stands in a row."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
_ITEM: Final = re.compile(r"<li\b[^>]*>(.*?)(?=<li\b|</ul\b|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK: Final = re.compile(r"<br\b[^>]*>", re.IGNORECASE)
_LONGEST: Final = 64_000
"""Characters of one item: a comment has 10,000 at most."""


def rows(markup: str, channel: str) -> Iterator[tuple[int, list[str]]]:
    """The items as ``(number, row)``, written by ``channel`` (``UC…``). What is not there is ``""``."""
    for number, found in enumerate(_ITEM.finditer(markup), 1):
        if len(found[1]) > _LONGEST:
            yield number, ["", channel, "", "", ""]
            continue
        pieces = _BREAK.split(found[1], maxsplit=1)
        at = _TIME.search(words.plain(pieces[0]))
        video, comment = _places(pieces[0])
        said = words.plain(pieces[1]) if len(pieces) > 1 else ""
        yield number, [comment, channel, at[0] if at else "", video, said]


def _places(sentence: str) -> tuple[str, str]:
    """The video's and the comment's id in the links of an item's sentence."""
    video = comment = ""
    for link in LexborHTMLParser(sentence).css("a[href]"):
        try:
            query = parse_qs(urlsplit(link.attributes.get("href") or "").query)
        except ValueError:
            continue
        for id in query.get("v", []):
            video = video or (id if VIDEO.fullmatch(id) else "")
        for id in query.get("lc", []):
            comment = comment or (id if COMMENT.fullmatch(id) else "")
    return video, comment
