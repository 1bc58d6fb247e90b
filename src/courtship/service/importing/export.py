"""Exports: everything as JSON Lines that import again without loss, or the activities as the flat table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson

from courtship.errors import NotAllowed, StoreFailure
from courtship.model import Activity
from courtship.platforms.own_export import to_activitystreams
from courtship.store.log import telling
from courtship.tables import activity_schema

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

Progress = Callable[[int], None]
"""Called now and then with the number of lines written so far."""

EVERY = 5_000
FORMATS = (".jsonl", ".parquet")


class Exported(NamedTuple):
    """``activities`` of all ``lines`` written to ``path``."""

    path: Path
    lines: int
    activities: int


def export(workspace: Workspace, path: Path, progress: Progress | None = None) -> Exported:
    """Writes ``path``, whole or not at all; its ending says what.

    ``.jsonl``: every record as ActivityStreams 2.0 or a ``courtship:`` line, and every decision
    (``platforms/own_export.py``). ``.parquet``: the activities in force as the flat table. Raises NotAllowed
    for another ending, StoreFailure where the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise NotAllowed(f"{path.name} says no format; name it with {' or '.join(FORMATS)} at its end")
    part = path.with_name(f".{path.name}.part")
    try:
        write = _json_lines if path.suffix == ".jsonl" else _parquet
        done = write(workspace, part, progress)
        part.replace(path)
    except OSError as error:
        raise StoreFailure(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return done._replace(path=path)


def _json_lines(workspace: Workspace, path: Path, progress: Progress | None) -> Exported:
    written = activities = 0
    with path.open("wb") as file:
        for decision in workspace.decisions(include_undone=True):
            file.write(orjson.dumps(to_activitystreams(decision), option=orjson.OPT_APPEND_NEWLINE))
            written += 1
        for record in telling.told(workspace):
            file.write(orjson.dumps(to_activitystreams(record), option=orjson.OPT_APPEND_NEWLINE))
            written += 1
            activities += isinstance(record, Activity)
            if progress and written % EVERY == 0:
                progress(written)
        file.flush()
        os.fsync(file.fileno())
    return Exported(path, written, activities)


def _parquet(workspace: Workspace, path: Path, progress: Progress | None) -> Exported:
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.timestamp("us", tz="UTC")
    checked = activity_schema()
    shown = pa.schema(
        [pa.field(f.name, moment if f.name in ("at", "ended") else f.type, f.nullable) for f in checked]
    )
    written = 0
    with pq.ParquetWriter(path, shown) as writer:
        for some in telling.activities(workspace):
            if not some:
                continue
            columns = list(zip(*(act[: len(checked)] for act in some), strict=True))
            arrays = [pa.array(values, field.type) for values, field in zip(columns, checked, strict=True)]
            arrays = [array.cast(field.type) for array, field in zip(arrays, shown, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=shown))
            written += len(some)
            if progress:
                progress(written)
    return Exported(path, written, written)
