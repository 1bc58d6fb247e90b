"""What a process needs before its first event, read while nobody waits for it: who is whom by all profiles
and decisions, the ladder, what sources can show, the compiled kernel, and all that the first act that is late
or undone asks for, or the first decision about a person. At 100,000 people that takes seconds."""

from __future__ import annotations

import gc
import logging
import threading
import time
from typing import TYPE_CHECKING

from courtship.errors import CourtshipError
from courtship.lifecycle.live import Act
from courtship.model import DAY, FOREVER
from courtship.service.coverage.covering import coverage_of
from courtship.service.live import at_once
from courtship.service.reckoning.grouping import ready_grouping
from courtship.service.reckoning.refresh import rehearse
from courtship.service.reckoning.standing import standing
from courtship.store import bulk
from courtship.store.derived import cues, people_query, person_acts, summaries, tables

if TYPE_CHECKING:
    from courtship.lifecycle.policy import Policy
    from courtship.store.workspace import Workspace

log = logging.getLogger("courtship.readying")


def ready(workspace: Workspace) -> bool:
    """Reads it; false where there is nobody yet, and nothing to read. Raises StoreFailure."""
    if not cues.any_people(workspace):
        return False
    with bulk.uncollected():  # what is read is kept: there is nothing in it to collect
        policy = standing(workspace).policy
        coverage_of(workspace)
        ready_grouping(workspace)
        load_kernel(policy)
        at_once.basis(workspace, summaries.state(workspace))
        somebody = tables.somebody(workspace)
        if somebody is not None:
            rehearse(workspace, somebody, time.time_ns() // 1000)
        read_those_of_many(workspace)
    return True


def read_those_of_many(workspace: Workspace) -> None:
    """Reads the acts of those with the most, so that the first look at their pages need not wait for it."""
    for accounts in people_query.with_most_acts(workspace, person_acts.KEPT, person_acts.HELD):
        person_acts.read(workspace, accounts, make=True)


def load_kernel(policy: Policy) -> None:
    """Reckons one made-up act: what is compiled is read from its files when it is first called, which takes
    most of a second."""
    from courtship.lifecycle import columnar, kernel
    from courtship.lifecycle.acts import columns_of

    columns, _ = columns_of([[Act(0, FOREVER, "comment", False, True, "1")]])
    kernel.reckon_columns(columns, policy, DAY)
    columnar.rhythms(columns, DAY)
    columnar.answering(columns, DAY)


def start(workspace: Workspace) -> threading.Thread:
    """The same in a thread of its own."""

    def run() -> None:
        try:
            if ready(workspace):
                # a collection of cycles does not look through all of it again and again: it stays
                gc.freeze()
        except CourtshipError as error:
            log.warning("%s", error)
        finally:
            workspace.close()

    thread = threading.Thread(target=run, name="courtship-readying", daemon=True)
    thread.start()
    return thread
