"""The layers of the columnar cache: appended to, merged, replaced, and always the same as the log alone."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store import test_columns as told
from tests.store.test_columns import ANN, BOB, FILE, ME, OTHER, T, as_rows

from courtship.columns import PeopleColumns
from courtship.model import Activity, Decision, Origin, Undo
from courtship.store import open_workspace
from courtship.store.cache import accountrows, files, layers, publishing
from courtship.store.workspace import Workspace

_names = itertools.count()

# the same ids again under another namespace, at the same moments
ELSEWHERE = Origin("e", "activities", "elsewhere", T)
groups = st.dictionaries(st.sampled_from([ANN, BOB, "b:ann", "b:cy"]), st.sampled_from("xy"), max_size=4)
origins = st.sampled_from([FILE, FILE, ELSEWHERE, OTHER])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), origins, st.lists(told.activities | told.undos, max_size=6)),
        st.tuples(st.just("tell"), origins, st.lists(told.activities, min_size=1, max_size=2)),
        told.decided,
        st.tuples(st.just("group"), groups, st.none()),
        st.tuples(st.just("forget"), st.sampled_from([ANN, "b:ann"]), st.none()),
    ),
    min_size=3,
    max_size=14,
)


def everything(people: PeopleColumns) -> list[Any]:
    """All that the columns say, with the records."""
    return [as_rows(people), people.record.tolist(), people.account.tolist(), people.columns.start.tolist()]


def same_as_the_log(workspace: Workspace, by: dict[str, str] | None = None) -> None:
    cached, computed = workspace.columns(by), workspace.columns_from_log(by)
    while cached.position != computed.position:  # others append meanwhile
        cached, computed = workspace.columns(by), workspace.columns_from_log(by)
    assert everything(cached) == everything(computed)


def of_layers(workspace: Workspace) -> list[int]:
    """How many rows each layer holds."""
    return [layer.rows for layer in vouched(workspace)]


def vouched(workspace: Workspace) -> list[publishing.Layer]:
    """The layers that say what the log has."""
    held = publishing.layers(workspace.cache_folder)
    return publishing.vouched(workspace.connection, held, workspace.position())


def folders(workspace: Workspace) -> set[str]:
    return {path.name for path in workspace.cache_folder.iterdir() if path.is_dir()}


@contextmanager
def layers_of(*, tail: int, ratio: int, piece: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "TAIL", tail)
        patch.setattr(layers, "RATIO", ratio)
        patch.setattr(layers, "PIECE", piece)
        yield


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=steps, tail=st.integers(-1, 3), ratio=st.sampled_from([0, 1, 4]), piece=st.integers(1, 5))
def test_any_history_reads_as_the_log_does(
    steps: list[Any], tail: int, ratio: int, piece: int, database: str, tmp_path: Path
) -> None:
    with (
        layers_of(tail=tail, ratio=ratio, piece=piece),
        closing(open_workspace(tmp_path / "home", f"w{next(_names)}")) as workspace,
    ):
        workspace.decide(Decision("brand.add", ME))
        by: dict[str, str] = {}
        for what, value, records in steps:
            if what == "tell":
                workspace.append(records, value)
            elif what == "group":
                by = value
            elif what == "forget":
                workspace.forget([value], now=T)
            else:
                workspace.decide(value)
            same_as_the_log(workspace, by)
        same_as_the_log(workspace)


def filled(workspace: Workspace, people: int = 50, acts: int = 4) -> None:
    """People with some acts each, and the cache written."""
    workspace.decide(Decision("brand.add", ME, at=T))
    tell(workspace, "first", range(people * acts), people)
    workspace.columns()


def tell(workspace: Workspace, name: str, numbers: range, people: int) -> None:
    rows = (
        Activity(f"{name}-{n}", "like", f"test:p{n % people:03}", ME, T + n, object=f"post{n % 3}")
        for n in numbers
    )
    workspace.append(rows, FILE)


def test_what_comes_is_appended_and_what_is_large_is_merged(workspace: Workspace) -> None:
    filled(workspace)
    (first,) = folders(workspace)
    tell(workspace, "a", range(2), 50)
    with layers_of(tail=100, ratio=4, piece=7):
        workspace.columns()
        assert of_layers(workspace) == [200], "so little is read with the log's tail"
    with layers_of(tail=0, ratio=4, piece=7):
        workspace.columns()
        assert of_layers(workspace) == [200, 10], "the whole rows of two accounts"
        tell(workspace, "b", range(10, 11), 50)
        workspace.columns()
        assert of_layers(workspace) == [200, 15], "taken together with the layer beneath"
        assert first in folders(workspace)
        tell(workspace, "c", range(20, 40), 50)
        workspace.columns()
        assert of_layers(workspace) == [223], "all as one again"
        same_as_the_log(workspace)


def test_an_undo_reads_its_account_again_and_a_late_act_finds_its_place(workspace: Workspace) -> None:
    filled(workspace)
    with layers_of(tail=0, ratio=0, piece=100):
        workspace.append([Undo("u1", "first-3", T + 1_000)], FILE)
        same_as_the_log(workspace)
        workspace.append([Activity("late", "share", "test:p003", ME, T - 5)], FILE)
        same_as_the_log(workspace)
        assert len(of_layers(workspace)) == 3
        workspace.append([Activity("first-4", "like", "test:p010", ME, T + 4)], FILE)  # a variant
        same_as_the_log(workspace)
        workspace.decide(Decision("activity.deny", "first-5"))
        same_as_the_log(workspace)
        workspace.decide(Decision("undo", "", {"position": workspace.position()}))
        same_as_the_log(workspace)
        workspace.append([Activity("x", "like", "test:p003", ME, T + 3, object="post0")], OTHER)  # again
        same_as_the_log(workspace)


def test_somebody_who_has_no_acts_any_more_is_in_no_layer_above(workspace: Workspace) -> None:
    filled(workspace, acts=1)
    with layers_of(tail=0, ratio=0, piece=100):
        workspace.decide(Decision("activity.deny", "first-5"))
        assert len(workspace.columns().earliest) == 49
        workspace.append([Activity("a", "like", ANN, ME, T)], FILE)
        assert len(workspace.columns().earliest) == 50
        assert len(of_layers(workspace)) == 3
        same_as_the_log(workspace)
    with layers_of(tail=0, ratio=1, piece=100):
        workspace.append([Activity("b", "like", "test:p005", ME, T)], FILE)
        assert len(workspace.columns().earliest) == 51
        same_as_the_log(workspace)


def test_the_brand_s_accounts_make_it_anew(workspace: Workspace) -> None:
    filled(workspace)
    with layers_of(tail=0, ratio=0, piece=100):
        tell(workspace, "a", range(3), 50)
        workspace.columns()
        assert len(of_layers(workspace)) == 2
        workspace.decide(Decision("brand.add", "test:p001"))
        same_as_the_log(workspace)
        assert len(of_layers(workspace)) == 1


@pytest.mark.parametrize("harm", ["remove", "truncate", "folder"])
@pytest.mark.parametrize("which", [0, 1])
def test_lost_or_damaged_files_are_made_anew(workspace: Workspace, harm: str, which: int) -> None:
    filled(workspace)
    with layers_of(tail=0, ratio=0, piece=100):
        tell(workspace, "a", range(3), 50)
        before = as_rows(workspace.columns())
    folder = workspace.cache_folder / vouched(workspace)[which].folder
    if harm == "folder":
        shutil.rmtree(folder)
    for file in list(folder.iterdir()) if folder.exists() else ():
        if harm == "remove":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:100])
    assert as_rows(workspace.columns()) == before
    assert len(of_layers(workspace)) == 1


def test_files_stay_for_an_hour_and_no_more_of_them_than_are_in_force(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace)
    (first,) = folders(workspace)
    with layers_of(tail=0, ratio=1000, piece=100):
        tell(workspace, "a", range(3), 50)
        workspace.columns()
        assert of_layers(workspace) == [203]
        assert first in folders(workspace), "somebody may just have read its name"
        tell(workspace, "b", range(4), 50)
        workspace.columns()
        assert first not in folders(workspace), "not more than once as much as is in force"
        assert len(folders(workspace)) == 2
        real = publishing._now
        monkeypatch.setattr(publishing, "_now", lambda: real() + publishing.HOUR + 1)
        workspace.columns()
        assert len(folders(workspace)) == 1
    same_as_the_log(workspace)


def test_one_who_read_an_old_list_reads_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(workspace)
    real = layers._loaded

    def replaced() -> None:
        with closing(workspace), layers_of(tail=0, ratio=1000, piece=100):
            for turn in range(2):
                tell(workspace, f"more{turn}", range(turn, 30), 50)
                workspace.columns()

    def late(folder: Path, held: list[publishing.Layer]) -> Any:
        """Between the list and the files others write all anew, twice, and sweep."""
        monkeypatch.setattr(layers, "_loaded", real)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(replaced).result()
        assert not (folder / held[0].folder).exists()
        return real(folder, held)

    monkeypatch.setattr(layers, "_loaded", late)
    same_as_the_log(workspace)
    assert of_layers(workspace) == [259], "what is in force was left as it was"


def test_several_may_write_at_once(workspace: Workspace) -> None:
    filled(workspace)
    count = itertools.count()

    def read(turn: int) -> int:
        with closing(workspace):
            if turn % 8 == 7:
                workspace.drop_cache()
            if turn % 4 == 3:
                tell(workspace, f"more{turn}", range(next(count), 5), 50)
            return len(workspace.columns().columns.at)

    with layers_of(tail=0, ratio=2, piece=50), ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(read, range(40)))
        assert all(count >= 200 for count in seen)
        same_as_the_log(workspace)
    assert not any(name.endswith("-making") for name in folders(workspace))


def test_forgetting_takes_the_layers_out_in_its_own_transaction(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace)

    def killed(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(layers, "drop", killed)
    with pytest.raises(KeyboardInterrupt):
        workspace.forget(["test:p001"], now=T)
    assert of_layers(workspace) == []
    before = folders(workspace)
    same_as_the_log(workspace)
    assert before.isdisjoint(folders(workspace)), "what was left lying about is removed with the next writing"
    assert "test:p001" not in workspace.columns().addresses


def test_nobody_forgotten_is_published(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is forgotten while another writes what it has read before."""
    workspace.decide(Decision("brand.add", ME, at=T))
    tell(workspace, "first", range(20), 5)
    real = files.save

    def meanwhile(folder: Path, *given: Any) -> None:
        monkeypatch.setattr(files, "save", real)
        workspace.forget(["test:p001"], now=T)
        real(folder, *given)

    monkeypatch.setattr(files, "save", meanwhile)
    assert "test:p001" not in workspace.columns().addresses
    for file in workspace.cache_folder.rglob("*.arrow"):
        assert b"test:p001" not in file.read_bytes()
    same_as_the_log(workspace)


