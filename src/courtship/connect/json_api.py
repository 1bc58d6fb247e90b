"""Asking an HTTP API for JSON: what goes wrong, told as the two errors that a connector may raise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx
import orjson

from courtship.errors import Unreachable

LONGEST_WAIT: Final = 3_600.0
"""Seconds: a server that asks for more is asked again after so long."""

_MILLENNIUM: Final = 946_684_800
"""A reset larger than this is a moment (seconds since 1970), a smaller one a number of seconds."""


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
) -> Answer:
    """One request. `Unreachable` where waiting may help (with the seconds that the server asks for), `Denied`
    where the server says no."""
    host = urlsplit(url).netloc
    asked = {"accept": "application/json", **(headers or {})}
    try:
        if json is None:
            response = http.request(method, url, params=params, headers=asked)
        else:
            response = http.request(method, url, params=params, headers=asked, json=json)
    except httpx.TimeoutException:
        raise Unreachable(f"{host} did not answer in time; it is asked again") from None
    except httpx.HTTPError as error:
        raise Unreachable(f"{host} cannot be reached ({_short(error)}); it is asked again") from None
    status = response.status_code
    if status == 429:
        raise Unreachable(f"{host} asks to wait (too many requests)", asked_to_wait(response.headers) or 60.0)
    if status >= 500:
        raise Unreachable(
            f"{host} is in trouble (status {status}); it is asked again", asked_to_wait(response.headers)
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


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, of ``Retry-After`` or the rate-limit headers (``RateLimit-Reset``, Bluesky's, in
    seconds since 1970; ``X-RateLimit-Reset``, Mastodon's, a time); ``None`` where they ask for nothing."""
    from courtship.times import parse_iso, parse_mail

    now = time.time()
    for name in ("retry-after", "ratelimit-reset", "x-ratelimit-reset"):
        text = headers.get(name, "").strip()
        if not text:
            continue
        seconds: float | None = None
        if text.isascii() and text.isdigit():
            seconds = float(text) - (now if float(text) > _MILLENNIUM else 0)
        else:
            for parse in (parse_iso, parse_mail):
                try:
                    seconds = parse(text) / 1_000_000 - now
                    break
                except ValueError:
                    continue
        if seconds is not None:
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return None


def nearly_spent(headers: Mapping[str, str]) -> bool:
    """Whether the rate limit's rest is so small that a back-fill should let it recover: under a tenth."""
    for prefix in ("ratelimit", "x-ratelimit"):
        limit, rest = headers.get(f"{prefix}-limit", ""), headers.get(f"{prefix}-remaining", "")
        if limit.isdigit() and rest.isdigit() and int(limit) > 0:
            return int(rest) * 10 < int(limit)
    return False


def base_address(text: str) -> str:
    """``example.social/`` -> ``https://example.social``: the scheme, host and port of what the owner wrote.

    `ValueError` with words for the owner where it is no address.
    """
    text = text.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{text!r:.80} is no address of a server; write it like https://example.social")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:100]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
