"""Numbers, moments and lengths of time in words; stand-ins for hidden names; colours of any ladder."""

from __future__ import annotations

import pytest

from courtship.model import DAY
from courtship.web import words
from courtship.web.frame import Frame, stand_in

MOMENT = 1_789_344_000_000_000  # 2026-09-14T00:00:00Z


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (20 * words.MINUTE, "20 minutes"),
        (words.HOUR, "60 minutes"),
        (5 * words.HOUR, "5 hours"),
        (2 * DAY, "2 days"),
        (70 * DAY, "10 weeks"),
        (300 * DAY, "10 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_a_length_is_one_figure(span: int, said: str) -> None:
    assert words.length(span) == said


def test_a_day_leaves_its_year_out_within_the_page_s_own() -> None:
    assert words.day(MOMENT, frame=Frame(now=MOMENT + 9 * DAY)) == "14 September"
    assert words.day(MOMENT, frame=Frame(now=MOMENT + 300 * DAY)) == "14 September 2026"


def test_a_day_is_that_of_the_zone() -> None:
    assert words.iso(MOMENT - 1, Frame(zone="UTC")) == "2026-09-13"
    assert words.iso(MOMENT - 1, Frame(zone="Europe/Berlin")) == "2026-09-14"


@pytest.mark.parametrize(("count", "said"), [(0, "No"), (3, "Three"), (12, "Twelve"), (1318, "1,318")])
def test_counts_begin_sentences(count: int, said: str) -> None:
    assert words.counted(count) == said


def test_a_ladder_of_any_length_has_colours() -> None:
    frame = Frame(ladder=("seen", "met", "friend", "ally"))
    assert [frame.tone(s) for s in ("aware", "seen", "met", "friend", "ally", "parted")] == [
        *("aware", "like", "know", "know", "trust", "parted"),
    ]
    assert Frame(ladder=("only",)).tone("only") == "like"


def test_a_hidden_name_is_the_same_stand_in_everywhere_and_says_nothing() -> None:
    frame = Frame(names_hidden=True)
    assert frame.name("Amara", "abc") == frame.name("Amara Nwosu", "abc") == stand_in("abc")
    assert frame.hide("Answer Amara today", "Amara", "abc") == f"Answer {stand_in('abc')} today"
    assert Frame().name("Amara", "abc") == "Amara"


def test_lists_end_with_and() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed([]) == ""
