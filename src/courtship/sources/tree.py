"""One view of a file, a folder, a zip or a tar: entries with a path, a size and a stream of bytes.

Nothing is unpacked to disk and no entry is read whole: memory does not grow with the archive. What would
reach out of an archive is refused by name (`UnsafeArchive`); damage inside ends an entry's stream early
and is listed in `Tree.problems`, so that a source never meets an exception of the container.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from lzma import LZMAError
from pathlib import Path
from tarfile import TarError
from types import TracebackType
from typing import BinaryIO, Final, Literal
from zipfile import BadZipFile

from courtship.errors import UnsafeArchive
from courtship.model import Micros, Problem

HEAD: Final = 8_192
"""Bytes of an entry that recognition may look at."""

MOST_ENTRIES: Final = 2_000_000
MOST_RATIO: Final = 400
"""Real exports shrink at most some 50 to 1; deflate can do 1,032 to 1, and bombs do."""
FREE_BYTES: Final = 64 * 1024 * 1024
"""Archives and entries that unpack to less than this are no bombs, whatever their ratio."""

Shape = Literal["file", "folder", "archive"]

DAMAGE: Final = (
    zlib.error,
    BadZipFile,
    EOFError,
    LZMAError,
    TarError,
    OSError,
    NotImplementedError,
    ValueError,
)
"""What the standard library's readers raise on a damaged container."""


class Entry:
    """One file of a tree. ``path`` is relative, with ``/``; ``shown`` is how to name it to the owner."""

    __slots__ = ("_head", "_opener", "_tree", "modified", "path", "plain", "shown", "size")

    def __init__(
        self,
        path: str,
        size: int,
        opener: Callable[[], BinaryIO],
        *,
        tree: Tree,
        modified: Micros | None = None,
        head: bytes | None = None,
        plain: Path | None = None,
    ) -> None:
        self.path = path
        self.size = size
        self.modified = modified
        self.plain = plain
        """Where it lies on disk, if it is not packed."""
        self.shown = str(tree.path) if tree.shape == "file" else f"{tree.path}/{path}"
        self._opener = opener
        self._tree = tree
        self._head = head

    def __repr__(self) -> str:
        return f"Entry({self.path!r})"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path without its last part, ``""`` at the top."""
        return self.path.rpartition("/")[0]

    def open(self) -> BinaryIO:
        """The bytes, as a stream. Damage ends it early and is put on the tree's list of problems."""
        # A small file was read whole to be recognised: opening it again costs more than reading it.
        if self._head and len(self._head) == self.size:
            self._tree.read(self.size)
            return io.BytesIO(self._head)
        return io.BufferedReader(_Guarded(self), 1 << 18)

    def head(self) -> bytes:
        """The first `HEAD` bytes at most; kept, so that several sources may look."""
        if self._head is None:
            with self.open() as stream:
                self._head = stream.read(HEAD)
        return self._head

    def read_on(self, count: int) -> None:
        """Tells whoever watches the tree that so many bytes were read, by a reader that opens no stream."""
        self._tree.read(count)

    def problem(self, where: str, reason: str) -> Problem:
        """A problem at a place of this entry."""
        return Problem(self.shown, where, reason)


