"""The owner's weeks, from Monday to Monday by their own clock, as the ledger counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from courtship.model import Micros

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST, _MOST = -62_000_000_000_000_000, 253_000_000_000_000_000


def week_starts(zone: str, first: Micros, last: Micros) -> list[Micros]:
    """The starts of the weeks from that of ``first`` to the first after ``last``, in UTC microseconds.

    ``zone`` is an IANA name. Where a clock skips midnight, the week begins with the first moment after it.

    >>> from courtship.model import DAY
    >>> [start // DAY for start in week_starts("UTC", 0, 8 * DAY)]
    [-3, 4, 11]
    """
    rules = ZoneInfo(zone)
    first, last = max(first, _LEAST), min(max(first, last), _MOST)
    monday = _day(first, rules)
    monday -= timedelta(days=monday.weekday())
    starts = [_at(monday, rules)]
    while starts[-1] <= last:
        monday += timedelta(days=7)
        starts.append(_at(monday, rules))
    return starts


def _day(at: Micros, rules: ZoneInfo) -> date:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(rules).date()


def _at(day: date, rules: ZoneInfo) -> Micros:
    midnight = datetime.combine(day, time(), rules).astimezone(UTC)
    return (midnight - _EPOCH) // timedelta(microseconds=1)
