"""The kernel's files: what is read is what was written, in parts and whole, here and in a file system."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from courtship.columnfiles import BadBucket, Form, open_bucket, write_bucket
from courtship.columns import ENDS_BIT, Bucket, pack
from courtship.demo.volume import Volume
from courtship.lifecycle import policy
from courtship.lifecycle.kernel import joined, reckon_bucket, reckon_columns, reckon_parts
from courtship.lifecycle.report import Reports
from courtship.model import FOREVER

NOW = 1_795_305_600_000_000
VOLUME = Volume(4_000, 300)
FORMS: list[Form] = ["arrow", "parquet"]


def same(one: Any, other: Any) -> None:
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, field.name
            np.testing.assert_array_equal(left, right, field.name)
        else:
            assert left == right, field.name


@pytest.fixture(scope="module")
def bucket() -> Bucket:
    return pack(VOLUME.columns())


@pytest.fixture(scope="module")
def expected() -> Reports:
    return reckon_columns(VOLUME.columns(), policy.load(), NOW, threads=1)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_read_is_what_was_written(tmp_path: Path, bucket: Bucket, form: Form) -> None:
    write_bucket(tmp_path / "0", replace(bucket, row=70), form=form, part=500)
    files = open_bucket(tmp_path / "0")
    assert (files.row, sum(files.people), sum(files.rows)) == (70, 300, 4_000)
    assert len(files.rows) > 3
    same(files.whole(), replace(bucket, row=70))
    for part, (people, rows) in enumerate(zip(files.people, files.rows, strict=True)):
        read = files.read(part)
        assert (len(read.person), len(read.at), len(read.act)) == (people, rows, rows)
        assert (read.row, read.start[0], read.start[-1]) == (70 + sum(files.rows[:part]), 0, rows)
        assert np.flatnonzero(read.act & ENDS_BIT).tolist() == read.ends.tolist()
        assert not read.at.flags.writeable  # mapped
        assert form == "arrow" or isinstance(read.at.base, pa.Buffer)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["rows", "people.arrow", "ends.arrow"])
def test_files_that_are_checked_are_those_that_were_written(
    tmp_path: Path, bucket: Bucket, form: Form, name: str
) -> None:
    write_bucket(tmp_path / "0", bucket, form=form, part=500)
    same(open_bucket(tmp_path / "0", checked=True).whole(), bucket)
    path = tmp_path / "0" / (f"rows.{form}" if name == "rows" else name)
    held = path.read_bytes()
    chance = np.random.default_rng(3)
    for place in chance.integers(0, len(held), 60).tolist():
        path.write_bytes(held[:place] + bytes([held[place] ^ (1 << place % 8)]) + held[place + 1 :])
        try:
            found = open_bucket(tmp_path / "0", checked=True).whole()
        except BadBucket:
            continue
        # in what is not read: padding, the column that others read, names
        same(found, bucket)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_parts_are_reckoned_as_the_whole(
    tmp_path: Path, bucket: Bucket, expected: Reports, form: Form, threads: int
) -> None:
    write_bucket(tmp_path / "0", bucket, form=form, part=300)
    files = open_bucket(tmp_path / "0")
    ladder = policy.load()
    same(reckon_parts(files.people, files.rows, files.read, ladder, NOW, threads=threads), expected)
    apart = [reckon_bucket(files.read(part), ladder, NOW) for part in range(len(files.rows))]
    same(joined(apart), expected)


def test_anybody_can_read_the_rows(tmp_path: Path, bucket: Bucket) -> None:
    for form in FORMS:
        write_bucket(tmp_path / form, bucket, form=form, part=1_000)
    table = pq.read_table(tmp_path / "parquet" / "rows.parquet")
    assert table.equals(pa.ipc.open_file(tmp_path / "arrow" / "rows.arrow").read_all())
    columns = VOLUME.columns()
    person = np.repeat(np.arange(300, dtype=np.int32), np.diff(columns.start))
    np.testing.assert_array_equal(table["person"].to_numpy(), person)
    np.testing.assert_array_equal(table["at"].to_numpy(), columns.at)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_system_holds_them_too(tmp_path: Path, bucket: Bucket, form: Form) -> None:
    place = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    write_bucket("lake/7", bucket, form=form, part=1_500, filesystem=place)
    same(open_bucket("lake/7", filesystem=place).whole(), bucket)
    same(open_bucket(tmp_path / "lake" / "7").whole(), bucket)


@pytest.mark.parametrize("form", FORMS)
def test_nobody_is_nobody(tmp_path: Path, form: Form) -> None:
    none, small = np.empty(0, np.int64), np.empty(0, np.uint8)
    empty = Bucket(np.empty(0, np.int32), 0, np.zeros(1, np.int64), none, small, none, none, none, none)
    write_bucket(tmp_path / "0", empty, form=form)
    files = open_bucket(tmp_path / "0")
    same(files.whole(), empty)
    assert len(reckon_parts(files.people, files.rows, files.read, policy.load(), NOW)) == 0
    assert len(reckon_bucket(empty, policy.load(), NOW)) == 0


def test_what_is_not_whole_is_said(tmp_path: Path, bucket: Bucket) -> None:
    with pytest.raises(BadBucket, match="write them again"):
        open_bucket(tmp_path / "none")
    for form in FORMS:
        write_bucket(tmp_path / form, bucket, form=form, part=1_000)
        rows = tmp_path / form / f"rows.{form}"
        rows.write_bytes(rows.read_bytes()[:-900])
        with pytest.raises(BadBucket, match="write them again"):
            open_bucket(tmp_path / form)
    write_bucket(tmp_path / "0", bucket)
    people = pa.ipc.open_file(tmp_path / "0" / "people.arrow").read_all()
    older = people.replace_schema_metadata({"courtship.format": "0"})
    with (
        pa.OSFile(str(tmp_path / "0" / "people.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, older.schema) as writer,
    ):
        writer.write_table(older)
    with pytest.raises(BadBucket, match="another version"):
        open_bucket(tmp_path / "0")


def test_parquet_of_another_writer_is_read(tmp_path: Path, bucket: Bucket) -> None:
    write_bucket(tmp_path / "0", bucket, form="parquet", part=10_000)
    rows = tmp_path / "0" / "rows.parquet"
    table = pq.read_table(rows)
    for options in ({}, {"compression": "none", "use_dictionary": False}, {"max_rows_per_page": 700}):
        pq.write_table(table, rows, **options)
        same(open_bucket(tmp_path / "0").whole(), bucket)


def test_a_tie_is_the_first_that_begins_when_it_ends() -> None:
    columns = VOLUME.columns()
    chance = np.random.default_rng(3)
    at = columns.at // 10**11 * 10**11
    ended = np.where(chance.random(len(at)) < 0.2, at + chance.integers(0, 40, len(at)) * 10**11, FOREVER)
    packed = pack(replace(columns, at=at, ended=ended))
    assert len(packed.ends) == (ended != FOREVER).sum()
    met = 0
    for place, end, tie in zip(packed.ends.tolist(), packed.ended.tolist(), packed.tie.tolist(), strict=True):
        person = int(np.searchsorted(columns.start, place, side="right")) - 1
        span = slice(int(columns.start[person]), int(columns.start[person + 1]))
        here = np.flatnonzero(at[span] == end)
        assert tie == (columns.rank[span][here[0]] if len(here) else -1)
        met += bool(len(here))
    assert met > 20
