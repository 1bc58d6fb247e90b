"""TikTok's data download (JSON).

How to get it: *Profile*, *Settings and privacy*, *Account*, *Download your data*, *All data*, format **JSON**
(TXT is what comes unless you change it). It is ready within some days; the link holds for four days.

It holds who follows and since when, direct messages both ways, the owner's likes and comments without whose
video it was, and the owner's videos with totals. One part is held at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from courtship.model import Micros, Problem, Record
from courtship.platforms import times
from courtship.platforms.tiktok import WAYS, Export, owner
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8, json_items
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


Reader = Callable[[Any], Iterator[Record | str]]


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [
        entry
        for entry in tree.entries
        if (_NAME.search(entry.name) or tree.shape == "file")
        and head_utf8(entry).startswith(b"{")
        and _HEAD.search(head_utf8(entry))
    ]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        yield from _document(claim, entry)


def _document(claim: Claim, entry: Entry) -> Iterator[Record | Problem]:
    found = _MADE.search(claim.tree.path.name)
    made: Micros = times.seconds(found[1] if found else None) or entry.modified or claim.now
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
    mappings: dict[str, Reader] = {
        **{name: partial(export.relation, way) for name, way in WAYS.items()},
        "ItemFavoriteList": export.like,
        "CommentsList": export.comment,
        "VideoList": export.post,
    }
    if key in mappings and isinstance(items, list):
        for number, item in enumerate(items, 1):
            yield from _mapped(entry, f"{key}, item {number}", mappings[key], item)


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
            "Choose All data and the format JSON, and request it.",
            "Come back to the same page, tab Download data, when it is ready; the link holds for four days.",
        ),
        wait="Some days.",
        link="https://support.tiktok.com/en/account-and-privacy/personalized-ads-and-data/requesting-your-data",
    ),
    files="TikTok_Data_….zip with user_data_tiktok.json (or user_data.json), or that file",
    can_say="Who follows you and since when; direct messages both ways; your likes, comments and videos.",
    cannot_say="Who liked or commented on your videos; whose videos you liked or commented on.",
    grade="B",
)
