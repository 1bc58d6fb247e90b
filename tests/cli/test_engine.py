"""``stages --engine … --lake …`` says what ``stages`` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Line


def test_an_engine_says_what_the_tables_say(quick: Line, table: Path, tmp_path: Path) -> None:
    quick("brand", "add", "x:me")
    quick("import", table)
    plain = quick.lines("stages", "--at", "2026-11-01")
    lake = tmp_path / "lake"
    for engine in ("threads://2", "processes://1"):
        assert quick.lines("stages", "--at", "2026-11-01", "--engine", engine, "--lake", lake) == plain
    assert (lake / "lake.json").exists()
    # what comes later is in the lake as well
    quick("log", "x:new", "comment", "--at", "2026-10-01")
    plain = quick.lines("stages", "--at", "2026-11-01")
    assert quick.lines("stages", "--at", "2026-11-01", "--lake", lake) == plain
    assert "no engine" in quick("stages", "--engine", "spark://x", status=1).stderr
