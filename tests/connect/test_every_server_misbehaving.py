"""Every connector over HTTP against one server that misbehaves: told in one line, and when to come back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from tests.connect.sessions import session
from tests.service.tiny_server import TinyServer, tiny_server

from courtship.connect import http, registry
from courtship.errors import ConnectionRefused, CourtshipError, Unreachable

SECRET = "s3cr3t-t0k3n"
OURS: dict[str, dict[str, str]] = {
    "bluesky": {"handle": "ann.example", "password": SECRET, "server": ""},
    "mastodon": {"server": "", "token": SECRET},
    "wordpress": {"site": "", "user": "ann", "password": SECRET},
    "feed": {"address": ""},
}
MOODS = ("hang", "half", "429", "500", "401", "schema", "html", "huge", "elsewhere")


@pytest.fixture
def server() -> Iterator[TinyServer]:
    with tiny_server() as running:
        yield running


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("mood", MOODS)
def test_it_is_told_in_one_line(name: str, mood: str, server: TinyServer) -> None:
    server.mood = mood
    server.elsewhere = server.address.replace("127.0.0.1", "localhost") + "/secret"
    given = {key: value or server.address for key, value in OURS[name].items()}
    connector = registry.named(name)
    began = time.monotonic()
    for checked in (True, False):
        asked = session(connector, given, timeout=1.0)
        with asked.http, pytest.raises((CourtshipError, httpx.HTTPError)) as raised:
            connector.check(asked) if checked else next(iter(connector.run(asked)))
        error = raised.value
        said = http.in_words(error) if isinstance(error, httpx.HTTPError) else str(error)
        assert "\n" not in said
        assert len(said) < 300
        assert SECRET not in said
        if mood == "429":
            after = max(getattr(error, "after", None) or 0.0, asked.http.limits.longest())  # type: ignore[attr-defined]
            assert 590 <= after <= 600, "as long as it asked for"
        if mood == "401":
            assert isinstance(error, ConnectionRefused)
        if mood in ("hang", "half", "429", "500", "huge"):
            assert not isinstance(error, ConnectionRefused), "waiting may help; the owner need not"
        if mood == "huge":
            assert isinstance(error, Unreachable)
            assert "broken off" in said
    assert time.monotonic() - began < 60
