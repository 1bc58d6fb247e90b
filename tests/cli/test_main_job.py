"""The main job, end to end: exports in, every person's stage with its evidence out, as a script does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from courtship.people.identity import person_id

if TYPE_CHECKING:
    from tests.cli.conftest import Line

AT = "2026-11-01T00:00:00Z"
FIXTURES = Path(__file__).parents[1] / "sources" / "fixtures"


def stages(line: Line, *words: object) -> dict[str, dict[str, Any]]:
    """Everybody by their first account."""
    return {one["accounts"][0]: one for one in line.lines("stages", "--at", AT, *words)}


def test_from_a_table_to_a_stage_and_back_out(line: Line, table: Path, tmp_path: Path) -> None:
    line("brand", "add", "x:me")
    done = line.json("import", table)
    assert {key: done[key] for key in ("files", "new", "known", "problems")} == {
        "files": [
            {"path": str(table), "format": "activities", "read": 10, "new": 10, "known": 0, "problems": 0}
        ],
        "new": 10,
        "known": 0,
        "problems": [],
    }
    again = line.json("import", table)
    assert (again["new"], again["known"]) == (0, 10)

    found = stages(line)
    assert {account: one["stage"] for account, one in found.items()} == {
        "x:ann": "know",
        "mastodon:ann@example.social": "aware",
        "x:bob": "like",
        "x:cy": "parted",
        "x:dee": "like",
    }
    ann = found["x:ann"]
    assert {"person", "name", "accounts", "stage", "since", "until", "peak"} <= ann.keys()
    assert ann["person"] == person_id("x:ann")
    assert ann["since"] == "2026-02-06T10:00:00Z"
    assert ann["until"] == "2027-02-05T10:00:00Z"

    told = line.json("person", "x:ann", "--at", AT)
    assert {key: told[key] for key in ("person", "accounts", "stage", "since", "until", "peak")} == {
        key: ann[key] for key in ("person", "accounts", "stage", "since", "until", "peak")
    }
    assert told["transitions"] == [
        {"at": "2026-01-01T10:00:00Z", "from": "aware", "to": "like", "cause": "activity", "activity": "a1"},
        {"at": "2026-02-06T10:00:00Z", "from": "like", "to": "know", "cause": "activity", "activity": "a5"},
    ]
    assert [(one["stage"], one["rule"], one["have"], one["need"]) for one in told["missing"]] == [
        ("trust", "all", 0, 1)
    ]
    assert told["missing"][0]["condition"]["of"] == ["share", "quote", "endorse"]
    assert told["missing"][0]["seen"] in ("full", "some", "none")
    assert isinstance(told["certain"], bool)

    # Two accounts of one Ann: the share on the other one makes it trust; undone, everything is as before.
    merged = line.json("people", "merge", "x:ann", "mastodon:ann@example.social")
    assert merged["person"] == person_id("x:ann")
    assert stages(line)["mastodon:ann@example.social"]["stage"] == "trust"
    for ref in (person_id("x:ann"), person_id("mastodon:ann@example.social"), "mastodon:ann@example.social"):
        assert line.json("person", ref, "--at", AT)["person"] == person_id("x:ann")
    line("people", "split", "mastodon:ann@example.social")
    assert stages(line) == found
    line("people", "undo")
    assert stages(line)["mastodon:ann@example.social"]["stage"] == "trust"
    line("people", "undo")
    assert stages(line) == found

    # By hand, what no platform shows.
    line("people", "merge", "x:bob", "x:dee")
    line("people", "undo")
    logged = line.json("log", "x:bob", "share", "--at", "2026-10-05", "--note", "told the reading group")
    assert logged["person"] == person_id("x:bob")
    assert line.json("person", "x:bob", "--at", AT)["stage"] == "like"

    # Out of every count, and back; and gone for good.
    line("people", "set-aside", "x:dee", "--as", "team")
    assert "x:dee" not in stages(line)
    line("people", "restore", "x:dee")
    assert "x:dee" in stages(line)
    line("people", "merge", "x:ann", "mastodon:ann@example.social")
    line("people", "forget", "x:cy")
    assert "x:cy" not in stages(line)
    assert "nobody here is x:cy" in line("person", "x:cy", status=1).stderr
    assert line.json("import", table)["new"] == 0
    assert "x:cy" not in stages(line)

    assert line.json("rebuild") == {"differences": 0}

    # Everything out, and into a fresh place: the same stages.
    before = stages(line)
    out = tmp_path / "everything.jsonl"
    line("export", out)
    assert "x:cy" not in out.read_text(encoding="utf-8")
    other = line.of("other")
    other("import", out)
    assert stages(other) == before
    assert other.json("import", out)["new"] == 0
    assert other.json("rebuild") == {"differences": 0}


def test_each_command_in_a_process_of_its_own(line: Line, table: Path) -> None:
    line.apart = True
    line("brand", "add", "x:me")
    assert line.json("import", table)["new"] == 10
    assert stages(line)["x:ann"]["stage"] == "know"
    assert line.json("person", "x:ann", "--at", AT)["transitions"][-1]["activity"] == "a5"


def test_the_activities_as_a_parquet_table(line: Line, table: Path, tmp_path: Path) -> None:
    line("brand", "add", "x:me")
    line("import", table)
    out = tmp_path / "activities.parquet"
    assert line.json("export", out)["activities"] == 10
    other = line.of("other")
    other("brand", "add", "x:me")
    assert other.json("import", out)["new"] == 10
    assert stages(other) == stages(line)


@pytest.mark.parametrize(
    ("format", "path"),
    [
        ("wordpress", FIXTURES / "wordpress" / "tearoom.wordpress.2026-05-04.xml"),
        ("mastodon", FIXTURES / "mastodon" / "archive-20260504060708-0a1b2c"),
    ],
)
def test_a_platforms_own_export(line: Line, format: str, path: Path) -> None:
    done = line.json("import", path, status=None)
    assert done["new"] > 0
    assert {one["format"] for one in done["files"]} == {format}
    offered = [one["account"] for one in line.lines("brand", "list") if not one["own"]]
    if offered:
        line("brand", "add", *offered)
    else:
        line("brand", "add", "wordpress:tearoom")
    people = line.lines("stages")
    assert people or format == "wordpress"
    for one in people:
        assert one["stage"] in ("aware", "like", "know", "trust", "parted")
    again = line.json("import", path, status=None)
    assert again["new"] == 0
    assert again["known"] == done["new"]
    if people:
        told = line.json("person", people[0]["person"])
        assert told["stage"] == people[0]["stage"]
