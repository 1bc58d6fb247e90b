"""Google+ posts as Takeouts had them before October 2018 -> posts with the keys of later ones.

Until 2017 a post was JSON in the form of Google+'s API (closed: ``actor``, ``object`` with ``replies``,
``plusoners``, ``resharers``); in 2018 a web page of its own. Both are brought into the later form, which
`courtship.platforms.googleplus` maps, so that one act is one whichever Takeout tells of it.

Decided here:

- Names without an address are counted, never taken for people.
- Where the API's form has only a number of +1s, reshares or comments, it is a total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from courtship.model import Micros, Total
from courtship.platforms import words
from courtship.platforms.googleplus import at_page

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\s*(?:Z|[+-]\d\d:?\d\d)")
_POST: Final = re.compile(r"https?://plus\.google\.com/(?:u/\d+/)?(?:\d{5,}|\+[^/?#\s]+)/posts/\w+")
_AUTHOR: Final = re.compile(r"(https?://plus\.google\.com/(?:u/\d+/)?(?:\d{5,}|\+[^/?#\s]+))/posts/")
MOST_TAGS: Final = 50_000
"""A post has at most 500 comments; the parser's time grows with the square of how deep tags are nested."""

Counted = Mapping[str, int]
"""How many did what, by kind of activity, where nobody says who."""


def is_api(document: Any) -> bool:
    """Whether a JSON value is a post in the API's form."""
    return (
        isinstance(document, Mapping)
        and isinstance(document.get("actor"), Mapping)
        and isinstance(document.get("object"), Mapping)
    )


def from_api(document: Mapping[str, Any]) -> tuple[dict[str, Any], Counted]:
    """A post in the API's form. `ValueError` where it is none (a comment, say)."""
    if not is_api(document) or document.get("kind") == "plus#comment":
        raise ValueError("is no post; left out")
    thing = document["object"]
    shared = document.get("verb") == "share"
    said = document.get("annotation") if shared else thing.get("content")
    post: dict[str, Any] = {
        "url": _text(document.get("url")) or (_text(thing.get("url")) if not shared else ""),
        "resourceName": _text(document.get("id")),
        "creationTime": document.get("published"),
        "author": _person(document["actor"]),
        "content": _text(said),
        "comments": [
            {
                "creationTime": reply.get("published"),
                "author": _person(reply.get("actor")),
                "content": _text(_inner(reply, "object").get("content")),
                "resourceName": _text(reply.get("id")),
            }
            for reply in _items(thing, "replies")
        ],
        "plusOnes": [{"plusOner": _person(one)} for one in _items(thing, "plusoners")],
        "reshares": [{"resharer": _person(one)} for one in _items(thing, "resharers")],
    }
    if shared:
        post["resharedPost"] = {
            "url": _text(thing.get("url")),
            "resourceName": _text(thing.get("id")),
            "author": _person(thing.get("actor")),
        }
    link, media = _attached(thing)
    if link:
        post["link"] = {"url": link}
    if media:
        post["album"] = {"media": [{"contentType": f"{kind}/*"} for kind in media]}
    access = _inner(document, "access").get("items")
    if isinstance(access, list):
        kinds = [one.get("type") for one in access if isinstance(one, Mapping)]
        post["postAcl"] = {"isPublic": "public" in kinds}
    counted = {
        kind: count
        for name, kind in (("replies", "comment"), ("plusoners", "like"), ("resharers", "share"))
        if not _items(thing, name) and (count := _count(_inner(thing, name).get("totalItems")))
    }
    return post, counted


