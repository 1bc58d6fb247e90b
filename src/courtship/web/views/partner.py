"""Pages that a private link opens: a partner's, and the calendar. No account; not indexed; not referred from.

A secret in the address is the whole authority here, and no cookie is: so forms carry no token of their own
(``no-referrer`` makes a browser send ``Origin: null``, which Django's check would refuse).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from courtship.errors import CourtshipError
from courtship.model import Micros
from courtship.plan.goals import IN_PER_CENT
from courtship.service.accountability import agenda, checkins, goals, partners, private_links
from courtship.service.accountability.coaching import last_asked
from courtship.service.accountability.partners import Partner
from courtship.service.accountability.private_links import Limiter
from courtship.service.reckoning import upkeep
from courtship.service.reckoning.standing import standing
from courtship.store.workspace import Workspace
from courtship.web import goal_words, words
from courtship.web.desk import every_workspace
from courtship.web.frame import FRAME, Frame
from courtship.web.views.checkins import period_words, shown

GUESSES = Limiter(20)
"""Addresses that open nothing, by whoever asks: 20 a minute."""
ASKED = Limiter(120)
"""Looks at one page: 120 a minute."""
WRITTEN = Limiter(30, 3_600_000_000)
"""What may be said through one link: 30 an hour."""
CAME = {
    "done": "In time",
    "not done": "Not in time",
    "waits": "Still waiting, in time so far",
    "unknown": "Not seen whether",
}
"""What came of what somebody did, before the names of those people."""
NAMED = 40
"""Names of each sort at most; how many more there are is said."""
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def _private(
    request: HttpRequest, secret: str, sort: str, answer: Callable[[Workspace, str, Micros], HttpResponse]
) -> HttpResponse:
    """What ``answer`` makes of the workspace and subject that the secret opens, if it does."""
    now = time.time_ns() // 1000
    who = request.META.get("REMOTE_ADDR", "")
    if GUESSES.full(who, now):
        return _plain(request, 429, "Too many addresses were tried from here; wait a minute.")
    found = private_links.opened_by(every_workspace(), secret)
    if found is None or found[1].partition(":")[0] != sort:
        GUESSES.count(who, now)
        return _plain(request, 404, "This link opens nothing. It may have been closed; ask for a new one.")
    workspace, subject = found
    upkeep.keep_up(workspace, now=now)
    if ASKED.full(secret, now):
        return _plain(request, 429, "This page is being asked for too often; wait a minute.")
    ASKED.count(secret, now)
    held = standing(workspace)
    token = FRAME.set(Frame(now, held.timezone, held.ladder, held.brand, True))
    try:
        response = answer(workspace, subject.partition(":")[2], now)
    finally:
        FRAME.reset(token)
    return _closed_off(response)


def _plain(request: HttpRequest, status: int, said: str) -> HttpResponse:
    return _closed_off(render(request, "courtship/partner/closed.html", {"said": said}, status=status))


def _closed_off(response: HttpResponse) -> HttpResponse:
    """Not indexed, not referred from; and Django logs no address that has a secret in it."""
    for header, value in HEADERS.items():
        response.headers[header] = value
    response._has_been_logged = True  # type: ignore[attr-defined]  # as django.utils.log reads it
    return response


@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The iCalendar feed."""

    def answer(workspace: Workspace, _: str, now: Micros) -> HttpResponse:
        return HttpResponse(
            agenda.feed(workspace, now=now),
            content_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": 'inline; filename="courtship.ics"'},
        )

    return _private(request, secret, "calendar", answer)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, secret: str) -> HttpResponse:
    """The partner's page; a POST says something."""

    def answer(workspace: Workspace, id: str, now: Micros) -> HttpResponse:
        found = next((one for one in partners.partners(workspace) if one.id == id), None)
        if found is None:
            return _plain(request, 404, "This link opens nothing any more; ask for a new one.")
        wrong = ""
        if request.method == "POST":
            if WRITTEN.full(secret, now):
                return _plain(request, 429, "Much was said within the hour; the rest can wait a little.")
            try:
                _say(workspace, found, request, now)
                WRITTEN.count(secret, now)
                return HttpResponseRedirect(f"{reverse('partner', args=[secret])}?said=1")
            except CourtshipError as error:
                wrong = str(error)
        return _page(request, workspace, found, now, wrong)

    return _private(request, secret, "partner", answer)


