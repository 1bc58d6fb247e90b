"""Every page, setting and key is told of in ``docs/pages.md``."""

from __future__ import annotations

import re
from pathlib import Path

from courtship.store.opening import set_up

TEXT = (Path(__file__).parents[2] / "docs" / "pages.md").read_text(encoding="utf-8")


def test_every_setting_is_told_of_with_what_it_is_at_first() -> None:
    set_up()
    from courtship.plan.inputs import Settings
    from courtship.web.views.settings import LIMITS

    for name, label, _, _ in LIMITS:
        row = re.search(rf"^\| {re.escape(label)} \|.*\| (\d+) \|$", TEXT, re.MULTILINE)
        assert row, label
        assert int(row[1]) == getattr(Settings(), name), label


def test_every_page_that_is_looked_at_is_told_of() -> None:
    for address in ("/lifecycle", "/people", "/posts", "/plan", "/start", "/settings/components"):
        assert f"`{address}`" in TEXT
    for tab in ("Sources", "Coverage", "Policy", "Brand", "Preferences"):
        assert f"*{tab}*" in TEXT


def test_every_key_is_told_of() -> None:
    import courtship.web

    folder = Path(courtship.web.__file__).parent
    keys = (folder / "templates" / "courtship" / "parts" / "keys.html").read_text(encoding="utf-8")
    for key in re.findall(r"<kbd>(.+?)</kbd>", keys):
        assert f"`{key}`" in TEXT, key
