"""Bringing files in from a page: the background work, what was brought, what is offered, what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from courtship.connect import registry
from courtship.model import Address, Micros, Problem
from courtship.service.importing import importing
from courtship.service.importing.jobs import File
from courtship.service.people import brand
from courtship.service.reckoning.refresh import refresh
from courtship.sources.registry import SOURCES

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that was brought: its name, the title of its format, when."""

    name: str
    format: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Offer:
    """An account that an export says is its maker's."""

    account: Address
    platform: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """A format that can be brought, and how to get it."""

    title: str
    how: str
    can: str = ""


def work(
    workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
) -> tuple[tuple[File, ...], str]:
    """Reads the paths into the log and reckons everybody anew."""
    now = time.time_ns() // 1000
    files, wrong = _read(workspace, paths, progress, now, trial=False)
    progress("Working out where everybody stands", sum(one.read for one in files))
    refresh(workspace, now=now)
    return files, wrong


def look(
    workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
) -> tuple[tuple[File, ...], str]:
    """What would come in of the paths: everything that was read is taken back."""
    return _read(workspace, paths, progress, time.time_ns() // 1000, trial=True)


def _read(
    workspace: Workspace,
    paths: Sequence[Path],
    progress: Callable[[str, int], None],
    now: Micros,
    *,
    trial: bool,
) -> tuple[tuple[File, ...], str]:
    def read(file: str, done: int, size: int) -> None:
        part = f" ({100 * done // size} %)" if size else ""
        progress(f"Reading {Path(file).name}{part}", done)

    done = importing.import_paths(workspace, paths, now=now, progress=read, dry_run=trial)
    files = tuple(_file(one, done.problems) for one in done.files)
    wrong = "" if files else next((problem.reason for problem in done.problems), "")
    return files, wrong


def _file(one: importing.ImportedFile, problems: Sequence[Problem]) -> File:
    """One file; where no format is known for it, why it could not be read."""
    wrong = ""
    if one.format is None:
        wrong = next((p.reason for p in problems if p.path == one.path), "It could not be read.")
    return File(
        Path(one.path).name, title(one.format or ""), one.read, one.new, one.known, one.problems, wrong
    )


def title(format: str) -> str:
    """A format's or a connector's title, or its name where it is none of ours."""
    if format in SOURCES:
        return SOURCES[format].title
    connector = registry.known().get(format)
    return connector.title if connector is not None else format


def origins(workspace: Workspace) -> list[Brought]:
    """What was brought, newest first, each file once."""
    found: dict[tuple[str, str], Brought] = {}
    for origin in reversed(workspace.origins()):
        name = Path(origin.path).name or origin.path
        found.setdefault((name, origin.format), Brought(name, title(origin.format), origin.at))
    return list(found.values())


def offers(workspace: Workspace) -> list[Offer]:
    """Accounts that exports say are the owner's, not yet taken or declined."""
    found = []
    for one in brand.offers(workspace):
        platform, _, handle = one.account.partition(":")
        found.append(Offer(one.account, platform, handle, one.name))
    return found


def formats() -> list[Known]:
    """What can be brought, by title."""
    return sorted(
        (
            Known(source.title, " ".join((*source.guide.steps, source.guide.wait)).strip(), source.can_say)
            for source in SOURCES.values()
        ),
        key=lambda known: known.title.casefold(),
    )


def problems(workspace: Workspace) -> list[Problem]:
    """Problems of all imports, newest first."""
    return list(reversed(workspace.problems()))


def problem_count(workspace: Workspace) -> int:
    """How many problems there are."""
    return len(workspace.problems())
