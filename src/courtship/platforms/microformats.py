"""Pages with microformats (https://microformats.org/wiki/microformats2), parsed -> records.

What is parsed is the canonical JSON that every parser of microformats gives: ``items`` with ``type`` and
``properties``, and ``rels``. Each ``h-entry`` becomes entries in JF2, one for each thing it acts on, which
`courtship.platforms.webmention` maps; so does a receiver of webmentions (`towards`). Decided here:

- Who did it: the authorship algorithm (https://indieweb.org/authorship-spec) as far as one page tells: the
  entry's author, its feed's, ``rel=author``, with the card of that address on the page; then the only card of
  the page, then the site of the page.
- Whose the thing acted on is: the brand's where its address is on one of the brand's sites; else whoever the
  citation or the address itself names; else nobody known.
- One entry acts once on each account. Where it says several things of one, the first counts of: an RSVP, a
  quotation, an answer, a repost, a like, a bookmark, a follow, a tag, a mere link in its words (the order of
  https://www.w3.org/TR/post-type-discovery/, but for the quote, which goes before an answer everywhere here).
- Comments, likes and reposts that a page shows below its entry are acts of their authors towards the entry's.
- Without a date it was done at the latest when the page was saved: not precise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from courtship.addresses import owner_of_uri
from courtship.model import Activity, Address, Micros, Post, Profile, Record
from courtship.platforms import times, webmention, words
from courtship.times import to_iso

PROPERTIES: Final = (
    "quotation-of",
    "in-reply-to",
    "repost-of",
    "like-of",
    "bookmark-of",
    "follow-of",
)
"""What an entry may do with the thing it links to, the first that fits of several."""

SHOWN: Final[Mapping[str, str]] = {
    "comment": "in-reply-to",
    "like": "like-of",
    "repost": "repost-of",
    "bookmark": "bookmark-of",
    "mention": "mention-of",
}
"""What a page shows below an entry, and the property by which its author would have said it."""

_ENTRIES: Final = frozenset({"h-entry", "h-event", "h-review"})
_TAG: Final = re.compile(r"#(\w+)")
DEEPEST: Final = 20
"""Levels of things within things that are looked through."""

Item = Mapping[str, Any]


class Page(NamedTuple):
    """A parsed page. ``url`` is ``""`` where it is not known; ``saved`` when it was still so."""

    items: Sequence[Item]
    rels: Mapping[str, Any]
    url: str
    saved: Micros


class Act(NamedTuple):
    """One thing that one entry does: in JF2, with the card of the thing's author if the page has it."""

    entry: dict[str, Any]
    cited: str = ""
    """The address of whoever wrote what is acted on, as the citation says."""


def page(parsed: Any, url: str, saved: Micros) -> Page:
    """The page of a parser's answer; what is not as it should be is left out."""
    items = parsed.get("items") if isinstance(parsed, Mapping) else None
    rels = parsed.get("rels") if isinstance(parsed, Mapping) else None
    return Page(_items(items), rels if isinstance(rels, Mapping) else {}, url, saved)


def towards(found: Page, target: str) -> Iterator[dict[str, Any]]:
    """What the page does with the address ``target``, in JF2 as webmention.io has it: for a receiver of
    webmentions. One entry at most acts, the first that does."""
    for item, feed in entries(found):
        for act in acts(found, item, feed):
            if _same(act.entry["wm-target"], target):
                yield {**act.entry, "wm-target": target}
                return


def entries(found: Page) -> Iterator[tuple[Item, Item | None]]:
    """Every entry of the page that is no part of another, with the feed that it is in."""

    def walk(items: Sequence[Item], feed: Item | None, depth: int) -> Iterator[tuple[Item, Item | None]]:
        for item in items:
            kinds = _kinds(item)
            if kinds & _ENTRIES:
                yield item, feed
            elif depth < DEEPEST and "h-cite" not in kinds and "h-card" not in kinds:
                yield from walk(_items(item.get("children")), item if "h-feed" in kinds else feed, depth + 1)

    yield from walk(found.items, None, 0)


