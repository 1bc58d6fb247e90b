"""The table of cues, and the rows of acts and people that today's queue shows. All queries are bounded."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from courtship.model import Address, Micros, Post
from courtship.store import bulk, databases
from courtship.store.derived import touched
from courtship.store.derived.touched import Stand
from courtship.store.log import reading
from courtship.store.remembering import remembered
from courtship.store.workspace import Workspace
from courtship.vocabulary import KIND_CODE, KINDS

COLUMNS = ("id", "person", "sort", "stage", "platform", "at", "record", "kind", "amount")
STAMP = "cues"


class Cue(NamedTuple):
    """A row of the table; see ``plan/cues.py``. ``record`` is a position of the log."""

    person: str
    sort: str
    stage: str
    platform: str
    at: Micros
    record: int
    kind: str
    amount: int


class Told(NamedTuple):
    """What a record says of the act that it tells of."""

    activity: str
    kind: str
    at: Micros
    text: str
    url: str
    object: str
    followers: int | None


class Said(NamedTuple):
    """Words of an account's."""

    account: Address
    activity: str
    text: str
    at: Micros
    url: str


class Standing(NamedTuple):
    """One person as the queue needs them."""

    person: str
    name: str
    handle: str
    stage: str
    since: Micros
    until: Micros | None
    certain: bool
    momentum: str
    first_at: Micros
    last_contact_at: Micros | None
    talk_count: int
    outbound_count: int
    platforms: str


_own, _count = [secrets.token_hex(8)], itertools.count()


def _another_process() -> None:
    _own[0] = secrets.token_hex(8)


os.register_at_fork(after_in_child=_another_process)


def fresh_word() -> str:
    """A word that was never kept before: this process's own, and a number. To ask the machine for random
    bytes each time takes longer than to write the row."""
    return f"{_own[0]}:{next(_count)}"


def people_stamp(workspace: Workspace) -> str:
    """Changes whenever the derived tables of people do, and only then: a decision about a task leaves it, and
    so does what the passing of time alone changes (``people_clock``)."""
    return people_stand(workspace).stamp


def people_clock(workspace: Workspace) -> str:
    """Changes whenever the derived tables of people do, for whatever reason."""
    return people_stand(workspace).clock


def people_stand(workspace: Workspace) -> Stand:
    """The stamp and the clock at once."""
    query = "SELECT people, clock, refreshed, refreshed_at, refreshed_as FROM store_state WHERE id = 1"
    return stand_of(*_rows(workspace, query, [])[0])


def stand_of(people: str, clock: str, *refreshed: object) -> Stand:
    """As the log's state bears them; the stamp is of what the tables have seen where they never changed."""
    return Stand(people or ":".join(map(str, refreshed)), clock)


def people_changed(workspace: Workspace, people: Collection[str], *, by_clock: bool = False) -> None:
    """Notes that the derived tables of these people, and of nobody else, are other than they were. To be
    called within the transaction that changes them. ``by_clock``: only time has passed."""
    before = people_stand(workspace)
    after = Stand(before.stamp if by_clock else fresh_word(), fresh_word())
    query = "UPDATE store_state SET people = %s, clock = %s WHERE id = 1"
    bulk.run(workspace.connection, query, [after.stamp, after.clock])
    touched.note(workspace.alias, before, after, people)


def kept(workspace: Workspace, name: str) -> tuple[str, str] | None:
    """The (stamp, body) of a derived answer kept under ``name``, if there is one."""
    rows = _rows(workspace, "SELECT stamp, body FROM store_kept WHERE name = %s", [name])
    return (str(rows[0][0]), str(rows[0][1])) if rows else None


def kept_stamp(workspace: Workspace, name: str) -> str:
    """The stamp alone, ``""`` where there is nothing: an answer may be long."""
    rows = _rows(workspace, "SELECT stamp FROM store_kept WHERE name = %s", [name])
    return str(rows[0][0]) if rows else ""


def keep(workspace: Workspace, name: str, stamp: str, body: str = "") -> None:
    """Keeps a derived answer under ``name``, in place of the last."""
    with databases.failures("writing what was reckoned"):
        query = (
            "INSERT INTO store_kept (name, stamp, body) VALUES (%s, %s, %s) "
            "ON CONFLICT (name) DO UPDATE SET stamp = excluded.stamp, body = excluded.body"
        )
        bulk.run(workspace.connection, query, [name, stamp, body])


