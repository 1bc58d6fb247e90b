"""Webmentions: the answer of webmention.io's API, saved as a file (JF2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from courtship.model import Activity, Address, Micros, Problem, Profile, Record
from courtship.platforms.webmention import mention
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8, json_items
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    ("comment", "inbound"): "some",
    ("like", "inbound"): "some",
    ("share", "inbound"): "some",
    ("quote", "inbound"): "some",
    ("follow", "inbound"): "some",
}

_LIKELY: Final = re.compile(r"\.(json|jf2)$|(?:^|/)[^./]+$", re.IGNORECASE)
_OURS: Final = re.compile(rb'"wm-(?:property|target|source|id|received)"\s*:')


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [
        entry
        for entry in tree.matching(_LIKELY)
        if (head := head_utf8(entry)).startswith((b"{", b"[")) and _OURS.search(head)
    ]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    spans: dict[Address, tuple[Micros, Micros]] = {}
    told: set[Profile] = set()
    for entry in claim.entries:
        for number, item in enumerate(json_items(entry, "children.item", "item"), 1):
            if isinstance(item, Problem):
                yield item
                continue
            try:
                for record in mention(item):
                    if isinstance(record, Activity):
                        first, last = spans.get(record.target, (record.at, record.at))
                        spans[record.target] = (min(first, record.at), max(last, record.at))
                    elif isinstance(record, Profile):
                        if record in told:
                            continue
                        told.add(record)
                    yield record
            except ValueError as error:
                yield entry.problem(f"entry {number}", str(error))
    for brand, (first, last) in spans.items():
        yield Profile(brand, url=f"https://{brand.partition(':')[2]}/", own=True)
        yield from SOURCE.coverage(brand, last, first)


SOURCE = Source(
    name="webmentions",
    title="Webmentions (webmention.io)",
    platforms=("web",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Sign in at webmention.io with your site, and copy your API key from Settings.",
            "Open https://webmention.io/api/mentions.jf2?per-page=1000&token=KEY and save the answer.",
        ),
        wait="at once",
        link="https://webmention.io/settings",
    ),
    files="the saved answer of webmention.io: JSON with wm-property, wm-target and wm-source",
    can_say="who answered, liked, shared or linked to your pages from sites that send webmentions, and when",
    cannot_say="what happened on sites that send none, and what you did yourself",
    grade="C",
)
