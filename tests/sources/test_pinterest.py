"""Pinterest: an export and recorded answers, ours by golden files, the sample of others by its counts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Coverage, Post, Problem, Profile, Snapshot, Total
from courtship.platforms.pinterest import account, listed
from courtship.testing import check_fixture, read_fixture

FIXTURES = Path(__file__).parent / "fixtures/pinterest"
EXPORT, RECORDED = FIXTURES / "pinterest-2026-02-04.html", FIXTURES / "tearoom-2026-02-04"
ME = "pinterest:tearoom"


@pytest.mark.parametrize("fixture", [EXPORT, RECORDED], ids=lambda path: path.name)
def test_golden(fixture: Path) -> None:
    check_fixture(fixture)


def test_pins_of_the_export() -> None:
    records = read_fixture(EXPORT)
    first, last = (r for r in records if isinstance(r, Post))
    assert first.text == "Blue cups\n\nNew & blue, #cups\nand a second line"
    assert (first.link, first.tags, first.author) == ("https://tearoom.example.com/blue", ("cups",), ME)
    assert (last.media, last.public) == ("video", False)
    (share,) = [r for r in records if isinstance(r, Activity)]
    assert (share.kind, share.actor, share.target, share.precise) == ("share", ME, "", False)
    assert len([r for r in records if isinstance(r, Problem)]) == 1, "a pin without a date"
    assert {r.account for r in records if isinstance(r, Profile)} == {ME}, "what follows the pins is not read"


def test_lists_are_whole_only_where_they_are_as_long_as_they_should_be(tmp_path: Path) -> None:
    shutil.copytree(RECORDED, tmp_path / RECORDED.name)

    def lists() -> dict[str, Snapshot]:
        return {r.direction: r for r in read_fixture(tmp_path / RECORDED.name) if isinstance(r, Snapshot)}

    assert lists()["inbound"].members == ("pinterest:annbell", "pinterest:bo_lee", "pinterest:kim_lau")
    assert not lists()["inbound"].complete, "one line of it could not be read"
    assert not lists()["outbound"].complete, "five are followed, and one is listed"
    page = tmp_path / RECORDED.name / "followers-2.json"
    page.write_text(json.dumps({"items": [{"type": "user", "username": "kim_lau"}], "bookmark": None}))
    assert lists()["inbound"].complete


def test_owner_totals_and_coverage() -> None:
    records = read_fixture(RECORDED)
    (own,) = [r for r in records if isinstance(r, Profile)]
    assert (own.account, own.name, own.followers) == (ME, "Tea Room", 3)
    assert {(r.kind, r.amount) for r in records if isinstance(r, Total)} == {
        ("share", 7),
        ("like", 10),
        ("comment", 2),
    }
    assert {(r.kind, r.direction) for r in records if isinstance(r, Coverage)} == {
        ("follow", "inbound"),
        ("follow", "outbound"),
        ("share", "outbound"),
    }


def test_without_the_owner_nobody_is_followed(tmp_path: Path) -> None:
    shutil.copy(RECORDED / "followers-1.json", tmp_path)
    (problem,) = read_fixture(tmp_path)
    assert isinstance(problem, Problem)
    assert "user_account" in problem.reason


def test_names() -> None:
    assert account(" @TeaRoom ") == ME
    assert account("cy dorn") == account(None) == ""
    assert listed({"type": "board", "username": "ann"}) == ""


def test_the_sample_made_by_others() -> None:
    page = shared("pinterest") / "ChowSinWon+pinterest-export-parser/data/pinterest-sample.html"
    assert tally(read_fixture(page)) == {"Profile": 1, "out share?": 1, "Coverage": 1}


def test_a_pin_may_begin_on_the_line_on_which_another_ends(tmp_path: Path) -> None:
    pin = (
        '<a href="https://www.pinterest.com/pin/{0}/">{0}</a>\n<br>Title: Cups,\n<br>Username: tearoom,\n'
        '<br>Canonical Link: <a href="https://www.pinterest.com/pin/9/">x</a>,\n'
        "<br>Created at: 2026/02/13 15:35:01\n<br>Private: False<br><br>"
    )
    page = tmp_path / "pins.html"
    page.write_text('<div id="contents"><h1 id=a>Pins</h1>\n' + "".join(map(pin.format, (501, 502, 503))))
    posts = [record.object for record in read_fixture(page) if isinstance(record, Post)]
    assert posts == [f"https://www.pinterest.com/pin/{number}/" for number in (501, 502, 503)]


def test_a_list_that_is_not_whole_is_seen_in_part(tmp_path: Path) -> None:
    (tmp_path / "user_account.json").write_text(
        '{"username": "tearoom", "account_type": "BUSINESS", "follower_count": 9}'
    )
    (tmp_path / "followers.json").write_text(
        '{"items": [{"type": "user", "username": "ann"}], "bookmark": "x"}'
    )
    (seen,) = [record for record in read_fixture(tmp_path) if isinstance(record, Coverage)]
    assert (seen.kind, seen.direction, seen.seen) == ("follow", "inbound", "some")
