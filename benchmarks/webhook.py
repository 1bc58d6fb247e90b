"""The webhook under load: a real server, a sender of its own with retries, and a kill -9 in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import orjson

from benchmarks.measure import ROOT

RETRIES = 200
CONNECTIONS = 100
"""Open at once at most; a delivery that waits for one waits on its own time, which is measured."""

RETRY_SECONDS = 0.25


@dataclass(slots=True)
class Load:
    """What came of a load. ``waits`` are in seconds, of the deliveries that needed one attempt only."""

    sent: int = 0
    answered: int = 0
    retried: int = 0
    replayed: int = 0
    waits: list[float] = field(default_factory=list)
    late: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def said(self) -> dict[str, Any]:
        """In milliseconds."""
        cuts = quantiles(self.waits, n=100) if len(self.waits) > 2 else [0.0] * 99
        return {
            "sent": self.sent,
            "answered": self.answered,
            "retried": self.retried,
            "replayed": self.replayed,
            "median": median(self.waits) * 1000 if self.waits else 0.0,
            "p90": cuts[89] * 1000,
            "p99": cuts[98] * 1000,
            "late": self.late,
            "wrong": self.wrong[:3],
        }


class Sender:
    """Keeps a few connections open to one server; opens them again where they break."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self.host = host
        self.port = port
        self.path = path
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.room = asyncio.Semaphore(CONNECTIONS)

    async def post(self, body: bytes, key: str) -> tuple[int, Mapping[str, str], bytes]:
        """One request; raises OSError or EOFError where the connection broke."""
        async with self.room:
            return await self._post(body, key)

    async def _post(self, body: bytes, key: str) -> tuple[int, Mapping[str, str], bytes]:
        if self.idle:
            reader, writer = self.idle.pop()
        else:
            reader, writer = await asyncio.open_connection(self.host, self.port)
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            "Content-Type: application/json\r\n"
            f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            writer.write(head.encode() + body)
            await writer.drain()
            told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in told[1:])
            }
            answer = await reader.readexactly(int(headers["content-length"]))
        except BaseException:
            writer.close()
            raise
        if headers.get("connection") == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return int(told[0].split()[1]), headers, answer


async def load(
    port: int,
    path: str,
    *,
    rate: float,
    seconds: float,
    first: int = 0,
    in_the_middle: Callable[[], None] | None = None,
) -> Load:
    """Sends ``rate`` deliveries a second, numbered from ``first``, each until it is answered;
    ``in_the_middle`` is called in a thread."""
    sender, result = Sender("127.0.0.1", port, path), Load()
    count = int(rate * seconds)
    began = time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    disturbed: asyncio.Future[None] | None = None
    for number in range(count):
        due = began + number / rate
        pause = due - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        else:
            result.late = max(result.late, -pause)
        if in_the_middle is not None and disturbed is None and number >= count // 2:
            disturbed = asyncio.ensure_future(asyncio.to_thread(in_the_middle))
        tasks.append(asyncio.create_task(_one(sender, result, first + number)))
    await asyncio.gather(*tasks)
    if disturbed is not None:
        await disturbed
    for _, writer in sender.idle:
        writer.close()
    return result


def act(number: int) -> dict[str, Any]:
    """The ``number``-th act: of one of two thousand people."""
    kinds = ("like", "comment", "share", "mention")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "id": f"load-{number}",
        "kind": kinds[number % 4],
        "actor": f"test:person{number * 7919 % 2000}",
        "target": "test:brand",
        "at": now,
        "object": f"https://brand.example/{number % 50}",
    }


async def _one(sender: Sender, result: Load, number: int) -> None:
    body = orjson.dumps(act(number))
    result.sent += 1
    for attempt in range(RETRIES):
        began = time.perf_counter()
        try:
            status, headers, answer = await sender.post(body, f"load-{number}")
        except (OSError, EOFError, asyncio.IncompleteReadError):
            status, headers, answer = 0, {}, b""
        if status == 200:
            result.answered += 1
            result.replayed += "idempotency-replayed" in headers
            if attempt == 0:
                result.waits.append(time.perf_counter() - began)
            elif orjson.loads(answer)["new"] + orjson.loads(answer)["known"] != 1:
                result.wrong.append(answer.decode())
            return
        if status not in (0, 503):
            result.wrong.append(f"{status} {answer.decode()[:200]}")
            return
        result.retried += 1
        await asyncio.sleep(RETRY_SECONDS * (0.5 + random.random()))
    result.wrong.append(f"delivery {number} was never answered")


class Served:
    """``courtship serve`` on one home, which can be killed and started again on its port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port: int = found.getsockname()[1]
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        words = ["--home", str(self.home), "serve", "--port", str(self.port)]
        with (self.home / "serve.log").open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "courtship", *words],
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )
        for _ in range(600):
            if self.child.poll() is not None:
                raise RuntimeError((self.home / "serve.log").read_text())
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """kill -9, and a start."""
        assert self.child is not None
        self.child.send_signal(signal.SIGKILL)
        self.child.wait(30)
        self.start()

    def stop(self) -> None:
        """Stops it in order."""
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(30)


def webhook(home: str, *, rate: float, seconds: float, kill: bool) -> dict[str, Any]:
    """Serves ``home``, loads its webhook, and counts what is in the log afterwards."""
    from courtship.model import Decision
    from courtship.service.reckoning.rebuild import rebuild
    from courtship.store import open_workspace
    from courtship.store.operations import hooks

    now = time.time_ns() // 1000
    workspace = open_workspace(Path(home))
    workspace.decide(Decision("brand.add", "test:brand", at=now))
    _, token = hooks.add(workspace, "Load", now=now)
    workspace.close()
    server = Served(Path(home))
    server.start()
    try:
        asyncio.run(
            load(server.port, f"/hooks/{token}", rate=20, seconds=2, first=10_000_000)
        )  # what is loaded once
        began = time.perf_counter()
        done = asyncio.run(
            load(
                server.port,
                f"/hooks/{token}",
                rate=rate,
                seconds=seconds,
                in_the_middle=server.kill if kill else None,
            )
        )
        taken = time.perf_counter() - began
        behind = _reckoned_after(workspace)
    finally:
        server.stop()
    held = [one.id for one in workspace.activities_of(["test:brand"])]
    differences = rebuild(workspace, now=time.time_ns() // 1000).differences
    return {
        "seconds": taken,
        **done.said(),
        "kept": len(set(held)),
        "twice": len(held) - len(set(held)),
        "lost": len({f"load-{n}" for n in range(int(rate * seconds))} - set(held)),
        "behind": behind,
        "differences": differences,
    }


def _reckoned_after(workspace: Any) -> float:
    """Seconds until the people's tables have seen all of the log."""
    from courtship.store.log import heard

    began = time.perf_counter()
    while time.perf_counter() - began < 60:
        moved = heard.moved(workspace)
        if moved.refreshed >= moved.position:
            break
        time.sleep(0.01)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
