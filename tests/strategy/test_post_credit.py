"""Credit for posts from a workspace, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courtship.model import DAY, Activity, Decision, Origin, Post
from courtship.service import post_credit
from courtship.strategy.credit import UNIT

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOW = 1_763_380_800_000_000
ME = "mastodon:me"


def act(id: str, kind: str, name: str, days: int, object: str, in_reply_to: str | None = None) -> Activity:
    at = NOW - days * DAY
    return Activity(id, kind, f"mastodon:{name}", ME, at, object=object, in_reply_to=in_reply_to)


def told(workspace: Workspace) -> None:
    from courtship.people.identity import person_id
    from courtship.store import bulk

    workspace.decide(Decision("brand.add", ME, {}, 0))
    posts = [Post(f"p{number}", ME, NOW - 100 * DAY, f"Post {number}") for number in range(3)]
    acts = [
        act("a1", "like", "ann", 50, "p0"),
        act("a2", "comment", "ann", 49, "c9", "p1"),
        act("a3", "like", "ann", 20, "p0"),
        act("b1", "like", "bob", 30, "p0"),
        act("c1", "follow", "cat", 5, ""),
    ]
    workspace.append([*posts, *acts], Origin("made", "activities", "", NOW))
    ann, bob, cat = (person_id(f"mastodon:{name}") for name in ("ann", "bob", "cat"))
    changes = [
        (1, ann, NOW - 50 * DAY, "aware", "like", "activity", "a1"),
        (2, ann, NOW - 49 * DAY, "like", "know", "activity", "a2"),
        (3, ann, NOW - 10 * DAY, "know", "like", "lapse", None),
        (4, bob, NOW - 30 * DAY, "aware", "like", "activity", "b1"),
        (5, cat, NOW - 5 * DAY, "aware", "like", "activity", "c1"),
    ]
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        for person, name in ((ann, "ann"), (bob, "bob"), (cat, "cat")):
            cursor.execute(
                'INSERT INTO store_person (id, name, handle, stage, since, "until", peak, certain, momentum, '
                "first_at, inbound_count, outbound_count, talk_count, answered_count, platforms, set_aside) "
                "VALUES (%s, '', '', 'like', 0, NULL, 'like', 1, '', 0, 1, 0, 0, 0, 'mastodon', '')",
                [person],
            )
            cursor.execute("INSERT INTO store_membership VALUES (%s, %s)", [f"mastodon:{name}", person])
        names = ("id", "person", "at", "before", "after", "cause", "activity")
        bulk.insert(workspace.connection, "store_transition", names, changes)


def test_rises_are_shared_among_posts_and_nothing_is_lost(workspace: Workspace) -> None:
    told(workspace)
    found = post_credit.report(workspace)
    assert found.current
    assert found.rises == {"like": 3, "know": 1, "trust": 0}
    assert found.uncredited == {"like": 1, "know": 0, "trust": 0}
    p0, p1, p2 = (found.posts[name] for name in ("p0", "p1", "p2"))
    assert (p0.people, p0.acts, p1.people, p1.acts, p2.people) == (2, 3, 1, 1, 0)
    assert p0.stages == {"like": (2 * UNIT, 2), "know": (UNIT // 2, 1)}
    assert p1.stages == {"know": (UNIT // 2, 1)}
    assert [found.moved(name) for name in ("p0", "p1", "p2", "p9")] == ["2.5", "0.5", "0", "0"]
    assert sum(row.parts for row in found.posts.values()) == (4 - 1) * UNIT
    assert "14 days" in found.rule
    assert not post_credit.ensure(workspace)


def test_another_window_is_another_answer(workspace: Workspace) -> None:
    told(workspace)
    assert post_credit.ensure(workspace)
    workspace.decide(Decision("setting.set", "today.credit_days", {"value": 1}, NOW))
    assert not post_credit.report(workspace).current
    assert post_credit.ensure(workspace)
    found = post_credit.report(workspace, ["p1"])
    assert set(found.posts) == {"p1"}
    assert found.moved("p1") == "1"
    assert found.days == 1


def test_without_posts_everything_is_uncredited(workspace: Workspace) -> None:
    found = post_credit.report(workspace)
    assert (found.posts, found.rises["know"]) == ({}, 0)
