"""Who is whom, kept in this process's memory and brought up by what came since.

Proofs are found anew only where a profile, or an account that is named for the first time, may make or break
one: where it shares an address, a page or a handle with another. A decision changes no proof.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from courtship.model import Address, Decision, Profile
from courtship.people.identity import Grouping, group
from courtship.people.proofs import Proof, email_of_one, page_of, prove
from courtship.store.derived import tables

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class _Asked(Collection[Address]):
    """Accounts that remember which were asked for: proofs can only change with one of these."""

    def __init__(self, known: Collection[Address]) -> None:
        self.known = frozenset(known)
        self.asked: set[Address] = set()

    def __contains__(self, account: object) -> bool:
        if isinstance(account, str):
            self.asked.add(account)
        return account in self.known

    def __iter__(self) -> Iterator[Address]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


@dataclass(slots=True)
class _Held:
    """``facts`` and ``account`` are what was seen; ``named`` every account that a proof names or might with
    an account that is not there yet; ``words`` what profiles show (pages, addresses, handles)."""

    facts: int
    account: int
    tombstones: int
    proofs: tuple[Proof, ...]
    asked: frozenset[Address]
    proved: frozenset[Address]
    words: dict[str, Address]
    near: dict[Address, list[Proof]]
    decided: int = -1
    decisions: tuple[Decision, ...] = ()
    ties: dict[Address, set[Address]] = field(default_factory=dict)
    found: Grouping | None = None
    named: frozenset[Address] = frozenset()


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
    return account in held.named or account in held.asked


def _proved(workspace: Workspace) -> _Held:
    facts, tombstones = tables.facts_seen(workspace)
    account = int(workspace.accounts_stamp())
    held = _kept.get(workspace.alias)
    if held is None or held.tombstones != tombstones or held.facts > facts or held.account > account:
        return _anew(workspace, facts, tombstones, account)
    if held.facts < facts:
        told = tables.profiles_between(workspace, held.facts, facts)
        if not all(_is_alone(held, profile) for profile in told):
            return _anew(workspace, facts, tombstones, account)
        for profile in told:
            held.words.update(dict.fromkeys(_shown(profile), profile.account))
        asked = {one for profile in told for one in _wanted(profile)}
        if not asked <= held.asked:
            if tables.known_accounts(workspace, asked):
                return _anew(workspace, facts, tombstones, account)
            held.asked |= asked
        held.facts = facts
    if held.account < account:
        fresh = tables.accounts_after(workspace, held.account)
        if not held.asked.isdisjoint(fresh):
            return _anew(workspace, facts, tombstones, account)
        if not held.named.isdisjoint(fresh):
            held.found = None
        held.account = account
    return held


def _anew(workspace: Workspace, facts: int, tombstones: int, account: int) -> _Held:
    accounts = _Asked(workspace.accounts())
    profiles = workspace.profiles()
    proofs = tuple(prove(profiles, accounts))
    words: dict[str, Address] = {}
    for profile in profiles:
        for word in _shown(profile):
            # "" where several show it: a profile that does too is looked at with all others
            words[word] = profile.account if words.get(word, profile.account) == profile.account else ""
    proved = frozenset(one for proof in proofs for one in (proof.a, proof.b))
    asked = frozenset(accounts.asked | {one for profile in profiles for one in _wanted(profile)})
    near: dict[Address, list[Proof]] = {}
    for proof in proofs:
        near.setdefault(proof.a, []).append(proof)
        near.setdefault(proof.b, []).append(proof)
    held = _Held(facts, account, tombstones, proofs, asked, proved, words, near)
    _kept[workspace.alias] = held
    return held


def _is_alone(held: _Held, profile: Profile) -> bool:
    """Whether nothing that this profile shows has to do with any other account, so that it proves nothing."""
    if profile.account in held.proved or profile.account in held.asked:
        return False
    pages, links, names = _words(profile)
    asked = {*pages, *names, *(f"page {page}" for page in links)}
    asked |= {"link " + page.removeprefix("page ") for page in pages}
    return all(held.words.get(word, profile.account) == profile.account for word in asked)


def _words(profile: Profile) -> tuple[set[str], set[str], set[str]]:
    """What may tie a profile to another's, in comparable form: its own pages, the pages that it links to,
    and what else only one person has."""
    pages = {f"page {page}" for page in (page_of(profile.url),) if page}
    links = {page for one in (*profile.links, *profile.verified) if (page := page_of(one))}
    return pages, links, _wanted(profile)


def _shown(profile: Profile) -> set[str]:
    pages, links, names = _words(profile)
    return {*pages, *(f"link {page}" for page in links), *names}


def _wanted(profile: Profile) -> set[Address]:
    """Accounts that would be this profile's by name, were they there."""
    platform, found = profile.account.partition(":")[0], set()
    handle = profile.handle.casefold().lstrip("@")
    if handle:
        found = {f"{platform}:@{handle}", f"{platform}:{handle}"} - {profile.account}
    email = email_of_one(profile.email)
    return {*found, *([f"email:{email}"] if email else [])}
