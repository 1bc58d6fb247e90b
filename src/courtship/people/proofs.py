"""Exact proofs that two accounts are one person's, from what their profiles say.

Four rules, each a proof and not a likelihood:

- ``rel-me``: each of the two profiles links to the other (https://microformats.org/wiki/rel-me).
- ``verified``: the platform of one has checked that the page it names, the other's profile, links back.
- ``handle``: one is known by its handle alone (``x:@ann``), and exactly one account of that platform
  (``x:123``) ever bore that handle.
- ``email``: both give the same e-mail address, and nothing says that it is more than one person's.

A proof that could be a household's, a team's or a company's is none: it is better to leave one person
in two places than to make one of two people. Nothing here reads a clock, a file or a network.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from courtship.model import Address, Profile

Rule = Literal["rel-me", "verified", "handle", "email"]


# most addresses by far: nothing to cut off but www. and the last slashes
_PLAIN = re.compile(r"https?://(?!www\.(?:/|$))([a-z0-9][a-z0-9.-]*(?:/[^\s?#]*)?)")
_HOST = re.compile(r"[^\s/\\\[\]]+|\[[0-9a-f:.]+\]")


class Proof(NamedTuple):
    """``a`` and ``b`` (``a < b``) are one person's; ``records`` says what each of the two profiles shows."""

    a: Address
    b: Address
    rule: Rule
    records: tuple[str, str]


# The mailbox names of RFC 2142 and those that businesses put on their doors.
_ROLES: Final = """
    abuse accounts admin administrator all billing bookings careers contact customerservice editor
    enquiries enquiry events everyone family feedback ftp hello help hi hostmaster hr info inquiries it
    jobs kontakt legal mail mailer-daemon marketing me media news newsletter no-reply noc noreply office
    orders postmaster press privacy reception root sales security service shop social staff store studio
    support team usenet web webmaster welcome www
"""
ROLES: Final[frozenset[str]] = frozenset(_ROLES.split())
"""Local parts of addresses that belong to a post in a business and not to a person."""


class Shown(NamedTuple):
    """What a profile shows that may tie it to another's, in comparable form. ``page`` is its own; ``email``
    ``None`` where it is none or a role's; ``handle`` without case and ``@``."""

    account: Address
    name: str
    page: str | None
    links: frozenset[str]
    verified: frozenset[str]
    email: str | None
    handle: str

    def wanted(self) -> list[Address]:
        """Accounts that would be this profile's by name, were they there."""
        found = [f"email:{self.email}"] if self.email else []
        if self.handle:
            platform = self.account.partition(":")[0]
            written = (f"{platform}:@{self.handle}", f"{platform}:{self.handle}")
            found += [one for one in written if one != self.account]
        return found


_NONE: Final[frozenset[str]] = frozenset()


def shown(profile: Profile) -> Shown | None:
    """What ``profile`` shows; ``None`` where that is nothing."""
    account, _, name, handle, url, _, _, email, links, verified, _ = profile
    if not (handle or url or links or verified or email):
        return None
    return Shown(
        account,
        " ".join(name.casefold().split()) if name else "",
        page_of(url) if url else None,
        frozenset(page for link in links if (page := page_of(link))) if links else _NONE,
        frozenset(page for link in verified if (page := page_of(link))) if verified else _NONE,
        email_of_one(email) if email else None,
        handle.casefold().lstrip("@") if handle else "",
    )


def prove(profiles: Iterable[Profile], accounts: Collection[Address] = ()) -> list[Proof]:
    """All proofs between the accounts of ``profiles``, in the order (``a``, ``b``, ``rule``).

    Several profiles of one account count together; the result does not depend on their order.
    ``accounts`` are those known to exist without a profile: ``email:ann@example.org`` among them is
    itself the proof of its address.
    """
    return prove_shown((one for profile in profiles if (one := shown(profile))), accounts)


def prove_shown(profiles: Iterable[Shown], accounts: Collection[Address] = ()) -> list[Proof]:
    """The same of what profiles show."""
    told = _by_account(profiles)
    proofs = {*_by_links(told), *_by_handle(told, accounts), *_by_email(told, accounts)}
    return sorted(proofs)


def email_of_one(address: str) -> str | None:
    """``address`` in its comparable form, or ``None`` where it is none or a role's.

    The local part is compared without case: the standard (RFC 5321) allows two people to differ by it,
    and no mail provider does.
    """
    folded = address.strip().casefold().removeprefix("mailto:")
    local, _, domain = folded.partition("@")
    if not local or "." not in domain or "@" in domain or " " in folded:
        return None
    return None if local.split("+")[0] in ROLES else folded


