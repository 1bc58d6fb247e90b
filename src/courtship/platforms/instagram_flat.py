"""Instagram's first exports (2018 to 2020): a few flat files -> records.

``likes.json``, ``comments.json``, ``connections.json``, ``stories_activities.json``, ``messages.json``,
``media.json``, ``profile.json``, with times in ISO 8601 and user names throughout, direct messages too. No
export of that age was at hand; the shapes are from general knowledge, so that everything is found by the
shape of its values, and what does not fit is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Micros, Post, Profile, Record
from courtship.platforms import meta, times, words
from courtship.platforms.instagram import STORY_KINDS, Export, account, described

WAYS: Final[Mapping[str, str]] = {
    "followers": "follower",
    "following": "following",
    "blocked_users": "blocked",
    "follow_requests_sent": "asked_out",
    "permanent_follow_requests": "asked_out",
}
"""The lists of connections.json that say what two people did to each other."""


def owner(profile: Any, made: Micros) -> Profile | None:
    """profile.json: who the export is about."""
    if not isinstance(profile, Mapping):
        return None
    told = {key: value for key, value in profile.items() if isinstance(value, str)}
    return described(
        meta.handle(told.get("username")),
        told.get("name", ""),
        told.get("email", ""),
        told.get("biography", ""),
        made,
    )


def connection(export: Export, way: str, who: str, when: Any) -> Activity:
    """One line of connections.json: a user name, and since when. `ValueError` where it is neither."""
    other, at = account(meta.handle(who)), times.iso(when)
    if not other or at is None:
        raise ValueError("is an account without name or date; left out")
    inbound = way == "follower"
    return Activity(
        id=f"{way}:{meta.handle(who)}:{at // 1_000_000}",
        kind="block" if way == "blocked" else "follow",
        actor=other if inbound else export.account,
        target=export.account if inbound else other,
        at=at,
    )


def like(export: Export, row: Any, what: str) -> Activity:
    """A row of likes.json: a time and a user name."""
    at, names, _ = _row(row)
    who = names[0] if names else ""
    return Activity(
        id=f"{what}:{at // 1_000_000}:{who}", kind="like", actor=export.account, target=account(who), at=at
    )


def comment(export: Export, row: Any) -> Iterator[Activity]:
    """A row of comments.json: a time, the words, and the user name of whose post it is, last."""
    if not isinstance(row, list) or len(row) != 3:
        raise ValueError("is no comment; left out")
    at, _, _ = _row(row)
    who, text = meta.handle(row[2]), row[1] if isinstance(row[1], str) else ""
    yield from export.said("comment", f"comment:{at // 1_000_000}:{who}", who, text, at, "")


def story(export: Export, row: Any, key: str) -> Activity:
    """A row of stories_activities.json: a time, a user name, and what was answered if anything."""
    at, names, rest = _row(row)
    who = names[0] if names else ""
    return Activity(
        id=f"{key}:{at // 1_000_000}:{who}",
        kind=STORY_KINDS[key],
        actor=export.account,
        target=account(who),
        at=at,
        text=rest or None,
    )


def post(export: Export, record: Any, media: str) -> Post:
    """A picture or video of media.json."""
    at = times.iso(record.get("taken_at")) if isinstance(record, Mapping) else None
    if at is None:
        raise ValueError("is a post without date; left out")
    caption = record.get("caption")
    text = words.tidy(caption) if isinstance(caption, str) else ""
    return export.post(
        {"creation_timestamp": at / 1_000_000, "title": text, "uri": record.get("path")}, media
    )


def talk(export: Export, document: Any) -> Iterator[Record | str]:
    """One conversation of messages.json. Between two each message is towards the other; in a group only what
    the owner wrote is kept, towards nobody."""
    if not isinstance(document, Mapping):
        raise ValueError("is no conversation; left out")
    people = {who for one in _list(document.get("participants")) if (who := meta.handle(one))}
    others = people - {export.who}
    other = account(next(iter(others))) if len(others) == 1 else ""
    for message in _list(document.get("conversation")):
        if not isinstance(message, Mapping):
            continue
        sender, at = meta.handle(message.get("sender")), times.iso(message.get("created_at"))
        if not sender or at is None:
            yield "is a message without sender or date; left out"
            continue
        mine = sender == export.who
        if not mine and account(sender) != other:
            continue
        key = "-".join(sorted(people))
        name = f"dm:{key}:{at // 1_000}:{sender}"
        text = message.get("text")
        yield Activity(
            id=name,
            kind="message",
            actor=account(sender),
            target=other if mine else export.account,
            at=at,
            object=name,
            text=text if isinstance(text, str) and text else None,
            public=False,
        )
        for liked in _list(message.get("likes")):
            who = meta.handle(liked.get("username")) if isinstance(liked, Mapping) else ""
            when = times.iso(liked.get("date")) if isinstance(liked, Mapping) else None
            if who and when is not None and other and who != sender:
                yield Activity(
                    id=f"dm-reaction:{key}:{when // 1_000_000}:{who}",
                    kind="like",
                    actor=account(who),
                    target=account(sender),
                    at=when,
                    object=name,
                    public=False,
                )


def _row(row: Any) -> tuple[Micros, list[str], str]:
    """The time, the user names and the other words of a row, found by their shape."""
    values = [value for value in row if isinstance(value, str)] if isinstance(row, list) else []
    at = next((when for value in values if (when := times.iso(value)) is not None), None)
    if at is None:
        raise ValueError("has no date that can be read; left out")
    rest = [value for value in values if times.iso(value) is None]
    names = [who for value in rest[:1] if (who := meta.handle(value))]
    return at, names, " ".join(rest[1:])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
