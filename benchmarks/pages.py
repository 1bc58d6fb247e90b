"""The server's time for each page over a large audience, by Django's client: median and 95th percentile,
and the processor's part of it (on a machine that does nothing else the two are the same).

``python -m benchmarks.pages HOME`` measures the workspace that is there (it is filled with 100,000 people and
2,000,000 activities where it is empty; that takes minutes).
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courtship.model import Post
    from courtship.store.workspace import Workspace

TIMES = 25
PEOPLE, ACTIVITIES = 100_000, 2_000_000


def fill(workspace: Workspace) -> None:
    """The volume generator's audience, reckoned as of now."""
    from courtship.demo.volume import Volume
    from courtship.model import Decision, Origin
    from courtship.service.refresh import refresh

    volume = Volume(activities=ACTIVITIES, people=PEOPLE)
    workspace.decide(Decision("brand.name", "Volume Bread"), Decision("brand.add", "test:brand"))
    workspace.append_table(volume.batches(), Origin("volume", "activities", "", volume.until))
    workspace.append(_posts(volume.days, volume.until), Origin("posts", "activities", "", volume.until))
    refresh(workspace, now=time.time_ns() // 1000)


def _posts(days: int, until: int) -> Iterator[Post]:
    """The posts that the generator's activities are about."""
    from courtship.model import DAY, Post

    for day in range(days):
        at = until - (days - day) * DAY
        yield Post(f"post{day:04}", "test:brand", at, f"What we baked on day {day}")


def addresses(workspace: Workspace) -> dict[str, list[str]]:
    """Every page, by name, with the addresses that are asked for in turn."""
    from courtship.service.movement import history

    people = history(workspace).moves.people
    some = random.Random(1).sample(people, min(TIMES, len(people)))
    return {
        "Today": ["/"],
        "Lifecycle": ["/lifecycle"],
        "Lifecycle, two dates": ["/lifecycle?from=2025-10-01&to=2026-06-01"],
        "People": ["/people"],
        "People, by name": ["/people?sort=name"],
        "People, page 1,000": ["/people?page=1000"],
        "People, filtered": ["/people?stage=know&lately=quiet&sort=followers"],
        "People, searched": [f"/people?q={q}" for q in ("person12", "999", "bread", "zzz")],
        "People who moved": ["/people?start=1&end=1760000000000000&was=new&became=like"],
        "A person": [f"/people/{person}" for person in some],
        "A person's acts": [f"/people/{person}/acts" for person in some],
        "Posts": ["/posts", "/posts?sort=moved"],
        "A post": [f"/posts/one?id=post{day:04}" for day in range(100, 125)],
        "Plan": ["/plan"],
        "Sources": ["/settings"],
        "Coverage": ["/settings/coverage"],
        "Policy": ["/settings/policy"],
        "Brand": ["/settings/brand"],
        "Preferences": ["/settings/preferences"],
        "Start": ["/start"],
    }


def measure(home: Path, name: str = "default") -> list[tuple[str, float, float, float, int]]:
    """(page, median ms, 95th percentile ms, median ms of the processor, largest page in bytes), warm: each
    is asked for once first."""
    os.environ |= {"COURTSHIP_HOME": str(home), "COURTSHIP_WORKSPACE": name}
    from courtship.store import open_workspace

    workspace = open_workspace(home, name)
    if not workspace.position():
        fill(workspace)
    from django.test import Client

    from courtship.service import jobs

    client = Client()
    found = []
    for page, asked in addresses(workspace).items():
        client.get(asked[0])
        jobs.wait(600)
        client.get(asked[0])
        times: list[float] = []
        work: list[float] = []
        size = 0
        for number in range(TIMES):
            began, worked = time.perf_counter(), time.process_time()
            answer = client.get(asked[number % len(asked)])
            times.append((time.perf_counter() - began) * 1000)
            work.append((time.process_time() - worked) * 1000)
            assert answer.status_code == 200, (page, answer.status_code)
            size = max(size, len(answer.content))
        times.sort()
        work.sort()
        found.append((page, times[TIMES // 2], times[int(TIMES * 0.95)], work[TIMES // 2], size))
    return found


def main() -> None:
    """Prints the table as Markdown."""
    print("| page | median, ms | 95th percentile, ms | processor, ms | largest, kB |")
    print("|---|---:|---:|---:|---:|")
    for page, median, p95, worked, size in measure(Path(sys.argv[1])):
        print(f"| {page} | {median:.0f} | {p95:.0f} | {worked:.0f} | {size / 1000:.0f} |")


if __name__ == "__main__":
    main()
