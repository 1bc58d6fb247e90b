"""Zip and tar archives as trees, whole or cut short."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from courtship.errors import UnsafeArchive
from courtship.model import Micros, Problem
from courtship.sources.tree import DAMAGE, HEAD, Entry, Tree, refuse_bomb, safe_path
from courtship.times import micros

_SUFFIXES: Final = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_MAGIC: Final = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_TEXT_SUFFIXES: Final = (
    ".json",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".xml",
    ".html",
    ".js",
    ".txt",
    ".eml",
    ".mbox",
)
CUT_SHORT: Final = "the archive is cut short: what could be read is in; get it again and import it once more"


def named_like_archive(name: str) -> bool:
    """Whether a file name ends as archives do."""
    return name.casefold().endswith(_SUFFIXES)


def opener_for(path: Path, head: bytes) -> Callable[[Path], Tree] | None:
    """What opens the file as an archive, judged by its first 512 bytes; ``None`` if it is none."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return lambda path: _closing(_zip_entries, path)
    if head[257:262] == b"ustar" or any(head.startswith(magic) for magic in _MAGIC):
        return lambda path: _closing(_tar_entries, path)
    return None


def _closing(fill: Callable[[Tree], None], path: Path) -> Tree:
    tree = Tree(path, "archive")
    try:
        fill(tree)
    except BaseException:
        tree.close()
        raise
    return tree


# ---------------------------------------------------------------- zip


def _zip_entries(tree: Tree) -> None:
    path = tree.path
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError, EOFError):
        tree.problems.append(Problem(str(path), "", CUT_SHORT))
        tree.add(_local_entries(tree))
        return
    tree.on_close(archive.close)
    total = 0
    packed = path.stat().st_size
    for info in archive.infolist():
        if stat.S_ISLNK(info.external_attr >> 16):
            tree.problems.append(Problem(f"{path}/{info.filename}", "", "is a link and was not followed"))
            if info.file_size < 4096 and not info.flag_bits & 1:
                _refuse_link(path, info.filename, _link_target(archive, info))
            continue
        name = safe_path(info.filename, path)
        if name is None or info.is_dir():
            continue
        refuse_bomb(path, info.compress_size, info.file_size, name)
        total += info.file_size
        tree.add([Entry(name, info.file_size, _zip_opener(archive, info), tree=tree, modified=_dos(info))])
    refuse_bomb(path, packed, total)


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        try:
            return archive.open(info)  # type: ignore[return-value]
        except RuntimeError as error:  # how zipfile says that a password is needed
            raise OSError(str(error)) from None

    return opener


def _dos(info: zipfile.ZipInfo) -> Micros | None:
    # Zip times have no zone: taken as UTC, good to a day and used for nothing finer.
    try:
        return micros(datetime(*info.date_time, tzinfo=UTC))
    except ValueError:
        return None


