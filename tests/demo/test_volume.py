"""The generator for much data: its shape, its sameness, its memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from courtship.demo.volume import Permutation, Volume, sizes
from courtship.model import DAY, FOREVER
from courtship.vocabulary import KINDS

SMALL = Volume(activities=40_000, people=1_700, seed=7)


def _table(volume: Volume, rows: int = 131_072) -> pa.Table:
    return pa.Table.from_batches(list(volume.batches(rows)))


@pytest.mark.parametrize(
    ("activities", "people"), [(20_000_000, 850_000), (1_000_000, 42_500), (17_000, 850)]
)
def test_the_largest_holds_nine_per_cent_and_half_of_the_people_three_or_fewer(
    activities: int, people: int
) -> None:
    shape = sizes(activities, people)
    assert shape.sum() == activities
    assert shape.min() == 1
    assert shape[0] == activities * 9 // 100 == shape.max()
    assert shape[1] < shape[0] / 2
    assert 0.5 <= (shape <= 3).mean() <= 0.55


def test_the_even_shape_is_even() -> None:
    shape = sizes(20_000_000, 850_000, even=True)
    assert shape.sum() == 20_000_000
    assert set(shape.tolist()) == {23, 24}


def test_a_shape_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="8 activities"):
        sizes(1_000, 500)


@pytest.mark.parametrize("size", [1, 2, 10, 97, 1_000, 12_345])
def test_a_permutation_reaches_every_place_once_and_finds_its_way_back(size: int) -> None:
    permutation = Permutation(size, seed=3)
    places = np.arange(size, dtype=np.uint64)
    there = permutation(places)
    assert sorted(there.tolist()) == list(range(size))
    assert (permutation.inverse(there) == places).all()


def test_the_same_seed_gives_the_same_table_however_it_is_cut() -> None:
    assert _table(SMALL, rows=1_000).combine_chunks() == _table(SMALL, rows=40_000).combine_chunks()
    other = Volume(activities=40_000, people=1_700, seed=8)
    assert _table(SMALL)["actor"] != _table(other)["actor"]


def test_the_first_rows_never_change() -> None:
    """Recorded once: a benchmark of next year must read the data of this year."""
    rows = _table(SMALL).slice(20_000, 3).to_pylist()
    assert [(row["id"], row["kind"], row["actor"], row["object"]) for row in rows] == GOLDEN


def test_rows_are_what_the_flat_table_asks_for() -> None:
    table = _table(SMALL)
    assert table.num_rows == 40_000
    assert pc.count_distinct(table["id"]).as_py() == 40_000
    assert set(pc.unique(table["kind"]).to_pylist()) <= set(KINDS)
    at = table["at"].cast(pa.int64()).to_numpy()
    assert (np.diff(at) >= 0).all()
    assert at[0] >= SMALL.until - 730 * DAY
    assert at[-1] < SMALL.until
    with_the_brand = pc.xor(pc.equal(table["actor"], "test:brand"), pc.equal(table["target"], "test:brand"))
    assert pc.all(with_the_brand).as_py()
    late = pc.less(table["ended"], table["at"])
    assert not pc.any(late).as_py()
    assert 0.01 < 1 - table["ended"].null_count / 40_000 < 0.02


def test_one_in_ten_has_two_accounts_and_both_act() -> None:
    table = _table(SMALL)
    people = pc.if_else(pc.equal(table["actor"], "test:brand"), table["target"], table["actor"])
    accounts = set(people.to_pylist())
    pairs = SMALL.twofold()
    assert len(pairs) == 170
    assert {account for account in accounts if account.startswith("other:")} == {b for _, b in pairs}
    assert len(accounts) == 1_700 + 170


def test_columns_hold_the_same_activities_as_the_table() -> None:
    columns, table = SMALL.columns(), _table(SMALL)
    assert len(columns.start) == 1_701
    assert columns.start[-1] == len(columns.at) == 40_000
    inside = np.ones(40_000, np.bool_)
    inside[columns.start[1:-1]] = False
    assert (np.diff(columns.at)[inside[1:]] >= 0).all()
    assert (columns.ended >= columns.at).all()
    assert (columns.ended == FOREVER).sum() == table["ended"].null_count
    by_row = np.argsort(columns.rank)
    assert [KINDS[code] for code in columns.kind[by_row]] == table["kind"].to_pylist()
    assert (columns.at[by_row] == table["at"].cast(pa.int64()).to_numpy()).all()
    outbound = pc.equal(table["actor"], "test:brand").to_numpy()
    assert (columns.outbound[by_row] == outbound).all()
    person = pc.if_else(pc.equal(table["actor"], "test:brand"), table["target"], table["actor"])
    other = pc.starts_with(person, "other:").to_numpy()
    assert (columns.platform[by_row] == other).all()


def test_a_written_file_is_the_same_table(tmp_path: Path) -> None:
    SMALL.write(tmp_path / "flat.parquet", rows=15_000)
    assert pq.read_table(tmp_path / "flat.parquet").combine_chunks() == _table(SMALL).combine_chunks()


def test_memory_does_not_grow_with_the_activities(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from courtship.demo.volume import Volume\n"
        "Volume(int(sys.argv[1]), 10_000).write(Path(sys.argv[2]), 65_536)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )

    def peak(activities: int) -> int:
        run = [sys.executable, "-c", code, str(activities), str(tmp_path / "flat.parquet")]
        return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)

    assert peak(1_500_000) < peak(200_000) + 60  # MB; the rows alone would be over 100


GOLDEN = [
    ("a000020000", "like", "test:p0000619", "post0364"),
    ("a000020001", "comment", "test:p0000125", "post0364"),
    ("a000020002", "vote", "other:p0001148", "post0363"),
]
