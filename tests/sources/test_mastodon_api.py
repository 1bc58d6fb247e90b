"""Mastodon's answers: our own recording against its golden file, those made by others by their counts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.errors import UnknownFormat
from courtship.model import Activity, Coverage, Problem, Profile, Snapshot, Total
from courtship.platforms.mastodon_api import who
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURE = Path(__file__).parent / "fixtures/mastodon-api/recorded.jsonl"
ME, ANN = "mastodon:tearoom@social.example", "mastodon:ann@social.example"
BO, CY = "mastodon:bo@other.example", "mastodon:cy@social.example"


@pytest.fixture(scope="module")
def acts() -> list[Activity]:
    return [record for record in read_fixture(FIXTURE) if isinstance(record, Activity)]


def test_golden() -> None:
    check_fixture(FIXTURE)


def test_what_others_did(acts: list[Activity]) -> None:
    inbound = Counter((act.kind, act.actor) for act in acts if act.target == ME)
    assert inbound == {
        ("like", ANN): 1,
        ("like", CY): 2,
        ("like", BO): 1,
        ("share", BO): 1,
        ("share", ANN): 1,
        ("comment", ANN): 1,
        ("mention", ANN): 1,
        ("follow", BO): 1,
        ("message", CY): 1,
        ("quote", BO): 1,
    }


def test_a_favourite_told_twice_is_one_act_with_its_date(acts: list[Activity]) -> None:
    (like,) = [act for act in acts if act.kind == "like" and act.actor == ANN]
    assert (like.at, like.precise) == (parse_iso("2026-04-01T09:30:00Z"), True)


def test_an_answer_to_an_answer_is_towards_its_writer(acts: list[Activity]) -> None:
    there = {(act.actor, act.target) for act in acts if act.kind == "comment"}
    assert there == {(ANN, ME), (ME, ANN), (BO, ANN)}


def test_groups_tell_of_their_samples_and_count_the_rest() -> None:
    records = read_fixture(FIXTURE)
    (total,) = [one for one in records if isinstance(one, Total) and one.object.endswith("/110")]
    assert (total.kind, total.amount) == ("like", 5)
    grouped = [one for one in records if isinstance(one, Activity) and (one.object or "").endswith("/110")]
    assert Counter((one.kind, one.precise) for one in grouped) == {("like", False): 2, ("share", True): 1}


def test_a_list_with_all_its_pages_is_whole(tmp_path: Path) -> None:
    (whole,) = [one for one in read_fixture(FIXTURE) if isinstance(one, Snapshot)]
    assert (whole.members, whole.complete) == ((ANN, BO, CY), True)
    lines = FIXTURE.read_text().splitlines()
    first, last, owner = lines[4], lines[5], lines[1]
    for name, some in {
        "first": [first],
        "last": [last],
        "twice": [last, first],
        "damaged": [first, last[:40], last],
    }.items():
        (tmp_path / name).write_text("\n".join([owner, *some]))
        (part,) = [one for one in read_fixture(tmp_path / name) if isinstance(one, Snapshot)]
        assert not part.complete, name


def test_without_credentials_the_owner_is_whom_all_react_to(tmp_path: Path) -> None:
    notes = json.loads(FIXTURE.read_text().splitlines()[2])["answer"]
    (tmp_path / "notifications.json").write_text(json.dumps(notes, indent=1))
    records = read_fixture(tmp_path / "notifications.json")
    assert {one.account for one in records if isinstance(one, Profile) and one.own} == {ME}
    (follow,) = [one for one in records if isinstance(one, Activity) and one.kind == "follow"]
    assert follow.target == ME
    assert {one.seen for one in records if isinstance(one, Coverage)} == {"some"}
    alone = [note for note in notes if note["type"] == "follow"]
    (tmp_path / "follows.json").write_text(json.dumps(alone))
    records = read_fixture(tmp_path / "follows.json")
    assert not [one for one in records if isinstance(one, Activity)], "of whom is not said"
    (problem,) = [one for one in records if isinstance(one, Problem)]
    assert "verify_credentials" in problem.reason


def test_accounts_of_the_own_server_get_its_host() -> None:
    assert who({"acct": "Ann", "url": "https://social.example/@Ann"}) == ANN
    assert who({"acct": "bo@other.example", "url": "https://web.other.example/@bo"}) == BO
    assert who({"acct": "ann"}) == ""
    assert who("ann") == ""


# ---------------------------------------------------------------- made by others


def answers_of(cassette: Path) -> Iterator[dict[str, Any]]:
    """The answers in a recording of VCR (YAML), as far as they are JSON; streams are not."""
    text = cassette.read_text()
    for said in text.split("\n- request:\n"):
        found = re.search(r"uri: (\S+)\n  response:\n    body:\n      string: '((?:[^']|'')*)'", said)
        if found is None or not found[2].startswith(("{", "[")):
            continue
        body = re.sub(r"\n(\n*)\s*", lambda fold: fold[1] or " ", found[2]).replace("''", "'")
        link = re.search(r"\n      link:\n      - (.*?)\n      [a-z]", said, re.DOTALL)
        yield {
            "url": found[1],
            "at": "2026-08-02T00:00:00Z",
            "link": link[1] if link else "",
            "answer": json.loads(body),
        }


def test_the_recordings_of_a_client_library(tmp_path: Path) -> None:
    folder = shared("mastodon") / "halcy+Mastodon.py/tests/cassettes"
    counts: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    nothing = []
    for cassette in sorted(folder.glob("*.yaml")):
        path = tmp_path / f"{cassette.stem}.jsonl"
        path.write_text("\n".join(json.dumps(answer) for answer in answers_of(cassette)))
        try:
            records = read_fixture(path)
        except UnknownFormat:
            nothing.append(cassette.stem)
            continue
        counts.update(tally(records))
        problems.update(one.reason for one in records if isinstance(one, Problem))
    assert nothing == NOTHING
    assert counts == COUNTED
    assert problems == PROBLEMS


NOTHING = ["test_blocks", "test_favourites", "test_instance", "test_mutes", "test_notifications_policy"]
COUNTED = {
    "Profile": 45,
    "Snapshot": 2,
    "Coverage": 9,
    "in message": 1,
    "other message": 3,
    "Problem": 3,
    "Post": 27,
    "Total": 10,
    "other like": 2,
    "own message": 5,
    "other mention": 5,
    "other share": 3,
    "out comment": 1,
    "out message": 1,
    "out mention": 1,
}
PROBLEMS = {"a list of accounts does not say whose it is; record its url beside it": 3}
"""``NOTHING``: empty lists, and answers about the server itself."""
