"""A process is made ready before its first event; posts of a large audience are served as last reckoned."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from courtship.model import DAY, Activity, Decision, Origin, Post, Record
from courtship.people.identity import person_id
from courtship.service.content import posts
from courtship.service.importing import jobs
from courtship.service.live.hearing import hear
from courtship.service.people.identity import set_aside
from courtship.service.reckoning import readying, refresh
from courtship.store.derived import cues, summaries, tables
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
LIVE = Origin("webhook", "test", "", T)


def test_ready_where_there_is_somebody(workspace: Workspace) -> None:
    assert not readying.ready(workspace)
    workspace.decide(Decision("brand.add", ME))
    hear(workspace, [Activity("1", "like", ANN, ME, T)], LIVE, now=T + DAY)
    assert readying.ready(workspace)
    readying.start(workspace).join(60)


def test_the_first_late_act_finds_what_it_needs(workspace: Workspace) -> None:
    """What a replay reads of everybody is read before the first event, and nothing is written for it."""
    workspace.decide(Decision("brand.add", ME))
    acts = [Activity("1", "like", ANN, ME, T), Activity("2", "like", BOB, ME, T + 1)]
    hear(workspace, acts, LIVE, now=T + DAY)
    hear(workspace, [Activity("3", "comment", BOB, ME, T + 2)], LIVE, now=T + DAY)
    with pytest.raises(RuntimeError), refresh.taken_back(workspace):
        raise RuntimeError("this process forgets what it has learnt")
    before = tables.read(workspace), cues.everything(workspace), summaries.everything(workspace)
    assert readying.ready(workspace)
    assert (tables.read(workspace), cues.everything(workspace), summaries.everything(workspace)) == before
    with patch.object(cues, "accounts_of_several", side_effect=AssertionError("everybody was read")):
        heard = hear(workspace, [Activity("4", "comment", ANN, ME, T - DAY)], LIVE, now=T + DAY)
    assert not heard.everybody
    assert [one.person for one in heard.people] == [person_id(ANN)]


def test_posts_are_served_as_last_reckoned(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME))
    told: list[Record] = [Post("p1", ME, T, text="Bread"), Activity("1", "like", ANN, ME, T + 1, object="p1")]
    hear(workspace, told, LIVE, now=T + DAY)
    with patch.object(posts, "AT_ONCE", 0):
        assert not posts.page(workspace, now=T + DAY).ready
        assert jobs.wait()
        first = posts.page(workspace, now=T + DAY)
        assert first.ready
        assert first.rows[0].people == 1
        hear(workspace, [Activity("2", "like", BOB, ME, T + 2, object="p1")], LIVE, now=T + DAY)
        served = posts.page(workspace, now=T + DAY)
        assert served.ready
        assert served.rows[0].people in (1, 2)
        assert jobs.wait()
        assert posts.page(workspace, now=T + DAY).rows[0].people == 2
        # whom a decision has put out of every count is not counted once more
        set_aside(workspace, BOB, "bot", now=T + DAY)
        posts.page(workspace, now=T + DAY)
        assert jobs.wait()
        assert posts.page(workspace, now=T + DAY).rows[0].people == 1
