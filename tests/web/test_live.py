"""What is heard appears on open pages within seconds, in a quiet line, without a jump; in every tab."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.web.conftest import Made, Running, start, stop
from tests.web.test_browser import WIDE, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HEAR = """
import sys, time
from pathlib import Path
from courtship.store import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
from courtship.model import Activity, Origin
from courtship.service.live.hearing import hear
brand = next(one for one in sorted(workspace.brand()) if one.startswith("mastodon:"))
now = time.time_ns() // 1000
act = Activity(sys.argv[2], "message", sys.argv[3], brand, now, text="Is there any rye today?")
hear(workspace, [act], Origin("live", "mastodon", "", now), now=now)
print(time.time())
"""


def hear(home: Path, id: str, who: str) -> float:
    """Another process hears a message; answers when it was in the log (seconds)."""
    done = subprocess.run(
        [sys.executable, "-c", HEAR, str(home), id, who], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


@pytest.fixture
def alone(made_once: Made, tmp_path: Path) -> Iterator[Running]:
    """A server of the test's own: others are not told of what is heard here."""
    home = tmp_path / "home"
    shutil.copytree(made_once.home, home)
    process, base = start(home)
    yield Running(base, made_once._replace(home=home))
    stop(process)


def stream(base: str, since: int | None = None, last: int | None = None) -> Iterator[str]:
    """The lines of the stream, as they come."""
    query = "" if since is None else f"?since={since}"
    asked = urllib.request.Request(f"{base}/heard{query}")
    if last is not None:
        asked.add_header("Last-Event-ID", str(last))
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        for line in answer:
            yield line.decode().rstrip("\n")


def first_event(lines: Iterator[str]) -> tuple[int, dict[str, object]]:
    number = 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line[4:])
        if line.startswith("data: "):
            return number, json.loads(line[6:])
    raise AssertionError("the stream ended")


def test_the_stream_says_what_came_since_and_goes_on_from_the_last_event(alone: Running) -> None:
    from courtship.store import open_workspace

    position = open_workspace(alone.made.home).position()
    hear(alone.made.home, "live-1", "mastodon:mallory@evil.example")
    number, told = first_event(stream(alone.base, since=position))
    assert number > position
    assert told["people"] == [alone.made.mallory]
    hear(alone.made.home, "live-2", "mastodon:mallory@evil.example")
    later, told = first_event(stream(alone.base, since=0, last=number))
    assert later > number
    assert told["people"] == [alone.made.mallory]


def test_the_server_ends_although_streams_are_open(made_once: Made, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(made_once.home, home)
    process, base = start(home)
    lines = stream(base)
    assert next(lines).startswith("retry")
    began = time.monotonic()
    process.terminate()
    process.wait(60)
    assert time.monotonic() - began < 30
    assert list(lines) is not None


@pytest.mark.browser
def test_two_tabs_and_a_person_hear_without_a_jump(browser: Browser, alone: Running) -> None:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    first, second, person = (page_of(context, alone) for _ in range(3))
    first.goto(alone.base + "/")
    person.goto(f"{alone.base}/people/{alone.made.mallory}")
    second.goto(alone.base + "/")
    for page in (first, second, person):  # each holds its stream
        page.wait_for_load_state("load")
    before = second.locator("ol.tasks").bounding_box()
    tasks = second.locator("li.task").all_inner_texts()
    said = hear(alone.made.home, "live-3", "mastodon:mallory@evil.example")
    for page in (second, first, person):
        page.locator(".fresh button").wait_for(timeout=30_000)
    print(f"on the page {time.time() - said:.2f} s after it was heard")
    assert second.locator("ol.tasks").bounding_box() == before
    assert second.locator("li.task").all_inner_texts() == tasks
    assert "show" in second.locator(".fresh button").inner_text()
    assert person.locator(".fresh button").inner_text() == "1 new: show"
    person.locator("#what").fill("half a note")
    person.locator(".fresh button").click()
    assert person.locator(".fresh button").count() == 0
    assert person.locator("#what").input_value() == "half a note"
    second.locator(".fresh button").click()
    assert second.locator("li.task").all_inner_texts() != tasks
    assert second.evaluate("document.querySelector('main').contains(document.activeElement)")
    context.close()


@pytest.mark.parametrize("how", ["fails", "is left", "ends"])
def test_a_stream_that_ends_early_takes_no_place_for_ever(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Or after a hundred pages that were closed while they opened no page would hear anything."""
    import asyncio
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from courtship.web.views import live

    ended, go_on = threading.Event(), threading.Event()

    def begin(*_: object) -> tuple[object, int, None]:
        if how == "fails":
            raise OSError("the disk is full")
        if how == "is left":
            go_on.wait(20)
        return ended.set, 0, None

    monkeypatch.setattr(live, "_begin", begin)
    monkeypatch.setattr(live, "ending", lambda: True)

    async def page() -> None:
        async for _ in live._events(None, None):  # type: ignore[arg-type]
            pass

    async def visit() -> None:
        task = asyncio.ensure_future(page())
        if how == "is left":
            await asyncio.sleep(0.05)
            task.cancel()
        await asyncio.wait([task])
        assert live._open == 0
        go_on.set()
        if how == "fails":
            assert isinstance(task.exception(), OSError)
            return
        for _ in range(400):
            if ended.is_set():
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it goes on being told")

    with ThreadPoolExecutor(1) as elsewhere:  # the browser's own loop runs in this thread
        elsewhere.submit(asyncio.run, visit()).result(60)
