"""Answers and notices by their forms: each act is a decision with an undo, and a mistake is said."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from django.test import Client


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_an_overdue_line_is_answered_elsewhere_and_undone(client: Client) -> None:
    tree = LexborHTMLParser(text(client, "/answers"))
    rows = tree.css("tr[data-item]")
    assert rows
    form = {i.attributes["name"]: i.attributes["value"] for i in rows[0].css("input[type=hidden]")}
    after = client.post("/answers/said", {**form, "do": "else"}, follow=True).content.decode()
    assert "Answered elsewhere" in after
    assert f'data-item="{form["record"]}"' not in after
    undo = LexborHTMLParser(after).css_first(".toast input[name=positions]")
    assert undo is not None
    client.post("/undo", {"positions": undo.attributes["value"] or ""})
    assert f'data-item="{form["record"]}"' in text(client, "/answers")
    client.post("/answers/said", {"person": "nobody", "record": "7", "do": "else"})
    client.post("/answers/said", {"do": "nonsense"})


def test_goals_are_kept_and_a_wrong_one_is_said(client: Client) -> None:
    after = client.post("/answers/goals", {"answers.hours": "0"}, follow=True).content.decode()
    assert "Goals kept" in after
    assert "Nobody waits too long" in after
    assert (
        "whole numbers"
        in client.post("/answers/goals", {"answers.hours": "soon"}, follow=True).content.decode()
    )


def test_an_address_and_a_rule_by_their_forms(client: Client) -> None:
    url = "json://owner:verysecret@127.0.0.1:9/hook"
    page = client.post(
        "/settings/notices/address", {"name": "phone", "url": url}, follow=True
    ).content.decode()
    assert "phone" in page
    assert "verysecret" not in page
    wrong = client.post("/settings/notices/address", {"name": "x", "url": "hello"}, follow=True)
    assert "no Apprise address" in wrong.content.decode()
    tried = client.post("/settings/notices/address", {"try": "phone"}, follow=True).content.decode()
    assert "It was not taken" in tried
    kept = {"on": "share", "to": "phone", "when": "daily", "platforms": "mastodon, x"}
    page = client.post("/settings/notices/rule", kept, follow=True).content.decode()
    assert (
        "When somebody shares, quotes or recommends you, on Mastodon or X: tell phone every morning" in page
    )
    remove = LexborHTMLParser(page).css_first("button[name=remove][aria-label]")
    assert remove is not None
    ended = client.post("/settings/notices/rule", {"remove": remove.attributes["value"] or ""}, follow=True)
    assert "tell phone every morning." not in ended.content.decode()
    hours = {"quiet_from": "21:30", "quiet_to": "06:00", "morning": "07:15", "weekday": "friday"}
    kept_hours = client.post(
        "/settings/notices/hours", {**hours, "base": "https://bread.example"}, follow=True
    )
    assert "21:30" in kept_hours.content.decode()
    bad = client.post("/settings/notices/hours", {**hours, "morning": "7", "base": "x"}, follow=True)
    assert "nothing was changed" in bad.content.decode()


def test_the_link_of_a_notice_shows_the_task_though_the_day_has_no_room_for_it(client: Client) -> None:
    from django.conf import settings

    from courtship.service.today import today
    from courtship.store import open_workspace

    workspace = open_workspace(Path(settings.COURTSHIP_HOME), settings.COURTSHIP_WORKSPACE)
    shown = LexborHTMLParser(text(client, "/"))
    keys = {one.attributes["data-item"] for one in shown.css("[data-item]")}
    listed = {(one.attributes["href"] or "").rpartition("/")[2] for one in shown.css(".task h2 a")}
    now = time.time_ns() // 1000
    waiting = sorted(today.open_with(workspace, now=now) - listed - {""})
    assert waiting, "more is open than the day has room for"
    page = LexborHTMLParser(text(client, f"/?for={waiting[0]}"))
    (asked,) = page.css("section[aria-labelledby=h-asked] .task")
    link = asked.css_first("h2 a")
    assert link is not None
    assert link.attributes["href"] == f"/people/{waiting[0]}"
    assert keys <= {one.attributes["data-item"] for one in page.css("[data-item]")}, "the day's own stay"
    key = asked.attributes["data-item"]
    after = client.post(f"/tasks/{key}", {"do": "done"}, follow=True).content.decode()
    assert "Done:" in after
    assert "Nothing waits with" in text(client, f"/?for={waiting[0]}")
    undo = LexborHTMLParser(after).css_first(".toast input[name=positions]")
    assert undo is not None
    client.post("/undo", {"positions": undo.attributes["value"] or ""})
    for nobody in ("nobody", "<script>", "x:y", "%00", "a" * 1000):
        assert client.get("/", {"for": nobody}).status_code == 200
    workspace.close()
