"""What others send to the webhook: read, checked, and kept for good before it is answered.

Deliveries that come at the same time share a commit (the disk is asked once for all of them); whom they are
about is reckoned right after, off the way of the answers. A delivery whose idempotency key was answered is
answered alike again. Nothing counts twice: with or without a key, an act told again is the same act.
"""

from __future__ import annotations

import csv
import io
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from courtship.errors import CourtshipError, InvalidRecord, StoreFailure
from courtship.model import Activity, Decision, Micros, Origin, Post, Problem, Profile, Record, Total, Undo
from courtship.platforms.activitystreams import COLLECTIONS, Reader
from courtship.service.live import heard_events
from courtship.service.reckoning.refresh import refresh
from courtship.sources.flat_rows import Rows
from courtship.store.log import heard
from courtship.store.operations import hooks
from courtship.tables import activity_schema
from courtship.times import to_iso

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

FORMAT: Final = "webhook"
AHEAD: Final[Micros] = 300_000_000
"""A time of more than five minutes from now is a sender's wrong clock."""

MOST_ROWS: Final = 20_000
LISTED: Final = 100
"""Problems of one delivery that its answer lists; the rest are counted."""

TOGETHER: Final = 256
TOGETHER_BYTES: Final = 20_000_000
"""Deliveries, and bytes of them, that share a commit at most."""

WAITING: Final = 5_000
"""Deliveries that may wait; more are asked to come again."""

SETTLE, SETTLE_MOST = 0.25, 0.7
"""Seconds between two reckonings while deliveries come: twice as long as the last one took, within these."""

LOG_EVERY: Final = 60.0
"""Seconds between two lines in the server's log about the same."""

KEPT: Final[Micros] = 7 * 86_400_000_000
"""A delivery that is repeated within a week is known by its key; later, by what it says."""

log = logging.getLogger("courtship.webhook")


