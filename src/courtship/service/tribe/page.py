"""The tribe as it stands: who is in it, give and take, what is owed, who drifted, who could join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from courtship.model import DAY, Coverage, Micros, Post
from courtship.plan.seen import Sight
from courtship.service.coverage.seen_now import seen_now
from courtship.service.reckoning.standing import standing
from courtship.service.tribe import decided as tribe
from courtship.service.tribe.books import HOUR, Books, books
from courtship.store.derived import cues as table
from courtship.store.derived import people_query
from courtship.store.remembering import remembered
from courtship.tribe.asking import WEEK, answered
from courtship.tribe.commitment import GIFTS, Commitment, Gift, describe
from courtship.tribe.fairness import Balance
from courtship.tribe.pods import POSTS, TOGETHER, Act, Pattern, patterns
from courtship.vocabulary import COUNTED, KIND_CODE, KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.service.tribe.decided import Said
    from courtship.store.workspace import Workspace

    Ints = NDArray[np.int64]

WEEKS = 13
"""Give and take is shown of the last quarter: what was long ago makes no imbalance."""

LATEST_POSTS = 20
"""The brand's newest posts are looked at for patterns."""

ALIVE = ("like", "vote", "comment", "mention", "message", "share", "quote", "endorse")
"""Acts that are more than a look."""


class Due(NamedTuple):
    """Something open: which gift, of which commitment, since when, until when on time, for which post
    (``None`` where any will do)."""

    gift: Gift
    commitment: str
    at: Micros
    on_time: Micros
    post: Post | None


@dataclass(frozen=True, slots=True)
class Member:
    """One member. ``balance`` is of the last quarter; ``yours`` is what the brand owes them, ``theirs`` what
    is open of their own, both oldest first; ``asked`` how often in the last seven days. ``drifted`` is when
    they were last heard of, where that is too long ago though something is promised; ``unthanked`` since when
    they give without a word of thanks, where that is too long. ``away`` says why they are not to be asked.
    """

    person: str
    name: str
    stage: str
    certain: bool
    joined: Micros
    balance: Balance
    yours: tuple[Due, ...]
    theirs: tuple[Due, ...]
    asked: int
    last_asked: Micros | None
    drifted: Micros | None
    unthanked: Micros | None
    away: str
    in_force: tuple[Commitment, ...]
    waiting: tuple[Commitment, ...]

    @property
    def oldest(self) -> Micros | None:
        """Since when the brand owes them something."""
        return self.yours[0].at if self.yours else None


@dataclass(frozen=True, slots=True)
class State:
    """The tribe at a moment: its members by name, who left, and the books behind all figures. ``owed`` are
    those to whom the brand owes something, longest first; ``quiet`` who drifted and ``unthanked`` who waits
    for thanks, longest first; ``waiting`` the offers that nobody has answered."""

    said: Said
    rules: tribe.Rules
    books: Books
    at: Micros
    members: tuple[Member, ...]
    former: tuple[tuple[str, str, Micros], ...]
    by_person: Mapping[str, Member]
    owed: tuple[Member, ...]
    quiet: tuple[Member, ...]
    unthanked: tuple[Member, ...]
    waiting: tuple[tuple[Member, Commitment], ...]


def state(workspace: Workspace, *, now: Micros, at: Micros | None = None) -> State:
    """The tribe at ``now``; with ``at`` as it was then. Kept while nothing is told or decided, and for an
    hour at most."""
    if at is not None:
        held = books(workspace, now=now, at=at)
        return _state(workspace, tribe.said(workspace, at=at), held, at, workspace.coverage())
    stamp = f"{tribe.stamp(workspace)}:{now // HOUR}"
    return remembered(
        workspace.alias,
        "tribe state",
        stamp,
        lambda: _state(
            workspace, tribe.said(workspace), books(workspace, now=now), now, seen_now(workspace, now)
        ),
    )


