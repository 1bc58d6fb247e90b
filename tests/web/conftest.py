"""Pages over a made-up audience with hostile strings in it, by Django's client and by Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from courtship.model import DAY, Activity, Decision, Micros, Origin, Post, Profile

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser

    from courtship.store.workspace import Workspace

HOSTILE = "<script>window.owned=1</script><img src=x onerror='window.owned=1'>\"'{{7*7}}"
"""A text that does something where it is not escaped."""
BAD_LINK = "javascript:window.owned=1"
LONG = "word " * 2000
PARTNER_SECRET = "S" * 43
"""Of the private link of a partner whose name is hostile."""
GOAL = "a11c0001"
RIGHT_TO_LEFT = "نور الحمدان"
MALLORY = "mastodon:mallory@evil.example"
SECRET = "s" * 32
"""Of the private link of the hostile person, who is in the tribe."""
QUIET = "mastodon:noor@far.example"
WAITING = "mastodon:wren@mill.example"
"""Of whom a question waits for an answer, and who was answered in the last week that is over."""
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Made(NamedTuple):
    """A home with the made-up audience in ``name``; ``mallory`` is a person made of hostile strings."""

    home: Path
    name: str
    mallory: str
    now: Micros


def hostile(workspace: Workspace, now: Micros) -> None:
    """Adds a person, a post, a tag, a note and an origin whose texts are hostile.

    And what tests of pages lean on, for the made-up people act by the hour and the day of the week: at any
    moment there is somebody who waits for an answer, and somebody who was answered in the last full week.
    """
    brand = sorted(workspace.brand(), key=lambda a: not a.startswith("mastodon:"))[0]
    post = "https://evil.example/" + HOSTILE
    last_monday = _last_monday(now)
    workspace.append(
        [
            Profile(MALLORY, now - DAY, HOSTILE, "@" + HOSTILE, BAD_LINK, bio=HOSTILE),
            Profile(QUIET, now - DAY, RIGHT_TO_LEFT, "@noor", bio=""),
            Post(post, brand, now - 3 * DAY, HOSTILE + " spelt and rye", url=BAD_LINK, tags=(HOSTILE,)),
            Activity("m1", "follow", MALLORY, brand, now - 40 * DAY, actor_name=HOSTILE),
            Activity(
                "m2", "comment", MALLORY, brand, now - 30 * DAY, text=HOSTILE + "?", url=BAD_LINK, object=post
            ),
            Activity("m3", "comment", MALLORY, brand, now - 20 * DAY, text=LONG, in_reply_to=post),
            Activity("m4", "mention", MALLORY, brand, now - 10 * DAY, text=HOSTILE),
            Activity("m5", "comment", brand, MALLORY, now - 9 * DAY, text=HOSTILE),
            Activity("m6", "share", MALLORY, brand, now - DAY, object=post, text=HOSTILE, url=BAD_LINK),
            Activity("n1", "like", QUIET, brand, now - 2 * DAY),
            Activity(
                "w1", "comment", WAITING, brand, last_monday + DAY, text="Is there rye?", actor_name="Wren"
            ),
            Activity("w2", "comment", brand, WAITING, last_monday + DAY + DAY // 8, in_reply_to="w1"),
            Activity("w3", "message", WAITING, brand, now - 3 * DAY, text="Do you deliver to the mill?"),
        ],
        Origin(f"/tmp/{HOSTILE}.csv", "activities", "", now),
    )
    mallory = _person(MALLORY)
    workspace.decide(
        Decision("tag.add", mallory, {"tag": HOSTILE}, now),
        Decision("note.add", mallory, {"text": HOSTILE}, now),
        Decision("rhythm.set", mallory, {"ideal_days": 3, "longest_days": 9}, now),
        Decision("view.save", HOSTILE, {"name": HOSTILE, "query": "stage=know"}, now),
        Decision("tribe.name", "", {"name": HOSTILE}, now),
        Decision("tribe.join", MALLORY, {}, now - 40 * DAY),
        Decision("commitment.draft", "c-mallory", promise(MALLORY, "member", "comment"), now - 40 * DAY),
        Decision("commitment.offer", "c-mallory", {}, now - 40 * DAY),
        Decision("commitment.accept", "c-mallory", {"by": "member"}, now - 40 * DAY),
        Decision("commitment.draft", "c-offered", promise(MALLORY, "brand", "like"), now - DAY),
        Decision("commitment.offer", "c-offered", {}, now - DAY),
        Decision("tribe.ask", MALLORY, {"object": post, "gifts": ["comment"]}, now - DAY),
        Decision("tribe.link", MALLORY, {"digest": sha256(SECRET.encode()).hexdigest()}, now - DAY),
    )
    from courtship.service.accountability.private_links import digest

    rights = {"name": HOSTILE, "figures": True, "names": True, "referee": True, "mail": ""}
    by_hand = {"measure": "by_hand", "period": "week", "target": 1, "words": HOSTILE, "referee": "evil"}
    words = {"planned": HOSTILE, "stood_in_the_way": LONG[:3000], "next": HOSTILE}
    workspace.decide(
        Decision("partner.invite", "evil", rights, now - 9 * DAY),
        Decision("link.open", "partner:evil", {"digest": digest(PARTNER_SECRET)}, now - 9 * DAY),
        Decision("goal.set", "0bad0bad", {**by_hand, "start": now - 60 * DAY}, now - 9 * DAY),
        Decision("partner.note", "evil", {"sort": "comment", "text": HOSTILE, "goal": GOAL}, now - 8 * DAY),
        Decision("checkin.write", f"week:{_last_week(now)}", words, now - DAY, "partner:evil"),
    )
    from courtship.model import Problem

    workspace.add_problems(
        [Problem(f"/tmp/{HOSTILE}.csv", HOSTILE, HOSTILE)], Origin("x", "activities", "", now)
    )


def _last_week(now: Micros) -> str:
    from courtship.plan import periods

    return periods.day_of(_last_monday(now), "UTC").isoformat()


def _last_monday(now: Micros) -> Micros:
    """When the last week that is over began."""
    from courtship.plan import periods

    running = periods.holding(now, "week", "UTC")
    return periods.holding(running.start - 1, "week", "UTC").start


def promise(account: str, giver: str, gift: str) -> dict[str, object]:
    """A promise for each post, in hostile words."""
    return {
        "member": account,
        "giver": giver,
        "gifts": [gift],
        "pace": "each_post",
        "topics": ["rye", HOSTILE],
        "words": HOSTILE,
    }


JOB = "1-0a0a0a0a"
"""A finished import whose one file, a table, no format knew."""


def brought(folder: Path) -> None:
    """Makes the folder of that import."""
    table = folder / "files" / "0" / "list.csv"
    table.parent.mkdir(parents=True)
    cell = HOSTILE.replace('"', '""')
    table.write_text(
        f'When,Who,What,Words\n2026-01-02 10:00,@ann,comment,Hello\n2026-01-03,@bo,clap,"{cell}"\n'
    )
    file = {"name": "list.csv", "wrong": "in no format that is known"}
    told = {"id": JOB, "at": 1, "pid": 1, "state": "failed", "files": [file], "offers": []}
    (folder / "job.json").write_text(json.dumps(told))


def _person(account: str) -> str:
    from courtship.people.identity import person_id

    return person_id(account)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Made once a session; tests that write get a copy."""
    from courtship.store import open_workspace
    from courtship.store.opening import set_up

    set_up()
    from courtship.service.demo import demo
    from courtship.service.reckoning.refresh import refresh

    home = tmp_path_factory.mktemp("made")
    now = time.time_ns() // 1000
    workspace = open_workspace(home, "default")
    demo.fill(workspace, people=160, activities=5_000, now=now)
    hostile(workspace, now)
    refresh(workspace, now=now)
    brought(home / "jobs" / "default" / JOB)
    with workspace.connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    workspace.close()
    return Made(home, "default", _person(MALLORY), now)


