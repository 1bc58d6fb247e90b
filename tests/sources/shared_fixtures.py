"""Where fixtures made by others lie: not in the project; tests that read them are skipped without them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from courtship.model import Activity, Problem, Profile, Record

ROOT = Path(__file__).resolve().parents[2]


def place() -> Path:
    """Where shared files lie: ``COURTSHIP_SHARED`` or ``../shared`` beside the project; may not be there."""
    return Path(os.environ.get("COURTSHIP_SHARED", ROOT.parent / "shared"))


def shared(platform: str) -> Path:
    """The folder of a platform's fixtures; skips the test where it is not there."""
    folder = place() / "fixtures" / platform
    if not folder.is_dir():
        pytest.skip(f"no fixtures made by others at {folder}; set COURTSHIP_SHARED to where they are")
    return folder


def tally(records: Iterable[Record | Problem]) -> dict[str, int]:
    """Counts: activities as ``in comment``, ``out like``, ``own …``, ``other …`` (``?`` where the target
    is not known), judged by the accounts that the source itself offers as the brand's; all else by type."""
    everything = list(records)
    own = {record.account for record in everything if isinstance(record, Profile) and record.own}
    counts: Counter[str] = Counter()
    for record in everything:
        if not isinstance(record, Activity):
            counts[type(record).__name__] += 1
            continue
        from_us, to_us = record.actor in own, record.target in own
        way = "own" if from_us and to_us else "out" if from_us else "in" if to_us else "other"
        counts[f"{way} {record.kind}{'' if record.target else '?'}"] += 1
    return dict(counts)
