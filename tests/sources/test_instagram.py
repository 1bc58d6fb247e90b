"""Instagram exports of three ages against their golden files, and those made by others by their counts."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import orjson
import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Coverage, Post, Problem, Profile, Snapshot
from courtship.platforms import meta
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent / "fixtures/instagram"
NOW = FIXTURES / "instagram-tearoom-2026-05-04-AbC1dEf2"
T = 1772442000
ME, ANN, BO = "instagram:tearoom", "instagram:ann.bell", "instagram:bo_tea"


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    return {record.id: record for record in read_fixture(NOW) if isinstance(record, Activity)}


@pytest.mark.parametrize("layout", [path.name for path in sorted(FIXTURES.iterdir()) if path.is_dir()])
def test_golden(layout: str) -> None:
    check_fixture(FIXTURES / layout)


def test_followers_and_since_when(acts: dict[str, Activity]) -> None:
    follow = acts[f"follower:ann.bell:{T}"]
    assert (follow.actor, follow.target, follow.at, follow.precise) == (ANN, ME, T * 1_000_000, True)
    gone = acts[f"unfollowed:old.friend:{T + 300}"]
    assert (gone.ended, gone.precise) == (gone.at, False), "it never stands, but the two have met"
    assert acts[f"following:ann.bell:{T + 100}"].target == ANN, "the name is in the title since 2025"
    lists = [r for r in read_fixture(NOW) if isinstance(r, Snapshot)]
    (listed,) = [one for one in lists if (one.account, one.direction) == (ME, "inbound")]
    assert dict(zip(listed.members, listed.acts, strict=True))["instagram:cy.writes"] == "", "without a date"
    assert (listed.at, listed.complete) == (parse_iso("2026-05-05T00:00:00Z"), False)


def test_likes_in_either_dialect(acts: dict[str, Activity]) -> None:
    assert acts[f"like:{T + 500}:AbC_1"].target == ANN, "by the profile's address"
    assert acts[f"like:{T + 501}:bo_tea"].target == BO, "by the label"
    assert acts[f"like:{T + 502}:"].target == "", "nothing says whose it was"
    assert acts[f"like_comment:{T + 510}:XyZ9"].target == BO


def test_old_and_new_dialect_tell_of_one_like(tmp_path: Path) -> None:
    new = {r.id: r for r in read_fixture(NOW) if isinstance(r, Activity)}[f"like:{T + 500}:AbC_1"]
    shutil.copytree(NOW, tmp_path / NOW.name)
    old = {
        "title": "ann.bell",
        "string_list_data": [
            {
                "href": "https://www.instagram.com/p/AbC_1/",
                "value": "\u00f0\u009f\u0091\u008d",
                "timestamp": T + 500,
            }
        ],
    }
    likes = tmp_path / NOW.name / "your_instagram_activity/likes/liked_posts.json"
    likes.write_bytes(orjson.dumps({"likes_media_likes": [old]}))
    assert new in read_fixture(tmp_path / NOW.name)


def test_comments_in_any_language(acts: dict[str, Activity]) -> None:
    dutch = acts[f"comment:{T + 600}:ann.bell"]
    assert (dutch.text, dutch.target) == ("Prachtig! 😍", ANN)
    unknown = acts[f"comment:{T + 630}:cy.writes"]
    assert unknown.text == "See you soon, all of you", "one of the two cannot be a user name"
    assert acts[f"comment:{T + 640}:"].target == "", "both could be one: never a guess"


def test_answers_in_the_own_thread_are_towards_whom_they_name(acts: dict[str, Activity]) -> None:
    answer = acts[f"comment:{T + 610}:tearoom"]
    assert (answer.kind, answer.target) == ("mention", BO)
    assert acts[f"comment:{T + 620}:ann.bell#dee"].kind == "mention"


def test_stories(acts: dict[str, Activity]) -> None:
    assert (acts[f"polls:{T + 710}:bo_tea"].kind, acts[f"polls:{T + 710}:bo_tea"].text) == ("vote", "Green")
    assert acts[f"quizzes:{T + 720}:bo_tea"].kind == "vote"
    assert acts[f"questions:{T + 730}:dee"].kind == "comment"
    assert acts[f"story_likes:{T + 700}:ann.bell"].kind == "like"
    assert acts[f"emoji_sliders:{T + 740}:dee"].kind == "like"


def test_direct_messages(acts: dict[str, Activity]) -> None:
    ann = "instagram:dm/1111111111111111"
    messages = [a for a in acts.values() if a.object and a.object.startswith("dm:1111")]
    assert {(m.actor, m.target) for m in messages} == {(ann, ME), (ME, ann)}
    assert "Ja, tot 18 uur – graag!" in {m.text for m in messages}
    assert "taken back" not in {m.text for m in messages}
    hearts = [a for a in acts.values() if a.id.startswith("dm-reaction:1111")]
    assert [(a.actor, a.text) for a in hearts] == [(ann, "❤")], "told once, though the export writes it twice"
    (thumb,) = [a for a in acts.values() if a.id.startswith("dm-reaction:2222")]
    assert thumb.kind == "like", "older exports write it as a message only"


def test_in_a_group_nobody_is_told_apart(acts: dict[str, Activity]) -> None:
    group = [a for a in acts.values() if ":3333333333333333:" in a.id]
    assert {(a.actor, a.kind, a.target) for a in group} == {
        (ME, "message", ""),
        (ME, "mention", "instagram:dee"),
    }


def test_posts() -> None:
    posts = {r.object.partition(":tearoom/")[2]: r for r in read_fixture(NOW) if isinstance(r, Post)}
    assert posts[f"post/{T}"].text == "New cups ☕ #cups #Tee"
    assert posts[f"post/{T}"].tags == ("cups", "Tee")
    assert posts[f"post/{T + 11}"].media == "album"
    assert posts[f"video/{T + 20}"].media == "video"
    assert posts[f"story/{T + 30}"].media == "story"


def test_owner_and_coverage() -> None:
    records = read_fixture(NOW)
    own = {r.account: r for r in records if isinstance(r, Profile) and r.own}
    assert set(own) == {ME, "threads:tearoom"}
    assert (own[ME].name, own[ME].email) == ("The Tea Room ☕", "tea@example.com")
    shown = {(r.account, r.kind, r.direction) for r in records if isinstance(r, Coverage)}
    assert (ME, "message", "inbound") in shown
    assert not any(kind in {"like", "comment", "share"} and way == "inbound" for _, kind, way in shown)


def test_owner_by_the_name_of_the_zip_and_by_all_talks() -> None:
    records = read_fixture(FIXTURES / "tearoom_20220926")
    assert [r.account for r in records if isinstance(r, Profile) and r.own] == [ME]
    assert tally(records)["in message"] == 2


def test_whose_it_is_must_be_said(tmp_path: Path) -> None:
    shutil.copytree(NOW, tmp_path / "export")
    shutil.rmtree(tmp_path / "export/personal_information")
    (problem,) = read_fixture(tmp_path / "export")
    assert isinstance(problem, Problem)
    assert "whose it is" in problem.reason


def test_zipped_one_folder_deeper(tmp_path: Path) -> None:
    path = tmp_path / f"{NOW.name}.zip"
    with zipfile.ZipFile(path, "w") as pack:
        for file in sorted(NOW.rglob("*.json")):
            pack.write(file, f"deeper/{file.relative_to(NOW)}")
    assert tally(read_fixture(path)) == tally(read_fixture(NOW))


def test_web_pages_get_advice(tmp_path: Path) -> None:
    page = tmp_path / "instagram-x-2026-01-01-a/connections/followers_and_following/followers_1.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html><body>ann</body></html>")
    (problem,) = read_fixture(tmp_path / "instagram-x-2026-01-01-a")
    assert isinstance(problem, Problem)
    assert "JSON" in problem.reason


def test_repair_is_done_once_and_only_where_needed() -> None:
    damaged = {
        "K\u00c3\u00a4se": ["T\u00c5\u0091ke", "\u00f0\u009f\u0091\u008d", "é alone", "plain", "👍 well", 3]
    }
    mended = meta.mended(damaged)
    assert mended == {"Käse": ["Tőke", "👍", "é alone", "plain", "👍 well", 3]}
    assert meta.mended(mended) == mended


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("https://www.instagram.com/Ann.Bell/", "ann.bell"),
        ("https://www.instagram.com/_u/ann.bell", "ann.bell"),
        ("https://www.threads.net/@ann.bell", "ann.bell"),
        ("https://www.instagram.com/p/AbC/", ""),
        ("https://www.instagram.com/explore/", ""),
        ("https://elsewhere.example/ann", ""),
    ],
)
def test_profiles_addresses(address: str, who: str) -> None:
    assert meta.handle_at(address) == who


THEIRS = {
    "what-if-horizon+what-if-data-donation/pytests/public_testfiles/IG_public_test_file.zip": {
        "in follow": 3,
        "out follow": 3,
        "out like": 3,
        "out comment": 1,
        "out comment?": 1,
        "Problem": 10,
        "Post": 5,
        "Profile": 1,
        "Snapshot": 2,
    },
    "eyra+mono/core/test/smoke/testfiles/instagram_smoke.zip": {"Problem": 1},
    "d3i-infra+ddp-inspector/ddpinspect/tests/data/instagram/instagram_2022_09_26.zip": {"Problem": 2},
    "d3i-infra+ddp-inspector/ddpinspect/tests/data/instagram/instagram_html_2022_09_26.zip": {"Problem": 1},
}
"""The first has dates cut to eight digits (undated follows; other acts become problems), and does not name
the owner in any talk; the second does not say whose it is; the third is files of no bytes."""


@pytest.mark.parametrize("name", THEIRS)
def test_exports_made_by_others(name: str) -> None:
    counts = tally(read_fixture(shared("instagram") / name))
    counts.pop("Coverage", None)
    assert counts == THEIRS[name]


def test_the_skeleton_made_by_others_once_it_says_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "instagram-unity.drew-2026-07-01-x.zip"
    shutil.copy(shared("instagram") / "eyra+mono/core/test/smoke/testfiles/instagram_smoke.zip", path)
    counts = tally(read_fixture(path))
    assert {key: n for key, n in counts.items() if " " in key} == {
        "out like?": 10,
        "out comment?": 5,
        "in message": 6,
        "out message": 4,
    }
    assert (counts["Post"], counts["Snapshot"]) == (9, 2)
