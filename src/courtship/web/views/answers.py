"""Answers: how long people wait for the brand, over time, and who waits too long now."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.plan.answers import ANSWER_DAYS, WEEKS, Figures
from courtship.service.people import deciding
from courtship.service.today import answering
from courtship.web import words
from courtship.web.pictures import answer_times
from courtship.web.requests import back, desk, tell, whole

VERB = {"done": "task.done", "no": "task.dismiss", "else": "task.elsewhere"}
TOLD = {"done": "Answered", "no": "Not this", "else": "Answered elsewhere"}
DID = {"share": "shared", "quote": "quoted", "endorse": "recommended you", "message": "a message"}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The response clock: one sentence, the weeks, by platform and stage, what is overdue."""
    at = desk(request)
    found = answering.page(at.workspace, now=at.now)
    seen = found.answering
    lead = _lead(seen.overall)
    context: dict[str, Any] = {
        "lead": lead,
        "weeks": WEEKS,
        "days": ANSWER_DAYS,
        "picture": answer_times.picture(seen.weeks, found.goals.hours, lead) if seen.overall.timed else "",
        "rows": [_row(week.start, week.figures) for week in reversed(seen.weeks) if week.figures.timed],
        "parts": [
            *((words.platform_title(name), "", one, _wait(one)) for name, one in seen.by_platform.items()),
            *((name, name, one, _wait(one)) for name, one in seen.by_stage.items()),
        ],
        "goal": found.goals.hours,
        "unseen": seen.unseen,
        "elsewhere": seen.elsewhere,
        "overdue": [
            {
                "id": one.overdue.person,
                "name": one.standing.name or one.standing.handle or one.overdue.person,
                "stage": one.overdue.stage,
                "certain": one.standing.certain,
                "what": f"{DID.get(one.overdue.kind, 'a ' + one.overdue.kind)} on "
                f"{words.platform_title(one.overdue.platform)}",
                "text": one.told.text[:200],
                "url": one.told.url if one.told.url.startswith(("https://", "http://")) else "",
                "wait": words.length(found.at - one.overdue.at),
                "goal": one.overdue.goal,
                "record": one.overdue.record,
            }
            for one in found.waiting
        ],
        "more": len(seen.overdue) - len(found.waiting),
        "goals": [
            {"name": name, "label": label, "value": value}
            for name, label, value in _goals(found, at.standing.ladder)
        ],
    }
    return render(request, "courtship/today/answers.html", {"place": "today", "answers": context})


def _goals(found: answering.Answers, ladder: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Every goal that can be set: (setting, label, value)."""
    goals = found.goals
    platforms = sorted({*goals.platforms, *found.answering.by_platform})
    return [
        ("answers.hours", "In general", str(goals.hours)),
        *(
            (f"answers.platform.{one}", words.platform_title(one), str(goals.platforms.get(one, "")))
            for one in platforms
        ),
        *(
            (f"answers.stage.{one}", f"At “{one}”", str(goals.stages.get(one, "")))
            for one in ("aware", *ladder)
        ),
    ]


def _lead(one: Figures) -> str:
    if not one.timed:
        return "No clock runs yet: nothing was said to you where your own answers can be seen."
    if one.median is None:
        said = f"{words.plural(one.waiting, 'person waits', 'people wait')} for a first answer from you"
    else:
        said = f"You answer in {words.length(one.median)} in the middle"
    late = f"{words.counted(one.overdue).lower()} {'waits' if one.overdue == 1 else 'wait'} too long"
    return f"{said}, and {'nobody waits too long' if not one.overdue else late}."


def _wait(one: Figures) -> dict[str, str]:
    return {
        "median": words.length(one.median) if one.median is not None else "",
        "p90": words.length(one.p90) if one.p90 is not None else "",
    }


def _row(start: int, one: Figures) -> dict[str, Any]:
    return {"start": start, "of": f"{one.answered:,} of {one.timed:,}", "figures": one, **_wait(one)}


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Answered, answered elsewhere, not this: a decision each."""
    at = desk(request)
    do, record = request.POST.get("do", ""), whole(request.POST.get("record"), 1, 2**62)
    try:
        if do in VERB and record is not None:
            name, decided = answering.settle(
                at.workspace, request.POST.get("person", ""), record, VERB[do], now=at.now
            )
            shown = "" if at.frame.names_hidden else f": {name}"
            tell(request, f"{TOLD[do]}{shown}.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return back(request, reverse("answers"))


@require_POST
def goals(request: HttpRequest) -> HttpResponse:
    """Within how many hours an answer is wanted; an empty field leaves it to the general goal."""
    at = desk(request)
    values: dict[str, int | None] = {}
    wrong = False
    known = {name for name, _, _ in _goals(answering.page(at.workspace, now=at.now), at.standing.ladder)}
    for name in known & set(request.POST):
        said = request.POST[name].strip()
        value = whole(said, 0, 720) if said else None
        wrong = wrong or (bool(said) and value is None)
        if value is not None or at.standing.settings.get(name) is not None:
            values[name] = value
    if wrong:
        tell(request, "Hours are whole numbers from 0 (no goal) to 720; nothing was changed.")
    else:
        tell(request, "Goals kept.", deciding.set_settings(at.workspace, values, now=at.now))
    return HttpResponseRedirect(reverse("answers"))
