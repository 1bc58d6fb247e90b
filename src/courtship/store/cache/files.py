"""The files of one layer of the columnar cache: rows by account, written in pieces and read by memory map.

``accounts.arrow`` has of each account (sorted by ``address``) its ``count`` of rows, which may be none, and
``told`` (see ``AccountRows``). ``rows.bin`` has the columns one after another, each whole, as they are in
memory: the places in the words of the ids (one more than there are rows), ``at``, ``ended``, ``rank`` and
``record`` (eight bytes a row), ``kind``, ``outbound`` and ``precise`` (one byte), the words of the ids. So a
layer is written with no more than a piece of it in memory, and every column is read as one array without a
copy; an Arrow file has its columns whole only where it is written whole.
"""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from courtship.model import Address
from courtship.store.cache.accountrows import AccountRows, Ints

FORMAT = "2"
"""Of the files; another number makes older files worthless."""

MAKING = "-making"
"""Ends the name of a folder that is still being made."""

_WIDE = ("at", "ended", "rank", "record")
_NARROW = ("kind", "outbound", "precise")


class CacheGone(Exception):
    """The files of a layer are not there, or not whole. ``layers`` are all that were read together."""

    layers: Sequence[Any] = ()


class Piece(NamedTuple):
    """Some rows: ``columns`` by name, their ids as a ``large_string`` array."""

    columns: dict[str, NDArray[Any]]
    id: pa.Array


def save(
    folder: Path, addresses: Sequence[Address], counts: Ints, told: Ints, pieces: Iterable[Piece]
) -> None:
    """Writes a layer, whole and on the disk, under a name that nobody reads before."""
    making = folder.with_name(f"{folder.name}{MAKING}")
    making.mkdir(parents=True)
    try:
        _write_rows(making / "rows.bin", int(counts.sum()), pieces)
        table = pa.table(
            {"address": pa.array(addresses, pa.string()), "count": pa.array(counts), "told": pa.array(told)}
        )
        with (making / "accounts.arrow").open("wb") as file:
            with pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            to_disk(file)
        names_to_disk(making)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    making.rename(folder)
    names_to_disk(folder.parent)


def _write_rows(path: Path, size: int, pieces: Iterable[Piece]) -> None:
    with path.open("wb") as file:
        row, word = 0, 0
        file.write(bytes(8))
        for piece in pieces:
            ends, words = _words(piece.id, word)
            _at(file, 8 + 8 * row, ends)
            for name, place, width in _places(size):
                _at(file, place + width * row, piece.columns[name])
            _at(file, _fixed(size) + word, words)
            row += len(piece.id)
            word += len(words)
        if row != size:
            raise ValueError(f"{row} rows were written of {size}")
        file.truncate(_fixed(size) + word)
        to_disk(file)


def load(folder: Path) -> AccountRows:
    """A layer by memory map. Raises CacheGone where its files are not there or not whole."""
    try:
        with pa.ipc.open_file(pa.memory_map(str(folder / "accounts.arrow"))) as reader:
            accounts = reader.read_all().combine_chunks()
        with (folder / "rows.bin").open("rb") as file:
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise CacheGone(str(error)) from error
    counts = _whole(accounts["count"]).to_numpy()
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    size = int(start[-1])
    if len(held) < _fixed(size):
        raise CacheGone(f"{folder} was cut off")
    words = np.frombuffer(held, np.int64, size + 1)
    if len(held) != _fixed(size) + int(words[-1]):
        raise CacheGone(f"{folder} was cut off")
    whole = memoryview(held)
    columns: dict[str, Any] = {
        name: np.frombuffer(held, np.int64 if width == 8 else np.uint8, size, place)
        for name, place, width in _places(size)
    }
    ids = pa.LargeStringArray.from_buffers(
        size, pa.py_buffer(whole[: 8 * (size + 1)]), pa.py_buffer(whole[_fixed(size) :])
    )
    return AccountRows(
        addresses=_whole(accounts["address"]),
        start=start,
        id=ids,
        told=_whole(accounts["told"]).to_numpy(),
        **columns,
    )


def _places(size: int) -> list[tuple[str, int, int]]:
    """Name, place in the file and bytes a row of each column."""
    wide = [(name, 8 * (size + 1) + 8 * size * i, 8) for i, name in enumerate(_WIDE)]
    after = 8 * (size + 1) + 8 * size * len(_WIDE)
    return wide + [(name, after + size * i, 1) for i, name in enumerate(_NARROW)]


def _fixed(size: int) -> int:
    """Where the words of the ids begin."""
    return 8 * (size + 1) + size * (8 * len(_WIDE) + len(_NARROW))


def _words(ids: pa.Array, before: int) -> tuple[Ints, memoryview]:
    """Where each id ends, after so many bytes before them, and the words."""
    if not len(ids):
        return np.empty(0, np.int64), memoryview(b"")
    _, places, words = ids.buffers()
    ends = np.frombuffer(places, np.int64, len(ids) + 1, 8 * ids.offset)
    begin, end = int(ends[0]), int(ends[-1])
    held = memoryview(words)[begin:end] if words is not None else memoryview(b"")
    return ends[1:] + (before - begin), held


def _at(file: Any, place: int, values: Any) -> None:
    file.seek(place)
    file.write(values if isinstance(values, memoryview) else np.ascontiguousarray(values).data)


def to_disk(file: Any) -> None:
    """Waits until what was written to the file is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def names_to_disk(folder: Path) -> None:
    """Likewise for the names of the files in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _whole(column: pa.ChunkedArray) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
