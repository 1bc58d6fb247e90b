"""Partners: invited, given a new link, ended; what they said; the calendar's private address."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.service.accountability import agenda, goals, partners, private_links
from courtship.store import list_workspaces
from courtship.web import goal_words, words
from courtship.web.requests import desk, tell

RIGHTS = ("figures", "names", "referee")
MOST = 50


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _page(request)


def _page(request: HttpRequest, fresh: dict[str, str] | None = None) -> HttpResponse:
    at = desk(request)
    found = partners.partners(at.workspace)
    titles = {goal.id: goal_words.title(goal) for goal in goals.declared(at.workspace)}
    context = {
        "lead": _lead(len(found)),
        "partners": found,
        "fresh": fresh,
        "said": [
            {
                "name": one.name or "A former partner",
                "did": goal_words.SAID[one.sort],
                "text": one.text,
                "goal": titles.get(one.goal, ""),
                "at": one.at,
            }
            for one in partners.said(at.workspace)[:MOST]
        ],
        "calendar": agenda.LINK in private_links.links(at.workspace).values(),
        "coach": len(list_workspaces(at.workspace.home)) > 1,
    }
    return render(
        request, "courtship/plan/partners.html", {"place": "plan", "tab": "partners", "partners": context}
    )


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Invites, renews, changes rights, ends; opens and closes the calendar. A fresh link is shown this once,
    on the page that answers."""
    at = desk(request)
    said = request.POST
    rights = {right: said.get(right) == "on" for right in RIGHTS}
    id = said.get("partner", "")
    try:
        match said.get("do"):
            case "invite":
                one, secret, _ = partners.invite(
                    at.workspace, said.get("name", ""), mail=said.get("mail", ""), now=at.now, **rights
                )
                return _page(request, _fresh(request, one, secret, at.brand))
            case "renew":
                secret, _ = partners.new_link(at.workspace, id, now=at.now)
                return _page(request, _fresh(request, partners.partner(at.workspace, id), secret, at.brand))
            case "allow":
                decided = partners.allow(at.workspace, id, now=at.now, **rights)
                tell(request, "What they may see is changed.", decided)
            case "end":
                tell(request, "No longer a partner.", partners.end(at.workspace, id, now=at.now))
            case "calendar":
                secret, _ = private_links.open_link(at.workspace, agenda.LINK, now=at.now)
                link = request.build_absolute_uri(reverse("calendar", args=[secret]))
                return _page(request, {"link": link, "what": "calendar", "name": ""})
            case "close":
                decided = private_links.close_link(at.workspace, agenda.LINK, now=at.now)
                tell(request, "The calendar's address opens nothing any more.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("partners"))


def _lead(count: int) -> str:
    if not count:
        return "Nobody else sees your goals yet. A partner needs no account, only a link."
    return f"{words.counted(count)} {'partner sees' if count == 1 else 'partners see'} how it goes."


def _fresh(request: HttpRequest, one: partners.Partner, secret: str, brand: str) -> dict[str, str]:
    link = request.build_absolute_uri(reverse("partner", args=[secret]))
    subject = f"Would you keep an eye on my goals{f' for {brand}' if brand else ''}?"
    body = (
        f"Hello {one.name},\n\nthis page shows how my goals go. You can nudge and comment there:\n\n{link}\n"
    )
    mail = f"mailto:{quote(one.mail)}?subject={quote(subject)}&body={quote(body)}"
    return {"link": link, "what": "partner", "name": one.name, "mail": mail}
