"""Several homes on one database, and homes that are copied, moved or put beside another database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.store.test_cache import of_layers, same_as_the_log, tell
from tests.store.test_columns import ANN, FILE, ME, T

from courtship.model import DAY, Activity, Decision
from courtship.people.identity import person_id
from courtship.service.content import posts
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import refresh
from courtship.store import open_workspace
from courtship.store.derived import person_acts, words_query
from courtship.store.workspace import Workspace

NOW = T + 400 * DAY

SERVE = """
import json, sys
from pathlib import Path
from courtship.model import Activity, Decision, Origin, Profile, Undo
from courtship.service.live.hearing import hear
from courtship.service.people import identity
from courtship.service.reckoning.rebuild import rebuild
from courtship.service.reckoning.refresh import fresh, refresh
from courtship.store import open_workspace
from courtship.store.cache import layers, publishing
from courtship.store.derived import person_acts, words_query
layers.TAIL, layers.RATIO, layers.PIECE, words_query.AS_IT_IS, person_acts.KEPT = 2, 2, 7, 0, 5
T, NOW = 1_700_000_000_000_000, 1_800_000_000_000_000
ORIGIN = Origin("webhook", "test", "", 0)
workspace = open_workspace(Path(sys.argv[1]))
made = []
write = layers.write
layers.write = lambda *given: (made.append(1), write(*given))

def hears(name, first, last, who="test:p{0}"):
    acts = [
        Activity(f"{name}-{n}", "comment", who.format(n % 9), "test:me", T + n * 10**6, text=f"{name} rye")
        for n in range(first, last)
    ]
    hear(workspace, acts, ORIGIN, now=NOW)

def undoes(name, number):
    hear(workspace, [Undo(f"u-{name}-{number}", f"{name}-{number}", NOW - 9)], ORIGIN, now=NOW)

def looks():
    cached, computed = workspace.columns(), workspace.columns_from_log()
    for column in ("start", "at", "ended", "kind"):
        assert (getattr(cached.columns, column) == getattr(computed.columns, column)).all(), column
    assert list(cached.addresses) == list(computed.addresses)
    asked = len(made)
    made.clear()
    held = publishing.vouched(
        workspace.connection, publishing.layers(workspace.cache_folder), workspace.position()
    )
    return [len(cached.columns.at), asked, len(held)]

def said(words):
    return len(words_query.people_who_said(workspace, words, lambda task: task()))

def acts(account):
    return len(person_acts.read(workspace, [account], make=True).at)

def decides(verb, subject, **detail):
    workspace.decide(Decision(verb, subject, detail, T))
    refresh(workspace, now=NOW)

def merges(a, b):
    identity.merge(workspace, a, b, now=NOW)

def undoes_decision():
    identity.undo(workspace, now=NOW)

def forgets(account):
    identity.forget(workspace, account, now=NOW)

def rebuilds():
    return list(rebuild(workspace, now=NOW).first)

def is_fresh():
    return fresh(workspace, now=NOW) is None

print("ready", flush=True)
for line in sys.stdin:
    what, *given = json.loads(line)
    print(json.dumps(globals()[what](*given)), flush=True)
