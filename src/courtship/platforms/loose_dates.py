"""Dates as people and tools write them in tables -> UTC microseconds.

``05/06/2026`` is the fifth of June to some and the sixth of May to others: which is meant is found out from
other dates of the same column, or asked; it is never guessed from one date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from courtship.model import Micros
from courtship.platforms import times

Order = Literal["dmy", "mdy"]

_PARTS: Final = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})"
    r"(?:[ T,]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*([AaPp]\.?[Mm]\.?)?)?\s*(?:Z|UTC|GMT)?",
    re.ASCII,
)
_WORDED: Final = re.compile(
    r"(?:\w{3,9},?\s+)??(?:(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2}))(?:st|nd|rd|th)?,?"
    r"\s+(\d{4})(?:(?:\s+at|,)?\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp]\.?[Mm]\.?)?)?\s*(?:Z|UTC|GMT)?",
    re.ASCII,
)
_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS: Final = {name: number for number, name in enumerate(_NAMES, 1)}


def order_of(values: Iterable[str]) -> Order | None:
    """Which of day and month stands first, where some date of the column says so; else ``None``."""
    for value in values:
        found = _PARTS.fullmatch(value.strip())
        if found and len(found[1]) < 3:
            if int(found[1]) > 12:
                return "dmy"
            if int(found[3]) > 12:
                return "mdy"
    return None


def ambiguous(value: str) -> bool:
    """Whether a date needs an order to be understood."""
    found = _PARTS.fullmatch(value.strip())
    return found is not None and len(found[1]) < 3


def moment(value: str, order: Order | None) -> tuple[Micros, bool]:
    """The moment and whether it is precise: of a day alone it is the day's last second, and not.

    ISO 8601, dates of mails, ``31.12.2026 14:05``, ``12/31/26, 2:05 PM``, ``31 Dec 2026``, seconds and
    milliseconds since 1970. Without a zone it is UTC. `ValueError` where it is no date, or one of two.
    """
    value = value.strip()
    if len(value) > 10 and value[4] == value[7] == "-" and (at := times.iso(value)) is not None:
        return at, True  # by far the most usual
    if value.isascii() and value.isdecimal():
        number = times.seconds if len(value) in {9, 10} else times.milliseconds
        if len(value) in {9, 10, 12, 13} and (at := number(value)) is not None:
            return at, True
    if found := _PARTS.fullmatch(value):
        first, second, third = int(found[1]), int(found[3]), int(found[4])
        if len(found[1]) == 4:
            year, month, day = first, second, third
        elif order is None:
            raise ValueError(f"{value!r} may be two days: say dates=dmy or dates=mdy")
        else:
            day, month = (first, second) if order == "dmy" else (second, first)
            year = third + 2000 if len(found[4]) == 2 else third
        return _made(year, month, day, found[5], found[6], found[7], found[8], value)
    if (found := _WORDED.fullmatch(value)) and (month := _MONTHS.get((found[2] or found[3])[:3].lower(), 0)):
        day = int(found[1] or found[4])
        return _made(int(found[5]), month, day, found[6], found[7], found[8], found[9], value)
    at = times.iso(value)
    at = times.mail(value) if at is None else at
    if at is None:
        raise ValueError(f"{value!r:.40} is no date that is known here")
    return at, True


def _made(
    year: int,
    month: int,
    day: int,
    hour: str | None,
    minute: str | None,
    second: str | None,
    half: str | None,
    value: str,
) -> tuple[Micros, bool]:
    clock = "23:59:59"
    if hour is not None:
        hours = int(hour)
        if half:
            hours = hours % 12 + (12 if half[0] in "pP" else 0)
        clock = f"{hours:02d}:{minute}:{second or '00'}"
    at = times.iso(f"{year:04d}-{month:02d}-{day:02d}T{clock}Z")
    if at is None:
        raise ValueError(f"{value!r:.40} is no day, or not of the years 1990 to 2100")
    return at, hour is not None
