"""What every request passes: headers that keep strangers' text inert, and a login beyond loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PRIVATE = ("/partner/", "/calendar/")
"""Pages that a private link opens: no account, no workspace of a cookie's."""
OPEN = ("/sign-in", "/static/", "/with/", *PRIVATE)

Answer = Callable[[HttpRequest], HttpResponse]


class SecurityHeaders:
    """No inline script or style, no framing, nothing from elsewhere. Also times the server's part."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        try:
            # under a name that is not ours a page elsewhere could read this one (DNS rebinding)
            request.get_host()
        except DisallowedHost:
            return HttpResponse("Not here.", status=421, content_type="text/plain")
        response = self.answer(request)
        for header, value in HEADERS.items():
            response.headers.setdefault(header, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Server-Timing"] = f"app;dur={(time.perf_counter() - began) * 1000:.1f}"
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """No field of a form can send a NUL, and no database takes one: 400 before anything is asked."""
        told = [*request.GET.lists()]
        if request.content_type == "application/x-www-form-urlencoded":
            told += request.POST.lists()
        if any("\x00" in value for _, values in told for value in values):
            raise BadRequest("a NUL character")


class SignInBeyondLoopback:
    """Asks for a login where the server can be reached from other machines."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.COURTSHIP_SIGN_IN or request.path.startswith(OPEN) or request.user.is_authenticated:
            return self.answer(request)
        wanted = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{reverse('sign_in')}?{wanted}")
