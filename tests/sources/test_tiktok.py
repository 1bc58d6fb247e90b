"""TikTok's data: our own fixture against its golden file, the one made by others by its counts."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.errors import UnknownFormat
from courtship.model import Activity, Coverage, Post, Problem, Profile, Total
from courtship.platforms.tiktok import account, video
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/tiktok/TikTok_Data_1777874828"
ME, ANN, BO = "tiktok:thetearoom", "tiktok:ann.bell", "tiktok:bo_tea"


@pytest.fixture(scope="module")
def acts() -> list[Activity]:
    return [record for record in read_fixture(FIXTURE) if isinstance(record, Activity)]


def test_golden() -> None:
    check_fixture(FIXTURE)


def test_followers_follows_and_blocks(acts: list[Activity]) -> None:
    found = {(a.kind, a.actor, a.target) for a in acts if a.kind in {"follow", "block"}}
    assert found == {
        ("follow", ANN, ME),
        ("follow", BO, ME),
        ("follow", ME, ANN),
        ("block", ME, "tiktok:rude.one"),
    }
    assert all(a.precise for a in acts)


def test_whose_video_it_was_is_not_said(acts: list[Activity]) -> None:
    (like,) = [a for a in acts if a.kind == "like"]
    assert (like.target, like.object) == ("", "https://www.tiktok.com/share/video/7442045703922142486")
    comments = {(a.kind, a.target) for a in acts if a.id.startswith("comment:")}
    assert comments == {("comment", ""), ("mention", ANN), ("mention", BO)}


def test_messages_both_ways(acts: list[Activity]) -> None:
    talk = [(a.actor, a.target, a.text) for a in acts if a.kind == "message"]
    assert talk == [
        (ANN, ME, "Open on Sunday?"),
        (ME, ANN, "Yes, until six"),
        ("tiktok:cy.writes", "", "hello all"),
    ]


def test_owner_posts_coverage_problems() -> None:
    records = read_fixture(FIXTURE)
    (own,) = [r for r in records if isinstance(r, Profile)]
    assert (own.account, own.followers, own.email, own.own) == (ME, 321, "tea@example.com", True)
    (post,) = [r for r in records if isinstance(r, Post)]
    assert (post.media, post.tags, post.public) == ("video", ("tea",), True)
    assert [(r.kind, r.amount) for r in records if isinstance(r, Total)] == [("like", 12)]
    shown = {(r.kind, r.direction): r.end for r in records if isinstance(r, Coverage)}
    assert shown["follow", "inbound"] == parse_iso("2026-05-04T06:07:08Z")
    assert ("like", "inbound") not in shown
    assert len([r for r in records if isinstance(r, Problem)]) == 3


def test_the_older_places_of_the_same_parts(tmp_path: Path) -> None:
    new = orjson.loads((FIXTURE / "user_data_tiktok.json").read_bytes())
    parts = new.pop("Your Activity")
    moved = {"Follower List": parts.pop("Follower"), "Following List": parts.pop("Following")}
    old = {
        "Direct Messages": {"Chat History": new.pop("Direct Message")["Direct Messages"]},
        "Video": {"Videos": new.pop("Post")["Posts"]},
        "Activity": parts | moved,
        **new,
    }
    place = tmp_path / FIXTURE.name
    place.mkdir()
    (place / "user_data.json").write_bytes(orjson.dumps(old))
    assert tally(read_fixture(place)) == tally(read_fixture(FIXTURE))


def test_small_parts() -> None:
    assert account("@Ann.Bell") == ANN
    assert account("N/A") == account(None) == account("two words") == ""
    assert video("https://www.tiktok.com/@ann/video/7") == video("https://www.tiktokv.com/share/video/7/")
    assert video("https://elsewhere.example/video/7") == ""


def test_the_data_made_by_others() -> None:
    folder = shared("tiktok") / "what-if-horizon+what-if-data-donation/pytests/public_testfiles"
    counts = tally(read_fixture(folder / "TT_user_data_tiktok.json"))
    assert {key: n for key, n in counts.items() if key != "Coverage"} == {
        "in follow": 1,
        "out follow": 6,
        "out like?": 20,
        "out comment?": 2,
        "Post": 1,
        "Total": 1,
        "Profile": 1,
    }


def test_a_table_that_only_names_the_keys_is_not_taken() -> None:
    for platform, name in (("tiktok", "TT_structure.tsv"), ("instagram", "IG_structure.tsv")):
        path = shared(platform) / "what-if-horizon+what-if-data-donation/derived" / name
        with pytest.raises(UnknownFormat):
            read_fixture(path)


TEXTS = FIXTURE.with_name("TikTok_Data_1777874829")


def test_the_text_form_tells_the_same() -> None:
    assert tally(check_fixture(TEXTS)) == {
        "Profile": 1,
        "in follow": 2,
        "out follow": 1,
        "out block": 1,
        "out like?": 1,
        "out mention": 1,
        "in message": 1,
        "out message": 2,
        "Post": 1,
        "Total": 1,
        "Coverage": 8,
        "Problem": 1,
    }


def test_texts_without_a_profile_are_whose_who_writes_to_all(tmp_path: Path) -> None:
    text = (TEXTS / "TikTok/Direct Message/Direct Messages.txt").read_text()
    (tmp_path / "Direct Messages.txt").write_text(text)
    assert tally(read_fixture(tmp_path))["in message"] == 1
    (tmp_path / "Direct Messages.txt").write_text(text.replace(" thetearoom: Yes", " someone: Yes"))
    (problem,) = read_fixture(tmp_path)
    assert isinstance(problem, Problem)
    assert "whose" in problem.reason
