"""Live connections: their settings, cursors, health and leases. Operational state, beside the log.

A connection is run by whoever holds its lease: two servers on one database never run the same one. What it
brought and its cursor are written in one transaction (``advance`` inside of it), which fails where the lease
was lost meanwhile.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from courtship.errors import NotAllowed
from courtship.model import Address, Decision, Micros, Origin
from courtship.store import databases
from courtship.store.operations import secret_box

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

State = Literal["on", "waiting", "refused", "paused"]

_COLUMNS = (
    "id",
    "connector",
    "title",
    "account",
    "settings",
    "secrets",
    "cursor",
    "state",
    "why",
    "note",
    "until",
    "failures",
    "heard_at",
    "heard",
    "lag",
    "seen_from",
    "seen_to",
    "declared_to",
    "covers",
    "rate_limit",
    "holder",
    "lease_until",
    "edited",
    "added",
)
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)  # ``until`` is a word of SQL's own
_READ = f"SELECT {_NAMES} FROM store_connection"  # noqa: S608 - our own names


class LeaseLost(Exception):
    """Somebody else runs the connection now, or it was removed, paused or edited: stop, and write nothing."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as it stands. Times are UTC microseconds; ``lag`` is from an act to its being heard.

    ``settings`` are those that are no secret. ``seen_from`` and ``seen_to`` bound what is in and not yet
    declared as coverage, of the accounts ``covers``; ``declared_to`` is where the declared coverage ends.
    """

    id: str
    connector: str
    title: str
    account: Address
    settings: Mapping[str, str]
    cursor: Mapping[str, Any]
    state: State
    why: str
    note: str
    until: Micros
    failures: int
    heard_at: Micros | None
    heard: int
    lag: Micros | None
    seen_from: Micros | None
    seen_to: Micros | None
    declared_to: Micros | None
    covers: Sequence[Address]
    rate_limit: str
    holder: str
    lease_until: Micros
    edited: int
    added: Micros
    locked: str = field(default="", repr=False)

    def running(self, now: Micros) -> bool:
        """Whether somebody runs it just now."""
        return bool(self.holder) and self.lease_until > now


def every(workspace: Workspace) -> list[Connection]:
    """All connections, oldest first."""
    with databases.failures("reading the connections"), workspace.connection.cursor() as cursor:
        cursor.execute(_READ + " ORDER BY added, id")
        return [_made(row) for row in cursor.fetchall()]


def find(workspace: Workspace, id: str) -> Connection | None:
    """One connection; ``None`` where there is none of that id."""
    with databases.failures("reading the connections"), workspace.connection.cursor() as cursor:
        cursor.execute(_READ + " WHERE id = %s", [id])
        row = cursor.fetchone()
    return _made(row) if row else None


def _made(row: Sequence[Any]) -> Connection:
    told = dict(zip(_COLUMNS, row, strict=True))
    locked = told.pop("secrets")
    for name in ("settings", "cursor", "covers"):
        told[name] = orjson.loads(told[name])
    return Connection(**told, locked=locked)


def settings_of(workspace: Workspace, connection: Connection) -> dict[str, str]:
    """All its settings, secrets among them. Raises ConnectionRefused where these cannot be unlocked."""
    return {**connection.settings, **secret_box.unlock(workspace.home, connection.locked)}


# ---------------------------------------------------------------- the owner's decisions


def add(
    workspace: Workspace,
    connector: str,
    title: str,
    settings: Mapping[str, str],
    kept_secret: Mapping[str, str],
    *,
    account: Address = "",
    now: Micros,
) -> Connection:
    """A new connection, which is a decision too; its secrets are encrypted and in no decision."""
    id = secrets.token_hex(4)
    locked = secret_box.lock(workspace.home, kept_secret)
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store_connection (id, connector, title, account, settings, secrets, cursor, state,"
            ' why, note, "until", failures, heard, covers, rate_limit, holder, lease_until, edited, added)'
            " VALUES (%s, %s, %s, %s, %s, %s, '{}', 'on', '', '', 0, 0, 0, '[]', '', '', 0, 0, %s)",
            [id, connector, title, account, orjson.dumps(dict(settings)).decode(), locked, now],
        )
        detail = {"connector": connector, "title": title, "account": account}
        workspace.decide(Decision("connect.add", id, detail, now))
    return _there(workspace, id)


def change(
    workspace: Workspace,
    id: str,
    settings: Mapping[str, str],
    kept_secret: Mapping[str, str],
    *,
    title: str,
    account: Address = "",
) -> Connection:
    """Other settings; whoever runs it begins again with them from the same cursor, unless it is another
    account: of that nothing has been read or seen yet."""
    held = _there(workspace, id)
    locked = secret_box.lock(workspace.home, kept_secret)
    again = bool(account and held.account and account != held.account)
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_connection SET settings = %s, secrets = %s, title = %s, account = %s,"
            " cursor = CASE WHEN %s THEN '{}' ELSE cursor END,"
            " seen_from = CASE WHEN %s THEN NULL ELSE seen_from END,"
            " seen_to = CASE WHEN %s THEN NULL ELSE seen_to END,"
            " declared_to = CASE WHEN %s THEN NULL ELSE declared_to END,"
            " covers = CASE WHEN %s THEN '[]' ELSE covers END,"
            " state = 'on', why = '', failures = 0, edited = edited + 1 WHERE id = %s",
            [orjson.dumps(dict(settings)).decode(), locked, title, account or held.account, *[again] * 5, id],
        )
    return _there(workspace, id)


def remove(workspace: Workspace, id: str, *, now: Micros) -> None:
    """Ends a connection: its settings, secrets and cursor are deleted; what it brought stays."""
    held = _there(workspace, id)
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_connection WHERE id = %s", [id])
        workspace.decide(Decision("connect.remove", id, {"connector": held.connector}, now))


def pause(workspace: Workspace, id: str) -> None:
    """Stops it until it is resumed."""
    _there(workspace, id)
    _update(workspace, id, "state = 'paused', why = '', edited = edited + 1")


def resume(workspace: Workspace, id: str) -> None:
    """Runs it again, at once, whatever it waited for."""
    _there(workspace, id)
    _update(workspace, id, "state = 'on', why = '', failures = 0, \"until\" = 0, edited = edited + 1")


def _update(workspace: Workspace, id: str, said: str, values: Sequence[Any] = ()) -> int:
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(f"UPDATE store_connection SET {said} WHERE id = %s", [*values, id])  # noqa: S608 - our own
        return int(cursor.rowcount)


def _there(workspace: Workspace, id: str) -> Connection:
    found = find(workspace, id)
    if found is None:
        known = ", ".join(f"{one.id} ({one.title})" for one in every(workspace)) or "none yet"
        raise NotAllowed(f"there is no connection {id!r}; there are: {known}")
    return found


# ---------------------------------------------------------------- who runs it


def own_name() -> str:
    """What this process writes as the holder of a lease: machine, process, and a word of its own."""
    return f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"


def take(workspace: Workspace, id: str, holder: str, *, now: Micros, until: Micros) -> bool:
    """Takes or renews the lease until ``until``; false where another process has it.

    It is free where its time is over, and where its holder was a process of this machine that is gone.
    """
    free = "holder = '' OR holder = %s OR lease_until <= %s"
    values: list[Any] = [holder, now]
    held = find(workspace, id)
    if held is not None and held.holder not in ("", holder) and is_dead(held.holder):
        free += " OR holder = %s"
        values.append(held.holder)
    said = "UPDATE store_connection SET holder = %s, lease_until = %s WHERE id = %s"
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(f"{said} AND state <> 'paused' AND ({free})", [holder, until, id, *values])
        return int(cursor.rowcount) == 1


def release(workspace: Workspace, id: str, holder: str) -> None:
    """Gives the lease back."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_connection SET holder = '', lease_until = 0 WHERE id = %s AND holder = %s",
            [id, holder],
        )


