"""The product's own export: every record as ActivityStreams 2.0, or as a line of a ``courtship:`` type.

Other readers get the ActivityStreams form; under the key ``courtship`` stand the exact fields, so that
importing an export again loses nothing: ``from_own(to_activitystreams(record)) == record``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from courtship import addresses
from courtship.model import (
    Activity,
    Coverage,
    Decision,
    Origin,
    Post,
    Profile,
    Record,
    Snapshot,
    Total,
    Undo,
)
from courtship.times import micros, parse_iso, to_iso
from courtship.vocabulary import ACTIVITYSTREAMS_TYPE, KIND_CODE, KINDS

CONTEXT: Final = "https://www.w3.org/ns/activitystreams"
PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"

Exported = Record | Decision | Origin
"""What a line of an export can be."""

_LINES: Final[Mapping[str, type[Post | Total | Profile | Snapshot | Coverage | Origin]]] = {
    f"courtship:{kind.__name__}": kind for kind in (Post, Total, Profile, Snapshot, Coverage, Origin)
}
_DECISION: Final = "courtship:Decision"
_TIMES: Final = frozenset({"at", "ended", "start", "end"})
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def to_activitystreams(record: Exported) -> dict[str, Any]:
    """One line of an export, as JSON values. `from_own` reads it back to an equal record."""
    if isinstance(record, Activity):
        return _activity(record)
    if isinstance(record, Undo):
        return _undo(record)
    if isinstance(record, Decision):
        return {
            "type": _DECISION,
            "verb": record.verb,
            "subject": record.subject,
            "detail": dict(record.detail),
            "at": record.at,
            "by": record.by,
            "position": record.position,
        }
    return {"type": f"courtship:{type(record).__name__}", **_fields(record, frozenset())}


def is_own(line: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a line of the product's own export."""
    kind = line.get("type")
    return (isinstance(kind, str) and kind.startswith("courtship:")) or isinstance(
        line.get("courtship"), dict
    )


def from_own(line: Mapping[str, Any]) -> Exported:
    """The record of one line; ``ValueError`` with words for the owner where it is none."""
    kind = line.get("type")
    if kind == _DECISION:
        detail = line.get("detail")
        position = line.get("position")
        at = line.get("at")
        return Decision(
            _string(line, "verb"),
            _string(line, "subject"),
            detail if isinstance(detail, dict) else {},
            at if isinstance(at, int) else 0,
            _string(line, "by"),
            position if isinstance(position, int) else 0,
        )
    if isinstance(kind, str) and kind in _LINES:
        return _line(_LINES[kind], line)
    exact = line.get("courtship")
    if not isinstance(exact, dict):
        raise ValueError(f"is no line of an export: type {kind!r:.60}")
    published = line.get("published")
    if not isinstance(published, str):
        raise ValueError("has no time (published)")
    at = parse_iso(published)
    if "undoes" in exact:
        return Undo(
            _string(exact, "id"), _string(exact, "undoes"), at, _string(exact, "platform"), kind == "Delete"
        )
    values = {name: exact[name] for name in Activity._fields if name in exact}
    if isinstance(values.get("ended"), str):
        values["ended"] = parse_iso(values["ended"])
    text = line.get("content")
    values.update(at=at, text=text if isinstance(text, str) else None)
    for name in ("id", "kind", "actor", "target"):
        values[name] = _string(exact, name)
    if values["kind"] not in KIND_CODE:
        raise ValueError(f"unknown kind {values['kind']!r:.40}")
    for name in ("actor", "target"):
        if values[name] and not addresses.is_address(values[name]):
            raise ValueError(f"{name} is not an account (platform:id): {values[name]!r:.60}")
    return Activity(**_checked(Activity, values))


# ---------------------------------------------------------------- writing


def _activity(record: Activity) -> dict[str, Any]:
    target = addresses.to_uri(record.target) if record.target else None
    line: dict[str, Any] = {
        "@context": CONTEXT,
        "type": ACTIVITYSTREAMS_TYPE[record.kind],
        **({"id": _uri(record.id)} if record.id else {}),
        "actor": _actor(record),
        "published": to_iso(record.at),
    }
    if record.kind in {"follow", "block"} or (record.kind == "view" and record.object is None):
        line["object"] = target
    elif line["type"] == "Create":
        line["object"] = _note(record, target)
    elif record.kind == "endorse":
        line["object"] = {"type": "Note", "content": record.text}
        line["target"] = target
    else:
        line["object"] = {"id": _uri(record.object), "attributedTo": target} if record.object else None
        line["target"] = target
    if record.text is not None:
        line["content"] = record.text
    exact = _fields(record, frozenset({"at", "text"}))
    line["courtship"] = exact
    return {name: value for name, value in line.items() if value is not None}


