"""Commitments: who does what for whose posts, how often, from when to when, in return for what.

A commitment is drafted, offered, accepted or declined, paused, resumed and ended, each by a decision in the
log; nothing here is ever edited. `commitments` is a function of the decisions alone. What a commitment asks
for is reckoned in ``ledger.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from courtship.errors import NotAllowed
from courtship.model import DAY, FOREVER, Address, Decision, Micros

Giver = Literal["member", "brand"]
"""Who does it: the member for the brand's posts, or the brand for the member's."""

Gift = Literal["like", "comment", "share", "reply", "live"]
"""What is promised. ``live`` is to come to a live broadcast."""

Pace = Literal["each_post", "per_week", "best_effort"]
"""How often: for each post (within some days of it), so many times a week, or as it comes."""

State = Literal["drafted", "offered", "accepted", "paused", "declined", "ended"]

GIVERS: Final[tuple[Giver, ...]] = get_args(Giver)
GIFTS: Final[tuple[Gift, ...]] = get_args(Gift)
PACES: Final[tuple[Pace, ...]] = get_args(Pace)

FULFILS: Final[dict[Gift, tuple[str, ...]]] = {
    "like": ("like", "vote"),
    "comment": ("comment", "mention"),
    "share": ("share", "quote"),
    "reply": ("comment", "message"),
    "live": ("view",),
}
"""The kinds of activity (``vocabulary.KINDS``) that fulfil each. A comment counts as a comment first, and
as a reply where no comment is due."""

STEPS: Final[dict[str, tuple[frozenset[State], State]]] = {
    "commitment.offer": (frozenset({"drafted"}), "offered"),
    "commitment.accept": (frozenset({"offered"}), "accepted"),
    "commitment.decline": (frozenset({"offered"}), "declined"),
    "commitment.pause": (frozenset({"accepted"}), "paused"),
    "commitment.resume": (frozenset({"paused"}), "accepted"),
    "commitment.end": (frozenset({"drafted", "offered", "accepted", "paused"}), "ended"),
}
"""Each verb: from which states, to which. ``commitment.draft`` makes one."""

Span = tuple[Micros, Micros]
"""From (within) and until (without)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised. ``member`` is any account or id of the person.

    ``times`` is meant for ``per_week``; ``within_days`` for ``each_post``: until when after a post it is on
    time. ``cap`` is the most in a week that may fall due, 0 for no cap. ``topics`` are words of which a post
    must have one, none for all posts. ``start`` and ``end`` bound it (UTC microseconds), whatever is decided.
    ``in_return`` is the id of the other side's commitment.
    """

    member: Address
    giver: Giver
    gifts: tuple[Gift, ...]
    pace: Pace
    times: int = 0
    within_days: int = 7
    cap: int = 0
    topics: tuple[str, ...] = ()
    start: Micros = 0
    end: Micros = FOREVER
    in_return: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        if self.giver not in GIVERS or self.pace not in PACES or not set(self.gifts) <= set(GIFTS):
            raise NotAllowed("A commitment says who gives, what, and how often; choose one of each.")
        if not self.member or not self.gifts:
            raise NotAllowed("A commitment needs a member and at least one thing to do; tick one.")
        if self.pace == "per_week" and not 1 <= self.times <= 100:
            raise NotAllowed("How many times a week is a whole number from 1 to 100.")
        if not 1 <= self.within_days <= 90 or not 0 <= self.cap <= 1000:
            raise NotAllowed("On time is within 1 to 90 days, and a cap is a whole number up to 1,000.")
        if self.end <= self.start:
            raise NotAllowed("It ends before it begins; correct one of the two dates.")

    def as_detail(self) -> dict[str, Any]:
        """As JSON values, for the decision ``commitment.draft``."""
        return {
            "member": self.member,
            "giver": self.giver,
            "gifts": list(self.gifts),
            "pace": self.pace,
            "times": self.times,
            "within_days": self.within_days,
            "cap": self.cap,
            "topics": list(self.topics),
            "start": self.start,
            "end": None if self.end == FOREVER else self.end,
            "in_return": self.in_return,
            "words": self.words,
        }

    @classmethod
    def from_detail(cls, detail: Mapping[str, Any]) -> Terms:
        """The reverse of `as_detail`. Raises NotAllowed where it is no commitment."""
        try:
            end = detail.get("end")
            return cls(
                member=str(detail["member"]),
                giver=detail["giver"],
                gifts=tuple(gift for gift in GIFTS if gift in detail["gifts"]),
                pace=detail["pace"],
                times=int(detail.get("times", 0)),
                within_days=int(detail.get("within_days", 7)),
                cap=int(detail.get("cap", 0)),
                topics=tuple(str(topic) for topic in detail.get("topics", ())),
                start=int(detail.get("start", 0)),
                end=FOREVER if end is None else int(end),
                in_return=str(detail.get("in_return", "")),
                words=str(detail.get("words", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NotAllowed(f"This is no commitment ({error}); draft it again.") from error


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment as it stands. ``in_force`` are the spans in which it was accepted and not paused, within
    its own dates; what is due falls due within them, and what is open when one ends is let go."""

    id: str
    terms: Terms
    state: State
    changed: Micros
    by: str
    in_force: tuple[Span, ...] = ()
    history: tuple[tuple[Micros, str, str], ...] = field(default=())
    """Each step: when, its verb without ``commitment.``, and by whom (``brand`` or ``member``)."""


