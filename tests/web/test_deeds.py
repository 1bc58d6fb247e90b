"""What the owner does on a page: each act is a decision, said in a toast, and undone by one button."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver
from selectolax.lexbor import LexborHTMLParser
from tests.web.conftest import MALLORY, QUIET, Made

from courtship.store import open_workspace


def toast(client: Client, address: str) -> tuple[str, str]:
    """What the toast on a page says, and the decisions that its undo names."""
    tree = LexborHTMLParser(client.get(address).content.decode())
    found = tree.css_first(".toast")
    assert found is not None, address
    said = found.css_first("span")
    assert said is not None
    positions = found.css_first("input[name=positions]")
    return said.text(), (positions.attributes["value"] or "") if positions else ""


def undo(client: Client, positions: str) -> None:
    assert re.fullmatch(r"\d+(,\d+)*", positions)
    assert client.post("/undo", {"positions": positions}).status_code == 302


def person(client: Client, ref: str) -> str:
    """The text of a person's page."""
    tree = LexborHTMLParser(client.get(f"/people/{ref}", follow=True).content.decode())
    return tree.body.text(separator=" ") if tree.body else ""


def test_no_form_is_taken_without_its_token(made: Made, client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    posts = 0
    for pattern in get_resolver().url_patterns:
        address = "/" + str(pattern.pattern).replace("<str:ref>", made.mallory).replace("<int:number>", "0")
        if address.startswith(("/with/", "/partner/")):
            continue  # opened by a secret that nobody elsewhere knows, without a cookie (their own tests)
        answer = strict.post(re.sub("<str:[a-z]+>", "k", address))
        assert answer.status_code in (403, 405), address
        posts += answer.status_code == 403
    assert posts >= 20


def test_a_task_is_done_and_undone(client: Client) -> None:
    def keys() -> list[str]:
        tree = LexborHTMLParser(client.get("/").content.decode())
        return [(f.attributes["action"] or "") for f in tree.css("form.acts") if f.css_first("[value=done]")]

    before = keys()
    assert before
    for do in ("done", "later", "no", "else"):
        client.post(before[0], {"do": do})
        said, positions = toast(client, "/")
        assert said
        assert before[0] not in keys()
        undo(client, positions)
        assert before[0] in keys()


def test_a_task_that_is_gone_says_so(client: Client) -> None:
    client.post("/tasks/0000000000000000", {"do": "done"})
    said, positions = toast(client, "/")
    assert "no longer" in said
    assert not positions


def test_what_no_platform_shows_is_logged_by_hand(client: Client, made: Made) -> None:
    answer = client.post(
        f"/people/{made.mallory}/log",
        {"dir": "outbound", "kind": "message", "when": "2026-01-05", "note": "Met at the fair"},
    )
    assert answer.status_code == 302
    tree = LexborHTMLParser(client.get(answer.headers["Location"]).content.decode())
    taken = tree.css_first(".toast input[name=positions]")
    assert taken is not None
    acts = client.get(f"/people/{made.mallory}/acts").content.decode()
    assert "Met at the fair" in acts
    assert "your own hand" in acts
    client.post("/undo", {"positions": taken.attributes["value"] or ""})
    assert "Met at the fair" not in client.get(f"/people/{made.mallory}/acts").content.decode()


def test_a_tag_stays_with_somebody_who_is_joined_with_another(client: Client, made: Made) -> None:
    client.post(f"/people/{made.mallory}/tags", {"on": "fair"})
    noor = client.get(f"/people/{QUIET}").headers["Location"].removeprefix("/people/")
    client.post(f"/people/{noor}/tags", {"on": "market"})
    person_now = client.post(f"/people/{made.mallory}/merge", {"other": QUIET}).headers["Location"]
    for tag in ("fair", "market"):
        assert person_now in client.get(f"/people?tag={tag}").content.decode()


def test_a_rhythm_for_a_tag_is_everybody_s_who_carries_it(client: Client, made: Made) -> None:
    noor = client.get(f"/people/{QUIET}").headers["Location"]
    client.post(f"{noor}/tags", {"on": "fair"})
    client.post("/plan/tag", {"tag": "fair", "ideal": "10", "longest": "40"})
    said, positions = toast(client, "/plan")
    assert said == "Everybody tagged fair has a rhythm now."
    assert noor in client.get("/plan").content.decode()
    undo(client, positions)
    assert noor not in client.get("/plan").content.decode()
    client.post("/plan/tag", {"tag": "nobody's", "ideal": "10", "longest": "40"})
    assert "Choose a tag" in toast(client, "/plan")[0]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"kind": "message", "when": "yesterday"}, "could not be read"),
        ({"kind": "message", "when": "9999-01-01"}, "not come yet"),
        ({"kind": "nonsense", "when": "2026-01-05"}, "nonsense"),
    ],
)
def test_what_cannot_be_logged_is_said_beside_the_form(
    client: Client, made: Made, form: dict[str, str], why: str
) -> None:
    answer = client.post(f"/people/{made.mallory}/log", form)
    assert answer.status_code == 400
    wrong = LexborHTMLParser(answer.content.decode()).css_first("#wrong")
    assert wrong is not None
    assert why in wrong.text()


