"""The flat table (format ``activities``): JSON Lines, CSV or Parquet, one activity a row.

The columns are those of ``docs/formats/activities.md``: ``id kind actor target at`` and, where known,
``ended undoes precise object in_reply_to text url public actor_name target_name actor_followers``.
Other columns are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from courtship.addresses import LONGEST, is_address
from courtship.model import Activity, Micros, Problem, Record, Undo
from courtship.sources.base import Claim, Guide, Source
from courtship.sources.text import Lines, csv_rows, head_utf8
from courtship.sources.tree import Entry, Tree
from courtship.times import parse_iso
from courtship.vocabulary import KINDS

COLUMNS: Final = Activity._fields
_READ: Final = frozenset({*COLUMNS, "undoes"})
NEEDED: Final = frozenset({"kind", "actor", "target", "at"})
NEEDED_TO_UNDO: Final = frozenset({"id", "undoes", "at"})

_KINDS = frozenset(KINDS)
_TRUE = frozenset({True, "true", "True", "TRUE", "1", "yes"})
_FALSE = frozenset({False, "false", "False", "FALSE", "0", "no"})


class Rows:
    """Turns mappings with the flat table's columns into records; ``ValueError`` with words where one is none.

    Keeps the accounts it has seen to be well formed, so that each is looked at once.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()

    def record(self, row: Mapping[str, Any]) -> Activity | Undo:
        """The record of one row."""
        get = row.get
        at = get("at")
        if at is None or at == "":
            raise ValueError("has no time (at)")
        moment = parse_iso(at) if isinstance(at, str) else _not_a_time(at)
        id = self._id(get("id"))
        undoes = get("undoes")
        if undoes is not None and undoes != "":
            actor = get("actor") or ""
            platform = self._address(actor, "actor").partition(":")[0] if actor else ""
            return Undo(id, self._id(undoes), moment, platform)
        kind = get("kind")
        if type(kind) is not str or kind not in _KINDS:
            raise ValueError(f"unknown kind {kind!r:.40}; known are {', '.join(KINDS)}")
        actor = get("actor") or ""
        target = get("target") or ""
        known = self._known
        if type(actor) is not str or actor not in known:
            self._address(actor, "actor")
        if target and (type(target) is not str or target not in known):
            self._address(target, "target")
        ended = get("ended")
        precise = get("precise")
        public = get("public")
        followers = get("actor_followers")
        return Activity(
            id,
            kind,
            actor,
            target,
            moment,
            None
            if ended is None or ended == ""
            else parse_iso(ended)
            if isinstance(ended, str)
            else _not_a_time(ended),
            True if precise is None or precise == "" else _truth(precise, "precise"),
            _text(get("object")),
            _text(get("in_reply_to")),
            _text(get("text")),
            _text(get("url")),
            None if public is None or public == "" else _truth(public, "public"),
            _text(get("actor_name")),
            _text(get("target_name")),
            None if followers is None or followers == "" else _count(followers),
        )

    def _address(self, value: object, what: str) -> str:
        if not isinstance(value, str) or not is_address(value):
            raise ValueError(f"{what} is not an account (platform:id): {value!r:.60}")
        if len(self._known) > 1_000_000:
            self._known.clear()
        self._known.add(value)
        return value

    @staticmethod
    def _id(value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
            raise ValueError(f"id is no short text: {value!r:.60}")
        return value


def _not_a_time(value: object) -> Micros:
    raise ValueError(f"not a time in ISO 8601: {value!r:.60}")


def _truth(value: object, what: str) -> bool:
    try:
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    except TypeError:
        pass
    raise ValueError(f"{what} is neither true nor false: {value!r:.40}")


def _count(value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    raise ValueError(f"actor_followers is no number: {value!r:.40}")


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        value = orjson.dumps(value).decode() if isinstance(value, (dict, list)) else str(value)
    return value.replace("\x00", "") if "\x00" in value else value


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
        return "jsonl" if any(map(_is_row, head.split(b"\n")[:5])) else ""
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
        claim.progress(entry.size)


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
    """Records of a Parquet file, a row at a time; times may be timestamps or text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from courtship.sources.spool import seekable

    record = Rows().record
    with seekable(entry) as stream:
        number = 0
        try:
            file = pq.ParquetFile(stream)
            names = [name for name in file.schema_arrow.names if name in _READ]
            for batch in file.iter_batches(batch_size=16_384, columns=names):
                for row in batch.to_pylist():
                    number += 1
                    for name in ("at", "ended"):
                        if isinstance(row.get(name), datetime):
                            row[name] = row[name].isoformat()
                    try:
                        yield record(row)
                    except ValueError as error:
                        yield entry.problem(f"row {number}", str(error))
        except (pa.ArrowException, OSError, ValueError) as error:
            yield entry.problem(
                f"row {number + 1}", f"is no Parquet from here on ({error!s:.80}); get the file again"
            )


SOURCE = Source(
    name="activities",
    title="Flat table of activities",
    platforms=(),
    recognise=_recognise,
    read=_read,
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
