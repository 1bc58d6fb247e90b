"""Runs the live connections: each in a thread of its own, as long as the server runs.

What a connection brings and its cursor are stored in one transaction, by the one process that holds its
lease. Where it fails, it is started again after a while that grows (``connect/backoff.py``), or as soon as
the owner changes something; none stops another. For as long as it ran, coverage is declared: at first, once
a day, and when it stops; a time in which it did not run stays a gap.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import httpx

from courtship.connect import backoff, dial, http, registry
from courtship.connect.base import Batch, Connector, Session
from courtship.errors import ConnectionRefused, CourtshipError, StoreFailure, Unreachable
from courtship.model import DAY, Activity, Address, Micros, Origin, Post, Problem, Record, Snapshot
from courtship.service.coverage.spans import Span, coverage
from courtship.service.importing.lists import what_they_add
from courtship.service.live import connecting, heard_events
from courtship.service.live.hearing import hear
from courtship.store.operations import connections, secret_box
from courtship.store.operations.connections import Connection, LeaseLost

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at what is to be run."""

LEASE: Final[Micros] = 45_000_000
RENEW_EVERY: Final = 15.0
"""A lease lasts 45 s and is renewed every 15: a machine that dies is followed after 45 s at most."""

DECLARE_EVERY: Final[Micros] = DAY
"""Coverage is written to the log so often while a connection runs; besides when it begins and stops."""

SHORT: Final = 60.0
"""A run of so many seconds counts as a good one: the next failure is a first one again."""

REFUSED_AGAIN: Final[Micros] = 6 * 3_600_000_000
"""A connection that was turned away is tried again after so long: some platforms turn away by mistake."""

STOP_SECONDS: Final = 20.0
"""So long a connection may take to end what it is storing; what hangs is then left."""

FIRST_BATCH: Final = 60.0
"""Seconds that the first batch may take with ``listen_once``."""

log = logging.getLogger("courtship.listening")


def clock() -> Micros:
    """Now, in UTC microseconds."""
    return time.time_ns() // 1000


@dataclass(slots=True)
class _Run:
    connection: Connection
    thread: threading.Thread
    stop: threading.Event


