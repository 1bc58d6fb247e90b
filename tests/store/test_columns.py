"""Columns for the kernel: from the cache, after it, and from the log, always the same as the plain rules."""

from __future__ import annotations

import itertools
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtship.columns import PeopleColumns
from courtship.model import FOREVER, Activity, Decision, Origin, Undo
from courtship.store import open_workspace
from courtship.store.workspace import Workspace
from courtship.vocabulary import KIND_CODE

T = 1_700_000_000_000_000
SECOND = 1_000_000
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
FILE = Origin("f", "activities", "", T)
OTHER = Origin("g", "mastodon", "", T)
THIRD = Origin("h", "bluesky-lists", "", T)

_names = itertools.count()

accounts = st.sampled_from([ME, "b:me", ANN, BOB, "b:ann", "b:cy", ""])
ids = st.sampled_from(["", "1", "2", "3", "4", "5", "é"])
times = st.integers(0, 40).map(lambda n: T + n * 100 * SECOND)
activities = st.builds(
    Activity,
    ids,
    st.sampled_from(["follow", "like", "comment", "share"]),
    accounts,
    accounts,
    times,
    st.none() | times,
    st.booleans(),
    st.none() | st.sampled_from(["p1", "p2"]),
).filter(lambda row: bool(row.actor or row.target))
undos = st.builds(Undo, st.just("u"), ids.filter(bool), times, st.sampled_from(["", "test", "b"]))
told = st.tuples(
    st.just("tell"), st.sampled_from([FILE, OTHER, THIRD]), st.lists(activities | undos, max_size=12)
)
decided = st.tuples(
    st.just("decide"),
    st.sampled_from(
        [
            Decision("activity.deny", "1"),
            Decision("activity.deny", "2", {"platform": "b"}),
            Decision("undo", "", {"position": 5}),
            Decision("brand.add", "b:me"),
            Decision("brand.remove", "b:me"),
        ]
    ),
    st.none(),
)
steps = st.lists(told | decided | st.tuples(st.just("look"), st.none(), st.none()), min_size=1, max_size=8)


def as_rows(people: PeopleColumns) -> list[tuple[Any, ...]]:
    """Everything that the columns say, person by person, in words."""
    columns = people.columns
    said = []
    ids = people.ids(np.arange(len(columns.at)))
    for person, address in enumerate(people.earliest):
        span = slice(int(columns.start[person]), int(columns.start[person + 1]))
        rows = [
            (
                int(columns.at[i]),
                ids[i],
                int(columns.ended[i]),
                int(columns.kind[i]),
                int(columns.outbound[i]),
                int(columns.precise[i]),
                columns.platforms[columns.platform[i]],
                people.addresses[people.account[i]],
            )
            for i in range(span.start, span.stop)
        ]
        assert [row[:2] for row in rows] == sorted(row[:2] for row in rows)
        order = list(zip(columns.at[span], columns.rank[span], strict=True))
        assert order == sorted(order)
        said.append((address, tuple(people.accounts(person)), rows))
    return said


def plainly(workspace: Workspace) -> list[tuple[Any, ...]]:
    """The same by the plain rules, account by account."""
    brand = workspace.brand()
    said = []
    for address in workspace.accounts():
        if address in brand:
            continue
        rows = []
        for act in workspace.activities_of([address]):
            other = act.target if act.actor == address else act.actor
            if other not in brand:
                continue
            rows.append(
                (
                    act.at,
                    act.id,
                    FOREVER if act.ended is None else act.ended,
                    KIND_CODE[act.kind],
                    int(act.actor in brand),
                    int(act.precise),
                    address.partition(":")[0],
                    address,
                )
            )
        if rows:
            said.append((address, (address,), sorted(rows)))
    return said


def sorted_rows(said: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(address, held, sorted(rows)) for address, held, rows in said]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps)
def test_cache_and_log_and_plain_rules_agree(steps: list[Any], database: str, tmp_path: Path) -> None:
    # closed also where an example fails: else each try at a smaller one keeps a connection
    with closing(open_workspace(tmp_path / "home", f"w{next(_names)}")) as workspace:
        workspace.decide(Decision("brand.add", ME))
        workspace.columns()
        for what, value, records in steps:
            if what == "tell":
                workspace.append(records, value)
            elif what == "decide":
                workspace.decide(value)
            said = sorted_rows(as_rows(workspace.columns()))
            assert said == sorted_rows(plainly(workspace))
            assert said == sorted_rows(as_rows(workspace.columns_from_log()))
            assert said == sorted_rows(as_rows(workspace.columns_of(workspace.accounts())))


def test_persons_with_several_accounts(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(
        [
            Activity("3", "like", ANN, ME, T + 3),
            Activity("1", "like", "b:ann", ME, T + 3),
            Activity("2", "comment", ME, "b:ann", T + 1),
            Activity("4", "like", BOB, ME, T),
            Activity("5", "follow", ANN, BOB, T),
        ],
        FILE,
    )
    groups = {ANN: "one", "b:ann": "one"}
    people = workspace.columns(groups)
    first, second = as_rows(people)
    assert first[:2] == ("b:ann", ("b:ann", ANN))
    assert [row[1] for row in first[2]] == ["2", "1", "3"]
    assert [row[4] for row in first[2]] == [1, 0, 0]
    assert second[:2] == (BOB, (BOB,))
    alone = as_rows(workspace.columns())
    assert [person[0] for person in alone] == ["b:ann", ANN, BOB]
    # after a change only Ann's rows are read anew, and mix with what the cache has
    workspace.append([Activity("0", "share", ANN, ME, T + 3)], FILE)
    first, _ = as_rows(workspace.columns(groups))
    assert [row[1] for row in first[2]] == ["2", "0", "1", "3"]


def test_an_empty_workspace_has_nobody(workspace: Workspace) -> None:
    people = workspace.columns()
    assert list(people.earliest) == []
    assert list(people.columns.start) == [0]
