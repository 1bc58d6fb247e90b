"""RSS and Atom feeds, saved as files: of a site's comments, or of its posts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from courtship.model import Activity, Micros, Problem, Record
from courtship.platforms.feeds import Feed
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.sources.xml_stream import elements

SHOWS: Final[Shows] = {("comment", "inbound"): "some"}

_LIKELY: Final = re.compile(r"\.(xml|rss|atom|rdf)$|(?:^|/)[^./]+$", re.IGNORECASE)
_OURS: Final = re.compile(rb"<(?:rss|(?:\w+:)?RDF)[\s>]|<(?:\w+:)?feed\b[^>]*http://www\.w3\.org/2005/Atom")
_OTHERS: Final = re.compile(rb"wordpress\.org/export")


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = []
    for entry in tree.matching(_LIKELY):
        head = head_utf8(entry)
        if head.startswith(b"<") and _OURS.search(head) and not _OTHERS.search(head):
            found.append(entry)
    return found


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        feed = Feed()
        mapped = {"item": feed.entry, "entry": feed.entry, "title": feed.about, "link": feed.about}
        spans: list[Micros] = []
        for element in elements(entry, *mapped):
            if isinstance(element, Problem):
                yield element
                continue
            try:
                for record in mapped[element.name](element):
                    if isinstance(record, Activity):
                        spans = [min([*spans, record.at]), max([*spans, record.at])]
                    yield record
            except ValueError as error:
                yield entry.problem(f"line {element.line}", str(error))
        if spans:
            yield from SOURCE.coverage(feed.account, spans[-1], spans[0])


SOURCE = Source(
    name="feed",
    title="RSS and Atom feeds",
    platforms=("web",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Open the feed of your comments: on WordPress, your address with /comments/feed/ after it.",
            "Save the page as a file that ends in .xml. The feed of your posts can be saved likewise.",
        ),
        wait="at once; a feed holds the newest only, so save it now and then",
    ),
    files="RSS 2.0, RSS 1.0 or Atom, saved as a file",
    can_say="who commented, when, in which words, and what you posted",
    cannot_say="anything older than the feed reaches; often it has no more than the commenter's name",
    grade="A",
    generic=True,
)
