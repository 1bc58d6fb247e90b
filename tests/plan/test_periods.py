"""Days, weeks and months of a clock: without gaps, across changes of the clocks."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from courtship.model import DAY
from courtship.plan import periods
from courtship.plan.goals import Period

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
HOUR = DAY // 24
moments = st.integers(periods.begins(date(1995, 1, 1), "UTC"), periods.begins(date(2035, 1, 1), "UTC"))
names: st.SearchStrategy[Period] = st.sampled_from(["day", "week", "month"])


@given(st.sampled_from(ZONES), names, moments, st.integers(0, 500))
def test_periods_touch_each_other_and_hold_both_ends(
    zone: str, period: Period, start: int, days: int
) -> None:
    end = start + days * DAY
    found = periods.periods(period, zone, start, end)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert found[-1].start <= end < found[-1].end
    assert found[0].start <= start or len(found) == periods.MOST
    for one in found:
        assert one.start < one.end
        assert periods.holding(one.start, period, zone) == one
        assert periods.holding(one.end - 1, period, zone) == one
        assert period != "week" or one.weekday == 0


def test_a_day_has_23_or_25_hours_where_the_clocks_change() -> None:
    spring = periods.beginning(date(2026, 3, 29), "day", "Europe/Berlin")
    autumn = periods.beginning(date(2026, 10, 25), "day", "Europe/Berlin")
    assert (spring.end - spring.start) // HOUR == 23
    assert (autumn.end - autumn.start) // HOUR == 25
    week = periods.beginning(date(2026, 10, 19), "week", "Europe/Berlin")
    assert (week.end - week.start) // HOUR == 7 * 24 + 1


def test_a_period_is_that_of_the_owners_clock() -> None:
    late = periods.begins(date(2026, 5, 31), "UTC") + 23 * HOUR
    assert periods.day_of(late, "Europe/Berlin") == date(2026, 6, 1)
    assert periods.holding(late, "month", "Europe/Berlin").start > periods.holding(late, "month", "UTC").start
