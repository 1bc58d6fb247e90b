"""The keys of records: 16-byte BLAKE2b digests of what makes a record the same record, however often told.

BLAKE2b: RFC 7693. Fields are joined by a zero byte, which no field may hold.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

from courtship.model import Activity

NAMED = "courtship:"
"""Begins the readable id of a record whose source gave it none; its key follows in hexadecimal."""

SECOND = 1_000_000


LONGEST_NAME = 600
"""Characters of an id or object at most: PostgreSQL indexes no more than 2,704 bytes."""


def shortened(name: str) -> str:
    """An id or object as the log keeps it: one of over 600 characters as its beginning and a digest."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:500]}…{blake2b(name.encode(errors='replace'), digest_size=16).hexdigest()}"


def platform_of(actor: str, target: str) -> str:
    """The part before the colon of the actor, of the target where the actor is not known."""
    return (actor or target).partition(":")[0]


def activity_key(platform: str, source: str, id: str) -> bytes:
    """The key of the activity with this id of this platform in the namespace ``source``."""
    if id.startswith(NAMED):
        named = key_named(id)
        if named is not None:
            return named
    return blake2b(f"activity\0{platform}\0{source}\0{id}".encode(), digest_size=16).digest()


def key_named(id: str) -> bytes | None:
    """The key that a readable id spells out, ``None`` where it is a platform's own id."""
    if not id.startswith(NAMED):
        return None
    try:
        key = bytes.fromhex(id[len(NAMED) :])
    except ValueError:
        return None
    return key if len(key) == 16 else None


def nameless_base(row: Activity, source: str) -> bytes:
    """Digest of the canonical fields of an activity without an id, its time cut to the second."""
    said = orjson.dumps(
        (
            source,
            row.kind,
            row.actor,
            row.target,
            row.at // SECOND,
            row.object,
            row.in_reply_to,
            row.text,
        )
    )
    return blake2b(said, digest_size=16, person=b"nameless").digest()


def nameless_key(base: bytes, ordinal: int) -> bytes:
    """The key of the ``ordinal``-th (from 0) of identical activities without id in one file."""
    return blake2b(base + ordinal.to_bytes(8, "big"), digest_size=16, person=b"ordinal").digest()


def content_digest(said: bytes) -> int:
    """64 bits, signed, of everything that a record says but its id (``orjson.dumps(row[1:])``)."""
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big", signed=True)


def fact_key(sort: str, body: tuple[Any, ...], source: str) -> bytes:
    """The key of a record of another sort: everything that it says (an Undo's id may be of two platforms)."""
    return blake2b(orjson.dumps((sort, source, body)), digest_size=16).digest()
