"""What can be seen, and what is therefore said."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.lifecycle import kernel, live, policy
from courtship.lifecycle.acts import columns_of
from courtship.lifecycle.coverage import (
    Coverages,
    Covered,
    PlatformSets,
    certain_of_many,
    covered_until_of_many,
    is_announced,
    platform_sets,
    seen_of_many,
)
from courtship.lifecycle.live import Act
from courtship.model import DAY, FOREVER, Coverage
from courtship.vocabulary import Direction, Seen


def shows(
    kind: str,
    seen: Seen,
    start: int | None,
    end: int,
    direction: Direction = "inbound",
    account: str = "x:me",
) -> Coverage:
    return Coverage(account, kind, direction, seen, None if start is None else start * DAY, end * DAY)


def seen(
    found: Coverages, *kinds: str, start: int = 0, end: int = 10, platforms: tuple[str, ...] = ("x",)
) -> Seen:
    return found.seen(platforms, kinds, "inbound", start * DAY, end * DAY)


def test_what_nobody_declares_is_not_seen() -> None:
    assert seen(Coverages([]), "like") == "none"
    assert seen(Coverages([shows("like", "none", None, 99)]), "like") == "none"
    assert seen(Coverages([shows("like", "full", None, 99, "outbound")]), "like") == "none"
    assert seen(Coverages([shows("like", "full", None, 99)]), "like", platforms=("m",)) == "none"


def test_spans_that_touch_are_one_and_a_gap_is_seen_in_part() -> None:
    assert seen(Coverages([shows("like", "full", 0, 4), shows("like", "full", 4, 10)]), "like") == "full"
    assert seen(Coverages([shows("like", "full", 0, 4), shows("like", "full", 5, 10)]), "like") == "some"
    assert seen(Coverages([shows("like", "full", 0, 9), shows("like", "some", 0, 10)]), "like") == "some"
    assert seen(Coverages([shows("like", "full", 10, 20)]), "like") == "none"


def test_every_kind_must_be_seen_for_full() -> None:
    both = [shows("like", "full", None, 10), shows("comment", "full", None, 10)]
    assert seen(Coverages(both), "like", "comment") == "full"
    assert seen(Coverages(both), "like", "share") == "some"


def test_the_best_platform_and_account_counts_and_a_star_is_for_any() -> None:
    found = Coverages(
        [
            shows("like", "some", None, 10),
            shows("like", "full", None, 10, account="m:me"),
            shows("comment", "full", None, 5, account="m:*"),
            shows("comment", "full", 5, 10, account="m:me"),
        ]
    )
    assert seen(found, "like", platforms=("x",)) == "some"
    assert seen(found, "like", platforms=("x", "m")) == "full"
    assert seen(found, "comment", platforms=("m",)) == "full"


def test_the_end_and_the_share_of_what_is_seen() -> None:
    found = Coverages(
        [
            shows("like", "some", 2, 4),
            shows("follow", "full", 6, 9),
            shows("like", "full", None, 20, "outbound"),
        ]
    )
    assert found.covered_until(["x"]) == 9 * DAY
    assert found.covered_until(["x"], "outbound") == 20 * DAY
    assert found.covered_until(["m"]) is None
    assert found.span(["x"], ["like"], "inbound") == (2 * DAY, 4 * DAY)
    part = found.covered(["x"], ["like", "follow"], "inbound", 0, 10 * DAY)
    assert part == Covered(5 * DAY, 10 * DAY)
    assert part.per_cent == 50


def test_a_lapse_after_the_end_of_the_data_is_not_announced() -> None:
    assert is_announced(9 * DAY, 10 * DAY)
    assert not is_announced(11 * DAY, 10 * DAY)
    assert is_announced(11 * DAY, None), "who is known by hand alone is seen by the owner till now"


def test_what_is_missing_says_how_well_it_could_be_seen() -> None:
    acts = [Act(400 * DAY, FOREVER, "comment", False, True, "a")]
    report = live.reckon_person(acts, policy.load(), 410 * DAY)
    assert report is not None
    outbound = ("like", "vote", "comment", "mention", "message", "share", "quote", "endorse")
    found = Coverages(
        [shows(kind, "full", None, 410, "outbound") for kind in outbound]
        + [shows("comment", "full", 300, 410)]
    )
    said = found.said_of(report, ["x"], 410 * DAY)
    assert [(each.rule, each.seen) for each in said.missing] == [
        ("all", "some"), ("all", "some"), ("all", "full"), ("any", "some"), ("any", "some"),
    ]  # fmt: skip
    assert not said.certain
    assert said.stage == report.stage
    everything = Coverages(
        [
            shows(kind, "full", None, 410, way)
            for kind in (*outbound, "view")
            for way in ("inbound", "outbound")
        ]
    )
    assert everything.said_of(report, ["x"], 410 * DAY).certain
    evening = everything.said_of(report, ["x"], 411 * DAY - 1)
    assert evening.certain, "what was brought in the morning lasts the day"
    assert not everything.said_of(report, ["x"], 411 * DAY).certain  # a day after the data ends


def test_a_follow_is_seen_or_not_at_the_moment() -> None:
    report = live.reckon_person([Act(0, FOREVER, "like", True, True, "a")], policy.load(), 10 * DAY)
    assert report is not None
    follow = report.missing[0]
    assert follow.condition == {"standing": "follow"}
    for end, expected in ((10, "full"), (9, "some")):
        assert Coverages([shows("follow", "full", 5, end)]).of_missing(follow, ["x"], 10 * DAY) == expected
    assert Coverages([shows("follow", "some", 5, 10)]).of_missing(follow, ["x"], 10 * DAY) == "some"
    assert Coverages([]).of_missing(follow, ["x"], 10 * DAY) == "none"


declared = st.builds(
    lambda kind, seen, start, length, way, account: shows(
        kind, seen, start, (0 if start is None else start) + length, way, account
    ),
    st.sampled_from(["like", "comment", "follow"]),
    st.sampled_from(["full", "full", "some", "none"]),
    st.one_of(st.none(), st.integers(0, 20)),
    st.integers(0, 30),
    st.sampled_from(["inbound", "outbound"]),
    st.sampled_from(["x:me", "x:*", "x:us", "m:me"]),
)

LADDER = policy.load(
    {
        "stage": [
            {
                "name": "a",
                "gain": {
                    "any": [
                        {"standing": "follow"},
                        {"count": 1, "within_days": 9, "direction": "inbound", "of": ["like"]},
                    ]
                },
            },
            {
                "name": "b",
                "gain": {
                    "all": [
                        {"days": 2, "within_days": 15, "direction": "inbound", "of": ["like", "comment"]}
                    ],
                    "any": [
                        {"count": 1, "within_days": 3, "direction": "outbound", "of": ["comment"]},
                        {"standing": "follow", "direction": "outbound"},
                    ],
                },
            },
        ]
    }
)

acts = st.builds(
    lambda day, kind, outbound, number: Act(day * DAY, FOREVER, kind, outbound, True, str(number)),
    st.integers(0, 30),
    st.sampled_from(["like", "comment", "follow"]),
    st.booleans(),
    st.integers(0, 10**6),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(declared, max_size=8),
    st.lists(st.lists(acts, max_size=6), min_size=1, max_size=4),
    st.integers(0, 40),
    st.data(),
)
def test_many_are_as_certain_as_one(
    spans: list[Coverage], people: list[list[Act]], day: int, data: st.DataObject
) -> None:
    coverages = Coverages(spans)
    columns, ids = columns_of(people)
    sets = [frozenset({"x"}), frozenset({"m"}), frozenset({"x", "m"})]
    codes = [data.draw(st.integers(0, 2)) for _ in people]
    on = PlatformSets(np.array(codes), sets)
    reports = kernel.reckon_columns(columns, LADDER, day * DAY)
    certain = certain_of_many(coverages, on, reports, day * DAY)
    for person, code in enumerate(codes):
        report = reports.report(person, ids)
        if report is not None:
            assert coverages.said_of(report, sets[code], day * DAY).certain == bool(certain[person])
    ends = covered_until_of_many(coverages, on)
    assert ends.tolist() == [
        -FOREVER if (end := coverages.covered_until(sets[code])) is None else end for code in codes
    ]
    assert seen_of_many(coverages, on, ["like"]).tolist() == [
        [
            list(coverages.span(sets[code], ["like"], way) or (FOREVER, -FOREVER))
            for way in ("outbound", "inbound")
        ]
        for code in codes
    ]


def test_the_platforms_of_everybody() -> None:
    columns, _ = columns_of(
        [
            [Act(1, FOREVER, "like", False, True, "a"), Act(2, FOREVER, "like", False, True, "b")],
            [],
            [Act(1, FOREVER, "like", False, True, "c")],
        ]
    )
    columns = dataclasses.replace(columns, platform=np.array([0, 1, 1], np.uint16), platforms=("m", "x"))
    found = platform_sets(columns)
    assert [found.sets[code] for code in found.code] == [{"m", "x"}, frozenset(), {"x"}]
