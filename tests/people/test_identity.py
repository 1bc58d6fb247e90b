"""Grouping accounts into persons: the laws, and what each answer says for itself."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.model import Decision
from courtship.people.identity import (
    Grouping,
    earliest,
    group,
    in_force,
    person_id,
    set_aside,
)
from courtship.people.proofs import Proof

ACCOUNTS = [f"{platform}:{name}" for platform in ("x", "mastodon", "blog") for name in ("ann", "bob", "cy")]


def merge(a: str, b: str, position: int) -> Decision:
    return Decision("person.merge", a, {"other": b}, position=position)


def split(a: str, position: int) -> Decision:
    return Decision("person.split", a, position=position)


def undo(of: int, position: int) -> Decision:
    return Decision("undo", "", {"position": of}, position=position)


def proof(a: str, b: str) -> Proof:
    one, other = sorted((a, b))
    return Proof(one, other, "rel-me", (f"{one} links", f"{other} links"))


def persons(grouping: Grouping, accounts: list[str] | None = None) -> set[tuple[str, ...]]:
    return {grouping.accounts(account) for account in (ACCOUNTS if accounts is None else accounts)}


account = st.sampled_from(ACCOUNTS)
pair = st.tuples(account, account).filter(lambda two: two[0] != two[1])
proofs_of = st.lists(pair.map(lambda two: proof(*two)), max_size=8)


@st.composite
def histories(draw: st.DrawFn, most: int = 8) -> list[Decision]:
    decisions: list[Decision] = []
    for position in range(1, draw(st.integers(0, most)) + 1):
        what = draw(st.sampled_from(["merge", "merge", "split", "undo"]))
        if what == "merge":
            decisions.append(merge(*draw(pair), position))
        elif what == "split":
            decisions.append(split(draw(account), position))
        elif position > 1:
            decisions.append(undo(draw(st.integers(1, position - 1)), position))
    return decisions


@given(proofs_of, histories(), st.randoms(use_true_random=False))
def test_the_answer_is_a_function_of_the_sets(proofs, decisions, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [list(ACCOUNTS), list(proofs), list(decisions)]
    for some in shuffled:
        random.shuffle(some)
    assert group(*shuffled) == group(ACCOUNTS, proofs, decisions)


@given(proofs_of, histories(), pair)
def test_a_split_undoes_the_merge_that_brought_its_account_in(
    proofs: list[Proof], decisions: list[Decision], two: tuple[str, str]
) -> None:
    before = group(ACCOUNTS, proofs, decisions)
    a, b = two
    if len(before.accounts(b)) > 1:
        decisions, before = [*decisions, split(b, 50)], group(ACCOUNTS, proofs, [*decisions, split(b, 50)])
    after = group(ACCOUNTS, proofs, [*decisions, merge(a, b, 101), split(b, 102)])
    assert persons(after) == persons(before)


@given(proofs_of, histories(), histories(2).filter(bool))
def test_an_undo_restores_exactly(
    proofs: list[Proof], decisions: list[Decision], more: list[Decision]
) -> None:
    moved = [
        Decision(one.verb, one.subject, one.detail, position=one.position + 100)
        for one in more
        if one.verb != "undo"
    ]
    undone = [undo(one.position, one.position + 100) for one in moved]
    assert group(ACCOUNTS, proofs, [*decisions, *moved, *undone]) == group(ACCOUNTS, proofs, decisions)
    redone = [undo(one.position, one.position + 100) for one in undone]
    again = group(ACCOUNTS, proofs, [*decisions, *moved, *undone, *redone])
    assert again == group(ACCOUNTS, proofs, [*decisions, *moved])


@given(proofs_of, histories(), account, proofs_of)
def test_no_rule_overrides_a_split(
    proofs: list[Proof], decisions: list[Decision], alone: str, later: list[Proof]
) -> None:
    grouping = group(ACCOUNTS, [*proofs, *later], [*decisions, split(alone, 100)])
    assert grouping.accounts(alone) == (alone,)
    assert grouping.alone[alone] == 100


@given(proofs_of, histories(), st.sets(account))
def test_accounts_that_arrive_later_move_nobody_else(
    proofs: list[Proof], decisions: list[Decision], early: set[str]
) -> None:
    few, all_of_them = group(early, proofs, decisions), group(ACCOUNTS, proofs, decisions)
    for one in early:
        assert few.accounts(one) == tuple(a for a in all_of_them.accounts(one) if a in early)


@given(proofs_of, histories(), pair)
def test_a_merge_joins_the_persons_who_hold_its_accounts(
    proofs: list[Proof], decisions: list[Decision], two: tuple[str, str]
) -> None:
    before = group(ACCOUNTS, proofs, decisions)
    after = group(ACCOUNTS, proofs, [*decisions, merge(*two, 100)])
    assert set(after.accounts(two[0])) == {*before.accounts(two[0]), *before.accounts(two[1])}
    assert before.key_of.keys() <= after.key_of.keys()


@given(proofs_of, histories())
def test_every_group_is_held_together_by_the_links_it_shows(
    proofs: list[Proof], decisions: list[Decision]
) -> None:
    grouping = group(ACCOUNTS, proofs, decisions)
    for accounts in grouping.members.values():
        assert list(accounts) == sorted(accounts)
        for link in grouping.why(accounts[0]):
            assert (link.position is None) == bool(link.records)
            if link.position is None:
                assert any(link[:3] == one[:3] for one in proofs)
            else:
                assert any(one.position == link.position for one in decisions if one.verb == "person.merge")
        assert grouping.why(accounts[0])


def test_the_rest_of_what_was_declared_together_stays_together() -> None:
    decisions = [merge("x:ann", "x:bob", 1), merge("x:bob", "x:cy", 2), split("x:bob", 3)]
    grouping = group(ACCOUNTS, [], decisions)
    assert grouping.accounts("x:ann") == ("x:ann", "x:cy")
    assert grouping.accounts("x:bob") == ("x:bob",)


def test_a_proof_that_ran_through_a_split_account_carries_nobody() -> None:
    chain = [proof("x:ann", "x:bob"), proof("x:bob", "x:cy")]
    assert group(ACCOUNTS, chain, []).accounts("x:ann") == ("x:ann", "x:bob", "x:cy")
    assert group(ACCOUNTS, chain, [split("x:bob", 1)]).members == {}


def test_a_merge_holds_whom_it_found_though_their_proof_is_cut_later() -> None:
    decisions = [merge("x:bob", "x:cy", 1), split("x:bob", 2)]
    grouping = group(ACCOUNTS, [proof("x:ann", "x:bob")], decisions)
    assert grouping.accounts("x:ann") == ("x:ann", "x:cy")


def test_accounts_nobody_met_still_join_others() -> None:
    page = [proof("mastodon:ann", "site:ann"), proof("site:ann", "x:ann")]
    assert group(ACCOUNTS, page, []).accounts("x:ann") == ("mastodon:ann", "x:ann")


def test_forgetting_cannot_be_undone() -> None:
    forgotten = Decision("person.forget", "", {"hashes": ["00"]}, position=1)
    assert in_force([forgotten, undo(1, 2)]) == [forgotten]


def test_ids_are_those_of_the_standard_alphabet() -> None:
    for address in ("x:1", "mastodon:ann@example.social", "email:änn@example.org", ""):
        whole = b32encode(blake2b(address.encode(), digest_size=8).digest()).decode().lower()
        assert person_id(address) == whole[:12]


def test_the_earliest_account_names_the_person() -> None:
    assert earliest(["x:b", "x:a", "x:c"], {"x:a": 5, "x:b": 5, "x:c": 9}) == "x:a"


@pytest.mark.parametrize(("last", "expected"), [(4, {}), (3, {"x:ann": "team"}), (2, {"x:ann": "bot"})])
def test_the_last_word_on_who_is_out_of_the_counts(last: int, expected: dict[str, str]) -> None:
    decisions = [
        merge("x:ann", "x:bob", 1),
        Decision("person.set_aside", "x:bob", {"as": "bot"}, position=2),
        Decision("person.set_aside", "x:ann", {"as": "team"}, position=3),
        Decision("person.restore", "x:bob", position=4),
    ][:last]
    assert set_aside(decisions, group(ACCOUNTS, [], decisions)) == expected