def _state(workspace: Workspace, said: Said, held: Books, at: Micros, coverage: Sequence[Coverage]) -> State:
    import numpy as np

    people = people_query.by_ids(workspace, {*said.members, *said.former})
    rules = tribe.rules(workspace)
    quarter = held.ledger.given_by_week(np.array([at - WEEKS * 7 * DAY], np.int64))[:, 0].sum(axis=2)
    last = _last_heard(held)
    dues = _open(held)
    asks: dict[str, list[Micros]] = {}
    for ask in said.asks:
        asks.setdefault(ask.asked.person, []).append(ask.asked.at)
    sight = Sight(coverage, at)
    thanked = _last_thanks(held)
    for person, when in said.thanked.items():
        if person in held.told.number:
            number = held.told.number[person]
            thanked[number] = max(int(thanked[number]), when)
    unthanked = _unthanked(held, thanked, rules.thank_days)
    members = []
    for person, membership in said.members.items():
        row = people.get(person)
        if row is None:
            continue
        number = held.told.number[person]
        promised = said.promised.get(person, ())
        in_force = tuple(each for each in promised if each.state == "accepted")
        waiting = tuple(each for each in promised if each.state == "offered")
        mine = sorted(asks.get(person, []))
        heard = sight.heard_until(row.platforms)
        members.append(
            Member(
                person=person,
                name=row.name or row.handle or person,
                stage=row.stage,
                certain=row.certain,
                joined=membership.joined,
                balance=Balance(int(quarter[number, 0]), int(quarter[number, 1])),
                yours=dues.get((number, 1), ()),
                theirs=dues.get((number, 0), ()),
                asked=sum(1 for when in mine if at - WEEK < when <= at),
                last_asked=mine[-1] if mine else None,
                drifted=_drifted(in_force, int(last[number]), heard, rules.drift_days, at),
                unthanked=int(unthanked[number]) or None,
                away=_away(held, number, promised, at),
                in_force=in_force,
                waiting=waiting,
            )
        )
    members.sort(key=lambda member: (member.name.casefold(), member.person))
    former = sorted(
        (people[person].name or people[person].handle or person, person, gone.left or 0)
        for person, gone in said.former.items()
        if person in people
    )
    return State(
        said,
        rules,
        held,
        at,
        tuple(members),
        tuple(former),
        {member.person: member for member in members},
        tuple(sorted((m for m in members if m.yours), key=lambda m: (m.oldest or 0, m.person))),
        tuple(sorted((m for m in members if m.drifted), key=lambda m: (m.drifted or 0, m.person))),
        tuple(sorted((m for m in members if m.unthanked), key=lambda m: (m.unthanked or 0, m.person))),
        tuple((member, each) for member in members for each in member.waiting),
    )


def _open(held: Books) -> dict[tuple[int, int], tuple[Due, ...]]:
    """What is open, by (member, outbound), oldest first."""
    import numpy as np

    ledger = held.ledger
    lines, dues = ledger.lines, ledger.dues
    found: dict[tuple[int, int], list[Due]] = {}
    for row in np.flatnonzero(dues.open).tolist():
        line = int(dues.line[row])
        post = int(dues.post[row])
        due = Due(
            GIFTS[int(lines.gift[line])],
            held.promised[int(lines.commitment[line])][1].id,
            int(dues.at[row]),
            int(dues.on_time[row]),
            held.told.posts[post] if post >= 0 else None,
        )
        found.setdefault((int(lines.member[line]), int(lines.outbound[line])), []).append(due)
    return {key: tuple(sorted(some, key=lambda due: (due.at, due.gift))) for key, some in found.items()}


def _last_heard(held: Books) -> Ints:
    """When each member was last heard of, by an act of more than a look that stands; 0 for never."""
    import numpy as np

    acts, at = held.ledger.acts, held.ledger.at
    last = np.zeros(held.ledger.members, np.int64)
    alive = np.isin(acts.kind, [KIND_CODE[kind] for kind in ALIVE])
    keep = (acts.outbound == 0) & (acts.at <= at) & (acts.ended > at) & alive
    np.maximum.at(last, acts.member[keep], acts.at[keep])
    return last


