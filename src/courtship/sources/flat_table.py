"""The flat table (format ``activities``): JSON Lines, CSV or Parquet, one activity a row.

The columns are those of ``docs/formats/activities.md``: ``id kind actor target at`` and, where known,
``ended undoes precise object in_reply_to text url public actor_name target_name actor_followers``.
Other columns are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import orjson

from courtship.model import Problem, Record
from courtship.sources.base import Claim, Guide, Source, Told
from courtship.sources.flat_rows import Rows
from courtship.sources.text import Lines, csv_rows, head_utf8
from courtship.sources.tree import Entry, Tree

if TYPE_CHECKING:
    import pyarrow as pa

NEEDED: Final = frozenset({"kind", "actor", "target", "at"})
NEEDED_TO_UNDO: Final = frozenset({"id", "undoes", "at"})


# ---------------------------------------------------------------- recognition

_LIKELY = re.compile(r"\.(jsonl|ndjson|json|csv|tsv|txt|parquet|pq)$|(?:^|/)[^./]+$", re.IGNORECASE)


def _recognise(tree: Tree) -> Sequence[Entry]:
    return [entry for entry in tree.matching(_LIKELY) if shape(entry)]


def shape(entry: Entry) -> str:
    """``parquet``, ``jsonl``, ``csv`` or ``""`` (no flat table), from the first bytes."""
    if entry.head().startswith(b"PAR1"):
        return "parquet"
    head = head_utf8(entry)
    line = head.split(b"\n", 1)[0].strip()
    if line.startswith(b"{"):
        return "jsonl" if any(map(_is_row, head.split(b"\n", 5)[:5])) else ""
    for mark in (b",", b";", b"\t"):
        if mark in line:
            header = {cell.strip().strip(b'"').decode("utf-8", "replace") for cell in line.split(mark)}
            if header >= NEEDED or header >= NEEDED_TO_UNDO:
                return "csv"
    return ""


def _is_row(line: bytes) -> bool:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(row, dict) and (row.keys() >= NEEDED or row.keys() >= NEEDED_TO_UNDO)


# ---------------------------------------------------------------- reading


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        found = shape(entry)
        reader = {"parquet": read_parquet, "csv": read_csv}.get(found, read_jsonl)
        yield from reader(entry)


def _tables(claim: Claim) -> Iterator[pa.RecordBatch | Told]:
    """Parquet as the batches it holds; what is not Parquet as the records of `_read`."""
    for entry in claim.entries:
        if shape(entry) == "parquet":
            from courtship.sources import flat_parquet

            yield from flat_parquet.read_batches(entry)
        else:
            yield from _read(replace(claim, entries=[entry]))


def read_jsonl(entry: Entry) -> Iterator[Record | Problem]:
    """Records of a file of JSON Lines; a line that is none becomes a problem."""
    lines = Lines(entry)
    record = Rows().record
    loads = orjson.loads
    for number, line in lines:
        try:
            row = loads(line)
            if not isinstance(row, dict):
                raise ValueError("is no JSON object")
            yield record(row)
        except orjson.JSONDecodeError:
            yield entry.problem(f"line {number}", "is not JSON: damaged or cut short")
        except ValueError as error:
            yield entry.problem(f"line {number}", str(error))
    yield from lines.problems()


def read_csv(entry: Entry) -> Iterator[Record | Problem]:
    """Records of a CSV file whose header names the columns, in any order."""
    header: list[str] | None = None
    record = Rows().record
    for found in csv_rows(entry):
        if isinstance(found, Problem):
            yield found
            continue
        number, row = found
        if header is None:
            header = [cell.strip() for cell in row]
            continue
        if len(row) != len(header):
            yield entry.problem(f"line {number}", f"has {len(row)} cells where the header has {len(header)}")
            continue
        try:
            yield record(dict(zip(header, row, strict=True)))
        except ValueError as error:
            yield entry.problem(f"line {number}", str(error))


def read_parquet(entry: Entry) -> Iterator[Record | Problem]:
    """Records of a Parquet file; times may be timestamps, dates or text."""
    from courtship.sources import flat_parquet

    return flat_parquet.read_rows(entry)


SOURCE = Source(
    name="activities",
    title="Flat table of activities",
    platforms=(),
    recognise=_recognise,
    read=_read,
    tables=_tables,
    shows={},
    guide=Guide(
        steps=(
            "From any tool, write one row an activity with the columns id, kind, actor, target and at.",
            "Save it as JSON Lines (.jsonl), CSV (.csv) or Parquet (.parquet).",
        ),
    ),
    files="JSON Lines, CSV or Parquet with the columns id, kind, actor, target, at",
    can_say="whatever its rows say, of any platform",
    cannot_say="how much of what happened it holds: taken as some, from its first row to its last",
    grade="A",
    generic=True,
)
