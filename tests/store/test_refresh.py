"""The derived tables: what they say, that they follow the log, and that mending equals making anew."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courtship.model import DAY, Activity, Coverage, Decision, Origin, Profile, Undo
from courtship.people.identity import person_id
from courtship.service.reckoning import refresh as reckoning
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import fresh, lapse, reckoned, refresh
from courtship.store import open_workspace
from courtship.store.derived import cues, tables
from courtship.store.workspace import Workspace
from courtship.vocabulary import KINDS, Direction

T = 1_700_000_000_000_000
SECOND = 1_000_000
ME, ANN, BOB, CY = "test:me", "test:ann", "test:bob", "b:cy"
FILE = Origin("f", "activities", "", T)
NOW = T + 30 * DAY

WAYS: tuple[Direction, ...] = ("inbound", "outbound")

_names = itertools.count()


def person(workspace: Workspace, account: str) -> dict[str, Any]:
    """The row of the person who holds an account."""
    id = tables.memberships(workspace)[account]
    told = tables.read(workspace, [id])[id]
    return dict(zip(tables.PERSON_COLUMNS, told.row, strict=True)) | {
        "accounts": told.accounts,
        "transitions": told.transitions,
    }


def history() -> list[Any]:
    return [
        Activity("1", "follow", ANN, ME, T, actor_name="Ann", actor_followers=5),
        Activity("2", "comment", ANN, ME, T + DAY, object="c2", in_reply_to="p1", actor_name="Ann B"),
        Activity("3", "comment", ME, ANN, T + DAY + 60 * SECOND, object="c3", in_reply_to="c2"),
        Activity("4", "comment", ANN, ME, T + 2 * DAY, in_reply_to="p1"),
        Activity("5", "comment", ANN, ME, T + 3 * DAY, in_reply_to="p2"),
        Activity("6", "share", ANN, ME, T + 4 * DAY, object="p2"),
        Activity("7", "like", BOB, ME, T + 5 * DAY, object="p2"),
        Activity("8", "like", CY, ME, T + 20 * DAY, object="p2"),
        Profile(BOB, T, "Bob", "bobby", followers=7),
    ]


def test_what_is_not_seen_makes_less_certain_and_no_silence(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    unseen = person(workspace, BOB)
    assert (unseen["certain"], unseen["momentum"]) == (0, "steady")
    ways: tuple[Direction, ...] = ("inbound", "outbound")
    seen = [Coverage(ME, kind, way, "full", None, T + 9 * DAY) for kind in KINDS for way in ways]
    workspace.append(seen, FILE)
    refresh(workspace, now=T + 300 * DAY)
    bob, ann = person(workspace, BOB), person(workspace, ANN)
    assert bob["momentum"] == "warming"  # as of the end of the data, not ten months of silence later
    assert (bob["certain"], ann["certain"]) == (0, 1)  # of who is at the top nothing is missing
    refresh(workspace, now=T + 9 * DAY)
    assert person(workspace, BOB)["certain"] == 1


def test_rows_of_people(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    done = refresh(workspace, now=NOW)
    assert (done.changed, done.everybody, done.position) == (3, True, workspace.position())
    ann = person(workspace, ANN)
    assert ann["id"] == person_id(ANN)
    assert (ann["name"], ann["handle"], ann["followers"]) == ("Ann B", "ann", 5)
    assert (ann["stage"], ann["peak"]) == ("trust", "trust")
    assert [(move.after, move.activity) for move in ann["transitions"]] == [("like", "1"), ("trust", "6")]
    assert (ann["inbound_count"], ann["outbound_count"]) == (5, 1)
    assert (ann["talk_count"], ann["answered_count"]) == (4, 1)
    assert ann["first_at"] == T
    assert ann["last_inbound_at"] == ann["last_contact_at"] == T + 4 * DAY
    assert ann["last_outbound_at"] == T + DAY + 60 * SECOND
    assert (ann["platforms"], ann["introduced_by"], ann["set_aside"]) == ("test", None, "")
    bob = person(workspace, BOB)
    assert (bob["name"], bob["handle"], bob["followers"]) == ("Bob", "bobby", 7)
    assert bob["introduced_by"] == ann["id"]
    # sixteen days after the share is too late to have come by it
    assert person(workspace, CY)["introduced_by"] is None


def test_merge_split_and_set_aside_touch_few(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    before = tables.read(workspace)
    (merge,) = workspace.decide(Decision("person.merge", ANN, {"other": CY}, at=NOW))
    done = refresh(workspace, now=NOW)
    assert not done.everybody
    both = person(workspace, CY)
    assert both["accounts"] == (CY, ANN)
    assert both["id"] == person_id(ANN)
    assert both["inbound_count"] == 6
    assert both["platforms"] == "b test"
    workspace.decide(Decision("undo", "", {"position": merge.position}, at=NOW))
    refresh(workspace, now=NOW)
    assert tables.read(workspace) == before
    workspace.decide(Decision("person.merge", ANN, {"other": CY}, at=NOW))
    refresh(workspace, now=NOW)
    workspace.decide(Decision("person.split", CY, at=NOW))
    refresh(workspace, now=NOW)
    assert tables.read(workspace) == before
    workspace.decide(Decision("person.set_aside", BOB, {"as": "bot"}, at=NOW))
    done = refresh(workspace, now=NOW)
    assert (done.changed, done.everybody) == (1, False)
    assert person(workspace, BOB)["set_aside"] == "bot"


def test_fresh_does_nothing_where_nothing_can_have_changed(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    assert fresh(workspace, now=NOW) is not None
    assert fresh(workspace, now=NOW + SECOND) is None
    workspace.decide(Decision("note.add", ANN, {"text": "nice"}))
    noted = fresh(workspace, now=NOW + SECOND)
    assert noted is not None
    assert (noted.changed, noted.everybody) == (0, False)
    assert fresh(workspace, now=NOW + SECOND) is None
    # a day later momentum may differ; after the stage lapses it is another
    later = fresh(workspace, now=NOW + 1000 * DAY)
    assert later is not None
    assert later.everybody
    assert person(workspace, BOB)["stage"] == "aware"
    workspace.decide(Decision("policy.adopt", "", {"policy": None}))
    adopted = fresh(workspace, now=NOW + 1000 * DAY)
    assert adopted is not None
    assert adopted.everybody


def test_a_lapse_is_mended_alone(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME), Decision("person.set_aside", CY, {"as": "bot"}))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    bob = person(workspace, BOB)
    until = bob['"until"']
    stamp, clock = cues.people_stamp(workspace), cues.people_clock(workspace)
    assert lapse(workspace, now=until - 1, most=10) == (
        0,
        False,
        workspace.position(),
        until - 1,
    )
    assert lapse(workspace, now=until, most=0) is None
    assert person(workspace, BOB) == bob
    # on another day too, and then everybody's momentum is still to be told anew
    done = lapse(workspace, now=until, most=10)
    assert done is not None
    assert (done.everybody, done.changed) == (False, 1)
    assert person(workspace, BOB)["stage"] == "aware"
    assert person(workspace, BOB)["introduced_by"] == person_id(ANN)
    assert cues.people_stamp(workspace) == stamp
    assert cues.people_clock(workspace) != clock
    later = fresh(workspace, now=until)
    assert later is not None
    assert later.everybody
    _, anew = reckoned(workspace, until, from_log=True)
    assert tables.read(workspace) == anew
    # within the day fresh itself mends them alone
    workspace.decide(Decision("note.add", ANN, {"text": "nice"}))
    assert lapse(workspace, now=until, most=10) is None  # the log has more than the tables


def test_what_is_dated_a_moment_ahead_is_felt_when_it_has_come(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    workspace.append([Activity("9", "like", "test:dee", ME, NOW + 2 * SECOND)], FILE)
    refresh(workspace, now=NOW + SECOND)
    assert "test:dee" not in tables.memberships(workspace)
    assert fresh(workspace, now=NOW + 3 * SECOND) is not None
    assert "test:dee" in tables.memberships(workspace)
    assert fresh(workspace, now=NOW + 4 * SECOND) is None


def test_of_two_who_reckon_at_once_the_later_moment_stands(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    workspace.append([Activity("9", "like", "test:dee", ME, NOW + SECOND)], FILE)
    slow = reckoning.everybody

    def overtaken(*given: Any, **more: Any) -> Any:
        found = slow(*given, **more)
        monkeypatch.undo()
        refresh(workspace, now=NOW + 3 * SECOND)  # somebody who began later and is done before
        return found

    monkeypatch.setattr(reckoning, "everybody", overtaken)
    monkeypatch.setattr(reckoning, "mend", lambda *_, **__: None)
    refresh(workspace, now=NOW)
    assert "test:dee" in tables.memberships(workspace)
    assert rebuild(workspace, now=NOW + 4 * SECOND).differences == 0


def test_lapses_within_a_day_touch_few(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    until = person(workspace, BOB)['"until"']
    refresh(workspace, now=until - 1)
    assert until // DAY == (until - 1) // DAY
    done = fresh(workspace, now=until)
    assert done is not None
    assert (done.everybody, done.changed) == (False, 1)
    _, anew = reckoned(workspace, until, from_log=True)
    assert tables.read(workspace) == anew
    assert fresh(workspace, now=until) is None


def test_who_introduced_follows_who_is_whom(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append([*history(), Activity("0", "view", CY, ME, T - DAY)], FILE)
    refresh(workspace, now=NOW)
    assert person(workspace, BOB)["introduced_by"] == person_id(ANN)
    workspace.decide(Decision("person.merge", ANN, {"other": CY}, at=NOW))
    done = refresh(workspace, now=NOW)
    assert not done.everybody
    assert person(workspace, BOB)["introduced_by"] == person_id(CY)


def test_what_is_not_seen_is_not_certain(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    workspace.append(history(), FILE)
    refresh(workspace, now=NOW)
    assert (person(workspace, ANN)["certain"], person(workspace, BOB)["certain"]) == (1, 0)
    shown = [Coverage("test:*", kind, way, "full", None, NOW) for kind in KINDS for way in WAYS]
    workspace.append(shown, FILE)
    assert refresh(workspace, now=NOW).everybody
    assert person(workspace, BOB)["certain"] == 1
    assert person(workspace, CY)["certain"] == 0


def test_brand_decides_direction(workspace: Workspace) -> None:
    workspace.append(history(), FILE)
    assert refresh(workspace, now=NOW).changed == 0
    workspace.decide(Decision("brand.add", ME))
    assert refresh(workspace, now=NOW).changed == 3
    workspace.decide(Decision("brand.add", BOB))
    refresh(workspace, now=NOW)
    assert BOB not in tables.memberships(workspace)


accounts = st.sampled_from([ME, ANN, BOB, CY, "b:dee"])
times = st.integers(0, 40).map(lambda n: T + n * DAY // 2)
activities = st.builds(
    Activity,
    st.sampled_from([str(n) for n in range(12)]),
    st.sampled_from(["follow", "like", "comment", "share", "quote", "block"]),
    accounts,
    accounts,
    times,
    st.none() | times,
    st.booleans(),
    st.none() | st.sampled_from(["p1", "p2"]),
    actor_name=st.none() | st.sampled_from(["A", "B"]),
)
undos = st.builds(Undo, st.just("u"), st.sampled_from(["1", "2", "3"]), times)
profiles = st.builds(
    Profile,
    accounts,
    st.none() | times,
    st.sampled_from(["", "Name", "Other"]),
    email=st.sampled_from(["", "a@x.org", "b@x.org"]),
)
people = st.sampled_from([ANN, BOB, CY, "b:dee"])
decisions = st.one_of(
    st.builds(lambda a, b: Decision("person.merge", a, {"other": b}), people, people),
    st.builds(lambda a: Decision("person.split", a), people),
    st.builds(lambda a: Decision("person.set_aside", a, {"as": "team"}), people),
    st.builds(lambda a: Decision("person.restore", a), people),
    st.builds(lambda n: Decision("activity.deny", str(n)), st.integers(0, 5)),
    st.builds(lambda n: Decision("undo", "", {"position": n}), st.integers(2, 12)),
    st.builds(lambda a: Decision("brand.add", a), accounts),
)
steps = st.lists(
    st.lists(activities | undos | profiles, min_size=1, max_size=10) | decisions, min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(steps=steps)
def test_mended_equals_made_anew(steps: list[Any], database: str, tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home", f"w{next(_names)}")
    workspace.decide(Decision("brand.add", ME))
    refresh(workspace, now=NOW)
    for step in steps:
        if isinstance(step, Decision):
            workspace.decide(step)
        else:
            workspace.append(step, FILE)
        refresh(workspace, now=NOW)
        _, anew = reckoned(workspace, NOW, from_log=True)
        assert tables.read(workspace) == anew
    workspace.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    steps=steps,
    days=st.lists(st.integers(1, 200), min_size=1, max_size=5),
    decided=st.lists(decisions, max_size=2),
)
def test_lapses_mended_are_as_everybody_anew(
    steps: list[Any], days: list[int], decided: list[Decision], database: str, tmp_path: Path
) -> None:
    """After any days the stages, times and changes are those that everybody anew has; a full refresh then
    has the rest."""
    workspace = open_workspace(tmp_path / "home", f"l{next(_names)}")
    workspace.decide(Decision("brand.add", ME), *decided)
    for step in steps:
        if isinstance(step, Decision):
            workspace.decide(step)
        else:
            workspace.append(step, FILE)
    now = T + 40 * DAY  # nothing told of is later
    refresh(workspace, now=now)
    for more in days:
        now += more * DAY + 3_600 * SECOND
        done = lapse(workspace, now=now, most=100)
        assert done is not None
        _, anew = reckoned(workspace, now, from_log=True)
        told = tables.read(workspace)
        assert told.keys() == anew.keys()
        assert {id: by_stage(one) for id, one in told.items()} == {
            id: by_stage(one) for id, one in anew.items()
        }
    fresh(workspace, now=now)
    assert tables.read(workspace) == anew
    workspace.close()


TIMELY = [tables.PERSON_COLUMNS.index(name) for name in ("certain", "momentum", "answered_count")]


def by_stage(told: tables.PersonTold) -> Any:
    """Without what the passing of days changes besides lapses."""
    row = tuple(value for place, value in enumerate(told.row) if place not in TIMELY)
    return row, told.accounts, told.transitions
