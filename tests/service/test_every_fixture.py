"""Every format, into a log: imported twice is imported once."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtship.model import DAY
from courtship.service.importing.importing import import_paths
from courtship.store import open_workspace
from courtship.testing import NOW

FIXTURES = Path(__file__).parent.parent / "sources" / "fixtures"
LATER = NOW + 10_000 * DAY
"""After the date of any file here: lists without dates are dated by their files, not by the import."""

NAMES = sorted(
    path.relative_to(FIXTURES).as_posix().removesuffix(".golden.jsonl")
    for path in FIXTURES.rglob("*.golden.jsonl")
)


def test_imported_twice_is_imported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    workspace = open_workspace(tmp_path / "home")
    for name in NAMES:
        first = import_paths(workspace, [FIXTURES / name], now=LATER, source=name)
        checksum = workspace.checksum()
        again = import_paths(workspace, [FIXTURES / name], now=LATER + DAY, source=name)
        assert workspace.checksum() == checksum, name
        assert again.new == 0, name
        assert again.known == first.new + first.known, name
        assert again.problems[:5] == first.problems[:5], name
