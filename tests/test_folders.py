"""What a test run that was killed leaves behind goes with the next; what a living one uses stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.testbeds import folders

LEAVE = """
import subprocess, sys
from tests.testbeds.folders import made
folder = made("pg")
sleep = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
if sys.argv[1] == "deaf":
    sleep[2] = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); " + sleep[2]
server = subprocess.Popen(sleep, cwd=folder, stdout=subprocess.PIPE)
server.stdout.readline()
print(folder, server.pid, flush=True)
import time
time.sleep(600)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")


def run(what: str) -> tuple[subprocess.Popen[str], Path, int]:
    """A test run of its own, with a server: the run, its folder, the server's process id."""
    process = subprocess.Popen([sys.executable, "-c", LEAVE, what], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder, server = process.stdout.readline().split()
    return process, Path(folder), int(server)


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def is_there(process: int) -> bool:
    # one that has ended and that nobody asked for yet is a zombie
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.mark.parametrize("what", ["polite", "deaf"])
def test_a_dead_run_s_folder_goes_with_its_server(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_PATIENCE", 1.0)
    living, kept, server = run(what)
    dead, left, orphan = run(what)
    try:
        assert folders.clear() == []
        kill(dead)
        assert is_there(orphan)
        mine = folders.made("imap")
        assert mine.is_dir()
        assert not left.exists()
        until = time.monotonic() + 30
        while is_there(orphan) and time.monotonic() < until:
            time.sleep(0.05)
        assert not is_there(orphan)
        assert kept.is_dir()
        assert is_there(server)
        assert folders.clear() == []
    finally:
        kill(living)
        for one in (server, orphan):
            if is_there(one):
                os.kill(one, signal.SIGKILL)


def test_what_says_nothing_of_its_maker_goes_when_it_is_old_and_still() -> None:
    mine = folders.made("bsky")
    (mine / folders.OWNER).unlink()
    assert folders.clear() == []
    long_ago = time.time() - 7_200
    os.utime(mine, (long_ago, long_ago))
    with subprocess.Popen([sys.executable, "-c", "input()"], cwd=mine, stdin=subprocess.PIPE):
        assert folders.clear() == []
    assert folders.clear() == [mine]


def test_of_another_machine_nothing_is_said() -> None:
    mine = folders.made("pg")
    (mine / folders.OWNER).write_text("elsewhere pid:[1] 999999:5")
    assert folders.clear() == []
    number = (mine / folders.OWNER).write_text(f"{folders._machine()} {2**22 + 1}:5")
    assert number
    assert folders.clear() == [mine]
