"""Which accounts are one person: exact proofs first, then the owner's decisions in their order.

The laws, kept as property tests:

- The answer is a function of the sets of accounts, proofs and decisions; no order of arrival matters.
- A merge joins the two *persons* who hold its accounts when it is decided, as they then are.
- A split makes its account stand alone, cuts every proof that touches it, for good, and leaves the rest
  of what was declared together. So a split undoes the merge that brought its account in, and no rule ever
  overrides it; only a later merge does.
- An undone decision never was.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from courtship.model import Address, Decision, Micros
from courtship.people.proofs import Proof

_PAIRS: Final[tuple[str, ...]] = tuple(
    b32encode((pair << 14).to_bytes(3, "big")).decode().lower()[:2] for pair in range(1024)
)

FINAL: Final[frozenset[str]] = frozenset({"person.forget"})
"""Verbs that no undo reaches."""


def person_id(address: Address) -> str:
    """The id that ``address`` gives a person: 12 characters of lower-case base32 (RFC 4648).

    They are the first 60 bits of an 8-byte BLAKE2b of the UTF-8 address: among a million people the chance
    of any two alike is under one in two million.
    """
    bits = int.from_bytes(blake2b(address.encode(), digest_size=8).digest(), "big") >> 4
    return "".join(_PAIRS[bits >> shift & 1023] for shift in (50, 40, 30, 20, 10, 0))


def person_ids(addresses: Sequence[Address]) -> list[str]:
    """The same of many."""
    import numpy as np

    digests = b"".join([blake2b(one.encode(), digest_size=8).digest() for one in addresses])
    bits = np.frombuffer(digests, ">u8").astype(np.uint64) >> np.uint64(4)
    letters = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
    shifts = np.arange(55, -1, -5, dtype=np.uint64)
    places = ((bits[:, None] >> shifts) & np.uint64(31)).astype(np.intp)
    said = letters[places].tobytes().decode()
    return [said[start : start + 12] for start in range(0, len(said), 12)]


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that stand, in order of position, without undoes and what they undo.

    An undo may itself be undone. What is in ``FINAL`` stands whatever is said later.
    """
    ordered = sorted(decisions, key=lambda decision: decision.position)
    undone: set[int] = set()
    for decision in reversed(ordered):
        if decision.verb == "undo" and decision.position not in undone:
            undone.add(int(decision.detail["position"]))
    return [
        decision
        for decision in ordered
        if decision.verb != "undo" and (decision.position not in undone or decision.verb in FINAL)
    ]


