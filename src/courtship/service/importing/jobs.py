"""Imports in the background, whose progress is kept in a file: a page can be left and opened elsewhere.

A job is a folder ``jobs/WORKSPACE/ID`` in the home: the files that were brought, and ``job.json``, replaced
as a whole at most twice a second. A job whose process has died is said to have stopped; importing again is
safe, nothing counts twice. Jobs of one process run one after another.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from courtship.errors import CourtshipError
from courtship.model import Micros

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

State = Literal["waiting", "running", "done", "failed", "stopped"]
EVERY = 0.5
log = logging.getLogger("courtship.jobs")
TABLES = (".csv", ".tsv", ".tab")
LARGEST = 64 * 1024 * 1024
"""Bytes of a table that is kept for its columns to be mapped."""

KEPT = 20
"""Finished jobs that are remembered."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a job: its name as it was brought, and what came of it."""

    name: str
    format: str = ""
    read: int = 0
    new: int = 0
    known: int = 0
    problems: int = 0
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """An import: where it stands. ``step`` says what it does now; ``read`` counts activities so far."""

    id: str
    at: Micros
    pid: int
    state: State = "waiting"
    step: str = ""
    read: int = 0
    files: tuple[File, ...] = ()
    new: int = 0
    problems: int = 0
    wrong: str = ""
    seconds: float = 0
    offers: tuple[str, ...] = field(default=())
    trial: bool = False
    """Whether it only looks what would come in."""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "stopped")


class Work(Protocol):
    """What a job does: reads ``paths``, tells ``progress(step, read)`` now and then, answers the files."""

    def __call__(
        self, workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
    ) -> tuple[tuple[File, ...], str]: ...


_line: queue.Queue[Callable[[], None]] = queue.Queue()
_lock = threading.Lock()
_busy: Counter[tuple[str, str]] = Counter()
_worker: threading.Thread | None = None


def folder(workspace: Workspace) -> Path:
    """Where a workspace's jobs are."""
    return workspace.home / "jobs" / workspace.name


def start(
    workspace: Workspace,
    files: Iterable[tuple[str, Iterable[bytes]]],
    work: Work,
    *,
    now: Micros,
    paths: Sequence[Path] = (),
    without_files: str = "",
    trial: bool = False,
) -> Job:
    """Keeps the brought files (name, pieces), then has ``work`` read them and ``paths`` in the background.

    ``without_files`` names a job that needs none. Raises CourtshipError where nothing was brought or the
    files cannot be kept.
    """
    name = f"{now}-{secrets.token_hex(4)}"
    own = folder(workspace) / name
    try:
        (own / "files").mkdir(parents=True)
        kept = [_keep(own / "files", index, said, pieces) for index, (said, pieces) in enumerate(files)]
    except OSError as error:
        shutil.rmtree(own, ignore_errors=True)
        raise CourtshipError(
            f"The files could not be kept ({error.strerror}); make room on the disk and bring them again."
        ) from error
    read = [*kept, *paths]
    if not read and not without_files:
        shutil.rmtree(own, ignore_errors=True)
        raise CourtshipError("Choose a file first, or drop one here.")
    job = Job(
        name,
        now,
        os.getpid(),
        files=tuple(File(path.name) for path in read) or (File(without_files),),
        trial=trial,
    )
    _write(own, job)
    _forget_old(folder(workspace))
    _busy[_key(workspace)] += 1
    _line.put(lambda: _run(workspace, own, job, read, work))
    _start_worker()
    return job


def _keep(folder: Path, index: int, said: str, pieces: Iterable[bytes]) -> Path:
    """Writes one brought file under its own last name, in a folder of its own; no path leads out of it."""
    last = said.replace("\\", "/").rsplit("/", 1)[-1]
    safe = "".join(c for c in last if c.isprintable() and c not in '/\\:*?"<>|')[:120].strip(". ") or "file"
    place = folder / str(index)
    place.mkdir()
    with (place / safe).open("wb") as file:
        for piece in pieces:
            file.write(piece)
    return place / safe


def busy(workspace: Workspace) -> bool:
    """Whether a job of this process waits or works on the workspace: it leaves the tables in order itself."""
    return _busy[_key(workspace)] > 0


def _key(workspace: Workspace) -> tuple[str, str]:
    return (str(workspace.home), workspace.name)


