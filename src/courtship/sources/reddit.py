"""Reddit's data request: CSV files in a flat zip.

How to get it: https://www.reddit.com/settings/data-request. It comes by a message within up to 30 days.

It holds the owner's posts, comments, votes, messages and chats both ways, friends, and awards both ways. Who
voted on or commented below the owner's posts is not in it. Rows stream; the numbers of the owner's own posts
and comments are held.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from courtship.model import Address, Micros, Problem, Record
from courtship.platforms import times
from courtship.platforms.reddit import Export, account, friend, owner
from courtship.sources import csv_columns
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction

SHOWS: Final[Shows] = {
    ("message", "inbound"): "full",
    ("message", "outbound"): "full",
    ("like", "inbound"): "some",
    ("like", "outbound"): "full",
    ("comment", "outbound"): "full",
    ("mention", "outbound"): "full",
    ("vote", "outbound"): "full",
    ("follow", "outbound"): "full",
}

# Each part by its file's name, a column that its header must have, and one more by which it is Reddit's.
_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "statistics": ("statistic", "value"),
    "posts": ("permalink", "subreddit"),
    "post_headers": ("permalink", "subreddit"),
    "comments": ("permalink", "subreddit"),
    "comment_headers": ("permalink", "subreddit"),
    "post_votes": ("permalink", "direction"),
    "comment_votes": ("permalink", "direction"),
    "poll_votes": ("post_id", "user_selection"),
    "messages": ("from", "permalink"),
    "messages_archive": ("from", "permalink"),
    "message_headers": ("from", "permalink"),
    "messages_archive_headers": ("from", "permalink"),
    "chat_history": ("message_id", "channel_url"),
    "friends": ("username", "note"),
    "gilded_content": ("content_link", "date"),
    "gold_received": ("content_link", "gilder_username"),
}
_SURE: Final = frozenset(_PARTS) - {"statistics", "friends", "poll_votes", "gilded_content"}
"""Files by which an export is Reddit's for sure; the others could be anybody's."""

_SHOWN_BY: Final[Mapping[str, Sequence[tuple[str, Direction]]]] = {
    "comments": [("comment", "outbound"), ("mention", "outbound")],
    "post_votes": [("like", "outbound")],
    "poll_votes": [("vote", "outbound")],
    "messages": [("message", "inbound"), ("message", "outbound")],
    "messages_archive": [("message", "inbound"), ("message", "outbound")],
    "friends": [("follow", "outbound")],
    "gold_received": [("like", "inbound")],
}
_ZIP: Final = re.compile(r"export_([A-Za-z0-9_-]{3,20})_(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)


def _part(entry: Entry) -> str:
    name, _, ending = entry.name.casefold().rpartition(".")
    name = re.sub(r"\s*\(\d+\)$", "", name)
    if ending != "csv" or name not in _PARTS:
        return ""
    names = {cell.strip().strip(b'"') for cell in re.split(rb"[,;\t]", _header(entry))}
    return name if {column.encode() for column in _PARTS[name]} <= names else ""


def _header(entry: Entry) -> bytes:
    return head_utf8(entry).split(b"\n", 1)[0].strip().lower()


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = [(entry, part) for entry in tree.entries if (part := _part(entry))]
    return [entry for entry, _ in found] if _SURE & {part for _, part in found} else []


def _read(claim: Claim) -> Iterator[Record | Problem]:
    parts: dict[str, list[Entry]] = {}
    for entry in claim.entries:
        parts.setdefault(_part(entry), []).append(entry)
    made = _made(claim)
    me = _owner(claim, parts)
    if not me:
        yield claim.entries[0].problem(
            "", "does not say whose it is; import the whole zip under the name that Reddit gave it"
        )
        return
    yield owner(me, made)
    export = Export(me, made)
    for part in ("posts", "post_headers", "comments", "comment_headers"):
        _learn(parts.get(part, ()), part, export.learn)
    _learn(parts.get("chat_history", ()), "chat_history", export.learn_chat)
    readers: Mapping[str, Callable[[csv_columns.Row], Iterator[Record]]] = {
        "posts": export.post,
        "comments": export.comment,
        "post_votes": export.vote,
        "comment_votes": export.vote,
        "poll_votes": export.poll_vote,
        "messages": export.message,
        "messages_archive": export.message,
        "chat_history": export.chat,
        "gilded_content": export.award_given,
        "gold_received": export.award_received,
    }
    # Where the words themselves are missing, the headers still say that, when and to whom.
    for part, headers in (
        ("posts", "post_headers"),
        ("comments", "comment_headers"),
        ("messages", "message_headers"),
        ("messages_archive", "messages_archive_headers"),
    ):
        if part not in parts and headers in parts:
            parts[part] = parts[headers]
    shown: set[tuple[str, Direction]] = set()
    for part, reader in readers.items():
        for entry in parts.get(part, ()):
            yield from csv_columns.mapped(entry, _PARTS[part][0], reader)
            shown.update(_SHOWN_BY.get(part, ()))
    if "friends" in parts:
        members: list[Address] = []
        yield from _friends(parts["friends"], members)
        yield export.friends(members)
        shown.update(_SHOWN_BY["friends"])
    yield from SOURCE.coverage(me, made, only={key: SHOWS[key] for key in SHOWS if key in shown})


def _friends(entries: Sequence[Entry], members: list[Address]) -> Iterator[Record | Problem]:
    def add(row: csv_columns.Row) -> Iterator[Record]:
        members.append(friend(row))
        return iter(())

    for entry in entries:
        yield from csv_columns.mapped(entry, _PARTS["friends"][0], add)


def _learn(entries: Sequence[Entry], part: str, learn: Callable[[csv_columns.Row], None]) -> None:
    for entry in entries:
        for row in csv_columns.rows(entry, _PARTS[part][0]):
            if not isinstance(row, Problem):
                learn(row[1])


def _owner(claim: Claim, parts: Mapping[str, Sequence[Entry]]) -> Address:
    """Named by the statistics, by the zip's name, or by being in every private message."""
    for entry in parts.get("statistics", ()):
        for row in csv_columns.rows(entry, _PARTS["statistics"][0]):
            if isinstance(row, Problem) or row[1].get("statistic", "").casefold() != "account name":
                continue
            if who := account(row[1].get("value", "")):
                return who
    if (found := _ZIP.search(claim.tree.path.name)) and (who := account(found[1])):
        return who
    common: set[Address] | None = None
    for part in ("messages", "messages_archive", "message_headers", "messages_archive_headers"):
        for entry in parts.get(part, ()):
            for row in csv_columns.rows(entry, _PARTS[part][0]):
                if isinstance(row, Problem):
                    continue
                both = {account(row[1].get("from", "")), account(row[1].get("to", ""))} - {""}
                common = both if common is None else common & both
    return next(iter(common)) if common is not None and len(common) == 1 else ""


def _made(claim: Claim) -> Micros:
    found = _ZIP.search(claim.tree.path.name)
    at = times.iso(f"{found[2]}-{found[3]}-{found[4]}T23:59:59Z") if found else None
    return at or max((entry.modified for entry in claim.entries if entry.modified), default=claim.now)


SOURCE = Source(
    name="reddit",
    title="Reddit data request",
    platforms=("reddit",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Sign in and open https://www.reddit.com/settings/data-request.",
            "Choose GDPR (or CCPA, or Other), the whole time since you joined, and Submit.",
            "Reddit sends a private message with a link to the zip. Keep its name: it says whose it is.",
        ),
        wait="Up to 30 days; most come within some days.",
        link="https://support.reddithelp.com/hc/en-us/articles/360043048352",
    ),
    files="export_NAME_….zip, or its folder of CSV files (comments.csv, messages.csv, post_votes.csv, …)",
    can_say="Messages and chats both ways, your comments, votes and friends, and who gave you an award.",
    cannot_say="Who voted on or answered your posts; whose posts you voted on or answered.",
    grade="C",
)