def _say(workspace: Workspace, found: Partner, request: HttpRequest, now: Micros) -> None:
    said = request.POST
    match said.get("do", ""):
        case "judge":
            start = said.get("start", "")
            goals.judge(
                workspace,
                said.get("goal", ""),
                int(start) if start.lstrip("-").isdecimal() and len(start) < 20 else -1,
                said.get("kept") == "yes",
                partner=found.id,
                now=now,
            )
        case "checkin":
            checkins.write(
                workspace,
                said.get("of", ""),
                planned=said.get("planned", ""),
                stood_in_the_way=said.get("stood_in_the_way", ""),
                next=said.get("next", ""),
                now=now,
                partner=found.id,
            )
        case sort:
            partners.say(workspace, found.id, sort, said.get("text", ""), goal=said.get("goal", ""), now=now)


def _page(
    request: HttpRequest, workspace: Workspace, found: Partner, now: Micros, wrong: str
) -> HttpResponse:
    frame = FRAME.get()
    if found.names:
        FRAME.set(Frame(frame.now, frame.zone, frame.ladder, frame.brand))
    key = checkins.current_key(workspace, now=now)
    stretch = checkins.stretch_of(workspace, key)
    names = {one.id: one.name for one in partners.partners(workspace)} | {found.id: "You"}
    told = [one for one in checkins.written(workspace) if one.key == key]
    mine = next((one for one in told if one.writer == found.id), None)
    stand = [one for one in goals.stand(workspace, now=now) if not one.ended]
    cards = []
    for one in stand:
        card = goal_words.card(one, figures=found.figures)
        card["judge"] = _to_judge(one) if one.goal.referee == found.id else []
        card["people"] = _people(workspace, one, now) if found.names and found.figures else []
        cards.append(card)
    context: dict[str, Any] = {
        "brand": frame.brand or "This workspace",
        "partner": found,
        "goals": cards,
        "key": key,
        "when": period_words(key, stretch),
        "shown": shown(workspace, stretch, now, figures=found.figures),
        "written": [
            {**goal_words.written(one, names), "who": names.get(one.writer, "") or frame.brand or "The owner"}
            for one in told
        ],
        "mine": mine,
        "said": [
            {"did": goal_words.SAID[note.sort], "text": note.text, "at": note.at}
            for note in partners.said(workspace)
            if note.partner == found.id
        ][:20],
        "thanks": request.GET.get("said") == "1",
        "wrong": wrong,
        "lead": _lead(stand),
    }
    return render(request, "courtship/partner/partner.html", context)


def _lead(stand: list[goals.Standing]) -> str:
    last = [kept for kept in map(last_asked, stand) if kept]
    if not stand:
        return "There are no goals just now."
    if not last:
        return "No period is over yet."
    kept = sum(one.outcome == "kept" for one in last)
    return f"{kept} of {len(last)} {'goal was' if len(last) == 1 else 'goals were'} kept the last time."


def _to_judge(one: goals.Standing) -> list[dict[str, Any]]:
    """The newest periods of a goal that its referee may speak on."""
    return [
        {
            "start": kept.stretch.start,
            "when": goal_words.when(one.goal, kept),
            "said": kept.measured.verdict,
            "ticks": words.plural(kept.measured.done, "tick"),
        }
        for kept in one.kept[::-1][:4]
    ]


def _people(workspace: Workspace, one: goals.Standing, now: Micros) -> list[dict[str, Any]]:
    """Who the running period's figure is about, by what came of it, for a partner who may know."""
    if one.running is None:
        return []
    told = [each for each in goals.receipts(workspace, one.goal, one.running.stretch, now=now) if each.name]
    per_cent = one.goal.measure in IN_PER_CENT
    found = []
    for came, said in CAME.items():
        people = dict.fromkeys((each.deed.person, each.name) for each in told if each.deed.came == came)
        if people:
            said = said if per_cent else ""
            shown = [{"name": name, "id": id} for id, name in people]
            found.append({"said": said, "people": shown[:NAMED], "more": len(shown[NAMED:])})
    return found
