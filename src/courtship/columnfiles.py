"""Files of activities by person, which the kernel reads: in the columnar cache, a lake, the benchmarks.

A *bucket* is a folder of three files:

``rows.arrow`` or ``rows.parquet``
    ``person`` int32, ``at`` int64 (UTC microseconds), ``act`` uint8 (``columns.Bucket``): one row an
    activity, in the order (person, at, rank). Anybody can read it; ``person`` is there for others, the
    kernel does not read it. It is cut into *parts*, a record batch or row group each, which hold whole
    people only and about ``PART`` activities, so that one can be walked while the next is read.
``people.arrow``
    ``person`` int32 and ``count`` int64: the people in the same order and how many rows each has. The
    schema's metadata has ``courtship.format``, ``courtship.form`` (of the rows), ``courtship.row``
    (``Bucket.row``) and ``courtship.parts``, for each part how many people and rows.
``ends.arrow``
    ``row`` (place in the file of rows), ``ended``, ``rank``, ``tie``, int64: those that end.

The metadata has ``courtship.sums`` too, CRC-32 of what was written: one over ``person``, ``count`` and the
columns of those that end, then one for each part over its ``at`` and ``act``. Who opens a bucket says
whether they are ``checked``: it costs about as much as reading.

Arrow files are mapped, not read. Parquet is written without dictionary, compression and statistics, and a
column of a part as one page: numbers of these kinds shrink little, and decoding was what cost. Such a page
is mapped as well; other pages (another writer's, or in a file system) are decoded by PyArrow.

A bucket is whole when ``people.arrow`` is there, which is written last. Where a ``filesystem`` (of
``pyarrow.fs``; ``PyFileSystem(FSSpecHandler(...))`` for any of fsspec) is given, ``folder`` is an address in
it. Importing this module loads nothing; calling it loads PyArrow.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from courtship.columns import Bucket
from courtship.errors import CourtshipError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pyarrow.fs import FileSystem

FORMAT: Final = "1"
"""Of the files; another number makes older files worthless."""

PART: Final = 500_000
"""About so many activities are read at once."""

_PAGE: Final = 2**30
"""No page of a Parquet file is larger than a part is, so that a column of a part is one page."""

Form = Literal["arrow", "parquet"]


class BadBucket(CourtshipError):
    """The files of a bucket are not there, not whole, or of another format."""


@dataclass(frozen=True, slots=True)
class BucketFiles:
    """An open bucket. ``people`` and ``rows`` say how many of each part there are; ``row`` is the place of
    its first activity among those of all."""

    people: Sequence[int]
    rows: Sequence[int]
    row: int
    _whole: Bucket
    _reader: _Rows
    _sums: Sequence[int] = ()

    def read(self, part: int) -> Bucket:
        """One part; of an Arrow file, views of what is mapped. Safe in several threads at once. Raises
        ``BadBucket`` where the rows cannot be read, or where they are checked and not what was written."""
        import numpy as np
        import pyarrow as pa

        whole = self._whole
        low = sum(self.people[:part])
        high = low + self.people[part]
        first, last = int(whole.start[low]), int(whole.start[high])
        from_end, to_end = np.searchsorted(whole.ends, [first, last])
        try:
            at, act = self._reader.read(part)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise BadBucket(f"The rows of a bucket cannot be read ({error}); write them again.") from error
        if self._sums and _sum(at, act) != self._sums[part]:
            raise BadBucket("The rows of a bucket are not those that were written; write them again.")
        return Bucket(
            whole.person[low:high],
            self.row + first,
            whole.start[low : high + 1] - first,
            at,
            act,
            whole.ends[from_end:to_end] - first,
            *(each[from_end:to_end] for each in (whole.ended, whole.rank, whole.tie)),
        )

    def whole(self) -> Bucket:
        """All of it as one."""
        import numpy as np

        parts = [self.read(part) for part in range(len(self.rows))]
        at = np.concatenate([np.empty(0, np.int64), *(part.at for part in parts)])
        act = np.concatenate([np.empty(0, np.uint8), *(part.act for part in parts)])
        return replace(self._whole, at=at, act=act)


def write_bucket(
    folder: str | Path,
    bucket: Bucket,
    *,
    form: Form = "arrow",
    part: int = PART,
    filesystem: FileSystem | None = None,
) -> None:
    """Writes the three files into ``folder``, which is made where it is not there."""
    import numpy as np
    import pyarrow as pa

    where = _Place(folder, filesystem)
    spans = list(_spans(bucket, part))
    start = bucket.start
    sink = where.write(f"rows.{form}")
    schema = pa.schema([pa.field(name, kind, nullable=False) for name, kind in _kinds()])
    with sink, _writer(sink, schema, form) as writer:
        for low, high in spans:
            rows = slice(int(start[low]), int(start[high]))
            person = np.repeat(bucket.person[low:high], np.diff(start[low : high + 1]))
            arrays = [pa.array(each) for each in (person, bucket.at[rows], bucket.act[rows])]
            batch = pa.record_batch(arrays, schema=schema)
            if form == "arrow":
                writer.write_batch(batch)
            else:
                writer.write_table(pa.Table.from_batches([batch]), row_group_size=max(len(batch), 1))
    where.table(
        "ends.arrow", {"row": bucket.ends, "ended": bucket.ended, "rank": bucket.rank, "tie": bucket.tie}, {}
    )
    parts = [[high - low, int(start[high] - start[low])] for low, high in spans]
    counts = np.diff(start)
    sums = [_sum(bucket.person, counts, bucket.ends, bucket.ended, bucket.rank, bucket.tie)]
    sums += [
        _sum(bucket.at[start[low] : start[high]], bucket.act[start[low] : start[high]]) for low, high in spans
    ]
    said = {"courtship.format": FORMAT, "courtship.form": form, "courtship.row": str(bucket.row)}
    said["courtship.parts"], said["courtship.sums"] = json.dumps(parts), json.dumps(sums)
    where.table("people.arrow", {"person": bucket.person, "count": counts}, said)


def open_bucket(
    folder: str | Path, *, filesystem: FileSystem | None = None, checked: bool = False
) -> BucketFiles:
    """Opens the files in ``folder``. Raises ``BadBucket``, where they are ``checked`` also if they are not
    what was written."""
    import numpy as np
    import pyarrow as pa

    where = _Place(folder, filesystem)
    try:
        people, ends = (where.read(name).read_all() for name in ("people.arrow", "ends.arrow"))
        said = {key.decode(): value.decode() for key, value in (people.schema.metadata or {}).items()}
        if said.get("courtship.format") != FORMAT:
            raise BadBucket(f"{folder} was written by another version of Courtship; write it again.")
        parts = json.loads(said["courtship.parts"])
        columns = {name: _numbers(people, name) for name in people.column_names}
        columns |= {name: _numbers(ends, name) for name in ends.column_names}
        reader: _Rows = (_ArrowRows if said["courtship.form"] == "arrow" else _ParquetRows)(where, parts)
        sums: list[int] = json.loads(said["courtship.sums"]) if checked else []
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise BadBucket(f"The files in {folder} cannot be read ({error}); write them again.") from error
    start = np.zeros(len(columns["count"]) + 1, np.int64)
    np.cumsum(columns["count"], out=start[1:])
    row = int(said["courtship.row"])
    none = np.empty(0, np.int64), np.empty(0, np.uint8)
    facts = [columns[name] for name in ("row", "ended", "rank", "tie")]
    if checked and _sum(columns["person"], columns["count"], *facts) != sums[0]:
        raise BadBucket(f"The files in {folder} are not as they were written; write them again.")
    whole = Bucket(columns["person"], row, start, *none, *facts)
    people_of, rows_of = [each[0] for each in parts], [each[1] for each in parts]
    return BucketFiles(people_of, rows_of, row, whole, reader, sums[1:])


# ---------------------------------------------------------------- the rows


class _Rows(Protocol):
    def read(self, part: int) -> tuple[Any, Any]:
        """``at`` and ``act`` of the rows of a part."""
        ...


class _ArrowRows:
    def __init__(self, where: _Place, parts: list[list[int]]) -> None:
        self._file = where.read("rows.arrow")
        if self._file.num_record_batches != len(parts):
            raise ValueError("the rows are not all there")

    def read(self, part: int) -> tuple[Any, Any]:
        batch = self._file.get_batch(part)
        return _array(batch["at"]), _array(batch["act"])


class _ParquetRows:
    def __init__(self, where: _Place, parts: list[list[int]]) -> None:
        import pyarrow.parquet as pq

        self._where = where
        self._metadata = pq.read_metadata(where.source("rows.parquet"))
        if [self._metadata.row_group(i).num_rows for i in range(self._metadata.num_row_groups)] != [
            rows for _, rows in parts
        ]:
            raise ValueError("the rows are not all there")

    def read(self, part: int) -> tuple[Any, Any]:
        import numpy as np
        import pyarrow.parquet as pq

        source = self._where.source("rows.parquet")
        group = self._metadata.row_group(part)
        plain = [
            _plain(source, group, column, kind) if self._where.mapped else None
            for column, kind in ((1, np.int64), (2, np.int32))
        ]
        if plain[0] is not None and plain[1] is not None:
            return plain[0], plain[1].astype(np.uint8)  # Parquet has no smaller numbers than int32
        with pq.ParquetFile(source, metadata=self._metadata) as file:
            table = file.read_row_group(part, columns=["at", "act"], use_threads=False)
        return _numbers(table, "at"), _numbers(table, "act")


def _plain(source: pa.MemoryMappedFile, group: Any, column: int, kind: Any) -> Any:
    """A column of a row group as it is mapped, if it is one page of plain values; else ``None``.

    Such a page is a header and then the values as they are in memory. The header (``PageHeader`` in Thrift's
    compact protocol, https://parquet.apache.org/docs/file-format/data-pages/) begins with field 1, the type
    of the page (0: data), and field 2, how many bytes follow the header.
    """
    import numpy as np

    chunk, rows = group.column(column), group.num_rows
    size = rows * np.dtype(kind).itemsize
    before = chunk.total_compressed_size - size
    if chunk.compression != "UNCOMPRESSED" or chunk.has_dictionary_page or not 4 < before < 100:
        return None
    source.seek(chunk.data_page_offset)
    page = source.read_buffer(before + size)
    head = bytes(page[:before])
    said, place = 0, 3
    while place < 12:
        said |= (head[place] & 0x7F) << 7 * (place - 3)
        place += 1
        if head[place - 1] < 0x80:
            break
    if head[:3] != b"\x15\x00\x15" or said != 2 * size:
        return None
    values = np.ndarray(rows, kind, page, before)
    values.flags.writeable = False
    return values


class _Place:
    """A folder, here or in a file system."""

    def __init__(self, folder: str | Path, filesystem: FileSystem | None) -> None:
        self._folder, self._filesystem = str(folder).rstrip("/"), filesystem
        self.mapped = filesystem is None

    def source(self, name: str) -> Any:
        """A file opened for reading; mapped where it is here."""
        import pyarrow as pa

        path = f"{self._folder}/{name}"
        return pa.memory_map(path) if self._filesystem is None else self._filesystem.open_input_file(path)

    def read(self, name: str) -> pa.RecordBatchFileReader:
        import pyarrow as pa

        return pa.ipc.open_file(self.source(name))

    def write(self, name: str) -> Any:
        import pyarrow as pa

        if self._filesystem is None:
            Path(self._folder).mkdir(parents=True, exist_ok=True)
            return pa.OSFile(f"{self._folder}/{name}", "wb")
        self._filesystem.create_dir(self._folder, recursive=True)
        return self._filesystem.open_output_stream(f"{self._folder}/{name}")

    def table(self, name: str, columns: dict[str, Any], metadata: dict[str, str]) -> None:
        import pyarrow as pa

        table = pa.table({key: pa.array(values) for key, values in columns.items()}, metadata=metadata)
        with self.write(name) as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)


def _kinds() -> list[tuple[str, pa.DataType]]:
    import pyarrow as pa

    return [("person", pa.int32()), ("at", pa.int64()), ("act", pa.uint8())]


def _writer(sink: Any, schema: pa.Schema, form: Form) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if form == "arrow":
        return pa.ipc.new_file(sink, schema)
    return pq.ParquetWriter(
        sink,
        schema,
        compression="none",
        use_dictionary=False,
        write_statistics=False,
        store_schema=False,
        data_page_size=_PAGE,
        max_rows_per_page=_PAGE,
    )


def _spans(bucket: Bucket, part: int) -> Iterator[tuple[int, int]]:
    """The people of each part: of ``part`` activities or the first few more that make them whole."""
    import numpy as np

    low, people = 0, len(bucket.person)
    while low < people:
        high = int(np.searchsorted(bucket.start, bucket.start[low] + part, side="left"))
        high = min(max(high, low + 1), people)
        yield low, high
        low = high


def _sum(*columns: Any) -> int:
    """CRC-32 of these columns, one after another."""
    import numpy as np

    told = 0
    for column in columns:
        told = zlib.crc32(np.ascontiguousarray(column).data, told)
    return told


def _numbers(table: Any, name: str) -> Any:
    column = table[name]
    return _array(column.chunk(0) if column.num_chunks == 1 else column.combine_chunks())


def _array(column: Any) -> Any:
    """A view as NumPy; ``to_numpy`` would load pandas where that is installed, a quarter of a second."""
    import numpy as np

    return np.from_dlpack(column)
