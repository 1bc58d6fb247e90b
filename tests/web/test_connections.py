"""Settings / Sources / live connections: the form, how it is, pausing and ending; the webhook's addresses."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.service.tiny_connector import CONNECTOR
from tests.service.tiny_server import ME, TinyServer, tiny_server
from tests.web.conftest import Made

from courtship.connect import registry

if TYPE_CHECKING:
    from django.test import Client

    from courtship.store.workspace import Workspace


@pytest.fixture
def server() -> Iterator[TinyServer]:
    registry.add(CONNECTOR)
    with tiny_server() as running:
        yield running
    registry.forget("tiny")


def workspace_of(made: Made) -> Workspace:
    from courtship.store import open_workspace

    return open_workspace(made.home)


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_connection_is_made_seen_paused_and_ended(client: Client, made: Made, server: TinyServer) -> None:
    from courtship.store.operations import connections

    workspace = workspace_of(made)
    assert "/settings/connect/tiny" in text(client, "/settings")
    page = text(client, "/settings/connect/tiny")
    for said in (*CONNECTOR.guide.steps, CONNECTOR.permission, CONNECTOR.can_say, CONNECTOR.cannot_say):
        assert said in page
    given = {"set_server": server.address, "set_token": "wrong-token"}
    answer = client.post("/settings/connect/tiny", given)
    assert answer.status_code == 400
    assert "turned the connection away" in answer.content.decode()
    assert server.address in answer.content.decode(), "what was typed is still there"
    assert "wrong-token" not in answer.content.decode(), "but for what is secret"
    given = {"set_server": server.address, "set_token": server.token, "ours": "1"}
    answer = client.post("/settings/connect/tiny", given)
    (held,) = connections.every(workspace)
    assert answer.headers["Location"] == f"/settings/connections/{held.id}"
    assert ME in workspace.brand()
    page = text(client, f"/settings/connections/{held.id}")
    assert server.token not in page
    assert "Not running" in page
    assert held.title in text(client, "/settings")
    client.post(f"/settings/connections/{held.id}", {"do": "pause"})
    assert "Paused" in text(client, f"/settings/connections/{held.id}")
    client.post(f"/settings/connections/{held.id}", {"do": "resume"})
    assert connections.every(workspace)[0].state == "on"
    client.post(f"/settings/connections/{held.id}", {"do": "check"})
    assert "It works" in text(client, f"/settings/connections/{held.id}")
    answer = client.post(
        f"/settings/connections/{held.id}", {"do": "set", "set_server": server.address, "set_more": "yes"}
    )
    assert connections.every(workspace)[0].settings["more"] == "yes"
    assert connections.settings_of(workspace, connections.every(workspace)[0])["token"] == server.token
    client.post(f"/settings/connections/{held.id}", {"do": "remove"})
    assert connections.every(workspace) == []
    assert client.get(f"/settings/connections/{held.id}").status_code == 404
    assert client.get("/settings/connect/nonsense").status_code == 404


def test_how_it_is_is_said(client: Client, made: Made, server: TinyServer) -> None:
    from courtship.service.live import connecting
    from courtship.store.operations import connections

    workspace, now = workspace_of(made), time.time_ns() // 1000
    kept, _ = connecting.connect(
        workspace, "tiny", {"server": server.address, "token": server.token}, now=lambda: now
    )
    assert connections.take(workspace, kept.id, "somebody", now=now, until=now + 10**10)
    assert "Beginning." in text(client, f"/settings/connections/{kept.id}")
    connections.failed(
        workspace,
        kept,
        "somebody",
        state="refused",
        why="the token <b>has expired</b>",
        until=now + 3_600_000_000,
    )
    page = text(client, "/settings")
    assert "the token &lt;b&gt;has expired&lt;/b&gt;" in page
    assert "needs you" in page
    assert "Try again now" in text(client, f"/settings/connections/{kept.id}")


def test_an_address_of_the_webhook_is_shown_once_and_taken_back(client: Client, made: Made) -> None:
    from courtship.store.operations import hooks

    workspace = workspace_of(made)
    answer = client.post("/settings/connect/webhook", {"do": "open", "title": "Till <b>"})
    found = re.search(r"http://testserver/hooks/(hook-[\w-]+)", answer.content.decode())
    assert found
    (hook,) = hooks.every(workspace)
    assert hooks.of_token([hook], found[1]) == hook
    page = text(client, "/settings/connect/webhook")
    assert found[1] not in page
    assert "Till &lt;b&gt;" in page
    assert "Till &lt;b&gt;" in text(client, "/settings")
    client.post("/settings/connect/webhook", {"do": "remove", "id": hook.id})
    assert hooks.every(workspace) == []
