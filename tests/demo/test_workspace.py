"""The made-up brand in a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtship.errors import NotAllowed
from courtship.model import Micros
from courtship.service.demo import demo
from courtship.service.importing.export import export
from courtship.service.importing.importing import import_paths
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import refresh
from courtship.store import open_workspace
from courtship.store.derived import tables

NOW: Micros = 1_795_305_600_000_000


def test_a_demo_is_made_once_and_found_again(tmp_path: Path) -> None:
    seen: list[int] = []
    workspace = demo.make_demo(tmp_path, people=60, activities=1_500, now=NOW, progress=seen.append)
    position = workspace.position()
    assert position > 1_500
    assert len(workspace.brand()) == 5
    assert workspace.problems() == []
    assert [d.subject for d in workspace.decisions("brand.name")] == ["Kettlewick Bread"]
    assert seen[-1] == 1_500
    verbs = {d.verb for d in workspace.decisions()}
    assert verbs >= {"brand.add", "person.set_aside", "note.add", "tag.add", "rhythm.set"}
    again = demo.make_demo(tmp_path, people=90, activities=2_500, now=NOW)
    assert again.position() == position
    with pytest.raises(NotAllowed, match="holds a brand already"):
        demo.fill(again, now=NOW)


def test_what_is_read_back_is_what_was_told(tmp_path: Path) -> None:
    workspace = demo.make_demo(tmp_path, people=60, activities=1_500, now=NOW)
    columns = workspace.columns()
    assert len(columns.columns.at) == 1_500
    own = [profile for profile in workspace.profiles() if profile.own]
    assert len(own) == 5
    assert {coverage.account for coverage in workspace.coverage()} == set(workspace.brand())


def test_posts_of_some_and_own_profiles_are_those_of_all(tmp_path: Path) -> None:
    workspace = demo.make_demo(tmp_path, people=60, activities=1_500, now=NOW)
    every = workspace.posts()
    ours = workspace.posts(workspace.brand())
    assert 0 < len(ours) < len(every)
    assert ours == [post for post in every if post.author in workspace.brand()]
    assert workspace.posts([]) == []
    assert workspace.own_profiles() == [one for one in workspace.profiles() if one.own]


def test_out_and_in_again_is_the_same(tmp_path: Path) -> None:
    workspace = demo.make_demo(tmp_path, people=60, activities=1_500, now=NOW)
    refresh(workspace, now=NOW)
    written = tmp_path / "all.jsonl"
    assert export(workspace, written).activities == 1_500
    other = open_workspace(tmp_path / "other", "default")
    done = import_paths(other, [written], now=NOW)
    assert (done.new, done.problems) == (1_500, [])
    refresh(other, now=NOW)
    assert tables.read(other) == tables.read(workspace)
    told = [(one.verb, one.subject, one.detail) for one in workspace.decisions()]
    assert [(one.verb, one.subject, one.detail) for one in other.decisions()] == told
    assert sorted(map(repr, other.posts())) == sorted(map(repr, workspace.posts()))
    assert rebuild(workspace, now=NOW + 3_600_000_000).differences == 0
