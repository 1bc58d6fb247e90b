"""What is measured: each function runs in a process of its own and answers a mapping with ``seconds``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

NOW = 1_795_305_600_000_000
"""2026-11-22T00:00:00Z, the moment of which everything is told."""


def scan(path: str) -> dict[str, Any]:
    """The floor of an import: a bare DuckDB scan of every column of the same file."""
    import duckdb

    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "threads": "2"})
    columns = [
        row[0] for row in database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()
    ]
    began = time.perf_counter()
    biggest = ", ".join(f'max("{name}")' for name in columns)
    database.execute(f"SELECT count(*), {biggest} FROM read_parquet(?)", [path]).to_arrow_table()
    return {"seconds": time.perf_counter() - began}


def import_table(path: str, home: str) -> dict[str, Any]:
    """Import of a flat table into an empty workspace, from the file opened to committed and indexed."""
    from courtship.service.importing.importing import import_paths
    from courtship.store import open_workspace

    workspace = open_workspace(Path(home))
    began = time.perf_counter()
    result = import_paths(workspace, [Path(path)], now=NOW)
    seconds = time.perf_counter() - began
    assert not result.problems, result.problems[:3]
    return {"seconds": seconds, "new": result.new}


def brand(home: str) -> dict[str, Any]:
    """Names the brand of `demo.volume`."""
    from courtship.model import Decision
    from courtship.store import open_workspace

    began = time.perf_counter()
    open_workspace(Path(home)).decide(Decision("brand.add", "test:brand", at=NOW))
    return {"seconds": time.perf_counter() - began}


def reckon(home: str, *, cached: bool) -> dict[str, Any]:
    """Everybody's stage in a new process, with the columnar cache present or dropped before."""
    began = time.perf_counter()
    from courtship.lifecycle import policy
    from courtship.lifecycle.kernel import reckon_columns
    from courtship.store import open_workspace

    workspace = open_workspace(Path(home))
    imported = time.perf_counter()
    if not cached:
        from courtship.store.cache import layers

        layers.drop(workspace.alias, workspace.cache_folder)
    columns = workspace.columns()
    read = time.perf_counter()
    reports = reckon_columns(columns.columns, policy.load(None), NOW)
    ended = time.perf_counter()
    return {
        "seconds": ended - began,
        "open": imported - began,
        "columns": read - imported,
        "kernel": ended - read,
        "people": len(reports.stage),
        "activities": len(columns.columns.at),
    }


def make_demo(home: str, people: int, activities: int) -> dict[str, Any]:
    """The made-up brand: made, written, reckoned, as of the moment."""
    began = time.perf_counter()
    from courtship.service.demo import demo
    from courtship.service.reckoning.refresh import refresh

    now = time.time_ns() // 1000
    workspace = demo.make_demo(Path(home), people=people, activities=activities, now=now)
    made = time.perf_counter()
    refresh(workspace, now=now)
    ended = time.perf_counter()
    return {"seconds": ended - began, "make": made - began, "refresh": ended - made}


PAGES = {
    "components": "settings/components",
    "today": "",
    "lifecycle": "lifecycle",
    "people": "people",
    "people, searched": "people?q=rye",
    "people, page 40 of trust to aware": "people?sort=stage&page=40",
    "a person (most acts)": "people/{most}",
    "a person (median)": "people/{middle}",
    "posts": "posts",
    "plan": "plan",
    "goals": "plan/goals",
    "tribe": "tribe",
    "sources": "settings",
    "coverage": "settings/coverage",
    "policy": "settings/policy",
}
"""What is timed. The first is a page without data: the floor of the others."""