def replace(
    workspace: Workspace, cues: Iterable[Cue], stamp: str, persons: Collection[str] | None = None
) -> None:
    """Puts these cues in place of all, or of those of ``persons``; notes what they were reckoned from. Those
    that are there already are left."""
    connection = workspace.connection
    missing = {(*cue[:6], KIND_CODE.get(cue.kind, 0), cue.amount) for cue in cues}
    query = f"SELECT {', '.join(COLUMNS)} FROM store_cue"  # noqa: S608 - our own names
    with workspace.transaction():
        held = (
            bulk.streamed(connection, query)
            if persons is None
            else bulk.select_in(connection, f"{query} WHERE person", sorted(persons))
        )
        gone = []
        for row in held:
            if row[1:] in missing:
                missing.remove(row[1:])
            else:
                gone.append((row[0],))
        bulk.run_each(connection, "DELETE FROM store_cue WHERE id = %s", gone)
        ((last,),) = bulk.rows(connection, "SELECT coalesce(max(id), 0) FROM store_cue")
        rows = [(number, *row) for number, row in enumerate(sorted(missing), int(last) + 1)]
        with bulk.indexed_after(connection, "store_cue", len(rows)):
            bulk.insert(connection, "store_cue", COLUMNS, rows)
        keep(workspace, STAMP, stamp)


def find(
    workspace: Workspace,
    sort: str,
    *,
    stages: Sequence[str],
    since: Micros,
    limit: int,
    newest: bool = False,
    platforms: Collection[str] | None = None,
) -> list[Cue]:
    """The oldest (or newest) cues of a sort at or after ``since``, at most ``limit`` of each stage."""
    found: list[Cue] = []
    for stage in stages:
        where, values = "sort = %s AND stage = %s AND at >= %s", [sort, stage, since]
        if platforms is not None:
            if not platforms:
                return []
            where += f" AND platform IN ({', '.join(['%s'] * len(platforms))})"
            values += sorted(platforms)
        order = "at DESC, person" if newest else "at, person"
        found += _cues(workspace, where, values, order, limit)
    return found


def overdue(
    workspace: Workspace,
    *,
    stages: Sequence[str],
    platforms: Collection[str],
    now: Micros,
    least: Micros,
    ceiling: Micros,
    limit: int,
) -> list[Cue]:
    """The last contacts that are too long ago: four times the usual gap, between ``least`` and ``ceiling``;
    the latest in proportion first, at most ``limit``."""
    if not platforms or not stages:
        return []
    longest = (
        f"CASE WHEN amount = 0 OR 4 * amount > {int(ceiling)} THEN {int(ceiling)} "
        f"WHEN 4 * amount < {int(least)} THEN {int(least)} ELSE 4 * amount END"
    )
    where = (
        f"sort = 'pace' AND stage IN ({', '.join(['%s'] * len(stages))}) AND at <= %s "
        f"AND platform IN ({', '.join(['%s'] * len(platforms))}) AND at + ({longest}) <= %s"
    )
    values = [*stages, now - least, *sorted(platforms), now]
    order = f"({int(now)} - at) * 1000 / ({longest}) DESC, at, person"
    return _cues(workspace, where, values, order, limit)


def of_people(workspace: Workspace, sort: str, people: Collection[str]) -> list[Cue]:
    """The cues of a sort of these people."""
    # by person alone: with the sort in it SQLite may walk through all cues of that sort
    query = f"SELECT {', '.join(COLUMNS[1:])} FROM store_cue WHERE person"  # noqa: S608 - our own names
    with databases.failures("reading the workspace"):
        rows = bulk.select_in(workspace.connection, query, sorted(people))
        return [_cue(row) for row in rows if row[1] == sort]


def everything(workspace: Workspace) -> list[Cue]:
    """Every cue, sorted."""
    return sorted(_cues(workspace, "id >= %s", [0], "id", 2**62))


def told(workspace: Workspace, positions: Collection[int]) -> dict[int, Told]:
    """What the records at these positions say."""
    query = (
        "SELECT position, activity, kind, at, text, url, object, actor_followers "
        "FROM store_record WHERE position"
    )
    with databases.failures("reading the workspace"):
        rows = bulk.select_in(workspace.connection, query, sorted(set(positions)))
        return {
            row[0]: Told(row[1], KINDS[row[2]], row[3], row[4] or "", row[5] or "", row[6] or "", row[7])
            for row in rows
        }


def words_of(workspace: Workspace, accounts: Collection[Address], newest: int = 300) -> list[Said]:
    """What these accounts said: of each the ``newest`` records with words, in no order."""
    connection = workspace.connection
    found: list[Said] = []
    with databases.failures("reading the workspace"), connection.cursor() as cursor:
        for address, number in bulk.held_accounts(connection, sorted(accounts)).items():
            cursor.execute(
                "SELECT activity, text, at, url FROM store_record "
                "WHERE actor = %s AND text IS NOT NULL AND text <> '' ORDER BY position DESC LIMIT %s",
                [number, newest],
            )
            found += [Said(address, row[0], row[1], row[2], row[3] or "") for row in cursor.fetchall()]
    return found


def posts_stamp(workspace: Workspace) -> str:
    """Changes whenever posts are told of."""

    def read() -> str:
        query = "SELECT count(*), coalesce(max(position), 0) FROM store_fact WHERE sort = 'post'"
        return ":".join(str(value) for value in _rows(workspace, query, [])[0])

    return remembered(workspace.alias, "posts stamp", workspace.facts_stamp(), read)


