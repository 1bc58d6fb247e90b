"""Times in the styles of several platforms -> UTC microseconds, or ``None`` for what is no time.

Stands on `courtship.times`: a year before 1990 or after 2100 is damage, and a damaged date must become a
problem, never an act in the wrong century.
"""

from __future__ import annotations

import re
from typing import Any, Final

from courtship.model import Micros
from courtship.times import in_range, parse_iso, parse_mail

_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {name: f"{number:02d}" for number, name in enumerate(_NAMES, 1)}
_V1: Final = re.compile(r"\w{3} (\w{3}) (\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d) (\d{4})", re.ASCII)


def iso(text: Any) -> Micros | None:
    """ISO 8601 / RFC 3339 (``2023-08-30T23:20:03.000Z``, ``2020-01-05 12:50:15``); no zone is UTC."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        return parse_iso(text.strip())
    except ValueError:
        return None


def seconds(value: Any) -> Micros | None:
    """Seconds since 1970, as a number or in digits. 0 is how exports write "not set"."""
    return _epoch(value, 1_000_000)


def milliseconds(value: Any) -> Micros | None:
    """Milliseconds since 1970, as a number or in digits."""
    return _epoch(value, 1_000)


def microseconds(value: Any) -> Micros | None:
    """Microseconds since 1970, as a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return in_range(value)
    except ValueError:
        return None


def _epoch(value: Any, unit: int) -> Micros | None:
    if isinstance(value, str) and re.fullmatch(r"\d{1,16}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e16:
        return None
    try:
        return in_range(round(value * unit))
    except ValueError:
        return None


def mail(text: Any) -> Micros | None:
    """Mail and RSS dates (``Mon, 10 Jun 2024 12:29:10 +0000``)."""
    if not isinstance(text, str):
        return None
    try:
        return parse_mail(text.strip())
    except (ValueError, AttributeError):
        return None


def v1(text: Any) -> Micros | None:
    """The style of Twitter's first API: ``Sat Aug 12 16:10:37 +0000 2023`` (English on every computer)."""
    found = _V1.fullmatch(text) if isinstance(text, str) else None
    if found is None or found[1] not in _MONTHS:
        return None
    return iso(f"{found[6]}-{_MONTHS[found[1]]}-{found[2]}T{found[3]}{found[4]}:{found[5]}")
