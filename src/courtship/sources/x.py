"""X (Twitter) archives, from Grailbird (to 2018) to those of today.

How to get one: *More*, *Settings and privacy*, *Your account*, *Download an archive of your data*; X asks for
the password, and some 24 hours to some days later a notice and a mail say that it is ready, for some days.

The archive holds what the owner did: posts, answers, reposts, quotes, favourites (without date or author);
direct messages both ways; and lists of numbers without date: followers, follows, blocks. What others
answered, favourited or reposted is not in it. Each file streams.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Micros, Problem, Record
from courtship.platforms.x import LISTS, Archive, conversation, csv_tweet, member, moment
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.javascript import script_items
from courtship.sources.text import csv_rows, head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction, Seen

SHOWS: Final[Shows] = {
    ("comment", "outbound"): "full",
    ("mention", "outbound"): "full",
    ("share", "outbound"): "full",
    ("quote", "outbound"): "full",
    ("like", "outbound"): "full",
    ("message", "outbound"): "full",
    ("message", "inbound"): "full",
    ("follow", "outbound"): "full",
    ("follow", "inbound"): "full",
    ("block", "outbound"): "full",
}

TOLD_BY: Final[Mapping[str, Sequence[tuple[str, Direction]]]] = {
    "tweets": [(kind, "outbound") for kind in ("comment", "mention", "share", "quote")],
    "like": [("like", "outbound")],
    "direct_messages": [("message", "inbound"), ("message", "outbound")],
    "follower": [("follow", "inbound")],
    "following": [("follow", "outbound")],
    "block": [("block", "outbound")],
}
"""What is seen thanks to which part of the archive."""

SAME: Final[Mapping[str, str]] = {
    "tweet": "tweets",
    "deleted_tweet": "deleted_tweets",
    "direct_message": "direct_messages",
    "direct_message_group": "direct_messages_group",
}
"""Parts that were called otherwise at times."""

_YTD: Final = re.compile(rb"window\.YTD\.(\w+?)\.part\d+\s*=")
_MANIFEST: Final = re.compile(rb"window\.__THAR_CONFIG\s*=")
_GRAILBIRD: Final = re.compile(rb"Grailbird\.data\.(tweets)\w*\s*=|var\s+(user_details|payload_details)\s*=")
_CSV: Final = re.compile(rb'"?tweet_id"?,"?in_reply_to_status_id')


def _part(entry: Entry) -> str:
    """Which part of an archive a file is; ``""`` for what is none."""
    head = head_utf8(entry)
    if _MANIFEST.match(head):
        return "manifest"
    if _CSV.match(head):
        return "csv"
    if found := _YTD.match(head):
        name = found[1].decode()
        return SAME.get(name, name)
    if found := _GRAILBIRD.match(head):
        return "tweets" if found[1] else found[2].decode()
    return ""


def _recognise(tree: Tree) -> Sequence[Entry]:
    likely = [
        entry
        for entry in tree.entries
        if entry.name.casefold().endswith(".js")
        or entry.name.casefold() == "tweets.csv"
        or tree.shape == "file"
    ]
    return [entry for entry in likely if _part(entry)]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    parts: dict[str, list[Entry]] = {}
    for entry in claim.entries:
        parts.setdefault(_part(entry), []).append(entry)
    firsts: dict[str, Mapping[str, Any]] = {}
    for name in ("account", "profile", "manifest", "user_details", "payload_details"):
        for entry in parts.get(name, []):
            for item in script_items(entry):
                if isinstance(item, Problem):
                    yield item
                elif isinstance(item, Mapping):
                    inner = item.get(name, item)
                    firsts.setdefault(name, inner if isinstance(inner, Mapping) else {})
    archive = _owner(claim, firsts)
    if archive.account:
        yield archive.owner(
            firsts.get("account") or firsts.get("user_details", {}), firsts.get("profile", {})
        )
    seen: set[str] = set()
    for name, needs_owner, reader in _READERS:
        for entry in parts.get(name, []):
            if name == "csv" and parts.get("tweets"):
                continue  # Grailbird tells everything twice
            if needs_owner and not archive.account:
                yield entry.problem(
                    "",
                    "does not say whose it is; keep account.js beside it, or import the whole archive",
                )
                continue
            seen.add({"csv": "tweets", "direct_messages_group": "direct_messages"}.get(name, name))
            yield from reader(entry, archive, name)
    if archive.account:
        shown: dict[tuple[str, Direction], Seen] = {
            key: SHOWS[key] for name in TOLD_BY if name in seen for key in TOLD_BY[name]
        }
        yield from SOURCE.coverage(archive.account, archive.made, only=shown)


def _owner(claim: Claim, firsts: Mapping[str, Mapping[str, Any]]) -> Archive:
    account, old = firsts.get("account", {}), firsts.get("user_details", {})
    manifest = firsts.get("manifest", {})
    info, told = manifest.get("userInfo"), manifest.get("archiveInfo")
    info = info if isinstance(info, Mapping) else {}
    made: Micros | None = moment(told.get("generationDate")) if isinstance(told, Mapping) else None
    made = made or moment(firsts.get("payload_details", {}).get("created_at"))
    if made is None:
        # Nothing else says when: the newest file of the archive, else the moment of the import.
        made = max((entry.modified for entry in claim.entries if entry.modified), default=claim.now)
    number = account.get("accountId") or info.get("accountId") or old.get("id") or ""
    handle = account.get("username") or info.get("userName") or old.get("screen_name") or ""
    return Archive(str(number), str(handle), made)


# ---------------------------------------------------------------------- parts


def _each(entry: Entry, mapping: Callable[[Any], Iterator[Record | str]]) -> Iterator[Record | Problem]:
    for number, item in enumerate(script_items(entry), 1):
        if isinstance(item, Problem):
            yield item
            continue
        try:
            for record in mapping(item):
                yield entry.problem(f"item {number}", record) if isinstance(record, str) else record
        except ValueError as error:
            yield entry.problem(f"item {number}", str(error))


def _notes(entry: Entry, archive: Archive, _: str) -> Iterator[Record | Problem]:
    def remember(item: Any) -> Iterator[Record]:
        archive.note(item)
        return iter(())

    return _each(entry, remember)


def _tweets(entry: Entry, archive: Archive, _: str) -> Iterator[Record | Problem]:
    return _each(entry, archive.tweet)


def _deleted(entry: Entry, archive: Archive, _: str) -> Iterator[Record | Problem]:
    return _each(entry, lambda item: iter((archive.deleted(item),)))


def _likes(entry: Entry, archive: Archive, _: str) -> Iterator[Record | Problem]:
    return _each(entry, lambda item: iter((archive.like(item),)))


def _renamed(entry: Entry, archive: Archive, _: str) -> Iterator[Record | Problem]:
    return _each(entry, archive.renamed)


def _talks(entry: Entry, archive: Archive, name: str) -> Iterator[Record | Problem]:
    group = name == "direct_messages_group"
    return _each(entry, lambda item: conversation(item, archive.account, archive.handle, group=group))


def _list(entry: Entry, archive: Archive, name: str) -> Iterator[Record | Problem]:
    members: dict[str, None] = {}

    def add(item: Any) -> Iterator[Record]:
        members[member(item)] = None
        return iter(())

    damaged = False
    for record in _each(entry, add):
        damaged = damaged or isinstance(record, Problem)
        yield record
    if members or not damaged:
        listed = archive.listing(name, tuple(members))
        yield listed._replace(complete=not damaged)


def _table(entry: Entry, archive: Archive, _: str) -> Iterator[Record | Problem]:
    header: list[str] | None = None
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        if header is None:
            header = [cell.strip() for cell in cells]
            continue
        try:
            yield from archive.tweet(csv_tweet(dict(zip(header, cells, strict=False))))
        except ValueError as error:
            yield entry.problem(f"line {line}", str(error))


_READERS: Final[Sequence[tuple[str, bool, Callable[[Entry, Archive, str], Iterator[Record | Problem]]]]] = (
    ("screen_name_change", True, _renamed),
    ("note_tweet", False, _notes),
    ("tweets", True, _tweets),
    ("csv", True, _table),
    ("community_tweet", True, _tweets),
    ("deleted_tweets", True, _tweets),
    ("deleted_tweet_headers", False, _deleted),
    ("direct_messages", False, _talks),
    ("direct_messages_group", False, _talks),
    ("like", True, _likes),
    *((name, True, _list) for name in LISTS),
)

SOURCE = Source(
    name="x",
    title="X (Twitter) archive",
    platforms=("x",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On x.com open More, Settings and privacy, Your account, Download an archive of your data.",
            "Confirm who you are, and press Request archive.",
            "When the notice comes, download the zip; it can be imported as it is.",
        ),
        wait="A day or some days.",
        link="https://help.x.com/en/managing-your-account/how-to-download-your-x-archive",
    ),
    files="twitter-….zip or its folder, with data/tweets.js, data/tweet.js or data/js/tweets",
    can_say="Your posts, answers, reposts, quotes; direct messages both ways; who follows you, by number.",
    cannot_say="Who answered, liked or reposted you; when somebody followed; whose post you liked, and when.",
    grade="B",
)
