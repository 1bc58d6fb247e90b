"""The brand's posts: who acted on each, and who moved to a higher stage soon after.

The rule for sharing credit is that of ``strategy/credit.py``: a step up within the window after somebody
acted on posts is shared in equal parts among those posts.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.lifecycle.coverage import Coverages
from courtship.model import DAY, Micros, Post
from courtship.plan.inputs import Settings
from courtship.service.importing import jobs
from courtship.service.reckoning.keeping import kept_while_people_stay
from courtship.service.reckoning.movement import history
from courtship.service.reckoning.standing import standing
from courtship.store.derived import post_acts, post_credit
from courtship.store.derived.cues import people_clock, people_stamp
from courtship.store.derived.post_acts import PostActs
from courtship.store.derived.tables import last_decided
from courtship.vocabulary import KIND_CODE, KINDS, Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.store.derived.movement_query import Movements
    from courtship.store.workspace import Workspace
    from courtship.strategy.credit import Credits

REACTIONS = ("like", "vote", "comment", "share", "quote")
"""What others do with a post."""

AT_ONCE = 150_000
"""Up to so many records the acts are read while the page waits; above, in the background."""

NOTHING = (0, 0, 0, 0)
_PLACE = {"people": 0, "moved": 2, "share": 3}
_kept: dict[tuple[str, str], tuple[str, PostActs]] = {}
_held: dict[tuple[str, str, int], _Found] = {}
_reading: set[tuple[str, str, int]] = set()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Credited:
    """The shares of every step up, with the arrays they refer to: step ``k`` is ``rise_person[k]`` (an index
    into the people of the acts) to ``rise_after[k]`` at ``rise_at[k]``."""

    credits: Credits
    rise_person: tuple[int, ...]
    rise_after: tuple[str, ...]
    rise_at: tuple[Micros, ...]
    by_post: Mapping[str, tuple[int, int, int, int]]
    """Object of a post -> people, acts, moved, share (see ``Row``)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One post. ``moved`` people stepped up within the window after acting on it; ``share`` of their steps,
    in hundredths of a whole step, is this post's. ``seen`` is how well what others do with it can be seen, on
    its platform within the window: a nought means something only where it is not ``none``."""

    object: str
    at: Micros
    text: str
    media: str
    url: str
    platform: str
    people: int
    acts: int
    moved: int
    share: int
    seen: Seen


@dataclass(frozen=True, slots=True)
class List:
    """The posts of a page. ``ready`` is false while what came of them is still being reckoned."""

    rows: tuple[Row, ...]
    total: int
    window_days: int
    rises: int
    credited: int
    ready: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody who stepped up after acting on the post, and among how many posts the step is shared."""

    person: str
    after: str
    at: Micros
    among: int


@dataclass(frozen=True, slots=True)
class One:
    """One post with people behind its numbers; ``answered`` as (person, kinds, when first), newest first."""

    post: Post
    row: Row
    answered: tuple[tuple[str, tuple[str, ...], Micros], ...]
    moved: tuple[Moved, ...]
    window_days: int
    ready: bool


def page(workspace: Workspace, *, now: Micros, sort: str = "at", offset: int = 0, limit: int = 50) -> List:
    """The brand's posts, newest first, or most people, moved or shares first."""
    window = Settings.of(standing(workspace).settings).credit_days
    posts = _posts(workspace)
    found = _found(workspace, posts, window)
    rises = credited = 0
    by_post: Mapping[str, tuple[int, int, int, int]] = {}
    if found is not None:
        told, by_post = found.credited.credits, found.credited.by_post
        rises = int(told.rises.sum())
        credited = rises - int(told.uncredited.sum())
    if sort in _PLACE:
        place = _PLACE[sort]
        posts.sort(key=lambda post: (-by_post.get(post.object, NOTHING)[place], -post.at, post.object))
    else:
        posts.sort(key=lambda post: (-post.at, post.object))
    shown = _rows(workspace, posts[offset : offset + limit], by_post, window, now)
    return List(tuple(shown), len(posts), window, rises, credited, found is not None)


