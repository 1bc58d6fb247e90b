"""Goals, check-ins, partners and the coach's view on the command line."""

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


def test_a_goal_is_set_ticked_off_told_and_ended(kettlewick: Line) -> None:
    goal = kettlewick.json("goals", "set", "by_hand", "2", "--words", "call a customer")["goal"]
    kettlewick("goals", "tick", goal, "--times", "2")
    (told,) = kettlewick.lines("goals", "list")
    assert told["says"] == "call a customer, 2 times each week"
    assert told["periods"][-1]["outcome"] == "kept"
    assert told["streak"] == 1
    kettlewick("goals", "end", goal)
    assert kettlewick.lines("goals", "list")[0]["ended"]
    assert kettlewick("goals", "tick", goal, status=1)


def test_what_is_no_goal_is_refused_in_a_line(kettlewick: Line) -> None:
    for bad in (
        ["posts", "0"],
        ["dreams", "3"],
        ["moves", "3", "--from", "trust", "--to", "like"],
        ["by_hand", "1"],
    ):
        kettlewick("goals", "set", *bad, status=1)


def test_a_check_in_is_written_and_read(kettlewick: Line) -> None:
    kettlewick("goals", "set", "comments", "3")
    kettlewick("checkin", "--way", "rain", "--next", "sun")
    told = kettlewick.json("checkin")
    assert [one["next"] for one in told["written"]] == ["sun"]
    assert not told["due"]
    kettlewick("checkin", "--of", "week:2026-11-17", status=1)


def test_a_partner_gets_a_path_that_ends_with_it(kettlewick: Line) -> None:
    made = kettlewick.json("partner", "invite", "Ottoline", "--figures", "--referee")
    assert made["path"].startswith("/partner/")
    (one,) = kettlewick.lines("partner", "list")
    assert (one["figures"], one["names"], one["referee"], one["open"]) == (True, False, True, True)
    kettlewick("partner", "end", "Ottoline")
    assert kettlewick.lines("partner", "list") == []


def test_the_coach_sees_every_workspace(kettlewick: Line) -> None:
    kettlewick("goals", "set", "posts", "3")
    (one,) = kettlewick.lines("coach")
    assert one["workspace"] == "default"
    assert one["goals"][0]["says"] == "3 posts, each week"
    assert kettlewick("goals", "report")


def test_an_export_brings_goals_ticks_and_judgements_along(kettlewick: Line, tmp_path: Path) -> None:
    who = kettlewick.json("partner", "invite", "Ottoline", "--referee")["partner"]
    words = ("--words", "call a customer")
    first = kettlewick.json("goals", "set", "by_hand", "1", *words)["goal"]
    kettlewick.json("goals", "set", "by_hand", "1", *words, "--referee", who)
    kettlewick("goals", "tick", first)
    kettlewick("checkin", "--next", "sun")
    kettlewick("export", tmp_path / "all.jsonl")
    from tests.cli.conftest import Line as Other

    other = Other(tmp_path / "other")
    other("import", tmp_path / "all.jsonl")
    assert other.lines("goals", "list") == kettlewick.lines("goals", "list")
    # private links are not carried from home to home
    closed = [{**one, "open": False} for one in kettlewick.lines("partner", "list")]
    assert other.lines("partner", "list") == closed
    assert other.json("checkin")["written"] == kettlewick.json("checkin")["written"]
    assert kettlewick.json("rebuild")["differences"] == 0
