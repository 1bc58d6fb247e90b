"""What was acknowledged is on the disk: the writer is killed in the middle, nothing it had said is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from courtship.model import Decision
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import fresh, refresh
from courtship.store import open_workspace

T = 1_700_000_000_000_000

WRITE = """
import sys
from pathlib import Path
from courtship.model import Activity, Origin
from courtship.service.live.hearing import hear
from courtship.store import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
together, first = int(sys.argv[2]), int(sys.argv[3])
origin = Origin("webhook", "test", "", 0)
for n in range(first, first + 100_000, together):
    acts = [
        Activity(str(i), "comment", f"test:p{i % 7}", "test:me", START + i * 1_000_000)
        for i in range(n, n + together)
    ]
    hear(workspace, acts, origin, now=START + (n + together) * 1_000_000)
    print(n + together, flush=True)
""".replace("START", str(T))


@pytest.mark.slow
@pytest.mark.parametrize("together", [1, 16])
def test_nothing_acknowledged_is_lost(database: str, tmp_path: Path, together: int) -> None:
    workspace = open_workspace(tmp_path / "home")
    workspace.decide(Decision("brand.add", "test:me"))
    refresh(workspace, now=T)
    workspace.close()
    chance, first = random.Random(together), 0
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(tmp_path / "home"), str(together), str(first)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        assert process.stdout is not None
        said = first
        for _ in range(chance.randrange(2, 30)):
            said = int(process.stdout.readline())
        time.sleep(chance.random() / 50)
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        lines = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        said = int(lines[-1]) if lines else said
        with workspace.connection.cursor() as cursor:
            cursor.execute("SELECT count(*), coalesce(max(position), 1) FROM store_record")
            held, position = cursor.fetchone()
        assert held >= said, "acknowledged, and lost"
        assert held % together == 0, "half of what came together"
        assert (held, workspace.position()) == (position - 1, position)
        assert fresh(workspace, now=T + held * 1_000_000) is None, "who was touched was not reckoned with it"
        first = held
    assert first > 8 * together
    assert rebuild(workspace, now=T + first * 1_000_000).first == ()
    workspace.close()