def acts(found: Page, item: Item, feed: Item | None) -> Iterator[Act]:
    """What one entry does, each thing once: explicit properties first, then tags, then links in its words."""
    base = _jf2(found, item, feed)
    seen: set[str] = set()
    answer = bool(_first(item, "rsvp"))
    for name in PROPERTIES:
        for value in _values(item, name):
            address = _address(found, value)
            if not address or _plain_url(address) in seen:
                continue
            seen.add(_plain_url(address))
            said = "rsvp" if answer and name == "in-reply-to" else name
            cited = _card(found, _first_item(value, "author"))["url"] if isinstance(value, Mapping) else ""
            yield Act({**base, "wm-property": said, "wm-target": address}, cited)
    for value in _values(item, "category"):
        address = _address(found, value) if isinstance(value, Mapping) or _is_web(value) else ""
        if address and _plain_url(address) not in seen:
            seen.add(_plain_url(address))
            yield Act({**base, "wm-property": "tag-of", "wm-target": address}, address)
    for value in _values(item, "content"):
        html = value.get("html") if isinstance(value, Mapping) else None
        for link in words.links(html) if isinstance(html, str) else ():
            if _plain_url(link) not in seen:
                seen.add(_plain_url(link))
                yield Act({**base, "wm-property": "mention-of", "wm-target": link})


class Reader:
    """Maps pages. ``brand`` are the brand's accounts: whose sites' pages are the brand's own."""

    def __init__(self, brand: frozenset[Address]) -> None:
        self._sites = sorted((one for one in brand if one.startswith("web:")), key=len, reverse=True)
        self._brand = brand
        self._told: set[Profile] = set()
        self.silent = 0
        """Entries of the last page that act on nothing whose owner is known."""

    def page(self, found: Page) -> Iterator[Record]:
        """The records of one page."""
        self.silent = 0
        for item, feed in entries(found):
            told = list(self._entry(found, item, feed))
            self.silent += not any(isinstance(record, Activity | Post) for record in told)
            yield from told

    def _entry(self, found: Page, item: Item, feed: Item | None) -> Iterator[Record]:
        base = _jf2(found, item, feed)
        site = self._ours(found.url) or webmention.site(found.url)
        author = webmention.account(base["author"]["url"]) or site
        author = self._ours(base["author"]["url"]) or author
        if not author:
            return
        own = author in self._brand
        url = _text(base.get("url"))
        done: set[Address] = set()
        doing = False
        for act in acts(found, item, feed):
            aimed = act.entry["wm-target"]
            target = self._ours(aimed) or webmention.account(act.cited) or owner_of_uri(aimed)
            mere = act.entry["wm-property"] == "mention-of"
            doing = doing or not mere
            if target in done or target == author or (not target and (mere or not own)):
                continue
            done.add(target)
            number = f"#{len(done) - 1}" if len(done) > 1 else ""
            yield from self._tell(act.entry, f"page:{url}{number}" if url else "", author, target)
        if own and not doing and "h-entry" in _kinds(item):
            yield from self._post(found, item, base, author)
        yield from self._below(found, item, author, url or found.url)

    def _tell(self, entry: dict[str, Any], id: str, actor: Address, target: Address) -> Iterator[Record]:
        for record in webmention.tell(entry, id, target, actor):
            if isinstance(record, Activity):
                yield record._replace(actor=actor)
            elif isinstance(record, Profile):
                known = record._replace(account=actor, links=tuple(entry["author"].get("links", ())))
                if known not in self._told:
                    self._told.add(known)
                    yield known

    def _post(self, found: Page, item: Item, base: Mapping[str, Any], author: Address) -> Iterator[Record]:
        at, precise = webmention.moment(base)
        url = _text(base.get("url")) or found.url
        if not url or not precise:
            return
        text = base["content"]["text"]
        title = words.tidy(_text(_first(item, "name")))
        media = next((kind for kind in ("video", "audio", "photo") if _values(item, kind)), "text")
        tags = (
            words.tidy(tag).removeprefix("#") for tag in _values(item, "category") if isinstance(tag, str)
        )
        yield Post(
            object=url,
            author=author,
            at=at,
            text=f"{title}\n\n{text}"
            if title and text and not text.startswith(title[:80])
            else text or title,
            media="image" if media == "photo" else media,
            tags=tuple(dict.fromkeys(tag for tag in (*tags, *_TAG.findall(text)) if tag)),
            url=url,
            public=True,
        )

    def _below(self, found: Page, item: Item, author: Address, url: str) -> Iterator[Record]:
        """What others said of an entry, as its page shows it."""
        for name, said in SHOWN.items():
            for value in _values(item, name):
                if not isinstance(value, Mapping) or not url:
                    continue
                entry = _jf2(found, value, None, alone=True)
                actor = webmention.account(entry["author"]["url"])
                if not actor or actor == author:
                    continue
                entry |= {"wm-property": said, "wm-target": url}
                where = _text(entry.get("url"))
                yield from self._tell(entry, f"page:{where}" if where else "", actor, author)

    def _ours(self, address: str) -> Address:
        """The brand's account on whose site an address is; ``""`` where it is on none."""
        if not (site := webmention.site(address)):
            return ""
        place = f"{site}{urlsplit(address).path.rstrip('/')}/"
        for one in self._sites:
            bare = f"web:{one.removeprefix('web:').removeprefix('www.').rstrip('/')}/"
            if place.startswith(bare):
                return one
        return ""


