"""X archives of three ages against their golden files, and the files made by others."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Coverage, Post, Problem, Profile, Snapshot, Undo
from courtship.platforms.x import by_handle, by_number, moment, status, time_in
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent / "fixtures/x"
NOW = FIXTURES / "now"
MADE = parse_iso("2026-05-04T06:07:08Z")


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    found = [record for record in read_fixture(NOW) if isinstance(record, Activity)]
    return {record.id.replace("19000000000000000", ""): record for record in found}


@pytest.mark.parametrize("layout", ["now", "of-2019", "grailbird"])
def test_golden(layout: str) -> None:
    check_fixture(FIXTURES / layout)


def test_whom_a_post_is_towards(acts: dict[str, Activity]) -> None:
    assert (acts["02"].kind, acts["02"].target) == ("comment", "x:8001")
    assert (acts["03"].kind, acts["03#8002"].kind) == ("comment", "mention")
    assert (acts["04"].kind, acts["04"].target) == ("mention", "x:8002"), "it answers no post"
    assert "05" not in acts, "an answer to oneself is a post"
    assert (acts["06"].kind, acts["06"].target) == ("share", "x:8001")
    assert acts["07"].target == "x:@gone_one", "only the handle is known"
    assert (acts["08"].kind, acts["08"].target) == ("quote", "x:@cy_writes")
    assert "09" not in acts, "quoting oneself moves nothing"


def test_posts_are_what_is_no_answer_and_no_share() -> None:
    posts = {r.object[-2:]: r for r in read_fixture(NOW) if isinstance(r, Post)}
    assert set(posts) == {"01", "04", "05", "08", "09", "10", "20"}
    assert posts["01"].text == "New cups & bowls are here #cups https://tearoom.example.com/new-cups"
    assert (posts["01"].media, posts["01"].tags) == ("album", ("cups",))
    assert posts["10"].text.endswith("for everybody who was there."), "the whole text is in note-tweet.js"


def test_what_was_deleted_is_ended(acts: dict[str, Activity]) -> None:
    undos = {r for r in read_fixture(NOW) if isinstance(r, Undo)}
    (undo,) = undos
    assert (undo.undoes, undo.blank) == (acts["30"].id, True)


def test_favourites_are_as_of_the_archive(acts: dict[str, Activity]) -> None:
    liked = acts["like:1890000000000000001"]
    assert (liked.at, liked.precise, liked.target) == (MADE, False, "")
    assert (time_in("1890000000000000001") or 0) < liked.at


def test_direct_messages_both_ways(acts: dict[str, Activity]) -> None:
    assert (acts["dm:101"].actor, acts["dm:101"].target) == ("x:8001", "x:7001")
    assert acts["dm:102"].text == "Yes, from <ten>"
    assert (acts["dm-reaction:103"].kind, acts["dm-reaction:103"].target) == ("like", "x:7001")


def test_in_a_group_only_who_is_named_is_meant(acts: dict[str, Activity]) -> None:
    assert acts["dm:203"].target == ""
    assert (acts["dm:202"].kind, acts["dm:202"].target) == ("mention", "x:7001")
    assert acts["dm:201"].target == "x:@bo_tea"


def test_lists_are_snapshots() -> None:
    lists = {(r.kind, r.direction): r for r in read_fixture(NOW) if isinstance(r, Snapshot)}
    assert {r.at for r in lists.values()} == {MADE}
    assert lists["follow", "inbound"].members == ("x:8001", "x:8002", "x:8003")
    assert set(lists) == {("follow", "inbound"), ("follow", "outbound"), ("block", "outbound")}


def test_coverage_says_what_is_not_there() -> None:
    shown = {(r.kind, r.direction) for r in read_fixture(NOW) if isinstance(r, Coverage)}
    assert ("message", "inbound") in shown
    assert not {("like", "inbound"), ("comment", "inbound"), ("share", "inbound")} & shown
    only = {(r.kind, r.direction) for r in read_fixture(FIXTURES / "grailbird") if isinstance(r, Coverage)}
    assert ("follow", "inbound") not in only, "Grailbird has no followers"


def test_handles_are_remembered() -> None:
    told = [r for r in read_fixture(NOW) if isinstance(r, Profile) and r.own]
    assert [r.handle for r in told] == ["tearoom", "tea_shop", "tearoom"]


def test_the_table_of_grailbird_tells_the_same(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "grailbird", tmp_path / "g")
    (tmp_path / "g/data/js/tweets/2013_11.js").unlink()

    def acts(folder: Path) -> set[tuple[object, ...]]:
        return {
            (r.id, r.kind, r.target, r.at, r.object) for r in read_fixture(folder) if isinstance(r, Activity)
        }

    assert acts(tmp_path / "g") == acts(FIXTURES / "grailbird")


def test_a_file_alone_does_not_say_whose_it_is() -> None:
    (problem,) = read_fixture(NOW / "data/tweets-part1.js")
    assert isinstance(problem, Problem)
    assert "account.js" in problem.reason


def test_cut_short(tmp_path: Path) -> None:
    shutil.copytree(NOW, tmp_path / "cut")
    path = tmp_path / "cut/data/tweets.js"
    whole = path.read_bytes()
    everything = {r for r in read_fixture(NOW) if isinstance(r, Activity)}
    for part in range(1, 20):
        path.write_bytes(whole[: len(whole) * part // 20])
        found = read_fixture(tmp_path / "cut")
        assert {r for r in found if isinstance(r, Activity)} <= everything
        assert any(isinstance(r, Problem) for r in found)


def test_large_files_stream(tmp_path: Path) -> None:
    shutil.copytree(NOW, tmp_path / "large")
    one = {"like": {"tweetId": "", "fullText": "x" * 10_000}}
    with (tmp_path / "large/data/like.js").open("wb") as out:
        out.write(b"window.YTD.like.part0 = [")
        for number in range(1_000):
            one["like"]["tweetId"] = str(1_500_000_000_000_000_000 + number)
            out.write((b"," if number else b"") + orjson.dumps(one))
        out.write(b"]")
    assert tally(read_fixture(tmp_path / "large"))["out like?"] == 1_000


def test_small_parts() -> None:
    assert by_number("-1") == by_number(None) == by_number("12a") == ""
    assert by_number(12) == "x:12"
    assert by_handle("@Ann_B") == "x:@ann_b"
    assert by_handle("no handle") == ""
    assert status("0") == ""
    assert time_in("20") is None
    assert moment("Sat Aug 12 16:10:37 +0000 2023") == moment("2023-08-12T16:10:37.000Z")
    assert moment("2013-11-12 10:00:00 +0000") == parse_iso("2013-11-12T10:00:00Z")
    assert moment("Sat Agu 12 16:10:37 +0000 2023") is None


def test_an_archive_made_by_others() -> None:
    records = read_fixture(shared("twitter") / "rust-utilities+twitter-archive/derived")
    counts = tally(records)
    assert {key: n for key, n in counts.items() if " " in key} == {
        "out mention": 1,
        "out like?": 1,
    }
    assert (counts["Undo"], counts["Snapshot"], counts["Post"]) == (2, 4, 1)
    damaged = {r.path for r in records if isinstance(r, Problem)}
    assert damaged == {"derived/block.js"}, "no JSON as it was published"


def test_every_single_file_made_by_others_is_recognised() -> None:
    folder = shared("twitter") / "rust-utilities+twitter-archive/derived"
    for path in sorted(folder.glob("*.js")):
        read_fixture(path)
