"""The offsets of a time zone as a table, so that calendar days can be reckoned without Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from courtship.model import DAY, Micros

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000
_YEAR: Final = 366 * DAY
_FIRST_RULE: Final = -5_000_000_000 * _SECOND  # 1811: before any clock followed a law
_ONLY_RULES: Final = 2_208_988_800 * _SECOND  # 2040: from then on a zone only repeats its yearly rule


def offsets(zone: str, first: Micros, last: Micros) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The zone's UTC offsets (microseconds) over [``first``, ``last``] and from when each holds.

    The first holds from the beginning of time. The local calendar day of *t* is
    ``(t + offset) // DAY`` days after 1970-01-01. ``zoneinfo`` hands out no table, so it is asked once a
    day (the tz database has no zone that goes forth and back within a day) and halved down to the second.
    """
    return _table(zone, first // _YEAR * _YEAR, -(-last // _YEAR) * _YEAR)


@lru_cache(maxsize=64)
def _table(zone: str, first: Micros, last: Micros) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rules = ZoneInfo(zone)
    at, offset = [int(np.iinfo(np.int64).min)], [_offset(rules, first)]
    probe = max(first, _FIRST_RULE)
    if probe > first and (step := _offset(rules, probe)) != offset[-1]:
        at.append(_change(rules, first, probe))
        offset.append(step)
    while probe < last and zone != "UTC":
        after = probe + (DAY if probe < _ONLY_RULES else 7 * DAY)
        step = _offset(rules, after)
        if step != offset[-1]:
            at.append(_change(rules, probe, after))
            offset.append(step)
        probe = after
    return np.array(at, np.int64), np.array(offset, np.int64)


def _offset(rules: ZoneInfo, at: Micros) -> Micros:
    """The offset at a moment; beyond the years that a ``datetime`` can hold, that of the nearest."""
    at = min(max(at, -62_135_510_400 * _SECOND), 253_402_214_400 * _SECOND)
    delta = (_EPOCH + timedelta(microseconds=at)).astimezone(rules).utcoffset()
    assert delta is not None
    return delta // timedelta(microseconds=1)


def _change(rules: ZoneInfo, low: Micros, high: Micros) -> Micros:
    """The second in (``low``, ``high``] at which the offset becomes that of ``high``."""
    target = _offset(rules, high)
    low, high = low // _SECOND, high // _SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(rules, middle * _SECOND) == target:
            high = middle
        else:
            low = middle
    return high * _SECOND
