"""Loopback sinks for notices: an HTTP server that keeps what it is sent, and a mail server."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Sink:
    """An HTTP server on loopback; ``got`` has (path, headers, body) of each request that was taken.

    ``at`` has when each came (seconds since 1970). ``refuse`` requests are answered with 503 first.
    """

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], str]] = []
        self.at: list[float] = []
        self.refuse = 0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                if sink.refuse:
                    sink.refuse -= 1
                    self.send_response(503)
                    self.end_headers()
                    return
                sink.at.append(time.time())
                sink.got.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"id": "1"}')

            do_PUT = do_POST  # noqa: N815 - the name that http.server looks for

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Mails:
    """A mail server on loopback; ``got`` has each mail as it came."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller

        self.got: list[bytes] = []
        mails = self

        class Handler:
            async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
                mails.got.append(envelope.content)
                return "250 Kept"

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(Handler(), hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self) -> None:
        self.controller.stop()


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = Sink()
    yield found
    found.close()


@pytest.fixture
def mails() -> Iterator[Mails]:
    found = Mails()
    yield found
    found.close()
