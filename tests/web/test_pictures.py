"""The pictures: where marks stand, what joins, what is said of them, and that text in them stays text."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from courtship.model import DAY
from courtship.web.frame import FRAME, Frame
from courtship.web.pictures import answers, counts, courtship, flow
from courtship.web.words import HOUR


def day(said: str) -> int:
    moment = dt.datetime.fromisoformat(said).replace(tzinfo=dt.UTC)
    return int(moment.timestamp()) * 1_000_000


NOW = day("2026-11-17")


@pytest.fixture(autouse=True)
def frame() -> object:
    token = FRAME.set(Frame(now=NOW))
    yield
    FRAME.reset(token)


def drawings(svg: str) -> list[ET.Element]:
    """The drawings, parsed as XML: so each is well formed."""
    root = ET.fromstring(f"<div xmlns:x='x'>{svg}</div>")
    return list(root)


def story(**changes: object) -> courtship.Story:
    made = courtship.Story(
        name="Amara Nwosu",
        brand="Kettlewick Bread",
        first=day("2024-01-14"),
        now=NOW,
        acts=(
            courtship.Act(day("2024-01-14"), "comment", True, True),
            courtship.Act(day("2024-02-09"), "follow", False),
            courtship.Act(day("2024-09-14"), "share", False, True),
            courtship.Act(day("2024-10-01"), "message", False),
        ),
        turns=(
            courtship.Turn(1, day("2024-02-09"), "aware", "like"),
            courtship.Turn(2, day("2024-06-02"), "like", "know"),
            courtship.Turn(3, day("2024-09-14"), "know", "trust"),
            courtship.Turn(4, day("2026-09-14"), "trust", "know", lapse=True),
        ),
        seen_until=day("2026-09-30"),
        gaps=((day("2025-01-01"), day("2025-04-20")),),
    )
    return courtship.Story(**{name: getattr(made, name) for name in made.__slots__} | changes)


def test_the_reference_picture_stands_where_the_look_drew_it() -> None:
    long, tall = drawings(courtship.picture(story()))
    assert long.get("viewBox") == "0 0 860 302"
    bands = [(e.get("x"), e.get("width")) for e in long.iter("rect") if e.get("class") == "band"]
    # the numbers of the page that the look shows, to one decimal
    assert bands[:4] == [("87.6", "19.1"), ("106.7", "84"), ("190.7", "76.6"), ("267.3", "537.6")]
    knobs = [(e.get("cx"), e.get("cy")) for e in long.iter("circle") if e.get("class") == "knob"]
    assert knobs == [("106.7", "30"), ("190.7", "30"), ("267.3", "30"), ("804.9", "30")]
    assert tall.get("viewBox", "").startswith("0 0 300 ")


def test_the_story_is_told_to_those_who_hear_it() -> None:
    long, _ = drawings(courtship.picture(story()))
    told = long.find("desc")
    assert told is not None
    assert told.text is not None
    assert told.text == (
        "January 2024 to 17 November 2026. Aware from 14 January 2024, like from 9 February 2024,"
        " know from 2 June 2024, trust from 14 September 2024, know from 14 September 2026 by lapse."
        " Quiet for 109 days from January 2025. Nothing is seen after 30 September 2026."
    )


def test_nothing_is_marked_after_the_end_of_what_is_seen() -> None:
    long, _ = drawings(courtship.picture(story()))
    hatched = [e for e in long.iter("rect") if e.get("fill") == "url(#hatch)"]
    assert [(e.get("x"), e.get("width")) for e in hatched] == [("816.7", "35.3")]
    axis = next(e for e in long.iter("path") if e.get("class") == "axis")
    assert axis.get("d", "").endswith("H816.7")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'x" onload="alert(1)', "A & B", "نور"])
def test_a_name_stays_text(name: str) -> None:
    svg = courtship.picture(story(name=name, brand=name))
    assert "<script" not in svg
    long, _ = drawings(svg)
    title = long.find("title")
    assert title is not None
    assert title.text == f"The courtship of {name} and {name}"
    assert not any(key.startswith("on") for e in long.iter() for key in e.attrib)


def test_light_acts_join_into_weeks_where_there_are_over_400() -> None:
    few = [courtship.Act(NOW - n * DAY, "like", False) for n in range(400)]
    assert not any(mark.bar for mark in courtship.marks(few[::-1], Frame(now=NOW)))
    many = [courtship.Act(NOW - n * DAY, "like", False) for n in range(401)]
    joined = courtship.marks(many[::-1], Frame(now=NOW))
    assert all(mark.bar for mark in joined)
    assert sum(mark.count for mark in joined) == 401
    assert len(joined) <= 59


@pytest.mark.parametrize("acts", [1_000, 30_000])
def test_however_many_acts_a_picture_stays_small(acts: int) -> None:
    kinds = ("like", "comment", "view", "message", "share")
    many = tuple(
        courtship.Act(day("2024-01-14") + n * 1000 * DAY // acts, kinds[n % 5], n % 3 == 0)
        for n in range(acts)
    )
    assert len(courtship.picture(story(acts=many))) < 150_000


def test_every_act_of_a_day_is_in_one_mark_that_says_how_many() -> None:
    acts = [courtship.Act(day("2024-05-05") + n * HOUR, "comment", False, True) for n in range(3)]
    (mark,) = courtship.marks(acts, Frame(now=NOW))
    assert mark.title(Frame(now=NOW)) == "3 words in public, 5 May 2024"


def test_flow_draws_movers_only_and_its_ribbons_meet_both_ends() -> None:
    moved = flow.Moved(
        day("2026-08-01"),
        day("2026-11-01"),
        (
            flow.Ribbon("trust", "know", 3),
            flow.Ribbon("know", "trust", 5),
            flow.Ribbon("new", "like", 36),
            flow.Ribbon("like", "parted", 1),
        ),
        {"trust": 31},
        {"trust": 36},
    )
    long, tall = drawings(flow.picture(moved, lambda a, b: f"/people?was={a}&became={b}"))
    for drawing in (long, tall):
        nodes = [float(e.get("height", "0")) for e in drawing.iter("rect")]
        left = sum(nodes[: len(nodes) // 2 + len(nodes) % 2])
        assert len(drawing.findall("a")) == 4
        assert left > 0
    assert next(a.get("href") for a in long.findall("a")) == "/people?was=trust&became=know"
    told = long.find("desc")
    assert told is not None
    assert told.text == (
        "45 people moved: 36 new; 5 moved up a stage, 3 moved down, 1 parted."
        " The table below has every number."
    )


def test_counts_add_up_to_the_height_of_their_column() -> None:
    columns = [
        counts.Column(day("2026-10-01"), {"aware": 5, "like": 3}),
        counts.Column(NOW, {"aware": 10, "trust": 6}),
    ]
    long, _ = drawings(counts.picture(columns, lambda stage, at: f"/people?became={stage}&end={at}"))
    bars = list(long.iter("rect"))
    assert len(bars) == 4
    assert sum(float(e.get("height", "0")) for e in bars[2:]) == pytest.approx(200, abs=2)


def test_answers_say_the_median_and_draw_at_most_sixty_dots() -> None:
    svg = answers.picture("Amara Nwosu", [5 * HOUR] * 200, [HOUR, 27 * HOUR, 90 * HOUR])
    (drawing,) = drawings(svg)
    title = drawing.find("title")
    assert title is not None
    assert title.text == (
        "How long each waits. Amara answers you in 5 hours in the middle, from 5 hours to 5 hours."
        " You answer Amara in 27 hours in the middle, from 60 minutes to 4 days."
    )
    assert len([e for e in drawing.iter("circle") if e.get("class") == "m"]) == 60


def test_no_picture_has_a_style_or_a_colour_of_its_own() -> None:
    svg = courtship.picture(story()) + answers.picture("A", [HOUR], [])
    assert not re.search(r"style=|#[0-9a-f]{6}|rgb\(", svg)


def test_knobs_that_would_lie_on_each_other_are_spread() -> None:
    spread = courtship._spread([10, 11, 12, 100], 21, 0, 110)
    assert all(b - a >= 21 for a, b in itertools.pairwise(spread))
    assert spread[-1] <= 110
