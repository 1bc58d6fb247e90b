"""Bluesky (AT Protocol): one record of a repository -> records, whichever file it comes from.

Formats: the lexicons of ``app.bsky.*`` (https://github.com/bluesky-social/atproto, ``lexicons/app/bsky``) and
the AT Protocol's pages on record keys and URIs (https://atproto.com/specs/tid, ``/specs/at-uri-scheme``).
Accounts are ``bluesky:did:…``: a DID never changes; handles are kept in profiles, each with its date.

Decided here:

- An act's id is the address of its record, ``at://DID/COLLECTION/KEY``, and everything told of it follows
  from that address and the record alone. So a repository, a notification and a line of Jetstream tell the
  same of the same act, word for word.
- When it was done is read from the record's key, which is a time (TID); ``createdAt`` is what the author
  says, and may be back-dated. It counts only where the key is no TID. A *post* is dated by the earlier of
  the two, as Bluesky itself sorts it.
- One post may be towards several people: the one it answers or quotes, and everybody it mentions. The first
  has the record's own address, each further one the address with ``#DID`` added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record
from courtship.platforms import times, words
from courtship.times import in_range

LIKE: Final = "app.bsky.feed.like"
REPOST: Final = "app.bsky.feed.repost"
POST: Final = "app.bsky.feed.post"
FOLLOW: Final = "app.bsky.graph.follow"
BLOCK: Final = "app.bsky.graph.block"
PROFILE: Final = "app.bsky.actor.profile"

COLLECTIONS: Final = frozenset({LIKE, REPOST, POST, FOLLOW, BLOCK, PROFILE})
"""What is read of a repository; all else (lists, feeds, gates, settings) is nothing between two people."""

_ABOUT: Final = {LIKE: "like", REPOST: "share"}
_TOWARDS: Final = {FOLLOW: "follow", BLOCK: "block"}

_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,2000}(?<![:%])", re.ASCII)
_URI: Final = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/([A-Za-z0-9.-]+)/([\w.~:-]{1,512})", re.ASCII)
_SORTABLE: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID: Final = re.compile(rf"[{_SORTABLE[:8]}ab][{_SORTABLE}]{{12}}", re.ASCII)
_MEDIA: Final = {"images": "image", "video": "video", "external": "link"}


def account(did: Any) -> Address:
    """``did:plc:abc`` -> ``bluesky:did:plc:abc``; ``""`` where it is no DID."""
    return f"bluesky:{did}" if isinstance(did, str) and _DID.fullmatch(did) else ""


def parts(uri: Any) -> tuple[str, str, str]:
    """``at://DID/COLLECTION/KEY`` -> its three parts. `ValueError` where it is no such address."""
    found = _URI.fullmatch(uri) if isinstance(uri, str) else None
    if found is None or not account(found[1]):
        raise ValueError("has no address that begins with at://did: (a record of an account); left out")
    return found[1], found[2], found[3]


def author(uri: Any) -> Address:
    """Whose record it is, ``""`` where the address does not say (``at://HANDLE/…``)."""
    try:
        return account(parts(uri)[0])
    except ValueError:
        return ""


def tid_time(key: str) -> Micros | None:
    """The time in a record's key; ``None`` where it is no TID (https://atproto.com/specs/tid)."""
    if not _TID.fullmatch(key):
        return None
    number = 0
    for sign in key:
        number = number * 32 + _SORTABLE.index(sign)
    try:
        return in_range(number >> 10)
    except ValueError:
        return None


def page(uri: str) -> str | None:
    """The web page of a post."""
    did, collection, key = parts(uri)
    return f"https://bsky.app/profile/{did}/post/{key}" if collection == POST else None


def record(uri: str, value: Any) -> Iterator[Record]:
    """What one record of a repository tells: acts, the post that it is, the profile that it is.

    `ValueError` says what is wrong with it. Records of other collections tell nothing.
    """
    did, collection, key = parts(uri)
    if collection not in COLLECTIONS:
        return
    if not isinstance(value, Mapping):
        raise ValueError("is no record")
    who = account(did)
    claimed = times.iso(value.get("createdAt"))
    at = tid_time(key) or claimed
    if collection == PROFILE:
        yield described({"did": did, **value}, claimed)
        return
    if at is None:
        raise ValueError("has no date, neither in its key nor of its own; left out")
    if collection in _TOWARDS:
        target = account(value.get("subject"))
        if not target:
            raise ValueError("does not say towards whom; left out")
        yield Activity(uri, _TOWARDS[collection], who, target, at, public=True)
    elif collection in _ABOUT:
        subject = _uri(value.get("subject"))
        if not subject.startswith("at://"):
            raise ValueError("does not say of what; left out")
        owner = author(subject)
        yield Activity(
            uri,
            _ABOUT[collection],
            who,
            owner,
            at,
            object=subject,
            url=page(subject) if owner else None,
            public=True,
        )
    else:
        yield from _post(uri, who, at, min(at, claimed or at), value)


