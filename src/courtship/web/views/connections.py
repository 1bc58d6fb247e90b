"""Settings / Sources / a live connection: what to do at the platform, a form, how it is, and ending it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from courtship.connect import registry
from courtship.connect.base import Connector
from courtship.errors import CourtshipError
from courtship.model import Micros
from courtship.service.live import connecting
from courtship.service.people import brand
from courtship.store.operations import connections, hooks
from courtship.web import words
from courtship.web.requests import desk, tell

SIGNS = {
    "running": "check",
    "starting": "later",
    "waiting": "later",
    "refused": "warn",
    "paused": "no",
    "stopped": "no",
}
"""The icon of each state; a word stands beside it."""

WORDS = {
    "running": "listening",
    "starting": "beginning",
    "waiting": "waits",
    "refused": "needs you",
    "paused": "paused",
    "stopped": "not running",
}


def clock() -> Micros:
    """Now."""
    return time.time_ns() // 1000


def rows(request: HttpRequest) -> dict[str, Any]:
    """What the Sources page shows of live connections."""
    at = desk(request)
    held = connecting.health(at.workspace, now=at.now)
    known = registry.known()
    return {
        "held": [row(one, at.now) for one in held],
        "hooks": hooks.every(at.workspace),
        "known": [
            {"name": one.name, "title": one.title, "can": one.can_say, "verified": one.verified}
            for one in known.values()
        ],
    }


def row(one: connecting.Health, now: Micros) -> dict[str, Any]:
    """A connection in words."""
    held = one.connection
    facts = []
    if held.heard_at is not None:
        facts.append(f"last heard {_ago(now - held.heard_at)}")
    if held.heard:
        facts.append(words.plural(held.heard, "act"))
    if one.state == "running" and held.lag is not None:
        facts.append(f"{words.length(held.lag)} behind" if held.lag >= connecting.BEHIND else "up to date")
    if one.state in ("waiting", "refused") and held.until > now:
        facts.append(f"tried again in {words.length(held.until - now)}")
    if held.rate_limit:
        facts.append(held.rate_limit)
    return {
        "id": held.id,
        "title": held.title,
        "state": one.state,
        "word": WORDS[one.state],
        "sign": SIGNS[one.state],
        "line": one.line,
        "facts": facts,
        "account": held.account,
        "paused": held.state == "paused",
        "seen_to": held.seen_to or held.declared_to,
    }


def _ago(span: Micros) -> str:
    return "just now" if span < words.MINUTE else f"{words.length(span)} ago"


@require_http_methods(["GET", "HEAD", "POST"])
def connector(request: HttpRequest, name: str) -> HttpResponse:
    """A connector: what to click, what it can see, and its form. Filled in, it is tried and kept."""
    if name == connecting.WEBHOOK:
        return webhook(request)
    found = registry.known().get(name)
    if found is None:
        raise Http404
    return _form(request, found, None)


@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: HttpRequest, id: str) -> HttpResponse:
    """A connection: how it is, its settings, and how to stop it."""
    at = desk(request)
    held = next((one for one in connecting.health(at.workspace, now=at.now) if one.connection.id == id), None)
    if held is None:
        raise Http404
    do = request.POST.get("do", "") if request.method == "POST" else ""
    try:
        match do:
            case "pause":
                connections.pause(at.workspace, id)
                tell(request, f"{held.connection.title} is paused.")
            case "resume":
                connections.resume(at.workspace, id)
                tell(request, f"{held.connection.title} runs again.")
            case "check":
                tried = connecting.check_again(at.workspace, id, now=clock)
                tell(request, f"It works: it opens {tried.profile.account}.")
            case "remove":
                connecting.remove(at.workspace, id, now=at.now)
                tell(
                    request,
                    f"{held.connection.title} has ended; its secrets are deleted, what it brought stays.",
                )
                return HttpResponseRedirect(reverse("sources"))
            case _:
                if held.connector is not None:
                    return _form(request, held.connector, held)
                return _page(request, None, held, {}, "")
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("connection", args=[id]))


def _form(request: HttpRequest, found: Connector, held: connecting.Health | None) -> HttpResponse:
    at = desk(request)
    if request.method != "POST":
        return _page(request, found, held, held.connection.settings if held else {}, "")
    given = {one.name: request.POST.get(f"set_{one.name}", "")[:4000] for one in found.settings}
    try:
        kept, tried = connecting.connect(
            at.workspace, found.name, given, now=clock, id=held.connection.id if held else None
        )
    except CourtshipError as error:
        return _page(request, found, held, given, str(error))
    if request.POST.get("ours") and tried.profile.account and not tried.ours:
        brand.add(at.workspace, [tried.profile.account], now=clock())
    tell(request, f"{kept.title} is connected.")
    return HttpResponseRedirect(reverse("connection", args=[kept.id]))


def _page(
    request: HttpRequest,
    found: Connector | None,
    held: connecting.Health | None,
    given: Mapping[str, str],
    wrong: str,
) -> HttpResponse:
    context: dict[str, Any] = {
        "held": row(held, desk(request).now) if held else None,
        "wrong": wrong,
        "title": found.title if found else held.connection.connector if held else "",
        "fields": [],
    }
    if found is not None:
        context |= {
            "steps": found.guide.steps,
            "link": found.guide.link,
            "permission": found.permission,
            "can": found.can_say,
            "cannot": found.cannot_say,
            "verified": found.verified,
            "fields": [
                {
                    "name": one.name,
                    "label": one.label,
                    "help": one.help,
                    "secret": one.secret,
                    "optional": one.optional,
                    "needed": not one.optional and not (one.secret and held is not None),
                    # what is secret is never shown again, not even to whoever has just typed it
                    "value": "" if one.secret else given.get(one.name, "") or one.default,
                }
                for one in found.settings
            ],
        }
    return render(
        request,
        "courtship/settings/connection.html",
        {"place": "settings", "tab": "sources", "connect": context},
        status=400 if wrong else 200,
    )


def webhook(request: HttpRequest) -> HttpResponse:
    """The webhook: its addresses, a new one (shown this once), and taking one back."""
    at = desk(request)
    shown = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "remove":
                hooks.remove(at.workspace, request.POST.get("id", ""), now=at.now)
                tell(request, "The address is taken back; nothing more is taken there.")
                return HttpResponseRedirect(reverse("connector", args=[connecting.WEBHOOK]))
            _, path = connecting.open_hook(at.workspace, request.POST.get("title", "")[:60], now=at.now)
            shown = request.build_absolute_uri(path)
        except CourtshipError as error:
            tell(request, str(error))
            return HttpResponseRedirect(reverse("connector", args=[connecting.WEBHOOK]))
    context = {
        "shown": shown,
        "hooks": hooks.every(at.workspace),
        "can": connecting.WEBHOOK_CAN,
        "cannot": connecting.WEBHOOK_CANNOT,
        "example": request.build_absolute_uri("/hooks/") + "…",
    }
    return render(
        request,
        "courtship/settings/webhook.html",
        {"place": "settings", "tab": "sources", "webhook": context},
    )