def is_dead(holder: str) -> bool:
    """Whether a holder was a process of this machine that has ended."""
    machine, _, rest = holder.partition(" ")
    pid = rest.partition(" ")[0]
    if machine != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


# ---------------------------------------------------------------- what whoever runs it writes


def advance(
    workspace: Workspace,
    connection: Connection,
    holder: str,
    *,
    cursor: Mapping[str, Any],
    brought: tuple[Origin, int] | None,
    now: Micros,
    note: str = "",
    lag: Micros | None = None,
    seen: tuple[Micros | None, Micros | None, Micros | None] = (None, None, None),
    covers: Sequence[Address] = (),
    rate_limit: str = "",
) -> None:
    """Writes where a connection has come to; inside the transaction that writes what it brought.

    ``brought`` are the origin of what it brought and the log's position before: its new acts are counted.
    ``seen`` are seen_from, seen_to and declared_to as they now are. Raises LeaseLost where ``holder`` runs it
    no longer, so that the transaction is taken back.
    """
    with workspace.connection.cursor() as writer:
        heard = 0
        if brought is not None:
            writer.execute(
                "SELECT count(*) FROM store_record WHERE position > %s AND origin = (SELECT max(id)"
                " FROM store_importedfrom WHERE path = %s AND format = %s AND source = %s AND at = %s)",
                [brought[1], *brought[0]],
            )
            heard = int(writer.fetchone()[0])
        writer.execute(
            "UPDATE store_connection SET cursor = %s, heard = heard + %s, note = %s, why = '', failures = 0,"
            " heard_at = CASE WHEN %s > 0 THEN %s ELSE heard_at END,"
            " lag = CASE WHEN %s > 0 THEN coalesce(%s, lag) ELSE lag END,"
            " seen_from = %s, seen_to = %s, declared_to = %s, covers = %s, rate_limit = %s, state = 'on'"
            " WHERE id = %s AND holder = %s AND edited = %s",
            [
                orjson.dumps(dict(cursor)).decode(),
                heard,
                note,
                heard,
                now,
                heard,
                lag,
                *seen,
                orjson.dumps(list(covers)).decode(),
                rate_limit,
                connection.id,
                holder,
                connection.edited,
            ],
        )
        if writer.rowcount != 1:
            raise LeaseLost(connection.id)


def declared(workspace: Workspace, id: str, holder: str, to: Micros) -> None:
    """Notes that coverage is declared up to ``to``. Raises LeaseLost where ``holder`` runs it no longer."""
    with workspace.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_connection SET declared_to = %s, seen_from = NULL, seen_to = %s"
            " WHERE id = %s AND holder = %s",
            [to, to, id, holder],
        )
        if cursor.rowcount != 1:
            raise LeaseLost(id)


def failed(
    workspace: Workspace,
    connection: Connection,
    holder: str,
    *,
    state: State,
    why: str,
    until: Micros,
    rate_limit: str = "",
) -> None:
    """Notes why it does not run, and until when. Nothing where it was edited meanwhile."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            'UPDATE store_connection SET state = %s, why = %s, "until" = %s, failures = %s,'
            " rate_limit = %s, note = '' WHERE id = %s AND edited = %s AND holder = %s",
            [
                *(state, why, until, connection.failures + 1, rate_limit),
                *(connection.id, connection.edited, holder),
            ],
        )
