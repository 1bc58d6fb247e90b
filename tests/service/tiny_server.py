"""A small platform on loopback that misbehaves as it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ME = "test:me"


class TinyServer:
    """``acts`` are what it tells; ``mood`` how it answers: ``""``, ``hang``, ``half``, ``429``, ``401``,
    ``500``, ``schema``, ``html``, ``huge``, ``elsewhere`` (a redirect there)."""

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []
        self.mood = ""
        self.token = "secret-token"
        self.me = ME
        self.asked = 0
        self.elsewhere = ""
        self.let_go = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.answer(self)

            def log_message(self, *told: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def act(self, number: int, kind: str = "like", actor: str = "test:ann", at: str = "") -> None:
        """One more act to tell of."""
        at = at or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.acts.append({"number": number, "kind": kind, "actor": actor, "target": ME, "at": at})

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answers one request by the mood."""
        self.asked += 1
        said: dict[str, tuple[int, bytes, dict[str, str]]] = {
            "429": (429, b"{}", {"Retry-After": "600"}),
            "500": (500, b"oh", {}),
            "401": (401, b"{}", {}),
            "schema": (200, b'{"activities": []}', {}),
            "html": (200, b"<html>maintenance</html>", {}),
            "elsewhere": (302, b"", {"Location": self.elsewhere}),
        }
        if self.mood == "hang":
            self.let_go.wait(60)
        elif self.mood == "half":
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            request.wfile.write(b'{"acts": [')
        elif self.mood == "huge":
            request.send_response(200)
            request.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(600):
                    request.wfile.write(b" " * 100_000)
        elif self.mood in said:
            self._say(request, *said[self.mood])
        elif request.headers.get("Authorization") != f"Bearer {self.token}":
            self._say(request, *said["401"])
        else:
            self._tell(request)

    def _tell(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        told: Any = {"account": self.me, "name": "Me"}
        if parts.path != "/me":
            after = int(parse_qs(parts.query)["after"][0])
            told = {"acts": [act for act in self.acts if act["number"] > after]}
        limits = {"X-RateLimit-Remaining": "290", "X-RateLimit-Limit": "300"}
        self._say(request, 200, json.dumps(told).encode(), limits)

    def _say(
        self, request: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]
    ) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def tiny_server() -> Iterator[TinyServer]:
    """Runs one."""
    server = TinyServer()
    thread = threading.Thread(target=server.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.server.shutdown()
        server.server.server_close()
        thread.join(10)
