"""Live connections against a real server on loopback: heard, kept, cut off, refused, and never run twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.service.tiny_connector import CONNECTOR
from tests.service.tiny_server import ME, TinyServer, tiny_server

from courtship.connect import http, registry
from courtship.errors import ConnectionRefused, NotAllowed, Unreachable
from courtship.model import Micros

if TYPE_CHECKING:
    from courtship.service.live.listening import Listening
    from courtship.store.operations.connections import Connection
    from courtship.store.workspace import Workspace

PATIENCE = 60.0


def clock() -> Micros:
    return time.time_ns() // 1000


def wait_for(holds: Callable[[], bool], what: str) -> None:
    """Looks until it holds."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[TinyServer]:
    with tiny_server() as running:
        yield running


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tiny connector, known to this process; quick to give up."""
    registry.add(CONNECTOR)
    monkeypatch.setattr(http, "TIMEOUT", 1.0)
    yield
    registry.forget("tiny")


@pytest.fixture
def connected(workspace: Workspace, server: TinyServer) -> Connection:
    """A connection to the server, whose account is the brand's."""
    from courtship.service.live import connecting
    from courtship.service.people import brand

    kept, tried = connecting.connect(
        workspace, "tiny", {"server": server.address, "token": server.token}, now=clock
    )
    assert tried.profile.account == ME
    brand.add(workspace, [ME], now=clock())
    return kept


@pytest.fixture
def listening(workspace: Workspace) -> Iterator[Callable[[], Listening]]:
    """Starts to listen; ends all that was started."""
    from courtship.service.live.listening import Listening

    started: list[Listening] = []

    def start() -> Listening:
        running = Listening(workspace, chance=lambda: 0.0)
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()
    for thread in threading.enumerate():
        if thread.name.startswith("courtship-"):
            thread.join(20)


def held(workspace: Workspace) -> Connection:
    """The only connection."""
    from courtship.store.operations import connections

    (one,) = connections.every(workspace)
    return one


def acts(workspace: Workspace) -> set[str]:
    return {one.id for one in workspace.activities_of([ME])}


