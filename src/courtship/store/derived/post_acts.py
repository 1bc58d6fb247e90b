"""Who acted on which of the brand's posts and when, as arrays kept in a file once they are reckoned.

The file ``home/cache/WORKSPACE/post-acts-STAMP.npz`` is derived and may be removed at any time.
"""

from __future__ import annotations

import contextlib
import os
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from courtship.store.derived.cues import people_stamp, posts_stamp
from courtship.store.log.mark import log_mark
from courtship.store.remembering import remembered

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

FORMAT = "1"


class PostActs(NamedTuple):
    """``n`` acts in order of (post, at). ``post`` indexes ``objects``, ``person`` indexes ``people``; ``at``
    in microseconds, ``kind`` as in ``vocabulary.KIND_CODE``."""

    objects: tuple[str, ...]
    people: tuple[str, ...]
    post: NDArray[np.int64]
    person: NDArray[np.int64]
    at: NDArray[np.int64]
    kind: NDArray[np.uint8]


def stamp(workspace: Workspace) -> str:
    """Changes whenever the acts may have: records, posts, who is who, denials, the brand's accounts; another
    for another log."""

    def accounts() -> int:
        with workspace.connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM store_membership")
            return int(cursor.fetchone()[0])

    with workspace.connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT max(position) FROM store_record), (SELECT max(position) FROM store_undone),"
            " (SELECT count(*) FROM store_decided WHERE verb LIKE 'person.%%' OR verb LIKE 'brand.%%'"
            " OR verb IN ('activity.deny', 'undo'))"
        )
        row = cursor.fetchone()
    people = remembered(workspace.alias, "accounts", people_stamp(workspace), accounts)
    mark = log_mark(workspace.connection, max(row[0] or 0, row[1] or 0))
    said = f"{FORMAT} {mark} {tuple(row)} {posts_stamp(workspace)} {people} {sorted(workspace.brand())}"
    return blake2b(said.encode(), digest_size=10).hexdigest()


def records(workspace: Workspace) -> int:
    """How many records there are, about: the last position of one."""
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM store_record")
        return int(cursor.fetchone()[0])


def kept(workspace: Workspace, stamp: str) -> PostActs | None:
    """The acts as kept in the file of this stamp; ``None`` where there is none, or a damaged one."""
    try:
        with np.load(_place(workspace, stamp), allow_pickle=False) as file:
            return PostActs(
                tuple(file["objects"].tolist()),
                tuple(file["people"].tolist()),
                file["post"],
                file["person"],
                file["at"],
                file["kind"],
            )
    except (OSError, ValueError, KeyError, EOFError):
        return None


def keep(workspace: Workspace, stamp: str, acts: PostActs) -> None:
    """Keeps the acts in the file of this stamp, in place of all others. A full disk keeps nothing."""
    place = _place(workspace, stamp)
    fresh = place.with_suffix(f".{os.getpid()}.new.npz")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            fresh,
            objects=np.array(acts.objects, dtype=np.str_),
            people=np.array(acts.people, dtype=np.str_),
            post=acts.post,
            person=acts.person,
            at=acts.at,
            kind=acts.kind,
        )
        fresh.replace(place)
        for old in place.parent.glob("post-acts-*.npz"):
            if old != place:
                old.unlink(missing_ok=True)


def _place(workspace: Workspace, stamp: str) -> Path:
    return workspace.home / "cache" / workspace.name / f"post-acts-{stamp}.npz"
