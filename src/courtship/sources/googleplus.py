"""Google+ Takeouts: the stream's posts, the activity log, circles. Google+ closed on 2 April 2019; an archive
taken before then is all there is.

A post's file holds what others did about it: comments with their times, +1s, reshares and votes without. No
other archive of any network tells as much. Posts were JSON of this form from October 2018 on; older ones
are read by ``googleplus-older``. Files are read one at a time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from courtship.model import Address, Micros, Problem, Record
from courtship.platforms import times
from courtship.platforms.googleplus import Takeout, at_page, vcard_people, who
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import csv_rows, head_utf8, json_document, json_items, utf8
from courtship.sources.tree import Entry, Tree

SHOWS: Final[Shows] = {
    ("comment", "inbound"): "full",
    ("like", "inbound"): "full",
    ("share", "inbound"): "full",
    ("vote", "inbound"): "full",
    ("mention", "inbound"): "some",
    ("comment", "outbound"): "full",
    ("like", "outbound"): "full",
    ("vote", "outbound"): "full",
    ("share", "outbound"): "full",
    ("quote", "outbound"): "full",
    ("mention", "outbound"): "some",
    ("message", "outbound"): "some",
    ("follow", "outbound"): "full",
}

LARGEST_POST: Final = 16 * 1024 * 1024
"""Bytes of one post with its comments (500 at most) and +1s."""

_PLACE: Final = re.compile(r"(?:^|/)[^/]*Google\+[^/]*/", re.IGNORECASE)
_CIRCLES: Final = re.compile(r"(?:^|/)[^/]*Google\+[^/]*/[^/]+\.(vcf|csv)$", re.IGNORECASE)
_POST_HEAD: Final = re.compile(rb'"(?:postAcl|creationTime|resourceName|plusOnes)"')
_LOG_HEAD: Final = re.compile(rb'"timestampMs"|"primaryText"')
_ZIP_DAY: Final = re.compile(r"takeout-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.IGNORECASE)


def _recognise(tree: Tree) -> Sequence[Entry]:
    inside = [entry for entry in tree.entries if _PLACE.search(entry.path)]
    folders: dict[str, bool] = {}
    found: list[Entry] = []
    older = posts = False
    for entry in inside:
        ending = entry.name.rpartition(".")[2].casefold()
        if ending == "json":
            # The folders' names follow the account's language; one file shows what is in them all.
            if not folders.get(entry.folder):
                folders[entry.folder] = bool(_is_post(entry) or _is_log(entry))
            if folders[entry.folder]:
                found.append(entry)
                posts = True
            older = older or not folders[entry.folder]
        elif is_circle(entry):
            found.append(entry)
        older = older or ending == "html"
    if not found and tree.shape == "file":
        found = [
            entry for entry in tree.entries if _is_post(entry) and b"plus.google.com" in head_utf8(entry)
        ]
    # Circles beside older posts only are read with those.
    return [] if older and not posts else found


def _is_post(entry: Entry) -> bool:
    head = head_utf8(entry)
    return head.startswith(b"{") and bool(_POST_HEAD.search(head)) and not _LOG_HEAD.search(head)


def _is_log(entry: Entry) -> bool:
    return bool(_LOG_HEAD.search(head_utf8(entry)))


def is_circle(entry: Entry) -> bool:
    """Whether an entry is one of the Takeout's circles."""
    if not _CIRCLES.search(entry.path):
        return False
    return entry.name.casefold().endswith(".vcf") or b"google.com/" in head_utf8(entry)


