"""Each platform's source has a page that says how to get the file, and what it can and cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtship.sources.registry import SOURCES

PAGES = Path(__file__).parents[2] / "docs/platforms"


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if not source.generic])
def test_every_source_has_a_page(name: str) -> None:
    if not (PAGES / f"{name}.md").exists() and name == "activities":
        pytest.skip("the flat table is no platform's: it is described with the commands")
    page = (PAGES / f"{name}.md").read_text()
    assert f"**Format `{name}`**" in page
    for part in ("## How to get the file", "## What it can say", "## What it cannot say", "## Coverage"):
        assert part in page, f"docs/platforms/{name}.md lacks {part}"
    assert "## How it is verified" in page


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_how_to_get_its_file(name: str) -> None:
    source = SOURCES[name]
    assert source.guide.steps
    assert source.files
    assert source.can_say
    assert source.cannot_say
    assert source.grade in {"A", "B", "C"}
