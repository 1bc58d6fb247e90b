"""An HTTP client for strangers' servers: time-outs, bounded answers, checked addresses, kept limits."""

from __future__ import annotations

import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import httpcore
import httpx

from courtship.connect import backoff
from courtship.connect.backoff import RateLimit
from courtship.connect.dial import Place, dial
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Micros

TIMEOUT: httpx.Timeout | float = httpx.Timeout(30.0, connect=15.0, pool=60.0)
"""Seconds: of silence at most, not of the whole answer."""

WHOLE: Final = 300.0
"""Seconds that a whole answer may take (but a stream without end): who sends a letter now and then is never
silent, and would hold up a connection for ever."""

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of one answer, unpacked; of a stream without end, of one of its events."""

MOST_REDIRECTS: Final = 5
AGENT: Final = "Courtship (self-hosted)"
PATIENCE: Final = 60.0
"""Seconds that a request itself waits for a platform's limit; longer ones are left to whoever runs it."""


class TooLarge(Unreachable):
    """An answer larger than any that belongs here."""


class Limits:
    """What platforms last said of their limits, by host. One for each client."""

    def __init__(self, now: Callable[[], Micros]) -> None:
        self._now = now
        self._by_host: dict[str, RateLimit] = {}
        self._not_before: dict[str, Micros] = {}

    def note(self, response: httpx.Response) -> None:
        """Keeps what an answer says."""
        host, now = response.request.url.host, self._now()
        found = backoff.rate_limit(response.headers, now)
        if found is not None:
            self._by_host[host] = found
        if response.status_code in (429, 503):
            after = backoff.retry_after(response.headers.get("retry-after"), now)
            if after is not None:
                self._not_before[host] = now + int(after * backoff.SECOND)

    def wait(self, host: str) -> float:
        """Seconds before ``host`` may be asked again."""
        now = self._now()
        found = self._by_host.get(host)
        asked = (self._not_before.get(host, 0) - now) / backoff.SECOND
        return max(asked, found.wait(now) if found else 0.0, 0.0)

    def longest(self) -> float:
        """Seconds before every host may be asked again."""
        return max((self.wait(host) for host in {*self._by_host, *self._not_before}), default=0.0)

    def words(self) -> str:
        """The host with the fewest requests left, in words; ``""`` where none says."""
        told = sorted((limit.left, host) for host, limit in self._by_host.items())
        return f"{told[0][1]}: {self._by_host[told[0][1]].words()}" if told else ""


class Client(httpx.Client):
    """An ``httpx.Client`` that keeps its ``limits``; make it with `client`."""

    limits: Limits


def client(
    places: Iterable[Place] = (),
    *,
    now: Callable[[], Micros],
    wait: Callable[[float], bool] | None = None,
    most_bytes: int = MOST_BYTES,
    timeout: httpx.Timeout | float | None = None,
) -> Client:
    """A client for one connection.

    It goes to public addresses and to ``places``, those that the owner's settings name (`dial.named`);
    redirects are judged like any other address. An answer of over ``most_bytes`` is broken off (`TooLarge`).
    ``now`` is the clock; ``wait(seconds)`` sleeps while a platform's limit is used up, and answers true when
    it is time to stop; without it, and for long waits, the request raises Unreachable.
    """
    made = Client(
        transport=_Guarded(frozenset(places), most_bytes),
        timeout=TIMEOUT if timeout is None else timeout,
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        trust_env=False,  # a proxy from the environment would look the names up by itself
        headers={"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate"},
    )
    made.limits = limits = Limits(now)

    def before(request: httpx.Request) -> None:
        seconds = limits.wait(request.url.host)
        if seconds <= 0:
            return
        if wait is None or seconds > PATIENCE or wait(seconds):
            raise Unreachable(f"{request.url.host} asked to wait {seconds:,.0f} s", after=seconds)

    made.event_hooks = {"request": [before], "response": [limits.note]}
    return made


def answered(response: httpx.Response, now: Micros | None = None) -> httpx.Response:
    """The response itself where it is a good one.

    Raises ConnectionRefused for 401 and 403, Unreachable (with what ``Retry-After`` says) for 408, 425, 429
    and 5xx, and for any other answer that is none of 2xx or 304.
    """
    status = response.status_code
    host = response.request.url.host
    if response.is_success or status == 304:
        return response
    if status in (401, 403):
        raise ConnectionRefused(
            f"{host} turned the connection away ({status}); the token is wrong, has expired or lacks a"
            " permission: enter a new one"
        )
    after = backoff.retry_after(response.headers.get("retry-after"), now) if now is not None else None
    if status == 429:
        raise Unreachable(f"{host} asked to wait (429)", after=after)
    raise Unreachable(f"{host} answered with {status} to {response.request.url.path:.80}", after=after)


