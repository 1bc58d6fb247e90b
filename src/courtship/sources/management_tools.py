"""Tables of management tools: Buffer, Hootsuite, Sprout Social.

How to get them: the file with which posts were planned, or Sprout's export of post performance. They hold the
brand's posts, and no people. Rows stream; a table is read once more before, for the order of days and months.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from courtship.model import Problem, Record
from courtship.platforms.management_tools import HOOTSUITE, Kind, Row, Table, day_first, is_bulk, kind_of
from courtship.sources.base import Claim, Guide, Source
from courtship.sources.text import csv_rows, head_utf8
from courtship.sources.tree import Entry, Tree

_BULK: Final = re.compile(r"hootsuite", re.IGNORECASE)
_HEADER: Final = re.compile(rb"scheduled at|\bnetwork\b.*\bpost type\b", re.IGNORECASE)
_TURNED: Final = re.compile(r"\d{1,2}[/.-]\d")
_LOOKED_AT: Final = 20
"""Rows among which the header must be."""

_REASONS: Final = 3
"""Rows with one and the same fault that are named one by one; the rest are counted."""


def _recognise(tree: Tree) -> Sequence[Entry]:
    found = []
    for entry in tree.entries:
        if not entry.name.casefold().endswith(".csv"):
            continue
        if _BULK.search(entry.path) or _HEADER.search(head_utf8(entry)):
            kind, _ = _kind(entry)
            if kind is not None and (kind is not HOOTSUITE or _BULK.search(entry.path)):
                found.append(entry)
    return found


def _kind(entry: Entry) -> tuple[Kind | None, list[str]]:
    """Which table it is, and the names of its columns."""
    for row in islice(csv_rows(entry), _LOOKED_AT):
        if isinstance(row, Problem):
            continue
        kind = kind_of(row[1])
        if kind is not None:
            return kind, [cell.strip().strip("\ufeff").casefold() for cell in row[1]]
        if is_bulk(row[1]):
            return HOOTSUITE, ["date", "text", "link"]
    return None, []


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        kind, names = _kind(entry)
        if kind is None:
            yield entry.problem("", "has no columns of a table that is known; get the export again")
            continue
        order = day_first(_times(entry, kind, names))
        if order is None and any(_TURNED.match(at) for at in _times(entry, kind, names)):
            yield entry.problem("", "does not tell days from months (none is over 12); write years first")
            continue
        table = Table(kind, day_first=order is True, now=claim.now, counted=entry.modified)
        yield from _table(entry, names, table)


def _times(entry: Entry, kind: Kind, names: Sequence[str]) -> Iterator[str]:
    for row in _rows(entry, kind, names):
        if not isinstance(row, Problem):
            yield row[1].get(kind.time, "")


def _rows(entry: Entry, kind: Kind, names: Sequence[str]) -> Iterator[tuple[int, Row] | Problem]:
    """Rows by column, after the header where there is one. Of two columns of one name the first counts."""
    begun = kind is HOOTSUITE
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        if not begun:
            begun = kind_of(cells) is not None
        elif not any(map(str.strip, cells)):
            continue
        elif len(cells) < (2 if kind is HOOTSUITE else len(names)):
            yield entry.problem(f"line {line}", "has too few columns: damaged or cut short; left out")
        else:
            pairs = zip(reversed(names[: len(cells)]), reversed(cells[: len(names)]), strict=True)
            yield line, {name: cell.strip() for name, cell in pairs}


def _table(entry: Entry, names: Sequence[str], table: Table) -> Iterator[Record | Problem]:
    faults: dict[str, int] = {}
    for row in _rows(entry, table.kind, names):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        try:
            yield from table.row(cells)
        except ValueError as error:
            reason = str(error)
            faults[reason] = faults.get(reason, 0) + 1
            if faults[reason] <= _REASONS:
                yield entry.problem(f"line {line}", reason)
    for reason, count in faults.items():
        if count > _REASONS:
            yield entry.problem("", f"{count - _REASONS:,} more rows: {reason}")
    if table.planned:
        yield entry.problem(
            "", f"{table.planned:,} posts are planned for later, and not posted yet; left out"
        )


SOURCE = Source(
    name="management-tools",
    title="Management tools' tables (Buffer, Hootsuite, Sprout Social)",
    platforms=("buffer", "hootsuite", "sprout"),
    recognise=_recognise,
    read=_read,
    shows={},
    guide=Guide(
        steps=(
            "From Buffer or Hootsuite take the CSV file with which posts were planned.",
            "In Sprout Social open Reports, Post Performance, Export, CSV.",
            "A file of Hootsuite's has no header: keep hootsuite in its name, or name the format.",
        ),
        wait="Minutes.",
        link="https://help.hootsuite.com/",
    ),
    files="CSV with Scheduled At (Buffer), Network and Post Type (Sprout), or hootsuite in the name",
    can_say="What you planned to post, and when; of Sprout what you posted, with its totals.",
    cannot_say="Anything about people: there are none in these tables.",
    grade="C",
    generic=True,
)
