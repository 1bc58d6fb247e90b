"""Jetstream's events of a real PDS: heard within a second, deletions too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.connect.acting import Pair, all_acts
from tests.connect.sessions import Kept, Listener
from tests.testbeds.bluesky import BlueskyNetwork
from tests.testbeds.jetstream_bridge import JetstreamBridge

from courtship.connect.bluesky import CONNECTOR

pytestmark = pytest.mark.bluesky


@pytest.fixture
def bridge(bluesky_network: BlueskyNetwork) -> Iterator[JetstreamBridge]:
    made = JetstreamBridge(bluesky_network.url)
    yield made
    made.stop()


def test_what_is_done_and_taken_back_is_heard_at_once(
    bluesky_network: BlueskyNetwork, bridge: JetstreamBridge
) -> None:
    pair, kept = Pair(bluesky_network), Kept()
    settings = {**pair.settings, "jetstream": bridge.url}
    with Listener(CONNECTOR, settings, kept) as listening:
        listening.until(lambda: any(batch.seen_to for batch in kept.batches))
        done = all_acts(pair)
        listening.until(lambda: done.keys() <= kept.acts.keys())
        lags = sorted(kept.came[id] - kept.acts[id].at / 1e6 for id in done)
        ids = {kind: id for id, kind in done.items()}
        pair.ann.client.unlike(ids["like"])
        pair.ann.client.unfollow(ids["follow"])
        pair.ann.client.delete_post(ids["comment"])
        gone = {ids["like"], ids["follow"], ids["comment"]}
        listening.until(lambda: gone <= kept.ended.keys())
        listening.until(lambda: pair.ann.address in kept.profiles)  # the notification tells the name
    assert kept.ended.keys() == gone
    print("seconds from the act to the record:", [round(lag, 2) for lag in lags])
    position = kept.batches[-1].cursor["jetstream"]
    assert position
    missed = all_acts(pair)
    with Listener(CONNECTOR, settings, kept) as listening:
        listening.until(lambda: missed.keys() <= kept.acts.keys())
    assert {id for id, one in kept.acts.items() if one.actor == pair.ann.address} == {*done, *missed}