"""


class Served:
    """A process that has one home open, and does what it is told."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )

    def ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def __call__(self, *asked: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


@contextmanager
def serving(*homes: Path) -> Iterator[list[Served]]:
    with ExitStack() as stack:
        # all at once: the first makes the tables
        served = [stack.enter_context(closing(Served(home))) for home in homes]
        for one in served:
            one.ready()
        yield served


@pytest.fixture
def on_server(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    return postgres_url


@pytest.mark.postgres
def test_two_servers_with_homes_of_their_own(on_server: str, tmp_path: Path) -> None:
    with serving(tmp_path / "a", tmp_path / "b") as (a, b):
        a("decides", "brand.add", "test:me")
        for turn, one in enumerate([a, b] * 4):
            one("hears", f"t{turn}", 20 * turn, 20 * turn + 20)
            both = [a("looks"), b("looks")]
            assert [rows for rows, _, _ in both] == [20 * turn + 20] * 2
            # of its own files nothing is lost: the log is read whole once, where there is no cache
            assert [asked for _, asked, _ in both] == ([1, 1] if not turn else [0, 0])
            assert a("is_fresh")
            assert b("is_fresh")
        a("undoes", "t1", 25)
        assert a("looks")[0] == b("looks")[0] == 160
        assert a("said", "rye") == b("said", "rye") == 9
        assert a("acts", "test:p3") == b("acts", "test:p3") == 18
        b("merges", "test:p3", "test:p4")
        a("hears", "merged", 200, 209)
        b("hears", "late", 1, 3)
        assert a("said", "late") == b("said", "late") == 2
        assert a("acts", "test:p3") == b("acts", "test:p3") == 19
        a("undoes_decision")
        assert a("looks")[1] == b("looks")[1] == 0
        assert a("rebuilds") == b("rebuilds") == []


@pytest.mark.postgres
def test_whoever_one_forgets_is_nowhere_in_the_other_s_files(on_server: str, tmp_path: Path) -> None:
    with serving(tmp_path / "a", tmp_path / "b") as (a, b):
        a("decides", "brand.add", "test:me")
        a("hears", "first", 0, 90)
        a("hears", "known", 100, 110, "test:zoe")
        assert a("looks")[0] == b("looks")[0] == 100
        assert a("said", "known") == b("said", "known") == 1
        assert a("acts", "test:zoe") == b("acts", "test:zoe") == 10
        assert b"test:zoe" in b"".join(path.read_bytes() for path in (tmp_path / "b").rglob("*.arrow"))
        a("forgets", "test:zoe")
        assert a("looks")[0] == b("looks")[0] == 90
        assert a("said", "known") == b("said", "known") == 0
        assert a("said", "first") == b("said", "first") == 9
        for home in ("a", "b"):
            for path in (tmp_path / home / "cache").rglob("*"):
                assert not path.is_file() or b"test:zoe" not in path.read_bytes()
            assert len(list((tmp_path / home / "cache").rglob("acts-*"))) == 0
        b("hears", "more", 200, 220)
        assert a("rebuilds") == b("rebuilds") == []


@pytest.mark.postgres
def test_a_home_that_was_copied_and_one_that_was_moved(on_server: str, tmp_path: Path) -> None:
    with serving(tmp_path / "a") as (a,):
        a("decides", "brand.add", "test:me")
        a("hears", "first", 0, 90)
        a("looks")
        assert a("said", "rye") == 9
        a("acts", "test:p3")
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    shutil.move(tmp_path / "a", tmp_path / "moved")
    with serving(tmp_path / "copy", tmp_path / "moved") as (copy, moved):
        for turn, one in enumerate([copy, moved] * 3):
            one("hears", f"t{turn}", 100 + 20 * turn, 120 + 20 * turn)
            for other in (copy, moved):
                assert other("looks")[:2] == [110 + 20 * turn, 0], "its files were good, and stay so"
                assert other("said", f"t{turn}") == 9
        assert copy("acts", "test:p3") == moved("acts", "test:p3")
        assert copy("rebuilds") == moved("rebuilds") == []


# ------------------------------------------------------------ beside another log


def fill(workspace: Workspace, name: str, count: int = 40) -> None:
    """So many positions, whoever calls it; with acts of ANN that are worth a file, and words."""
    workspace.decide(Decision("brand.add", ME, at=T))
    tell(workspace, name, range(count), 10)
    more = [
        Activity(f"{name}-a{n}", "comment", ANN, ME, T + n * DAY, object="post0", text=f"{name} rye {n}")
        for n in range(20)
    ]
    workspace.append(more, FILE._replace(at=FILE.at + len(name)))
    refresh(workspace, now=NOW)


def looked_at(workspace: Workspace) -> None:
    """Everything that is kept in files or in memory is kept."""
    workspace.columns()
    words_query.people_who_said(workspace, "rye", lambda task: task())
    person_acts.read(workspace, [ANN], make=True)
    posts.page(workspace, now=NOW)


def is_of(workspace: Workspace, name: str, other: str) -> None:
    same_as_the_log(workspace)
    people = words_query.people_who_said(workspace, name, lambda task: task())
    assert people == {person_id(ANN)}
    assert words_query.people_who_said(workspace, other, lambda task: task()) == frozenset()
    acts = person_acts.read(workspace, [ANN], make=True)
    assert acts is not None
    told = sorted((one.at, one.id) for one in workspace.activities_of([ANN]))
    assert acts.ids(np.arange(len(acts.at))) == [id for _, id in told]
    assert rebuild(workspace, now=NOW).first == ()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_query, "AS_IT_IS", 0)
    monkeypatch.setattr(person_acts, "KEPT", 5)


@pytest.mark.postgres
def test_one_home_with_two_databases(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    """From SQLite to PostgreSQL and back: as many positions, another log."""
    home = tmp_path / "home"
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with closing(open_workspace(home)) as workspace:
        fill(workspace, "one")
        looked_at(workspace)
        is_of(workspace, "one", "two")
        position = workspace.position()
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with closing(open_workspace(home)) as workspace:
        fill(workspace, "two")
        assert workspace.position() == position
        is_of(workspace, "two", "one")
        looked_at(workspace)
    monkeypatch.delenv("DATABASE_URL")
    with closing(open_workspace(home)) as workspace:
        is_of(workspace, "one", "two")


def test_a_backup_that_was_put_back_goes_on_otherwise(sqlite: None, tmp_path: Path, small: None) -> None:
    """The database is older than the files beside it, and has as many positions again when they are read."""
    home = tmp_path / "home"
    base = home / "workspaces" / "default.db"
    with closing(open_workspace(home)) as workspace:
        fill(workspace, "kept")
        looked_at(workspace)
        beneath = of_layers(workspace)
    shutil.copy(base, tmp_path / "backup.db")
    with closing(open_workspace(home)) as workspace:
        fill(workspace, "one")
        looked_at(workspace)
    shutil.copy(tmp_path / "backup.db", base)
    person_acts._held.clear()  # as in a process that has begun since
    with closing(open_workspace(home)) as workspace:
        assert of_layers(workspace) == beneath, "what was made before the backup is good"
        fill(workspace, "two")
        is_of(workspace, "two", "one")