def one(workspace: Workspace, name: str, *, now: Micros, most: int = 200) -> One | None:
    """One post by its object, with at most ``most`` of the people behind each of its numbers; ``None`` where
    the brand has none of that name."""
    import numpy as np

    window = Settings.of(standing(workspace).settings).credit_days
    posts = _posts(workspace)
    post = next((post for post in posts if post.object == name), None)
    if post is None:
        return None
    found = _found(workspace, posts, window)
    if found is None or name not in found.acts.objects:
        row = next(row for row in _rows(workspace, [post], {}, window, now))
        return One(post, row, (), (), window, found is not None)
    acts, told = found.acts, found.credited
    number = acts.objects.index(name)
    shared_by = np.bincount(told.credits.pair_rise, minlength=len(told.rise_at))
    steps = sorted(
        told.credits.pair_rise[told.credits.pair_post == number].tolist(), key=lambda k: -told.rise_at[k]
    )
    moved = tuple(
        Moved(acts.people[told.rise_person[k]], told.rise_after[k], told.rise_at[k], int(shared_by[k]))
        for k in steps[:most]
    )
    (row,) = _rows(workspace, [post], told.by_post, window, now)
    return One(post, row, _answered(acts, number, most), moved, window, True)


def _answered(acts: PostActs, number: int, most: int) -> tuple[tuple[str, tuple[str, ...], Micros], ...]:
    """Who acted on a post, those who came to it last first: (person, kinds, when first)."""
    import numpy as np

    first, last = np.searchsorted(acts.post, [number, number + 1])
    person, kind, at = acts.person[first:last], acts.kind[first:last], acts.at[first:last]
    people, places = np.unique(person, return_index=True)  # acts are in order of time: the first place
    chosen = np.lexsort((people, -at[places]))[:most]
    there = np.isin(person, people[chosen])
    kinds: dict[int, dict[str, None]] = {}
    for who, code in zip(person[there].tolist(), kind[there].tolist(), strict=True):
        kinds.setdefault(who, {})[KINDS[code]] = None
    return tuple(
        (acts.people[who], tuple(kinds[who]), when)
        for who, when in zip(people[chosen].tolist(), at[places[chosen]].tolist(), strict=True)
    )


def _posts(workspace: Workspace) -> list[Post]:
    return list({post.object: post for post in workspace.posts(workspace.brand())}.values())


def _platform(post: Post) -> str:
    return post.author.partition(":")[0]