def unread(workspace: Workspace, job: str) -> dict[int, Path]:
    """The tables of a job that no format knew, by number: kept as long as the job is remembered, so that
    their columns can be mapped."""
    if not job.replace("-", "").isalnum():
        return {}
    found = (folder(workspace) / job / "files").glob("*/*")
    return {int(path.parent.name): path for path in sorted(found) if path.parent.name.isdecimal()}


def drop_unread(path: Path) -> None:
    """Removes a table that `unread` told of."""
    shutil.rmtree(path.parent, ignore_errors=True)


def _sweep(files: Path, unknown: set[str]) -> None:
    """Removes the files of a job that is over, but for tables that no format knew."""
    left = False
    for path in files.glob("*/*"):
        if path.name in unknown and path.suffix.casefold() in TABLES and path.stat().st_size <= LARGEST:
            left = True
        else:
            shutil.rmtree(path.parent, ignore_errors=True)
    if not left:
        shutil.rmtree(files, ignore_errors=True)


def find(workspace: Workspace, job: str) -> Job | None:
    """A job by its id; ``None`` where there is none."""
    if not job.replace("-", "").isalnum():
        return None
    return _read(folder(workspace) / job)


def latest(workspace: Workspace, most: int = 5) -> list[Job]:
    """The newest jobs first."""
    place = folder(workspace)
    if not place.is_dir():
        return []
    found = (_read(own) for own in sorted(place.iterdir(), reverse=True)[:most])
    return [job for job in found if job is not None]


def wait(seconds: float = 60) -> bool:
    """Waits until every job of this process is over (for tests); false where that takes longer."""
    until = time.monotonic() + seconds
    while _line.unfinished_tasks:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def in_background(task: Callable[[], None]) -> None:
    """Does something after the jobs that wait already; nobody is told of it."""
    _line.put(task)
    _start_worker()


def _start_worker() -> None:
    global _worker
    with _lock:
        if _worker is None or not _worker.is_alive():
            _worker = threading.Thread(target=_work, name="courtship-jobs", daemon=True)
            _worker.start()


def _work() -> None:
    while True:
        task = _line.get()
        try:
            task()
        except Exception:
            log.exception("a task in the background broke off")
        finally:
            _line.task_done()


def _run(workspace: Workspace, own: Path, job: Job, paths: Sequence[Path], work: Work) -> None:
    began = told = time.monotonic()
    held = replace(job, state="running", step="Looking at what it is")
    _write(own, held)

    def progress(step: str, read: int) -> None:
        nonlocal held, told
        held = replace(held, step=step, read=read, seconds=time.monotonic() - began)
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            _write(own, held)

    try:
        files, wrong = work(workspace, paths, progress)
        held = replace(
            held,
            state="failed" if wrong or (files and all(f.wrong for f in files)) else "done",
            step="",
            files=files,
            read=sum(f.read for f in files),
            new=sum(f.new for f in files),
            problems=sum(f.problems for f in files),
            wrong=wrong,
        )
    except CourtshipError as error:
        held = replace(held, state="failed", step="", wrong=str(error))
    except Exception as error:
        # the page must say that it ended, whatever ended it, and the jobs behind it must go on
        log.exception("an import broke off")
        held = replace(
            held,
            state="failed",
            step="",
            wrong=f"It broke off ({type(error).__name__}: {error}); bring it again.",
        )
    finally:
        _busy[_key(workspace)] -= 1
        _sweep(own / "files", {file.name for file in held.files if not file.format and held.over})
        workspace.close()
    _write(own, replace(held, seconds=time.monotonic() - began))


def _write(own: Path, job: Job) -> None:
    fresh = own / "job.json.new"
    with contextlib.suppress(OSError):  # progress that cannot be written stops no import
        fresh.write_text(json.dumps(asdict(job)), encoding="utf-8")
        fresh.replace(own / "job.json")


def _read(own: Path) -> Job | None:
    try:
        told = json.loads((own / "job.json").read_text(encoding="utf-8"))
        files = tuple(File(**file) for file in told.pop("files"))
        job = Job(**told | {"offers": tuple(told["offers"])}, files=files)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if not job.over and not _alive(job.pid):
        return replace(
            job,
            state="stopped",
            step="",
            wrong="It was interrupted; bring the files again, nothing counts twice.",
        )
    return job


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _forget_old(place: Path) -> None:
    for own in sorted(place.iterdir(), reverse=True)[KEPT:]:
        job = _read(own)
        if job is None or job.over:
            shutil.rmtree(own, ignore_errors=True)
