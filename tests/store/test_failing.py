"""A full disk, a read-only or damaged file, a missing server: one clear line, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from courtship.errors import StoreFailure
from courtship.model import Activity, Decision, Origin
from courtship.store import open_workspace
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
FILE = Origin("f", "activities", "", T)

FILL = """
import resource, signal, sys
from pathlib import Path
from courtship.errors import StoreFailure
from courtship.model import Activity, Origin
from courtship.store import open_workspace
from courtship.store.log import append
append.BATCH = 500
workspace = open_workspace(Path(sys.argv[1]))
# to a process a limit on the size of files is as a disk that is full
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
rows = (Activity(str(n), "like", f"test:{n}", "test:me", n, text="word " * 20) for n in range(200_000))
try:
    workspace.append(rows, Origin("f", "activities"))
except StoreFailure as failure:
    print(failure)
"""


def test_a_full_disk_is_said_in_one_line_and_leaves_whole_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("importing: the disk is full")
    workspace = open_workspace(tmp_path)
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(position) FROM store_record")
        count, last = cursor.fetchone()
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)
    assert count == last == workspace.position()
    assert count > 0
    assert count % 500 == 0
    workspace.close()


def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "workspaces").mkdir()
    (tmp_path / "workspaces" / "default.db").write_bytes(b"not a database at all " * 100)
    with pytest.raises(StoreFailure, match=r"damaged.*put back a backup") as caught:
        open_workspace(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreFailure, match=r"does not answer.*DATABASE_URL") as caught:
        open_workspace(tmp_path)
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere/else")
    with pytest.raises(StoreFailure, match="must begin with postgres://"):
        open_workspace(tmp_path / "other")


def test_several_at_once_leave_no_gap_and_lose_nothing(workspace: Workspace) -> None:
    failed: list[BaseException] = []

    def tell(part: int) -> None:
        try:
            for n in range(20):
                # two of the four tell the same
                row = Activity(f"{part // 2}-{n}", "like", f"test:{n}", "test:me", T + n)
                workspace.append([row], FILE)
                workspace.decide(Decision("note.add", f"test:{part}-{n}"))
                workspace.activities_of([f"test:{n}"])
        except BaseException as error:
            failed.append(error)
        finally:
            workspace.close()

    threads = [threading.Thread(target=tell, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert workspace.position() == 40 + 80
    positions = {decision.position for decision in workspace.decisions()}
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT position FROM store_record")
        positions |= {position for (position,) in cursor.fetchall()}
    assert positions == set(range(1, 121))
