"""YouTube Takeout: rows of its CSV files -> records.

Names of files and columns follow the language of the account, so columns are told by the shape of what
stands in them: a channel's id (``UC`` and 22 characters), a video's (11), a comment's (``Ug…``), a time, text
as JSON. The names of columns, in the languages known here, only decide between columns of one shape.

Accounts are ``youtube:UC…``. Decided here:

- A comment or a message in a live chat is a ``comment``. The files name only the video, never whose it is,
  nor who wrote what is answered: such an act is towards nobody that is known, and moves nobody. But one that
  begins with a mention is towards the channel mentioned (YouTube puts it there in an answer to an answer);
  further mentions are a ``mention`` each.
- A video liked is a ``like``, likewise towards nobody that is known (unless an old file names its channel).
- A comment's ``object`` is its own address, ``in_reply_to`` what it is about: so a notification mail or an
  answer of the API about the same comment names the same thing.
- Subscriptions have no date: they are a list as of the day of the archive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from courtship.model import Activity, Address, Micros, Post, Profile, Record
from courtship.platforms import times, words

CHANNEL: Final = re.compile(r"UC[\w-]{22}", re.ASCII)
VIDEO: Final = re.compile(r"[\w-]{11}", re.ASCII)
COMMENT: Final = re.compile(r"(?:Ug(?!k)[\w-]{20,}|z1[\w-]{20,})(?:\.[\w-]+)?", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d| UTC)?", re.ASCII
)
_TEXT: Final = re.compile(r"[\[{].*[}\]]", re.DOTALL)
_decode = json.JSONDecoder(strict=False).decode
_CHANNEL_URL: Final = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?youtube\.com/channel/(UC[\w-]{22})/?", re.ASCII
)
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "channel": CHANNEL,
    "video": VIDEO,
    "comment": COMMENT,
    "post": re.compile(r"Ugk[\w-]{20,}", re.ASCII),
    "time": _TIME,
    "text": _TEXT,
    "url": _CHANNEL_URL,
}

# Names of columns, in small letters: English, German, Spanish, Dutch, Romanian, Lithuanian.
_NAMES: Final[Mapping[str, str]] = {
    "parent": r"parent comment|übergeordnete|comentario principal|bovenliggende|părinte|pirminio",
    "top": r"top-level|obersten? ebene|nivel superior|hoofdreactie|aukščiausiojo",
    "title": r"title|titel|t[íi]tulo|titlul|pavadinimas",
    "published": r"publish|veröffentlich|publicaci|publicatie|publicare|paskelb",
    "privacy": r"^privacy$|datenschutz|sichtbarkeit|privacidad|confiden|privatum",
    "description": r"description|beschreibung|descripción|beschrijving|descrierea|aprašas",
    "comments": r"^(?:comment id|kommentar-id|id de comentario|reactie-id|id-ul comentariului|komentaro id)$",
    "chats": r"^(?:live chat id|id del mensaje del chat en directo|livechat-id|id-ul chatului live)$",
    "subscriptions": r"^(?:channel url|kana(?:a)?l-url|url del canal|adresa url a canalului|kanalo url)$",
}
_PATTERNS: Final = {role: re.compile(pattern) for role, pattern in _NAMES.items()}
_PUBLIC: Final = frozenset({"public", "öffentlich", "público", "openbaar", "public.", "vieša", "viešas"})
SAMPLE: Final = 200
"""Rows by which the shape of a column is told."""

Row = Sequence[str]
Columns = Mapping[str, int]
"""Number of the column by its role."""


def account(id: Any) -> Address:
    """``youtube:UC…``; ``""`` for what is no channel's id."""
    return _account(id) if isinstance(id, str) else ""


@lru_cache(maxsize=1 << 12)  # most rows of an archive are of the one channel
def _account(id: str) -> Address:
    return f"youtube:{id}" if CHANNEL.fullmatch(id) else ""


def watch(video: str, comment: str = "") -> str:
    """The address of a video, or of a comment on it."""
    return f"https://www.youtube.com/watch?v={video}{f'&lc={comment}' if comment else ''}"


def moment(text: Any) -> Micros | None:
    """ISO 8601, or ``2021-09-10 10:02:08 UTC``."""
    return times.iso(text.strip().removesuffix(" UTC")) if isinstance(text, str) else None


def shapes(rows: Sequence[Row]) -> list[set[str]]:
    """For each column, the shapes that most of its filled cells have. A row of headers does no harm."""
    width = max(map(len, rows), default=0)
    found: list[set[str]] = []
    for number in range(width):
        cells = [row[number].strip() for row in rows if number < len(row) and row[number].strip()]
        found.append(
            {
                shape
                for shape, pattern in _SHAPES.items()
                if 2 * sum(pattern.fullmatch(cell) is not None for cell in cells) > len(cells)
            }
        )
    return found


