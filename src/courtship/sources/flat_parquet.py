"""The flat table as Parquet, checked a column at a time.

What passes every check leaves as Arrow batches; each row that does not is read singly by the same rules as
JSON Lines, which then make of it a record (an Undo, say) or a problem. So the two ways cannot disagree on
what is right, only on how fast it is found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from courtship.addresses import ADDRESS, LONGEST
from courtship.model import Activity, Problem, Undo
from courtship.sources.flat_rows import Rows
from courtship.sources.spool import seekable
from courtship.sources.tree import Entry
from courtship.tables import activity_schema
from courtship.times import EARLIEST, LATEST
from courtship.vocabulary import KINDS

ROWS: Final = 65_536
"""Rows to a batch."""

_TEXTS: Final = ("object", "in_reply_to", "text", "url", "actor_name", "target_name")
_STAMP: Final = pa.timestamp("us", tz="UTC")


def read_batches(entry: Entry) -> Iterator[pa.RecordBatch | Activity | Undo | Problem]:
    """Checked batches of ``tables.activity_schema()``, and singly what the checks would not pass.

    A file that is damaged from somewhere on gives what stands before it, then one problem.
    """
    number = 0
    rows = Rows()
    with seekable(entry) as stream:
        try:
            file = pq.ParquetFile(stream, pre_buffer=False)
            known = {*activity_schema().names, "undoes"}
            names = [name for name in file.schema_arrow.names if name in known]
            for batch in file.iter_batches(batch_size=ROWS, columns=names):
                yield from _checked(batch, rows, entry, number)
                number += batch.num_rows
                entry.read_on(entry.size * batch.num_rows // max(1, file.metadata.num_rows))
        except (pa.ArrowException, OSError, ValueError):
            yield entry.problem(
                f"row {number + 1}", "is no Parquet from here on: damaged or cut short; get the file again"
            )


def read_rows(entry: Entry) -> Iterator[Activity | Undo | Problem]:
    """The same, all as records: for whoever wants no tables."""
    for found in read_batches(entry):
        if isinstance(found, pa.RecordBatch):
            yield from map(
                Activity._make, zip(*(column.to_pylist() for column in found.columns), strict=True)
            )
        else:
            yield found


def _checked(
    batch: pa.RecordBatch, rows: Rows, entry: Entry, first: int
) -> Iterator[pa.RecordBatch | Activity | Undo | Problem]:
    try:
        columns, fine = _columns(batch)
    except (pa.ArrowException, _Singly):
        left = batch
        numbers: Any = range(batch.num_rows)
    else:
        if pc.all(fine).as_py():
            yield pa.RecordBatch.from_arrays(columns, schema=activity_schema())
            return
        whole = pa.RecordBatch.from_arrays(columns, names=activity_schema().names)
        good = whole.filter(fine)
        if good.num_rows:
            yield pa.RecordBatch.from_arrays(good.columns, schema=activity_schema())
        wrong = pc.invert(fine)
        left = batch.filter(wrong)
        numbers = pc.indices_nonzero(wrong).to_pylist()
    for number, row in zip(numbers, left.to_pylist(), strict=True):
        try:
            yield rows.record(_plain(row))
        except ValueError as error:
            yield entry.problem(f"row {first + number + 1}", str(error))


class _Singly(Exception):
    """A batch with a column of an unexpected type: every row is read singly."""


def _columns(batch: pa.RecordBatch) -> tuple[list[pa.Array], pa.Array]:
    """The columns of the schema, and which rows are right in all of them."""
    size = batch.num_rows
    given = {name: batch.column(index) for index, name in enumerate(batch.schema.names)}

    def column(name: str) -> pa.Array:
        found = given.get(name)
        return pa.nulls(size, pa.string()) if found is None else found

    id = pc.fill_null(_text(column("id")), "")
    kind = _text(column("kind"))
    actor, actors = _accounts(column("actor"), empty=False)
    target, targets = _accounts(column("target"), empty=True)
    at = _time(column("at"))
    ended = _time(column("ended"))
    followers = column("actor_followers")
    if not pa.types.is_integer(followers.type):
        if followers.null_count < size:
            raise _Singly
        followers = pa.nulls(size, pa.int64())
    followers = followers.cast(pa.int64())
    texts = {name: _optional(_text(column(name))) for name in _TEXTS}
    checks = [
        pc.less_equal(pc.utf8_length(id), LONGEST),
        pc.fill_null(pc.is_in(kind, pa.array(KINDS)), False),
        actors,
        targets,
        _in_range(at, if_null=False),
        _in_range(ended, if_null=True),
        pc.fill_null(pc.greater_equal(followers, 0), True),
        pc.fill_null(pc.equal(_text(column("undoes")), ""), True),
        *(pc.invert(_has_zero(text)) for text in (id, *texts.values()) if text.null_count < size),
    ]
    fine = checks[0]
    for check in checks[1:]:
        fine = pc.and_(fine, check)
    found = {
        "id": id,
        "kind": kind,
        "actor": actor,
        "target": target,
        "at": at,
        "ended": ended,
        "precise": pc.fill_null(_truth(column("precise")), True),
        "public": _truth(column("public")),
        "actor_followers": followers,
        **texts,
    }
    return [found[name] for name in activity_schema().names], fine


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type):
        return column
    if (
        pa.types.is_large_string(column.type)
        or pa.types.is_null(column.type)
        or pa.types.is_integer(column.type)
    ):
        return column.cast(pa.string())
    raise _Singly


def _optional(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _accounts(column: pa.Array, *, empty: bool) -> tuple[pa.Array, pa.Array]:
    """The column, and which are accounts; each different one is looked at once."""
    column = pc.fill_null(_text(column), "")
    encoded = column.dictionary_encode()
    names = encoded.dictionary
    right = pc.and_(
        pc.match_substring_regex(names, f"^(?:{ADDRESS})$"), pc.less_equal(pc.utf8_length(names), LONGEST)
    )
    if empty:
        right = pc.or_(right, pc.equal(names, ""))
    return column, right.take(encoded.indices)


def _time(column: pa.Array) -> pa.Array:
    """UTC microseconds; a time without a zone is UTC."""
    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.int64())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
        return column.cast(pa.timestamp("us")).cast(pa.int64())
    column = _text(column)
    try:
        stamps = column.cast(_STAMP)
    except pa.ArrowInvalid:
        stamps = column.cast(pa.timestamp("us"))
    return stamps.cast(pa.int64())


def _in_range(column: pa.Array, *, if_null: bool) -> pa.Array:
    inside = pc.and_(pc.greater_equal(column, EARLIEST), pc.less(column, LATEST))
    return pc.fill_null(inside, if_null)


def _truth(column: pa.Array) -> pa.Array:
    if pa.types.is_boolean(column.type):
        return column
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.bool_())
    raise _Singly


def _has_zero(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.match_substring(column, "\x00"), False)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("at", "ended"):
        if isinstance(row.get(name), (datetime, date)):
            row[name] = row[name].isoformat()
    return row