def pages(home: str, rounds: int) -> dict[str, Any]:
    """Server time of each page in a warm process: the request to the last byte, without a socket; then of
    each page's first look after one act more, heard in the same process."""
    import os
    from statistics import median, quantiles

    from courtship.service.demo import demo
    from courtship.service.importing import jobs

    os.environ |= {"COURTSHIP_HOME": home, "COURTSHIP_WORKSPACE": demo.WORKSPACE, "COURTSHIP_SIGN_IN": ""}
    from courtship.store import open_workspace

    workspace = open_workspace(Path(home), demo.WORKSPACE)
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM store_person ORDER BY inbound_count + outbound_count DESC, id")
        ids = [row[0] for row in cursor.fetchall()]
    from django.test import Client

    client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    used: dict[str, list[float]] = {name: [] for name in PAGES}
    sizes: dict[str, int] = {}
    status: dict[str, int] = {}
    began = time.perf_counter()
    for turn in range(rounds + 2):
        if turn == 2:
            jobs.wait(600)  # what the first look set going in the background
        for name, page in PAGES.items():
            address = "/" + page.format(most=ids[0], middle=ids[len(ids) // 2])
            start, busy = time.perf_counter(), time.process_time()
            answer = client.get(address, follow=False)
            sizes[name], status[name] = len(answer.content), answer.status_code
            if turn >= 2:
                times[name].append((time.perf_counter() - start) * 1000)
                used[name].append((time.process_time() - busy) * 1000)
    after: dict[str, list[float]] = {name: [] for name in PAGES}
    for turn in range(rounds):
        for name, page in PAGES.items():
            _one_more(workspace, f"{turn} {name}")
            address = "/" + page.format(most=ids[0], middle=ids[len(ids) // 2])
            start = time.perf_counter()
            client.get(address, follow=False)
            after[name].append((time.perf_counter() - start) * 1000)
    return {
        "seconds": time.perf_counter() - began,
        "pages": {
            name: {
                "median": median(taken),
                "processor": median(used[name]),
                "p95": quantiles(taken, n=20)[18],
                "after": median(after[name]),
                "kb": sizes[name] / 1000,
                "status": status[name],
            }
            for name, taken in times.items()
        },
    }


def _one_more(workspace: Workspace, id: str) -> None:
    """Somebody new comments, now."""
    from courtship.model import Activity, Origin
    from courtship.service.live.hearing import hear

    now = time.time_ns() // 1000
    brand = min(workspace.brand())
    platform = brand.partition(":")[0]
    act = Activity(
        f"one more {now} {id}", "comment", f"{platform}:{now}@one.example", brand, now, text="Rye?"
    )
    hear(workspace, [act], Origin("one more", platform, "", now), now=now)


def what_if(home: str, rounds: int) -> dict[str, Any]:
    """A number of the ladder moved in a warm server: the request to the last byte, without a socket, a number
    that was never tried each time; the engine's part (both ladders reckoned) beside it; and the page over
    time."""
    import os
    from statistics import median, quantiles

    os.environ |= {"COURTSHIP_HOME": home, "COURTSHIP_WORKSPACE": "default", "COURTSHIP_SIGN_IN": ""}
    from courtship.store import open_workspace

    open_workspace(Path(home))
    import tomllib

    from django.test import Client

    from courtship.lifecycle import policy_text
    from courtship.service.policy import trying

    engine: list[float] = []
    plain = trying.reckon

    def timed(*given: Any) -> Any:
        start = time.perf_counter()
        try:
            return plain(*given)
        finally:
            engine.append((time.perf_counter() - start) * 1000)

    trying.reckon = timed  # type: ignore[assignment]
    client = Client(HTTP_HOST="127.0.0.1")
    text = trying.default_text()
    numbers = {f"n.{one.key}": one.value for one in policy_text.thresholds(tomllib.loads(text))}
    began = time.perf_counter()
    taken: list[float] = []
    moved = 0
    for turn in range(rounds + 2):
        engine.clear() if turn == 2 else None
        asked = {**numbers, "n.1.gain.all.0.count": 4 + turn, "do": "move", "policy": text}
        start = time.perf_counter()
        answer = client.post("/settings/policy", asked)
        if turn >= 2:
            taken.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200
        assert b"would stand elsewhere" in answer.content
        moved = len(answer.content)
    pages = []
    for _ in range(rounds):
        start = time.perf_counter()
        assert client.get("/lifecycle/over-time").status_code == 200
        pages.append((time.perf_counter() - start) * 1000)
    return {
        "seconds": time.perf_counter() - began,
        "median": median(taken),
        "p95": quantiles(taken, n=20)[18],
        "engine": median(a + b for a, b in zip(engine[::2], engine[1::2], strict=True)),
        "over_time": median(pages),
        "bytes": moved,
    }


def _warm(ladder: Any) -> None:
    """Load the compiled code, which a running server has loaded."""
    from courtship.demo.volume import Volume
    from courtship.lifecycle.kernel import reckon_columns

    reckon_columns(Volume(200, 20).columns(), ladder, NOW)


# ---------------------------------------------------------------------- parsing alone


def parse(path: str) -> dict[str, Any]:
    """Everything that is told of a path, thrown away."""
    from benchmarks import parsing

    return parsing.read(path)


def parse_by_others(path: str) -> dict[str, Any]:
    """The same by google-takeout-parser."""
    from benchmarks import parsing

    return parsing.read_by_others(path)


def recognise(path: str, files: int) -> dict[str, Any]:
    """A zip of so many files, recognised."""
    from benchmarks import parsing

    return parsing.many_files(path, files)


def tribe(home: str, members: int, acts: int, rounds: int) -> dict[str, Any]:
    """A tribe of so many members with so many acts: the books reckoned, and its pages, warm."""
    import os
    from statistics import median

    os.environ |= {"COURTSHIP_HOME": home, "COURTSHIP_WORKSPACE": "default", "COURTSHIP_SIGN_IN": ""}
    from courtship.store import open_workspace

    workspace = open_workspace(Path(home))
    from benchmarks import made_tribe

    made_tribe.fill(workspace, members, acts, NOW)
    from django.test import Client

    from courtship.service.tribe import books as tribe_books
    from courtship.service.tribe import decided as said
    from courtship.service.tribe import member as tribe_member
    from courtship.service.tribe import page as tribe_page

    moment = time.time_ns() // 1000
    began = time.perf_counter()
    held = tribe_page.state(workspace, now=moment)
    cold = time.perf_counter() - began
    decided = said.said(workspace)
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        books = tribe_books.reckoned(workspace, decided, moment)
        taken.append(time.perf_counter() - began)
    person = held.members[0].person
    assert tribe_member.account(workspace, person, now=moment).person == person
    post = next(post for post in workspace.posts(workspace.brand())[::-1])
    client = Client(raise_request_exception=False, HTTP_HOST="127.0.0.1")
    pages: dict[str, float] = {}
    addresses = {
        "tribe": "/tribe",
        "member": f"/people/{person}/tribe",
        "ask": f"/tribe/ask?post={post.object}",
    }
    for name, address in addresses.items():
        spent = []
        for turn in range(rounds + 1):
            began = time.perf_counter()
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
            if turn:
                spent.append((time.perf_counter() - began) * 1000)
        pages[name] = median(spent)
    return {
        "seconds": median(taken),
        "cold": cold,
        "members": len(held.members),
        "acts": len(books.told.acts.at),
        "dues": len(books.ledger.dues.at),
        "pages": pages,
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
