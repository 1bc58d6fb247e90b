"""The terminal pictures: what they say, that they fit, and that they say it without colour too."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from courtship.cli import look, tell
from courtship.cli.board_picture import BoardPicture, sentence
from courtship.cli.story_picture import StoryPicture
from courtship.cli.timeline import lay
from courtship.cli.today_picture import TodayPicture
from courtship.lifecycle.breadth import Breadth
from courtship.model import DAY, Coverage, Micros, Missing, Report, Transition
from courtship.plan.task import Evidence, Queue, Task
from courtship.service.people.audience import Audience, Moved, Rung, Unseen, moved, rungs, unseen
from courtship.service.people.story import Act, Answering, Story
from courtship.service.reckoning.movement import NEW, Change
from courtship.vocabulary import KINDS

LADDER = ("like", "know", "trust")


def at(text: str) -> Micros:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


NOW = at("2026-11-17")


def drawn(picture: RenderableType, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None).print(
        picture
    )
    return out.getvalue()


def audience(*standing: tuple[str, int, int], ladder: tuple[str, ...] = LADDER) -> Audience:
    held = {stage: Rung(stage, people, perhaps) for stage, people, perhaps in standing}
    return Audience(
        "Kettlewick Bread",
        NOW,
        ladder,
        tuple(held.get(stage, Rung(stage, 0)) for stage in ("aware", *ladder, "parted")),
        Moved(30, new=21, up=12, down=7),
        (("warming", 57), ("quiet", 560)),
        (Unseen("instagram", True, False, at("2026-09-30")), Unseen("blog", False, False, NOW)),
        3,
    )


FULL = audience(
    ("aware", 1697, 385), ("like", 439, 238), ("know", 140, 42), ("trust", 36, 0), ("parted", 6, 0)
)


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("colour", [True, False])
def test_the_board_fits_and_says_every_count(width: int, colour: bool) -> None:
    from rich.text import Text

    lines = Text.from_ansi(drawn(BoardPicture(FULL), width, colour)).plain.splitlines()
    assert max(map(cell_len, lines)) <= width
    told = "\n".join(lines)
    for words in ("Kettlewick Bread", "1,697", "439", "140", "36", "385 perhaps further on", "all certain"):
        assert words in told
    assert "36 people have introduced you to their friends, and at least 140 more talk with" in " ".join(
        told.split()
    )
    said = " ".join(told.replace("╱", "").split())
    assert (
        "Instagram shows what you did and not what others did, and nothing after 30 September 2026." in said
    )
    assert "Your blog shows nothing after 17 November 2026." in said
    assert "In the last 30 days: 21 new, 12 moved up, 7 moved down." in told
    assert "560 gone quiet" in told
    assert "3 people set aside" in told


def test_without_colour_there_is_none() -> None:
    assert "\x1b" not in drawn(BoardPicture(FULL))
    assert "\x1b[" in drawn(BoardPicture(FULL), colour=True)


def test_bars_are_hatched_where_a_stage_is_only_at_least_that() -> None:
    lines = {
        line.split()[2]: line for line in drawn(BoardPicture(FULL)).splitlines() if "further" in line[40:]
    }
    assert lines["aware"].count("█") > 2 * lines["aware"].count("╱") > 0
    trust = next(line for line in drawn(BoardPicture(FULL)).splitlines() if " trust " in line)
    assert "╱" not in trust
    assert "█" in trust or "▏" in trust or "▌" in trust or "▊" in trust


@pytest.mark.parametrize(
    ("board", "expected"),
    [
        (
            audience(("trust", 1, 0), ("know", 1, 0)),
            "1 person has introduced you to their friends, and 1 more talks",
        ),
        (audience(("trust", 2, 0)), "2 people have introduced you to their friends."),
        (
            audience(("know", 5, 1), ("aware", 3, 0)),
            "At least 5 people talk with you, among 8 who have met you.",
        ),
        (audience(("like", 1, 0)), "1 person shows interest, among 1 who have met you."),
        (audience(("aware", 2, 0)), "2 people have met you; nobody has warmed yet."),
        (audience(), "Nobody here yet: bring in an export with `courtship import`"),
        (audience(("fan", 4, 1), ladder=("fan", "friend")), "4 people, 4 of them at least fan."),
    ],
)
def test_the_sentence(board: Audience, expected: str) -> None:
    assert sentence(board).startswith(expected)


def test_rungs_count_everybody_once() -> None:
    counted = rungs(LADDER, [("like", True), ("like", False), ("parted", False)])
    assert [tuple(vars_of) for vars_of in ((r.stage, r.people, r.perhaps) for r in counted)] == [
        ("aware", 0, 0),
        ("like", 2, 1),
        ("know", 0, 0),
        ("trust", 0, 0),
        ("parted", 1, 0),
    ]


def test_who_moved_counts_each_person_once_by_where_they_came_out() -> None:
    changes = [Change("like", "know", 2), Change("know", "parted", 1), Change("like", "like", 9)]
    assert moved(LADDER, [*changes, Change(NEW, "trust", 3)], 30) == Moved(30, new=3, up=2, down=1)


def test_what_is_not_seen_by_platform() -> None:
    follows = Coverage("instagram:me", "follow", "inbound", "full", None, at("2026-09-30"))
    comments = Coverage("x:*", "comment", "inbound", "some", None, NOW)
    everything = [Coverage("mastodon:me", kind, "inbound", "full", None, NOW) for kind in KINDS]
    assert unseen([follows, comments, *everything], NOW) == (
        Unseen("instagram", others=True, partly=False, until=at("2026-09-30")),
        Unseen("x", others=False, partly=True, until=None),
    )


def test_the_signs_and_hues_of_ladders_of_any_length() -> None:
    assert [look.sign(stage, LADDER) for stage in ("aware", *LADDER, "parted")] == [
        "○ ◌",
        "●○",
        "◎",
        "●",
        "○|○",
    ]
    assert look.hue("only", ("only",)) == look.PLUM
    assert [look.hue(stage, "abcde") for stage in "abcde"][::4] == [look.AMBER, look.PLUM]


# ---------------------------------------------------------------- a person's story


SHARE = {"count": 1, "within_days": 365, "direction": "inbound", "of": ["share", "quote", "endorse"]}
AMARA = Story(
    person="abcdefghijkl",
    name="Amara Nwosu",
    handle="@amaraeats",
    accounts=("instagram:amara", "mastodon:amara@crumb.example"),
    at=NOW,
    ladder=LADDER,
    report=Report(
        "know",
        at("2026-09-14"),
        at("2027-07-08"),
        "trust",
        (
            Transition(at("2024-02-09"), "aware", "like", "activity", "follow"),
            Transition(at("2024-06-02"), "like", "know", "activity", "vote"),
            Transition(at("2024-09-14"), "know", "trust", "activity", "share"),
            Transition(at("2026-09-14"), "trust", "know", "lapse", None),
        ),
        (Missing("trust", "all", SHARE, 0, 1, "some"),),
        certain=False,
    ),
    acts=(
        Act("hello", "comment", "instagram:amara", True, at("2024-01-14"), public=True),
        Act("follow", "follow", "instagram:amara", False, at("2024-02-09")),
        Act("vote", "vote", "instagram:amara", False, at("2024-06-02"), text="Dark. Always dark."),
        Act(
            "share",
            "share",
            "instagram:amara",
            False,
            at("2024-09-14"),
            subject="Why our rye takes two days",
            followers=1940,
        ),
        Act("dm", "message", "instagram:amara", False, at("2025-07-01"), public=False),
        Act("like", "like", "instagram:amara", False, at("2026-07-18")),
    ),
    momentum="cooling",
    seen_until=at("2026-09-30"),
    theirs=Answering(15, 16, 5 * 3_600_000_000, 2 * DAY),
    ours=Answering(10, 23, 27 * 3_600_000_000, 5 * DAY),
    breadth=Breadth(
        kinds={"like": 2, "vote": 1},
        platforms={"instagram": 2, "mastodon": 1},
        days=3,
        public=1,
        private=0,
        unsaid=0,
        audience=1940,
        tenure=900 * DAY,
        before_like=DAY,
        before_word=28 * DAY,
        at_least=False,
    ),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_story_fits_and_tells_all_of_it(width: int) -> None:
    lines = drawn(StoryPicture(AMARA), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    told = " ".join(" ".join(lines).split())
    for words in (
        "Amara Nwosu",
        "at least know since 14 September 2026",
        "last heard of on 18 July 2026; your data end on 30 September 2026",
        "You and Amara Nwosu know each other. It has been trust before.",
        "shared “Why our rye takes two days” with 1,940 followers on Instagram",
        "voted in your poll on Instagram “Dark. Always dark.”",
        "nothing happened on the day; what it stood on had grown old",
        "What is missing for trust",
        "one share, quote or recommendation from Amara within a year: 0 of 1",
        "only partly seen here",
        "Amara stands at least at know",
        "Amara answers you 15 of 16 times, after 5 hours in the middle",
        "You answer Amara 10 of 23 times",
        "Amara came 3 times in 2 ways on 2 platforms, on 3 days.",
        "1 word or share in public, seen by up to 1,940.",
        "Amara watched for 28 days before the first word.",
    ):
        assert words in told
    assert all(mark in told for mark in "①②③④◆▲●○")
    assert "cooling" not in told  # nothing is said of lately where the data have ended


def test_the_time_line_puts_theirs_above_and_yours_below() -> None:
    line = lay(AMARA, 100)
    assert "".join(line.ours.words).count("●") == 1
    assert "".join(line.theirs.words).replace(" ", "").startswith("●○")
    assert "".join(line.theirs.strong).split() == ["▲", "◆"]
    assert line.unseen_from is not None
    assert set(line.axis[line.unseen_from :]) == {"╱"}
    assert "quiet" in "".join(line.axis)
    assert [band.stage for band in line.bands] == ["aware", "like", "know", "trust", "know"]


acts = st.lists(
    st.builds(
        Act,
        id=st.uuids().map(str),
        kind=st.sampled_from(KINDS),
        account=st.just("x:1"),
        outbound=st.booleans(),
        at=st.integers(at("2016-01-01"), NOW),
        public=st.sampled_from([None, True, False]),
    ),
    min_size=1,
    max_size=60,
).map(lambda found: tuple(sorted(found, key=lambda act: act.at)))


@settings(max_examples=60, deadline=None)
@given(
    acts, st.integers(40, 130), st.one_of(st.none(), st.integers(at("2015-01-01"), NOW)), st.text(max_size=30)
)
def test_any_story_can_be_drawn(acts: tuple[Act, ...], width: int, seen: Micros | None, name: str) -> None:
    story = Story(
        person="p",
        name=" ".join(name.split()),
        handle="",
        accounts=("x:1",),
        at=NOW,
        ladder=LADDER,
        report=Report("aware", acts[0].at, None, "aware", (), ()),
        acts=acts,
        seen_until=seen,
    )
    line = lay(story, width)
    for row in (line.axis, line.dates, line.marks, line.theirs.words, line.ours.light):
        assert len(row) == width
    assert drawn(StoryPicture(story), width + 20)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"standing": "follow"}, "a follow by Ann"),
        ({"standing": "follow", "direction": "outbound"}, "a follow by you"),
        (
            {**SHARE, "count": 2, "within_days": 730},
            "2 shares, quotes or recommendations from Ann within two years",
        ),
        (
            {"days": 2, "within_days": 180, "direction": "inbound", "of": ["vote", "comment", "message"]},
            "votes, answers or messages from Ann on 2 different days within half a year",
        ),
        (
            {"kinds": 2, "within_days": 30, "direction": "outbound", "of": ["like", "share"]},
            "2 different ways of speaking up from you within 30 days",
        ),
    ],
)
def test_conditions_in_words(rule: dict[str, object], expected: str) -> None:
    assert tell.condition(rule, "Ann") == expected


def test_what_was_taken_back_is_said_so() -> None:
    unfollowed = Act("f", "follow", "x:1", False, 1, ended=5)
    lost = Transition(5, "like", "aware", "activity", "f")
    assert tell.change(AMARA, lost, unfollowed) == "took back what was: followed you"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (60_000_000, "1 minute"),
        (5 * 3_600_000_000, "5 hours"),
        (27 * 3_600_000_000, "27 hours"),
        (5 * DAY, "5 days"),
        (120 * DAY, "4 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_spans(length: Micros, said: str) -> None:
    assert look.span(length) == said


# ---------------------------------------------------------------- today, and what strangers wrote


QUEUE = Queue(
    tasks=(
        Task(
            key="k1",
            action="answer",
            person="abcdefghijkl",
            verb="Answer",
            name="Keiko Tanabe",
            reason="Asked you something on Mastodon 2 days ago. The longest wait of three.",
            evidence=(Evidence("a1", "comment", NOW, "Does the seeded rye keep until Monday?", ""),),
            link="https://example.social/@keiko/1",
            stage="know",
            certain=False,
        ),
        Task(
            "k2",
            "bring",
            "",
            "Bring",
            "new data from Instagram",
            "What you can see there ends on 30 September.",
        ),
    ),
    more=11,
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_today_fits_and_gives_every_reason(width: int) -> None:
    lines = drawn(TodayPicture(QUEUE, LADDER, NOW), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    told = " ".join(" ".join(lines).split())
    for words in (
        "Today 17 November 2026",
        "Two things to do, best first.",
        "Answer Keiko Tanabe ◎ at least know",
        "The longest wait of three.",
        "“Does the seeded rye keep until Monday?”",
        "Bring new data from Instagram",
        "11 more can wait.",
    ):
        assert words in told


def test_a_day_with_nothing_to_do() -> None:
    assert "Nothing waits for you today." in drawn(TodayPicture(Queue(()), LADDER, NOW))


HOSTILE = "Ann\x1b]0;owned\x07\x1b[31m\u202eevil\r\n[bold]x[/bold]"


def test_what_strangers_wrote_cannot_steer_the_terminal() -> None:
    act = replace(AMARA.acts[2], text=HOSTILE, subject=HOSTILE)
    story = replace(AMARA, name=HOSTILE, handle=HOSTILE, acts=(act,))
    task = replace(QUEUE.tasks[0], name=HOSTILE, reason=HOSTILE, link=HOSTILE)
    for picture in (StoryPicture(story), TodayPicture(Queue((task,)), LADDER, NOW)):
        shown = drawn(picture)
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(shown)
        assert "[bold]x[/bold]" in shown.replace("\n", "")


def test_a_story_of_a_few_days_still_has_its_dates() -> None:
    young = replace(
        AMARA, at=at("2026-11-09"), acts=(replace(AMARA.acts[0], at=at("2026-11-03")),), seen_until=None
    )
    assert "".join(lay(young, 60).dates).split("  ")[0] == "3 Nov"
    assert "".join(lay(young, 60).dates).endswith("10 Nov")


def test_a_name_of_wide_letters_moves_no_column() -> None:
    lines = drawn(StoryPicture(replace(AMARA, name="郭子轩"))).splitlines()
    axis = next(line for line in lines if "郭子轩" in line and "─" in line)
    words = next(line for line in lines if line.startswith(" speaks"))
    assert cell_len(axis[: axis.index("─")]) == len(words[: len(" speaks")].ljust(12))


@pytest.mark.parametrize(
    ("answering", "said"),
    [
        (
            Answering(1, 1, 7 * 3_600_000_000, 7 * 3_600_000_000),
            "Amara answers you 1 of 1 time, after 7 hours.",
        ),
        (Answering(0, 2), "Amara answers you 0 of 2 times."),
        (Answering(3, 4, DAY, 3 * DAY), "Amara answers you 3 of 4 times, after 24 hours in the middle."),
    ],
)
def test_few_answers_are_not_made_much_of(answering: Answering, said: str) -> None:
    assert said in drawn(StoryPicture(replace(AMARA, theirs=answering)), 110)
