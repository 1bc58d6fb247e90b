"""A mark of the log up to a position: what lies in files beside the database is for that log alone.

A position by itself says little: the folder may have been copied beside another database, an older backup of
the database may have been put back and gone on otherwise, or the same folder may be used with SQLite today
and PostgreSQL tomorrow. The mark names the database (by the key that it was made with), who was forgotten in
it, and the entry at the position with the moment at which that was brought in. Positions have no gaps and
what was appended stays, so that where the entry at a position is the same all before it is.
"""

from __future__ import annotations

from hashlib import blake2b

from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.store import bulk

_TOLD = " UNION ALL ".join(
    f"SELECT '{table}', t.key, o.path, o.at FROM store_{table} t "  # noqa: S608 - our own names
    "LEFT JOIN store_importedfrom o ON o.id = t.origin WHERE t.position = %s"
    for table in ("record", "variant", "sighting", "undone", "fact")
)


def log_mark(connection: BaseDatabaseWrapper, position: int) -> str:
    """32 hexadecimal digits; the same for as long as the log holds what it held up to ``position`` and nobody
    is forgotten. To be read in the transaction that reads what it is to vouch for."""
    query = (
        "SELECT forget_key, (SELECT count(*) FROM store_tombstone), "
        "(SELECT max(position) FROM store_decided WHERE verb = 'person.forget') FROM store_state WHERE id = 1"
    )
    ((key, forgotten, forgot),) = bulk.rows(connection, query)
    entry = bulk.rows(connection, _TOLD, [position] * 5)
    if not entry:
        query = "SELECT 'decided', verb, detail, at FROM store_decided WHERE position = %s"
        entry = bulk.rows(connection, query, [position])
    said = [bytes(key).hex(), forgotten, forgot, position]
    for table, what, where, at in entry:
        said += [table, what if isinstance(what, str) else bytes(what).hex(), where, at]
    return blake2b("\n".join(map(str, said)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
