"""The tribe through the store: late, undone and doubled acts, merges, splits, asks, links, forgetting."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courtship.errors import NotAllowed
from courtship.model import DAY, Activity, Coverage, Decision, Origin, Post, Record, Undo
from courtship.people.identity import person_id
from courtship.service.people import identity
from courtship.service.reckoning.refresh import refresh
from courtship.service.tribe import decided as tribe
from courtship.service.tribe import deciding
from courtship.service.tribe.asking import ask_for, draft, find_post
from courtship.service.tribe.member import account, as_json, entries
from courtship.service.tribe.page import answers, could_join, state, warnings
from courtship.store import open_workspace
from courtship.store.workspace import Workspace
from courtship.tribe.commitment import Terms
from courtship.vocabulary import COUNTED, KINDS

T = 1_700_000_000_000_000
NOW = T + 60 * DAY
ME, ANN, ANN_TOO, BOB = "test:me", "test:ann", "other:ann", "test:bob"
FILE = Origin("f", "activities", "", T)
PAIR = (
    Terms("-", "member", ("comment",), "each_post", within_days=3),
    Terms("-", "brand", ("like",), "each_post", within_days=7),
)
PRAISE = "So good to see this"
_homes = itertools.count()


def posts() -> list[Record]:
    ours = [
        Post(f"p{n}", ME, T + n * 7 * DAY, f"On rye, part {n}", url=f"https://x.example/p{n}")
        for n in range(8)
    ]
    return [*ours, *(Post(f"a{n}", ANN, T + n * 9 * DAY, f"My oven {n}") for n in range(6))]


def seen() -> list[Record]:
    return [Coverage(ME, kind, way, "full", None, NOW) for kind in KINDS for way in ("inbound", "outbound")]


def tribe_of(workspace: Workspace, told: list[Record], *, joined: int = T) -> None:
    """A tribe of Ann and Bob, Ann with a promise both ways from ``joined`` on."""
    workspace.decide(Decision("brand.add", ME))
    workspace.append(
        [
            *posts(),
            *seen(),
            *[Activity(f"f{n}", "follow", who, ME, T - 1) for n, who in enumerate((ANN, BOB))],
            *told,
        ],
        FILE,
    )
    refresh(workspace, now=NOW)
    deciding.join(workspace, ANN, now=joined)
    deciding.join(workspace, BOB, now=joined)
    made = deciding.draft(workspace, ANN, PAIR, now=joined, offer=True)
    deciding.take_step(workspace, made[0].subject, "accept", now=joined, by="member", of=person_id(ANN))


ACTS: list[Record] = [
    Activity("1", "comment", ANN, ME, T + DAY, object="c1", in_reply_to="p0", text="lovely crust"),
    Activity("2", "comment", ANN, ME, T + 9 * DAY, object="c2", in_reply_to="p1"),
    Activity("3", "share", ANN, ME, T + 10 * DAY, object="p1"),
    Activity("4", "like", ME, ANN, T + 2 * DAY, object="a0"),
    Activity("5", "follow", ANN, ME, T),
]


def test_what_is_promised_falls_due_and_acts_settle_it(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    held = account(workspace, person_id(ANN), now=NOW)
    assert (held.balance.theirs, held.balance.yours) == (3, 1)
    assert {line.kind: (line.theirs, line.yours) for line in held.lines} == {
        "like": (0, 1),
        "comment": (2, 0),
        "share": (1, 0),
    }
    assert [due.post.object for due in held.theirs if due.post] == [f"p{n}" for n in range(2, 8)]
    assert [due.post.object for due in held.yours if due.post] == [f"a{n}" for n in range(1, 6)]
    shown, total = entries(workspace, person_id(ANN), now=NOW)
    assert (total, [one.activity for one in shown]) == (4, ["3", "2", "4", "1"])
    assert {one.activity for one in shown if one.settles} == {"1", "2", "4"}
    comments, number = entries(workspace, person_id(ANN), now=NOW, side="theirs", kind="comment")
    assert number == 2
    assert comments[1].text == "lovely crust"
    for week in held.weeks:
        _, there = entries(workspace, person_id(ANN), now=NOW, week=week.start)
        assert there == week.theirs + week.yours
    assert [one.person for one in state(workspace, now=NOW).owed] == [person_id(ANN)]
    told = as_json(workspace, person_id(ANN), now=NOW)
    assert (told["theirs"], told["yours"], told["band"]) == (3, 1, "about even")


def test_leaving_and_pausing_leave_no_debt(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    ann = person_id(ANN)
    mine = next(each for each in tribe.said(workspace).promised[ann] if each.terms.giver == "member")
    deciding.take_step(workspace, mine.id, "pause", now=NOW - DAY, by="member", of=ann)
    held = account(workspace, ann, now=NOW)
    assert held.theirs == ()
    assert len(held.yours) == 5
    post = find_post(workspace, "p7")
    assert post is not None
    asked = ask_for(workspace, state(workspace, now=NOW), post, now=NOW)
    assert {one.person: one.reason for one in asked.spared}[ann] == "paused"
    made = deciding.leave(workspace, ann, now=NOW)
    assert [one.verb for one in made] == ["commitment.end", "commitment.end", "tribe.leave"]
    gone = account(workspace, ann, now=NOW)
    assert (gone.yours, gone.theirs, gone.left, gone.balance.theirs) == ((), (), NOW, 3)
    with pytest.raises(NotAllowed, match="left the tribe"):
        deciding.take_step(workspace, mine.id, "end", now=NOW)


def test_contradicting_commitments_are_refused(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    again = Terms("-", "member", ("comment", "share"), "per_week", times=2)
    (drafted, _offered) = deciding.draft(workspace, ANN, [again], now=NOW, offer=True)
    with pytest.raises(NotAllowed, match="contradicts one that is in force"):
        deciding.take_step(workspace, drafted.subject, "accept", now=NOW)
    with pytest.raises(NotAllowed, match="something from one side"):
        deciding.draft(workspace, ANN, [again, again], now=NOW)
    with pytest.raises(NotAllowed, match="not in the tribe"):
        deciding.leave(workspace, _stranger(workspace), now=NOW)


def _stranger(workspace: Workspace) -> str:
    workspace.append([Activity("z", "like", "test:zoe", ME, T)], FILE)
    refresh(workspace, now=NOW)
    return "test:zoe"


def test_while_a_block_stands_nothing_is_due(workspace: Workspace) -> None:
    tribe_of(workspace, [*ACTS, Activity("9", "block", ANN, ME, T + 20 * DAY)])
    held = account(workspace, person_id(ANN), now=NOW)
    assert (held.yours, held.theirs) == ((), ())
    member = state(workspace, now=NOW).by_person[person_id(ANN)]
    assert member.away == "a block stands between you"


def test_a_member_changes_only_their_own_side(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    ann, bob = person_id(ANN), person_id(BOB)
    mine, yours = sorted(tribe.said(workspace).promised[ann], key=lambda one: one.terms.giver, reverse=True)
    for of, id in ((bob, mine.id), (ann, yours.id), (ann, "c0")):
        with pytest.raises(NotAllowed, match="not yours to change"):
            deciding.take_step(workspace, id, "end", now=NOW, by="member", of=of)
    made = deciding.draft(workspace, ANN, [PAIR[0]], now=NOW)
    with pytest.raises(NotAllowed, match="not yours to change"):  # a draft is the owner's own
        deciding.take_step(workspace, made[0].subject, "offer", now=NOW, by="member", of=ann)


def test_asks_are_limited_and_their_answers_recognised(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    deciding.ask(workspace, ANN, "https://x.example/p1", now=T + 8 * DAY, gifts=["comment"])
    (found,) = answers(workspace, state(workspace, now=NOW))
    assert (found.object, found.activity, found.kind) == ("p1", "2", "comment")
    with pytest.raises(NotAllowed, match="already"):
        deciding.ask(workspace, ANN, "https://x.example/p1", now=NOW)
    deciding.ask(workspace, ANN, "p6", now=NOW)
    deciding.ask(workspace, ANN, "p5", now=NOW)
    with pytest.raises(NotAllowed, match="2 of 2 times"):
        deciding.ask(workspace, ANN, "p7", now=NOW)
    deciding.ask(workspace, ANN, "p7", now=NOW + 7 * DAY)
    deciding.set_rules(workspace, {"asks_a_week": 0}, now=NOW)
    with pytest.raises(NotAllowed, match="0 of 0"):
        deciding.ask(workspace, BOB, "p7", now=NOW)


def test_whom_to_ask_with_reasons(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    post = find_post(workspace, "https://x.example/p7")
    assert post is not None
    found = ask_for(workspace, state(workspace, now=NOW), post, now=NOW)
    assert [one.person for one in found.suggestions] == [person_id(ANN)]
    assert "you owe 5 acts: give back first" in found.suggestions[0].reasons
    assert [one.reason for one in found.spared] == ["nothing promised that is left for this week"]
    words = draft("Ann Lake", post, found.suggestions[0].gifts, "Kettlewick")
    assert words.startswith("Hello Ann, ")
    assert "https://x.example/p7" in words
    assert "say a word under it" in words


def test_links_open_close_and_are_not_guessed(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    secret, (made,) = deciding.make_link(workspace, ANN, now=NOW)
    assert len(secret) >= 32
    assert secret not in str(made.detail)
    link = deciding.link_of(workspace, secret)
    assert link is not None
    assert link.person == person_id(ANN)
    assert deciding.link_of(workspace, secret[:-1] + ("y" if secret.endswith("x") else "x")) is None
    assert deciding.link_of(workspace, made.detail["digest"]) is None
    for hour in range(30):
        opened = deciding.link_of(workspace, secret)
        assert opened is not None
        deciding.note_opened(workspace, opened, now=NOW + hour * DAY // 24)
    noted = tribe.said(workspace).links[link.digest]
    assert (noted.opened, noted.days) == ((NOW, NOW + DAY), 3)
    newer, _ = deciding.make_link(workspace, person_id(ANN), now=NOW + 2 * DAY)
    assert deciding.link_of(workspace, secret) is None
    assert deciding.link_of(workspace, newer) is not None
    deciding.close_link(workspace, ANN, now=NOW + 3 * DAY)
    assert deciding.link_of(workspace, newer) is None
    third, _ = deciding.make_link(workspace, ANN, now=NOW + 4 * DAY)
    deciding.leave(workspace, ANN, now=NOW + 5 * DAY)
    assert deciding.link_of(workspace, third) is None


def test_a_forgotten_member_is_in_no_tribe(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    side = Terms(
        "-", "member", ("like",), "best_effort", words="as Ann of the lake said", topics=("annware",)
    )
    deciding.draft(workspace, ANN, [side], now=NOW)
    secret, _ = deciding.make_link(workspace, ANN, now=NOW)
    deciding.ask(workspace, ANN, "p7", now=NOW)
    identity.forget(workspace, ANN, now=NOW)
    held = state(workspace, now=NOW)
    assert [member.person for member in held.members] == [person_id(BOB)]
    assert held.said.commitments == {}
    assert held.said.asks == ()
    assert deciding.link_of(workspace, secret) is None
    left = repr(workspace.decisions(include_undone=True))
    for word in (ANN, person_id(ANN), "Ann of the lake", "annware"):
        assert word not in left


def test_drifting_thanks_and_who_could_join(workspace: Workspace) -> None:
    tribe_of(workspace, ACTS)
    held = state(workspace, now=NOW)
    ann = held.by_person[person_id(ANN)]
    assert ann.drifted == T + 10 * DAY
    assert ann.unthanked == T + DAY
    assert held.by_person[person_id(BOB)].drifted is None, "who promised nothing does not drift"
    deciding.thank(workspace, ANN, now=NOW)
    assert state(workspace, now=NOW).by_person[person_id(ANN)].unthanked is None
    assert state(workspace, now=NOW, at=T + 12 * DAY).by_person[person_id(ANN)].drifted is None
    workspace.append(
        [
            Activity("j1", "share", "test:joe", ME, NOW - DAY, object="p7"),
            Activity("j2", "comment", ME, "test:joe", NOW - DAY + 1),
            *(Activity(f"j{n}", "comment", "test:joe", ME, NOW - n * DAY) for n in range(3, 7)),
        ],
        FILE,
    )
    refresh(workspace, now=NOW)
    assert [one.person for one in could_join(workspace, state(workspace, now=NOW))] == [person_id("test:joe")]
    deciding.pass_over(workspace, "test:joe", now=NOW)
    assert could_join(workspace, state(workspace, now=NOW)) == []


def test_a_pod_is_warned_of(workspace: Workspace) -> None:
    names = [f"test:m{n}" for n in range(4)]
    told: list[Record] = [
        Activity(f"{name}{n}", "comment", name, ME, T + n * 7 * DAY + 1, in_reply_to=f"p{n}", text=PRAISE)
        for name in names
        for n in range(8)
    ]  # fmt: skip
    tribe_of(workspace, told)
    for name in names:
        deciding.join(workspace, name, now=NOW)
    found = warnings(workspace, state(workspace, now=NOW))
    assert {one.sort for one in found} == {"at once", "alike"}
    assert all(len(one.people) == 4 for one in found)


# ---------------------------------------------------------------- the laws, through the store


class Event(NamedTuple):
    """An act, or its end; told in any order."""

    number: int
    kind: str
    outbound: bool
    account: str
    at: int
    object: str
    undone: int


event = st.builds(
    Event,
    st.integers(0, 9),
    st.sampled_from(["like", "comment", "share", "view", "follow", "block"]),
    st.booleans(),
    st.sampled_from([ANN, ANN_TOO, BOB]),
    st.integers(0, 59),
    st.sampled_from(["p0", "p3", "p7", "a2", "elsewhere", ""]),
    st.sampled_from([0, 0, 0, 5]),
)


def records(events: list[Event]) -> list[Record]:
    """One act a number (a source tells each id once), and the undoing of some."""
    told: dict[int, list[Record]] = {}
    for one in events:
        actor, target = (ME, one.account) if one.outbound else (one.account, ME)
        at = T + one.at * DAY + one.number
        id = f"e{one.number}"
        act = Activity(id, one.kind, actor, target, at, object=one.object or None)
        told[one.number] = [
            act,
            *([Undo(f"u{one.number}", id, at + one.undone * DAY, "test")] if one.undone else []),
        ]
    return [record for number in sorted(told) for record in told[number]]


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    st.lists(event, min_size=1, max_size=12),
    st.randoms(use_true_random=False),
    st.sampled_from(["alone", "merged", "merged and split"]),
)
def test_however_it_is_told_the_books_are_those_of_a_fresh_reckoning(
    tmp_path: Path, events: list[Event], dice: object, how: str
) -> None:
    told = records(events)
    shuffled = [*told, *told[:3]]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    both = []
    for late in (False, True):
        workspace = open_workspace(tmp_path / str(next(_homes)), "default")
        tribe_of(workspace, [Activity("b1", "follow", ANN_TOO, ME, T)] + ([] if late else told))
        if late:
            for record in shuffled:
                account(workspace, person_id(ANN), now=NOW) if dice.random() < 0.2 else None  # type: ignore[attr-defined]
                workspace.append([record], FILE)
            refresh(workspace, now=NOW)
        if how != "alone":
            identity.merge(workspace, ANN, ANN_TOO, now=NOW)
        if how == "merged and split":
            state(workspace, now=NOW)
            identity.split(workspace, ANN_TOO, now=NOW)
        people = sorted(tribe.said(workspace).members)
        found = [as_json(workspace, person, now=NOW) for person in people]
        for person, one in zip(people, found, strict=True):
            assert_equals_the_log(workspace, person, one)
        both.append(unnamed(workspace, found))
        workspace.close()
    assert both[0] == both[1]


def unnamed(workspace: Workspace, found: list[dict[str, object]]) -> str:
    """Without the names of the commitments, which stand for a position of the log."""
    text = repr(found)
    for id, each in tribe.said(workspace).commitments.items():
        text = text.replace(id, each.terms.giver)
    return text


def assert_equals_the_log(workspace: Workspace, person: str, told: dict[str, object]) -> None:
    """Totals are those of the activities in force, to the last act."""
    accounts = identity.resolve(workspace, person).accounts
    standing = [
        one
        for one in workspace.activities_of(accounts)
        if one.kind in COUNTED and one.at <= NOW and (one.ended is None or one.ended > NOW)
        and {one.actor, one.target} & {ME} and {one.actor, one.target} & set(accounts)
    ]  # fmt: skip
    assert told["theirs"] == sum(one.target == ME for one in standing)
    assert told["yours"] == sum(one.actor == ME for one in standing)
    every = told["entries"]
    assert isinstance(every, list)
    assert sum(one["sign"] for one in every) == len(standing)
    assert {one["activity"] for one in every} >= {one.id for one in standing}
