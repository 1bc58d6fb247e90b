"""Pinterest: the data export (one web page with all pins), and recorded answers of the API v5.

The export: *Settings*, *Privacy and data*, *Request your data*; a mail comes within 48 hours. It holds the
owner's pins and nothing that others did. Followers are told by the API only, by name and without dates. The
page streams: it may be large.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Problem, Profile, Record, Snapshot
from courtship.platforms import pinterest
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.recorded import answers, recorded_at
from courtship.sources.text import Lines, head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction, Seen

SHOWS: Final[Shows] = {
    ("follow", "inbound"): "full",
    ("follow", "outbound"): "full",
    ("share", "outbound"): "some",
}

_FILE: Final = re.compile(r"\.(?:html?|json|jsonl|ndjson)$", re.IGNORECASE)
_LINE: Final = re.compile(r"<br\s*/?>\s*([A-Z][A-Za-z ]{1,30}):\s?(.*)", re.DOTALL)
_NEXT: Final = re.compile(
    r"(?<=<br>)(?=<a href=)|(?<=<br/>)(?=<a href=)|(?<=<br />)(?=<a href=)", re.IGNORECASE
)
_START: Final = re.compile(r"(?:.*<h1[^>]*>.*</h1>\s*)?<a href=\"([^\"]+)\"", re.DOTALL)
_PINS: Final = re.compile(rb"<a href=\"https?://(?:[\w-]+\.)?pinterest\.[a-z.]+/pin/")
_FIELD: Final = re.compile(rb"<br\s*/?>\s*(?:Board Id|Image|Title):")
_OWNER: Final = re.compile(rb'"account_type"\s*:\s*"(?:PINNER|BUSINESS)"')
_USER: Final = re.compile(rb'"type"\s*:\s*"user"')
_PIN: Final = re.compile(rb'"(?:board_owner|parent_pin_id|pin_metrics)"\s*:')
_BOOKMARK: Final = re.compile(rb'"(?:bookmark|items)"\s*:')
_FOLLOW: Final[Sequence[tuple[re.Pattern[str], Direction]]] = (
    (re.compile(r"follower", re.IGNORECASE), "inbound"),
    (re.compile(r"following", re.IGNORECASE), "outbound"),
)
_REASONS: Final = 3


def _part(entry: Entry) -> str:
    if not _FILE.search(entry.path):
        return ""
    head = head_utf8(entry)
    if entry.name.casefold().endswith((".html", ".htm")):
        return "page" if _PINS.search(head) and _FIELD.search(head) else ""
    if not head.startswith((b"{", b"[")):
        return ""
    if _OWNER.search(head) and b'"username"' in head:
        return "owner"
    if _PIN.search(head) and b'"created_at"' in head:
        return "pins"
    return "list" if _USER.search(head) and b'"username"' in head and _BOOKMARK.search(head) else ""


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.entries if _part(entry)]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    parts: dict[str, list[Entry]] = {}
    for entry in claim.entries:
        parts.setdefault(_part(entry), []).append(entry)
    made = recorded_at(claim)
    for entry in parts.get("page", ()):
        yield from _page(entry, made)
    if parts.keys() - {"page"}:
        yield from _api(claim, parts, made)


# ---------------------------------------------------------------------- the export


def _page(entry: Entry, made: Micros) -> Iterator[Record | Problem]:
    faults: Counter[str] = Counter()
    owners: set[Address] = set()
    for line, number, fields in _pins(entry):
        try:
            record = pinterest.exported(number, fields)
        except ValueError as error:
            faults[str(error)] += 1
            if faults[str(error)] <= _REASONS:
                yield entry.problem(f"line {line}", str(error))
            continue
        who = (
            record.actor
            if isinstance(record, Activity)
            else record.author
            if isinstance(record, Post)
            else ""
        )
        if who not in owners:
            owners.add(who)
            yield pinterest.described(who, made)
        yield record
    for reason, count in faults.items():
        if count > _REASONS:
            yield entry.problem("", f"{count - _REASONS:,} more pins: {reason}")
    shown: Mapping[tuple[str, Direction], Seen] = {("share", "outbound"): "some"}
    for who in sorted(owners):
        yield from SOURCE.coverage(who, made, only=shown)


def _pins(entry: Entry) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    """Each pin: the line on which it begins, its number and its lines by their names in small letters."""
    began, number, name = 0, "", ""
    fields: dict[str, str] = {}
    for line, text in _broken(entry):
        if found := _LINE.match(text):
            name = found[1].casefold()
            fields.setdefault(name, _value(found[2]))
            if "<h1" not in text:
                continue
        start = _START.match(text)
        pin = pinterest.PIN.fullmatch(start[1]) if start else None
        if pin is not None or "<h1" in text or text.startswith("</div>"):
            if number:
                yield began, number, fields
            began, number, name, fields = line, pin[1] if pin else "", "", {}
        elif name and number:  # words of several lines
            fields[name] = f"{fields[name]}\n{_value(text)}"
    if number:
        yield began, number, fields


def _broken(entry: Entry) -> Iterator[tuple[int, str]]:
    """Lines; one on which a pin ends and the next begins is two."""
    for line, data in Lines(entry):
        for text in _NEXT.split(data.decode("utf-8")):
            yield line, text


def _value(text: str) -> str:
    """What stands after a name: without the tags and the comma that end it."""
    return re.sub(r"(?:<br\s*/?>\s*|<h1.*|</div>\s*)+$", "", text, flags=re.DOTALL).rstrip().removesuffix(",")


# ---------------------------------------------------------------------- the API


def _api(claim: Claim, parts: Mapping[str, Sequence[Entry]], made: Micros) -> Iterator[Record | Problem]:
    told: Profile | None = None
    following: int | None = None
    for entry in parts.get("owner", ()):
        for one in answers(entry):
            if isinstance(one, Problem):
                yield one
            elif told is None and pinterest.is_owner(one[1]):
                told = pinterest.owner(one[1], made)
                count = one[1].get("following_count")
                following = count if isinstance(count, int) else None
    if told is None:
        first = next(entry for part, entries in parts.items() if part != "page" for entry in entries)
        yield first.problem("", "does not say whose it is; keep the answer of /user_account beside it")
        return
    yield told
    shown: dict[tuple[str, Direction], Seen] = {}
    counts: Mapping[Direction, int | None] = {"inbound": told.followers, "outbound": following}
    lists: dict[Direction, list[Entry]] = {"inbound": [], "outbound": []}
    for entry in parts.get("list", ()):
        ways = [way for pattern, way in _FOLLOW if pattern.search(entry.name)]
        ways = ways or [way for pattern, way in _FOLLOW if pattern.search(entry.folder)]
        if len(ways) != 1:
            yield entry.problem("", "does not say which list it is; name it followers… or following…")
        else:
            lists[ways[0]].append(entry)
    for way, entries in lists.items():
        if entries:
            for told_of in _list(told.account, way, entries, counts[way], made):
                yield told_of
                if isinstance(told_of, Snapshot):
                    shown["follow", way] = "full" if told_of.complete else "some"
    for entry in parts.get("pins", ()):
        for one in answers(entry):
            if isinstance(one, Problem):
                yield one
                continue
            for item in _items(one[1]):
                for record in pinterest.recorded(item, told.account, made):
                    yield entry.problem(one[0], record) if isinstance(record, str) else record
        shown["share", "outbound"] = "some"
    yield from SOURCE.coverage(told.account, made, only=shown)


def _list(
    me: Address, way: Direction, entries: Sequence[Entry], count: int | None, made: Micros
) -> Iterator[Record | Problem]:
    """All pages of a list as one; whole where it is as long as the account says, for a page may lack."""
    members: dict[Address, None] = {}
    whole = True
    for entry in entries:
        for one in answers(entry):
            if isinstance(one, Problem):
                whole = False
                yield one
                continue
            for item in _items(one[1]):
                who = pinterest.listed(item)
                whole = whole and bool(who)
                if who and who != me:
                    members[who] = None
    whole = whole and count is not None and len(members) >= count
    yield Snapshot(me, "follow", way, tuple(members), made, complete=whole)


def _items(document: Any) -> list[Any]:
    items = document.get("items") if isinstance(document, Mapping) else document
    return items if isinstance(items, list) else [document] if isinstance(document, Mapping) else []


SOURCE = Source(
    name="pinterest",
    title="Pinterest (export, and recorded answers of the API)",
    platforms=("pinterest",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On Pinterest open Settings, Privacy and data, Request your data: your pins come as a web page.",
            "For followers make an app on developers.pinterest.com and save the answers of /user_account,"
            " /user_account/followers, /user_account/following and /pins?pin_metrics=true,"
            " with every page, as user_account.json, followers-1.json, following-1.json, pins-1.json …",
            "Put all of it into one folder, name it with the day (tea-2026-02-04) and import the folder.",
        ),
        wait="The export within 48 hours; an app within days.",
        link="https://help.pinterest.com/en/article/request-your-data",
    ),
    files="the web page of a data export with its pins, or a folder of answers of the API v5",
    can_say="Your pins and repins; from the API also who follows you and whom you follow, counts of pins.",
    cannot_say="Who saved, liked or commented on a pin, since when somebody follows, whose pin you repinned.",
    grade="C",
)
