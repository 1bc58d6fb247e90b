"""Facebook exports: two layouts against their golden files, and what must never go wrong with names."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.sources.shared_fixtures import shared, tally

from courtship.model import Activity, Coverage, Decision, Origin, Post, Problem, Profile, Total, Undo
from courtship.platforms.facebook import account, listed
from courtship.platforms.facebook_titles import about
from courtship.sources import registry
from courtship.sources.walk import open_tree
from courtship.testing import check_fixture, read_fixture

FIXTURES = Path(__file__).parent / "fixtures/facebook"
NEW, OLD = FIXTURES / "facebook-miraholt-2026-05-04-AbC1dEf2", FIXTURES / "facebook-miraholt-2019-03-01"
ME, ANN, BO = "facebook:name/mira holt", "facebook:name/ann bell", "facebook:name/bo lee"


@pytest.fixture(scope="module")
def acts() -> dict[str, Activity]:
    return {record.id: record for record in read_fixture(NEW) if isinstance(record, Activity)}


@pytest.mark.parametrize("fixture", [NEW, OLD], ids=lambda path: path.name)
def test_golden(fixture: Path) -> None:
    check_fixture(fixture)


def test_friends_again_are_not_ended_by_the_end_before(acts: dict[str, Activity]) -> None:
    ends = {record.undoes for record in read_fixture(NEW) if isinstance(record, Undo)}
    assert {"friend:ann bell:in", "friend:cy dorn:out"} <= ends
    again = [a for a in acts.values() if a.kind == "follow" and a.actor == ANN]
    assert [a.id in ends for a in again] == [False]


def test_a_name_of_two_friends_is_nobody_s(acts: dict[str, Activity]) -> None:
    everybody = {a.actor for a in acts.values()} | {a.target for a in acts.values()}
    assert "facebook:name/sam twin" not in everybody
    talks = {a.actor for a in acts.values() if a.text and "Sam" in a.text}
    assert talks == {"facebook:thread/10333", "facebook:thread/10444"}
    assert "facebook:thread/10666" in everybody, "whoever has left is not all who have left"


def test_both_files_of_reactions_are_one_act(acts: dict[str, Activity]) -> None:
    likes = [a for a in acts.values() if a.kind == "like" and a.actor == ME and a.target == ANN]
    assert [a.object for a in likes] == ["https://www.facebook.com/ann/posts/1", None]
    toke = [a for a in acts.values() if a.kind == "like" and a.target == "facebook:name/tőke hal"]
    assert len(toke) == 1, "the title is in a language not known, but the newer file has the name"


def test_comments_of_two_files_are_one(acts: dict[str, Activity]) -> None:
    assert len([a for a in acts.values() if a.text == "Green for me"]) == 1
    assert {a.target for a in acts.values() if a.text == "Black"} == {""}, "a post in a group is nobody's"
    assert {a.target for a in acts.values() if a.text == "More to come"} == {ME}


def test_messages(acts: dict[str, Activity]) -> None:
    told = {(a.text, a.actor, a.target) for a in acts.values() if a.id.startswith("message:10111")}
    assert told == {("Yes, of course", ME, ANN), ("Do you deliver?", ANN, ME), ("❤", ANN, ME)}
    assert {a.target for a in acts.values() if a.id.startswith("message:10555")} == {""}, "to several"
    (reaction,) = [a for a in acts.values() if a.text == "😍"]
    assert (reaction.kind, reaction.precise) == ("like", True), "told of by a line and on the message: one"


def test_owner_posts_and_coverage() -> None:
    records = read_fixture(NEW)
    (own,) = [r for r in records if isinstance(r, Profile) and r.own]
    assert (own.account, own.email, own.handle) == (ME, "mira@tearoom.example.com", "mira.holt")
    assert [r.media for r in records if isinstance(r, Post)] == ["text", "image", "link", "link"]
    shown = {(r.kind, r.direction): r.seen for r in records if isinstance(r, Coverage)}
    assert shown["follow", "inbound"] == "full"
    assert shown["comment", "outbound"] == "some"
    assert shown["share", "inbound"] == "some"
    assert ("vote", "inbound") not in shown
    since = {r.kind: r.start for r in records if isinstance(r, Coverage) and r.direction == "inbound"}
    assert since["comment"] == 1770004800_000000, "as far back as notifications reach"


def test_counts() -> None:
    assert {key: n for key, n in tally(read_fixture(OLD)).items() if " " in key} == {
        "in follow": 3,
        "out follow": 3,
        "out like": 2,
        "out comment": 1,
        "in message": 1,
    }


def test_names_of_a_damaged_list_of_friends_are_nobody_s(tmp_path: Path) -> None:
    shutil.copytree(NEW, tmp_path / NEW.name)
    friends = tmp_path / NEW.name / "connections/friends/your_friends.json"
    friends.write_bytes(friends.read_bytes()[:250])
    records = read_fixture(tmp_path / NEW.name)
    assert {r.target for r in records if isinstance(r, Activity)} == {"", ME}
    assert any("list of friends" in r.reason for r in records if isinstance(r, Problem))


def test_notifications_tell_what_others_did(acts: dict[str, Activity]) -> None:
    told = [a for a in acts.values() if a.id.startswith("notification:")]
    assert {a.target for a in told} == {ME}
    post = "https://www.facebook.com/mira.holt/posts/77"
    by = {(a.kind, a.actor.partition("/")[2]): a for a in told if a.object == post}
    assert set(by) == {
        ("comment", "ann bell"),
        ("like", "ann bell"),
        ("share", "tőke hal"),
        ("comment", "bo lee"),
    }
    assert by["like", "ann bell"].at == 1770004800_000000, "told of twice: as the earlier tells it"
    photo = {a.actor: a.precise for a in told if (a.object or "").endswith("fbid=78")}
    assert photo == {BO: True, ANN: False}, "the time is that of the one named first"
    assert len([a for a in told if a.kind == "follow"]) == 1


def test_others_without_names_are_a_total() -> None:
    (total,) = [r for r in read_fixture(NEW) if isinstance(r, Total)]
    assert (total.kind, total.amount, total.object) == (
        "like",
        4,
        "https://www.facebook.com/mira.holt/posts/77",
    )


def test_unknown_notifications_are_listed_and_never_guessed() -> None:
    reasons = [r.reason for r in read_fixture(NEW) if isinstance(r, Problem) and "notifications" in r.path]
    assert any("blorted" in reason for reason in reasons)
    assert any("Salt and Pepper" in reason for reason in reasons)
    assert any("several people" in reason for reason in reasons), "Sam Twin is two"


def test_many_unknown_notifications_are_counted(tmp_path: Path) -> None:
    shutil.copytree(NEW, tmp_path / NEW.name)
    rows = [
        {"timestamp": 1770000000 + n, "text": f"Ann {n} blorted your hat.", "href": ""} for n in range(50)
    ]
    file = tmp_path / NEW.name / "logged_information/notifications/notifications.json"
    file.write_text(json.dumps({"notifications_v2": rows}))
    reasons = [
        r.reason
        for r in read_fixture(tmp_path / NEW.name)
        if isinstance(r, Problem) and "notifications" in r.path
    ]
    assert len(reasons) == 21
    assert "29 more items" in reasons[-1]


def test_web_pages_are_refused_with_advice(tmp_path: Path) -> None:
    page = tmp_path / "connections/friends/your_friends.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html><title>Your friends - Facebook</title></html>")
    (problem,) = read_fixture(tmp_path)
    assert isinstance(problem, Problem)
    assert "JSON" in problem.reason


@pytest.mark.parametrize("apostrophe", ["'", "’", "_", "\u00e2\u0080\u0099"])
def test_apostrophes_in_file_names(tmp_path: Path, apostrophe: str) -> None:
    folder = tmp_path / "connections/followers"
    shutil.copytree(NEW / "personal_information", tmp_path / "personal_information")
    folder.mkdir(parents=True)
    (folder / f"who_you{apostrophe}ve_followed.json").write_text(
        json.dumps({"following_v3": [{"name": "Mo Nash", "timestamp": 1770000900}]})
    )
    assert tally(read_fixture(tmp_path))["out follow"] == 1


def test_the_name_in_the_acts_serves_where_the_profile_is_missing(tmp_path: Path) -> None:
    shutil.copytree(NEW, tmp_path / NEW.name)
    shutil.rmtree(tmp_path / NEW.name / "personal_information")
    wanted = {r for r in read_fixture(NEW) if isinstance(r, Activity)}
    assert {r for r in read_fixture(tmp_path / NEW.name) if isinstance(r, Activity)} == wanted


@pytest.mark.parametrize(
    ("act", "title", "name"),
    [
        ("react", "Mira Holt likes Ann Bell's post.", "Ann Bell"),
        ("react", "Mira Holt likes James' photo.", "James"),
        ("comment", "Mira Holt replied to Ann Bell’s comment on Bo's post.", "Ann Bell"),
        ("react", "Mira Holt gefällt Ann Bells Beitrag.", "Ann Bell"),
        ("react", "Mira Holt gefällt Bo Lees Beitrag.", ""),
        ("comment", "Mira Holt heeft gereageerd op het bericht van Ann Bell.", "Ann Bell"),
        ("comment", "Mira Holt heeft gereageerd op het bericht van Eve in Tea Lovers.", ""),
        ("react", "A Mira Holt le gusta la publicación de Ann Bell.", "Ann Bell"),
        ("comment", "Mira Holt a commenté la publication d’Ann Bell.", "Ann Bell"),
        ("react", "Mira Holt likes Ann's Tea House's post.", ""),
        ("react", "Mira Holt likes a post.", ""),
        ("comment", "Mira Holt commented on his post.", ""),
        ("wall", "Mira Holt wrote on Bo Lee's timeline.", "Bo Lee"),
    ],
)
def test_whose_thing_a_title_names(act: str, title: str, name: str) -> None:
    assert about(act, title, "Mira Holt", {"ann bell"}).name == name


def test_names() -> None:
    assert account("  Ann   BELL ") == ANN
    assert account("Facebook User") == account("") == ""
    assert listed({"name": "Facebook user", "timestamp": 1770000000}).name == ""


LISTS = frozenset(
    ("data", "attachments", "options", "label_values", "participants", "messages", "vec", "dict", "media")
)


def skeleton(rows: list[tuple[list[str], str]]) -> object:
    """A document with the keys that real exports have: ``rows`` are paths of keys and types of values."""
    document: dict[str, Any] = {}
    for keys, kind in rows:
        place = document
        for key in keys[:-1]:
            inside = place.setdefault(key, [{}] if key in LISTS or re.search(r"_v\d$", key) else {})
            inside = inside[0] if isinstance(inside, list) and inside else inside
            if not isinstance(inside, dict):
                break
            place = inside
        else:
            number = 1770000000000 if keys[-1] == "timestamp_ms" else 1770000000
            value = {"number": number, "boolean": True, "array": []}.get(kind, "Ann Bell")
            place.setdefault(keys[-1], value)
    return document if any(re.search(r"_v\d$", key) or key == "messages" for key in document) else [document]


def test_files_with_the_keys_of_real_exports(tmp_path: Path) -> None:
    table = shared("facebook") / "what-if-horizon+what-if-data-donation/derived/FB_structure.tsv"
    files: dict[str, list[tuple[list[str], str]]] = {}
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream, delimiter="\t"):
            if len(row) >= 3 and row[0].endswith(".json") and row[1].startswith("["):
                files.setdefault(row[0].replace("$USERNAME", "annbell_1"), []).append(
                    (json.loads(row[1]), row[2])
                )
    for name, rows in files.items():
        if name.endswith(".json") and not name.startswith(("/", "..")):
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(skeleton(rows)))
    shutil.copytree(NEW / "personal_information/profile_information", tmp_path / "profile_information")
    with open_tree(tmp_path) as tree:
        claims = {claim.source.name: claim for claim in registry.claims(tree, now=1)}
        claim = claims["facebook"]
        assert len(claim.entries) == 42
        records = [one for one in claim.source.read(claim) if not isinstance(one, Origin | Decision)]
    counts = tally(records)
    assert counts.pop("Problem") == 12
    assert {r.reason for r in records if isinstance(r, Problem)} == {
        "has a title in a wording that is not known, so nobody is named",
        "has no date that can be read; left out",  # the newer votes: the table names no time of theirs
        "says 'Ann Bell', a wording that is not known, and was not counted",
    }
    assert counts == {
        "Profile": 4,
        "in follow": 3,
        "out follow": 5,
        "Undo": 5,
        "out endorse": 1,
        "out like?": 10,
        "other comment?": 1,
        "out vote?": 1,
        "in message": 3,
        "Post": 1,
        "Coverage": 15,
    }
