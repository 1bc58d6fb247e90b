"""Rows of management tools' tables (Buffer, Hootsuite, Sprout Social) -> the brand's posts; no people.

Tables: Buffer's list of posts, Hootsuite's bulk file of three columns without a header, and Sprout's export
of how posts performed, which has totals. Decided here:

- A post is named by its time, for the tables name none.
- The account of a planner's post is the tool's own (``buffer:tea room``); its network is not said. Sprout
  says it: where its profiles are handles, the account is the network's own, else ``sprout:NETWORK/NAME``.
- What is planned for later than the import was not posted, and is left out.
- Days and months change places with the country: a column says which is which where one number is over 12;
  one that does not say is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from courtship.model import Address, Micros, Post, Profile, Record, Total
from courtship.platforms import times, words
from courtship.platforms.notification_mail.links import followed

Row = Mapping[str, str]
"""Cells by the name of their column in small letters."""

_DAY: Final = re.compile(
    r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?\s*([AaPp][Mm])?)?(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
NO_DATE: Final = "has no date that can be believed (1990 to 2100); left out"


class Kind(NamedTuple):
    """One tool's table: its name, and columns by which it is told (in small letters)."""

    name: str
    columns: frozenset[str]
    time: str


SPROUT: Final = Kind("sprout", frozenset({"date", "network", "profile", "post", "post type"}), "date")
KINDS: Final = (Kind("buffer", frozenset({"text", "scheduled at", "profile"}), "scheduled at"), SPROUT)
_NETWORKS: Final[Mapping[str, str]] = {
    "facebook": "facebook",
    "instagram": "instagram",
    "twitter": "x",
    "linkedin": "linkedin",
    "tiktok": "tiktok",
    "pinterest": "pinterest",
    "youtube": "youtube",
    "threads": "threads",
    "bluesky": "bluesky",
}
"""A word in Sprout's name of a network, and the platform."""
_BY_HANDLE: Final = frozenset({"instagram", "x", "tiktok", "threads"})
_TOTALS: Final[Mapping[str, str]] = {
    "reactions": "like",
    "comments": "comment",
    "shares": "share",
    "video views": "view",
}
_MEDIA: Final[Mapping[str, str]] = {
    "carousel": "album",
    "album": "album",
    "video": "video",
    "reel": "video",
    "photo": "image",
    "image": "image",
    "link": "link",
    "poll": "poll",
    "story": "story",
}
HOOTSUITE: Final = Kind("hootsuite", frozenset({"date", "text", "link"}), "date")
"""Its columns have no names: these are given to them by their places."""


def kind_of(names: Iterable[str]) -> Kind | None:
    """Which table has these columns, in any order and case."""
    found = {name.strip().strip("\ufeff").casefold() for name in names}
    return next((kind for kind in KINDS if kind.columns <= found), None)


def is_bulk(row: Sequence[str]) -> bool:
    """Whether a row could be one of Hootsuite's: a time, words, and perhaps a link."""
    found = _DAY.fullmatch(row[0].strip().strip("\ufeff")) if 2 <= len(row) <= 3 else None
    return found is not None and bool(found[4]) and not (len(row) == 3 and row[2] and "." not in row[2])


def day_first(values: Iterable[str]) -> bool | None:
    """Whether the day comes before the month in a column; ``None`` where no number tells."""
    for value in values:
        found = _DAY.match(value.strip())
        if found and len(found[1]) < 3:
            if int(found[1]) > 12:
                return True
            if int(found[2]) > 12:
                return False
    return None


def moment(value: str, *, day_first: bool) -> Micros | None:
    """A time in any of the tools' styles; those without a zone are taken as UTC."""
    found = _DAY.fullmatch(value.strip())
    if found is None:
        return None
    first, second, third, hour, minute, half, zone = found.groups()
    if len(first) == 4:
        year, month, day = first, second, third
    else:
        year = third if len(third) == 4 else f"20{third:0>2}"
        month, day = (second, first) if day_first else (first, second)
    at = int(hour or 0)
    if half:
        at = at % 12 + (12 if half.lower() == "pm" else 0)
    return times.iso(f"{year:0>4}-{month:0>2}-{day:0>2}T{at:02d}:{minute or '00'}:00{zone or 'Z'}")


