"""The fast way in for flat-table batches: accounts by dictionary, keys and digests in tight loops.

Rows that are plain (an id, a known kind, no Undo) and new go from Arrow straight to the database; all others
take the way of ``append.py``, and the log that comes of it is the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import repeat
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from courtship.model import FOREVER, Activity, Appended, Origin, Problem, Undo
from courtship.store import bulk
from courtship.store.log import keys
from courtship.store.log.append import Append, Progress
from courtship.store.log.bounds import FIRST, LAST, LEAST, LONGEST_ADDRESS, MOST
from courtship.store.log.undoing import blank_words
from courtship.vocabulary import KIND_CODE, KINDS

ROWS = 65_536
"""Rows to a transaction."""

SOME = 1_000
"""Keys of a batch by which it is judged whether the log has any of it."""

_NUMBERS = ("at", "ended", "actor_followers")
_TYPES = {"precise": pa.bool_(), "public": pa.bool_(), **dict.fromkeys(_NUMBERS, pa.int64())}
_Held = dict[str, Sequence[Any] | None]
"""Values by column, in the order of the rows; ``None`` for a column without any."""

_STRINGS = ("kind", "actor", "target", "object", "in_reply_to", "text", "url", "actor_name", "target_name")


def append_table(
    alias: str, batches: Iterable[pa.RecordBatch], origin: Origin, progress: Progress | None = None
) -> Appended:
    """Appends flat-table batches; see ``Workspace.append_table``."""
    run = TableAppend(alias, origin, progress)
    with bulk.journalled(run.connection):
        for batch in batches:
            for first in range(0, batch.num_rows, ROWS):
                run.add_rows(batch.slice(first, ROWS))
        return run.finish()


class TableAppend(Append):
    """One call of ``Workspace.append_table``."""

    look = False
    """Whether each batch is looked up in the log before it is inserted."""

    def add_rows(self, batch: pa.RecordBatch) -> None:
        """Takes up to ``ROWS`` rows: the plain ones at once, as one transaction, the others one by one."""
        table = _uniform(batch, self._problem)
        plain = _plain(table)
        if not plain.all():
            for row in table.filter(pa.array(~plain)).to_pylist():
                self._add_row(row)
            table = table.filter(pa.array(plain))
        self.flush()
        if table.num_rows:
            try:
                self._try_table(table)
            except (IntegrityError, sqlite3.IntegrityError):
                if self.look:
                    raise
                self.look = True
                self._try_table(table)
        if self.progress:
            self.progress(self.read)

    def _try_table(self, table: pa.Table) -> None:
        try:
            with bulk.uncollected(), transaction.atomic(using=self.alias):
                self._write_table(table)
        except BaseException:
            self.interning.clear()
            raise

    def _problem(self, where: str, reason: str) -> None:
        self.problems.append(Problem(self.origin.path, where, f"{reason}; it was left out"))

    def _add_row(self, row: dict[str, Any]) -> None:
        undoes = row.pop("undoes")
        row["id"] = row["id"] or ""
        row["actor"] = row["actor"] or ""
        row["target"] = row["target"] or ""
        if row["at"] is None:
            self.problems.append(Problem(self.origin.path, f"activity {row['id']}", "has no time; left out"))
        elif undoes:
            self.add(Undo(row["id"], undoes, row["at"], row["actor"].partition(":")[0]))
        else:
            row["kind"] = row["kind"] or ""
            row["precise"] = row["precise"] is not False
            self.add(Activity(**row))

    def _write_table(self, table: pa.Table) -> None:
        made = self._keys(table)
        order = _in_order(made)
        held = _lists(table, order)
        keys = [made[i] for i in order.tolist()]
        content = _contents(held, len(keys))
        position = bulk.lock_log(self.connection)
        self.interning.refresh()
        bit = self.interning.format_bit(self.origin.format)
        known = self._known(keys)
        kept, late = [], []
        before = b""
        for i, key in enumerate(keys):
            there = known.get(key)
            if there is None and key != before:
                kept.append(i)
            elif there is not None and there[0] == content[i] and there[1] & bit:
                self.read += 1
                self.known += 1
            else:
                late.append(i)
            before = key
        # twice in this batch, of other content or by another format: the long way, in the same transaction
        rows = [{name: values and values[i] for name, values in held.items()} for i in late]
        new = _only({"key": keys, "content": content, **held}, kept)
        position = self._insert(position, new, len(kept), bit)
        bulk.release_log(self.connection, position)
        if rows:
            for row in rows:
                self._add_row(row)
            self._write()
            self.lines = []

    def _known(self, keys: list[bytes]) -> dict[bytes, tuple[int, int]]:
        """Which of these keys (in their order) are in the log.

        They are digests, so that the first of them are as good as drawn by lot. Where none of these is in
        the log, likely none is: they are inserted unseen, and should one have been there, the batch is
        taken back and done again, looking.
        """
        if not self.look and len(keys) > SOME:
            self.look = bool(bulk.held_records(self.connection, keys[:SOME]))
            if not self.look:
                return {}
        return bulk.held_records(self.connection, keys)

    def _keys(self, table: pa.Table) -> list[bytes]:
        """``keys.activity_key`` of each row."""
        platform = _platform(table)
        # what all keys of a platform begin with is digested once
        begun = {
            name: blake2b(f"activity\0{name}\0{self.origin.source}\0".encode(), digest_size=16).copy
            for name in platform.unique().to_pylist()
        }
        made = []
        for name, id in zip(platform.to_pylist(), table["id"].to_pylist(), strict=True):
            digest = begun[name]()
            digest.update(id.encode())
            made.append(digest.digest())
        return made

    def _insert(self, position: int, new: _Held, count: int, bit: int) -> int:
        """Inserts so many new rows, in the order given; answers the last position."""
        if not count:
            return position
        origin, read = self.interning.origin(self.origin), count
        sides = new["actor"] or [""] * count, new["target"] or [""] * count
        number = self.interning.accounts({*sides[0], *sides[1]})
        if self.interning.tombstones:
            there = [i for i, both in enumerate(zip(*sides, strict=True)) if number.keys() >= {*both}]
            new, count = _only(new, there), len(there)
            sides = [sides[0][i] for i in there], [sides[1][i] for i in there]
        precise = new["precise"] or ()
        columns: dict[str, Sequence[Any] | int | None] = {
            **{name: new[name] for name in bulk.RECORD_COLUMNS if name in new},
            "activity": new["id"],
            "position": range(position + 1, position + 1 + count),
            "origin": origin,
            "told": bit,
            "actor": [number[name] for name in sides[0]],
            "target": [number[name] for name in sides[1]],
            "kind": [KIND_CODE[name] for name in new["kind"] or ()],
            "precise": 1 if all(precise) else list(map(int, precise)),
            "public": new["public"] and [said if said is None else int(said) for said in new["public"]],
        }
        bulk.insert_columns(
            self.connection, "store_record", {name: columns[name] for name in bulk.RECORD_COLUMNS}
        )
        blank_words(self.connection, new_ids=new["id"] or ())
        self.read += read
        self.forgotten += read - count
        self.new += count
        return position + count


def _uniform(batch: pa.RecordBatch, problem: Callable[[str, str], None]) -> pa.Table:
    """All columns of the flat table, in order, of one type each; ``at`` and ``ended`` as microseconds.

    A row with a number or time that the log cannot hold is left out, and told to ``problem``.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    names = set(batch.schema.names)
    wrong = np.zeros(batch.num_rows, np.bool_)
    for name in (*Activity._fields, "undoes"):
        if name not in names:
            columns[name] = pa.nulls(batch.num_rows, _TYPES.get(name, pa.string()))
        elif name in _NUMBERS:
            columns[name], beyond = _numbers(batch.column(name), time=name != "actor_followers")
            wrong |= beyond
        else:
            columns[name] = batch.column(name).cast(_TYPES.get(name, pa.string()))
    columns["precise"] = pc.fill_null(columns["precise"], True)
    columns["target"] = pc.fill_null(columns["target"], "")
    columns["actor"] = pc.fill_null(columns["actor"], "")
    table = pa.table(columns)
    if wrong.any():
        for id in table["id"].filter(pa.array(wrong)).to_pylist():
            problem(f"activity {id!a}", "has a time or a number out of range")
        table = table.filter(pa.array(~wrong))
    return table


