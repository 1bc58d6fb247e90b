"""The tribe's pages: every figure opens its acts; a member's own page by a private link, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from django.test import Client
from selectolax.lexbor import LexborHTMLParser
from tests.web.conftest import MALLORY, SECRET, Made, Running, chromium, close, served, start, stop

from courtship.people.identity import person_id

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from courtship.store.workspace import Workspace


class Tribe(NamedTuple):
    """A client over a made-up brand with its tribe."""

    client: Client
    workspace: Workspace
    home: Path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up brand large enough for its tribe."""
    from courtship.store import open_workspace
    from courtship.store.opening import set_up

    set_up()
    from courtship.service.demo import demo
    from courtship.service.reckoning.refresh import refresh

    folder = tmp_path_factory.mktemp("tribe")
    now = time.time_ns() // 1000
    workspace = open_workspace(folder, "default")
    demo.fill(workspace, people=500, activities=12_000, now=now)
    refresh(workspace, now=now)
    workspace.close()
    return folder


@pytest.fixture
def tribe(home: Path) -> Iterator[Tribe]:
    """Pages over it."""
    from courtship.store import open_workspace

    yield Tribe(served(home), open_workspace(home, "default"), home)
    close()


def parsed(client: Client, address: str) -> LexborHTMLParser:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return LexborHTMLParser(answer.content.decode())


def text_of(tree: LexborHTMLParser, css: str) -> str:
    node = tree.css_first(css)
    assert node is not None, css
    return node.text(separator=" ", strip=True)


def test_the_tribe_of_the_demo_shows_everything(tribe: Tribe) -> None:
    tree = parsed(tribe.client, "/tribe")
    assert len(tree.css("#members tbody tr")) == 29
    names = [node.text(strip=True) for node in tree.css("#members tbody td.w a")]
    assert names == sorted(names, key=str.casefold), "by name, not by rank"
    said = text_of(tree, "main")
    for part in ("Give back first", "looks like a pod", "Who could join", "Left", "Asked lately"):
        assert part in said
    assert "Offered, not answered yet" in said
    owed = parsed(tribe.client, "/tribe?sort=owed")
    counts = [
        int(found[1]) if (found := re.search(r"you (\d+)", row.text())) else 0
        for row in owed.css("#members tbody tr")
    ]
    assert counts == sorted(counts, reverse=True)


def test_every_figure_of_a_member_opens_the_acts_behind_it(tribe: Tribe) -> None:
    href = parsed(tribe.client, "/tribe").css("#members tbody td.w a")[2].attributes["href"]
    tree = parsed(tribe.client, str(href))
    figures = tree.css("#books table td.num a")
    assert len(figures) > 10
    for link in figures:
        behind = parsed(tribe.client, str(link.attributes["href"]).partition("#")[0])
        rows = behind.css("#entries li")
        back = sum("took back" in row.text() for row in rows)
        count = int(link.text().replace(",", ""))
        if len(rows) < 50:
            assert len(rows) - 2 * back == count, link.attributes["href"]


def test_both_sides_drafted_offered_and_noted(tribe: Tribe) -> None:
    href = str(parsed(tribe.client, "/tribe").css("#join a")[0].attributes["href"])
    person = href.rpartition("/")[2]
    assert tribe.client.post("/tribe", {"do": "join", "person": person}).status_code == 302
    form = {
        "do": "draft",
        "offer": "1",
        "member-gifts": ["like", "share"],
        "member-pace": "per_week",
        "member-times": "2",
        "brand-gifts": ["comment"],
        "brand-pace": "each_post",
        "brand-days": "3",
        "words": "as we said",
    }
    assert tribe.client.post(f"/people/{person}/tribe", form).status_code == 302
    tree = parsed(tribe.client, f"/people/{person}/tribe")
    promises = [node.text(separator=" ", strip=True) for node in tree.css(".promise")]
    assert len(promises) == 2
    assert all("offered, waiting" in promise for promise in promises)
    id = str(tree.css_first(".promise").attributes["id"])  # type: ignore[union-attr]
    tribe.client.post(f"/people/{person}/tribe", {"do": "step", "id": id, "step": "accept"})
    again = parsed(tribe.client, f"/people/{person}/tribe")
    assert all("in force" in node.text() for node in again.css(".promise"))
    bad = tribe.client.post(f"/people/{person}/tribe", form | {"member-times": "often"})
    assert bad.status_code == 400
    assert "whole numbers" in bad.content.decode()
    assert tribe.client.post(f"/people/{person}/tribe", {"do": "draft"}).status_code == 400


