"""Webmentions in JF2 (https://jf2.spec.indieweb.org/), as webmention.io hands them over -> records.

A page with microformats becomes such entries in `courtship.platforms.microformats`, so that a file of
webmention.io's, a saved page and a page that a receiver fetched tell of the same act in the same words.

Decided here:

- The brand's account is its site: ``web:HOST`` of the page that was mentioned.
- Who did it is the author's address; where there is none, the site that the mention came from.
- A page that links without answering is a ``quote``: a linking post, as a trackback is. One that tags a
  person (``tag-of``) is a ``mention``.
- ``published`` is what the other site says; of a day alone it is the day's last second, and not precise.
  Where it says nothing, the moment it was received is the latest at which it can have happened: not precise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from courtship.addresses import of_uri
from courtship.model import DAY, Activity, Address, Micros, Profile, Record
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
    "tag-of": "mention",
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
    aimed = _string(entry.get("wm-target"))
    brand = site(aimed)
    if not brand:
        raise ValueError("does not say which page it mentions (wm-target)")
    number = entry.get("wm-id")
    # The other's account may be of any platform, whose ids must not be taken for these.
    name = f"webmention:{number}" if isinstance(number, int | str) else ""
    yield from tell(entry, name, brand, site(entry.get("wm-source")))


def tell(entry: Mapping[str, Any], id: str, target: Address, otherwise: Address) -> Iterator[Record]:
    """The act of an entry towards ``target``; ``otherwise`` did it where the entry names no author.

    `ValueError` says what is wrong with it.
    """
    kind = KINDS.get(_string(entry.get("wm-property")))
    if kind is None:
        raise ValueError(f"is of a property that is not known here: {entry.get('wm-property')!r:.40}")
    aimed = _string(entry.get("wm-target"))
    at, precise = moment(entry)
    author = entry.get("author") if isinstance(entry.get("author"), dict) else {}
    assert isinstance(author, dict)
    name = words.plain(author.get("name"))
    actor = account(author.get("url")) or otherwise
    content = entry.get("content")
    text = content.get("text") or words.plain(content.get("html")) if isinstance(content, dict) else content
    private = entry.get("wm-private")
    yield Activity(
        id,
        kind,
        actor,
        target,
        at,
        precise=precise,
        object=aimed if kind != "follow" else None,
        in_reply_to=aimed if kind == "comment" else None,
        text=words.tidy(text) or None if isinstance(text, str) else None,
        url=_string(entry.get("url")) or _string(entry.get("wm-source")) or None,
        public=not private if isinstance(private, bool) else None,
        actor_name=name or None,
    )
    if actor and name:
        yield Profile(actor, name=name, url=_string(author.get("url")))


def moment(entry: Mapping[str, Any]) -> tuple[Micros, bool]:
    """When an entry was published, and whether that is precise; `ValueError` where nothing is said."""
    published = times.iso(entry.get("published"))
    if published is not None:
        day = len(entry["published"].strip()) == 10
        return (published + DAY - 1_000_000, False) if day else (published, True)
    received = times.iso(entry.get("wm-received"))
    if received is None:
        raise ValueError("has no date (published, wm-received)")
    return received, False


def account(url: Any) -> Address:
    """The account of an author's address; that of a whole site is the site. ``""`` where it is none."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return ""
    try:
        found = of_uri(url)
    except ValueError:
        return ""
    return found if "/" in found or not found.startswith("web:") else site(url)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
