"""Check-ins: which are due, whose words stand."""

from __future__ import annotations

import pytest

from courtship.errors import NotAllowed
from courtship.model import DAY, Decision
from courtship.plan import checkins
from courtship.times import parse_iso

NOW = parse_iso("2026-11-27T12:00:00Z")


def wrote(key: str, by: str = "", next: str = "", position: int = 1) -> Decision:
    detail = {"planned": "three posts", "stood_in_the_way": "", "next": next}
    return Decision("checkin.write", key, detail, NOW, by, position)


def test_the_last_week_is_due_until_the_owner_has_written() -> None:
    told = checkins.written([wrote("week:2026-11-09", next="call Bo"), wrote("week:2026-11-16", "partner:p")])
    (due,) = checkins.due(told, "week", "UTC", NOW - 60 * DAY, NOW)
    assert (due.day, due.planned) == ("2026-11-16", "call Bo")
    told = checkins.written([wrote("week:2026-11-16")])
    assert checkins.due(told, "week", "UTC", NOW - 60 * DAY, NOW) == []
    assert checkins.due([], "week", "UTC", NOW - DAY, NOW) == []
    assert [one.day for one in checkins.due([], "month", "UTC", 0, NOW)] == ["2026-10-01"]


def test_the_newest_words_of_each_writer_stand() -> None:
    mine, theirs = wrote("week:2026-11-16"), wrote("week:2026-11-16", "partner:p", position=2)
    told = checkins.written([mine, theirs, wrote("week:2026-11-16", next="rye", position=3)])
    assert [(one.writer, one.next) for one in told] == [("p", ""), ("", "rye")]


@pytest.mark.parametrize("key", ["week:2026-11-17", "month:2026-11-02", "year:2026-01-01", "week:", "x", ""])
def test_a_key_that_names_no_period_is_refused(key: str) -> None:
    with pytest.raises(NotAllowed):
        checkins.parse_key(key, "UTC")
