"""Meta Business Suite's content exports against their golden files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from courtship.errors import UnknownFormat
from courtship.model import Activity, Post, Problem, Profile, Total
from courtship.platforms.meta_business import moment, order_of
from courtship.testing import check_fixture, read_fixture
from courtship.times import parse_iso

FIXTURES = Path(__file__).parent / "fixtures/meta-business-suite"
FACEBOOK, INSTAGRAM = (FIXTURES / f"content-2026-02-04-{name}.csv" for name in ("facebook", "instagram"))


@pytest.mark.parametrize("fixture", [FACEBOOK, INSTAGRAM], ids=lambda path: path.stem)
def test_golden(fixture: Path) -> None:
    check_fixture(fixture)


def test_posts_and_totals_of_a_page() -> None:
    records = read_fixture(FACEBOOK)
    posts = [r for r in records if isinstance(r, Post)]
    assert [(r.object, r.media) for r in posts] == [
        ("600100200300_111", "image"),
        ("600100200300_112", "video"),
    ]
    assert posts[0].at == parse_iso("2026-01-20T10:15:00Z")
    totals = {(r.object, r.kind): r.amount for r in records if isinstance(r, Total)}
    assert totals == {
        ("600100200300_111", "view"): 1200,
        ("600100200300_111", "like"): 30,
        ("600100200300_111", "comment"): 6,
        ("600100200300_111", "share"): 4,
    }, "counts of single days are no totals"
    assert [r.where for r in records if isinstance(r, Problem)] == ["line 5", "line 6"]
    assert not [r for r in records if isinstance(r, Activity)]
    assert [(r.account, r.own) for r in records if isinstance(r, Profile)] == [
        ("facebook:600100200300", True)
    ]


def test_posts_of_an_instagram_account() -> None:
    records = read_fixture(INSTAGRAM)
    first, second = (r for r in records if isinstance(r, Post))
    assert (first.author, first.media, first.tags) == ("instagram:tearoom", "album", ("matcha",))
    assert first.object == "https://www.instagram.com/p/DAbCdEfGhIj/"
    assert second.at == parse_iso("2026-03-02T09:00:00Z"), "another row shows that days stand first"


def test_columns_in_another_order_and_other_capitals(tmp_path: Path) -> None:
    with INSTAGRAM.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    file = tmp_path / INSTAGRAM.name
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [[cell.upper() if number == 0 else cell for cell in row[::-1]] for number, row in enumerate(rows)]
        )
    wanted = [r for r in read_fixture(INSTAGRAM) if not isinstance(r, Problem)]
    assert [r for r in read_fixture(file) if not isinstance(r, Problem)] == wanted


def test_other_tables_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("Post ID,Publish time,Title\n1,01/01/2026 10:00,x\n")
    with pytest.raises(UnknownFormat):
        read_fixture(tmp_path)


def test_times() -> None:
    assert order_of(["02/03/2026 09:00", "x"]) == "month first"
    assert order_of(["02/03/2026 09:00", "13/01/2026 09:00"]) == "day first"
    assert moment("02/03/2026 09:00", "month first") == parse_iso("2026-02-03T09:00:00Z")
    assert moment("2026-02-03T09:00:00Z", "day first") == parse_iso("2026-02-03T09:00:00Z")
    assert moment("31/31/2026 09:00", "month first") is None
