"""Meta Business Suite's export of content (Facebook and Instagram): posts and their counts.

How to get it: *Insights*, *Content*, *Export data*, format CSV. It comes at once. No person is in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from courtship.model import Address, Problem, Record
from courtship.platforms import meta_business
from courtship.sources.base import Claim, Guide, Source
from courtship.sources.recorded import recorded_at
from courtship.sources.text import csv_rows, head_utf8
from courtship.sources.tree import Entry, Tree

_CSV: Final = re.compile(r"\.csv$", re.IGNORECASE)
_REASONS: Final = 3


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.matching(_CSV) if _is_ours(entry)]


def _is_ours(entry: Entry) -> bool:
    first = head_utf8(entry).split(b"\n", 1)[0].lower()
    names = [name.strip(b'" \r') for name in re.split(rb"[,;\t]", first)]
    return meta_business.is_header(name.decode("utf-8", "replace") for name in names)


def _read(claim: Claim) -> Iterator[Record | Problem]:
    made = recorded_at(claim)
    owners: set[Address] = set()
    for entry in claim.entries:
        yield from _file(entry, made, owners)


def _file(entry: Entry, made: int, owners: set[Address]) -> Iterator[Record | Problem]:
    order = meta_business.order_of(
        row.get("publish time", "") for row in _rows(entry) if not isinstance(row, Problem | int)
    )
    faults: Counter[str] = Counter()
    told: set[Record] = set()
    line = 1
    for row in _rows(entry):
        if isinstance(row, int):
            line = row
            continue
        if isinstance(row, Problem):
            yield row
            continue
        try:
            owner = meta_business.owner(row, made)
            if owner is None:
                raise ValueError("does not say of which Page or account it is; left out")
            if owner.account not in owners:
                owners.add(owner.account)
                yield owner
            for record in meta_business.post(row, owner.account, order, made):
                if record not in told:  # a row for each day repeats the post
                    told.add(record)
                    yield record
        except ValueError as error:
            faults[str(error)] += 1
            if faults[str(error)] <= _REASONS:
                yield entry.problem(f"line {line}", str(error))
    for reason, count in faults.items():
        if count > _REASONS:
            yield entry.problem("", f"{count - _REASONS:,} more rows: {reason}")


def _rows(entry: Entry) -> Iterator[meta_business.Row | Problem | int]:
    """Each row by the names of its columns, with the number of its line before it."""
    header: list[str] = []
    for row in csv_rows(entry):
        if isinstance(row, Problem):
            yield row
            continue
        line, cells = row
        if not header:
            header = [cell.strip().strip("\ufeff").casefold() for cell in cells]
        elif len(cells) < len(header) and any(cells):
            yield entry.problem(f"line {line}", "has too few columns: damaged or cut short; left out")
        elif any(cells):
            yield line
            yield dict(zip(header, map(str.strip, cells), strict=False))


SOURCE = Source(
    name="meta-business-suite",
    title="Meta Business Suite (content export)",
    platforms=("facebook", "instagram"),
    recognise=_recognise,
    read=_read,
    shows={},
    guide=Guide(
        steps=(
            "In Meta Business Suite open Insights, then Content.",
            "Choose the dates, press Export data, choose Content and Lifetime, and the format CSV.",
            "Set the language to English first: columns are known by their English names.",
        ),
        wait="Minutes.",
        link="https://www.facebook.com/business/help/700570830721044",
    ),
    files="the CSV of Facebook's or Instagram's content with Post ID and Publish time",
    can_say="Your posts and how many viewed, liked, commented on and shared each.",
    cannot_say="Who it was: there is no person in it.",
    grade="C",
)