def posts_named(workspace: Workspace, objects: Collection[str]) -> dict[str, Post]:
    """The posts with these objects, by object."""
    with databases.failures("reading the workspace"):
        found: list[Post] = reading.facts(workspace.connection, "post", sorted(set(objects) - {""}))
        return {post.object: post for post in found}


_PERSON = (
    "SELECT id, name, handle, stage, since, until, certain, momentum, first_at, last_contact_at, "
    "talk_count, outbound_count, platforms FROM store_person WHERE set_aside = ''"
)


def standings(workspace: Workspace, people: Collection[str]) -> dict[str, Standing]:
    """These people by id; those set aside or not there are left out."""
    with databases.failures("reading the workspace"):
        rows = bulk.select_in(workspace.connection, f"{_PERSON} AND id", sorted(people))
        return {row[0]: _standing(row) for row in rows}


def lapsing(
    workspace: Workspace, *, stages: Sequence[str], after: Micros, before: Micros, limit: int
) -> list[Standing]:
    """Those at one of ``stages`` whose stage changes in (after, before], the soonest first."""
    if not stages:
        return []
    query = (
        f"{_PERSON} AND until > %s AND until <= %s AND stage IN ({', '.join(['%s'] * len(stages))}) "
        "ORDER BY until, id LIMIT %s"
    )
    return [_standing(row) for row in _rows(workspace, query, [after, before, *stages, limit])]


def people_by_platform(workspace: Workspace) -> dict[str, int]:
    """How many people are on each platform, by the stored text of theirs."""
    query = "SELECT platforms, count(*) FROM store_person WHERE set_aside = '' GROUP BY platforms"
    counted: dict[str, int] = {}
    for platforms, people in _rows(workspace, query, []):
        for platform in platforms.replace(",", " ").split():
            counted[platform] = counted.get(platform, 0) + people
    return counted


def introduced(workspace: Workspace, people: Collection[str]) -> list[tuple[str, Micros]]:
    """Who came by these people: (introducer, first appearance of whom they introduced)."""
    query = "SELECT introduced_by, first_at FROM store_person WHERE set_aside = '' AND introduced_by"
    with databases.failures("reading the workspace"):
        return [(row[0], row[1]) for row in bulk.select_in(workspace.connection, query, sorted(people))]


def any_people(workspace: Workspace) -> bool:
    """Whether there is anybody at all."""
    return bool(_rows(workspace, "SELECT 1 FROM store_person LIMIT 1", []))


def persons_of(workspace: Workspace, accounts: Collection[Address]) -> dict[Address, str]:
    """Account -> person, for those of these accounts that are anybody's."""
    query = "SELECT account, person FROM store_membership WHERE account"
    with databases.failures("reading the workspace"):
        return dict(bulk.select_in(workspace.connection, query, sorted(set(accounts))))


def accounts_of(workspace: Workspace, people: Collection[str]) -> dict[str, list[Address]]:
    """Person -> accounts, sorted."""
    query = "SELECT person, account FROM store_membership WHERE person"
    found: dict[str, list[Address]] = {}
    with databases.failures("reading the workspace"):
        for person, account in bulk.select_in(workspace.connection, query, sorted(set(people))):
            found.setdefault(person, []).append(account)
    return {person: sorted(accounts) for person, accounts in found.items()}


def who_is_there(workspace: Workspace, ids: Collection[str]) -> set[str]:
    """Those of these ids that are somebody's own."""
    with databases.failures("reading the workspace"):
        query = "SELECT id FROM store_person WHERE id"
        return {row[0] for row in bulk.select_in(workspace.connection, query, sorted(ids))}


def accounts_of_several(workspace: Workspace) -> list[tuple[Address, str]]:
    """Every account of whoever has more than one, with the person."""
    query = (
        "SELECT account, person FROM store_membership WHERE person IN "
        "(SELECT person FROM store_membership GROUP BY person HAVING count(*) > 1)"
    )
    return [(row[0], row[1]) for row in _rows(workspace, query, [])]


def _cues(workspace: Workspace, where: str, values: list[Any], order: str, limit: int) -> list[Cue]:
    query = f"SELECT {', '.join(COLUMNS[1:])} FROM store_cue WHERE {where} ORDER BY {order} LIMIT %s"  # noqa: S608
    return [_cue(row) for row in _rows(workspace, query, [*values, limit])]


def _cue(row: Sequence[Any]) -> Cue:
    return Cue._make((*row[:6], KINDS[row[6]], row[7]))


def _standing(row: Sequence[Any]) -> Standing:
    return Standing._make((*row[:6], bool(row[6]), *row[7:]))


def _rows(workspace: Workspace, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with databases.failures("reading the workspace"):
        return bulk.rows(workspace.connection, query, values)
