"""What was decided about the tribe: who is in it, what is promised, who was asked, which links are open.

Read from the decisions alone, persons as they are joined now. What came of it is in ``tribe_books.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.model import Decision, Micros
from courtship.service.people.whose import people_now
from courtship.service.reckoning.keeping import taken_on
from courtship.service.reckoning.standing import standing
from courtship.store.derived.cues import people_stamp
from courtship.store.derived.tables import last_decided
from courtship.tribe.asking import Asked
from courtship.tribe.commitment import Commitment, commitments

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

STEPS = ("draft", "offer", "accept", "decline", "pause", "resume", "end")
ABOUT = ("join", "leave", "pass", "ask", "thank", "link", "unlink", "opened")
VERBS = ("tribe.name", *(f"tribe.{verb}" for verb in ABOUT), *(f"commitment.{step}" for step in STEPS))


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner may set, under ``tribe.asks_a_week`` and so on: whole numbers from 1 (``asks_a_week``
    from 0: nobody is asked)."""

    asks_a_week: int = 2
    drift_days: int = 21
    thank_days: int = 30

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rules:
        """The rules among a workspace's settings; what is no such number is left at its default."""
        known: dict[str, int] = {}
        for name in cls.__dataclass_fields__:
            value = values.get(f"tribe.{name}")
            least = 0 if name == "asks_a_week" else 1
            if isinstance(value, int) and not isinstance(value, bool) and least <= value <= 365:
                known[name] = value
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Membership:
    """That a person is, or was, in the tribe. ``left`` is ``None`` for those who are in it."""

    person: str
    joined: Micros
    left: Micros | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A private link. Only the hash of its secret is known. ``closed`` is ``None`` while it opens; ``opened``
    is when it was first and last used (once a day is noted), ``days`` on how many days."""

    person: str
    digest: str
    made: Micros
    closed: Micros | None = None
    opened: tuple[Micros, Micros] | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """That somebody was asked for a post, by hand; ``position`` is the decision's."""

    asked: Asked
    gifts: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that was decided. ``promised`` has the commitments of each person, in order of their ids;
    ``links`` are by digest, ``link_of`` the open one of each person; ``thanked`` when somebody last was, by
    hand."""

    name: str = ""
    members: Mapping[str, Membership] = field(default_factory=dict)
    former: Mapping[str, Membership] = field(default_factory=dict)
    commitments: Mapping[str, Commitment] = field(default_factory=dict)
    person_of: Mapping[str, str] = field(default_factory=dict)
    promised: Mapping[str, tuple[Commitment, ...]] = field(default_factory=dict)
    asks: tuple[Ask, ...] = ()
    thanked: Mapping[str, Micros] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    link_of: Mapping[str, Link] = field(default_factory=dict)
    passed: frozenset[str] = frozenset()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who is or was in it, by id: those whose give and take is on the books."""
        return tuple(sorted({*self.members, *self.former}))


def stamp(workspace: Workspace) -> str:
    """Changes whenever a decision is taken, anything is told of whoever is or was in the tribe, or of a post,
    or who these are changes. What others do leaves it."""
    return _kept(workspace).stamp


def stamp_of_all(workspace: Workspace) -> str:
    """Changes whenever anything is told or decided of anybody."""
    return f"{workspace.position()}:{people_stamp(workspace)}"


def said(workspace: Workspace, *, at: Micros | None = None) -> Said:
    """What is decided; with ``at`` what had been by then."""
    return _kept(workspace).said if at is None else _read(workspace, at)[0]


class _Kept(NamedTuple):
    """``people`` are all whom decisions name; ``None`` where one of them is not known yet."""

    stamp: str
    said: Said
    people: frozenset[str] | None


def _kept(workspace: Workspace) -> _Kept:
    def read() -> _Kept:
        of_all = stamp_of_all(workspace)
        told, people = _read(workspace, None)
        return _Kept(of_all, told, people)

    def mend(held: _Kept, changed: Collection[str]) -> _Kept:
        return held if held.people is not None and held.people.isdisjoint(changed) else read()

    decided = last_decided(workspace)
    rests = f"{decided} {workspace.facts_stamp()}"
    return taken_on(workspace, "tribe said", rests, read, mend)


def rules(workspace: Workspace) -> Rules:
    """The rules that hold."""
    return Rules.of(standing(workspace).settings)


def _read(workspace: Workspace, at: Micros | None) -> tuple[Said, frozenset[str] | None]:
    """What is decided, and everybody whom decisions name; ``None`` where one of them is not known yet."""
    decided = [one for one in workspace.decisions(*VERBS) if at is None or one.at <= at]
    if not decided:
        return Said(), frozenset()
    held = commitments(decided)
    refs = {one.subject for one in decided if one.verb.startswith("tribe.") and one.subject}
    refs |= {each.terms.member for each in held.values()}
    now = people_now(workspace, refs)
    name = ""
    for one in decided:
        if one.verb == "tribe.name":
            name = str(one.detail.get("name", ""))
    about = [(now[one.subject], one) for one in decided if one.subject in now]
    members, former = _members(about)
    person_of = {id: now[each.terms.member] for id, each in held.items() if each.terms.member in now}
    promised: dict[str, tuple[Commitment, ...]] = {}
    for id in sorted(person_of):
        promised[person_of[id]] = (*promised.get(person_of[id], ()), held[id])
    links = _links(about)
    told = Said(
        name=name,
        members=members,
        former=former,
        commitments={id: held[id] for id in person_of},
        person_of=person_of,
        promised=promised,
        asks=tuple(_asks(about)),
        thanked={person: one.at for person, one in about if one.verb == "tribe.thank"},
        links=links,
        link_of={link.person: link for link in links.values() if link.closed is None},
        passed=frozenset(person for person, one in about if one.verb == "tribe.pass") - members.keys(),
    )
    return told, frozenset(now.values()) if now.keys() >= refs else None


_About = list[tuple[str, Decision]]


def _members(about: _About) -> tuple[dict[str, Membership], dict[str, Membership]]:
    here: dict[str, Membership] = {}
    gone: dict[str, Membership] = {}
    for person, one in about:
        if one.verb == "tribe.join" and person not in here:
            before = gone.pop(person, None)
            here[person] = Membership(person, before.joined if before else one.at)
        elif one.verb == "tribe.leave" and person in here:
            gone[person] = replace(here.pop(person), left=one.at)
    return here, gone


def _asks(about: _About) -> Iterable[Ask]:
    for person, one in about:
        if one.verb == "tribe.ask":
            gifts = tuple(str(gift) for gift in one.detail.get("gifts", ()))
            yield Ask(Asked(person, str(one.detail.get("object", "")), one.at), gifts, one.position)


def _links(about: _About) -> dict[str, Link]:
    """Every link that was made: a newer one closes that before it, and so does leaving the tribe."""
    links: dict[str, Link] = {}
    open_of: dict[str, str] = {}
    for person, one in about:
        digest = str(one.detail.get("digest", ""))
        if one.verb == "tribe.opened" and digest in links:
            link = links[digest]
            first = link.opened[0] if link.opened else one.at
            links[digest] = replace(link, opened=(first, one.at), days=link.days + 1)
        elif one.verb in ("tribe.link", "tribe.unlink", "tribe.leave"):
            before = open_of.pop(person, "")
            if before:
                links[before] = replace(links[before], closed=one.at)
            if one.verb == "tribe.link" and digest:
                links[digest] = Link(person, digest, one.at)
                open_of[person] = digest
    return links
