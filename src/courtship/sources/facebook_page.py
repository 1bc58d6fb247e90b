"""A Facebook Page, as recorded: bodies of webhooks and answers of the Graph API, as JSON or JSON lines.

An app of the owner's (or a bridge) that hears a Page's webhooks keeps the bodies as they came, one a line or
a file; answers to ``/{page}/feed``, ``/{post}/comments`` and ``/{page}/conversations`` likewise. All files of
one import are read twice: first for who owns what, then for what was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from courtship.model import Activity, Problem, Record
from courtship.platforms.facebook_page import Page, is_graph, is_webhook
from courtship.sources import recorded
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.spans import Spans
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    ("follow", "inbound"): "some",
    ("like", "inbound"): "some",
    ("comment", "inbound"): "some",
    ("mention", "inbound"): "some",
    ("endorse", "inbound"): "some",
    ("message", "inbound"): "some",
    ("message", "outbound"): "some",
    ("comment", "outbound"): "some",
    ("like", "outbound"): "some",
}

_NAME: Final = re.compile(r"\.(?:json|jsonl|ndjson|log)$", re.IGNORECASE)
_WEBHOOK: Final = re.compile(rb'"object"\s*:\s*"page"')
_ENTRY: Final = re.compile(rb'"entry"\s*:\s*\[')
_GRAPH: Final = re.compile(rb'"id"\s*:\s*"(?:\d{5,25}_\d{3,25}|t_\d+|m_[\w-]{10,})"')
_FIELD: Final = re.compile(rb'"(?:created_time|reactions|comments|messages|participants|fan_count)"\s*:')
_OUR_PAGE: Final = re.compile(rb'"(?:fan_count|followers_count)"\s*:')


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.matching(_NAME) if _looks_right(head_utf8(entry))]


def _looks_right(head: bytes) -> bool:
    if not head.startswith((b"{", b"[")):
        return False
    if _WEBHOOK.search(head) and _ENTRY.search(head):
        return True
    if _OUR_PAGE.search(head) and b'"category"' in head:
        return True
    return bool(_GRAPH.search(head) and _FIELD.search(head))


def _read(claim: Claim) -> Iterator[Record | Problem]:
    page = Page(recorded.recorded_at(claim))
    for entry in claim.entries:
        for told in recorded.answers(entry):
            if not isinstance(told, Problem):
                page.learn(told[1])
    yield from page.own()
    spans = Spans(page.pages)

    def mapping(document: Any) -> Iterator[Record | str]:
        if is_webhook(document):
            yield from page.webhook(document)
        elif is_graph(document):
            yield from page.graph(document)

    for entry in claim.entries:
        for record in recorded.mapped(entry, mapping):
            if isinstance(record, Activity):
                spans.add(record)
            yield record
    if page.pages:
        yield from (shown for shown in spans.coverage() if (shown.kind, shown.direction) in SHOWS)


SOURCE = Source(
    name="facebook-page",
    title="Facebook Page (recorded webhooks and Graph API answers)",
    platforms=("facebook",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "You need a Meta app that the Page has let in, with the rights pages_read_engagement,"
            " pages_read_user_content, pages_messaging and pages_manage_metadata.",
            "Save each answer of /PAGE, /PAGE/feed, /POST/comments?fields=from,parent,message,created_time"
            " and /PAGE/conversations?fields=participants,messages{from,to,message,created_time} to a file.",
            "Save each body of the Page's webhooks (feed, ratings, messages) as a line of a .jsonl file.",
            "Put all files into one folder, name it with the day (tearoom-2026-02-04) and import the folder.",
        ),
        wait="Meta's review of an app takes days to weeks.",
        link="https://developers.facebook.com/docs/pages-api",
    ),
    files="a folder of .json or .jsonl files with webhook bodies or Graph API answers",
    can_say="Comments, reactions, Page likes, reviews, visitors' posts and messages, while it was recorded.",
    cannot_say="Who did it, where Facebook leaves the author out; who shared a post; who mentioned the Page.",
    grade="A",
)
