"""One row of the flat table -> a record, by the rules of ``docs/formats/activities.md``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from courtship.addresses import LONGEST, is_address
from courtship.model import Activity, Micros, Undo
from courtship.times import parse_iso
from courtship.vocabulary import KINDS

_KINDS: Final = frozenset(KINDS)
_TRUE: Final = frozenset({True, "true", "True", "TRUE", "1", "yes"})
_FALSE: Final = frozenset({False, "false", "False", "FALSE", "0", "no"})


class Rows:
    """Turns mappings with the flat table's columns into records; ``ValueError`` with words where one is none.

    Keeps the accounts it has seen to be well formed, so that each is looked at once.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()

    def record(self, row: Mapping[str, Any]) -> Activity | Undo:
        """The record of one row."""
        get = row.get
        at = get("at")
        if at is None or at == "":
            raise ValueError("has no time (at)")
        moment = parse_iso(at) if isinstance(at, str) else _not_a_time(at)
        id = self._id(get("id"))
        undoes = get("undoes")
        if undoes is not None and undoes != "":
            actor = get("actor") or ""
            platform = self._address(actor, "actor").partition(":")[0] if actor else ""
            return Undo(id, self._id(undoes), moment, platform)
        kind = get("kind")
        if type(kind) is not str or kind not in _KINDS:
            raise ValueError(f"unknown kind {kind!r:.40}; known are {', '.join(KINDS)}")
        actor = get("actor") or ""
        target = get("target") or ""
        known = self._known
        if type(actor) is not str or actor not in known:
            self._address(actor, "actor")
        if target and (type(target) is not str or target not in known):
            self._address(target, "target")
        ended = get("ended")
        precise = get("precise")
        public = get("public")
        followers = get("actor_followers")
        return Activity(
            id,
            kind,
            actor,
            target,
            moment,
            None
            if ended is None or ended == ""
            else parse_iso(ended)
            if isinstance(ended, str)
            else _not_a_time(ended),
            True if precise is None or precise == "" else _truth(precise, "precise"),
            _text(get("object")),
            _text(get("in_reply_to")),
            _text(get("text")),
            _text(get("url")),
            None if public is None or public == "" else _truth(public, "public"),
            _text(get("actor_name")),
            _text(get("target_name")),
            None if followers is None or followers == "" else _count(followers),
        )

    def _address(self, value: object, what: str) -> str:
        if not isinstance(value, str) or not is_address(value):
            raise ValueError(f"{what} is not an account (platform:id): {value!r:.60}")
        if len(self._known) > 1_000_000:
            self._known.clear()
        self._known.add(value)
        return value

    @staticmethod
    def _id(value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
            raise ValueError(f"id is no short text: {value!r:.60}")
        return value


def _not_a_time(value: object) -> Micros:
    raise ValueError(f"not a time in ISO 8601: {value!r:.60}")


def _truth(value: object, what: str) -> bool:
    try:
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    except TypeError:
        pass
    raise ValueError(f"{what} is neither true nor false: {value!r:.40}")


def _count(value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    raise ValueError(f"actor_followers is no number: {value!r:.40}")


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        value = orjson.dumps(value).decode() if isinstance(value, (dict, list)) else str(value)
    return value.replace("\x00", "") if "\x00" in value else value