def test_two_people_are_joined_and_parted_again(client: Client, made: Made) -> None:
    answer = client.post(f"/people/{made.mallory}/merge", {"other": QUIET})
    said, positions = toast(client, answer.headers["Location"])
    assert said == "Two people are now one."
    assert "@noor" in person(client, MALLORY)
    assert client.get(f"/people/{QUIET}").headers["Location"] == answer.headers["Location"]
    undo(client, positions)
    assert "@noor" not in person(client, MALLORY)
    client.post(f"/people/{made.mallory}/merge", {"other": QUIET})
    client.post(f"/people/{made.mallory}/split", {"account": QUIET})
    assert "@noor" not in person(client, MALLORY)


def test_joining_with_nobody_says_why(client: Client, made: Made) -> None:
    client.post(f"/people/{made.mallory}/merge", {"other": "nobody at all"})
    said, _ = toast(client, f"/people/{made.mallory}")
    assert "nobody" in said


def test_set_aside_is_out_of_the_list_until_restored(client: Client, made: Made) -> None:
    client.post(f"/people/{made.mallory}/set-aside", {"as": "bot"})
    assert made.mallory not in client.get("/people?q=onerror").content.decode()
    assert "Set aside as bot" in person(client, made.mallory)
    client.post(f"/people/{made.mallory}/restore")
    assert made.mallory in client.get("/people?q=onerror").content.decode()


def test_tags_notes_and_rhythm_are_kept(client: Client, made: Made) -> None:
    client.post(f"/people/{made.mallory}/tags", {"on": "  from   the fair "})
    client.post(f"/people/{made.mallory}/notes", {"on": "Likes caraway"})
    client.post(f"/people/{made.mallory}/rhythm", {"ideal": "21", "longest": "70"})
    text = person(client, made.mallory)
    assert "from the fair" in text
    assert "Likes caraway" in text
    assert "every 3 weeks" in text
    assert made.mallory in client.get("/people?tag=from the fair").content.decode()
    client.post(f"/people/{made.mallory}/tags", {"off": "from the fair"})
    assert "from the fair" not in person(client, made.mallory)


@pytest.mark.parametrize("form", [{"ideal": "70", "longest": "21"}, {"ideal": "x", "longest": ""}])
def test_a_rhythm_that_is_none_is_refused(client: Client, made: Made, form: dict[str, str]) -> None:
    client.post(f"/people/{made.mallory}/rhythm", form)
    said, positions = toast(client, f"/people/{made.mallory}")
    assert "whole days" in said
    assert not positions


def test_many_are_tagged_at_once_and_undone_at_once(client: Client) -> None:
    tree = LexborHTMLParser(client.get("/people").content.decode())
    some = [n.attributes["value"] or "" for n in tree.css("td.pick input")][:7]
    client.post("/people/chosen", {"p": some, "tag": "autumn", "do": "tag"})
    said, positions = toast(client, "/people?tag=autumn")
    assert said == "7 people are now tagged autumn."
    undo(client, positions)
    assert "Nobody fits" in client.get("/people?tag=autumn").content.decode()


def test_a_filter_is_kept_and_forgotten(client: Client) -> None:
    client.post("/people/filters/keep", {"name": "quiet ones", "query": "lately=quiet"})
    assert "quiet ones" in client.get("/people").content.decode()
    client.post("/people/filters/forget", {"name": "quiet ones"})
    tree = LexborHTMLParser(client.get("/people").content.decode())
    assert "quiet ones" not in [n.text() for n in tree.css(".chip a")]


def test_an_act_that_was_not_so_is_left_out_and_comes_back(client: Client, made: Made) -> None:
    def acts() -> int:
        tree = LexborHTMLParser(client.get(f"/people/{made.mallory}/acts").content.decode())
        return len(tree.css("input[name=activity]"))

    before = acts()
    client.post(f"/people/{made.mallory}/deny", {"activity": "m4"})
    _, positions = toast(client, f"/people/{made.mallory}")
    assert acts() == before - 1
    undo(client, positions)
    assert acts() == before


