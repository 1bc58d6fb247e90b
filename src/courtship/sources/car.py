"""CAR version 1, the file in which a repository of the AT Protocol comes: its records, one at a time.

A CAR (https://ipld.io/specs/transport/car/carv1/) is a header and blocks, each with its CID, which holds the
SHA-256 of its bytes: so damage is always found, and a damaged block is left out. Which record has which
address stands in the nodes of a Merkle search tree (https://atproto.com/specs/repository). The file is read
twice: first for the nodes, of which only the keys are kept, then for the records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import libipld

from courtship.model import Problem
from courtship.sources.tree import Entry

LONGEST: Final = 4 * 1024 * 1024
"""No block of a repository is longer (records may have 1 MB)."""

SHA256: Final = b"\x01\x71\x12\x20"
"""How a CID begins that names DAG-CBOR by its SHA-256; no other is used in repositories."""

Cid = bytes


class Repository:
    """One repository in a CAR file. ``did`` is whose it is, ``rev`` the TID of its last change; both are
    ``""`` where the file does not say."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.did = ""
        self.rev = ""
        self._paths: dict[Cid, list[str]] = {}
        self._wanted = 0
        self._damaged = 0
        self._named: set[Cid] = set()
        seen: set[Cid] = set()
        roots: list[Cid] = []
        for cid, value in self._blocks(roots):
            if cid in roots and isinstance(value.get("did"), str):
                self.did = value["did"]
                self.rev = value["rev"] if isinstance(value.get("rev"), str) else ""
                self._names(value.get("data"))
            elif isinstance(value.get("e"), list) and "l" in value:
                seen.add(cid)
                self._node(value)
        self._lost = len(self._named - seen)

    def records(self) -> Iterator[tuple[str, Mapping[str, Any]] | Problem]:
        """``(COLLECTION/KEY, record)`` in the order of the file; at the end what could not be read."""
        found = 0
        for cid, value in self._blocks([]):
            for path in self._paths.get(cid, ()):
                found += 1
                yield path, value
        missing = self._wanted - found
        if missing or self._damaged or self._lost or not self.did:
            yield self._entry.problem(
                "",
                f"is damaged or cut short: {missing:,} of the {self._wanted:,} records named in it"
                f" cannot be read, nor can {self._damaged + self._lost:,} other pieces; get it again",
            )

    def _names(self, cid: Any) -> None:
        """A node that there must be."""
        if isinstance(cid, bytes):
            self._named.add(cid)

    def _node(self, node: Mapping[str, Any]) -> None:
        """Keeps the keys of one node; each is told as what it shares with the one before, and the rest."""
        key = b""
        self._names(node["l"])
        for item in node["e"]:
            if not isinstance(item, dict):
                return
            self._names(item.get("t"))
            shared, rest, cid = item.get("p"), item.get("k"), item.get("v")
            if not isinstance(shared, int) or not isinstance(rest, bytes) or not isinstance(cid, bytes):
                return
            key = key[:shared] + rest
            self._paths.setdefault(cid, []).append(key.decode("ascii", "replace"))
            self._wanted += 1

    def _blocks(self, roots: list[Cid]) -> Iterator[tuple[Cid, dict[str, Any]]]:
        """Every sound block that is a map; ``roots`` takes those that the header names."""
        self._damaged = 0
        with self._entry.open() as stream:
            header = _decoded(_piece(stream) or b"")
            named = header.get("roots") if header is not None else None
            if not isinstance(named, list):
                self._damaged += 1
                return
            roots += [cid for cid in named if isinstance(cid, bytes)]
            while (piece := _piece(stream)) is not None:
                cid, body = piece[:36], piece[36:]
                if not cid.startswith(SHA256) or hashlib.sha256(body).digest() != cid[4:]:
                    self._damaged += 1
                    continue
                value = _decoded(body)
                if value is not None:
                    yield cid, value
            if stream.read(1):
                self._damaged += 1  # a length that cannot be one: from here on nothing can be found


def _piece(stream: BinaryIO) -> bytes | None:
    """The next piece with its length (an unsigned LEB128) before it; ``None`` where there is none."""
    length = shift = 0
    while True:
        byte = stream.read(1)
        if not byte or shift > 28:
            return None
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if byte[0] < 0x80:
            break
    if not 0 < length <= LONGEST:
        return None
    return stream.read(length)


def _decoded(data: bytes) -> dict[str, Any] | None:
    try:
        value = libipld.decode_dag_cbor(data)
    except (ValueError, RecursionError, OverflowError):
        return None
    return value if isinstance(value, dict) else None


def is_car(head: bytes) -> bool:
    """Whether a file that begins so is a CAR of version 1."""
    return b"eroots" in head[:8] and b"gversion\x01" in head[:512]
