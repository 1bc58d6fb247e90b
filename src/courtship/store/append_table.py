"""The fast way in for flat-table batches: accounts by dictionary, keys and digests in tight loops.

Rows that are plain (an id, a known kind, no Undo) and new go from Arrow straight to the database; all others
take the way of ``append.py``, and the log that comes of it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from numpy.typing import NDArray

from courtship.model import FOREVER, Activity, Appended, Origin, Problem, Undo
from courtship.store import bulk, keys
from courtship.store.append import Append, Progress
from courtship.store.bounds import FIRST, LAST, LEAST, LONGEST_ADDRESS, MOST
from courtship.store.undoing import blank_words
from courtship.vocabulary import KIND_CODE, KINDS

ROWS = 65_536
"""Rows to a transaction."""

_NUMBERS = ("at", "ended", "actor_followers")
_TYPES = {"precise": pa.bool_(), "public": pa.bool_(), **dict.fromkeys(_NUMBERS, pa.int64())}
_STRINGS = ("kind", "actor", "target", "object", "in_reply_to", "text", "url", "actor_name", "target_name")


def append_table(
    alias: str, batches: Iterable[pa.RecordBatch], origin: Origin, progress: Progress | None = None
) -> Appended:
    """Appends flat-table batches; see ``Workspace.append_table``."""
    run = TableAppend(alias, origin, progress)
    for batch in batches:
        for first in range(0, batch.num_rows, ROWS):
            run.add_rows(batch.slice(first, ROWS))
    return run.finish()


class TableAppend(Append):
    """One call of ``Workspace.append_table``."""

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
                with bulk.uncollected(), transaction.atomic(using=self.alias):
                    self._write_table(table)
            except BaseException:
                self.interning.clear()
                raise
        if self.progress:
            self.progress(self.read)

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
        ids = table["id"].to_pylist()
        keys = self._keys(table, ids)
        order = sorted(range(len(keys)), key=keys.__getitem__)
        table = table.take(pa.array(order))
        keys = [keys[i] for i in order]
        position = bulk.lock_log(self.connection)
        self.interning.refresh()
        bit = self.interning.format_bit(self.origin.format)
        content = _contents(table)
        held = bulk.held_records(self.connection, keys)
        kept, late = [], []
        before = b""
        for i, key in enumerate(keys):
            there = held.get(key)
            if there is None and key != before:
                kept.append(i)
            elif there is not None and there[0] == content[i] and there[1] & bit:
                self.read += 1
                self.known += 1
            else:
                late.append(i)
            before = key
        # twice in this batch, of other content or by another format: the long way, in the same transaction
        rows = table.take(pa.array(late, pa.int64())).to_pylist() if late else []
        if len(kept) < len(keys):
            table = table.take(pa.array(kept, pa.int64()))
            keys, content = [keys[i] for i in kept], [content[i] for i in kept]
        position = self._insert(position, table, keys, content, bit)
        bulk.release_log(self.connection, position)
        if rows:
            for row in rows:
                self._add_row(row)
            self._write()
            self.lines = []

    def _keys(self, table: pa.Table, ids: list[str]) -> list[bytes]:
        """``keys.activity_key`` of each row."""
        source = self.origin.source
        platform = _platform(table)
        whole = platform.unique().to_pylist()
        if len(whole) == 1:
            start = f"activity\0{whole[0]}\0{source}\0".encode()
            return [blake2b(start + id.encode(), digest_size=16).digest() for id in ids]
        starts = {name: f"activity\0{name}\0{source}\0".encode() for name in whole}
        return [
            blake2b(starts[name] + id.encode(), digest_size=16).digest()
            for name, id in zip(platform.to_pylist(), ids, strict=True)
        ]

    def _insert(self, position: int, table: pa.Table, keys: list[bytes], content: list[int], bit: int) -> int:
        """Inserts new rows, in the order given; answers the last position."""
        if not keys:
            return position
        origin = self.interning.origin(self.origin)
        actor, target = self._numbers(table)
        self.read += len(keys)
        there = (actor >= 0) & (target >= 0)
        if not there.all():
            self.forgotten += int((~there).sum())
            table = table.filter(pa.array(there))
            keys = [key for key, kept in zip(keys, there, strict=True) if kept]
            content = [digest for digest, kept in zip(content, there, strict=True) if kept]
            actor, target = actor[there], target[there]
        count = len(keys)
        content = _contents(table)
        column = {
            name: table[name].to_pylist() for name in Activity._fields if name not in ("actor", "target")
        }
        kind = [KIND_CODE[name] for name in column["kind"]]
        rows = zip(
            range(position + 1, position + 1 + count),
            keys,
            content,
            [origin] * count,
            actor.tolist(),
            target.tolist(),
            kind,
            table["precise"].cast(pa.int8()).to_pylist(),
            table["public"].cast(pa.int8()).to_pylist(),
            [bit] * count,
            column["at"],
            column["ended"],
            column["actor_followers"],
            column["id"],
            column["object"],
            column["in_reply_to"],
            column["url"],
            column["actor_name"],
            column["target_name"],
            column["text"],
            strict=True,
        )
        bulk.insert(self.connection, "store_record", bulk.RECORD_COLUMNS, rows)
        blank_words(self.connection, new_ids=column["id"])
        self.new += count
        return position + count

    def _numbers(self, table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of actors and targets; -1 for forgotten accounts."""
        actor = pc.dictionary_encode(table["actor"].combine_chunks())
        target = pc.dictionary_encode(table["target"].combine_chunks())
        names = [coded.dictionary.to_pylist() for coded in (actor, target)]
        number = self.interning.accounts({*names[0], *names[1]})
        by_code = [np.array([number.get(name, -1) for name in some], np.int64) for some in names]
        return by_code[0][actor.indices.to_numpy()], by_code[1][target.indices.to_numpy()]


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


def _contents(table: pa.Table) -> list[int]:
    """``keys.content_digest`` of each row."""
    columns = [table[name].to_pylist() for name in Activity._fields[1:]]
    dumps = orjson.dumps
    said = b"".join([blake2b(dumps(row), digest_size=8).digest() for row in zip(*columns, strict=True)])
    digests: list[int] = np.frombuffer(said, ">i8").astype(np.int64).tolist()
    return digests