def in_words(error: httpx.HTTPError | httpx.InvalidURL | httpx.StreamError) -> str:
    """What went wrong with a request, in one line for the owner."""
    request = getattr(error, "_request", None)
    host = request.url.host if request is not None else "the server"
    match error:
        case httpx.ConnectTimeout() | httpx.ReadTimeout() | httpx.WriteTimeout() | httpx.PoolTimeout():
            return f"{host} did not answer in time"
        case httpx.TooManyRedirects():
            return f"{host} sends from one address to the next without end"
        case httpx.LocalProtocolError():  # its own words quote what was to be sent: tokens too
            return f"{host} was not asked: a setting has a sign in it that cannot be sent; enter it once more"
        case httpx.RemoteProtocolError() | httpx.DecodingError():
            return f"{host} broke off in the middle of an answer, or sent what is no HTTP"
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return f"{host} named an address that is none of the web's"
        case httpx.HTTPStatusError():
            return f"{host} answered with {error.response.status_code}"
    return f"{host} could not be reached ({' '.join(str(error).split())[:120] or type(error).__name__})"


# ---------------------------------------------------------------- the transport


class _Until(threading.local):
    """Up to when this thread waits for an answer (``time.monotonic()``); ``None`` for as long as it likes."""

    moment: float | None = None


_until = _Until()


class _Patient(httpcore.NetworkStream):
    """A stream that is not read beyond the time that a whole answer may take."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if _until.moment is not None:
            left = _until.moment - time.monotonic()
            if left <= 0:
                raise httpcore.ReadTimeout("the whole answer took too long")
            timeout = left if timeout is None else min(timeout, left)
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Patient(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Connects by `dial`: what is judged is what is connected to."""

    def __init__(self, places: frozenset[Place]) -> None:
        self.places = places

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        from httpcore._backends.sync import SyncStream

        return _Patient(SyncStream(dial(host, port, self.places, timeout=timeout)))

    def connect_unix_socket(self, *told: Any, **more: Any) -> httpcore.NetworkStream:
        raise Unreachable("a socket file is no address of the web")


class _Guarded(httpx.HTTPTransport):
    def __init__(self, places: frozenset[Place], most_bytes: int) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=10,
            max_keepalive_connections=5,
            keepalive_expiry=30.0,
            network_backend=_Backend(places),
        )
        self._most = most_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = _until.moment = time.monotonic() + WHOLE
        try:
            response = super().handle_request(request)
        finally:
            _until.moment = None
        headers = response.headers
        packed = headers.pop("content-encoding", "").strip().lower()
        endless = headers.get("content-type", "").startswith("text/event-stream")
        assert isinstance(response.stream, httpx.SyncByteStream)
        stream = _Bounded(response.stream, request.url.host, self._most, packed, None if endless else until)
        if packed:
            headers.pop("content-length", None)
        return httpx.Response(
            response.status_code, headers=headers, stream=stream, extensions=response.extensions
        )


class _Bounded(httpx.SyncByteStream):
    """The bytes of an answer, unpacked piece by piece and counted; ``until`` when they must have come, if
    they end at all."""

    def __init__(
        self, inner: httpx.SyncByteStream, host: str, most: int, packed: str, until: float | None
    ) -> None:
        self._inner = inner
        self._host = host
        self._most = most
        self._packed = packed
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        count = 0
        for piece in self._unpacked():
            count += len(piece)
            if self._until is None and b"\n" in piece:
                count = len(piece) - piece.rindex(b"\n") - 1
            if count > self._most:
                self._inner.close()
                raise TooLarge(
                    f"{self._host} sent an answer of over {self._most // 1_000_000:,} MB; it was broken off"
                )
            yield piece

    def _unpacked(self) -> Iterator[bytes]:
        if self._packed in ("", "identity"):
            yield from self._pieces()
            return
        if self._packed not in ("gzip", "x-gzip", "deflate"):
            raise Unreachable(
                f"{self._host} packed its answer as {self._packed:.20}, which was not asked for"
            )
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out whether gzip or zlib
        step = 1 << 18
        try:
            for piece in self._pieces():
                waiting = piece
                while waiting:
                    yield unpack.decompress(waiting, step)
                    waiting = unpack.unconsumed_tail
            yield unpack.flush(step)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error

    def _pieces(self) -> Iterator[bytes]:
        pieces = iter(self._inner)
        while True:
            _until.moment = self._until
            try:
                piece = next(pieces, None)
            finally:
                _until.moment = None
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        self._inner.close()