def _numbers(column: pa.Array, *, time: bool) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Whole numbers of 64 bits, times in microseconds; and which are out of range (these are then null)."""
    least, most, factor = (FIRST, LAST, 1) if time else (LEAST, MOST, 1)
    if pa.types.is_timestamp(column.type):
        if column.type.unit == "ns":
            column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
        factor = {"s": 1_000_000, "ms": 1_000, "us": 1}[column.type.unit]
        column = column.cast(pa.int64())
    if pa.types.is_unsigned_integer(column.type):
        outside = pc.greater(column, pa.scalar(min(most, 2**column.type.bit_width - 1), column.type))
    else:
        column = column.cast(pa.int64())
        outside = pc.or_(pc.less(column, -(-least // factor)), pc.greater(column, most // factor))
        if time and factor == 1:
            outside = pc.and_(outside, pc.not_equal(column, FOREVER))
    beyond: NDArray[np.bool_] = pc.fill_null(outside, False).to_numpy(zero_copy_only=False)
    if beyond.any():
        column = pc.if_else(pa.array(beyond), pa.scalar(None, column.type), column)
    column = column.cast(pa.int64())
    return (pc.multiply(column, factor) if factor > 1 else column), beyond


def _plain(table: pa.Table) -> NDArray[np.bool_]:
    """Which rows have an id that is a platform's own, a known kind, an account, a time, and undo nothing."""
    unnamed = pc.or_(pc.equal(table["actor"], ""), False)
    plain = pc.and_(
        pc.and_(
            pc.and_(pc.is_valid(table["id"]), pc.not_equal(pc.fill_null(table["id"], ""), "")),
            pc.is_in(table["kind"], value_set=pa.array(KINDS, pa.string())),
        ),
        pc.and_(
            pc.invert(pc.and_(unnamed, pc.equal(table["target"], ""))),
            pc.and_(pc.is_valid(table["at"]), pc.equal(pc.fill_null(table["undoes"], ""), "")),
        ),
    )
    plain = pc.and_(plain, pc.invert(pc.starts_with(pc.fill_null(table["id"], ""), "courtship:")))
    longest = dict.fromkeys(("id", "object", "in_reply_to"), keys.LONGEST_NAME)
    for name, most in {**longest, **dict.fromkeys(("actor", "target"), LONGEST_ADDRESS // 4)}.items():
        length = pc.fill_null(pc.utf8_length(table[name]), 0)
        if (pc.max(length).as_py() or 0) > most:
            plain = pc.and_(plain, pc.less_equal(length, most))
    for name in ("id", *_STRINGS[1:]):
        held = table[name]
        if held.null_count < len(held):
            nul = pc.fill_null(pc.match_substring(held, "\0"), False)
            if pc.any(nul).as_py():
                plain = pc.and_(plain, pc.invert(nul))
    found: NDArray[np.bool_] = plain.to_numpy().astype(np.bool_)
    return found


def _platform(table: pa.Table) -> pa.ChunkedArray:
    """``keys.platform_of`` of each row."""
    named = pc.if_else(pc.equal(table["actor"], ""), table["target"], table["actor"]).combine_chunks()
    coded = pc.dictionary_encode(named)
    before = pa.array([name.partition(":")[0] for name in coded.dictionary.to_pylist()], pa.string())
    return before.take(coded.indices)


def _in_order(made: list[bytes]) -> NDArray[np.int64]:
    """The places of these keys in their order; of equal ones, the first first."""
    words = np.frombuffer(b"".join(made), ">u8").astype(np.uint64).reshape(-1, 2)
    return np.lexsort((words[:, 1], words[:, 0]))


def _lists(table: pa.Table, order: NDArray[np.int64]) -> _Held:
    """The values of each column in this order; ``None`` where there are none."""
    names = [name for name in table.column_names if table[name].null_count < table.num_rows]
    taken = table.select(names).take(pa.array(order))
    return {name: taken[name].to_pylist() if name in names else None for name in table.column_names}


def _only(held: _Held, places: list[int]) -> _Held:
    """Only what stands at these places."""
    if all(values is None or len(values) == len(places) for values in held.values()):
        return held
    return {name: values and [values[i] for i in places] for name, values in held.items()}


def _contents(held: _Held, count: int) -> list[int]:
    """``keys.content_digest`` of each row."""
    columns = [held[name] or repeat(None, count) for name in Activity._fields[1:]]
    dumps, begun, made = orjson.dumps, blake2b(digest_size=8).copy, []
    for row in zip(*columns, strict=True):
        digest = begun()
        digest.update(dumps(row))
        made.append(digest.digest())
    digests: list[int] = np.frombuffer(b"".join(made), ">i8").astype(np.int64).tolist()
    return digests