def from_page(markup: str) -> tuple[dict[str, Any], Counted]:
    """A post as a web page. `ValueError` where it is none."""
    if markup.count("<") > MOST_TAGS:
        raise ValueError("has more tags than any post; left out")
    tree = LexborHTMLParser(markup)
    body = tree.body
    comments = tree.css(".comment")
    author = tree.css_first("a.author")
    where = next((node for node in tree.css("a[href]") if _POST.match(_href(node)) and _time(node)), None)
    if body is None or author is None or where is None or _within(author, comments):
        raise ValueError("is no page of a post, or names no author or address; left out")
    content = tree.css_first(".main-content")
    post: dict[str, Any] = {
        "url": _href(where),
        "creationTime": _time(where),
        "author": _linked(author),
        "content": content.html if content is not None else "",
        "comments": [_comment(node) for node in comments],
        "plusOnes": [],
        "reshares": [],
    }
    counted: dict[str, int] = {}
    for css, key, inner, kind in (
        (".plus-oners", "plusOnes", "plusOner", "like"),
        (".resharers", "reshares", "resharer", "share"),
    ):
        nodes = [node for node in tree.css(css) if not _within(node, comments)]
        people = [_linked(link) for node in nodes for link in node.css("a[href]") if at_page(_href(link))]
        post[key] = [{inner: person} for person in people]
        named = sum(1 for node in nodes for name in _names(node) if name)
        if named > len(people):
            counted[kind] = named - len(people)
    shared = tree.css_first("a.reshare-attribution")
    if shared is not None:
        found = _AUTHOR.match(_href(shared))
        page = found[1] if found else _href(shared)
        post["resharedPost"] = {
            "url": _href(shared) if found else "",
            "author": {"displayName": "", "profilePageUrl": page},
        }
    link = tree.css_first("a.link-embed")
    if link is not None and _href(link).startswith(("https://", "http://")):
        post["link"] = {"url": _href(link)}
    pictures = len(tree.css("img.media"))
    if pictures or tree.css_first(".video-placeholder") is not None:
        kinds = ["image/*"] * pictures or ["video/*"]
        post["album"] = {"media": [{"contentType": kind} for kind in kinds]}
    seen = tree.css_first(".visibility")
    if seen is not None and seen.text(separator="").rpartition(":")[2].strip() == "Public":
        post["postAcl"] = {"isPublic": True}
    return post, counted


def totals(post: Mapping[str, Any], counted: Counted, made: Micros) -> Iterator[Total]:
    """What is only counted, as of the Takeout."""
    name = _text(post.get("url")) or _text(post.get("resourceName"))
    for kind, count in counted.items():
        if name:
            yield Total(name, kind, count, made)


# ------------------------------------------------------------------ parts of the API's form


def _person(actor: Any) -> dict[str, Any]:
    if not isinstance(actor, Mapping):
        return {}
    number = _text(actor.get("id"))
    return {
        "displayName": _text(actor.get("displayName")),
        "profilePageUrl": _text(actor.get("url")),
        "resourceName": f"users/{number}" if number.isdecimal() else "",
    }


def _items(thing: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = _inner(thing, name).get("items")
    return [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []


def _inner(thing: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = thing.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _attached(thing: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The link of a post, and what is pictured in it."""
    link, media = "", []
    attachments = thing.get("attachments")
    for one in attachments if isinstance(attachments, list) else ():
        if not isinstance(one, Mapping):
            continue
        kind = one.get("objectType")
        if kind == "article":
            link = link or _text(one.get("url"))
        elif kind == "video":
            media.append("video")
        elif kind == "photo":
            media.append("image")
        elif kind == "album":
            pictures = one.get("thumbnails")
            media += ["image"] * (len(pictures) if isinstance(pictures, list) and len(pictures) > 1 else 2)
    return link, media


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else 0


# ------------------------------------------------------------------ parts of a page


def _comment(node: LexborNode) -> dict[str, Any]:
    author, at, content = (node.css_first(css) for css in ("a.author", ".time", ".comment-content"))
    return {
        "creationTime": _time(at) if at is not None else "",
        "author": _linked(author) if author is not None else {},
        "content": content.html if content is not None else "",
    }


def _linked(link: LexborNode) -> dict[str, Any]:
    name = " ".join(link.text(separator="").split())
    return {"displayName": name, "profilePageUrl": _href(link)}


def _names(node: LexborNode) -> list[str]:
    """Names in ``+1'd by: Ann, Bo``."""
    said = words.tidy(node.text(separator="")).replace("\n", " ")
    return [name.strip() for name in said.partition(":")[2].split(",")]


def _time(node: LexborNode) -> str:
    found = _TIME.search(node.text(separator=""))
    return found[0] if found else ""


def _href(node: LexborNode) -> str:
    return (node.attributes.get("href") or "").strip()


def _within(node: LexborNode, comments: list[LexborNode]) -> bool:
    above = {one.mem_id for one in comments}
    parent = node.parent
    while parent is not None:
        if parent.mem_id in above:
            return True
        parent = parent.parent
    return False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