def _post(uri: str, who: Address, at: Micros, dated: Micros, value: Mapping[str, Any]) -> Iterator[Record]:
    text = words.tidy(_text(value.get("text")))
    reply = value.get("reply")
    answered = _uri(reply.get("parent")) if isinstance(reply, Mapping) else ""
    quoted = _quoted(value.get("embed"))
    told: dict[Address, str] = {}
    if quoted:
        told.setdefault(author(quoted), "quote")
    if answered:
        told.setdefault(author(answered), "comment")
    for mentioned in _mentions(value):
        told.setdefault(mentioned, "mention")
    own_thread = bool(answered) and author(answered) == who
    told.pop(who, None)  # what an account says to itself
    for order, (target, kind) in enumerate(told.items()):
        yield Activity(
            uri if order == 0 else f"{uri}#{target.partition(':')[2]}",
            kind,
            who,
            target,
            at,
            object={"quote": quoted, "comment": answered}.get(kind, uri),
            in_reply_to=answered or None,
            text=text or None,
            url=page(uri),
            public=True,
        )
    if not answered or own_thread:
        yield Post(
            uri,
            who,
            dated,
            text=text,
            media=_media(value.get("embed")),
            link=_link(value),
            tags=tuple(dict.fromkeys(_features(value, "tag", "tag"))),
            url=page(uri) or "",
            public=True,
        )


def _mentions(value: Mapping[str, Any]) -> Iterator[Address]:
    for did in _features(value, "mention", "did"):
        if who := account(did):
            yield who


def _features(value: Mapping[str, Any], sort: str, key: str) -> Iterator[str]:
    """What the facets (marked stretches of a text) of one sort say."""
    for facet in _listed(value.get("facets")):
        for feature in _listed(facet.get("features") if isinstance(facet, Mapping) else None):
            if isinstance(feature, Mapping) and _text(feature.get("$type")).endswith(f"#{sort}"):
                said = _text(feature.get(key))
                if said:
                    yield said


def _quoted(embed: Any) -> str:
    """The post that is quoted, alone or beside pictures; a list or a feed that is shown is no quotation."""
    inner = embed.get("record") if isinstance(embed, Mapping) else None
    if isinstance(inner, Mapping) and isinstance(inner.get("record"), Mapping):
        inner = inner["record"]
    uri = _uri(inner)
    return uri if f"/{POST}/" in uri else ""


def _media(embed: Any) -> str:
    if not isinstance(embed, Mapping):
        return "text"
    media = embed.get("media")
    shown = media if isinstance(media, Mapping) else embed
    sort = _text(shown.get("$type")).removesuffix("#main").rpartition(".")[2]
    if sort == "images" and len(_listed(shown.get("images"))) > 1:
        return "album"
    return _MEDIA.get(sort, "text")


def _link(value: Mapping[str, Any]) -> str:
    embed = value.get("embed")
    shown = embed.get("media", embed) if isinstance(embed, Mapping) else None
    card = shown.get("external") if isinstance(shown, Mapping) else None
    address = _text(card.get("uri")) if isinstance(card, Mapping) else ""
    found = address or next(_features(value, "link", "uri"), "")
    return found if found.startswith(("https://", "http://")) else ""


def described(view: Any, at: Micros | None, *, own: bool = False) -> Profile:
    """A profile, as its record or as an answer shows it. `ValueError` where it is nobody's.

    ``handle.invalid`` is how answers say that a handle no longer leads to the account.
    """
    who = account(view.get("did")) if isinstance(view, Mapping) else ""
    if not who:
        raise ValueError("does not say who it is (no DID); left out")
    handle = _text(view.get("handle"))
    followers = view.get("followersCount")
    return Profile(
        who,
        at,
        name=words.tidy(_text(view.get("displayName"))),
        handle="" if handle == "handle.invalid" else handle,
        url=f"https://bsky.app/profile/{who.partition(':')[2]}",
        bio=words.tidy(_text(view.get("description"))),
        followers=followers if isinstance(followers, int) and followers >= 0 else None,
        links=tuple(re.findall(r"https?://[^\s<>\"')]+", _text(view.get("description")))),
        own=own,
    )


def _uri(value: Any) -> str:
    """The address in a reference ``{uri, cid}``."""
    return _text(value.get("uri")) if isinstance(value, Mapping) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