# ------------------------------------------------------------------ an entry in JF2, and who wrote it


def _jf2(found: Page, item: Item, feed: Item | None, *, alone: bool = False) -> dict[str, Any]:
    """An entry without what it acts on. ``alone``: the page's own author is not this one's."""
    content = _first(item, "content") or _first(item, "summary")
    text = content.get("value") if isinstance(content, Mapping) else content
    text = words.tidy(_text(text)) or words.tidy(_text(_first(item, "name")))
    published = next((one for one in _values(item, "published") if isinstance(one, str)), None)
    updated = next((one for one in _values(item, "updated") if times.iso(one) is not None), None)
    card = _first_item(item, "author")
    return {
        "type": "entry",
        "author": _card(found, card) if alone else _author(found, card, feed),
        "url": _absolute(found, _first(item, "url")) or ("" if alone else found.url),
        "published": published,
        "wm-received": updated or to_iso(found.saved),
        "wm-source": found.url,
        "content": {"text": text or words.tidy(_text(_first(item, "rsvp")))},
    }


def _author(found: Page, card: Any, feed: Item | None) -> dict[str, Any]:
    if not card and feed is not None:
        card = _first_item(feed, "author")
    if not card:
        related = found.rels.get("author")
        card = next((one for one in related if _is_web(one)), None) if isinstance(related, list) else None
    if not card:
        cards = [item for item in found.items if "h-card" in _kinds(item)]
        card = cards[0] if len(cards) == 1 else None
    return _card(found, card)


def _card(found: Page, card: Any) -> dict[str, Any]:
    """``{"name", "url", "links"}`` of a card, an address or a name; addresses find their card on the page."""
    if isinstance(card, str):
        address = _absolute(found, card) if _is_web(card) or card.startswith("/") else ""
        if not address:
            return {"name": card, "url": "", "links": []}
        card = next(
            (
                item
                for item in found.items
                if "h-card" in _kinds(item)
                and any(_same(_absolute(found, one), address) for one in _values(item, "url"))
            ),
            {"properties": {"url": [address]}},
        )
    if not isinstance(card, Mapping):
        return {"name": "", "url": "", "links": []}
    links = [one for value in _values(card, "url") if (one := _absolute(found, value))]
    value = card.get("value")
    url = links[0] if links else value if _is_web(value) else ""
    name = words.tidy(_text(_first(card, "name"))) or words.tidy(_text(_first(card, "nickname")))
    return {"name": "" if _is_web(name) else name, "url": url, "links": links if len(links) > 1 else []}


def _address(found: Page, value: Any) -> str:
    """The address of a thing: a link, or the ``url`` of what is cited."""
    if isinstance(value, Mapping):
        inner = next((one for one in _values(value, "url") if isinstance(one, str)), None)
        return _absolute(found, inner or value.get("value"))
    return _absolute(found, value)


def _absolute(found: Page, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        address = urljoin(found.url, value.strip()) if found.url else value.strip()
        return address if _is_web(address) and urlsplit(address).netloc else ""
    except ValueError:
        return ""


def _first_item(item: Any, name: str) -> Any:
    return _first(item, name) if isinstance(item, Mapping) else None


def _first(item: Item, name: str) -> Any:
    return next(iter(_values(item, name)), None)


def _values(item: Item, name: str) -> list[Any]:
    properties = item.get("properties")
    values = properties.get(name) if isinstance(properties, Mapping) else None
    return values if isinstance(values, list) else []


def _kinds(item: Item) -> set[str]:
    kinds = item.get("type")
    return {kind for kind in kinds if isinstance(kind, str)} if isinstance(kinds, list) else set()


def _items(value: Any) -> list[Item]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _is_web(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _same(one: str, other: str) -> bool:
    return bool(one) and _plain_url(one) == _plain_url(other)


def _plain_url(address: str) -> str:
    """Without scheme, ``www.``, fragment and last slash: two ways to write one place."""
    bare = re.sub(r"^https?://(?:www\.)?", "", address.partition("#")[0])
    return bare.rstrip("/")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
