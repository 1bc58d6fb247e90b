"""Which accounts are the brand's own, which an export offers as such, and what the brand is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.addresses import is_address
from courtship.errors import InvalidRecord
from courtship.model import Address, Decision, Micros
from courtship.service.reckoning.refresh import refresh

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Held:
    """An account that is the brand's (``own``) or that an export says is (offered, never assumed)."""

    account: Address
    name: str
    own: bool


def checked(account: str) -> Address:
    """``account`` itself where it is one; raises `InvalidRecord` otherwise."""
    if not is_address(account):
        raise InvalidRecord(
            f"{account!r:.80} is no account; write platform:id, as in mastodon:ann@example.social"
        )
    return account


def add(workspace: Workspace, accounts: Iterable[str], *, now: Micros) -> list[Address]:
    """Makes accounts the brand's; answers those that were not yet. Everybody is reckoned anew."""
    held = workspace.brand()
    fresh = [account for account in dict.fromkeys(checked(one) for one in accounts) if account not in held]
    _decide(workspace, "brand.add", fresh, now)
    return fresh


def remove(workspace: Workspace, accounts: Iterable[str], *, now: Micros) -> list[Address]:
    """Takes accounts back from the brand; raises `InvalidRecord` for one that is not the brand's."""
    held, gone = workspace.brand(), list(dict.fromkeys(accounts))
    for account in gone:
        if account not in held:
            raise InvalidRecord(f"{account} is not the brand's; courtship brand list shows which are")
    _decide(workspace, "brand.remove", gone, now)
    return gone


def decline(workspace: Workspace, account: str, *, now: Micros) -> None:
    """An offered account is not the brand's; it is not offered again."""
    workspace.decide(Decision("brand.decline", checked(account), at=now))


def call(workspace: Workspace, name: str, *, now: Micros) -> None:
    """Gives the brand its name."""
    workspace.decide(Decision("brand.name", name.strip(), at=now))


def called(workspace: Workspace) -> str:
    """What the brand is called; ``""`` where nobody has said."""
    named = workspace.decisions("brand.name")
    return named[-1].subject if named else ""


def offers(workspace: Workspace) -> list[Held]:
    """Accounts that an export says are its maker's, and that the owner neither took nor declined."""
    settled = workspace.brand() | {
        one.subject for one in workspace.decisions("brand.decline", "brand.remove")
    }
    names: dict[Address, str] = {}
    for profile in workspace.own_profiles():
        if profile.account not in settled:
            names[profile.account] = profile.name or profile.handle or names.get(profile.account, "")
    return [Held(account, names[account], own=False) for account in sorted(names)]


def listed(workspace: Workspace) -> list[Held]:
    """The brand's accounts, then what is offered."""
    brand = workspace.brand()
    names = {one.account: one.name or one.handle for one in workspace.profiles(brand)} if brand else {}
    own = [Held(account, names.get(account, ""), own=True) for account in sorted(brand)]
    return own + offers(workspace)


def _decide(workspace: Workspace, verb: str, accounts: list[Address], now: Micros) -> None:
    if accounts:
        workspace.decide(*(Decision(verb, account, at=now) for account in accounts))
        refresh(workspace, now=now)
