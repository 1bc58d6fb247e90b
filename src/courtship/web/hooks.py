"""``POST /hooks/<token>``: the webhook, in front of Django.

No session, no form and no page belongs to it, so neither do cookies, log-ins or CSRF; what comes is judged by
its token alone, and by its size before any of it is read.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson

from courtship.errors import CourtshipError
from courtship.service.live import webhook

PATH: Final = "/hooks/"
MOST_BYTES: Final = 4_000_000
BODY_SECONDS: Final = 30.0
WRONG: Final = 20
WRONG_SECONDS: Final = 60.0
"""So many wrong tokens in a minute from one address; more are put off, unless the token is right."""

OPENS_NOTHING: Final = (
    "a delivery came with a token that opens nothing and was refused; if it was yours, make a new address"
)

_LARGE: Final = 65_536
"""Bytes above which a body is read in a thread: the loop goes on."""

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class Hooks:
    """Answers what is under `PATH`; the rest goes on to ``inner``. The receiver is made at the first."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner
        self.wrong = Wrong()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self.inner(scope, receive, send)
            return
        status, body, more = await self._answered(scope, receive)
        headers = {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **more,
        }
        said = orjson.dumps(body)
        headers["content-length"] = str(len(said))
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": said})

    async def _ready(self) -> webhook.Receiver:
        """The receiver, knowing which addresses are open. The database is asked in a thread of its own."""
        receiver = _receiver
        if receiver is None:
            receiver = await asyncio.to_thread(make_receiver)
        if receiver.stale:
            await asyncio.to_thread(receiver.look)
        return receiver

    async def _answered(
        self, scope: Scope, receive: Receive
    ) -> tuple[int, Mapping[str, Any], dict[str, str]]:
        if scope["method"] != "POST":
            return 405, {"error": "send it with POST"}, {"allow": "POST"}
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        client = (scope.get("client") or ("",))[0]
        try:
            receiver = await self._ready()
            hook = receiver.hook(scope["path"][len(PATH) :].strip("/"))
        except CourtshipError as error:
            return 503, {"error": str(error)}, {"retry-after": "10", "connection": "close"}
        if hook is None:
            receiver.refused(None, OPENS_NOTHING)
            if self.wrong.too_many(client):
                return (
                    429,
                    {"error": "too many wrong tokens; wait a minute"},
                    {"retry-after": "60", "connection": "close"},
                )
            return (
                404,
                {"error": "there is no such address, or it was taken back; make one under Settings, Sources"},
                {"connection": "close"},
            )
        size = headers.get("content-length", "")
        if size and (not size.isdecimal() or int(size) > MOST_BYTES):
            receiver.refused(hook, f"a delivery was refused: {_too_large()}")
            return 413, {"error": _too_large()}, {"connection": "close"}
        key = headers.get("idempotency-key", "").strip()
        if len(key) > 255:
            return 400, {"error": "an idempotency key has at most 255 characters"}, {"connection": "close"}
        try:
            body = await asyncio.wait_for(_body(receive), BODY_SECONDS)
        except TimeoutError:
            receiver.refused(hook, "a delivery was refused: its body did not come in time")
            return 408, {"error": "the body did not come in time"}, {"connection": "close"}
        except ValueError:
            receiver.refused(hook, f"a delivery was refused: {_too_large()}")
            return 413, {"error": _too_large()}, {"connection": "close"}
        if body is None:
            return 400, {"error": "the sender hung up"}, {"connection": "close"}
        kind = headers.get("content-type", "").lower()
        if len(body) > _LARGE:
            future = await asyncio.to_thread(receiver.deliver, hook, body, kind, key)
        else:
            future = receiver.deliver(hook, body, kind, key)
        answer = await asyncio.wrap_future(future)
        more = {"idempotency-replayed": "true"} if answer.replayed else {}
        if answer.status == 503:
            more["retry-after"] = "5"
        return answer.status, answer.body, more


def _too_large() -> str:
    return f"a delivery has at most {MOST_BYTES // 1_000_000} MB; send it in parts, or import it as a file"


async def _body(receive: Receive) -> bytes | None:
    """The whole body; ``None`` where the sender hung up; ValueError where it is too large."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > MOST_BYTES:
            raise ValueError
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


class Wrong:
    """Counts wrong tokens by the sender's address."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = {}

    def too_many(self, client: str) -> bool:
        """Notes one more, and whether there are too many of them by now."""
        now = time.monotonic()
        if len(self._seen) > 10_000:
            self._seen = {who: times for who, times in self._seen.items() if times[-1] > now - WRONG_SECONDS}
        times = self._seen.setdefault(client, deque(maxlen=WRONG + 1))
        times.append(now)
        return len(times) > WRONG and times[0] > now - WRONG_SECONDS


# ---------------------------------------------------------------- the server's own receiver

_receiver: webhook.Receiver | None = None
_lock = threading.Lock()


def make_receiver() -> webhook.Receiver:
    """The receiver of the workspace that the server was started on."""
    global _receiver
    with _lock:
        if _receiver is None:
            from courtship.web.desk import served_workspace

            _receiver = webhook.Receiver(served_workspace(), lambda: time.time_ns() // 1000)
        return _receiver


def stop() -> None:
    """Answers what waits and ends the threads, where there are any."""
    global _receiver
    with _lock:
        ending, _receiver = _receiver, None
    if ending is not None:
        ending.stop()
