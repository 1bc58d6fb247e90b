"""How long to wait: after failures, when a platform says so, and when its limit is used up. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from courtship.model import Micros

SECOND: Final[Micros] = 1_000_000
FIRST: Final = 2.0
LONGEST: Final = 900.0
"""Seconds of the first wait after a failure, and at most."""

MOST: Final = 86_400.0
"""Seconds that a platform can make us wait: what asks for more has its clock or its unit wrong."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS: Final = 1_000_000_000
"""A reset of more than that is a moment since 1970, of less a number of seconds from now."""


def delay(
    failures: int, chance: Callable[[], float], *, first: float = FIRST, most: float = LONGEST
) -> float:
    """Seconds to wait after so many failures in a row (from 1): doubled each time, half of it by chance.

    ``chance()`` is in [0, 1). Equal jitter, as in M. Brooker, *Exponential Backoff And Jitter* (AWS, 2015):
    many who failed together do not come back together.

    >>> [delay(n, lambda: 0.5) for n in (1, 2, 3, 40)]
    [1.5, 3.0, 6.0, 675.0]
    """
    whole = min(most, first * 2.0 ** min(max(failures, 1) - 1, 40))
    return whole / 2 + whole / 2 * chance()


def retry_after(said: str | None, now: Micros) -> float | None:
    """Seconds that a ``Retry-After`` asks to wait (RFC 9110, 10.2.3: seconds or a date); ``None`` for none.

    >>> retry_after("120", 0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 0), retry_after("soon", 0)
    (120.0, 60.0, None)
    """
    said = (said or "").strip()
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        at = _date(said)
        if at is None:
            return None
        seconds = (at - now) / SECOND
    if seconds != seconds:
        return None
    return min(max(seconds, 0.0), MOST)


class RateLimit(NamedTuple):
    """What a platform last said of its limit: requests ``left`` of ``limit`` until ``reset``."""

    left: int
    limit: int | None
    reset: Micros | None

    def wait(self, now: Micros) -> float:
        """Seconds to wait before the next request: 0 while any are left."""
        if self.left > 0 or self.reset is None or self.reset <= now:
            return 0.0
        return min((self.reset - now) / SECOND, MOST)

    def words(self) -> str:
        """``12 of 300 requests left``."""
        return f"{self.left:,}{f' of {self.limit:,}' if self.limit is not None else ''} requests left"


def rate_limit(headers: Mapping[str, str], now: Micros) -> RateLimit | None:
    """The limit that an answer's headers tell of; ``None`` where they tell of none.

    Read are ``X-RateLimit-Limit/Remaining/Reset`` (Mastodon's reset is a date, others' seconds since 1970),
    ``RateLimit-*`` (Bluesky: seconds since 1970; draft-ietf-httpapi-ratelimit-headers up to 07: seconds from
    now), and the one field ``RateLimit`` of that draft (``"default";r=50;t=30``). Names in any letter case.
    """
    told = {name.lower(): value for name, value in headers.items()}
    for prefix in ("x-ratelimit-", "ratelimit-"):
        left = _whole(told.get(f"{prefix}remaining"))
        if left is not None:
            return RateLimit(
                left, _whole(told.get(f"{prefix}limit")), _reset(told.get(f"{prefix}reset"), now)
            )
    left, reset, limit = _one_field(told.get("ratelimit", ""))
    return None if left is None else RateLimit(left, limit, None if reset is None else now + reset * SECOND)


def _one_field(said: str) -> tuple[int | None, int | None, int | None]:
    """``r`` and ``t`` of the newest draft, or ``remaining``, ``reset``, ``limit`` of the one before."""
    pairs: dict[str, int | None] = {}
    for part in said.replace(",", ";").split(";"):
        name, _, value = part.partition("=")
        pairs.setdefault(name.strip().lower(), _whole(value))
    left = pairs.get("r", pairs.get("remaining"))
    return left, pairs.get("t", pairs.get("reset")), pairs.get("limit")


def _reset(said: str | None, now: Micros) -> Micros | None:
    said = (said or "").strip()
    try:
        seconds = float(said)
    except ValueError:
        return _date(said)
    if not 0 <= seconds < 1e14:
        return None
    if seconds > 100 * _EPOCH_SECONDS:  # some tell milliseconds
        seconds /= 1000
    moment = int(seconds * SECOND)
    return moment if seconds > _EPOCH_SECONDS else now + moment


def _date(said: str) -> Micros | None:
    """A moment in HTTP's form of a date or in ISO 8601."""
    found: datetime | None = None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        try:
            found = parsedate_to_datetime(said)
        except (ValueError, TypeError, IndexError):
            return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    try:
        since = found - _EPOCH
    except OverflowError:
        return None
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def _whole(said: str | None) -> int | None:
    said = (said or "").strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else None
