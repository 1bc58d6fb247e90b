"""Everybody reckoned anew by a new process: the first time, where nothing is new, on another day, and after
another ladder was adopted."""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Job, in_turn

if TYPE_CHECKING:
    from benchmarks.figures import Bench, Figure

DERIVED = ("person", "membership", "transition", "cue", "summary", "kept")
CASES = {
    "first": "the tables empty",
    "nothing new": "told by the same rules once more",
    "day": "a day later",
    "ladder": "a number of the ladder moved and adopted",
}


def everybody(bench: Bench) -> Iterator[Figure]:
    """100,000 people and 2,000,000 acts with ``--full``, else the demo's 2,000 and 100,000."""
    from benchmarks.figures import Figure

    people, activities = (100_000, 2_000_000) if bench.full else (2_000, 100_000)
    home = str(bench.data / f"pages-{people}")
    if not Path(home).exists():
        in_turn([Job("make_demo", {"home": home, "people": people, "activities": activities})], 1)
    jobs = [Job("refreshing.refresh", {"home": home, "case": case}) for case in CASES]
    for case, runs in zip(CASES, in_turn(jobs, min(bench.rounds, 3)), strict=True):
        stages = ", ".join(f"{name} {taken:.1f}" for name, taken in runs.said["stages"].items())
        yield Figure(
            f"everybody anew, {people:,} people and {activities:,} acts: {CASES[case]}",
            f"processor {runs.said['processor']:.1f} s, {runs.inside_median:.1f} by the clock ({stages}); "
            f"{runs.said['changed']:,} people changed",
            peak_mb=runs.peak_mb,
        )


def refresh(home: str, case: str) -> dict[str, Any]:
    """One of ``CASES``; ``processor`` is what the refresh alone used, ``stages`` the parts of it."""
    from courtship.model import DAY, Decision
    from courtship.service.demo import demo
    from courtship.service.policy import trying
    from courtship.service.reckoning import grouping, person_rows, summing
    from courtship.service.reckoning import refresh as reckoning
    from courtship.service.reckoning.standing import standing
    from courtship.store import open_workspace
    from courtship.store.derived import cues, people_written, summaries, tables
    from courtship.store.workspace import Workspace

    workspace = open_workspace(Path(home), demo.WORKSPACE)
    seen = tables.refreshed(workspace)
    now = seen.at + (DAY if case == "day" else 0)
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        if case == "first":
            for name in DERIVED:
                cursor.execute(f"DELETE FROM store_{name}")
            cursor.execute("UPDATE store_state SET refreshed = -1")
        elif case == "nothing new":
            cursor.execute("UPDATE store_state SET refreshed_as = ''")
    if case == "ladder":
        import tomllib

        ladder = tomllib.loads(trying.default_text())
        stages = next(value for value in ladder.values() if isinstance(value, list))
        if standing(workspace).said is None:
            stages[1]["gain"]["all"][0]["count"] += 1
        decision = Decision("policy.adopt", "", {"policy": ladder}, at=now)
        # back and forth, so that each run moves people
        workspace.decide(decision if standing(workspace).said is None else _default(now))
    taken: dict[str, float] = {}
    for owner, name, said in (
        (grouping, "_proved", "who is whom"),
        (Workspace, "columns", "columns"),
        (person_rows, "rows", "rows"),
        (summing, "everybodys", "summaries"),
        (people_written, "write", "people written"),
        (summaries, "replace", "summaries written"),
        (cues, "replace", "cues"),
    ):
        setattr(owner, name, _timed(getattr(owner, name), taken, said))
    began, busy = time.perf_counter(), time.process_time()
    done = reckoning.refresh(workspace, now=now)
    return {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time() - busy,
        "stages": taken,
        "changed": done.changed,
    }


def _default(now: int) -> Any:
    from courtship.model import Decision

    return Decision("policy.adopt", "", {"policy": None}, at=now)


def _timed(function: Callable[..., Any], taken: dict[str, float], name: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*given: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return function(*given, **named)
        finally:
            taken[name] = taken.get(name, 0.0) + time.process_time() - began

    return timed


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
