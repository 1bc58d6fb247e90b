"""Forgetting a person: their records, words, names and cache go; keyed hashes of their accounts stay.

The hashes (BLAKE2b with a key that only this workspace has) turn away later records of these accounts at the
door. What others did stays; what names the person in decisions is replaced by the hash. Derived tables are
emptied of them at once and made anew by the next refresh. At last the database is packed, so that the pages
that held the words are overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import orjson
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.model import Address, Micros
from courtship.store import bulk
from courtship.store.log import listed
from courtship.store.log.interning import tombstone
from courtship.store.log.undoing import endings_of, resolve

_WORDS = frozenset({"note.add", "tag.add", "tag.remove", "rhythm.set"})
"""Decisions whose details are about the person alone."""


def forget(alias: str, accounts: Sequence[Address], now: Micros, by: str, also: Collection[str]) -> None:
    """See ``Workspace.forget``."""
    connection = connections[alias]
    with transaction.atomic(using=alias):
        position = bulk.lock_log(connection)
        with connection.cursor() as cursor:
            cursor.execute("SELECT forget_key FROM store_state WHERE id = 1")
            key = bytes(cursor.fetchone()[0])
        hashes = {account: tombstone(key, account) for account in accounts}
        held = bulk.held_keys(connection, "store_tombstone", sorted(hashes.values()), "digest")
        bulk.insert(
            connection,
            "store_tombstone",
            ("digest",),
            [(digest,) for digest in sorted(set(hashes.values()) - held)],
        )
        numbers = sorted(bulk.held_accounts(connection, sorted(accounts)).values())
        _remove_records(connection, numbers)
        _remove_facts(connection, accounts)
        _rename_in_decisions(
            connection, {**{name: digest.hex() for name, digest in hashes.items()}, **_ids(also, hashes)}
        )
        _remove_derived(connection, accounts, also)
        delete(connection, "store_account", "id", numbers)
        _begin_again(connection, accounts)
        said = orjson.dumps({"tombstones": sorted(digest.hex() for digest in hashes.values())}).decode()
        subject = "forgotten:" + min(digest.hex() for digest in hashes.values())
        bulk.insert(
            connection,
            "store_decided",
            ("position", "verb", "subject", "detail", "at", '"by"'),
            [(position + 1, "person.forget", subject, said, now, by)],
        )
        bulk.release_log(connection, position + 1)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE store_state SET refreshed = -1, people = '', clock = ''")
    pack(connection)


def pack(connection: BaseDatabaseWrapper) -> None:
    """Overwrites what was deleted: ``VACUUM``, and on SQLite the write-ahead log too."""
    with connection.cursor() as cursor:
        if bulk.sqlite(connection):
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
        else:
            for table in ("record", "variant", "undone", "fact", "decided", "account", "naming", "summary"):
                cursor.execute(f"VACUUM FULL store_{table}")


def delete(connection: BaseDatabaseWrapper, table: str, column: str, values: Sequence[Any]) -> None:
    """Deletes the rows whose ``column`` is one of ``values``."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"DELETE FROM {table} WHERE {column} = %s",  # noqa: S608 - our own names
            [(value,) for value in values],
        )


def _ids(also: Collection[str], hashes: dict[Address, bytes]) -> dict[str, str]:
    first = min(digest.hex() for digest in hashes.values())
    return dict.fromkeys(also, first)


def _remove_records(connection: BaseDatabaseWrapper, numbers: Sequence[int]) -> None:
    keys: dict[bytes, str] = {}
    for table in ("store_record", "store_variant"):
        for column in ("actor", "target"):
            query = f"SELECT key, activity FROM {table} WHERE {column}"  # noqa: S608 - our own names
            keys.update((bytes(key), id) for key, id in bulk.select_in(connection, query, numbers))
    # an Undo tells of the act that it ended
    endings = endings_of(connection, set(keys.values()))
    ended = {(e.undoes, e.platform, e.source) for key, e in resolve(connection, endings) if key in keys}
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM store_undone WHERE undoes = %s AND platform = %s AND source = %s", sorted(ended)
        )
    for table in ("store_record", "store_variant", "store_sighting"):
        delete(connection, table, "key", sorted(keys))


def _remove_facts(connection: BaseDatabaseWrapper, accounts: Collection[Address]) -> None:
    gone = set(accounts)
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM store_fact WHERE sort = 'profile' AND subject = %s",
            [(account,) for account in sorted(gone)],
        )
        cursor.execute("SELECT position, sort, body FROM store_fact WHERE sort IN ('post', 'snapshot')")
        rows = cursor.fetchall()
        for position, sort, body in rows:
            values = orjson.loads(body)
            if sort == "post" and values[1] in gone:
                cursor.execute("DELETE FROM store_fact WHERE position = %s", [position])
            elif sort == "snapshot" and not gone.isdisjoint(values[3]):
                values = list(listed.without(values, gone.__contains__))
                cursor.execute(
                    "UPDATE store_fact SET body = %s WHERE position = %s",
                    [orjson.dumps(values).decode(), position],
                )


def _rename_in_decisions(connection: BaseDatabaseWrapper, names: dict[str, str]) -> None:
    """Puts ``forgotten:HASH`` for each of ``names`` in every decision, and takes out what was noted."""
    longest_first = sorted(names, key=len, reverse=True)
    any_name = re.compile(r"(?<![\w.@:-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w.@-])")

    def hidden(text: str) -> str:
        return any_name.sub(lambda found: "forgotten:" + names[found[0]], text)

    with connection.cursor() as cursor:
        cursor.execute("SELECT position, verb, subject, detail FROM store_decided")
        for position, verb, subject, detail in cursor.fetchall():
            new_subject, new_detail = hidden(subject), hidden(detail)
            if new_subject != subject and verb in _WORDS:
                new_detail = "{}" if verb != "note.add" else '{"text":""}'
            if new_detail != detail and verb == "commitment.draft":
                new_detail = _without_words(new_detail)
            if (new_subject, new_detail) != (subject, detail):
                cursor.execute(
                    "UPDATE store_decided SET subject = %s, detail = %s WHERE position = %s",
                    [new_subject, new_detail, position],
                )


def _without_words(detail: str) -> str:
    """What was promised without the words in which the owner put it: they may name the person."""
    return orjson.dumps(orjson.loads(detail) | {"words": "", "topics": []}).decode()


def _begin_again(connection: BaseDatabaseWrapper, accounts: Collection[Address]) -> None:
    """A connection's cursor may name them (a list that is compared): it begins anew. What the webhook
    answered may quote them."""
    names = {part for account in accounts for part in (account, account.partition(":")[2]) if part}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, cursor FROM store_connection")
        for id, held in cursor.fetchall():
            if any(name in held for name in names):
                cursor.execute(
                    "UPDATE store_connection SET cursor = '{}', edited = edited + 1 WHERE id = %s", [id]
                )
        cursor.execute("DELETE FROM store_hookanswer")


def _remove_derived(
    connection: BaseDatabaseWrapper, accounts: Collection[Address], also: Collection[str]
) -> None:
    query = "SELECT person FROM store_membership WHERE account"
    people = sorted({person for (person,) in bulk.select_in(connection, query, sorted(accounts))})
    delete(connection, "store_person", "id", people)
    for table in ("store_membership", "store_transition", "store_cue", "store_summary"):
        delete(connection, table, "person", people)
    delete(connection, "store_delivery", "person", sorted({*people, *also}))
    delete(connection, "store_reply", "account", sorted(accounts))
    delete(connection, "store_naming", "account", sorted(accounts))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_kept")
