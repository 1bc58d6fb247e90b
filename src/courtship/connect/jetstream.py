"""Jetstream: what happens on Bluesky, as it happens. A thread reads it and keeps what concerns one account.

A Jetstream filters by who acts, not by whom an act is towards. So everything of the five sorts is read, and
what does not name the account is dropped before it is taken apart.
"""

from __future__ import annotations

import logging
import queue
import random
import socket
import threading
import time
from collections.abc import Container
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from courtship.connect import dial
from courtship.errors import ConnectionRefused, CourtshipError
from courtship.model import Micros, Problem, Record
from courtship.platforms.bluesky import BLOCK, FOLLOW, LIKE, POST, REPOST
from courtship.platforms.jetstream import Events, happened

_WANTED: Final = (POST, LIKE, REPOST, FOLLOW, BLOCK)
_AGAIN: Final[Micros] = 5_000_000
"""How much is heard again after a break; the same act told twice counts once."""

_LONGEST_WAIT: Final = 60.0
_LARGEST: Final = 1 << 20

log = logging.getLogger("courtship.listening")


class Jetstream:
    """Listens in a thread of its own from the beginning, at the address that the owner named and no other.

    ``known`` are the addresses of records whose deletion matters. ``live`` is whether it is connected now;
    ``position`` the time of the last event that was heard, for the cursor; ``trouble`` why it is not, if it
    is not.
    """

    def __init__(self, address: str, did: str, position: Micros | None, known: Container[str]) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"wss", "ws"} or not parts.hostname:
            raise ConnectionRefused(
                f"{address!r:.80} is no address of a Jetstream; they look like wss://host/subscribe"
            )
        self._address = parts
        self._places = dial.named({"jetstream": address})
        self._did = did
        self._known = known
        self._events = Events()
        self._heard: queue.Queue[tuple[list[Record | Problem], Micros]] = queue.Queue(10_000)
        self._end = threading.Event()
        self._newest = position
        self.position = position
        self.live = False
        self.trouble = ""
        self._thread = threading.Thread(target=self._listen, name="jetstream", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._end.set()
        self._thread.join(5)

    def heard(self, patience: float) -> list[Record | Problem]:
        """What has come, after at most so many seconds; ``position`` is then that of the last of it."""
        records: list[Record | Problem] = []
        try:
            told, at = self._heard.get(timeout=patience)
            while True:
                records += told
                self.position = at
                told, at = self._heard.get_nowait()
        except queue.Empty:
            if self._heard.empty() and not records:
                self.position = self._newest
        return records

    # ------------------------------------------------------------------ in the thread

    def _listen(self) -> None:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        pause = 1.0
        while not self._end.is_set():
            try:
                with connect(
                    self._uri(), sock=self._dialled(), max_size=_LARGEST, open_timeout=20, close_timeout=2
                ) as line:
                    self.live, self.trouble = True, ""
                    while not self._end.is_set():
                        try:
                            message = line.recv(timeout=0.5)
                        except TimeoutError:
                            continue
                        pause = 1.0
                        self._take(
                            message if isinstance(message, str) else message.decode("utf-8", "replace")
                        )
            except (OSError, WebSocketException, TimeoutError, CourtshipError, ValueError) as error:
                if not self.trouble:
                    log.warning("Jetstream at %s: %s", self._address.netloc, error)
                self.trouble = " ".join(str(error).split())[:100] or type(error).__name__
            except Exception as error:  # or nothing would be heard until the next start, and nobody told
                self.trouble = f"a mistake of ours ({type(error).__name__})"
                log.exception("Jetstream at %s", self._address.netloc)
            finally:
                self.live = False
            self._end.wait(pause * (0.5 + random.random()))  # noqa: S311 - so that not all come back at once
            pause = min(pause * 2, _LONGEST_WAIT)

    def _dialled(self) -> socket.socket:
        """A socket to the address itself: a redirect leads nowhere."""
        host, secure = self._address.hostname or "", self._address.scheme == "wss"
        made = dial.dial(host, self._address.port or (443 if secure else 80), self._places)
        made.settimeout(None)
        return made

    def _uri(self) -> str:
        query: list[tuple[str, Any]] = [*parse_qsl(self._address.query)]
        query += [("wantedCollections", one) for one in _WANTED]
        if self._newest is not None:
            query.append(("cursor", max(0, self._newest - _AGAIN)))
        path = self._address.path if self._address.path not in {"", "/"} else "/subscribe"
        return self._address._replace(path=path, query=urlencode(query)).geturl()

    def _take(self, line: str) -> None:
        now = time.time_ns() // 1000
        names_us = self._did in line
        if not names_us and '"delete"' not in line:
            if (at := _time_in(line)) is not None:
                self._newest = min(at, now)  # a clock that is ahead must not make a later start skip
            return
        try:
            event = orjson.loads(line)
            at = happened(event)
        except (orjson.JSONDecodeError, ValueError, AttributeError):
            return  # damaged, or no event on the way; what it was is found by the next look
        told: list[Record | Problem] = []
        if names_us or self._address_of(event) in self._known:
            try:
                told = list(self._events.records(event))
            except ValueError as error:
                told = [Problem("Bluesky", "Jetstream", str(error))]
            except (TypeError, KeyError, AttributeError) as error:
                log.warning("an event of Jetstream could not be read", exc_info=error)
                told = [Problem("Bluesky", "Jetstream", "an event has another form than before; left out")]
        self._newest = min(at, now)
        if told:
            self._put(told, self._newest)

    def _put(self, told: list[Record | Problem], at: Micros) -> None:
        while not self._end.is_set():
            try:
                self._heard.put((told, at), timeout=0.5)
            except queue.Full:
                time.sleep(0.05)
            else:
                return

    @staticmethod
    def _address_of(event: Any) -> str:
        inner = event.get("commit") if isinstance(event, dict) else None
        if not isinstance(inner, dict):
            return ""
        return f"at://{event.get('did')}/{inner.get('collection')}/{inner.get('rkey')}"


def _time_in(line: str) -> Micros | None:
    """The time of an event without taking it apart."""
    _, found, rest = line[:200].partition('"time_us":')
    digits = rest.partition(",")[0].strip()
    return int(digits) if found and digits.isascii() and digits.isdigit() else None
