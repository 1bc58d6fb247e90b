"""Import, end to end: what goes in, what is told, and what bad input does."""

from __future__ import annotations

import errno
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from courtship.errors import StoreFailure
from courtship.model import Activity, Coverage, Decision, Origin, Post, Profile, Snapshot
from courtship.platforms.own_export import Exported, to_activitystreams
from courtship.service.importing.importing import ImportResult, import_paths
from courtship.sources import registry
from courtship.store.workspace import Workspace
from courtship.testing import NOW, activity
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
ROWS = [activity("comment", actor=f"test:{n}", at=f"2026-01-{n:02}", id=f"r{n}") for n in range(1, 10)]


def table(path: Path, rows: list[Activity] = ROWS) -> Path:
    lines = []
    for row in rows:
        at = f"2026-01-{rows.index(row) + 1:02}"
        lines.append({"id": row.id, "kind": row.kind, "actor": row.actor, "target": row.target, "at": at})
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return path


def run(workspace: Workspace, *paths: Path, **more: Any) -> ImportResult:
    return import_paths(workspace, paths, now=NOW, **more)


def held(workspace: Workspace) -> set[str]:
    return {found.id for found in workspace.activities_of(["test:me"])}


def test_told_twice_counts_once_and_says_so(workspace: Workspace, tmp_path: Path) -> None:
    path = table(tmp_path / "a.jsonl")
    first = run(workspace, path)
    assert first.as_json() == {
        "files": [
            {"path": str(path), "format": "activities", "read": 9, "new": 9, "known": 0, "problems": 0}
        ],
        "new": 9,
        "known": 0,
        "problems": [],
        "offered": [],
        "dry_run": False,
    }
    assert first.exit_status == 0
    checksum = workspace.checksum()
    again = run(workspace, path)
    assert (again.new, again.known, again.exit_status) == (0, 9, 0)
    assert workspace.checksum() == checksum
    assert held(workspace) == {row.id for row in ROWS}


def test_a_trial_says_what_would_come_in_and_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    path = table(tmp_path / "a.jsonl", ROWS[:4])
    run(workspace, path)
    checksum = workspace.checksum()
    trial = run(workspace, table(tmp_path / "b.jsonl"), dry_run=True)
    assert (trial.new, trial.known, trial.dry_run) == (5, 4, True)
    assert workspace.checksum() == checksum
    assert len(held(workspace)) == 4


def test_sources_are_namespaces_of_ids(workspace: Workspace, tmp_path: Path) -> None:
    path = table(tmp_path / "a.jsonl")
    run(workspace, path)
    assert run(workspace, path, source="shop").new == 9


def test_bad_input_is_one_line_and_costs_the_others_nothing(workspace: Workspace, tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(table(tmp_path / "in.jsonl", ROWS[:3]), "export/in.jsonl")
        archive.writestr("export/z.bin", bytes(range(256)) * 40)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-200])
    picture = tmp_path / "cat.jpg"
    picture.write_bytes(b"\xff\xd8\xff")
    latin = tmp_path / "latin.csv"
    rows = "id,kind,actor,target,at,text\n"
    rows += "l1,like,test:l,test:me,2026-01-01,é\nl2,like,test:m,test:me,2026-01-01,e\n"
    latin.write_bytes(rows.encode("latin-1"))
    late = tmp_path / "late.csv"
    late.write_text(
        "id,kind,actor,target,at\nd1,like,test:d,test:me,2126-01-01\nd2,like,test:e,test:me,2026-01-01\n"
    )
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../evil.jsonl", "{}")
    missing = tmp_path / "missing.csv"
    good = table(tmp_path / "good.jsonl", ROWS[3:6])
    result = run(workspace, cut, picture, latin, late, outside, missing, good)
    assert result.exit_status == 1
    found = {Path(problem.path).name.split("/")[0]: problem.reason for problem in result.problems}
    assert len(result.problems) == 6
    assert "cut short" in found["cut.zip"]
    assert "courtship sources" in found["cat.jpg"]
    assert "not UTF-8" in found["latin.csv"]
    assert "date out of range" in found["late.csv"]
    assert "reaches out of itself" in found["outside.zip"]
    assert "no such file" in found["missing.csv"]
    assert not any("\n" in problem.reason for problem in result.problems)
    assert held(workspace) == {"r1", "r2", "r3", "r4", "r5", "r6", "l2", "d2"}
    assert [file.format for file in result.files].count(None) == 3
    # What is told is also kept, for the page that lists it.
    kept = {problem.reason for problem in workspace.problems()}
    assert {found["cut.zip"], found["latin.csv"], found["late.csv"]} <= kept


