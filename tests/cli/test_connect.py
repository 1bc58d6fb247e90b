"""``courtship connect`` and ``courtship listen``, against a small real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.service.tiny_connector import CONNECTOR
from tests.service.tiny_server import ME, TinyServer, tiny_server

from courtship.cli.main import run
from courtship.connect import registry

pytestmark = pytest.mark.usefixtures("sqlite")


@pytest.fixture
def server() -> Iterator[TinyServer]:
    registry.add(CONNECTOR)
    with tiny_server() as running:
        yield running
    registry.forget("tiny")


def said(capfd: pytest.CaptureFixture[str], home: Path, *words: str) -> tuple[int, str, str]:
    capfd.readouterr()
    status = run(["--home", str(home), *words])
    shown = capfd.readouterr()
    return status, shown.out, shown.err


def test_from_nothing_to_heard(capfd: pytest.CaptureFixture[str], tmp_path: Path, server: TinyServer) -> None:
    status, out, err = said(capfd, tmp_path, "listen", "--once")
    assert (status, out) == (1, "")
    assert "nothing is connected yet" in err
    status, out, _ = said(capfd, tmp_path, "connect")
    assert status == 0
    assert "Tiny" in out
    status, _, err = said(capfd, tmp_path, "connect", "tiny", "--set", f"server={server.address}")
    assert status == 1
    assert "Tiny needs token" in err
    words = ("connect", "tiny", "--set", f"server={server.address}", "--set", f"token={server.token}")
    status, out, err = said(capfd, tmp_path, *words, "--ours", "--json")
    assert status == 0, err
    made = json.loads(out)
    assert (made["account"], made["ours"]) == (ME, True)
    assert server.token not in out + err
    server.act(1)
    status, _, err = said(capfd, tmp_path, "listen", "--once")
    assert status == 0, err
    assert "1 acts heard so far" in err or "1 act heard so far" in err
    status, out, _ = said(capfd, tmp_path, "stages", "--json")
    assert "test:ann" in out
    told = json.loads(said(capfd, tmp_path, "connect", "--json")[1])
    (one,) = told["connections"]
    assert (one["id"], one["heard"], one["state"]) == (made["connection"], 1, "stopped")
    for word, shown in (("--check", "works"), ("--pause", "paused"), ("--resume", "runs again")):
        status, _, err = said(capfd, tmp_path, "connect", "tiny", word)
        assert status == 0
        assert shown in err
    assert said(capfd, tmp_path, "connect", one["id"], "--remove")[0] == 0
    status, _, err = said(capfd, tmp_path, "connect", "tiny", "--remove")
    assert status == 1
    assert "no tiny connection yet" in err


def test_what_is_used_wrongly(capfd: pytest.CaptureFixture[str], tmp_path: Path, server: TinyServer) -> None:
    for words in (["tiny", "--pause", "--resume"], ["--pause"], ["tiny", "--set", "nonsense"]):
        assert said(capfd, tmp_path, "connect", *words)[0] == 2
    status, _, err = said(capfd, tmp_path, "connect", "tiny", "--set", "colour=red")
    assert status == 1
    assert "no setting 'colour'; it has: server, token, more" in err
    assert "there is no connector" in said(capfd, tmp_path, "connect", "nonsense")[2]


def test_a_webhook_from_the_command_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = said(capfd, tmp_path, "connect", "webhook", "--set", "title=Till")
    assert status == 0
    assert out.startswith("/hooks/hook-")
    assert "Till" in said(capfd, tmp_path, "connect")[1]
    assert said(capfd, tmp_path, "connect", "webhook", "--pause")[0] == 2
    assert said(capfd, tmp_path, "connect", "webhook", "--remove")[0] == 0
    status, _, err = said(capfd, tmp_path, "connect", "webhook", "--remove")
    assert status == 1
    assert "no webhook yet" in err
