"""LinkedIn's export: CSV files in a zip.

How to get it: *Me*, *Settings & Privacy*, *Data privacy*, *Get a copy of your data*, *Download larger data
archive*. A first part comes by mail within minutes, the whole within 24 hours; ask for the whole.

It holds connections with their day, messages both ways, skills endorsed and recommendations both ways, and
what the owner reacted to, commented, voted for and posted. Who reacted to or commented on the owner's posts
is not in it, nor who follows without being connected. Rows stream; the names of connections are held, for a
recommendation names its writer only by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from courtship.model import Micros, Problem, Profile, Record
from courtship.platforms import times
from courtship.platforms.linkedin import Export, Row, person
from courtship.sources import csv_columns
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.vocabulary import Direction, Seen

SHOWS: Final[Shows] = {
    ("follow", "inbound"): "some",
    ("follow", "outbound"): "full",
    ("like", "inbound"): "some",
    ("like", "outbound"): "full",
    ("endorse", "inbound"): "full",
    ("endorse", "outbound"): "full",
    ("message", "inbound"): "full",
    ("message", "outbound"): "full",
    ("comment", "outbound"): "full",
    ("vote", "outbound"): "full",
    ("share", "outbound"): "full",
}

# Each part by its file's name without blanks and underscores, and a column that its header must have.
_PARTS: Final[Mapping[str, str]] = {
    "profile": "first name",
    "connections": "connected on",
    "invitations": "sent at",
    "messages": "conversation id",
    "endorsementreceivedinfo": "endorsement date",
    "endorsementgiveninfo": "endorsement date",
    "recommendationsreceived": "creation date",
    "recommendationsgiven": "creation date",
    "reactions": "link",
    "comments": "link",
    "votes": "optiontext",
    "instantreposts": "link",
    "shares": "sharelink",
    "companyfollows": "organization",
    "memberfollows": "date",
}

_SHOWN_BY: Final[Mapping[str, Sequence[tuple[str, Direction]]]] = {
    "connections": [("follow", "inbound"), ("follow", "outbound")],
    "messages": [("message", "inbound"), ("message", "outbound")],
    "endorsementreceivedinfo": [("like", "inbound")],
    "recommendationsreceived": [("endorse", "inbound")],
    "recommendationsgiven": [("endorse", "outbound")],
    "reactions": [("like", "outbound")],
    "comments": [("comment", "outbound")],
    "votes": [("vote", "outbound")],
    "instantreposts": [("share", "outbound")],
}

_ZIP_DAY: Final = re.compile(r"LinkedInDataExport_(\d\d)-(\d\d)-(\d{4})", re.IGNORECASE)


def _part(entry: Entry) -> str:
    name, _, ending = entry.name.casefold().rpartition(".")
    part = re.sub(r"[\s_]|\(\d+\)$", "", name)
    if ending != "csv" or part not in _PARTS:
        return ""
    return part if _PARTS[part].encode() in head_utf8(entry).lower() else ""


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = [(entry, part) for entry in tree.entries if (part := _part(entry))]
    # "comments.csv" or "profile.csv" could be anybody's: one file must be LinkedIn's for sure.
    sure = {"connections", "messages", "invitations", "endorsementreceivedinfo", "recommendationsreceived"}
    sure |= {"shares", "votes", "endorsementgiveninfo", "recommendationsgiven"}
    return [entry for entry, _ in found] if sure & {part for _, part in found} else []


def _read(claim: Claim) -> Iterator[Record | Problem]:
    parts: dict[str, list[Entry]] = {}
    for entry in claim.entries:
        parts.setdefault(_part(entry), []).append(entry)
    own = _owner(claim, parts)
    if own is None:
        yield claim.entries[0].problem(
            "", "does not say whose it is; keep Profile.csv beside it, or import the whole export"
        )
        return
    yield own
    export = Export(own.account, own.name, own.at or claim.now)
    for part in ("connections", "invitations", "endorsementreceivedinfo", "endorsementgiveninfo"):
        for entry in parts.get(part, ()):
            for row in csv_columns.rows(entry, _PARTS[part]):
                if not isinstance(row, Problem):
                    export.learn(row[1])
    readers: Mapping[str, Callable[[Row], Iterator[Record]]] = {
        "connections": export.connection,
        "invitations": export.invitation,
        "messages": export.message,
        "endorsementreceivedinfo": export.endorsement,
        "endorsementgiveninfo": export.endorsement,
        "recommendationsreceived": partial(export.recommendation, received=True),
        "recommendationsgiven": partial(export.recommendation, received=False),
        "reactions": export.reaction,
        "comments": export.comment,
        "votes": export.vote,
        "instantreposts": export.repost,
        "shares": export.share,
        "companyfollows": export.follow,
        "memberfollows": export.follow,
    }
    shown: set[tuple[str, Direction]] = set()
    for part, reader in readers.items():
        for entry in parts.get(part, ()):
            yield from csv_columns.mapped(entry, _PARTS[part], reader)
            shown.update(_SHOWN_BY.get(part, ()))
    coverage: dict[tuple[str, Direction], Seen] = {key: SHOWS[key] for key in SHOWS if key in shown}
    yield from SOURCE.coverage(export.account, export.made, only=coverage)


def _owner(claim: Claim, parts: Mapping[str, Sequence[Entry]]) -> Profile | None:
    """The owner: the one address that is in every invitation, else the sender of the messages in the name of
    the profile, else the profile's name alone."""
    made = _made(claim)
    name, bio = "", ""
    for entry in parts.get("profile", ()):
        for row in csv_columns.rows(entry, _PARTS["profile"]):
            if not isinstance(row, Problem) and not name:
                cells = row[1]
                name = " ".join(f"{cells.get('first name', '')} {cells.get('last name', '')}".split())
                bio = cells.get("headline", "")
    account = _in_every_invitation(parts.get("invitations", ()))
    if not account and name:
        account = _sender_named(parts.get("messages", ()), name) or f"linkedin:name/{name.casefold()}"
    if not account:
        return None
    slug = account.partition(":")[2]
    known = not slug.startswith("name/")
    return Profile(
        account,
        at=made,
        name=name or slug,
        handle=slug if known else "",
        url=f"https://www.linkedin.com/in/{slug}" if known else "",
        bio=bio,
        own=True,
    )


