"""What the owner is told of and what came of it: addresses, deliveries, and who sends them just now.

Operational state beside the log. What is due is written in the transaction that moves the position up to
which the log was looked through, so nothing is left out and nothing is put down twice wherever it is cut off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from courtship.model import Address, Micros
from courtship.store import bulk, databases
from courtship.store.log import reading
from courtship.store.operations import secret_box
from courtship.store.operations.connections import is_dead
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


class NoticeAddress(NamedTuple):
    """A place that notices go to. ``shown`` is its Apprise address without the secrets in it."""

    name: str
    shown: str
    added: Micros
    locked: str


class Delivery(NamedTuple):
    """A row of the table; see ``models.Delivery``."""

    id: int
    key: str
    event: str
    rule: str
    address: str
    sort: str
    person: str
    platform: str
    record: int
    kind: str
    at: Micros
    before: str
    after: str
    hours: int
    gathered: bool
    due: Micros
    state: str = "waiting"
    tries: int = 0
    sent_at: Micros | None = None
    why: str = ""


_NEW = (
    *("key", "event", "rule", "address", "sort", "person", "platform", "record", "kind", "at", "before"),
    *("after", "hours", "gathered", "due", "state", "tries", "why"),
)
_COLUMNS = ", ".join(Delivery._fields)


class Move(NamedTuple):
    """A change of a person's stage."""

    person: str
    at: Micros
    before: str
    after: str
    cause: str


class Mover(NamedTuple):
    """The act by which a stage was reached: ``theirs``, or the brand's own towards them."""

    kind: str
    theirs: bool
    text: str


class NewAct(NamedTuple):
    """An activity of which the log had no record before: the leading record, and whose it is."""

    record: int
    activity: str
    kind: str
    actor: Address
    at: Micros
    text: str
    url: str


# ---------------------------------------------------------------- addresses


def keep_address(workspace: Workspace, name: str, url: str, shown: str, *, now: Micros) -> None:
    """Keeps an Apprise address under a name, encrypted, in place of the last of that name."""
    locked = secret_box.lock(workspace.home, {"address": url})
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store_noticeaddress (name, shown, locked, added) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (name) DO UPDATE SET shown = excluded.shown, locked = excluded.locked",
            [name, shown, locked, now],
        )


def forget_address(workspace: Workspace, name: str) -> None:
    """Deletes an address; what still waited for it is dropped."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("DELETE FROM store_noticeaddress WHERE name = %s", [name])
        cursor.execute(
            "UPDATE store_delivery SET state = 'dropped', why = 'the address was removed' "
            "WHERE address = %s AND state = 'waiting'",
            [name],
        )


def addresses(workspace: Workspace) -> dict[str, NoticeAddress]:
    """All addresses by name, sorted."""
    rows = _rows(workspace, "SELECT name, shown, added, locked FROM store_noticeaddress ORDER BY name")
    return {row[0]: NoticeAddress(*row) for row in rows}


def unlocked(workspace: Workspace, address: NoticeAddress) -> str:
    """The Apprise address itself. Raises ConnectionRefused where it cannot be read with this home's key."""
    return secret_box.unlock(workspace.home, address.locked)["address"]


# ---------------------------------------------------------------- who looks and sends, and how far


def begin(workspace: Workspace) -> None:
    """From now on the log is looked through; nothing where it is already."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO store_notifying (id, position, holder, lease_until) "
            "SELECT 1, position, '', 0 FROM store_state WHERE id = 1 ON CONFLICT DO NOTHING"
        )


def take(workspace: Workspace, holder: str, *, now: Micros, until: Micros) -> bool:
    """Takes or renews the lease; false where another holder has it.

    It is free where its time is over, and where its holder was a process of this machine that is gone.
    """
    if looked_up_to(workspace) is None:
        begin(workspace)
    held = _rows(workspace, "SELECT holder FROM store_notifying WHERE id = 1")
    dead = held[0][0] if held and held[0][0] and is_dead(held[0][0]) else holder
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_notifying SET holder = %s, lease_until = %s "
            "WHERE id = 1 AND (holder IN (%s, %s) OR lease_until <= %s)",
            [holder, until, holder, dead, now],
        )
        return int(cursor.rowcount) == 1


def release(workspace: Workspace, holder: str) -> None:
    """Gives the lease back."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute("UPDATE store_notifying SET holder = '', lease_until = 0 WHERE holder = %s", [holder])


