"""The Mastodon connection against a mock of Mastodon, and against answers recorded of a real server."""

from __future__ import annotations

import time
from collections.abc import Iterable

import httpx
import pytest
from tests.connect.sessions import Kept, Listener, session
from tests.testbeds.mastodon import MastodonMock

from courtship.connect import mastodon, mastodon_lists
from courtship.connect.mastodon import CONNECTOR
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Post


def settings(mock: MastodonMock, who: str = "ada") -> dict[str, str]:
    return {"server": mock.url, "token": f"{who}_token"}


def address(mock: MastodonMock, name: str) -> str:
    return f"mastodon:{name}@localhost:{mock.port}"


def act(mock: MastodonMock, name: str = "alan") -> None:
    """Somebody does everything there is to do towards Ada."""
    ada, other = mock.person("ada"), mock.person(name)
    post = ada.status_post("We bake at night.")
    other.account_unfollow(ada.me())
    other.account_follow(ada.me())
    other.status_favourite(post)
    other.status_reblog(post)
    other.status_reply(post, "How good", untag=False)
    other.status_post("@ada hello")
    other.status_post("@ada for you alone", visibility="direct")


KINDS = {"follow", "like", "share", "comment", "mention", "message"}


def heard(listening: Listener, actor: str, kinds: Iterable[str] = KINDS, times: int = 1) -> None:
    """Waits until each of the kinds has come so often from somebody."""
    kept = listening.kept
    wanted = list(kinds)
    listening.until(lambda: all(kept.kinds(actor).count(kind) >= times for kind in wanted))


def whole(kept: Kept) -> bool:
    """Whether everything further back has been read."""
    return any(batch.seen_to for batch in kept.batches)


def test_what_was_done_before_is_found_and_what_is_done_now_is_heard(mastodon_mock: MastodonMock) -> None:
    act(mastodon_mock)
    alan, grace = address(mastodon_mock, "alan"), address(mastodon_mock, "grace")
    with Listener(CONNECTOR, settings(mastodon_mock)) as listening:
        kept = listening.kept
        heard(listening, alan)
        listening.until(lambda: whole(kept))
        before = {id for id, one in kept.acts.items() if one.actor == grace}
        act(mastodon_mock, "grace")
        listening.until(
            lambda: (
                {one.kind for id, one in kept.acts.items() if id not in before and one.actor == grace}
                >= KINDS
            )
        )
        lags = [
            kept.came[id] - one.at / 1e6
            for id, one in kept.acts.items()
            if one.actor == grace and id not in before and one.precise
        ]
    kept = listening.kept
    assert {one.target for one in kept.acts.values() if one.actor == alan} == {address(mastodon_mock, "ada")}
    comment = next(one for one in kept.acts.values() if one.kind == "comment" and one.actor == alan)
    posts = {one.object: one.text for one in kept.records if isinstance(one, Post)}
    assert posts[comment.object or ""] == "We bake at night.", "what was answered is named as the post is"
    assert kept.profiles[alan].name
    assert not kept.problems
    print("seconds from the act to the record:", sorted(round(lag, 2) for lag in lags))


def test_what_the_brand_does_is_seen_too(mastodon_mock: MastodonMock) -> None:
    ada, alan = mastodon_mock.person("ada"), mastodon_mock.person("alan")
    post = alan.status_post("@ada who bakes at night?")
    me = address(mastodon_mock, "ada")
    with Listener(CONNECTOR, settings(mastodon_mock)) as listening:
        kept = listening.kept
        listening.until(lambda: whole(kept))
        reply = ada.status_reply(post, "We do")
        listening.until(lambda: any(one.text and "We do" in one.text for one in kept.acts.values()))
        answer = next(one for one in kept.acts.values() if "We do" in (one.text or ""))
        assert (answer.kind, answer.actor, answer.target) == ("comment", me, address(mastodon_mock, "alan"))
        question = next(one for one in kept.acts.values() if "who bakes" in (one.text or ""))
        assert answer.in_reply_to == question.object
        ada.status_delete(reply)
        listening.until(lambda: answer.id in kept.ended)


