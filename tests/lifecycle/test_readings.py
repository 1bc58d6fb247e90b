"""Three readings of the rules that must agree: the text taken literally, ``live.py`` and ``kernel.py``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtship.lifecycle import kernel, live, policy, zone
from courtship.lifecycle.acts import acts_of, columns_of
from courtship.lifecycle.live import Act
from courtship.lifecycle.policy import Condition, Policy, Rule
from courtship.model import DAY, FOREVER, Report, Transition
from courtship.service.reckoning.flat_rows import micros
from courtship.vocabulary import COUNTED, KINDS

ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "America/Havana"]
START = micros("2011-10-20T00:00:00Z")
"""Ten weeks on, Apia skips a day; St. John's went back over midnight that autumn."""

counted = st.lists(st.sampled_from(sorted(COUNTED)), min_size=1, max_size=4, unique=True)
directions = st.sampled_from(["inbound", "outbound"])


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    measure = draw(st.sampled_from(["count", "count", "days", "kinds", "standing"]))
    if measure == "standing":
        return draw(
            st.sampled_from(
                [
                    {"standing": "follow"},
                    *({"standing": "follow", "direction": d} for d in ("inbound", "outbound")),
                ]
            )
        )
    return {
        measure: draw(st.integers(1, 3)),
        "within_days": draw(st.sampled_from([1, 2, 3, 7, 30])),
        "direction": draw(directions),
        "of": draw(counted),
    }


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    some = st.lists(conditions(), max_size=3)
    rule = {"all": draw(some), "any": draw(some)}
    if not rule["all"] and not rule["any"]:
        rule["any"] = [draw(conditions())]
    return rule


@st.composite
def ladders(draw: st.DrawFn) -> Policy:
    stages = []
    for rung in range(draw(st.integers(1, 4))):
        stage = {"name": f"rung {rung}", "gain": draw(rules())}
        if draw(st.booleans()):
            stage["keep"] = draw(rules())
        stages.append(stage)
    return policy.load({"name": "any", "timezone": draw(st.sampled_from(ZONES)), "stage": stages})