def next_steps(state: State) -> tuple[str, ...]:
    """The verbs that are possible in a state.

    >>> next_steps("paused")
    ('commitment.resume', 'commitment.end')
    """
    return tuple(verb for verb, (before, _) in STEPS.items() if state in before)


def commitments(decisions: Iterable[Decision]) -> dict[str, Commitment]:
    """Every commitment by id, from the decisions in order of position (those undone left out).

    A step that is not possible in the state it finds, and a draft that is none, changes nothing: such a
    decision can only have come from elsewhere, since `step` refuses it at the door.
    """
    found: dict[str, Commitment] = {}
    for decision in decisions:
        if decision.verb == "commitment.draft":
            if decision.subject not in found:
                try:
                    terms = Terms.from_detail(decision.detail)
                except NotAllowed:
                    continue
                first = ((decision.at, "draft", _by(decision)),)
                found[decision.subject] = Commitment(
                    decision.subject, terms, "drafted", decision.at, _by(decision), history=first
                )
        elif decision.verb in STEPS and decision.subject in found:
            held = found[decision.subject]
            if held.state in STEPS[decision.verb][0]:
                found[decision.subject] = _stepped(held, decision)
    return found


def _by(decision: Decision) -> str:
    return str(decision.detail.get("by", "brand"))


def _stepped(held: Commitment, decision: Decision) -> Commitment:
    state = STEPS[decision.verb][1]
    at = max(decision.at, held.changed)  # steps follow each other, whatever the clocks said
    spans = held.in_force
    if held.state == "accepted":
        start, _ = spans[-1]
        spans = (*spans[:-1], (start, at))
    if state == "accepted":
        spans = (*spans, (at, FOREVER))
    return replace(
        held,
        state=state,
        changed=at,
        by=_by(decision),
        in_force=spans,
        history=(*held.history, (at, decision.verb.removeprefix("commitment."), _by(decision))),
    )


def spans_of(commitment: Commitment) -> tuple[Span, ...]:
    """When it is in force, within its own dates; empty spans left out."""
    terms = commitment.terms
    cut = ((max(start, terms.start), min(end, terms.end)) for start, end in commitment.in_force)
    return tuple((start, end) for start, end in cut if start < end)


def step(
    held: Mapping[str, Commitment], id: str, verb: str, *, at: Micros, by: Giver, same: Iterable[str] = ()
) -> Decision:
    """The decision that takes a commitment one step on.

    ``same`` are all names (accounts, ids) of its member. Raises NotAllowed where the step is not possible, or
    where it would contradict another commitment that is in force: two of the same giver for the same thing.
    """
    commitment = held.get(id)
    if commitment is None:
        raise NotAllowed("There is no such commitment; open the tribe page and choose one.")
    if verb not in STEPS or commitment.state not in STEPS[verb][0]:
        possible = [each.removeprefix("commitment.") for each in next_steps(commitment.state)]
        raise NotAllowed(
            f"It is {commitment.state}; what can be done with it: {', '.join(possible) or 'nothing more'}."
        )
    if STEPS[verb][1] == "accepted":
        for other in contradicting(held, commitment, at, same):
            raise NotAllowed(
                f"It contradicts one that is in force ({describe(other.terms)}); end or pause that one first."
            )
    return Decision(verb, id, {"by": by}, at)


def contradicting(
    held: Mapping[str, Commitment], commitment: Commitment, at: Micros, same: Iterable[str] = ()
) -> list[Commitment]:
    """Commitments in force from ``at`` on, of the same member and giver, that promise one of its gifts."""
    terms = commitment.terms
    names = {terms.member, *same}
    return [
        other
        for _, other in sorted(held.items())
        if other.id != commitment.id
        and other.terms.member in names
        and other.terms.giver == terms.giver
        and set(other.terms.gifts) & set(terms.gifts)
        and other.state == "accepted"
        and max(at, other.terms.start, terms.start) < min(other.terms.end, terms.end)
    ]


def describe(terms: Terms) -> str:
    """In plain words, without a name.

    >>> describe(Terms("x:1", "member", ("like", "share"), "each_post", within_days=3, cap=2))
    'like and share each post within 3 days, at most 2 a week'
    """
    verbs = {
        "like": "like",
        "comment": "comment on",
        "share": "share",
        "reply": "reply under",
        "live": "come to a live of",
    }
    said = " and ".join(verbs[gift] for gift in terms.gifts)
    if terms.pace == "each_post":
        days = "day" if terms.within_days == 1 else "days"
        said = f"{said} each post within {terms.within_days} {days}"
    elif terms.pace == "per_week":
        often = "once" if terms.times == 1 else f"{terms.times} times"
        said = f"{said} a post, {often} a week"
    else:
        said = f"{said} posts as it comes"
    if terms.topics:
        said += f" about {', '.join(terms.topics)}"
    if terms.cap and terms.pace == "each_post":
        said += f", at most {terms.cap} a week"
    return said


def on_time_until(terms: Terms, post_at: Micros) -> Micros:
    """Until when what is due for a post is on time."""
    return post_at + terms.within_days * DAY
