"""Real servers for the connectors, each started once for all tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.testbeds import bluesky, dovecot, mastodon, wordpress

if TYPE_CHECKING:
    from tests.conftest import Server


def lacking(reason: str) -> None:
    """Skips where a server is not installed; in CI that is a failure."""
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def bluesky_network(postgres_server: Server) -> Iterator[bluesky.BlueskyNetwork]:
    """Bluesky's PDS, AppView and PLC directory."""
    lacking(bluesky.missing())
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


@pytest.fixture
def mail_server() -> Iterator[dovecot.Dovecot]:
    """A Dovecot of the test's own."""
    lacking(dovecot.missing())
    server = dovecot.Dovecot()
    yield server
    server.stop()


@pytest.fixture
def mail_server_without_idle() -> Iterator[dovecot.Dovecot]:
    """One that does not offer IDLE."""
    lacking(dovecot.missing())
    server = dovecot.Dovecot(idle=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def blog() -> Iterator[wordpress.WordPress]:
    """One blog for a module; each test writes a post of its own."""
    lacking(wordpress.missing())
    server = wordpress.WordPress()
    yield server
    server.stop()
