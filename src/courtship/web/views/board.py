"""The lifecycle: how many stand where, who moved between two dates, counts over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from courtship.model import DAY, Coverage, Micros
from courtship.service.coverage import page as coverage_page
from courtship.service.people import people_list
from courtship.service.reckoning.movement import Change, History, history
from courtship.web import words
from courtship.web.frame import AWARE, PARTED
from courtship.web.pictures import counts, flow
from courtship.web.pictures.calendar import month_start
from courtship.web.requests import desk, end_of_day
from courtship.web.views.people import listing

MEANING = {
    "aware": "have met you",
    "like": "show interest",
    "know": "talk with you",
    "trust": "have introduced you",
    "parted": "a block stands",
}
MONTHS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class Rung:
    """One stage on the board."""

    stage: str
    people: int
    perhaps: int
    change: int
    meaning: str

    @property
    def certain(self) -> int:
        """Those who are surely no further."""
        return self.people - self.perhaps

    @property
    def share(self) -> str:
        """The certain part in per cent, for the gauge."""
        return f"{100 * self.certain / self.people:.1f}" if self.people else "0"

    @property
    def change_said(self) -> str:
        """ "+8" or "−3"."""
        return (
            f"+{self.change:,}" if self.change > 0 else f"−{-self.change:,}" if self.change else "no change"
        )


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The board."""
    at = desk(request)
    past = history(at.workspace)
    start, end, wrong = board_dates(request)
    context = {
        "place": "people",
        "board": _board(request, past),
        "flow": _flow(past, start, end, wrong) | {"seen": partly_seen(at.workspace.coverage(), start, end)},
        "series": _series(past, at.now, at.standing.ladder, coverage_page.seen_until(at.workspace)),
        "people": listing(request, size=10, brief=True),
    }
    return render(request, "courtship/people/board.html", context)


def _board(request: HttpRequest, past: History) -> dict[str, object]:
    at = desk(request)
    told = people_list.everybody(at.workspace).stage_counts()
    since = month_start(at.now, at.frame, back=3)
    # lapses after the end of what is seen are not told as changes
    then, now = past.announced.counts(since), past.announced.counts(at.now)
    rungs = []
    for stage in (AWARE, *at.standing.ladder, PARTED):
        sure, perhaps = told.get((stage, True), 0), told.get((stage, False), 0)
        people = sure + perhaps
        meaning = MEANING[at.frame.tone(stage)]
        rungs.append(
            Rung(
                stage,
                people,
                0 if stage == PARTED else perhaps,
                now.get(stage, 0) - then.get(stage, 0),
                meaning,
            )
        )
    unseen = unseen_said(coverage_page.unseen(at.workspace.coverage(), at.now))
    top = at.standing.ladder[-1]
    return {
        "at": at.now,
        "rungs": rungs,
        "since_said": words.short_day(since)[:-5],
        "lead": lead(rungs, top, past.announced.flow(since, at.now), at.standing.ladder),
        "unseen_title": "Everybody here is at least this far along."
        if any(rung.perhaps for rung in rungs)
        else "Not everything can be seen.",
        "unseen": " ".join(unseen),
    }


