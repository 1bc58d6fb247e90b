"""Compiled code is kept on disk where that can be, and works where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import courtship

CODE = """\
from courtship.compiled import compiled

@compiled
def double(number):
    return 2 * number

if __name__ == "__main__":
    import module
    print(module.double(21), sum(module.double.stats.cache_hits.values()))
"""


@pytest.mark.parametrize("home", ["here", "nowhere"])
def test_a_read_only_install_works(tmp_path: Path, home: str) -> None:
    install = tmp_path / "install"
    install.mkdir()
    (install / "module.py").write_text(CODE)
    (install / "__pycache__").write_text("a file where the folder would be: nothing can be written here")
    folder = tmp_path if home == "here" else Path("/dev/null/none")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(Path(courtship.__file__).parents[1]), str(install)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }

    def run() -> list[str]:
        command = [sys.executable, str(install / "module.py")]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        return done.stdout.split()

    first, second = run(), run()
    assert first == ["42", "0"]
    assert second == ["42", "1" if home == "here" else "0"]  # found again only where it could be kept
