"""Google+ Takeouts: our own fixture, made strictly from the published keys, against its golden file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Coverage, Post, Profile, Snapshot
from courtship.platforms.googleplus import CLOSED, Takeout, at_page, moment, vcard_people, who
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/googleplus/takeout-20190301T101112Z-001"
ME, ANN, BO, CY = (f"googleplus:10000000000000000000{n}" for n in (1, 2, 3, 4))
MADE = parse_iso("2019-03-01T10:11:12Z")


@pytest.fixture(scope="module")
def acts() -> list[Activity]:
    return [record for record in read_fixture(FIXTURE) if isinstance(record, Activity)]


def test_golden() -> None:
    check_fixture(FIXTURE)


def test_comments_below_a_post_are_towards_whoever_wrote_it(acts: list[Activity]) -> None:
    found = {
        (a.actor, a.target) for a in acts if a.kind == "comment" and a.object and a.object.endswith("/P1")
    }
    assert found == {(ANN, ME), (BO, ME)}
    first = next(a for a in acts if a.id.endswith("/1a"))
    assert (first.at, first.precise) == (parse_iso("2018-10-25T16:00:00Z"), True)


def test_the_owner_answers_whom_they_name(acts: list[Activity]) -> None:
    answers = [a for a in acts if a.actor == ME and a.object and a.object.endswith("/P1")]
    assert [(a.kind, a.target) for a in answers] == [("mention", ANN)], "thanks to all is towards nobody"


def test_what_has_no_time_happened_by_the_takeout(acts: list[Activity]) -> None:
    undated = [a for a in acts if not a.precise]
    assert {(a.kind, a.actor, a.target) for a in undated} == {
        ("like", ANN, ME),
        ("like", BO, ME),
        ("share", CY, ME),
        ("vote", ANN, ME),
        ("vote", BO, ME),
    }, "the owner's own +1 is none"
    assert {a.at for a in undated} == {MADE}
    assert Takeout(ME, parse_iso("2026-01-01T00:00:00Z")).made == CLOSED, "nobody did anything afterwards"


def test_reshares_quotes_messages_mentions(acts: list[Activity]) -> None:
    out = {a.id.rpartition("/")[2]: (a.kind, a.target) for a in acts if a.id.startswith("https:")}
    assert out == {
        "P3": ("share", CY),
        "P4": ("quote", CY),
        "P5": ("message", ANN),
        "P6": ("mention", BO),
        "P7": ("mention", ME),
    }


def test_the_activity_log(acts: list[Activity]) -> None:
    logged = {(a.kind, a.target) for a in acts if a.id.startswith("log:")}
    assert logged == {
        ("comment", CY),
        ("like", "googleplus:+bolee"),
        ("like", ""),  # whose comment it was is not said
        ("vote", BO),
    }, "not the own post, and not what stands below a post of the Takeout"


def test_posts_circles_owner_coverage() -> None:
    records = read_fixture(FIXTURE)
    posts = {r.object.rpartition("/")[2]: r for r in records if isinstance(r, Post)}
    assert set(posts) == {"P1", "P2", "P4", "P6"}, "neither what is private nor what is only passed on"
    assert posts["P1"].tags == ("cups",)
    assert posts["P2"].poll == ("Green", "Black")
    (circles,) = [r for r in records if isinstance(r, Snapshot)]
    assert (circles.direction, circles.members) == ("outbound", (ANN, BO))
    assert [r.account for r in records if isinstance(r, Profile) and r.own] == [ME]
    shown = {(r.kind, r.direction) for r in records if isinstance(r, Coverage)}
    assert ("like", "inbound") in shown
    assert ("follow", "inbound") not in shown, "who had you in their circles is not told"


def test_without_a_log_less_is_seen(tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / FIXTURE.name)
    shutil.rmtree(tmp_path / FIXTURE.name / "Takeout/Google+ Stream/ActivityLog")
    records = read_fixture(tmp_path / FIXTURE.name)
    assert ("like", "outbound") not in {(r.kind, r.direction) for r in records if isinstance(r, Coverage)}


def test_folders_in_another_language(tmp_path: Path) -> None:
    target = tmp_path / FIXTURE.name / "Takeout/Stream in Google+/Beiträge"
    shutil.copytree(FIXTURE / "Takeout/Google+ Stream/Posts", target)
    assert tally(read_fixture(tmp_path / FIXTURE.name))["in comment"] == 2


def test_small_parts() -> None:
    assert moment("2018-10-25 17:04:03+0200") == parse_iso("2018-10-25T15:04:03Z")
    assert moment("2018-10-25 17:04:03:+0200") == parse_iso("2018-10-25T15:04:03Z")
    assert moment("soon") is None
    assert at_page("https://plus.google.com/+BoLee") == "googleplus:+bolee"
    assert at_page("https://plus.google.com/u/0/100000000000000000003/posts") == BO
    assert at_page("https://plus.google.com/communities/1") == ""
    assert who({"profilePageUrl": "https://plus.google.com/100000000000000000003"}) == BO
    assert who("nobody") == ""
    card = "BEGIN:VCARD\nFN:Bo\nURL:https://plus.google.com/100000000000000000003\nEND:VCARD"
    assert list(vcard_people(card)) == [(BO, "Bo")]


def test_every_key_that_was_ever_seen_is_harmless() -> None:
    """One post with every published key, each with a value of the wrong type in turn."""
    listed = shared("googleplus") / "FiXato+Plexodus-Tools/unique_keys_in_takeout_posts.txt"
    keys = {line.split(".")[0].split("[")[0] for line in listed.read_text().split() if line.strip()}
    assert {"comments", "plusOnes", "reshares", "poll", "postAcl"} <= keys
    sound = {
        "url": "https://plus.google.com/1/posts/A",
        "creationTime": "2018-10-25 17:04:03+0200",
        "author": {"resourceName": "users/100000000000000000001"},
    }
    values: tuple[object, ...] = (None, 3, "text", [], [3], {}, {"x": 1}, [{"author": 3}], [[]])
    for wrong in values:
        for key in keys - set(sound):
            list(Takeout(ME, MADE).post({**sound, key: wrong}))
        for key in ("creationTime", "author"):
            with pytest.raises(ValueError):
                list(Takeout(ME, MADE).post({**sound, key: wrong}))
