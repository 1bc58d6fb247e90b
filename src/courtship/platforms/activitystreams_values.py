"""The values of ActivityStreams 2.0 objects: one or several, an object or its URI, plain or by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from courtship.platforms.words import plain
from courtship.times import parse_iso

Item = Mapping[str, Any]

PUBLIC: Final = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})
"""Everybody, in the three ways in which servers write it."""

_MAPS: Final = {"name": "nameMap", "content": "contentMap", "summary": "summaryMap"}


def time_of(item: Item) -> int:
    """UTC microseconds of what it says of its time; ``ValueError`` where it says none."""
    for key in ("published", "startTime", "updated"):
        value = item.get(key)
        if isinstance(value, str) and value:
            return parse_iso(value)
    raise ValueError("has no time (published)")


def type_of(item: Item) -> str:
    """The type without its namespace; ``""`` where there is none."""
    kind = item.get("type")
    if type(kind) is str and "#" not in kind and ":" not in kind:
        return kind
    kind = first_of(item.get("type", item.get("@type")))
    return kind.rpartition("#")[2].removeprefix("as:") if isinstance(kind, str) else ""


def id_of(value: Any) -> str:
    """The id of an object, the address of a link, or a URI itself."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        value = value.get("id") or value.get("@id") or value.get("href")
        return value.strip() if isinstance(value, str) else ""
    return ""


def list_of(value: Any) -> list[Any]:
    """The values, of one or several."""
    return value if isinstance(value, list) else [] if value is None else [value]


def first_of(value: Any) -> Any:
    """The first of several values, or the one."""
    return (value[0] if value else None) if isinstance(value, list) else value


def string_of(value: Any) -> str:
    """The value if it is text."""
    return value if isinstance(value, str) else ""


def mapped_value(item: Item, key: str) -> str:
    """A natural-language value: plain, or the first of its language map."""
    value = item.get(key)
    if isinstance(value, str):
        return value
    languages = item.get(_MAPS.get(key, key))
    if isinstance(languages, dict):
        return next((text for text in languages.values() if isinstance(text, str)), "")
    return ""


def words_of(item: Item, key: str = "content") -> str:
    """A text without its markup."""
    text = mapped_value(item, key)
    return text if item.get("mediaType") == "text/plain" else plain(text)


def name_of(value: Any) -> str | None:
    """What an actor is called; ``None`` where only an address is given."""
    if isinstance(value, str):
        return None
    value = first_of(value)
    if not isinstance(value, dict):
        return None
    return plain(mapped_value(value, "name")) or string_of(value.get("preferredUsername")) or None


def followers_of(value: Any) -> int | None:
    """How many follow an actor, where that is said."""
    if isinstance(value, str):
        return None
    value = first_of(value)
    count = value.get("followers") if isinstance(value, dict) else None
    count = count.get("totalItems") if isinstance(count, dict) else count
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def link_of(value: Any) -> str:
    """Where people can see a thing: its ``url``."""
    return web_address(id_of(first_of(value.get("url")))) if isinstance(value, dict) else ""


def web_address(uri: str) -> str:
    """The URI if it is a web address."""
    return uri if uri.startswith(("https://", "http://")) else ""


def is_public(item: Item) -> bool | None:
    """Whether everybody may see it; ``None`` where it is addressed to nobody."""
    if not is_addressed(item):
        return None
    for key in ("to", "cc", "audience"):
        for who in list_of(item.get(key)):
            if id_of(who) in PUBLIC:
                return True
    return False


def is_addressed(part: Item) -> bool:
    """Whether it says for whom it is."""
    return bool(
        part.get("to") or part.get("cc") or part.get("bto") or part.get("bcc") or part.get("audience")
    )
