"""Each post of the brand: who acted on it, and who rose to a higher stage soon after.

The rule of sharing is stated in ``strategy/credit.py`` (``RULE`` in one sentence, for the page); the window
is the setting ``today.credit_days``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from courtship.plan.inputs import Settings
from courtship.store import cues as table
from courtship.store import post_credit as credit_table
from courtship.store.post_credit import Credited
from courtship.strategy.credit import UNIT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from courtship.lifecycle.policy import Policy
    from courtship.model import Post
    from courtship.store.workspace import Workspace

RULE = (
    "Whoever rises to a higher stage within {days} days of acting on posts of yours counts once, shared in "
    "equal parts among those posts. It shows what went before, not what caused it."
)


@dataclass(frozen=True, slots=True)
class Report:
    """What the posts have brought. By stage: all ``rises`` and those ``uncredited``, with no act on any post
    in the window. ``days`` is the window; ``current`` whether it speaks of what the people's tables say."""

    posts: dict[str, Credited]
    rises: dict[str, int]
    uncredited: dict[str, int]
    days: int
    current: bool

    @property
    def rule(self) -> str:
        """The rule of sharing, in words."""
        return RULE.format(days=self.days)

    def moved(self, object: str) -> str:
        """How many rises a post is credited with, to one decimal: "2.5"; "0" where none."""
        row = self.posts.get(object)
        tenths = (row.parts * 10 + UNIT // 2) // UNIT if row is not None else 0
        return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def report(workspace: Workspace, objects: Collection[str] | None = None) -> Report:
    """What is credited to these posts, or to all, as last reckoned; reckoned now if it never was."""
    found = credit_table.totals(workspace)
    if found is None:
        ensure(workspace)
        found = credit_table.totals(workspace)
        assert found is not None  # just written
    stamp, totals = found
    return Report(
        posts=credit_table.of_posts(workspace, objects),
        rises=totals["rises"],
        uncredited=totals["uncredited"],
        days=totals["days"],
        current=stamp == _stamp(workspace, settings_of(workspace).credit_days),
    )


def ensure(workspace: Workspace, policy: Policy | None = None) -> bool:
    """Reckons the credit of every post anew if the people's tables, the posts or the window have changed;
    answers whether it did. Some seconds for millions of activities: call it after an import."""
    days = settings_of(workspace).credit_days
    stamp = _stamp(workspace, days)
    found = credit_table.totals(workspace)
    if found is not None and found[0] == stamp:
        return False
    reckon(workspace, policy or _policy(workspace), days, stamp)
    return True


def reckon(workspace: Workspace, policy: Policy, days: int, stamp: str) -> None:
    """Reckons and writes the credit of every post."""
    import numpy as np

    from courtship.service.cueing import people_of
    from courtship.strategy.credit import Acts, Rises, credit

    posts = _objects(workspace.posts(workspace.brand()))
    positions, numbers = credit_table.acts_on(workspace, {name: number for number, name in enumerate(posts)})
    columns, persons = people_of(workspace)
    number_of = {person: number for number, person in enumerate(persons)}
    rows = columns.columns
    # Of the log's records those that are activities in force, towards the brand, and about a post.
    place = np.searchsorted(positions, columns.record)
    place[place == len(positions)] = 0
    there = rows.outbound == 0
    there &= positions[place] == columns.record if len(positions) else False
    owner = np.repeat(np.arange(len(persons)), np.diff(rows.start))
    names = tuple(stage.name for stage in policy.stages)
    rises = _rises(workspace, ("aware", *names), number_of)
    made = credit(
        Acts(owner[there], numbers[place[there]] if len(positions) else owner[there], rows.at[there]),
        Rises(*rises),
        posts=len(posts),
        stages=len(names),
        window_days=days,
    )
    credited = [
        Credited(
            post,
            int(made.people[number]),
            int(made.acts[number]),
            int(made.parts[number].sum()),
            {
                stage: (int(made.parts[number, code]), int(made.touched[number, code]))
                for code, stage in enumerate(names)
                if made.touched[number, code]
            },
        )
        for number, post in enumerate(posts)
    ]
    totals = {
        "rises": dict(zip(names, made.rises.tolist(), strict=True)),
        "uncredited": dict(zip(names, made.uncredited.tolist(), strict=True)),
        "days": days,
    }
    credit_table.replace(workspace, credited, totals, stamp)


def settings_of(workspace: Workspace) -> Settings:
    """The owner's settings of today and of credit."""
    decided = workspace.decisions("setting.set")
    return Settings.of({decision.subject: decision.detail.get("value") for decision in decided})


def _rises(
    workspace: Workspace, ladder: Sequence[str], number_of: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Changes to a higher stage of the ladder: person, time, and the stage reached, from 0 for the lowest."""
    import numpy as np

    rank = {stage: number for number, stage in enumerate(ladder)}
    rows = [
        (number_of[person], at, rank[after] - 1)
        for person, at, before, after in credit_table.transitions(workspace)
        if person in number_of and before in rank and after in rank and rank[after] > rank[before]
    ]
    table_of = np.array(rows, np.int64).reshape(-1, 3)
    return table_of[:, 0], table_of[:, 1], table_of[:, 2]


def _objects(posts: Sequence[Post]) -> list[str]:
    return list(dict.fromkeys(post.object for post in posts if post.object))


def _stamp(workspace: Workspace, days: int) -> str:
    return f"{table.refreshed(workspace)}/{table.posts_stamp(workspace)}/{days}"


def _policy(workspace: Workspace) -> Policy:
    from courtship.lifecycle import policy as policies

    adopted = workspace.decisions("policy.adopt")
    return policies.load(adopted[-1].detail.get("policy") if adopted else None)