def test_an_act_there_is_an_act_here_and_whoever_listens_is_told(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    from courtship.service.live import heard_events
    from courtship.service.live.heard_events import Heard
    from courtship.service.reckoning import rebuild
    from courtship.store.derived import persons

    told: list[Heard] = []
    end = heard_events.subscribe(workspace, told.append)
    server.act(1)
    listening()
    wait_for(lambda: acts(workspace) == {"1"}, "the first act")
    server.act(2, "comment", "test:bob")
    wait_for(lambda: any("comment" in one.kinds for one in told), "told of the comment")
    end()
    (bob,) = (one for one in told if "comment" in one.kinds)
    assert bob.people == {persons.person_of(workspace, "test:bob")}
    assert [a.position for a in told[:-1]] == [b.since for b in told[1:]], "nothing is left out between two"
    now = held(workspace)
    assert now.heard == 2
    assert now.rate_limit.endswith("290 of 300 requests left")
    assert now.account == ME
    assert rebuild.rebuild(workspace, now=clock()).differences == 0


def test_secrets_are_nowhere_in_the_clear(
    workspace: Workspace, server: TinyServer, connected: Connection, tmp_path: Path
) -> None:
    from courtship.service.importing.export import export
    from courtship.store.operations import connections, secret_box

    assert connections.settings_of(workspace, connected)["token"] == server.token
    key = workspace.home / secret_box.FILE
    assert key.stat().st_mode & 0o777 == 0o600
    export(workspace, tmp_path / "all.jsonl")
    workspace.close()
    told = [path for path in workspace.home.rglob("*") if path.is_file()] + [tmp_path / "all.jsonl"]
    for path in told:
        assert server.token.encode() not in path.read_bytes(), path
    exported = (tmp_path / "all.jsonl").read_bytes()
    assert b"connect.add" in exported
    assert connected.locked.encode() not in exported
    assert server.token not in repr(connected)
    key.unlink()
    with pytest.raises(ConnectionRefused, match="enter the secrets again"):
        connections.settings_of(workspace, connected)


def test_cut_off_it_goes_on_where_it_was_and_nothing_counts_twice(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    for number in range(1, 6):
        server.act(number, actor=f"test:p{number}")
    first = listening()
    wait_for(lambda: len(acts(workspace)) == 5, "five acts")
    first.stop()
    wait_for(lambda: held(workspace).holder == "", "the lease is given back")
    assert held(workspace).cursor["after"] == 5
    server.act(6)
    listening()
    wait_for(lambda: len(acts(workspace)) == 6, "the sixth")
    assert held(workspace).heard == 6


@pytest.mark.parametrize(
    ("mood", "state", "said"),
    [
        ("hang", "waiting", "did not answer in time"),
        ("half", "waiting", "broke off in the middle"),
        ("429", "waiting", "asked to wait"),
        ("500", "waiting", "answered with 500"),
        ("401", "refused", "expired"),
        ("schema", "waiting", "could not be understood"),
        ("html", "waiting", "could not be understood"),
        ("huge", "waiting", "over 33 MB"),
        ("elsewhere", "waiting", "no setting names it"),
    ],
)
def test_what_misbehaves_is_survived_and_said_in_one_line(
    sqlite: None,
    tmp_path: Path,
    server: TinyServer,
    listening_on: Callable[[Workspace], Listening],
    mood: str,
    state: str,
    said: str,
) -> None:
    from courtship.service.live import connecting
    from courtship.service.people import brand
    from courtship.store import open_workspace
    from courtship.store.operations import connections

    workspace = open_workspace(tmp_path / "home")
    brand.add(workspace, [ME], now=clock())
    with tiny_server() as good:
        for one in (server, good):
            connecting.connect(workspace, "tiny", {"server": one.address, "token": one.token}, now=clock)
        server.elsewhere = good.address.replace("127.0.0.1", "localhost") + "/me"
        server.mood = mood
        listening_on(workspace)

        def bad() -> Connection:
            (found,) = (
                one for one in connections.every(workspace) if one.settings["server"] == server.address
            )
            return found

        wait_for(lambda: bad().state == state, f"{mood}: {state}")
        found = bad()
        assert said in found.why
        assert "\n" not in found.why
        assert server.token not in found.why
        if mood == "429":
            assert found.until - clock() > 500_000_000, "what Retry-After asked for is kept"
        asked = server.asked
        good.act(1)
        wait_for(lambda: acts(workspace) == {"1"}, "one that fails stops no other")
        if mood in ("429", "401"):
            assert server.asked == asked, "it is left alone"
        assert (mood in ("schema", "html", "401")) == any(said in p.reason for p in workspace.problems())
        server.mood = ""
        server.act(7)
        connections.resume(workspace, found.id)
        wait_for(lambda: acts(workspace) == {"1", "7"}, "it goes on when it is well")


@pytest.fixture
def listening_on() -> Iterator[Callable[[Workspace], Listening]]:
    """As ``listening``, on the workspace that a test makes."""
    from courtship.service.live.listening import Listening

    started: list[Listening] = []

    def start(workspace: Workspace) -> Listening:
        running = Listening(workspace, chance=lambda: 0.0)
        started.append(running)
        running.start()
        return running

    yield start
    for running in started:
        running.stop()


def test_a_damaged_act_is_a_problem_and_the_rest_is_in(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    server.act(1)
    server.acts.append({"number": 2, "kind": "like", "actor": "test:x", "at": "yesterday"})
    server.act(3)
    listening()
    wait_for(lambda: acts(workspace) == {"1", "3"}, "the good ones")
    assert [p.path for p in workspace.problems()] == [connected.title]


def test_the_owner_pauses_resumes_and_ends_it(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    from courtship.service.live import connecting
    from courtship.store.operations import connections

    listening()
    server.act(1)
    wait_for(lambda: acts(workspace) == {"1"}, "the first")
    connections.pause(workspace, connected.id)
    wait_for(lambda: held(workspace).holder == "", "it stops")
    asked = server.asked
    server.act(2)
    time.sleep(1.5)
    assert server.asked == asked
    (health,) = connecting.health(workspace, now=clock())
    assert health.state == "paused"
    connections.resume(workspace, connected.id)
    wait_for(lambda: acts(workspace) == {"1", "2"}, "what happened meanwhile")
    connecting.remove(workspace, connected.id, now=clock())
    wait_for(lambda: not connections.every(workspace), "it is gone")
    assert acts(workspace) == {"1", "2"}
    assert [one.verb for one in workspace.decisions() if one.subject == connected.id] == [
        "connect.add",
        "connect.remove",
    ]
    with pytest.raises(NotAllowed, match="no tiny connection yet"):
        connecting.found(workspace, "tiny")


def test_two_servers_never_run_the_same_one_and_the_second_takes_over(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    first, second = listening(), listening()

    def holder() -> str:
        return held(workspace).holder

    wait_for(lambda: holder() != "", "one of them has it")
    mine = {first.holder: first, second.holder: second}
    having = holder()
    for _ in range(20):
        assert holder() == having
        time.sleep(0.05)
    mine[having].stop()
    wait_for(lambda: holder() not in ("", having), "the other has it")
    server.act(1)
    wait_for(lambda: acts(workspace) == {"1"}, "and hears")


def test_a_lease_ends_with_its_time_or_its_process(workspace: Workspace, connected: Connection) -> None:
    from courtship.store.operations import connections

    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    machine = connections.own_name().split()[0]
    now = clock()
    far = f"elsewhere {os.getpid()} ab"
    assert connections.take(workspace, connected.id, far, now=now, until=now + 1_000)
    assert not connections.take(workspace, connected.id, "me", now=now + 999, until=now + 2_000)
    assert connections.take(workspace, connected.id, "me", now=now + 1_000, until=now + 2_000)
    connections.release(workspace, connected.id, "me")
    dead = f"{machine} {child.pid} ab"
    assert connections.take(workspace, connected.id, dead, now=now, until=now + 10**12)
    assert connections.take(workspace, connected.id, "me", now=now, until=now + 10), "its process is gone"


def test_who_lost_the_lease_writes_nothing(workspace: Workspace, connected: Connection) -> None:
    from courtship.connect.base import Batch
    from courtship.service.live.listening import OneRun
    from courtship.store.operations import connections
    from courtship.store.operations.connections import LeaseLost
    from courtship.testing import activity

    now = clock()
    assert connections.take(workspace, connected.id, "first", now=now, until=now + 10)
    run = OneRun(workspace, connected, "first", threading.Event(), now=clock)
    position = workspace.position()
    assert connections.take(workspace, connected.id, "second", now=now + 10, until=now + 10**12)
    with pytest.raises(LeaseLost):
        run._store(CONNECTOR, Batch([activity(target=ME)], {"after": 9}))
    assert workspace.position() == position
    assert held(workspace).cursor == {}


def test_coverage_is_declared_for_as_long_as_it_ran_and_a_gap_stays_one(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    from courtship.service.live import connecting

    first = listening()
    server.act(1)
    wait_for(lambda: acts(workspace) == {"1"}, "the first")
    wait_for(lambda: server.asked > 10, "it goes on listening")
    first.stop()
    wait_for(lambda: held(workspace).holder == "", "it has ended")
    told = {(one.kind, one.seen) for one in workspace.coverage()}
    assert told == {("like", "full"), ("comment", "some")}
    ended = max(one.end for one in workspace.coverage())
    assert ended == held(workspace).declared_to
    assert len(workspace.coverage()) == 4, "at its beginning and at its end, not once a minute"
    assert {one.account for one in workspace.coverage()} == {ME}
    connecting.remove(workspace, connected.id, now=clock())


def test_forgetting_somebody_makes_a_cursor_that_names_them_begin_anew(
    workspace: Workspace, connected: Connection
) -> None:
    from courtship.model import Origin
    from courtship.store.operations import connections
    from courtship.testing import activity

    workspace.append([activity(actor="test:ann", target=ME)], Origin("x", "activities"))
    assert connections.take(workspace, connected.id, "me", now=0, until=clock() + 10**9)
    with workspace.transaction():
        connections.advance(
            workspace, connected, "me", cursor={"followers": ["ann", "bob"]}, brought=None, now=clock()
        )
    workspace.forget(["test:nobody"], now=clock())
    assert held(workspace).cursor
    workspace.forget(["test:ann"], now=clock())
    assert held(workspace).cursor == {}


def test_what_was_there_before_is_not_behind(
    workspace: Workspace, server: TinyServer, connected: Connection, listening: Callable[[], Listening]
) -> None:
    """A back-fill of old acts says nothing of how late those are heard that happen now."""
    server.act(1, at="2026-03-01T00:00:00Z")
    listening()
    wait_for(lambda: acts(workspace) == {"1"}, "the old one")
    assert held(workspace).lag is None
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))  # the next whole second
    server.act(2, at=at)
    wait_for(lambda: acts(workspace) == {"1", "2"}, "the new one")
    assert held(workspace).lag is not None
    assert held(workspace).lag < 60_000_000  # type: ignore[operator]


def test_settings_that_do_not_work_are_not_kept(workspace: Workspace, server: TinyServer) -> None:
    from courtship.service.live import connecting
    from courtship.store.operations import connections

    for given, error, said in (
        ({"server": server.address}, NotAllowed, "needs token"),
        ({"server": server.address, "token": "wrong"}, ConnectionRefused, "turned the connection away"),
        ({"server": "http://127.0.0.1:9", "token": "x"}, Unreachable, "cannot be reached.*nothing was kept"),
        ({"server": server.address, "token": "x", "colour": "red"}, NotAllowed, "no setting 'colour'"),
    ):
        with pytest.raises(error, match=said):
            connecting.connect(workspace, "tiny", given, now=clock)
    assert connections.every(workspace) == []


def test_other_settings_replace_the_first_and_empty_secrets_stay(
    workspace: Workspace, server: TinyServer, connected: Connection
) -> None:
    from courtship.service.live import connecting
    from courtship.store.operations import connections

    given = {"server": server.address, "token": "", "more": "yes"}
    kept, _ = connecting.connect(workspace, "tiny", given, now=clock, id=connected.id)
    assert (kept.id, kept.settings["more"]) == (connected.id, "yes")
    assert connections.settings_of(workspace, kept)["token"] == server.token
    same, _ = connecting.connect(
        workspace, "tiny", {"server": server.address, "token": server.token, "more": "yes"}, now=clock
    )
    assert same.id == connected.id, "the same account is not connected twice"


def test_once_fetches_what_there_is_and_ends(
    workspace: Workspace, server: TinyServer, connected: Connection
) -> None:
    from courtship.service.live.listening import listen_once

    server.act(1)
    server.act(2)
    assert listen_once(workspace, quiet=0.5) == 0
    assert acts(workspace) == {"1", "2"}
    assert held(workspace).holder == ""
    server.mood = "401"
    said: list[str] = []
    assert listen_once(workspace, quiet=0.5, say=said.append) == 1
    assert "turned the connection away" in said[0]


def test_another_account_has_a_coverage_of_its_own(
    workspace: Workspace, server: TinyServer, connected: Connection
) -> None:
    """Killed after it ran as one account, then pointed at another: neither is said to be seen when only the
    other was."""
    from courtship.service.coverage.spans import Span
    from courtship.service.live import connecting
    from courtship.store.operations import connections

    now = clock()
    holder = connections.own_name()
    assert connections.take(workspace, connected.id, holder, now=now, until=now + 45_000_000)
    with workspace.transaction():  # what a process has written when it is killed
        connections.advance(
            workspace,
            connected,
            holder,
            cursor={"after": 3},
            brought=None,
            now=now,
            seen=(now - 500, now - 100, now - 500),
            covers=[ME],
        )
    server.me = "test:other"
    given = {"server": server.address, "token": server.token}
    kept, _ = connecting.connect(workspace, "tiny", given, now=clock, id=connected.id)
    assert (kept.cursor, kept.account) == ({}, "test:other")
    assert Span.of(kept) == Span(), "the other account begins with nothing"
    assert {(one.account, one.start, one.end) for one in workspace.coverage()} == {(ME, now - 500, now - 100)}
