"""Every source says what it is, and has a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from courtship.model import Activity
from courtship.sources import registry
from courtship.vocabulary import KINDS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", registry.SOURCES)
def test_it_says_what_it_is_and_has_a_page(name: str) -> None:
    source = registry.SOURCES[name]
    assert source.title
    assert source.files
    assert source.guide.steps
    assert source.can_say
    assert source.cannot_say
    assert source.grade
    # What shows no act says that there is no person in it.
    assert source.generic or source.shows or "no person" in source.cannot_say
    pages = [page for page in (DOCS / "formats", DOCS / "platforms") if (page / f"{name}.md").exists()]
    assert len(pages) == 1, f"docs/platforms/{name}.md is missing"
    assert "verified" in (pages[0] / f"{name}.md").read_text().casefold()


def test_the_page_of_the_flat_table_names_every_column_and_kind() -> None:
    words = (DOCS / "formats" / "activities.md").read_text()
    for name in (*Activity._fields, "undoes"):
        assert f"`{name}`" in words
    for kind in KINDS:
        assert kind in words
