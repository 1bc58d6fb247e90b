"""Every source stands every check of the conformance suite, on every fixture that has a golden file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from courtship.model import Problem
from courtship.sources import conformance, registry
from courtship.sources.base import Claim, Told
from courtship.sources.walk import open_tree
from courtship.testing import activity, read_fixture, said_by_owner

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(
    path.relative_to(FIXTURES).as_posix().removesuffix(".golden.jsonl")
    for path in FIXTURES.rglob("*.golden.jsonl")
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", conformance.CHECKS)
def test_it_conforms(check: str, name: str, tmp_path: Path) -> None:
    conformance.run(check, FIXTURES / name, tmp_path)


def test_every_source_has_a_fixture_with_a_golden_file() -> None:
    found: set[str] = set()
    for name in NAMES:
        if read_fixture(FIXTURES / name):
            with open_tree(FIXTURES / name) as tree:
                settings, brand = said_by_owner(FIXTURES / name)
                claims = registry.claims(tree, now=0, settings=settings, brand=brand)
                found |= {claim.source.name for claim in claims}
    assert found == set(registry.SOURCES)


def misbehaving(how: str) -> Callable[[Claim], Iterator[Told]]:
    """A reader of the flat table that does one thing it must not."""
    calls = 0

    def read(claim: Claim) -> Iterator[Told]:
        nonlocal calls
        calls += 1
        data = claim.entries[0].head()
        if how == "crash" and not data.endswith(b"\n"):
            raise KeyError("actor")
        if how == "forgetful" and claim.tree.shape == "archive":
            return
        if how == "inventive" and not data.endswith(b"\n"):
            yield activity(actor="test:nobody", id="x")
        if how == "unsteady":
            yield activity(id=f"{calls}")
        if how == "unsound":
            yield Problem("", "", "")
        yield activity(id="1")
        yield from claim.tree.take_problems()

    return read


@pytest.mark.parametrize(
    ("how", "check"),
    [
        ("crash", "cut"),
        ("forgetful", "rezipped"),
        ("inventive", "cut"),
        ("unsteady", "twice"),
        ("unsound", "crlf"),
    ],
)
def test_the_suite_finds_what_it_is_for(
    how: str, check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = replace(registry.SOURCES["activities"], read=misbehaving(how))
    monkeypatch.setitem(registry.SOURCES, "activities", bad)
    with pytest.raises((AssertionError, KeyError)):
        conformance.run(check, FIXTURES / "activities" / "bakery.jsonl", tmp_path)
