"""Each command as a script uses it: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from courtship.people.identity import person_id

if TYPE_CHECKING:
    from tests.cli.conftest import Line

AT = "2026-11-01"


@pytest.fixture
def kettlewick(quick: Line, table: Path) -> Line:
    """A home with the brand and its few people in it."""
    quick("brand", "add", "x:me")
    quick("import", table)
    return quick


def one_line(said: str) -> str:
    """A mistake is one line."""
    assert said.count("\n") == 1, said
    assert said.startswith("courtship: ")
    return said


# ---------------------------------------------------------------- brand


def test_brand_accounts_are_added_once_listed_and_removed(quick: Line) -> None:
    assert quick.json("brand", "add", "x:me", "email:me@example.org") == {
        "added": ["x:me", "email:me@example.org"],
        "brand": ["email:me@example.org", "x:me"],
    }
    again = quick("brand", "add", "x:me")
    assert again.stdout == ""
    assert again.stderr == "x:me was the brand's already\n"
    assert quick.lines("brand", "list") == [
        {"account": "email:me@example.org", "name": "", "own": True},
        {"account": "x:me", "name": "", "own": True},
    ]
    assert quick.json("brand", "remove", "x:me")["brand"] == ["email:me@example.org"]
    assert "is not the brand's" in one_line(quick("brand", "remove", "x:me", status=1).stderr)
    assert "is no account; write platform:id" in one_line(quick("brand", "add", "me", status=1).stderr)


def test_the_brand_has_a_name(kettlewick: Line) -> None:
    kettlewick("brand", "name", "Kettlewick Bread")
    assert "Kettlewick Bread" in kettlewick("stages").stdout


def test_an_export_offers_whose_it_is(quick: Line) -> None:
    archive = Path(__file__).parents[1] / "sources/fixtures/mastodon/archive-20260504060708-0a1b2c"
    said = quick("import", archive, status=None).stderr
    assert "courtship brand add mastodon:tearoom@tea.example" in said
    offered = quick.lines("brand", "list")
    assert offered == [{"account": "mastodon:tearoom@tea.example", "name": "The Tea Room", "own": False}]
    assert "offered" in quick("brand", "list").stdout


# ---------------------------------------------------------------- import


def test_a_dry_run_keeps_nothing(quick: Line, table: Path) -> None:
    done = quick.json("import", table, "--dry-run")
    assert done["new"] == 10
    assert quick.json("import", table)["new"] == 10


def test_what_cannot_be_read_is_said_in_one_line_and_the_rest_is_in(
    quick: Line, table: Path, tmp_path: Path
) -> None:
    strange = tmp_path / "holiday.jpg"
    strange.write_bytes(b"\xff\xd8\xff\xe0 not an export")
    done = quick("import", strange, tmp_path / "nowhere.csv", table, "--json", status=1)
    told = json.loads(done.stdout)
    assert told["new"] == 10
    assert {Path(problem["path"]).name for problem in told["problems"]} == {"holiday.jpg", "nowhere.csv"}
    said = quick("import", strange, status=1).stderr.splitlines()
    assert len([line for line in said if "holiday.jpg" in line]) == 1


def test_ids_of_two_sources_are_kept_apart(quick: Line, table: Path) -> None:
    quick("brand", "add", "x:me")
    assert quick.json("import", table)["new"] == 10
    assert quick.json("import", table, "--source", "second")["new"] == 10
    assert quick.json("import", table, "--source", "second")["known"] == 10


def test_an_unknown_format_lists_those_that_are_known(quick: Line, table: Path) -> None:
    said = quick("import", table, "--format", "myspace", status=1).stderr
    assert "mastodon" in said
    assert "Traceback" not in said


# ---------------------------------------------------------------- stages, person


def test_stages_are_sorted_whole_and_filtered(kettlewick: Line) -> None:
    everybody = kettlewick.lines("stages", "--at", AT)
    assert [one["person"] for one in everybody] == sorted(one["person"] for one in everybody)
    keys = {"person", "name", "accounts", "stage", "since", "until", "peak", "certain", "momentum"}
    assert all(one.keys() == keys for one in everybody)
    parted = kettlewick.lines("stages", "--at", AT, "--stage", "parted")
    assert [one["accounts"] for one in parted] == [["x:cy"]]
    assert kettlewick.lines("stages", "--at", "2025-01-01") == []


def test_the_picture_goes_to_standard_output_without_colour(kettlewick: Line) -> None:
    shown = kettlewick("stages", "--at", AT, "--limit", "2")
    assert "talks with you" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "3 more" in shown.stderr
    story = kettlewick("person", "x:ann", "--at", AT).stdout
    assert "How it came" in story
    assert "What is missing for trust" in story


def test_a_ladder_of_ones_own(kettlewick: Line, tmp_path: Path) -> None:
    policy = tmp_path / "fans.toml"
    policy.write_text('name = "fans"\n[[stage]]\nname = "fan"\n[stage.gain]\nall = [{standing = "follow"}]\n')
    found = {one["accounts"][0]: one["stage"] for one in kettlewick.lines("stages", "--policy", policy)}
    assert found["x:ann"] == "fan"
    assert found["x:bob"] == "aware"
    told = kettlewick.json("person", "x:bob", "--policy", policy)
    assert told["missing"][0]["condition"] == {"standing": "follow"}
    kettlewick("policy", "check", policy)
    tried = kettlewick.json("policy", "try", policy)
    assert tried["then"]["fan"] == 1
    assert sum(tried["then"].values()) == sum(tried["now"].values())
    kettlewick("policy", "adopt", policy)
    assert kettlewick("policy", "show").stdout == policy.read_text()
    assert kettlewick.json("person", "x:ann")["stage"] == "fan"
    adopted = kettlewick.json("people", "undo", kettlewick("policy", "adopt", policy).stderr.split()[-4])
    assert adopted["verb"] == "policy.adopt"


def test_a_mistake_in_a_ladder_is_named_with_its_line(quick: Line, tmp_path: Path) -> None:
    policy = tmp_path / "wrong.toml"
    policy.write_text(
        'name = "wrong"\n\n[[stage]]\nname = "fan"\n[stage.gain]\nall = [{standing = "wink"}]\n'
    )
    assert "wrong.toml" in one_line(quick("policy", "check", policy, status=1).stderr)
    assert "6" in quick("stages", "--policy", policy, status=1).stderr
    missing = quick("stages", "--policy", tmp_path / "none.toml", status=1)
    assert "none.toml" in one_line(missing.stderr)


def test_nobody_is_said_plainly(kettlewick: Line) -> None:
    assert "nobody here is x:nobody" in one_line(kettlewick("person", "x:nobody", status=1).stderr)
    assert "nobody here is abc" in one_line(kettlewick("person", "abc", status=1).stderr)
    assert "is the brand's own account" in one_line(kettlewick("person", "x:me", status=1).stderr)
    early = kettlewick("person", "x:bob", "--at", "2020-01-01", status=1)
    assert "was not met yet by then" in one_line(early.stderr)


# ---------------------------------------------------------------- by hand, identity


def test_a_log_by_hand_counts_each_time(kettlewick: Line) -> None:
    first = kettlewick.json("log", "facebook:gil", "message", "--at", "2026-10-10", "--note", "at the stall")
    second = kettlewick.json("log", "facebook:gil", "message", "--at", "2026-10-10", "--note", "at the stall")
    assert first["id"] != second["id"]
    assert first["person"] == second["person"] == person_id("facebook:gil")
    kettlewick("log", "facebook:gil", "comment", "--at", "2026-10-12")
    done = kettlewick.json("log", "facebook:gil", "message", "--at", "2026-10-13", "--outbound")
    assert done["stage"] == "know"
    told = kettlewick.json("person", "facebook:gil")
    assert told["transitions"][-1]["activity"] == done["id"]
    by_id = kettlewick.json("log", person_id("facebook:gil"), "share", "--at", "2026-10-14")
    assert (by_id["person"], by_id["stage"]) == (person_id("facebook:gil"), "trust")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["log", "gil", "message"], "is no account"),
        (["log", "x:me", "message"], "is the brand's own"),
        (["log", "x:gil", "message", "--at", "2099-01-01"], "has not happened yet"),
        (["people", "merge", "x:ann", "x:ann"], "are one person already"),
        (["people", "split", "x:ann"], "stands alone already"),
        (["people", "undo"], "there is no merge, split, set-aside or restore to take back"),
        (["people", "undo", "99999"], "there is no decision 99999 to take back"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(kettlewick: Line, words: list[str], said: str) -> None:
    assert said in one_line(kettlewick(*words, status=1).stderr)


def test_without_a_brand_nothing_can_be_logged(quick: Line) -> None:
    assert "courtship brand add" in one_line(quick("log", "x:ann", "like", status=1).stderr)


def test_an_older_id_keeps_answering(kettlewick: Line) -> None:
    kettlewick("people", "merge", person_id("x:bob"), person_id("x:ann"))
    for ref in (person_id("x:bob"), person_id("x:ann"), "x:bob"):
        assert kettlewick.json("person", ref)["person"] == person_id("x:ann")
    told = kettlewick.json("person", "x:bob")
    assert told["accounts"] == ["x:ann", "x:bob"]
    assert [(link["a"], link["b"], link["reason"]) for link in told["links"]] == [
        ("x:bob", "x:ann", "merged")
    ]
    undone = kettlewick.json("people", "undo")
    assert undone["verb"] == "person.merge"
    assert kettlewick.json("person", "x:bob")["accounts"] == ["x:bob"]


def test_forgetting_is_final(kettlewick: Line) -> None:
    kettlewick("people", "merge", "x:ann", "mastodon:ann@example.social")
    assert kettlewick.json("people", "forget", "x:ann")["forgotten"] == 2
    assert "x:ann" not in {account for one in kettlewick.lines("stages") for account in one["accounts"]}
    database = b"".join(path.read_bytes() for path in kettlewick.home.rglob("*") if path.is_file())
    assert b"mastodon:ann@example.social" not in database
    assert "x:ann" in kettlewick("person", "x:ann", status=1).stderr


# ---------------------------------------------------------------- today, sources, workspaces, user


def test_today_gives_reason_and_evidence(quick: Line) -> None:
    quick("brand", "add", "x:me")
    quick("log", "x:ann", "comment", "--note", "Does the rye keep until Monday?")
    tasks = quick.lines("today")
    assert all({"action", "person", "reason", "evidence", "due"} <= task.keys() for task in tasks)
    assert [task["person"] for task in tasks if task["action"] == "answer"] == [person_id("x:ann")]
    assert "rye" in quick("today").stdout


def test_every_format_says_how_to_get_it(quick: Line) -> None:
    known = quick.lines("sources")
    assert {"activities", "activitystreams", "mastodon", "wordpress"} <= {one["name"] for one in known}
    for one in known:
        assert one["title"]
        assert one["files"]
    assert "1. " in quick("sources", "mastodon").stdout
    assert "there is no format 'myspace'" in one_line(quick("sources", "myspace", status=1).stderr)


def test_workspaces_are_apart(kettlewick: Line) -> None:
    other = kettlewick.of("tearoom")
    assert [one["workspace"] for one in kettlewick.lines("workspaces", "list")] == ["default", "tearoom"]
    assert other.lines("stages") == []
    assert len(kettlewick.lines("stages")) == 5
    missing = kettlewick("stages", "--workspace", "nowhere", status=1)
    assert "nowhere" in one_line(missing.stderr)
    assert "cannot name a workspace" in one_line(kettlewick("workspaces", "add", "No/Where", status=1).stderr)


def test_a_user_may_sign_in(quick: Line) -> None:
    quick("user", "add", "ann", "--password-stdin", given="correct horse battery staple\n")
    again = quick("user", "add", "ann", "--password-stdin", given="another long pass phrase\n")
    assert again.stderr == "ann has a new password\n"
    assert "short" in one_line(
        quick("user", "add", "bob", "--password-stdin", given="bread\n", status=1).stderr
    )


# ---------------------------------------------------------------- the house rules


def test_the_home_comes_from_the_environment(table: Path, tmp_path: Path) -> None:
    env = {**os.environ, "COURTSHIP_HOME": str(tmp_path / "elsewhere")}
    env.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "courtship", "import", str(table), "--json"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["new"] == 10
    assert (tmp_path / "elsewhere").is_dir()


def test_a_reader_that_goes_away_is_no_mistake(kettlewick: Line) -> None:
    command = f"{sys.executable} -m courtship --home {kettlewick.home} stages --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "{"


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path, quick: Line) -> None:
    (tmp_path / "file").write_text("")
    quick.home = tmp_path / "file"
    said = quick("stages", status=1).stderr
    assert one_line(said)
    assert "mistake of ours" not in said


def test_the_demo_shows_a_board_and_a_story(quick: Line) -> None:
    shown = quick("demo", "--people", "40", "--activities", "1500", "--no-serve").stdout
    assert "Kettlewick Bread" in shown
    assert "How it came" in shown
    assert quick.lines("stages") == []
    assert len(quick.of("demo").lines("stages")) > 30


def test_the_pages_are_served_on_this_machine(kettlewick: Line) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "courtship", "--home", kettlewick.home, "serve", "--port", str(port)]
    server = subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}/" in server.stderr.readline()
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/people", timeout=60) as answer:
                    page = answer.read().decode()
                break
            except urllib.error.URLError:
                time.sleep(0.2)
        assert "x:ann" in page or "ann" in page
    finally:
        server.terminate()
        server.wait(60)


def test_pages_for_others_need_somebody_who_may_sign_in(quick: Line) -> None:
    said = one_line(quick("serve", "--host", "0.0.0.0", status=1).stderr)
    assert "courtship user add NAME" in said
