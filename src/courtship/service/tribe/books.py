"""The books of the tribe: every act between the brand and its members, and what is promised, reckoned.

Nothing here is stored: the books are a function of the log, kept in memory while that stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from courtship.model import DAY, Micros, Post
from courtship.service.reckoning.keeping import taken_on
from courtship.service.reckoning.standing import standing
from courtship.service.tribe import decided as tribe
from courtship.store.derived import cues as table
from courtship.store.derived import post_credit, tables
from courtship.store.remembering import remembered
from courtship.tribe.commitment import Commitment, Span, spans_of
from courtship.tribe.weeks import week_starts
from courtship.vocabulary import KIND_CODE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.columns import PeopleColumns
    from courtship.service.tribe.decided import Said
    from courtship.store.workspace import Workspace
    from courtship.tribe.ledger import Acts, Ledger

    Ints = NDArray[np.int64]

FEW = 200
"""Up to so many members their acts are read one by one; of more, the whole audience's are."""

HOUR: Micros = DAY // 24


@dataclass(frozen=True, slots=True)
class Told:
    """What the log has about some people: their acts with the brand, and the posts of both sides.

    ``acts`` are in order of (time, person, id); ``record`` has the log position of each, ``ids`` answers
    readable ids of rows. ``blocked`` are the spans in which a block stood, by number of the person.
    """

    people: tuple[str, ...]
    number: Mapping[str, int]
    acts: Acts
    record: Ints
    ids: Callable[[Ints], list[str]]
    posts: tuple[Post, ...]
    owner: Ints
    place: Mapping[str, int]
    blocked: Mapping[int, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger with what its numbers mean: member ``k`` is ``told.people[k]``, post ``k`` is
    ``told.posts[k]``; ``promised[k]`` is the ``k``-th commitment with its member. ``weeks`` are the starts of
    the owner's weeks."""

    told: Told
    ledger: Ledger
    promised: tuple[tuple[int, Commitment], ...]
    weeks: tuple[Micros, ...]

    def __post_init__(self) -> None:
        assert self.ledger.members == len(self.told.people)

    def acts_of(self, person: str) -> Ints:
        """The acts between the brand and a member that are on the books by now, oldest first."""
        import numpy as np

        number = self.told.number.get(person, -1)
        acts = self.ledger.acts
        return np.flatnonzero((acts.member == number) & (acts.at <= self.ledger.at))


def books(workspace: Workspace, *, now: Micros, at: Micros | None = None) -> Books:
    """The books at ``now``; with ``at`` as of that moment, from what had been decided by then.

    Kept in memory until anything is told or decided, and for an hour at most: dues fall due by the clock.
    """
    if at is not None:
        return reckoned(workspace, tribe.said(workspace, at=at), at)
    stamp = f"{tribe.stamp(workspace)}:{now // HOUR}"
    return remembered(
        workspace.alias, "tribe books", stamp, lambda: reckoned(workspace, tribe.said(workspace), now)
    )


def reckoned(workspace: Workspace, said: Said, at: Micros) -> Books:
    """The books as of ``at`` by these decisions, reckoned anew; the acts behind them are kept in memory."""
    import numpy as np

    from courtship.tribe.ledger import Posts, reckon

    told = told_of(workspace, said.people)
    promised = tuple(
        (told.number[person], commitment)
        for person in told.people
        for commitment in said.promised.get(person, ())
        if commitment.in_force
    )
    begins = [start for _, commitment in promised for start, _ in spans_of(commitment)]
    weeks = week_starts(standing(workspace).timezone, min([at, *begins]), at)
    wanted = {topic for _, commitment in promised for topic in commitment.terms.topics}
    ledger = reckon(
        told.acts,
        Posts(
            told.owner, np.array([post.at for post in told.posts], np.int64), topics_of(told.posts, wanted)
        ),
        promised,
        members=len(told.people),
        weeks=np.array(weeks, np.int64),
        at=at,
        blocked=told.blocked,
    )
    return Books(told, ledger, promised, tuple(weeks))


def topics_of(posts: Sequence[Post], wanted: set[str]) -> list[frozenset[str]]:
    """Which of the ``wanted`` topics (words or phrases) each post is about, in small letters."""
    if not wanted:
        return [frozenset()] * len(posts)
    small = {topic.casefold().lstrip("#") for topic in wanted}
    anything = re.compile("|".join(re.escape(topic) for topic in sorted(small, key=len, reverse=True)))
    exact = {topic: re.compile(rf"(?<!\w){re.escape(topic)}s?(?!\w)") for topic in small}
    found = []
    for post in posts:
        words = " ".join((post.text, *post.tags, *post.poll)).casefold()
        about = {one for one in small if anything.search(words) and _has(exact[one], one, words)}
        found.append(frozenset(one.casefold() for one in wanted if _bare(one) in about))
    return found


def _bare(topic: str) -> str:
    return topic.casefold().lstrip("#")


def _has(exact: re.Pattern[str], topic: str, words: str) -> bool:
    # scripts without spaces have no edges of words
    return exact.search(words) is not None if topic.isascii() or " " in topic else topic in words


# ---------------------------------------------------------------- what the log has


def told_of(workspace: Workspace, people: Sequence[str]) -> Told:
    """What the log has about these people; kept until something is told of them or of a post, or who is who
    changes among them."""
    digest = blake2b("\x1f".join(people).encode(), digest_size=10).hexdigest()
    rests = f"{table.posts_stamp(workspace)} {sorted(workspace.brand())} {digest}"

    def mend(held: Told, changed: Collection[str]) -> Told:
        return held if held.number.keys().isdisjoint(changed) else _read(workspace, tuple(people))

    return taken_on(workspace, "tribe acts", rests, lambda: _read(workspace, tuple(people)), mend)


def _read(workspace: Workspace, people: tuple[str, ...]) -> Told:
    import numpy as np

    from courtship.tribe.ledger import BRAND, ELSEWHERE, UNKNOWN, Acts

    number = {person: n for n, person in enumerate(people)}
    accounts = table.accounts_of(workspace, people)
    group = {account: person for person, held in accounts.items() for account in held}
    brand = workspace.brand()
    posts = _posts(workspace, brand, group)
    owner = np.array([number[group[p.author]] if p.author in group else BRAND for p in posts], np.int64)
    place = {post.object: n for n, post in enumerate(posts) if post.object}
    columns, member = _columns(workspace, number)
    rows = columns.columns
    owners = np.repeat(member, np.diff(rows.start))
    chosen = np.flatnonzero(owners >= 0)
    chosen = chosen[np.lexsort((rows.rank[chosen], owners[chosen], rows.at[chosen]))]
    record = columns.record[chosen].astype(np.int64)
    object = np.full(len(chosen), UNKNOWN, np.int64)
    if len(people) <= FEW:
        named = tables.objects_of(workspace, record.tolist())
        for n, position in enumerate(record.tolist()):
            if position in named:
                object[n] = next((place[one] for one in named[position] if one in place), ELSEWHERE)
    else:
        positions, numbers = post_credit.acts_on(workspace, place, elsewhere=ELSEWHERE)
        if len(positions):
            at = np.minimum(np.searchsorted(positions, record), len(positions) - 1)
            object = np.where(positions[at] == record, numbers[at], UNKNOWN)
    acts = Acts(
        owners[chosen].astype(np.int64),
        rows.outbound[chosen].astype(np.int64),
        rows.kind[chosen].astype(np.int64),
        rows.at[chosen].astype(np.int64),
        rows.ended[chosen].astype(np.int64),
        object,
    )
    blocked: dict[int, tuple[Span, ...]] = {}
    for row in np.flatnonzero((acts.kind == KIND_CODE["block"]) & (acts.at < acts.ended)).tolist():
        who = int(acts.member[row])
        blocked[who] = (*blocked.get(who, ()), (int(acts.at[row]), int(acts.ended[row])))

    def ids(which: Ints) -> list[str]:
        return columns.ids(chosen[which])

    return Told(people, number, acts, record, ids, tuple(posts), owner, place, blocked)


def _posts(workspace: Workspace, brand: frozenset[str], group: Mapping[str, str]) -> list[Post]:
    """The posts of the brand and of these accounts, each once, oldest first."""
    if not group:
        return []
    told = [*workspace.posts(brand), *workspace.posts(sorted(group.keys() - brand))]
    once: dict[str, Post] = {}
    for post in sorted(told, key=lambda post: (post.at, post.object, post.author, post.text, post.url)):
        once.setdefault(post.object, post)
    return sorted(once.values(), key=lambda post: (post.at, post.object))


def _columns(workspace: Workspace, number: Mapping[str, int]) -> tuple[PeopleColumns, Ints]:
    """Columns in which these people are, and for each person of them their number here, -1 for others."""
    import numpy as np

    from courtship.service.reckoning.cueing import people_of, some_of

    columns, persons = some_of(workspace, number) if len(number) <= FEW else people_of(workspace)
    return columns, np.array([number.get(person, -1) for person in persons], np.int64)
