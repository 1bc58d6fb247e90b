"""Tables of Buffer and Hootsuite: posts, and nobody."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.sources.shared_fixtures import tally

from courtship.errors import UnknownFormat
from courtship.model import Post, Problem, Profile, Record
from courtship.platforms.management_tools import day_first, moment
from courtship.testing import check_golden, golden_path, read_fixture
from courtship.times import parse_iso

TABLES = Path(__file__).parent / "fixtures/management-tools/tables"
COUNTED = 1_777_874_400


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Record | Problem]:
    """Totals are as of the moment at which the file was written."""
    folder = tmp_path_factory.mktemp("tools") / TABLES.name
    shutil.copytree(TABLES, folder)
    for path in folder.iterdir():
        os.utime(path, (COUNTED, COUNTED))
    return read_fixture(folder)


def test_golden(records: list[Record | Problem]) -> None:
    check_golden(records, golden_path(TABLES))
    assert tally(records) == {"Post": 6, "Profile": 5, "Problem": 4, "Total": 9}


def test_planners_posts(records: list[Record | Problem]) -> None:
    posts = {r.text: r for r in records if isinstance(r, Post)}
    assert (posts["Scones at four"].author, posts["Scones at four"].tags) == (
        "buffer:tea room x",
        ("baking", "sunday"),
    )
    assert "Next year's harvest" not in posts
    assert posts["Open today"].at == parse_iso("2026-03-01T11:15:00Z"), "a row with a 13th tells the order"
    assert posts["Kettles are in #kettles"].link == "https://tearoom.example.com/kettles"
    assert {r.account for r in records if isinstance(r, Profile) and r.own} == {
        "buffer:tea room x",
        "hootsuite:planner",
        "instagram:tearoom",
        "x:@thetearoom",
        "sprout:facebook/the tea room",
    }


def test_faults_are_problems(records: list[Record | Problem]) -> None:
    reasons = [r.reason.split(";")[0] for r in records if isinstance(r, Problem)]
    assert reasons == [
        "has neither words nor a link",
        "1 posts are planned for later, and not posted yet",
        "has no date that can be believed (1990 to 2100)",
        "does not say of which network or profile it is",
    ]


def test_days_that_could_be_months_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hootsuite.csv").write_text("01/02/2026 10:00,Which?,\n")
    assert [type(r) for r in read_fixture(tmp_path)] == [Problem]


def test_nobody_s_table_is_taken(tmp_path: Path) -> None:
    (tmp_path / "diary.csv").write_text("13/02/2026 10:00,Dear diary,\n")
    with pytest.raises(UnknownFormat):
        read_fixture(tmp_path)


@pytest.mark.parametrize(
    ("text", "first", "wanted"),
    [
        ("02/14/2026 09:30", False, "2026-02-14T09:30:00Z"),
        ("14/02/2026 9:30 PM", True, "2026-02-14T21:30:00Z"),
        ("2026-02-14T09:30:00+01:00", False, "2026-02-14T08:30:00Z"),
        ("2026-02-14", True, "2026-02-14T00:00:00Z"),
    ],
)
def test_times(text: str, first: bool, wanted: str) -> None:
    assert moment(text, day_first=first) == parse_iso(wanted)


def test_no_times() -> None:
    assert moment("31/02/2026 10:00", day_first=True) is None
    assert moment("Lifetime", day_first=True) is None
    assert day_first(["01/02/2026", "2026-13-01"]) is None
