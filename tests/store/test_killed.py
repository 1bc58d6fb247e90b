"""Killed between or within its batches the log is whole, and telling it again completes it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from courtship.model import Decision, Origin
from courtship.store import open_workspace
from courtship.store.workspace import Workspace

MOMENTS = {"sqlite": 20, "postgres": 5}
ROWS = 12_000

TELL = """
import sys
from pathlib import Path
from courtship.demo.volume import Volume
from courtship.model import Origin
from courtship.store import open_workspace
from courtship.store.log import append_table
append_table.ROWS = 500
workspace = open_workspace(Path(sys.argv[1]))
volume = Volume(int(sys.argv[2]), 1_000)
print("begins", flush=True)
origin = Origin("volume", "activities")
workspace.append_table(volume.batches(2_000), origin, lambda count: print(count, flush=True))
workspace.columns()
print("ends", flush=True)
"""


def begin(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", TELL, str(home), str(ROWS)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def whole(workspace: Workspace) -> str:
    """Checks the log from within: every position is taken once, and the cache says what the log says."""
    cached, computed = workspace.columns(), workspace.columns_from_log()
    for name in ("start", "at", "ended", "kind", "outbound"):
        assert np.array_equal(getattr(cached.columns, name), getattr(computed.columns, name))
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(max(position), 1) FROM store_record")
        assert cursor.fetchone() == (workspace.position() - 1, workspace.position())
    return workspace.checksum()


@pytest.mark.slow
def test_killed_at_any_moment(database: str, tmp_path: Path) -> None:
    from courtship.demo.volume import Volume

    told = Volume(ROWS, 1_000)
    origin = Origin("volume", "activities")
    once = open_workspace(tmp_path / "once", "once")
    once.decide(Decision("brand.add", told.brand))
    once.append_table(told.batches(), origin)
    checksum = whole(once)
    # on a server all homes are one: each round starts from a workspace emptied of what it was told
    chance = random.Random(7)
    unfinished, partly, moments = 0, 0, MOMENTS[database]
    for moment in range(moments):
        home = tmp_path / f"home{moment if database == 'sqlite' else ''}"
        workspace = open_workspace(home)
        if database == "postgres":
            empty(workspace)
        workspace.decide(Decision("brand.add", told.brand))
        process = begin(home)
        assert process.stdout is not None
        for _ in range(chance.randrange(ROWS // 500)):
            process.stdout.readline()
        time.sleep(chance.random() / 50)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        unfinished += not said.endswith("ends\n")
        with workspace.connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM store_record")
            held = cursor.fetchone()[0]
        assert held % 500 == 0, "a batch is in whole or not at all"
        partly += 0 < held < ROWS
        if moment % 4 == 0:
            whole(workspace)
        workspace.append_table(told.batches(), origin)
        assert whole(workspace) == checksum, f"differs after the kill of round {moment}"
        workspace.close()
    assert unfinished > moments // 4, "many kills must have come in time"
    assert partly, "some kills must have come between two batches"


def empty(workspace: Workspace) -> None:
    workspace.drop_cache()
    with workspace.connection.cursor() as cursor:
        for table in (
            "record",
            "variant",
            "sighting",
            "undone",
            "decided",
            "account",
            "importedfrom",
            "format",
        ):
            cursor.execute(f"DELETE FROM store_{table}")
        cursor.execute("UPDATE store_state SET position = 0")
