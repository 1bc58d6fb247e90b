"""Server-sent events, read by a thread of its own: what came waits for whoever asks.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import httpx

_LONGEST_PAUSE: Final = 300.0
_SILENCE: Final = 90.0
"""Seconds: Mastodon sends a heartbeat every 15."""

_NOT_OFFERED: Final = frozenset({400, 403, 404, 405, 410, 426, 501})
"""What servers answer that have no such stream, or only one by WebSocket (Pleroma, GoToSocial)."""


log = logging.getLogger("courtship.listening")


class Event(NamedTuple):
    """One event."""

    name: str
    data: str


class EventStream:
    """Listens from the beginning, and again after every break. ``live`` is whether it is connected now;
    ``connected`` counts the connections: each new one may have missed something.

    ``trouble`` is why it is not connected, where it is not: a line for the owner.
    Where the server says that there is no such stream, ``offered`` becomes false and the thread ends.
    """

    def __init__(self, http: httpx.Client, address: str, headers: Mapping[str, str]) -> None:
        self._http = http
        self._address = address
        self._headers = dict(headers)
        self._heard: queue.Queue[Event] = queue.Queue(10_000)
        self._end = threading.Event()
        self.live = False
        self.offered = True
        self.connected = 0
        self.trouble = ""
        threading.Thread(target=self._listen, name="event-stream", daemon=True).start()

    def close(self) -> None:
        """Tells the thread to end; it does at the next heartbeat, or when the client is closed."""
        self._end.set()

    def heard(self, patience: float) -> list[Event]:
        """What has come, after at most so many seconds."""
        events: list[Event] = []
        try:
            events.append(self._heard.get(timeout=patience))
            while True:
                events.append(self._heard.get_nowait())
        except queue.Empty:
            return events

    def _listen(self) -> None:
        import httpx

        from courtship.connect.http import in_words
        from courtship.errors import CourtshipError

        pause = 1.0
        timeout = httpx.Timeout(20.0, read=_SILENCE)
        headers = {**self._headers, "accept": "text/event-stream", "cache-control": "no-store"}
        while not self._end.is_set():
            began = time.monotonic()
            try:
                with self._http.stream("GET", self._address, headers=headers, timeout=timeout) as response:
                    kind = response.headers.get("content-type", "")
                    if response.status_code in _NOT_OFFERED or (
                        response.is_success and not kind.startswith("text/event-stream")
                    ):
                        self.offered = False
                        return
                    response.raise_for_status()
                    self.live, self.trouble = True, ""
                    self.connected += 1
                    self._read(response)
            except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, CourtshipError) as error:
                said = str(error) if isinstance(error, CourtshipError) else in_words(error)
                if not self.trouble:
                    log.warning("a stream broke off or does not begin: %s", said)
                self.trouble = said
            except RuntimeError:
                pass  # the client was closed; the loop ends then, or polling goes on
            except Exception as error:  # or nothing would be heard until the next start, and nobody told
                self.trouble = f"a mistake of ours ({type(error).__name__})"
                log.exception("a stream")
            finally:
                self.live = False
            pause = 1.0 if time.monotonic() - began > 60 else min(pause * 2, _LONGEST_PAUSE)
            self._end.wait(pause * (0.5 + random.random()))  # noqa: S311 - so that not all come back at once

    def _read(self, response: httpx.Response) -> None:
        """Line by line, so that a heartbeat (a comment, ``:thump``) is enough to notice the end."""
        name, data = "", list[str]()
        for line in response.iter_lines():
            if self._end.is_set():
                return
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif not line and data:
                self._put(Event(name or "message", "\n".join(data)))
            if not line:
                name, data = "", []

    def _put(self, event: Event) -> None:
        while not self._end.is_set():
            try:
                self._heard.put(event, timeout=0.5)
            except queue.Full:
                continue
            else:
                return
