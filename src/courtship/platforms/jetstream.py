"""Jetstream (version 1) -> records: what everybody on Bluesky does, as it happens, deletions too.

Format: https://github.com/bluesky-social/jetstream. A line is an event of one account: a record of its
repository that was made, changed or deleted, or a new handle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from courtship.model import Activity, Micros, Record, Undo
from courtship.platforms import bluesky as mapping
from courtship.platforms import times
from courtship.platforms.bluesky import POST, account, parts


class Events:
    """Maps events. A post may be several acts: those seen here are ended together."""

    def __init__(self) -> None:
        self._further: dict[str, list[str]] = {}

    def records(self, event: Any) -> Iterator[Record]:
        """One event. `ValueError` says what is wrong with it."""
        if not isinstance(event, Mapping) or not account(event.get("did")):
            raise ValueError("does not say who did it (no DID); left out")
        did, kind, inner = event["did"], event.get("kind"), event.get(str(event.get("kind")))
        if not isinstance(inner, Mapping):
            raise ValueError("is no event of Jetstream; left out")
        if kind == "identity":
            at = times.iso(inner.get("time")) or happened(event)
            if inner.get("handle"):
                yield mapping.described({"did": did, "handle": inner["handle"]}, at)
        elif kind == "commit":
            uri = f"at://{did}/{inner.get('collection')}/{inner.get('rkey')}"
            if inner.get("collection") not in mapping.COLLECTIONS:
                return
            if inner.get("operation") == "delete":
                yield from self._deleted(uri, event)
            else:
                for record in mapping.record(uri, inner.get("record")):
                    if isinstance(record, Activity) and record.id != uri:
                        self._further.setdefault(uri, []).append(record.id)
                    yield record

    def _deleted(self, uri: str, event: Mapping[str, Any]) -> Iterator[Record]:
        at = happened(event)
        for id in (uri, *self._further.pop(uri, ())):
            yield from deleted(id, at)


def deleted(id: str, at: Micros) -> Iterator[Undo]:
    """The end of the act ``id`` (a record's address, or that with ``#DID``), whose record is deleted."""
    _, collection, _ = parts(id.partition("#")[0])
    if collection != mapping.PROFILE:
        yield Undo(f"{id}:deleted", id, at, "bluesky", blank=collection == POST)


def happened(event: Mapping[str, Any]) -> Micros:
    """When an event came, in UTC microseconds. `ValueError` where it does not say."""
    at = times.microseconds(event.get("time_us"))
    if at is None:
        raise ValueError("has no time; left out")
    return at
