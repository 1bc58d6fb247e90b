"""TikTok's data download, as JSON or as text.

How to get it: *Profile*, *Settings and privacy*, *Account*, *Download your data*, *All data*, format JSON
or TXT (which comes unless you change it). It is ready within some days; the link holds for four days.

It holds who follows and since when, direct messages both ways, the owner's likes and comments without whose
video it was, and the owner's videos with totals. One part is held at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from courtship.model import Micros, Problem, Record
from courtship.platforms import tiktok_text, times
from courtship.platforms.tiktok import WAYS, Export, owner
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import LONGEST_LINE, head_utf8, json_items, utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction

SHOWS: Final[Shows] = {
    ("follow", "inbound"): "full",
    ("follow", "outbound"): "full",
    ("block", "outbound"): "full",
    ("like", "outbound"): "full",
    ("comment", "outbound"): "full",
    ("mention", "outbound"): "some",
    ("message", "inbound"): "full",
    ("message", "outbound"): "full",
}

_ROOTS: Final = (
    "Activity",
    "Your Activity",
    "Profile",
    "Profile And Settings",
    "App Settings",
    "Likes and Favorites",
)
_LISTS: Final = (
    "Follower List",
    "Follower",
    "Following List",
    "Following",
    "Block List",
    "Block",
    "Like List",
)
_PREFIXES: Final = (
    *(f"{root}.{name}" for root in _ROOTS for name in _LISTS),
    "Comment.Comments",
    "Direct Messages.Chat History",
    "Direct Message.Direct Messages",
    "Direct Message.Chat History",
    "Post.Posts",
    "Video.Videos",
)
_PROFILES: Final = tuple(
    f"{root}.{name}.ProfileMap"
    for root in ("Profile", "Profile And Settings")
    for name in ("Profile Information", "Profile Info")
)
_NAME: Final = re.compile(r"user_data(?:_tiktok)?\.json$", re.IGNORECASE)
_HEAD: Final = re.compile(
    rb'"(?:Activity Summary|ActivitySummaryMap|FansList|ItemFavoriteList|AIMojiList|ChatHistory)"'
)
_MADE: Final = re.compile(r"TikTok_Data_(\d{10})(?:\D|$)", re.IGNORECASE)
_SHOWN_BY: Final[dict[str, Sequence[tuple[str, Direction]]]] = {
    "FansList": [("follow", "inbound")],
    "Following": [("follow", "outbound")],
    "BlockList": [("block", "outbound")],
    "ItemFavoriteList": [("like", "outbound")],
    "CommentsList": [("comment", "outbound"), ("mention", "outbound")],
    "ChatHistory": [("message", "inbound"), ("message", "outbound")],
}


_SURE: Final = frozenset({"FansList", "Following", "ItemFavoriteList", "ChatHistory"})
"""Text files by which a download is TikTok's for sure."""
_DATED: Final = r"^Date: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\s*\n"
_TEXT_HEAD: Final[dict[str, re.Pattern[bytes]]] = {
    part: re.compile(pattern.encode(), re.MULTILINE)
    for part, pattern in (
        *((name, rf"{_DATED}User ?[Nn]ame:") for name in WAYS),
        ("ItemFavoriteList", rf"{_DATED}(?:Video )?Link:"),
        ("CommentsList", rf"{_DATED}Comment:"),
        ("VideoList", rf"{_DATED}Link:"),
        ("ChatHistory", "^>>> Chat History with "),
        ("ProfileMap", "^User ?[Nn]ame:"),
    )
}

Reader = Callable[[Any], Iterator[Record | str]]


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = [
        entry
        for entry in tree.entries
        if (_NAME.search(entry.name) or tree.shape == "file")
        and head_utf8(entry).startswith(b"{")
        and _HEAD.search(head_utf8(entry))
    ]
    texts = [entry for entry in tree.entries if _text_part(entry)]
    return [*found, *texts] if any(_text_part(entry) in _SURE for entry in texts) else found


def _text_part(entry: Entry) -> str:
    """Which list a text file holds; the beginning must look like one."""
    name, _, ending = entry.name.casefold().rpartition(".")
    part = tiktok_text.PARTS.get(name, "") if ending == "txt" else ""
    return part if part and _TEXT_HEAD[part].search(head_utf8(entry)) else ""


def _read(claim: Claim) -> Iterator[Record | Problem]:
    texts = [entry for entry in claim.entries if entry.name.casefold().endswith(".txt")]
    for entry in claim.entries:
        if entry not in texts:
            yield from _document(claim, entry)
    if texts:
        yield from _texts(claim, texts)


