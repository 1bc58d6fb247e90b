"""What the owner, and a member by their link, decide about the tribe. Each function only writes decisions.

Whoever a reference means is noted by one of their accounts, so that merges and splits are followed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b, sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from courtship.errors import NotAllowed
from courtship.model import DAY, Address, Decision, Micros
from courtship.service.people import deciding
from courtship.service.people.identity import Someone, resolve
from courtship.service.tribe import decided as tribe
from courtship.tribe.asking import WEEK, Asked
from courtship.tribe.commitment import STEPS, Commitment, Giver, Terms, next_steps, step

if TYPE_CHECKING:
    from courtship.service.tribe.decided import Link, Said
    from courtship.store.workspace import Workspace

SECRET_BYTES = 24
"""Of a private link: 192 bits."""

OPENED_AT_MOST: Micros = DAY // 2
"""That a link was used is noted at most so often."""

TOGETHER = ("commitment.offer", "commitment.accept", "commitment.decline")
"""Steps that both sides of one promise take at once; each may later pause or end its own."""


def call(workspace: Workspace, name: str, *, now: Micros) -> list[Decision]:
    """What the tribe is called. Raises NotAllowed for no name."""
    name = " ".join(name.split())[:60]
    if not name:
        raise NotAllowed("A tribe's name needs a word; write one and press Keep.")
    return workspace.decide(Decision("tribe.name", "", {"name": name}, now))


def set_rules(workspace: Workspace, values: Mapping[str, int], *, now: Micros) -> list[Decision]:
    """Sets rules of ``tribe.Rules`` by name. Raises NotAllowed for what is none or out of range."""
    for name, value in values.items():
        least = 0 if name == "asks_a_week" else 1
        if name not in tribe.Rules.__dataclass_fields__ or not least <= value <= 365:
            raise NotAllowed(f"{name} is a whole number from {least} to 365.")
    return deciding.set_settings(
        workspace, {f"tribe.{name}": value for name, value in values.items()}, now=now
    )


def join(workspace: Workspace, ref: str, *, now: Micros) -> list[Decision]:
    """Takes a person into the tribe. Nothing is promised by that. Raises NotAllowed, UnknownPerson."""
    someone = resolve(workspace, ref)
    if someone.person in tribe.said(workspace).members:
        raise NotAllowed(f"{ref} is in the tribe already.")
    return workspace.decide(Decision("tribe.join", _account(someone, ref), {}, now))


def leave(workspace: Workspace, ref: str, *, now: Micros, by: Giver = "brand") -> list[Decision]:
    """Takes a person out: what was promised ends, both ways, and the link closes."""
    someone = member(workspace, ref)
    held = tribe.said(workspace).promised.get(someone.person, ())
    ends = [
        Decision("commitment.end", each.id, {"by": by}, now)
        for each in held
        if "commitment.end" in next_steps(each.state)
    ]
    gone = Decision("tribe.leave", _account(someone, ref), {"by": by}, now)
    return workspace.decide(*ends, gone)


def pass_over(workspace: Workspace, ref: str, *, now: Micros) -> list[Decision]:
    """This person is not to be suggested for the tribe any more."""
    return workspace.decide(Decision("tribe.pass", _account(resolve(workspace, ref), ref), {}, now))


def thank(workspace: Workspace, ref: str, *, now: Micros) -> list[Decision]:
    """The owner has thanked a member, by hand."""
    return workspace.decide(Decision("tribe.thank", _account(member(workspace, ref), ref), {}, now))


def member(workspace: Workspace, ref: str) -> Someone:
    """The member whom ``ref`` means. Raises NotAllowed where that is nobody in the tribe."""
    someone = resolve(workspace, ref)
    if someone.person not in tribe.said(workspace).members:
        raise NotAllowed(f"{ref} is not in the tribe; take them into it first.")
    return someone


# ---------------------------------------------------------------- commitments


def draft(
    workspace: Workspace,
    ref: str,
    sides: Sequence[Terms],
    *,
    now: Micros,
    offer: bool = False,
    by: Giver = "brand",
) -> list[Decision]:
    """Drafts what a member promises, what the brand does, or both, in return for each other; with ``offer``
    puts it to the member too. The ``member`` of the terms is replaced by an account of the person's.

    Raises NotAllowed for two of the same side, for nothing, and where ``ref`` is nobody in the tribe.
    """
    someone = member(workspace, ref)
    if not sides or len({side.giver for side in sides}) != len(sides):
        raise NotAllowed("A promise needs something from one side, or from each; tick what it is.")
    position = workspace.position()
    ids = [_id(position, now, side.giver) for side in sides]
    made = []
    for id, side, other in zip(ids, sides, reversed(ids), strict=True):
        terms = replace(
            side, member=_account(someone, ref), in_return=other if other != id else side.in_return
        )
        made.append(Decision("commitment.draft", id, terms.as_detail() | {"by": by}, now))
    if offer:
        made += [Decision("commitment.offer", id, {"by": by}, now) for id in ids]
    return workspace.decide(*made)


def take_step(
    workspace: Workspace, id: str, what: str, *, now: Micros, by: Giver = "brand", of: str = ""
) -> list[Decision]:
    """Takes a commitment one step on: ``what`` is ``offer``, ``accept``, ``decline``, ``pause``, ``resume``
    or ``end``. What is offered in return is offered, accepted and declined along with it.

    ``of`` restricts it to the commitments of that person (a member by their link), who pauses, resumes and
    ends only what they promised themselves. Raises NotAllowed.
    """
    said = tribe.said(workspace)
    commitment = said.commitments.get(id)
    if of and (
        commitment is None
        or said.person_of[id] != of
        or commitment.state == "drafted"
        or (f"commitment.{what}" not in TOGETHER and commitment.terms.giver != "member")
    ):
        raise NotAllowed("That is not yours to change; open your link again to see what is.")
    if commitment is not None and said.person_of[id] not in said.members:
        raise NotAllowed("They have left the tribe; take them into it again first.")
    made = _steps(said, id, f"commitment.{what}", now, by)
    return workspace.decide(*made)


def _steps(said: Said, id: str, verb: str, now: Micros, by: Giver) -> list[Decision]:
    made = [step(said.commitments, id, verb, at=now, by=by, same=_names(said, id))]
    other = said.commitments.get(said.commitments[id].terms.in_return)
    if (
        other is not None
        and verb in TOGETHER
        and other.state in STEPS[verb][0]
        and said.person_of[other.id] == said.person_of[id]
    ):
        made.append(step(said.commitments, other.id, verb, at=now, by=by, same=_names(said, other.id)))
    return made


def _names(said: Said, id: str) -> set[str]:
    """Every name under which the commitments of the same person were made."""
    return {each.terms.member for each in said.promised.get(said.person_of.get(id, ""), ())}


def sides_of(said: Said, id: str) -> list[Commitment]:
    """A commitment, and what is given in return for it."""
    held = said.commitments[id]
    other = said.commitments.get(held.terms.in_return)
    return [held] if other is None else [held, other]


def _id(position: int, now: Micros, giver: str) -> str:
    """Names a commitment: no other in this workspace has its position, and few elsewhere its moment."""
    return "c" + blake2b(f"{position}:{now}:{giver}".encode(), digest_size=6).hexdigest()


# ---------------------------------------------------------------- asks


def ask(
    workspace: Workspace, ref: str, object: str, *, now: Micros, gifts: Collection[str] = ()
) -> list[Decision]:
    """Notes that a member was asked, by hand, to look at a post. Raises NotAllowed where they were asked for
    it already, or as often in the last seven days as the rules allow."""
    someone = member(workspace, ref)
    object = object.strip()[:2000]
    if not object:
        raise NotAllowed("Say which post; paste its address.")
    limit = tribe.rules(workspace).asks_a_week
    mine = [one.asked for one in tribe.said(workspace).asks if one.asked.person == someone.person]
    if any(one.object == object for one in mine):
        raise NotAllowed("They were asked for this post already.")
    if len(lately := _lately(mine, now)) >= limit:
        when = f"; again from {_day(min(one.at for one in lately) + WEEK)} on" if limit and lately else ""
        raise NotAllowed(f"They were asked {len(lately)} of {limit} times in the last seven days{when}.")
    detail: dict[str, Any] = {"object": object, "gifts": sorted(gifts)}
    return workspace.decide(Decision("tribe.ask", _account(someone, ref), detail, now))


def _lately(asks: Sequence[Asked], now: Micros) -> list[Asked]:
    return [one for one in asks if now - WEEK < one.at <= now]


def _day(at: Micros) -> str:
    from courtship.times import to_iso

    return to_iso(at)[:10]


# ---------------------------------------------------------------- private links


def make_link(workspace: Workspace, ref: str, *, now: Micros) -> tuple[str, list[Decision]]:
    """A new secret for a member's private link, and the decision that keeps its hash. The one before it, if
    any, opens no more. The secret is not kept anywhere: it is shown once."""
    someone = member(workspace, ref)
    secret = token_urlsafe(SECRET_BYTES)
    detail = {"digest": digest_of(secret)}
    return secret, workspace.decide(Decision("tribe.link", _account(someone, ref), detail, now))


def close_link(workspace: Workspace, ref: str, *, now: Micros) -> list[Decision]:
    """Closes a member's private link. Raises NotAllowed where there is none."""
    someone = resolve(workspace, ref)
    if someone.person not in tribe.said(workspace).link_of:
        raise NotAllowed("There is no open link to close.")
    return workspace.decide(Decision("tribe.unlink", _account(someone, ref), {}, now))


def link_of(workspace: Workspace, secret: str) -> Link | None:
    """The link that a secret opens; ``None`` where it opens none (any more)."""
    link = tribe.said(workspace).links.get(digest_of(secret))
    return link if link is not None and link.closed is None else None


def note_opened(workspace: Workspace, link: Link, *, now: Micros) -> None:
    """Keeps that a link was used, unless that was noted a short while ago."""
    if link.opened is None or now - link.opened[1] >= OPENED_AT_MOST:
        someone = resolve(workspace, link.person)
        detail = {"digest": link.digest, "by": "member"}
        workspace.decide(Decision("tribe.opened", someone.accounts[0], detail, now))


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret in hexadecimal; the secret itself has 192 random bits, so no salt is needed."""
    return sha256(secret.encode()).hexdigest()


def _account(someone: Someone, ref: str) -> Address:
    """The account by which a person is noted: the one named, else their first."""
    return ref if ref in someone.accounts else someone.accounts[0]
