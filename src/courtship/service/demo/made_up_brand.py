"""A brand and an audience that do not exist, to look around in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from courtship.service.demo import demo
from courtship.service.importing.jobs import File
from courtship.service.reckoning.refresh import refresh

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def work(
    workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
) -> tuple[tuple[File, ...], str]:
    """Fills an empty workspace with the made-up brand; one that is filled already is left as it is."""
    now = time.time_ns() // 1000
    if workspace.position():
        return (File("A made-up brand", "made up"),), ""
    progress("Making up people", 0)
    made = demo.fill(workspace, now=now, progress=lambda read: progress("Making up what they did", read))
    progress("Working out where everybody stands", made)
    refresh(workspace, now=now)
    return (File("A made-up brand", "made up", made, made),), ""
