"""From an act on the platform to a stage, a page and a notice, through the processes that an owner runs.

Killed without warning, begun again, the platform's server gone and back: nothing is lost or counts twice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.connect import scenes
from tests.connect.acting import Pair, all_acts
from tests.connect.filling import fill
from tests.connect.product import Product
from tests.connect.scenes import Scene
from tests.notify.conftest import Sink
from tests.testbeds.bluesky import BlueskyNetwork
from tests.testbeds.mastodon import MastodonMock
from tests.testbeds.relay import Relay
from tests.web.conftest import chromium

from courtship.people.identity import person_id
from courtship.store.operations import notices as store
from courtship.store.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WAIT = 60_000.0
"""Milliseconds within which anything that will happen has happened, on a machine that is busy."""


@pytest.fixture
def product(tmp_path: Path, sqlite: None) -> Iterator[Product]:
    made = Product(tmp_path / "home")
    yield made
    made.stop()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """One of the platforms, by its connector's name."""
    make, server = {
        "bluesky": (scenes.bluesky, "bluesky_network"),
        "mastodon": (scenes.mastodon, "mastodon_mock"),
        "mailbox": (scenes.mailbox, "mail_server"),
        "wordpress": (scenes.wordpress, "blog"),
    }[request.param]
    with make(request.getfixturevalue(server)) as made:  # type: ignore[operator]
        yield made


@pytest.mark.browser
@pytest.mark.parametrize(
    "scene",
    [
        pytest.param("bluesky", marks=pytest.mark.bluesky),
        "mastodon",
        pytest.param("mailbox", marks=pytest.mark.mail),
        pytest.param("wordpress", marks=pytest.mark.wordpress),
    ],
    indirect=True,
)
def test_an_act_there_is_an_activity_a_stage_a_live_page_and_a_notice(
    scene: Scene, product: Product, sink: Sink
) -> None:
    product.connect(scene.connector, scene.settings)
    product.asked(lambda workspace: scenes.prepare(workspace, scene, sink.port))
    base = product.serve()
    with chromium() as browser:
        page = browser.new_page()
        page.goto(base)
        scene.act()
        product.until(scene.who, lambda acts: len(acts) == 1)
        line(page).wait_for(timeout=WAIT)
        assert "show" in line(page).inner_text()
        wait_for(lambda: len(told(sink, "act")) == 1)
        wait_for(lambda: told(sink, "stage"))  # they were nobody before
        assert product.stage(scene.who) != "aware"

        person = f"{base}/people/{person_id(scene.who)}"
        page.goto(person)
        product.kill()
        scene.act()  # while nobody listens
        assert product.serve() == base
        product.until(scene.who, lambda acts: len(acts) == 2)
        line(page).wait_for(timeout=WAIT)  # the page that stayed open has found the new server
        wait_for(lambda: len(told(sink, "act")) == 2)

        page.goto(person)
        scene.act()
        line(page).wait_for(timeout=WAIT)
        product.until(scene.who, lambda acts: len(acts) == 3)
        wait_for(lambda: len(told(sink, "act")) == 3)
    product.stop()
    assert len(product.acts(scene.who)) == 3
    assert product.asked(deliveries) == {"act sent": 3, "stage sent": len(told(sink, "stage"))}
    assert len(told(sink, "act")) == 3, "each was told once"
    assert "nothing differed" in product.run("rebuild")


def line(page: Page) -> Locator:
    """The quiet line that says what is new."""
    return page.locator(".fresh button")


def told(sink: Sink, on: str) -> list[str]:
    """The messages that a rule has sent."""
    return [body for path, _, body in sink.got if path == f"/{on}"]


def deliveries(workspace: Workspace) -> dict[str, int]:
    """What was put down to be told, by its rule and by what came of it."""
    return dict(Counter(f"{one.sort} {one.state}" for one in store.latest(workspace, 100)))


def wait_for(holds: Callable[[], object]) -> None:
    """Looks until it holds."""
    end = time.monotonic() + WAIT / 1000
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


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


def test_a_back_fill_goes_on_through_kills(tmp_path: Path, sqlite: None) -> None:
    filled = fill(tmp_path / "home", 6_000, 3, patience=240)
    print(filled)
    assert (filled.told, filled.missing, filled.twice, filled.cuts) == (6_000, 0, 0, 3)
