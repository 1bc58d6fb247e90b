"""What is seen as of this moment: what the log declares, and what live connections have seen since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from courtship.connect import registry
from courtship.errors import NotAllowed
from courtship.model import Coverage, Micros
from courtship.service.coverage.spans import Span, coverage
from courtship.store.operations import connections

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def seen_now(workspace: Workspace, now: Micros) -> list[Coverage]:
    """The log's coverage, and that of connections which the log will be told of later (once a day).

    One that runs sees up to ``now``, else a word of an hour ago could not be said to wait.
    """
    found = workspace.coverage()
    for held in connections.every(workspace):
        span = Span.of(held).pending()
        start = span[0] if span is not None else held.declared_to
        if start is None:
            continue
        end = span[1] if span is not None else start
        if held.state == "on" and held.running(now) and held.heard_at is not None:
            end = max(end, now)
        if start >= end:
            continue
        try:
            found += coverage(registry.named(held.connector), held.covers, (start, end))
        except NotAllowed:  # of another version, or a test's
            continue
    return found
