"""What no platform shows, told by the owner: a share in a private group, a meeting, a call."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from courtship.addresses import platform_of
from courtship.errors import InvalidRecord, NotAllowed, UnknownPerson
from courtship.model import Activity, Address, Micros, Origin
from courtship.people.identity import person_id
from courtship.service.live.hearing import hear
from courtship.service.people.brand import checked
from courtship.service.people.identity import resolve
from courtship.service.people.person import story

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace
from courtship.vocabulary import KIND_CODE

SOURCE = "hand"


@dataclass(frozen=True, slots=True)
class Logged:
    """The activity's id, whom it is of, and the stage that they stand at with it."""

    id: str
    person: str
    stage: str


def _of_person(workspace: Workspace, ref: str) -> Address:
    """The account that a person's id stands for; what is no id stays as it is."""
    if ":" in ref:
        return ref
    try:
        accounts = resolve(workspace, ref).accounts
    except UnknownPerson:
        return ref
    return next((account for account in accounts if person_id(account) == ref), accounts[0])


def log(
    workspace: Workspace,
    account: str,
    kind: str,
    *,
    now: Micros,
    at: Micros | None = None,
    outbound: bool = False,
    note: str = "",
    precise: bool = True,
) -> Logged:
    """Adds one activity between ``account`` and the brand's account on the same platform, or its first.

    ``account`` may also be a person's id: then it is their earliest account. ``at`` is ``now`` where it is
    left out. Raises `InvalidRecord` for an account, kind or time that is none
    and `NotAllowed` where the brand has no account yet or ``account`` is the brand's own.
    """
    account = _of_person(workspace, account)
    checked(account)
    if kind not in KIND_CODE:
        raise InvalidRecord(f"{kind!r} is no kind of activity; use one of: {', '.join(KIND_CODE)}")
    brand = workspace.brand()
    if not brand:
        raise NotAllowed("whose side is the other? first say so: courtship brand add ACCOUNT")
    if account in brand:
        raise NotAllowed(f"{account} is the brand's own; name the person's account")
    when = now if at is None else at
    if when > now:
        raise InvalidRecord("that has not happened yet; give a time in the past")
    ours = min(brand, key=lambda one: (platform_of(one) != platform_of(account), one))
    activity = Activity(
        id=_id(account, kind, when, now, note),
        kind=kind,
        actor=ours if outbound else account,
        target=account if outbound else ours,
        at=when,
        precise=precise,
        text=note or None,
    )
    hear(workspace, [activity], Origin("logged by hand", SOURCE, SOURCE, now), now=now)
    person = resolve(workspace, account).person
    return Logged(activity.id, person, story(workspace, account, at=None, policy=None, now=now).report.stage)


def _id(account: Address, kind: str, at: Micros, now: Micros, note: str) -> str:
    """An id of its own for each entry: the moment of writing is part of it."""
    told = "\0".join((account, kind, str(at), str(now), note))
    return "hand-" + blake2b(told.encode(), digest_size=8).hexdigest()