def test_limits_are_kept_and_nonsense_is_refused(client: Client) -> None:
    tree = LexborHTMLParser(client.get("/settings/preferences").content.decode())
    form = {n.attributes["name"] or "": n.attributes["value"] or "" for n in tree.css("input[inputmode]")}
    assert client.post("/settings/preferences", form | {"limit": "2"}).status_code == 302
    assert len(LexborHTMLParser(client.get("/").content.decode()).css("li.task")) <= 2
    answer = client.post("/settings/preferences", form | {"limit": "many"})
    assert answer.status_code == 400
    wrong = LexborHTMLParser(answer.content.decode()).css_first("#p-limit-w")
    assert wrong is not None
    assert wrong.text() == "A whole number from 1 to 20."


def test_theme_and_keys_are_kept_for_the_browser(client: Client) -> None:
    client.post("/settings/preferences", {"do": "browser", "theme": "dark", "keys": "off"})
    html = client.get("/").content.decode()
    assert 'data-theme="dark"' in html
    assert 'data-keys="off"' in html


def test_the_brand_is_named_and_its_accounts_change(client: Client, made: Made) -> None:
    client.post("/settings/brand", {"do": "name", "name": "Crumb & Co <b>"})
    assert "Crumb &amp; Co &lt;b&gt;" in client.get("/").content.decode()
    client.post("/settings/brand", {"do": "add", "account": "x:999"})
    assert "x:999" in open_workspace(made.home).brand()
    client.post("/settings/brand", {"do": "remove", "account": "x:999"})
    assert "x:999" not in open_workspace(made.home).brand()
    answer = client.post("/settings/brand", {"do": "add", "account": "no account"})
    assert answer.status_code == 400


LADDER = """name = "quick"
timezone = "UTC"

[[stage]]
name = "seen"
[stage.gain]
any = [{ count = 1, within_days = 3650, direction = "inbound", of = ["like", "comment"] }]

[[stage]]
name = "ally"
[stage.gain]
all = [{ count = 2, within_days = 3650, direction = "inbound", of = ["comment"] }]
"""


def test_a_ladder_is_tried_before_it_is_adopted_and_undone(client: Client) -> None:
    before = client.get("/lifecycle").content
    tried = client.post("/settings/policy", {"do": "try", "policy": LADDER})
    text = LexborHTMLParser(tried.content.decode())
    section = text.css_first("#tried")
    assert section is not None
    assert "would stand elsewhere" in section.text()
    assert b"ally" not in client.get("/lifecycle").content
    assert client.post("/settings/policy", {"do": "adopt", "policy": LADDER}).status_code == 302
    said, positions = toast(client, "/settings/policy")
    assert said == "quick is the ladder now."
    board = LexborHTMLParser(client.get("/lifecycle").content.decode())
    assert [h.text() for h in board.css(".rung h3")] == ["aware", "seen", "ally", "parted"]
    undo(client, positions)
    after = client.get("/lifecycle").content
    assert re.findall(rb'stage=\w+">[\d,]+<', before) == re.findall(rb'stage=\w+">[\d,]+<', after)


def test_a_number_of_the_ladder_is_moved_and_everybody_who_changes_is_told_why(client: Client) -> None:
    page = LexborHTMLParser(client.get("/settings/policy").content.decode())
    text = page.css_first("textarea#policy")
    assert text is not None
    numbers = {
        str(field.attributes["name"]): str(field.attributes["value"]) for field in page.css("[type=number]")
    }
    assert len(numbers) > 10
    asked = {**numbers, "n.1.gain.all.0.count": "40", "do": "move", "policy": text.text()}
    tried = LexborHTMLParser(client.post("/settings/policy", asked).content.decode())
    section = tried.css_first("#tried")
    assert section is not None
    assert "of 40" in section.text()
    written = tried.css_first("textarea#policy")
    assert written is not None
    assert "count = 40" in written.text()
    wrong = client.post("/settings/policy", {**asked, "n.1.gain.all.0.count": "many"})
    assert wrong.status_code == 400


def test_ladders_before_this_one_are_kept_with_how_people_stood_by_them(client: Client) -> None:
    client.post("/settings/policy", {"do": "adopt", "policy": LADDER})
    _, positions = toast(client, "/settings/policy")
    page = client.get("/settings/policy?ladder=0").content.decode()
    assert "like-know-trust" in page
    assert "stood elsewhere" in page
    undo(client, positions)
    assert "Ladders before it" not in client.get("/settings/policy").content.decode()


def test_a_wrong_ladder_points_at_its_line(client: Client) -> None:
    answer = client.post("/settings/policy", {"do": "try", "policy": LADDER.replace('"comment"]', '"poke"]')})
    assert answer.status_code == 400
    wrong = LexborHTMLParser(answer.content.decode()).css_first("#policy-w")
    assert wrong is not None
    assert "line" in wrong.text()
    assert "poke" in wrong.text()


def test_no_form_leads_away_from_here(client: Client, made: Made) -> None:
    for back in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = client.post("/undo", {"positions": "", "back": back})
        assert answer.headers["Location"] == "/"
