"""Reads activities of some accounts, and what else the log holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import orjson
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import (
    FOREVER,
    Coverage,
    Decision,
    Micros,
    Origin,
    Post,
    Problem,
    Profile,
    Snapshot,
    StoredActivity,
    Total,
)
from courtship.store import bulk
from courtship.store.log.derive import Act, Row, acts
from courtship.store.log.keys import activity_key, key_named
from courtship.store.log.undoing import endings_of, platforms, resolve
from courtship.vocabulary import KINDS

_COLUMNS = ", ".join(bulk.RECORD_COLUMNS)


def rows_where(
    connection: BaseDatabaseWrapper, column: str, values: Sequence[Any], table: str = "store_record"
) -> list[tuple[Any, ...]]:
    """Raw rows of ``RECORD_COLUMNS`` whose ``column`` is one of ``values``."""
    query = f"SELECT {_COLUMNS} FROM {table} WHERE {column}"  # noqa: S608 - our own names
    return list(bulk.select_in(connection, query, values))


def records_of(connection: BaseDatabaseWrapper, numbers: Sequence[int]) -> list[Row]:
    """Every record and variant of a key that any of these accounts (numbers) acts in or is the target of.

    Where one variant of a key names the account all of the key's are read, also those that name others.
    """
    raw: dict[int, tuple[Any, ...]] = {}
    for column in ("actor", "target"):
        for row in rows_where(connection, column, numbers):
            raw[row[0]] = row
    keys = {bytes(row[1]) for row in raw.values()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT 1 FROM store_variant LIMIT 1) AS one")
        any_variant = bool(cursor.fetchone()[0])
    if any_variant:
        elsewhere = set()
        for column in ("actor", "target"):
            for row in rows_where(connection, column, numbers, "store_variant"):
                elsewhere.add(bytes(row[1]))
        for row in rows_where(connection, "key", sorted(elsewhere - keys)):
            raw[row[0]] = row
        for row in rows_where(connection, "key", sorted(keys | elsewhere), "store_variant"):
            raw[row[0]] = row
    return as_rows(connection, raw.values())


def as_rows(connection: BaseDatabaseWrapper, raw: Collection[tuple[Any, ...]]) -> list[Row]:
    """Raw rows with their accounts' addresses and kinds in words."""
    numbers = sorted({row[4] for row in raw} | {row[5] for row in raw})
    name = bulk.addresses(connection, numbers)
    return [
        Row(
            row[0],
            bytes(row[1]),
            row[2],
            row[3],
            name[row[4]],
            name[row[5]],
            KINDS[row[6]],
            *row[7:11],
            *(FOREVER if row[11] is None else row[11], *row[12:]),
        )
        for row in raw
    ]


def ends_of(connection: BaseDatabaseWrapper, ids: Collection[str]) -> dict[bytes, Micros]:
    """The earliest Undo, by key, of the activities with these ids."""
    ends: dict[bytes, Micros] = {}
    for key, ending in resolve(connection, endings_of(connection, ids)):
        ends[key] = min(ending.at, ends.get(key, FOREVER))
    return ends


def denied_keys(connection: BaseDatabaseWrapper, denials: Iterable[Decision]) -> set[bytes]:
    """The keys that ``activity.deny`` decisions name.

    The subject is an activity's id; ``detail.platform`` and ``detail.source`` narrow it down where several
    platforms or namespaces have that id.
    """
    denials = list(denials)
    if not denials:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT source FROM store_importedfrom")
        sources = [source for (source,) in cursor.fetchall()]
    everywhere = platforms(connection)
    keys: set[bytes] = set()
    for denial in denials:
        named = key_named(denial.subject)
        if named is not None:
            keys.add(named)
            continue
        for platform in [denial.detail["platform"]] if "platform" in denial.detail else everywhere:
            for source in [denial.detail["source"]] if "source" in denial.detail else sources:
                keys.add(activity_key(platform, source, denial.subject))
    return keys


def acts_of(connection: BaseDatabaseWrapper, numbers: Sequence[int], denied: Collection[bytes]) -> list[Act]:
    """The activities in force of these accounts (numbers), in order of time."""
    name = bulk.addresses(connection, numbers)
    ours = {name[number] for number in numbers if number in name}
    found = acts_in_force(connection, records_of(connection, numbers), denied)
    return [act for act in found if act.leader.actor in ours or act.leader.target in ours]


def acts_in_force(
    connection: BaseDatabaseWrapper, rows: Collection[Row], denied: Collection[bytes]
) -> list[Act]:
    """The activities that these records tell of, with every Undo of the log."""
    return acts(rows, ends_of(connection, {row.activity for row in rows}), denied)


