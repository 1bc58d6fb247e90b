"""Runs a connector as the product does, but keeps what it says in memory: for tests of a connector alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson

from courtship.connect.base import Batch, Connector, Session
from courtship.model import Activity, Address, Micros, Problem, Profile, Record, Snapshot, Undo

PATIENCE = 20.0
"""Seconds within which anything that will happen has happened, on a machine that is busy."""


class Kept:
    """What a connection has brought so far: the log, and the cursor as it is stored (JSON)."""

    def __init__(self) -> None:
        self.records: list[Record | Problem] = []
        self.came: dict[str, float] = {}
        """When each activity was first told, by its id."""
        self.cursor: bytes = b"{}"
        self.batches: list[Batch] = []

    def keep(self, batch: Batch) -> None:
        """Stores a batch: the records and the cursor, together."""
        cursor = orjson.dumps(dict(batch.cursor))
        self.records += batch.records
        for record in batch.records:
            if isinstance(record, Activity):
                self.came.setdefault(record.id, time.time())
        self.cursor = cursor
        self.batches.append(batch)

    @property
    def acts(self) -> dict[str, Activity]:
        """Every activity once, by its id."""
        return {one.id: one for one in list(self.records) if isinstance(one, Activity)}

    @property
    def ended(self) -> dict[str, Micros]:
        """The ids that were ended, and when."""
        return {one.undoes: one.at for one in list(self.records) if isinstance(one, Undo)}

    @property
    def problems(self) -> list[Problem]:
        """What could not be read."""
        return [one for one in self.records if isinstance(one, Problem)]

    @property
    def profiles(self) -> dict[Address, Profile]:
        """The last profile of each account."""
        return {one.account: one for one in list(self.records) if isinstance(one, Profile)}

    @property
    def lists(self) -> list[Snapshot]:
        """The lists that were told."""
        return [one for one in list(self.records) if isinstance(one, Snapshot)]

    def kinds(self, actor: str = "", target: str = "") -> list[str]:
        """The kinds of the activities between two accounts, in order of their time."""
        found = [
            one
            for one in self.acts.values()
            if (not actor or one.actor == actor) and (not target or one.target == target)
        ]
        return [one.kind for one in sorted(found, key=lambda one: one.at)]


class Listening:
    """A connector that runs in a thread until it is stopped, or until it raises."""

    def __init__(
        self,
        connector: Connector,
        settings: Mapping[str, str],
        kept: Kept | None = None,
        brand: frozenset[Address] = frozenset(),
    ) -> None:
        self.kept = kept or Kept()
        self.error: BaseException | None = None
        self._stop = threading.Event()
        self._http = httpx.Client(timeout=20)
        self.session = session(settings, self._http, self.kept, brand, self._stop)
        self._connector = connector
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for batch in self._connector.run(self.session):
                self.kept.keep(batch)
                if self._stop.is_set():
                    return
        except BaseException as error:
            self.error = error

    def until(self, condition: Callable[[Kept], object]) -> None:
        """Waits until what was kept fulfils the condition; fails where that never comes."""
        end = time.monotonic() + PATIENCE
        while not condition(self.kept):
            if self.error is not None:
                raise self.error
            assert time.monotonic() < end, f"never came; there is {self.kept.kinds()}"
            time.sleep(0.02)

    def stop(self) -> Kept:
        """Ends it and answers what it kept."""
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self._http.close()
        return self.kept

    def __enter__(self) -> Listening:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def session(
    settings: Mapping[str, str],
    http: httpx.Client,
    kept: Kept | None = None,
    brand: frozenset[Address] = frozenset(),
    stop: threading.Event | None = None,
) -> Session:
    """A session with the cursor of what was kept."""
    ends = stop or threading.Event()
    cursor: dict[str, Any] = orjson.loads(kept.cursor) if kept is not None else {}
    return Session(
        settings=settings,
        cursor=cursor,
        brand=brand,
        http=http,
        now=lambda: time.time_ns() // 1_000,
        wait=ends.wait,
        stopping=ends.is_set,
    )
