"""From an act on a real platform to the open page and to the notice, in seconds; and a year's back-fill.

The platforms are those of the tests (``scripts/install-test-servers``), on the same machine and at the same
time as what is measured. Each time begins before the act is asked of the platform: it has the platform's own
work in it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.connect.filling import Filled
    from tests.connect.scenes import Scene

ACTS = 10
PAUSE = 0.9


def lag(home: Path, scene: Scene, acts: int = ACTS) -> dict[str, list[float]]:
    """Seconds of each act to the ``page`` and to the ``notice``, with a server that is warm."""
    from tests.connect.product import Product
    from tests.connect.scenes import prepare
    from tests.notify.conftest import Sink
    from tests.web.conftest import chromium

    from courtship.people.identity import person_id

    product, sink = Product(home), Sink()
    taken: dict[str, list[float]] = {"page": [], "notice": []}
    try:
        product.connect(scene.connector, scene.settings)
        product.asked(lambda workspace: prepare(workspace, scene, sink.port))
        base = product.serve()
        with chromium() as browser:
            page = browser.new_page()
            line = page.locator(".fresh button")
            page.goto(base)
            for number in range(acts + 2):
                if number == 1:
                    page.goto(f"{base}/people/{person_id(scene.who)}")
                time.sleep(PAUSE)
                began = time.time()
                scene.act()
                line.wait_for(timeout=60_000)
                on_page = time.time() - began
                at = _told(sink, number)
                if number >= 2:
                    taken["page"].append(on_page)
                    taken["notice"].append(at - began)
                line.click()
    finally:
        product.stop()
        sink.close()
    return taken


def _told(sink: Any, number: int) -> float:
    """When the notice of the act with that number came."""
    end = time.monotonic() + 60
    while True:
        times = [at for at, (path, _, _) in zip(sink.at, sink.got, strict=False) if path == "/act"]
        if len(times) > number:
            return float(times[number])
        if time.monotonic() > end:
            raise TimeoutError("the notice did not come")
        time.sleep(0.02)


def platforms() -> dict[str, Callable[[], AbstractContextManager[Scene]]]:
    """The platforms by name; each starts its server and ends it."""
    return {"Bluesky": _bluesky, "Mastodon": _mastodon, "mailbox": _mailbox, "WordPress": _wordpress}


@contextmanager
def _bluesky() -> Iterator[Scene]:
    from tests.conftest import Server, binaries
    from tests.connect import scenes
    from tests.testbeds.bluesky import BlueskyNetwork

    where = binaries()
    if where is None:
        raise FileNotFoundError("PostgreSQL is not installed: run scripts/install-test-servers")
    with ExitStack() as ends:
        postgres = Server(where)
        ends.callback(postgres.stop)
        postgres.execute("CREATE DATABASE bluesky")
        network = BlueskyNetwork(postgres.url("bluesky"))
        ends.callback(network.stop)
        yield ends.enter_context(scenes.bluesky(network))


@contextmanager
def _mastodon() -> Iterator[Scene]:
    from tests.connect import scenes
    from tests.testbeds.mastodon import MastodonMock

    with ExitStack() as ends:
        mock = MastodonMock()
        ends.callback(mock.stop)
        yield ends.enter_context(scenes.mastodon(mock))


@contextmanager
def _mailbox() -> Iterator[Scene]:
    from tests.connect import scenes
    from tests.testbeds.dovecot import Dovecot

    with ExitStack() as ends:
        server = Dovecot()
        ends.callback(server.stop)
        yield ends.enter_context(scenes.mailbox(server))


@contextmanager
def _wordpress() -> Iterator[Scene]:
    from tests.connect import scenes
    from tests.testbeds.wordpress import WordPress

    with ExitStack() as ends:
        blog = WordPress()
        ends.callback(blog.stop)
        yield ends.enter_context(scenes.wordpress(blog))


def lags(scratch: Path) -> Iterator[tuple[str, str, dict[str, list[float]]]]:
    """Each platform's name, how it reaches the product, and the seconds."""
    os.environ.pop("DATABASE_URL", None)
    for name, start in platforms().items():
        with start() as scene:
            yield name, scene.way, lag(scratch / f"live-{name}", scene)


def back_fill(scratch: Path, many: int = 100_000, cuts: int = 5) -> Filled:
    """Generated notifications through ``courtship listen``, killed in between."""
    from tests.connect.filling import fill

    os.environ.pop("DATABASE_URL", None)
    return fill(scratch / "back-fill", many, cuts, patience=1800)


def said(seconds: list[float]) -> str:
    """The median and the worst."""
    return f"{median(seconds):.2f} s (at most {max(seconds):.2f})"
