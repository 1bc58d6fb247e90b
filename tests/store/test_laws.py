"""Laws of the log, over made-up histories: twice is once, order does not matter, both ways in are one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from courtship.model import Activity, Decision, Origin, Record, StoredActivity, Undo
from courtship.store import open_workspace
from courtship.store.workspace import Workspace

T = 1_700_000_000_000_000
SECOND = 1_000_000
ME = "test:me"
FILES = [Origin("f", "activities", "", T), Origin("g", "mastodon", "", T), Origin("h", "activities", "ns", T)]

_names = itertools.count()

accounts = st.sampled_from([ME, "test:ann", "test:bob", "b:ann", ""])
times = st.integers(0, 40).map(lambda n: T + n * 100 * SECOND)
words = st.none() | st.sampled_from(["hi", "Grüße 🌱", "a\0b", ""])
ids = st.sampled_from(["", "1", "2", "3", "4", "5", "é"])
activities = st.builds(
    Activity,
    ids,
    st.sampled_from(["follow", "like", "comment", "share"]),
    accounts,
    accounts,
    times,
    st.none() | times,
    st.booleans(),
    st.none() | st.sampled_from(["p1", "p2"]),
    st.none() | st.just("p0"),
    words,
    words,
    st.none() | st.booleans(),
    words,
    words,
    st.none() | st.integers(0, 9),
).filter(lambda row: bool(row.actor or row.target))
undos = st.builds(
    Undo, st.just("u"), ids.filter(bool), times, st.sampled_from(["", "test", "b"]), st.booleans()
)
files = st.lists(
    st.tuples(st.sampled_from(FILES), st.lists(activities | undos, max_size=10)), min_size=1, max_size=4
)

Told = list[tuple[Origin, list[Record]]]
LAW = settings(
    max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


@contextmanager
def fresh(tmp_path: Path) -> Iterator[Workspace]:
    """Closed also where an example fails: else each try at a smaller one keeps a connection."""
    with closing(open_workspace(tmp_path / "home", f"w{next(_names)}")) as workspace:
        workspace.decide(Decision("brand.add", ME))
        yield workspace


def tell(workspace: Workspace, told: Told) -> None:
    for origin, records in told:
        workspace.append(records, origin)


def seen(workspace: Workspace) -> tuple[str, list[StoredActivity]]:
    """What can be known of a workspace, positions and the order of origins apart."""
    found = [
        act._replace(position=0, origins=tuple(sorted(act.origins)))
        for act in workspace.activities_of(["test:me", "test:ann", "test:bob", "b:ann"])
    ]
    return workspace.checksum(), sorted(found, key=repr)


@LAW
@given(told=files)
def test_twice_is_once(told: Told, database: str, tmp_path: Path) -> None:
    with fresh(tmp_path) as workspace:
        tell(workspace, told)
        position, once = workspace.position(), seen(workspace)
        for origin, records in told:
            again = workspace.append(records, origin)
            assert (again.new, again.other) == (0, 0)
            assert again.read == again.known
        assert (workspace.position(), seen(workspace)) == (position, once)


@LAW
@given(told=files, data=st.data())
def test_the_order_of_arrival_never_matters(
    told: Told, data: st.DataObject, database: str, tmp_path: Path
) -> None:
    with fresh(tmp_path) as one, fresh(tmp_path) as other:
        tell(one, told)
        # of identical rows without an id in one file their number counts, so files stay whole there
        mixed: Told = []
        for origin, records in told:
            named = [record for record in records if record.id]  # type: ignore[union-attr]
            nameless = [record for record in records if not record.id]  # type: ignore[union-attr]
            mixed += [(origin, [record]) for record in named]
            mixed.append((origin, nameless))
        tell(other, data.draw(st.permutations(mixed)))
        assert kept(seen(one)) == kept(seen(other))


def kept(said: tuple[str, list[StoredActivity]]) -> tuple[str, list[StoredActivity]]:
    """Words that an Undo without platform blanked depend on what else was there when it came."""
    return said[0], sorted((act._replace(text=None, url=None) for act in said[1]), key=repr)


@LAW
@given(told=files)
def test_batches_of_the_flat_table_make_the_same_log(told: Told, database: str, tmp_path: Path) -> None:
    with fresh(tmp_path) as one, fresh(tmp_path) as other:
        for origin, records in [*told, *told]:
            # the flat table has no word for a Delete
            records = [r._replace(blank=False) if isinstance(r, Undo) else r for r in records]
            first = one.append(records, origin)
            second = other.append_table([batch(records)], origin)
            assert first[:5] == second[:5]
        assert kept(seen(one)) == kept(seen(other))


def batch(records: list[Record]) -> pa.RecordBatch:
    rows = []
    for record in records:
        if isinstance(record, Activity):
            rows.append({**record._asdict(), "undoes": None})
        else:
            assert isinstance(record, Undo)
            row = dict.fromkeys(Activity._fields)
            actor = f"{record.platform}:x" if record.platform else None
            rows.append({**row, "id": record.id, "at": record.at, "undoes": record.undoes, "actor": actor})
    schema = pa.schema(
        [
            (name, pa.int64() if name in ("at", "ended", "actor_followers") else pa.string())
            if name not in ("precise", "public")
            else (name, pa.bool_())
            for name in (*Activity._fields, "undoes")
        ]
    )
    return pa.RecordBatch.from_pylist(rows, schema)