def test_within_a_transaction_nothing_is_written(workspace: Workspace) -> None:
    filled(workspace)

    def taken_back() -> None:
        with layers_of(tail=0, ratio=0, piece=100), workspace.transaction():
            tell(workspace, "a", range(3), 50)
            assert len(workspace.columns().columns.at) == 203
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        taken_back()
    assert of_layers(workspace) == [200]
    same_as_the_log(workspace)


def test_a_full_disk_leaves_the_answer_right(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(workspace)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with layers_of(tail=0, ratio=0, piece=100):
        tell(workspace, "a", range(3), 50)
        monkeypatch.setattr(os, "fsync", full)
        same_as_the_log(workspace)
    assert of_layers(workspace) == [200]
    assert len(folders(workspace)) == 1


def test_the_same_id_in_two_namespaces_at_one_moment(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME, at=T))
    workspace.append([Activity("1", "like", ANN, ME, T), Activity("2", "share", ANN, ME, T)], ELSEWHERE)
    workspace.columns()
    with layers_of(tail=0, ratio=0, piece=100):
        workspace.append([Activity("1", "follow", ANN, ME, T)], FILE)
        same_as_the_log(workspace)
        same_as_the_log(workspace)
        assert np.array_equal(workspace.columns().columns.rank, [0, 1, 2])


