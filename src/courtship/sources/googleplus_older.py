"""Google+ Takeouts from before October 2018: posts in the API's form (until 2017) or as web pages (2018).

Each post is a file; they are read one at a time, and brought into the form of later Takeouts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from courtship.model import Address, Problem, Record
from courtship.platforms.googleplus import Takeout, who
from courtship.platforms.googleplus_older import Counted, from_api, from_page, is_api, totals
from courtship.sources import googleplus
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.googleplus import LARGEST_POST, is_circle, made, read_circles
from courtship.sources.text import head_utf8, json_document, utf8
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    ("comment", "inbound"): "full",
    ("like", "inbound"): "some",
    ("share", "inbound"): "some",
    ("mention", "inbound"): "some",
    ("share", "outbound"): "full",
    ("quote", "outbound"): "full",
    ("mention", "outbound"): "some",
    ("follow", "outbound"): "full",
}

_PLACE: Final = re.compile(r"(?:^|/)[^/]*Google\+[^/]*/", re.IGNORECASE)
_LOG: Final = re.compile(r"/ActivityLog/[^/]+\.html$", re.IGNORECASE)
_API: Final = re.compile(rb'"kind"\s*:\s*"plus#activity"')
_PAGE: Final = re.compile(rb"https?://(?:plus|profiles)\.google\.com/|Google\+ post", re.IGNORECASE)
SAMPLED: Final = 50
"""Posts that are looked at for whose Takeout it is."""


def _recognise(tree: Tree) -> Sequence[Entry]:
    found: list[Entry] = []
    alone = len(tree.entries) == 1
    folders: dict[str, bool] = {}
    for entry in tree.entries:
        ending = entry.name.rpartition(".")[2].casefold()
        if ending not in {"json", "html"} or not (alone or _PLACE.search(entry.path)):
            continue
        head = head_utf8(entry) if not folders.get(f"{entry.folder} {ending}") else b""
        ours = bool(_API.search(head)) if ending == "json" else not alone or bool(_PAGE.search(head))
        # One file shows what is in a folder: the names follow the account's language.
        if folders.setdefault(f"{entry.folder} {ending}", ours) or ours:
            folders[f"{entry.folder} {ending}"] = True
            found.append(entry)
    if alone or not found or googleplus.SOURCE.recognise(tree):
        return found
    return [*found, *filter(is_circle, tree.entries)]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    circles = [entry for entry in claim.entries if entry.name.casefold().endswith((".vcf", ".csv"))]
    posts = [entry for entry in claim.entries if entry not in circles and not _LOG.search(f"/{entry.path}")]
    for entry in claim.entries:
        if _LOG.search(f"/{entry.path}"):
            yield entry.problem("", "is an activity log as a web page, which cannot be read; only JSON can")
    owner, person = _owner(posts)
    if not owner:
        yield claim.entries[0].problem(
            "", "does not say whose it is, or holds no posts; import the whole Takeout, with the posts"
        )
        return
    takeout = Takeout(owner, made(claim))
    yield from takeout.profile(person, own=True)
    for entry in posts:
        document = _document(entry)
        if isinstance(document, Problem):
            yield document
            continue
        post, counted = document
        try:
            for record in takeout.post(post):
                yield entry.problem("", record) if isinstance(record, str) else record
        except ValueError as error:
            yield entry.problem("", str(error))
            continue
        if who(post.get("author")) == owner:
            yield from totals(post, counted, takeout.made)
    if circles:
        yield from read_circles(takeout, circles)
    shown = {key: seen for key, seen in SHOWS.items() if circles or key != ("follow", "outbound")}
    yield from SOURCE.coverage(owner, takeout.made, only=shown)


def _document(entry: Entry) -> tuple[dict[str, Any], Counted] | Problem:
    """A post in the form of later Takeouts."""
    if entry.size > LARGEST_POST:
        return entry.problem("", "is far larger than any post; left out")
    try:
        if entry.name.casefold().endswith(".html"):
            with utf8(entry) as stream:
                return from_page(stream.read().decode("utf-8", "replace"))
        document = json_document(entry)
        if isinstance(document, Problem):
            return document
        if not is_api(document):
            return entry.problem("", "is no post; left out")
        return from_api(document)
    except ValueError as error:
        return entry.problem("", str(error))


def _owner(posts: Sequence[Entry]) -> tuple[Address, Any]:
    """Who wrote most of the posts."""
    authors: Counter[Address] = Counter()
    people: dict[Address, Any] = {}
    for entry in posts[:: max(1, len(posts) // SAMPLED)]:
        document = _document(entry)
        if not isinstance(document, Problem) and (account := who(document[0].get("author"))):
            authors[account] += 1
            people.setdefault(account, document[0]["author"])
    if not authors:
        return "", None
    best = min(authors, key=lambda account: (-authors[account], account))
    return best, people[best]


SOURCE = Source(
    name="googleplus-older",
    title="Google+ Takeout from before October 2018",
    platforms=("googleplus",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Google+ closed on 2 April 2019: look for a Takeout that you made between 2011 and 2018.",
            "Import it beside a later one if you have both: what both tell counts once.",
        ),
        wait="There is nothing to wait for.",
        link="https://github.com/FiXato/Plexodus-Tools",
    ),
    files="takeout-….zip or its folder, with Google+ posts as web pages or as JSON with actor and object",
    can_say="Who commented on your posts and when; who gave a +1 or reshared, if named; your reshares.",
    cannot_say="When somebody gave a +1 or reshared; what the activity log says, if it is a web page.",
    grade="C",
)
