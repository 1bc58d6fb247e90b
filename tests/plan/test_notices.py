"""Rules of what is told: what matches, when it is due, and what a decision may hold."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.errors import NotAllowed
from courtship.model import DAY, Micros
from courtship.plan.notices import (
    HOUR,
    Event,
    Hours,
    Rule,
    after_quiet,
    due_at,
    matches,
    retry_after,
    rule_of,
)
from courtship.times import parse_iso

NOW = parse_iso("2026-11-27T12:00:00Z")
SHARE = Event("act", "e", "p1", NOW - HOUR, "share", "mastodon", "like")


def local(at: Micros, zone: str) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(ZoneInfo(zone)).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("rule", "event", "tags", "expected"),
    [
        (Rule("r", "act", "x"), SHARE, (), True),
        (Rule("r", "share", "x"), SHARE, (), True),
        (Rule("r", "share", "x"), SHARE._replace(kind="like"), (), False),
        (Rule("r", "act", "x", kinds=("comment",)), SHARE, (), False),
        (Rule("r", "act", "x", platforms=("x",)), SHARE, (), False),
        (Rule("r", "act", "x", stages=("know",)), SHARE, (), False),
        (Rule("r", "act", "x", who="p2"), SHARE, (), False),
        (Rule("r", "act", "x", who="tag:regular"), SHARE, ("regular",), True),
        (Rule("r", "act", "x", who="tag:regular"), SHARE, (), False),
        (Rule("r", "new", "x"), SHARE, (), False),
        (Rule("r", "act", "x", since=NOW), SHARE, (), False),
        (Rule("r", "act", "x"), SHARE._replace(at=NOW - 2 * DAY), (), False),
        (Rule("r", "act", "x", "daily"), SHARE._replace(at=NOW - 2 * DAY), (), True),
        (Rule("r", "act", "x", "weekly"), SHARE._replace(at=NOW - 8 * DAY), (), False),
        (Rule("r", "waiting", "x", hours=4), SHARE._replace(on="waiting", hours=8), (), False),
        (Rule("r", "act", "x"), SHARE._replace(at=NOW + 1), (), False),
    ],
)
def test_what_a_rule_tells_of(rule: Rule, event: Event, tags: tuple[str, ...], expected: bool) -> None:
    assert matches(rule, event, tags, NOW) is expected


def test_at_once_waits_for_the_end_of_the_quiet_hours_of_the_owners_zone() -> None:
    hours = Hours("Europe/Berlin")
    rule = Rule("r", "act", "x")
    assert due_at(rule, hours, NOW) == NOW
    assert local(due_at(rule, hours, parse_iso("2026-11-27T22:30:00Z")), "Europe/Berlin") == "Sat 07:00"
    assert local(due_at(rule, hours, parse_iso("2026-11-28T03:00:00Z")), "Europe/Berlin") == "Sat 07:00"
    never = Hours("Europe/Berlin", 0, 0)
    assert due_at(rule, never, parse_iso("2026-11-28T03:00:00Z")) == parse_iso("2026-11-28T03:00:00Z")


def test_gathered_comes_on_the_morning_of_the_day_or_week() -> None:
    hours = Hours("America/New_York")
    assert local(due_at(Rule("r", "act", "x", "daily"), hours, NOW), "America/New_York") == "Fri 08:00"
    evening = parse_iso("2026-11-27T23:00:00Z")
    assert local(due_at(Rule("r", "act", "x", "daily"), hours, evening), "America/New_York") == "Sat 08:00"
    assert local(due_at(Rule("r", "act", "x", "weekly"), hours, NOW), "America/New_York") == "Mon 08:00"


@given(
    st.integers(NOW - 400 * DAY, NOW + 400 * DAY),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_nothing_is_sent_in_quiet_hours_nor_a_day_late(at: Micros, zone: str, start: int, end: int) -> None:
    hours = Hours(zone, start, end)
    due = after_quiet(hours, at)
    assert at <= due <= at + DAY + HOUR  # an hour more where clocks go back
    assert not is_quiet(due, zone, start, end)
    assert due == at or is_quiet(at, zone, start, end)


def is_quiet(at: Micros, zone: str, start: int, end: int) -> bool:
    """Whether the clock on the wall shows one of the quiet minutes."""
    shown = datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(ZoneInfo(zone))
    minute = shown.hour * 60 + shown.minute
    return minute in (range(start, end) if start <= end else {*range(start, 1440), *range(end)})


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
        ("America/New_York", "2026-11-01"),
        ("America/Havana", "2026-03-08"),
        ("America/Havana", "2026-11-01"),
        ("Australia/Lord_Howe", "2026-04-05"),
    ],
)
def test_clocks_that_are_changed_make_no_noise_at_night_and_no_delay(zone: str, day: str) -> None:
    begin = parse_iso(f"{day}T00:00:00Z") - DAY
    for start, end in ((1320, 420), (1320, 150), (60, 150), (30, 90), (1410, 120)):
        for at in range(begin, begin + 3 * DAY, HOUR // 6):
            due = after_quiet(Hours(zone, start, end), at)
            assert not is_quiet(due, zone, start, end)
            early = sum(not is_quiet(one, zone, start, end) for one in range(at, due, HOUR // 6))
            assert early <= 9, "an hour and a half: an hour that is there twice, or an end that is not there"
            if (start, end) == (1320, 420):
                assert due == at or local(due, zone).endswith("07:00")
                assert early == 0


def test_the_morning_comes_at_its_hour_on_the_day_on_which_clocks_are_changed() -> None:
    for day in ("2026-03-29", "2026-10-25"):
        evening = parse_iso(f"{day}T00:00:00Z") - 2 * HOUR
        assert local(
            due_at(Rule("r", "act", "x", "daily"), Hours("Europe/Berlin"), evening), "Europe/Berlin"
        ) == ("Sun 08:00")


@given(st.integers(NOW, NOW + 400 * DAY), st.sampled_from(["daily", "weekly"]))
def test_the_morning_is_after_now_and_within_a_week(at: Micros, when: str) -> None:
    rule = rule_of("r", {"on": "act", "to": "x", "when": when}, 0)
    assert at < due_at(rule, Hours("Europe/Berlin"), at) <= at + 7 * DAY + HOUR


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"on": "shout", "to": "x"}, "nothing to be told of"),
        ({"on": "act", "to": "x", "when": "hourly"}, "no time to be told"),
        ({"on": "act", "to": "x", "kinds": ["clap"]}, "no kind of act"),
        ({"on": "waiting", "to": "x", "hours": 0}, "whole number"),
        ({"on": "act"}, "needs an address"),
    ],
)
def test_what_is_no_rule_is_said(detail: dict[str, object], said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        rule_of("r", detail, 0)


def test_a_rule_comes_back_from_its_decision() -> None:
    rule = Rule("r", "waiting", "x", "daily", "tag:a", ("comment",), ("know",), ("x",), 8, NOW)
    assert rule_of("r", rule.detail(), NOW) == rule


def test_tries_grow_and_end() -> None:
    waits = [retry_after(tries) for tries in range(1, 9)]
    assert waits[-1] is None
    assert [one for one in waits if one] == sorted(one for one in waits if one)
