"""Notices: what the owner is told of, where, and when."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError, NotAllowed
from courtship.plan.notices import ON, WEEKDAYS, WHEN, clock_minutes, clock_said
from courtship.service.notices import notices
from courtship.service.people import deciding
from courtship.store.operations import notices as deliveries
from courtship.vocabulary import KINDS
from courtship.web.requests import desk, tell, whole

ON_WORDS = {
    "share": "Somebody shares, quotes or recommends you",
    "act": "Somebody does something towards you",
    "new": "Somebody is new",
    "stage": "A stage changes",
    "waiting": "Somebody has waited for an answer",
    "quiet": "Somebody has gone quiet",
    "report": "A week is over: the report on your goals",
}
STATES = {"waiting": "to be sent", "sent": "sent", "failed": "given up", "dropped": "not sent"}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Rules, addresses, hours, and what was sent lately."""
    at = desk(request)
    every = notices.rules(at.workspace)
    said, held, hours = (
        notices.said(at.workspace, every),
        notices.addresses(at.workspace),
        notices.hours(at.workspace),
    )
    context: dict[str, Any] = {
        "lead": _lead(len(every), len(held)),
        "rules": [{"id": rule.id, "said": said[rule.id]} for rule in every],
        "addresses": list(held.values()),
        "on": [(name, ON_WORDS[name]) for name in sorted(ON, key=list(ON_WORDS).index)],
        "when": WHEN,
        "kinds": [kind for kind in KINDS if kind != "block"],
        "stages": ["aware", *at.standing.ladder, "parted"],
        "tags": sorted({tag for tags in deciding.tags_of(at.workspace).values() for tag in tags}),
        "hours": {
            "quiet_from": clock_said(hours.quiet_from),
            "quiet_to": clock_said(hours.quiet_to),
            "morning": clock_said(hours.morning),
            "weekday": WEEKDAYS[hours.weekday],
            "zone": hours.zone,
            "base": notices.base(at.workspace),
        },
        "weekdays": WEEKDAYS,
        "lately": [
            {
                "to": one.address,
                "sort": ON_WORDS[one.sort],
                "state": STATES[one.state],
                "why": one.why,
                "at": one.sent_at or one.due,
            }
            for one in deliveries.latest(at.workspace, 20)
        ],
    }
    return render(
        request,
        "courtship/settings/notices.html",
        {"place": "settings", "tab": "notices", "notices": context},
    )


def _lead(rules: int, addresses: int) -> str:
    if not addresses:
        return "You are told of nothing yet: add an address first, then say what you want to hear of."
    if not rules:
        return "You are told of nothing yet: say below what you want to hear of."
    return f"You are told of {'one thing' if rules == 1 else f'{rules} things'}, each once."


@require_POST
def rule(request: HttpRequest) -> HttpResponse:
    """A new rule, or the end of one."""
    at, post = desk(request), request.POST
    try:
        if post.get("remove"):
            tell(request, "Rule removed.", notices.remove_rule(at.workspace, post["remove"], now=at.now))
        else:
            detail = {
                "on": post.get("on", ""),
                "to": post.get("to", ""),
                "when": post.get("when", ""),
                "who": post.get("who", "").strip(),
                "kinds": post.getlist("kinds"),
                "stages": post.getlist("stages"),
                "platforms": post.get("platforms", "").replace(",", " ").lower().split(),
                "hours": whole(post.get("hours") or "4", 1, 720) or 0,
            }
            _, decided = notices.set_rule(at.workspace, detail, now=at.now)
            tell(request, "Rule kept.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("notices"))


@require_POST
def address(request: HttpRequest) -> HttpResponse:
    """A new address, a try of one, or the end of one."""
    at, post = desk(request), request.POST
    try:
        if post.get("remove"):
            notices.forget_address(at.workspace, post["remove"])
            tell(request, "Address removed.")
        elif post.get("try"):
            sent = notices.test(at.workspace, post["try"], now=at.now)
            tell(request, "Sent; look whether it arrived." if sent.ok else f"It was not taken: {sent.why}.")
        else:
            shown = notices.keep_address(at.workspace, post.get("name", ""), post.get("url", ""), now=at.now)
            tell(request, f"Kept {shown}. Try it below.")
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("notices"))


@require_POST
def hours(request: HttpRequest) -> HttpResponse:
    """Quiet hours, the morning, and where the pages are."""
    at, post = desk(request), request.POST
    values: dict[str, Any] = {}
    try:
        for name in ("quiet_from", "quiet_to", "morning"):
            minutes = clock_minutes(post.get(name, ""))
            if minutes is None:
                raise NotAllowed("Write hours as 07:30; nothing was changed.")
            values[f"notices.{name}"] = clock_said(minutes)
        if post.get("weekday") in WEEKDAYS:
            values["notices.weekday"] = post["weekday"]
        base = post.get("base", "").strip().rstrip("/")
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).netloc:
            raise NotAllowed("The address of the pages begins with https:// or http://; nothing was changed.")
        values["notices.base"] = base
        tell(request, "Hours kept.", deciding.set_settings(at.workspace, values, now=at.now))
    except (CourtshipError, ValueError) as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("notices"))
