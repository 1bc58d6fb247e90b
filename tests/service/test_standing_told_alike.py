"""The derived tables, the kernel at a moment, and one person read plainly: three ways, one answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from courtship.model import DAY, Decision, Micros
from courtship.store import open_workspace

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOW: Micros = 1_795_305_600_000_000
"""2026-11-22T00:00:00Z"""


@pytest.fixture
def demo(sqlite: None, tmp_path: Path) -> Workspace:
    """A small made-up brand, refreshed."""
    workspace = open_workspace(tmp_path / "home")
    from courtship.service.demo import demo as made_up
    from courtship.service.reckoning.refresh import refresh

    made_up.fill(workspace, people=60, activities=2_400, now=NOW)
    refresh(workspace, now=NOW)
    return workspace


def test_three_ways_of_reckoning_say_the_same(demo: Workspace) -> None:
    from courtship.service.people.person import story
    from courtship.service.reckoning.stages import stages

    present, anew = stages(demo, now=NOW), stages(demo, now=NOW, at=NOW)
    assert len(present.people) > 40
    assert present.people == anew.people
    assert present.set_aside == anew.set_aside > 0
    for one in present.people:
        told = story(demo, one.person, now=NOW)
        report = told.report
        assert (report.stage, report.since, report.until, report.peak, report.certain, told.momentum) == (
            one.stage,
            one.since,
            one.until,
            one.peak,
            one.certain,
            one.momentum,
        )
        assert told.accounts == one.accounts
        assert told.name == one.name or not told.name
        assert [act.at for act in told.acts] == sorted(act.at for act in told.acts)
        if len(one.accounts) > 1:
            assert told.why


def test_transitions_up_to_a_moment_begin_those_up_to_a_later_one(demo: Workspace) -> None:
    from courtship.service.people.person import story
    from courtship.service.reckoning.stages import stages

    for one in stages(demo, now=NOW, at=NOW - 200 * DAY).people:
        early = story(demo, one.person, now=NOW, at=NOW - 200 * DAY).report
        late = story(demo, one.person, now=NOW).report
        assert late.transitions[: len(early.transitions)] == early.transitions
        assert early.stage == one.stage


def test_every_account_answers_for_its_person_after_any_decision(demo: Workspace) -> None:
    from courtship.people.identity import person_id
    from courtship.service.people import identity
    from courtship.service.reckoning.stages import stages

    before = stages(demo, now=NOW).people
    several = next(one for one in before if len(one.accounts) > 1)
    other = next(one for one in before if one.person != several.person)
    for act in (
        lambda: identity.split(demo, several.accounts[0], now=NOW),
        lambda: identity.merge(demo, several.accounts[0], other.person, now=NOW),
        lambda: identity.undo(demo, now=NOW),
        lambda: identity.undo(demo, now=NOW),
    ):
        act()
        people = stages(demo, now=NOW).people
        assert people == stages(demo, now=NOW, at=NOW).people
        for one in people:
            for account in one.accounts:
                assert identity.resolve(demo, account).person == one.person
        assert identity.resolve(demo, person_id(several.accounts[0])).person
    assert stages(demo, now=NOW).people == before


def test_what_was_denied_never_was(demo: Workspace) -> None:
    from courtship.service.people.person import story
    from courtship.service.reckoning.refresh import refresh
    from courtship.service.reckoning.stages import stages

    one = next(one for one in stages(demo, now=NOW).people if one.stage == "trust")
    shares = [
        act for act in story(demo, one.person, now=NOW).acts if act.kind in ("share", "quote", "endorse")
    ]
    demo.decide(*(Decision("activity.deny", act.id, at=NOW) for act in shares if not act.outbound))
    refresh(demo, now=NOW)
    told = story(demo, one.person, now=NOW)
    assert told.report.stage != "trust"
    assert told.report.peak != "trust"
    assert next(p for p in stages(demo, now=NOW).people if p.person == one.person).stage == told.report.stage
