"""The flat table in its three forms, and every way in which a row can be wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courtship.model import Activity, Problem, Record, Undo
from courtship.sources import registry
from courtship.sources.base import Told
from courtship.sources.flat_rows import Rows
from courtship.sources.walk import open_tree
from courtship.testing import check_fixture
from courtship.times import parse_iso

AT = parse_iso("2026-03-01T12:00:00Z")
ROWS: list[dict[str, Any]] = [
    {"id": "1", "kind": "follow", "actor": "test:ann", "target": "test:me", "at": "2026-03-01T12:00:00Z"},
    {
        "id": "2",
        "kind": "comment",
        "actor": "test:bob",
        "target": "test:me",
        "at": "2026-03-01T14:00:00+02:00",
        "ended": "2026-03-02",
        "precise": False,
        "object": "post:7",
        "in_reply_to": "post:6",
        "text": 'Good, "very" good;\nreally é',
        "url": "https://example.org/7",
        "public": True,
        "actor_name": "Bob",
        "target_name": "Me",
        "actor_followers": 12,
    },
    {"id": "3", "kind": None, "actor": None, "target": None, "at": "2026-03-03T00:00:00", "undoes": "1"},
]
EXPECTED: list[Record] = [
    Activity("1", "follow", "test:ann", "test:me", AT),
    Activity(
        "2",
        "comment",
        "test:bob",
        "test:me",
        AT,
        parse_iso("2026-03-02T00:00:00Z"),
        False,
        "post:7",
        "post:6",
        'Good, "very" good;\nreally é',
        "https://example.org/7",
        True,
        "Bob",
        "Me",
        12,
    ),
    Undo("3", "1", parse_iso("2026-03-03T00:00:00Z")),
]


def read(path: Path) -> list[Told]:
    with open_tree(path) as tree:
        (claim,) = registry.claims(tree, now=0)
        assert claim.source.name == "activities"
        return [*claim.source.read(claim), *tree.problems]


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def table() -> pa.Table:
    names = list(dict.fromkeys(name for row in ROWS for name in row))
    return pa.table({name: [row.get(name) for row in ROWS] for name in names})


@pytest.mark.parametrize(
    "form", ["jsonl", "csv", "semicolons", "parquet", "timestamps", "utf16", "crlf", "mark"]
)
def test_the_same_records_in_every_form(tmp_path: Path, form: str) -> None:
    path = tmp_path / "table"
    if form == "parquet":
        pq.write_table(table(), path)
    elif form == "timestamps":
        found = table()
        times = pa.array([AT, AT, parse_iso("2026-03-03")], pa.timestamp("us"))
        pq.write_table(found.set_column(found.schema.get_field_index("at"), "at", times), path)
    elif form in {"csv", "semicolons"}:
        options = pyarrow.csv.WriteOptions(delimiter=";" if form == "semicolons" else ",")
        pyarrow.csv.write_csv(table(), path, options)
    else:
        data = jsonl(ROWS)
        if form == "utf16":
            data = data.decode().encode("utf-16")
        elif form == "crlf":
            data = data.replace(b"\n", b"\r\n")
        elif form == "mark":
            data = b"\xef\xbb\xbf" + data
        path.write_bytes(data)
    assert read(path) == EXPECTED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "adore"}, "unknown kind 'adore'"),
        ({"kind": ["like"]}, "unknown kind"),
        ({"actor": "ann"}, "actor is not an account"),
        ({"actor": ""}, "actor is not an account"),
        ({"actor": ["test:ann"]}, "actor is not an account"),
        ({"target": "test:"}, "target is not an account"),
        ({"target": "test:a\nb"}, "target is not an account"),
        ({"at": "yesterday"}, "not a time in ISO 8601"),
        ({"at": 1772366400}, "not a time in ISO 8601"),
        ({"at": ""}, "has no time"),
        ({"at": "1969-01-01T00:00:00Z"}, "date out of range"),
        ({"at": "2101-01-01T00:00:00Z"}, "date out of range"),
        ({"ended": "soon"}, "not a time in ISO 8601"),
        ({"precise": "maybe"}, "precise is neither"),
        ({"actor_followers": "many"}, "actor_followers is no number"),
        ({"id": {"a": 1}}, "id is no short text"),
    ],
)
def test_a_wrong_row_is_a_problem_with_its_place_and_the_rest_goes_in(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = tmp_path / "table.jsonl"
    path.write_bytes(jsonl([ROWS[0], {**ROWS[0], "id": "9", **change}, ROWS[1]]))
    first, problem, last = read(path)
    assert [first, last] == EXPECTED[:2]
    assert isinstance(problem, Problem)
    assert problem.where == "line 2"
    assert reason in problem.reason


def test_other_columns_are_ignored_and_years_up_to_2100_believed(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "at,mood,target,id,kind,actor\n2100-12-31T23:59:59Z,fine,test:me,1,like,test:ann\n"
        "1990-01-01,,test:me,2,like,test:ann\n1990-01-01,test:me,2\n"
    )
    first, second, short = read(path)
    assert isinstance(first, Activity)
    assert isinstance(second, Activity)
    assert (first.at, second.at) == (4_133_980_799_000_000, 631_152_000_000_000)
    assert isinstance(short, Problem)
    assert short.where == "line 4"


def test_a_wrong_encoding_is_one_line_however_many_rows_it_spoils(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    rows = [{**ROWS[0], "id": str(n), "text": "é" if n % 2 else "e"} for n in range(100)]
    path.write_bytes(jsonl(rows).decode().encode("latin-1"))
    *records, problem = read(path)
    assert len(records) == 50
    assert isinstance(problem, Problem)
    assert problem.reason.startswith("50 lines from here on are not UTF-8")
    assert "save the file as UTF-8" in problem.reason


@pytest.mark.parametrize("name", ["bakery.csv", "bakery.jsonl"])
def test_fixture(name: str) -> None:
    assert check_fixture(Path(__file__).parent / "fixtures" / "activities" / name)


def stray(plain: Any) -> Any:
    """Mostly what is right, now and then something else."""
    odd = st.sampled_from(["", None, "x", "a:", "a: b ", "a:b\x00", "\xa0", " a:b"])
    return st.one_of(plain, plain, plain, odd)


accounts = st.sampled_from(["test:ann", "test:me", "web:a b", "x:\xa0é", "test:bob"])
times = st.datetimes(datetime(1988, 1, 1), datetime(2102, 1, 1))  # noqa: DTZ001 - wanted without a zone
rows = st.fixed_dictionaries(
    {
        "id": stray(st.text(max_size=3)),
        "kind": stray(st.sampled_from(["like", "share", "follow"])),
        "actor": stray(accounts),
        "target": stray(accounts),
        "at": st.none() | times,
    },
    optional={
        "ended": st.none() | times,
        "undoes": stray(st.none()),
        "precise": st.none() | st.booleans(),
        "public": st.none() | st.booleans(),
        "text": stray(st.text(max_size=3)),
        "object": stray(st.text(max_size=3)),
        "actor_followers": st.none() | st.integers(-2, 5),
    },
)
SCHEMA = pa.schema(
    [
        *[(name, pa.string()) for name in ("id", "kind", "actor", "target", "undoes", "text", "object")],
        *[(name, pa.timestamp("us")) for name in ("at", "ended")],
        *[(name, pa.bool_()) for name in ("precise", "public")],
        ("actor_followers", pa.int64()),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=8))
def test_checked_by_columns_or_by_rows_the_same_is_right(tmp_path: Path, made: list[dict[str, Any]]) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.Table.from_pylist(made, schema=SCHEMA), path)
    singly: list[Told] = []
    for row in pq.read_table(path).to_pylist():
        for name in ("at", "ended"):
            row[name] = row[name] and row[name].isoformat()
        with suppress(ValueError):
            singly.append(Rows().record(row))
    found = [told for told in read(path) if not isinstance(told, Problem)]
    assert sorted(map(repr, found)) == sorted(map(repr, singly))


def test_a_parquet_file_cut_short_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(table(), path)
    path.write_bytes(path.read_bytes()[:-20])
    (problem,) = read(path)
    assert isinstance(problem, Problem)
    assert "get the file again" in problem.reason
