"""From an act on the platform to a stage in the product, through the processes that an owner runs.

Killed without warning, begun again, the platform's server gone and back: nothing is lost or counts twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connect.acting import Pair, all_acts
from tests.connect.product import Product
from tests.testbeds.bluesky import BlueskyNetwork
from tests.testbeds.mastodon import MastodonMock
from tests.testbeds.relay import Relay


@pytest.fixture
def product(tmp_path: Path, sqlite: None) -> Iterator[Product]:
    made = Product(tmp_path / "home")
    yield made
    made.stop()


@pytest.mark.bluesky
def test_bluesky_killed_and_begun_again(bluesky_network: BlueskyNetwork, product: Product) -> None:
    pair = Pair(bluesky_network)
    ann = pair.ann.address
    assert "works" not in product.connect("bluesky", pair.settings)
    product.listen()
    done = all_acts(pair)
    acted = time.time()
    lag = product.until(ann, lambda acts: done.keys() <= acts.keys()) - acted
    print(f"from the last act to the log: {lag:.2f} s")
    assert product.stage(ann) != "aware", "what was heard moved her"
    for _ in range(3):
        product.kill()
        missed = all_acts(pair)
        product.listen()
        now = all_acts(pair)
        done |= missed | now
        product.until(ann, lambda acts: done.keys() <= acts.keys())  # noqa: B023 - asked at once
    product.stop()
    acts = product.acts(ann)
    assert {id: act.kind for id, act in acts.items()} == done, "each once, under the id that Bluesky gave it"
    assert "nothing differed" in product.run("rebuild")


@pytest.mark.bluesky
def test_bluesky_away_and_back(bluesky_network: BlueskyNetwork, product: Product) -> None:
    pair, door = Pair(bluesky_network), Relay(bluesky_network.url)
    ann = pair.ann.address
    product.connect("bluesky", {**pair.settings, "server": door.url})
    product.listen()
    done = all_acts(pair)
    product.until(ann, lambda acts: done.keys() <= acts.keys())
    door.shut()
    missed = all_acts(pair)
    end = time.monotonic() + 60
    while "reached" not in product.said() and "answer" not in product.said():
        assert time.monotonic() < end, product.said()
        time.sleep(0.1)
    door.open()
    product.until(ann, lambda acts: {*done, *missed} <= acts.keys())
    product.stop()
    door.shut()
    assert {id: act.kind for id, act in product.acts(ann).items()} == done | missed


@pytest.mark.bluesky
def test_bluesky_turned_away(bluesky_network: BlueskyNetwork, product: Product) -> None:
    pair = Pair(bluesky_network)
    said = product.connect("bluesky", {**pair.settings, "password": "abcd-abcd-abcd-abcd"}, status=1)
    assert "does not take this handle and app password" in said
    assert len(said.strip().splitlines()) == 1


def test_mastodon_killed_and_begun_again(mastodon_mock: MastodonMock, product: Product) -> None:
    ada, alan = mastodon_mock.person("ada"), mastodon_mock.person("alan")
    who = f"mastodon:alan@localhost:{mastodon_mock.port}"
    product.connect("mastodon", {"server": mastodon_mock.url, "token": "ada_token"})
    product.listen()
    liked = 0
    for _ in range(3):
        for _ in range(2):
            alan.status_favourite(ada.status_post("We bake at night."))
            liked += 1
        acted = time.time()
        lag = product.until(who, lambda acts: count(acts) == liked) - acted  # noqa: B023 - asked at once
        print(f"from the last act to the log: {lag:.2f} s")
        product.kill()
        alan.status_favourite(ada.status_post("While nobody listens."))
        liked += 1
        product.listen()
    product.until(who, lambda acts: count(acts) == liked)
    product.stop()
    assert count(product.acts(who)) == liked
    assert product.stage(who) == "like"


def count(acts: dict) -> int:  # type: ignore[type-arg]
    return sum(one.kind == "like" for one in acts.values())
