"""Every setting of the queue is in the docs, with its default."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from courtship.plan.inputs import Settings

PAGE = Path(__file__).parents[2] / "docs" / "today.md"


def test_settings_are_documented() -> None:
    told = dict(re.findall(r"\| `today\.(\w+)` \| (\d+) \|", PAGE.read_text("utf-8")))
    assert told == {field.name: str(field.default) for field in fields(Settings)}


def test_settings_out_of_range_are_left_at_their_defaults() -> None:
    wrong = {"today.limit": 0, "today.stale_days": True, "today.thank_within_days": "9", "else": 1}
    right = {"today.cool_down_days": 0, "today.snooze_days": 3}
    assert Settings.of(wrong | right) == Settings(cool_down_days=0, snooze_days=3)
