"""The tables of people say what was written, whatever they said before, and only what differs is written."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtship.model import DAY, Activity, Decision, Origin, Transition
from courtship.people.identity import person_id, person_ids
from courtship.service.reckoning import person_rows
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import reckoned, refresh
from courtship.store import bulk, open_workspace
from courtship.store.derived import cues, people_written, summaries, tables
from courtship.store.derived.tables import PersonTold
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
NOW = T + 30 * DAY
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
FILE = Origin("f", "activities", "", T)

_names = itertools.count()
_move = st.builds(
    Transition,
    st.integers(0, 3),
    st.just("aware"),
    st.sampled_from(["like", "trust"]),
    st.sampled_from(["activity", "lapse"]),
    st.sampled_from([None, "a1", "a2"]),
)


@st.composite
def _people(draw: st.DrawFn) -> dict[str, PersonTold]:
    ids = sorted(draw(st.sets(st.sampled_from(["p1", "p2", "p3", "p4"]))))
    accounts: dict[str, list[str]] = {id: [] for id in ids}
    for account in ("x:1", "x:2", "x:3", "x:4", "x:5"):
        holder = draw(st.sampled_from(["", *ids]))
        if holder:
            accounts[holder].append(account)
    people = {}
    for id in ids:
        stage, until = draw(st.sampled_from(["like", "trust"])), draw(st.sampled_from([None, 5, 6]))
        inbound, introduced_by = draw(st.integers(0, 2)), draw(st.sampled_from([None, "p1"]))
        begun: tuple[Any, ...] = (id, "Ann", "ann", stage, 1, until, stage, 1, "steady", 1, 2, None, 2)
        row = (*begun, inbound, 1, 0, 0, "x", None, introduced_by, "")
        people[id] = PersonTold(row, tuple(accounts[id]), tuple(draw(st.lists(_move, max_size=3))))
    return people


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_people(), _people(), st.booleans())
def test_what_is_written_is_read(
    tmp_path: Path, first: dict[str, PersonTold], then: dict[str, PersonTold], whole: bool
) -> None:
    workspace = open_workspace(tmp_path, f"written-{next(_names)}")
    with workspace.transaction():
        assert people_written.write(workspace, first) == len(first)
        assert tables.read(workspace) == first
        gone = None if whole else first.keys() - then.keys()
        changed = people_written.write(workspace, then, gone)
    assert tables.read(workspace) == then
    unlike = {id for id in first.keys() | then.keys() if first.get(id) != then.get(id)}
    assert changed == len(unlike)
    stamp = cues.people_clock(workspace)
    with workspace.transaction():
        assert people_written.write(workspace, then) == 0
    assert cues.people_clock(workspace) == stamp
    workspace.close()


def _indexes(workspace: Workspace) -> set[str]:
    query = "SELECT name || coalesce(sql, '') FROM sqlite_master WHERE type = 'index'"
    return {name for (name,) in bulk.rows(workspace.connection, query)}


def _history() -> list[Any]:
    return [
        Activity("1", "follow", ANN, ME, T, actor_name="Ann"),
        Activity("2", "comment", ANN, ME, T + DAY, object="c2", in_reply_to="p1"),
        Activity("3", "comment", ANN, ME, T + 2 * DAY, in_reply_to="p1"),
        Activity("4", "share", ANN, ME, T + 4 * DAY, object="p2"),
        Activity("5", "like", BOB, ME, T + 5 * DAY, object="p2"),
    ]


def _cut_off(workspace: Workspace, indexes: set[str]) -> None:
    with bulk.indexed_after(workspace.connection, "store_person", 1):
        assert _indexes(workspace) < indexes
        raise RuntimeError("cut off")


def test_indexes_that_are_made_after_the_rows_are_those_that_were(
    sqlite: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = open_workspace(tmp_path)
    workspace.decide(Decision("brand.add", ME))
    workspace.append(_history(), FILE)
    before = _indexes(workspace)
    monkeypatch.setattr(bulk, "INDEXED_AFTER", 1)
    with pytest.raises(RuntimeError, match="cut off"), workspace.transaction():
        _cut_off(workspace, before)
    assert _indexes(workspace) == before
    refresh(workspace, now=NOW)
    assert _indexes(workspace) == before
    monkeypatch.undo()
    assert rebuild(workspace, now=NOW).differences == 0


def test_a_refresh_that_finds_nothing_new_writes_nothing(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(_history(), FILE)
    refresh(workspace, now=NOW)
    kept, called = summaries.everything(workspace), cues.everything(workspace)
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM store_cue ORDER BY id")
        ids = cursor.fetchall()
        cursor.execute("UPDATE store_state SET refreshed_as = 'other rules'")
    done = refresh(workspace, now=NOW)
    assert (done.everybody, done.changed) == (True, 0)
    assert (summaries.everything(workspace), cues.everything(workspace)) == (kept, called)
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM store_cue ORDER BY id")
        assert cursor.fetchall() == ids


def test_who_introduced_whom_is_not_asked_again_for_another_ladder(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(_history(), FILE)
    refresh(workspace, now=NOW)
    asked: list[str] = []
    plainly = person_rows.introducers

    def introducers(workspace: Workspace, newcomers: Any, known: Any) -> dict[str, str]:
        asked.extend(one.id for one in newcomers)
        return plainly(workspace, newcomers, known)

    monkeypatch.setattr(person_rows, "introducers", introducers)
    names = {"policy": {**_written(), "name": "mine"}}
    for now, decisions in ((NOW, [Decision("policy.adopt", "", names)]), (NOW + DAY, [])):
        workspace.decide(*decisions)
        assert refresh(workspace, now=now).everybody
        assert asked == []
        bob = tables.read(workspace, [person_id(BOB)])[person_id(BOB)]
        assert bob.row[tables.INTRODUCED_BY] == person_id(ANN)
        assert tables.read(workspace) == reckoned(workspace, now, from_log=True)[1]
        asked.clear()
    # with anything else they are asked for
    merge = Decision("person.merge", ANN, {"other": BOB})
    workspace.decide(merge, Decision("policy.adopt", "", {"policy": None}))
    assert refresh(workspace, now=NOW + DAY).everybody
    assert tables.read(workspace) == reckoned(workspace, NOW + DAY, from_log=True)[1]


def _written() -> dict[str, Any]:
    import tomllib

    from courtship.service.policy import trying

    return tomllib.loads(trying.default_text())


def test_ids_of_many_are_those_of_each() -> None:
    addresses = [f"x:{n}" for n in range(50)] + ["größer:ß", ""]
    assert person_ids(addresses) == [person_id(one) for one in addresses]
    assert person_ids([]) == []
