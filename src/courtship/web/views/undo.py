"""Undo: one decision that takes back others. Any page's toast leads here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from courtship.errors import CourtshipError
from courtship.service.people import deciding, person_page
from courtship.web.requests import back, desk, tell


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Takes back the decisions at ``positions`` (comma-separated)."""
    at = desk(request)
    if request.POST.get("positions", "").startswith("act "):
        return _never_was(request)
    positions = [int(p) for p in request.POST.get("positions", "").split(",") if p.isdecimal()][:500]
    taken = deciding.undo(at.workspace, positions, now=at.now)
    tell(request, "Undone." if taken else "There was nothing to undo.")
    return back(request, reverse("today"))


def _never_was(request: HttpRequest) -> HttpResponse:
    """Takes back what was logged by hand: it is denied, and its person reckoned anew."""
    at = desk(request)
    _, person, activity = (request.POST["positions"] + "  ").split(" ", 2)
    try:
        person_page.deny(at.workspace, person, activity.strip(), now=at.now)
        tell(request, "Undone.")
    except CourtshipError as error:
        tell(request, str(error))
    return back(request, reverse("today"))