def _rows(
    workspace: Workspace,
    posts: list[Post],
    numbers: Mapping[str, tuple[int, int, int, int]],
    window: int,
    now: Micros,
) -> list[Row]:
    covered = Coverages(workspace.coverage())

    def seen(post: Post) -> Seen:
        end = min(post.at + window * DAY, max(now, post.at + 1))
        return covered.seen((_platform(post),), REACTIONS, "inbound", post.at, end)

    return [
        Row(
            post.object,
            post.at,
            post.text,
            post.media,
            post.url,
            _platform(post),
            *numbers.get(post.object, NOTHING),
            seen(post),
        )
        for post in posts
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """The acts on posts and what came of them; the stamps of what they were made from."""

    acts: PostActs
    credited: Credited
    made_from: tuple[str, str]
    decided: tuple[int, str]


def _found(workspace: Workspace, posts: list[Post], window: int) -> _Found | None:
    """At once for most. Of a large audience what is kept in memory, also while what has been heard since is
    reckoned in the background; ``None`` while there is nothing that holds."""
    key = (str(workspace.home), workspace.name, window)
    stamp = post_acts.stamp(workspace)
    held = _held.get(key)
    large = post_acts.records(workspace) > AT_ONCE
    if not large:
        acts = _acts(workspace, stamp, posts)
        return _Found(acts, _credited(workspace, acts, stamp, window), (stamp, ""), (0, ""))
    made_from = (stamp, f"{people_stamp(workspace)} {people_clock(workspace)}")
    if held is not None and held.made_from == made_from:
        return held
    with _lock:
        begin = key not in _reading
        _reading.add(key)
    if begin:

        def later() -> None:
            try:
                _held[key] = _anew(workspace, posts, window)
            finally:
                _reading.discard(key)
                workspace.close()

        jobs.in_background(later)
    # whom a decision or a forgetting has put elsewhere is not shown where they were
    return held if held is not None and held.decided == _decided(workspace) else None


def _decided(workspace: Workspace) -> tuple[int, str]:
    return last_decided(workspace), workspace.facts_stamp().partition(":")[2]


def _anew(workspace: Workspace, posts: list[Post], window: int) -> _Found:
    decided, stamp = _decided(workspace), post_acts.stamp(workspace)
    people = f"{people_stamp(workspace)} {people_clock(workspace)}"
    acts = _acts(workspace, stamp, posts)
    return _Found(acts, _shared(workspace, acts, window), (stamp, people), decided)


def _acts(workspace: Workspace, stamp: str, posts: list[Post]) -> PostActs:
    """The acts on posts, from memory, from their file or from the log."""
    key = (str(workspace.home), workspace.name)
    held = _kept.get(key)
    if held is not None and held[0] == stamp:
        return held[1]
    found = post_acts.kept(workspace, stamp)
    if found is None:
        found = _from_log(workspace, [post.object for post in posts if post.object])
        post_acts.keep(workspace, stamp, found)
    _kept[key] = (stamp, found)
    return found


def _from_log(workspace: Workspace, objects: list[str]) -> PostActs:
    """The activities in force towards the brand that are about these posts, of whoever is not set aside."""
    import numpy as np

    from courtship.service.reckoning.cueing import people_of

    positions, numbers = post_credit.acts_on(workspace, {name: n for n, name in enumerate(objects)})
    columns, persons = people_of(workspace)
    counted = set(history(workspace).moves.people)
    rows = columns.columns
    place = np.searchsorted(positions, columns.record)
    place[place == len(positions)] = 0
    there = rows.outbound == 0
    there &= positions[place] == columns.record if len(positions) else False
    owner = np.repeat(np.arange(len(persons)), np.diff(rows.start))
    there &= np.array([person in counted for person in persons], bool)[owner]
    there &= ~np.isin(rows.kind, (KIND_CODE["follow"], KIND_CODE["block"]))
    post = numbers[place[there]] if len(positions) else owner[there]
    order = np.lexsort((owner[there], rows.at[there], post))
    return PostActs(
        tuple(objects),
        tuple(persons),
        post[order],
        owner[there][order],
        rows.at[there][order],
        rows.kind[there][order],
    )


def _credited(workspace: Workspace, acts: PostActs, stamp: str, window: int) -> Credited:
    # asked for first, so that where it is old it is made anew before the credit
    history(workspace)
    return kept_while_people_stay(
        workspace, f"credit {stamp} {window}", lambda: _shared(workspace, acts, window)
    )


def _shared(workspace: Workspace, acts: PostActs, window: int) -> Credited:
    import numpy as np

    from courtship.strategy.credit import UNIT, Acts, Rises, credit

    moves = history(workspace).moves
    ladder = ("aware", *standing(workspace).ladder)
    rank = np.array([ladder.index(s) if s in ladder else -1 for s in moves.stages], np.int64)
    here = {person: number for number, person in enumerate(acts.people)}
    number = np.array([here.get(person, -1) for person in moves.people], np.int64)
    before = _before(moves)
    up = (rank[moves.after] > rank[before]) & (rank[before] >= 0) if len(moves.after) else np.zeros(0, bool)
    # somebody who acted on no post has no number here: each gets one of their own, past the others
    person = number[moves.person[up]]
    person = np.where(person >= 0, person, len(here) + moves.person[up])
    rises = Rises(person, moves.at[up], rank[moves.after[up]])
    told = credit(
        Acts(acts.person, acts.post, acts.at),
        rises,
        posts=len(acts.objects),
        stages=len(ladder),
        window_days=window,
    )
    stepped, parts = told.touched.sum(axis=1), 100 * told.parts.sum(axis=1) // UNIT
    numbers = zip(told.people.tolist(), told.acts.tolist(), stepped.tolist(), parts.tolist(), strict=True)
    return Credited(
        told,
        tuple(person.tolist()),
        tuple(moves.stages[code] for code in moves.after[up].tolist()),
        tuple(moves.at[up].tolist()),
        dict(zip(acts.objects, numbers, strict=True)),
    )


def _before(moves: Movements) -> NDArray[np.int16]:
    """The stage before each change: that of the change before it, or the first stage."""
    import numpy as np

    person, after, first_stage = moves.person, moves.after, moves.first_stage
    before = np.roll(after, 1)
    starts = np.r_[True, person[1:] != person[:-1]] if len(person) else np.zeros(0, bool)
    before[starts] = first_stage[person[starts]]
    return before
