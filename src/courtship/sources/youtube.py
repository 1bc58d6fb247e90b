"""YouTube's Takeout: CSV files in a zip, of any language.

How to get it: https://takeout.google.com, *Deselect all*, tick *YouTube and YouTube Music*; a mail comes
within minutes to some hours.

It holds what the owner did, and nothing that others did. Files are told by what stands in their columns, for
their names and headers follow the language of the account. Rows stream.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from courtship.model import Micros, Problem, Profile, Record, Snapshot
from courtship.platforms import times, youtube_pages
from courtship.platforms.youtube import SAMPLE, VIDEO, Columns, Row, Takeout, account, moment, table
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import csv_rows, head_utf8, json_items, utf8
from courtship.sources.tree import HEAD, Entry, Tree

SHOWS: Final[Shows] = {
    ("follow", "outbound"): "full",
    ("comment", "outbound"): "some",
    ("mention", "outbound"): "full",
}
"""Of comments only those with a mention say towards whom; of likes none does: that is not to see them."""

UNKNOWN_OWNER: Final = "youtube:*"

_LIKED: Final = re.compile(
    r"liked[ _]videos|mag[ _]ich|videos?[_ ]?,?[ _]die[ _]ich[ _]mag|me[ _]gusta|vind[ _]ik[ _]leuk"
    r"|ik[ _]leuk[ _]vind|apreciate|patik|j.?aime|likes\.json$",
    re.IGNORECASE,
)
_PAGES: Final = re.compile(r"(?:^|/)my-(?:comments|live-chat-messages)\.html$", re.IGNORECASE)
_CHATS: Final = re.compile(r"live|chat", re.IGNORECASE)
_ITEM: Final = re.compile(
    rb"<li>[^<]{0,80}(?:<a [^>]*>[^<]*</a>)?[^<]{0,80}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
)
_LARGEST_PAGE: Final = 64 * 1024 * 1024
_PLACE: Final = re.compile(r"youtube", re.IGNORECASE)
_OLD: Final = re.compile(rb"youtube#(?:playlistItem|subscription)\b")
_ZIP_DAY: Final = re.compile(r"takeout-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.IGNORECASE)
_REASONS: Final = 3
"""Rows with one and the same fault that are named one by one; the rest are counted."""


def _head(entry: Entry) -> list[list[str]]:
    """The first rows, as far as the head of the file goes."""
    head = head_utf8(entry)
    if len(entry.head()) >= HEAD:
        head = head.rpartition(b"\n")[0]
    text = head.decode("utf-8", "replace").replace("\x00", "")
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows += islice((row for row in csv.reader(text.splitlines(True), delimiter=delimiter) if row), SAMPLE)
    return rows


def _part(entry: Entry) -> tuple[str, Columns]:
    """What the entry is, and which of its columns is what; ``""`` for what is not read."""
    ending = entry.name.rpartition(".")[2].casefold()
    if ending == "json":
        head = head_utf8(entry)
        return (
            "likes" if head.startswith(b"[") and _OLD.search(head) and _LIKED.search(entry.name) else ""
        ), {}
    if ending == "html":
        # Of any language: the time, then a link to a video, in an item of a list.
        return (
            ("chats page" if _CHATS.search(entry.path) else "comments page", {})
            if _is_page(entry)
            else ("", {})
        )
    if ending != "csv":
        return "", {}
    rows = _head(entry)
    if not rows:
        return "", {}
    if _LIKED.search(entry.name):
        return ("listed", {}) if any(map(_listed, rows)) else ("", {})
    return table(rows[0], rows[1:])


def _is_page(entry: Entry) -> bool:
    head = head_utf8(entry)
    return bool(_PAGES.search(entry.path) or _PLACE.search(entry.path)) and bool(_ITEM.search(head))


def _listed(row: Row) -> bool:
    return len(row) > 1 and VIDEO.fullmatch(row[0].strip()) is not None and moment(row[1]) is not None


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = [(entry, part) for entry in tree.entries if (part := _part(entry)[0])]
    # A channel's id, or a video's and a time, may stand in anybody's table.
    sure = any(
        part in {"comments", "chats", "subscriptions", "likes", "comments page", "chats page"}
        for _, part in found
    )
    return [entry for entry, part in found if sure or _PLACE.search(entry.path)]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    parts: dict[str, list[tuple[Entry, Columns]]] = {}
    for entry in claim.entries:
        part, columns = _part(entry)
        parts.setdefault(part, []).append((entry, columns))
    own, mine = _owner(parts)
    takeout = Takeout(next(iter(own), ""), _made(claim), mine)
    for part, reader in (("comments", takeout.comment), ("chats", takeout.chat), ("videos", takeout.video)):
        for entry, columns in parts.get(part, ()):
            yield from _mapped(entry, columns, reader)
    for entry, _ in parts.get("likes", ()):
        yield from _old_likes(entry, takeout)
    takeout.me = takeout.me or next(iter(takeout.channels), "")
    for part, reader in (("comments page", takeout.comment), ("chats page", takeout.chat)):
        for entry, _ in parts.get(part, ()):
            yield from _page(entry, takeout, reader)
    for entry, columns in parts.get("listed", ()):
        yield from _liked(entry, columns, takeout)
    for who in takeout.channels:
        name = own.get(who, "")
        url = f"https://www.youtube.com/channel/{who.partition(':')[2]}"
        yield Profile(who, at=takeout.made, name=name, url=url, own=True)
        told = {"comment", "mention"} if parts.get("comments") else set()
        told |= {"comment"} if parts.get("comments page") else set()  # pages do not mark mentions
        only = {key: seen for key, seen in SHOWS.items() if key[0] in told}
        yield from SOURCE.coverage(who, takeout.made, only=only)
    if parts.get("subscriptions"):
        yield from _subscriptions(parts["subscriptions"], takeout)


def _owner(parts: dict[str, list[tuple[Entry, Columns]]]) -> tuple[dict[str, str], frozenset[str]]:
    """The owner's channels with their names, and the owner's videos."""
    own: dict[str, str] = {}
    mine: set[str] = set()
    for entry, columns in parts.get("channels", ()):
        for row in csv_rows(entry):
            if not isinstance(row, Problem) and (who := _channel(row[1], columns)):
                title = columns.get("title", -1)
                own[who] = own.get(who) or (row[1][title].strip() if 0 <= title < len(row[1]) else "")
    for entry, columns in parts.get("videos", ()):
        for row in csv_rows(entry):
            if not isinstance(row, Problem) and (who := _channel(row[1], columns)):
                own.setdefault(who, "")
                mine.add(row[1][columns["video"]].strip() if columns.get("video", 99) < len(row[1]) else "")
    return own, frozenset(mine)


def _channel(row: Row, columns: Columns) -> str:
    number = columns.get("channel", -1)
    return account(row[number].strip()) if 0 <= number < len(row) else ""


def _rows(entry: Entry) -> Iterator[tuple[int, Row] | Problem]:
    """Rows but for the header, with their lines."""
    first = True
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
        elif first:
            first = False
        elif any(map(str.strip, row[1])):
            yield row


def _mapped(
    entry: Entry, columns: Columns, reader: Callable[[Row, Columns], Iterator[Record]]
) -> Iterator[Record | Problem]:
    faults: dict[str, int] = {}
    for row in _rows(entry):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        try:
            yield from reader(cells, columns)
        except ValueError as error:
            reason = str(error)
            faults[reason] = faults.get(reason, 0) + 1
            if faults[reason] <= _REASONS:
                yield entry.problem(f"line {line}", reason)
    for reason, count in faults.items():
        if count > _REASONS:
            yield entry.problem("", f"{count - _REASONS:,} more rows: {reason}")


def _old_likes(entry: Entry, takeout: Takeout) -> Iterator[Record | Problem]:
    for number, item in enumerate(json_items(entry, "item"), 1):
        if isinstance(item, Problem):
            yield item
            continue
        try:
            yield from takeout.old_like(item)
        except ValueError as error:
            yield entry.problem(f"item {number}", str(error))


def _page(
    entry: Entry, takeout: Takeout, reader: Callable[[Row, Columns], Iterator[Record]]
) -> Iterator[Record | Problem]:
    """Comments or live chats as a web page, which does not say who wrote them."""
    if not takeout.me:
        yield entry.problem(
            "", "does not say whose it is; import the whole Takeout, with its folder of channels"
        )
        return
    if entry.size > _LARGEST_PAGE:
        yield entry.problem(
            "", "is far larger than any such page; get the Takeout again, which has tables now"
        )
        return
    with utf8(entry) as stream:
        markup = stream.read().decode("utf-8", "replace")
    for number, row in youtube_pages.rows(markup, takeout.me.partition(":")[2]):
        try:
            yield from reader(row, youtube_pages.COLUMNS)
        except ValueError as error:
            yield entry.problem(f"item {number}", str(error))


def _liked(entry: Entry, columns: Columns, takeout: Takeout) -> Iterator[Record | Problem]:
    """A playlist of liked videos: older ones begin with a table of one row about the playlist itself."""
    if not takeout.me:
        yield entry.problem(
            "", "does not say whose it is; import the whole Takeout, with its folder of channels"
        )
        return
    for row in _rows(entry):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        video, at = cells[0].strip(), moment(cells[1]) if len(cells) > 1 else None
        if VIDEO.fullmatch(video) and at is not None:
            yield takeout.liked(video, at)
        elif VIDEO.fullmatch(video):
            yield entry.problem(f"line {line}", "has no date that can be believed (1990 to 2100); left out")


def _subscriptions(tables: Sequence[tuple[Entry, Columns]], takeout: Takeout) -> Iterator[Record | Problem]:
    members: dict[str, None] = {}

    def follow(row: Row, columns: Columns) -> Iterator[Record]:
        profile = takeout.subscription(row, columns)
        if profile.account not in members:
            members[profile.account] = None
            yield profile

    whole = True
    for entry, columns in tables:
        for told in _mapped(entry, columns, follow):
            whole = whole and not isinstance(told, Problem)
            yield told
    account = takeout.me or UNKNOWN_OWNER
    if members:
        yield Snapshot(account, "follow", "outbound", tuple(members), takeout.made, complete=whole)
    if members or whole:
        yield from SOURCE.coverage(account, takeout.made, only={("follow", "outbound"): "full"})


def _made(claim: Claim) -> Micros:
    for name in (claim.tree.path.name, claim.entries[0].path):
        found = _ZIP_DAY.search(name)
        at = times.iso("{}-{}-{}T{}:{}:{}Z".format(*found.groups())) if found else None
        if at is not None:
            return at
    return max((entry.modified for entry in claim.entries if entry.modified), default=claim.now)


SOURCE = Source(
    name="youtube",
    title="YouTube Takeout",
    platforms=("youtube",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "Open takeout.google.com with the account of your channel, and press Deselect all.",
            "Tick YouTube and YouTube Music, press Next step, and Create export.",
            "Download the zip when the mail comes.",
        ),
        wait="Minutes to some hours.",
        link="https://takeout.google.com/",
    ),
    files="takeout-….zip or its folder, with YouTube's comments, subscriptions, playlists (any language)",
    can_say="What you commented, wrote in live chats, liked and uploaded, and to whom you subscribe.",
    cannot_say="What others did, and who subscribes to you. Whose video you commented on or liked.",
    grade="B",
)
