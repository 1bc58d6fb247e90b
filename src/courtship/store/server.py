"""Statements to a PostgreSQL server past Django's cursors: planned once, and sent together.

To plan a statement and to wait for its answer costs more than to do it. Django's cursors put values into the
words of a statement, so that each is planned anew, and wait for each answer. These have a statement planned
once a connection, and within ``queued`` what only writes is not sent before something reads: then all of it
goes in one message there and one back. psycopg's own pipeline sends each statement by itself as it comes,
which saves nothing where the server is near; so the messages are made with its wrapper of libpq.
https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    from psycopg import Connection, Cursor
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGconn, PGresult

FEW = 64
"""Rows up to which they are inserted by a statement that names each: ``COPY`` waits for the server thrice."""

SOME = 1_000
"""Values up to which the rows of a look-up are fetched together."""

ANY = 50_000
"""Values looked up at a time."""

STATEMENTS = 500
"""Planned on a connection at most; then they are forgotten, and planned again as they come."""

_TEXT, _BINARY = 0, 1


class _Line:
    """The way to the server on one connection."""

    def __init__(self, raw: Connection[Any]) -> None:
        from psycopg.adapt import Transformer
        from psycopg.pq import ExecStatus, TransactionStatus
        from psycopg.waiting import Ready, Wait

        self._idle, self._synced = TransactionStatus.IDLE, ExecStatus.PIPELINE_SYNC
        self._both, self._read, self._readable = Wait.RW, Wait.R, Ready.R
        self.raw = raw
        self.planned: dict[bytes, bytes] = {}
        self.waiting: list[tuple[bytes, Sequence[Any]]] = []
        self.queues = False
        self._transformer = Transformer(raw)

    def run(self, query: str, values: Sequence[Any]) -> None:
        self.waiting.append((_numbered(query), values))
        if not self.queues:
            self.send()

    def rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        self.waiting.append((_numbered(query), values))
        answer = self.send()
        assert answer is not None
        self._transformer.set_pgresult(answer)
        return self._transformer.load_rows(0, answer.ntuples, tuple)

    def send(self) -> PGresult | None:
        """Sends everything that waits and waits for all answers; answers the last. Raises the first error."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return None
        if len(self.planned) > STATEMENTS:
            self.raw.execute("DEALLOCATE ALL")
            self.planned.clear()
        begun = [_told(values) for _, values in waiting]  # what cannot be told is not half-sent
        raw = self.raw
        with raw.lock:
            try:
                answers, named = self._exchange([query for query, _ in waiting], begun)
            except BaseException:
                raw.close()  # answers may still be on the way
                raise
        last = None
        for answer, query in zip(answers, named, strict=True):
            if answer.error_message:
                raise _error(answer, raw)
            if query:
                self.planned[query[0]] = query[1]
            last = answer
        return last

    def _exchange(
        self, queries: list[bytes], values: list[tuple[list[Any], list[int]]]
    ) -> tuple[list[PGresult], list[tuple[bytes, bytes] | None]]:
        """The answers in order; and of each which query was planned with it, under which name."""
        line, named = self.raw.pgconn, list[tuple[bytes, bytes] | None]()
        fresh: dict[bytes, bytes] = {}
        line.enter_pipeline_mode()
        if not self.raw.autocommit and line.transaction_status == self._idle:
            line.send_query_params(b"BEGIN", None)  # as psycopg's cursors begin it
            named.append(None)
        for query, (told, formats) in zip(queries, values, strict=True):
            name = self.planned.get(query) or fresh.get(query)
            if name is None:
                name = fresh[query] = b"courtship_%d" % (len(self.planned) + len(fresh))
                line.send_prepare(name, query)
                named.append((query, name))
            line.send_query_prepared(name, told, formats, result_format=_BINARY)
            named.append(None)
        line.pipeline_sync()
        answers = self.raw.wait(self._answers(line))
        line.exit_pipeline_mode()
        return answers, named

    def _answers(self, line: PGconn) -> PQGen[list[PGresult]]:
        """Sends what is to be sent, and reads up to the end of the message that comes back."""
        while line.flush():
            ready = yield self._both
            if ready & self._readable:
                line.consume_input()
        found: list[PGresult] = []
        while True:
            while line.is_busy():
                yield self._read
                line.consume_input()
            answer = line.get_result()
            if answer is None:  # between two statements
                continue
            if answer.status == self._synced:
                return found
            found.append(answer)


def _error(answer: PGresult, raw: Connection[Any]) -> Exception:
    from psycopg import errors

    return errors.error_from_result(answer, encoding=raw.info.encoding)


@lru_cache(maxsize=2048)
def _numbered(query: str) -> bytes:
    """With ``$1`` and so on for each ``%s``."""
    first, *rest = query.split("%s")
    return "".join([first, *(f"${i}{part}" for i, part in enumerate(rest, 1))]).encode()


