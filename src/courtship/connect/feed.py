"""RSS and Atom feeds over HTTP: of a site's comments or posts, found from its pages, asked conditionally.

Decided here:

- An address may be of a feed or of a page. A page names its feeds with ``<link rel="alternate">``
  (https://blog.whatwg.org/feed-autodiscovery): that of its comments is read, and that of its posts.
- A feed of posts may name a comments feed for each (``wfw:commentRss``): those of the newest posts are read.
- Feeds are asked for with the ``ETag`` and ``Last-Modified`` of the last answer (RFC 9110, 13): one that has
  not changed costs a line.
- A feed holds the newest only. Where none of its entries was there at the last look, some were missed: the
  gap is said, and nothing is claimed for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser

from courtship.connect.base import Batch, Connector, Session, Setting
from courtship.connect.http import answered, in_words
from courtship.errors import ConnectionRefused, CourtshipError, Unreachable
from courtship.model import Activity, Guide, Micros, Problem, Profile, Record, Shows
from courtship.platforms.feeds import Feed
from courtship.platforms.xml_elements import Damage, Element, Elements

POLL: Final = 120.0
"""Seconds between two looks: other people's servers."""

BEAT: Final[Micros] = 600_000_000
POSTS: Final = 10
"""Newest posts whose own comments feeds are read."""

REMEMBERED: Final = 1_000
"""Entries remembered, by digest, so that they are told once."""

SHOWS: Final[Shows] = {("comment", "inbound"): "some"}

_FEED: Final = re.compile(rb"<(?:rss|(?:\w+:)?RDF)[\s>]|<(?:\w+:)?feed\b[^>]*http://www\.w3\.org/2005/Atom")
_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_COMMENTS: Final = re.compile(
    r"comment|kommentar|reacti|comentari|commentaire|commenti|коммент|コメント", re.IGNORECASE
)
_ASKED: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/html;q=0.5"


def web_address(said: str) -> str:
    """``tearoom.example.com`` -> ``https://tearoom.example.com``. `ConnectionRefused` where it is none."""
    said = said.strip()
    address = said if "://" in said else f"https://{said}"
    try:
        parts = urlsplit(address)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine:
        raise ConnectionRefused(f"{said!r:.80} is no address; write it like https://tearoom.example.com")
    return address


def feeds_of(page: str, address: str) -> list[str]:
    """The feeds that a page names, those of comments first."""
    found: dict[str, bool] = {}
    for node in LexborHTMLParser(page[:1_000_000]).css("link[href]"):
        told = node.attributes
        if (
            "alternate" in (told.get("rel") or "").lower().split()
            and (told.get("type") or "").lower() in _TYPES
        ):
            target = _joined(address, told.get("href") or "")
            words = f"{told.get('title') or ''} {urlsplit(target).path} {urlsplit(target).query}"
            if target:
                found.setdefault(target, bool(_COMMENTS.search(words)))
    return sorted(found, key=lambda one: not found[one])


def _joined(address: str, said: str) -> str:
    """What a page or feed at ``address`` names; ``""`` where that is no address of the web."""
    try:
        target = urljoin(address, said.strip())
        parts = httpx.URL(target)
        return target if parts.scheme in {"http", "https"} and parts.host else ""
    except (ValueError, httpx.InvalidURL):  # a bracket, a sign or a port that none has
        return ""


