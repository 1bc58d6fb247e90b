"""Pages for what went wrong: each says what to do next."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger("courtship.web")


def _page(request: HttpRequest, status: int, title: str, why: str) -> HttpResponse:
    return render(request, "courtship/errors/error.html", {"title": title, "why": why}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _page(
        request, 404, "There is no such page.", "The address may be mistyped, or what it showed is gone."
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, 400, "That could not be read.", "Go back, and try it once more from the page.")


def failed(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(
        request,
        500,
        "Something broke on our side.",
        "Nothing was lost. Try again; the server's output says more.",
    )


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, where a form did not come from one of our pages."""
    return _page(
        request, 403, "That form was too old, or not ours.", "Open the page again and send it from there."
    )


def refused(request: HttpRequest, why: str) -> HttpResponse:
    """409, where the log refuses a decision or is out of reach."""
    return _page(request, 409, "That could not be done.", why)
