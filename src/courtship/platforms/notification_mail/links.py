"""The addresses in notification mails -> the post or person they lead to, without what tracks the reader.

Posts are named as the platform's other sources name them, so that an act told twice is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from courtship.model import Address
from courtship.platforms import linkedin, mastodon, meta, x

_LONGEST: Final = 4_000
_RESERVED: Final = frozenset(
    re.findall(
        r"\S+",
        """about account accounts ads business channel create direct directory discover emails emailsettings
        events explore feed forgot groups hashtag hashtags help home i ideas intent jobs legal login logout
        media messages messenger n nd notifications o oauth p password pages permalink.php photo photo.php
        photos pin playlist plugins policies policy premium privacy profile.php reel reels results search
        secure settings sharer share shorts signup stories story.php support terms tos tv u user video videos
        watch _n _u""",
    )
)
"""First parts of addresses that are nobody's name."""

_FACEBOOK_NAME: Final = re.compile(r"[A-Za-z0-9.]{3,60}", re.ASCII)
_FACEBOOK_POST: Final = re.compile(
    r"/(?:[\w.]+/(?:posts|videos|photos)|reel|groups/[\w.]+/(?:permalink|posts))/[\w.:-]+", re.ASCII
)
_X_HANDLE: Final = re.compile(r"/@?(\w{1,20})", re.ASCII)
_X_POST: Final = re.compile(r"/(\w{1,20})/status(?:es)?/(\d{1,20})", re.ASCII)
_PINTEREST: Final = re.compile(r"/([A-Za-z0-9_]{3,30})/?", re.ASCII)
_TOOT: Final = re.compile(r"/(?:@|users/)([A-Za-z0-9_][\w.-]*)(?:/(?:statuses/)?(\d{1,30}))?", re.ASCII)
_PIN: Final = re.compile(r"/pin/(\d{1,30})", re.ASCII)


class Link(NamedTuple):
    """Where a link leads: to a post (``object``, with its author where the address tells), or to a person."""

    object: str = ""
    author: Address = ""
    person: Address = ""


_NOWHERE: Final = Link()


