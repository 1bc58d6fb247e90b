"""The response clock: waits by a plain reading of the rule, mended equal to found anew, goals, and no clock
where the brand's own answers cannot be seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.model import DAY, Activity, Coverage, Decision, Micros, Origin
from courtship.plan.answers import Goals
from courtship.times import parse_iso
from courtship.vocabulary import ANSWERS, TALK

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOON = parse_iso("2026-11-27T12:00:00Z")
HOUR = DAY // 24
ME = "mastodon:me@b.example"
KINDS = ("like", "comment", "message", "share", "view")


def ready(workspace: Workspace, *, blind: bool = False) -> Workspace:
    workspace.decide(Decision("brand.add", ME, {}, NOON - 500 * DAY))
    ways = ("inbound",) if blind else ("inbound", "outbound")
    workspace.append(
        [
            Coverage("mastodon:*", kind, way, "full", NOON - 400 * DAY, NOON + 100 * DAY)  # type: ignore[arg-type]
            for kind in ("like", "comment", "message", "share")
            for way in ways
        ],
        Origin("c", "c", "", NOON),
    )
    return workspace


def tell(workspace: Workspace, *acts: Activity, now: Micros = NOON) -> None:
    from courtship.service.reckoning.refresh import refresh

    workspace.append(acts, Origin("a", "mastodon", "", now))
    refresh(workspace, now=now)


def who(number: int) -> str:
    return f"mastodon:p{number}@a.example"


def act(id: str, number: int, kind: str, at: Micros, *, out: bool = False) -> Activity:
    return Activity(id, kind, ME if out else who(number), who(number) if out else ME, at, text="hm?")


def test_median_percentile_goals_and_what_is_overdue(workspace: Workspace) -> None:
    from courtship.service.today import answering

    ready(workspace)
    tell(
        workspace,
        *(act(f"q{n}", n, "comment", NOON - 9 * DAY) for n in range(10)),
        *(act(f"r{n}", n, "comment", NOON - 9 * DAY + (n + 1) * HOUR, out=True) for n in range(9)),
        act("s", 20, "share", NOON - 5 * HOUR),
        act("t", 21, "comment", NOON - HOUR),
    )
    found = answering.page(workspace, now=NOON)
    whole = found.answering.overall
    assert (whole.timed, whole.answered, whole.waiting, whole.overdue) == (12, 9, 3, 2)
    assert (whole.median, whole.p90) == (5 * HOUR, 9 * HOUR)
    assert (whole.in_time, whole.with_goal) == (4, 11)
    assert [one.told.activity for one in found.waiting] == ["q9", "s"]
    assert sum(week.figures.timed for week in found.answering.weeks) == 12
    person = found.waiting[0].overdue
    _, decided = answering.settle(workspace, person.person, person.record, "task.elsewhere", now=NOON)
    after = answering.page(workspace, now=NOON)
    assert [one.told.activity for one in after.waiting] == ["s"]
    assert after.answering.elsewhere == 1
    workspace.decide(Decision("undo", "", {"position": decided[0].position}, NOON))
    assert len(answering.page(workspace, now=NOON).waiting) == 2
    workspace.decide(Decision("setting.set", "answers.platform.mastodon", {"value": 0}, NOON))
    assert answering.page(workspace, now=NOON).waiting == ()


def test_no_clock_runs_where_the_brands_own_answers_cannot_be_seen(workspace: Workspace) -> None:
    from courtship.service.today import answering

    ready(workspace, blind=True)
    tell(workspace, act("q", 1, "comment", NOON - DAY))
    found = answering.page(workspace, now=NOON).answering
    assert (found.overall.timed, found.unseen, found.overdue) == (0, 1, ())


@pytest.mark.parametrize(
    ("values", "platform", "stage", "hours"),
    [
        ({}, "x", "like", 4),
        ({"answers.hours": 0}, "x", "like", 0),
        ({"answers.hours": 8, "answers.platform.x": 2}, "x", "like", 2),
        ({"answers.platform.x": 2, "answers.stage.trust": 1}, "x", "trust", 1),
        ({"answers.platform.x": 0}, "x", "like", 0),
        ({"answers.hours": "soon", "answers.platform.x": -1}, "x", "like", 4),
    ],
)
def test_goals(values: dict[str, object], platform: str, stage: str, hours: int) -> None:
    assert Goals.of(values).hours_for(platform, stage) == hours


Told = list[tuple[int, str, int, bool]]
told = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(KINDS), st.integers(0, 60 * 24), st.booleans()),
    max_size=30,
)


def plainly(history: Told) -> list[tuple[str, Micros, Micros]]:
    """(account, at, waited) by reading the rule aloud."""
    acts = [(who(n), kind, NOON - 61 * DAY + hours * HOUR, out) for n, kind, hours, out in history]
    found = []
    for account, kind, at, out in acts:
        if out or kind not in TALK:
            continue
        later = [
            t - at
            for other, k, t, o in acts
            if o and other == account and k in ANSWERS and at < t < at + 30 * DAY
        ]
        found.append((account, at, min(later, default=-1)))
    return sorted(found)


@settings(max_examples=25)
@given(told, told)
def test_mended_is_as_found_anew_and_as_read_plainly(
    tmp_path_factory: pytest.TempPathFactory, first: Told, second: Told
) -> None:
    from courtship.service.today import answering
    from courtship.store import open_workspace
    from courtship.store.derived import replies

    workspace = ready(open_workspace(Path(tmp_path_factory.mktemp("home"))))
    number = 0
    for some in (first, second):
        made = []
        for n, kind, hours, out in some:
            number += 1
            made.append(act(f"a{number}", n, kind, NOON - 61 * DAY + hours * HOUR, out=out))
        tell(workspace, *made)
        mended = answering.page(workspace, now=NOON)
        answering.forget_read()
        assert answering.page(workspace, now=NOON) == mended
    kept = replies.everything(workspace)
    assert [
        (one.account, one.at, one.waited) for one in sorted(kept, key=lambda r: (r.account, r.at, r.waited))
    ] == plainly([*first, *second])
    assert kept == sorted(answering.anew(workspace, NOON, from_log=True))


def test_a_merge_and_a_split_are_followed(workspace: Workspace) -> None:
    from courtship.service.reckoning import rebuild
    from courtship.service.reckoning.refresh import refresh
    from courtship.service.today import answering
    from courtship.store.derived import replies

    ready(workspace)
    tell(
        workspace,
        act("q", 1, "comment", NOON - DAY),
        act("l", 2, "like", NOON - 2 * DAY),
        act("r", 2, "comment", NOON - DAY + HOUR, out=True),
    )
    answering.ensure(workspace, NOON)
    assert [one.waited for one in replies.everything(workspace)] == [-1]
    merged = workspace.decide(Decision("person.merge", who(1), {"other": who(2)}, NOON))
    refresh(workspace, now=NOON)
    answering.ensure(workspace, NOON)
    assert [one.waited for one in replies.everything(workspace)] == [HOUR]
    workspace.decide(Decision("undo", "", {"position": merged[0].position}, NOON))
    refresh(workspace, now=NOON)
    answering.ensure(workspace, NOON)
    assert [one.waited for one in replies.everything(workspace)] == [-1]
    assert rebuild.rebuild(workspace, now=NOON).first == ()
