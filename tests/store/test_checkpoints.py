"""What was written ahead is put into its place without whoever wrote it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from courtship.model import Activity, Decision, Origin
from courtship.store import checkpoints, open_workspace
from courtship.store.checkpoints import Checkpoints
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
FILE = Origin("f", "activities", "", T)


def in_the_file(workspace: Workspace, beside: Path) -> int:
    """The position that the database's file says without what is beside it; -1 where it says none."""
    file, copied = workspace.home / "workspaces" / f"{workspace.name}.db", beside / "copy.db"
    # by another process: to open and close the file in this one would give its locks away
    subprocess.run(["cp", file, copied], check=True)
    try:
        with closing(sqlite3.connect(copied)) as connection:
            return int(connection.execute("SELECT position FROM store_state").fetchone()[0])
    except sqlite3.DatabaseError:  # copied in the middle
        return -1
    finally:
        copied.unlink()


def heard(workspace: Workspace, number: int) -> None:
    workspace.append([Activity(str(number), "like", "test:ann", "test:me", T + number)], FILE)


@pytest.mark.usefixtures("sqlite")
def test_put_into_its_place(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home")
    workspace.decide(Decision("brand.add", "test:me"))
    found = Checkpoints(tmp_path / "home")
    assert found.look() >= 1
    assert found.look() == 0  # nothing was written since
    heard(workspace, 1)
    assert in_the_file(workspace, tmp_path) == workspace.position() - 1
    assert found.look() == 1
    assert in_the_file(workspace, tmp_path) == workspace.position()


@pytest.mark.usefixtures("sqlite")
def test_who_reads_or_writes_meanwhile_is_not_disturbed(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home")
    heard(workspace, 1)
    found = Checkpoints(tmp_path / "home")
    with workspace.transaction():
        heard(workspace, 2)
        assert found.look() >= 1
        heard(workspace, 3)
    assert workspace.position() == 3
    found.look()
    assert in_the_file(workspace, tmp_path) == 3


@pytest.mark.usefixtures("sqlite")
def test_in_a_thread_until_it_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.01)
    workspace = open_workspace(tmp_path / "home")
    end = checkpoints.start(tmp_path / "home")
    heard(workspace, 1)
    until = time.monotonic() + 60
    while in_the_file(workspace, tmp_path) < 1 and time.monotonic() < until:
        time.sleep(0.02)
    end()
    assert in_the_file(workspace, tmp_path) == 1
    shutil.rmtree(tmp_path / "home" / "workspaces")
    Checkpoints(tmp_path / "home").look()
    assert not (tmp_path / "home" / "workspaces").exists()
