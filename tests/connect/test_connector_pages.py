"""Every connector has its page and its row in the table, and these say what the connector itself says.

What stands between the marks is written from the connector with ``COURTSHIP_GOLDEN=write``; what stands
around them is written by hand.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from courtship.connect import registry
from courtship.connect.base import Connector
from courtship.testing import WRITE

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- from the connector -->", "<!-- end -->"


def told(one: Connector) -> str:
    """What a connector says of itself, as a page."""
    lines = ["## How to connect", *(f"{n}. {step}" for n, step in enumerate(one.guide.steps, 1)), ""]
    if one.guide.link:
        lines += [f"<{one.guide.link}>", ""]
    lines += [f"Then `courtship connect {one.name}`, or Settings / Sources.", ""]
    lines += ["| setting | | |", "|---|---|---|"]
    for each in one.settings:
        said = "secret" if each.secret else "if you like" if each.optional else "needed"
        lines.append(f"| `{each.name}` | {each.label} ({said}) | {each.help} |")
    lines += ["", f"**What it asks for.** {one.permission}", "", f"**It can say.** {one.can_say}", ""]
    lines += [f"**It cannot say.** {one.cannot_say}", "", f"**Tried against**: {one.verified}."]
    return "\n".join(lines)


def table() -> str:
    """All connectors: what each was tried against."""
    lines = ["| connector | of | tried against |", "|---|---|---|"]
    for name, one in sorted(registry.CONNECTORS.items()):
        lines.append(f"| [{one.title}](connectors/{name}.md) | `{name}` | {one.verified} |")
    return "\n".join([*lines, "| [Generic webhook](connectors/webhook.md) | `webhook` | real server |"])


def check(page: Path, wanted: str, title: str) -> None:
    """The block of a page is what is wanted; written where that is asked for."""
    text = page.read_text(encoding="utf-8") if page.exists() else f"# {title}\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(f"{BEGIN}\n")
    block, _, after = rest.partition(END)
    if os.environ.get(WRITE) == "write":
        page.write_text(f"{before}{BEGIN}\n{wanted}\n{END}{after}", encoding="utf-8")
        return
    assert page.exists(), f"{page} is missing; write it once with {WRITE}=write, and read it"
    assert block.strip() == wanted, f"{page.name} differs from the connector; {WRITE}=write writes it anew"


@pytest.mark.parametrize("name", sorted(registry.CONNECTORS))
def test_a_connector_has_its_page(name: str) -> None:
    one = registry.CONNECTORS[name]
    check(DOCS / "connectors" / f"{name}.md", told(one), one.title)


def test_the_table_has_every_connector() -> None:
    check(DOCS / "connectors.md", table(), "Live connections")
    assert (DOCS / "connectors" / "webhook.md").exists()


@pytest.mark.parametrize("name", sorted(registry.CONNECTORS))
def test_a_connector_is_complete(name: str) -> None:
    one = registry.CONNECTORS[name]
    assert one.name == name
    assert one.guide.steps
    assert all((one.title, one.platforms, one.permission, one.can_say, one.cannot_say, one.verified))
    assert any(seen != "none" for seen in one.shows.values())
    names = [setting.name for setting in one.settings]
    assert len(set(names)) == len(names)
    for setting in one.settings:
        assert setting.label
        assert not (setting.secret and setting.default)
        secret = any(word in setting.name for word in ("password", "token", "secret"))
        assert setting.secret or not secret, f"{setting.name} sounds like a secret"
