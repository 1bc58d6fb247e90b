"""Whoever listens is told: at once of this process, within seconds of others, and of nothing twice."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from courtship.model import Origin
from courtship.testing import activity

if TYPE_CHECKING:
    from courtship.service.live.heard_events import Heard
    from courtship.store.workspace import Workspace

ORIGIN = Origin("x", "activities")


def wait_until(told: list[Heard], position: int) -> None:
    until = time.monotonic() + 60
    while not told or told[-1].position < position:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_nobody_published_is_noticed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """As another process writes it: no word of it in this one."""
    from courtship.service.live import heard_events
    from courtship.service.people import brand
    from courtship.service.reckoning.refresh import refresh
    from courtship.store.derived import persons

    monkeypatch.setattr(heard_events, "PATIENCE", 60)  # a busy machine may take its time to reckon
    now = time.time_ns() // 1000
    brand.add(workspace, ["test:me"], now=now)
    told: list[Heard] = []
    end = heard_events.subscribe(workspace, told.append)
    try:
        workspace.append([activity("comment", "test:ann"), activity("share", "test:bob")], ORIGIN)
        refresh(workspace, now=now)
        wait_until(told, workspace.position())
    finally:
        end()
    assert told[-1].kinds == {"comment", "share"}
    assert told[-1].people == {persons.person_of(workspace, one) for one in ("test:ann", "test:bob")}


def test_what_is_not_reckoned_is_told_of_all_the_same(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courtship.service.live import heard_events

    monkeypatch.setattr(heard_events, "PATIENCE", 0.2)
    told: list[Heard] = []
    end = heard_events.subscribe(workspace, told.append)
    try:
        workspace.append([activity("like", "test:ann")], ORIGIN)
        wait_until(told, workspace.position())
    finally:
        end()
    assert told[-1].kinds == {"like"}
    assert not told[-1].people


def test_nothing_is_told_twice_and_nothing_is_left_out(workspace: Workspace) -> None:
    from courtship.service.live import heard_events

    told: list[Heard] = []
    stumbles: list[Heard] = []

    def stumble(heard: Heard) -> None:
        stumbles.append(heard)
        raise RuntimeError("a mistake of whoever listens")

    begin = workspace.position()
    ends = [heard_events.subscribe(workspace, stumble), heard_events.subscribe(workspace, told.append)]

    def write(name: str) -> None:
        for n in range(10):
            workspace.append([activity("like", f"test:{name}{n}")], ORIGIN)
            heard_events.publish(workspace)
        workspace.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wait_until(told, workspace.position())
    for end in ends:
        end()
    assert [told[0].since, *(one.position for one in told[:-1])] == [begin, *(one.since for one in told[1:])]
    assert stumbles == told
    workspace.append([activity("like", "test:late")], ORIGIN)
    heard_events.publish(workspace)
    assert told == stumbles, "who has ended is told nothing more"


def test_the_later_does_not_overtake_the_earlier(workspace: Workspace) -> None:
    from courtship.service.live import heard_events

    told: list[Heard] = []
    came, go_on = threading.Event(), threading.Event()

    def slow(heard: Heard) -> None:
        if not came.is_set():
            came.set()
            assert go_on.wait(60)
        told.append(heard)

    def write(name: str) -> None:
        workspace.append([activity("like", f"test:{name}")], ORIGIN)
        heard_events.publish(workspace)
        workspace.close()

    end = heard_events.subscribe(workspace, slow)
    first, second = (threading.Thread(target=write, args=(name,)) for name in ("ann", "bob"))
    first.start()
    assert came.wait(60)
    second.start()
    second.join(1)
    early = list(told)
    go_on.set()
    for thread in (first, second):
        thread.join(60)
    wait_until(told, workspace.position())
    end()
    assert not early, "the second is told before the first has been"
    assert [one.since for one in told[1:]] == [one.position for one in told[:-1]]


def test_nobody_listens_and_nothing_happens(workspace: Workspace) -> None:
    from courtship.service.live import heard_events

    heard_events.publish(workspace)
    assert not heard_events._watched
