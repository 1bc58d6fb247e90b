"""Today: at most five things, best first, each with its reason and what it rests on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.service.accountability import checkins
from courtship.service.people.whose import people_now
from courtship.service.today import today as today_service
from courtship.store.derived.cues import standings
from courtship.web import desk as desks
from courtship.web import words
from courtship.web.requests import back, desk, tell
from courtship.web.taskline import lead, line

VERB = {"done": "task.done", "later": "task.snooze", "no": "task.dismiss", "else": "task.elsewhere"}
TOLD = {"done": "Done", "later": "Later", "no": "Not this", "else": "Elsewhere"}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The queue. A workspace without a brand and without people is shown the guide instead."""
    at = desk(request)
    if not at.standing.brand and not at.standing.accounts and not at.workspace.position():
        return redirect("start")
    asked = request.GET.get("for", "")[:300]
    about = people_now(at.workspace, {asked}).get(asked, "") if asked else ""
    told = today_service.today(at.workspace, now=at.now, about=about)
    desks.waiting[str(at.workspace.home), at.workspace.name] = len(told.queue.tasks)
    tasks = [line(task) for task in told.queue.tasks if task != told.queue.about]
    context = {
        "at": at.now,
        "lead": lead(told.queue.tasks),
        "tasks": tasks,
        "asked": line(told.queue.about) if told.queue.about else None,
        "nothing_with": standings(at.workspace, {about}).get(about) if not told.queue.about else None,
        "limit": told.settings.limit,
        "cool_down": words.length(told.settings.cool_down_days * 86_400_000_000).replace("7 days", "a week"),
        "more": told.queue.more,
        "more_said": f"{words.counted(told.queue.more)} more",
        "checkins": checkins.due(at.workspace, now=at.now),
        "done": told.done,
        "anybody": told.people,
        "empty_title": "Nobody is waiting." if told.people else "Nobody here yet.",
        "empty_why": "Everything asked of you has an answer. A good moment to write something worth sharing."
        if told.people
        else "Bring in an export of one of your accounts; what to do appears here.",
    }
    return render(request, "courtship/today/today.html", {"place": "today", "today": context})


@require_POST
def act(request: HttpRequest, key: str) -> HttpResponse:
    """Done, later, not this, elsewhere: a decision each."""
    at = desk(request)
    do = request.POST.get("do", "")
    if do not in VERB:
        return back(request, reverse("today"))
    try:
        name, decided = today_service.settle(at.workspace, key, VERB[do], now=at.now)
    except CourtshipError as error:
        tell(request, str(error))
    else:
        shown: str = name if at.frame.names_hidden is False else ""
        tell(request, f"{TOLD[do]}: {shown}." if shown else f"{TOLD[do]}.", decided)
    return back(request, reverse("today"))
