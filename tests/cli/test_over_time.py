"""History on the command line, and what a ladder would change with the reason for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Line


@pytest.fixture
def kettlewick(quick: Line, table: Path) -> Line:
    """A home with the brand and its few people in it."""
    quick("brand", "add", "x:me")
    quick("import", table)
    return quick


def test_counts_by_day_end_with_the_board(kettlewick: Line) -> None:
    rows = kettlewick.lines("history", "counts", "--by", "week", "--from", "2020-01-01")
    board = [one["stage"] for one in kettlewick.lines("stages")]
    last = rows[-1]
    assert {stage: n for stage, n in last.items() if stage != "at" and n} == {
        stage: board.count(stage) for stage in board
    }
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_the_matrix_counts_everybody_once(kettlewick: Line) -> None:
    rows = kettlewick.lines("history", "matrix", "--from", "2020-01-01")
    assert sum(sum(row["to"].values()) for row in rows) == len(kettlewick.lines("stages"))
    assert rows[-1]["from"] == "new"


def test_durations_and_cohorts_have_everybody(kettlewick: Line) -> None:
    for one in kettlewick.lines("history", "durations"):
        assert one["entered"] == one["censored"] + sum(one["after"].values())
    told = kettlewick.lines("history", "cohorts", "--reaching", "like", "--months", "120")
    assert sum(one["people"] for one in told) == len(kettlewick.lines("stages"))
    assert all(number is None or number <= one["people"] for one in told for number in one["reached"])


def test_what_is_used_wrongly_is_said(kettlewick: Line) -> None:
    assert "day, week or month" in kettlewick("history", "counts", "--by", "year", status=2).stderr
    assert "no stage" in kettlewick("history", "cohorts", "--reaching", "love", status=2).stderr
    said = kettlewick("history", "matrix", "--from", "2026-02-01", "--to", "2026-01-01", status=1).stderr
    assert "before --to" in said


def test_a_ladder_is_tried_with_the_reason_for_everybody_who_would_move(
    kettlewick: Line, tmp_path: Path
) -> None:
    ladder = tmp_path / "mine.toml"
    text = kettlewick("policy", "show").stdout
    ladder.write_text(
        text.replace(
            'count = 1, within_days = 180, direction = "inbound"',
            'count = 99, within_days = 180, direction = "inbound"',
        )
    )
    tried = kettlewick.json("policy", "try", ladder)
    assert sum(move["people"] for move in tried["moves"]) == len(tried["people"]) > 0
    for one in tried["people"]:
        assert one["from"] != one["to"]
        assert one["why"]["have"] < one["why"]["need"]
    assert sum(tried["now"].values()) == sum(tried["then"].values())
