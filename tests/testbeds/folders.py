"""Folders for the servers that tests start, and the leavings of test runs that were killed.

A run that is killed stops no server and removes no folder. So each folder says which process made it, and the
next run that makes one removes those whose process is dead, with the servers that still work in them. What a
living process made is left alone, and so is what cannot be judged from here.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

KINDS = ("pg", "imap", "bsky", "wp", "mastodon")
OWNER = "made-by"
_PATIENCE = 10.0
_OLD = 3_600.0
"""Seconds after which a folder that says nothing of its maker was not just made."""

_proc = Path("/proc")


def made(kind: str) -> Path:
    """A new folder in the temporary folder, for a server of this kind (one of ``KINDS``)."""
    assert kind in KINDS
    clear()
    folder = Path(tempfile.mkdtemp(prefix=f"courtship-{kind}-"))
    (folder / OWNER).write_text(_name(os.getpid()))
    return folder


def clear() -> list[Path]:
    """Removes what dead runs have left, with their servers; answers which folders that were."""
    gone = []
    for kind in KINDS:
        for folder in Path(tempfile.gettempdir()).glob(f"courtship-{kind}-*"):
            if _is_left(folder):
                _end(folder)
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder)
    return gone


def _is_left(folder: Path) -> bool:
    """Whether a process made this that is there no longer."""
    try:
        said = (folder / OWNER).read_text()
    except FileNotFoundError:
        # made before folders said so, or just now: it must be old, and nobody may work in it
        with suppress(OSError):
            return time.time() - folder.stat().st_mtime > _OLD and not any(_at_work(folder))
        return False
    except OSError:
        return False
    machine, _, process = said.rpartition(" ")
    number = process.partition(":")[0]
    # of another machine or container with the same temporary folder nothing can be said
    if not number.isdigit() or machine != _machine():
        return False
    return _name(int(number)) != said


def _name(process: int) -> str:
    """A process by its number and its start (numbers are given out again), on its machine; without a start
    where there is no such process."""
    try:
        # after the program's name, which may hold anything, in parentheses; field 22 of proc(5)
        start = (_proc / str(process) / "stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        start = ""
    return f"{_machine()} {process}:{start}"


def _machine() -> str:
    try:
        return f"{os.uname().nodename} {(_proc / 'self/ns/pid').readlink()}"
    except OSError:
        return os.uname().nodename


def _at_work(folder: Path) -> Iterator[int]:
    """The processes that work in the folder, or are told of it by their command lines."""
    told = os.fsencode(folder)
    for one in _proc.iterdir() if _proc.is_dir() else ():
        if not one.name.isdigit() or int(one.name) == os.getpid():
            continue
        with suppress(OSError):
            parts = (one / "cmdline").read_bytes().split(b"\0")
            inside = os.fsencode((one / "cwd").readlink())
            if inside == told or inside.startswith(told + b"/") or any(told + b"/" in part for part in parts):
                yield int(one.name)


def _end(folder: Path) -> None:
    """Ends the servers in a folder, by their process ids: asked first, then killed."""
    ask, until = signal.SIGINT, time.monotonic() + _PATIENCE
    asked: set[int] = set()
    while left := set(_at_work(folder)):
        if time.monotonic() > until:
            if ask == signal.SIGKILL:
                return
            ask, until, asked = signal.SIGKILL, time.monotonic() + _PATIENCE, set()
        for process in left - asked:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, ask)
        asked |= left
        time.sleep(0.05)
