"""Connectors driven by hand: a session, and a listener that does what the runner does, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from courtship.connect import dial, http
from courtship.connect.base import Batch, Connector, Session
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Address, Problem, Record
from courtship.service.connecting import filled

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
) -> Session:
    """What the runner hands over, with a client that goes where the settings say."""
    stop = stop or threading.Event()
    return Session(
        settings=filled(connector, settings),
        cursor=dict(cursor or {}),
        brand=brand,
        http=http.client(dial.named(settings), now=now, wait=stop.wait, timeout=timeout),
        now=now,
        wait=stop.wait,
        stopping=stop.is_set,
    )


class Listener:
    """Runs a connector in a thread and starts it again with the last cursor where it failed."""

    def __init__(
        self,
        connector: Connector,
        settings: Mapping[str, str],
        *,
        cursor: Mapping[str, Any] | None = None,
        brand: frozenset[Address] = frozenset(),
        again: float = 0.1,
    ) -> None:
        self.connector, self.settings, self.brand, self.again = connector, settings, brand, again
        self.cursor: Mapping[str, Any] = dict(cursor or {})
        self.batches: list[Batch] = []
        self.failures: list[Exception] = []
        self.told: list[Record | Problem] = []
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
                for batch in self.connector.run(made):
                    self.cursor = batch.cursor
                    self.batches.append(batch)
                    self.told += batch.records
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
    def acts(self) -> list[Activity]:
        """Every activity told so far, each once."""
        return list(dict.fromkeys(one for one in self.told if isinstance(one, Activity)))

    @property
    def problems(self) -> list[Problem]:
        """Every problem told so far."""
        return [one for one in self.told if isinstance(one, Problem)]

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
