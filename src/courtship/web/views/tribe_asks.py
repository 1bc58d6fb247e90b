"""Asking well: whom to ask for a post, and whom to spare. The owner asks, by hand; here it is only noted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.model import Post
from courtship.service.tribe import asking as tribe_asking
from courtship.service.tribe import deciding
from courtship.service.tribe import page as tribe_page
from courtship.service.tribe.page import State
from courtship.tribe.commitment import GIFTS
from courtship.web import words
from courtship.web.requests import desk, tell
from courtship.web.telling import cut
from courtship.web.tribe_words import GIFT_WORDS
from courtship.web.views.tribe import FEW, ask_line


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Whom to ask for a post, and whom to spare: one of the brand's, or a new one that is not here yet."""
    at = desk(request)
    name = request.GET.get("post", "").strip()[:2000]
    text = request.GET.get("text", "").strip()[:4000]
    held = tribe_page.state(at.workspace, now=at.now)
    newest = at.workspace.posts(at.standing.accounts)[::-1]
    choose = [
        {
            "href": f"?{urlencode({'post': post.object})}",
            "text": cut(post.text, 90) or "A post without words",
            "at": post.at,
            "platform": post.author.partition(":")[0],
        }
        for post in newest[:8]
    ]
    context: dict[str, Any] = {"choose": choose, "members": len(held.members), "typed": name, "text": text}
    if name:
        post = tribe_asking.find_post(at.workspace, name)
        known = post is not None
        post = post or Post(
            name, "", at.now, text, url=name if name.startswith(("https://", "http://")) else ""
        )
        context |= _asking(
            request, tribe_asking.ask_for(at.workspace, held, post, now=at.now, known=known), held
        )
    return render(request, "courtship/tribe/ask.html", {"place": "people", "tab": "tribe", "ask": context})


def _asking(request: HttpRequest, found: tribe_asking.Asking, held: State) -> dict[str, Any]:
    at = desk(request)
    rows = held.by_person
    reasons: dict[str, list[str]] = {}
    for one in found.spared:
        reasons.setdefault(one.reason, []).append(one.person)
    return {
        "post": {
            "object": found.post.object,
            "title": cut(found.post.text, 110) or found.post.object,
            "at": found.post.at if found.known else None,
            "known": found.known,
            "href": f"{reverse('post')}?{urlencode({'id': found.post.object})}" if found.known else "",
        },
        "suggestions": [
            {
                "id": one.person,
                "name": rows[one.person].name,
                "stage": rows[one.person].stage,
                "certain": rows[one.person].certain,
                "gifts": one.gifts,
                "for": words.listed([GIFT_WORDS[gift] for gift in one.gifts]),
                "reasons": one.reasons,
                "draft": tribe_asking.draft(
                    at.frame.name(rows[one.person].name, one.person), found.post, one.gifts, at.brand
                ),
            }
            for one in found.suggestions[:FEW]
        ],
        "more": max(0, len(found.suggestions) - FEW),
        "spared": [
            {
                "reason": reason,
                "count": len(people),
                "people": [{"id": person, "name": rows[person].name} for person in people[:12]],
                "more": max(0, len(people) - 12),
            }
            for reason, people in sorted(reasons.items(), key=lambda one: (len(one[1]), one[0]))
        ],
        "asked": [
            ask_line(one, {member.person: member.name for member in held.members}, at.workspace)
            for one in found.asked
        ],
        "limit": held.rules.asks_a_week,
    }


@require_POST
def asked(request: HttpRequest) -> HttpResponse:
    """Notes that somebody was asked, by hand."""
    at = desk(request)
    object = request.POST.get("post", "")
    ref = request.POST.get("person", "")
    gifts = [gift for gift in GIFTS if gift in request.POST.getlist("gifts")]
    try:
        decided = deciding.ask(at.workspace, ref, object, now=at.now, gifts=gifts)
        tell(request, "Noted. An answer will be recognised.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(f"{reverse('tribe_ask')}?{urlencode({'post': object[:2000]})}")
