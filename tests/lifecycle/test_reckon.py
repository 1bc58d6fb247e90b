"""``courtship.reckon``: every form of input, the kernel's path, and what is said of bad rows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import courtship
from courtship.errors import InvalidPolicy, InvalidRecord
from courtship.service.reckoning import reckon as service
from courtship.service.reckoning.report_table import SCHEMA

AT = "2026-06-01T00:00:00Z"

ROWS: list[dict[str, Any]] = [
    {"id": "1", "kind": "comment", "actor": "x:ann", "target": "x:me", "at": "2026-01-02T00:00:00Z"},
    {"id": "2", "kind": "comment", "actor": "x:ann", "target": "x:me", "at": "2026-01-03T00:00:00Z"},
    {"id": "3", "kind": "mention", "actor": "x:ann", "target": "x:me", "at": "2026-01-04T00:00:00Z"},
    {"id": "4", "kind": "like", "actor": "x:me", "target": "x:ann", "at": "2026-01-05T00:00:00Z"},
    {"id": "5", "kind": "follow", "actor": "x:bob", "target": "x:me", "at": "2026-01-05T00:00:00Z"},
    {"id": "6", "undoes": "5", "at": "2026-02-05T00:00:00Z"},
    {"id": "7", "kind": "like", "actor": "x:eve", "target": "x:me", "at": "2026-01-06T00:00:00Z",
     "ended": "2026-01-09T00:00:00Z"},
]  # fmt: skip

STAGES = {"x:ann": "know", "x:bob": "aware", "x:eve": "aware"}


def stages(activities: object, **more: Any) -> dict[str, str]:
    table = courtship.reckon(activities, **{"brand": ["x:me"], "at": AT, **more})
    assert table.schema == SCHEMA
    return dict(zip(table["person"].to_pylist(), table["stage"].to_pylist(), strict=True))


def columns(times: str) -> dict[str, list[Any]]:
    """The rows as columns, with times of one form."""
    names = ["id", "kind", "actor", "target", "at", "ended", "undoes"]
    found: dict[str, list[Any]] = {name: [row.get(name) for row in ROWS] for name in names}
    for name in ("at", "ended"):
        moments = [None if value is None else datetime.fromisoformat(value) for value in found[name]]
        if times == "aware":
            found[name] = moments
        elif times == "naive":
            found[name] = [moment and moment.replace(tzinfo=None) for moment in moments]
        elif times == "micros":
            found[name] = [moment and int(moment.timestamp()) * 1_000_000 for moment in moments]
    return found


FORMS: dict[str, Callable[[str], Any]] = {
    "mappings": lambda times: ROWS,
    "generator": lambda times: (row for row in ROWS),
    "pyarrow": lambda times: pa.table(columns(times)),
    "reader": lambda times: pa.table(columns(times)).to_reader(),
    "batch": lambda times: pa.table(columns(times)).to_batches()[0],
    "dictionary": lambda times: (table := pa.table(columns(times))).set_column(
        2, "actor", table["actor"].dictionary_encode()
    ),
    "polars": lambda times: pl.DataFrame(columns(times)),
    "pandas": lambda times: pd.DataFrame(columns(times)),
}


@pytest.mark.parametrize("times", ["text", "aware", "naive", "micros"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_table_is_read_alike(form: str, times: str) -> None:
    if form == "pandas" and times == "micros":
        times = "text"  # pandas makes floats of whole numbers with gaps
    assert stages(FORMS[form](times)) == STAGES


def test_a_duckdb_relation_is_read() -> None:
    given = pa.table(columns("text"))  # noqa: F841 - DuckDB finds it by its name
    assert stages(duckdb.sql("SELECT * FROM given")) == STAGES
    typed = 'SELECT * REPLACE ("at"::TIMESTAMPTZ AS "at", ended::TIMESTAMP AS ended) FROM given'
    assert stages(duckdb.sql(typed)) == STAGES


def test_many_go_through_the_kernel_to_the_same_table(monkeypatch: pytest.MonkeyPatch) -> None:
    plainly = courtship.reckon(ROWS, brand=["x:me"], at=AT)
    monkeypatch.setattr(service, "MANY", 0)
    assert courtship.reckon(ROWS, brand=["x:me"], at=AT).equals(plainly)
    assert courtship.reckon([], brand=["x:me"], at=AT).num_rows == 0
    assert plainly.num_rows == 3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["like", "comment", "share", "follow", "block", "mention"]),
            st.sampled_from(["x:me", "x:ann", "x:bob", "m:ann", ""]),
            st.sampled_from(["x:me", "x:ann", "m:me"]),
            st.integers(1, 28),
            st.integers(0, 30),
        ),
        max_size=20,
    ),
    st.randoms(use_true_random=False),
)
def test_both_paths_order_and_duplicates(rows: list[tuple[str, str, str, int, int]], chance: Any) -> None:
    made = [
        {
            "id": str(number),
            "kind": kind,
            "actor": actor,
            "target": target,
            "at": f"2026-03-{day:02}T12:00:00Z",
            "ended": f"2026-03-{end:02}T12:00:00Z" if 0 < end < 29 else None,
        }
        for number, (kind, actor, target, day, end) in enumerate(rows)
    ]
    people = {"Ann": ["x:ann", "m:ann"]}
    more: dict[str, Any] = {"brand": ["x:me", "m:me"], "at": "2026-04-01", "people": people}
    plainly = courtship.reckon(made, **more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "MANY", 0)
        assert courtship.reckon(made, **more).equals(plainly)
    shuffled = [*made, *made[::2]]
    chance.shuffle(shuffled)
    assert courtship.reckon(shuffled, **more).equals(plainly)


def test_people_group_accounts_and_everybody_else_is_themselves() -> None:
    rows = [*ROWS, {"id": "8", "kind": "share", "actor": "m:ann", "target": "x:me", "at": "2026-01-20"}]
    assert stages(rows) == {**STAGES, "m:ann": "like"}
    assert stages(rows, people={"Ann": ["x:ann", "m:ann"]}) == {
        "Ann": "trust",
        "x:bob": "aware",
        "x:eve": "aware",
    }
    assert list(stages(rows, people={"E": ["x:eve"], "Nobody": ["x:none"]})) == [
        "E",
        "m:ann",
        "x:ann",
        "x:bob",
    ]


def test_one_id_twice_is_the_least_with_the_earliest_end() -> None:
    told = [
        {"id": "1", "kind": "like", "actor": "x:ann", "target": "x:me", "at": "2026-01-02"},
        {
            "id": "1",
            "kind": "follow",
            "actor": "x:ann",
            "target": "x:me",
            "at": "2026-01-02",
            "ended": "2026-05-01",
        },
        {
            "id": "1",
            "kind": "follow",
            "actor": "x:ann",
            "target": "x:me",
            "at": "2026-01-03",
            "ended": "2026-04-01",
        },
    ]
    for rows in (told, told[::-1]):
        (row,) = courtship.reckon(rows, brand=["x:me"], at=AT).to_pylist()
        assert row["transitions"][0]["at"] == datetime(2026, 1, 2, tzinfo=UTC)
        assert row["since"] == datetime(2026, 4, 1, tzinfo=UTC)
        assert row["missing"][0]["condition"]["standing"] == "follow"
    other = [{**told[0], "actor": "m:ann", "target": "m:me"}, told[0]]
    assert len(stages(other, brand=["x:me", "m:me"])) == 2  # an id is unique within its platform


def test_an_undo_may_come_first_and_must_name_one_activity() -> None:
    follow = {"id": "1", "kind": "follow", "actor": "x:ann", "target": "x:me", "at": "2026-01-02"}
    same = {**follow, "actor": "m:ann", "target": "m:me"}
    undo = {"id": "u", "undoes": "1", "at": "2026-03-01"}
    both = {"brand": ["x:me", "m:me"]}
    assert stages([undo, follow]) == {"x:ann": "aware"}
    assert stages([undo, follow, {**undo, "at": "2026-07-01"}]) == {"x:ann": "aware"}
    assert stages([undo, follow, same], **both) == {"x:ann": "like", "m:ann": "like"}
    assert stages([{**undo, "actor": "m:ann"}, follow, same], **both) == {"x:ann": "like", "m:ann": "aware"}
    assert stages([{**undo, "undoes": "none"}, follow]) == {"x:ann": "like"}


def test_every_way_to_write_the_moment_is_the_same() -> None:
    late = {"at": "2026-01-02T09:00:00+02:00"}
    row = {"id": "1", "kind": "like", "actor": "a", "target": "me", **late}
    moment = datetime(2026, 1, 2, 7, tzinfo=UTC)
    for at in (
        "2026-01-02T07:00:00Z",
        "2026-01-02T07:00:00",
        "2026-01-02 08:00+01:00",
        moment,
        int(moment.timestamp()) * 10**6,
    ):
        assert courtship.reckon([row], brand=["me"], at=at).num_rows == 1
    assert courtship.reckon([row], brand=["me"], at="2026-01-02T06:59:59.999999").num_rows == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "poke"}, "Row 3: 'kind' is 'poke'; write one of follow"),
        ({"kind": None}, "Row 3: 'kind' is missing"),
        ({"id": ""}, "Row 3: 'id' is missing"),
        ({"id": 7}, "Row 3: 'id' is 7; write text"),
        ({"at": "soon"}, "Row 3: 'at' is 'soon'; write an ISO 8601 time"),
        ({"at": None}, "Row 3: 'at' is missing"),
        ({"at": 10**18}, "Row 3: 'at' is 1000000000000000000; write an ISO 8601 time"),
        ({"at": 1.5}, "Row 3: 'at' is 1.5"),
        ({"ended": "later"}, "Row 3: 'ended' is 'later'"),
        ({"precise": "no"}, "Row 3: 'precise' is 'no'; write true or false"),
        ({"actor": "", "target": ""}, "Row 3: 'actor' is missing"),
    ],
)
def test_a_bad_row_is_named(row: dict[str, Any], words: str) -> None:
    rows = [ROWS[0], ROWS[1], {**ROWS[2], **row}]
    with pytest.raises(InvalidRecord) as caught:
        stages(rows)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (7, "from a int"),
        ("some.csv", "from a str"),
        ([7], "Row 1 is a int"),
        (pa.table({"id": ["1"]}), "no column 'at'"),
        (pa.table({"id": ["1"], "at": [True]}), "'at' holds bool values"),
        (pa.table({"id": ["1"], "at": ["then"]}), "Row 1: 'at' is 'then'"),
        (pa.table({"id": ["1"], "at": [1], "kind": [1.5]}), "'kind' holds double values"),
        (
            pa.table({"id": ["1"], "at": [1], "kind": ["like"], "actor": ["a"], "precise": ["maybe"]}),
            "'precise'",
        ),
    ],
)
def test_what_is_no_table_of_activities_is_refused(given: object, words: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        stages(given)
    assert words in str(caught.value)


def test_what_is_asked_wrongly_is_refused() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"at": "tomorrow"}, "'at' is 'tomorrow'"),
        ({"brand": "x:me"}, "'brand' is one text"),
        ({"people": {"a": "x:ann"}}, "'people' gives 'a' one text"),
        ({"people": {"a": ["x:ann"], "b": ["x:ann"]}}, "to both 'a' and 'b'"),
        ({"people": {"x:bob": ["x:ann"]}}, "use another name"),
    ]
    for more, words in wrong:
        with pytest.raises(InvalidRecord, match=words):
            stages(ROWS, **more)
    with pytest.raises(InvalidPolicy):
        stages(ROWS, policy={"stage": []})


def test_mixed_forms_of_time_in_one_column_are_read() -> None:
    table = pa.table(
        {
            **columns("text"),
            "at": [
                f"2026-01-0{n}{z}"
                for n, z in enumerate(
                    ["", " 10:00", "T10Z", "T10:00+02:00", "T09:00:00.123456789", "", ""], 1
                )
            ],
        }
    )
    assert courtship.reckon(table, brand=["x:me"], at=AT).num_rows == 3


def test_the_package_gives_reckon_only_when_asked_for() -> None:
    code = (
        "import sys, courtship; print('pyarrow' in sys.modules); courtship.reckon; "
        "print('numba' in sys.modules, hasattr(courtship, 'none'))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False", "False"]
