"""Posts and profiles by what they are about: the right ones, found by index, and never those of before."""

from __future__ import annotations

from collections.abc import Callable

from courtship.model import Origin, Post, Profile
from courtship.store.bulk import sqlite
from courtship.store.derived.cues import posts_stamp
from courtship.store.remembering import MOST, remembered, renewed
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
FILE = Origin("f", "activities", "", T)
ME, ANN, BOB = "test:me", "test:ann", "test:bob"


def facts() -> list[Post | Profile]:
    return [
        Post("p1", ME, T, "one"),
        Post("p2", ANN, T + 1, "two"),
        Post("p3", ME, T + 2, "three"),
        Profile(ANN, T, "Ann", "ann"),
        Profile(ME, T, "Me", "me", own=True),
    ]


def test_posts_with_these_objects(workspace: Workspace) -> None:
    workspace.append(facts(), FILE)
    assert [post.text for post in workspace.posts(objects=["p3", "p2", "p9", "p1"])] == [
        "one",
        "two",
        "three",
    ]
    assert [post.text for post in workspace.posts([ME], objects=["p3", "p2"])] == ["three"]
    assert workspace.posts([ME], objects=[]) == []
    # a profile's subject is an account: an object of the same name finds no profile
    assert workspace.posts(objects=[ANN]) == []
    assert [profile.name for profile in workspace.profiles(["p1", ANN])] == ["Ann"]


def test_what_is_about_few_is_found_by_index(workspace: Workspace) -> None:
    if not sqlite(workspace.connection):
        return
    query = "SELECT key, body FROM store_fact WHERE sort = 'profile' AND subject IN ('a', 'b')"
    with workspace.connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + query)
        assert "fact_subject (sort=? AND subject=?)" in str(cursor.fetchall())


def test_own_profiles_follow_the_log(workspace: Workspace) -> None:
    assert workspace.own_profiles() == []
    workspace.append(facts(), FILE)
    assert [one.account for one in workspace.own_profiles()] == [ME]
    workspace.append([Profile(BOB, T, "Bob", own=True)], FILE)
    assert [one.account for one in workspace.own_profiles()] == [BOB, ME]
    workspace.own_profiles().clear()
    assert len(workspace.own_profiles()) == 2
    workspace.forget([ME], now=T)
    assert [one.account for one in workspace.own_profiles()] == [BOB]


def test_an_answer_is_kept_while_its_stamp_holds() -> None:
    made = iter(range(1000))

    def ask(stamp: str, what: str = "a") -> int:
        return remembered("test", what, stamp, lambda: next(made))

    assert [ask("1"), ask("1"), ask("2"), ask("2"), ask("1")] == [0, 0, 1, 1, 2]
    for number in range(MOST):
        ask("1", f"b{number}")
    assert ask("1") == 3 + MOST


def test_posts_of_an_author_follow_the_log(workspace: Workspace) -> None:
    workspace.append(facts(), FILE)
    assert [post.object for post in workspace.posts([ME])] == ["p1", "p3"]
    workspace.posts([ME]).clear()
    workspace.append([Post("p0", ME, T - 1, "nought")], FILE)
    assert [post.object for post in workspace.posts([ME])] == ["p0", "p1", "p3"]
    assert [post.object for post in workspace.posts([ANN, ME])] == ["p0", "p1", "p2", "p3"]
    before = posts_stamp(workspace)
    workspace.forget([ME], now=T)
    assert workspace.posts([ME]) == []
    assert posts_stamp(workspace) != before


def test_where_only_time_has_passed_the_last_answer_is_given_once_more() -> None:
    made, later = iter(range(1000)), list[Callable[[], None]]()

    def ask(stamp: str, clock: str) -> int:
        return renewed("test", "renewed", stamp, clock, lambda: next(made), later.append)

    assert [ask("a", "1"), ask("a", "1"), ask("a", "2"), ask("a", "2")] == [0, 0, 0, 0]
    assert len(later) == 1  # once, however often it is asked for
    later.pop()()
    assert [ask("a", "2"), ask("b", "2")] == [1, 2]
    assert not later
    ask("b", "3")
    later.pop()()
    assert ask("b", "3") == 3
