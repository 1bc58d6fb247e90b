"""Bluesky's repositories, Jetstream and answers: our own fixtures, and recordings made by others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.sources.car_files import tid
from tests.sources.shared_fixtures import shared, tally

from courtship.errors import UnknownFormat
from courtship.model import Activity, Coverage, Post, Problem, Profile, Record, Snapshot, Total, Undo
from courtship.platforms.bluesky import account, author, record, tid_time
from courtship.sources.car import Repository
from courtship.sources.walk import open_tree
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent / "fixtures"
REPO, LINES = FIXTURES / "bluesky/repo.car", FIXTURES / "bluesky/jetstream.jsonl"
API, LISTS = FIXTURES / "bluesky-api/answers.zip", FIXTURES / "bluesky-lists/answers.zip"
ME = "bluesky:did:plc:mirateahousemirateahouse"
ANN, BO = "bluesky:did:plc:annbellannbellannbellann", "bluesky:did:web:bo.example.com"


def acts(records: list[Record | Problem]) -> dict[str, Activity]:
    return {one.id: one for one in records if isinstance(one, Activity)}


@pytest.mark.parametrize("fixture", [REPO, LINES, API, LISTS], ids=lambda path: path.parent.name)
def test_golden(fixture: Path) -> None:
    check_fixture(fixture)


def test_a_repository_is_what_its_owner_did() -> None:
    records = read_fixture(REPO)
    counts = tally(records)
    assert {key: n for key, n in counts.items() if " " in key} == {
        "out follow": 1,
        "out block": 1,
        "out like": 2,
        "out share": 1,
        "out quote": 1,
        "out comment": 1,
        "out mention": 1,
    }
    assert all(one.end == parse_iso("2026-03-08T00:00:00Z") for one in records if isinstance(one, Coverage))
    assert len([one for one in records if isinstance(one, Problem)]) == 2


def test_one_post_towards_two_people() -> None:
    found = [one for one in acts(read_fixture(REPO)).values() if one.in_reply_to]
    assert {(one.kind, one.target) for one in found} == {("comment", ANN), ("mention", BO)}
    assert len({one.text for one in found}) == 1


def test_the_key_dates_an_act_and_the_earlier_time_a_post() -> None:
    key = tid(parse_iso("2026-03-06T10:00:00Z"), 9)
    value = {"text": "old", "createdAt": "2019-05-01T10:00:00Z"}
    mention = {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ann"}]}
    act, post = record(f"at://did:plc:me/app.bsky.feed.post/{key}", {**value, "facets": [mention]})
    assert isinstance(act, Activity)
    assert act.at == parse_iso("2026-03-06T10:00:00Z")
    assert isinstance(post, Post)
    assert post.at == parse_iso("2019-05-01T10:00:00Z")
    (like,) = record(
        "at://did:plc:me/app.bsky.feed.like/imported",
        {"subject": {"uri": "at://did:plc:ann/app.bsky.feed.post/x"}, "createdAt": "2024-05-01T10:00:00Z"},
    )
    assert isinstance(like, Activity)
    assert like.at == parse_iso("2024-05-01T10:00:00Z"), "a key that is no time"


def test_a_notification_and_jetstream_tell_the_same_of_the_same_act() -> None:
    there, here = acts(read_fixture(LINES)), acts(read_fixture(API))
    both = there.keys() & here.keys()
    assert len(both) == 5
    assert all(there[id] == here[id] for id in both)


def test_deletions_end_all_that_a_post_was() -> None:
    records = read_fixture(LINES)
    ended = {one.undoes: one for one in records if isinstance(one, Undo)}
    known = acts(records)
    assert sorted(known[id].kind for id in ended) == ["comment", "follow", "mention"]
    assert {known[id].kind for id, one in ended.items() if one.blank} == {"comment", "mention"}
    (ann,) = [one for one in records if isinstance(one, Profile)]
    assert (ann.account, ann.handle) == (ANN, "ann.example.com")


def test_answers_find_out_whose_they_are_and_keep_totals() -> None:
    records = read_fixture(API)
    assert {one.account for one in records if isinstance(one, Profile) and one.own} == {ME}
    counts = tally(records)
    assert {key: n for key, n in counts.items() if key.startswith("in ")} == {
        "in share": 1,
        "in comment": 2,
        "in follow": 1,
        "in like": 1,
        "in quote": 1,
        "in mention": 1,
    }
    assert {(one.kind, one.amount) for one in records if isinstance(one, Total)} == {
        ("like", 14),
        ("share", 1),
        ("comment", 2),
    }


def test_a_list_is_whole_only_with_all_of_its_pages(tmp_path: Path) -> None:
    (whole,) = [one for one in read_fixture(LISTS) if isinstance(one, Snapshot)]
    assert (whole.account, whole.direction, len(whole.members), whole.complete) == (ME, "inbound", 3, True)
    with open_tree(LISTS) as tree:
        (pages,) = [entry.open().read() for entry in tree.entries if entry.name == "followers.jsonl"]
    first, last = pages.decode().splitlines()
    for name, lines in {
        "last": [last],
        "first": [first],
        "no end": [first, first],
        "damaged": [first, '{"followers":', last],
        "two ends": [last, last],
    }.items():
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(lines))
        (part,) = [one for one in read_fixture(path) if isinstance(one, Snapshot)]
        assert not part.complete, name


def test_every_damaged_byte_of_a_repository_is_found(tmp_path: Path) -> None:
    data = REPO.read_bytes()
    known = {repr(one) for one in read_fixture(REPO)}
    for place in range(100, len(data), 97):
        path = tmp_path / "repo.car"
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :])
        found = read_fixture(path)
        assert [one for one in found if isinstance(one, Problem) and "damaged" in one.reason], place
        assert {repr(one) for one in found if isinstance(one, Activity)} <= known, place


@pytest.mark.parametrize(
    ("did", "fits"),
    [("did:plc:abc", True), ("did:web:a.example.com", True), ("did:plc:", False), ("ann", False), (1, False)],
)
def test_accounts(did: Any, fits: bool) -> None:
    assert bool(account(did)) is fits


def test_small_parts() -> None:
    assert author("at://did:plc:abc/app.bsky.feed.post/3k2yihcrp6f2c") == "bluesky:did:plc:abc"
    assert author("at://ann.example.com/app.bsky.feed.post/3k2yihcrp6f2c") == ""
    assert tid_time("3k5u7c7j7a52v") == pytest.approx(parse_iso("2023-08-26T10:56:31Z"), abs=1_000_000)
    assert tid_time("self") is None
    assert tid_time("zzzzzzzzzzzzz") is None


# ---------------------------------------------------------------- made by others


def test_did_and_key_syntax_as_bluesky_tests_it() -> None:
    syntax = shared("bluesky") / "bluesky-social+atproto/interop-test-files/syntax"

    def lines(name: str) -> list[str]:
        words = (syntax / name).read_text().splitlines()
        return [line for line in words if line and not line.startswith("#")]

    assert [line for line in lines("did_syntax_valid.txt") if not account(line)] == []
    assert [line for line in lines("did_syntax_invalid.txt") if account(line)] == []
    assert [line for line in lines("tid_syntax_invalid.txt") if tid_time(line) is not None] == []


def test_a_repository_recorded_by_others() -> None:
    folder = shared("bluesky") / "bluesky-social+jetstream/internal/corpus/testdata"
    rows = (folder / "car_expected_records.tsv").read_text().splitlines()
    expected = {row.split("\t")[0] for row in rows}
    with open_tree(folder / "repo.car") as tree:
        repository = Repository(tree.entries[0])
        assert {item[0] for item in repository.records() if not isinstance(item, Problem)} == expected
    counts = tally(read_fixture(folder / "repo.car"))
    assert counts.pop("Coverage") == 7
    assert counts == REPOSITORY_BY_OTHERS


REPOSITORY_BY_OTHERS = {
    "Profile": 2,
    "out like": 10,
    "out share": 3,
    "Post": 6,
    "out mention": 2,
    "out follow": 3,
}


def test_jetstream_recorded_by_others() -> None:
    path = shared("bluesky") / "bluesky-social+jetstream/derived/golden_v1.likes_reposts_follows.jsonl"
    counts = tally(read_fixture(path))
    assert {key: n for key, n in counts.items() if key != "Coverage"} == {
        "other like": 1,
        "other share": 1,
        "other follow": 1,
        "other block": 1,
    }


def unmasked(value: Any) -> Any:
    """A server's answer as its tests keep it (``user(0)``, ``record(1)``), with ids put back."""
    if isinstance(value, dict):
        found = {key: unmasked(inner) for key, inner in value.items()}
        view = found.get("author")
        if isinstance(view, dict) and isinstance(found.get("uri"), str):
            sort = found.get("record", {}).get("$type", "app.bsky.feed.post")
            if "#" in sort:
                sort = "app.bsky.graph.verification"  # its record is gone, and only such are told of then
            found["uri"] = f"at://{view['did']}/{sort}/{found['uri'].rpartition('/')[2]}"
        return found
    if isinstance(value, list):
        return [unmasked(inner) for inner in value]
    if isinstance(value, str):
        value = re.sub(r"^user\((\d+)\)$", r"did:plc:user\1", value)
        value = re.sub(r"^record\((\d+)\)$", r"at://did:plc:owner/app.bsky.feed.post/record\1", value)
        return re.sub(r"^1970-01-01T00:00:00.*$", "2026-01-01T00:00:00.000Z", value)
    return value


