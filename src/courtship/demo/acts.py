"""Acts as columns: what the simulation makes, before it becomes records."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from courtship.demo.draw import Flags, Ints
from courtship.vocabulary import KIND_CODE, TALK

FOLLOW, VIEW, LIKE, VOTE, COMMENT, MENTION, MESSAGE, SHARE, QUOTE, ENDORSE, BLOCK = range(11)
WORDS: Final = np.array([kind in TALK for kind in KIND_CODE])
"""By code: whether a kind is talk, which waits for an answer."""

PLAIN, ASKS, OWN, SPAM, FAREWELL = range(5)
"""What an act's words are like: nothing special, a question, about the person's own post, advertising."""


@dataclass(frozen=True, slots=True)
class Acts:
    """One row an act; times in seconds since 1970. All columns have one length."""

    person: Ints
    platform: Ints
    kind: Ints
    at: Ints
    ended: Ints
    """When it was undone; 0 where it was not."""
    post: Ints
    """The brand's post it is about; -1 where none."""
    parent: Ints
    """The act it answers, as its number in the whole; -1 where none."""
    outbound: Flags
    manner: Ints
    kept: Flags
    """Whether the story needs it: such acts are not thinned out."""

    def __len__(self) -> int:
        return len(self.person)

    def __getitem__(self, which: Ints | Flags) -> Acts:
        return Acts(*(getattr(self, column.name)[which] for column in fields(self)))


def acts(
    person: Ints,
    platform: Ints,
    kind: Ints | int,
    at: Ints,
    *,
    ended: Ints | None = None,
    post: Ints | None = None,
    parent: Ints | None = None,
    outbound: bool = False,
    manner: Ints | int = PLAIN,
    kept: Flags | bool = False,
) -> Acts:
    """A block of acts; what is left out is as for most acts."""
    n = len(person)
    nothing = np.full(n, -1)
    return Acts(
        person,
        platform,
        np.broadcast_to(kind, n).astype(np.int64),
        at.astype(np.int64),
        np.zeros(n, np.int64) if ended is None else ended.astype(np.int64),
        nothing if post is None else post,
        nothing if parent is None else parent,
        np.full(n, outbound),
        np.broadcast_to(manner, n).astype(np.int64),
        np.broadcast_to(kept, n).astype(np.bool_),
    )


def joined(blocks: list[Acts]) -> Acts:
    """All blocks one after the other."""
    return Acts(
        *(np.concatenate([getattr(block, column.name) for block in blocks]) for column in fields(Acts))
    )


def put_in_order(all_acts: Acts, kept: Flags) -> Acts:
    """The rows ``kept``, in order of time; parents follow, and are lost where the parent is not kept."""
    rows = np.flatnonzero(kept)
    rows = rows[np.argsort(all_acts.at[rows], kind="stable")]
    place = np.full(len(all_acts) + 1, -1)
    place[rows] = np.arange(len(rows))
    taken = all_acts[rows]
    parent = place[taken.parent]  # -1 reads the last place, which is -1
    return Acts(*(parent if c.name == "parent" else getattr(taken, c.name) for c in fields(Acts)))