@pytest.fixture
def made(made_once: Made, tmp_path: Path) -> Made:
    """A copy of the made-up home, for one test."""
    home = tmp_path / "home"
    shutil.copytree(made_once.home, home)
    return made_once._replace(home=home)


def served(home: Path, name: str = "default") -> Client:
    """A client of Django's own for a home, on loopback."""
    from django.conf import settings
    from django.test import Client

    from courtship.web import desk
    from courtship.web.views import guest

    desk.forget_open()
    guest.forget_wrong()
    settings.COURTSHIP_HOME = str(home)
    settings.COURTSHIP_WORKSPACE = name
    settings.COURTSHIP_SIGN_IN = False
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
    return Client()


@pytest.fixture
def client(made: Made) -> Iterator[Client]:
    """A client over a copy of the made-up home."""
    yield served(made.home)
    close()


@pytest.fixture
def empty_client(tmp_path: Path) -> Iterator[Client]:
    """A client over a home with nothing in it."""
    from courtship.store.opening import set_up

    set_up()
    yield served(tmp_path / "empty")
    close()


def close() -> None:
    """Forgets the databases of the test that ends."""
    from django.db import connections

    for alias in list(connections.databases):
        if alias != "default":
            connections[alias].close()
            del connections[alias]
            del connections.databases[alias]


class Running(NamedTuple):
    """A real server: where it is, and the home that it serves."""

    base: str
    made: Made


def start(home: Path, name: str = "default") -> tuple[subprocess.Popen[bytes], str]:
    """Starts the real server on a free port and waits until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = (
        "from pathlib import Path; from courtship.web.server import serve;"
        f" serve(Path({str(home)!r}), {name!r}, port={port})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ}
    )
    base = f"http://127.0.0.1:{port}"
    for _ in range(900):
        if process.poll() is not None:
            assert process.stderr is not None
            raise RuntimeError(process.stderr.read().decode())
        try:
            urllib.request.urlopen(f"{base}/static/courtship/look.css", timeout=5).close()
            return process, base
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError("the server did not start")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a server that ``start`` started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="session")
def running(made_once: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real server over a copy of the made-up home, for the whole session."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(made_once.home, home)
    process, base = start(home)
    yield Running(base, made_once._replace(home=home))
    stop(process)


@pytest.fixture(scope="module")
def browser(running: Running) -> Iterator[Browser]:
    """Chromium, headless. Its event loop keeps Django's database away from this thread, so that everything
    is made before it starts, and it ends with its module."""
    with chromium() as found:
        yield found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, for as long as it is needed; skips, or in CI fails, where it is not installed."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; run scripts/install-test-servers")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()