def _link_target(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    try:
        return archive.read(info).decode("utf-8", "replace")
    except (*DAMAGE, RuntimeError):
        return ""


def _refuse_link(archive: Path, name: str, target: str) -> None:
    """`UnsafeArchive` where a link at ``name`` leads out of the archive."""
    parts = [*name.replace("\\", "/").split("/")[:-1]]
    steps = target.replace("\\", "/").split("/")
    if target.startswith(("/", "\\")) or target[1:2] == ":":
        steps, parts = ["..", *steps], []
    for step in steps:
        if step == "..":
            if not parts:
                raise UnsafeArchive(
                    f"{archive}: refused, a link leads out of it ({name!r:.80}); do not unpack it"
                )
            parts.pop()
        elif step not in {"", "."}:
            parts.append(step)


class _Local(NamedTuple):
    """A member found by its local header, in an archive that has lost its directory."""

    name: str
    method: int
    start: int
    packed: int


_LOCAL = struct.Struct("<4sHHHHHIIIHH")


def _local_entries(tree: Tree) -> Iterator[Entry]:
    """Members of a zip without its directory, from the local headers (APPNOTE 4.3.7), in file order."""
    path = tree.path
    with path.open("rb") as stream:
        end = stream.seek(0, 2)
        position = 0
        while True:
            stream.seek(position)
            header = stream.read(_LOCAL.size)
            if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
                return
            _, _, flags, method, _, _, _, packed, unpacked, name_length, extra_length = _LOCAL.unpack(header)
            raw = stream.read(name_length)
            extra = stream.read(extra_length)
            if len(raw) < name_length:
                return
            start = position + _LOCAL.size + name_length + extra_length
            if packed == 0xFFFFFFFF and len(extra) >= 20:
                unpacked, packed = struct.unpack_from("<QQ", extra, 4)
            if flags & 8 and packed == 0:
                found = _end_of_stream(stream, start, method)
                if found is None:
                    return
                packed, unpacked = found
                position = start + packed + _descriptor_length(stream, start + packed)
            else:
                position = start + packed
            name = safe_path(raw.decode("utf-8" if flags & 0x800 else "cp437", "replace"), path)
            if name is not None and not flags & 1 and method in {0, 8}:
                packed = min(packed, end - start)
                refuse_bomb(path, packed, unpacked, name)
                local = _Local(name, method, start, packed)
                yield Entry(name, unpacked, _local_opener(path, local), tree=tree)


def _end_of_stream(stream: BinaryIO, start: int, method: int) -> tuple[int, int] | None:
    """Packed and unpacked size of a deflated member whose header does not say them (general flag bit 3)."""
    if method != 8:
        return None
    inflater = zlib.decompressobj(-15)
    stream.seek(start)
    packed = unpacked = 0
    while not inflater.eof:
        piece = stream.read(1 << 16)
        if not piece:
            break
        packed += len(piece)
        try:
            unpacked += len(inflater.decompress(piece, 1 << 24))
            while inflater.unconsumed_tail:
                unpacked += len(inflater.decompress(inflater.unconsumed_tail, 1 << 24))
        except zlib.error:
            break
    return packed - len(inflater.unused_data), unpacked


def _descriptor_length(stream: BinaryIO, position: int) -> int:
    stream.seek(position)
    following = stream.read(28)
    for length in (16, 12, 24, 20):
        if following[length : length + 4] in {b"PK\x03\x04", b"PK\x01\x02"}:
            return length
    return 16


class _Inflating:
    """Just enough of a stream for a member found by its local header. Ends early where the file does."""

    def __init__(self, path: Path, member: _Local) -> None:
        self._stream = path.open("rb")
        self._stream.seek(member.start)
        self._left = member.packed
        self._inflater = zlib.decompressobj(-15) if member.method == 8 else None

    def read(self, size: int) -> bytes:
        while True:
            tail = self._inflater.unconsumed_tail if self._inflater else b""
            piece = tail or self._stream.read(min(self._left, 1 << 16))
            if not tail:
                self._left -= len(piece)
            if not piece:
                if self._left > 0 or (self._inflater and not self._inflater.eof):
                    raise EOFError("the archive ends inside this file")
                return b""
            data = self._inflater.decompress(piece, size) if self._inflater else piece
            if data or (self._inflater and self._inflater.eof):
                return data

    def close(self) -> None:
        self._stream.close()


def _local_opener(path: Path, member: _Local) -> Callable[[], BinaryIO]:
    return lambda: _Inflating(path, member)  # type: ignore[return-value]


# ---------------------------------------------------------------- tar


def _tar_entries(tree: Tree) -> None:
    path = tree.path
    try:
        archive = tarfile.open(path, "r:*")  # noqa: SIM115 - closed by the tree
    except DAMAGE:
        if _lone_entry(tree):
            return
        # So damaged that not even its first header can be read.
        tree.problems.append(Problem(str(path), "", CUT_SHORT))
        return
    tree.on_close(archive.close)
    packed = path.stat().st_size
    total = 0
    while True:
        try:
            info = archive.next()
            if info is None:
                break
            if info.issym() or info.islnk():
                # A hard link's target is named from the top, a symbolic one's from its own folder.
                _refuse_link(path, info.name if info.issym() else "", info.linkname)
                tree.problems.append(Problem(f"{path}/{info.name}", "", "is a link and was not followed"))
                continue
            name = safe_path(info.name, path)
            if name is None or not info.isfile():
                continue
            total += info.size
            refuse_bomb(path, packed, total, name)
            # A compressed tar can only be read forwards: heads are taken on the way.
            wanted = name.casefold().endswith(_TEXT_SUFFIXES)
            stream = archive.extractfile(info) if wanted else None
            head = stream.read(HEAD) if stream is not None else None
        except DAMAGE:
            tree.problems.append(Problem(str(path), "", CUT_SHORT))
            break
        modified = int(info.mtime) * 1_000_000
        tree.add(
            [Entry(name, info.size, _tar_opener(archive, info), tree=tree, modified=modified, head=head)]
        )


_OPENERS: Final[dict[str, Callable[[Path], BinaryIO]]] = {
    "gz": gzip.GzipFile,  # type: ignore[dict-item]
    "bz2": bz2.BZ2File,  # type: ignore[dict-item]
    "xz": lzma.LZMAFile,  # type: ignore[dict-item]
}


def _lone_entry(tree: Tree) -> bool:
    """Takes a single compressed file (``comments.xml.gz``) as a tree of one entry; false if it is none."""
    path = tree.path
    with path.open("rb") as packed:
        start = packed.read(8)
    how = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), None)
    if how is None:
        return False
    try:
        with _OPENERS[how](path) as stream:
            head = stream.read(512)
    except DAMAGE:
        return False
    if not head or head[257:262] == b"ustar":
        return False
    name = path.stem if path.suffix.casefold() in {".gz", ".bz2", ".xz"} else path.name
    tree.add([Entry(name, 0, lambda: _Bounded(_OPENERS[how](path), path), tree=tree)])  # type: ignore[arg-type,return-value]
    return True


class _Bounded:
    """A compressed file, whose size is not said: refused once it is far too much for its packing."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._packed = path.stat().st_size
        self._read = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        refuse_bomb(self._path, self._packed, self._read)
        return data

    def close(self) -> None:
        self._stream.close()


def _tar_opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        stream = archive.extractfile(info)
        if stream is None:
            raise EOFError("no content")
        return stream  # type: ignore[return-value]

    return opener
