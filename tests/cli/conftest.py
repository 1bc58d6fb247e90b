"""The command line as a script uses it: what it prints where, and its exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from courtship.cli.main import run


class Done(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


@dataclass
class Line:
    """A command line on one home. Called with a command's words it runs it and answers what it printed.

    With ``apart`` each command is a process of its own, as it is in life; else it runs in this one, which is
    many times faster.
    """

    home: Path
    workspace: str = "default"
    apart: bool = False

    def __call__(self, *words: object, status: int | None = 0, given: str = "") -> Done:
        """``status`` is the exit status that is expected, ``None`` for any; ``given`` is standard input."""
        command = ["--home", self.home, "--workspace", self.workspace, *words]
        found, done = (_apart if self.apart else _here)([str(word) for word in command], given)
        assert status is None or found == status, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done

    def of(self, workspace: str) -> Line:
        """The same on another workspace of the home, made where it is not there."""
        if workspace not in [one["workspace"] for one in self.lines("workspaces", "list")]:
            self("workspaces", "add", workspace)
        return Line(self.home, workspace, self.apart)

    def json(self, *words: object, status: int | None = 0) -> Any:
        """What a command prints with ``--json``: one value."""
        return json.loads(self(*words, "--json", status=status).stdout)

    def lines(self, *words: object) -> list[Any]:
        """What a command prints with ``--json``: a list as JSON Lines."""
        return [json.loads(line) for line in self(*words, "--json").stdout.splitlines()]


def _apart(command: list[str], given: str) -> tuple[int, Done]:
    done = subprocess.run(
        [sys.executable, "-m", "courtship", *command],
        capture_output=True,
        text=True,
        check=False,
        input=given,
    )
    return done.returncode, Done(done.stdout, done.stderr)


def _here(command: list[str], given: str) -> tuple[int, Done]:
    kept = sys.stdin, sys.stdout, sys.stderr
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(given), out, err
    try:
        status = run(command)
        out.flush()
        err.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
    told = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return status, Done(*told)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred columns without colour; a mistake of the program's own is shown in full."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("COURTSHIP_HOME", raising=False)


@pytest.fixture
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands that run in this process begin at 9:30 on 24 November 2026: what the tests tell them has
    dates, and by a later clock people have drifted away from where they stood. A command that is a process
    of its own has the real clock."""
    begin, real = 1_795_512_600_000_000_000, time.time_ns
    started = real()
    monkeypatch.setattr(time, "time_ns", lambda: begin + real() - started)


@pytest.fixture
def line(database: str, in_november: None, tmp_path: Path) -> Line:
    """The command line on an empty home, on each database."""
    return Line(tmp_path / "home")


@pytest.fixture
def quick(sqlite: None, in_november: None, tmp_path: Path) -> Line:
    """The same on SQLite and in this process, for what depends on neither."""
    return Line(tmp_path / "home")


KETTLEWICK = [
    # Ann: follows, talks on two days in two ways, is answered, shares: trust. Two accounts.
    ("a1", "follow", "x:ann", "x:me", "2026-01-01T10:00:00Z"),
    ("a2", "comment", "x:ann", "x:me", "2026-02-01T10:00:00Z"),
    ("a3", "comment", "x:ann", "x:me", "2026-02-03T10:00:00Z"),
    ("a4", "mention", "x:ann", "x:me", "2026-02-05T10:00:00Z"),
    ("a5", "comment", "x:me", "x:ann", "2026-02-06T10:00:00Z"),
    ("a6", "share", "mastodon:ann@example.social", "x:me", "2026-03-01T10:00:00Z"),
    # Bob only watches; Cy blocked; Dee is the brand's own friend in the team.
    ("b1", "like", "x:bob", "x:me", "2026-10-01T10:00:00Z"),
    ("c1", "follow", "x:cy", "x:me", "2026-04-01T10:00:00Z"),
    ("c2", "block", "x:cy", "x:me", "2026-05-01T10:00:00Z"),
    ("d1", "like", "x:dee", "x:me", "2026-10-02T10:00:00Z"),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A flat table as CSV: four people, one of them with two accounts."""
    path = tmp_path / "kettlewick.csv"
    rows = ["id,kind,actor,target,at", *(",".join(row) for row in KETTLEWICK)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
