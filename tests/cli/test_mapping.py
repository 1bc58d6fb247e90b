"""``import --map``: asked and said, shown, remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Line

TABLE = "Day,Person,What,Note\n02/01/2026,@ann,Reply,Lovely\n13/01/2026,@bo,Hooray,Hip hip\n"
NEXT = "Day,Person,What,Note\n14/02/2026,@ann,Like,\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


def test_asked_shown_and_remembered(quick: Line, table: Path, tmp_path: Path) -> None:
    quick("brand", "add", "x:@me")
    answers = ["", "", "-", "x", "", "-", "", "-", "-", "-", "in", "mention", "y"]
    done = quick("import", "--map", table, given="\n".join(answers) + "\n")
    assert "x:@ann" in done.stderr
    assert "mention" in done.stderr
    people = {one["accounts"][0] for one in quick.lines("stages")}
    assert people == {"x:@ann", "x:@bo"}
    later = tmp_path / "later.csv"
    later.write_text(NEXT)
    said = quick.json("import", later)
    assert [(one["format"], one["new"]) for one in said["files"]] == [("csv-mapped", 1)]


def test_said_in_one(quick: Line, table: Path) -> None:
    spec = "at=Day,actor=Person,kind=What,text=Note,platform=x,us=x:@me,kind.Hooray=share"
    said = quick.json("import", table, "--map", spec)
    assert [(one["format"], one["new"], one["problems"]) for one in said["files"]] == [("csv-mapped", 2, 0)]
    again = quick.json("import", table)
    assert [(one["new"], one["known"]) for one in again["files"]] == [(0, 2)]


def test_a_trial_remembers_nothing(quick: Line, table: Path) -> None:
    spec = "at=Day,actor=Person,kind=like,platform=x,us=x:@me"
    assert quick.json("import", table, "--map", spec, "--dry-run")["new"] == 2
    assert quick.json("import", table, status=1)["files"][0]["format"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--map", "nowhere.csv"], "there is no file"),
        (["--map", "at=Day"], "which file"),
        ([], "which files"),
    ],
)
def test_used_wrongly(quick: Line, words: list[str], said: str) -> None:
    assert said in quick("import", *words, status=None).stderr


def test_a_mapping_at_fault_is_one_line(quick: Line, table: Path) -> None:
    done = quick("import", table, "--map", "at=Day,actor=Person", status=None)
    assert "add kind=COLUMN" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_needed_is_asked_again(quick: Line, table: Path) -> None:
    answers = [
        "-",
        "Tag",
        "Day",
        "-",
        "-",
        "Person",
        "x",
        "like",
        "-",
        "",
        "-",
        "-",
        "-",
        "out",
        "x:@me",
        "y",
    ]
    done = quick("import", "--map", table, given="\n".join(answers) + "\n")
    assert done.stderr.count("without this no row can be read") == 2
    assert "there is no column 'Tag'" in done.stderr
    assert {one["accounts"][0] for one in quick.lines("stages")} <= {"x:@ann", "x:@bo"}


def test_not_so_imports_nothing(quick: Line, table: Path) -> None:
    answers = ["", "", "-", "x", "", "-", "", "-", "-", "-", "in", "mention", "x:@me", "n"]
    done = quick("import", "--map", table, status=None, given="\n".join(answers) + "\n")
    assert "nothing was imported" in done.stderr
    assert quick.lines("stages") == []
