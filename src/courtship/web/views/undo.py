"""Undo: one decision that takes back others. Any page's toast leads here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from courtship.service import deciding
from courtship.web.requests import back, desk, tell


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Takes back the decisions at ``positions`` (comma-separated)."""
    at = desk(request)
    positions = [int(p) for p in request.POST.get("positions", "").split(",") if p.isdecimal()][:500]
    taken = deciding.undo(at.workspace, positions, now=at.now)
    tell(request, "Undone." if taken else "There was nothing to undo.")
    return back(request, reverse("today"))