def _note(record: Activity, target: str | None) -> dict[str, Any]:
    note: dict[str, Any] = {"type": "Note", "attributedTo": addresses.to_uri(record.actor)}
    # What a comment, vote or quote is about stands in its object; the others are themselves the object.
    about = record.object if record.kind in {"vote", "comment", "quote"} else record.in_reply_to
    if record.object and record.kind in {"mention", "message"}:
        note["id"] = _uri(record.object)
    if record.url:
        note["url"] = record.url
    if record.kind == "vote":
        note["name"] = record.text or ""
    elif record.text is not None:
        note["content"] = record.text
        note["mediaType"] = "text/plain"
    if record.kind == "message":
        note["to"] = [target]
    elif record.public:
        note["to"] = [PUBLIC]
    if record.kind == "quote":
        note["quoteUrl"] = _uri(about or "")
    elif about or record.kind in {"vote", "comment"}:
        note["inReplyTo"] = {
            "type": "Question" if record.kind == "vote" else "Note",
            **({"id": _uri(about)} if about else {}),
            "attributedTo": target,
        }
    if record.kind == "mention" and target:
        note["tag"] = [{"type": "Mention", "href": target}]
    return note


def _actor(record: Activity) -> Any:
    uri = addresses.to_uri(record.actor) if record.actor else ""
    return {"type": "Person", "id": uri, "name": record.actor_name} if record.actor_name else uri


def _undo(record: Undo) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "Delete" if record.blank else "Undo",
        **({"id": _uri(record.id)} if record.id else {}),
        "object": _uri(record.undoes),
        "published": to_iso(record.at),
        "courtship": _fields(record, frozenset({"at", "blank"})),
    }


def _uri(id: str) -> str:
    """An id as the URI that ActivityStreams wants."""
    return id if _URI.fullmatch(id) else f"urn:courtship:{quote(id, safe='')}"


def _fields(record: Record | Origin, without: frozenset[str]) -> dict[str, Any]:
    """The fields that are not at their defaults; times of the ``courtship:`` lines in ISO 8601."""
    defaults = record._field_defaults
    found: dict[str, Any] = {}
    for name, value in zip(record._fields, record, strict=True):
        if name in without or (name in defaults and value == defaults[name]):
            continue
        found[name] = to_iso(value) if name in _TIMES and isinstance(value, int) else value
    return found


# ---------------------------------------------------------------- reading


def _line(
    kind: type[Post | Total | Profile | Snapshot | Coverage | Origin], line: Mapping[str, Any]
) -> Record | Origin:
    values = {name: line[name] for name in kind._fields if name in line}
    for name in _TIMES & values.keys():
        if isinstance(values[name], str):
            values[name] = _time(values[name])
    missing = set(kind._fields) - values.keys() - kind._field_defaults.keys()
    if missing:
        raise ValueError(f"has no {', '.join(sorted(missing))}")
    for name in ("account", "author"):
        if name in values and not addresses.is_address(values[name]):
            raise ValueError(f"{name} is not an account (platform:id): {values[name]!r:.60}")
    if "kind" in values and values["kind"] not in KINDS:
        raise ValueError(f"unknown kind {values['kind']!r:.40}")
    make: Callable[..., Record | Origin] = kind
    return make(**_checked(kind, values))


def _time(text: str) -> int:
    # Not dates of activities: coverage may reach back to the epoch, an import may be told of as at 0.
    return micros(datetime.fromisoformat(text))


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "at": (int, type(None)),
    "ended": (int, type(None)),
    "start": (int, type(None)),
    "end": int,
    "amount": int,
    "followers": (int, type(None)),
    "actor_followers": (int, type(None)),
    "precise": bool,
    "own": bool,
    "complete": bool,
    "public": (bool, type(None)),
}
_TUPLES: Final = frozenset({"tags", "poll", "links", "verified", "members", "acts", "dates"})


def _checked(kind: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    defaults = kind._field_defaults
    for name, value in values.items():
        if name in _TUPLES:
            wanted = int if name == "dates" else str
            if not isinstance(value, list) or not all(type(item) is wanted for item in value):
                raise ValueError(f"{name} is no list of {'times' if wanted is int else 'texts'}")
            values[name] = tuple(value)
        elif name in _TYPES:
            if not isinstance(value, _TYPES[name]):
                raise ValueError(f"{name} is not what it should be: {value!r:.40}")
        elif not isinstance(value, str) and not (value is None and defaults.get(name, "") is None):
            raise ValueError(f"{name} is no text: {value!r:.40}")
    return values


def _string(line: Mapping[str, Any], name: str) -> str:
    value = line.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text: {value!r:.60}")
    return value
