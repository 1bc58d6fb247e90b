"""Reddit's data request, against made-up files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.shared_fixtures import tally

from courtship.model import Activity, Problem, Snapshot
from courtship.platforms.reddit import account, corner, thing
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/reddit/export_TheTeaRoom_20260504"
ME = "reddit:thetearoom"


def test_golden() -> None:
    assert tally(check_fixture(FIXTURE)) == {
        "Profile": 1,
        "Post": 2,
        "Problem": 3,
        "Snapshot": 1,
        "Coverage": 8,
        "in message": 3,
        "in like": 1,
        "out message": 2,
        "out message?": 1,
        "other message?": 2,
        "out mention": 2,
        "out comment": 1,
        "out comment?": 1,
        "out like": 2,
        "out like?": 3,
        "out vote?": 1,
    }


def test_votes_have_no_date_and_those_on_own_things_are_none() -> None:
    acts = [one for one in read_fixture(FIXTURE) if isinstance(one, Activity)]
    votes = [one for one in acts if one.id.startswith(("vote:", "poll:"))]
    assert {one.id for one in votes} == {
        "vote:1bbb01",
        "vote:1ccc01",
        "vote:kd0009",
        "vote:kd0010",
        "poll:1eee01",
    }
    assert not any(one.precise for one in votes)
    assert {one.at for one in votes} == {parse_iso("2026-05-04T23:59:59Z")}
    # A post in somebody's own corner is theirs; a comment there may be anybody's.
    assert {one.id: one.target for one in votes}["vote:1ccc01"] == "reddit:bo_tea"
    assert {one.id: one.target for one in votes}["vote:kd0010"] == ""


def test_friends_are_a_list_without_dates() -> None:
    (friends,) = [one for one in read_fixture(FIXTURE) if isinstance(one, Snapshot)]
    assert (friends.account, friends.direction) == (ME, "outbound")
    assert friends.members == ("reddit:ann_bell", "reddit:bo_tea")


def test_without_a_name_it_is_whoever_is_in_every_message(tmp_path: Path) -> None:
    (tmp_path / "messages.csv").write_bytes((FIXTURE / "messages.csv").read_bytes())
    assert tally(read_fixture(tmp_path))["in message"] == 1
    (tmp_path / "messages.csv").unlink()
    (tmp_path / "comments.csv").write_bytes((FIXTURE / "comments.csv").read_bytes())
    (problem,) = read_fixture(tmp_path)
    assert isinstance(problem, Problem)
    assert "does not say whose it is" in problem.reason


@pytest.mark.parametrize("name", ["[deleted]", "", "#tea", "/r/tea", "an", "a b c", "x" * 21])
def test_who_is_nobody(name: str) -> None:
    assert account(name) == ""


def test_addresses_have_one_form() -> None:
    post = "https://www.reddit.com/r/tea/comments/1bbb01/"
    assert thing("/r/tea/comments/1bbb01/best_oolong/") == thing(f"{post}best/?utm=1") == post
    assert thing("https://old.reddit.com/r/tea/comments/1bbb01/best/kc1/") == f"{post}_/kc1/"
    assert thing("https://example.com/r/tea") == ""
    assert corner("https://www.reddit.com/user/Bo_Tea/comments/1x/") == "reddit:bo_tea"
