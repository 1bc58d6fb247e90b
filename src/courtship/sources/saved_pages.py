"""Saved web pages with microformats: an answer, like, repost or mention on somebody's own site.

A page is read whole (pages are small); one at a time. It must say where it stood: by what the browser wrote
into it when it was saved, by ``rel=canonical``, ``og:url`` or ``base``, or by the entry's own address.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Problem, Record
from courtship.platforms.microformats import Page, Reader, page
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.recorded import day_in
from courtship.sources.text import head_utf8, utf8
from courtship.sources.tree import HEAD, Entry, Tree

SHOWS: Final[Shows] = {
    (kind, direction): "some"
    for kind in ("comment", "like", "share", "quote", "mention", "follow")
    for direction in ("inbound", "outbound")
}

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of one page; larger ones are no page of a person's site."""
MOST_TAGS: Final = 60_000
LOOKED_AT: Final = 192 * 1024
"""Bytes of a page in which its first entry must begin: scripts and styles may stand before it."""
MOST_LOOKS: Final = 500
"""Pages that are looked into further than their beginning, in one archive."""

_PAGE: Final = re.compile(r"\.(?:html?|xhtml)$|^[^.]+$", re.IGNORECASE)
_ENTRY: Final = re.compile(rb"class\s*=\s*[\"']?[^\"'>]*\b(?:h-entry|h-event|h-review|h-feed|hentry)\b", re.I)
_HTML: Final = re.compile(rb"^\s*<(?:!doctype html|!--|html|head|body|div|article|main|meta|title)\b", re.I)
_OPEN: Final = re.compile(r"<html\b", re.IGNORECASE)
_CLOSED: Final = re.compile(r"</html\s*>", re.IGNORECASE)
_GONE: Final = re.compile(r"<meta[^>]+http-equiv=[\"']?status[\"']?[^>]+410", re.IGNORECASE)
_CHARSET: Final = re.compile(rb"<meta[^>]+charset=[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_SAVED_FROM: Final = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://\S+)"
)
_META: Final = re.compile(r"<(?:link|meta|base)\b[^>]*>", re.IGNORECASE)
_NAMED: Final = (
    (re.compile(r"\brel=[\"']?canonical\b", re.IGNORECASE), "href"),
    (re.compile(r"\bproperty=[\"']?og:url\b", re.IGNORECASE), "content"),
    (re.compile(r"^<base\b", re.IGNORECASE), "href"),
)


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = []
    looks = MOST_LOOKS
    for entry in tree.entries:
        if not _PAGE.search(entry.name):
            continue
        head = head_utf8(entry)
        if not _HTML.search(head):
            continue
        if not _ENTRY.search(head) and len(entry.head()) == HEAD and looks:
            looks -= 1
            with utf8(entry) as stream:
                head = stream.read(LOOKED_AT)
        if _ENTRY.search(head):
            found.append(entry)
    return found


def _read(claim: Claim) -> Iterator[Record | Problem]:
    reader = Reader(claim.brand)
    spans: dict[tuple[Address, str, str], tuple[Micros, Micros]] = {}
    day = day_in(claim.tree.path.name, claim.now)
    for entry in claim.entries:
        told = _page(entry, day or entry.modified or claim.now)
        if isinstance(told, Problem):
            yield told
            continue
        acted = False
        try:
            for record in reader.page(told):
                if isinstance(record, Activity):
                    for one, direction in ((record.target, "inbound"), (record.actor, "outbound")):
                        if one in claim.brand:
                            key = (one, record.kind, direction)
                            first, last = spans.get(key, (record.at, record.at))
                            spans[key] = (min(first, record.at), max(last, record.at))
                acted = True
                yield record
        except ValueError as error:
            yield entry.problem("", str(error))
            continue
        if not acted:
            yield entry.problem(
                "",
                "says nothing of a page of yours; if it should, say first which site is yours"
                " (courtship brand add web:HOST), then import it again",
            )
    for (account, kind, direction), (first, last) in sorted(spans.items()):
        only: Shows = {(kind, "inbound" if direction == "inbound" else "outbound"): "some"}
        yield from SOURCE.coverage(account, last, first, only=only)


def _page(entry: Entry, saved: Micros) -> Page | Problem:
    if entry.size > LARGEST:
        return entry.problem("", "is far larger than a page of somebody's site; left out")
    with utf8(entry) as stream:
        data = stream.read(LARGEST + 1)
    text = _decoded(data)
    if text.count("<") > MOST_TAGS:
        return entry.problem("", "has more tags than a page of somebody's site; left out")
    if _OPEN.search(text) and not _CLOSED.search(text):
        return entry.problem("", "is cut short; save the page again")
    if _GONE.search(text):
        return entry.problem("", "says that it was deleted; left out")
    where = _where(text)
    try:
        parsed = _parsed(text, where)
    except (RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError) as error:
        return entry.problem("", f"cannot be read as a page ({type(error).__name__}); left out")
    return page(parsed, where, saved)


def _parsed(text: str, where: str) -> Any:
    import mf2py  # 0.3 s: only where there is such a page

    return mf2py.parse(doc=text, url=where or None)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    found = _CHARSET.search(data[:HEAD])
    try:
        return data.decode(codecs.lookup(found[1].decode()).name if found else "cp1252", "replace")
    except (LookupError, ValueError):
        return data.decode("cp1252", "replace")


def _where(text: str) -> str:
    """Where the page stood; ``""`` where nothing says so."""
    if found := _SAVED_FROM.search(text[: 4 * HEAD]):
        return found[1].removesuffix("-->")
    tags = list(islice(_META.finditer(text), 400))
    for pattern, attribute in _NAMED:
        for tag in tags:
            if pattern.search(tag[0]):
                value = re.search(rf"\b{attribute}=[\"']?(https?://[^\"'\s>]+)", tag[0], re.IGNORECASE)
                if value:
                    return value[1]
    return ""


SOURCE = Source(
    name="saved-pages",
    title="Saved web pages (microformats)",
    platforms=("web",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Say which site is yours: courtship brand add web:HOST.",
            "Open the page on the other's site (your statistics or pingbacks name it), and save it as HTML.",
            "Save your own pages likewise: answers that they show, and what you answered, are read.",
        ),
        wait="at once",
        link="https://indieweb.org/microformats",
    ),
    files="saved pages (.html) with h-entry in them, or a folder of such",
    can_say="who answered, liked, reposted, quoted, tagged or linked to your pages on their own sites",
    cannot_say="what stands on pages that you did not save, or that are written without microformats",
    grade="A",
    generic=True,
)
