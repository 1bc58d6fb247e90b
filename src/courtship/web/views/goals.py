"""Goals: the list, one with its periods and receipts, set, ticked off, ended."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.plan.goals import MEASURES, PERIODS, Goal
from courtship.service.accountability import checkins, goals, partners
from courtship.service.accountability.coaching import last_asked
from courtship.service.accountability.goals import Receipt, Standing
from courtship.web import goal_words, words
from courtship.web.desk import Desk
from courtship.web.requests import desk, end_of_day, tell, whole

MEASURE_WORDS = {
    "answers": "answers, in per cent of what was said to you",
    "comments": "comments on others' posts",
    "posts": "posts published",
    "moves": "people who rise from stage to stage",
    "shares": "shares of others' posts",
    "thanks": "thanks, in per cent of the shares you got",
    "by_hand": "something else, ticked off by hand",
}
CAME = {
    "done": "counts",
    "not done": "was not answered in time",
    "waits": "may still be answered in time",
    "unknown": "cannot be told: your answers there are not seen",
}
PAGE = 100
"""Receipts on a page at most."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every goal, and the form for another."""
    at = desk(request)
    found = goals.stand(at.workspace, now=at.now)
    open_ones = [one for one in found if not one.ended]
    context = {
        "lead": _lead(open_ones),
        "open": [goal_words.card(one) for one in open_ones],
        "ended": [goal_words.card(one) for one in found if one.ended],
        "form": _form(at),
        "due": checkins.due(at.workspace, now=at.now),
        "today": words.iso(at.now),
    }
    return render(request, "courtship/plan/goals.html", {"place": "plan", "tab": "goals", "goals": context})


@require_safe
def one(request: HttpRequest, id: str) -> HttpResponse:
    """One goal: its periods, and the receipts of the one that ``period`` (its first day) names."""
    at = desk(request)
    found = goals.one(at.workspace, id, now=at.now)
    if found is None:
        raise Http404
    asked = request.GET.get("period", "")
    chosen = next((kept for kept in found.kept if words.iso(kept.stretch.start) == asked), None)
    chosen = chosen or (found.kept[-1] if found.kept else None)
    receipts: list[Receipt] = []
    if chosen:
        receipts = goals.receipts(at.workspace, found.goal, chosen.stretch, now=at.now)
    rows = [
        {
            "when": goal_words.when(found.goal, kept),
            "day": words.iso(kept.stretch.start),
            "outcome": goal_words.outcome(found.goal, kept),
            "chosen": kept is chosen,
        }
        for kept in reversed(found.kept)
    ]
    context = {
        "card": goal_words.card(found),
        "rows": rows,
        "chosen": goal_words.when(found.goal, chosen) if chosen else "",
        "receipts": [_receipt(receipt) for receipt in receipts[:PAGE]],
        "more": max(0, len(receipts) - PAGE),
        "form": _form(at, found),
        "today": words.iso(at.now),
    }
    return render(request, "courtship/plan/goal.html", {"place": "plan", "tab": "goals", "goal": context})


@require_POST
def set_goal(request: HttpRequest) -> HttpResponse:
    """Sets a goal, or changes the one with this id."""
    at = desk(request)
    said = request.POST
    id = said.get("id", "")
    detail: dict[str, Any] = {
        "measure": said.get("measure", ""),
        "period": said.get("period", ""),
        "target": whole(said.get("target"), 1, 100_000) or 0,
        "words": " ".join(said.get("words", "").split())[:120],
        "hours": whole(said.get("hours"), 1, 720) or 4,
        "before": said.get("before", ""),
        "after": said.get("after", ""),
        "rest": [day for day in range(7) if str(day) in said.getlist("rest")],
        "grace": whole(said.get("grace"), 0, 5) if said.get("grace") else 1,
        "on": [platform for platform in said.getlist("on") if platform in _platforms(at)],
        "referee": said.get("referee", "") if said.get("measure") == "by_hand" else "",
    }
    if detail["measure"] != "moves":
        detail["before"] = detail["after"] = ""
    try:
        made = goals.set_goal(at.workspace, detail, now=at.now, id=id)
    except CourtshipError as error:
        tell(request, str(error))
        return HttpResponseRedirect(reverse("goal", args=[id]) if id else reverse("goals"))
    tell(request, "The goal is changed." if id else "The goal is set.", made)
    return HttpResponseRedirect(reverse("goals"))


@require_POST
def act(request: HttpRequest, id: str) -> HttpResponse:
    """Ticks a goal off, or ends it."""
    at = desk(request)
    try:
        if request.POST.get("do") == "end":
            tell(request, "The goal has ended.", goals.end_goal(at.workspace, id, now=at.now))
        else:
            on = end_of_day(request.POST.get("on", ""), at.standing.timezone) or at.now
            done = goals.tick(at.workspace, id, now=at.now, on=min(on, at.now))
            tell(request, "Ticked off.", done)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("goals"))


def _lead(found: list[Standing]) -> str:
    if not found:
        return "No goals yet. Say what is meant to happen, and the log tells whether it did."
    last = [kept for kept in map(last_asked, found) if kept]
    kept = sum(one.outcome == "kept" for one in last)
    if not last:
        return f"{words.counted(len(found))} {'goal' if len(found) == 1 else 'goals'}; no period is over yet."
    return f"{kept} of {len(last)} {'goal was' if len(last) == 1 else 'goals were'} kept the last time."


def _platforms(at: Desk) -> list[str]:
    return sorted({account.partition(":")[0] for account in at.standing.accounts})


def _form(at: Desk, found: Standing | None = None) -> dict[str, Any]:
    goal = found.goal if found else Goal("", "posts", "week", 3)
    return {
        "goal": goal,
        "new": found is None,
        "measures": [(name, MEASURE_WORDS[name], name == goal.measure) for name in MEASURES],
        "periods": [(name, name == goal.period) for name in PERIODS],
        "stages": ("aware", *at.standing.ladder),
        "days": [(number, name, number in goal.rest) for number, name in enumerate(words.WEEKDAYS)],
        "platforms": [(name, name in goal.on) for name in _platforms(at)],
        "referees": [one for one in partners.partners(at.workspace) if one.referee],
    }


def _receipt(one: Receipt) -> dict[str, Any]:
    deed = one.deed
    said = {"move": "rose", "tick": "ticked off", "post": "published"}.get(deed.kind, deed.kind)
    return {
        "at": deed.at,
        "person": deed.person,
        "name": one.name,
        "kind": said,
        "platform": "" if deed.platform in ("hand", "") else words.platform_title(deed.platform),
        "text": one.text,
        "object": deed.object,
        "came": f"answered after {words.length(deed.wait)}" if deed.wait is not None else CAME[deed.came],
        "counts": deed.came == "done",
        "late": deed.wait is not None and deed.came != "done",
        "position": one.position,
    }