def looked_up_to(workspace: Workspace) -> int | None:
    """The position up to which the log was looked through; ``None`` where it never was."""
    rows = _rows(workspace, "SELECT position FROM store_notifying WHERE id = 1")
    return int(rows[0][0]) if rows else None


def put_down(
    workspace: Workspace, new: Iterable[Delivery], *, holder: str, position: int, forget_before: Micros = 0
) -> int:
    """Puts down what is due, each key once for all time, and that the log was looked through up to
    ``position``: one transaction. What is over and was due before ``forget_before`` is deleted.
    Answers how many are new; -1, and nothing done, where the lease was lost."""
    rows = [
        (
            *(d.key, d.event, d.rule, d.address, d.sort, d.person, d.platform, d.record, d.kind, d.at),
            *(d.before, d.after, d.hours, int(d.gathered), d.due, d.state, 0, d.why),
        )
        for d in new
    ]
    added = 0
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_notifying SET position = CASE WHEN position < %s THEN %s ELSE position END "
            "WHERE id = 1 AND holder = %s",
            [position, position, holder],
        )
        if cursor.rowcount != 1:
            return -1
        cursor.execute("SELECT coalesce(max(id), 0) FROM store_delivery")
        last = int(cursor.fetchone()[0])
        marks = ", ".join(["%s"] * (len(_NEW) + 1))
        for row in rows:
            cursor.execute(
                f"INSERT INTO store_delivery (id, {', '.join(_NEW)}) VALUES ({marks}) "  # noqa: S608 - ours
                "ON CONFLICT (key) DO NOTHING",
                [last + 1, *row],
            )
            last += int(cursor.rowcount == 1)
            added += int(cursor.rowcount == 1)
        for state in ("sent", "dropped", "failed") if added else ():
            cursor.execute("DELETE FROM store_delivery WHERE state = %s AND due < %s", [state, forget_before])
    return added


# ---------------------------------------------------------------- deliveries


def due(workspace: Workspace, now: Micros, most: int = 20_000) -> list[Delivery]:
    """What waits and is due by ``now``, the earliest first."""
    query = f"SELECT {_COLUMNS} FROM store_delivery WHERE state = 'waiting' AND due <= %s ORDER BY due, id LIMIT %s"  # noqa: S608, E501
    return [_delivery(row) for row in _rows(workspace, query, [now, most])]


def next_due(workspace: Workspace) -> Micros | None:
    """When the next delivery is due, if any waits."""
    found: Micros | None = _rows(workspace, "SELECT min(due) FROM store_delivery WHERE state = 'waiting'")[0][
        0
    ]
    return found


def latest(workspace: Workspace, most: int = 20) -> list[Delivery]:
    """The newest deliveries first."""
    query = f"SELECT {_COLUMNS} FROM store_delivery ORDER BY id DESC LIMIT %s"  # noqa: S608 - our own names
    return [_delivery(row) for row in _rows(workspace, query, [most])]


def of_sort(workspace: Workspace, sort: str, since: Micros) -> list[Delivery]:
    """Deliveries of a sort about what happened at or after ``since``."""
    query = f"SELECT {_COLUMNS} FROM store_delivery WHERE sort = %s AND at >= %s ORDER BY id"  # noqa: S608
    return [_delivery(row) for row in _rows(workspace, query, [sort, since])]


def settle(
    workspace: Workspace,
    ids: Sequence[int],
    state: str,
    *,
    now: Micros,
    why: str = "",
    again: Micros | None = None,
) -> None:
    """Notes what came of these deliveries; ``again`` is when they are tried once more."""
    with workspace.transaction(), workspace.connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE store_delivery SET state = %s, why = %s, tries = tries + 1, sent_at = %s, "
            "due = CASE WHEN %s THEN %s ELSE due END WHERE id = %s",
            [
                (state, why, now if state == "sent" else None, again is not None, again or 0, one)
                for one in ids
            ],
        )


