"""Mastodon's API for tests: ``mastodon-mock``, a stateful mock by others, for no real server is to be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from typing import TYPE_CHECKING

from tests.testbeds import folders
from tests.testbeds.bluesky import free_port

if TYPE_CHECKING:
    from mastodon import Mastodon


class MastodonMock:
    """A running mock with an invented community. Tokens are ``ada_token``, ``grace_token`` and others."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Starts it, with everything forgotten that was done before."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        self._media = folders.made("mastodon")  # it leaves its own behind
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--demo"),
                *("--host", "127.0.0.1", "--port", str(self.port), "--log-level", "warning"),
            ],
            stdout=self._log,
            stderr=self._log,
            cwd=self._media,
            env={**os.environ, "TMPDIR": str(self._media)},
        )
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/api/v1/streaming/health", timeout=5):
                    return
            except OSError:
                if time.monotonic() > end or self._process.poll() is not None:
                    self._log.seek(0)
                    raise RuntimeError(f"mastodon-mock did not start: {self._log.read()[-2000:]!r}") from None
                time.sleep(0.1)

    def stop(self) -> None:
        """Stops it by its process id."""
        self._process.kill()
        self._process.wait(15)
        self._log.close()
        shutil.rmtree(self._media, ignore_errors=True)

    def person(self, name: str) -> Mastodon:
        """One of its people, with a client library of others to act with."""
        from mastodon import Mastodon

        return Mastodon(access_token=f"{name}_token", api_base_url=self.url)