def _in_every_invitation(entries: Sequence[Entry]) -> str:
    common: set[str] | None = None
    for entry in entries:
        for row in csv_columns.rows(entry, _PARTS["invitations"]):
            if isinstance(row, Problem):
                continue
            cells = row[1]
            incoming = cells.get("direction", "").upper() == "INCOMING"
            who = person(cells.get("inviteeprofileurl" if incoming else "inviterprofileurl", ""))
            if who:
                common = {who} if common is None else common & {who}
    return next(iter(common)) if common is not None and len(common) == 1 else ""


def _sender_named(entries: Sequence[Entry], name: str) -> str:
    found: set[str] = set()
    for entry in entries:
        for row in csv_columns.rows(entry, _PARTS["messages"]):
            if not isinstance(row, Problem) and row[1].get("from", "").casefold() == name.casefold():
                found.add(person(row[1].get("sender profile url", "")))
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _made(claim: Claim) -> Micros:
    day = _ZIP_DAY.search(claim.tree.path.name)
    at = times.iso(f"{day[3]}-{day[1]}-{day[2]}T23:59:59Z") if day else None
    if at is not None:
        return at
    return max((entry.modified for entry in claim.entries if entry.modified), default=claim.now)


SOURCE = Source(
    name="linkedin",
    title="LinkedIn export",
    platforms=("linkedin",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On LinkedIn open Me, Settings & Privacy, Data privacy, Get a copy of your data.",
            "Choose Download larger data archive, and press Request archive.",
            "A first part comes within minutes; wait for the mail that says the whole is ready.",
        ),
        wait="Up to 24 hours.",
        link="https://www.linkedin.com/help/linkedin/answer/a1339364",
    ),
    files="Complete_LinkedInDataExport_….zip (or Basic_…), or its folder of CSV files",
    can_say="Connections, messages both ways, endorsed skills and recommendations both ways, what you did.",
    cannot_say="Who reacted to or commented on your posts, and who follows you without being connected.",
    grade="B",
)
