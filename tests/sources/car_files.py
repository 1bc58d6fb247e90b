"""CAR files made up for tests: a repository of given records, as a server would write it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import libipld

SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


def tid(micros: int, clock: int = 0) -> str:
    """The record key of a moment."""
    number = (micros << 10) | clock
    return "".join(SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


def cid_of(block: bytes) -> bytes:
    return b"\x01\x71\x12\x20" + hashlib.sha256(block).digest()


def written(cid: bytes) -> str:
    """A CID as text."""
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def car(did: str, rev: str, records: Mapping[str, Mapping[str, Any]]) -> bytes:
    """A repository with ``records`` by ``COLLECTION/KEY``: a root with the upper half of the keys, and one
    node to its left with the lower."""
    blocks: list[tuple[bytes, bytes]] = []

    def add(value: Any) -> bytes:
        block = _cbor(value)
        blocks.append((cid_of(block), block))
        return blocks[-1][0]

    keys = sorted(records)
    cids = {key: add(records[key]) for key in keys}
    half = len(keys) // 2
    left = add(_node(keys[:half], cids, None))
    root = add(_node(keys[half:], cids, left))
    commit = add(
        {"did": did, "rev": rev, "prev": None, "version": 3, "data": _Link(root), "sig": b"\x00" * 64}
    )
    pieces = [_cbor({"roots": [_Link(commit)], "version": 1})]
    pieces += [cid + block for cid, block in reversed(blocks)]
    return b"".join(_length(len(piece)) + piece for piece in pieces)


class _Link:
    def __init__(self, cid: bytes) -> None:
        self.cid = cid


def _node(keys: list[str], cids: Mapping[str, bytes], left: bytes | None) -> dict[str, Any]:
    entries, before = [], ""
    for key in keys:
        shared = 0
        while shared < min(len(key), len(before)) and key[shared] == before[shared]:
            shared += 1
        entries.append({"k": key[shared:].encode(), "p": shared, "t": None, "v": _Link(cids[key])})
        before = key
    return {"e": entries, "l": _Link(left) if left else None}


def _cbor(value: Any) -> bytes:
    """DAG-CBOR (https://ipld.io/specs/codecs/dag-cbor/spec/): links are tag 42, keys the shortest first."""
    if isinstance(value, _Link):
        return b"\xd8\x2a" + _head(2, 37) + b"\x00" + value.cid
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key), key))
        return _head(5, len(keys)) + b"".join(_cbor(key) + _cbor(value[key]) for key in keys)
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(_cbor, value))
    return bytes(libipld.encode_dag_cbor(value))


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes([major << 5 | count])
    if count < 256:
        return bytes([major << 5 | 24, count])
    return bytes([major << 5 | 25, count >> 8, count & 255])


def _length(count: int) -> bytes:
    found = b""
    while count > 127:
        found += bytes([count & 127 | 128])
        count >>= 7
    return found + bytes([count])
