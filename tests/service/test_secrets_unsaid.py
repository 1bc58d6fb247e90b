"""A secret is in no error, no log line, no page and no export, whatever goes wrong with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.connect.sessions import session
from tests.service import tiny_connector
from tests.service.test_listening import clock, held, wait_for
from tests.service.tiny_server import ME, TinyServer, tiny_server

from courtship.connect import http, mastodon, registry
from courtship.connect.base import Batch, Session
from courtship.errors import ConnectionRefused, CourtshipError, NotAllowed
from courtship.store.operations import secret_box

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

SECRET = "s3cr3t-t0k3n"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyServer]:
    monkeypatch.setattr(http, "TIMEOUT", 1.0)
    with tiny_server() as running:
        running.token = SECRET
        yield running


@pytest.fixture
def tiny() -> Iterator[None]:
    registry.add(tiny_connector.CONNECTOR)
    yield
    registry.forget("tiny")


@pytest.mark.parametrize("sign", ["\n", "\r", "\0", "\x7f", "…", " "])
def test_a_token_that_cannot_be_sent_is_not_quoted(server: TinyServer, sign: str) -> None:
    given = {"server": server.address, "token": f"{SECRET}{sign}{SECRET}"}
    with pytest.raises(ConnectionRefused) as said:
        mastodon.CONNECTOR.check(session(mastodon.CONNECTOR, given))
    assert "once more" in str(said.value)
    assert SECRET not in str(said.value)


@pytest.mark.parametrize("sign", ["\n", "\0", "…"])
def test_whatever_it_is_sent_by(server: TinyServer, sign: str, workspace: Workspace, tiny: None) -> None:
    from courtship.service.live import connecting

    given = {"server": server.address, "token": f"{SECRET}{sign}{SECRET}"}
    with pytest.raises(CourtshipError) as said:
        connecting.connect(workspace, "tiny", given, now=clock)
    assert SECRET not in str(said.value)
    with pytest.raises(NotAllowed, match="line's end"):
        connecting.connect(workspace, "tiny", {"server": server.address, "token": "a\tb"}, now=clock)
    kept, _ = connecting.connect(workspace, "tiny", {**given, "token": f"{SECRET}\n"}, now=clock)
    assert kept.account == ME, "the end of the line that was copied with it does no harm"


@pytest.mark.parametrize("address", ["http://ann:s3cr3t@127.0.0.1:1", "https://s3cr3t@tea.example/feed?x=@"])
def test_a_password_in_an_address_is_not_kept(workspace: Workspace, address: str) -> None:
    from courtship.service.live import connecting
    from courtship.store.operations import connections

    for name, given in (
        ("feed", {"address": address}),
        ("wordpress", {"site": address}),
        ("mastodon", {"server": address, "token": "x"}),
        ("bluesky", {"handle": "ann.example", "password": "x", "server": address}),
    ):
        with pytest.raises(NotAllowed, match="before the @") as said:
            connecting.connect(workspace, name, given, now=clock)
        assert "s3cr3t" not in str(said.value)
    assert connections.every(workspace) == []


def test_an_error_that_quotes_it_is_told_without_it(
    server: TinyServer, workspace: Workspace, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    from courtship.service.importing.export import export
    from courtship.service.live import connecting
    from courtship.service.live.listening import Listening

    def run(session: Session) -> Iterator[Batch]:
        yield Batch([], {})
        raise KeyError(f"Authorization: Bearer {session.settings['token']}")

    registry.add(replace(tiny_connector.CONNECTOR, run=run))
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    try:
        connecting.connect(workspace, "tiny", {"server": server.address, "token": SECRET}, now=clock)
        listening = Listening(workspace, say=said.append)
        listening.start()
        try:
            wait_for(lambda: held(workspace).state == "waiting", "it has failed")
        finally:
            listening.stop()
    finally:
        registry.forget("tiny")
    assert "KeyError" in held(workspace).why
    export(workspace, tmp_path / "all.jsonl")
    problems = " ".join(map(str, workspace.problems()))
    for told in (caplog.text, held(workspace).why, *said, problems, (tmp_path / "all.jsonl").read_text()):
        assert SECRET not in told


def test_how_secrets_are_taken_out() -> None:
    told: Mapping[str, str] = {
        "b'Bearer ab\\ncd'": "b'Bearer …'",
        "https://x/?t=ab%0Acd": "https://x/?t=…",
        "nothing of it": "nothing of it",
    }
    for said, left in told.items():
        assert secret_box.hidden(said, ["ab\ncd", "", "it"]) == left


@pytest.mark.parametrize("name", ["mastodon", "bluesky", "wordpress"])
def test_a_secret_goes_to_no_server_in_the_clear(name: str) -> None:
    connector = registry.named(name)
    given = {"token": SECRET, "password": SECRET, "handle": "ann.example", "user": "ann"}
    given |= dict.fromkeys(("server", "site"), "http://192.0.2.1")
    with pytest.raises(ConnectionRefused, match="is not encrypted") as said:
        connector.check(session(connector, given))
    assert SECRET not in str(said.value)


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_redirect_carries_no_password_elsewhere(status: int) -> None:
    """307 and 308 ask that the body, with the password, be sent once more."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    said: list[bytes] = []
    elsewhere = ""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(self.path.encode() + self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(status)
            self.send_header("Location", elsewhere)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{running.server_port}"
        elsewhere = f"{address}/elsewhere"
        for name, given in (
            ("bluesky", {"handle": "ann.example", "password": SECRET, "server": address}),
            ("mastodon", {"server": address, "token": SECRET}),
        ):
            connector = registry.named(name)
            with pytest.raises(CourtshipError) as refused:
                connector.check(session(connector, given))
            assert "elsewhere" in str(refused.value) or "does not speak" in str(refused.value)
        running.shutdown()
        thread.join(10)
    assert said
    assert not any(one.startswith(b"/elsewhere") for one in said)
