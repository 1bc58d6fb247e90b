"""The Bluesky connection against Bluesky's own servers: two accounts act, and it is heard."""

from __future__ import annotations

import time
from collections.abc import Iterable

import httpx
import pytest
from tests.connect.acting import Pair, all_acts
from tests.connect.sessions import Kept, Listener, session
from tests.testbeds.bluesky import BlueskyNetwork

from courtship.connect import bluesky, bluesky_follows
from courtship.connect.bluesky import CONNECTOR
from courtship.errors import ConnectionRefused

pytestmark = pytest.mark.bluesky


@pytest.fixture
def pair(bluesky_network: BlueskyNetwork) -> Pair:
    return Pair(bluesky_network)


def heard(listening: Listener, ids: Iterable[str]) -> None:
    """Waits until all these acts have come."""
    kept = listening.kept
    expected = set(ids)
    listening.until(lambda: expected <= kept.acts.keys())


def test_what_was_done_before_is_found_and_what_is_done_now_is_heard(pair: Pair) -> None:
    before = all_acts(pair)
    with Listener(CONNECTOR, pair.settings) as listening:
        kept = listening.kept
        listening.until(lambda: before.keys() <= kept.acts.keys())
        started = time.time()
        now = all_acts(pair)
        listening.until(lambda: now.keys() <= kept.acts.keys())
        lags = sorted(kept.came[id] - kept.acts[id].at / 1e6 for id in now)
        listening.until(lambda: "share" in kept.kinds() and any(b.seen_to for b in kept.batches))
    kept = listening.kept
    for id, kind in (before | now).items():
        act = kept.acts[id]
        assert (act.kind, act.actor, act.target) == (kind, pair.ann.address, pair.brand.address)
        assert act.precise
        assert act.at <= started * 1e6 if id in before else True
    assert len(kept.kinds(pair.ann.address)) == len(before) + len(now), "none twice under two ids"
    assert kept.profiles[pair.ann.address].handle == pair.ann.handle
    assert not kept.problems
    assert lags[-1] < 30
    print("seconds from the act to the record:", [round(lag, 2) for lag in lags])


def test_what_the_brand_does_is_seen_too(pair: Pair) -> None:
    from atproto import models

    brand = pair.brand.client
    post = pair.ann.client.send_post("Who bakes at night?")
    ref = models.create_strong_ref(post)
    with Listener(CONNECTOR, pair.settings) as listening:
        kept = listening.kept
        listening.until(lambda: any(batch.seen_to for batch in kept.batches))
        reply = brand.send_post("We do", reply_to=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref))
        like = brand.like(post.uri, post.cid)
        listening.until(lambda: {reply.uri, like.uri} <= kept.acts.keys())
        brand.unlike(like.uri)
        brand.delete_post(reply.uri)
        listening.until(lambda: {reply.uri, like.uri} <= kept.ended.keys())
    assert kept.acts[reply.uri].target == pair.ann.address
    assert kept.acts[reply.uri].text == "We do"


def test_what_is_taken_back_is_noticed(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluesky, "COMPARED_EVERY", 500_000)
    monkeypatch.setattr(bluesky_follows, "LISTS_EVERY", 1_000_000)
    done = {kind: id for id, kind in all_acts(pair).items()}
    ann = pair.ann.client
    with Listener(CONNECTOR, pair.settings) as listening:
        kept = listening.kept
        listening.until(lambda: len(kept.acts) >= 6 and any(batch.seen_to for batch in kept.batches))
        ann.unlike(done["like"])
        ann.delete_post(done["comment"])
        listening.until(lambda: {done["like"], done["comment"]} <= kept.ended.keys())
        assert pair.ann.address in kept.lists[-1].members or len(kept.lists) == 2
        ann.unfollow(done["follow"])
        listening.until(lambda: [one for one in kept.lists if one.direction == "inbound"][-1].members == ())
    assert kept.ended.keys() >= {done["like"], done["comment"]}
    assert not kept.ended.keys() & {done["share"], done["quote"], done["mention"]}
    (first, *_) = [one for one in kept.lists if one.direction == "inbound"]
    assert first.acts == (done["follow"],), "the list names the very act that a notification told of"


def test_cut_off_and_begun_again_nothing_is_lost_and_nothing_has_two_ids(pair: Pair) -> None:
    kept = Kept()
    done = all_acts(pair)
    for _ in range(3):
        with Listener(CONNECTOR, pair.settings, kept) as listening:
            heard(listening, done)
        done |= all_acts(pair)
    with Listener(CONNECTOR, pair.settings, kept) as listening:
        heard(listening, done)
    towards = [one for one in kept.acts.values() if one.actor == pair.ann.address]
    assert {one.id for one in towards} == done.keys()


def test_a_wrong_password_is_said_plainly(pair: Pair) -> None:
    with httpx.Client() as http:
        for name, value in (("password", "abcd-abcd-abcd-abcd"), ("handle", "nobody.test")):
            wrong = session(CONNECTOR, {**pair.settings, name: value}, client=http)
            with pytest.raises(ConnectionRefused, match=r"does not take this handle and app password.*make"):
                CONNECTOR.check(wrong)
            with pytest.raises(ConnectionRefused, match="does not take this handle and app password"):
                next(CONNECTOR.run(wrong))
        with pytest.raises(ConnectionRefused, match="the account's own password"):
            CONNECTOR.check(
                session(CONNECTOR, {**pair.settings, "password": pair.brand.password}, client=http)
            )
        profile = CONNECTOR.check(session(CONNECTOR, pair.settings, client=http))
    assert (profile.account, profile.handle, profile.own) == (pair.brand.address, pair.brand.handle, True)


def test_an_expired_session_is_renewed_and_a_withdrawn_password_is_said(pair: Pair) -> None:
    from courtship.connect.bluesky_session import BlueskySession

    with httpx.Client() as http:
        server = BlueskySession(
            http, lambda: 0, pair.settings["server"], pair.settings["handle"], pair.settings["password"]
        )
        server.open()
        server._access = "expired"
        assert server.query("app.bsky.notification.listNotifications", limit=1).value["notifications"] == []
        assert server._access != "expired"
        server._access = server._refresh = "expired"
        server.query("app.bsky.notification.listNotifications", limit=1)
        for one in pair.brand.client.com.atproto.server.list_app_passwords().passwords:
            pair.brand.client.com.atproto.server.revoke_app_password({"name": one.name})
        server._access = server._refresh = "expired"
        with pytest.raises(ConnectionRefused, match="any longer"):
            server.query("app.bsky.notification.listNotifications", limit=1)