def test_two_claims_are_named_and_nothing_of_it_goes_in(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = registry.SOURCES["activities"]
    twin = replace(flat, name="twin")
    monkeypatch.setitem(registry.SOURCES, "twin", twin)
    result = run(workspace, table(tmp_path / "a.jsonl"))
    assert "could be activities or twin" in result.problems[0].reason
    assert held(workspace) == set()
    assert run(workspace, tmp_path / "a.jsonl", format="activities").new == 9


def test_a_full_disk_is_one_line(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFailure("importing: the disk is full; make room and import again")

    first = table(tmp_path / "a.jsonl", ROWS[:3])
    assert run(workspace, first).new == 3
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "append_table", full)
        result = run(workspace, table(tmp_path / "b.jsonl"), first)
    assert [problem.reason for problem in result.problems] == [
        "importing: the disk is full; make room and import again"
    ]
    assert result.exit_status == 1
    assert len(held(workspace)) == 3


def test_a_reader_that_stumbles_keeps_what_it_read(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = registry.SOURCES["activities"]

    def stumbling(claim: Any) -> Any:
        yield ROWS[0]
        raise OSError(errno.EIO, "the disk hums")

    monkeypatch.setitem(registry.SOURCES, "activities", replace(flat, read=stumbling, tables=None))
    result = run(workspace, table(tmp_path / "a.jsonl"))
    assert result.new == 1
    assert "could not be read to its end" in result.problems[0].reason


def test_problems_beyond_a_thousand_are_counted(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    bad = {"id": "1", "kind": "adore", "actor": "test:a", "target": "test:me", "at": "2026-01-01"}
    path.write_bytes((orjson.dumps(bad) + b"\n") * 1_500)
    result = run(workspace, path)
    assert len(result.problems) == 1_001
    assert result.files[0].problems == 1_500
    assert result.problems[-1].reason.startswith("500 more")


def test_a_folder_with_archives_in_it(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    table(folder / "a.jsonl", ROWS[:2])
    shutil.copy(FIXTURES / "activitystreams" / "lines.jsonl", folder / "lines.jsonl")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(table(tmp_path / "b.jsonl"), "deep/b.jsonl")
    seen: list[tuple[str, int, int]] = []
    result = run(workspace, folder, progress=lambda *step: seen.append(step))
    assert [(Path(file.path).name, file.format, file.read) for file in result.files] == [
        ("downloads", "activities", 2),
        ("downloads", "activitystreams", 4),
        ("b.zip", "activities", 9),
    ]
    assert {Path(path).name for path, _, _ in seen} == {"downloads", "b.zip"}
    assert all(0 < done <= total for _, done, total in seen)


def test_coverage_of_a_flat_table_reaches_from_its_first_row_to_its_last(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.decide(Decision("brand.add", "test:me"))
    run(workspace, table(tmp_path / "a.jsonl"))
    assert workspace.coverage() == [
        Coverage("test:me", "comment", "inbound", "some", parse_iso("2026-01-01"), parse_iso("2026-01-09"))
    ]


def test_coverage_is_there_also_where_the_brand_is_named_later(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace, table(tmp_path / "a.jsonl"))
    mine = [found for found in workspace.coverage() if found.account == "test:me"]
    assert [(found.kind, found.direction) for found in mine] == [("comment", "inbound")]


def test_an_export_comes_in_with_who_told_and_what_was_decided(workspace: Workspace, tmp_path: Path) -> None:
    told: list[Exported] = [
        Origin("old.csv", "activities", "shop", 5),
        activity("like", id="e1"),
        Origin("mail.mbox", "mail", "", 6),
        activity("like", id="e1"),
        Post("post:1", "test:me", NOW, "Fresh bread"),
        Decision("brand.add", "test:me", {}, 7, "owner", 3),
        Decision("brand.add", "test:you", {}, 8, "owner", 4),
        Decision("undo", "", {"position": 4}, 9, "owner", 5),
    ]
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(to_activitystreams(item)) for item in told))
    workspace.decide(Decision("brand.name", "", {"name": "Bakery"}))
    for _ in range(2):
        result = run(workspace, path)
        assert not result.problems
        assert workspace.brand() == {"test:me"}
        assert len(workspace.decisions(include_undone=True)) == 4
    assert {(origin.path, origin.source) for origin in workspace.origins()} >= {
        ("old.csv", "shop"),
        ("mail.mbox", ""),
    }
    assert [post.text for post in workspace.posts()] == ["Fresh bread"]


def members(path: Path, names: list[str], at: str) -> Path:
    line = to_activitystreams(
        Snapshot("test:me", "follow", "inbound", tuple(f"test:{name}" for name in names), parse_iso(at))
    )
    path.write_bytes(orjson.dumps(line))
    return path


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_lists_without_dates_are_compared_whatever_their_order(
    workspace: Workspace, tmp_path: Path, order: tuple[int, ...]
) -> None:
    lists = [
        members(tmp_path / "1.jsonl", ["ann", "bob"], "2026-01-01"),
        members(tmp_path / "2.jsonl", ["ann", "cy"], "2026-02-01"),
        members(tmp_path / "3.jsonl", ["ann", "bob"], "2026-03-01"),
    ]
    for number in order:
        assert not run(workspace, lists[number]).problems
    standing = {
        (found.actor, found.at, found.ended)
        for found in workspace.activities_of(["test:me"])
        if found.ended is None or found.ended > found.at
    }
    january, february, march = (parse_iso(f"2026-0{month}-01") for month in (1, 2, 3))
    assert standing == {
        ("test:ann", january, None),
        ("test:bob", january, february),
        ("test:bob", march, None),
        ("test:cy", february, march),
    }
    assert not any(found.precise for found in workspace.activities_of(["test:me"]))


def test_own_accounts_are_offered_once_and_not_when_known_or_declined(
    workspace: Workspace, tmp_path: Path
) -> None:

    path = tmp_path / "a.jsonl"
    told = [
        Profile("test:me", name="Me", own=True),
        Profile("test:alt", own=True),
        Profile("test:no", own=True),
    ]
    path.write_bytes(b"\n".join(orjson.dumps(to_activitystreams(item)) for item in told))
    workspace.decide(Decision("brand.add", "test:alt"), Decision("brand.decline", "test:no"))
    assert [profile.account for profile in run(workspace, path, path).offered] == ["test:me"]


def test_a_list_that_does_not_say_whose_is_the_brands_only_account_there(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "follows.jsonl"
    listed = Snapshot("test:*", "follow", "outbound", ("test:ann",), parse_iso("2026-01-01"))
    path.write_bytes(orjson.dumps(to_activitystreams(listed)))
    assert run(workspace, path).new == 0  # nobody's yet: no person is made up
    workspace.decide(Decision("brand.add", "test:me"))
    assert run(workspace, path).new == 1
    (found,) = workspace.activities_of(["test:me"])
    assert (found.actor, found.target, found.kind) == ("test:me", "test:ann", "follow")


def test_a_follower_who_is_on_the_next_dated_list_no_more_has_gone(
    workspace: Workspace, tmp_path: Path
) -> None:
    def export(day: str, names: dict[str, int]) -> Path:
        folder = tmp_path / f"instagram-tearoom-{day}-x" / "connections/followers_and_following"
        folder.mkdir(parents=True)
        lines = [
            {"title": "", "string_list_data": [{"href": "", "value": name, "timestamp": second}]}
            for name, second in names.items()
        ]
        (folder / "followers_1.json").write_bytes(orjson.dumps(lines))
        return folder.parents[1]

    first = export("2026-04-01", {"ann": 1_772_000_000, "bo": 1_773_000_000})
    second = export("2026-05-01", {"ann": 1_772_000_000})
    assert not run(workspace, second).problems
    assert not run(workspace, first).problems, "the order does not matter"
    workspace.decide(Decision("brand.add", "instagram:tearoom", {}, NOW))
    follows = workspace.activities_of(["instagram:ann", "instagram:bo"])
    assert {(one.actor, one.ended is not None) for one in follows} == {
        ("instagram:ann", False),
        ("instagram:bo", True),
    }