class _Reader:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.address = web_address(session.settings.get("address") or session.settings.get("site") or "")
        self.cursor: dict[str, Any] = {"feeds": {}, "told": [], "seen": None, **session.cursor}
        self.told: dict[str, None] = dict.fromkeys(self.cursor["told"])
        self.account = ""
        self.site: Profile | None = None

    def get(self, address: str, kept: Mapping[str, str] | None = None) -> httpx.Response:
        headers = {"Accept": _ASKED}
        if kept and kept.get("etag"):
            headers["If-None-Match"] = kept["etag"]
        if kept and kept.get("modified"):
            headers["If-Modified-Since"] = kept["modified"]
        return answered(self.session.http.get(address, headers=headers), self.session.now())

    def find(self) -> list[str]:
        """The feeds to read: the address itself, or those that the page there names."""
        response = self.get(self.address)
        if _FEED.search(response.content[:4096]):
            return [str(response.url)]
        named = feeds_of(response.text, str(response.url))
        if not named and "https://api.w.org/" in response.headers.get("link", ""):
            # WordPress has both, whatever its theme names.
            named = [urljoin(str(response.url), f"?feed={one}") for one in ("comments-rss2", "rss2")]
        if not named:
            raise ConnectionRefused(
                f"{self.address} is no feed and names none; give the feed's own address (on WordPress: with"
                " /comments/feed/ after it)"
            )
        comments = [one for one in named if _COMMENTS.search(urlsplit(one).path + urlsplit(one).query)]
        posts = [one for one in named if one not in comments]
        return [*comments[:1], *posts[:1]]

    def read(self, address: str, *, inner: bool = False) -> tuple[list[Record | Problem], list[str], bool]:
        """What a feed newly tells, the comments feeds that it names, and whether some were missed."""
        kept: dict[str, str] = self.cursor["feeds"].get(address, {})
        response = self.get(address, kept)
        if response.status_code == 304:
            return [], [], False
        feed, reader = Feed(), Elements(("item", "entry", "title", "link"))
        records: list[Record | Problem] = []
        inner_feeds: list[str] = []
        entries = known = 0
        damaged = False
        content = response.content
        for one in (*reader.feed(content), *reader.feed(b"")):
            if isinstance(one, Damage):
                damaged = True
                records.append(
                    Problem(address, one.where, one.reason.replace("export it again", "it is read again"))
                )
                continue
            if one.name in {"title", "link"}:
                records += feed.about(one)
                continue
            entries += 1
            inner_feeds += _comment_feed(one, address)
            digest = blake2b(f"{address}\0{_said(one)}".encode(), digest_size=8).hexdigest()
            if digest in self.told:
                known += 1
                continue
            try:
                records += feed.entry(one)
            except ValueError as error:
                records.append(Problem(address, one.word("guid", "id")[:120], str(error)))
            self.told[digest] = None
        if not damaged:
            # Half an answer is asked for again as a whole.
            self.cursor["feeds"][address] = {
                "etag": response.headers.get("etag", ""),
                "modified": response.headers.get("last-modified", ""),
                "read": "yes",
            }
        if feed.account and not inner:
            self.account = feed.account
        missed = bool(kept.get("read")) and entries > 0 and known == 0
        return records, inner_feeds[:POSTS], missed

    def all(self) -> Iterator[Batch]:
        """One look after the other."""
        feeds = self.find()
        while not self.session.stopping():
            now = self.session.now()
            records: list[Record | Problem] = []
            missed = False
            inner: dict[str, None] = {}
            for address in feeds:
                told, more, gap = self.read(address)
                records += told
                missed = missed or gap
                inner |= dict.fromkeys(more)
            kept_inner = list(inner) or self.cursor.get("inner", [])
            self.cursor["inner"] = kept_inner
            for address in kept_inner:
                try:
                    records += self.read(address, inner=True)[0]
                except (CourtshipError, ValueError) as error:  # of names: it leads to one that is none
                    said = str(error)
                except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                    said = in_words(error)
                else:
                    continue
                if self.cursor["feeds"].get(address, {}).get("said") != said:
                    records.append(Problem(address, "", said))
                self.cursor["feeds"][address] = {"said": said}
            yield from self._batch(records, now, missed=missed)
            if self.session.wait(POLL):
                return

    def _batch(self, records: list[Record | Problem], now: Micros, *, missed: bool) -> Iterator[Batch]:
        fresh = [one for one in records if not isinstance(one, Profile) or self._is_new(one)]
        seen = self.cursor["seen"]
        if not fresh and seen is not None and now - seen < BEAT:
            return
        if missed:
            fresh.append(
                Problem(
                    self.address, "", "some entries came and went between two looks: the feed holds too few"
                )
            )
        for digest in list(self.told)[:-REMEMBERED]:
            del self.told[digest]
        self.cursor |= {"seen": now, "told": list(self.told)}
        start = seen
        if seen is None:
            start = min((one.at for one in fresh if isinstance(one, Activity)), default=now)
        cursor = {**self.cursor, "feeds": dict(self.cursor["feeds"])}
        accounts = [self.account] if self.account else ()
        yield Batch(fresh, cursor, None if missed else start, None if missed else now, "listening", accounts)

    def _is_new(self, profile: Profile) -> bool:
        digest = blake2b(repr(profile).encode(), digest_size=8).hexdigest()
        new = digest not in self.told
        self.told[digest] = None
        return new


def _comment_feed(entry: Element, address: str) -> list[str]:
    """The feed of an entry's own comments (http://wellformedweb.org/CommentAPI/), if it has any yet."""
    said = entry.word("commentRss", "commentRSS")
    # slash:comments is a number; RSS's own element of that name is an address.
    counts = [one.text.strip() for one in entry.all("comments") if one.text.strip().isdigit()]
    if not said or (counts and counts[0] == "0"):
        return []
    return [target] if (target := _joined(address, said)) else []


def _said(entry: Element) -> str:
    """What identifies an entry and its wording."""
    return "\0".join((entry.word("guid", "id", "link"), entry.word("updated", "pubDate"), entry.whole_text()))


def check(session: Session) -> Profile:
    """The site whose feed it is."""
    reader = _Reader(session)
    for address in reader.find():
        told, _, _ = reader.read(address)
        for one in told:
            if isinstance(one, Profile) and one.own:
                return one
    raise Unreachable(f"{reader.address} has a feed that does not say whose site it is (a link)")


def run(session: Session) -> Iterator[Batch]:
    """Every look at the feeds that brings something."""
    yield from _Reader(session).all()


CONNECTOR = Connector(
    name="feed",
    title="Any blog (RSS or Atom)",
    platforms=("web",),
    settings=(
        Setting(
            "address", "Address of the blog or feed", "Such as https://tearoom.example.com/comments/feed/."
        ),
    ),
    guide=Guide(
        steps=(
            "Give the address of your blog: its feeds are found from there.",
            "If they are not, give the comments feed itself: on WordPress your address with /comments/feed/"
            " after it, on Blogger with /feeds/comments/default.",
        ),
        wait="At once.",
    ),
    permission="None: what anybody may read.",
    shows=SHOWS,
    check=check,
    run=run,
    can_say="Who commented, when, in which words, and what you posted, within some two minutes.",
    cannot_say="Anything older than the feed reaches, who is behind a name, comments that were edited or"
    " taken away; your own replies are strangers' unless their address is yours.",
    verified="real server",
)
