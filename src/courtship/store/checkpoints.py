"""What SQLite has written ahead is put into its place while nobody waits for it.

A commit appends to the write-ahead log (WAL) and asks the disk once. Now and then the pages in it must be
copied into the database itself, each to its place, and the disk asked again: as SQLite does it by itself,
whichever commit fills the log pays for that, some ten milliseconds and more. In a process that lives long a
thread does it instead, and commits do so only where it does not keep up (``databases.WAL_PAGES``). Nothing is
less durable for it: what is committed is on the disk in the log, and the log is read first after a crash.
https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from courtship.store import databases

EVERY = 0.3
"""Seconds between two looks at whether anything was written."""

log = logging.getLogger("courtship.checkpoints")


class Checkpoints:
    """Of all databases of a home folder, whichever process writes them."""

    def __init__(self, home: Path) -> None:
        self.folders = (home, home / "workspaces")
        self._done: dict[Path, int] = {}

    def look(self) -> int:
        """Puts what was written since the last look into its place; answers in how many databases anything
        was."""
        count = 0
        for folder in self.folders:
            for ahead in folder.glob("*.db-wal"):
                try:
                    written = ahead.stat()
                except OSError:  # gone meanwhile: whoever closed the database last has done it
                    continue
                if written.st_size and self._done.get(ahead) != written.st_mtime_ns:
                    self._checkpoint(ahead.with_name(ahead.name.removesuffix("-wal")))
                    self._done[ahead] = written.st_mtime_ns
                    count += 1
        return count

    def _checkpoint(self, database: Path) -> None:
        try:
            # it must be there: one that was removed meanwhile is not to be made again
            connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, timeout=0)
            try:
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()
        except sqlite3.Error as error:
            log.info("%s: %s", database, error)


def start(home: Path) -> Callable[[], None]:
    """Does so in a thread of its own, as long as the process lives or until what this answers is called.

    Nothing is started where the workspaces are on a server, which sees to that itself.
    """
    if databases.database_url():
        return lambda: None
    ended = threading.Event()
    checkpoints = Checkpoints(home.expanduser().resolve())

    def run() -> None:
        while not ended.wait(EVERY):
            checkpoints.look()

    thread = threading.Thread(target=run, name="courtship-checkpoints", daemon=True)
    thread.start()

    def end() -> None:
        ended.set()
        thread.join()

    return end
