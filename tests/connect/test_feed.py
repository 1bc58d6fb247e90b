"""The feed connector against small real servers: discovery, conditional requests, gaps, damage, refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from tests.connect.sessions import Listener, session

from courtship.connect import dial, feed, wordpress
from courtship.connect.feed import CONNECTOR, feeds_of
from courtship.connect.http import in_words
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Post


class Site:
    """A site on loopback: ``pages`` by path, each with its headers and body; ``asked`` in order."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.asked: list[tuple[str, int]] = []
        self.redirects: dict[str, str] = {}
        self.half: set[str] = set()
        self.hang = threading.Event()
        self.hanging: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        if path in self.hanging:
            self.hang.wait(30)
            return
        if path in self.redirects:
            self._head(request, 302, {"Location": self.redirects[path]})
            return
        if path not in self.pages:
            self._head(request, 404, {})
            return
        kind, body = self.pages[path]
        tag = f'"{hash(body)}"'
        if request.headers.get("If-None-Match") == tag:
            self._head(request, 304, {"ETag": tag})
            return
        headers = {"Content-Type": kind, "ETag": tag, "Content-Length": str(len(body))}
        self._head(request, 200, headers)
        request.wfile.write(body[: len(body) // 2] if path in self.half else body)

    def _head(self, request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
        self.asked.append((request.path, status))
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if "Content-Length" not in headers:
            request.send_header("Content-Length", "0")
        request.end_headers()

    def comments(self, *names: str, path: str = "/comments/feed/", end: str = "</channel></rss>") -> None:
        """Puts up a comments feed with a comment by each, the newest first."""
        items = "".join(
            f"<item><title>By: {name}</title><link>https://tea.example.com/cups/#comment-{name}</link>"
            f"<dc:creator>{name}</dc:creator><pubDate>Mon, 04 May 2026 10:{len(name):02d}:00 +0000</pubDate>"
            f"<guid>https://tea.example.com/cups/#comment-{name}</guid>"
            f"<description>I am {name}</description></item>"
            for name in names
        )
        self.pages[path] = (
            "application/rss+xml",
            (
                '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
                f"<title>Tea</title><link>https://tea.example.com</link>{items}{end}"
            ).encode(),
        )


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.hang.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join(10)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL", 0.1)


def names(heard: Listener) -> set[str | None]:
    return {one.actor_name for one in heard.acts}


def test_a_page_leads_to_its_feeds_and_unchanged_ones_cost_a_line(site: Site) -> None:
    site.pages["/"] = (
        "text/html",
        b'<html><head><link rel="alternate" type="application/rss+xml" title="Posts" href="/feed/">'
        b'<link rel="alternate" type="application/rss+xml" title="Tea Comments Feed" href="/comments/feed/">'
        b'<link rel="alternate" type="application/json" href="/x"></head></html>',
    )
    site.comments("Ann")
    site.pages["/feed/"] = (
        "application/rss+xml",
        b'<rss version="2.0"><channel><title>Tea</title><link>https://tea.example.com</link>'
        b"<item><title>Cups</title>"
        b"<link>https://tea.example.com/cups/</link><pubDate>Mon, 04 May 2026 09:00:00 +0000</pubDate>"
        b"<description>New cups</description></item></channel></rss>",
    )
    with Listener(CONNECTOR, {"address": f"{site.url}/"}) as heard:
        heard.until(lambda: names(heard) == {"Ann"})
        heard.until(lambda: site.asked.count(("/comments/feed/", 304)) > 2)
        site.comments("Bo Lee", "Ann")
        heard.until(lambda: names(heard) == {"Ann", "Bo Lee"})
    assert not heard.failures
    assert not heard.problems
    assert len(heard.acts) == 2
    assert any(isinstance(one, Post) and one.text.startswith("Cups") for one in heard.told)
    assert next(one for one in heard.batches if one.seen_to).accounts == ["web:tea.example.com"]
    again = Listener(CONNECTOR, {"address": f"{site.url}/"}, cursor=heard.cursor)
    with again:
        again.until(lambda: site.asked[-1] == ("/feed/", 304))
    assert not again.acts, "what was told is not told again"


def test_each_posts_own_comments_feed_is_read(site: Site) -> None:
    site.pages["/feed/"] = (
        "application/rss+xml",
        b'<rss version="2.0" xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
        b' xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><link>https://tea.example.com</link>'
        + b"".join(
            f"<item><link>https://tea.example.com/{name}/</link>"
            f"<pubDate>Mon, 04 May 2026 09:00:00 +0000</pubDate>"
            f"<slash:comments>{many}</slash:comments><wfw:commentRss>/{name}/feed/</wfw:commentRss></item>".encode()
            for name, many in (("cups", 2), ("pots", 0), ("gone", 1))
        )
        + b"</channel></rss>",
    )
    site.comments("Ann", path="/cups/feed/")
    with Listener(CONNECTOR, {"address": f"{site.url}/feed/"}) as heard:
        heard.until(lambda: names(heard) == {"Ann"})
        heard.until(lambda: len([one for one in site.asked if one[0] == "/gone/feed/"]) > 2)
    assert ("/pots/feed/", 404) not in site.asked, "nobody has commented there"
    assert len(heard.problems) == 1, "what fails among them stops nothing, and is said once"


def test_entries_that_came_and_went_are_a_gap(site: Site) -> None:
    site.comments("Ann", "Bo")
    with Listener(CONNECTOR, {"address": f"{site.url}/comments/feed/"}) as heard:
        heard.until(lambda: len(heard.acts) == 2)
        site.comments("Cleo", "Dora")
        heard.until(lambda: len(heard.acts) == 4)
    assert [one.reason[:32] for one in heard.problems] == ["some entries came and went betwe"]
    assert heard.batches[-1].seen_to is None, "nothing is claimed for that time"


def test_damage_and_half_an_answer_give_what_stands_before(site: Site) -> None:
    site.comments("Ann", end="<item><title>cut")
    with Listener(CONNECTOR, {"address": f"{site.url}/comments/feed/"}) as heard:
        heard.until(lambda: names(heard) == {"Ann"})
        heard.until(lambda: heard.problems)
        site.comments("Bo Lee", "Ann")
        heard.until(lambda: names(heard) == {"Ann", "Bo Lee"})
        site.half.add("/comments/feed/")
        site.comments("Cleo", "Bo Lee", "Ann")
        heard.until(lambda: heard.failures, "half an answer")
        site.half.clear()
        heard.until(lambda: names(heard) == {"Ann", "Bo Lee", "Cleo"})
    assert len(heard.acts) == 3


def test_a_feed_that_leads_inside_the_network_is_refused(site: Site) -> None:
    other = site.url.replace("127.0.0.1", "localhost")
    site.redirects["/feed/"] = f"{other}/secret"
    with pytest.raises((dial.Refused, Unreachable, ConnectionRefused), match="no setting names it"):
        CONNECTOR.check(session(CONNECTOR, {"address": f"{site.url}/feed/"}))
    site.pages["/"] = (
        "text/html",
        f'<link rel="alternate" type="application/rss+xml" href="{other}/secret">'.encode(),
    )
    with pytest.raises((dial.Refused, Unreachable, ConnectionRefused), match="no setting names it"):
        CONNECTOR.check(session(CONNECTOR, {"address": f"{site.url}/"}))
    site.pages["/bomb/"] = (
        "text/xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel><link>https://tea.example.com</link></channel></rss>',
    )
    with pytest.raises(Unreachable, match="does not say whose site"):
        CONNECTOR.check(session(CONNECTOR, {"address": f"{site.url}/bomb/"}))
    assert not any(path == "/secret" for path, _ in site.asked)


def test_what_is_no_feed_is_said(site: Site) -> None:
    site.pages["/"] = ("text/html", b"<html>Tea</html>")
    with pytest.raises(ConnectionRefused, match="is no feed and names none"):
        CONNECTOR.check(session(CONNECTOR, {"address": site.url}))
    with pytest.raises(ConnectionRefused, match="is no address"):
        CONNECTOR.check(session(CONNECTOR, {"address": "ftp://tea"}))


def test_a_blog_that_hangs_or_sends_half_an_answer(site: Site) -> None:
    """What WordPress's connector makes of servers that misbehave."""
    blog = {"site": site.url, "user": "mira", "password": "x"}
    site.pages["/"] = ("text/html", b"<html></html>")
    with pytest.raises(ConnectionRefused, match="is no WordPress, or its REST API is switched off"):
        wordpress.CONNECTOR.check(session(wordpress.CONNECTOR, blog))
    site.half.add("/")
    with pytest.raises(httpx.RemoteProtocolError) as half:
        wordpress.CONNECTOR.check(session(wordpress.CONNECTOR, blog))
    assert in_words(half.value) == "127.0.0.1 broke off in the middle of an answer, or sent what is no HTTP"
    site.hanging.add("/")
    with pytest.raises(httpx.ReadTimeout) as silent:
        wordpress.CONNECTOR.check(session(wordpress.CONNECTOR, blog, timeout=0.5))
    assert in_words(silent.value) == "127.0.0.1 did not answer in time"


@pytest.mark.parametrize(
    "named",
    [
        *(
            "http://[",
            "http://[::1",
            "javascript:x",
            "mailto:x@y",
            "file:///etc/passwd",
            "x:y:z",
            "//",
            "http://",
        ),
        *(
            "http://a:99999/",
            "http://exa mple/",
            "http://℀.com/",
            "http://x\x85y/",
            "http://xn--/",
            "http://.../",
        ),
        *(
            "http://10.0.0.1/",
            "http://169.254.169.254/latest",
            "http://[::ffff:127.0.0.1]/",
            "http://no.invalid/",
        ),
    ],
)
def test_a_feed_that_names_what_cannot_be_asked_is_read_all_the_same(site: Site, named: str) -> None:
    """An entry's comments feed (or a page's link to a feed) is what anybody may have put there."""
    site.comments("Ann", path="/feed/")
    kind, body = site.pages["/feed/"]
    inner = f"<item xmlns:wfw='http://wellformedweb.org/CommentAPI/'><wfw:commentRss>{named}</wfw:commentRss>"
    site.pages["/feed/"] = (kind, body.replace(b"<item>", inner.encode(), 1))
    with Listener(CONNECTOR, {"address": f"{site.url}/feed/"}) as heard:
        heard.until(lambda: names(heard) == {"Ann"})
        site.comments("Bo Lee", "Ann", path="/feed/")
        heard.until(lambda: names(heard) == {"Ann", "Bo Lee"}, "what comes after it")
    assert not heard.failures
    assert all("\n" not in one.reason for one in heard.problems)
    page = f'<link rel="alternate" type="application/rss+xml" href="{named}">'
    assert feeds_of(page, "https://tea.example.com/") in ([], [named], ["https://tea.example.com/"]), (
        "and a page that does"
    )


def test_feeds_of_a_page() -> None:
    page = """<link rel=alternate type=application/atom+xml href=/a.xml>
    <link rel="alternate stylesheet" href=/s>
    <link rel="Alternate" type="application/rss+xml" title="Kommentar-Feed" href="k"><link rel=alternate
    type=application/rss+xml href="javascript:x">"""
    assert feeds_of(page, "https://tea.example.com/blog/") == [
        "https://tea.example.com/blog/k",
        "https://tea.example.com/a.xml",
    ]


def test_what_a_feed_tells_is_what_its_file_tells(site: Site, tmp_path: Path) -> None:
    from courtship.testing import read_fixture

    site.comments("Ann", "Bo Lee")
    file = tmp_path / "comments.xml"
    file.write_bytes(site.pages["/comments/feed/"][1])
    with Listener(CONNECTOR, {"address": f"{site.url}/comments/feed/"}) as heard:
        heard.until(lambda: len(heard.acts) == 2)
    assert [one for one in read_fixture(file) if isinstance(one, Activity)] == heard.acts
