"""What a platform answers otherwise than it used to: survived, said, and never taken for "all is gone"."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import httpx
import pytest
from tests.connect import small_answers
from tests.connect.sessions import Kept, session
from tests.connect.small_answers import BLUESKY, WORDPRESS, bluesky_answer, read, spoil, wordpress_answer
from tests.connect.test_mastodon_recorded import run, server

from courtship.connect import bluesky, mastodon, wordpress
from courtship.errors import CourtshipError, Unreachable
from courtship.model import Activity, Problem

SPOILT_ANSWERS = 250


def test_a_small_account_is_read_whole() -> None:
    kept = read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(small_answers.bluesky()))
    assert sorted(kept.kinds(f"bluesky:{small_answers.ANN}")) == sorted(
        ["comment", "follow", "like", "mention", "quote", "share"]
    )
    assert not kept.problems
    blog = read(wordpress.CONNECTOR, WORDPRESS, wordpress_answer(small_answers.wordpress()))
    assert len(blog.acts) == 3
    assert not blog.problems


@pytest.mark.parametrize("renamed", ["app.bsky.graph.getFollowers", "app.bsky.graph.getFollows"])
@pytest.mark.parametrize("answer", [{"users": []}, {}, [], None, {"followers": None, "follows": None}])
def test_a_list_that_is_not_there_is_no_empty_list(renamed: str, answer: Any) -> None:
    """Or everybody would have unfollowed."""
    answers = small_answers.bluesky()
    kept = read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers))
    cursor = {**kept.position, "lists": {**kept.position["lists"], "at": 0}}
    with pytest.raises(Unreachable, match="may have changed"):
        read(bluesky.CONNECTOR, BLUESKY, bluesky_answer({**answers, renamed: answer}), cursor)


@pytest.mark.parametrize("spoilt", [{}, {"id": "did:plc:x"}, "x", {"did": ["x"]}])
def test_a_list_with_an_entry_that_cannot_be_read_is_not_compared(spoilt: Any) -> None:
    answers = small_answers.bluesky()
    answers["app.bsky.graph.getFollowers"] = {"followers": [spoilt]}
    kept = read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers))
    assert [one.direction for one in kept.lists] == ["outbound"]
    assert kept.problems


@pytest.mark.parametrize("answer", [{"items": []}, {"records": [{"id": "x"}]}, {"records": ["x"]}])
def test_the_own_posts_are_not_ended_because_they_are_told_otherwise(answer: Any) -> None:
    answers = small_answers.bluesky()
    cursor = {**read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers)).position, "rev": "an older one"}
    answers |= {name: answer for name in answers if name.startswith("records:")}
    kept = Kept()
    with suppress(Unreachable):  # that is said, too
        kept = read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers), cursor)
    assert not kept.ended


def test_mastodons_lists_are_no_empty_lists_either() -> None:
    answers = server("test_notifications", "test_account_followers")
    whole = run(answers)
    assert whole.lists
    for path in [one for one in answers if one.endswith(("/followers", "/following", "/notifications"))]:
        wrong: tuple[object, ...] = ({}, {"accounts": []}, "maintenance")
        for said in wrong:
            with pytest.raises(Unreachable, match="may have changed"):
                run({**answers, path: (said, "")})


def test_mastodons_followers_with_one_that_cannot_be_read_are_not_compared() -> None:
    answers = server("test_notifications", "test_account_followers")
    (path,) = (one for one in answers if one.endswith("/followers"))
    listed = answers[path][0]
    assert isinstance(listed, list)
    kept = run({**answers, path: ([*listed, {"id": "1"}], "")})
    assert "inbound" not in [one.direction for one in kept.lists]


def test_notifications_of_which_none_can_be_read_are_said_and_nothing_is_claimed() -> None:
    answers = small_answers.bluesky()
    told = answers["app.bsky.notification.listNotifications"]["notifications"]
    answers["app.bsky.notification.listNotifications"] = {"notifications": [{"what": one} for one in told]}
    with pytest.raises(Unreachable, match="may have changed"):
        read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers))
    one_damaged = [{**told[0], "author": "x"}, *told[1:]]
    answers["app.bsky.notification.listNotifications"] = {"notifications": one_damaged}
    kept = read(bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers))
    assert len(set(kept.problems)) == 1
    assert any(batch.seen_to for batch in kept.batches)


def test_a_list_that_comes_again_and_again_is_left() -> None:
    """A server whose pages do not move on."""
    answers = small_answers.bluesky()
    for name in ("app.bsky.graph.getFollowers", "app.bsky.feed.getLikes", "app.bsky.feed.getQuotes"):
        with pytest.raises(Unreachable, match="same page again"):
            read(
                bluesky.CONNECTOR,
                BLUESKY,
                bluesky_answer({**answers, name: {**answers[name], "cursor": "1"}}),
            )


@pytest.mark.parametrize("seed", range(3))
def test_no_spoilt_answer_of_bluesky_breaks_it(seed: int) -> None:
    chance, answers = random.Random(seed), small_answers.bluesky()
    for _ in range(SPOILT_ANSWERS // 3):
        name = chance.choice([one for one in answers if answers[one]])
        spoilt, what = spoil(answers[name], chance)
        try:
            read(bluesky.CONNECTOR, BLUESKY, bluesky_answer({**answers, name: spoilt}))
        except CourtshipError:
            continue
        except Exception as error:
            raise AssertionError(f"{name}: {what}") from error


@pytest.mark.parametrize("seed", range(3))
def test_no_spoilt_answer_of_wordpress_breaks_it(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordpress, "POLL", 0.0)
    chance, answers = random.Random(seed), small_answers.wordpress()
    for _ in range(SPOILT_ANSWERS // 3):
        name = chance.choice([one for one in answers if answers[one]])
        spoilt, what = spoil(answers[name], chance)
        try:
            read(wordpress.CONNECTOR, WORDPRESS, wordpress_answer({**answers, name: spoilt}))
        except CourtshipError:
            continue
        except Exception as error:
            raise AssertionError(f"{name}: {what}") from error


@pytest.mark.parametrize(
    "spoilt",
    [{"parent": [1]}, {"parent": {}}, {"_embedded": {"up": 3}}, {"_embedded": {"up": True}}, {"status": []}],
)
def test_a_comment_of_another_form_costs_no_other(spoilt: dict[str, Any]) -> None:
    answers = small_answers.wordpress()
    answers["comments"] = [{**answers["comments"][0], **spoilt}, *answers["comments"][1:]]
    kept = read(wordpress.CONNECTOR, WORDPRESS, wordpress_answer(answers))
    assert len([one for one in kept.acts.values() if isinstance(one, Activity)]) >= 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_blog_that_hides_a_comment_behind_a_page_of_its_own_has_not_deleted_it(status: int) -> None:
    """A cache or a security plugin says "not found" with a page, not as the API does."""
    answers = small_answers.wordpress()
    kept = read(wordpress.CONNECTOR, WORDPRESS, wordpress_answer(answers))
    answers["comments"] = answers["comments"][1:]
    whole = wordpress_answer(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("rest_route", "").endswith("/comments/3"):
            return httpx.Response(status, text="<html>not here</html>")
        return whole(request)

    with pytest.raises(Unreachable):
        read(wordpress.CONNECTOR, WORDPRESS, answer, kept.position)
    gone = read(wordpress.CONNECTOR, WORDPRESS, whole, kept.position)
    assert len(gone.ended) == 1


def test_one_that_cannot_be_read_is_told_once_and_makes_nobody_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays on the newest page for weeks: a look a second, each with a line, would be no rest."""
    for module in (bluesky, mastodon):
        monkeypatch.setattr(module, "SOONEST", 0.0)
        monkeypatch.setattr(module, "LATEST", 0.0)
        monkeypatch.setattr(module, "COVERED_EVERY", 0)
    answers = small_answers.bluesky()
    told = answers["app.bsky.notification.listNotifications"]["notifications"]
    answers["app.bsky.notification.listNotifications"] = {
        "notifications": [{**told[0], "author": 5}, *told[1:]]
    }
    others = server("test_notifications")
    listed = others["/api/v1/notifications"][0]
    assert isinstance(listed, list)
    others["/api/v1/notifications"] = ([{"id": "9", "type": "mention"}, *listed], "")
    (path,) = (one for one in others if "/accounts/" in one and one.endswith("/statuses"))
    others[path] = ([{"id": "9"}], "")

    def mastodons(request: httpx.Request) -> httpx.Response:
        value, _ = others.get(request.url.path, (None, ""))
        if "max_id" in request.url.params:
            value = []
        return httpx.Response(404 if value is None else 200, json=value)

    for connector, settings, answer in (
        (bluesky.CONNECTOR, BLUESKY, bluesky_answer(answers)),
        (mastodon.CONNECTOR, {"server": "http://localhost:3000", "token": "x"}, mastodons),
    ):
        problems: list[Problem] = []
        whole = 0
        with httpx.Client(transport=httpx.MockTransport(answer)) as client:
            for batch in connector.run(session(connector, settings, client=client)):
                problems += [one for one in batch.records if isinstance(one, Problem)]
                whole += batch.seen_to is not None
                if whole > 5:
                    break
        assert problems
        assert len(problems) == len(set(problems))
