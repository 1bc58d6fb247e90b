"""A workspace: one brand's log, decisions and derived tables, and the only way to them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from courtship.columns import PeopleColumns
from courtship.model import (
    Activity,
    Address,
    Appended,
    Coverage,
    Decision,
    Micros,
    Origin,
    Post,
    Problem,
    Profile,
    Record,
    Snapshot,
    StoredActivity,
    Total,
)
from courtship.store import bulk, databases, router, server
from courtship.store.log import decisions, reading
from courtship.store.log.append import Progress, append
from courtship.store.log.bounds import legible
from courtship.store.log.interning import Interning
from courtship.store.log.mark import log_mark
from courtship.store.remembering import remembered

if TYPE_CHECKING:
    import pyarrow as pa


class Workspace:
    """Made by ``open_workspace``. May be used by several threads and processes at the same time.

    Every method raises StoreFailure, in one line, where the database cannot be read or written.
    """

    def __init__(self, home: Path, name: str, alias: str) -> None:
        self.home = home
        self.name = name
        self.alias = alias
        self._own = threading.local()

    def __repr__(self) -> str:
        return f"Workspace({str(self.home)!r}, {self.name!r})"

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """This thread's connection."""
        try:
            held: BaseDatabaseWrapper = self._own.connection
        except AttributeError:
            held = self._own.connection = connections[self.alias]
        return held

    @contextmanager
    def chosen(self) -> Iterator[None]:
        """Within it the models of ``store.models`` mean this workspace."""
        with router.using(self.alias):
            yield

    def transaction(self) -> databases.Writing:
        """All that is written within is written together, or not at all."""
        return databases.Writing(self.connection, "writing the workspace")

    def queued(self) -> AbstractContextManager[None]:
        """Within it what only writes is sent to a database that is a server together with the next question
        to it, or with the transaction's end. Begun right after a ``transaction``, and ended right before."""
        return server.queued(self.connection)

    def close(self) -> None:
        """Closes this thread's connection; it opens again by itself."""
        self.connection.close()

    # ------------------------------------------------------------ the log

    def position(self) -> int:
        """The last position of the log; 0 where it is empty."""
        with databases.failures("reading the workspace"):
            return int(bulk.rows(self.connection, "SELECT position FROM store_state WHERE id = 1")[0][0])

    def mark(self, position: int) -> str:
        """What names this log up to a position, among all others; another one when somebody is forgotten."""
        with databases.failures("reading the workspace"):
            return log_mark(self.connection, position)

    def interning(self) -> Interning:
        """What this thread's connection knows of accounts, for ``append``."""
        connection = self.connection
        held: Interning | None = getattr(connection, "courtship_interning", None)
        if held is None:
            held = Interning(connection)
            connection.courtship_interning = held  # type: ignore[attr-defined]
        return held

    def append(
        self,
        records: Iterable[Record | Origin | Problem],
        origin: Origin,
        progress: Progress | None = None,
        told: list[tuple[int, Activity]] | None = None,
        interning: Interning | None = None,
        locked: bulk.Locked | None = None,
    ) -> Appended:
        """Appends records as a stream, in batches of one transaction each; what is known is left out.

        An ``Origin`` among the records holds for those that follow it. Told again, in any order and after any
        interruption, the same records make the same log. ``progress`` is called after each batch with the
        number of activities read. ``told`` is given every activity that was new, with its position.
        ``interning`` is what the last call on this connection knew of accounts; whoever passes it clears it
        when a transaction around both is taken back. ``locked`` is the log as who holds its lock has read it;
        then the last position is theirs to write.
        """
        with databases.failures("importing"):
            done = append(self.alias, records, origin, progress, told, interning, locked)
        if done.problems:
            self.add_problems(done.problems, origin)
        return done

    def append_table(
        self, batches: Iterable[pa.RecordBatch], origin: Origin, progress: Progress | None = None
    ) -> Appended:
        """The same for batches of the flat table, and faster.

        Columns as in ``docs/formats/activities.md``, those unknown left out; ``at`` and ``ended`` as
        timestamps or as integers of UTC microseconds; accounts well formed.
        """
        from courtship.store.log.append_table import append_table

        with databases.failures("importing"):
            done = append_table(self.alias, batches, origin, progress)
        self.add_problems(done.problems, origin)
        return done

    def add_problems(self, problems: Iterable[Problem], origin: Origin) -> None:
        """Notes problems of an import; one that is noted already is not noted twice."""
        rows: dict[bytes, Problem] = {}
        for problem in problems:
            problem = Problem(*map(legible, problem))
            digest = blake2b(orjson.dumps(tuple(problem)), digest_size=16).digest()
            rows.setdefault(digest, problem)
        if not rows:
            return
        with self.transaction():
            bulk.lock_log(self.connection)
            held = bulk.held_keys(self.connection, "store_issue", sorted(rows), "digest")
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT coalesce(max(id), 0) FROM store_issue")
                last = int(cursor.fetchone()[0])
            fresh = [(digest, problem) for digest, problem in rows.items() if digest not in held]
            bulk.insert(
                self.connection,
                "store_issue",
                ("id", "digest", "path", "place", "reason", "origin"),
                [(last + i, digest, *problem, 0) for i, (digest, problem) in enumerate(fresh, 1)],
            )

    def checksum(self) -> str:
        """A digest of the set of what was told and decided, whatever the order in which it came."""
        total = 0
        with databases.failures("reading the workspace"), databases.snapshot(self.connection):
            for row in reading.log_content(self.connection):
                total += int.from_bytes(blake2b(row, digest_size=16).digest(), "big")
        for decision in self.decisions(include_undone=True):
            said = orjson.dumps((decision.verb, decision.subject, decision.detail, decision.at))
            total += int.from_bytes(blake2b(said, digest_size=16).digest(), "big")
        return f"{total % 2**128:032x}"

    def forget(
        self, accounts: Collection[Address], *, now: Micros, by: str = "", also: Collection[str] = ()
    ) -> None:
        """Removes everything that was told of these accounts, for good, and turns away what is told later.

        ``also`` are other names of the person (ids) that decisions may hold. Refresh afterwards.
        """
        from courtship.store.cache import layers
        from courtship.store.log import forgetting

        if not accounts:
            return
        with databases.failures("forgetting"):
            forgetting.forget(self.alias, sorted(set(accounts)), now, by, also)
            layers.drop(self.cache_folder)

    # ------------------------------------------------------------ decisions

    def decide(self, *made: Decision) -> list[Decision]:
        """Appends decisions in one transaction; answers them with their positions.

        Raises NotAllowed for a verb that is none.
        """
        with databases.failures("writing the decision"):
            return decisions.decide(self.alias, made)

    def decisions(self, *verbs: str, include_undone: bool = False) -> list[Decision]:
        """Decisions in order of position, of these verbs or all; without those that were undone."""
        with databases.failures("reading the workspace"):
            return decisions.read(self.alias, verbs, include_undone=include_undone)

    def brand(self) -> frozenset[Address]:
        """The brand's own accounts."""
        with databases.failures("reading the workspace"):
            return decisions.brand(self.alias)

    # ------------------------------------------------------------ reading

    def activities_of(self, accounts: Collection[Address]) -> list[StoredActivity]:
        """Activities in force that any of these accounts does or is the target of, in order of time.

        Undo, denials, variants and acts told of twice are applied; with words and origins.
        """
        with databases.failures("reading the workspace"), databases.snapshot(self.connection):
            numbers = sorted(bulk.held_accounts(self.connection, sorted(set(accounts))).values())
            denied = reading.denied_keys(self.connection, self.decisions("activity.deny"))
            return reading.stored(self.connection, reading.acts_of(self.connection, numbers, denied))

    def columns(self, groups: Mapping[Address, str] | None = None) -> PeopleColumns:
        """All activities between the brand and everybody, grouped by person, for the kernel.

        ``groups`` gives accounts of one person the same word (``people.identity.group(...).key_of``); whoever
        is not in it is alone. Answered from the columnar cache and what the log has after it; the cache is
        written where it is missing or old.
        """
        from courtship.store.cache import layers, peoplecolumns

        with databases.failures("reading the audience"):
            segments, position = layers.read(self.alias, self.cache_folder)
            look_up = layers.namespaces(self.alias)
            return peoplecolumns.by_person(segments, groups or {}, position, look_up)

    def columns_from_log(self, groups: Mapping[Address, str] | None = None) -> PeopleColumns:
        """The same as ``columns``, from the log alone: what a rebuild compares with."""
        from courtship.store.cache import accountrows, layers, peoplecolumns, segments

        with databases.failures("reading the audience"), databases.snapshot(self.connection):
            denied = reading.denied_keys(self.connection, self.decisions("activity.deny"))
            rows = segments.overlaid([accountrows.read_all(self.connection, self.brand(), denied)])
            look_up = layers.namespaces(self.alias)
            return peoplecolumns.by_person(rows, groups or {}, self.position(), look_up)

    def columns_of(
        self, accounts: Collection[Address], groups: Mapping[Address, str] | None = None
    ) -> PeopleColumns:
        """The same of these accounts only, by the plain rules: for a few."""
        from courtship.store.cache import accountrows, layers, peoplecolumns, segments

        with databases.failures("reading the audience"), databases.snapshot(self.connection):
            position = self.position()
            brand = self.brand()
            numbers = bulk.held_accounts(self.connection, sorted(set(accounts) - brand)).values()
            denied = reading.denied_keys(self.connection, self.decisions("activity.deny"))
            rows = segments.overlaid([accountrows.read_some(self.connection, numbers, brand, denied)])
            return peoplecolumns.by_person(rows, groups or {}, position, layers.namespaces(self.alias))

    @property
    def cache_folder(self) -> Path:
        """Where this workspace's columnar cache lies."""
        return self.home / "cache" / self.name

    def drop_cache(self) -> None:
        """Removes the columnar cache; whoever needs it makes it anew."""
        from courtship.store.cache import layers

        with databases.failures("removing the cache"):
            layers.drop(self.cache_folder)

    def accounts(self) -> list[Address]:
        """Every account that is named in the log's activities, sorted."""
        with databases.failures("reading the workspace"), self.connection.cursor() as cursor:
            cursor.execute("SELECT address FROM store_account")
            return sorted(address for (address,) in cursor.fetchall())

    def accounts_stamp(self) -> str:
        """Changes whenever an account is named for the first time; those forgotten change ``facts_stamp``."""
        with databases.failures("reading the workspace"):
            return str(bulk.rows(self.connection, "SELECT coalesce(max(id), 0) FROM store_account")[0][0])

    def posts(
        self, author: Collection[Address] | None = None, *, objects: Collection[str] | None = None
    ) -> list[Post]:
        """Posts as told, of these authors and with these objects, or all, oldest first."""
        if objects is not None:
            return _by_time(
                post for post in self._facts("post", objects) if author is None or post.author in author
            )
        if author is None:
            return _by_time(self._facts("post"))
        authors = frozenset(author)
        if not authors:
            return []
        if len(authors) > 20:
            return _by_time(post for post in self._facts("post") if post.author in authors)

        def read() -> list[Post]:
            # a backslash is a pattern's own escape: the words before it will do
            holding = [orjson.dumps(one).decode().partition("\\")[0] for one in sorted(authors)]
            return _by_time(post for post in self._facts("post", holding=holding) if post.author in authors)

        what = "posts of " + orjson.dumps(sorted(authors)).decode()
        return list(remembered(self.alias, what, self.facts_stamp(), read))

    def profiles(self, accounts: Collection[Address] | None = None) -> list[Profile]:
        """What sources say of these accounts (or all), each as told, oldest first (undated before all)."""
        found: list[Profile] = self._facts("profile", accounts)
        return sorted(found, key=lambda profile: (profile.at or 0, profile.account))

    def own_profiles(self) -> list[Profile]:
        """Profiles of which their source says that they are those of whoever made the export."""

        def read() -> list[Profile]:
            found: list[Profile] = self._facts("profile", holding=["true]"])  # ``own`` is a profile's last
            return sorted((one for one in found if one.own), key=lambda one: (one.at or 0, one.account))

        return list(remembered(self.alias, "own profiles", self.facts_stamp(), read))

    def facts_stamp(self) -> str:
        """Changes whenever posts, profiles, totals, lists or coverage come to the log or leave it."""
        with databases.failures("reading the workspace"):
            return reading.facts_stamp(self.connection)

    def coverage(self) -> list[Coverage]:
        """What sources say that they can show."""
        return self._facts("coverage")

    def totals(self, objects: Collection[str] | None = None) -> list[Total]:
        """Counts without people, of these objects or all, oldest first."""
        found: list[Total] = self._facts("total", objects)
        return sorted(found, key=lambda total: (total.at, total.object, total.kind))

    def snapshots(self, accounts: Collection[Address] | None = None) -> list[Snapshot]:
        """Lists without dates, of these accounts or all, oldest first."""
        found: list[Snapshot] = self._facts("snapshot", accounts)
        return sorted(found, key=lambda snapshot: (snapshot.at, snapshot.account, snapshot.kind))

    def _facts(
        self, sort: str, subjects: Collection[str] | None = None, holding: Collection[str] | None = None
    ) -> list:  # type: ignore[type-arg]
        with databases.failures("reading the workspace"):
            return reading.facts(self.connection, sort, subjects, holding)

    def problems(self) -> list[Problem]:
        """Problems of all imports, oldest first."""
        with databases.failures("reading the workspace"):
            return reading.problems(self.connection)

    def origins(self) -> list[Origin]:
        """Every file of every import that brought something new, oldest first."""
        with databases.failures("reading the workspace"):
            return [origin for _, origin in reading.all_origins(self.connection)]


def _by_time(posts: Iterable[Post]) -> list[Post]:
    return sorted(posts, key=lambda post: (post.at, post.object))
