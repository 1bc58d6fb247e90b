"""Every page opens, is small, runs nothing of strangers', and its numbers are those of the lists behind."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from selectolax.lexbor import LexborHTMLParser
from tests.web.conftest import HOSTILE, MALLORY, QUIET, RIGHT_TO_LEFT, Made
from tests.web.pages import pages

KB_250 = 250_000


def parsed(client: Client, address: str, status: int = 200) -> LexborHTMLParser:
    answer = client.get(address)
    assert answer.status_code == status, address
    return LexborHTMLParser(answer.content.decode())


def figure(text: str) -> int:
    """The first number in a text."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def test_every_page_is_small_strict_and_inert(client: Client, made: Made) -> None:
    for address in pages(made):
        answer = client.get(address)
        assert answer.status_code in (200, 404), address
        assert len(answer.content) < KB_250, address
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        tree = LexborHTMLParser(answer.content.decode())
        scripts = {s.attributes.get("src") for s in tree.css("script")}
        ours = {f"/static/courtship/{name}.js" for name in ("courtship", "live")}
        least = set() if address.startswith("/with/") else {"/static/courtship/courtship.js"}
        assert least <= scripts <= ours, address
        assert not tree.css("style, iframe, object, embed"), address
        for node in tree.css("*"):
            for name, value in node.attributes.items():
                assert name != "style", (address, node.html)
                assert not name.startswith("on"), (address, node.html)
                if name in ("href", "src", "action"):
                    assert not (value or "").strip().lower().startswith(("javascript:", "data:")), address
        images = [i for i in tree.css("img") if i.attributes.get("src") == "x"]
        assert not images, address
        assert len(tree.css("h1")) == 1, address
        ids = [n.attributes["id"] for n in tree.css("[id]")]
        assert len(ids) == len(set(ids)), address


def test_the_hostile_person_is_shown_as_written(client: Client, made: Made) -> None:
    tree = parsed(client, f"/people/{made.mallory}")
    heading = tree.css_first("h1")
    assert heading is not None
    assert heading.text(strip=True) == HOSTILE
    acts = parsed(client, f"/people/{made.mallory}/acts")
    assert HOSTILE in (acts.body.text() if acts.body else "")