def page_of(url: str) -> str | None:
    """A web address as host and path, without scheme, ``www.``, query and last slash; ``None`` if none."""
    if (plain := _PLAIN.fullmatch(url)) is not None:
        return url[plain.start(1) :].removeprefix("www.").rstrip("/")
    scheme, _, rest = url.strip().partition("://")
    if scheme.lower() not in ("http", "https"):
        return None
    host, _, path = rest.partition("#")[0].partition("?")[0].partition("/")
    host = host.rpartition("@")[2].lower().removesuffix(":443").removesuffix(":80").removeprefix("www.")
    if not host or not _HOST.fullmatch(host):
        return None
    return f"{host}/{path}".rstrip("/")


class _Told(NamedTuple):
    """What all profiles of one account say, each set in order."""

    names: frozenset[str]
    pages: tuple[str, ...]
    links: frozenset[str]
    verified: frozenset[str]
    emails: frozenset[str]
    handles: frozenset[str]


def _by_account(profiles: Iterable[Shown]) -> dict[Address, _Told]:
    told: dict[Address, _Told] = {}
    for account, name, page, links, verified, email, handle in profiles:
        one = _Told(
            frozenset((name,)) if name else _NONE,
            (page,) if page else (),
            links,
            verified,
            frozenset((email,)) if email else _NONE,
            frozenset((handle,)) if handle else _NONE,
        )
        before = told.get(account)
        if before is not None:
            one = _Told(
                before.names | one.names,
                tuple(sorted({*before.pages, *one.pages})),
                before.links | links,
                before.verified | verified,
                before.emails | one.emails,
                before.handles | one.handles,
            )
        told[account] = one
    return told


def _by_links(told: Mapping[Address, _Told]) -> list[Proof]:
    holders: dict[str, list[Address]] = {}
    for account, one in told.items():
        for page in one.pages:
            holders.setdefault(page, []).append(account)
    # A page that is the profile of several accounts (a shared website) proves nothing about any of them.
    owner = {page: accounts[0] for page, accounts in holders.items() if len(accounts) == 1}

    found: set[Proof] = set()
    for account, one in told.items():
        if not (one.links or one.verified):
            continue
        for page in one.links | one.verified:
            other = owner.get(page, account)
            if other == account:
                continue
            if page in one.verified:
                shows = f"{account} shows {page} as checked by its platform"
                found.add(_proof(account, other, "verified", shows, f"{page} is {other}"))
            back = told[other].links | told[other].verified
            answer = next((mine for mine in one.pages if mine in back and owner.get(mine) == account), None)
            if answer and account < other:
                shows = f"{account} links to {page}"
                found.add(_proof(account, other, "rel-me", shows, f"{other} links to {answer}"))
    near: dict[Address, set[Address]] = {}
    for proof in found:
        near.setdefault(proof.a, set()).add(proof.b)
        near.setdefault(proof.b, set()).add(proof.a)
    # A company's page links to its people and they to it: they are not one person.
    shared = {hub for hub, around in near.items() if not _is_one_person(around, told)}
    return [proof for proof in found if proof.a not in shared and proof.b not in shared]


def _by_handle(told: Mapping[Address, _Told], accounts: Collection[Address]) -> Iterable[Proof]:
    bearers: dict[Address, set[Address]] = {}
    for account, one in told.items():
        if not one.handles:
            continue
        platform = account.partition(":")[0]
        for handle in one.handles:
            for written in (f"{platform}:@{handle}", f"{platform}:{handle}"):
                if written != account and (written in accounts or written in told):
                    bearers.setdefault(written, set()).add(account)
    for written, bore in bearers.items():
        if len(bore) == 1:
            (account,) = bore
            yield _proof(written, account, "handle", f"{written} is a handle", f"{account} bore it")


def _by_email(told: Mapping[Address, _Told], accounts: Collection[Address]) -> Iterable[Proof]:
    holders: dict[str, set[Address]] = {}
    for account, one in told.items():
        for email in one.emails:
            holders.setdefault(email, set()).add(account)
    for email, sharing in holders.items():
        itself = f"email:{email}"
        if itself in told or itself in accounts:
            sharing.add(itself)
        if not _is_one_person(sharing, told):
            continue
        # A chain is enough to join them, and stays readable where somebody has many accounts.
        chain = sorted(sharing)
        for a, b in pairwise(chain):
            yield _proof(a, b, "email", f"{a} gives {email}", f"{b} gives {email}")


def _is_one_person(accounts: Iterable[Address], told: Mapping[Address, _Told]) -> bool:
    """Whether accounts that share one key can be one person's: on no platform do their names differ."""
    platforms: dict[str, list[frozenset[str]]] = {}
    for account in accounts:
        if account in told and told[account].names:
            platforms.setdefault(account.partition(":")[0], []).append(told[account].names)
    return all(frozenset.intersection(*names) for names in platforms.values())


def _proof(one: Address, other: Address, rule: Rule, of_one: str, of_other: str) -> Proof:
    if one < other:
        return Proof(one, other, rule, (of_one, of_other))
    return Proof(other, one, rule, (of_other, of_one))
