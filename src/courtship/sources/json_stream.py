"""Items of a JSON document, one at a time: memory grows with the largest item, not with the document.

The standard library's scanner decodes each item from a sliding window of text; containers above the items
are walked here. That is several times as fast as a parser of events.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, BinaryIO, Final

WINDOW: Final = 1 << 20
LARGEST: Final = 256 * 1024 * 1024
"""Characters; an item beyond it is damage."""

_BLANK = re.compile(r"[ \t\r\n]*")
_decode = JSONDecoder(strict=False).raw_decode


class Damaged(ValueError):
    """The document is no JSON from some place on."""


class _Text:
    """A sliding window over the document. ``at`` is the place in ``text`` that is read next."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.text = ""
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        """Reads on; false at the end of the document."""
        if self.ended:
            return False
        left = self.text[self.at :]
        if len(left) > LARGEST:
            raise Damaged
        piece = self._stream.read(max(WINDOW, len(left)))
        try:
            self.text = left + self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            self.text = left + piece[: error.start].decode("utf-8", "ignore")
            self.ended = True
        self.at = 0
        self.ended = self.ended or not piece
        return True

    def next(self) -> str:
        """The next character that is no blank, without taking it; ``""`` at the end."""
        while True:
            here = self.text[self.at : self.at + 1]
            if here and here not in " \t\r\n":
                return here
            found = _BLANK.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, mark: str) -> None:
        """Takes a character that must come next."""
        if self.next() != mark:
            raise Damaged
        self.at += 1

    def value(self) -> Any:
        """Decodes and takes the next value, whatever its size."""
        self.next()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - 16
                if not cut or not self.more():
                    raise Damaged from None
            except RecursionError:
                raise Damaged from None
            else:
                # A number at the end of the window may go on in the next, perhaps after ``e+``.
                if end >= len(self.text) - 2 and not isinstance(value, (dict, list, str)) and self.more():
                    continue
                self.at = end
                return value


def items(stream: BinaryIO, *prefixes: str) -> Iterator[Any]:
    """Values at ``prefixes``, e.g. ``"orderedItems.item"``, in the order of the document.

    Keys are joined by ``.``, an array's elements are ``item``, the document itself is ``""``. `Damaged` after
    the last whole item where the document is damaged, cut short or not UTF-8.
    """
    text = _Text(stream)
    if text.next() == "":
        raise Damaged
    yield from _walk(text, "", frozenset(prefixes), tuple(f"{prefix}." for prefix in prefixes))
    if text.next() != "":
        raise Damaged


def _walk(text: _Text, here: str, wanted: frozenset[str], deeper: tuple[str, ...]) -> Iterator[Any]:
    """Reads one value at the path ``here``: hands it over, walks into it, or skips it."""
    if here in wanted:
        yield text.value()
        return
    opening = text.next()
    inside = f"{here}." if here else ""
    if opening not in {"{", "["} or not (here == "" or any(prefix.startswith(inside) for prefix in deeper)):
        text.value()
        return
    closing = "}" if opening == "{" else "]"
    text.take(opening)
    if text.next() == closing:
        text.take(closing)
        return
    child = f"{inside}item"
    while True:
        if opening == "{":
            key = text.value()
            if not isinstance(key, str):
                raise Damaged
            child = inside + key
            text.take(":")
        if child in wanted:  # without a generator of its own: a list may have millions
            yield text.value()
        else:
            yield from _walk(text, child, wanted, deeper)
        after = text.next()
        if after != closing and after != ",":
            raise Damaged
        text.at += 1
        if after == closing:
            return
