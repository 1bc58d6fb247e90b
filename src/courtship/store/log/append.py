"""Appends records to the log: streams, in batches, each a transaction under the log's one lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.db import connections, transaction

from courtship.model import (
    Activity,
    Appended,
    Coverage,
    Origin,
    Post,
    Problem,
    Profile,
    Record,
    Snapshot,
    Total,
    Undo,
)
from courtship.store import bulk
from courtship.store.log import keys, listed
from courtship.store.log.bounds import bare, legible, numbers_fit, too_long, unheld
from courtship.store.log.interning import Interning
from courtship.store.log.undoing import ambiguous, blank_ended, blank_words, endings_of
from courtship.vocabulary import KIND_CODE

BATCH = 65_536
"""Records to a transaction: the key index is written in long sorted runs, and it fits in memory."""

FEW = 1_000
"""Activities up to which the collection of cycles may go on meanwhile."""

Progress = Callable[[int], None]
"""Called after each batch with the number of activities read so far."""

SORTS: dict[type, str] = {
    Post: "post",
    Total: "total",
    Profile: "profile",
    Snapshot: "snapshot",
    Coverage: "coverage",
}
"""What a record other than an activity or an Undo is called in the table of facts."""


_ACCOUNT = {"post": 1, "profile": 0, "snapshot": 0, "coverage": 0}
"""Where the account stands in a fact of this sort."""

_UNREADABLE = "holds text that is not Unicode, or a number out of range"


@lru_cache(maxsize=64)
def _held(origin: Origin) -> Origin:
    """As the log holds it."""
    return origin._replace(path=legible(origin.path), source=legible(origin.source))


_IS_UNDONE = "SELECT 1 FROM store_undone WHERE undoes = %s LIMIT 1"


class _Line(NamedTuple):
    """An activity with its key, waiting for its batch."""

    key: bytes
    content: int
    row: Activity
    origin: int


class Append:
    """One call of ``Workspace.append``. Use once: ``add`` records, then ``finish``."""

    def __init__(
        self,
        alias: str,
        origin: Origin,
        progress: Progress | None = None,
        told: list[tuple[int, Activity]] | None = None,
        interning: Interning | None = None,
        locked: bulk.Locked | None = None,
    ) -> None:
        self.alias = alias
        self.locked = locked
        self.progress = progress
        self.told = told
        self.interning = interning or Interning(connections[alias])
        self.connection = self.interning.connection
        self.lines: list[_Line] = []
        self.undos: list[tuple[bytes, Undo, int]] = []
        self.facts: list[tuple[bytes, str, str, int | None, tuple[Any, ...], int]] = []
        self.ordinals: dict[bytes, int] = {}
        self.problems: list[Problem] = []
        self.origins: list[Origin] = []
        self.read = self.new = self.known = self.other = self.forgotten = 0
        self.loose_undos: list[Undo] = []
        self.begin(origin)

    def begin(self, origin: Origin) -> None:
        """What follows comes from ``origin``."""
        self.origin = origin = _held(origin)
        if origin in self.origins:
            self.origin_index = self.origins.index(origin)
        else:
            self.origin_index = len(self.origins)
            self.origins.append(origin)

    def add(self, record: Record | Origin | Problem) -> None:
        """Takes one record; writes when a batch is full."""
        if isinstance(record, Activity):
            self._add_activity(record)
        elif isinstance(record, Undo):
            self._add_undo(record)
        elif isinstance(record, Origin):
            self.begin(record)
        elif isinstance(record, Problem):
            self.problems.append(record)
        else:
            self._add_fact(record)
        if len(self.lines) + len(self.undos) + len(self.facts) >= BATCH:
            self.flush()

    def _add_activity(self, row: Activity) -> None:
        self.read += 1
        object, answered = row.object, row.in_reply_to
        if (
            len(row.id) > keys.LONGEST_NAME
            or (object is not None and len(object) > keys.LONGEST_NAME)
            or (answered is not None and len(answered) > keys.LONGEST_NAME)
        ):
            row = row._replace(
                id=keys.shortened(row.id),
                object=keys.shortened(object) if object else object,
                in_reply_to=keys.shortened(answered) if answered else answered,
            )
        try:
            said = orjson.dumps(row[1:])
            if b"\\u0000" in said or "\0" in row.id:
                row = Activity._make(bare(value) for value in row)
                said = orjson.dumps(row[1:])
            content = keys.content_digest(said)
        except (TypeError, orjson.JSONEncodeError):
            self._refuse(row, f"{_UNREADABLE}; it was left out")
            return
        if row.kind not in KIND_CODE or not (row.actor or row.target):
            self._refuse(row, f"is of no known kind ({row.kind!r}) or names no account; it was left out")
            return
        unfit = unheld(row)
        if unfit:
            self._refuse(row, f"{unfit}; it was left out")
            return
        source = self.origin.source
        if row.id:
            key = keys.activity_key(keys.platform_of(row.actor, row.target), source, row.id)
        else:
            base = keys.nameless_base(row, source)
            ordinal = self.ordinals.get(base, 0)
            self.ordinals[base] = ordinal + 1
            key = keys.nameless_key(base, ordinal)
            row = row._replace(id=keys.NAMED + key.hex())
        self.lines.append(_Line(key, content, row, self.origin_index))

    def _refuse(self, row: Activity, reason: str) -> None:
        self.problems.append(Problem(self.origin.path, f"activity {row.id!a}", reason))

    def _add_undo(self, undo: Undo) -> None:
        undo = Undo._make(bare(value) for value in undo)
        undo = undo._replace(id=keys.shortened(undo.id), undoes=keys.shortened(undo.undoes))
        key = self._key_of("undo", tuple(undo), f"undo of {undo.undoes!a}")
        if key is None:
            return
        self.undos.append((key, undo, self.origin_index))

    def _add_fact(self, record: Post | Total | Profile | Snapshot | Coverage) -> None:
        sort = SORTS[type(record)]
        body = tuple(bare(value) for value in record)
        key = self._key_of(sort, body, f"{sort} {body[0]!a}")
        if key is None:
            return
        at = record.end if isinstance(record, Coverage) else record.at
        subject = keys.shortened(body[0])
        self.facts.append((key, sort, subject, at, body, self.origin_index))

    def _key_of(self, sort: str, body: tuple[Any, ...], where: str) -> bytes | None:
        """The key of a record that is no activity; ``None``, and a problem, where the log cannot hold it."""
        account = _ACCOUNT.get(sort)
        if numbers_fit(body) and (account is None or not too_long(body[account])):
            try:
                return keys.fact_key(sort, body, self.origin.source)
            except (TypeError, orjson.JSONEncodeError):
                pass
        self.problems.append(Problem(self.origin.path, where, f"{_UNREADABLE}; it was left out"))
        return None

    def flush(self) -> None:
        """Writes what waits, as one transaction."""
        if not (self.lines or self.undos or self.facts):
            return
        try:
            if self.locked is not None and len(self.lines) < FEW:  # within their transaction
                self._write()
            else:
                with bulk.uncollected(), transaction.atomic(using=self.alias, savepoint=False):
                    self._write()
        except BaseException:
            self.interning.clear()
            raise
        if self.progress:
            self.progress(self.read)
        self.lines, self.undos, self.facts = [], [], []

    def _write(self) -> None:
        locked = self.locked
        position = bulk.lock_log(self.connection) if locked is None else locked.position
        self.interning.refresh(None if locked is None else locked.tombstones)
        origins = [self.interning.origin(origin) for origin in self.origins]
        bits = [self.interning.format_bit(origin.format) for origin in self.origins]
        position = self._write_activities(position, origins, bits)
        position = self._write_undos(position, origins)
        position = self._write_facts(position, origins)
        if locked is None:
            bulk.release_log(self.connection, position)
        else:
            locked.position = position

    def _write_activities(self, position: int, origins: list[int], bits: list[int]) -> int:
        if not self.lines:
            return position
        number = self.interning.accounts({name for line in self.lines for name in line.row[2:4]})
        if self.locked is not None and len(self.lines) == 1:
            (line,) = self.lines
            if self._write_unseen(position, line, origins[line.origin], bits[line.origin], number):
                return position + 1
        self.lines.sort(key=lambda line: line.key)
        held = bulk.held_records(self.connection, [line.key for line in self.lines])
        fresh: list[tuple[Any, ...]] = []
        others: list[_Line] = []
        again: dict[tuple[bytes, int], int] = {}
        for line in self.lines:
            row = line.row
            if row.actor not in number or row.target not in number:
                self.forgotten += 1
                continue
            bit = bits[line.origin]
            there = held.get(line.key)
            if there is None:
                position += 1
                held[line.key] = (line.content, bit)
                fresh.append(bulk.record_row(position, line, origins[line.origin], bit, number))
                if self.told is not None:
                    self.told.append((position, row))
                continue
            self.known += 1
            if there[0] != line.content:
                others.append(line)
            if not there[1] & bit:
                again.setdefault((line.key, bit), origins[line.origin])
        self.new += len(fresh)
        bulk.insert(self.connection, "store_record", bulk.RECORD_COLUMNS, fresh)
        position = self._write_variants(position, others, origins, bits, number)
        if again:
            position = bulk.add_sightings(self.connection, position, again)
        self._blank([row[bulk.ACTIVITY_COLUMN] for row in fresh])
        return position

    def _write_unseen(
        self, position: int, line: _Line, origin: int, bit: int, number: dict[str, int]
    ) -> bool:
        """Writes an activity without looking first whether the log has it; false, and nothing written, where
        it has, or where its account was forgotten."""
        row = line.row
        if row.actor not in number or row.target not in number:
            return False
        told = bulk.record_row(position + 1, line, origin, bit, number)
        if not bulk.insert_unseen(self.connection, "store_record", bulk.RECORD_COLUMNS, told, "key"):
            return False
        self.new += 1
        if self.told is not None:
            self.told.append((position + 1, row))
        self._blank([row.id])
        return True

    def _blank(self, new_ids: list[str]) -> None:
        """Takes the words out of what has been deleted before it was told."""
        locked = self.locked
        if locked is None:
            blank_words(self.connection, new_ids)
        elif locked.undone and new_ids:
            if len(new_ids) == 1 and not bulk.rows(self.connection, _IS_UNDONE, new_ids):
                return
            endings = endings_of(self.connection, set(new_ids))
            if endings:
                locked.ended = True
                blank_ended(self.connection, endings)

    def _write_variants(
        self, position: int, others: list[_Line], origins: list[int], bits: list[int], number: dict[str, int]
    ) -> int:
        if not others:
            return position
        seen = bulk.held_variants(self.connection, [line.key for line in others])
        first = bulk.first_told(self.connection, [line.key for line in others])
        rows = []
        for line in others:
            if (line.key, line.content) in seen:
                continue
            seen.add((line.key, line.content))
            position += 1
            rows.append(bulk.record_row(position, line, origins[line.origin], bits[line.origin], number))
            said = first[line.key]
            row = line.row
            now = (row.kind, number[row.actor], number[row.target], row.at, row.object, row.text)
            if said != now:
                names = ("kind", "actor", "target", "time", "object", "text")
                differing = [name for name, old, new in zip(names, said, now, strict=True) if old != new]
                if differing == ["time"] and not row.precise:
                    continue  # a later archive's upper bound: the earlier one counts, nothing contradicts
                self.problems.append(
                    Problem(
                        self.origins[line.origin].path,
                        f"id {row.id}",
                        f"this id was told before with another {' and '.join(differing)}; both are kept, "
                        "and the earlier counts",
                    )
                )
        bulk.insert(self.connection, "store_variant", bulk.RECORD_COLUMNS, rows)
        return position

    def _write_undos(self, position: int, origins: list[int]) -> int:
        if not self.undos:
            return position
        held = bulk.held_keys(self.connection, "store_undone", [key for key, _, _ in self.undos])
        rows = []
        blanked = []
        for key, undo, origin in self.undos:
            if key in held:
                continue
            held.add(key)
            position += 1
            self.other += 1
            source = self.origins[origin].source
            rows.append(
                (
                    position,
                    key,
                    undo.id,
                    undo.undoes,
                    undo.platform,
                    source,
                    undo.at,
                    int(undo.blank),
                    origins[origin],
                )
            )
            if undo.blank:
                blanked.append(undo.undoes)
            if not undo.platform:
                self.loose_undos.append(undo)
        bulk.insert(self.connection, "store_undone", bulk.UNDONE_COLUMNS, rows)
        if rows and self.locked is not None:
            self.locked.undone = True
        blank_words(self.connection, new_ids=blanked)
        return position

    def _write_facts(self, position: int, origins: list[int]) -> int:
        if not self.facts:
            return position
        held = bulk.held_keys(self.connection, "store_fact", [fact[0] for fact in self.facts])
        rows = []
        for key, sort, subject, at, body, origin in self.facts:
            if key in held:
                continue
            held.add(key)
            kept = self._without_forgotten(sort, body)
            if kept is None:
                self.forgotten += 1
                continue
            position += 1
            self.other += 1
            rows.append((position, key, sort, subject, at, orjson.dumps(kept).decode(), origins[origin]))
        bulk.insert(self.connection, "store_fact", bulk.FACT_COLUMNS, rows)
        return position

    def _without_forgotten(self, sort: str, body: tuple[Any, ...]) -> tuple[Any, ...] | None:
        forgotten = self.interning.is_forgotten
        if not self.interning.tombstones:
            return body
        if sort == "profile" and forgotten(body[0]):
            return None
        if sort == "post" and forgotten(body[1]):
            return None
        if sort == "snapshot":
            return listed.without(body, forgotten)
        return body

    def finish(self) -> Appended:
        """Writes the rest and tells what came of it."""
        self.flush()
        if self.loose_undos:
            self.problems += ambiguous(self.connection, self.loose_undos, self.origin)
        return Appended(self.read, self.new, self.known, self.other, self.forgotten, tuple(self.problems))


def append(
    alias: str,
    records: Iterable[Record | Origin | Problem],
    origin: Origin,
    progress: Progress | None = None,
    told: list[tuple[int, Activity]] | None = None,
    interning: Interning | None = None,
    locked: bulk.Locked | None = None,
) -> Appended:
    """Appends everything in ``records``; see ``Workspace.append``."""
    run = Append(alias, origin, progress, told, interning, locked)
    add = run.add
    if isinstance(records, (list, tuple)) and len(records) < FEW:
        for record in records:
            add(record)
        return run.finish()
    with bulk.rarely_collected():
        for record in records:
            add(record)
    return run.finish()