def stored(connection: BaseDatabaseWrapper, found: Sequence[Act]) -> list[StoredActivity]:
    """Acts as the product speaks of them."""
    keys = sorted({row.key for act in found for row in act.told_by})
    origins = dict(all_origins(connection))
    told_in: dict[bytes, set[int]] = {}
    for table in ("store_record", "store_variant", "store_sighting"):
        query = f"SELECT key, origin FROM {table} WHERE key"  # noqa: S608 - our own names
        for key, origin in bulk.select_in(connection, query, keys):
            told_in.setdefault(bytes(key), set()).add(origin)
    made = []
    for act in found:
        row = act.leader
        numbers = set().union(*(told_in[telling.key] for telling in act.told_by))
        made.append(
            StoredActivity(
                row.activity,
                row.kind,
                row.actor,
                row.target,
                row.at,
                None if act.ended == FOREVER else act.ended,
                bool(row.precise),
                row.object,
                row.in_reply_to,
                row.text,
                row.url,
                None if row.public is None else bool(row.public),
                row.actor_name,
                row.target_name,
                row.actor_followers,
                row.position,
                tuple(origins[number] for number in sorted(numbers)),
            )
        )
    return made


def all_origins(connection: BaseDatabaseWrapper) -> list[tuple[int, Origin]]:
    """Every origin with its number, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, path, format, source, at FROM store_importedfrom ORDER BY id")
        return [(row[0], Origin(*row[1:])) for row in cursor.fetchall()]


_MAKE: dict[str, Any] = {
    "post": Post,
    "total": Total,
    "profile": Profile,
    "snapshot": Snapshot,
    "coverage": Coverage,
}
_TUPLES = {"post": (6, 7), "profile": (8, 9), "snapshot": (3, 6, 7)}


def facts(
    connection: BaseDatabaseWrapper,
    sort: str,
    subjects: Collection[str] | None = None,
    holding: Collection[str] | None = None,
) -> list[Any]:
    """Records of one sort, of all subjects or of these, in an order that is a function of the set.

    With ``holding`` (words of JSON) only those whose body has one of them, which saves reading the rest.
    """
    query = "SELECT body FROM store_fact WHERE sort = %s"
    with connection.cursor() as cursor:
        if subjects is None:
            patterns = [f"%{word}%" for word in holding or ()]
            if patterns:
                query += f" AND ({' OR '.join(['body LIKE %s'] * len(patterns))})"
            cursor.execute(query + " ORDER BY key", [sort, *patterns])
            bodies = [body for (body,) in cursor.fetchall()]
        else:
            connection.ensure_connection()
            # the sort stands in the text, as the index on (sort, subject) begins with it
            asked = f"SELECT key, body FROM store_fact WHERE sort = '{sort}' AND subject"  # noqa: S608 - ours
            found = bulk.select_in(connection, asked, sorted(subjects))
            bodies = [body for _, body in sorted((bytes(key), body) for key, body in found)]
    return [fact(sort, body) for body in bodies]


def facts_stamp(connection: BaseDatabaseWrapper) -> str:
    """Changes whenever a fact comes to the log or is removed from it; costs two look-ups."""
    query = (
        "SELECT (SELECT coalesce(max(position), 0) FROM store_fact), (SELECT count(*) FROM store_tombstone)"
    )
    return ":".join(str(value) for value in bulk.rows(connection, query)[0])


def fact(sort: str, body: str) -> Any:
    """A record of another sort from its JSON."""
    values = orjson.loads(body)
    for i in _TUPLES.get(sort, ()):
        if i < len(values):  # later fields are not in what was told before there were any
            values[i] = tuple(values[i])
    return _MAKE[sort]._make(values)


def problems(connection: BaseDatabaseWrapper) -> list[Problem]:
    """Every problem noted at an import, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT path, place, reason FROM store_issue ORDER BY id")
        return [Problem(*row) for row in cursor.fetchall()]


def log_content(connection: BaseDatabaseWrapper) -> Iterator[bytes]:
    """What was told, a value for each record with its content and formats, in no order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bit, name FROM store_format")
        names = dict(cursor.fetchall())
    formats: dict[int, bytes] = {}

    def told_by(told: int) -> bytes:
        if told not in formats:
            formats[told] = "\0".join(sorted(name for bit, name in names.items() if told & bit)).encode()
        return formats[told]

    queries = (
        ("record", "SELECT key, content, told FROM store_record"),
        ("variant", "SELECT key, content, 0 FROM store_variant"),
        ("undo", "SELECT key, 0, 0 FROM store_undone"),
        ("fact", "SELECT key, 0, 0 FROM store_fact"),
    )
    for sort, query in queries:
        with connection.cursor() as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(10_000):
                for key, content, told in rows:
                    content = int(content).to_bytes(8, "big", signed=True)
                    if sort in ("record", "variant"):
                        # which of a key's contents came first is no part of what was told
                        yield b"told" + bytes(key) + content
                    else:
                        yield sort.encode() + bytes(key)
                    if told:
                        yield b"by" + bytes(key) + told_by(told)
