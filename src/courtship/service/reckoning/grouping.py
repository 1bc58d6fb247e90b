"""Who is whom, kept in this process's memory and brought up by what came since.

Proofs are found anew only where a profile, or an account that is named for the first time, may make or break
one: where it shares an address, a page or a handle with another. A decision changes no proof. What is known
of proofs is kept in the database too, so that a new process need not read all profiles: with the facts and
accounts that it has seen, and brought up in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

import orjson

from courtship.model import Address, Decision
from courtship.people.identity import Grouping, group
from courtship.people.proofs import Proof, Shown, prove_shown, shown
from courtship.service.reckoning.shown_words import ShownWords
from courtship.store.derived import cues, tables

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


@dataclass(slots=True)
class _Held:
    """``facts`` and ``account`` are what was seen; ``named`` every account that a proof names or might with
    an account that is not there yet; ``words`` what profiles show (pages, addresses, handles), accounts that
    would be theirs by name among them. ``told`` is the digest of proofs and words as they are kept, ``""``
    where they are not."""

    facts: int
    account: int
    tombstones: int
    proofs: tuple[Proof, ...]
    words: ShownWords
    told: str = ""
    proved: frozenset[Address] = frozenset()
    near: dict[Address, list[Proof]] = field(default_factory=dict)
    decided: int = -1
    decisions: tuple[Decision, ...] = ()
    ties: dict[Address, set[Address]] = field(default_factory=dict)
    found: Grouping | None = None
    named: frozenset[Address] = frozenset()

    def __post_init__(self) -> None:
        self.proved = frozenset(one for proof in self.proofs for one in (proof.a, proof.b))
        for proof in self.proofs:
            self.near.setdefault(proof.a, []).append(proof)
            self.near.setdefault(proof.b, []).append(proof)


_kept: dict[str, _Held] = {}


def grouping_of(workspace: Workspace) -> Grouping:
    """Which accounts are one person, by what profiles prove and what was decided."""
    found = _grouped(workspace).found
    assert found is not None
    return found


def _grouped(workspace: Workspace) -> _Held:
    held = _proved(workspace)
    decided = tables.last_decided(workspace)
    if held.found is None or held.decided != decided:
        decisions = tuple(workspace.decisions("person.merge", "person.split"))
        if held.found is None:
            held.named, held.ties = held.proved | _named(decisions), {}
            # only accounts that a proof or a decision names can be in a group
            held.found = group(tables.known_accounts(workspace, held.named), held.proofs, decisions)
        elif decisions != held.decisions:
            held.found = _regrouped(workspace, held, decisions)
        held.decided, held.decisions = decided, decisions
    return held


def forget_grouping(workspace: Workspace) -> None:
    """Forgets what this process has found."""
    _kept.pop(workspace.alias, None)


def _named(decisions: Iterable[Decision]) -> set[Address]:
    return {account for one in decisions for account in _pair(one)}


def _pair(decision: Decision) -> tuple[Address, ...]:
    other = decision.detail.get("other")
    return (decision.subject,) if other is None else (decision.subject, str(other))


def _regrouped(workspace: Workspace, held: _Held, decisions: tuple[Decision, ...]) -> Grouping:
    """With other decisions: those alone are grouped anew who hang together, by any proof or decision, with
    whom the difference names; nothing that it says can reach the others."""
    assert held.found is not None
    before = held.found
    old, new = ({one.position: one for one in some} for some in (held.decisions, decisions))
    unlike = [one for some, other in ((old, new), (new, old)) for at, one in some.items() if at not in other]
    near = _tied(held, unlike)  # also of those undone: whoever is looked at in vain is grouped as before
    held.named |= _named(unlike)
    edge = [account for one in unlike for account in _pair(one)]
    reached: set[Address] = set()
    while edge:
        account = edge.pop()
        if account not in reached:
            reached.add(account)
            edge += near.get(account, ())
            edge += [end for proof in held.near.get(account, ()) for end in (proof.a, proof.b)]
    proofs = {proof for account in reached for proof in held.near.get(account, ())}
    some = group(
        tables.known_accounts(workspace, reached),
        proofs,
        [one for one in decisions if one.subject in reached],
    )
    return Grouping(
        {**{one: key for one, key in before.key_of.items() if one not in reached}, **some.key_of},
        {**{key: one for key, one in before.members.items() if key not in reached}, **some.members},
        {**{key: one for key, one in before.links.items() if key not in reached}, **some.links},
        {**{one: at for one, at in before.alone.items() if one not in reached}, **some.alone},
    )


def ready_grouping(workspace: Workspace) -> None:
    """Reads what the next question and the next decision need."""
    _tied(_grouped(workspace), ())


def _tied(held: _Held, more: Iterable[Decision]) -> dict[Address, set[Address]]:
    """Whom decisions name with whom, ``more`` of them too."""
    near = held.ties
    for one in more if near else (*held.decisions, *more):
        for account in _pair(one):
            near.setdefault(account, set()).update(_pair(one))
    return near


def is_named(workspace: Workspace, account: Address) -> bool:
    """Whether a proof or a decision names this account, so that it may be somebody who is known already."""
    held = _grouped(workspace)
    return account in held.named or account in held.words


def _proved(workspace: Workspace) -> _Held:
    facts, tombstones = tables.facts_seen(workspace)
    account = int(workspace.accounts_stamp())
    held = _kept.get(workspace.alias)
    if held is None:
        held = _as_kept(workspace)
    if held is None or held.tombstones != tombstones or held.facts > facts or held.account > account:
        return _anew(workspace, facts, tombstones, account)
    if held.facts < facts:
        asked: set[Address] = set()
        for profile in tables.profiles_between(workspace, held.facts, facts):
            one = shown(profile)
            if one is None:
                continue
            if not _is_alone(held, one):
                return _anew(workspace, facts, tombstones, account)
            asked.update(account for account in one.wanted() if account not in held.words)
            held.words.add(one.account, _words(one))
            held.told = ""
        if asked and tables.known_accounts(workspace, asked):
            return _anew(workspace, facts, tombstones, account)
        held.facts = facts
    if held.account < account:
        fresh = tables.accounts_after(workspace, held.account)
        if any(one in held.words for one in fresh):
            return _anew(workspace, facts, tombstones, account)
        if not held.named.isdisjoint(fresh):
            held.found = None
        held.account = account
    _kept[workspace.alias] = held
    return held


def _anew(workspace: Workspace, facts: int, tombstones: int, account: int) -> _Held:
    _kept.pop(workspace.alias, None)  # it may be brought up by half
    profiles = [one for profile in tables.profiles(workspace) if (one := shown(profile))]
    proofs = tuple(prove_shown(profiles, frozenset(workspace.accounts())))
    words = ShownWords.of((one.account, _words(one)) for one in profiles)
    held = _Held(facts, account, tombstones, proofs, words)
    _kept[workspace.alias] = held
    return held


def _is_alone(held: _Held, one: Shown) -> bool:
    """Whether nothing that a profile shows has to do with any other account, so that it proves nothing."""
    if one.account in held.proved or one.account in held.words:
        return False
    asked = [*one.wanted(), *(f"page {page}" for page in (*one.links, *one.verified))]
    if one.page:
        asked += [f"page {one.page}", f"link {one.page}"]
    return not held.words.any_of_others(one.account, asked)


def _words(one: Shown) -> list[str]:
    """What may tie a profile to another's: its own page, the pages that it links to, and what else only one
    person has."""
    words = one.wanted()
    if one.page:
        words.append(f"page {one.page}")
    if one.links or one.verified:
        words += [f"link {page}" for page in one.links | one.verified]
    return words


# ---------------------------------------------------------------- between processes

SEEN = "who is whom"
"""Under this name it is kept what was seen, and by a digest what came of it."""
TOLD = "who is whom, told"
"""Under this name that, which is long and mostly stays."""
SCHEME = "1"
"""Of the rules in this module and ``people/proofs.py``; what was kept by others is found anew."""


def keep_grouping(workspace: Workspace) -> None:
    """Keeps what this process knows of proofs for others. Within a transaction, in which nobody can be
    forgotten: what is kept names accounts."""
    held = _kept.get(workspace.alias)
    if held is None or held.tombstones != tables.facts_seen(workspace)[1]:
        return
    if not held.told or cues.kept_stamp(workspace, TOLD) != held.told:
        said = {"proofs": held.proofs, "words": held.words.to_text()}
        body = orjson.dumps(said, default=tuple)
        held.told = blake2b(body, digest_size=8).hexdigest()
        cues.keep(workspace, TOLD, held.told, body.decode())
    stamp = f"{SCHEME} {held.facts} {held.account} {held.tombstones}"
    if cues.kept(workspace, SEEN) != (stamp, held.told):
        cues.keep(workspace, SEEN, stamp, held.told)


def drop_grouping(workspace: Workspace) -> None:
    """Forgets what this process and others have found."""
    forget_grouping(workspace)
    cues.keep(workspace, SEEN, "")


def _as_kept(workspace: Workspace) -> _Held | None:
    seen = cues.kept(workspace, SEEN)
    if seen is None or not seen[0].startswith(f"{SCHEME} "):
        return None
    told = cues.kept(workspace, TOLD)
    if told is None or told[0] != seen[1]:  # others keep something else just now
        return None
    facts, account, tombstones = map(int, seen[0].split(" ")[1:])
    said = orjson.loads(told[1])
    proofs = tuple(Proof(a, b, rule, tuple(records)) for a, b, rule, records in said["proofs"])
    return _Held(facts, account, tombstones, proofs, ShownWords.from_text(said["words"]), told[0])