class Listening:
    """All connections of one workspace. ``start`` and ``stop`` once each; the threads die with the process.

    ``chance`` gives the jitter; ``now`` is the clock.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        now: Callable[[], Micros] = clock,
        chance: Callable[[], float] = random.random,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self.now = now
        self.chance = chance
        self.say = say or (lambda line: log.info("%s", line))
        self.holder = connections.own_name()
        self._stop = threading.Event()
        self._runs: dict[str, _Run] = {}
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to run what is to be run, and to look for what is added."""
        self._thread = threading.Thread(target=self._supervise, name="courtship-listening", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ends every connection and gives the leases back. What hangs is left to the end of the process."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(seconds + 1)

    def _supervise(self) -> None:
        renewed = 0.0
        try:
            while True:
                try:
                    renew = time.monotonic() - renewed >= RENEW_EVERY
                    if renew:
                        renewed = time.monotonic()
                    self._look(renew=renew)
                except CourtshipError as error:
                    log.warning("the connections could not be looked at: %s", error)
                    self.workspace.close()
                except Exception:
                    log.exception("looking at the connections broke off")
                if self._stop.wait(LOOK_EVERY):
                    return
        finally:
            self._end_all()
            self.workspace.close()

    def _look(self, *, renew: bool) -> None:
        """Starts what is to be run and stops what is not."""
        now = self.now()
        there = {one.id: one for one in connections.every(self.workspace)}
        for id, run in list(self._runs.items()):
            one = there.get(id)
            if not run.thread.is_alive():
                del self._runs[id]
            elif (
                one is None
                or one.edited != run.connection.edited
                or one.state == "paused"
                or (renew and not self._take(id, now))
            ):
                run.stop.set()
        for id, one in there.items():
            if id in self._runs or not _due(one, now):
                continue
            if one.running(now) and one.holder != self.holder and not connections.is_dead(one.holder):
                continue
            if self._take(id, now):
                self._begin(replace(one, holder=self.holder))

    def _take(self, id: str, now: Micros) -> bool:
        return connections.take(self.workspace, id, self.holder, now=now, until=now + LEASE)

    def _begin(self, one: Connection) -> None:
        stop = threading.Event()
        run = OneRun(self.workspace, one, self.holder, stop, now=self.now, chance=self.chance, say=self.say)
        thread = threading.Thread(target=run.all, name=f"courtship-{one.connector}", daemon=True)
        self._runs[one.id] = _Run(one, thread, stop)
        thread.start()

    def _end_all(self) -> None:
        for run in self._runs.values():
            run.stop.set()
        until = time.monotonic() + STOP_SECONDS
        for run in self._runs.values():
            run.thread.join(max(0.0, until - time.monotonic()))
        self._runs.clear()


def _due(one: Connection, now: Micros) -> bool:
    if one.state == "paused" or one.connector not in registry.known():
        return False
    return one.state == "on" or one.until <= now


def listen_once(
    workspace: Workspace,
    *,
    now: Callable[[], Micros] = clock,
    say: Callable[[str], None] | None = None,
    quiet: float = 5.0,
) -> int:
    """Runs every connection until it has brought what there is (``quiet`` seconds without anything new after
    a first batch), one after the other; answers how many failed."""
    holder = connections.own_name()
    failed = 0
    for one in connections.every(workspace):
        moment = now()
        if one.state == "paused" or one.connector not in registry.known():
            continue
        if not connections.take(workspace, one.id, holder, now=moment, until=moment + LEASE):
            if say:
                say(f"{one.title}: another process runs it")
            continue
        run = OneRun(workspace, replace(one, holder=holder), holder, threading.Event(), now=now, say=say)
        failed += not run.until_quiet(quiet)
    return failed


class OneRun:
    """One connection, from its start to its end, in the thread that calls it."""

    def __init__(
        self,
        workspace: Workspace,
        connection: Connection,
        holder: str,
        stop: threading.Event,
        *,
        now: Callable[[], Micros] = clock,
        chance: Callable[[], float] = random.random,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self.connection = connection
        self.holder = holder
        self.stop = stop
        self.now = now
        self.chance = chance
        self.say = say or (lambda line: log.info("%s", line))
        self.span = Span.of(connection)
        self.began = now()
        self.heard_anything = 0.0
        self.client: http.Client | None = None
        self.secrets: list[str] = []
        self.origin = Origin(f"{connection.title}", connection.connector, "", connection.added)

    def all(self) -> None:
        """Runs until it is to stop or fails; then says why and until when, and gives the lease back."""
        began = time.monotonic()
        try:
            self._run()
        except LeaseLost:
            log.info("%s: another process runs it, or it was changed", self.connection.title)
        except Exception as error:
            self._failed(error, time.monotonic() - began)
        finally:
            self._end()

    def until_quiet(self, quiet: float) -> bool:
        """Runs until nothing new has come for ``quiet`` seconds; answers whether it did not fail."""
        done: list[Exception] = []
        self.heard_anything = time.monotonic() + FIRST_BATCH

        def work() -> None:
            try:
                self._run()
            except LeaseLost:
                pass
            except Exception as error:
                done.append(error)
                self._failed(error, 0.0)
            finally:
                self._end()

        thread = threading.Thread(target=work, name=f"courtship-{self.connection.connector}", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.2)
            if time.monotonic() - self.heard_anything > quiet:
                self.stop.set()
                thread.join(STOP_SECONDS)
                break
        return not done

    def _run(self) -> None:
        connector = registry.named(self.connection.connector)
        settings = connections.settings_of(self.workspace, self.connection)
        self.secrets = [settings.get(one.name, "") for one in connector.settings if one.secret]
        self.client = http.client(dial.named(self.connection.settings), now=self.now, wait=self.stop.wait)
        with self.client:
            session = Session(
                settings=connecting.filled(connector, settings),
                cursor=self.connection.cursor,
                brand=self.workspace.brand(),
                http=self.client,
                now=self.now,
                wait=self.stop.wait,
                stopping=self.stop.is_set,
                posts=self._posts,
            )
            for batch in connector.run(session):
                self._store(connector, batch)
                if self.stop.is_set():
                    break

    def _posts(self) -> Sequence[Post]:
        return self.workspace.posts(self.workspace.brand())

    # ------------------------------------------------------------ storing

    def _store(self, connector: Connector, batch: Batch) -> None:
        """The records, the cursor and, where it is time, the coverage: together or not at all."""
        now = self.now()
        covers = self._covers(connector, batch)
        span, ended = self.span.further(batch.seen_from, batch.seen_to)
        declared = [*coverage(connector, covers, ended)] if ended else []
        if span.due(now, DECLARE_EVERY):
            declared += coverage(connector, covers, span.pending())
            span = span.declared()
        records: list[Record | Problem] = [*map(self._ours, batch.records), *declared]
        if lists := [one for one in batch.records if isinstance(one, Snapshot)]:
            records += what_they_add(self.workspace, lists)
        before = self.workspace.position()

        def save() -> None:
            connections.advance(
                self.workspace,
                self.connection,
                self.holder,
                cursor=batch.cursor,
                brought=(self.origin, before) if records else None,
                now=now,
                note=batch.note,
                lag=_lag(batch, self.began, now),
                seen=(span.seen_from, span.seen_to, span.declared_to),
                covers=covers,
                rate_limit=self.client.limits.words() if self.client else "",
            )

        if records:
            hear(self.workspace, records, self.origin, now=now, save=save)
        else:
            with self.workspace.transaction():
                save()
        self.span = span
        self.connection = replace(self.connection, cursor=batch.cursor, failures=0)
        self.heard_anything = time.monotonic() if records else min(self.heard_anything, time.monotonic())
        if records:
            heard_events.publish(self.workspace)

    def _ours(self, record: Record | Problem) -> Record | Problem:
        """Problems name the connection where the connector left their place empty."""
        if isinstance(record, Problem) and not record.path:
            return record._replace(path=self.connection.title)
        return record

    def _covers(self, connector: Connector, batch: Batch) -> list[Address]:
        """The accounts of which coverage is declared: those that the batch names, else the connection's, else
        any of the connector's platforms."""
        named = list(batch.accounts) or [self.connection.account]
        if named == [""]:
            named = [f"{platform}:*" for platform in connector.platforms]
        return named

    def _declare(self) -> None:
        """Writes what was seen and is not declared yet."""
        connector = registry.known().get(self.connection.connector)
        held = connections.find(self.workspace, self.connection.id)
        pending = self.span.pending()
        if connector is None or held is None or held.holder != self.holder or pending is None:
            return
        if held.account != self.connection.account:
            return  # it is another account's now; what was seen of this one was declared with the change
        records = list(coverage(connector, held.covers, pending))
        with self.workspace.transaction():
            if records:
                self.workspace.append(records, self.origin)
            connections.declared(self.workspace, self.connection.id, self.holder, pending[1])
        self.span = self.span.declared()
        heard_events.publish(self.workspace)

    # ------------------------------------------------------------ ending

    def _failed(self, error: Exception, ran: float) -> None:
        now = self.now()
        failures = 0 if ran >= SHORT else self.connection.failures
        waits = backoff.delay(failures + 1, self.chance)
        state: connections.State = "waiting"
        match error:
            case ConnectionRefused():
                state, why, until = "refused", str(error), now + REFUSED_AGAIN
            case Unreachable():
                why = str(error)
                waits = max(waits, error.after or 0.0)
            case httpx.HTTPStatusError() if error.response.status_code in (401, 403):
                state, why, until = "refused", http.in_words(error), now + REFUSED_AGAIN
            case httpx.HTTPError() | httpx.InvalidURL() | httpx.StreamError():
                why = http.in_words(error)
            case CourtshipError():
                why = str(error)
            case _:
                quoted = self._hidden(" ".join(str(error).split()))[:120]
                why = (
                    f"what {self.connection.title} answered could not be understood"
                    f" ({type(error).__name__}: {quoted}); it may have changed: please report it"
                )
                told = "".join(traceback.format_exception(error)).rstrip()
                log.warning("%s stumbled\n%s", self.connection.title, self._hidden(told))
        why = self._hidden(why)
        if state == "waiting":
            if self.client is not None:
                waits = max(waits, self.client.limits.longest())
            until = now + int(waits * backoff.SECOND)
        log.warning("%s: %s", self.connection.title, why)
        self.say(f"{self.connection.title}: {why}")
        try:
            connections.failed(
                self.workspace,
                replace(self.connection, failures=failures),
                self.holder,
                state=state,
                why=why,
                until=until,
                rate_limit=self.client.limits.words() if self.client else "",
            )
            if not isinstance(error, (Unreachable, httpx.HTTPError, StoreFailure)):
                self.workspace.add_problems([Problem(self.connection.title, "", why)], self.origin)
        except StoreFailure as worse:
            log.warning("%s: %s", self.connection.title, worse)

    def _hidden(self, said: str) -> str:
        return secret_box.hidden(said, self.secrets)

    def _end(self) -> None:
        try:
            self._declare()
            connections.release(self.workspace, self.connection.id, self.holder)
        except CourtshipError as error:
            log.warning("%s: %s", self.connection.title, error)
        except Exception:
            log.exception("%s could not be ended in order", self.connection.title)
        finally:
            self.workspace.close()


def _lag(batch: Batch, began: Micros, now: Micros) -> Micros | None:
    """From the newest act of the batch to its being heard; ``None`` for a batch without precise acts since
    the run ``began``: what is fetched of earlier times was not heard late."""
    acts = (one for one in batch.records if isinstance(one, Activity) and one.precise and one.at >= began)
    latest = max((one.at for one in acts), default=None)
    return None if latest is None else max(0, now - latest)
