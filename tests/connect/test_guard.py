"""What may be asked and what not: private addresses, redirects, names that change, answers too large."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from courtship.connect import dial, http
from courtship.connect.dial import Place, Refused, named
from courtship.errors import ConnectionRefused, Unreachable


def now() -> int:
    return time.time_ns() // 1000


class _Handler(BaseHTTPRequestHandler):
    hits: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.hits.append(self.path)
        port = int(self.headers["Host"].rpartition(":")[2])
        match self.path:
            case "/to-localhost":
                self._say(302, b"", {"Location": f"http://localhost:{port}/secret"})
            case "/to-file":
                self._say(302, b"", {"Location": "file:///etc/passwd"})
            case "/round":
                self._say(302, b"", {"Location": "/round"})
            case "/bomb":
                self._say(200, gzip.compress(b"a" * 50_000_000), {"Content-Encoding": "gzip"})
            case "/damaged":
                self._say(200, b"\x1f\x8b" + b"x" * 50, {"Content-Encoding": "gzip"})
            case "/brotli":
                self._say(200, b"xx", {"Content-Encoding": "br"})
            case "/packed":
                self._say(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"})
            case "/limited":
                self._say(
                    200,
                    b"{}",
                    {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 900)},
                )
            case "/busy":
                self._say(429, b"{}", {"Retry-After": "120"})
            case "/stream":
                self._say(
                    200, b"data: " + b"x" * 600_000 + b"\n\n", {"Content-Type": "text/event-stream"}, times=4
                )
            case _:
                self._say(200, b"here", {})

    def _say(self, status: int, body: bytes, headers: dict[str, str], times: int = 1) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) * times))
        self.end_headers()
        try:
            for _ in range(times):
                self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *told: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    """A server on loopback; its address."""
    _Handler.hits = []
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()
    thread.join(10)


def test_this_machine_is_not_asked_unless_a_setting_names_it(server: str) -> None:
    with http.client(now=now) as client, pytest.raises(Refused, match="no setting names it"):
        client.get(server)
    assert _Handler.hits == []
    with http.client(named({"server": server}), now=now) as client:
        assert client.get(server).text == "here"


def test_another_port_of_a_named_host_is_another_place(server: str) -> None:
    with http.client(named({"server": "http://127.0.0.1:1"}), now=now) as client, pytest.raises(Refused):
        client.get(server)


def test_a_redirect_leads_nowhere_that_was_not_named(server: str) -> None:
    with http.client(named({"server": server}), now=now) as client:
        with pytest.raises(Refused, match="localhost"):
            client.get(f"{server}/to-localhost")
        with pytest.raises(httpx.UnsupportedProtocol):
            client.get(f"{server}/to-file")
        with pytest.raises(httpx.TooManyRedirects):
            client.get(f"{server}/round")
    assert "/secret" not in _Handler.hits


def test_a_name_that_means_something_else_at_the_second_look(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is public, every later one is this machine."""
    looks: list[str] = []
    dialled: list[Any] = []

    def lookup(host: str, port: int, **more: Any) -> list[Any]:
        looks.append(host)
        address = "93.184.216.34" if len(looks) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: Any, *told: Any, **more: Any) -> socket.socket:
        dialled.append(address)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    port = int(server.rpartition(":")[2])
    with http.client(now=now) as client:
        with pytest.raises(Unreachable):
            client.get(f"http://rebinding.example:{port}/")
        assert dialled == [("93.184.216.34", port)], "what was judged is what is dialled"
        with pytest.raises(Refused):
            client.get(f"http://rebinding.example:{port}/")
    assert len(dialled) == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
        "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1",
        "fe80::1%eth0", "nonsense", "255.255.255.255", "198.18.0.1",
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not dial.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is_public(address: str) -> None:
    assert dial.is_public(address)


def test_other_ways_to_write_this_machine() -> None:
    for host in ("0x7f000001", "2130706433", "127.1", "localhost.", "[::1]"):
        with pytest.raises((Refused, Unreachable)):
            dial.dial(host, 9)


def test_what_settings_name() -> None:
    found = named(
        {
            "a": "https://Blog.Local/feed",
            "b": "ann@mail.local",
            "c": "[::1]:993",
            "d": "imap.x.org:993",
            "e": "::1",
            "f": "a word or two",
            "g": "http://[bad",
        }
    )
    assert found == {
        Place("blog.local", 443),
        Place("mail.local"),
        Place("::1", 993),
        Place("imap.x.org", 993),
        Place("::1"),
    }


def test_an_answer_is_never_larger_than_it_may_be(server: str) -> None:
    with http.client(named({"s": server}), now=now, most_bytes=1_000_000) as client:
        with pytest.raises(http.TooLarge, match="over 1 MB"):
            client.get(f"{server}/bomb")
        assert client.get(f"{server}/packed").json() == {"a": 1}
        for path in ("damaged", "brotli"):
            with pytest.raises((httpx.DecodingError, Unreachable)):
                client.get(f"{server}/{path}")
        with client.stream("GET", f"{server}/stream") as answer:  # endless, but no event of it is too large
            assert sum(map(len, answer.iter_bytes())) > 2_000_000


def test_a_limit_that_is_used_up_is_kept(server: str) -> None:
    with http.client(named({"s": server}), now=now) as client:
        client.get(f"{server}/limited")
        with pytest.raises(Unreachable, match="asked to wait") as caught:
            client.get(f"{server}/anything")
        assert caught.value.after is not None
        assert 800 < caught.value.after <= 900
    assert _Handler.hits == ["/limited"]


def test_retry_after_is_kept(server: str) -> None:
    with http.client(named({"s": server}), now=now) as client:
        with pytest.raises(Unreachable) as caught:
            http.answered(client.get(f"{server}/busy"), now())
        assert caught.value.after == 120
        assert 110 < client.limits.longest() <= 120


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, ConnectionRefused), (403, ConnectionRefused), (404, Unreachable), (500, Unreachable)],
)
def test_what_a_status_means(status: int, error: type[Exception]) -> None:
    response = httpx.Response(status, request=httpx.Request("GET", "https://x.example/a"))
    with pytest.raises(error, match=r"x\.example"):
        http.answered(response, now())


@pytest.mark.parametrize("head", [True, False])
def test_a_server_that_sends_a_letter_now_and_then_is_left(
    head: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never silent for long, and never done."""
    monkeypatch.setattr(http, "WHOLE", 1.0)
    ended = threading.Event()

    def serve(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            line, _ = server.accept()
            with line:
                line.recv(65_536)
                line.sendall(
                    b"HTTP/1.1 200 OK\r\n" if head else b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
                )
                while not ended.wait(0.05):
                    line.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        began = time.monotonic()
        with (
            http.client(dial.named({"server": url}), now=now) as client,
            pytest.raises(httpx.ReadTimeout) as late,
        ):
            client.get(url)
        assert time.monotonic() - began < 15
        ended.set()
        thread.join(20)
    assert http.in_words(late.value) == "127.0.0.1 did not answer in time"
