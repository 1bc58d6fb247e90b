"""Goals over a real log: the figures are the log's, late acts change the past as a fresh start would."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courtship.errors import NotAllowed
from courtship.model import DAY, Activity, Coverage, Decision, Origin, Post
from courtship.times import parse_iso
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOW = parse_iso("2026-11-27T12:00:00Z")
ME = "mastodon:me@example.social"
HOUR = DAY // 24
FILE = Origin("acts.jsonl", "activities", "", NOW)
_homes = count()


def seen(end: int = NOW + DAY) -> list[Coverage]:
    return [Coverage(ME, kind, way, "full", None, end) for kind in KINDS for way in ("inbound", "outbound")]


def fresh(home: Path) -> Workspace:
    from courtship.store import open_workspace

    workspace = open_workspace(home / str(next(_homes)), "default")
    workspace.decide(Decision("brand.add", ME, at=NOW - 400 * DAY))
    return workspace


def refreshed(workspace: Workspace) -> Workspace:
    from courtship.service.reckoning.refresh import refresh

    refresh(workspace, now=NOW)
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return fresh(tmp_path)


acts = st.lists(
    st.tuples(
        st.integers(1, 27 * 24),  # hours ago
        st.sampled_from(["comment", "share", "like", "message", "quote"]),
        st.booleans(),  # outbound
        st.sampled_from(["ann", "bo"]),
        st.sampled_from(["", "theirs", "mine", "said"]),
    ),
    max_size=25,
    unique_by=lambda one: one[0],
)


def told(found: list[tuple[int, str, bool, str, str]]) -> list[Activity]:
    made = []
    for number, (hours, kind, outbound, who, about) in enumerate(found):
        person = f"mastodon:{who}@example.social"
        actor, target = (ME, person) if outbound else (person, ME)
        made.append(
            Activity(
                f"a{number}", kind, actor, target, NOW - hours * HOUR,
                object=None if outbound else f"o{number}",
                in_reply_to=(f"{about} of {who}" if about == "theirs" else about) or None,
            )
        )  # fmt: skip
    return made


def figures(workspace: Workspace) -> dict[str, list[tuple[str, int, int, int]]]:
    from courtship.service.accountability import goals

    return {
        one.goal.measure: [(k.outcome, k.measured.done, k.measured.of, k.stretch.start) for k in one.kept]
        for one in goals.stand(workspace, now=NOW)
    }


def with_goals(workspace: Workspace) -> None:
    from courtship.service.accountability import goals

    for measure in ("answers", "comments", "shares", "thanks", "posts"):
        detail = {"measure": measure, "period": "week", "target": 3, "start": NOW - 30 * DAY, "hours": 24}
        goals.set_goal(workspace, detail, now=NOW)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(acts, st.integers(0, 25))
def test_figures_are_the_logs_and_late_acts_change_them_as_a_fresh_start_would(
    tmp_path: Path, found: list[tuple[int, str, bool, str, str]], cut: int
) -> None:
    from courtship.service.accountability import goals

    records = told(found)
    at_once, late = fresh(tmp_path), fresh(tmp_path)
    posts = [Post("mine", ME, NOW - 9 * DAY, "Rye"), Post("mine2", ME, NOW - 9 * DAY, "Rye")]
    at_once.append([*seen(), *posts, *records], FILE)
    for workspace in (at_once, late):
        with_goals(workspace)
    late.append([*seen(), *records[cut:]], FILE)
    figures(refreshed(late))
    late.append([*records[:cut], *posts], FILE)
    told_at_once = figures(refreshed(at_once))
    assert figures(refreshed(late)) == told_at_once
    # and by the plainest count
    shares = sum(one.actor == ME and one.kind in ("share", "quote") for one in records)
    assert sum(done for _, done, _, _ in told_at_once["shares"]) == shares
    said = {name for one in records if one.actor != ME for name in (one.object, one.id)}
    ours = [one for one in records if one.actor == ME and one.kind == "comment"]
    assert sum(done for _, done, _, _ in told_at_once["comments"]) == sum(
        one.in_reply_to != "mine" and one.in_reply_to not in said for one in ours
    )
    assert sum(done for _, done, _, _ in told_at_once["posts"]) == 1
    for one in goals.stand(at_once, now=NOW):
        for kept in one.kept:
            receipts = goals.receipts(at_once, one.goal, kept.stretch, now=NOW)
            assert kept.measured.done == sum(each.deed.came == "done" for each in receipts)


def test_what_is_not_seen_is_not_missed(workspace: Workspace) -> None:
    from courtship.service.accountability import goals

    workspace.append(
        [
            *seen(NOW - 15 * DAY),
            Activity("c1", "comment", "mastodon:ann@e", ME, NOW - 20 * DAY),
            Activity("c2", "comment", "mastodon:ann@e", ME, NOW - 5 * DAY),
        ],
        FILE,
    )
    with_goals(workspace)
    found = figures(refreshed(workspace))
    assert [outcome for outcome, *_ in found["comments"]][:-1] == ["missed", "missed", "not seen", "not seen"]
    assert [outcome for outcome, *_ in found["answers"]][1] == "missed"
    assert [outcome for outcome, *_ in found["answers"]][-1] != "missed"
    (one,) = [one for one in goals.stand(workspace, now=NOW) if one.goal.measure == "comments"]
    assert one.unseen == ("mastodon",)


def test_undo_takes_back_a_goal_a_tick_and_an_end(workspace: Workspace) -> None:
    from courtship.service.accountability import goals
    from courtship.service.people import deciding

    detail = {"measure": "by_hand", "period": "day", "target": 2, "words": "write a postcard"}
    (made,) = goals.set_goal(workspace, detail, now=NOW)
    ticked = goals.tick(workspace, made.subject, now=NOW, times=2)
    (one,) = goals.stand(refreshed(workspace), now=NOW)
    assert one.running is not None
    assert one.running.outcome == "kept"
    assert len(goals.receipts(workspace, one.goal, one.running.stretch, now=NOW)) == 2
    deciding.undo(workspace, [ticked[0].position], now=NOW)
    (one,) = goals.stand(workspace, now=NOW)
    assert one.running is not None
    assert one.running.outcome == "running"
    ended = goals.end_goal(workspace, made.subject, now=NOW)
    assert goals.stand(workspace, now=NOW)[0].ended
    with pytest.raises(NotAllowed):
        goals.tick(workspace, made.subject, now=NOW)
    deciding.undo(workspace, [ended[0].position], now=NOW)
    assert not goals.stand(workspace, now=NOW)[0].ended
    deciding.undo(workspace, [made.position], now=NOW)
    assert goals.stand(workspace, now=NOW) == []


def test_the_referee_alone_says_whether_it_was_kept(workspace: Workspace) -> None:
    from courtship.service.accountability import goals, partners

    detail = {"measure": "by_hand", "period": "week", "target": 1, "words": "call", "start": NOW - 20 * DAY}
    with pytest.raises(NotAllowed):
        goals.set_goal(workspace, {**detail, "referee": "nobody"}, now=NOW)
    who, _, _ = partners.invite(workspace, "Bo", figures=True, names=False, referee=True, now=NOW)
    (made,) = goals.set_goal(workspace, {**detail, "referee": who.id}, now=NOW)
    goals.tick(workspace, made.subject, now=NOW, on=NOW - 10 * DAY)
    refreshed(workspace)
    assert {kept.outcome for kept in goals.stand(workspace, now=NOW)[0].kept} == {"not seen", "running"}
    start = goals.stand(workspace, now=NOW)[0].kept[1].stretch.start
    with pytest.raises(NotAllowed):
        goals.judge(workspace, made.subject, start, True, partner="somebody", now=NOW)
    with pytest.raises(NotAllowed):
        goals.judge(workspace, made.subject, start + 1, True, partner=who.id, now=NOW)
    goals.judge(workspace, made.subject, start, False, partner=who.id, now=NOW)
    assert goals.stand(workspace, now=NOW)[0].kept[1].outcome == "missed"
    goals.judge(workspace, made.subject, start, True, partner=who.id, now=NOW)
    assert goals.stand(workspace, now=NOW)[0].kept[1].outcome == "kept"
    partners.end(workspace, who.id, now=NOW)
    assert goals.stand(workspace, now=NOW)[0].goal.referee == ""


def test_a_link_is_hashed_revocable_and_of_one_workspace_only(tmp_path: Path) -> None:
    from courtship.service.accountability import partners, private_links
    from courtship.service.people import deciding

    one, other = fresh(tmp_path), fresh(tmp_path)
    who, secret, _ = partners.invite(one, "Bo", figures=True, names=False, referee=False, now=NOW)
    assert secret not in str([decision.detail for decision in one.decisions()])
    assert private_links.opened_by([other, one], secret) == (one, who.subject)
    assert private_links.opened_by([other], secret) is None
    for guess in ("", "x" * 43, secret[:-1], secret + "A", "../" + secret, secret.swapcase()):
        assert private_links.opened_by([one], guess) is None
    renewed, _ = partners.new_link(one, who.id, now=NOW)
    assert private_links.opened_by([one], secret) is None
    assert private_links.opened_by([one], renewed) is not None
    ended = partners.end(one, who.id, now=NOW)
    assert private_links.opened_by([one], renewed) is None
    deciding.undo(one, [decision.position for decision in ended], now=NOW)
    assert private_links.opened_by([one], renewed) is not None


def test_a_limiter_lets_through_so_many_in_a_span() -> None:
    from courtship.service.accountability.private_links import Limiter

    limiter = Limiter(3, 60_000_000, keys=2)
    for _ in range(3):
        assert not limiter.full("a", 0)
        limiter.count("a", 0)
    assert limiter.full("a", 59_999_999)
    assert not limiter.full("b", 0)
    assert not limiter.full("a", 60_000_000)
    for key in ("b", "c"):
        limiter.count(key, 0)
    assert not limiter.full("a", 0)
