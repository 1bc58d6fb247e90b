"""``courtship serve`` and ``courtship demo``: the pages of the very workspace, from a real server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, *words: str) -> Iterator[str]:
    """A server of ``words`` run in ``folder``; its address. Stopped by its process id."""
    port = free_port()
    # Whoever runs the tests may have these set for themselves.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COURTSHIP_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "courtship", "--home", str(folder / "silo"), *words, "--port", str(port)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(300):
            assert server.poll() is None, server.stdout and server.stdout.read().decode()
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            except OSError:
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=60)


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        body: bytes = answer.read()
        return body.decode()


def test_the_demo_is_served_and_leaves_nothing_where_it_runs(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--people", "40", "--activities", "1500") as address:
        assert "Kettlewick Bread" in page(f"{address}/")
        assert page(f"{address}/people").count('href="/people/') > 10
    assert sorted(one.name for one in tmp_path.iterdir()) == ["silo"]


def test_serve_opens_the_workspace_that_was_named(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path / "silo"), "--workspace", "tearoom"]
    for words in (
        ["workspaces", "add", "tearoom"],
        ["brand", "name", "The Tearoom"],
        ["brand", "add", "x:7001"],
    ):
        subprocess.run([sys.executable, "-m", "courtship", *home, *words], check=True, capture_output=True)
    with running(tmp_path, "--workspace", "tearoom", "serve") as address:
        assert "The Tearoom" in page(f"{address}/settings")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            page(f"{address}/people/nobody234567")
