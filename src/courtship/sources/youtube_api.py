"""Answers of YouTube's Data API v3, recorded in files: one answer a file, or one a line.

How to get them: with an API key, ``commentThreads.list`` (``allThreadsRelatedToChannelId`` or ``videoId``,
part ``snippet,replies``), ``comments.list`` for threads of more than five answers, ``subscriptions.list``
(``mySubscribers``), ``members.list``, ``videos.list``; each answer saved as it came.

Who answered whom may stand in another file: all are read twice, and the authors of all comments are held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Activity, Problem, Profile, Record
from courtship.platforms.youtube_api import Answers
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.recorded import answers
from courtship.sources.spans import Spans
from courtship.sources.text import head_utf8
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    ("comment", "inbound"): "some",
    ("comment", "outbound"): "some",
    ("follow", "inbound"): "some",
    ("follow", "outbound"): "some",
}

_HEAD: Final = re.compile(
    rb'"youtube#(?:commentThread|comment|subscription|member|video|channel|activity)(?:ListResponse)?"'
)
_LIST: Final = re.compile(rb'"youtube#\w+ListResponse"')


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.entries if _is_answer(entry)]


def _is_answer(entry: Entry) -> bool:
    if not entry.name.casefold().endswith((".json", ".jsonl", ".ndjson")):
        return False
    head = head_utf8(entry)
    # A bare list of things is an old Takeout's, which has another reader.
    return bool(_HEAD.search(head)) and (head.startswith(b"{") or bool(_LIST.search(head)))


def _read(claim: Claim) -> Iterator[Record | Problem]:
    mapped = Answers()
    for entry in claim.entries:
        for _, item in _items(entry):
            if not isinstance(item, Problem):
                mapped.learn(item)
    spans = Spans([mapped.own] if mapped.own else [])
    if mapped.own:
        yield Profile(mapped.own, own=True)
    for entry in claim.entries:
        seen = entry.modified or claim.now
        for where, item in _items(entry):
            if isinstance(item, Problem):
                yield item
                continue
            try:
                for record in mapped.records(item, seen):
                    if isinstance(record, Activity):
                        spans.add(record)
                    yield record
            except ValueError as error:
                yield entry.problem(where, str(error))
    yield from mapped.undated(max(entry.modified or claim.now for entry in claim.entries))
    yield from spans.coverage()


def _items(entry: Entry) -> Iterator[tuple[str, Any | Problem]]:
    """Things of all answers in a file, and where each stands; problems among them."""
    for told in answers(entry):
        if isinstance(told, Problem):
            yield told.where, told
            continue
        line, answer = told
        for one in answer if isinstance(answer, list) else [answer]:
            items = one.get("items") if isinstance(one, Mapping) else None
            if isinstance(items, list):
                for number, item in enumerate(items, 1):
                    yield f"{line}{', ' if line else ''}item {number}", item
            elif isinstance(one, Mapping) and isinstance(one.get("error"), Mapping):
                yield line, entry.problem(line, "is a refusal of YouTube's, not an answer; ask again")
            else:
                yield line, one


SOURCE = Source(
    name="youtube-api",
    title="YouTube Data API answers",
    platforms=("youtube",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "In the Google Cloud console make a project, enable YouTube Data API v3, and make an API key.",
            "Ask commentThreads.list with allThreadsRelatedToChannelId=UC…, part=snippet,replies and"
            " maxResults=100, following nextPageToken.",
            "Save each answer as a .json file (or one a line in a .jsonl file) in one folder, and import it.",
            "With your sign-in also subscriptions.list (mySubscribers=true, part=snippet,subscriberSnippet).",
        ),
        wait="Nothing to wait for; 10,000 requests a day are free.",
        link="https://developers.google.com/youtube/v3/docs/commentThreads/list",
    ),
    files="recorded answers, .json or .jsonl: commentThreads, comments, subscriptions, members, videos",
    can_say="Who commented on your videos and answered whom; who subscribes in public; members; your videos.",
    cannot_say="Who liked: only counts. Subscribers who keep it private, and when anybody left.",
    grade="A",
)
