"""Times as platforms write them -> UTC microseconds. Each returns ``None`` for what is no time.

Years before 1990 and after 2100 are no time of a social platform: they are damage (or a zero date), and
a damaged date must become a problem, never an act in the wrong century.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from courtship.model import Micros

EARLIEST: Final[Micros] = 631_152_000_000_000
"""1990-01-01T00:00:00Z."""

LATEST: Final[Micros] = 4_102_444_800_000_000
"""2100-01-01T00:00:00Z."""

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


def _sane(at: Micros) -> Micros | None:
    return at if EARLIEST <= at < LATEST else None


def _micros(moment: datetime) -> Micros | None:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return _sane((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds)


def iso(text: Any) -> Micros | None:
    """ISO 8601 / RFC 3339 (``2023-08-30T23:20:03.000Z``, ``2020-01-05 12:50:15``); no zone is UTC."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        return _micros(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def seconds(value: Any) -> Micros | None:
    """Seconds since 1970, whole or not, as a number or in digits."""
    return _epoch(value, 1_000_000)


def milliseconds(value: Any) -> Micros | None:
    """Milliseconds since 1970, as a number or in digits."""
    return _epoch(value, 1_000)


def _epoch(value: Any, unit: int) -> Micros | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not re.fullmatch(r"\d{1,16}", value, re.ASCII):
            return None
        value = int(value)
    if isinstance(value, float):
        return _sane(round(value * unit)) if 0 < value < 1e16 else None
    return _sane(value * unit) if isinstance(value, int) else None


def rfc2822(text: Any) -> Micros | None:
    """Mail and RSS dates (``Mon, 10 Jun 2024 12:29:10 +0000``)."""
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return _micros(parsedate_to_datetime(text.strip()))
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def v1(text: Any) -> Micros | None:
    """The style of Twitter's first API: ``Sat Aug 12 16:10:37 +0000 2023``. Months are English always,
    so that the computer's language does not matter."""
    if not isinstance(text, str):
        return None
    parts = text.split()
    if len(parts) != 6 or len(parts[3]) != 8 or parts[1].lower() not in _MONTHS:
        return None
    try:
        return _micros(
            datetime.fromisoformat(
                f"{int(parts[5]):04d}-{_MONTHS[parts[1].lower()]:02d}-{int(parts[2]):02d}"
                f"T{parts[3]}{parts[4][:3]}:{parts[4][3:]}"
            )
        )
    except (ValueError, OverflowError):
        return None