def table(header: Row, rows: Sequence[Row]) -> tuple[str, Columns]:
    """What a file of Takeout is, by the shape of its rows: ``comments``, ``chats``, ``subscriptions``,
    ``videos``, ``channels`` or ``""``; and which column is what.

    A file in which nothing has a shape (damaged, or made up) is told by its header, where that is known.
    """
    every = shapes(rows)
    names = [name.strip().strip("\ufeff").casefold() for name in header]
    of = {shape: [n for n, found in enumerate(every) if shape in found] for shape in _SHAPES}
    columns: dict[str, int] = {shape: found[0] for shape, found in of.items() if found}
    for role, pattern in _PATTERNS.items():
        named = [n for n, name in enumerate(names) if pattern.search(name)]
        if named:
            columns[role] = named[0]
    if of["comment"] and of["channel"] and of["time"]:
        return "comments", _comment_columns(columns, of["comment"], rows)
    if of["channel"] and of["url"]:
        return "subscriptions", columns
    if of["channel"] and of["time"] and of["text"]:
        return "chats", columns
    if of["channel"] and of["video"] and of["time"]:
        return "videos", columns
    if of["channel"]:
        return "channels", columns
    for kind in ("comments", "chats", "subscriptions"):
        if kind in columns:
            return kind, columns
    return "", columns


def _comment_columns(columns: dict[str, int], ids: list[int], rows: Sequence[Row]) -> Columns:
    """Which of several columns of comments' ids is the comment's own, the one answered, the first of all."""
    told = {role: columns[role] for role in ("parent", "top") if columns.get(role) in ids}
    left = [number for number in ids if number not in told.values()]

    def own(number: int) -> tuple[int, int, int]:
        cells = [row[number] for row in rows if number < len(row)]
        return (
            -len({cell for cell in cells if COMMENT.fullmatch(cell)}),
            -sum("." in c for c in cells),
            number,
        )

    columns["comment"] = min(left or ids, key=own)
    others = [number for number in ids if number != columns["comment"] and number not in told.values()]
    for role in ("parent", "top"):
        columns.pop(role, None)
        if role in told:
            columns[role] = told[role]
        elif others:
            columns[role] = others.pop(0)
    return columns


_WORDS_ALONE: Final = {"text": 0}.keys()


def said(cell: str) -> tuple[str, list[Address]]:
    """The words of a comment, of all wrappings, and the channels mentioned; ``""`` is the first of these
    where the words do not begin with a mention.

    ``{"takeoutSegments":[{"text":…}]}`` (to June 2024), ``{"text":…},{"text":…}`` (since; also in ``[]``); a
    mention is ``{"text":"@ann","mention":{"externalChannelId":"UC…"}}``. Plain text comes back as it is.
    """
    cell = cell.strip()
    if not cell.startswith(("{", "[")):
        return words.tidy(cell), [""]
    try:
        values = _values(cell)
        if len(values) == 1 and type(values[0]) is dict and values[0].keys() == _WORDS_ALONE:
            text = values[0]["text"]
            return (words.tidy(text), [""]) if isinstance(text, str) else ("", [""])
        segments = list(_segments(values))
    except (ValueError, RecursionError):
        return words.tidy(cell), [""]
    parts: list[str] = []
    mentioned: list[Address] = []
    for segment in segments:
        inner = segment.get("mention")
        who = account(inner.get("externalChannelId")) if isinstance(inner, Mapping) else ""
        text = segment["text"]
        if not mentioned and (who or text.strip()):
            mentioned.append(who if not "".join(parts).strip() else "")
        if who:
            mentioned.append(who)
        parts.append(text)
    return words.tidy("".join(parts)), mentioned or [""]


def _values(cell: str) -> Any:
    try:
        return orjson.loads(f"[{cell}]")
    except ValueError:  # line ends within words, as a table may have them
        return _decode(f"[{cell}]")


