"""The tribe on the command line: in, promised, agreed, asked, linked, the books, out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from courtship.cli.main import run
from courtship.model import DAY, Activity, Decision, Origin, Post
from courtship.service.reckoning.refresh import refresh
from courtship.store import open_workspace
from courtship.store.opening import set_up

NOW = 1_795_305_600_000_000
ANN, ME = "test:ann", "test:me"


@pytest.fixture
def home(in_november: None, tmp_path: Path) -> Path:
    set_up()
    workspace = open_workspace(tmp_path, "default")
    workspace.decide(Decision("brand.add", ME, at=NOW))
    workspace.append(
        [
            Post("p1", ME, NOW - DAY, "On rye", url="https://x.example/1"),
            Activity("1", "comment", ANN, ME, NOW - DAY // 2, in_reply_to="p1", actor_name="Ann"),
        ],
        Origin("f", "activities"),
    )
    refresh(workspace, now=NOW)
    workspace.close()
    return tmp_path


def told(home: Path, capfd: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert run(["--home", str(home), "tribe", *words]) == status
    shown = capfd.readouterr()
    return shown.out if status == 0 else shown.err


def test_a_member_from_in_to_out(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "in the tribe already" not in told(home, capfd, "join", ANN)
    assert "in the tribe already" in told(home, capfd, "join", ANN, status=1)
    promise = ("--theirs", "comment,share:2", "--yours", "like:each_post/3", "--topics", "rye", "--cap", "4")
    made = json.loads(told(home, capfd, "commit", ANN, *promise, "--json"))
    assert made["state"] == "offered"
    theirs, yours = made["commitments"]
    agreed = json.loads(told(home, capfd, "step", theirs, "accept", "--json"))
    assert agreed["commitments"] == [theirs, yours]
    (row,) = [json.loads(line) for line in told(home, capfd, "show", "--json").splitlines()]
    assert (row["name"], row["theirs"], row["yours"]) == ("Ann", 1, 0)
    assert {one["state"] for one in row["agreed"]} == {"accepted"}
    assert "Ann" in told(home, capfd, "show")
    whom = json.loads(told(home, capfd, "whom", "https://x.example/1", "--json"))
    assert [one["gifts"] for one in whom["ask"]] == [["share"]]
    told(home, capfd, "ask", ANN, "https://x.example/1")
    assert "already" in told(home, capfd, "ask", ANN, "https://x.example/1", status=1)
    link = told(home, capfd, "link", ANN, "--base", "https://courtship.example/").strip()
    assert link.startswith("https://courtship.example/with/")
    assert json.loads(told(home, capfd, "link", ANN, "--close", "--json")) == {"closed": ANN}
    books = json.loads(told(home, capfd, "ledger", ANN, "--json"))
    assert [one["activity"] for one in books["entries"]] == ["1"]
    assert "comment" in told(home, capfd, "ledger", ANN)
    left = json.loads(told(home, capfd, "leave", ANN, "--json"))
    assert left == {"left": ANN, "ended": sorted([theirs, yours])}


@pytest.mark.parametrize("promise", ["wave:2", "like:often", "like:0", ":2"])
def test_a_promise_that_is_none_is_refused(
    home: Path, capfd: pytest.CaptureFixture[str], promise: str
) -> None:
    told(home, capfd, "join", ANN)
    assert run(["--home", str(home), "tribe", "commit", ANN, "--theirs", promise]) in (1, 2)
    assert capfd.readouterr().err.count("\n") == 1
