"""The flat table's rows, from Arrow or from mappings, as the columns that a reckoning needs.

Whatever cannot be a row is an ``InvalidRecord`` that names the row (from 1) and says what to put there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from courtship.errors import InvalidRecord
from courtship.model import FOREVER, Micros
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS: Final = ("id", "kind", "actor", "target", "at", "ended", "undoes", "precise")
"""The columns of the flat table that decide a stage; others are let pass."""

_EARLIEST: Final = -62_135_596_800_000_000  # 0001-01-01
_LATEST: Final = 253_402_300_799_999_999  # 9999-12-31


class Rows(NamedTuple):
    """``n`` rows of the flat table; ``ended`` is ``FOREVER`` where not ended, ``""`` is what is not said.

    ``id``, ``actor``, ``target`` and ``undoes`` are Arrow string arrays; ``kind`` is the code in
    ``vocabulary.KIND_CODE``, -1 for none.
    """

    id: Any
    kind: NDArray[np.int8]
    actor: Any
    target: Any
    undoes: Any
    at: NDArray[np.int64]
    ended: NDArray[np.int64]
    precise: NDArray[np.bool_]


def rows(activities: object) -> Rows:
    """The rows of anything that hands over an Arrow stream, or of an iterable of mappings.

    Raises ``InvalidRecord`` for what is neither and for a row that cannot be one.
    """
    if hasattr(activities, "__arrow_c_stream__") or hasattr(activities, "__arrow_c_array__"):
        table = pa.table(activities)
    elif isinstance(activities, Iterable) and not isinstance(activities, (str, bytes, Mapping)):
        table = _table(activities)
    else:
        kind = type(activities).__name__
        raise InvalidRecord(
            f"Activities cannot be read from a {kind}; give a data frame or a list of mappings."
        )
    if absent := [name for name in ("id", "at") if name not in table.column_names]:
        raise InvalidRecord(f"The activities have no column {absent[0]!r}; it is needed for every row.")
    text = {name: _text(table, name) for name in ("id", "actor", "target", "undoes")}
    kinds = _text(table, "kind")
    kind = pc.fill_null(pc.index_in(kinds, pa.array(KINDS, kinds.type)), -1).to_numpy().astype(np.int8)
    at = _times(table, "at")
    precise = table.column("precise").combine_chunks() if "precise" in table.column_names else None
    if precise is None or pa.types.is_null(precise.type):
        certain = np.ones(table.num_rows, dtype=np.bool_)
    else:
        try:
            certain = pc.fill_null(pc.cast(precise, pa.bool_()), True).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid as error:
            raise InvalidRecord("The column 'precise' holds other values than true and false.") from error
    found = Rows(**text, kind=kind, at=at, ended=_times(table, "ended"), precise=certain.astype(np.bool_))
    _check(found, kinds)
    return found


def micros(value: object) -> Micros:
    """A moment given as ISO 8601 text, a ``datetime``, a ``date`` or whole microseconds. No zone is UTC.

    Raises ``ValueError`` for anything else and for what is not in the years 1 to 9999.
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        since = value - datetime(1970, 1, 1, tzinfo=UTC)
        value = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{value!r} is no time")
    if not _EARLIEST <= value <= _LATEST:
        raise ValueError(f"{value!r} is outside of the years 1 to 9999")
    return int(value)


def _table(activities: Iterable[object]) -> Any:
    """A table of an iterable of mappings, times already as microseconds."""
    columns: dict[str, list[object]] = {name: [] for name in COLUMNS}
    kinds: dict[str, Callable[[object], object]] = {"at": micros, "ended": micros, "precise": _flag}
    for number, row in enumerate(activities, 1):
        if not isinstance(row, Mapping):
            raise InvalidRecord(
                f"Row {number} is a {type(row).__name__}; give a mapping with the flat table's keys."
            )
        for name, values in columns.items():
            value = row.get(name)
            if value is None or value == "":
                values.append(None)
                continue
            try:
                values.append(kinds.get(name, _word)(value))
            except (ValueError, TypeError, OverflowError) as error:
                raise _wrong(number, name, value) from error
    types = {"at": pa.int64(), "ended": pa.int64(), "precise": pa.bool_()}
    return pa.table(
        {name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()}
    )


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError
    return bool(value)


