"""On loopback nobody signs in; wherever other machines reach the server, everybody does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from tests.web.conftest import close, served
from tests.web.pages import FIXED

from courtship.errors import NotAllowed
from courtship.web.server import on_loopback, serve


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("example.org", False),
        ("localhost.evil.example", False),
    ],
)
def test_what_is_loopback(host: str, local: bool) -> None:
    assert on_loopback(host) is local


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Client]:
    from courtship.store.opening import open_home

    home = tmp_path / "home"
    open_home(home, "default", users=True)
    client = served(home)
    from django.conf import settings
    from django.contrib.auth import get_user_model

    settings.COURTSHIP_SIGN_IN = True
    get_user_model().objects.create_user("ann", password="correct horse battery")
    yield client
    settings.COURTSHIP_SIGN_IN = False
    close()


def test_every_page_asks_for_a_login_beyond_loopback(door: Client) -> None:
    for address in FIXED:
        answer = door.get(address)
        if address == "/sign-in":
            assert answer.status_code == 200
        else:
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/sign-in?next="), address
    assert door.post("/undo", {"positions": "1"}).status_code == 302


def test_the_right_password_opens_and_the_wrong_one_says_so(door: Client) -> None:
    wrong = door.post("/sign-in", {"username": "ann", "password": "nope"})
    assert "do not fit together" in wrong.content.decode()
    right = door.post("/sign-in", {"username": "ann", "password": "correct horse battery", "next": "/people"})
    assert right.headers["Location"] == "/people"
    assert door.get("/people").status_code == 200
    assert "Sign out" in door.get("/settings/preferences").content.decode()
    door.post("/sign-out")
    assert door.get("/people").headers["Location"].startswith("/sign-in")


def test_a_path_on_the_machine_is_refused_beyond_loopback(door: Client) -> None:
    door.login(username="ann", password="correct horse battery")
    door.post("/settings/bring", {"path": "/etc"})
    assert "on the machine itself only" in door.get("/settings").content.decode()


def test_nobody_is_served_beyond_loopback_before_there_is_a_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COURTSHIP_HOME", "COURTSHIP_WORKSPACE", "COURTSHIP_SIGN_IN", "COURTSHIP_HOSTS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("COURTSHIP_SECRET_KEY", "")
    with pytest.raises(NotAllowed, match="sign in"):
        serve(tmp_path / "home", host="0.0.0.0")
    close()


def test_only_own_host_names_are_answered(tmp_path: Path) -> None:
    client = served(tmp_path / "home")
    assert client.get("/start", headers={"host": "localhost"}).status_code == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example"):
        answer = client.get("/start", headers={"host": host})
        assert answer.status_code == 421
        assert b"Courtship" not in answer.content
    close()
