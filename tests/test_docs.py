"""The pages hold together: links lead somewhere, every dependency has its reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").casefold()
    for requirement in project["dependencies"]:
        name = re.split(r"[\[<>=~ ]", requirement)[0]
        assert name.casefold() in reasons, f"docs/architecture.md does not say why {name}"


def test_every_room_is_on_the_plan() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room in (ROOT / "src" / "courtship").iterdir():
        if room.is_dir() and room.name != "__pycache__":
            assert f"  {room.name}/" in plan, f"docs/architecture.md does not show {room.name}/"


def test_the_readme_is_one_screen_with_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 40
    assert re.findall(r"^make (\w+)", readme, re.MULTILINE) == ["demo", "test"]
