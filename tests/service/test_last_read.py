"""What a connection remembers of people is used while nobody else has written, and never after a failure."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from courtship.model import Activity, Decision, Origin
from courtship.people.identity import person_id
from courtship.service.live.hearing import hear
from courtship.service.people import identity
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import fresh, refresh
from courtship.store import open_workspace
from courtship.store.derived import cues, last_read, summaries, tables
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
ME, ANN, BOB = "test:me", "test:ann", "test:bob"
LIVE = Origin("webhook", "test", "", T)
COUNT = tables.PERSON_COLUMNS.index("inbound_count")


@pytest.fixture
def brand(workspace: Workspace) -> Workspace:
    workspace.decide(Decision("brand.add", ME))
    refresh(workspace, now=T)
    for number, account in enumerate((ANN, BOB)):
        said(workspace, number, account)
    return workspace


def said(workspace: Workspace, number: int, account: str = ANN, **more: Callable[[], None]) -> None:
    at = T + 1 + number
    hear(workspace, [Activity(str(number), "comment", account, ME, at)], LIVE, now=at, **more)


def elsewhere(do: Callable[[], None]) -> None:
    """On another connection to the same database."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            do()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not failed


def acts(workspace: Workspace, account: str = ANN) -> int:
    return int(tables.read(workspace)[person_id(account)].row[COUNT])


def test_two_connections_in_turn(brand: Workspace) -> None:
    chance = random.Random(1)
    turns = [(number, chance.random() < 0.5, chance.choice([ANN, BOB])) for number in range(2, 40)]

    def other(number: int, account: str) -> None:
        said(brand, number, account)
        brand.close()

    for number, here, account in turns:
        if here:
            said(brand, number, account)
        else:
            elsewhere(lambda number=number, account=account: other(number, account))  # type: ignore[misc]
    assert acts(brand) + acts(brand, BOB) == 40
    assert rebuild(brand, now=T + 100).first == ()


def test_two_connections_that_stay_open(brand: Workspace) -> None:
    """Each has remembered the same person when the other writes."""
    theirs, ours = threading.Semaphore(0), threading.Semaphore(0)

    def other() -> None:
        for number in range(12, 42, 3):
            if theirs.acquire(timeout=60):
                said(brand, number)
                ours.release()
        brand.close()

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    for number in range(11, 41, 3):
        said(brand, number)
        theirs.release()
        assert ours.acquire(timeout=60)
        said(brand, number + 2)
        if brand.connection.vendor == "sqlite":
            assert last_read.of(brand).state is not None
    thread.join(timeout=60)
    assert acts(brand) == 31
    assert rebuild(brand, now=T + 1000).first == ()


def test_another_process_writes_in_between(brand: Workspace) -> None:
    program = f"""
from pathlib import Path
from courtship.model import Activity, Origin
from courtship.service.live.hearing import hear
from courtship.store import open_workspace
workspace = open_workspace(Path({str(brand.home)!r}), {brand.name!r})
act = Activity("x", "comment", {ANN!r}, {ME!r}, {T + 50})
hear(workspace, [act], Origin("webhook", "test", "", {T}), now={T + 50})
"""
    said(brand, 10)
    subprocess.run([sys.executable, "-c", program], check=True)
    said(brand, 60)
    assert acts(brand) == 4
    assert rebuild(brand, now=T + 100).first == ()


def test_decisions_on_the_same_connection(brand: Workspace) -> None:
    said(brand, 10)
    identity.merge(brand, ANN, BOB, now=T + 12)
    said(brand, 20)
    said(brand, 30, BOB)
    identity.set_aside(brand, ANN, "bot", now=T + 40)
    said(brand, 50)
    identity.split(brand, BOB, now=T + 60)
    said(brand, 70, BOB)
    fresh(brand, now=T + 80)
    assert rebuild(brand, now=T + 80).first == ()


def test_what_was_taken_back_is_not_remembered(brand: Workspace) -> None:
    said(brand, 10)

    def fails() -> None:
        raise RuntimeError("no room for the cursor")

    with pytest.raises(RuntimeError):
        said(brand, 20, save=fails)

    def taken_back() -> None:
        with brand.transaction():
            said(brand, 30)
            raise RuntimeError("by who began")

    with pytest.raises(RuntimeError):
        taken_back()
    said(brand, 40)
    assert acts(brand) == 3
    assert rebuild(brand, now=T + 50).first == ()


def test_a_connection_that_was_opened_again_remembers_nothing(brand: Workspace, tmp_path: Path) -> None:
    said(brand, 10)
    before = last_read.of(brand)
    brand.close()
    again = open_workspace(brand.home, brand.name)
    said(again, 20)
    assert last_read.of(again) is not before
    assert acts(again) == 3


def test_where_only_a_replay_can_say_whom_it_touches_the_words_are_renewed(brand: Workspace) -> None:
    """What was written before that turned out counts as a change of those people."""
    stood = cues.people_stand(brand)
    share = Activity("s", "share", ANN, ME, T + 20, object="p1")
    with patch.object(summaries, "newcomers_between", return_value=None):
        hear(brand, [share], LIVE, now=T + 20)
    now = cues.people_stand(brand)
    assert now.stamp != stood.stamp
    assert now.clock != stood.clock
    said(brand, 30)
    assert rebuild(brand, now=T + 40).first == ()
