"""``courtship serve`` runs the connections: killed, started again, ended in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_serve import free_port
from tests.service.tiny_connector import CONNECTOR
from tests.service.tiny_server import ME, tiny_server

from courtship.connect import registry

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

CODE = """
import sys
from pathlib import Path
from courtship.connect import registry
from tests.service.tiny_connector import CONNECTOR
registry.add(CONNECTOR)
from courtship.web.server import serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]))
"""
ROOT = Path(__file__).parents[2]


def wait_for(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def clock() -> int:
    return time.time_ns() // 1000


def acts(workspace: Workspace) -> set[str]:
    return {one.id for one in workspace.activities_of([ME])}


@pytest.mark.usefixtures("sqlite")
def test_killed_started_again_and_ended_in_order(tmp_path: Path) -> None:
    from courtship.store import open_workspace
    from courtship.store.operations import connections

    registry.add(CONNECTOR)
    workspace = open_workspace(tmp_path)
    from courtship.service.live import connecting
    from courtship.service.people import brand

    def start() -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        with (tmp_path / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", CODE, str(tmp_path), str(free_port())],
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )

    with tiny_server() as server:
        connecting.connect(workspace, "tiny", {"server": server.address, "token": server.token}, now=clock)
        brand.add(workspace, [ME], now=clock())
        child = start()
        try:
            server.act(1)
            wait_for(lambda: acts(workspace) == {"1"}, "the first act")
            child.kill()
            child.wait(30)
            (held,) = connections.every(workspace)
            assert held.holder, "whoever is killed gives nothing back"
            server.act(2)
            child = start()
            wait_for(lambda: acts(workspace) == {"1", "2"}, "what happened meanwhile")
            child.send_signal(signal.SIGTERM)
            assert child.wait(60) == 128 + signal.SIGTERM
            (held,) = connections.every(workspace)
            assert held.holder == ""
            assert held.seen_from is None, "all that was seen is declared"
            assert max(one.end for one in workspace.coverage()) == held.declared_to
        finally:
            child.kill()
            child.wait(30)
            registry.forget("tiny")
            workspace.close()
