"""Goals, check-ins, partners, the report and the calendar through the pages; private links that hold."""

from __future__ import annotations

import email
import email.policy
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.web.conftest import GOAL, PARTNER_SECRET, Made

from courtship.model import DAY, Activity, Decision, Origin, Profile
from courtship.service.demo import goals as demo_goals

if TYPE_CHECKING:
    from django.test import Client

    from courtship.store.workspace import Workspace


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    from courtship.web.views import partner

    for limiter in (partner.GUESSES, partner.ASKED, partner.WRITTEN):
        limiter._held.clear()


def opened(made: Made) -> Workspace:
    from courtship.store import open_workspace

    return open_workspace(made.home, made.name)


def link_in(page: bytes) -> str:
    found = re.search(r'id="fresh" readonly value="([^"]+)"', page.decode())
    assert found
    return urlsplit(found[1]).path


def test_a_goal_is_set_ticked_off_undone_and_ended(client: Client, made: Made) -> None:
    from courtship.service.accountability import goals

    said = {"measure": "by_hand", "period": "week", "target": "2", "words": "send a card", "grace": "0"}
    client.post("/plan/goals/set", said)
    workspace = opened(made)
    (goal,) = [one for one in goals.declared(workspace) if one.words == "send a card"]
    assert (goal.target, goal.grace, goal.rest) == (2, 0, ())
    client.post(f"/plan/goals/{goal.id}/act", {"do": "tick", "on": ""})
    page = client.get(f"/plan/goals/{goal.id}").content.decode()
    assert "not over yet, 1 of 2" in page
    assert "ticked off" in page
    client.post(f"/plan/goals/{goal.id}/act", {"do": "end"})
    assert client.get("/plan/goals").content.decode().count("Send a card") >= 1
    found = goals.one(workspace, goal.id, now=time.time_ns() // 1000)
    assert found is not None
    assert found.ended


def test_a_goal_that_is_none_is_refused_in_words(client: Client) -> None:
    bad: tuple[dict[str, str], ...] = (
        {"measure": "x"},
        {"measure": "posts", "period": "week", "target": "many"},
        {},
    )
    for said in bad:
        answer = client.post("/plan/goals/set", said, follow=True)
        assert answer.status_code == 200
        assert "toast" in answer.content.decode()


def test_every_figure_opens_its_receipts(client: Client, made: Made) -> None:
    from courtship.service.accountability import goals

    workspace, now = opened(made), time.time_ns() // 1000
    found = goals.one(workspace, GOAL, now=now)
    assert found is not None
    kept = found.kept[-3]
    receipts = goals.receipts(workspace, found.goal, kept.stretch, now=now)
    assert kept.measured.of == sum(one.deed.came in ("done", "not done") for one in receipts)
    assert kept.measured.done == sum(one.deed.came == "done" for one in receipts)
    from courtship.plan import periods

    day = periods.day_of(kept.stretch.start, "UTC").isoformat()
    page = client.get(f"/plan/goals/{GOAL}?period={day}").content.decode()
    assert f"({kept.measured.done} of {kept.measured.of})" in page
    shown = page[page.index('aria-labelledby="h-rec"') : page.index('aria-labelledby="h-per"')]
    assert shown.count("<li>") == min(len(receipts), 100)


def test_a_due_check_in_is_told_on_today_and_the_plan_until_it_is_written(client: Client) -> None:
    for path in ("/", "/plan", "/plan/goals"):
        assert "A check-in is due" in client.get(path).content.decode()
    page = client.get("/plan/check-ins").content.decode()
    key = re.search(r'name="of" value="([^"]+)"', page)
    assert key
    client.post("/plan/check-ins", {"of": key[1], "next": "Bake earlier."})
    for path in ("/", "/plan", "/plan/goals"):
        assert "A check-in is due" not in client.get(path).content.decode()
    assert "Bake earlier." in client.get("/plan/report").content.decode()


def test_the_partner_sees_no_more_than_is_allowed(client: Client, made: Made) -> None:
    workspace = opened(made)
    brand = min(account for account in workspace.brand() if account.startswith("mastodon:"))
    asked, now = [f"mastodon:{name}@asks.example" for name in ("answered", "waiting")], time.time_ns() // 1000
    workspace.append(
        [Profile(account, now, f"Somebody {number}", bio="") for number, account in enumerate(asked)]
        + [Activity(f"q{n}", "mention", account, brand, now - 2 + n) for n, account in enumerate(asked)]
        + [Activity("r0", "comment", brand, asked[0], now)],
        Origin("x", "activities", "", now),
    )
    page = client.post("/plan/partners/act", {"do": "invite", "name": "Bo"}).content
    path = link_in(page)
    shown = client.get(path)
    text = shown.content.decode()
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in shown.headers["X-Robots-Tag"]
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Answer 60% within 24 hours" in text
    assert not re.search(r"\d+% \(\d+ of \d+\)", text)
    from courtship.service.accountability import partners
    from courtship.store.derived import people_query

    everybody = people_query.everybody_at(workspace)
    names = {one.name for one in everybody if len(one.name) > 6}
    assert not [name for name in names if name in text]
    (bo,) = [one for one in partners.partners(workspace) if one.name == "Bo"]
    client.post("/plan/partners/act", {"do": "allow", "partner": bo.id, "figures": "on", "names": "on"})
    text = client.get(path).content.decode()
    assert re.search(r"\d+% \(\d+ of \d+\)", text)
    assert re.search(r"In time: [^\n]*<bdi>Somebody 0</bdi>", text)
    assert re.search(r"Still waiting, in time so far: [^\n]*<bdi>Somebody 1</bdi>", text)


def test_a_link_that_was_closed_or_guessed_opens_nothing_and_guessing_is_stopped(client: Client) -> None:
    path = link_in(client.post("/plan/partners/act", {"do": "invite", "name": "Bo"}).content)
    assert client.get(path).status_code == 200
    assert client.get(path.replace("/partner/", "/calendar/") + ".ics").status_code == 404
    page = client.get("/plan/partners").content.decode()
    (bo,) = set(re.findall(r'name="partner" value="([0-9a-f]{8})"', page)) - {demo_goals.PARTNER}
    renewed = link_in(client.post("/plan/partners/act", {"do": "renew", "partner": bo}).content)
    assert client.get(path).status_code == 404
    assert client.get(renewed).status_code == 200
    client.post("/plan/partners/act", {"do": "end", "partner": bo})
    assert client.get(renewed).status_code == 404
    for number in range(30):
        status = client.get(f"/partner/{'g' * 41}{number:02}").status_code
    assert status == 429
    assert client.get(f"/partner/{PARTNER_SECRET}").status_code == 429
    assert client.get("/plan/partners").status_code == 200


def test_the_referee_judges_and_nobody_floods(client: Client, made: Made) -> None:
    from courtship.service.accountability import goals

    page = client.get(f"/partner/{PARTNER_SECRET}").content.decode()
    goal, start = re.findall(
        r'name="goal" value="(0bad0bad)"><input type="hidden" name="start" value="(\d+)"', page
    )[1]
    said = {"do": "judge", "goal": goal, "start": start, "kept": "yes"}
    assert client.post(f"/partner/{PARTNER_SECRET}", said).status_code == 302
    found = goals.one(opened(made), goal, now=time.time_ns() // 1000)
    assert found is not None
    assert [kept.outcome for kept in found.kept if kept.stretch.start == int(start)] == ["kept"]
    wrong = {**said, "goal": demo_goals.WEEKLY}
    assert "Only the referee" in client.post(f"/partner/{PARTNER_SECRET}", wrong).content.decode()
    for bad in (
        {"do": "judge"},
        {"do": "comment"},
        {"do": "own the place"},
        {},
        {"do": "checkin", "of": "x"},
    ):
        assert client.post(f"/partner/{PARTNER_SECRET}", bad).status_code == 200
    for _ in range(40):
        status = client.post(f"/partner/{PARTNER_SECRET}", {"do": "nudge"}).status_code
    assert status == 429


def test_the_calendar_reads_back_keeps_its_uids_and_closes(client: Client) -> None:
    import icalendar

    page = client.post("/plan/partners/act", {"do": "calendar"}).content
    path = link_in(page)
    first, second = (client.get(path).content for _ in range(2))
    calendar = icalendar.Calendar.from_ical(first)
    events = list(calendar.walk("VEVENT"))
    assert len(events) >= 16
    uids = [str(event["UID"]) for event in events]
    assert len(set(uids)) == len(uids)
    assert uids == [str(event["UID"]) for event in icalendar.Calendar.from_ical(second).walk("VEVENT")]
    for event in events:
        assert event.decoded("DTSTART") < event.decoded("DTEND")
    client.post("/plan/partners/act", {"do": "close"})
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_check_in_is_at_nine_by_the_owners_clock_in_summer_and_winter(made: Made, zone: str) -> None:
    import icalendar

    from courtship.service.accountability import agenda

    workspace, now = opened(made), time.time_ns() // 1000
    from courtship.service.reckoning.standing import standing

    adopted = dict(standing(workspace).said or _default()) | {"timezone": zone}
    workspace.decide(Decision("policy.adopt", "", {"policy": adopted}, now))
    for moment in (now, now + 180 * DAY):
        made_feed = icalendar.Calendar.from_ical(agenda.feed(workspace, now=moment))
        checks = [one for one in made_feed.walk("VEVENT") if str(one["SUMMARY"]).startswith("Check-in")]
        assert {one.decoded("DTSTART").hour for one in checks} == {9}
        assert {str(one.decoded("DTSTART").tzinfo) for one in checks} == {zone}
        assert made_feed.walk("VTIMEZONE")


def _default() -> dict[str, object]:
    import tomllib
    from pathlib import Path

    from courtship.lifecycle import policy

    return tomllib.loads((Path(policy.__file__).parent / "like-know-trust.toml").read_text(encoding="utf-8"))


def test_the_report_is_a_page_a_mail_a_pdf_and_one_file(client: Client) -> None:
    page = client.get("/plan/report").content.decode()
    assert re.search(r"\d+ of \d+ kept", page)
    mail = email.message_from_bytes(client.get("/plan/report.eml").content, policy=email.policy.default)
    assert "Week of" in str(mail["Subject"])
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "60%" in text.get_content()
    assert "<script" not in html.get_content()
    alone = client.get("/plan/report?as=file").content.decode()
    assert "<script" not in alone
    assert "60%" in alone
    pytest.importorskip("weasyprint")
    answer = client.get("/plan/report.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert client.get("/plan/report?week=2026-11-17").status_code == 404


def test_without_a_renderer_the_page_says_what_to_do(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from courtship.web import pdf

    def none() -> None:
        raise pdf.NoRenderer("print the page from the browser")

    monkeypatch.setattr(pdf, "_renderer", none)
    pdf.there.cache_clear()
    try:
        assert "print this page from the browser" in client.get("/plan/report").content.decode()
        answer = client.get("/plan/report.pdf")
        assert answer.status_code == 501
        assert b"print the page" in answer.content
    finally:
        pdf.there.cache_clear()


def test_the_coach_sees_each_client_by_itself(client: Client, made: Made) -> None:
    from courtship.service.accountability import goals
    from courtship.store import open_workspace

    other = open_workspace(made.home, "second")
    now = time.time_ns() // 1000
    other.decide(Decision("brand.name", "Second Silo", at=now))
    detail = {"measure": "by_hand", "period": "week", "target": 1, "words": "sweep the yard"}
    goals.set_goal(other, {**detail, "start": now - 20 * DAY}, now=now)
    page = client.get("/coach").content.decode()
    assert "Second Silo" in page
    assert "Sweep the yard" in page
    assert "Kettlewick" in page
    for path in ("/plan/goals", "/plan/report", f"/partner/{PARTNER_SECRET}"):
        text = client.get(path).content.decode()
        assert "weep the yard" not in text
        assert "Second Silo" not in text
