"""What is not seen is not told as if it had been: lapses after the data end, words that wait."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import close, served

from courtship.model import DAY, Activity, Coverage, Decision, Micros, Origin
from courtship.people.identity import person_id
from courtship.vocabulary import KINDS, Direction

if TYPE_CHECKING:
    from django.test import Client

ME, ANN, BOB = "x:me", "x:ann", "hand:bob"
WAYS: tuple[Direction, ...] = ("inbound", "outbound")


@pytest.fixture(scope="module")
def now() -> Micros:
    return time.time_ns() // 1000


@pytest.fixture
def told(tmp_path: Path, now: Micros) -> Iterator[Client]:
    """Ann was known when the data ended 360 days ago; Bob, kept by hand alone, has truly gone quiet."""
    from courtship.service.reckoning.refresh import refresh
    from courtship.store import open_workspace
    from courtship.store.opening import set_up

    set_up()
    workspace = open_workspace(tmp_path, "default")
    workspace.decide(Decision("brand.add", ME))
    workspace.decide(Decision("brand.add", "hand:me"))
    end = now - 360 * DAY
    for who, me in ((ANN, ME), (BOB, "hand:me")):
        begin = end - 20 * DAY
        workspace.append(
            [
                Activity(f"{who}1", "comment", who, me, begin, text="Good bread"),
                Activity(f"{who}2", "mention", who, me, begin + DAY),
                Activity(f"{who}3", "comment", who, me, begin + 2 * DAY),
                Activity(f"{who}4", "comment", me, who, begin + 3 * DAY),
            ],
            Origin("f", "activities", "", end),
        )
    workspace.append(
        [Coverage(ME, kind, way, "full", None, end) for kind in KINDS for way in WAYS],
        Origin("f", "activities", "", end),
    )
    workspace.append(
        [Activity("new", "comment", "x:cy", ME, now - DAY, text="Do you bake on Sundays?")],
        Origin("g", "activities", "", now),
    )
    refresh(workspace, now=now)
    workspace.close()
    yield served(tmp_path)
    close()


def read(client: Client, path: str) -> str:
    page = client.get(path, follow=True)
    assert page.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def test_a_lapse_after_the_data_end_is_not_announced(told: Client) -> None:
    page = read(told, f"/people/{person_id(ANN)}")
    assert "stood at “know” on" in page
    assert "when your data end; what came after cannot be seen" in page
    assert "nothing happened on the day" not in page
    assert "by lapse" not in page
    by_hand = read(told, f"/people/{person_id(BOB)}")
    assert "nothing happened on the day" in by_hand


def test_the_board_tells_no_move_that_nobody_saw(told: Client) -> None:
    page = read(told, "/lifecycle")
    assert re.search(r"Not told as moved: 1 person", page), page[:3000]
    flow = re.search(r"know like 1\b|know aware 1\b", page)
    assert flow, "only the one who is seen moved down"
    assert "Ann" in read(told, "/people?beyond=yes") or "ann" in read(told, "/people?beyond=yes")


def test_words_that_wait_are_said_to_wait(told: Client) -> None:
    page = read(told, f"/people/{person_id('x:cy')}")
    assert "1 thing cy said waits for your answer." in page
    assert "Neither has asked anything" not in page


def test_both_directions_are_told_by_platform_with_median_and_ninth_tenth(told: Client) -> None:
    page = read(told, f"/people/{person_id(ANN)}")
    assert "nine in ten within" in page
    assert re.search(r"you answer X \(Twitter\) 3 of 3|you answer X 3 of 3", page), page
    assert "How broad it is" in page
    assert "2 comments and 1 mention" in page


@pytest.mark.parametrize("query", ["q=%00", "tag=a%00", "stage=%00"])
def test_a_nul_is_refused_before_anything_is_asked(told: Client, query: str) -> None:
    answer = told.get(f"/people?{query}")
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()
    assert told.post("/settings/brand", {"do": "add", "account": "x:\0"}).status_code in (200, 400)


def test_a_page_beyond_the_last_is_the_last(told: Client) -> None:
    assert "ann" in read(told, "/people?page=99999999999999999999")
