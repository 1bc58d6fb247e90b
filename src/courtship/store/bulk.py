"""Statements over many rows, by the ORM's connection: ``executemany`` on SQLite; on PostgreSQL ``COPY`` and
what ``server.py`` does."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, repeat
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import Activity
from courtship.store import server
from courtship.store.databases import WAL_PAGES
from courtship.vocabulary import KIND_CODE, KINDS

CHUNK = 2_000
"""Values in one ``IN`` list of SQLite (its own limit is 32,766)."""

TURNED = 16_384
"""Rows whose values are turned into columns at a time."""

MANY = 64
"""Rows from which on that is worth while."""

_NOTHING = 0.5
"""Stands for NULL where rows are bound; the log and what is derived hold whole numbers and text."""

RECORD_COLUMNS = (
    "position",
    "key",
    "content",
    "origin",
    "actor",
    "target",
    "kind",
    "precise",
    "public",
    "told",
    "at",
    "ended",
    "actor_followers",
    "activity",
    "object",
    "in_reply_to",
    "url",
    "actor_name",
    "target_name",
    "text",
)
ACTIVITY_COLUMN = RECORD_COLUMNS.index("activity")
UNDONE_COLUMNS = ("position", "key", "activity", "undoes", "platform", "source", "at", "blank", "origin")
FACT_COLUMNS = ("position", "key", "sort", "subject", "at", "body", "origin")


class Keyed(Protocol):
    """An activity with its key and the digest of its content."""

    @property
    def key(self) -> bytes: ...
    @property
    def content(self) -> int: ...
    @property
    def row(self) -> Activity: ...


def record_row(position: int, line: Keyed, origin: int, bit: int, number: dict[str, int]) -> tuple[Any, ...]:
    """The values of ``RECORD_COLUMNS``."""
    (
        id,
        kind,
        actor,
        target,
        at,
        ended,
        precise,
        object,
        in_reply_to,
        text,
        url,
        public,
        actor_name,
        target_name,
        actor_followers,
    ) = line.row
    return (
        position,
        line.key,
        line.content,
        origin,
        number[actor],
        number[target],
        KIND_CODE[kind],
        1 if precise else 0,
        None if public is None else int(public),
        bit,
        at,
        ended,
        actor_followers,
        id,
        object,
        in_reply_to,
        url,
        actor_name,
        target_name,
        text,
    )


@dataclass(slots=True)
class Locked:
    """The log, as whoever holds its lock has read it, and as far as it was appended to within the same
    transaction. Whoever made this writes ``position`` (``release_log``) before the transaction ends.

    ``undone``: whether anything was ever undone; ``ended``: whether any Undo that was there before names one
    of the activities appended since.
    """

    position: int
    tombstones: int
    undone: bool
    ended: bool = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Puts the collection of cycles off while rows by the thousand are made: they hold none, and looking
    for some takes a third of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def journalled(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lets SQLite's journal grow to what it may be kept at (64 MB) before it is written back.

    Half of that each batch of an import exceeds: pages that the next batch writes again were written back
    each time.
    """
    if not sqlite(connection) or connection.in_atomic_block:
        yield
        return
    run(connection, "PRAGMA wal_autocheckpoint = 16384")
    try:
        yield
    finally:
        run(connection, f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        run(connection, "PRAGMA wal_checkpoint(PASSIVE)")


_USUAL = gc.get_threshold()


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Looks for cycles after every 50,000 new objects instead of 700, while records by the thousand wait for
    their batch: a parser may leave some, and looking so often took an eighth of an import of JSON.
    """
    gc.set_threshold(50_000, *_USUAL[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_USUAL)


def sqlite(connection: BaseDatabaseWrapper) -> bool:
    """Whether this is SQLite (else PostgreSQL)."""
    return connection.vendor == "sqlite"


def lock_log(connection: BaseDatabaseWrapper) -> int:
    """Takes the log's lock until the transaction ends; answers the last position."""
    query = "SELECT position FROM store_state WHERE id = 1"
    if not sqlite(connection):  # SQLite's transaction has the lock already
        query += " FOR UPDATE"
    return int(rows(connection, query)[0][0])


def release_log(connection: BaseDatabaseWrapper, position: int) -> None:
    """Writes the last position; the lock goes with the transaction."""
    run(connection, "UPDATE store_state SET position = %s WHERE id = 1", (position,))


def rows(connection: BaseDatabaseWrapper, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query, past the ORM's own cursor: that costs more than a look-up by key does."""
    if sqlite(connection):
        found: list[tuple[Any, ...]] = _raw(connection).execute(_marked(query), values).fetchall()
        return found
    return server.rows(connection, query, values)


def chunks(connection: BaseDatabaseWrapper, query: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query over a whole table, ``size`` at a time: none of the others is kept."""
    if sqlite(connection):
        found = _raw(connection).execute(query)
        while some := found.fetchmany(size):
            yield some
        return
    with connection.chunked_cursor() as cursor:  # on the server; another would hold all rows here
        cursor.execute(query)
        while some := cursor.fetchmany(size):
            yield some


def streamed(connection: BaseDatabaseWrapper, query: str) -> Iterator[tuple[Any, ...]]:
    """The same, a row at a time."""
    for some in chunks(connection, query, 5_000):
        yield from some


def run(connection: BaseDatabaseWrapper, query: str, values: Sequence[Any] = ()) -> None:
    """A statement without an answer, likewise."""
    if sqlite(connection):
        _raw(connection).execute(_marked(query), values)
        return
    server.run(connection, query, values)


def run_each(connection: BaseDatabaseWrapper, query: str, values: Sequence[Sequence[Any]]) -> None:
    """A statement without an answer for each of several rows of values."""
    if not values:
        return
    if sqlite(connection):
        if len(values) == 1:
            _raw(connection).execute(_marked(query), values[0])
        else:
            _raw(connection).executemany(_marked(query), values)
        return
    server.run_each(connection, query, values)


def _raw(connection: BaseDatabaseWrapper) -> Any:
    if connection.connection is None:
        connection.ensure_connection()
    return connection.connection


@lru_cache(maxsize=256)
def _marked(query: str) -> str:
    return query.replace("%s", "?")


def insert(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts all rows. Table and columns are names of this module's caller, never of a person's."""
    raw = _raw(connection)
    if not sqlite(connection):
        server.insert(connection, table, tuple(columns), rows)
        return
    rows = iter(rows)
    while some := list(islice(rows, TURNED)):
        if len(some) < MANY:
            raw.executemany(_inserting(table, tuple(columns)), some)
        else:
            _insert_bound(connection, table, columns, zip(*some, strict=True))


INDEXED_AFTER = 20_000
"""Rows from which on the indexes of an empty table are made after them: half the work of SQLite."""


@contextmanager
def indexed_after(connection: BaseDatabaseWrapper, table: str, many: int) -> Iterator[None]:
    """Makes the indexes of ``table`` anew once it has its rows, where it was empty and is to have ``many``.
    Within a transaction, so that nobody ever finds it without them; on SQLite alone, as PostgreSQL would
    make readers wait."""
    if many < INDEXED_AFTER or not sqlite(connection) or rows(connection, f"SELECT 1 FROM {table} LIMIT 1"):  # noqa: S608 - our own names
        yield
        return
    query = "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index' AND sql IS NOT NULL"
    indexes = rows(connection, query, [table])
    for name, _ in indexes:
        run(connection, f'DROP INDEX "{name}"')
    yield
    for _, made in indexes:
        run(connection, made)


def insert_numbered(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Inserts rows without their numbers (the first of the columns), which follow the last that is there."""
    if not sqlite(connection) and len(rows) <= server.FEW:
        server.insert_numbered(connection, table, tuple(columns), rows)
        return
    (last,) = _last(connection, table, columns[0])
    insert(connection, table, columns, [(last + i, *row) for i, row in enumerate(rows, 1)])


def _last(connection: BaseDatabaseWrapper, table: str, column: str) -> tuple[Any, ...]:
    return rows(connection, f"SELECT coalesce(max({column}), 0) FROM {table}")[0]  # noqa: S608 - our own names


def insert_unseen(
    connection: BaseDatabaseWrapper, table: str, columns: tuple[str, ...], row: Sequence[Any], key: str
) -> bool:
    """Inserts one row unless there is one with its ``key``; answers whether it did.

    What is nothing is left out of the statement, see ``_insert_bound``.
    """
    query = _inserting_unseen(table, columns, tuple([value is not None for value in row]), key)
    values = [unadapted(value) for value in row if value is not None]
    if sqlite(connection):
        return bool(_raw(connection).execute(query, values).rowcount)
    return bool(server.rows(connection, query.replace("?", "%s") + " RETURNING 1", values))


@lru_cache(maxsize=256)
def _inserting_unseen(table: str, columns: tuple[str, ...], there: tuple[bool, ...], key: str) -> str:
    held = tuple(name for name, one in zip(columns, there, strict=True) if one)
    return f"{_inserting(table, held)} ON CONFLICT ({key}) DO NOTHING"


def insert_columns(
    connection: BaseDatabaseWrapper, table: str, columns: Mapping[str, Sequence[Any] | int | None]
) -> None:
    """The same for values by column, all equally many: a number for a column that is this number in every
    row, ``None`` for one that has no values. One column at least has values of its own."""
    connection.ensure_connection()
    if sqlite(connection):
        _insert_bound(connection, table, list(columns), columns.values())
        return
    many = next(len(values) for values in columns.values() if isinstance(values, Sequence))
    held = {
        name: repeat(values, many) if isinstance(values, int) else values
        for name, values in columns.items()
        if values is not None
    }
    server.insert(connection, table, tuple(held), zip(*held.values(), strict=True))


@lru_cache(maxsize=256)
def _inserting(table: str, columns: tuple[str, ...], marks: tuple[str, ...] = ()) -> str:
    values = ", ".join(marks or "?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 - our own names


def _insert_bound(
    connection: BaseDatabaseWrapper,
    table: str,
    columns: Sequence[str],
    values: Iterable[Sequence[Any] | int | None],
) -> None:
    """Inserts into SQLite, past what Python asks of each value that is no whole number and no text.

    For ``None`` and ``bytes`` its ``sqlite3`` looks for an adapter each time, which costs ten times what
    binding does and was a sixth of an import. A ``bytearray`` is bound as it is; for nothing a number is
    bound that no column of ours holds, and the statement turns it into NULL.
    """
    marks: list[str] = []
    bound: list[Iterable[Any]] = []
    for each in values:
        if each is None or isinstance(each, int):
            marks.append("NULL" if each is None else str(each))
            continue
        kinds = {int} if isinstance(each, range) else set(map(type, each))
        if kinds == {type(None)}:
            marks.append("NULL")
            continue
        some: Iterable[Any] = each
        if type(None) in kinds and float not in kinds:
            some = [_NOTHING if value is None else value for value in each]
            marks.append(f"nullif(?, {_NOTHING})")
        else:
            marks.append("?")
        if kinds == {bytes}:
            some = map(bytearray, each)
        bound.append(some)
    connection.connection.executemany(
        _inserting(table, tuple(columns), tuple(marks)), zip(*bound, strict=True)
    )


def unadapted(value: Any) -> Any:
    """Bytes bound without a look for an adapter, see ``_insert_bound``; anything else as it is."""
    return bytearray(value) if type(value) is bytes else value


def select_in(
    connection: BaseDatabaseWrapper, query: str, values: Sequence[Any], more: str = ""
) -> Iterator[tuple[Any, ...]]:
    """Rows of ``query`` (which ends before an ``IN``) for each of many values, in chunks, in no order."""
    if not values:
        return iter(())
    raw = _raw(connection)
    if not sqlite(connection):
        return server.select_any(connection, query, values, more)
    if len(values) <= CHUNK:
        found: Iterator[tuple[Any, ...]] = raw.execute(_in(query, len(values), more), _bound(values))
        return found
    return (
        row
        for i in range(0, len(values), CHUNK)
        for some in (values[i : i + CHUNK],)
        for row in raw.execute(_in(query, len(some), more), _bound(some))
    )


def _bound(values: Sequence[Any]) -> Sequence[Any]:
    """Bytes bound without a look for an adapter, see ``_insert_bound``."""
    return list(map(bytearray, values)) if type(values[0]) is bytes else values


@lru_cache(maxsize=512)
def _in(query: str, many: int, more: str) -> str:
    return f"{query} IN ({', '.join('?' * many)}) {more}"


def held_records(connection: BaseDatabaseWrapper, keys: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
    """Of these keys those in the log: the content first told, the formats that told it."""
    query = "SELECT key, content, told FROM store_record WHERE key"
    return {bytes(key): (content, told) for key, content, told in select_in(connection, query, keys)}


def held_variants(connection: BaseDatabaseWrapper, keys: Sequence[bytes]) -> set[tuple[bytes, int]]:
    """The variants (key, content) in the log of these keys."""
    query = "SELECT key, content FROM store_variant WHERE key"
    return {(bytes(key), content) for key, content in select_in(connection, query, keys)}


def first_told(connection: BaseDatabaseWrapper, keys: Sequence[bytes]) -> dict[bytes, tuple[Any, ...]]:
    """What was first told of these keys: kind, actor, target (numbers), at, object, text."""
    query = "SELECT key, kind, actor, target, at, object, text FROM store_record WHERE key"
    return {bytes(row[0]): (KINDS[row[1]], *row[2:]) for row in select_in(connection, query, keys)}


def held_keys(
    connection: BaseDatabaseWrapper, table: str, keys: Sequence[bytes], column: str = "key"
) -> set[bytes]:
    """Which of these keys a table has."""
    query = f"SELECT {column} FROM {table} WHERE {column}"  # noqa: S608 - our own names
    return {bytes(key) for (key,) in select_in(connection, query, keys)}


def held_accounts(connection: BaseDatabaseWrapper, addresses: Sequence[str]) -> dict[str, int]:
    """The numbers of those of these accounts that have one."""
    query = "SELECT address, id FROM store_account WHERE address"
    return dict(select_in(connection, query, addresses))


def addresses(connection: BaseDatabaseWrapper, numbers: Sequence[int]) -> dict[int, str]:
    """The addresses of these account numbers."""
    found: dict[int, str] = {0: ""}
    found.update(select_in(connection, "SELECT id, address FROM store_account WHERE id", numbers))
    return found


def add_sightings(connection: BaseDatabaseWrapper, position: int, again: dict[tuple[bytes, int], int]) -> int:
    """Notes that formats (bits) told of records (keys) they had not told of; answers the last position."""
    rows = []
    for (key, bit), origin in sorted(again.items()):
        position += 1
        rows.append((position, key, bit, origin))
    insert(connection, "store_sighting", ("position", "key", "format", "origin"), rows)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE store_record SET told = told | %s WHERE key = %s", [(row[2], row[1]) for row in rows]
        )
    return position
