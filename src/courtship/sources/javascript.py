"""Archives that write JSON as JavaScript: ``window.YTD.tweets.part0 = [ … ]``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

import orjson

from courtship.sources.text import WHOLE, utf8
from courtship.sources.tree import Entry

LONGEST_NAME: Final = 512
"""Bytes before the ``=``; more is no such file."""

DAMAGE: Final = (
    "is not JSON from here on: damaged or cut short; what stands before is in, get the archive again"
)


def script_items(entry: Entry) -> Iterator[Any]:
    """The items of the array that the script assigns, or the one object; a `Problem` where it is damaged.

    Small files are parsed at once; of large ones one item is held at a time.
    """
    import ijson

    with utf8(entry) as stream:
        start = stream.read(LONGEST_NAME)
        name, sign, rest = start.partition(b"=")
        if not sign or b"[" in name or b"{" in name:
            yield entry.problem("line 1", "is no archive's script; get the archive again")
            return
        rest = rest.lstrip()
        if entry.size <= WHOLE:
            data = rest + stream.read()
            try:
                document = orjson.loads(data.rstrip().removesuffix(b";"))
            except orjson.JSONDecodeError as error:
                line = name.count(b"\n") + error.lineno
                damage = entry.problem(f"line {line}", DAMAGE)
                source: Any = io.BytesIO(data)
            else:
                yield from document if isinstance(document, list) else [document]
                return
        else:
            damage = entry.problem("", DAMAGE)
            source = _After(rest, stream)
        prefix = "item" if rest.startswith(b"[") else ""
        try:
            yield from ijson.items(source, prefix, use_float=True)
        except (ijson.JSONError, UnicodeDecodeError, ValueError):
            yield damage


class _After:
    """What was read already, then the rest of the stream; all that ijson asks for is ``read``."""

    def __init__(self, start: bytes, stream: Any) -> None:
        self._start, self._stream = start, stream

    def read(self, size: int = -1) -> bytes:
        if self._start:
            start, self._start = self._start, b""
            return start if size < 0 or len(start) <= size else self._keep(start, size)
        data: bytes = self._stream.read(size)
        return data

    def _keep(self, start: bytes, size: int) -> bytes:
        self._start = start[size:]
        return start[:size]
