"""Bytes to text, lines and JSON: the encodings and damages that exports come with.

UTF-8 with or without a byte order mark and UTF-16 with one are read; whatever is neither is counted and
listed as one problem a file. Line ends may be LF or CRLF.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import orjson

from courtship.model import Problem
from courtship.sources import json_stream
from courtship.sources.tree import Entry

LONGEST_LINE: Final = 64 * 1024 * 1024
"""A longer line is none of any export's."""

WHOLE: Final = 8 * 1024 * 1024
"""JSON documents up to this size are parsed at once; larger ones item by item."""

NOT_UTF8: Final = "not UTF-8 (nor UTF-16 with its mark)"


class _Recoded(io.RawIOBase):
    """UTF-16 bytes read as UTF-8 ones. What cannot be decoded becomes U+FFFD."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            piece = self._stream.read(1 << 18)
            self._ready = self._decoder.decode(piece, final=not piece).encode("utf-8", "replace")
            if not piece:
                break
        data, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def utf8(entry: Entry) -> BinaryIO:
    """The entry's bytes as UTF-8 without a byte order mark (not yet checked to be valid)."""
    head = entry.head()
    stream = entry.open()
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.BufferedReader(_Recoded(stream), 1 << 18)
    if head.startswith(codecs.BOM_UTF8):
        stream.read(3)
    return stream


def head_utf8(entry: Entry) -> bytes:
    """The start of the entry as UTF-8, without mark and leading blanks; for recognition."""
    head = entry.head()
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head[: len(head) & ~1].decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


class Lines:
    """Lines of an entry: ``(number, bytes)``, from 1, without line ends, blank ones left out.

    Lines that are not UTF-8 are left out and counted; `problems` says so once for the whole file.
    """

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.bad = 0
        self.first_bad = 0
        self.first_bad_byte = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        number = 0
        with utf8(self._entry) as stream:
            while line := stream.readline(LONGEST_LINE):
                number += 1
                line = line.strip(b" \t\r\n")
                if not line:
                    continue
                if not line.isascii():
                    try:
                        line.decode()
                    except UnicodeDecodeError as error:
                        self.count_bad(number, error.start)
                        continue
                yield number, line

    def count_bad(self, number: int, byte: int) -> None:
        """Counts a line that is not UTF-8."""
        self.bad += 1
        if self.bad == 1:
            self.first_bad, self.first_bad_byte = number, byte

    def problems(self) -> Iterator[Problem]:
        """At the end: at most one problem, about the encoding."""
        if self.bad:
            lines = "this line is" if self.bad == 1 else f"{self.bad:,} lines from here on are"
            yield self._entry.problem(
                f"line {self.first_bad}",
                f"{lines} {NOT_UTF8} and left out; save the file as UTF-8 and import it again",
            )


def csv_rows(entry: Entry) -> Iterator[tuple[int, list[str]] | Problem]:
    """Rows of a CSV file (the header too) with the number of the line on which each ends.

    Comma, semicolon or tab, whichever the header holds most of. Rows with bytes that are not UTF-8 are
    left out and counted into one problem; a quote that never closes is a problem.
    """
    lines = Lines(entry)
    head = head_utf8(entry).split(b"\n", 1)[0]
    delimiter = max(",;\t", key=lambda mark: head.count(mark.encode()))
    with utf8(entry) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
        rows = csv.reader(text, delimiter=delimiter, strict=False)
        csv.field_size_limit(LONGEST_LINE)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                yield entry.problem(f"line {rows.line_num}", f"cannot be read as CSV ({error})")
                continue
            if not row:
                continue
            if not all(map(str.isascii, row)):
                try:
                    for cell in row:
                        cell.encode()
                except UnicodeEncodeError as error:
                    lines.count_bad(rows.line_num, error.start)
                    continue
            yield rows.line_num, row
    yield from lines.problems()


def json_document(entry: Entry) -> Any | Problem:
    """A whole JSON document of at most a few megabytes; a problem where it is none."""
    with utf8(entry) as stream:
        data = stream.read()
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return entry.problem(*_json_damage(data, error))


def _json_damage(data: bytes, error: orjson.JSONDecodeError) -> tuple[str, str]:
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        return f"byte {wrong.start}", f"is {NOT_UTF8}; save the file as UTF-8 and import it again"
    return (
        f"line {error.lineno}, column {error.colno}",
        "is not JSON from here on: damaged or cut short; get it again",
    )


def json_items(entry: Entry, *prefixes: str) -> Iterator[Any]:
    """Values in a JSON document at ``prefixes`` (`json_stream.items`), streamed where the file is large.

    Where the document is damaged, what stands before the damage is handed over, then one `Problem`.
    """
    with utf8(entry) as stream:
        source: BinaryIO = stream
        damage = entry.problem("", "is not JSON to its end: damaged, cut short or not UTF-8; get it again")
        if 0 < entry.size <= WHOLE:
            data = stream.read()
            try:
                document = orjson.loads(data)
            except orjson.JSONDecodeError as error:
                damage = entry.problem(*_json_damage(data, error))
                source = io.BytesIO(data)
            else:
                for prefix in prefixes:
                    yield from _at(document, prefix.split("."))
                return
        try:
            yield from json_stream.items(source, *prefixes)
        except json_stream.Damaged:
            yield damage


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    if not path or path == [""]:
        yield value
    elif path[0] == "item":
        if isinstance(value, list):
            for item in value:
                yield from _at(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])
