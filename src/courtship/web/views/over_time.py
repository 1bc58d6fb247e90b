"""The audience over time: how long stages last, cohorts, from where to where, counts by day as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courtship.lifecycle.history import Cohort
from courtship.model import DAY
from courtship.service.policy import over_time
from courtship.times import to_iso
from courtship.web import words
from courtship.web.frame import FRAME
from courtship.web.pictures import lasting
from courtship.web.requests import desk
from courtship.web.views.board import board_dates, moved_href


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page. ``reach`` is the stage that cohorts are told by; ``from`` and ``to`` the matrix's dates."""
    at = desk(request)
    ladder = at.standing.ladder
    reach = request.GET.get("reach", "")
    reach = reach if reach in ladder else ladder[-1]
    start, end, wrong = board_dates(request)
    found = over_time.lasting(at.workspace, now=at.now)
    told = over_time.cohorts(at.workspace, reaching=reach, now=at.now)
    context = {
        "lead": _lead(found),
        "lasting": [_lasting(one) for one in found],
        "picture": _picture(found),
        "reach": reach,
        "ladder": ladder,
        "cohorts": [_cohort(one) for one in told if one.people],
        "months": range(max((len(one.reached) for one in told), default=0)),
        "matrix": _matrix(over_time.matrix(at.workspace, start=start, end=end)),
        "start": start,
        "end": end,
        "wrong": wrong,
    }
    return render(
        request, "courtship/people/over_time.html", {"place": "people", "tab": "time", "time": context}
    )


@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """Counts by stage at the end of each day, as a CSV file."""
    at = desk(request)
    first = over_time.first_met(at.workspace)
    found = over_time.counts(at.workspace, start=(first or at.now) - 1, end=at.now)
    said = io.StringIO()
    table = csv.writer(said)
    table.writerow(["at", *found.stages])
    table.writerows([to_iso(moment), *row] for moment, row in found.rows)
    answer = HttpResponse(said.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="stages-by-day.csv"'
    return answer


def _lead(found: list[over_time.Lasting]) -> str:
    told = [one for one in found if one.curve.entered]
    if not told:
        return "Nothing yet: as soon as somebody stands on the ladder, it is told here for how long."
    halves = [
        f"half stay at {one.stage} for {words.plural(one.curve.median, 'day')} or more"
        if one.curve.median is not None
        else f"more than half are still at {one.stage}"
        for one in told
    ]
    said = words.listed(halves)
    return f"{said[:1].upper()}{said[1:]}."


def _lasting(one: over_time.Lasting) -> dict[str, Any]:
    curve = one.curve
    return {
        "stage": one.stage,
        "entered": curve.entered,
        "over": curve.entered - curve.censored,
        "still": curve.censored,
        "median": None if curve.median is None else words.plural(curve.median, "day"),
        "after": [{"stage": stage, "people": number} for stage, number in one.after],
        "steps": [
            {"day": day, "at_risk": risk, "left": left, "share": f"{100 * share:.1f}%"}
            for day, risk, left, share in _thinned(
                list(
                    zip(
                        curve.days.tolist(),
                        curve.at_risk.tolist(),
                        curve.left.tolist(),
                        curve.share.tolist(),
                        strict=True,
                    )
                )
            )
        ],
    }


def _thinned(steps: list[Any], most: int = 24) -> list[Any]:
    """At most so many of the steps, the last one among them."""
    if len(steps) <= most:
        return steps
    return [steps[index * (len(steps) - 1) // (most - 1)] for index in range(most)]


def _picture(found: list[over_time.Lasting]) -> Any:
    told = [one for one in found if one.curve.entered]
    last = max((int(one.curve.days[-1]) for one in told if len(one.curve.days)), default=0)
    if not last:
        return ""
    curves = []
    for one in told:
        curve = one.curve
        steps = _thinned(
            list(
                zip(
                    curve.days.tolist(),
                    curve.share.tolist(),
                    curve.low.tolist(),
                    curve.high.tolist(),
                    strict=True,
                )
            ),
            200,
        )
        day, share, low, high = zip(*steps, strict=True) if steps else ((), (), (), ())
        curves.append(lasting.Curve(one.stage, day, share, low, high, curve.median))
    return lasting.picture(curves, last)


def _cohort(one: Cohort) -> dict[str, Any]:
    return {
        "month": _month(one.start),
        "people": one.people,
        "reached": [
            None if number is None else {"people": number, "share": f"{100 * number // one.people}%"}
            for number in one.reached
        ],
    }


def _month(at: int) -> str:
    local = FRAME.get().local(at)
    return f"{words.MONTHS[local.month - 1]} {local.year}"


def _matrix(found: over_time.Matrix) -> dict[str, Any]:
    names = (*found.stages, over_time.NOT_MET)
    rows = [
        {
            "before": before,
            "cells": [
                {
                    "people": number,
                    "stayed": before == after,
                    "href": moved_href(found.start, found.end, before, after),
                }
                for after, number in zip(found.stages, row, strict=True)
            ],
            "total": sum(row),
        }
        for before, row in zip(names, found.rows, strict=True)
    ]
    return {"stages": found.stages, "rows": rows, "days": (found.end - found.start) // DAY}
