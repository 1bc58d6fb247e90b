"""What the product speaks of: facts as a source tells them, decisions of the owner, and answers.

Frozen, standard library only. All times are whole microseconds since 1970-01-01T00:00:00Z (UTC), named
``Micros``. An account is written ``platform:id``. Facts that arrive by the million are named tuples
(made in a third of the time of a frozen dataclass and handed to ``executemany`` as they are); the rest
are frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from courtship.vocabulary import Direction, Seen

Micros = int
"""Whole microseconds since 1970-01-01T00:00:00Z."""

Address = str
"""An account: ``platform:id``, e.g. ``mastodon:ann@example.social``. ``""`` where it is not known."""

FOREVER: Micros = 2**63 - 1
"""Later than any time: the end of what has not ended."""

DAY: Micros = 86_400_000_000
"""One day in microseconds."""


# ---------------------------------------------------------------- facts, as a source tells them


class Activity(NamedTuple):
    """One thing that one account did towards another, at one time, as one source tells it.

    ``id`` is the platform's own id, unique within platform and source namespace; ``""`` where the source
    gives none (the store then keys the record by its canonical fields). ``target`` is ``""`` where the
    source does not say whose thing was acted upon: such an activity is kept and moves nobody.
    ``precise`` is false where ``at`` is only the earliest moment by which it must have happened.
    """

    id: str
    kind: str
    actor: Address
    target: Address
    at: Micros
    ended: Micros | None = None
    precise: bool = True
    object: str | None = None
    in_reply_to: str | None = None
    text: str | None = None
    url: str | None = None
    public: bool | None = None
    actor_name: str | None = None
    target_name: str | None = None
    actor_followers: int | None = None


class Undo(NamedTuple):
    """Ends the activity with id ``undoes`` of the same source at ``at``; may arrive before it.

    ``platform`` is ``""`` where the source does not say it. ``blank`` is true for a Delete by the author,
    which also blanks the words of the record it ends.
    """

    id: str
    undoes: str
    at: Micros
    platform: str = ""
    blank: bool = False


class Post(NamedTuple):
    """Something an account published (the brand's own posts are what strategy learns from).

    ``object`` is the id or address by which activities name it in their ``object``/``in_reply_to``.
    ``media`` is ``text image video audio link poll album story`` or ``""``.
    """

    object: str
    author: Address
    at: Micros
    text: str = ""
    media: str = ""
    link: str = ""
    tags: tuple[str, ...] = ()
    poll: tuple[str, ...] = ()
    url: str = ""
    public: bool | None = None


class Total(NamedTuple):
    """A count without people, of one object: "214 likes". Never turned into people."""

    object: str
    kind: str
    amount: int
    at: Micros


class Profile(NamedTuple):
    """What a source says of an account. ``links`` are addresses the profile shows; ``verified`` those the
    platform has checked (``rel=me`` both ways). ``own`` is true where the source itself says that this is
    the account of whoever made the export: offered to the owner as the brand's, never assumed.
    """

    account: Address
    at: Micros | None = None
    name: str = ""
    handle: str = ""
    url: str = ""
    bio: str = ""
    followers: int | None = None
    email: str = ""
    links: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
    own: bool = False


class Snapshot(NamedTuple):
    """A list without dates, of one direction, as of ``at``: e.g. everyone who follows ``account``.

    ``complete`` is false for a page of a longer list. Compared import by import by the service, which tells
    of each member's coming and going.

    Lists with dates have ``acts`` and ``dates``, an entry for each member: the id and the time of the act by
    which the same file tells of their coming; ``""`` and 0 where it tells of none.
    """

    account: Address
    kind: str
    direction: Direction
    members: tuple[Address, ...]
    at: Micros
    complete: bool = True
    acts: tuple[str, ...] = ()
    dates: tuple[Micros, ...] = ()


class Coverage(NamedTuple):
    """What a source can show of ``kind`` in ``direction`` for one of the brand's accounts, on [start, end).

    ``account`` may be ``platform:*`` where the source does not say which account. ``start`` is ``None``
    where the source reaches back to the beginning.
    """

    account: Address
    kind: str
    direction: Direction
    seen: Seen
    start: Micros | None
    end: Micros


Shows = Mapping[tuple[str, Direction], Seen]
"""What a source or connector shows of each kind and direction; what is left out is ``none``."""


@dataclass(frozen=True, slots=True)
class Guide:
    """How an owner gets a file or a permission: menu names in order, and how long the platform takes."""

    steps: tuple[str, ...]
    wait: str = ""
    link: str = ""


class Problem(NamedTuple):
    """A record that could not be read: where it stands and why, in words for the owner."""

    path: str
    where: str
    reason: str


Record = Activity | Undo | Post | Total | Profile | Snapshot | Coverage
"""Anything that a source tells and the log keeps."""


class Origin(NamedTuple):
    """Where records come from: one file of one import, or one connector's run.

    ``format`` is the name of the source that read it; ``source`` the namespace of its ids
    (``--source NAME``); ``at`` when it was imported. A source that reads an export of this product may put
    an origin among its records: it then holds for those that follow.
    """

    path: str
    format: str
    source: str = ""
    at: Micros = 0


class Appended(NamedTuple):
    """What came of an append. ``read``, ``new`` and ``known`` count activities, ``other`` new records of
    other sorts, ``forgotten`` records dropped at the door because their account was forgotten.
    """

    read: int
    new: int
    known: int
    other: int = 0
    forgotten: int = 0
    problems: tuple[Problem, ...] = ()


class StoredActivity(NamedTuple):
    """An activity in force, derived from one or more records of the log.

    ``id`` is the platform's own, or ``courtship:`` and the record's key in hexadecimal where the source
    gave none. ``ended`` takes in every Undo. ``position`` is that of the leading record; ``origins`` are
    those of all records that tell of it.
    """

    id: str
    kind: str
    actor: Address
    target: Address
    at: Micros
    ended: Micros | None
    precise: bool
    object: str | None
    in_reply_to: str | None
    text: str | None
    url: str | None
    public: bool | None
    actor_name: str | None
    target_name: str | None
    actor_followers: int | None
    position: int
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Something the owner declared. Appended, never edited; undone by another decision (``verb="undo"``).

    ``verb`` is one of ``VERBS``; ``subject`` what it is about (an account address, a person's id, a task
    key); ``detail`` the rest, as JSON values. ``position`` is 0 until the log has given it one.
    """

    verb: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: Micros = 0
    by: str = ""
    position: int = 0


VERBS: dict[str, str] = {
    "brand.add": "this account is the brand's",
    "brand.remove": "this account is not the brand's after all",
    "brand.decline": "an offered account is not ours; do not offer it again",
    "brand.name": "what the brand is called",
    "person.merge": "subject and detail.other (accounts) are one person",
    "person.split": "the account subject stands alone",
    "person.set_aside": "detail.as: team, bot or other; out of every count",
    "person.restore": "back into the counts",
    "person.forget": "the tombstone of a person that was forgotten (keyed hashes only)",
    "activity.deny": "this was not so: the activity subject never was",
    "policy.adopt": "detail.policy becomes the ladder",
    "task.done": "the task subject is done",
    "task.snooze": "later: detail.until",
    "task.dismiss": "not this",
    "task.elsewhere": "answered elsewhere, at detail.at",
    "note.add": "detail.text about a person",
    "note.remove": "the note at position detail.position is withdrawn",
    "tag.add": "detail.tag on a person",
    "tag.remove": "detail.tag off a person",
    "rhythm.set": "detail.ideal_days and detail.longest_days for a person or tag",
    "goal.set": "the goal subject: detail is what is counted and how often (plan/goals.py)",
    "goal.end": "the goal subject ends at detail.end",
    "goal.tick": "the goal subject was done by hand detail.times, at detail.on",
    "goal.judge": "the referee says whether the goal subject was kept (detail.kept) from detail.start on",
    "checkin.write": "the check-in of the period subject: detail.planned, stood_in_the_way, next",
    "partner.invite": "the accountability partner subject: detail.name, and what they may see",
    "partner.end": "no longer a partner; their link is closed",
    "partner.note": "the partner subject says: detail.sort (nudge, comment, acknowledge), text, goal",
    "link.open": "the private link of subject; detail.digest is the hash of its secret",
    "link.close": "the private link of subject is closed",
    "tribe.name": "what the tribe is called: detail.name",
    "tribe.join": "the person of the account subject is in the tribe",
    "tribe.leave": "is no longer in it",
    "tribe.pass": "is not to be suggested for the tribe",
    "tribe.ask": "was asked by hand to look at detail.object, for detail.gifts",
    "tribe.thank": "was thanked by hand",
    "tribe.link": "has a private link; detail.digest is the hash of its secret",
    "tribe.unlink": "their private link is closed",
    "tribe.opened": "their private link (detail.digest) was opened",
    "commitment.draft": "the commitment subject: detail is who gives what, how often (tribe/commitment.py)",
    "commitment.offer": "it is put to the other side; detail.by is brand or member, as in all that follow",
    "commitment.accept": "it is agreed, and in force",
    "commitment.decline": "it is turned down",
    "commitment.pause": "it rests",
    "commitment.resume": "it is in force again",
    "commitment.end": "it is over",
    "view.save": "a saved filter: detail.name, detail.query",
    "view.remove": "a saved filter is withdrawn",
    "connect.add": "the connection subject begins: detail.connector, detail.title, detail.account",
    "connect.remove": "the connection subject ends",
    "rule.set": "tell the owner: detail.on, .who, .kinds, .stages, .platforms, .hours, .to, .when",
    "rule.remove": "the rule subject ends",
    "setting.set": "detail.value of the setting subject",
    "undo": "the decision at position detail.position is undone",
}
"""Every verb a decision may have, with what it says."""


# ---------------------------------------------------------------- answers


Cause = Literal["activity", "lapse"]


class Transition(NamedTuple):
    """A change of the reported stage. ``activity`` is the id of the cause, ``None`` for a lapse."""

    at: Micros
    before: str
    after: str
    cause: Cause
    activity: str | None


class Missing(NamedTuple):
    """A condition of the next stage's ``gain`` that does not hold. ``condition`` is as in the policy."""

    stage: str
    rule: Literal["all", "any"]
    condition: Mapping[str, Any]
    have: int
    need: int
    seen: Seen = "full"


@dataclass(frozen=True, slots=True)
class Report:
    """Where one relationship stands at a moment (``docs/lifecycle.md``, *What is reported*)."""

    stage: str
    since: Micros
    until: Micros | None
    peak: str
    transitions: tuple[Transition, ...]
    missing: tuple[Missing, ...]
    certain: bool = True


Momentum = Literal["warming", "steady", "cooling", "quiet"]