def _segments(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _segments(item)
    elif isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value
        yield from _segments(value.get("takeoutSegments"))


class Takeout:
    """Maps the files of one archive. ``me`` is the channel whose archive it is, ``""`` if no file says."""

    def __init__(self, me: Address, made: Micros, mine: frozenset[str] = frozenset()) -> None:
        self.me = me
        self.made = made
        self._videos = mine
        self.channels: dict[Address, None] = {me: None} if me else {}

    def _who(self, row: Row, columns: Columns) -> Address:
        found = account(_cell(row, columns, "channel"))
        if not found:
            raise ValueError("has no channel's id (UC…): who wrote it is not known; left out")
        self.channels.setdefault(found)
        return found

    def comment(self, row: Row, columns: Columns) -> Iterator[Record]:
        """comments.csv. `ValueError` says what is wrong."""
        id = _cell(row, columns, "comment")
        who, at = self._who(row, columns), _at(row, columns)
        if not COMMENT.fullmatch(id):
            raise ValueError("has no comment's id; left out")
        answered = _cell(row, columns, "parent") or _cell(row, columns, "top")
        if not answered or answered == id:
            answered = id.partition(".")[0] if "." in id else ""
        if not COMMENT.fullmatch(answered):
            answered = ""
        about, video = self._about(row, columns, who)
        address = watch(video, id) if video else f"{about}#{id}"
        parent = (watch(video, answered) if video else f"{about}#{answered}") if answered else about
        # What is said under one's own video, and answers nobody, is to oneself.
        target = who if video in self._videos and not answered else ""
        where = (address, parent, watch(video, id) if video else about)
        yield from self._said(f"own:{id}", who, at, row, columns, target, where)

    def chat(self, row: Row, columns: Columns) -> Iterator[Record]:
        """live chats.csv: what was written in the chat of a video."""
        who, at = self._who(row, columns), _at(row, columns)
        about, _ = self._about(row, columns, who)
        id, where = f"chat:{who.partition(':')[2]}:{at}", (f"{about}#chat-{at}", about, about)
        yield from self._said(id, who, at, row, columns, "", where)

    def _said(
        self,
        id: str,
        who: Address,
        at: Micros,
        row: Row,
        columns: Columns,
        target: Address,
        where: tuple[str, str, str],
    ) -> Iterator[Activity]:
        """The comment, and a mention for each who is named; ``where`` is its own address, that of what it
        answers, and the one to open."""
        object, parent, url = where
        text, mentioned = said(_cell(row, columns, "text"))
        target = mentioned[0] or target
        yield Activity(
            id, "comment", who, target, at, None, True, object, parent, text or None, url, public=True
        )
        for other in dict.fromkeys(mentioned):
            if other not in {"", who, target}:
                name = f"{id}:{other.partition(':')[2]}"
                yield Activity(
                    name,
                    "mention",
                    who,
                    other,
                    at,
                    None,
                    True,
                    object,
                    parent,
                    text or None,
                    url,
                    public=True,
                )

    def _about(self, row: Row, columns: Columns, who: Address) -> tuple[str, str]:
        video = _cell(row, columns, "video")
        if VIDEO.fullmatch(video):
            return watch(video), video
        post = _cell(row, columns, "post")
        if post:
            return f"https://www.youtube.com/post/{post}", ""
        return f"https://www.youtube.com/channel/{who.partition(':')[2]}/discussion", ""

    def subscription(self, row: Row, columns: Columns) -> Profile:
        """subscriptions.csv: a channel that the owner follows."""
        url = _CHANNEL_URL.fullmatch(_cell(row, columns, "url"))
        who = account(_cell(row, columns, "channel"))
        if not who or (url and account(url[1]) != who):
            raise ValueError("has no channel's id (UC…), or two; left out")
        name = _cell(row, columns, "title") or next(
            (cell for cell in map(str.strip, row) if cell and not _shaped(cell)), ""
        )
        return Profile(who, name=name, url=f"https://www.youtube.com/channel/{who.partition(':')[2]}")

    def liked(self, video: str, at: Micros, owner: Address = "") -> Activity:
        """A video on the list of those liked, since ``at``."""
        return Activity(f"liked:{video}", "like", self.me, owner, at, object=watch(video), url=watch(video))

    def old_like(self, item: Any) -> Iterator[Record]:
        """An item of likes.json, as Takeout wrote it until 2020."""
        snippet = item.get("snippet") if isinstance(item, Mapping) else None
        if not isinstance(snippet, Mapping):
            raise ValueError("is no liked video; left out")
        inner = [
            part
            for part in (item.get("contentDetails"), snippet.get("resourceId"))
            if isinstance(part, Mapping)
        ]
        video = next((part["videoId"] for part in inner if isinstance(part.get("videoId"), str)), "")
        at, owner = moment(snippet.get("publishedAt")), account(snippet.get("videoOwnerChannelId"))
        if not VIDEO.fullmatch(video) or at is None:
            raise ValueError("says no video, or no time that can be believed; left out")
        if who := account(snippet.get("channelId")):
            self.me = self.me or who
            self.channels.setdefault(who)
        if not self.me:
            raise ValueError("does not say whose it is; import the whole Takeout")
        yield self.liked(video, at, owner)

    def video(self, row: Row, columns: Columns) -> Iterator[Record]:
        """videos.csv: what the owner uploaded."""
        id, who = _cell(row, columns, "video"), self._who(row, columns)
        at = moment(_cell(row, columns, "published")) or _at(row, columns)
        if not VIDEO.fullmatch(id):
            raise ValueError("has no video's id; left out")
        said = (_cell(row, columns, "title"), _cell(row, columns, "description"))
        text = words.tidy("\n\n".join(part for part in said if part))
        shown = _cell(row, columns, "privacy").casefold()
        yield Post(
            watch(id),
            who,
            at,
            text=text,
            media="video",
            tags=tuple(dict.fromkeys(re.findall(r"#(\w+)", text))),
            url=watch(id),
            public=(shown in _PUBLIC) if shown else None,
        )


def _cell(row: Row, columns: Columns, role: str) -> str:
    number = columns.get(role, -1)
    return row[number].strip() if 0 <= number < len(row) else ""


def _at(row: Row, columns: Columns) -> Micros:
    at = moment(_cell(row, columns, "time"))
    if at is None:
        raise ValueError("has no date that can be believed (1990 to 2100); left out")
    return at


def _shaped(cell: str) -> bool:
    return bool(CHANNEL.fullmatch(cell) or _CHANNEL_URL.fullmatch(cell))