def test_merging_in_memory_leaves_what_was_read_as_it_was(workspace: Workspace) -> None:
    workspace.decide(Decision("brand.add", ME, at=T))
    workspace.append([Activity("1", "like", "b:cy", ME, T + 9), Activity("2", "like", BOB, ME, T)], FILE)
    by = {"b:cy": "one", BOB: "one"}
    assert workspace.columns_from_log(by).earliest == [BOB]
    same_as_the_log(workspace, by)


def test_an_import_reads_what_came_and_not_the_log(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace, people=200, acts=5)
    read: list[int] = []
    real = accountrows.read_added

    def counted(*given: Any) -> Any:
        rows = real(*given)
        read.append(len(rows.at))
        return rows

    def never(*_: Any) -> None:
        raise AssertionError("nothing of what the log had has to be read")

    monkeypatch.setattr(layers, "read_added", counted)
    monkeypatch.setattr(layers, "read_all", never)
    monkeypatch.setattr(layers, "read_some", never)
    with layers_of(tail=0, ratio=4, piece=70):
        for turn in range(30):
            tell(workspace, f"more{turn}", range(turn * 7, turn * 7 + 10), 200)
            assert len(workspace.columns().columns.at) == 1000 + 10 * (turn + 1)
            held = of_layers(workspace)
            assert all(above * 4 <= below for below, above in itertools.pairwise(held))
    assert read == [10] * 30
    monkeypatch.undo()
    same_as_the_log(workspace)
