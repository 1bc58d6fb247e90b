"""An import that is killed leaves nothing half-written: told again, the log is as if told once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from courtship.service.importing.importing import import_paths
from courtship.store import open_workspace
from courtship.testing import NOW

MOMENTS = 20
ROWS = 30_000

IMPORT = f"""
import sys
from pathlib import Path
from courtship.service.importing.importing import import_paths
from courtship.store import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
print("begins", flush=True)
import_paths(workspace, [Path(sys.argv[2])], now={NOW})
print("ends", flush=True)
"""


def rows(path: Path) -> Path:
    kinds = ("like", "comment", "share", "follow")
    with path.open("wb") as out:
        for n in range(ROWS):
            row = {
                "id": f"{n}",
                "kind": kinds[n % 4],
                "actor": f"test:{n % 997}",
                "target": "test:me",
                "at": f"2026-0{n % 9 + 1}-11",
                "text": f"words {n}",
            }
            out.write(orjson.dumps(row) + b"\n")
        out.write(b'{"id": "gone", "undoes": "7", "at": "2026-10-01"}\n')
    return path


def begin(home: Path, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(home), str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


@pytest.mark.slow
def test_killed_at_twenty_moments_and_told_again_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    path = rows(tmp_path / "rows.jsonl")
    process = begin(tmp_path / "whole", path)
    started = time.perf_counter()
    process.communicate()
    whole = time.perf_counter() - started
    checksum = open_workspace(tmp_path / "whole").checksum()
    chance = random.Random(5)
    unfinished = 0
    for moment in range(3 * MOMENTS):
        home = tmp_path / f"home{moment}"
        process = begin(home, path)
        time.sleep(whole * chance.random() * 0.9)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        if said == "ends\n":
            whole *= 0.7  # the machine has become faster: sooner, then
            continue
        unfinished += 1
        workspace = open_workspace(home)
        import_paths(workspace, [path], now=NOW)
        assert workspace.checksum() == checksum, f"differs after the kill of round {moment}"
        workspace.close()
        if unfinished == MOMENTS:
            return
    pytest.fail(f"only {unfinished} of {MOMENTS} kills came in time")
