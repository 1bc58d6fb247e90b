"""Numbers, times and names that a database cannot hold are problems; the rest goes in, on both databases."""

from __future__ import annotations

import itertools
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtship.model import (
    FOREVER,
    Activity,
    Coverage,
    Decision,
    Origin,
    Post,
    Problem,
    Profile,
    Record,
    Snapshot,
    Total,
    Undo,
)
from courtship.store import open_workspace
from courtship.store.workspace import Workspace
from courtship.tables import activity_schema

T = 1_700_000_000_000_000
ME, ANN = "test:me", "test:ann"
FILE = Origin("f", "activities", "", T)
FINE = Activity("fine", "like", ANN, ME, T, actor_followers=2**63 - 1)
BEYOND = 2**63 + 3
LONG = "test:" + "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(2_000))

WRONG: dict[str, Record] = {
    "followers above": Activity("x", "like", ANN, ME, T, actor_followers=BEYOND),
    "followers below": Activity("x", "like", ANN, ME, T, actor_followers=-BEYOND),
    "at above": Activity("x", "like", ANN, ME, BEYOND),
    "at after all calendars": Activity("x", "like", ANN, ME, 2**62),
    "ended above": Activity("x", "like", ANN, ME, T, BEYOND),
    "at far above": Activity("x", "like", ANN, ME, 2**80),
    "an account that is too long": Activity("x", "like", LONG, ME, T),
    "total": Total("post", "like", BEYOND, T),
    "total's time": Total("post", "like", 1, BEYOND),
    "undo": Undo("u", "fine", BEYOND),
    "post": Post("p", ME, BEYOND),
    "profile": Profile(ANN, T, followers=BEYOND),
    "profile's account": Profile(LONG, T),
    "snapshot": Snapshot(ME, "follow", "inbound", (ANN,), T, dates=(BEYOND,)),
    "coverage": Coverage(ME, "like", "inbound", "full", None, BEYOND),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_no_database_can_hold_is_a_problem_and_the_rest_goes_in(workspace: Workspace, what: str) -> None:
    done = workspace.append([WRONG[what], FINE], FILE)
    assert (done.new, done.other) == (1, 0)
    assert [problem.path for problem in done.problems] == ["f"]
    assert "left out" in done.problems[0].reason
    assert [act.id for act in workspace.activities_of([ME])] == ["fine"]
    assert len(workspace.problems()) == 1


def test_the_ends_of_what_can_be_held_go_in(workspace: Workspace) -> None:
    rows = [FINE, Activity("2", "like", ANN, ME, T, FOREVER), Activity("3", "like", ANN, ME, T, T)]
    assert workspace.append(rows, FILE).problems == ()


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("actor_followers", pa.array([BEYOND, 5], pa.uint64())),
        ("at", pa.array([2**62, T], pa.int64())),
        ("at", pa.array([BEYOND, T], pa.uint64())),
        ("at", pa.array([2**60, T // 1_000_000], pa.timestamp("s"))),
        ("ended", pa.array([2**62, T // 1_000], pa.timestamp("ms", tz="UTC"))),
    ],
)
def test_a_table_may_have_them_too(workspace: Workspace, name: str, column: pa.Array) -> None:
    table = {
        "id": pa.array(["x", "fine"]),
        "kind": pa.array(["like"] * 2),
        "actor": pa.array([ANN] * 2),
        "target": pa.array([ME] * 2),
        "at": pa.array([T] * 2, pa.int64()),
        name: column,
    }
    done = workspace.append_table([pa.RecordBatch.from_pydict(table)], FILE)
    assert done.new == 1
    assert [problem.where for problem in done.problems] == ["activity 'x'"]
    (act,) = workspace.activities_of([ME])
    assert (act.id, act.at) == ("fine", T)


def test_names_of_files_that_are_not_unicode(workspace: Workspace) -> None:
    odd = Origin("caf\udce9\0.json", "activities", "", T)
    workspace.append([FINE, Problem("caf\udce9", "row \0", "\ud800")], odd)
    (origin,) = workspace.origins()
    assert origin.path == "caf?.json"
    assert [problem.path for problem in workspace.problems()] == ["caf?"]


_names = itertools.count()
numbers = st.integers(-(2**65), 2**65) | st.sampled_from([FOREVER, FOREVER + 1, -FOREVER - 1, 0, T])
texts = st.text(max_size=4)
activities = st.builds(
    Activity,
    texts,
    st.sampled_from(["like", "wink"]),
    st.sampled_from([ANN, LONG, "test:\udc80", ""]),
    st.just(ME),
    numbers,
    st.none() | numbers,
    st.booleans(),
    *[st.none() | texts] * 4,
    st.none() | st.booleans(),
    *[st.none() | texts] * 2,
    st.none() | numbers,
)
facts = (
    st.builds(Total, texts, texts, numbers, numbers)
    | st.builds(Profile, st.sampled_from([ANN, LONG]), numbers, texts, followers=numbers)
    | st.builds(Undo, texts, texts, numbers)
)


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(records=st.lists(activities | facts, max_size=8))
def test_nothing_that_is_told_stops_an_import(records: list[Record], database: str, tmp_path: Path) -> None:
    with closing(open_workspace(tmp_path / "home", f"w{next(_names)}")) as workspace:
        workspace.decide(Decision("brand.add", ME))
        done = workspace.append(records, FILE)
        assert workspace.append(records, FILE).new == 0
        assert done.new <= done.read
        workspace.columns()
        workspace.profiles()


def test_the_schema_of_the_table_is_what_is_bounded_here() -> None:
    numbers = {field.name for field in activity_schema() if pa.types.is_integer(field.type)}
    times = {field.name for field in activity_schema() if pa.types.is_timestamp(field.type)}
    assert numbers | times == {"at", "ended", "actor_followers"}
