"""The command line as a script runs it: a process of its own, its output and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Line:
    """A command line on one home. Called with a command's words it answers the finished process.

    ``status`` is the exit status that is expected, ``None`` for any; ``given`` is its standard input.
    """

    home: Path
    workspace: str = "default"
    env: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, *words: object, status: int | None = 0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-m",
            "courtship",
            "--home",
            self.home,
            "--workspace",
            self.workspace,
            *words,
        ]
        done = subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **self.env},
            input=given,
        )
        assert status is None or done.returncode == status, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done

    def of(self, workspace: str) -> Line:
        """The same on another workspace of the home, made where it is not there."""
        if workspace not in [one["workspace"] for one in self.lines("workspaces", "list")]:
            self("workspaces", "add", workspace)
        return Line(self.home, workspace, self.env)

    def json(self, *words: object, status: int | None = 0) -> Any:
        """What a command prints with ``--json``: one value."""
        return json.loads(self(*words, "--json", status=status).stdout)

    def lines(self, *words: object) -> list[Any]:
        """What a command prints with ``--json``: a list as JSON Lines."""
        return [json.loads(line) for line in self(*words, "--json").stdout.splitlines()]


@pytest.fixture
def line(database: str, tmp_path: Path) -> Line:
    """The command line on an empty home, on each database."""
    return Line(tmp_path / "home")


@pytest.fixture
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """The same on SQLite only, for what does not depend on the database."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
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
