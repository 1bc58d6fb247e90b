"""Whose activities may differ from what they were at a position of the log."""

from __future__ import annotations

from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.store import bulk
from courtship.store.log import decisions, reading
from courtship.store.log.undoing import endings_of, platforms, resolve


class Changes(NamedTuple):
    """Numbers of accounts. Those ``added`` to have records after the position; of those ``changed`` something
    that the log had by then may be otherwise."""

    added: set[int]
    changed: set[int]


def changed_accounts(connection: BaseDatabaseWrapper, seen: int) -> set[int]:
    """Numbers of all accounts whose activities may differ from what they were at the position ``seen``."""
    found = changes(connection, seen)
    return found.added | found.changed


def changes(connection: BaseDatabaseWrapper, seen: int) -> Changes:
    """What happened after the position ``seen``, by account."""
    added: set[int] = set()
    changed: set[int] = set()
    ids: set[str] = set()
    keys: set[bytes] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor, target, activity FROM store_record WHERE position > %s", [seen])
        for actor, target, id in cursor.fetchall():
            added.update((actor, target))
            ids.add(id)
        cursor.execute("SELECT actor, target, activity, key FROM store_variant WHERE position > %s", [seen])
        for actor, target, id, key in cursor.fetchall():
            changed.update((actor, target))
            ids.add(id)
            keys.add(bytes(key))
        cursor.execute("SELECT key FROM store_sighting WHERE position > %s", [seen])
        keys.update(bytes(key) for (key,) in cursor.fetchall())
        cursor.execute("SELECT undoes FROM store_undone WHERE position > %s", [seen])
        undone = {id for (id,) in cursor.fetchall()}
        cursor.execute("SELECT verb, subject, detail FROM store_decided WHERE position > %s", [seen])
        made = cursor.fetchall()
    # an Undo without platform ends the one record of that id: a second one, elsewhere, frees the first
    loose = [ending for ending in endings_of(connection, ids) if not ending.platform]
    everywhere = platforms(connection) if loose else []
    for ending in loose:
        for platform in everywhere:
            keys.update(key for key, _ in resolve(connection, [ending._replace(platform=platform)]))
    keys.update(key for key, _ in resolve(connection, endings_of(connection, undone)))
    if any(verb in ("activity.deny", "undo") for verb, _, _ in made):
        keys |= reading.denied_keys(
            connection, decisions.read(connection.alias, ("activity.deny",), include_undone=True)
        )
    for table in ("store_record", "store_variant"):
        query = f"SELECT actor, target FROM {table} WHERE key"  # noqa: S608 - our own names
        for pair in bulk.select_in(connection, query, sorted(keys)):
            changed.update(pair)
    return Changes(added - {0}, changed - {0})
