"""Bluesky: a repository as a CAR file, and lines of Jetstream: records as they are stored, and as they come.

How to get a repository: *Settings*, *Account*, *Export my data*, *Download CAR file*; anybody's can also be
had from ``https://HOST/xrpc/com.atproto.sync.getRepo?did=DID``, for repositories are public. It holds what
its owner did and has not taken back. Jetstream's lines (https://github.com/bluesky-social/jetstream, version
1) hold what everybody does, deletions too; what a recording holds depends on how it was filtered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from courtship.model import Activity, Problem, Profile, Record
from courtship.platforms import bluesky as mapping
from courtship.platforms.bluesky import account, tid_time
from courtship.platforms.jetstream import Events
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.car import Repository, is_car
from courtship.sources.spans import Spans
from courtship.sources.text import Lines, head_utf8
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    (kind, "outbound"): "full" for kind in ("follow", "like", "comment", "mention", "share", "quote", "block")
}

_LINES: Final = re.compile(r"\.(jsonl|ndjson|json|txt|log)$|(?:^|/)[^./]+$", re.IGNORECASE)
_EVENT: Final = re.compile(rb'\{[^\n]*"kind"\s*:\s*"(?:commit|identity|account)"')


def _is_lines(entry: Entry) -> bool:
    head = head_utf8(entry)
    return head.startswith(b"{") and b'"time_us"' in head and _EVENT.match(head) is not None


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = [
        entry
        for entry in tree.entries
        if (entry.name.casefold().endswith(".car") or "." not in entry.name) and is_car(entry.head())
    ]
    return found + [entry for entry in tree.matching(_LINES) if _is_lines(entry)]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        if is_car(entry.head()):
            yield from _repository(claim, entry)
        else:
            yield from _events(entry)


def _repository(claim: Claim, entry: Entry) -> Iterator[Record | Problem]:
    repository = Repository(entry)
    owner = account(repository.did)
    made = tid_time(repository.rev) or entry.modified or claim.now
    if owner:
        yield Profile(owner, made, url=f"https://bsky.app/profile/{owner.partition(':')[2]}", own=True)
    for item in repository.records():
        if isinstance(item, Problem):
            yield item
        elif owner:
            yield from _mapped(entry, item[0], f"at://{repository.did}/{item[0]}", item[1])
    if owner:
        yield from SOURCE.coverage(owner, made)


def _mapped(entry: Entry, where: str, uri: str, value: Any) -> Iterator[Record | Problem]:
    try:
        yield from mapping.record(uri, value)
    except ValueError as error:
        yield entry.problem(where, str(error))


def _events(entry: Entry) -> Iterator[Record | Problem]:
    events, spans, lines = Events(), Spans(()), Lines(entry)
    for number, line in lines:
        try:
            found = list(events.records(orjson.loads(line)))
        except orjson.JSONDecodeError:
            yield entry.problem(f"line {number}", "is not JSON: damaged or cut short; left out")
        except ValueError as error:
            yield entry.problem(f"line {number}", str(error))
        else:
            for record in found:
                if isinstance(record, Activity):
                    spans.add(record)
                yield record
    yield from lines.problems()
    yield from spans.coverage()


SOURCE = Source(
    name="bluesky",
    title="Bluesky repository (CAR) and Jetstream lines",
    platforms=("bluesky",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "In Bluesky open Settings, Account, Export my data.",
            "Press Download CAR file, and import the file repo.car as it is.",
        ),
        wait="At once.",
        link="https://docs.bsky.app/blog/repo-export",
    ),
    files="repo.car (a repository, CAR version 1); recorded lines of Jetstream (version 1)",
    can_say="Whom you follow and block, what you liked, reposted, answered, quoted and posted, and when.",
    cannot_say="What others did (only Jetstream has it), and what you have taken back since.",
    grade="A",
)
