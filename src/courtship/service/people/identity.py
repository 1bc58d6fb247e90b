"""Who is one person, decided by the owner: merge, split, undo, set aside, restore, forget.

Each function writes a decision and brings the derived tables of those it touches up to date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.errors import NotAllowed, UnknownPerson
from courtship.model import Address, Decision, Micros
from courtship.people.identity import person_id
from courtship.service.reckoning.refresh import mend, refresh, taken_back
from courtship.store.derived import persons

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

UNDOABLE = ("person.merge", "person.split", "person.set_aside", "person.restore")
"""What `undo` without a number takes back the last of."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person by id, with all accounts, and the decision that this came of (0: none)."""

    person: str
    accounts: tuple[Address, ...]
    position: int = 0


def resolve(workspace: Workspace, ref: str) -> Someone:
    """The person whom ``ref`` means: a person's id, an older id of theirs, or any of their accounts.

    Raises `UnknownPerson`.
    """
    account = ref if ":" in ref else persons.account_with_id(workspace, ref, person_id)
    person = persons.person_of(workspace, account) if account else None
    if person is None:
        raise UnknownPerson(_nobody(workspace, ref))
    return Someone(person, tuple(persons.accounts_of(workspace, person)))


def merge(workspace: Workspace, a: str, b: str, *, now: Micros) -> Someone:
    """The persons whom ``a`` and ``b`` mean are one. Raises `NotAllowed` where they are already."""
    one, other = resolve(workspace, a), resolve(workspace, b)
    if one.person == other.person:
        raise NotAllowed(f"{a} and {b} are one person already: {one.person}")
    first, second = _account(one, a), _account(other, b)
    return _decided(workspace, Decision("person.merge", first, {"other": second}, at=now))


def split(workspace: Workspace, a: str, *, now: Micros) -> Someone:
    """The account ``a`` stands alone. Raises `NotAllowed` where it does already."""
    someone = resolve(workspace, a)
    if len(someone.accounts) == 1:
        raise NotAllowed(f"{a} stands alone already")
    return _decided(workspace, Decision("person.split", _account(someone, a), at=now))


def set_aside(workspace: Workspace, ref: str, what: str, *, now: Micros) -> Someone:
    """Puts a person out of every count, as ``team``, ``bot`` or ``other``."""
    someone = resolve(workspace, ref)
    decision = Decision("person.set_aside", _account(someone, ref), {"as": what}, at=now)
    return _decided(workspace, decision)


def restore(workspace: Workspace, ref: str, *, now: Micros) -> Someone:
    """Brings a person that was set aside back into the counts."""
    someone = resolve(workspace, ref)
    return _decided(workspace, Decision("person.restore", _account(someone, ref), at=now))


def undo(workspace: Workspace, position: int | None = None, *, now: Micros) -> Decision:
    """Takes back the decision at ``position``, or the last about a person; answers it.

    Raises `NotAllowed` where there is none, where it was undone already, or where it cannot be.
    """
    standing = {one.position: one for one in workspace.decisions()}
    if position is None:
        position = max((at for at, one in standing.items() if one.verb in UNDOABLE), default=0)
        if not position:
            raise NotAllowed("there is no merge, split, set-aside or restore to take back")
    decision = standing.get(position)
    if decision is None or decision.verb == "undo":
        raise NotAllowed(f"there is no decision {position} to take back; it may be undone already")
    if decision.verb == "person.forget":
        raise NotAllowed("forgetting cannot be undone: nothing is left to bring back")
    workspace.decide(Decision("undo", decision.subject, {"position": position}, at=now))
    refresh(workspace, now=now)
    return decision


def forget(workspace: Workspace, ref: str, *, now: Micros) -> tuple[Address, ...]:
    """Removes a person for good; answers the accounts that were theirs."""
    someone = resolve(workspace, ref)
    ids = [person_id(account) for account in someone.accounts]
    workspace.forget(someone.accounts, now=now, also=ids)
    refresh(workspace, now=now)
    return someone.accounts


def _account(someone: Someone, ref: str) -> Address:
    """The account that a decision is about: the one named, or the one that an id stands for."""
    if ref in someone.accounts:
        return ref
    return next(one for one in someone.accounts if person_id(one) == ref)


def _decided(workspace: Workspace, decision: Decision) -> Someone:
    # one transaction: what was decided is on the disk together with what came of it
    with taken_back(workspace), workspace.transaction():
        [placed] = workspace.decide(decision)
        mended = mend(workspace, now=decision.at)
    if mended is None:
        refresh(workspace, now=decision.at)
    someone = resolve(workspace, decision.subject)
    return Someone(someone.person, someone.accounts, placed.position)


def _nobody(workspace: Workspace, ref: str) -> str:
    if ref in workspace.brand():
        return f"{ref} is the brand's own account, not a person"
    known = (
        "an account of theirs as platform:id"
        if ":" not in ref
        else "the account as courtship stages shows it"
    )
    return f"nobody here is {ref}; give {known}"
