"""ActivityStreams 2.0 (format ``activitystreams``): a collection, a bare array or JSON Lines.

The product's own ``courtship export FILE.jsonl`` is such a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import orjson

from courtship.addresses import of_uri
from courtship.model import Problem, Record, Snapshot
from courtship.platforms import own_export
from courtship.platforms.activitystreams import Reader
from courtship.sources.base import Claim, Guide, Source, Told
from courtship.sources.text import Lines, head_utf8, json_items
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction

_LIKELY: Final = re.compile(r"\.(jsonl|ndjson|json|jsonld|activity\+json|txt)$|(?:^|/)[^./]+$", re.IGNORECASE)
_TYPES: Final = (
    "Accept|Add|Announce|Block|Create|Delete|Dislike|EmojiReact|Flag|Follow|Like|Offer|Question|Reject|Undo|"
    "Update|View|Note|Article|Review|Person|Organization|Service|Group|Application|courtship:[A-Z][a-z]+"
)
_TYPE: Final = re.compile(rf'"@?type"\s*:\s*\[?\s*"(?:as:)?(?:{_TYPES})"'.encode())
_ITEM: Final = re.compile(rf"(?:as:)?(?:{_TYPES})")
_CONTEXT: Final = b"www.w3.org/ns/activitystreams"
_COLLECTION: Final = re.compile(rb'"(?:Ordered)?Collection(?:Page)?"|"(?:orderedItems|items)"')
_ITEMS: Final = re.compile(rb'"(?:orderedItems|items)"\s*:\s*\[\s*([\{"])')
_MEMBERS: Final = re.compile(r"(.+)/(followers|following)/?(?:\?.*)?$")
_PREFIXES: Final = ("item", "orderedItems.item", "items.item", "first.orderedItems.item", "first.items.item")


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.matching(_LIKELY) if shape(entry)]


def shape(entry: Entry) -> str:
    """``lines``, ``array``, ``collection``, ``members``, ``one``, or ``""`` (none), from the first bytes."""
    head = head_utf8(entry)
    if not head.startswith((b"{", b"[")):
        return ""
    first = head.split(b"\n", 1)[0].strip()
    if first.startswith(b"{") and first.endswith(b"}") and _is_item(first):
        return "lines"
    if head.startswith(b"["):
        return "array" if _TYPE.search(head) and (_CONTEXT in head or b'"actor"' in head) else ""
    if (b"Collection" in head or b'tems"' in head) and _COLLECTION.search(head):  # the pattern alone is slow
        items = _ITEMS.search(head)
        if items is None:
            return "collection" if _CONTEXT in head else ""
        if items[1] == b'"':
            return "members" if re.search(rb'"id"\s*:\s*"[^"]+/follow(?:ers|ing)\b', head) else ""
        return "collection" if _CONTEXT in head or (_TYPE.search(head) and b'"actor"' in head) else ""
    return "one" if _CONTEXT in head and _TYPE.search(head) else ""


def _is_item(line: bytes) -> bool:
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    if own_export.is_own(item):
        return True
    if _ITEM.fullmatch(str(item.get("type", item.get("@type")))) is None:
        return False
    return _CONTEXT in line or "actor" in item or "attributedTo" in item


def _read(claim: Claim) -> Iterator[Told]:
    for entry in claim.entries:
        found = shape(entry)
        if found == "lines":
            yield from _lines(entry)
        elif found == "members":
            yield from _members(entry, claim)
        else:
            yield from _items(entry, *([""] if found == "one" else _PREFIXES))


def _lines(entry: Entry) -> Iterator[Told]:
    lines = Lines(entry)
    reader = Reader()
    for number, line in lines:
        try:
            yield from reader.records(orjson.loads(line))
        except orjson.JSONDecodeError:
            yield entry.problem(f"line {number}", "is not JSON: damaged or cut short")
        except ValueError as error:
            yield entry.problem(f"line {number}", str(error))
    yield from reader.finish()
    yield from lines.problems()


def _items(entry: Entry, *prefixes: str) -> Iterator[Told]:
    reader = Reader()
    for number, item in enumerate(json_items(entry, *prefixes), 1):
        if isinstance(item, Problem):
            yield item
            continue
        try:
            yield from reader.records(item)
        except ValueError as error:
            yield entry.problem(f"item {number}", str(error))
    yield from reader.finish()


def _members(entry: Entry, claim: Claim) -> Iterator[Record | Problem]:
    """A collection of followers, or of whom one follows: undated, so a snapshot as of the file's date."""
    owner: str | None = None
    direction: Direction = "inbound"
    complete = True
    members: dict[str, None] = {}
    for name in json_items(entry, "id", "type", *_PREFIXES):
        if isinstance(name, Problem):
            complete = False
            yield name
            continue
        try:
            if not isinstance(name, str):
                raise ValueError("is no account")
            if name.endswith("Page"):
                complete = False
            found = _MEMBERS.fullmatch(name)
            if owner is None and found:
                owner = of_uri(found[1])
                direction = "inbound" if found[2] == "followers" else "outbound"
            elif name not in {"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"}:
                members[of_uri(name)] = None
        except ValueError as error:
            yield entry.problem("", str(error))
    if owner is not None:
        at = min(entry.modified or claim.now, claim.now)
        yield Snapshot(owner, "follow", direction, tuple(members), at, complete)


SOURCE = Source(
    name="activitystreams",
    title="ActivityStreams 2.0",
    platforms=(),
    recognise=_recognise,
    read=_read,
    shows={},
    guide=Guide(
        steps=(
            "From your own server: its outbox and inbox as JSON; its administrator can hand them over.",
            "From another Courtship: courtship export FILE.jsonl.",
        ),
        link="https://www.w3.org/TR/activitystreams-core/",
    ),
    files="a collection (.json), an array of activities, or JSON Lines with one activity a line",
    can_say="every kind of activity, with its end (Undo, Delete), posts, polls, and who people say they are",
    cannot_say="how much of what happened it holds: taken as some, from its first activity to its last",
    grade="A",
    generic=True,
)
