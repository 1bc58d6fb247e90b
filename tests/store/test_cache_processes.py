"""The columnar cache between processes: several that read and write, and some that are killed over it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.store.test_cache import filled, folders, layers_of, of_layers, same_as_the_log, tell, vouched
from tests.store.test_columns import ME

from courtship.model import Decision
from courtship.store.workspace import Workspace

ROUNDS = 12

STOP = """
import sys, time
from pathlib import Path
from courtship.store import open_workspace
from courtship.store.cache import files, layers, publishing
home, where, layers.TAIL, layers.RATIO, layers.PIECE = Path(sys.argv[1]), sys.argv[2], 0, int(sys.argv[3]), 10

def stop(*given, **more):
    print("here", flush=True)
    time.sleep(120)

workspace = open_workspace(home)
if where == "rows":  # half of them are written
    plain = files._at
    files._at = lambda file, place, values: plain(file, place, values) if place < 2_000 else stop()
elif where == "accounts":
    files.to_disk = lambda file: stop() if file.name.endswith("accounts.arrow") else None
elif where == "named":  # the files are whole, nobody knows of them
    publishing.publish = stop
elif where == "publishing":  # the new list is whole, under another name
    Path.replace = stop
elif where == "published":  # the first sweep is before
    publishing.sweep = lambda *_: setattr(publishing, "sweep", stop)
workspace.columns()
print("ended", flush=True)
"""

WORK = """
import sys
from contextlib import suppress
from pathlib import Path
from courtship.model import Activity, Origin, Undo
from courtship.store import open_workspace
from courtship.store.cache import layers
home, name, turns = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
layers.TAIL, layers.RATIO, layers.PIECE = 3, 2, 40
workspace = open_workspace(home)
print("begins", flush=True)
for turn in range(turns):
    number = hash((name, turn)) % 997 if not turn % 3 else turn
    told = []
    for n in range(7):
        who, at = f"test:p{(number + n) % 60:03}", 10**15 + number * n
        told.append(Activity(f"{name}-{turn}-{n}", "like", who, "test:me", at))
    if turn % 4 == 3:
        told.append(Undo(f"u-{name}-{turn}", f"{name}-{turn - 1}-2", 10**15 + 10**9))
    workspace.append(told, Origin("f", "activities", "", 0))
    cached, computed = workspace.columns(), workspace.columns_from_log()
    if cached.position == computed.position:
        for column in ("start", "at", "ended", "kind"):
            assert (getattr(cached.columns, column) == getattr(computed.columns, column)).all(), column
        assert list(cached.addresses) == list(computed.addresses)
    print(turn, flush=True)
print("ends", flush=True)
"""


def begin(script: str, *given: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, given)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )


def kill(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate()
    return said


@pytest.mark.parametrize("ratio", [0, 1_000])
@pytest.mark.parametrize("where", ["rows", "accounts", "named", "publishing", "published"])
def test_killed_while_a_layer_is_written(
    workspace: Workspace, where: str, ratio: int, tmp_path: Path
) -> None:
    """``ratio`` 0 writes a layer of what came, 1,000 everything as one."""
    filled(workspace)
    tell(workspace, "a", range(30), 50)
    process = begin(STOP, tmp_path / "home", where, ratio)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "here\n"
        before = folders(workspace)
        # whoever reads meanwhile does not wait
        same_as_the_log(workspace)
    finally:
        kill(process)
    assert len(before) == 2
    published = where == "published"
    assert of_layers(workspace) == ([200] if not published else [230] if ratio else [200, 150])
    same_as_the_log(workspace)
    with layers_of(tail=0, ratio=0, piece=100):
        tell(workspace, "b", range(5), 50)
        same_as_the_log(workspace)
    named = {layer.folder for layer in vouched(workspace)}
    assert named <= folders(workspace)
    if not published:
        assert folders(workspace) == named, "what was half-made is removed with the next writing"


def test_killed_while_the_first_is_written(workspace: Workspace, tmp_path: Path) -> None:
    workspace.decide(Decision("brand.add", ME))
    tell(workspace, "first", range(200), 50)
    process = begin(STOP, tmp_path / "home", "rows", 1)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    kill(process)
    assert any(name.endswith("-making") for name in folders(workspace))
    same_as_the_log(workspace)
    (only,) = folders(workspace)
    assert only.endswith("-all")


def test_two_who_find_no_cache_write_one(workspace: Workspace, tmp_path: Path) -> None:
    """The second waits for the first, and finds that it has nothing to do."""
    workspace.decide(Decision("brand.add", ME))
    tell(workspace, "first", range(200), 50)
    processes = [begin(WORK, tmp_path / "home", f"w{n}", 1) for n in range(3)]
    for process in processes:
        said, _ = process.communicate(timeout=300)
        assert said.endswith("ends\n")
    assert vouched(workspace)[0].folder.endswith("-all")
    same_as_the_log(workspace)


@pytest.mark.slow
def test_several_processes_of_which_some_are_killed(workspace: Workspace, tmp_path: Path) -> None:
    filled(workspace, people=60)
    chance = random.Random(5)
    steady = begin(WORK, tmp_path / "home", "steady", 40)
    killed = 0
    for turn in range(ROUNDS):
        process = begin(WORK, tmp_path / "home", f"killed{turn}", 200)
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        for _ in range(chance.randrange(4)):
            process.stdout.readline()
        time.sleep(chance.random() / 10)
        killed += not kill(process).endswith("ends\n")
        same_as_the_log(workspace)
    said, _ = steady.communicate(timeout=600)
    assert said.endswith("ends\n")
    assert killed == ROUNDS
    with layers_of(tail=0, ratio=2, piece=50):
        tell(workspace, "last", range(3), 50)
        same_as_the_log(workspace)
    assert not any(name.endswith("-making") for name in folders(workspace))
    kept = sum(1 for name in folders(workspace) if name.endswith(("-all", "-some")))
    assert kept <= 2 * len(of_layers(workspace)) + 20