def _told(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """Values as the server takes them, of the types that it expects; and in which form each is."""
    told: list[Any] = []
    forms: list[int] = []
    for value in values:
        kind = type(value)
        form = _TEXT
        if kind is int:
            told.append(b"%d" % value)
        elif kind is str:
            told.append(_word(value))
        elif value is None:
            told.append(None)
        elif isinstance(value, (bytes, bytearray, memoryview)):
            told.append(bytes(value))
            form = _BINARY
        elif isinstance(value, (list, tuple)):
            told.append(_array(value))
        elif isinstance(value, int):  # numpy's are none
            told.append(b"%d" % value)
        elif isinstance(value, str):
            told.append(_word(value))
        elif isinstance(value, float):
            told.append(repr(value).encode())
        else:
            told.append(b"%d" % int(value.__index__()))
        forms.append(form)
    return told, forms


def _word(value: str) -> bytes:
    word = value.encode()
    if b"\0" in word:
        from psycopg import DataError

        raise DataError("PostgreSQL text cannot hold zero bytes")
    return word


def _array(values: Sequence[Any]) -> bytes:
    """The words of an array. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO"""
    parts = []
    for value in values:
        if isinstance(value, str):
            parts.append(b'"%b"' % _word(value).replace(b"\\", b"\\\\").replace(b'"', b'\\"'))
        elif isinstance(value, (bytes, bytearray, memoryview)):
            parts.append(b'"\\\\x%b"' % value.hex().encode())
        elif value is None:
            parts.append(b"NULL")
        else:
            parts.append(b"%d" % value)
    return b"{%b}" % b",".join(parts)


def _line(connection: BaseDatabaseWrapper) -> _Line:
    if connection.connection is None:
        connection.ensure_connection()
    raw: Any = connection.connection
    held: _Line | None = getattr(connection, "courtship_line", None)
    if held is None or held.raw is not raw:
        held = _Line(raw)
        connection.courtship_line = held  # type: ignore[attr-defined]
    return held


def rows(connection: BaseDatabaseWrapper, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.wrap_database_errors:
        return _line(connection).rows(query, values)


def run(connection: BaseDatabaseWrapper, query: str, values: Sequence[Any]) -> None:
    """A statement without an answer."""
    with connection.wrap_database_errors:
        _line(connection).run(query, values)


def run_each(connection: BaseDatabaseWrapper, query: str, values: Sequence[Sequence[Any]]) -> None:
    """A statement without an answer for each of several rows of values."""
    with connection.wrap_database_errors:
        line, said = _line(connection), _numbered(query)
        for first in range(0, len(values), SOME):
            line.waiting += [(said, row) for row in values[first : first + SOME]]
            if not line.queues or len(values) > SOME:
                line.send()


def insert(
    connection: BaseDatabaseWrapper, table: str, columns: tuple[str, ...], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts all rows."""
    rows = iter(rows)
    few = list(islice(rows, FEW + 1))
    if len(few) <= FEW:
        run_each(connection, _inserting(table, columns), few)
        return
    with connection.wrap_database_errors:
        line = _line(connection)
        line.send()
        cursor: Cursor[Any] = line.raw.cursor()
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in chain(few, rows):
                copy.write_row(row)


@lru_cache(maxsize=256)
def _inserting(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names


def insert_numbered(
    connection: BaseDatabaseWrapper, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    """Inserts rows without their numbers, the first of the columns: the server gives them."""
    run_each(connection, _numbering(table, columns), rows)


@lru_cache(maxsize=64)
def _numbering(table: str, columns: tuple[str, ...]) -> str:
    last = f"(SELECT coalesce(max({columns[0]}), 0) + 1 FROM {table})"  # noqa: S608 - our own names
    marks = ", ".join(["%s"] * (len(columns) - 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({last}, {marks})"  # noqa: S608


def select_any(
    connection: BaseDatabaseWrapper, query: str, values: Sequence[Any], more: str
) -> Iterator[tuple[Any, ...]]:
    """Rows of ``query`` (which ends before an ``=``) for each of many values, in no order."""
    if len(values) == 1:
        # of an array it is not known how long it is, so that each would be planned anew
        return iter(rows(connection, f"{query} = %s {more}", values))
    said = f"{query} = ANY(%s) {more}"
    if len(values) <= SOME:
        return iter(rows(connection, said, [list(values)]))
    return _select_many(connection, said, values)


def _select_many(
    connection: BaseDatabaseWrapper, query: str, values: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    from psycopg import Cursor

    for first in range(0, len(values), ANY):
        with connection.wrap_database_errors:
            line = _line(connection)
            line.send()
            cursor = Cursor(line.raw)
            cursor.execute(query, [list(values[first : first + ANY])])
        yield from cursor


@contextmanager
def queued(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Within it what only writes waits to be sent until something reads, by these functions or by Django's
    cursors, or until it ends. To be begun right after a transaction and ended right before it: where that is
    no part of another, its end is sent with what waits.

    On SQLite, and within another, nothing changes.
    """
    if connection.vendor == "sqlite" or _line(connection).queues:
        yield
        return
    line = _line(connection)
    line.queues = True

    def sent_before(execute: Callable[..., Any], *given: Any) -> Any:
        line.send()
        return execute(*given)

    try:
        with connection.execute_wrapper(sent_before):
            yield
        with connection.wrap_database_errors:
            if len(connection.atomic_blocks) == 1 and not connection.needs_rollback:
                line.waiting.append((b"COMMIT", ()))  # Django's own then finds nothing left to end
            line.send()
    finally:
        line.queues = False
        line.waiting.clear()
