"""A year's back-fill, cut off anywhere and begun again: a hundred thousand generated notifications."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest
from tests.connect.made_xrpc import MadeServer, like
from tests.connect.sessions import Kept, session

from courtship.connect import bluesky
from courtship.connect.bluesky import CONNECTOR
from courtship.connect.newest_first import NewestFirst, Page
from courtship.errors import Unreachable

MANY = 100_000


@pytest.fixture
def server() -> Iterator[MadeServer]:
    made = MadeServer(MANY)
    yield made
    made.stop()


def take(server: MadeServer, kept: Kept, batches: int | None, seen: dict[str, int]) -> bool:
    """Runs the connection for so many batches; answers whether it has read everything."""
    settings = {"handle": "brand.example.com", "password": "x", "server": server.url}
    with httpx.Client() as http:
        running = CONNECTOR.run(session(CONNECTOR, settings, cursor=kept.position, client=http))
        for number, batch in enumerate(running, 1):
            kept.cursor = orjson.dumps(dict(batch.cursor))
            for record in batch.records:
                id = getattr(record, "id", "")
                if id:
                    seen[id] = seen.get(id, 0) + 1
            if batch.seen_to is not None:
                return True
            if number == batches:
                return False
    return False


@pytest.mark.slow
def test_a_hundred_thousand_notifications_cut_off_anywhere(
    server: MadeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "COVERED_EVERY", 0)
    chance, kept, seen = random.Random(7), Kept(), dict[str, int]()
    began, cuts = time.monotonic(), 0
    whole = False
    while not whole:
        if chance.random() < 0.5:
            whole = take(server, kept, chance.randrange(1, 150), seen)
        else:  # the server fails in the middle
            server.limit = chance.randrange(1, 150)
            with contextlib.suppress(Unreachable):
                whole = take(server, kept, None, seen)
            server.limit = None
        cuts += not whole
        if cuts == 5:
            server.count += 250  # meanwhile there is more than a page of new ones
        assert cuts < 200
    assert seen.keys() == {like(number)["uri"] for number in range(server.count)}
    pages = server.asked["app.bsky.notification.listNotifications"]
    print(f"{len(seen):,} in {time.monotonic() - began:.1f} s, cut off {cuts} times, {pages:,} pages asked")
    assert pages < 3 * MANY / 100, "it goes on where it was, and does not begin anew"


@pytest.mark.parametrize("seed", range(30))
def test_a_list_read_in_pieces_while_it_grows_misses_nothing(seed: int) -> None:
    chance = random.Random(seed)
    entries = list(range(chance.randrange(0, 60)))
    size = chance.randrange(1, 8)

    def fetch(cursor: str | None) -> Page:
        last = len(entries) if cursor is None else int(cursor)
        first = max(0, last - size)
        return Page(entries[first:last][::-1], str(first) if first else None)

    state, seen = None, set[int]()
    for _ in range(400):
        reading = NewestFirst(fetch, lambda entry: f"{entry:06d}", state)
        seen.update(reading.look())
        for _ in range(chance.randrange(0, 3)):
            if reading.gaps:
                seen.update(reading.fill())
        state = reading.state
        if chance.random() < 0.2 and len(entries) < 200:
            entries += range(len(entries), len(entries) + chance.randrange(0, 20))
    while reading.gaps:
        seen.update(reading.fill())
    assert seen == set(entries)