def test_an_account_and_an_older_id_lead_to_the_person(client: Client, made: Made) -> None:
    answer = client.get(f"/people/{MALLORY}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/people/{made.mallory}"
    assert client.get("/people/nobody").status_code == 404


def test_the_numbers_of_the_board_are_those_of_the_lists_behind(client: Client) -> None:
    board = parsed(client, "/lifecycle")
    total = 0
    for link in board.css(".rung .n > a"):
        href = link.attributes["href"] or ""
        said = figure(link.text())
        total += said
        lead = parsed(client, href).css_first(".lead")
        assert lead is not None
        assert (figure(lead.text()) if said else 0) == said, href
    everybody = parsed(client, "/people").css_first(".lead")
    assert everybody is not None
    assert figure(everybody.text()) == total


def test_the_numbers_of_who_moved_are_those_of_the_lists_behind(client: Client) -> None:
    board = parsed(client, "/lifecycle")
    links = board.css("#moved table a")
    assert len(links) > 5
    for link in links:
        lead = parsed(client, link.attributes["href"] or "").css_first(".lead")
        assert lead is not None
        assert figure(lead.text()) == figure(link.text()), link.attributes["href"]


def test_moving_and_staying_add_up_to_everybody_met(client: Client) -> None:
    board = parsed(client, "/lifecycle")
    moved = sum(figure(link.text()) for link in board.css("#moved table a"))
    total = sum(figure(link.text()) for link in board.css(".rung .n > a"))
    assert moved == total


def test_the_counts_of_a_month_are_those_of_the_list_behind(client: Client) -> None:
    board = parsed(client, "/lifecycle")
    cells = [a for a in board.css("section[aria-labelledby=h-over] table a") if figure(a.text())]
    for link in cells[:3] + cells[-3:]:
        lead = parsed(client, link.attributes["href"] or "").css_first(".lead")
        assert lead is not None
        assert figure(lead.text()) == figure(link.text()), link.attributes["href"]


@pytest.mark.parametrize(
    "query",
    ["from=2026-01-01&to=2025-01-01", "from=x&to=y", "from=2026-02-30&to=", "from=9999-12-31&to=9999-12-31"],
)
def test_dates_that_are_none_are_said_to_be_wrong(client: Client, query: str) -> None:
    tree = parsed(client, f"/lifecycle?{query}")
    assert tree.css_first("#moved .wrong") is not None


@pytest.mark.parametrize(
    "query",
    [
        "stage=nonsense",
        "lately=blind",
        "platform=mastodon",
        "before=2026-13-45",
        "after=2024-01-01",
        "introduced=yes",
        "introduced=zzz",
        "page=99999999999999999999",
        "page=-1",
        "sort=drop&dir=sideways",
        "start=1&end=2&was=aware&became=like",
        "q=%F0%9F%91%A9%E2%80%8D%F0%9F%8D%B3",
        "tag=regular&sure=no&met=2025-01-01",
    ],
)
def test_no_filter_breaks_the_list(client: Client, query: str) -> None:
    parsed(client, f"/people?{query}")


def test_search_finds_names_handles_and_words(client: Client, made: Made) -> None:
    for q in ("onerror", "noor", "7*7"):
        tree = parsed(client, f"/people?q={q}")
        assert tree.css("tr[data-row]"), q
    assert not parsed(client, "/people?q=zzzzqqqq").css("tr[data-row]")


def test_pages_of_the_list_never_overlap_and_are_complete(client: Client) -> None:
    for sort in ("name", "stage", "momentum", "contact", "followers"):
        seen: list[str] = []
        address = f"/people?sort={sort}"
        while address:
            tree = parsed(client, address)
            seen += [n.attributes["value"] or "" for n in tree.css("td.pick input")]
            following = tree.css_first("a[rel=next]")
            address = (following.attributes["href"] or "") if following else ""
        lead = parsed(client, "/people").css_first(".lead")
        assert lead is not None
        assert len(seen) == len(set(seen)) == figure(lead.text()), sort


def test_csv_holds_everybody_and_no_formula(client: Client) -> None:
    answer = client.get("/people.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    lead = parsed(client, "/people").css_first(".lead")
    assert lead is not None
    assert len(lines) - 1 == figure(lead.text())
    assert lines[0].startswith("id,name,handle,stage,at_least,since")


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(value: str) -> None:
    from courtship.web.views.people import inert

    assert inert(value) == f"'{value}"


def test_names_are_hidden_on_demand(client: Client) -> None:
    for address in (f"/people/{QUIET}", f"/people/{QUIET}/acts", "/people?sort=first", "/lifecycle", "/"):
        page = client.get(address, follow=True)
        where = page.request["PATH_INFO"]
        hidden = client.get(where, {"sort": "first", "view": "present", "names": "hidden"}).content.decode()
        assert RIGHT_TO_LEFT not in hidden, where
        assert "@noor" not in hidden, where
        assert 'data-view="present"' in hidden
    # it lasts until it is taken back: the next click must show no name
    assert RIGHT_TO_LEFT not in client.get(f"/people/{QUIET}", follow=True).content.decode()
    shown = client.get("/people?sort=first&view=plain&names=shown").content.decode()
    assert RIGHT_TO_LEFT in shown
    assert "data-view" not in shown


def test_one_file_needs_no_server_and_runs_nothing(client: Client, made: Made) -> None:
    for address in ("/lifecycle", f"/people/{made.mallory}", "/people"):
        answer = client.get(f"{address}?as=file")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        tree = LexborHTMLParser(answer.content.decode())
        assert not tree.css("script, form, link, iframe, nav.nav")
        assert tree.css_first("style") is not None
        assert "viewBox" in answer.content.decode()
        for link in tree.css("a[href]"):
            assert (link.attributes["href"] or "").startswith(("#", "https://", "http://"))
        assert not tree.css("[onerror], [style]")
        policy = tree.css_first("meta[http-equiv=Content-Security-Policy]")
        assert policy is not None
        assert "script-src" not in (policy.attributes["content"] or "")


def test_posts_say_who_acted_and_who_moved(client: Client) -> None:
    tree = parsed(client, "/posts?sort=moved")
    first = tree.css_first("tr[data-row]")
    assert first is not None
    people, moved = (figure(a.text()) for a in first.css("td.num a"))
    href = first.css_first("td a")
    assert href is not None
    post = parsed(client, href.attributes["href"] or "")
    assert len(post.css("#answered tr[data-row]")) == people
    assert len(post.css("#moved li")) == moved > 0


def test_an_empty_home_says_what_to_do_on_every_page(empty_client: Client) -> None:
    assert empty_client.get("/").headers["Location"] == "/start"
    for address in ("/lifecycle", "/people", "/posts", "/plan", "/settings", "/settings/coverage"):
        tree = parsed(empty_client, address)
        assert tree.css_first("a.btn[href], form .btn") is not None, address


def test_a_post_of_which_nothing_can_be_seen_shows_no_nought(client: Client) -> None:
    rows = parsed(client, "/posts").css("tr[data-row]")
    unseen = [row for row in rows if "cannot be seen" in row.text()]
    assert unseen, "the made-up brand's data of Instagram ended weeks ago"
    assert not any(row.css("td.num a") for row in unseen)
    href = unseen[0].css_first("td a")
    assert href is not None
    assert "Cannot be seen here" in parsed(client, href.attributes["href"] or "").text()


def test_somebody_with_very_many_acts_is_read_in_the_background_once(
    client: Client, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courtship.service.importing import jobs
    from courtship.service.people import person_page, person_told
    from courtship.store.derived import person_acts

    for module, name in ((person_page, "FEW"), (person_page, "MANY"), (person_acts, "KEPT")):
        monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(person_told, "KEPT", 2)
    first = client.get(f"/people/{made.mallory}")
    assert first.status_code == 202
    assert "are being gathered" in first.content.decode()
    assert jobs.wait(30)
    assert client.get(f"/people/{made.mallory}").status_code == 200
    assert client.get(f"/people/{made.mallory}/acts").status_code == 200
    client.post(f"/people/{made.mallory}/notes", {"on": "Kept while held"})
    assert "Kept while held" in client.get(f"/people/{made.mallory}").content.decode()
    before = client.get(f"/people/{made.mallory}/acts").content.decode().count("<li")
    client.post(f"/people/{made.mallory}/log", {"dir": "inbound", "kind": "message", "when": "2026-02-02"})
    assert client.get(f"/people/{made.mallory}").status_code == 200
    assert client.get(f"/people/{made.mallory}/acts").content.decode().count("<li") == before + 1
