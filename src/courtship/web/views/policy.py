"""The ladder: as it is, with its numbers to move and everybody reckoned at once; the ladders before it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from courtship.errors import CourtshipError
from courtship.lifecycle import policy_text
from courtship.lifecycle.policy import LONGEST_DAYS
from courtship.model import Missing
from courtship.service.policy import trying
from courtship.web import words
from courtship.web.ladder_words import read_aloud, threshold_said
from courtship.web.requests import desk, tell


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """The ladder as it is; another one tried against everybody, then adopted."""
    at = desk(request)
    text = trying.text(at.workspace)
    context: dict[str, Any] = {"wrong": "", "tried": None}
    if request.method == "POST":
        text = request.POST.get("policy", "")[:100_000].replace("\r\n", "\n")
        do = request.POST.get("do", "")
        try:
            if do == "move":
                text = policy_text.write(policy_text.moved(_mapping(text), _numbers(request.POST)))
            if do == "adopt":
                decided = trying.adopt(at.workspace, text, now=at.now)
                tell(request, f"{decided[0].subject} is the ladder now.", decided)
                return HttpResponseRedirect(reverse("policy"))
            context["tried"] = _tried(trying.compare(at.workspace, text, now=at.now))
        except CourtshipError as error:
            context["wrong"] = str(error)
    elif (former := _former(request, trying.ladders(at.workspace))) is not None:
        context["tried"] = _tried(trying.as_it_was(at.workspace, former, now=at.now))
        context["former"] = former
        text = former.text
    context |= {
        "text": text,
        "rows": min(40, text.count("\n") + 3),
        "name": at.standing.policy.name,
        "zone": at.standing.policy.timezone,
        "stages": read_aloud(at.standing.policy),
        "sliders": _sliders(text),
        "ladders": trying.ladders(at.workspace)[1:],
    }
    status = 400 if context["wrong"] else 200
    return render(
        request,
        "courtship/settings/policy.html",
        {"place": "settings", "tab": "policy", "policy": context},
        status=status,
    )


def _former(request: HttpRequest, ladders: list[trying.Ladder]) -> trying.Ladder | None:
    """The ladder of the past that is asked for, if there is one of that position."""
    asked = request.GET.get("ladder", "")
    return next((one for one in ladders[1:] if str(one.position) == asked), None)


def _mapping(text: str) -> Mapping[str, Any]:
    """A ladder's text as a mapping; the whole of what is wrong with it is said by whoever parses it."""
    from courtship.lifecycle import policy as policies

    policies.parse(text, trying.WHERE)
    return tomllib.loads(text)


def _numbers(told: Mapping[str, str]) -> dict[str, Any]:
    """The numbers of the form by their place; what is no number stays words, for the ladder to refuse."""
    found: dict[str, Any] = {}
    for name, value in told.items():
        if name.startswith("n."):
            said = value.strip()
            found[name[2:]] = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else said
    return found


def _sliders(text: str) -> list[dict[str, Any]]:
    """The numbers of a ladder by stage, each with its words; none where the text is no ladder."""
    try:
        said = _mapping(text)
    except CourtshipError:
        return []
    stages: list[dict[str, Any]] = []
    for one in policy_text.thresholds(said):
        if not stages or stages[-1]["name"] != one.stage:
            stages.append({"name": one.stage, "conditions": []})
        conditions = stages[-1]["conditions"]
        where = one.key.rpartition(".")[0]
        if not conditions or conditions[-1]["where"] != where:
            what = {"gain": "to win it", "keep": "to keep it"}[one.part]
            said_so = threshold_said(one.condition)
            either = "one of these" if one.rule == "any" else ""
            conditions.append(
                {"where": where, "what": what, "either": either, "words": said_so, "numbers": []}
            )
        label = "days" if one.number == "within_days" else {"count": "acts"}.get(one.number, one.number)
        label = "on days" if one.number == "days" else label
        most = min(LONGEST_DAYS, 3650) if one.number == "within_days" else 365
        conditions[-1]["numbers"].append(
            {"name": f"n.{one.key}", "label": label, "value": one.value, "most": max(most, one.value)}
        )
    return stages


def _tried(tried: trying.Tried) -> dict[str, Any]:
    return {
        "name": tried.name,
        "rows": [
            {
                "stage": stage,
                "before": before,
                "after": after,
                "change": f"{after - before:+,}".replace("-", "−") if after != before else "–",
            }
            for stage, before, after in tried.counts
        ],
        "moves": [{"before": a, "after": b, "people": n} for a, b, n in tried.moves],
        "moved": sum(n for _, _, n in tried.moves),
        "total": tried.total,
        "people": [
            {"id": m.person, "name": m.name, "before": m.before, "after": m.after, "why": _why(m.why)}
            for m in tried.people
        ],
        "more": sum(n for _, _, n in tried.moves) - len(tried.people),
    }


def _why(missing: Missing | None) -> str:
    """The condition that makes the difference, with what there is of it."""
    if missing is None:
        return ""
    said = threshold_said(missing.condition)
    if "standing" in missing.condition:
        return f"{said}: not now"
    days = missing.condition.get("within_days")
    return f"{said} within {words.plural(int(str(days)), 'day')}: {missing.have} of {missing.need}"