def snapshots(name: str) -> dict[str, Any]:
    """The answers in one of Bluesky's files of expected answers, by their titles."""
    folder = shared("bluesky") / "bluesky-social+atproto/packages/bsky/tests/views/__snapshots__"
    text = (folder / name).read_text()
    found: dict[str, Any] = {}
    for title, body in re.findall(r"^exports\[`(.*?)`\] = `\n(.*?)\n`;$", text, re.DOTALL | re.MULTILINE):
        body = re.sub(r",(\s*[}\]])", r"\1", body.replace("\\\\", "\\"))
        found[title] = unmasked(json.loads(body))
    return found


def test_notifications_of_bluesky_s_own_tests(tmp_path: Path) -> None:
    counted: dict[str, int] = {}
    for title, answer in snapshots("notifications.test.ts.snap").items():
        items = answer["notifications"] if isinstance(answer, dict) else answer
        if not items or "reason" not in items[0]:
            continue
        path = tmp_path / "answer.json"
        path.write_text(json.dumps({"notifications": items}))
        for one in read_fixture(path):
            if isinstance(one, Problem):
                raise AssertionError((title, one))
            if isinstance(one, Activity):
                counted[one.kind] = counted.get(one.kind, 0) + 1
    assert counted == NOTIFIED


NOTIFIED = {"like": 27, "share": 13, "follow": 9, "comment": 9, "quote": 5, "mention": 4}


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [("likes", ""), ("reposts", "repostedBy"), ("follows", ""), ("quotes", ""), ("thread", "thread")],
)
def test_other_answers_of_bluesky_s_own_tests(name: str, wrapped: str, tmp_path: Path) -> None:
    counted: dict[str, int] = {}
    for answer in snapshots(f"{name}.test.ts.snap").values():
        post = "at://did:plc:owner/app.bsky.feed.post/x"
        value = {"uri": post, wrapped: answer} if wrapped else {"uri": post, **answer}
        path = tmp_path / "answer.json"
        path.write_text(json.dumps(value))
        try:
            records = read_fixture(path)
        except UnknownFormat:
            counted["unknown"] = counted.get("unknown", 0) + 1
            continue
        for key, n in tally(records).items():
            counted[key] = counted.get(key, 0) + n
    assert counted == ANSWERED[name]