def _drifted(
    in_force: Sequence[Commitment], last: Micros, heard: Micros | None, days: int, at: Micros
) -> Micros | None:
    """When a member was last heard of, where that is too long before the end of what is seen, and they had
    a promise in force all the while."""
    begins = [span[-1][0] for each in in_force if each.terms.giver == "member" and (span := each.in_force)]
    if not begins or heard is None:
        return None
    since = max(last, min(begins))
    return since if min(at, heard) - since >= days * DAY else None


def _last_thanks(held: Books) -> Ints:
    """When the brand last said something to each member, in words."""
    import numpy as np

    acts, at = held.ledger.acts, held.ledger.at
    last = np.zeros(held.ledger.members, np.int64)
    words = np.isin(acts.kind, [KIND_CODE[kind] for kind in ("comment", "mention", "message", "endorse")])
    keep = (acts.outbound == 1) & words & (acts.at <= at) & (acts.ended > at)
    np.maximum.at(last, acts.member[keep], acts.at[keep])
    return last


def _unthanked(held: Books, thanked: Ints, days: int) -> Ints:
    """Since when each member gives without a word of thanks, where that is longer than the rhythm; else 0."""
    import numpy as np

    acts, at = held.ledger.acts, held.ledger.at
    never = np.iinfo(np.int64).max
    since = np.full(held.ledger.members, never)
    given = (acts.outbound == 0) & (acts.at <= at) & (acts.ended > at) & (acts.at > thanked[acts.member])
    given &= np.isin(acts.kind, [KIND_CODE[kind] for kind in ALIVE])
    np.minimum.at(since, acts.member[given], acts.at[given])
    return np.where(since <= at - days * DAY, since, 0)


def _away(held: Books, number: int, promised: Sequence[Commitment], at: Micros) -> str:
    if any(start <= at < end for start, end in held.told.blocked.get(number, ())):
        return "a block stands between you"
    theirs = [each for each in promised if each.terms.giver == "member"]
    paused = [each for each in theirs if each.state == "paused"]
    return "paused" if paused and not any(each.state == "accepted" for each in theirs) else ""


# ---------------------------------------------------------------- what is told of it


class Answer(NamedTuple):
    """An ask and what came of it: the activity that answers it, ``None`` where nothing did so far."""

    person: str
    object: str
    at: Micros
    activity: str | None
    kind: str
    when: Micros | None
    row: int


def answers(workspace: Workspace, held: State) -> list[Answer]:
    """Every ask with the act that answers it, newest first; kept while the state is."""
    if not held.said.asks:
        return []
    stamp = f"{tribe.stamp(workspace)}:{held.at}"
    return remembered(workspace.alias, "tribe answers", stamp, lambda: _answers(held))


def _answers(held: State) -> list[Answer]:
    import numpy as np

    told, acts = held.books.told, held.books.ledger.acts
    address = {post.url: post.object for post in told.posts if post.url}
    wanted = [
        (one.asked, told.number.get(one.asked.person, -1), address.get(one.asked.object, one.asked.object))
        for one in held.said.asks
        if one.asked.at <= held.at
    ]
    # acts of members on posts, grouped by both, in order of time within each
    kinds = np.isin(acts.kind, [KIND_CODE[kind] for kind in ALIVE])
    useful = kinds & (acts.outbound == 0) & (acts.object >= 0) & (acts.at <= held.at) & (acts.ended > held.at)
    some = np.flatnonzero(useful)
    size = len(told.posts) + 1
    key = acts.member[some] * size + acts.object[some]
    order = np.argsort(key, kind="stable")
    some, key = some[order], key[order]
    place = [told.place.get(object, -1) for _, _, object in wanted]
    wants = np.array([number * size + p for (_, number, _), p in zip(wanted, place, strict=True)], np.int64)
    low, high = np.searchsorted(key, wants), np.searchsorted(key, wants + 1)
    done: list[int] = []
    for n, (asked, number, _) in enumerate(wanted):
        rows = some[low[n] : high[n]].tolist() if number >= 0 and place[n] >= 0 else []
        done.append(int(answered(asked, [(asked.object, int(acts.at[row]), str(row)) for row in rows]) or -1))
    ids = iter(told.ids(np.array([row for row in done if row >= 0], np.int64)))
    found = [
        Answer(asked.person, object, asked.at, next(ids), KINDS[int(acts.kind[row])], int(acts.at[row]), row)
        if row >= 0
        else Answer(asked.person, object, asked.at, None, "", None, row)
        for (asked, _, object), row in zip(wanted, done, strict=True)
    ]
    found.sort(key=lambda one: (-one.at, one.person, one.object))
    return found


