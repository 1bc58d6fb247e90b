"""An export holds everything: imported into an empty workspace it makes the same one."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from courtship.errors import NotAllowed
from courtship.model import DAY, Activity, Coverage, Decision, Origin, Post, Profile, Total, Undo
from courtship.service.importing.export import export
from courtship.service.importing.importing import import_paths
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import refresh
from courtship.store import open_workspace
from courtship.store.cache import layers, publishing
from courtship.store.derived import tables
from courtship.store.workspace import Workspace
from courtship.vocabulary import KIND_CODE, KINDS, Direction

T = 1_700_000_000_000_000
NOW = T + 30 * DAY
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
FILE = Origin("f.jsonl", "activities", "", T)
OTHER = Origin("g.zip", "mastodon", "mine", T)


def fill(workspace: Workspace) -> None:
    workspace.decide(
        Decision("brand.add", ME, at=T), Decision("note.add", ANN, {"text": "Grüße"}, at=T, by="eva")
    )
    workspace.append(
        [
            Activity("1", "follow", ANN, ME, T, T + DAY, public=True, actor_name="Ann", actor_followers=3),
            Activity("", "comment", ANN, ME, T + 1, precise=False, object="c", in_reply_to="p", text="hé"),
            Activity("", "comment", ANN, ME, T + 1, precise=False, object="c", in_reply_to="p", text="hé"),
            Activity("2", "comment", ANN, ME, T + 2, text="deleted"),
            Activity("3", "like", ME, ME, T + 2),
            Activity("4", "like", ME, "", T + 2, object="q"),
            Undo("u", "2", T + 5, "", True),
            Undo("v", "1", T + 5, "test"),
            Post("p", ME, T, "Hello", "image", "", ("a",), ("yes", "no"), "https://x.example/p", True),
            Total("p", "like", 12, T),
            Profile(BOB, None, "Bob", links=("https://b.example",)),
            Coverage(ME, "follow", "inbound", "full", None, NOW),
        ],
        FILE,
    )
    workspace.append([Activity("1", "follow", ANN, ME, T + 7)], FILE)  # other content
    workspace.append([Activity("1", "share", BOB, ME, T + 8, url="https://x.example")], OTHER)
    workspace.append([Activity("1", "follow", ANN, ME, T + 7)], OTHER._replace(source=""))  # told again
    (made,) = workspace.decide(Decision("tag.add", BOB, {"tag": "x"}, at=T + 9))
    workspace.decide(Decision("undo", BOB, {"position": made.position}, at=T + 9))


def test_everything_comes_back(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace)
    done = export(workspace, tmp_path / "all.jsonl")
    assert (done.path, done.activities) == (tmp_path / "all.jsonl", 9)
    assert len((tmp_path / "all.jsonl").read_bytes().splitlines()) == done.lines
    other = open_workspace(workspace.home, "other")
    result = import_paths(other, [tmp_path / "all.jsonl"], now=NOW)
    assert [problem.where for problem in result.problems] == ["id 1"]  # as it was here
    assert seen(other) == seen(workspace)
    # an export of the copy holds the same again
    export(other, tmp_path / "again.jsonl")
    third = open_workspace(workspace.home, "third")
    import_paths(third, [tmp_path / "again.jsonl"], now=NOW)
    assert seen(third) == seen(workspace)
    assert third.checksum() == other.checksum()


def seen(workspace: Workspace) -> list[object]:
    acts = workspace.activities_of([ME, ANN, BOB])
    undone = {d.position for d in workspace.decisions(include_undone=True)} - {
        d.position for d in workspace.decisions()
    }
    decided = [
        (d.verb, d.subject, d.at, d.by, d.position in undone)
        for d in workspace.decisions(include_undone=True)
    ]
    return [
        [act._replace(position=0, origins=tuple(sorted(act.origins))) for act in acts],
        workspace.posts(),
        workspace.totals(),
        workspace.profiles(),
        [one for one in workspace.coverage() if one.account == ME],
        decided,
    ]


def test_activities_as_the_flat_table(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace)
    done = export(workspace, tmp_path / "acts.parquet")
    rows = pq.read_table(tmp_path / "acts.parquet").to_pylist()
    assert len(rows) == done.activities == 7
    follow = next(row for row in rows if row["kind"] == "follow")
    assert follow["ended"] == follow["at"].replace(microsecond=5)
    assert follow["actor_name"] == "Ann"
    other = open_workspace(workspace.home, "other")
    result = import_paths(other, [tmp_path / "acts.parquet"], now=NOW)
    assert (result.new, len(other.activities_of([ANN]))) == (6, 4)
    # the flat table knows no namespaces: two of them had an activity "1"
    assert [problem.where for problem in other.problems()] == ["id 1"]


def test_only_known_endings(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match=r"\.jsonl or \.parquet"):
        export(workspace, tmp_path / "all.xlsx")


def test_rebuild_finds_nothing_an_hour_after_the_data_end(workspace: Workspace) -> None:
    fill(workspace)
    noon = NOW - NOW % DAY + DAY // 2
    ways: tuple[Direction, ...] = ("inbound", "outbound")
    workspace.append([Coverage(ME, kind, way, "full", None, noon) for kind in KINDS for way in ways], FILE)
    refresh(workspace, now=noon)
    assert rebuild(workspace, now=noon + DAY // 24).differences == 0


def test_rebuild_finds_nothing_and_puts_right_what_was_harmed(workspace: Workspace) -> None:
    fill(workspace)
    refresh(workspace, now=NOW)
    assert rebuild(workspace, now=NOW).differences == 0
    before = tables.read(workspace)
    with workspace.connection.cursor() as cursor:
        cursor.execute("UPDATE store_person SET stage = 'know' WHERE handle = 'ann'")
        cursor.execute("UPDATE store_naming SET name = 'Anna' WHERE account = %s", [ANN])
        cursor.execute("DELETE FROM store_transition")
    harmed = rebuild(workspace, now=NOW)
    assert harmed.differences == 3
    assert tables.read(workspace) == before
    assert rebuild(workspace, now=NOW).differences == 0


def test_rebuild_says_that_the_cache_differs_and_writes_it_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(workspace)
    monkeypatch.setattr(layers, "TAIL", 0)
    monkeypatch.setattr(layers, "RATIO", 0)
    refresh(workspace, now=NOW)
    workspace.append([Activity("more", "comment", ANN, ME, T + DAY)], FILE)
    workspace.columns()
    assert rebuild(workspace, now=NOW).differences == 0
    workspace.append([Activity("later", "comment", ANN, ME, T + 2 * DAY)], FILE)
    refresh(workspace, now=NOW)
    workspace.columns()
    base, newer = publishing.layers(workspace.cache_folder)
    # the kind of the last row of the layer above becomes another
    with (workspace.cache_folder / newer.folder / "rows.bin").open("r+b") as file:
        place = 8 * (newer.rows + 1) + 8 * newer.rows * 4 + newer.rows - 1
        file.seek(place)
        kind = file.read(1)
        assert kind == bytes([KIND_CODE["comment"]])
        file.seek(place)
        file.write(bytes([KIND_CODE["block"]]))
    harmed = rebuild(workspace, now=NOW)
    assert harmed.first == ("the cache's column kind differs",)
    names = [one.folder for one in publishing.layers(workspace.cache_folder)]
    assert len(names) == 1
    assert base.folder not in names
    assert rebuild(workspace, now=NOW).differences == 0
