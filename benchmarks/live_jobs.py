"""What one event costs: each function runs in a process of its own, in-process by the services' own calls, as
the running server makes them."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from courtship.model import Activity, Coverage, Decision, Origin, Undo

LIVE = Origin("webhook", "webhook", "live", 0)


def floor(path: str, rows: int) -> dict[str, Any]:
    """The bare database: the same records one by one, each committed, in the log's own table with its
    indexes."""
    from courtship.store import bulk, open_workspace
    from courtship.store.databases import database_url, schema_of

    workspace = open_workspace(Path(path))
    file = Path(path) / "workspaces" / "default.db"
    workspace.close()
    database: Any
    if database_url():
        import psycopg

        database = psycopg.connect(database_url(), autocommit=True)
        database.execute(f"SET search_path = {schema_of('default')}")
    else:
        database = sqlite3.connect(file, isolation_level=None)
        database.execute("PRAGMA synchronous=FULL")
    marks = ", ".join(["%s" if database_url() else "?"] * len(bulk.RECORD_COLUMNS))
    insert = f"INSERT INTO store_record ({', '.join(bulk.RECORD_COLUMNS)}) VALUES ({marks})"
    taken = []
    for n in range(1, rows + 1):
        row = (n, n.to_bytes(16, "little"), n, 1, n % 997, 1, 2, 1, None, 1, n, None, None, f"live-{n}")
        began = time.perf_counter()
        database.execute("BEGIN" if database_url() else "BEGIN IMMEDIATE")
        database.execute(insert, (*row, f"post-{n % 50}", None, None, None, None, None))
        database.execute("COMMIT")
        taken.append(time.perf_counter() - began)
    return {"seconds": sum(taken), "median": median(taken), "p99": quantiles(taken, n=100)[98]}


class _Stream:
    """Acts of people towards the brand, each later than all before."""

    def __init__(self, home: str, name: str) -> None:
        from courtship.service.reckoning.readying import ready
        from courtship.service.reckoning.refresh import fresh
        from courtship.store import checkpoints, open_workspace

        self.workspace = open_workspace(Path(home), name)
        checkpoints.start(Path(home))
        self.brand = sorted(self.workspace.brand())
        self.number = time.time_ns()
        ready(self.workspace)  # as a server does when it starts
        fresh(self.workspace, now=self.now())

    def now(self) -> int:
        return time.time_ns() // 1000

    def accounts(self, query: str, count: int) -> list[str]:
        """One account each of these people, with a brand's account on their platform."""
        with self.workspace.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT min(m.account) FROM store_person p "
                f"JOIN store_membership m ON m.person = p.id {query} "
                "GROUP BY p.id ORDER BY p.id"
            )
            found = [row[0] for row in cursor.fetchall()]
        return found[:: max(1, len(found) // count)][:count]

    def heavy(self) -> str:
        """An account of somebody with 10,000 acts, one a minute up to now."""
        self.number += 1
        platform = self.brand[0].partition(":")[0]
        account, now = f"{platform}:heavy-{self.number}", self.now()
        self.hear(*(self.act(account, now - n * 60_000_000) for n in range(10_000, 0, -1)))
        return account

    def act(self, account: str, at: int | None = None, kind: str = "comment") -> Activity:
        self.number += 1
        platform = account.partition(":")[0]
        ours = next((one for one in self.brand if one.startswith(f"{platform}:")), self.brand[0])
        at = self.now() if at is None else at
        return Activity(
            f"live-{self.number}",
            kind,
            account,
            ours,
            at,
            object=f"said-{self.number}",
            in_reply_to=f"post-{self.number % 50}",
            text="Good bread",
        )

    def hear(self, *records: Any) -> None:
        from courtship.service.live.hearing import hear

        hear(self.workspace, records, LIVE, now=self.now())


class _Taken(NamedTuple):
    """Seconds by the clock, and of the processor."""

    wall: list[float]
    busy: list[float]


def _timed(times: int, do: Callable[[int], object]) -> _Taken:
    taken = _Taken([], [])
    for n in range(times):
        began, busy = time.perf_counter(), time.process_time()
        do(n)
        taken.busy.append(time.process_time() - busy)
        taken.wall.append(time.perf_counter() - began)
    return taken


def _said(taken: _Taken) -> dict[str, float]:
    """In milliseconds; ``processor`` is the median of what this process computed, whatever else ran."""
    several = [*taken.wall, taken.wall[-1]]
    return {
        "median": median(taken.wall) * 1000,
        "p99": quantiles(several, n=100, method="inclusive")[98] * 1000,
        "most": max(taken.wall) * 1000,
        "processor": median(taken.busy) * 1000,
    }


def felt(home: str, name: str, people: int) -> dict[str, Any]:
    """One act in order of time, from the call to the stage stored and committed, in milliseconds."""
    from courtship.store.derived import summaries

    stream = _Stream(home, name)
    ordinary = stream.accounts("WHERE inbound_count + outbound_count BETWEEN 3 AND 200", people)
    heavy = stream.heavy()
    stream.hear(stream.act(ordinary[-1]))  # what a process reads once
    began = time.perf_counter()
    found = {
        "ordinary, first since everybody": _said(
            _timed(len(ordinary) - 1, lambda n: stream.hear(stream.act(ordinary[n])))
        ),
        "ordinary": _said(_timed(len(ordinary) - 1, lambda n: stream.hear(stream.act(ordinary[n])))),
    }
    found["10,000 earlier"] = _said(_timed(people // 2, lambda n: stream.hear(stream.act(heavy))))
    summaries.drop(stream.workspace)
    found["10,000 earlier, first since everybody"] = _said(
        _timed(1, lambda n: stream.hear(stream.act(heavy)))
    )
    found["newcomer"] = _said(
        _timed(
            people // 4,
            lambda n: stream.hear(stream.act(f"{ordinary[n].partition(':')[0]}:new-{stream.number}")),
        )
    )
    return {"seconds": time.perf_counter() - began, "felt": found}


def mended(home: str, name: str, times: int) -> dict[str, Any]:
    """Late, undone, merged and decided, in a warm process, in milliseconds."""
    from courtship.model import DAY
    from courtship.service.people import deciding, identity
    from courtship.service.reckoning.refresh import fresh

    stream = _Stream(home, name)
    workspace = stream.workspace
    some = stream.accounts("WHERE inbound_count + outbound_count BETWEEN 3 AND 200", times + 1)
    heavy = stream.heavy()
    stream.hear(stream.act(some[-1], stream.now() - 40 * DAY))
    identity.set_aside(workspace, some[-1], "bot", now=stream.now())
    began = time.perf_counter()
    acts = [stream.act(account) for account in some]
    for act in acts:
        stream.hear(act)
    spans = [Coverage(stream.brand[0], "comment", "inbound", "some", None, stream.now()) for _ in some]

    def decided(verb: str, detail: dict[str, Any]) -> Callable[[int], object]:
        def do(n: int) -> None:
            workspace.decide(Decision(verb, some[n], detail, stream.now()))
            fresh(workspace, now=stream.now())

        return do

    def covered(n: int) -> None:
        stream.hear(spans[n]._replace(end=stream.now()))

    work: dict[str, Callable[[int], object]] = {
        "late": lambda n: stream.hear(stream.act(some[n], stream.now() - 40 * DAY)),
        "undone": lambda n: stream.hear(Undo(f"undo-{stream.number}-{n}", acts[n].id, stream.now())),
        "set aside": lambda n: identity.set_aside(workspace, some[n], "bot", now=stream.now()),
        "restored": lambda n: identity.restore(workspace, some[n], now=stream.now()),
        "tag": lambda n: deciding.tag(workspace, [some[n]], "met", on=True, now=stream.now()),
        "task done, and the page's look": decided("task.done", {}),
        "a share passed on": lambda n: stream.hear(stream.act(some[n], kind="share")),
        "coverage, a minute more": covered,
    }
    found = {what: _said(_timed(times, do)) for what, do in work.items()}
    pairs = [(some[n], some[n + 1]) for n in range(0, times - 1, 2)]

    def merge(n: int) -> None:
        identity.merge(workspace, *pairs[n], now=stream.now())

    found["merged"] = _said(_timed(len(pairs), merge))
    found["split"] = _said(
        _timed(len(pairs), lambda n: identity.split(workspace, pairs[n][0], now=stream.now()))
    )
    found["late, 10,000 earlier"] = _said(
        _timed(5, lambda n: stream.hear(stream.act(heavy, stream.now() - 40 * DAY)))
    )
    return {"seconds": time.perf_counter() - began, "mended": found}


def sustained(home: str, name: str, seconds: float, at_once: int) -> dict[str, Any]:
    """How many acts a second one connection takes in, every one committed before the next is taken."""
    stream = _Stream(home, name)
    people = stream.accounts("WHERE inbound_count + outbound_count BETWEEN 3 AND 200", 500)
    for first in range(0, len(people), 100):
        stream.hear(*(stream.act(one) for one in people[first : first + 100]))
    count, place = 0, 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        some = [people[(place + n) % len(people)] for n in range(at_once)]
        stream.hear(*(stream.act(one) for one in some))
        place += at_once
        count += at_once
    taken = time.perf_counter() - began
    return {"seconds": taken, "rate": count / taken}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
