"""One body for every engine: the same bytes out, whatever runs it and whoever dies meanwhile."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engines.cluster import Cluster, cluster

from courtship.columns import pack
from courtship.demo.volume import Volume
from courtship.engines.lake import BadBucket, Lake, open_lake, read_bucket, write_lake
from courtship.engines.named import open_engine
from courtship.errors import EngineFailure
from courtship.lifecycle import policy
from courtship.lifecycle.kernel import reckon_columns
from courtship.lifecycle.report import Reports
from courtship.service.reckoning.lake import Work, checksum, reckon_files, reckon_lake

AT = 1_795_305_600_000_000
ENGINES = ("threads://1", "threads://2", "processes://2", "dask")


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("dask")) as made:
        yield made


@pytest.fixture(scope="module")
def whole() -> str:
    """What everybody's reports come to when they are reckoned at once, from columns in memory."""
    return checksum(reckon_columns(Volume(60_000, 2_000).columns(), policy.load(None), AT))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    bucket = pack(Volume(60_000, 2_000).columns())
    return write_lake(str(tmp_path_factory.mktemp("lake") / "here"), bucket, "stamp", size=5_000)


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_answers_the_same_bytes(
    name: str, lake: Lake, whole: str, request: pytest.FixtureRequest
) -> None:
    if name == "dask":
        name = f"dask://{request.getfixturevalue('dask').address}"
    assert len(lake.buckets) > 5
    with open_engine(name) as engine:
        reports = reckon_lake(lake, engine, policy.load(None), AT)
        assert checksum(reports) == whole
        assert len(reports.at) > 1_000
        # asked again, and of another moment: nothing is answered from memory
        assert checksum(reckon_lake(lake, engine, policy.load(None), AT)) == whole
        earlier = reckon_lake(lake, engine, policy.load(None), AT - 10**14)
        assert checksum(earlier) != whole


@pytest.mark.parametrize("form", ["arrow", "parquet"])
@pytest.mark.parametrize("place", ["folder", "memory"])
def test_a_lake_lies_wherever_fsspec_opens_it(form: str, place: str, whole: str, tmp_path: Path) -> None:
    address = str(tmp_path / "lake") if place == "folder" else f"memory://lake-{form}"
    bucket = pack(Volume(60_000, 2_000).columns())
    written = write_lake(address, bucket, "one", size=20_000, form=form)  # type: ignore[arg-type]
    found = open_lake(address)
    assert found == written
    with open_engine("threads://2") as engine:
        assert checksum(reckon_lake(written, engine, policy.load(None), AT)) == whole


def test_a_lake_is_replaced_as_a_whole(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    bucket = pack(Volume(4_000, 200).columns())
    first = write_lake(address, bucket, "one", size=1_000)
    second = write_lake(address, bucket, "two", size=4_000)
    # whoever still reads the first comes to its end; the one before the last goes
    assert [read_bucket(address, folder).people for folder in first.buckets]
    third = write_lake(address, bucket, "three", size=4_000)
    assert open_lake(address) == third
    with pytest.raises(BadBucket, match="write them again"):
        read_bucket(address, first.buckets[0])
    assert read_bucket(address, second.buckets[0]).people
    (tmp_path / "lake" / "lake.json").write_text("{")
    assert open_lake(address) is None


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path, lake: Lake, whole: str) -> None:
    with cluster(tmp_path) as made:
        victim = made.workers[0]
        works = [Work(lake.address, folder, policy.load(None), AT) for folder in lake.buckets]
        marks = tmp_path / "marks"
        marks.mkdir()

        def kill() -> None:
            until = time.monotonic() + 120
            while time.monotonic() < until:
                if (marks / str(victim.pid)).exists():  # it has begun a piece of work and not ended it
                    os.kill(victim.pid, signal.SIGKILL)
                    return
                time.sleep(0.01)

        killer = threading.Thread(target=kill)
        killer.start()
        with open_engine(f"dask://{made.address}") as engine:
            from courtship.lifecycle.kernel import joined

            found = joined(engine.map(slowly, [(work, str(marks)) for work in works]))
        killer.join()
        assert victim.wait(60) == -signal.SIGKILL, "the worker was to die while it worked"
        assert checksum(found) == whole


def slowly(given: tuple[Work, str]) -> Reports:
    """The one function, with a moment in its middle at which a worker can be killed."""
    work, marks = given
    (Path(marks) / str(os.getpid())).touch()
    time.sleep(0.3)
    return reckon_files(work)


@pytest.mark.parametrize("wrong", ["", "spark://x", "threads://0", "threads://many", "dask://"])
def test_what_is_no_engine_is_said(wrong: str) -> None:
    with pytest.raises(EngineFailure, match="threads://2"):
        open_engine(wrong)


def test_a_cluster_that_is_not_there_is_said_in_one_line() -> None:
    with pytest.raises(EngineFailure, match="No Dask scheduler answers"):
        open_engine("dask://127.0.0.1:9")


@pytest.mark.parametrize("wrong", ["nowhere", "127.0.0.1:", "127.0.0.1:many", "tcp://127.0.0.1:8786"])
def test_what_is_no_address_of_a_cluster_is_said_at_once(wrong: str) -> None:
    with pytest.raises(EngineFailure, match="host:port"):
        open_engine(f"dask://{wrong}")


def test_a_cluster_without_workers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("courtship.engines.dask.WORKERS", 1)
    with (
        cluster(tmp_path, workers=0) as made,
        open_engine(f"dask://{made.address}") as engine,
        pytest.raises(EngineFailure, match="has no worker"),
    ):
        engine.map(abs, [-1])


def test_a_lake_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineFailure, match="cannot be written"):
        write_lake(str(tmp_path / "file" / "lake"), pack(Volume(400, 20).columns()), "one")
    with pytest.raises(EngineFailure, match="cannot be opened"):
        write_lake("nosuch://x", pack(Volume(400, 20).columns()), "one")
