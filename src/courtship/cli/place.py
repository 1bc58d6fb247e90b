"""Which home and workspace a command works in, and what it says of times and files."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from courtship.model import Micros

if TYPE_CHECKING:
    from courtship.lifecycle.policy import Policy
    from courtship.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """The home folder and the workspace's name, as the command line says them."""

    home: Path
    workspace: str = "default"

    def open(self) -> Workspace:
        """The workspace, made where it is not there yet.

        It sets the database layer up: a command imports the services that it calls after this.
        """
        from courtship.store import open_workspace

        return open_workspace(self.home, self.workspace, create=self.workspace == "default")


def default_home() -> Path:
    """``$COURTSHIP_HOME``, else the platform's folder for an application's data."""
    told = os.environ.get("COURTSHIP_HOME")
    if told:
        return Path(told).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "courtship"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "courtship"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "courtship"


def now() -> Micros:
    """The moment of the command, UTC microseconds. The only clock that the command line reads."""
    return time.time_ns() // 1000


def moment(text: str | None) -> Micros | None:
    """An ``--at`` as UTC microseconds; used wrongly (exit status 2) where it is no time."""
    if text is None:
        return None
    import typer

    from courtship.times import parse_iso

    try:
        return parse_iso(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; write it as 2026-11-22 or 2026-11-22T09:30:00Z") from None


def policy(path: Path | None) -> Policy | None:
    """The policy in a file, or ``None`` for the workspace's own."""
    if path is None:
        return None
    from courtship.lifecycle.policy import load

    return load(path)


def text_of(file: Path) -> str:
    """The text of a policy's file; raises InvalidPolicy where it cannot be read."""
    from courtship.errors import InvalidPolicy

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidPolicy(f"{file}: cannot be read: {reason}") from None
