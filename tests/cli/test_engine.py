"""``stages --engine … --lake …`` says what ``stages`` says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.engines.cluster import cluster

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


@pytest.fixture
def told(quick: Line, table: Path) -> Line:
    """A home with the brand and its few people in it."""
    quick("brand", "add", "x:me")
    quick("import", table)
    return quick


def flip(path: Path) -> None:
    """One bit in the middle of a file."""
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 4
    path.write_bytes(held)


@pytest.mark.parametrize("name", ["rows.parquet", "people.arrow", "ends.arrow"])
def test_a_damaged_lake_is_written_anew(told: Line, tmp_path: Path, name: str) -> None:
    plain = told.lines("stages")
    lake = tmp_path / "a lake"
    for damage in (Path.unlink, flip, lambda path: path.write_bytes(path.read_bytes()[:-20])):
        assert told.lines("stages", "--lake", lake) == plain
        newest = max(lake.glob("w*"), key=lambda path: path.stat().st_mtime_ns)
        damage(newest / "bucket-00000" / name)
        assert told.lines("stages", "--lake", lake) == plain


def test_a_lake_that_the_workers_cannot_read_is_said(told: Line) -> None:
    said = told("stages", "--engine", "processes://1", "--lake", "memory://mine", status=1).stderr
    assert "--lake" in said
    assert len(said.strip().splitlines()) == 1


def test_workers_in_another_folder_read_the_same_lake(
    told: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = told.lines("stages")
    (tmp_path / "mine").mkdir()
    with cluster(tmp_path, workers=1) as made:
        monkeypatch.chdir(tmp_path / "mine")
        engine = f"dask://{made.address}"
        assert told.lines("stages", "--engine", engine, "--lake", "lake") == plain
