"""The ledger's laws: each act once, oldest first, no debt left by pausing, as reckoned act by act."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tribe import plain_ledger
from tests.tribe.plain_ledger import PlainAct, PlainDue, PlainPost

from courtship.model import DAY, FOREVER, Decision
from courtship.tribe.commitment import GIFTS, GIVERS, Commitment, Terms, commitments, spans_of
from courtship.tribe.ledger import Acts, Ledger, Posts, reckon
from courtship.vocabulary import KIND_CODE, KINDS

WEEKS = [7 * DAY * n for n in range(12)]
END = WEEKS[-1]
ACTED = ("like", "comment", "comment", "comment", "share", "view", "message", "follow")
times = st.integers(0, 60).map(lambda thirds: thirds * DAY // 3) | st.integers(0, END - 1)
members = st.sampled_from([0, 0, 0, 1])
sides = st.sampled_from([0, 0, 0, 1])


@st.composite
def commitment(draw: st.DrawFn, number: int) -> tuple[int, Commitment]:
    terms = Terms(
        member="x:m",
        giver=GIVERS[draw(sides)],
        gifts=tuple(
            draw(
                st.lists(
                    st.sampled_from(["like", "comment", "comment", "reply", "live"]), min_size=1, max_size=3
                )
            )
        ),
        pace=draw(st.sampled_from(["each_post", "per_week", "best_effort"])),
        times=draw(st.integers(1, 3)),
        within_days=draw(st.integers(1, 9)),
        cap=draw(st.integers(0, 2)),
        topics=tuple(draw(st.lists(st.sampled_from(["rye", "oven"]), max_size=1))),
    )
    moments = [draw(times) // 4, *sorted(draw(st.lists(times, max_size=4)))]
    verbs = ["accept", "pause", "resume", "pause", "end"]
    told = [
        Decision("commitment.draft", f"c{number}", terms.as_detail(), 0),
        Decision("commitment.offer", f"c{number}", {}, 0),
        *(
            Decision(f"commitment.{verb}", f"c{number}", {"by": "member"}, at)
            for verb, at in zip(verbs, moments, strict=False)
        ),
    ]
    return draw(members), commitments(told)[f"c{number}"]


@st.composite
def tribes(
    draw: st.DrawFn,
) -> tuple[list[PlainAct], list[PlainPost], list[tuple[int, Commitment]], dict[int, list[tuple[int, int]]]]:
    words = st.frozensets(st.sampled_from(["rye", "oven", "shop"]), max_size=2)
    post = st.builds(PlainPost, st.sampled_from([-1, -1, -1, 0, 1]), times, words)
    posts = draw(st.lists(post, min_size=2, max_size=8))
    act = st.builds(
        lambda member, outbound, kind, at, stays, object: PlainAct(
            member, outbound, kind, at, min(at + stays, FOREVER), object
        ),
        members,
        sides,
        st.sampled_from([KIND_CODE[kind] for kind in ACTED]),
        times,
        st.sampled_from([FOREVER, FOREVER, DAY, 0]),
        st.integers(-2, len(posts) - 1),
    )
    acts = sorted(draw(st.lists(act, min_size=5, max_size=30)), key=lambda act: act.at)
    promised = [draw(commitment(number)) for number in range(draw(st.integers(1, 4)))]
    blocked: dict[int, list[tuple[int, int]]] = {}
    if draw(st.booleans()):
        low, high = sorted((draw(times), draw(times)))
        if low < high:
            blocked[draw(members)] = [(low, high)]
    return acts, posts, promised, blocked


def arrays(acts: list[PlainAct], posts: list[PlainPost]) -> tuple[Acts, Posts]:
    columns = np.array(acts, np.int64).reshape(-1, 6).T
    return Acts(*columns), Posts(
        np.array([post.owner for post in posts], np.int64),
        np.array([post.at for post in posts], np.int64),
        [post.topics for post in posts],
    )


def books(
    acts: list[PlainAct],
    posts: list[PlainPost],
    promised: list[tuple[int, Commitment]],
    at: int,
    blocked: dict[int, list[tuple[int, int]]],
) -> Ledger:
    weeks = np.array(WEEKS, np.int64)
    return reckon(*arrays(acts, posts), promised, members=3, weeks=weeks, at=at, blocked=blocked)


def as_plain(ledger: Ledger, promised: list[tuple[int, Commitment]]) -> list[PlainDue]:
    lines, dues = ledger.lines, ledger.dues
    return sorted(
        PlainDue(
            promised[int(lines.commitment[line])][1].id, GIFTS[int(lines.gift[line])], int(lines.start[line]),
            int(at), int(on_time), int(post), int(by), bool(still),
        )
        for line, at, on_time, post, by, still in zip(*dues, strict=True)
    )  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(tribes(), st.integers(10 * DAY, END - 1))
def test_arrays_and_act_by_act_agree(tribe, at: int) -> None:  # type: ignore[no-untyped-def]
    acts, posts, promised, blocked = tribe
    ledger = books(acts, posts, promised, at, blocked)
    assert as_plain(ledger, promised) == plain_ledger.reckon(acts, posts, promised, WEEKS, at, blocked)


@settings(max_examples=100, deadline=None)
@given(tribes(), st.integers(0, END - 1))
def test_every_entry_has_its_act_and_balances_conserve(tribe, at: int) -> None:  # type: ignore[no-untyped-def]
    acts, posts, promised, blocked = tribe
    ledger = books(acts, posts, promised, at, blocked)
    standing = [act for act in acts if act.at <= at < act.ended and KINDS[act.kind] != "follow"]
    assert int(ledger.given().sum()) == len(standing)
    by_week = ledger.given_by_week(np.array(WEEKS, np.int64))
    assert (by_week.sum(axis=1) == ledger.given()).all()
    settled = ledger.dues.settled_by[ledger.dues.settled_by >= 0]
    assert len(set(settled.tolist())) == len(settled), "an act settles at most one thing"
    for number, due in enumerate(ledger.settles.tolist()):
        assert due < 0 or ledger.dues.settled_by[due] == number
        assert due < 0 or ledger.acts.at[number] >= ledger.dues.at[due]


@settings(max_examples=100, deadline=None)
@given(tribes(), st.integers(0, END - 1))
def test_pausing_ending_and_blocks_leave_no_debt(tribe, at: int) -> None:  # type: ignore[no-untyped-def]
    acts, posts, promised, blocked = tribe
    ledger = books(acts, posts, promised, at, blocked)
    for line in ledger.dues.line[ledger.dues.open].tolist():
        member, held = promised[int(ledger.lines.commitment[line])]
        assert any(start <= at < end for start, end in spans_of(held))
        assert not any(low <= at < high for low, high in blocked.get(member, ()))