# Few distinct moments, hours apart and on the edges of windows, so that much falls on one instant.
moments = st.builds(
    lambda days, hours, odd: START + days * DAY + hours * DAY // 24 + odd,
    st.integers(0, 75),
    st.sampled_from([0, 0, 0, 2, 3, 4, 11, 23]),
    st.sampled_from([0, 0, 0, 0, -1, 90_000_000]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Act]:
    acts = []
    for number in range(draw(st.integers(0, 14))):
        at = draw(moments)
        ended = draw(st.one_of(st.just(FOREVER), st.just(FOREVER), st.just(at), moments))
        kind = draw(st.sampled_from([*KINDS, "like", "comment", "like", "comment", "follow"]))
        outbound = draw(st.sampled_from([False, False, True]))
        name = f"{draw(st.integers(0, 99)):02}-{number}"
        acts.append(Act(at, max(at, ended), kind, outbound, draw(st.integers(0, 5)) > 0, name))
    return acts


# ---------------------------------------------------------------- the text, taken literally


def shows(acts: list[Act], condition: Condition, ladder: Policy, t: int) -> int:
    gauge = condition.gauge
    theirs = [act for act in acts if act.outbound == (gauge.direction == "outbound")]
    if gauge.measure == "standing":
        return sum(act.kind == "follow" and act.at <= t < act.ended for act in theirs)
    window = [
        act
        for act in theirs
        if act.kind in gauge.of and act.at <= t < act.at + gauge.window and t < act.ended
    ]
    if gauge.measure == "count":
        return len(window)
    if gauge.measure == "kinds":
        return len({act.kind for act in window})
    local = [datetime.fromtimestamp(0, UTC) + timedelta(microseconds=act.at) for act in window if act.precise]
    return len({moment.astimezone(ladder.zone).date() for moment in local})


def literally(acts: list[Act], ladder: Policy, at: int) -> Report | None:
    known = [act._replace(ended=act.ended if act.ended <= at else FOREVER) for act in acts if act.at <= at]
    if not known:
        return None
    points = {act.at for act in known} | {act.ended for act in known}
    for gauge in ladder.gauges:
        if gauge.window != FOREVER:
            points |= {act.at + gauge.window for act in known}
    held = [False] * len(ladder.stages)
    stage, since, until, peak, moved = "aware", min(act.at for act in known), None, "aware", []
    rank = ladder.names.index
    last: list[bool] = held
    for t in sorted(points - {FOREVER}):

        def met(conditions: tuple[Condition, ...], t: int = t) -> list[bool]:
            return [shows(known, condition, ladder, t) >= condition.need for condition in conditions]

        def holds(rule: Rule) -> bool:
            return all(met(rule.all)) and (not rule.any or any(met(rule.any)))

        now = list(held)
        for rung, each in enumerate(ladder.stages):
            below = rung == 0 or now[rung - 1]
            now[rung] = (below and holds(each.gain)) or (held[rung] and holds(each.keep))
        held = now
        highest = max(
            (each.name for each, one in zip(ladder.stages, held, strict=True) if one),
            key=rank,
            default="aware",
        )
        reported = (
            "parted" if any(act.kind == "block" and act.at <= t < act.ended for act in known) else highest
        )
        if t > at:
            if reported != stage:
                until = t
                break
            continue
        last = held
        peak = max(peak, highest, key=rank)
        if reported != stage:
            ids = [act.id for act in known if t in (act.at, act.ended)]
            moved.append(
                Transition(t, stage, reported, "activity" if ids else "lapse", min(ids) if ids else None)
            )
            stage, since = reported, t
    have = [shows(known, Condition(gauge, 1, {}), ladder, at) for gauge in ladder.gauges]
    top = max((rung for rung, one in enumerate(last, 1) if one), default=0)
    return Report(stage, since, until, peak, tuple(moved), live.missing(ladder, top, have))


# ---------------------------------------------------------------- they agree


@settings(max_examples=300, deadline=None)
@given(histories(), ladders(), moments)
def test_the_plain_reading_is_the_text(acts: list[Act], ladder: Policy, at: int) -> None:
    assert live.reckon_person(acts, ladder, at) == literally(acts, ladder, at)


@settings(max_examples=400, deadline=None)
@given(st.lists(histories(), max_size=4), ladders(), moments)
def test_the_kernel_is_the_plain_reading(people: list[list[Act]], ladder: Policy, at: int) -> None:
    columns, ids = columns_of(people)
    reports = kernel.reckon_columns(columns, ladder, at)
    expected = [live.reckon_person(acts, ladder, at) for acts in people]
    assert [reports.report(person, ids) for person in range(len(people))] == expected
    assert reports.counts()["parted"] == sum(
        report is not None and report.stage == "parted" for report in expected
    )


@st.composite
def close_ladders(draw: st.DrawFn) -> Policy:
    """Ladders of few kinds, so that much is won, kept and lost."""
    stages = []
    for rung in range(draw(st.integers(1, 3))):

        def rule() -> dict[str, Any]:
            return {
                draw(st.sampled_from(["all", "any"])): [
                    {
                        draw(st.sampled_from(["count", "days", "kinds"])): draw(
                            st.sampled_from([1, 1, 2, 2, 3, 5, 9, 12])
                        ),
                        "within_days": draw(st.sampled_from([3, 7, 20])),
                        "direction": draw(st.sampled_from(["inbound", "inbound", "outbound"])),
                        "of": draw(st.sampled_from([["like"], ["comment"], ["like", "comment"]])),
                    }
                    for _ in range(draw(st.integers(1, 2)))
                ]
            }

        stages.append({"name": f"rung {rung}", "gain": rule(), "keep": rule()})
    return policy.load({"name": "close", "timezone": draw(st.sampled_from(ZONES)), "stage": stages})


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), close_ladders())
def test_the_kernel_is_the_plain_reading_where_much_happens(seed: int, ladder: Policy) -> None:
    chance = np.random.default_rng(seed)
    people = [
        [
            Act(
                at,
                at + int(chance.integers(0, 9)) * DAY if chance.random() < 0.1 else FOREVER,
                kind,
                out,
                True,
                f"{n:02}",
            )
            for n in range(int(chance.integers(1, 40)))
            for at, kind, out in [
                (
                    START + int(chance.integers(0, 75 * 24)) * DAY // 24,
                    str(
                        chance.choice(
                            ["like", "like", "comment", "follow", "block"], p=[0.4, 0.3, 0.2, 0.07, 0.03]
                        )
                    ),
                    bool(chance.random() < 0.3),
                )
            ]
        ]
        for _ in range(4)
    ]
    columns, ids = columns_of(people)
    reports = kernel.reckon_columns(columns, ladder, START + 90 * DAY)
    for person, acts in enumerate(people):
        assert reports.report(person, ids) == live.reckon_person(acts, ladder, START + 90 * DAY)


