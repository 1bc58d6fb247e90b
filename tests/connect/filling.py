"""A back-fill of generated notifications through the process that an owner runs, cut off by kill -9."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import NamedTuple

from tests.connect.made_xrpc import ME, MadeServer, like
from tests.connect.product import Product

from courtship.store.operations import connections
from courtship.store.workspace import Workspace


class Filled(NamedTuple):
    """What came of it. ``seconds`` without the moments in which nothing ran; ``peak_mb`` of the listener."""

    told: int
    missing: int
    twice: int
    cuts: int
    pages: int
    seconds: float
    peak_mb: float


def fill(home: Path, many: int, cuts: int, *, patience: float, seed: int = 7) -> Filled:
    """Fills a new home with ``many`` notifications, cut off at ``cuts`` places spread over them by chance."""
    server, product, chance = MadeServer(many), Product(home), random.Random(seed)
    places = sorted(chance.randrange(many // 20, many) for _ in range(cuts))
    settings = {"handle": "brand.example.com", "password": "x", "server": server.url}
    seconds, peak, made = 0.0, 0.0, 0
    end = time.monotonic() + patience
    try:
        product.connect("bluesky", settings)
        whole = False
        while not whole:
            product.listen()
            began = time.monotonic()
            while True:
                told, whole = product.asked(progress)
                peak = max(peak, product.peak_mb())
                if whole or (made < cuts and told >= places[made]):
                    break
                assert time.monotonic() < end, f"{told:,} of {many:,}; {product.said()}"
                time.sleep(0.2)
            seconds += time.monotonic() - began
            if whole and made == cuts:
                product.stop()
            else:  # it may have been whole before the last places came
                made, whole = made + 1, False
                product.kill()
        acts = product.asked(lambda workspace: [one.id for one in workspace.activities_of([f"bluesky:{ME}"])])
        expected = {like(number)["uri"] for number in range(server.count)}
        pages = server.asked["app.bsky.notification.listNotifications"]
        missing, twice = len(expected - set(acts)), len(acts) - len(set(acts)) + len(set(acts) - expected)
        return Filled(len(acts), missing, twice, made, pages, seconds, peak)
    finally:
        product.stop()
        server.stop()


def progress(workspace: Workspace) -> tuple[int, bool]:
    """How many records the log has, and whether the connection has read everything."""
    (one,) = connections.every(workspace)
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM store_record")
        return int(cursor.fetchone()[0]), one.seen_to is not None
