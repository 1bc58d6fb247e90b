"""Real servers for the connectors, each started once for all tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.testbeds import bluesky, mastodon

if TYPE_CHECKING:
    from tests.conftest import Server


@pytest.fixture(scope="session")
def bluesky_network(postgres_server: Server) -> Iterator[bluesky.BlueskyNetwork]:
    """Bluesky's PDS, AppView and PLC directory."""
    if why := bluesky.missing():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    postgres_server.execute("CREATE DATABASE bluesky")
    network = bluesky.BlueskyNetwork(postgres_server.url("bluesky"))
    yield network
    network.stop()


@pytest.fixture
def mastodon_mock() -> Iterator[mastodon.MastodonMock]:
    """A mock of Mastodon, new for each test."""
    mock = mastodon.MastodonMock()
    yield mock
    mock.stop()
