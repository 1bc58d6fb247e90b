"""The lake: buckets of people in a folder or an object store, from which any engine reckons.

``ADDRESS`` is whatever fsspec opens (a path, ``memory://``, ``s3://`` with its package installed).

``ADDRESS/lake.json`` the manifest: ``format``, ``stamp`` (of what it was written from), ``folder``,
``people``, ``activities`` and the ``buckets`` in their order. ``ADDRESS/FOLDER/bucket-00000/`` three files
(``courtship.columnfiles``); a bucket holds whole people, about as many activities as the others.

A lake is written into a new folder and published by its manifest, which is written last; the folder before
the last one is then removed, so that whoever reads one that was just replaced comes to its end.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from courtship.columnfiles import BadBucket, BucketFiles, Form, open_bucket, write_bucket
from courtship.columns import Bucket
from courtship.errors import EngineFailure

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

FORMAT: Final = "2"
BUCKET: Final = 5_000_000
"""About so many activities make a bucket."""


@dataclass(frozen=True, slots=True)
class Lake:
    """An open lake. ``buckets`` are their folders, in order; ``stamp`` says what it was written from."""

    address: str
    stamp: str
    people: int
    activities: int
    buckets: tuple[str, ...]


def write_lake(
    address: str, bucket: Bucket, stamp: str, *, size: int = BUCKET, form: Form = "parquet"
) -> Lake:
    """Writes everybody into the lake at ``address``; what was there before is let go.

    Raises EngineFailure where the address cannot be written.
    """
    import numpy as np

    files, root = _opened(address)
    name = f"w{secrets.token_hex(6)}"
    marks = np.arange(size, int(bucket.start[-1]) + size, size)
    bounds = sorted({0, *np.searchsorted(bucket.start, marks, "left").tolist(), len(bucket.person)})
    bounds = [bound for bound in bounds if bound <= len(bucket.person)]
    folders = []
    try:
        for number, (low, high) in enumerate(pairwise(bounds)):
            folders.append(f"{name}/bucket-{number:05d}")
            write_bucket(
                f"{root}/{folders[-1]}", _cut(bucket, low, high), form=form, filesystem=_arrow(files)
            )
        old = _manifest(files, root)
        said = {
            "format": FORMAT,
            "stamp": stamp,
            "folder": name,
            "before": old.get("folder", ""),
            "people": len(bucket.person),
            "activities": len(bucket.at),
            "buckets": folders,
        }
        files.makedirs(root, exist_ok=True)
        files.pipe_file(f"{root}/lake.json", json.dumps(said).encode())
        gone = str(old.get("before", ""))
        if gone and files.exists(f"{root}/{gone}"):
            files.rm(f"{root}/{gone}", recursive=True)
    except OSError as error:
        raise EngineFailure(f"The lake at {address} cannot be written ({error}).") from error
    return Lake(address, stamp, len(bucket.person), len(bucket.at), tuple(folders))


def open_lake(address: str) -> Lake | None:
    """The lake at an address; ``None`` where there is none, or one of another format."""
    files, root = _opened(address)
    said = _manifest(files, root)
    if said.get("format") != FORMAT:
        return None
    try:
        folders = tuple(str(folder) for folder in said["buckets"])
        return Lake(address, str(said["stamp"]), int(said["people"]), int(said["activities"]), folders)
    except (KeyError, TypeError, ValueError):
        return None


def read_bucket(address: str, folder: str) -> BucketFiles:
    """The files of one bucket. Raises BadBucket where they are not there, not whole or not as written."""
    files, root = _opened(address)
    return open_bucket(
        f"{root}/{folder}", filesystem=None if _is_here(files) else _arrow(files), checked=True
    )


def absolute(address: str) -> str:
    """The same address for whoever works in another folder. Raises EngineFailure."""
    files, root = _opened(address)
    return root if _is_here(files) else address


def is_whole(lake: Lake) -> bool:
    """Whether all that was written can be read from here."""
    try:
        for folder in lake.buckets:
            read_bucket(lake.address, folder).whole()
    except BadBucket:
        return False
    return True


def _cut(bucket: Bucket, low: int, high: int) -> Bucket:
    """The people from ``low`` to ``high`` as a bucket of their own."""
    import numpy as np

    first, last = int(bucket.start[low]), int(bucket.start[high])
    start, stop = np.searchsorted(bucket.ends, [first, last])
    return Bucket(
        bucket.person[low:high],
        bucket.row + first,
        bucket.start[low : high + 1] - first,
        bucket.at[first:last],
        bucket.act[first:last],
        bucket.ends[start:stop] - first,
        *(each[start:stop] for each in (bucket.ended, bucket.rank, bucket.tie)),
    )


def _opened(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it. Raises EngineFailure."""
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError, OSError) as error:
        raise EngineFailure(f"{address!r} cannot be opened as a lake ({error}).") from error
    return files, str(root).rstrip("/")


def _arrow(files: Any) -> FileSystem:
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    return PyFileSystem(FSSpecHandler(files))


def _is_here(files: Any) -> bool:
    """Whether it is this machine's own file system."""
    said = files.protocol
    return str(said if isinstance(said, str) else said[0]) in ("file", "local")


def _manifest(files: Any, root: str) -> dict[str, Any]:
    try:
        said = json.loads(files.cat_file(f"{root}/lake.json"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


__all__ = ["BUCKET", "BadBucket", "Lake", "absolute", "is_whole", "open_lake", "read_bucket", "write_lake"]
