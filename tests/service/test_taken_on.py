"""What is kept of everybody in memory and taken on by a few is what reading everybody anew answers."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.model import DAY, Activity, Decision, Origin, Post, Profile, Record, Undo
from courtship.people.identity import person_id
from courtship.plan.goals import Goal
from courtship.service.accountability import goals
from courtship.service.live.hearing import hear
from courtship.service.people import people_list
from courtship.service.reckoning import movement, upkeep
from courtship.service.reckoning.refresh import refresh
from courtship.service.tribe import books, decided
from courtship.store import open_workspace, remembering
from courtship.store.derived import cues, movement_query, roster, touched
from courtship.store.derived.people_query import Filter
from courtship.store.derived.splicing import Splice
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
ME = "test:me"
LIVE = Origin("webhook", "test", "", T)
NAMES = [f"{platform}:p{number}" for number in range(7) for platform in ("test", "other")]


class Owner:
    """A brand with goals and a tribe; every step of its story is followed by a comparison."""

    def __init__(self, workspace: Workspace, seed: int) -> None:
        self.workspace, self.draw, self.now = workspace, random.Random(seed), T
        self.ids = itertools.count()
        self.acts: list[str] = []
        self.goals: list[Goal] = []
        workspace.decide(Decision("brand.add", ME, {}, T - DAY))
        hear(workspace, [Post("post", ME, T - DAY, "Bread")], LIVE, now=T)
        refresh(workspace, now=T)
        for measure in ("answers", "thanks", "comments", "shares"):
            detail: dict[str, Any] = {"measure": measure, "period": "week", "target": 1, "start": T - 9 * DAY}
            goals.set_goal(workspace, detail, now=T)
        self.goals = goals.declared(workspace)
        join = [Decision("tribe.join", name, {}, T) for name in NAMES[:3]]
        workspace.decide(*join)
        refresh(workspace, now=T)

    def step(self) -> None:
        self.now += self.draw.choice((1_000_000, 3_600_000_000, DAY))
        rarely = [self.undo, self.merge, self.split, self.deny, self.aside, self.forget]
        do = self.draw.choice([self.act] * 12 + [*rarely, self.profile, self.pass_time])
        do()

    def somebody(self) -> str:
        return self.draw.choice(NAMES)

    def hear(self, *records: Record) -> None:
        hear(self.workspace, records, LIVE, now=self.now)

    def decide(self, *made: Decision) -> None:
        self.workspace.decide(*made)
        refresh(self.workspace, now=self.now)

    def act(self) -> None:
        told = []
        for _ in range(self.draw.choice((1, 1, 1, 3))):
            who, id = self.somebody(), f"a{next(self.ids)}"
            kind = self.draw.choice(("comment", "comment", "share", "like", "follow", "mention", "block"))
            at = self.now - self.draw.choice((0, 0, 0, DAY // 2, 5 * DAY))
            one, two = (who, ME) if self.draw.random() < 0.6 else (ME, who)
            thing = self.draw.choice(("post", "theirs", *self.acts[-2:]))
            told.append(Activity(id, kind, one, two, at, object=thing, in_reply_to=thing, actor_name=who))
            self.acts.append(id)
        self.hear(*told)

    def undo(self) -> None:
        if self.acts:
            self.hear(Undo(f"u{next(self.ids)}", self.draw.choice(self.acts), self.now))

    def profile(self) -> None:
        who = self.somebody()
        self.hear(
            Profile(who, self.now, f"Name {next(self.ids)}", who.partition(":")[2], followers=next(self.ids))
        )

    def merge(self) -> None:
        one, two = self.somebody(), self.somebody()
        if one != two:
            self.decide(Decision("person.merge", one, {"other": two}, self.now))

    def split(self) -> None:
        self.decide(Decision("person.split", self.somebody(), {}, self.now))

    def deny(self) -> None:
        if self.acts:
            self.decide(Decision("activity.deny", self.draw.choice(self.acts), {}, self.now))

    def aside(self) -> None:
        self.decide(Decision("person.set_aside", person_id(self.somebody()), {"as": "bot"}, self.now))

    def forget(self) -> None:
        if self.draw.random() < 0.3:
            self.workspace.forget([self.somebody()], now=self.now)
            refresh(self.workspace, now=self.now)

    def pass_time(self) -> None:
        self.now += self.draw.choice((DAY, 40 * DAY, 200 * DAY))
        upkeep.keep_up(self.workspace, now=self.now)

    # ------------------------------------------------------------------------------------

    def kept(self) -> tuple[Any, ...]:
        """Everything that is taken on, in words that can be compared."""
        workspace = self.workspace
        deeds = [goals.deeds_of(workspace, goal, now=T + 3000 * DAY) for goal in self.goals]
        said = decided.said(workspace)
        told = books.told_of(workspace, said.people)
        acts = [column.tolist() for column in told.acts]
        return (
            listed(people_list.everybody(workspace)),
            moved(movement.history(workspace).moves),
            movement.history(workspace).announced.counts(self.now),
            deeds,
            said,
            (told.people, told.record.tolist(), acts, told.posts, told.blocked),
        )

    def compare(self) -> None:
        taken = self.kept()
        remembering.forget_all()
        for one, two in zip(taken, self.kept(), strict=True):
            assert one == two


def listed(held: roster.Roster) -> list[tuple[Any, ...]]:
    words = (held.stage, held.momentum, held.platforms, held.introduced)
    told = [[column.names[code] for code in column.codes] for column in words]
    numbers = [held.numbers[name].tolist() for name in sorted(held.numbers)]
    found = held.find(Filter(words="p1")).tolist()
    return list(zip(held.ids, held.names, held.certain.tolist(), found, *told, *numbers, strict=True))


def moved(held: movement_query.Movements) -> tuple[Any, ...]:
    first = [held.stages[code] for code in held.first_stage]
    after = [held.stages[code] for code in held.after]
    return (
        list(zip(held.people, held.first_at.tolist(), first, held.platforms, strict=True)),
        list(zip(held.person.tolist(), held.at.tolist(), after, held.lapse.tolist(), strict=True)),
    )


@pytest.mark.parametrize("seed", range(12))
def test_taken_on_is_as_read_anew(tmp_path: Path, seed: int) -> None:
    owner = Owner(open_workspace(tmp_path / "home"), seed)
    owner.kept()
    for turn in range(25):
        owner.step()
        if turn % (1 + seed % 4) == 0:  # one step, or several, at once
            owner.compare()
    owner.compare()


def test_one_act_reads_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = Owner(open_workspace(tmp_path / "home"), 1)
    owner.hear(*[Activity(name, "comment", name, ME, owner.now) for name in NAMES])
    owner.hear(Activity("n", "comment", "test:outsider", ME, owner.now))
    owner.kept()
    owner.hear(Activity("o", "comment", "test:outsider", ME, owner.now + 1, object="post"))
    owner.hear(Activity("p", "comment", "test:newcomer", ME, owner.now + 2, object="post"))

    def never(*_: object) -> None:
        raise AssertionError("everybody was read")

    for module, name in (
        (roster, "read"),
        (movement_query, "movements"),
        (goals, "people_of"),
        (books, "_read"),
        (decided, "_read"),
    ):
        monkeypatch.setattr(module, name, never)
    owner.kept()
    monkeypatch.undo()
    owner.compare()


def test_what_others_wrote_is_read(tmp_path: Path) -> None:
    """As another process would: the steps that it made are not known here."""
    owner = Owner(open_workspace(tmp_path / "home"), 2)
    for _ in range(8):
        owner.act()
        owner.kept()
        owner.act()
        touched.forget_all()
        owner.act()
        owner.compare()


def test_a_step_that_was_taken_back_leads_nowhere(tmp_path: Path) -> None:
    owner = Owner(open_workspace(tmp_path / "home"), 3)
    owner.act()
    owner.kept()

    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    lost = Activity("lost", "comment", "test:lost", ME, owner.now, object="post")
    with pytest.raises(Stop):
        hear(owner.workspace, [lost], LIVE, now=owner.now, save=stop)
    owner.compare()
    owner.hear(lost)
    owner.compare()
    assert person_id("test:lost") in people_list.everybody(owner.workspace).place


def test_many_at_once_are_read_whole() -> None:
    one, two, three = (touched.Stand(word, word) for word in ("1", "2", "3"))
    some = frozenset(f"p{n}" for n in range(touched.MOST))
    touched.note("w", one, two, some)
    touched.note("w", two, three, {"q"})
    assert touched.between("w", one, two) == some
    assert touched.between("w", two, three) == frozenset({"q"})
    assert touched.between("w", one, three) is None
    assert touched.between("w", three, one) is None
    assert touched.between("v", one, two) is None
    assert touched.between("w", two, two) == frozenset()
    touched.note("w", three, one, some | {"one more"})
    assert touched.between("w", three, one) is None


@settings(max_examples=300)
@given(held=st.sets(st.text("abc", max_size=3)), out=st.sets(st.text("abc", max_size=3)), into=st.data())
def test_a_splice_is_as_sorted_anew(held: set[str], out: set[str], into: st.DataObject) -> None:
    new = into.draw(st.sets(st.sampled_from(sorted(out)))) if out else set()
    ids = sorted(held)
    splice = Splice(ids, sorted(out), sorted(new))
    after = sorted((held - out) | new)
    assert splice.row(ids, sorted(new)) == after
    numbers = splice.array(np.arange(len(ids)), [-1] * len(new)).tolist()
    assert [ids[n] if n >= 0 else None for n in numbers] == [None if id in new else id for id in after]
    assert [after[n] if n >= 0 else None for n in splice.moved()] == [None if id in out else id for id in ids]
    assert [after[n] for n in splice.placed()] == sorted(new)


def test_forgotten_is_not_kept(tmp_path: Path) -> None:
    owner = Owner(open_workspace(tmp_path / "home"), 4)
    owner.hear(Activity("g", "comment", "test:gone", ME, owner.now, actor_name="Gone"))
    assert person_id("test:gone") in people_list.everybody(owner.workspace).ids
    owner.workspace.forget(["test:gone"], now=owner.now)
    assert person_id("test:gone") not in people_list.everybody(owner.workspace).ids
    owner.hear(Activity("h", "comment", "test:other", ME, owner.now))
    assert person_id("test:gone") not in people_list.everybody(owner.workspace).ids
    assert cues.people_stand(owner.workspace).clock
