"""Who said a word: looked for in the words of activities.

A small log is searched as it is. A large one through an index of words beside the columnar cache
(``cache/WORKSPACE/words.db``, SQLite FTS5 without content: positions only), brought up to the log as it is
asked, in the background where that takes long. It is derived: what is forgotten goes with the whole folder,
and what was blanked since is left out, for each hit is looked up in the log. It carries the mark of the log
that it was made from (``store/log/mark.py``): beside another log it is made anew.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from courtship.store import bulk, databases
from courtship.store.log.mark import log_mark

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MOST = 2_000
"""People found at most."""
AS_IT_IS = 50_000
"""Records up to which the log itself is searched."""
AT_ONCE = 20_000
"""Records behind up to which the index is brought up while one waits."""
WORDS = 6
PIECE = 10_000
"""Records read at a time."""
_PART = re.compile(r"[^\W_]+")
_lock = threading.Lock()


def people_who_said(
    workspace: Workspace, words: str, in_background: Callable[[Callable[[], None]], None]
) -> frozenset[str]:
    """The ids of people who used all of these words in one activity, at most 2,000, the latest first.

    ``in_background`` does something later: bringing the index up to the log, where it is far behind.
    """
    wanted = words.split()[:WORDS]
    if not wanted:
        return frozenset()
    last = _last(workspace)
    if last <= AS_IT_IS:
        return _people(workspace, _by_reading(workspace, wanted))
    try:
        behind = last - _seen(workspace)
        if behind > AT_ONCE:
            in_background(lambda: bring_up(workspace))
        elif behind:
            bring_up(workspace)
        found = _by_index(workspace, wanted)
    except sqlite3.DatabaseError:  # it opens, and is damaged further in: it is made anew the next time
        _path(workspace).unlink(missing_ok=True)
        found = _by_reading(workspace, wanted)
    return _people(workspace, found)


def bring_up(workspace: Workspace) -> None:
    """Adds to the index what the log has had since; nothing where another process is about it."""
    connection = workspace.connection
    query = (
        "SELECT position, text FROM store_record WHERE position > %s AND position <= %s AND text IS NOT NULL "
        "ORDER BY position LIMIT %s"
    )
    try:
        with _lock, _index(workspace) as index:
            index.execute("BEGIN IMMEDIATE")
            seen, _ = _noted(index)
            with databases.snapshot(connection):
                last = _last(workspace)
                while rows := bulk.rows(connection, query, (seen, last, PIECE)):
                    index.executemany("INSERT INTO said (rowid, text) VALUES (?, ?)", rows)
                    seen = int(rows[-1][0])
                index.execute("UPDATE seen SET position = ?, mark = ?", [last, log_mark(connection, last)])
            index.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if not _is_busy(error):
            raise


def _by_reading(workspace: Workspace, wanted: list[str]) -> list[int]:
    from django.db.models import Q

    from courtship.store.models import Record

    condition = Q()
    for word in wanted:
        condition &= Q(text__icontains=word)
    with workspace.chosen():
        found = Record.objects.filter(condition).order_by("-position").values_list("actor", flat=True)
        return list(dict.fromkeys(found[: 5 * MOST]))[:MOST]


def _by_index(workspace: Workspace, wanted: list[str]) -> list[int]:
    # The index knows no phrases: "don't" and "ann@example" are asked for as the two words it keeps of them.
    parts = [part for word in wanted for part in _PART.findall(normalize("NFC", word))]
    if not parts:
        return []
    # each as a quoted prefix: nothing of it is taken for the query language
    asked = " ".join(f'"{part}"*' for part in parts)
    try:
        with _index(workspace) as index:
            rows = index.execute(
                "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rowid DESC LIMIT ?", [asked, MOST]
            ).fetchall()
    except sqlite3.OperationalError:  # it parts a script's words otherwise than Python does, or is locked
        return _by_reading(workspace, wanted)
    positions = [position for (position,) in rows]
    query = "SELECT actor FROM store_record WHERE text IS NOT NULL AND position"
    return list(dict.fromkeys(actor for (actor,) in bulk.select_in(workspace.connection, query, positions)))


def _people(workspace: Workspace, actors: list[int]) -> frozenset[str]:
    connection = workspace.connection
    named = bulk.select_in(connection, "SELECT address FROM store_account WHERE id", actors)
    addresses = [address for (address,) in named]
    query = "SELECT person FROM store_membership WHERE account"
    return frozenset(person for (person,) in bulk.select_in(connection, query, addresses))


def _last(workspace: Workspace) -> int:
    with workspace.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM store_record")
        return int(cursor.fetchone()[0])


def _seen(workspace: Workspace) -> int:
    """What the index has of the log; one of another log is removed."""
    try:
        with _index(workspace) as index:
            seen, mark = _noted(index)
    except sqlite3.OperationalError as error:
        if not _is_busy(error):
            raise
        return _last(workspace)  # another process brings it up
    if not seen or log_mark(workspace.connection, seen) == mark:
        return seen
    _path(workspace).unlink(missing_ok=True)
    return 0


def _noted(index: sqlite3.Connection) -> tuple[int, str]:
    position, mark = index.execute("SELECT position, mark FROM seen").fetchone()
    return int(position), str(mark)


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _path(workspace: Workspace) -> Path:
    return workspace.cache_folder / "words.db"


@contextmanager
def _index(workspace: Workspace) -> Iterator[sqlite3.Connection]:
    """The index, made where it is missing; one that is damaged is made anew."""
    path = _path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        index = _opened(path)
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            raise
        path.unlink(missing_ok=True)
        index = _opened(path)
    with closing(index):
        yield index


def _opened(path: Path) -> sqlite3.Connection:
    index = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        index.execute("PRAGMA synchronous=OFF")  # derived: after a crash it is made anew
        index.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS said USING fts5"
            "(text, content='', detail=none, tokenize='unicode61 remove_diacritics 2')"
        )
        index.execute("CREATE TABLE IF NOT EXISTS seen (position INTEGER NOT NULL, mark TEXT NOT NULL)")
        if index.execute("SELECT count(mark) FROM seen").fetchone()[0] == 0:
            index.execute("INSERT INTO seen VALUES (0, '')")
    except sqlite3.DatabaseError:
        index.close()
        raise
    return index
