"""The coach's view: every workspace of this home, silo by silo."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courtship.service.accountability import coaching
from courtship.service.reckoning import upkeep
from courtship.web import goal_words, words
from courtship.web.desk import every_workspace
from courtship.web.frame import FRAME, Frame


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Goals, due check-ins and trends of each client, in the client's own time zone."""
    now = time.time_ns() // 1000
    workspaces = every_workspace()
    for workspace in workspaces:
        upkeep.keep_up(workspace, now=now)
    found = coaching.clients(workspaces, now=now)
    shown = []
    for client in found:
        token = FRAME.set(Frame(now, client.zone))
        try:
            shown.append(
                {
                    "name": client.name,
                    "workspace": client.workspace,
                    "wrong": client.wrong,
                    "due": [f"{one.period} of {words.day(one.stretch.start)}" for one in client.due],
                    "written": words.ago(client.written) if client.written is not None else "",
                    "kept": client.kept,
                    "asked": client.asked,
                    "goals": [goal_words.card(one) for one in client.goals],
                }
            )
        finally:
            FRAME.reset(token)
    due = sum(bool(client.due) for client in found)
    lead = f"{words.plural(len(found), 'client')}, {due} with a check-in due." if found else "No clients yet."
    return render(
        request,
        "courtship/plan/coach.html",
        {"place": "plan", "tab": "coach", "clients": shown, "lead": lead},
    )