def _delivery(row: Sequence[Any]) -> Delivery:
    made = Delivery._make(row)
    return made._replace(gathered=bool(made.gathered))


# ---------------------------------------------------------------- what is new in the log


def new_acts(workspace: Workspace, since: int, until: int, oldest: Micros) -> list[NewAct]:
    """The activities of others towards the brand, at ``oldest`` or later, of which the first record came on
    (``since``, ``until``]: an act that was told of before, by whichever source, is not new."""
    connection, brand = workspace.connection, workspace.brand()
    query = (
        "SELECT DISTINCT actor, target FROM store_record WHERE position > %s AND position <= %s AND at >= %s"
    )
    pairs = _rows(workspace, query, [since, until, oldest])
    with databases.failures("reading the workspace"), databases.snapshot(connection):
        ours = set(bulk.held_accounts(connection, sorted(brand)).values())
        actors = sorted({actor for actor, target in pairs if target in ours} - ours - {0})
        if not actors:
            return []
        denied = reading.denied_keys(connection, workspace.decisions("activity.deny"))
        acts = [
            act
            for act in reading.acts_of(connection, actors, denied)
            if act.leader.at >= oldest and act.leader.target in brand and act.leader.actor not in brand
        ]
    return [
        NewAct(row.position, row.activity, row.kind, row.actor, row.at, row.text or "", row.url or "")
        for act in acts
        for row in [act.leader]
        if since < min(told.position for told in act.told_by) <= until
    ]


def silences(
    workspace: Workspace,
    *,
    stages: Sequence[str],
    least: Micros,
    ceiling: Micros,
    after: Micros,
    until: Micros,
) -> list[tuple[str, str, str, Micros, Micros]]:
    """Whose silence became too long on (``after``, ``until``], by the rule of ``cues.overdue``: (person,
    stage, platform, last contact, when it became too long)."""
    if not stages:
        return []
    longest = (
        f"CASE WHEN amount = 0 OR 4 * amount > {int(ceiling)} THEN {int(ceiling)} "
        f"WHEN 4 * amount < {int(least)} THEN {int(least)} ELSE 4 * amount END"
    )
    query = (
        f"SELECT person, stage, platform, at, at + ({longest}) FROM store_cue WHERE sort = 'pace' "  # noqa: S608
        f"AND stage IN ({', '.join(['%s'] * len(stages))}) AND at > %s AND at <= %s "
        f"AND at + ({longest}) > %s AND at + ({longest}) <= %s ORDER BY person"
    )
    return [
        (row[0], row[1], row[2], row[3], row[4])
        for row in _rows(workspace, query, [*stages, after - ceiling, until - least, after, until])
    ]


def moves_since(workspace: Workspace, since: Micros, until: Micros) -> list[Move]:
    """Changes of stage at ``since`` or later, up to ``until``, in order of time."""
    query = (
        "SELECT person, at, before, after, cause FROM store_transition WHERE at >= %s AND at <= %s "
        "ORDER BY at, person"
    )
    return [Move._make(row) for row in _rows(workspace, query, [since, until])]


def mover(workspace: Workspace, person: str, at: Micros, accounts: Collection[Address]) -> Mover | None:
    """The act that changed this person's stage at ``at``; ``accounts`` are theirs. ``None`` for a lapse."""
    found = _rows(
        workspace, "SELECT activity FROM store_transition WHERE person = %s AND at = %s", [person, at]
    )
    theirs = sorted(bulk.held_accounts(workspace.connection, sorted(accounts)).values())
    if not found or not found[-1][0] or not theirs:
        return None
    marks = ", ".join(["%s"] * len(theirs))
    query = (
        f"SELECT kind, actor IN ({marks}), text FROM store_record WHERE activity = %s AND at = %s"  # noqa: S608
        f" AND (actor IN ({marks}) OR target IN ({marks})) ORDER BY position LIMIT 1"
    )
    rows = _rows(workspace, query, [*theirs, found[-1][0], at, *theirs, *theirs])
    return Mover(KINDS[rows[0][0]], bool(rows[0][1]), rows[0][2] or "") if rows else None


def _rows(workspace: Workspace, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with databases.failures("reading the workspace"), workspace.connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
