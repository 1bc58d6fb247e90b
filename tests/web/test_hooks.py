"""The webhook of a real server: sizes, tokens, replays, and a load with kill -9 in the middle."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from benchmarks import webhook as load

from courtship.web.hooks import MOST_BYTES, WRONG, Wrong

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class Open(NamedTuple):
    """A running server with one address."""

    server: load.Served
    workspace: Workspace
    path: str
    hook: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    from courtship.store import open_workspace
    from courtship.store.operations import hooks

    home = tmp_path_factory.mktemp("hooks")
    workspace = open_workspace(home)
    hook, token = hooks.add(workspace, "Till", now=time.time_ns() // 1000)
    workspace.close()
    server = load.Served(home)
    server.start()
    yield Open(server, workspace, f"/hooks/{token}", hook.id)
    server.stop()
    workspace.close()


def send(
    to: Open, body: Any, *, path: str = "", method: str = "POST", **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """One request: its status, its JSON and its headers."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{to.server.port}{path or to.path}",
        data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), {k.lower(): v for k, v in error.headers.items()}


def test_a_delivery_is_answered_and_its_repetition_alike(running: Open) -> None:
    row = load.act(1)
    status, told, headers = send(running, row, Idempotency_Key="a")
    assert (status, told) == (200, {"new": 1, "known": 0, "problems": []})
    assert "set-cookie" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    status, again, headers = send(running, row, Idempotency_Key="a")
    assert (status, again, headers["idempotency-replayed"]) == (200, told, "true")
    assert send(running, row)[1] == {"new": 0, "known": 1, "problems": []}
    assert send(running, load.act(2), Idempotency_Key="a")[0] == 422
    assert send(running, row, Idempotency_Key="a" * 300)[0] == 400


def test_what_is_wrong_is_said(running: Open) -> None:
    assert send(running, b"nonsense")[0] == 400
    ahead = load.act(3) | {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))}
    status, told, _ = send(running, ahead)
    assert status == 422
    assert "ahead of the clock here" in told["problems"][0]["reason"]
    status, told, _ = send(running, [load.act(4) | {"mood": "fine"}, ahead])
    assert (status, told["new"], told["ignored"], len(told["problems"])) == (200, 1, ["mood"], 1)
    status, _, headers = send(running, b"", method="PUT")
    assert (status, headers["allow"]) == (405, "POST")


def test_ten_megabytes_are_refused_before_they_are_sent(running: Open) -> None:
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=60) as raw:
        raw.sendall(
            f"POST {running.path} HTTP/1.1\r\nHost: 127.0.0.1:{running.server.port}\r\n"
            f"Content-Length: {10_000_000}\r\n\r\n".encode()
        )
        assert b" 413 " in raw.recv(1000), "answered although no byte of the body has come"
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=60) as raw:
        raw.sendall(
            f"POST {running.path} HTTP/1.1\r\nHost: 127.0.0.1:{running.server.port}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        piece = b"%x\r\n" % 100_000 + b" " * 100_000 + b"\r\n"
        try:
            for _ in range(MOST_BYTES // 100_000 + 5):
                raw.sendall(piece)
        except OSError:
            pass  # it has hung up already
        else:
            assert b" 413 " in raw.recv(1000)


def test_a_wrong_token_is_put_off_and_the_right_one_is_not(running: Open) -> None:
    seen = [send(running, load.act(5), path=f"/hooks/hook-{running.hook}-{n}")[0] for n in range(WRONG + 5)]
    assert set(seen[:WRONG]) == {404}
    assert set(seen[WRONG:]) == {429}
    assert send(running, load.act(5))[0] == 200


def test_the_owner_has_one_line_of_each_that_was_refused(running: Open) -> None:
    """However often it came: the sender is told in the answer, but whoever looks after it must know too."""
    for number in range(3):
        assert send(running, b"nonsense %d" % number)[0] == 400
        assert send(running, load.act(8), path="/hooks/hook-00000000-wrong")[0] in (404, 429)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600 + number))
        status, told, _ = send(running, [load.act(80 + number) | {"at": at}, load.act(90 + number)])
        assert (status, told["new"]) == (200, 1)
        assert "ahead of the clock here (2" in told["problems"][0]["reason"], "the sender is told exactly"
        assert send(running, load.act(100 + number), Idempotency_Key="one")[0] == (422 if number else 200)
        with socket.create_connection(("127.0.0.1", running.server.port), timeout=60) as raw:
            raw.sendall(
                f"POST {running.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n".encode()
            )
            assert b" 413 " in raw.recv(1000)

    def lines(word: str) -> int:
        return sum(word in one.reason for one in running.workspace.problems())

    words = ("can be read", "opens nothing", "ahead of the clock", "key came before", "at most 4 MB")
    until = time.monotonic() + 30
    while not all(map(lines, words)) and time.monotonic() < until:
        time.sleep(0.2)
    assert [lines(word) for word in words] == [1] * len(words)


def test_wrong_tokens_are_counted_by_sender() -> None:
    wrong = Wrong()
    assert not any(wrong.too_many("a") for _ in range(WRONG))
    assert wrong.too_many("a")
    assert not wrong.too_many("b")


def test_an_address_taken_back_is_closed(running: Open) -> None:
    from courtship.store.operations import hooks

    hook, token = hooks.add(running.workspace, "For a moment", now=time.time_ns() // 1000)
    until = time.monotonic() + 30
    while send(running, load.act(6), path=f"/hooks/{token}")[0] != 200:
        assert time.monotonic() < until
        time.sleep(0.3)
    hooks.remove(running.workspace, hook.id, now=time.time_ns() // 1000)
    assert send(running, load.act(7), path=f"/hooks/{token}")[0] == 404


def test_none_is_lost_and_none_counts_twice_with_a_kill_in_the_middle(tmp_path: Path) -> None:
    said = load.webhook(str(tmp_path), rate=100, seconds=5, kill=True)
    assert said["wrong"] == []
    assert (said["answered"], said["sent"]) == (500, 500)
    assert (said["lost"], said["twice"], said["differences"]) == (0, 0, 0)
    assert said["retried"] > 0, "the kill was felt"


def test_one_request_hangs_and_the_others_go_on(running: Open) -> None:
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=60) as slow:
        slow.sendall(
            f"POST {running.path} HTTP/1.1\r\nHost: 127.0.0.1:{running.server.port}\r\n"
            "Content-Length: 100\r\n\r\n{".encode()
        )
        done = asyncio.run(load.load(running.server.port, running.path, rate=20, seconds=1, first=500))
        assert (done.answered, done.wrong) == (20, [])
