"""Webmentions as webmention.io hands them over (JF2, https://jf2.spec.indieweb.org/) -> records.

Decided here:

- The brand's account is its site: ``web:HOST`` of the page that was mentioned.
- Who did it is the author's address; where there is none, the site that the mention came from.
- A page that links without answering is a ``quote``: a linking post, as a trackback is.
- ``published`` is what the other site says. Where it says nothing, the moment it was received is the latest
  at which it can have happened: not precise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from courtship.addresses import of_uri
from courtship.model import Activity, Address, Profile, Record
from courtship.platforms import times, words

KINDS: Final[Mapping[str, str]] = {
    "in-reply-to": "comment",
    "rsvp": "comment",
    "like-of": "like",
    "bookmark-of": "like",
    "repost-of": "share",
    "mention-of": "quote",
    "quotation-of": "quote",
    "follow-of": "follow",
}
"""The property of the mentioning page, and the kind that it is."""


def site(address: Any) -> Address:
    """``https://www.Bakery.example/bread`` -> ``web:bakery.example``; ``""`` where it is no web address."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
        host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.") if parts else ""
    except ValueError:
        return ""
    return f"web:{host}" if parts and parts.scheme in {"http", "https"} and host else ""


def mention(entry: Any) -> Iterator[Record]:
    """One child of the feed. `ValueError` says what is wrong with it."""
    if not isinstance(entry, dict):
        raise ValueError("is no entry")
    kind = KINDS.get(_string(entry.get("wm-property")))
    if kind is None:
        raise ValueError(f"is of a property that is not known here: {entry.get('wm-property')!r:.40}")
    aimed = _string(entry.get("wm-target"))
    brand = site(aimed)
    if not brand:
        raise ValueError("does not say which page it mentions (wm-target)")
    published = times.iso(entry.get("published"))
    at = published or times.iso(entry.get("wm-received"))
    if at is None:
        raise ValueError("has no date (published, wm-received)")
    author = entry.get("author") if isinstance(entry.get("author"), dict) else {}
    assert isinstance(author, dict)
    name = words.plain(author.get("name"))
    actor = _account(author.get("url")) or site(entry.get("wm-source"))
    content = entry.get("content")
    text = content.get("text") or words.plain(content.get("html")) if isinstance(content, dict) else content
    number = entry.get("wm-id")
    private = entry.get("wm-private")
    yield Activity(
        # The other's account may be of any platform, whose ids must not be taken for these.
        f"webmention:{number}" if isinstance(number, int | str) else "",
        kind,
        actor,
        brand,
        at,
        precise=published is not None,
        object=aimed if kind != "follow" else None,
        in_reply_to=aimed if kind == "comment" else None,
        text=words.tidy(text) or None if isinstance(text, str) else None,
        url=_string(entry.get("url")) or _string(entry.get("wm-source")) or None,
        public=not private if isinstance(private, bool) else None,
        actor_name=name or None,
    )
    if actor and name:
        yield Profile(actor, name=name, url=_string(author.get("url")))


def _account(url: Any) -> Address:
    try:
        return of_uri(url) if isinstance(url, str) and url.startswith(("https://", "http://")) else ""
    except ValueError:
        return ""


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
