"""A brand and an audience that do not exist, to look around in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from courtship.service.jobs import File

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


def work(
    workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
) -> tuple[tuple[File, ...], str]:
    """Fills an empty workspace with the made-up brand; one that is filled already is left as it is."""
    from courtship.service import demonstration

    progress("Making up people", 0)
    activities = demonstration.fill(workspace, now=time.time_ns() // 1000)
    return (File("A made-up brand", "made up", activities, activities),), ""
