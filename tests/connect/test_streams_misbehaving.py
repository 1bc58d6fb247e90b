"""Streams that misbehave: Jetstream's and Mastodon's. Survived, listened to again, and said on the health
line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.connect import small_answers
from tests.connect.made_xrpc import ME, MadeServer, tid
from tests.connect.sessions import Listener, clock

from courtship.connect import bluesky, dial, http, jetstream
from courtship.connect.event_stream import EventStream
from courtship.connect.jetstream import Jetstream
from courtship.model import Activity

ANN = small_answers.ANN
PATIENCE = 30.0


def until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


def liked(at: int, number: int = 1) -> dict[str, Any]:
    """Jetstream's event of a like of ours."""
    post = f"at://{ME}/app.bsky.feed.post/{tid(at - 60_000_000)}"
    record = {"$type": "app.bsky.feed.like", "subject": {"uri": post, "cid": "b"}}
    record["createdAt"] = "2026-05-04T10:00:00.000Z"
    commit = {"operation": "create", "collection": "app.bsky.feed.like", "rkey": tid(at + number), "cid": "b"}
    return {"did": ANN, "time_us": at, "kind": "commit", "commit": {**commit, "record": record}}


@contextmanager
def websocket(lines: list[str | bytes]) -> Iterator[tuple[str, list[str]]]:
    """A Jetstream that sends these lines to each who comes, and hangs up; its address, and what was asked."""
    from websockets.sync.server import ServerConnection, serve

    asked: list[str] = []

    def handle(socket: ServerConnection) -> None:
        assert socket.request is not None
        asked.append(socket.request.path)
        for line in lines:
            socket.send(line)
        time.sleep(0.05)

    with serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe", asked
        server.shutdown()
    thread.join(10)


@contextmanager
def listening(address: str) -> Iterator[Jetstream]:
    made = Jetstream(address, ME, None, {})
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jetstream, "_LONGEST_WAIT", 0.1)


LIKE = liked(5)
ODD: list[str | bytes] = [
    *("", "null", "[]", f'["{ME}"]', f'"{ME}"', "{", "\0", b"\xff\xfe", "[" * 100_000),
    f'{{"did": 3, "x": "{ME}", "time_us": 5}}',
    f'{{"x": "{ME}", "time_us": "soon"}}',
    f'{{"did": "{ANN}", "time_us": 1e300, "kind": "commit", "commit": "{ME}"}}',
    f'{{"did": "{ANN}", "time_us": 5, "kind": ["{ME}"], "commit": {{}}}}',
    json.dumps({**LIKE, "commit": {**LIKE["commit"], "record": ["x", ME]}}),
    json.dumps({**LIKE, "commit": {**LIKE["commit"], "collection": ["x"], "rkey": ME}}),
    json.dumps({**LIKE, "commit": [ME]}),
    json.dumps({"account": {"did": ME}, "did": ME, "kind": "account"}),
    '{"kind":"commit","time_us":5,"commit":{"operation":"delete","collection":[],"rkey":{}},"did":[]}',
]


@pytest.mark.parametrize("odd", ODD)
def test_no_line_of_jetstream_ends_the_listening(odd: str | bytes) -> None:
    now = clock()
    with websocket([odd, json.dumps(liked(now))]) as (address, _), listening(address) as made:
        until(lambda: any(isinstance(one, Activity) for one in made.heard(0.1)), "the like")


def test_a_clock_that_is_ahead_does_not_make_the_cursor_skip() -> None:
    """From a cursor in the future nothing is told again that came in a break."""
    now = clock()
    far = [json.dumps(liked(now + 3_600_000_000)), f'{{"did":"x","time_us":{now + 10**15},"kind":"commit"}}']
    with websocket([*far]) as (address, asked), listening(address) as made:
        until(lambda: made.heard(0.05) and len(asked) > 2, "dialled again")
        assert made.position is not None
        assert made.position <= clock()
        cursors = [int(path.partition("cursor=")[2]) for path in asked if "cursor=" in path]
        assert cursors
        assert all(one <= clock() for one in cursors)


@contextmanager
def web(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[float]]]:
    asked: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(time.monotonic())
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join(10)


def refuse(status: int) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_jetstream_that_refuses_is_said_and_the_rest_goes_on(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "COVERED_EVERY", 0)
    monkeypatch.setattr(bluesky, "SOONEST", 0.1)
    made = MadeServer(3)
    try:
        with web(refuse(status)) as (place, asked):
            given = {"handle": "brand.example.com", "password": "x", "server": made.url}
            given["jetstream"] = f"ws://{place}/subscribe"
            with Listener(bluesky.CONNECTOR, given) as heard:
                heard.until(lambda: len(asked) > 1, "dialled again")
                heard.until(lambda: any("Jetstream" in one.note for one in heard.batches), "a line about it")
                heard.until(lambda: len(heard.acts) == 3)
            (note, *_) = (one.note for one in heard.batches if "Jetstream" in one.note)
            assert str(status) in note
            assert "\n" not in note
    finally:
        made.stop()


def test_a_jetstream_that_sends_elsewhere_is_not_followed() -> None:
    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", f"ws://localhost:{inner.rpartition(':')[2]}/secret")
        request.send_header("Content-Length", "0")
        request.end_headers()

    with (
        web(refuse(404)) as (inner, reached),
        web(elsewhere) as (outer, asked),
        listening(f"ws://{outer}/subscribe") as made,
    ):
        until(lambda: len(asked) > 1, "dialled again")
        assert made.trouble
        assert not reached


@pytest.mark.parametrize("status", [401, 429, 500])
def test_an_event_stream_that_refuses_says_why(status: int) -> None:
    with web(refuse(status)) as (place, _), http.client([dial.Place("127.0.0.1")], now=clock) as client:
        stream = EventStream(client, f"http://{place}/api/v1/streaming/user", {})
        try:
            until(lambda: stream.trouble, "a word about it")
            assert "\n" not in stream.trouble
            assert not stream.live
        finally:
            stream.close()