def _wrong(number: int, name: str, value: object) -> InvalidRecord:
    wanted = {
        "at": "an ISO 8601 time such as 2026-03-04T10:00:00Z",
        "ended": "an ISO 8601 time such as 2026-03-04T10:00:00Z, or nothing",
        "precise": "true or false",
        "kind": f"one of {', '.join(KINDS)}",
    }.get(name, "text")
    found = "missing" if value is None or value == "" else repr(value)
    return InvalidRecord(f"Row {number}: {name!r} is {found}; write {wanted}.")


def _text(table: Any, name: str) -> Any:
    """A column as plain strings, ``""`` where nothing is said."""
    if name not in table.column_names:
        return pa.array([""]).take(pa.array(np.zeros(table.num_rows, np.int8)))
    column = table.column(name)
    if pa.types.is_null(column.type):
        return pa.array([""]).take(pa.array(np.zeros(table.num_rows, np.int8)))
    if pa.types.is_floating(column.type) and column.null_count == len(column):
        column = pa.nulls(len(column), pa.string())
    if (
        pa.types.is_floating(column.type)
        or pa.types.is_nested(column.type)
        or pa.types.is_temporal(column.type)
    ):
        raise InvalidRecord(f"The column {name!r} holds {column.type} values; it must hold text.")
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if not pa.types.is_string(column.type) or column.nbytes > 2**31 - 1:  # what one plain array can hold
        column = pc.cast(column, pa.large_string())
    plain = pc.fill_null(column, "")
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain


def _times(table: Any, name: str) -> NDArray[np.int64]:
    """A column of times as microseconds, ``FOREVER`` where there is none."""
    if name not in table.column_names:
        return np.full(table.num_rows, FOREVER, dtype=np.int64)
    column = table.column(name)
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        column = _parsed(pc.cast(column, pa.large_string()), name)
    elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        column = pc.cast(column, pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
    elif not (pa.types.is_integer(kind) or pa.types.is_null(kind)):
        if not (pa.types.is_floating(kind) and column.null_count == len(column)):
            raise InvalidRecord(f"The column {name!r} holds {kind} values; it must hold times.")
        column = pa.nulls(len(column), pa.int64())
    whole = pc.cast(column, pa.int64()).combine_chunks()
    values = np.asarray(pc.fill_null(whole, FOREVER).to_numpy(zero_copy_only=False), dtype=np.int64)
    beyond = (values != FOREVER) & ((values < _EARLIEST) | (values > _LATEST))
    if beyond.any():
        first = int(np.argmax(beyond))
        raise _wrong(first + 1, name, int(values[first]))
    return values


def _parsed(column: Any, name: str) -> Any:
    """ISO 8601 texts as timestamps: Arrow's parser where all are alike, else each by itself."""
    column = pc.if_else(pc.equal(column, ""), None, column)
    for zone in ("UTC", None):
        try:
            return pc.cast(column, pa.timestamp("us", zone))
        except pa.ArrowInvalid:
            continue
    values: list[int | None] = []
    for number, value in enumerate(column.to_pylist(), 1):
        try:
            values.append(None if value is None else micros(value))
        except (ValueError, OverflowError) as error:
            raise _wrong(number, name, value) from error
    return pa.chunked_array([pa.array(values, pa.int64())])


def _check(found: Rows, kinds: Any) -> None:
    """Raise for the first row that lacks what it needs or has a kind that is none."""
    undo = np.asarray(pc.not_equal(found.undoes, ""))
    lacks: list[tuple[str, Any, NDArray[np.bool_]]] = [
        ("id", found.id, np.asarray(pc.equal(found.id, ""))),
        ("at", None, found.at == FOREVER),
        ("kind", kinds, (found.kind < 0) & ~undo),
        ("actor", None, np.asarray(pc.and_(pc.equal(found.actor, ""), pc.equal(found.target, ""))) & ~undo),
    ]
    bad = np.logical_or.reduce([mask for _, _, mask in lacks]) if len(found.at) else np.zeros(0, np.bool_)
    if bad.any():
        row = int(np.argmax(bad))
        name, values, _ = next(each for each in lacks if each[2][row])
        raise _wrong(row + 1, name, None if values is None else values[row].as_py())