def unseen_said(unseen: Sequence[coverage_page.Unseen]) -> list[str]:
    """What the platforms do not show, in as few sentences as say it."""
    groups: dict[str, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for one in unseen:
        title = words.platform_title(one.platform)
        if one.inbound == "full" and one.outbound == "full":
            what = ""
        elif one.outbound == "none" and one.inbound != "none":
            what = "shows what others did, and nothing of what you did"
        elif one.inbound == "none":
            what = "shows what you did, and nothing of what others said"
        else:
            what = "shows only part of what was said"
        if what:
            groups.setdefault(what, []).append(title)
        if one.ends:
            ends.setdefault(one.ends, []).append(title)
    said = []
    for what, titles in groups.items():
        names = words.listed(titles)
        many = what if len(titles) == 1 else what.replace("shows", "show", 1)
        said.append(f"{names[:1].upper()}{names[1:]} {many}.")
    if ends:
        told = [f"{words.day(end)} on {words.listed(titles)}" for end, titles in sorted(ends.items())]
        said.append(f"Nothing is seen after {words.listed(told)}.")
    return said


def partly_seen(coverage: Sequence[Coverage], start: Micros, end: Micros) -> str:
    """ "Instagram is seen for 61 of these 92 days, so its part is a least.", for each such platform."""
    ends: dict[str, Micros] = {}
    for told in coverage:
        if told.seen != "none":
            platform = told.account.partition(":")[0]
            ends[platform] = max(ends.get(platform, 0), told.end)
    days = (end - start) // DAY
    said = []
    for platform, last in sorted(ends.items()):
        covered = max(0, (last - start) // DAY)
        if covered < days - 1:
            title = words.platform_title(platform)
            name = f"{title[:1].upper()}{title[1:]}"
            said.append(f"{name} is seen for {covered} of these {days} days, so its part is a least.")
    return " ".join(said)


def lead(rungs: Sequence[Rung], top: str, moves: Sequence[Change], ladder: Sequence[str]) -> str:
    """The board in a sentence or two."""
    by_stage = {rung.stage: rung.people for rung in rungs}
    if not sum(by_stage.values()):
        return "Nobody here yet. Bring in an export, and everybody in it appears on this ladder."
    trust = by_stage.get(top, 0)
    talking = by_stage.get(ladder[-2], 0) if len(ladder) > 1 else 0
    if trust:
        said = f"{words.plural(trust, 'person has', 'people have')} introduced you to friends"
        said += (
            f", and {'at least ' if any(r.perhaps for r in rungs) else ''}{talking:,} more talk with you."
            if talking
            else "."
        )
    elif talking:
        said = (
            f"{words.plural(talking, 'person talks', 'people talk')} with you; nobody has introduced you yet."
        )
    else:
        met = words.plural(sum(by_stage.values()), "person has", "people have")
        said = f"{met} met you; nobody talks with you yet."
    rank = {stage: index for index, stage in enumerate((AWARE, *ladder))}
    up = sum(m.people for m in moves if rank.get(m.after, -1) > rank.get(m.before, 99))
    down = sum(m.people for m in moves if 0 <= rank.get(m.after, -1) < rank.get(m.before, -1))
    if up or down:
        way = (
            "More came closer than drifted"
            if up > down
            else "More drifted than came closer"
            if down > up
            else "As many came closer as drifted"
        )
        said += f" {way} these three months."
    return said


def board_dates(request: HttpRequest) -> tuple[Micros, Micros, str]:
    """The two dates of a form (the last three months where there are none), and what is wrong with them."""
    at = desk(request)
    end = at.now
    start = month_start(at.now, at.frame, back=3)
    wrong = ""
    if "from" in request.GET or "to" in request.GET:
        one = end_of_day(request.GET.get("from", ""), at.frame.zone)
        two = end_of_day(request.GET.get("to", ""), at.frame.zone)
        if one is None or two is None:
            wrong = "Both dates are needed, for example 2026-08-01."
        elif one >= two:
            wrong = "The first date must be before the second."
        else:
            start, end = one, min(two, at.now)
    return start, end, wrong


def moved_href(start: Micros, end: Micros, before: str, after: str) -> str:
    """The list of those who went from ``before`` to ``after``."""
    query = {"start": str(start), "end": str(end), "was": before, "became": after}
    return f"{reverse('people')}?{urlencode(query)}"


def _flow(whole: History, start: Micros, end: Micros, wrong: str) -> dict[str, object]:
    past = whole.announced
    changes = past.flow(start, end)
    movers = [c for c in changes if c.before != c.after]
    stayed = [c for c in changes if c.before == c.after]
    now = past.counts(end)
    moved = flow.Moved(
        start,
        end,
        tuple(flow.Ribbon(c.before, c.after, c.people) for c in movers),
        {c.before: c.people for c in stayed},
        now,
    )

    def href(before: str, after: str) -> str:
        return moved_href(start, end, before, after)

    def row(change: Change) -> dict[str, object]:
        before, after = change.before, change.after
        return {"before": before, "after": after, "people": change.people, "href": href(before, after)}

    return {
        "start": start,
        "end": end,
        "wrong": wrong,
        "ribbons": [row(c) for c in sorted(movers, key=lambda c: -c.people)],
        "stayed": [row(c) for c in sorted(stayed, key=lambda c: -c.people)],
        "picture": flow.picture(moved, href) if movers else SafeString(),
        "beyond": len(whole.unannounced),
    }


def _series(
    past: History, now: Micros, ladder: Sequence[str], seen_until: Micros | None
) -> dict[str, object]:
    from courtship.web.frame import FRAME

    first = past.first()
    if first is None:
        return {}
    frame = FRAME.get()
    moments = [now]
    for back in range(MONTHS_SHOWN - 1):
        at = month_start(now, frame, back) - 1
        if at < first:
            break
        moments.append(at)
    columns = [
        counts.Column(at, past.counts(at), seen_until is None or at <= seen_until + DAY)
        for at in reversed(moments)
    ]

    def href(stage: str, at: Micros) -> str:
        return f"{reverse('people')}?{urlencode({'end': str(at), 'became': stage})}"

    stages = [AWARE, *ladder, PARTED]
    rows = [
        {"at": c.at, "cells": [{"people": c.counts.get(s, 0), "href": href(s, c.at)} for s in stages]}
        for c in reversed(columns)
    ]
    return {"picture": counts.picture(columns, href), "rows": rows, "stages": stages}
