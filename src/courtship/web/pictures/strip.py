"""The strip of a goal: one mark a period, oldest first. Ink only: its shapes say what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

from courtship.plan.goals import Kept

MOST = 26
"""Periods that are drawn, the newest ones."""
STEP = 14


def picture(kept: Sequence[Kept], words: Sequence[str]) -> SafeString:
    """The newest periods; ``words`` says each of them, for its title and for those who hear it."""
    shown = list(zip(kept, words, strict=True))[-MOST:]
    width = max(STEP, STEP * len(shown))
    marks = [_mark(one, STEP * place + STEP / 2, said) for place, (one, said) in enumerate(shown)]
    told = [one.outcome for one, _ in shown]
    counts = ", ".join(
        f"{told.count(each)} {each}"
        for each in ("kept", "missed", "rest", "not seen", "running")
        if each in told
    )
    title = f"The last {len(shown)} periods: {counts or 'none yet'}"
    # every word goes through escape
    return mark_safe(  # noqa: S308
        f'<svg class="strip" width="{width}" height="16" viewBox="0 0 {width} 16" role="img"'
        f' aria-label="{escape(title)}">{"".join(marks)}</svg>'
    )


def _mark(one: Kept, x: float, said: str) -> str:
    title = f"<title>{escape(said)}</title>"
    match one.outcome:
        case "kept":
            return f'<circle class="s-kept" cx="{x}" cy="8" r="5">{title}</circle>'
        case "missed":
            return f'<circle class="s-missed" cx="{x}" cy="8" r="4.25">{title}</circle>'
        case "rest":
            return f'<rect class="s-kept" x="{x - 3.5}" y="7.25" width="7" height="1.5">{title}</rect>'
        case "not seen":
            return (
                f'<rect class="s-blind" fill="url(#hatch)" x="{x - 5}" y="3" width="10" height="10">'
                f"{title}</rect>"
            )
        case _:
            return f'<circle class="s-running" cx="{x}" cy="8" r="4.25">{title}</circle>'
