"""Any CSV file, by a mapping that the owner has chosen once for its header (`courtship import --map`).

The mapping is a setting named after the header (`setting_of`), so that the next file with the same columns is
read without a question. A table without a mapping is not recognised.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from courtship.model import Activity, Problem, Profile, Record
from courtship.platforms.csv_mapping import Table, parsed
from courtship.sources.base import Claim, Guide, Source
from courtship.sources.spans import Spans
from courtship.sources.text import csv_rows, head_utf8
from courtship.sources.tree import Entry, Tree

PREFIX: Final = "csv.map."
"""How the names of the settings begin that hold mappings."""

LOOKED_AT: Final = 5_000
"""Rows from which it is found out whether the day or the month stands first."""

_TABLE: Final = re.compile(r"\.(csv|tsv|txt)$", re.IGNORECASE)
_REASONS: Final = 3
"""Rows with one and the same fault that are named one by one; the rest are counted."""


def setting_of(header: Sequence[str]) -> str:
    """The name of the setting that holds the mapping of tables with this header."""
    names = "\n".join(name.strip().casefold() for name in header)
    return PREFIX + hashlib.blake2b(names.encode(), digest_size=8).hexdigest()


def header_of(entry: Entry) -> list[str]:
    """The columns of a table, from its head; none where it is no table."""
    line = head_utf8(entry).decode("utf-8", "replace").lstrip("\ufeff")
    first = line.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _chosen(tree: Tree, settings: Mapping[str, str]) -> Sequence[Entry]:
    if not any(name.startswith(PREFIX) for name in settings):
        return []
    return [entry for entry in tree.matching(_TABLE) if settings.get(setting_of(header_of(entry)))]


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        yield from _table(claim, entry)


def _table(claim: Claim, entry: Entry) -> Iterator[Record | Problem]:
    header = header_of(entry)
    said = claim.settings.get(setting_of(header), "")
    try:
        table = Table(parsed(said, header), header, claim.brand)
    except ValueError as error:
        reason = f"its columns are not mapped ({error}); say what they are with courtship import --map"
        yield entry.problem("", reason)
        return
    waiting: list[tuple[int, list[str]]] | None = []
    spans, faults, named = Spans(claim.brand), dict[str, int](), set[Profile]()
    rows = csv_rows(entry)
    next(rows, None)

    def told(some: Sequence[tuple[int, list[str]]]) -> Iterator[Record | Problem]:
        for line, row in some:
            if len(row) < len(header):
                yield entry.problem(f"line {line}", "has too few columns: damaged or cut short; left out")
                continue
            try:
                for record in table.record(row):
                    if isinstance(record, Activity):
                        spans.add(record)
                    elif isinstance(record, Profile):
                        if record._replace(at=None) in named:
                            continue
                        named.add(record._replace(at=None))
                    yield record
            except ValueError as error:
                reason = str(error)
                faults[reason] = faults.get(reason, 0) + 1
                if faults[reason] <= _REASONS:
                    yield entry.problem(f"line {line}", reason)

    for item in rows:
        if isinstance(item, Problem):
            yield item
        elif waiting is None:
            yield from told([item])
        elif any(cell.strip() for cell in item[1]):
            waiting.append(item)
            if len(waiting) >= LOOKED_AT:
                table.learn([row for _, row in waiting])
                yield from told(waiting)
                waiting = None
    if waiting:
        table.learn([row for _, row in waiting])
        yield from told(waiting)
    for reason, count in faults.items():
        if count > _REASONS:
            yield entry.problem("", f"{count - _REASONS:,} more rows: {reason}")
    yield from spans.coverage()


SOURCE = Source(
    name="csv-mapped",
    title="Any CSV file, by a mapping of your own",
    platforms=(),
    recognise=lambda _tree: (),
    read=_read,
    shows={},
    guide=Guide(
        steps=(
            "Export a table with a line for each act: who, when, what. Nearly every tool can.",
            "Run courtship import --map FILE.csv, and say which column is what. It is remembered.",
        ),
        wait="At once.",
    ),
    files="any CSV file whose columns you have mapped once with courtship import --map",
    can_say="what the table says: who did what, when, in which words",
    cannot_say="what is not in the table; without an id column, two equal rows of two files are one act",
    grade="C",
    generic=True,
    chosen=_chosen,
)
