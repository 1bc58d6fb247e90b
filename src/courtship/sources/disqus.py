"""Disqus: the XML export of all comments of a site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from courtship.model import Activity, Micros, Problem, Record
from courtship.platforms.disqus import Export
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.sources.xml_stream import elements

SHOWS: Final[Shows] = {("comment", "inbound"): "full", ("comment", "outbound"): "full"}

_LIKELY: Final = re.compile(r"\.xml$|(?:^|/)[^./]+$", re.IGNORECASE)
_OURS: Final = re.compile(rb"<disqus\b[^>]*disqus\.com")


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.matching(_LIKELY) if _OURS.search(head_utf8(entry))]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        export = Export()
        mapped = {"category": export.category, "thread": export.thread, "post": export.comment}
        last: Micros = 0
        for element in elements(entry, *mapped):
            if isinstance(element, Problem):
                yield element
                continue
            try:
                for record in mapped[element.name](element):
                    if isinstance(record, Activity):
                        last = max(last, record.at)
                    yield record
            except ValueError as error:
                yield entry.problem(f"line {element.line}", str(error))
        if last:
            for account in export.owners():
                yield from SOURCE.coverage(account, last + 1)


SOURCE = Source(
    name="disqus",
    title="Disqus comments",
    platforms=("disqus",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Sign in to Disqus Admin and choose your site.",
            "Open Moderate Comments, then Export, and press Export Comments.",
            "A mail brings the link to a .xml.gz file; import it as it is.",
        ),
        wait="minutes to some hours",
        link="https://help.disqus.com/en/articles/1717164-comments-export",
    ),
    files='….xml that begins with <disqus xmlns="http://disqus.com"',
    can_say="every comment and answer on your pages, by others and by you, with its time",
    cannot_say="votes on comments, and who only read",
    grade="B",
)
