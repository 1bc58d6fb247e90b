"""Generated answers of a Bluesky server: an account with as many notifications as a busy year brings."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from courtship.times import to_iso

ME = "did:plc:brandbrandbrandbrandbran"
START = 1_760_000_000_000_000
SECOND = 1_000_000
_SIGNS = "234567abcdefghijklmnopqrstuvwxyz"


def tid(at: int) -> str:
    """The record key of a time (https://atproto.com/specs/tid)."""
    number, key = at << 10, ""
    for _ in range(13):
        key, number = _SIGNS[number & 31] + key, number >> 5
    return key


def like(number: int) -> dict[str, Any]:
    """The notification of that number: a like by one of a thousand people, a minute after the one before."""
    at = START + number * 60 * SECOND
    did = f"did:plc:person{number % 1_000:018d}"
    post = f"at://{ME}/app.bsky.feed.post/{tid(START - 60 * SECOND * (1 + number % 50))}"
    return {
        "uri": f"at://{did}/app.bsky.feed.like/{tid(at)}",
        "cid": "bafy",
        "author": {"did": did, "handle": f"person{number % 1_000}.example.com"},
        "reason": "like",
        "reasonSubject": post,
        "record": {
            "$type": "app.bsky.feed.like",
            "subject": {"uri": post, "cid": "bafy"},
            "createdAt": to_iso(at),
        },
        "isRead": True,
        "indexedAt": to_iso(at).replace("Z", ".000Z"),
    }


class MadeServer:
    """Serves it on loopback. ``asked`` counts the questions by name; after ``limit`` pages of notifications
    it answers 500 until `mend`."""

    def __init__(self, notifications: int) -> None:
        self.count = notifications
        self.asked: dict[str, int] = {}
        self.limit: int | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self._answer(*outer.answer(parts.path.rpartition("/")[2], query))

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                claims = base64.urlsafe_b64encode(b'{"scope":"com.atproto.appPass"}').decode().rstrip("=")
                session = {"did": ME, "handle": "brand.example.com", "accessJwt": f"a.{claims}.b"}
                self._answer(200, {**session, "refreshJwt": "r", "active": True})

            def _answer(self, status: int, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, name: str, query: dict[str, str]) -> tuple[int, Any]:
        """The status and the answer to one question."""
        self.asked[name] = self.asked.get(name, 0) + 1
        if name == "app.bsky.notification.listNotifications":
            if self.limit is not None:
                if self.limit == 0:
                    return 500, {"error": "InternalServerError"}
                self.limit -= 1
            # As Bluesky does: the cursor is the date of the last one of the page before.
            last = int(query["cursor"]) if "cursor" in query else self.count
            first = max(0, last - int(query["limit"]))
            page = [like(number) for number in range(last - 1, first - 1, -1)]
            return 200, {"notifications": page, **({"cursor": str(first)} if first else {})}
        if name == "com.atproto.sync.getLatestCommit":
            return 200, {"cid": "bafy", "rev": "3l3qo2vutsw2b"}
        empty: dict[str, list[Any]] = {"followers": [], "follows": [], "records": [], "posts": []}
        return 200, {**empty, "subject": {"did": ME, "handle": "brand.example.com"}}

    def stop(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
