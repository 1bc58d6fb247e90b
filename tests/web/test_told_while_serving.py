"""From another process's hearing to the sink, through the real server, killed and started in between."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.notify.conftest import Sink
from tests.web.conftest import Made, start, stop
from tests.web.test_live import hear

if TYPE_CHECKING:
    from collections.abc import Callable


def until(there: Callable[[], bool], seconds: float = 60) -> float:
    """Waits; answers when it was so (seconds since the epoch)."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return time.time()


def test_what_is_heard_is_told_at_once_and_once_though_the_server_is_killed(
    made_once: Made, tmp_path: Path
) -> None:
    from courtship.service.notices import notices
    from courtship.service.people import deciding
    from courtship.store import open_workspace

    home = tmp_path / "home"
    shutil.copytree(made_once.home, home)
    sink = Sink()
    workspace = open_workspace(home)
    now = time.time_ns() // 1000
    notices.keep_address(workspace, "phone", f"json://127.0.0.1:{sink.port}/hook", now=now)
    notices.set_rule(workspace, {"on": "act", "to": "phone"}, now=now)
    hours = {"notices.quiet_from": "00:00", "notices.quiet_to": "00:00"}
    deciding.set_settings(workspace, hours, now=now)
    workspace.close()
    process, _ = start(home)
    try:
        first = hear(home, "told-1", "mastodon:mallory@evil.example")
        print(f"told {until(lambda: len(sink.got) == 1) - first:.2f} s after it was heard")
        process.kill()
        process.wait(30)
        hear(home, "told-2", "mastodon:noor@far.example")
        process, _ = start(home)
        until(lambda: len(sink.got) == 2, 150)  # the lease of the one that was killed runs out first
        third = hear(home, "told-3", "mastodon:mallory@evil.example")
        print(f"told {until(lambda: len(sink.got) == 3) - third:.2f} s after it was heard")
    finally:
        stop(process)
        sink.close()
    messages = [json.loads(body)["message"] for _, _, body in sink.got]
    assert all("Is there any rye today?" in one for one in messages)
    assert len({one.splitlines()[0] for one in messages}) == 2