class _Guarded(io.RawIOBase):
    """Reads an entry; where the container is damaged the stream ends, and the tree has one problem more."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._inner: BinaryIO | None = None
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        if self._ended:
            return 0
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            if self._inner is None:
                self._inner = self._entry._opener()
            data = self._inner.read(len(view))
        except DAMAGE as error:
            self._ended = True
            self._entry._tree.damaged(self._entry, error)
            return 0
        view[: len(data)] = data
        self._entry._tree.read(len(data))
        return len(data)

    def close(self) -> None:
        if self._inner is not None:
            self._inner.close()
            self._inner = None
        super().close()


class Tree:
    """What one path given to an import holds. Use as a context manager: it closes what it opened."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self.path = path
        self.shape: Shape = shape
        self.entries: list[Entry] = []
        self.archives: list[Path] = []
        """Archives found inside a folder: each is a tree of its own."""
        self.problems: list[Problem] = []
        self.read: Callable[[int], None] = _nobody
        self._closers: list[Callable[[], None]] = []
        self._names: dict[str, list[Entry]] | None = None
        self._damaged: set[str] = set()

    def __enter__(self) -> Tree:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the archive's file."""
        while self._closers:
            self._closers.pop()()

    def watch(self, read: Callable[[int], None]) -> None:
        """Calls ``read`` with the number of bytes, whenever some of an entry have been read."""
        self.read = read

    def on_close(self, closer: Callable[[], None]) -> None:
        """Calls ``closer`` when the tree is closed."""
        self._closers.append(closer)

    def named(self, *names: str) -> list[Entry]:
        """Entries whose path ends in one of ``names`` (each one or several parts), any letter case."""
        if self._names is None:
            self._names = defaultdict(list)
            for entry in self.entries:
                self._names[entry.name.casefold()].append(entry)
        found: list[Entry] = []
        for name in names:
            wanted = name.casefold()
            found += [
                entry
                for entry in self._names.get(wanted.rpartition("/")[2], ())
                if f"/{entry.path.casefold()}".endswith(f"/{wanted}")
            ]
        return found

    def matching(self, pattern: re.Pattern[str]) -> list[Entry]:
        """Entries in whose path ``pattern`` is found (``re.search``)."""
        return [entry for entry in self.entries if pattern.search(entry.path)]

    def beside(self, entry: Entry, name: str) -> Entry | None:
        """The entry with the path ``name``, seen from the folder in which ``entry`` is."""
        wanted = (f"{entry.folder}/{name}" if entry.folder else name).casefold()
        return next((found for found in self.named(name) if found.path.casefold() == wanted), None)

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds entries; refuses absurd numbers of them."""
        for entry in entries:
            self.entries.append(entry)
            if len(self.entries) > MOST_ENTRIES:
                raise UnsafeArchive(
                    f"{self.path}: holds over {MOST_ENTRIES:,} files; unpack it and import a part"
                )

    def damaged(self, entry: Entry, error: BaseException) -> None:
        """Lists that an entry could not be read to its end, once."""
        if entry.path in self._damaged:
            return
        self._damaged.add(entry.path)
        self.problems.append(entry.problem("", damage_in_words(error)))

    def take_problems(self) -> Iterator[Problem]:
        """Hands over the problems so far, and forgets them."""
        while self.problems:
            yield self.problems.pop(0)


def _nobody(count: int) -> None:
    """Nobody watches."""


def damage_in_words(error: BaseException) -> str:
    """Why an entry could not be read, in words for the owner."""
    if isinstance(error, PermissionError):
        return "may not be read; check who may read the file"
    if isinstance(error, FileNotFoundError):
        return "is gone; import it again from where it is now"
    if isinstance(error, NotImplementedError):
        return "is packed in a way that is not known here; unpack it and import the folder"
    if "password" in str(error) or "encrypted" in str(error):
        return "is locked with a password; unpack it with the password and import the folder"
    return "is damaged or cut short: what could be read is in; get the file again and import it once more"


def safe_path(name: str, archive: Path) -> str | None:
    """The path of an archive's member as the tree writes it; ``None`` for what no source wants.

    `UnsafeArchive` where the path would leave the archive.
    """
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if "\x00" in path or path.startswith("/") or re.match(r"[A-Za-z]:/", path) or ".." in path.split("/"):
        raise UnsafeArchive(f"{archive}: refused, it reaches out of itself ({name!r:.80}); do not unpack it")
    while path.startswith("./"):
        path = path[2:]
    parts = path.split("/")
    if not parts[-1] or parts[0] == "__MACOSX" or parts[-1] == ".DS_Store" or parts[-1].startswith("._"):
        return None
    return path


def refuse_bomb(archive: Path, packed: int, unpacked: int, name: str = "") -> None:
    """`UnsafeArchive` where ``unpacked`` bytes are far more than ``packed`` bytes can honestly hold."""
    if unpacked > FREE_BYTES and unpacked > packed * MOST_RATIO:
        inside = f" ({name!r:.80})" if name else ""
        raise UnsafeArchive(
            f"{archive}: refused, it would unpack from {packed / 1e6:,.1f} MB to"
            f" {unpacked / 1e9:,.1f} GB{inside};"
            " get the export again from the platform itself"
        )
