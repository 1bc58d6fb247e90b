"""Which layers make up the columnar cache: a list beside them, replaced as a whole.

The list lies in the home folder like the files that it names (``layers.json``), so that several servers with
homes of their own may share one database, and a home may be moved, copied or put back from a backup: each
layer carries the mark of the log that it was read from (``store/log/mark.py``), and one whose mark is not
that of the database at hand is worth nothing. Only who holds the lock of the cache writes the list.

A layer that is retired stays named, and its files stay, for an hour, for whoever has just read the list; at
most as many rows as those in force hold are so kept. What is not named was left by somebody who died over it.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import Micros
from courtship.store.cache.files import MAKING, names_to_disk, to_disk
from courtship.store.log.mark import log_mark

HOUR: Micros = 3_600_000_000
EVERYBODY, SOME = "all", "some"
"""End the names of the folders of a layer that has every account, and of one that has some."""

LIST = "layers.json"
_FOLDER = re.compile(rf"\d+-[0-9a-f]{{8}}(-({EVERYBODY}|{SOME}))?({MAKING})?")


class Layer(NamedTuple):
    """``position`` is what the log had, ``mark`` that of the log up to there, ``brand`` a digest of the
    brand's accounts and of the files' form; ``retired`` is 0 while it is in force."""

    folder: str
    position: int
    rows: int
    brand: str
    mark: str
    retired: Micros = 0


def layers(folder: Path) -> list[Layer]:
    """Those in force, the oldest first; none where the list is missing or damaged."""
    return [one for one in _named(folder) if not one.retired]


def vouched(connection: BaseDatabaseWrapper, held: Sequence[Layer], position: int) -> list[Layer]:
    """Of these layers the first few that say what the log of this database has, which ends at ``position``.

    Each layer holds with those beneath it, so that a list without its last ones is one that once was.
    """
    count = len(held)
    while count:
        top = held[count - 1]
        if top.position <= position and log_mark(connection, top.position) == top.mark:
            break
        count -= 1
    return list(held[:count])


def publish(alias: str, folder: Path, made: Layer, keep: Sequence[Layer], retire: Sequence[Layer]) -> bool:
    """Makes ``keep`` and ``made`` the list, and keeps the files of ``retire`` for a while; answers whether it
    did: where somebody was forgotten meanwhile nothing is there afterwards.

    By whom the lock is held. Raises FileNotFoundError where the folder was removed meanwhile.
    """
    before = [one for one in _named(folder) if one.retired]
    now = _now()
    _write(folder, [*keep, made, *before, *(one._replace(retired=now) for one in retire)])
    # after the list: whoever forgets removes the folder after that, so one of the two sees the other
    if log_mark(connections[alias], made.position) == made.mark:
        return True
    clear(folder)
    return False


def clear(folder: Path) -> None:
    """Removes all that is kept there."""
    # the list first: cut off in between, files are left that nothing names
    (folder / LIST).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Removes the files that nobody reads any more. To be called by the one who writes the cache."""
    named = sorted(_named(folder), key=lambda one: -one.retired)
    room = sum(one.rows for one in named if not one.retired)
    kept, now = [], _now()
    for one in named:
        if one.retired:
            room -= one.rows
        # a clock that was put back keeps nothing for longer
        if not one.retired or (room >= 0 and 0 <= now - one.retired < HOUR):
            kept.append(one)
    if len(kept) < len(named):
        _write(folder, [one for one in _named(folder) if one in kept])
    names = {one.folder for one in kept}
    if folder.is_dir():
        for old in folder.iterdir():
            if _FOLDER.fullmatch(old.name) and old.name not in names:
                shutil.rmtree(old, ignore_errors=True)


def overdue(folder: Path) -> bool:
    """Whether there are layers that were retired more than an hour ago."""
    return any(0 < one.retired < _now() - HOUR for one in _named(folder))


def _named(folder: Path) -> list[Layer]:
    try:
        return [Layer(*row) for row in json.loads((folder / LIST).read_bytes())["layers"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _write(folder: Path, named: Sequence[Layer]) -> None:
    fresh = folder / f".{LIST}"
    with fresh.open("wb") as file:
        file.write(json.dumps({"layers": named}).encode())
        to_disk(file)
    fresh.replace(folder / LIST)
    names_to_disk(folder)


def _now() -> Micros:
    return time.time_ns() // 1000