def _read(claim: Claim) -> Iterator[Record | Problem]:
    posts: list[Entry] = []
    logs: list[Entry] = []
    for entry in claim.entries:
        if entry.name.casefold().endswith(".json"):
            (logs if _is_log(entry) else posts).append(entry)
    circles = [entry for entry in claim.entries if entry.name.casefold().endswith((".vcf", ".csv"))]
    owner, person = _owner(posts)
    if not owner:
        yield claim.entries[0].problem(
            "", "does not say whose it is; import the whole Takeout, with the posts"
        )
        return
    takeout = Takeout(owner, made(claim))
    yield from takeout.profile(person, own=True)
    for entry in posts:
        yield from _post(takeout, entry)
    for entry in logs:
        for number, item in enumerate(json_items(entry, "items.item"), 1):
            if isinstance(item, Problem):
                yield item
            else:
                yield from _mapped(entry, f"item {number}", takeout.logged, item)
    if circles:
        yield from read_circles(takeout, circles)
    shown = {
        key: seen
        for key, seen in SHOWS.items()
        if (key != ("follow", "outbound") or circles)
        and (logs or key not in {("comment", "outbound"), ("like", "outbound"), ("vote", "outbound")})
    }
    yield from SOURCE.coverage(owner, takeout.made, only=shown)


def _post(takeout: Takeout, entry: Entry) -> Iterator[Record | Problem]:
    if entry.size > LARGEST_POST:
        yield entry.problem("", "is far larger than any post; left out")
        return
    document = json_document(entry)
    if isinstance(document, Problem):
        yield document
    else:
        yield from _mapped(entry, "", takeout.post, document)


def _mapped(
    entry: Entry, where: str, mapping: Callable[[Any], Iterator[Record | str]], item: Any
) -> Iterator[Record | Problem]:
    try:
        for record in mapping(item):
            yield entry.problem(where, record) if isinstance(record, str) else record
    except ValueError as error:
        yield entry.problem(where, str(error))


def read_circles(takeout: Takeout, entries: Sequence[Entry]) -> Iterator[Record | Problem]:
    """One list of all that are in any circle, after what is wrong with the files."""
    members: list[Address] = []
    for entry in entries:
        yield from _circle(entry, members)
    yield takeout.circles(members)


def _circle(entry: Entry, members: list[Address]) -> Iterator[Problem]:
    if entry.name.casefold().endswith(".vcf"):
        with utf8(entry) as stream:
            members += [account for account, _ in vcard_people(stream.read().decode("utf-8", "replace"))]
        return
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
        else:
            members += [account for cell in row[1] if (account := at_page(cell))]


def _owner(posts: Sequence[Entry]) -> tuple[Address, Any]:
    """Who wrote most of the posts: communities' folders may hold those of others too."""
    authors: Counter[Address] = Counter()
    people: dict[Address, Any] = {}
    step = max(1, len(posts) // 50)
    for entry in posts[::step]:
        document = json_document(entry) if entry.size <= LARGEST_POST else None
        author = document.get("author") if isinstance(document, dict) else None
        if account := who(author):
            authors[account] += 1
            people.setdefault(account, author)
    if not authors:
        return "", None
    best = min(authors, key=lambda account: (-authors[account], account))
    return best, people[best]


def made(claim: Claim) -> Micros:
    """When the Takeout was made: by its name, else by its newest file."""
    found = _ZIP_DAY.search(claim.tree.path.name)
    at = times.iso("{}-{}-{}T{}:{}:{}Z".format(*found.groups())) if found else None
    return at or max((entry.modified for entry in claim.entries if entry.modified), default=claim.now)


SOURCE = Source(
    name="googleplus",
    title="Google+ Takeout",
    platforms=("googleplus",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Google+ closed on 2 April 2019: look for a Takeout that you made before then.",
            "An older one than of October 2018 is read too, as the format googleplus-older.",
        ),
        wait="There is nothing to wait for.",
        link="https://github.com/FiXato/Plexodus-Tools",
    ),
    files="takeout-….zip or its folder, with Google+ Stream, Google+ Circles, Google+ Communities",
    can_say="Who commented, gave a +1, reshared and voted on your posts; what you did; your circles.",
    cannot_say="When somebody gave a +1, reshared or voted; who had you in their circles.",
    grade="B",
)