def busy(chance: np.random.Generator, number: int, rare: float) -> list[Act]:
    """One who does much all the time but for some pauses, so that the kernel leaves much of it out."""
    gaps = np.where(chance.random(number) < 6 / number, chance.integers(4, 70, number) * DAY, 0)
    times = START + np.cumsum(chance.integers(0, DAY // 16, number) + gaps)
    kinds = chance.choice(
        ["like", "comment", "share", "message", "view", "follow", "block"],
        number,
        p=[0.55 - rare, 0.2, rare, 0.1, 0.1, 0.048, 0.002],
    )
    ended = np.where(chance.random(number) < 0.02, times + chance.integers(0, 40, number) * DAY, FOREVER)
    return [
        Act(int(at), int(end), str(kind), bool(out), bool(precise), f"{i:06}")
        for i, (at, end, kind, out, precise) in enumerate(
            zip(times, ended, kinds, chance.random(number) < 0.2, chance.random(number) < 0.9, strict=True)
        )
    ]


def _condition(of: list[str], within: int, **measure: int) -> dict[str, Any]:
    return {**measure, "within_days": within, "direction": "inbound", "of": of}


EVERY = ["view", "like", "comment", "message", "share"]
BUSY = policy.load(
    {
        "name": "busy",
        "timezone": "America/St_Johns",
        "stage": [
            {"name": "one", "gain": {"any": [{"standing": "follow"}, _condition(EVERY, 20, count=1)]}},
            {
                "name": "two",
                "gain": {"all": [_condition(EVERY, 30, days=5), _condition(EVERY, 30, kinds=3)]},
                "keep": {
                    "all": [_condition(EVERY, 25, count=12)],
                    "any": [_condition(["share"], 40, days=2)],
                },
            },
            {
                "name": "three",
                "gain": {"all": [_condition(["share"], 60, count=2)]},
                "keep": {
                    "any": [
                        _condition(["message", "share"], 20, kinds=2),
                        _condition(["comment"], 9, count=1),
                    ]
                },
            },
        ],
    }
)


@pytest.mark.parametrize("ladder", [policy.load(None), BUSY], ids=["default", "busy"])
@pytest.mark.parametrize("rare", [0.002, 0.03, 0.2])
def test_the_kernel_is_the_plain_reading_where_it_leaves_much_out(ladder: Policy, rare: float) -> None:
    chance = np.random.default_rng(int(rare * 1000))
    people = [busy(chance, number, rare) for number in (700, 1500, 4000) for _ in range(3)]
    columns, ids = columns_of(people)
    for at in (START + 100 * DAY, START + 2000 * DAY):
        reports = kernel.reckon_columns(columns, ladder, at)
        for person, acts in enumerate(people):
            assert reports.report(person, ids) == live.reckon_person(acts, ladder, at)


@settings(max_examples=150, deadline=None)
@given(histories(), ladders(), moments, moments)
def test_what_was_said_earlier_is_a_beginning_of_what_is_said_later(
    acts: list[Act], ladder: Policy, one: int, other: int
) -> None:
    early, late = (live.reckon_person(acts, ladder, at) for at in sorted((one, other)))
    if early is not None:
        assert late is not None
        assert late.transitions[: len(early.transitions)] == early.transitions


@settings(max_examples=150, deadline=None)
@given(histories(), ladders(), moments, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(acts: list[Act], ladder: Policy, at: int, chance: Any) -> None:
    shuffled = list(acts)
    chance.shuffle(shuffled)
    assert live.reckon_person(shuffled, ladder, at) == live.reckon_person(acts, ladder, at)


@settings(max_examples=150, deadline=None)
@given(histories(), ladders(), moments)
def test_until_is_when_it_changes_if_nothing_more_happens(acts: list[Act], ladder: Policy, at: int) -> None:
    known = [act._replace(ended=act.ended if act.ended <= at else FOREVER) for act in acts if act.at <= at]
    report = live.reckon_person(known, ladder, at)
    if report is not None and report.until is not None:
        before = live.reckon_person(known, ladder, report.until - 1)
        after = live.reckon_person(known, ladder, report.until)
        assert before is not None
        assert after is not None
        assert (before.stage, before.since) == (report.stage, report.since)
        assert after.since == report.until


def test_two_threads_say_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(7)
    people = [
        [
            Act(int(at), FOREVER, KINDS[kind], bool(out), True, f"{number}-{i}")
            for i, (at, kind, out) in enumerate(
                zip(
                    START + chance.integers(0, 900, 20) * DAY,
                    chance.integers(0, 10, 20),
                    chance.integers(0, 3, 20) == 0,
                    strict=True,
                )
            )
        ]
        for number in range(200)
    ]
    columns, ids = columns_of(people)
    one = kernel.reckon_columns(columns, policy.load(), START + 950 * DAY, threads=1)
    monkeypatch.setattr(kernel, "_SPLIT", 10)
    for threads in (2, 3):
        several = kernel.reckon_columns(columns, policy.load(), START + 950 * DAY, threads=threads)
        for person in range(200):
            assert several.report(person, ids) == one.report(person, ids)
    assert acts_of(columns, 3, ids) == sorted(people[3], key=lambda act: (act.at, act.id))


CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("lifecycle-cases.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_case_comes_out_of_both_readings(case: dict[str, Any]) -> None:
    brand, person = set(case["brand"]), set(case["person"]) - set(case["brand"])
    acts = {
        each["id"]: Act(
            micros(each["at"]),
            micros(each["ended"]) if "ended" in each else FOREVER,
            each["kind"],
            each["actor"] in brand,
            each.get("precise", True),
            each["id"],
        )
        for each in case["activities"]
        if (each["actor"] in brand and each["target"] in person)
        or (each["actor"] in person and each["target"] in brand)
    }
    ladder, at = policy.load(case["policy"]), micros(case["at"])
    report = live.reckon_person(acts.values(), ladder, at)
    columns, ids = columns_of([list(acts.values())])
    assert kernel.reckon_columns(columns, ladder, at).report(0, ids) == report
    assert (report is None) == (case["expect"] is None)
    if report is not None:
        said = case["expect"]
        assert (report.stage, report.peak) == (said["stage"], said["peak"])
        assert report.since == micros(said["since"])
        assert report.until == (micros(said["until"]) if said["until"] else None)
        assert [tuple(each) for each in report.transitions] == [
            (micros(each["at"]), each["from"], each["to"], each["cause"], each["activity"])
            for each in said["transitions"]
        ]
        assert [{**each._asdict(), "seen": "full"} for each in report.missing] == [
            {**each, "seen": "full"} for each in said["missing"]
        ]


@pytest.mark.parametrize("name", [*ZONES, "Africa/Casablanca", "America/Juneau", "Asia/Tehran"])
def test_the_table_of_a_zone_is_the_zone(name: str) -> None:
    low, high = micros("1860-01-01T00:00:00Z"), micros("2050-01-01T00:00:00Z")
    at, offset = zone.offsets(name, low, high)
    rules = policy.load(
        {"timezone": name, "stage": [{"name": "a", "gain": {"all": [{"standing": "follow"}]}}]}
    ).zone
    chance = np.random.default_rng(11)
    edges = np.concatenate([at[1:] - 1, at[1:], at[1:] + 1, chance.integers(low, high, 3000)])
    for moment in edges[(edges >= low) & (edges < high)].tolist():
        local = (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=moment)).astimezone(rules)
        said = int(offset[np.searchsorted(at, moment, side="right") - 1])
        assert local.utcoffset() == timedelta(microseconds=said), (name, moment)


@pytest.mark.parametrize("measure", ["count", "days"])
def test_a_number_at_the_limit_of_the_policy_file(measure: str) -> None:
    """What is had is told in full beyond 16 bits, and what few have done is not looked for in vain."""
    condition = {measure: 1_000_000, "within_days": 1_000_000, "direction": "inbound", "of": ["like"]}
    ladder = policy.load({"name": "limit", "stage": [{"name": "one", "gain": {"all": [condition]}}]})
    people = [[Act(START + n * DAY, FOREVER, "like", False, True, str(n)) for n in range(3)]]
    columns, ids = columns_of(people)
    reports = kernel.reckon_columns(columns, ladder, START + 9 * DAY)
    assert reports.report(0, ids) == live.reckon_person(people[0], ladder, START + 9 * DAY)


def test_more_is_had_than_16_bits_hold() -> None:
    number = 65_540
    condition = {"count": number, "within_days": 30, "direction": "inbound", "of": ["like"]}
    keep = {**condition, "count": 1}
    rung = {"name": "one", "gain": {"all": [condition]}, "keep": {"all": [keep]}}
    ladder = policy.load({"name": "limit", "stage": [rung, {**rung, "name": "two"}]})
    acts = [Act(START + n, FOREVER, "like", False, True, f"{n:06}") for n in range(number + 10)]
    columns, _ = columns_of([acts])
    for had, at in ((number - 3, START + number - 4), (number, START + number + 10)):
        reports = kernel.reckon_columns(columns, ladder, at)
        assert reports.have.tolist() == [[had]]
        assert int(reports.stage[0]) == 2 * (had == number)
