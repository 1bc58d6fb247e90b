"""What a process needs before its first event, read while nobody waits for it: who is whom by all profiles,
the ladder, what sources can show, and the compiled kernel. At 100,000 people that takes seconds."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from courtship.errors import CourtshipError
from courtship.service.covering import coverage_of
from courtship.service.grouping import grouping_of
from courtship.service.standing import standing
from courtship.store import cues

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

log = logging.getLogger("courtship.readying")


def ready(workspace: Workspace) -> bool:
    """Reads it; false where there is nobody yet, and nothing to read. Raises StoreFailure."""
    if not cues.any_people(workspace):
        return False
    standing(workspace)
    coverage_of(workspace)
    grouping_of(workspace)
    from courtship.lifecycle import columnar, kernel

    return bool(kernel and columnar)


def start(workspace: Workspace) -> threading.Thread:
    """The same in a thread of its own."""

    def run() -> None:
        try:
            ready(workspace)
        except CourtshipError as error:
            log.warning("%s", error)
        finally:
            workspace.close()

    thread = threading.Thread(target=run, name="courtship-readying", daemon=True)
    thread.start()
    return thread