class Table:
    """Maps one table. ``now`` is the moment of the import."""

    def __init__(self, kind: Kind, *, day_first: bool, now: Micros, counted: Micros | None = None) -> None:
        self.kind = kind
        self.now = now
        self.counted = now if counted is None else counted
        """The moment of which its totals are."""
        self._day_first = day_first
        self._told: set[Address] = set()
        self.planned = 0

    def row(self, row: Row) -> Iterator[Record]:
        """The records of one row. `ValueError` says what is wrong."""
        at = moment(row.get(self.kind.time, ""), day_first=self._day_first)
        if at is None:
            raise ValueError(NO_DATE)
        if at > self.now:
            self.planned += 1
            return
        yield from self._performed(row, at) if self.kind is SPROUT else self._planned(row, at)

    def _performed(self, row: Row, at: Micros) -> Iterator[Record]:
        """A row of Sprout Social's: a post that was sent, and its counts as of the export."""
        network = row.get("network", "").casefold()
        platform = next((name for word, name in _NETWORKS.items() if word in network), "")
        platform = "x" if network == "x" else platform
        shown = " ".join(row.get("profile", "").split())
        if not platform or not shown:
            raise ValueError("does not say of which network or profile it is; left out")
        handle = shown.removeprefix("@").casefold()
        known = platform in _BY_HANDLE and re.fullmatch(r"[\w.]{1,30}", handle, re.ASCII)
        at_sign = "@" if platform == "x" else ""
        author = f"{platform}:{at_sign}{handle}" if known else f"sprout:{platform}/{shown.casefold()}"
        yield from self._own(author, shown.removeprefix("@"), handle if known else "")
        link = row.get("link", "").strip()
        link = link if link.startswith(("https://", "http://")) else ""
        number = row.get("post id", "").strip()
        name = followed(platform, link).object or link or f"{author}/{number or at // 1_000_000}"
        kind = row.get("content type", "").casefold()
        media = next((said for word, said in _MEDIA.items() if word in kind), "text")
        yield _post(name, author, at, words.tidy(row.get("post", "")), media, link)
        for column, of in _TOTALS.items():
            amount = row.get(column, "").replace(",", "").removesuffix(".0")
            if amount.isascii() and amount.isdecimal() and 0 < int(amount) < 10**12:
                yield Total(name, of, int(amount), self.counted)

    def _planned(self, row: Row, at: Micros) -> Iterator[Record]:
        """A row of Buffer's or Hootsuite's."""
        name = " ".join(row.get("profile", "").split()) or "planner"
        author = f"{self.kind.name}:{name.casefold()}"
        text, link = words.tidy(row.get("text", "")), row.get("link", "").strip()
        if not text and not link:
            raise ValueError("has neither words nor a link; left out")
        yield from self._own(author, name, "")
        picture = row.get("image url", "").strip()
        media = "image" if picture else "link" if link.startswith("http") else "text"
        post = _post(f"{author}/{at // 1_000_000}", author, at, text, media, "")
        tags = (tag.strip() for tag in row.get("tags", "").split(","))
        yield post._replace(
            link=link if link.startswith("http") else "",
            tags=tuple(dict.fromkeys((*post.tags, *(tag for tag in tags if tag)))),
            public=None,
        )

    def _own(self, account: Address, name: str, handle: str) -> Iterator[Profile]:
        if account not in self._told:
            self._told.add(account)
            yield Profile(account, name=name.strip(), handle=handle, own=True)


def _post(object: str, author: Address, at: Micros, text: str, media: str, url: str) -> Post:
    tags = tuple(dict.fromkeys(re.findall(r"#(\w+)", text)))
    return Post(object, author, at, text=text, media=media, tags=tags, url=url, public=True)
