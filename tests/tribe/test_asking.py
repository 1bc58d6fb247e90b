"""Whom to ask, whom to spare, and what looks like a pod."""

from __future__ import annotations

from itertools import permutations

from courtship.model import DAY
from courtship.tribe.asking import Asked, Member, Spared, answered, suggest
from courtship.tribe.fairness import Balance
from courtship.tribe.pods import MINUTE, Act, patterns

NOW = 100 * DAY


def test_who_cares_for_the_topic_comes_first_then_who_was_asked_longest_ago() -> None:
    members = [
        Member("asked", ("share",)),
        Member("never", ("share",)),
        Member("rye", ("like", "share"), done=("like",), topics=("rye",)),
        Member("reached", ("share",), reached=True),
    ]
    asked = [Asked("asked", "older", NOW - 20 * DAY)]
    for order in permutations(members):
        found, spared = suggest("post", order, asked, limit=2, now=NOW)
        assert [one.person for one in found] == ["rye", "never", "asked", "reached"]
        assert spared == []
    assert found[0].gifts == ("share",)
    assert found[0].reasons == ("cares for rye", "their circle has not seen it yet", "was never asked")
    assert "was last asked 20 days ago" in found[2].reasons


def test_limits_on_asks_hold() -> None:
    asked = [
        Asked("often", "a", NOW - 6 * DAY),
        Asked("often", "b", NOW - DAY),
        Asked("this", "post", NOW - 30 * DAY),
        Asked("later", "c", NOW + DAY),
        Asked("exact", "a", NOW - 7 * DAY),
        Asked("exact", "b", NOW - DAY),
    ]
    members = [
        Member("often", ("like",)),
        Member("this", ("like",)),
        Member("later", ("like",)),
        Member("exact", ("like",)),
        Member("done", ("like",), done=("like",)),
        Member("capped", ()),
        Member("away", ("like",), away="paused"),
    ]
    found, spared = suggest("post", members, asked, limit=2, now=NOW)
    assert [one.person for one in found] == ["later", "exact"]
    assert spared == [
        Spared("away", "paused"),
        Spared("capped", "nothing promised that is left for this week"),
        Spared("done", "has done it already"),
        Spared("often", "was asked 2 times in the last seven days"),
        Spared("this", "was asked for this post already"),
    ]


def test_an_ask_is_answered_by_the_first_act_on_that_post_after_it() -> None:
    ask = Asked("ann", "post", NOW)
    acts = [("post", NOW - 1, "before"), ("other", NOW + 1, "other"), ("post", NOW + 3, "second"),
            ("post", NOW + 2, "first")]  # fmt: skip
    assert answered(ask, acts) == "first"
    assert answered(ask, [("post", NOW + 14 * DAY, "too late")]) is None


def test_a_balance_has_a_gentle_band() -> None:
    assert Balance(0, 0).band == "nothing yet"
    assert Balance(5, 3).band == Balance(3, 5).band == "about even"
    assert Balance(40, 20).band == "they give more"
    assert Balance(20, 40).band == "you give more"


POSTS = {f"p{n}": n * DAY for n in range(5)}


def test_the_same_people_at_once_on_every_post_look_like_a_pod() -> None:
    acts = [
        Act(person, f"p{n}", n * DAY + (k + 1) * MINUTE, "", f"{person}{n}")
        for n in range(5)
        for k, person in enumerate(("ann", "ben", "cem"))
    ]
    (pattern,) = patterns(POSTS, acts)
    assert (pattern.sort, pattern.people, pattern.posts, pattern.of) == (
        "at once",
        ("ann", "ben", "cem"),
        5,
        5,
    )
    assert set(pattern.activities) == {act.activity for act in acts}
    two = [act for act in acts if act.person != "cem"]
    assert patterns(POSTS, two) == []
    slow = [act._replace(at=act.at + 11 * MINUTE) if act.person == "cem" else act for act in acts]
    assert patterns(POSTS, slow) == []
    assert patterns(dict(list(POSTS.items())[:4]), acts) == []


def test_the_same_words_again_and_again_look_like_a_pod() -> None:
    acts = [
        Act("ann", "p0", DAY, "What a wonderful loaf!", "1"),
        Act("ben", "p0", DAY, "what a WONDERFUL loaf", "2"),
        Act("ann", "p1", 2 * DAY, "What a wonderful loaf", "3"),
        Act("cem", "p1", 2 * DAY, "Lovely!", "4"),
        Act("ann", "p1", 2 * DAY, "Lovely!", "5"),
        Act("ben", "p2", 3 * DAY, "Lovely!", "6"),
    ]
    (pattern,) = patterns(POSTS, acts)
    assert (pattern.sort, pattern.people, pattern.activities) == ("alike", ("ann", "ben"), ("1", "2", "3"))
    assert patterns(POSTS, acts[1:]) == []
