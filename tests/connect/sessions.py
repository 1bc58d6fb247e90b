"""Connectors driven by hand: a session, and a listener that does what the runner does, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson

from courtship.connect import dial, http
from courtship.connect.base import Batch, Connector, Session
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Address, Micros, Problem, Profile, Record, Snapshot, Undo
from courtship.service.live.connecting import filled

PATIENCE = 45.0


def clock() -> int:
    """Now, in UTC microseconds."""
    return time.time_ns() // 1000


def session(
    connector: Connector,
    settings: Mapping[str, str],
    *,
    cursor: Mapping[str, Any] | None = None,
    brand: frozenset[Address] = frozenset(),
    stop: threading.Event | None = None,
    now: Callable[[], int] = clock,
    timeout: float = 20.0,
    client: httpx.Client | None = None,
) -> Session:
    """What the runner hands over; its client goes where the settings say, or is one of the test's own."""
    stop = stop or threading.Event()
    return Session(
        settings=filled(connector, settings),
        cursor=dict(cursor or {}),
        brand=brand,
        http=client or http.client(dial.named(settings), now=now, wait=stop.wait, timeout=timeout),
        now=now,
        wait=stop.wait,
        stopping=stop.is_set,
    )


class Kept:
    """What a connection has brought so far: the log, and the cursor as it is stored (JSON)."""

    def __init__(self, cursor: Mapping[str, Any] | None = None) -> None:
        self.records: list[Record | Problem] = []
        self.came: dict[str, float] = {}
        """When each activity was first told, by its id."""
        self.cursor: bytes = orjson.dumps(dict(cursor or {}))
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
    def position(self) -> dict[str, Any]:
        """The cursor, as it is read again."""
        return dict(orjson.loads(self.cursor))

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


class Listener:
    """Runs a connector in a thread and starts it again with the last cursor where it failed."""

    def __init__(
        self,
        connector: Connector,
        settings: Mapping[str, str],
        kept: Kept | None = None,
        *,
        cursor: Mapping[str, Any] | None = None,
        brand: frozenset[Address] = frozenset(),
        again: float = 0.1,
    ) -> None:
        self.connector, self.settings, self.brand, self.again = connector, settings, brand, again
        self.kept = kept or Kept(cursor)
        self.failures: list[Exception] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._all, daemon=True)

    def __enter__(self) -> Listener:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive(), "the connector does not stop"

    def _all(self) -> None:
        while not self.stop.is_set():
            try:
                made = session(
                    self.connector, self.settings, cursor=self.cursor, brand=self.brand, stop=self.stop
                )
                with made.http:
                    for batch in self.connector.run(made):
                        self.kept.keep(batch)
                        if self.stop.is_set():
                            break
            except (Unreachable, ConnectionRefused) as error:
                self.failures.append(error)
                self.stop.wait(self.again)
            except httpx.HTTPError as error:  # the runner puts these into words
                self.failures.append(Unreachable(http.in_words(error)))
                self.stop.wait(self.again)
            except Exception as error:
                self.failures.append(error)
                raise

    @property
    def cursor(self) -> dict[str, Any]:
        """The cursor of the last batch."""
        return self.kept.position

    @property
    def batches(self) -> list[Batch]:
        """Every batch so far."""
        return self.kept.batches

    @property
    def told(self) -> list[Record | Problem]:
        """Everything told so far."""
        return self.kept.records

    @property
    def acts(self) -> list[Activity]:
        """Every activity told so far, each once, edits beside what they edit."""
        return list(dict.fromkeys(one for one in self.told if isinstance(one, Activity)))

    @property
    def problems(self) -> list[Problem]:
        """Every problem told so far."""
        return self.kept.problems

    def until(self, condition: Callable[[], object], what: str = "") -> float:
        """Waits for a condition; answers how many seconds it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < PATIENCE, (
                f"{what or 'it'} never came; failures: {self.failures}"
            )
            assert self.thread.is_alive() or self.stop.is_set(), f"it ended: {self.failures}"
            time.sleep(0.01)
        return time.monotonic() - began
