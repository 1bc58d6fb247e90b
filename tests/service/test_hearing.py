"""One event is felt at once: by whom, and kept with the cursor or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.lifecycle.test_readings import ladders

from courtship.lifecycle.policy import Policy, Rule
from courtship.model import DAY, Activity, Coverage, Decision, Origin, Profile, Undo
from courtship.people.identity import person_id
from courtship.service.live import hearing
from courtship.service.live.hearing import hear
from courtship.service.reckoning import certainty, cueing, summing
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import fresh, reckoned, refresh
from courtship.service.reckoning.standing import standing
from courtship.store import open_workspace
from courtship.store.derived import cues, tables
from courtship.store.workspace import Workspace
from courtship.vocabulary import KINDS, Direction, Seen

_names = itertools.count()
T = 1_700_000_000_000_000
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
LIVE = Origin("webhook", "test", "", T)


@pytest.fixture
def brand(workspace: Workspace) -> Workspace:
    workspace.decide(Decision("brand.add", ME))
    refresh(workspace, now=T)
    return workspace


def test_who_and_how(brand: Workspace) -> None:
    first = Activity("1", "like", ANN, ME, T + 1, actor_name="Ann")
    heard = hear(brand, [first], LIVE, now=T + 2)
    (ann,) = heard.people
    assert (ann.person, ann.name, ann.new, ann.stage) == (person_id(ANN), "Ann", True, "like")
    assert [activity for _, activity in ann.acts] == [first]
    assert [(move.before, move.after) for move in ann.moves] == [("aware", "like")]
    again = hear(brand, [first], LIVE, now=T + 3)
    assert (again.people, again.appended.known) == ((), 1)
    both = [
        Activity("2", "like", BOB, ME, T + 4),
        Activity("3", "comment", ANN, ME, T + 5),
    ]
    heard = hear(brand, both, LIVE, now=T + 6)
    assert {one.person: (one.new, len(one.moves)) for one in heard.people} == {
        person_id(ANN): (False, 0),
        person_id(BOB): (True, 1),
    }
    _, anew = reckoned(brand, T + 6, from_log=True)
    assert tables.read(brand) == anew


def test_the_cursor_goes_with_the_records(brand: Workspace) -> None:
    def fails() -> None:
        raise RuntimeError("no room for the cursor")

    position = brand.position()
    with pytest.raises(RuntimeError):
        hear(brand, [Activity("1", "like", ANN, ME, T + 1)], LIVE, now=T + 2, save=fails)
    assert brand.position() == position
    assert tables.read(brand) == {}
    kept: list[int] = []
    hear(
        brand,
        [Activity("1", "like", ANN, ME, T + 1)],
        LIVE,
        now=T + 2 + DAY,  # another day: everybody is reckoned, after what was heard is safe
        save=lambda: kept.append(brand.position()),
    )
    assert kept == [position + 1]
    assert len(tables.read(brand)) == 1


def test_a_hundred_in_one_commit_are_felt_at_once(brand: Workspace) -> None:
    """Nobody among them is replayed: not newcomers, nor whoever has blocked (one in a hundred did, and made
    every batch of a hundred a slow one), nor whose block was ended long ago."""
    people = [f"test:p{number}" for number in range(100)]
    acts = itertools.count()

    def said(kind: str, at: int, ended: int | None = None) -> list[Activity]:
        return [Activity(str(next(acts)), kind, one, ME, at, ended, object="p1") for one in people]

    hear(brand, said("comment", T + 1), LIVE, now=T + 2)
    blocked = [Activity("b", "block", people[7], ME, T + 3), Activity("c", "block", ME, people[8], T + 3)]
    hear(brand, blocked, LIVE, now=T + 4)
    hear(brand, [Activity("d", "block", people[9], ME, T + 3, T + 5)], LIVE, now=T + 6)
    never = AssertionError("somebody was replayed")
    with (
        patch.object(hearing, "replay", side_effect=never),
        patch.object(hearing, "mend", side_effect=never),
        patch.object(hearing, "refresh", side_effect=never),
    ):
        for turn in range(1, 4):
            heard = hear(brand, said("comment", T + 10 * turn), LIVE, now=T + 10 * turn)
            assert len(heard.people) == len(people)
            assert not heard.everybody
        heard = hear(brand, [Activity("e", "block", people[1], ME, T + 50)], LIVE, now=T + 50)
        assert [(one.stage, len(one.moves)) for one in heard.people] == [("parted", 1)]
    stages = {one.row[0]: one.row[tables.STAGE] for one in tables.read(brand).values()}
    assert [stages[person_id(people[n])] == "parted" for n in (1, 7, 8, 9, 10)] == [True] * 3 + [False] * 2
    compare(brand, T + 50)
    assert rebuild(brand, now=T + 50).first == ()


def test_what_was_deleted_before_it_was_told_keeps_no_words(brand: Workspace) -> None:
    hear(brand, [Activity("1", "comment", ANN, ME, T + 1, text="one")], LIVE, now=T + 1)
    hear(brand, [Undo("u", "2", T + 4, platform="test", blank=True)], LIVE, now=T + 4)
    hear(brand, [Activity("2", "comment", ANN, ME, T + 2, text="two")], LIVE, now=T + 5)
    hear(brand, [Activity("3", "comment", ANN, ME, T + 6, text="three")], LIVE, now=T + 6)
    said = {one.id: (one.text, one.ended) for one in brand.activities_of([ANN])}
    assert said == {"1": ("one", None), "2": (None, T + 4), "3": ("three", None)}
    compare(brand, T + 6)


def test_accounts_that_are_known_are_not_walked_through(brand: Workspace) -> None:
    """What an event costs must not grow with how many accounts a process has heard of."""
    hear(brand, [Activity("1", "like", ANN, ME, T + 1)], LIVE, now=T + 1)

    class Known(dict[str, int]):
        def __iter__(self) -> Iterator[str]:
            raise AssertionError("all accounts were walked through")

        keys = items = values = __iter__  # type: ignore[assignment]

    interning = brand.interning()
    interning.numbers = Known(interning.numbers)
    hear(brand, [Activity("2", "like", ANN, ME, T + 2)], LIVE, now=T + 2)
    hear(brand, [Activity("3", "like", BOB, ME, T + 3)], LIVE, now=T + 3)
    compare(brand, T + 3)


# ---------------------------------------------------------------- the same as a replay

accounts = st.sampled_from([ME, ANN, BOB, "b:cy", "b:dee", "b:me"])
KINDS_HEARD = ["follow", "like", "comment", "share", "quote", "mention", "block", "vote", "message"]


@st.composite
def streams(draw: st.DrawFn) -> list[Any]:
    """What is heard, one after the other: mostly in order of time, a second to twenty days apart."""
    clock = T
    told: list[Any] = []
    for number in range(draw(st.integers(1, 25))):
        clock += draw(st.sampled_from([1, 1_000_000, 400_000_000, DAY // 3, DAY, 9 * DAY, 20 * DAY]))
        kind = draw(
            st.sampled_from(["act"] * 12 + ["late", "undo", "profile", "merge", "deny", "seen", "again"])
        )
        actor = draw(accounts)
        target = draw(st.sampled_from(["test:me", "b:me"])) if actor not in (ME, "b:me") else draw(accounts)
        at = clock - draw(st.integers(0, 30)) * DAY if kind == "late" else clock
        name = str(draw(st.integers(0, number))) if kind == "again" else str(number)
        if kind in ("act", "late", "again"):
            about = draw(st.none() | st.sampled_from(["p1", "p2"]))
            who = draw(st.none() | st.sampled_from(["A", "B"]))
            word = draw(st.sampled_from(KINDS_HEARD))
            precise = draw(st.integers(0, 6)) > 0
            act = Activity(name, word, actor, target, at, None, precise, about, actor_name=who)
            told.append((clock, draw(st.sampled_from(["test", "test", "other"])), act))
        elif kind == "undo":
            told.append((clock, "test", Undo(f"u{number}", str(draw(st.integers(0, number + 2))), clock)))
        elif kind == "profile":
            told.append(
                (clock, "test", Profile(actor, clock, draw(st.sampled_from(["", "N"])), email="a@x.org"))
            )
        elif kind == "seen":
            start = draw(st.sampled_from([None, T - 900 * DAY, T]))
            seen: Seen = draw(st.sampled_from(["full", "some"]))
            told.append(
                (clock, "test", [Coverage("test:*", one, "inbound", seen, start, at) for one in KINDS])
            )
        elif kind == "merge":
            told.append((clock, "", Decision("person.merge", actor, {"other": draw(accounts)}, clock)))
        else:
            told.append((clock, "", Decision("activity.deny", str(draw(st.integers(0, number))), {}, clock)))
    return told


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    stream=streams(),
    rules=st.none() | ladders(),
    every=st.integers(1, 6),
    many=st.sampled_from([0, summing.MANY]),
)
def test_heard_is_as_replayed(
    stream: list[Any], rules: Policy | None, every: int, many: int, database: str, tmp_path: Path
) -> None:
    with patch.object(summing, "MANY", many):
        heard_is_as_replayed(stream, rules, every, tmp_path)


def heard_is_as_replayed(stream: list[Any], rules: Policy | None, every: int, tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home", f"h{next(_names)}")
    workspace.decide(Decision("brand.add", ME), Decision("brand.add", "b:me"))
    if rules is not None:
        workspace.decide(Decision("policy.adopt", "", {"policy": written(rules)}))
    refresh(workspace, now=T)
    for number, (clock, format, told) in enumerate(stream):
        if isinstance(told, Decision):
            workspace.decide(told)
            refresh(workspace, now=clock)
        else:
            records = told if isinstance(told, list) else [told]
            hear(workspace, records, Origin("webhook", format, "", T), now=clock)
        if number % every == 0 or number + 1 == len(stream):
            fresh(workspace, now=clock)
            compare(workspace, clock)
    assert rebuild(workspace, now=clock).first == ()
    workspace.close()


def compare(workspace: Workspace, now: int) -> None:
    """Nothing that is kept differs from what the log alone says."""
    columns, anew = reckoned(workspace, now, from_log=True)
    assert tables.read(workspace) == anew
    persons = [person_id(address) for address in columns.earliest]
    rules = standing(workspace).policy
    reports = cueing.reckon(columns, rules, now)
    aside = {id for id, told in anew.items() if told.row[tables.SET_ASIDE]}
    wanted = sorted(cueing.find(columns, persons, reports, now, leave_out=aside))
    assert cues.everything(workspace) == wanted


def written(rules: Policy) -> dict[str, Any]:
    """A policy as a mapping that a decision can hold."""

    def rule(one: Rule) -> dict[str, Any]:
        return {"all": [dict(each.said) for each in one.all], "any": [dict(each.said) for each in one.any]}

    stages = [{"name": one.name, "gain": rule(one.gain), "keep": rule(one.keep)} for one in rules.stages]
    return {"name": rules.name, "timezone": rules.timezone, "stage": stages}


def test_an_act_does_not_wait_for_everybodys_certainty(brand: Workspace) -> None:
    hear(brand, [Activity("1", "like", ANN, ME, T), Activity("2", "like", BOB, ME, T)], LIVE, now=T + 1)
    before = tables.read(brand)
    assert not before[person_id(BOB)].row[tables.PERSON_COLUMNS.index("certain")]
    ways: tuple[Direction, ...] = ("inbound", "outbound")
    start = T - 900 * DAY
    seen = [Coverage("test:*", one, way, "full", start, T + 2) for one in KINDS for way in ways]
    with patch.object(hearing, "AT_ONCE", 0):
        heard = hear(brand, [*seen, Activity("3", "like", ANN, ME, T + 2)], LIVE, now=T + 2)
    assert [one.person for one in heard.people] == [person_id(ANN)]
    assert tables.read(brand)[person_id(BOB)] == before[person_id(BOB)]
    assert certainty.is_pending(brand)
    done = fresh(brand, now=T + 3)
    assert done is not None
    assert done.everybody
    assert not certainty.is_pending(brand)
    compare(brand, T + 3)
    assert tables.read(brand)[person_id(BOB)] != before[person_id(BOB)]
    assert fresh(brand, now=T + 4) is None
    assert rebuild(brand, now=T + 4).first == ()