def warnings(workspace: Workspace, held: State) -> list[Pattern]:
    """Patterns among the newest posts of each platform that it may take for an engagement pod."""
    return remembered(
        workspace.alias,
        "tribe warnings",
        f"{tribe.stamp(workspace)}:{held.at}",
        lambda: _warnings(workspace, held),
    )


def _warnings(workspace: Workspace, held: State) -> list[Pattern]:
    import numpy as np

    told, acts = held.books.told, held.books.ledger.acts
    ours = [n for n, owner in enumerate(told.owner.tolist()) if owner < 0 and told.posts[n].at <= held.at]
    by_platform: dict[str, list[int]] = {}
    for n in ours:
        by_platform.setdefault(told.posts[n].author.partition(":")[0], []).append(n)
    lists = {name: some[-LATEST_POSTS:] for name, some in sorted(by_platform.items())}
    newest = [n for some in lists.values() for n in some]
    counted = np.isin(acts.kind, [KIND_CODE[kind] for kind in COUNTED - {"view"}])
    on = counted & (acts.outbound == 0) & np.isin(acts.object, newest) & (acts.at <= held.at)
    rows = np.flatnonzero(on)
    said = table.told(workspace, told.record[rows].tolist())
    made = []
    for row, activity in zip(rows.tolist(), told.ids(rows), strict=True):
        record = said.get(int(told.record[row]))
        made.append(
            Act(
                told.people[int(acts.member[row])],
                told.posts[int(acts.object[row])].object,
                int(acts.at[row]),
                record.text if record else "",
                activity,
            )
        )
    found = [
        pattern
        for some in lists.values()
        for pattern in patterns({told.posts[n].object: told.posts[n].at for n in some}, made)
        if len(pattern.people) >= TOGETHER and pattern.posts >= POSTS
    ]
    return sorted(found, key=lambda one: (one.sort != "at once", -len(one.activities), one.words))


class Candidate(NamedTuple):
    """Somebody who could join. ``near`` is true where one step is missing to the highest stage."""

    person: str
    name: str
    stage: str
    certain: bool
    gave: int
    got: int
    near: bool


def could_join(workspace: Workspace, held: State, most: int = 12) -> list[Candidate]:
    """People at the highest stage, then those one step from it, with give and take both ways, who are not
    and were not in the tribe and whom the owner has not passed over; most lately in touch first."""
    return remembered(
        workspace.alias,
        f"tribe could join {most}",
        tribe.stamp_of_all(workspace),
        lambda: _could_join(workspace, held, most),
    )


def _could_join(workspace: Workspace, held: State, most: int) -> list[Candidate]:
    ladder = standing(workspace).ladder
    known = {*held.said.members, *held.said.former, *held.said.passed}
    near: list[str] = []
    if len(ladder) > 1:
        lacking = table.find(
            workspace, "lack", stages=[ladder[-2]], since=0, limit=most + 2 * len(known), newest=True
        )
        near = [cue.person for cue in lacking if cue.person not in known]
    top = people_query.reciprocal(workspace, ladder[-1], most + len(known))
    rows = [row for row in top if row.id not in known]
    others = people_query.by_ids(workspace, near)
    rows += [others[one] for one in dict.fromkeys(near) if one in others]
    return [
        Candidate(
            row.id,
            row.name or row.handle or row.id,
            row.stage,
            row.certain,
            row.inbound_count,
            row.outbound_count,
            row.stage != ladder[-1],
        )
        for row in rows
        if row.inbound_count and row.outbound_count and not row.set_aside
    ][:most]


def in_words(commitment: Commitment, who: str, ours: str = "you") -> str:
    """A commitment as a sentence: "Ann will comment on each post within 3 days"."""
    said = describe(commitment.terms)
    return f"{who if commitment.terms.giver == 'member' else ours} will {said}"
