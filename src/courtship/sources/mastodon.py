"""Mastodon's archive and its CSV files.

How to get them: on the web, *Preferences*, *Import and export*, *Data export*, *Request your archive*; a mail
comes when it is ready, within minutes to some hours, once every seven days. On the same page the CSV files
*Follows* and *Blocks* download at once; put them beside the archive, or into its folder.

The archive holds what the owner did: posts, answers, boosts, direct messages that were sent, favourites
(without date or author). It holds nothing that others did, and there is no list of followers at all: for
these connect the account. Posts stream one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Micros, Problem, Record
from courtship.platforms.mastodon import Archive, archive_date, listing, snapshot
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import csv_rows, head_utf8, json_document, json_items
from courtship.sources.tree import Entry, Tree

LISTS: Final[Mapping[str, str]] = {
    "following_accounts": "follow",
    "blocked_accounts": "block",
    "muted_accounts": "",
    "lists": "",
}
"""CSV files by the beginning of their names, and the kind they list; ``""``: nothing between two people."""

UNKNOWN_OWNER: Final = "mastodon:*"

SHOWS: Final[Shows] = {
    ("comment", "outbound"): "full",
    ("mention", "outbound"): "full",
    ("message", "outbound"): "full",
    ("share", "outbound"): "full",
    ("quote", "outbound"): "full",
    ("like", "outbound"): "full",
    ("follow", "outbound"): "full",
    ("block", "outbound"): "full",
}

_CSV: Final = re.compile(rf"(?:^|/)({'|'.join(LISTS)})[^/]*\.csv$", re.IGNORECASE)
_ADDRESS: Final = re.compile(rb'Account address\b|(?:[^,\n]*,)?"?@?[\w.+-]+@[\w.-]+\.\w+"?\s*(?:,|\r|\n|$)')
_OURS: Final = re.compile(rb"joinmastodon\.org/ns|ostatus|\"toot\"|/users/[^/\"]+/statuses/")


def _recognise(tree: Tree) -> Sequence[Entry]:
    found: list[Entry] = []
    for outbox in tree.named("outbox.json"):
        head = head_utf8(outbox)
        if b'"orderedItems"' not in head and b'"OrderedCollection"' not in head:
            continue
        actor = tree.beside(outbox, "actor.json")
        if actor is None and not _OURS.search(head):
            continue
        found.append(outbox)
        beside = (actor, tree.beside(outbox, "likes.json"), tree.beside(outbox, "bookmarks.json"))
        found += [entry for entry in beside if entry is not None]
    found += [entry for entry in tree.matching(_CSV) if _ADDRESS.match(head_utf8(entry))]
    return found


def _read(claim: Claim) -> Iterator[Record | Problem]:
    owners: list[Archive] = []
    tables = []
    for entry in claim.entries:
        if entry.name.casefold() == "outbox.json":
            yield from _archive(claim, entry, owners)
        elif _CSV.search(entry.path):
            tables.append(entry)
    owner = owners[0] if len({archive.account for archive in owners}) == 1 else None
    for entry in tables:
        yield from _table(claim, entry, owner)


def _archive(claim: Claim, outbox: Entry, owners: list[Archive]) -> Iterator[Record | Problem]:
    made = archive_date(claim.tree.path.name) or archive_date(outbox.path) or outbox.modified or claim.now
    actor = next((entry for entry in claim.entries if _is(entry, outbox, "actor.json")), None)
    described: Any = json_document(actor) if actor is not None else {}
    if isinstance(described, Problem):
        yield described
        described = {}
    archive = Archive(described if isinstance(described, Mapping) else {}, made)
    if archive.account:
        yield archive.profile()
    number = 0
    for item in json_items(outbox, "orderedItems.item"):
        if isinstance(item, Problem):
            yield item
            continue
        number += 1
        if not archive.account and isinstance(item, Mapping):
            # Without actor.json each post still says whose it is.
            archive = Archive({"id": item.get("actor")}, made)
            if archive.account:
                yield archive.profile()
        if not archive.account:
            yield outbox.problem("", "does not say whose archive it is; keep actor.json beside it")
            return
        yield from _mapped(outbox, f"item {number}", archive.outbox, item)
    if not archive.account:
        return
    owners.append(archive)
    likes = next((entry for entry in claim.entries if _is(entry, outbox, "likes.json")), None)
    if likes is not None:
        for number, item in enumerate(json_items(likes, "orderedItems.item"), 1):
            if isinstance(item, Problem):
                yield item
            else:
                yield from _mapped(likes, f"item {number}", lambda value: iter((archive.like(value),)), item)
    shows = {key: seen for key, seen in SHOWS.items() if key[0] not in {"follow", "block"}}
    if likes is None:
        del shows["like", "outbound"]
    yield from SOURCE.coverage(archive.account, made, only=shows)


def _is(entry: Entry, outbox: Entry, name: str) -> bool:
    return entry.name.casefold() == name and entry.folder == outbox.folder


def _mapped(
    entry: Entry, where: str, mapping: Callable[[Any], Iterator[Record]], item: Any
) -> Iterator[Record | Problem]:
    try:
        yield from mapping(item)
    except ValueError as error:
        yield entry.problem(where, str(error))


def _table(claim: Claim, entry: Entry, owner: Archive | None) -> Iterator[Record | Problem]:
    found = _CSV.search(entry.path)
    kind = LISTS[found[1].casefold()] if found else ""
    if not kind:
        return
    rows: list[Sequence[str]] = []
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
        else:
            rows.append(row[1])
    account = owner.account if owner is not None else UNKNOWN_OWNER
    at: Micros = owner.made if owner is not None else entry.modified or claim.now
    yield snapshot(account, kind, listing(rows), at)
    yield from SOURCE.coverage(account, at, only={(kind, "outbound"): "full"})


SOURCE = Source(
    name="mastodon",
    title="Mastodon archive and CSV files",
    platforms=("mastodon",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "On your server's website open Preferences, then Import and export.",
            "Press Request your archive, and download it when the mail comes.",
            "On the same page download the CSV files Follows and Blocks, and put them beside the archive.",
        ),
        wait="Minutes to some hours; one archive every seven days. The CSV files come at once.",
        link="https://docs.joinmastodon.org/user/moving/#export",
    ),
    files="archive-….zip, .tar.gz or folder with outbox.json; following_accounts.csv, blocked_accounts.csv",
    can_say="What you posted, answered, boosted, favourited and sent directly; whom you follow and block.",
    cannot_say="What others did: no followers, favourites, boosts or answers. Favourites have no date.",
    grade="B",
)
