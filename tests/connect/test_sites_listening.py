"""WordPress and a mailbox through what runs connections: into the log, killed in between, told alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.connect.sessions import clock
from tests.connect.test_mailbox import BRAND, notification
from tests.connect.test_mailbox import settings as mail_settings
from tests.testbeds.dovecot import Dovecot
from tests.testbeds.wordpress import WordPress

from courtship.service.importing.importing import import_paths
from courtship.service.live import connecting
from courtship.service.people import brand
from courtship.service.reckoning.rebuild import rebuild
from courtship.store import open_workspace
from courtship.store.workspace import Workspace

pytestmark = pytest.mark.timeout(300)
PATIENCE = 60.0


def wait_for(holds: Callable[[], object], what: str) -> float:
    """Looks until it holds; answers how many seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def listening(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``courtship listen`` in a process of its own, killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "courtship", "--home", str(home), "listen"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(20)


def acts(workspace: Workspace, account: str) -> list[str]:
    return sorted(one.text or one.id for one in workspace.activities_of([account]))


@pytest.mark.mail
def test_mails_while_the_listener_is_killed(sqlite: None, tmp_path: Path, mail_server: Dovecot) -> None:
    home, (me,) = tmp_path / "home", BRAND
    workspace = open_workspace(home)
    brand.add(workspace, [me], now=clock())
    mail_server.append_many([notification(number, name=f"Ann {chr(97 + number)}") for number in range(20)])
    connecting.connect(workspace, "mailbox", mail_settings(mail_server), now=clock)
    with listening(home):
        wait_for(lambda: len(acts(workspace, me)) >= 10, "the back-fill")
    mail_server.append(notification(30, name="Bo Lee"))
    with listening(home) as process:
        wait_for(lambda: len(acts(workspace, me)) == 21, "what came while it was dead")
        mail_server.append(notification(31, name="Cleo Day"))
        wait_for(lambda: len(acts(workspace, me)) == 22, "what comes now")
        process.send_signal(signal.SIGKILL)
    people = {one.actor for one in workspace.activities_of([me])}
    assert len(people) == 22
    assert len({one.id for one in workspace.activities_of([me])}) == 22, "nothing twice, nothing lost"
    assert rebuild(workspace, now=clock()).differences == 0


@pytest.mark.wordpress
def test_a_blog_while_the_listener_is_killed_and_its_export_afterwards(
    sqlite: None, tmp_path: Path, blog: WordPress
) -> None:
    home, me = tmp_path / "home", "wordpress:127.0.0.1/mira"
    workspace = open_workspace(home)
    site = {"site": blog.url, "user": "mira", "password": blog.passwords["mira"]}
    _, tried = connecting.connect(workspace, "wordpress", site, now=clock)
    brand.add(
        workspace, [tried.profile.account, me, "wordpress:127.0.0.1/tom@tearoom.example.com"], now=clock()
    )
    post = blog.post("New cups")
    first = blog.comment(post, "from before")
    with listening(home):
        wait_for(lambda: "from before" in acts(workspace, me), "the back-fill")
    blog.comment(post, "while it was dead", by="bo")
    gone = blog.comment(post, "pills", by="bo")
    with listening(home) as process:
        wait_for(lambda: {"while it was dead", "pills"} <= set(acts(workspace, me)), "what came meanwhile")
        blog.set_status(gone, "spam")
        blog.comment(post, "an answer", by="mira", parent=first)
        wait_for(lambda: "an answer" in acts(workspace, me), "the reply")
        wait_for(
            lambda: [one.ended for one in workspace.activities_of([me]) if one.text == "pills"] != [None],
            "the end of what was spam",
        )
        process.send_signal(signal.SIGKILL)
    (answer,) = [one for one in workspace.activities_of([me]) if one.text == "an answer"]
    assert (answer.actor, answer.target) == (me, "wordpress:127.0.0.1/ann@example.org")
    assert len(acts(workspace, me)) == 4
    export = tmp_path / "tearoom.wordpress.xml"
    export.write_text(blog.export())
    result = import_paths(workspace, [export], now=clock())
    assert (result.new, result.problems) == (0, [])
    assert result.known == 3, "all but the spam"
    assert len(acts(workspace, me)) == 4
    assert rebuild(workspace, now=clock()).differences == 0