class Link(NamedTuple):
    """Why two accounts are together: ``reason`` is a proof's rule, or ``merged`` by a decision.

    ``position`` is that of the decision (``None`` for a proof), ``records`` what the two profiles show
    (empty for a decision).
    """

    a: Address
    b: Address
    reason: str
    position: int | None
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Accounts -> group keys. A key is the least address of its group; whoever is in none has their own.

    Only groups of two and more are held, so that a million single accounts cost nothing.
    ``grouping[account]`` answers for every account there can be.
    """

    key_of: Mapping[Address, Address] = field(default_factory=dict)
    members: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    links: Mapping[Address, tuple[Link, ...]] = field(default_factory=dict)
    alone: Mapping[Address, int] = field(default_factory=dict)
    """Accounts that a split made stand alone, with the position of that decision."""

    def __getitem__(self, account: Address) -> Address:
        return self.key_of.get(account, account)

    def accounts(self, account: Address) -> tuple[Address, ...]:
        """All accounts of the person who holds ``account``, sorted."""
        return self.members.get(self[account], (account,))

    def why(self, account: Address) -> tuple[Link, ...]:
        """Every link inside the person who holds ``account``, proofs first."""
        return self.links.get(self[account], ())


def group(accounts: Collection[Address], proofs: Iterable[Proof], decisions: Iterable[Decision]) -> Grouping:
    """Groups ``accounts`` by ``proofs``, then by the merges, splits and undoes among ``decisions``.

    Accounts that only a proof or a decision names still join others (two accounts verified by one page are
    one person's though nobody ever met the page); they are in no group of the answer. Other verbs are
    passed over. Linear in proofs and decisions, whatever the number of accounts.
    """
    state = _State()
    for proof in sorted(proofs):
        state.prove(proof)
    for decision in in_force(decisions):
        if decision.verb == "person.merge":
            state.merge(decision.subject, str(decision.detail["other"]), decision.position)
        elif decision.verb == "person.split":
            state.split(decision.subject, decision.position)
    known = accounts if isinstance(accounts, (set, frozenset, dict)) else frozenset(accounts)
    return state.grouping(known)


def earliest(accounts: Iterable[Address], first_at: Mapping[Address, Micros]) -> Address:
    """The account that gives a person their id: least time of a first activity, then least address."""
    return min(accounts, key=lambda account: (first_at[account], account))


def set_aside(decisions: Iterable[Decision], grouping: Grouping) -> dict[Address, str]:
    """Group key -> ``team``, ``bot`` or ``other`` for everyone out of the counts.

    Of several decisions about one person's accounts the last counts.
    """
    aside: dict[Address, str] = {}
    for decision in in_force(decisions):
        if decision.verb == "person.set_aside":
            aside[grouping[decision.subject]] = str(decision.detail["as"])
        elif decision.verb == "person.restore":
            aside.pop(grouping[decision.subject], None)
    return aside


class _Merge(NamedTuple):
    """What a merge declared: the two persons as they were; a side that is emptied makes it void."""

    a: Address
    b: Address
    position: int
    sides: tuple[set[Address], set[Address]]


class _State:
    """The graph while decisions are read: proofs as edges, merges as declared pairs of persons."""

    def __init__(self) -> None:
        self.proofs: dict[Address, dict[Address, list[Proof]]] = {}
        self.merges: dict[Address, dict[int, _Merge]] = {}
        self.split_at: dict[Address, int] = {}

    def prove(self, proof: Proof) -> None:
        for one, other in ((proof.a, proof.b), (proof.b, proof.a)):
            self.proofs.setdefault(one, {}).setdefault(other, []).append(proof)

    def person(self, account: Address) -> set[Address]:
        """Everyone reachable from ``account``."""
        reached, edge = {account}, [account]
        while edge:
            here = edge.pop()
            near: set[Address] = set(self.proofs.get(here, ()))
            for merge in self.merges.get(here, {}).values():
                near |= merge.sides[0] | merge.sides[1]
            edge.extend(near - reached)
            reached |= near
        return reached

    def merge(self, a: Address, b: Address, position: int) -> None:
        merge = _Merge(a, b, position, (self.person(a), self.person(b)))
        for account in merge.sides[0] | merge.sides[1]:
            self.merges.setdefault(account, {})[position] = merge

    def split(self, account: Address, position: int) -> None:
        for other in self.proofs.pop(account, {}):
            del self.proofs[other][account]
        for merge in self.merges.pop(account, {}).values():
            for side in merge.sides:
                side.discard(account)
            if not all(merge.sides):
                for other in merge.sides[0] | merge.sides[1]:
                    del self.merges[other][merge.position]
        self.split_at[account] = position

    def grouping(self, known: Collection[Address]) -> Grouping:
        key_of: dict[Address, Address] = {}
        members: dict[Address, tuple[Address, ...]] = {}
        links: dict[Address, tuple[Link, ...]] = {}
        seen: set[Address] = set()
        for account in sorted({*self.proofs, *self.merges}):
            if account in seen:
                continue
            reached = self.person(account)
            seen |= reached
            inside = tuple(sorted(one for one in reached if one in known))
            if len(inside) < 2:
                continue
            members[inside[0]] = inside
            links[inside[0]] = self._links(reached)
            key_of.update(dict.fromkeys(inside, inside[0]))
        alone = {
            account: position
            for account, position in self.split_at.items()
            if account in known and account not in key_of
        }
        return Grouping(key_of, members, links, alone)

    def _links(self, reached: Collection[Address]) -> tuple[Link, ...]:
        proofs = {proof for one in reached for some in self.proofs.get(one, {}).values() for proof in some}
        merges = {merge.position: merge for one in reached for merge in self.merges.get(one, {}).values()}
        return (
            *(Link(proof.a, proof.b, proof.rule, None, proof.records) for proof in sorted(proofs)),
            *(Link(merges[at].a, merges[at].b, "merged", at, ()) for at in sorted(merges)),
        )