def _made(claim: Claim, entry: Entry) -> Micros:
    found = _MADE.search(claim.tree.path.name)
    return times.seconds(found[1] if found else None) or entry.modified or claim.now


def _texts(claim: Claim, entries: Sequence[Entry]) -> Iterator[Record | Problem]:
    """The same as text files, a list each."""
    parts = [(_text_part(entry), entry) for entry in entries]
    made = _made(claim, entries[0])
    told = None
    for part, entry in parts:
        for _, item in tiktok_text.items(_lines(entry)) if part == "ProfileMap" else ():
            told = told or owner({**item, "userName": item.get("UserName")}, made)
    if told is None:
        talk = (
            chat
            for part, entry in parts
            if part == "ChatHistory"
            for chat in tiktok_text.chats(_lines(entry))
        )
        who = tiktok_text.owner_of((title, message["From"]) for _, title, message in talk)
        told = owner({"userName": who}, made)
    if told is None:
        yield entries[0].problem("", "does not say whose it is; keep Profile Info.txt beside it")
        return
    yield told
    export = Export(told.account, made)
    shown: dict[tuple[str, Direction], None] = {}
    for part, entry in parts:
        shown.update(dict.fromkeys(_SHOWN_BY.get(part, ())))
        if part == "ChatHistory":
            for number, title, message in tiktok_text.chats(_lines(entry)):
                yield from _mapped(entry, f"line {number}", partial(export.chat, title), [message])
        elif part in (readers := _readers(export)):
            for number, item in tiktok_text.items(_lines(entry)):
                yield from _mapped(entry, f"line {number}", readers[part], item)
    yield from SOURCE.coverage(told.account, made, only={key: SHOWS[key] for key in shown})


def _lines(entry: Entry) -> Iterator[tuple[int, str]]:
    with utf8(entry) as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b""), 1):
            yield number, line.decode("utf-8", "replace")


def _document(claim: Claim, entry: Entry) -> Iterator[Record | Problem]:
    made = _made(claim, entry)
    told = None
    for part in json_items(entry, *_PROFILES):
        told = told or (None if isinstance(part, Problem) else owner(part, made))
    if told is None:
        yield entry.problem("", "does not say whose it is, or is damaged; get the data again, all of it")
        return
    yield told
    export = Export(told.account, made)
    shown: dict[tuple[str, Direction], None] = {}
    for part in json_items(entry, *_PREFIXES):
        if isinstance(part, Problem):
            yield part
            continue
        for key, items in part.items() if isinstance(part, dict) else ():
            if key in _SHOWN_BY:
                shown.update(dict.fromkeys(_SHOWN_BY[key]))
            yield from _part(entry, export, key, items)
    yield from SOURCE.coverage(told.account, made, only={key: SHOWS[key] for key in shown})


def _part(entry: Entry, export: Export, key: str, items: Any) -> Iterator[Record | Problem]:
    if key == "ChatHistory" and isinstance(items, dict):
        for title, messages in items.items():
            yield from _mapped(entry, title, partial(export.chat, title), messages)
        return
    mappings = _readers(export)
    if key in mappings and isinstance(items, list):
        for number, item in enumerate(items, 1):
            yield from _mapped(entry, f"{key}, item {number}", mappings[key], item)


def _readers(export: Export) -> dict[str, Reader]:
    return {
        **{name: partial(export.relation, way) for name, way in WAYS.items()},
        "ItemFavoriteList": export.like,
        "CommentsList": export.comment,
        "VideoList": export.post,
    }


def _mapped(entry: Entry, where: str, mapping: Reader, item: Any) -> Iterator[Record | Problem]:
    try:
        for record in mapping(item):
            yield entry.problem(where, record) if isinstance(record, str) else record
    except ValueError as error:
        yield entry.problem(where, str(error))


SOURCE = Source(
    name="tiktok",
    title="TikTok data download",
    platforms=("tiktok",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "In TikTok open Profile, Settings and privacy, Account, Download your data.",
            "Choose All data and the format JSON (TXT is read too, in English), and request it.",
            "Come back to the same page, tab Download data, when it is ready; the link holds for four days.",
        ),
        wait="Some days.",
        link="https://support.tiktok.com/en/account-and-privacy/personalized-ads-and-data/requesting-your-data",
    ),
    files="TikTok_Data_….zip with user_data_tiktok.json (or user_data.json), or with Follower.txt, …",
    can_say="Who follows you and since when; direct messages both ways; your likes, comments and videos.",
    cannot_say="Who liked or commented on your videos; whose videos you liked or commented on.",
    grade="B",
)
