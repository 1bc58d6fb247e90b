"""Times as sources write them, to whole UTC microseconds and back. Standard library only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from courtship.model import Micros

EARLIEST: Final[Micros] = 631_152_000_000_000
"""1990-01-01T00:00:00Z: nothing that a platform tells is older."""

LATEST: Final[Micros] = 4_133_980_800_000_000
"""2101-01-01T00:00:00Z: the end of the last year that is believed (2100)."""

OUT_OF_RANGE: Final = "date out of range (1990 to 2100)"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_OF_NO_ZONE = datetime(1970, 1, 1)  # noqa: DTZ001 - what has no zone is taken as UTC


def micros(moment: datetime) -> Micros:
    """UTC microseconds of a datetime; one without a zone is UTC."""
    since = moment - (_EPOCH if moment.tzinfo is not None else _EPOCH_OF_NO_ZONE)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def in_range(value: Micros) -> Micros:
    """The value itself, if its year is 1990 to 2100; ``ValueError`` with words for the owner otherwise."""
    if EARLIEST <= value < LATEST:
        return value
    raise ValueError(OUT_OF_RANGE)


def parse_iso(text: str) -> Micros:
    """UTC microseconds of an ISO 8601 date and time; a time without a zone is UTC.

    ``ValueError`` with words for the owner where it is none, or where its year is not 1990 to 2100.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        try:
            moment = datetime.fromisoformat(text.strip().replace(" UTC", "Z"))
        except (ValueError, TypeError, AttributeError):
            raise ValueError(f"not a time in ISO 8601: {text!r:.60}") from None
    return in_range(micros(moment))


def parse_mail(text: str) -> Micros:
    """UTC microseconds of an RFC 5322 date, as mail and RSS write it; ``ValueError`` as for `parse_iso`."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"not a date as mails write it: {text!r:.60}") from None
    return in_range(micros(moment))


def to_iso(value: Micros) -> str:
    """ISO 8601 in UTC with ``Z``; with microseconds only where there are some."""
    return (_EPOCH + timedelta(microseconds=value)).isoformat().replace("+00:00", "Z")