def followed(platform: str, address: str) -> Link:
    """The post or person of a link of that platform; empty for every other link."""
    if not address.startswith(("https://", "http://")) or len(address) > _LONGEST:
        return _NOWHERE
    try:
        split = urlsplit(address)
        host = (split.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    except ValueError:
        return _NOWHERE
    reader = _READERS.get(platform)
    return reader(host, split.path, split.query) if reader is not None else _NOWHERE


Query = Mapping[str, str]


def _query(raw: str) -> Query:
    """The parameters of an address, the first of each name."""
    try:
        return {name: values[0] for name, values in parse_qs(raw, max_num_fields=100).items()}
    except ValueError:
        return {}


def _facebook(host: str, path: str, raw: str) -> Link:
    if host != "facebook.com" and not host.endswith(".facebook.com"):
        return _NOWHERE
    query = _query(raw)
    if path.rstrip("/") in {"/n", "/nd"}:
        # The page stands first in the query of what a mail links to: /n/?permalink.php&story_fbid=…
        path = f"/{unquote(raw.partition('&')[0])}"
        path, _, more = path.partition("?")
        if "=" in path:
            return _NOWHERE
        query = {**query, **_query(more)}
    page = path.strip("/")
    if page in {"permalink.php", "story.php"} and query.get("story_fbid"):
        return Link(_kept("permalink.php", query, "story_fbid", "id", "comment_id", "reply_comment_id"))
    if page in {"photo.php", "photo"} and query.get("fbid"):
        return Link(_kept("photo.php", query, "fbid", "comment_id", "reply_comment_id"))
    if page == "watch" and query.get("v"):
        return Link(_kept("watch/", query, "v", "comment_id", "reply_comment_id"))
    if page == "profile.php" and query.get("id", "").isdecimal():
        return Link(person=f"facebook:{query['id']}")
    if found := _FACEBOOK_POST.match(path):
        return Link(_kept(found[0].strip("/"), query, "comment_id", "reply_comment_id"))
    if _FACEBOOK_NAME.fullmatch(page) and page.lower() not in _RESERVED:
        return Link(person=f"facebook:{page.lower()}")
    return _NOWHERE


def _kept(page: str, query: Query, *names: str) -> str:
    """The address of a page with these of its parameters, in this order."""
    more = "&".join(f"{name}={query[name]}" for name in names if query.get(name))
    return f"https://www.facebook.com/{page}{'?' if more else ''}{more}"


def without_comment(object: str) -> str:
    """The post that a comment's address is of."""
    return re.sub(r"(?:[?&](?:comment_id|reply_comment_id|lc)=[^&]*)+$", "", object)


def comment_of(object: str) -> str:
    """The comment that a reply's address is of (YouTube writes ``lc=COMMENT.REPLY``)."""
    object = re.sub(r"[?&]reply_comment_id=[^&]*$", "", object)
    return re.sub(r"([?&]lc=[^&.]+)\.[^&]*$", r"\1", object)


def opened(object: str) -> str:
    """The web address at which a post can be seen."""
    return f"https://www.linkedin.com/feed/update/{object}/" if object.startswith("urn:li:") else object


def _linkedin(host: str, path: str, raw: str) -> Link:
    if host != "linkedin.com" and not host.endswith(".linkedin.com"):
        return _NOWHERE
    address = f"https://www.linkedin.com{path.removeprefix('/comm')}"
    who = linkedin.person(address)
    object = linkedin.post(address)
    if who or object == address:
        return Link(person=who)
    found = re.match(r"/posts/([^/_]+)_", path.removeprefix("/comm"))
    return Link(object, author=f"linkedin:{unquote(found[1]).lower()}" if found else "")


def _x(host: str, path: str, raw: str) -> Link:
    if host not in {"twitter.com", "x.com"}:
        return _NOWHERE
    if path.startswith("/i/redirect"):
        inner = _query(raw).get("url", "")
        return followed("x", inner) if "/i/redirect" not in inner else _NOWHERE
    if found := _X_POST.match(path):
        author = x.by_handle(found[1]) if found[1].lower() != "i" else ""
        return Link(x.status(found[2]), author)
    found = _X_HANDLE.fullmatch(path.rstrip("/"))
    return Link(person=x.by_handle(found[1])) if found and found[1].lower() not in _RESERVED else _NOWHERE


def _instagram(host: str, path: str, raw: str) -> Link:
    if host != "instagram.com":
        return _NOWHERE
    address = f"https://www.instagram.com{path}"
    code, author = meta.post_at(address)
    if code:
        where = next((part for part in ("reel", "reels", "tv") if f"/{part}/" in path), "p")
        object = f"https://www.instagram.com/{where.removesuffix('s')}/{code}/"
        return Link(object, f"instagram:{author}" if author else "")
    who = meta.handle_at(address)
    return Link(person=f"instagram:{who}") if who and who not in _RESERVED else _NOWHERE


def _youtube(host: str, path: str, raw: str) -> Link:
    if host == "youtu.be" and len(path) > 5:
        return Link(f"https://www.youtube.com/watch?v={path.strip('/')}")
    if host != "youtube.com" and not host.endswith(".youtube.com"):
        return _NOWHERE
    query = _query(raw)
    if path == "/attribution_link" and query.get("u", "").startswith("/") and "attribution" not in query["u"]:
        return followed("youtube", f"https://www.youtube.com{query['u']}")
    if path == "/watch" and query.get("v"):
        comment = f"&lc={query['lc']}" if query.get("lc") else ""
        return Link(f"https://www.youtube.com/watch?v={query['v']}{comment}")
    if found := re.match(r"/(?:shorts|live)/([\w-]{6,20})", path):
        return Link(f"https://www.youtube.com/watch?v={found[1]}")
    if found := re.match(r"/channel/(UC[\w-]{22})", path):
        return Link(person=f"youtube:{found[1]}")
    if found := re.match(r"/@([\w.·-]{3,30})", path):
        return Link(person=f"youtube:@{found[1].lower()}")
    return _NOWHERE


def _pinterest(host: str, path: str, raw: str) -> Link:
    if not re.fullmatch(r"(?:[a-z]{2,3}\.)?pinterest\.[a-z.]{2,6}", host):
        return _NOWHERE
    if found := _PIN.match(path):
        return Link(f"https://www.pinterest.com/pin/{found[1]}/")
    found = _PINTEREST.fullmatch(path)
    return Link(person=f"pinterest:{found[1].lower()}") if found and found[1] not in _RESERVED else _NOWHERE


def _mastodon(host: str, path: str, raw: str) -> Link:
    # A status of another server has only a number of this one here: no name for it that others would use.
    found = _TOOT.fullmatch(path.rstrip("/"))
    if found is None:
        return _NOWHERE
    who = mastodon.account(f"{found[1]}@{host}")
    return (
        Link(f"https://{host}/users/{found[1]}/statuses/{found[2]}", author=who)
        if found[2]
        else Link(person=who)
    )


_READERS: Final[Mapping[str, Callable[[str, str, str], Link]]] = {
    "facebook": _facebook,
    "instagram": _instagram,
    "linkedin": _linkedin,
    "mastodon": _mastodon,
    "pinterest": _pinterest,
    "x": _x,
    "youtube": _youtube,
}