def test_asking_for_a_post_and_for_one_that_is_not_here(tribe: Tribe) -> None:
    tree = parsed(tribe.client, "/tribe/ask")
    href = str(tree.css("main ul.lines a")[0].attributes["href"])
    asked = parsed(tribe.client, "/tribe/ask" + href)
    first = asked.css_first(".owed form")
    assert first is not None
    fields = [(str(node.attributes["name"]), str(node.attributes["value"])) for node in first.css("input")]
    post = {name: value for name, value in fields if name in ("post", "person")}
    assert tribe.client.post("/tribe/asked", post).status_code == 302
    spared = text_of(parsed(tribe.client, "/tribe/ask" + href), "aside")
    assert "was asked for this post already" in spared
    new = parsed(tribe.client, "/tribe/ask?post=https://kettlewick.example/new&text=Rye+tonight")
    assert "not among your posts here yet" in text_of(new, "main")
    assert new.css(".owed textarea")


def test_a_private_link_is_shown_once_and_its_page_is_for_one_alone(tribe: Tribe) -> None:
    person = str(parsed(tribe.client, "/tribe").css("#members td.w a")[0].attributes["href"]).split("/")[2]
    made = tribe.client.post(f"/people/{person}/tribe", {"do": "link"})
    assert made.status_code == 200
    (secret,) = re.findall(r"/with/([\w-]{32})", made.content.decode())
    assert secret not in tribe.client.get(f"/people/{person}/tribe").content.decode()
    page = Client().get(f"/with/{secret}")
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert not page.cookies
    text = page.content.decode()
    assert "/people/" not in text
    from courtship.service.tribe.page import state

    held = state(tribe.workspace, now=time.time_ns() // 1000)
    mine = held.by_person[person].name
    others = {one.name for one in held.members if one.person != person and one.name != mine}
    assert not [name for name in others if name in text]
    assert "last on" in tribe.client.get(f"/people/{person}/tribe").content.decode()
    tribe.client.post(f"/people/{person}/tribe", {"do": "unlink"})
    closed = Client().get(f"/with/{secret}")
    assert closed.status_code == 404
    assert closed.headers["X-Robots-Tag"].startswith("noindex")


def test_a_step_needs_a_form_of_ours(client: Client, made: Made) -> None:
    strict = Client(enforce_csrf_checks=True)
    address = f"/with/{SECRET}"
    page = LexborHTMLParser(strict.get(address).content.decode())
    (key,) = {str(node.attributes["value"]) for node in page.css("input[name=key]")}
    forged = strict.post(address, {"id": "c-mallory", "step": "end", "key": "forged"})
    assert forged.headers["Location"].endswith("?said=old")
    elsewhere = strict.post(
        address, {"id": "c-mallory", "step": "end", "key": key}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.headers["Location"].endswith("?said=old")
    not_mine = strict.post(address, {"id": "c-offered", "step": "end", "key": key})
    assert not_mine.headers["Location"].endswith("?said=not")
    agreed = strict.post(
        address, {"id": "c-offered", "step": "accept", "key": key}, headers={"Origin": "null"}
    )
    assert (agreed.status_code, agreed.headers["Location"]) == (303, f"{address}?said=accept")
    assert "Agreed. Thank you." in strict.get(f"{address}?said=accept").content.decode()
    from courtship.service.tribe import decided as said
    from courtship.store import open_workspace

    held = said.said(open_workspace(made.home, "default"))
    assert held.commitments["c-offered"].state == "accepted"
    assert held.commitments["c-offered"].by == "member"


def test_guessing_links_is_cut_short(client: Client) -> None:
    for number in range(10):
        assert Client().get(f"/with/{'x' * 20}{number}").status_code == 404
    refused = Client().get(f"/with/{SECRET}")
    assert refused.status_code == 429, "the right one is not told apart"
    assert int(refused.headers["Retry-After"]) > 0
    assert Client(REMOTE_ADDR="198.51.100.7").get(f"/with/{SECRET}").status_code == 200


def test_the_link_needs_no_login_where_all_else_does(client: Client) -> None:
    from django.conf import settings

    settings.COURTSHIP_SIGN_IN = True
    try:
        assert Client().get(f"/with/{SECRET}").status_code == 200
        for address in ("/tribe", "/tribe/ask", f"/people/{person_id(MALLORY)}/tribe"):
            assert Client().get(address).headers["Location"].startswith("/sign-in"), address
    finally:
        settings.COURTSHIP_SIGN_IN = False


@pytest.fixture(scope="module")
def browser(home: Path) -> Iterator[Browser]:
    """Chromium, begun when the brand is made: its event loop keeps the database away from this thread."""
    assert home.exists()
    with chromium() as found:
        yield found


@pytest.fixture
def running_tribe(home: Path) -> Iterator[Running]:
    """The real server over the made-up tribe."""
    process, base = start(home)
    yield Running(base, Made(home, "default", "", 0))
    stop(process)


@pytest.mark.browser
def test_a_member_uses_their_link_while_the_owner_looks_on(browser: Browser, running_tribe: Running) -> None:
    base = running_tribe.base
    owner = browser.new_context(viewport={"width": 1280, "height": 900})
    member = browser.new_context(viewport={"width": 320, "height": 640})
    errors: list[str] = []
    ours, theirs = owner.new_page(), member.new_page()
    for page in (ours, theirs):
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    ours.goto(f"{base}/tribe")
    assert ours.locator("text=looks like a pod").count() > 0
    ours.locator("aside a", has_text=re.compile(".+")).first.click()
    ours.get_by_role("button", name="Make a link").click()
    link = ours.locator(".once").inner_text().strip()
    who = ours.locator("h1").inner_text()

    theirs.goto(link)
    assert theirs.locator("h1").inner_text() == who
    assert theirs.evaluate("document.documentElement.scrollWidth") <= 320
    before = theirs.locator(".promise").count()
    assert before
    theirs.get_by_role("button", name="Yes, agreed").first.click()
    theirs.wait_for_url("**said=accept")
    assert theirs.get_by_role("status").inner_text() == "Agreed. Thank you."
    ours.goto(ours.url.partition("?")[0].partition("#")[0])
    assert "in force" in ours.locator(".promise").first.inner_text()
    assert "last on" in ours.locator("#link").inner_text()

    theirs.get_by_role("button", name=re.compile("^Pause this")).first.click()
    theirs.wait_for_url("**said=pause")
    ours.reload()
    assert "paused" in ours.locator("main").inner_text()
    ours.get_by_role("button", name="Close it").click()
    theirs.goto(link)
    assert "opens nothing" in theirs.locator("h1").inner_text()

    from axe_playwright_python.sync_playwright import Axe

    found = []
    ours.goto(f"{base}/tribe/ask")
    asking = ours.locator("main ul.lines a").first.get_attribute("href")
    for address in ("/tribe", f"/tribe/ask{asking}"):
        ours.goto(base + address)
        results = Axe().run(ours)
        found += [
            f"{address}: {one['id']} {one['nodes'][0]['html'][:200]}"
            for one in results.response["violations"]
        ]
    assert found == []
    assert [error for error in errors if "404" not in error] == []
    owner.close()
    member.close()
