"""A stream that can be read from anywhere, of an entry that may be packed: for formats with an index."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from courtship.sources.tree import Entry

IN_MEMORY = 16 * 1024 * 1024


@contextmanager
def seekable(entry: Entry) -> Iterator[BinaryIO | IO[bytes]]:
    """The entry's bytes, seekable. A packed one goes through a temporary file, deleted after."""
    if entry.plain is not None:
        with entry.plain.open("rb") as stream:
            yield stream
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spooled, entry.open() as packed:
        shutil.copyfileobj(packed, spooled, 1 << 20)
        spooled.seek(0)
        yield spooled
