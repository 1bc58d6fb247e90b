"""Asking an HTTP API for JSON: what goes wrong, told as the errors that a connector may raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import orjson

from courtship.connect import backoff
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Micros

if TYPE_CHECKING:
    import httpx


SEVERAL: Final = 3
"""So many entries that cannot be read are no longer a damaged one."""


LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Answer(NamedTuple):
    """A JSON answer of status 200 to 299, and its headers."""

    value: Any
    headers: Mapping[str, str]


class Denied(Exception):
    """An answer of status 400 to 499 (but 429). ``code`` is the API's own name for it, if it has one."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code} {message}".strip())
        self.status = status
        self.code = code
        self.message = message


def ask(
    http: httpx.Client,
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    now: Micros,
) -> Answer:
    """One request at ``now``. `Unreachable` where waiting may help (with the seconds that the server asks
    for), `Denied` where the server says no."""
    import httpx

    from courtship.connect.http import in_words

    host = urlsplit(url).netloc
    asked = {"accept": "application/json", **(headers or {})}
    try:
        # A redirect is not followed: it would carry a password to a host that the owner did not name.
        body = {} if json is None else {"json": json}
        response = http.request(method, url, params=params, headers=asked, follow_redirects=False, **body)
    except httpx.TimeoutException:
        raise Unreachable(f"{host} did not answer in time; it is asked again") from None
    except httpx.LocalProtocolError as error:
        raise ConnectionRefused(in_words(error)) from None
    except httpx.HTTPError as error:
        raise Unreachable(f"{host} cannot be reached ({_short(error)}); it is asked again") from None
    status = response.status_code
    if status == 429:
        raise Unreachable(
            f"{host} asks to wait (too many requests)", asked_to_wait(response.headers, now) or 60.0
        )
    if status >= 500:
        raise Unreachable(
            f"{host} is in trouble (status {status}); it is asked again", asked_to_wait(response.headers, now)
        )
    if 300 <= status < 400:
        raise Denied(status, "", f"{host} sends us elsewhere; give the address that it names")
    try:
        value = orjson.loads(response.content) if response.content else None
    except orjson.JSONDecodeError:
        if status >= 400:
            raise Denied(status, "", "") from None
        raise Unreachable(f"{host} sent half an answer, or none that is JSON; it is asked again") from None
    if status >= 400:
        said = value if isinstance(value, Mapping) else {}
        raise Denied(
            status, _text(said.get("error")), _text(said.get("message") or said.get("error_description"))
        )
    return Answer(value, response.headers)


def asked_to_wait(headers: Mapping[str, str], now: Micros) -> float | None:
    """Seconds that ``Retry-After``, or a limit that is used up, asks to wait; ``None`` for neither."""
    after = backoff.retry_after(headers.get("retry-after"), now)
    limit = backoff.rate_limit(headers, now)
    return after if after is not None else (limit.wait(now) or None) if limit is not None else None


def changed(host: str, what: str) -> Unreachable:
    """For an answer without what it should hold: it is no empty one, or everything would seem to be gone."""
    return Unreachable(f"{host} answered without {what}; its API may have changed. It is asked again")


def onwards(host: str, before: str | None, after: str | None) -> str | None:
    """Where the next page of a list begins. `Unreachable` where that is the page that was just read."""
    if after is not None and after == before:
        raise Unreachable(f"{host} sends the same page again and again; it is asked again later")
    return after


def all_unreadable(host: str, read: int, reasons: Sequence[str]) -> None:
    """`Unreachable` where of several entries none could be read: rather their form is another than before."""
    if read >= SEVERAL and len(reasons) == read:
        raise changed(host, f"one entry of {read:,} that can be read (the first {reasons[0]:.80})")


def nearly_spent(headers: Mapping[str, str], now: Micros) -> bool:
    """Whether the limit's rest is so small that a back-fill should let it recover: under a tenth."""
    limit = backoff.rate_limit(headers, now)
    return limit is not None and limit.limit is not None and limit.left * 10 < limit.limit


def base_address(text: str) -> str:
    """``example.social/`` -> ``https://example.social``: the scheme, host and port of what the owner wrote.

    `ValueError` with words for the owner where it is no address.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        fine = False
    if not fine:
        raise ValueError(f"{text!r:.80} is no address of a server; write it like https://example.social")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def encrypted_address(text: str, secret: str) -> str:
    """As `base_address`, for a server that is sent a secret (which, in words): by https, or this machine's.

    `ValueError` with words for the owner.
    """
    address = base_address(text)
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError(f"{address} is not encrypted: anybody on the way could read the {secret}; use https")
    return address


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:100]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
