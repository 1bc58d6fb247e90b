"""The weekly report goes out by itself: once, on the weekly morning, of the week that is over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.notify.conftest import Mails, Sink
from tests.notify.test_notifying import HOUR, Owner, titles

from courtship.errors import NotAllowed
from courtship.model import DAY, Decision, Micros
from courtship.times import parse_iso

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

SUNDAY = parse_iso("2026-11-29T23:59:00Z")
MONDAY = parse_iso("2026-11-30T00:00:00Z")


@pytest.fixture
def owner(workspace: Workspace, sink: Sink) -> Owner:
    return Owner(workspace, f"json://127.0.0.1:{sink.port}/hook")


def goal(owner: Owner, words: str = "Bake early", ticked: Micros = 0) -> str:
    from courtship.service.accountability import goals

    detail = {"measure": "by_hand", "period": "week", "target": 1, "words": words}
    (set_,) = goals.set_goal(owner.workspace, detail, now=owner.now)
    if ticked:
        goals.tick(owner.workspace, set_.subject, now=ticked)
    return set_.subject


def at(owner: Owner, moment: Micros, who: str = "one") -> tuple[bool, int, int, int]:
    owner.now = moment
    return owner.tick(who)


def test_it_comes_once_on_the_weekly_morning(owner: Owner, sink: Sink) -> None:
    goal(owner, ticked=owner.now)
    owner.rule(on="report")
    assert at(owner, SUNDAY) == (True, 0, 0, 0)
    assert at(owner, MONDAY + 60_000_000) == (True, 1, 0, 0)  # put down, and it waits for the morning
    assert at(owner, MONDAY + 8 * HOUR) == (True, 0, 1, 0)
    assert at(owner, MONDAY + 9 * HOUR) == (True, 0, 0, 0)
    assert at(owner, MONDAY + 6 * DAY) == (True, 0, 0, 0)
    assert titles(sink) == ["Week of 23 November: 1 of 1 kept."]
    said = json.loads(sink.got[0][2])["message"]
    assert "Bake early" in said
    assert "http://127.0.0.1:8000/plan/report?week=2026-11-23" in said


def test_what_was_written_until_the_morning_is_in_it(owner: Owner, sink: Sink) -> None:
    from courtship.service.accountability import checkins

    goal(owner)
    owner.rule(on="report")
    at(owner, MONDAY + HOUR)
    checkins.write(
        owner.workspace,
        "week:2026-11-23",
        planned="",
        stood_in_the_way="The oven broke.",
        next="",
        now=MONDAY + 7 * HOUR,
    )
    at(owner, MONDAY + 8 * HOUR)
    assert "The oven broke." in json.loads(sink.got[0][2])["message"]


def test_nobody_looked_on_monday(owner: Owner, sink: Sink) -> None:
    goal(owner)
    owner.rule(on="report")
    tuesday_night = MONDAY + DAY + 23 * HOUR
    assert at(owner, tuesday_night) == (True, 1, 0, 0)  # quiet hours
    assert at(owner, MONDAY + 2 * DAY + 7 * HOUR) == (True, 0, 1, 0)
    # three weeks without a server: only the last of them, at once
    assert at(owner, MONDAY + 23 * DAY + 12 * HOUR) == (True, 1, 1, 0)
    assert [title[:19] for title in titles(sink)] == ["Week of 23 November", "Week of 14 December"]


def test_by_the_owners_zone_day_and_hour(owner: Owner, sink: Sink) -> None:
    owner.workspace.decide(
        Decision("setting.set", "notices.weekday", {"value": "wednesday"}, owner.now),
        Decision("setting.set", "notices.morning", {"value": "09:30"}, owner.now),
    )
    goal(owner)
    owner.rule(on="report")
    assert at(owner, MONDAY + 8 * HOUR) == (True, 1, 0, 0)
    assert at(owner, MONDAY + 2 * DAY + 9 * HOUR) == (True, 0, 0, 0)
    assert at(owner, MONDAY + 2 * DAY + 9 * HOUR + HOUR // 2) == (True, 0, 1, 0)


def test_no_goal_no_report(owner: Owner, sink: Sink) -> None:
    from courtship.service.accountability import goals

    owner.rule(on="report")
    assert at(owner, MONDAY + 9 * HOUR) == (True, 0, 0, 0)
    held = goal(owner)  # on Monday: the week that is over had none
    assert at(owner, MONDAY + 10 * HOUR) == (True, 0, 0, 0)
    goals.end_goal(owner.workspace, held, now=owner.now + HOUR)
    assert at(owner, MONDAY + 14 * DAY + 9 * HOUR) == (True, 0, 0, 0)
    assert sink.got == []


def test_two_servers_send_one_and_two_rules_to_one_address_one(owner: Owner, sink: Sink) -> None:
    goal(owner)
    owner.rule(on="report")
    owner.rule(on="report", when="daily", who="tag:vip", stages=["know"])  # weekly, about nobody
    at(owner, MONDAY + HOUR)
    assert at(owner, MONDAY + 8 * HOUR, "one")[2] == 1
    assert at(owner, MONDAY + 8 * HOUR, "two")[2] == 0
    assert len(sink.got) == 1


def test_a_report_is_no_part_of_the_weekly_digest(owner: Owner, sink: Sink) -> None:
    from tests.notify.test_notifying import comment

    goal(owner)
    owner.rule(on="report")
    owner.rule(on="act", when="weekly")
    owner.tick()
    owner.tell([comment("c1", owner.now + HOUR)])
    at(owner, MONDAY + HOUR)
    at(owner, MONDAY + 8 * HOUR)
    assert sorted(title[:7] for title in titles(sink)) == ["Courtsh", "Week of"]


def test_by_mail_in_text_and_html(owner: Owner, mails: Mails, workspace: Workspace) -> None:
    from courtship.service.notices import notices

    notices.keep_address(
        workspace, "mail", f"mailto://127.0.0.1:{mails.port}?from=me@b.example&to=me@b.example", now=owner.now
    )
    goal(owner, words="Write <b>five</b> cards")
    owner.rule(on="report", to="mail")
    at(owner, MONDAY + 9 * HOUR)
    (got,) = mails.got
    assert b"text/plain" in got
    assert b"text/html" in got
    assert b"<b>five</b>" not in got.partition(b"text/html")[2]


def test_it_is_said_in_words(owner: Owner) -> None:
    from courtship.service.notices import notices

    rule = owner.rule(on="report", when="at once")
    (held,) = notices.rules(owner.workspace)
    assert (held.when, held.who) == ("weekly", "")
    assert notices.said(owner.workspace, [held]) == {
        rule: "When a week is over: tell phone what came of your goals"
    }
    with pytest.raises(NotAllowed):
        owner.rule(on="reports")
