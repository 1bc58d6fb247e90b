"""The real servers that connectors are tried against, each started once for a module."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.testbeds import dovecot


def lacking(reason: str) -> None:
    """Skips where a server is not installed; in CI that is a failure."""
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


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
