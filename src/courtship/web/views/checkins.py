"""Check-ins: the one that is due, what the log shows of its period, and those that were written."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from courtship.errors import CourtshipError
from courtship.plan.goals import Stretch
from courtship.service.accountability import checkins, partners
from courtship.service.people import deciding
from courtship.web import goal_words, words
from courtship.web.desk import Desk
from courtship.web.frame import FRAME
from courtship.web.requests import desk, tell

PARTS = ("planned", "stood_in_the_way", "next")
MOST = 30


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The page; a POST writes one, or sets how often."""
    at = desk(request)
    if request.method == "POST":
        return _write(request, at)
    due = checkins.due(at.workspace, now=at.now)
    key = request.GET.get("of", "") or (f"{due[0].period}:{due[0].day}" if due else "")
    try:
        key = key or checkins.current_key(at.workspace, now=at.now)
        stretch = checkins.stretch_of(at.workspace, key)
    except CourtshipError:
        key = checkins.current_key(at.workspace, now=at.now)
        stretch = checkins.stretch_of(at.workspace, key)
    told = checkins.written(at.workspace)
    names = {one.id: one.name for one in partners.partners(at.workspace)}
    mine = next((one for one in told if one.key == key and not one.writer), None)
    planned = (
        mine.planned if mine else next((one.planned for one in due if f"{one.period}:{one.day}" == key), "")
    )
    context = {
        "lead": _lead(bool(due), bool(told)),
        "due": due,
        "key": key,
        "when": period_words(key, stretch),
        "mine": mine,
        "planned": planned,
        "shown": shown(at.workspace, stretch, at.now),
        "told": [
            {
                "when": period_words(day, checkins.stretch_of(at.workspace, day)),
                "key": day,
                "written": [goal_words.written(one, names) for one in each],
            }
            for day, each in groupby(reversed(told[-MOST:]), key=lambda one: one.key)
        ],
        "every": checkins.every(at.workspace),
    }
    return render(
        request, "courtship/plan/checkins.html", {"place": "plan", "tab": "checkins", "checkins": context}
    )


def shown(workspace: Any, stretch: Stretch, now: int, *, figures: bool = True) -> list[dict[str, Any]]:
    """What the log shows of each goal in a period."""
    return [
        {
            "id": one.goal.id,
            "title": goal_words.title(one.goal),
            "came": goal_words.several(one.goal, one.kept, figures=figures),
        }
        for one in checkins.shown(workspace, stretch, now=now)
    ]


def period_words(key: str, stretch: Stretch) -> str:
    """ "the week of 16 November", "November 2026"."""
    if key.startswith("month"):
        local = FRAME.get().local(stretch.start)
        return f"{words.MONTHS[local.month - 1]} {local.year}"
    return f"the {key.partition(':')[0]} of {words.day(stretch.start)}"


def _write(request: HttpRequest, at: Desk) -> HttpResponse:
    if request.POST.get("do") == "every":
        how_often = request.POST.get("every", "")
        if how_often in checkins.EVERY:
            tell(
                request,
                "Check-ins are due as you said.",
                deciding.set_settings(at.workspace, {checkins.SETTING: how_often}, now=at.now),
            )
        return HttpResponseRedirect(reverse("checkins"))
    planned, way, following = (request.POST.get(part, "") for part in PARTS)
    try:
        decided = checkins.write(
            at.workspace,
            request.POST.get("of", ""),
            planned=planned,
            stood_in_the_way=way,
            next=following,
            now=at.now,
        )
        tell(request, "The check-in is written.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("checkins"))


def _lead(due: bool, told: bool) -> str:
    if due:
        return "A check-in is due: four short answers, one of them filled in."
    return (
        "No check-in is due." if told else "No check-in is due; the first comes when a week with a goal ends."
    )