ANSWERED = {
    "likes": {"Profile": 5, "other like": 5, "Coverage": 2},
    "reposts": {"Profile": 6, "other share": 6, "Coverage": 2},
    "follows": {"Profile": 34, "Snapshot": 10, "Coverage": 10, "unknown": 1},
    "quotes": {"Profile": 3, "Post": 3, "other quote": 3, "other comment": 1, "Coverage": 6},
    "thread": {"Profile": 25, "Post": 10, "Total": 21, "other comment": 19, "Coverage": 31},
}
"""``unknown``: the answer of getRelationships, which lists nobody's acts."""


def test_follows_recorded_by_others() -> None:
    path = shared("bluesky") / "MarshalX+atproto/tests/test_atproto_client/models/test_data/get_follows.json"
    (listed,) = [one for one in read_fixture(path) if isinstance(one, Snapshot)]
    assert (listed.direction, listed.complete) == ("outbound", False)
    assert len(listed.members) == len(json.loads(path.read_text())["follows"])


def test_a_thread_recorded_by_others() -> None:
    folder = shared("bluesky") / "MarshalX+atproto/tests/test_atproto_client/models/test_data"
    counts = tally(read_fixture(folder / "thread_view_post_with_embed_media.json"))
    assert counts["Post"] == 1
    assert "Problem" not in counts
