"""Meta Business Suite's export of content: rows of its CSV -> posts and their counts, no people.

Columns are found by their names in small letters: their order, their number and their capitals change from
month to month. Times have no zone and are taken as UTC; days and months stand as in the United States unless
a file shows the contrary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from courtship.model import Address, Micros, Post, Profile, Record, Total
from courtship.platforms import meta, times, words
from courtship.platforms.notification_mail.links import followed

Row = Mapping[str, str]
"""Cells by the name of their column in small letters."""

Order = Literal["month first", "day first"]

FACEBOOK: Final = frozenset(("post id", "page id", "publish time"))
INSTAGRAM: Final = frozenset(("post id", "account username", "publish time"))

_TIME: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ ,]+(\d{1,2}):(\d\d)(?::\d\d)?", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,25}", re.ASCII)
_TAG: Final = re.compile(r"#(\w+)")
_TOTALS: Final[Mapping[str, str]] = {
    "views": "view",
    "reactions": "like",
    "likes": "like",
    "comments": "comment",
    "shares": "share",
    "follows": "follow",
}
_MEDIA: Final = (
    ("carousel", "album"),
    ("album", "album"),
    ("story", "story"),
    ("reel", "video"),
    ("video", "video"),
    ("photo", "image"),
    ("image", "image"),
    ("link", "link"),
    ("poll", "poll"),
    ("text", "text"),
    ("status", "text"),
)


def is_header(names: Iterable[str]) -> bool:
    """Whether these are the columns of one of the two exports, in small letters."""
    have = frozenset(names)
    return have >= FACEBOOK or have >= INSTAGRAM


def order_of(publish_times: Iterable[str]) -> Order:
    """How days and months stand in a file, by the times of which only one reading is possible."""
    for text in publish_times:
        found = _TIME.fullmatch(text.strip())
        if found and int(found[1]) > 12:
            return "day first"
    return "month first"


def moment(text: str, order: Order) -> Micros | None:
    """``02/13/2026 10:15`` or ISO 8601; ``None`` for what is no time."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return times.iso(text.strip())
    month, day = (found[1], found[2]) if order == "month first" else (found[2], found[1])
    return times.iso(f"{found[3]}-{int(month):02d}-{int(day):02d}T{int(found[4]):02d}:{found[5]}:00Z")


def owner(row: Row, made: Micros) -> Profile | None:
    """The Page or account that a row's post is of, offered as the brand's own."""
    page, handle = row.get("page id", ""), meta.handle(row.get("account username", ""))
    if handle:
        return Profile(
            f"instagram:{handle}", made, row.get("account name", "") or handle, handle,
            f"https://www.instagram.com/{handle}/", own=True,
        )  # fmt: skip
    if _NUMBER.fullmatch(page):
        return Profile(
            f"facebook:{page}",
            made,
            row.get("page name", ""),
            url=f"https://www.facebook.com/{page}",
            own=True,
        )
    return None


def post(row: Row, author: Address, order: Order, made: Micros) -> Iterator[Record]:
    """A row's post and its counts. `ValueError` says what is wrong with it."""
    number, at = row.get("post id", ""), moment(row.get("publish time", ""), order)
    if not re.fullmatch(r"\d{1,25}(?:_\d{1,25})?", number, re.ASCII) or at is None:
        raise ValueError("does not say which post it is or when it was published; left out")
    link = row.get("permalink", "")
    url = link if link.startswith("https://") else ""
    platform, _, page = author.partition(":")
    if platform == "instagram":
        name = followed("instagram", url).object or number
    else:
        name = number if "_" in number else f"{page}_{number}"  # as the Graph API names it
    parts = (row.get("title", ""), row.get("description", ""))
    text = words.tidy("\n\n".join(dict.fromkeys(part for part in parts if part)))
    kind = row.get("post type", "").casefold()
    media = next((said for word, said in _MEDIA if word in kind), "")
    yield Post(name, author, at, text, media, tags=tuple(dict.fromkeys(_TAG.findall(text))), url=url)
    # Counts of one day are no totals; rows of whole lives say so, or have no such column.
    if row.get("date", "").casefold() not in {"", "lifetime"}:
        return
    for column, of in _TOTALS.items():
        amount = row.get(column, "").replace(",", "").removesuffix(".0")
        if _NUMBER.fullmatch(amount) and 0 < int(amount) < 10**12:
            yield Total(name, of, int(amount), made)
