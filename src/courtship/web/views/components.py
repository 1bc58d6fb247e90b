"""Everything that the pages are made of, once each: to look at, and to test in every theme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from courtship.model import DAY
from courtship.web.requests import desk
from courtship.web.taskline import Line

MEANING = (
    ("aware", "Met. One ring drawn, one still a dotted guess."),
    ("like", "They lean in; the filled one is theirs. The rings touch."),
    ("know", "Both talk. The rings overlap."),
    ("trust", "They stand up for you. Both filled."),
    ("parted", "A block stands between."),
)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page of components."""
    at = desk(request)
    task = Line(
        key="0" * 16,
        person="aaaaaaaaaaaa",
        verb="Answer",
        name="Keiko Tanabe",
        stage="know",
        certain=True,
        why=mark_safe("Asked you something on Mastodon 2 days ago. You both write about <mark>rye</mark>."),
        quote="Does the seeded rye keep until Monday?",
        quoted="15 November",
        link="https://example.org/",
        place="Mastodon",
        already="Answered elsewhere",
    )
    context = {
        "place": "settings",
        "tab": "",
        "stages": MEANING,
        "momenta": ("warming", "steady", "cooling", "quiet", ""),
        "task": task,
        "day": at.now - 48 * DAY,
    }
    return render(request, "courtship/settings/components.html", context)
