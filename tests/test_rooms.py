"""The house: what may be imported when, and how long it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("django", "duckdb", "numba", "pandas", "dask", "numpy", "pyarrow", "rich", "typer")


@pytest.mark.parametrize(
    "module", ["courtship", "courtship.model", "courtship.vocabulary", "courtship.errors"]
)
def test_importing_the_core_loads_none_of_the_libraries_behind_it(module: str) -> None:
    code = f"import sys, {module}; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == []
