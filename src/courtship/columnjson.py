"""JSON of many people at once, from columns: a text each, and no Python object for each number in it.

A text is made of pieces, of which everybody has the same in the same order: words between, and numbers,
truths, lists and rows of each person's own. It is written as orjson writes it, byte by byte, with nothing
between the values (https://www.rfc-editor.org/rfc/rfc8259); tests hold the two together. Numbers are of 64
bits, but for the least of these, which has no opposite.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import orjson

from courtship.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Piece(IntEnum):
    """What stands in everybody's text at one place."""

    WORDS = 0
    NUMBER = 1
    TRUTH = 2
    LIST = 3
    ROW = 4


class Part(NamedTuple):
    """One piece. ``low`` and ``high`` say which rows of ``cells`` are each person's: none of a list where
    ``low`` is negative (``null``), none or one of a row (``null`` without). Rows of one column are plain
    numbers; where ``names`` are given the last column is a place among them. A number or a truth is the one
    column of one row a person."""

    piece: Piece
    words: bytes = b""
    cells: NDArray[np.int64] | None = None
    low: NDArray[np.int64] | None = None
    high: NDArray[np.int64] | None = None
    names: Sequence[str] = ()


def words(said: bytes) -> Part:
    """The same in everybody's text."""
    return Part(Piece.WORDS, said)


def number(values: NDArray[np.int64]) -> Part:
    """A whole number of each person's."""
    return Part(Piece.NUMBER, cells=values)


def truth(values: NDArray[np.bool_]) -> Part:
    """``true`` or ``false`` of each person."""
    return Part(Piece.TRUTH, cells=values.astype(np.int64))


def listed(
    cells: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    names: Sequence[str] = (),
) -> Part:
    """A list of each person's."""
    return Part(Piece.LIST, b"", cells, low, high, names)


def row(
    cells: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    names: Sequence[str] = (),
) -> Part:
    """A row of each person's, or ``null``."""
    return Part(Piece.ROW, b"", cells, low, high, names)


_LONGEST: Final = 21
"""Characters that a whole number of 64 bits takes at most, with what parts it from the next."""


def written(parts: Sequence[Part], people: NDArray[np.int64]) -> list[bytes]:
    """The texts of these ``people`` (places)."""
    said = bytearray()
    codes: list[tuple[int, int, int, int, int]] = []
    cells: list[NDArray[np.int64]] = []
    bounds: list[NDArray[np.int64]] = []
    names: dict[tuple[str, ...], tuple[int, int]] = {}
    place: list[int] = []
    at = room = 0
    every = np.arange(int(people.max(initial=-1)) + 1)
    for part in parts:
        room += len(part.words) + 2
        if part.cells is None:
            codes.append((part.piece, len(said), len(part.words), 0, -1))
            bounds += [every, every]
            said += part.words
            continue
        width = 1 if part.cells.ndim == 1 else part.cells.shape[1]
        named = -1
        longest = 0
        if part.names:
            texts = tuple(part.names)
            if texts not in names:
                names[texts] = len(place), max(len(orjson.dumps(one)) for one in texts)
                for one in texts:
                    place += [len(said), len(orjson.dumps(one))]
                    said += orjson.dumps(one)
            named, longest = names[texts]
        codes.append((part.piece, at, width, 0, named))
        flat = np.ascontiguousarray(part.cells, np.int64).reshape(-1)
        cells.append(flat)
        at += len(flat)
        if part.low is None or part.high is None:
            bounds += [every, every + 1]
            room += _LONGEST
        else:
            bounds += [part.low, part.high]
            rows = np.maximum(part.high[people] - part.low[people], 0).max(initial=0)
            room += 6 + int(rows) * (width * _LONGEST + longest + 3)
    starts = np.zeros((len(bounds), len(every)), np.int64)
    for number_, bound in enumerate(bounds):
        starts[number_] = bound[: len(every)]
    return _texts(
        np.array(codes, np.int64).reshape(-1, 5),
        np.concatenate([*cells, np.zeros(1, np.int64)]),
        starts,
        np.frombuffer(bytes(said) + b" ", np.uint8),
        np.array([*place, 0], np.int64),
        people.astype(np.int64),
        room,
    )


def _texts(
    codes: NDArray[np.int64],
    cells: NDArray[np.int64],
    bounds: NDArray[np.int64],
    said: NDArray[np.uint8],
    names: NDArray[np.int64],
    people: NDArray[np.int64],
    room: int,
) -> list[bytes]:
    made: list[bytes] = []
    some = max(1, _AT_ONCE // max(room, 1))
    out = np.empty(room * min(some, len(people)), np.uint8)
    ends = np.empty(min(some, len(people)), np.int64)
    for low in range(0, len(people), some):
        here = people[low : low + some]
        _write(codes, cells, bounds, said, names, here, out, ends)
        text, begin = out[: ends[len(here) - 1]].tobytes(), 0
        for end in ends[: len(here)].tolist():
            made.append(text[begin:end])
            begin = end
    return made


_AT_ONCE: Final = 1 << 23
"""Bytes to be written into at a time; where one text may take more, that one's."""


@compiled
def _write(
    codes: NDArray[np.int64],
    cells: NDArray[np.int64],
    bounds: NDArray[np.int64],
    said: NDArray[np.uint8],
    names: NDArray[np.int64],
    people: NDArray[np.int64],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> None:
    place = 0
    for i in range(len(people)):
        person = people[i]
        for part in range(len(codes)):
            piece, base, width, named = codes[part, 0], codes[part, 1], codes[part, 2], codes[part, 4]
            if piece == 0:
                for n in range(base, base + width):
                    out[place] = said[n]
                    place += 1
                continue
            low, high = bounds[2 * part, person], bounds[2 * part + 1, person]
            if piece == 2:
                place = _word(out, place, cells[base + low] != 0, False)
                continue
            if low < 0 or (piece == 4 and low == high):
                place = _word(out, place, False, True)
                continue
            if piece == 3:
                out[place] = 91
                place += 1
            for line in range(low, high):
                if line > low:
                    out[place] = 44
                    place += 1
                if width > 1:
                    out[place] = 91
                    place += 1
                for column in range(width):
                    if column:
                        out[place] = 44
                        place += 1
                    value = cells[base + line * width + column]
                    if named >= 0 and column == width - 1:
                        begin = names[named + 2 * value]
                        for n in range(begin, begin + names[named + 2 * value + 1]):
                            out[place] = said[n]
                            place += 1
                    else:
                        place = _number(out, place, value)
                if width > 1:
                    out[place] = 93
                    place += 1
            if piece == 3:
                out[place] = 93
                place += 1
        ends[i] = place


_NULL: Final = np.frombuffer(b"null", np.uint8)
_TRUE: Final = np.frombuffer(b"true", np.uint8)
_FALSE: Final = np.frombuffer(b"false", np.uint8)


@compiled
def _word(out: NDArray[np.uint8], place: int, true: bool, null: bool) -> int:
    letters = _NULL if null else (_TRUE if true else _FALSE)
    for n in range(len(letters)):
        out[place + n] = letters[n]
    return place + len(letters)


@compiled
def _number(out: NDArray[np.uint8], place: int, value: int) -> int:
    if value < 0:
        out[place] = 45
        place += 1
        value = -value
    many, rest = 1, value // 10
    while rest:
        many += 1
        rest //= 10
    for n in range(many - 1, -1, -1):
        out[place + n] = 48 + value % 10
        value //= 10
    return place + many