def test_what_is_taken_back_is_noticed(mastodon_mock: MastodonMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mastodon, "COMPARED_EVERY", 500_000)
    monkeypatch.setattr(mastodon, "BESIDE_STREAM", 0.5)
    monkeypatch.setattr(mastodon_lists, "LISTS_EVERY", 1_000_000)
    ada, alan = mastodon_mock.person("ada"), mastodon_mock.person("alan")
    post = ada.status_post("We bake at night.")
    alan.account_follow(ada.me())
    alan.status_favourite(post)
    hello = alan.status_post("@ada hello")
    who = address(mastodon_mock, "alan")
    with Listener(CONNECTOR, settings(mastodon_mock)) as listening:
        kept = listening.kept
        heard(listening, who, ("like", "mention"))
        listening.until(lambda: whole(kept))
        listening.until(lambda: who in [one for one in kept.lists if one.direction == "inbound"][-1].members)
        alan.status_unfavourite(post)
        alan.status_delete(hello)
        alan.account_unfollow(ada.me())
        mine = {one.kind: one.id for one in kept.acts.values() if one.actor == who}
        listening.until(lambda: {mine["like"], mine["mention"]} <= kept.ended.keys())
        listening.until(
            lambda: who not in [one for one in kept.lists if one.direction == "inbound"][-1].members
        )


def test_cut_off_and_begun_again_nothing_is_lost_and_nothing_has_two_ids(mastodon_mock: MastodonMock) -> None:
    kept, alan = Kept(), address(mastodon_mock, "alan")
    for times in (1, 2, 3):
        act(mastodon_mock)
        with Listener(CONNECTOR, settings(mastodon_mock), kept) as listening:
            heard(listening, alan, KINDS - {"follow"}, times)
    assert all(kept.kinds(alan).count(kind) == 3 for kind in KINDS - {"follow"})


def test_a_wrong_token_is_said_plainly_and_a_server_that_is_none(mastodon_mock: MastodonMock) -> None:
    with httpx.Client() as http:
        wrong = session(CONNECTOR, {**settings(mastodon_mock), "token": "nobody"}, client=http)
        with pytest.raises(ConnectionRefused, match=r"does not take this access token.*Preferences"):
            CONNECTOR.check(wrong)
        with pytest.raises(ConnectionRefused, match="does not take this access token"):
            next(CONNECTOR.run(wrong))
        with pytest.raises(Unreachable, match="cannot be reached"):
            CONNECTOR.check(session(CONNECTOR, {"server": "http://127.0.0.1:9", "token": "x"}, client=http))
        with pytest.raises(ConnectionRefused, match="no address of a server"):
            CONNECTOR.check(session(CONNECTOR, {"server": "https://", "token": "x"}, client=http))
        profile = CONNECTOR.check(session(CONNECTOR, settings(mastodon_mock), client=http))
    assert (profile.account, profile.own) == (address(mastodon_mock, "ada"), True)


def test_a_server_that_was_away_is_found_again(mastodon_mock: MastodonMock) -> None:
    with Listener(CONNECTOR, settings(mastodon_mock)) as listening:
        kept = listening.kept
        listening.until(lambda: whole(kept))
        mastodon_mock.stop()
        end = time.monotonic() + 90
        while not listening.failures and time.monotonic() < end:
            time.sleep(0.1)
    assert isinstance(listening.failures[0], Unreachable), "whoever runs it tries again, with the last cursor"
    mastodon_mock.start()
    with Listener(CONNECTOR, settings(mastodon_mock), listening.kept) as again:
        act(mastodon_mock)
        heard(again, address(mastodon_mock, "alan"))


def test_faults_of_a_server(mastodon_mock: MastodonMock) -> None:
    """429, 500, half an answer: waited for or asked again, never taken for an empty answer."""
    with httpx.Client(base_url=mastodon_mock.url) as http:
        asked = session(CONNECTOR, settings(mastodon_mock), client=http)
        for effect, words in (
            ({"type": "ratelimit"}, "asks to wait"),
            ({"type": "status", "status": 503}, "is in trouble"),
            ({"type": "malformed", "truncate": True}, "half an answer"),
        ):
            made = http.post("/api/v1/_mock/faults", json={"effect": effect, "path": "/api/v1/notifications"})
            assert made.is_success, made.text
            with pytest.raises(Unreachable, match=words):
                for _ in CONNECTOR.run(asked):
                    pass
            http.delete("/api/v1/_mock/faults")
