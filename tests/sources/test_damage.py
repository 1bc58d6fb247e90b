"""Files made by others, damaged in every way of the conformance suite: no crash, no hang, no wrong person.

Every file among the shared fixtures that a source recognises is in it, so a new source and a new file come in
by themselves. Files of one folder are damaged together, as the folder that they are.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from benchmarks import fixtures
from tests.sources.shared_fixtures import place, shared

from courtship.sources import conformance, registry
from courtship.sources.walk import open_tree

LARGEST = 128 * 1024
"""Bytes of one file of a folder; of more only the beginning is looked at: the checks read it 60 times."""


@cache
def recognised() -> dict[str, list[Path]]:
    """The files that any source recognises, by their folder; archives each by themselves."""
    return fixtures.recognised(place() / "fixtures")


@pytest.mark.parametrize("check", conformance.CHECKS)
@pytest.mark.parametrize("folder", sorted(recognised()) or [""])
def test_files_made_by_others_stand_all_damage(folder: str, check: str, tmp_path: Path) -> None:
    if not folder:
        shared("")
    files = recognised()[folder]
    fixture = files[0]
    if len(files) > 1 or fixture.stat().st_size > LARGEST:
        fixture = tmp_path / "fixture"
        for file in files:
            with open_tree(file) as tree:
                for entry in tree.entries:
                    copy = fixture / entry.path
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    with entry.open() as stream:
                        copy.write_bytes(stream.read(LARGEST))
    work = tmp_path / "work"
    work.mkdir()
    conformance.run(check, fixture, work)


def test_most_sources_have_files_made_by_others() -> None:
    shared("")
    names = set()
    for files in recognised().values():
        for file in files:
            with open_tree(file) as tree:
                names |= {claim.source.name for claim in registry.claims(tree, now=0)}
    assert len(names) >= 15
