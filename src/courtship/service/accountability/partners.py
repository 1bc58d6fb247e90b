"""Accountability partners: who they are, what they may see, what they say. They have no account: a private
link is their way in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from courtship.errors import NotAllowed
from courtship.model import Decision, Micros
from courtship.service.accountability.private_links import close_link, links, open_link

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

Sort = Literal["nudge", "comment", "acknowledge"]
SORTS: tuple[Sort, ...] = get_args(Sort)
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Partner:
    """``figures``: whether they see numbers, not only kept or missed; ``names``: whether they see people's
    names; ``referee``: whether goals by hand may be theirs to judge; ``open``: whether their link works."""

    id: str
    name: str
    figures: bool
    names: bool
    referee: bool
    mail: str
    since: Micros
    open: bool
    position: int

    @property
    def subject(self) -> str:
        """Of their link, and of whatever they decide."""
        return f"partner:{self.id}"


@dataclass(frozen=True, slots=True)
class Said:
    """A nudge, comment or acknowledgement; ``goal`` is ``""`` where it is about all."""

    partner: str
    name: str
    sort: Sort
    text: str
    goal: str
    at: Micros
    position: int


def partners(workspace: Workspace) -> list[Partner]:
    """Everybody who is a partner, in the order of their invitations."""
    told: dict[str, Decision] = {}
    for one in workspace.decisions("partner.invite", "partner.end"):
        if one.verb == "partner.invite":
            told[one.subject] = one
        else:
            told.pop(one.subject, None)
    opened = set(links(workspace).values()) if told else set()
    return [
        Partner(
            id,
            str(one.detail.get("name", "")),
            bool(one.detail.get("figures")),
            bool(one.detail.get("names")),
            bool(one.detail.get("referee")),
            str(one.detail.get("mail", "")),
            one.at,
            f"partner:{id}" in opened,
            one.position,
        )
        for id, one in told.items()
    ]


def partner(workspace: Workspace, ref: str) -> Partner:
    """The partner of an id or name. Raises NotAllowed where there is none, or two of the name."""
    named = [one for one in partners(workspace) if ref in (one.id, one.name)]
    if len(named) != 1:
        said = "no partner" if not named else "more than one partner"
        raise NotAllowed(f"There is {said} {ref[:60]!r}; courtship partner list shows them with their ids.")
    return named[0]


def invite(
    workspace: Workspace,
    name: str,
    *,
    figures: bool,
    names: bool,
    referee: bool,
    mail: str = "",
    now: Micros,
) -> tuple[Partner, str, list[Decision]]:
    """Makes a partner and their link; answers both and the decisions. The link's secret is told this once.
    Raises NotAllowed for a name that is none."""
    name = " ".join(name.split())[:60]
    mail = mail.strip()[:200]
    if not name:
        raise NotAllowed("A partner needs a name, as you call them.")
    if mail and ("@" not in mail or any(sign.isspace() for sign in mail)):
        raise NotAllowed(f"{mail!r} is no mail address; leave it empty to hand the link over yourself.")
    id = secrets.token_hex(4)
    detail = {"name": name, "figures": figures, "names": names, "referee": referee, "mail": mail}
    with workspace.transaction():
        decided = workspace.decide(Decision("partner.invite", id, detail, now))
        secret, opened = open_link(workspace, f"partner:{id}", now=now)
    return partner(workspace, id), secret, [*decided, *opened]


def allow(
    workspace: Workspace, id: str, *, figures: bool, names: bool, referee: bool, now: Micros
) -> list[Decision]:
    """Changes what a partner may see and do."""
    one = partner(workspace, id)
    detail = {"name": one.name, "figures": figures, "names": names, "referee": referee, "mail": one.mail}
    return workspace.decide(Decision("partner.invite", one.id, detail, now))


def new_link(workspace: Workspace, id: str, *, now: Micros) -> tuple[str, list[Decision]]:
    """A new link in place of the last one, which opens nothing from then on."""
    return open_link(workspace, partner(workspace, id).subject, now=now)


def end(workspace: Workspace, id: str, *, now: Micros) -> list[Decision]:
    """No longer a partner: the link is closed, what was said stays."""
    one = partner(workspace, id)
    with workspace.transaction():
        decided = close_link(workspace, one.subject, now=now)
        return [*workspace.decide(Decision("partner.end", one.id, {}, now)), *decided]


def say(
    workspace: Workspace, id: str, sort: str, text: str, *, goal: str = "", now: Micros
) -> list[Decision]:
    """A partner nudges, comments or acknowledges. Raises NotAllowed for a comment without words."""
    one = partner(workspace, id)
    if sort not in SORTS:
        raise NotAllowed(f"A partner can {', '.join(SORTS)}.")
    text = text.strip()[:LONGEST]
    if sort == "comment" and not text:
        raise NotAllowed("A comment needs some words.")
    detail = {"sort": sort, "text": text, "goal": goal}
    return workspace.decide(Decision("partner.note", one.id, detail, now, one.subject))


def said(workspace: Workspace) -> list[Said]:
    """What partners have said, newest first; also what former ones did."""
    names = {one.subject: str(one.detail.get("name", "")) for one in workspace.decisions("partner.invite")}
    return [
        Said(
            one.subject,
            names.get(one.subject, ""),
            str(one.detail.get("sort", "comment")),  # type: ignore[arg-type]  # checked when it was said
            str(one.detail.get("text", "")),
            str(one.detail.get("goal", "")),
            one.at,
            one.position,
        )
        for one in reversed(workspace.decisions("partner.note"))
    ]