class Answer(NamedTuple):
    """An HTTP status, a body for JSON, and whether the delivery was answered before."""

    status: int
    body: Mapping[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What a body says. ``ignored`` are fields that the flat table does not have; ``noted`` are the problems
    as the log keeps them: those that every delivery of one sender has are one."""

    records: list[Record]
    problems: list[Problem]
    noted: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


# ---------------------------------------------------------------- reading


def read(body: bytes, content_type: str, *, now: Micros, name: str = "") -> Read:
    """The records of a body: JSON (an object, a list, a collection), JSON Lines or CSV.

    ActivityStreams 2.0 is told from the flat table by its ``type``. Raises InvalidRecord, in one line, where
    none of it can be read at all.
    """
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise InvalidRecord(f"the body is not UTF-8 (byte {error.start}); send it as UTF-8") from None
    if not text:
        raise InvalidRecord("the body is empty; send a JSON object, a list, JSON Lines or CSV")
    reading = _Reading(now, name)
    try:
        if content_type.startswith("text/csv") or (text[0] not in "{[" and "," in text.split("\n", 1)[0]):
            reading.table(text)
        else:
            for where, item in _items(text):
                reading.item(where, item)
    except RecursionError:
        raise InvalidRecord("the body is nested too deeply") from None
    return reading.done()


def _items(text: str) -> Iterator[tuple[str, Any]]:
    try:
        whole = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2:
            raise InvalidRecord(f"the body is not JSON ({error.msg}, line {error.lineno})") from None
        for number, line in lines:
            try:
                yield f"line {number}", orjson.loads(line)
            except orjson.JSONDecodeError:
                yield f"line {number}", None
        return
    if isinstance(whole, dict) and str(whole.get("type")) in COLLECTIONS:
        whole = whole.get("orderedItems", whole.get("items", []))
        whole = whole if isinstance(whole, list) else [whole]
    if isinstance(whole, list):
        yield from ((f"item {number}", item) for number, item in enumerate(whole, 1))
    else:
        yield "", whole


class _Reading:
    def __init__(self, now: Micros, name: str) -> None:
        self.now = now
        self.name = name
        self.records: list[Record] = []
        self.problems: list[Problem] = []
        self.noted: dict[Problem, None] = {}
        self.rows = Rows()
        self.streams = Reader()
        self.columns = frozenset(activity_schema().names) | {"undoes"}
        self.ignored: dict[str, None] = {}
        self.count = 0

    def item(self, where: str, item: Any) -> None:
        """One JSON value: a row of the flat table, or an ActivityStreams object."""
        try:
            if item is None:
                raise ValueError("is not JSON: damaged or cut short")
            if not isinstance(item, dict):
                raise ValueError("is no JSON object")
            if "kind" not in item and ("type" in item or "@type" in item):
                for told in self.streams.records(item):
                    self._take(where, told)
            else:
                self._row(where, item)
        except ValueError as error:
            self._wrong(where, str(error))
        except (TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
            # a shape that nobody thought of must not cost the other items
            log.warning("an item of a delivery could not be read", exc_info=error)
            self._wrong(where, "has a value of a kind that does not belong there; it was left out")

    def table(self, text: str) -> None:
        """A CSV text whose header names the columns."""
        head = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=head.count)
        rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)
        header: list[str] | None = None
        try:
            for row in rows:
                if not row:
                    continue
                if header is None:
                    header = [cell.strip() for cell in row]
                    if "at" not in header:
                        raise InvalidRecord("the CSV has no column 'at'; its first line names the columns")
                    continue
                where = f"line {rows.line_num}"
                if len(row) != len(header):
                    self._wrong(where, f"has {len(row)} cells where the header has {len(header)}")
                    continue
                try:
                    self._row(where, dict(zip(header, row, strict=True)))
                except ValueError as error:
                    self._wrong(where, str(error))
        except csv.Error as error:
            self._wrong(f"line {rows.line_num}", f"cannot be read as CSV ({error})")

    def _row(self, where: str, row: Mapping[str, Any]) -> None:
        self.ignored.update(dict.fromkeys(row.keys() - self.columns))
        self._take(where, self.rows.record(row))

    def _take(self, where: str, told: Record | Decision | Origin) -> None:
        self.count += 1
        if self.count > MOST_ROWS:
            if self.count == MOST_ROWS + 1:
                self._wrong(
                    where, f"is more than the {MOST_ROWS:,} of one delivery; send the rest in another"
                )
            return
        if isinstance(told, Profile):
            told = told._replace(own=False)  # whose account is the brand's is the owner's to say
        elif not isinstance(told, (Activity, Undo, Post, Total)):
            self._wrong(where, "is no activity; what an export holds besides is imported as a file")
            return
        at = told.at
        if at is not None and at > self.now + AHEAD:
            ahead = (at - self.now) // 60_000_000
            self._wrong(
                where,
                f"its time {to_iso(at)} is {ahead:,} minutes ahead of the clock here ({to_iso(self.now)});"
                " it was left out: correct the clock or the zone and send it again",
                "times that are ahead of the clock here were left out: correct the sender's clock or zone",
            )
            return
        self.records.append(told)

    def _wrong(self, where: str, reason: str, noted: str = "") -> None:
        self.problems.append(Problem(self.name, where, reason))
        self.noted[Problem(self.name, "", noted) if noted else self.problems[-1]] = None

    def done(self) -> Read:
        """Everything, with the deletions that stood before what they delete."""
        for told in self.streams.finish():
            self._take("", told)
        return Read(self.records, self.problems, list(self.noted), sorted(self.ignored)[:20])


# ---------------------------------------------------------------- keeping


@dataclass(slots=True)
class _Delivery:
    hook: hooks.Hook
    key: bytes | None
    digest: bytes
    size: int
    read: Read
    future: Future[Answer] = field(default_factory=Future)


class Receiver:
    """Keeps what comes for one workspace. Threads of its own write and reckon; ``stop`` ends them."""

    def __init__(self, workspace: Workspace, now: Callable[[], Micros]) -> None:
        self.workspace = workspace
        self.now = now
        self._line: queue.Queue[_Delivery | None] = queue.Queue()
        self._moved = threading.Event()
        self._ended = threading.Event()
        self._writer = threading.Thread(target=self._write, name="courtship-webhook", daemon=True)
        self._reckoner = threading.Thread(target=self._reckon, name="courtship-webhook-people", daemon=True)
        self._hooks: list[hooks.Hook] = []
        self._hooks_read = 0.0
        self._forgotten: Micros = 0
        self._refused: dict[tuple[str, str], float] = {}
        self._owed: deque[Problem] = deque()
        self._writer.start()
        self._reckoner.start()

    def stop(self) -> None:
        """Writes and answers what waits, reckons it, and ends."""
        self._line.put(None)
        self._writer.join(30)
        self._ended.set()
        self._moved.set()
        self._reckoner.join(30)

    def hook(self, token: str) -> hooks.Hook | None:
        """The address that a token opens, of those that were open at the last ``look``."""
        return hooks.of_token(self._hooks, token)

    @property
    def stale(self) -> bool:
        """Whether it is time to ``look`` which addresses are open."""
        return time.monotonic() - self._hooks_read > 1.0

    def look(self) -> None:
        """Reads which addresses are open."""
        self._hooks = hooks.every(self.workspace)
        self._hooks_read = time.monotonic()

    def deliver(self, hook: hooks.Hook, body: bytes, content_type: str, key: str = "") -> Future[Answer]:
        """Takes a delivery; the future answers when it is on the disk."""
        refused: Future[Answer] = Future()
        if self._line.qsize() >= WAITING:
            refused.set_result(Answer(503, {"error": "too much at once; send it again in a few seconds"}))
            return refused
        try:
            told = read(body, content_type, now=self.now(), name=hook.title)
        except InvalidRecord as error:
            self.refused(hook, "a delivery was refused: nothing of it can be read")
            refused.set_result(Answer(400, {"error": str(error)}))
            return refused
        one = _Delivery(
            hook, hooks.key_of(hook.id, key) if key else None, hooks.body_digest(body), len(body), told
        )
        self._line.put(one)
        return one.future

    def refused(self, hook: hooks.Hook | None, why: str) -> None:
        """Notes that a delivery was turned away (``hook`` ``None``: by a token that opens nothing): in the
        server's log at most once a minute, and for the owner once."""
        said = (hook.title if hook else "Webhook", why)
        last, now = self._refused.get(said), time.monotonic()
        if last is not None and now - last < LOG_EVERY:
            return
        self._refused[said] = now
        log.warning("%s: %s", *said)
        if last is None and self._hooks:  # where no address is open, it is a passer-by's
            self._owed.append(Problem(said[0], "", why))
            self._moved.set()

    # ------------------------------------------------------------ the writer's thread

    def _write(self) -> None:
        try:
            while True:
                first = self._line.get()
                if first is None:
                    return
                together, ended = self._more(first)
                self._settle(together)
                self._moved.set()
                if ended:
                    return
        finally:
            self.workspace.close()

    def _more(self, first: _Delivery) -> tuple[list[_Delivery], bool]:
        """Whatever else has come meanwhile."""
        together, size = [first], first.size
        while len(together) < TOGETHER and size < TOGETHER_BYTES:
            try:
                one = self._line.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return together, True
            together.append(one)
            size += one.size
        return together, False

    def _settle(self, together: list[_Delivery]) -> None:
        """Writes some in one transaction; where that fails, each by itself."""
        try:
            answers = self._keep(together)
        except Exception as error:
            if len(together) > 1 and not isinstance(error, StoreFailure):
                for one in together:
                    self._settle([one])
                return
            answers = [_failed(error)] * len(together)
            self.workspace.close()
        for one, answer in zip(together, answers, strict=True):
            one.future.set_result(answer)

    def _keep(self, together: list[_Delivery]) -> list[Answer]:
        now = self.now()
        with self.workspace.transaction():
            open_ones = hooks.open_ones(self.workspace)
            known = hooks.answers(self.workspace, {one.key for one in together if one.key is not None})
            answers: list[Answer] = []
            fresh: dict[bytes, tuple[bytes, str]] = {}
            counted: dict[str, int] = {}
            for one in together:
                if one.hook.id not in open_ones:
                    answers.append(Answer(404, {"error": "this address is not open any more"}))
                    continue
                if one.key is not None:
                    before = known.get(one.key) or fresh.get(one.key)
                    if before is not None:
                        answers.append(_again(one, *before))
                        if not answers[-1].replayed:
                            self.refused(one.hook, "a delivery was refused: its idempotency key came before")
                        continue
                answer = self._append(one)
                answers.append(answer)
                counted[one.hook.id] = counted.get(one.hook.id, 0) + int(answer.body["new"])
                if one.key is not None:
                    said = orjson.dumps([answer.status, answer.body]).decode()
                    fresh[one.key] = (one.digest, said)
            hooks.keep(
                self.workspace,
                [(key, digest, said) for key, (digest, said) in fresh.items()],
                list(counted.items()),
                now=now,
            )
        if now - self._forgotten > 3_600_000_000:
            self._forgotten = now
            hooks.forget_answers(self.workspace, now - KEPT)
        return answers

    def _append(self, one: _Delivery) -> Answer:
        origin = Origin(one.hook.title, FORMAT, "", one.hook.added)
        done = self.workspace.append([*one.read.records, *one.read.noted], origin)
        noted = set(one.read.noted)
        problems = [*one.read.problems, *(told for told in done.problems if told not in noted)]
        taken = done.new + done.known + done.other + done.forgotten
        body: dict[str, Any] = {
            "new": done.new,
            "known": done.known,
            "problems": [{"where": p.where, "reason": p.reason} for p in problems[:LISTED]],
        }
        if len(problems) > LISTED:
            body["more_problems"] = len(problems) - LISTED
        if one.read.ignored:
            body["ignored"] = one.read.ignored
        return Answer(422 if problems and not taken and not one.read.records else 200, body)

    # ------------------------------------------------------------ the reckoner's thread

    def _reckon(self) -> None:
        try:
            while not self._ended.is_set() or self._moved.is_set():
                self._moved.wait()
                self._moved.clear()
                began = time.monotonic()
                try:
                    self._note()
                    refresh(self.workspace, now=self.now())
                    moved = heard.moved(self.workspace)
                    if moved.refreshed < moved.position and not self._ended.is_set():
                        self._moved.set()  # what is dated a moment ahead is felt a moment later
                    heard_events.publish(self.workspace)
                except CourtshipError as error:
                    log.warning("what the webhook brought is not reckoned yet: %s", error)
                    self.workspace.close()
                except Exception:
                    log.exception("what the webhook brought could not be reckoned")
                taken = time.monotonic() - began
                self._ended.wait(min(max(SETTLE, 2 * taken), SETTLE_MOST))
        finally:
            self.workspace.close()

    def _note(self) -> None:
        """Keeps what was turned away where the owner sees it."""
        while self._owed:
            self.workspace.add_problems([self._owed[0]], Origin(self._owed[0].path, FORMAT, "", self.now()))
            self._owed.popleft()


def _again(one: _Delivery, digest: bytes, said: str) -> Answer:
    if digest != one.digest:
        return Answer(
            422,
            {"error": "this idempotency key came before with another body; use a new one for each delivery"},
        )
    status, body = orjson.loads(said)
    return Answer(status, body, replayed=True)


def _failed(error: Exception) -> Answer:
    if isinstance(error, StoreFailure):
        log.warning("a delivery could not be kept: %s", error)
        return Answer(503, {"error": f"{error}"})
    log.error("a delivery broke off", exc_info=error)
    return Answer(500, {"error": "a mistake of ours; it is in the server's log, and nothing of it was kept"})
