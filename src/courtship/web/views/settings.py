"""Settings: what is covered, the brand's accounts, preferences."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from courtship.errors import CourtshipError
from courtship.plan.inputs import Settings
from courtship.service.coverage import page as coverage_page
from courtship.service.importing import bringing
from courtship.service.people import brand as brands
from courtship.service.people import deciding
from courtship.web import words
from courtship.web.ladder_words import KIND_WORDS
from courtship.web.requests import back, desk, tell, whole

YEAR = 365 * 86400
LIMITS = (
    ("limit", "Things a day, at most", 1, 20),
    ("cool_down_days", "Days before the same person comes again", 0, 365),
    ("answer_within_days", "Days after which an unanswered word is let go", 1, 365),
    ("welcome_within_days", "Days in which a newcomer is welcomed", 1, 365),
    ("thank_within_days", "Days in which a share is thanked for", 1, 365),
    ("lapse_days", "Days before a stage lapses that you are told", 1, 365),
    ("longest_default_days", "Longest silence, in days, where none is set", 1, 3650),
    ("credit_days", "Days after a post in which a step up is credited to it", 1, 365),
)


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """What is seen, of which account, from when to when, and how to see more."""
    at = desk(request)
    told = at.workspace.coverage()
    rows = coverage_page.grid(told)
    context = {
        "rows": [_coverage_row(row) for row in rows],
        "kinds": [KIND_WORDS[kind] for kind in coverage_page.SHOWN],
        "more": bringing.formats(),
        "lead": _coverage_lead(rows, at.now),
    }
    return render(
        request,
        "courtship/settings/coverage.html",
        {"place": "settings", "tab": "coverage", "coverage": context},
    )


def _coverage_row(row: coverage_page.Row) -> dict[str, Any]:
    return {
        "platform": row.platform,
        "handle": row.handle,
        "start": row.start,
        "end": row.end,
        "sides": [("others to you", row.inbound), ("you to others", row.outbound)],
    }


def _coverage_lead(rows: list[coverage_page.Row], now: int) -> str:
    if not rows:
        return "Nothing is covered yet: bring in an export, and what it can show is listed here."
    partly = [row for row in rows if any(cell.seen != "full" for cell in (*row.inbound, *row.outbound))]
    ended = [row for row in rows if row.end < now - coverage_page.FRESH]
    said = f"{words.counted(len(rows))} {'account is' if len(rows) == 1 else 'accounts are'} seen"
    if partly:
        said += f", {len(partly)} of them only in part" if len(rows) > 1 else ", in part"
    if ended:
        latest = max(row.end for row in rows)
        said += f"; the newest data end on {words.day(latest)}"
    return said + "."


@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: HttpRequest) -> HttpResponse:
    """What the brand is called, and which accounts are its own."""
    at = desk(request)
    wrong, typed = "", ""
    if request.method == "POST":
        typed = request.POST.get("account", "").strip()
        try:
            match request.POST.get("do"):
                case "name":
                    name = " ".join(request.POST.get("name", "").split())[:80]
                    if name:
                        brands.call(at.workspace, name, now=at.now)
                        tell(request, f"Called {name}.")
                case "remove":
                    brands.remove(at.workspace, [typed], now=at.now)
                    tell(request, f"{typed} is no longer yours.")
                case "decline":
                    brands.decline(at.workspace, typed, now=at.now)
                    tell(request, f"{typed} will not be offered again.")
                case _:
                    brands.add(at.workspace, [typed], now=at.now)
                    tell(request, f"{typed} is yours.")
            return back(request, reverse("brand"))
        except CourtshipError as error:
            wrong = str(error)
    context = {
        "wrong": wrong,
        "typed": typed,
        "accounts": [
            {"account": a, "platform": a.partition(":")[0], "handle": a.partition(":")[2]}
            for a in sorted(at.standing.accounts)
        ],
        "offers": bringing.offers(at.workspace),
    }
    return render(
        request,
        "courtship/settings/brand.html",
        {"place": "settings", "tab": "brand", "brand": context},
        status=400 if wrong else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Limits of today's queue, for everybody; theme and keys, for this browser."""
    at = desk(request)
    fields = []
    wrong = False
    values: dict[str, Any] = {}
    held = Settings.of(at.standing.settings)
    for name, label, least, most in LIMITS:
        said = request.POST.get(name, "") if request.method == "POST" else str(getattr(held, name))
        value = whole(said, least, most)
        mistake = "" if value is not None else f"A whole number from {least} to {most:,}."
        wrong = wrong or bool(mistake)
        values[f"today.{name}"] = value
        fields.append({"name": name, "label": label, "value": said, "wrong": mistake})
    if request.method == "POST" and request.POST.get("do") == "browser":
        response = HttpResponseRedirect(reverse("preferences"))
        theme = request.POST.get("theme", "")
        _remember(response, "theme", theme if theme in ("light", "dark") else "", request.is_secure())
        _remember(response, "keys", "off" if request.POST.get("keys") == "off" else "", request.is_secure())
        tell(request, "Kept for this browser.")
        return response
    if request.method == "POST" and not wrong:
        decided = deciding.set_settings(at.workspace, values, now=at.now)
        tell(request, "Kept." if decided else "Nothing had changed.", decided)
        return HttpResponseRedirect(reverse("preferences"))
    if request.method != "POST":
        wrong = False
    return render(
        request,
        "courtship/settings/preferences.html",
        {"place": "settings", "tab": "preferences", "fields": fields},
        status=400 if wrong else 200,
    )


def _remember(response: HttpResponse, name: str, value: str, secure: bool) -> None:
    if value:
        response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(name, samesite="Lax")
