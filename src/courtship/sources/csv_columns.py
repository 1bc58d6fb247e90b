"""Rows of CSV files by the names of their columns, in small letters; what is wrong with them, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from courtship.model import Problem, Record
from courtship.sources.text import csv_rows
from courtship.sources.tree import Entry

Row = Mapping[str, str]
"""Cells by the name of their column in small letters, trimmed."""

SHOWN: Final = 3
"""Rows with one and the same fault that are named one by one; the rest are counted."""


def rows(entry: Entry, must: str) -> Iterator[tuple[int, Row] | Problem]:
    """Rows with the line on which each ends. The header is the first row that has the column ``must``: notes
    may stand before it."""
    header: list[str] | None = None
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        if header is None:
            names = [cell.strip().strip("\ufeff").casefold() for cell in cells]
            header = names if must in names else None
            continue
        if len(cells) < len(header) and any(cells):
            yield entry.problem(f"line {line}", "has too few columns: damaged or cut short; left out")
        elif any(cells):
            yield line, dict(zip(header, map(str.strip, cells), strict=False))
    if header is None:
        yield entry.problem("", f"has no column {must!r}; get the export again")


def mapped(entry: Entry, must: str, reader: Callable[[Row], Iterator[Record]]) -> Iterator[Record | Problem]:
    """Records of every row. A `ValueError` of ``reader`` is named for the first rows, then counted."""
    faults: dict[str, int] = {}
    for row in rows(entry, must):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        try:
            yield from reader(cells)
        except ValueError as error:
            reason = str(error)
            faults[reason] = faults.get(reason, 0) + 1
            if faults[reason] <= SHOWN:
                yield entry.problem(f"line {line}", reason)
    for reason, count in faults.items():
        if count > SHOWN:
            yield entry.problem("", f"{count - SHOWN:,} more rows: {reason}")
