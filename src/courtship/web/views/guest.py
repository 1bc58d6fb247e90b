"""A member's own page by a private link, without an account: what both promised, and their side of it.

The secret in the address is the only key: its hash is kept, wrong ones are counted and refused, and nothing
here names anybody else. No referrer is sent, so that the address does not leak; a browser then says nothing
of where a form came from either, and each form carries a key of its own instead of Django's.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from courtship.errors import CourtshipError
from courtship.model import FOREVER
from courtship.service.demo import demo
from courtship.service.tribe import deciding as tribe_deciding
from courtship.service.tribe import member as tribe_member
from courtship.service.tribe import page as tribe_page
from courtship.service.tribe.decided import Link
from courtship.tribe.commitment import Commitment, next_steps
from courtship.web import words
from courtship.web.requests import desk
from courtship.web.telling import cut
from courtship.web.tribe_words import DOES, KIND_WORDS

WRONG, WITHIN = 10, 600.0
"""So many wrong links from one address within so many seconds; after that none is looked at."""

ADDRESSES = 10_000
FORM_LASTS = 86_400
SALT = "courtship.with"
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store, private",
}
STEPS = {
    "accept": "Yes, agreed",
    "decline": "No, thank you",
    "pause": "Pause this",
    "resume": "Go on with it",
    "end": "End this",
}
STATES = {
    "offered": "offered to you; nothing holds until you say yes",
    "accepted": "agreed",
    "paused": "paused",
    "declined": "declined",
    "ended": "ended",
}
SAID = {
    "accept": "Agreed. Thank you.",
    "decline": "Declined. That is fine.",
    "pause": "Paused. Nothing is expected of you until you go on.",
    "resume": "It holds again.",
    "end": "Ended. Nothing is left open.",
    "old": "That form was too old. Nothing was changed; here is how things are.",
    "not": "That could not be done any more. Here is how things are.",
}

_wrong: OrderedDict[str, deque[float]] = OrderedDict()
_lock = threading.Lock()


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, secret: str) -> HttpResponse:
    """The member's page; a form of it takes a step on their own side."""
    response = _answer(request, secret)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _answer(request: HttpRequest, secret: str) -> HttpResponse:
    address = str(request.META.get("REMOTE_ADDR", ""))
    if _refused(address):
        page = _told(
            request, "Too many links that do not exist.", "Wait ten minutes, then open yours again.", 429
        )
        page.headers["Retry-After"] = str(int(WITHIN))
        return page
    at = desk(request)
    link = tribe_deciding.link_of(at.workspace, secret)
    if link is None:
        _note_wrong(address)
        return _told(
            request,
            "This link opens nothing.",
            "It may have been replaced by a newer one, or closed. Ask whoever sent it to you.",
            404,
        )
    if request.method == "POST":
        said = _step(request, link)
        return HttpResponseRedirect(f"{reverse('with', args=[secret])}?said={said}", status=303)
    if request.method == "GET":
        tribe_deciding.note_opened(at.workspace, link, now=at.now)
    context = _page(request, link)
    return render(request, "courtship/tribe/with.html", {"guest": context})


def _told(request: HttpRequest, title: str, why: str, status: int) -> HttpResponse:
    return render(request, "courtship/tribe/no_link.html", {"title": title, "why": why}, status=status)


# ---------------------------------------------------------------- wrong links


def _refused(address: str) -> bool:
    """Whether this address asked for too many links that do not exist. The right ones are refused along with
    the wrong, or the answer would tell them apart."""
    with _lock:
        times = _wrong.get(address)
        while times and times[0] < time.monotonic() - WITHIN:
            times.popleft()
        return times is not None and len(times) >= WRONG


def _note_wrong(address: str) -> None:
    with _lock:
        _wrong.setdefault(address, deque(maxlen=WRONG)).append(time.monotonic())
        _wrong.move_to_end(address)
        while len(_wrong) > ADDRESSES:
            _wrong.popitem(last=False)


def forget_wrong() -> None:
    """Forgets who asked for links that do not exist (between tests)."""
    with _lock:
        _wrong.clear()


# ---------------------------------------------------------------- the page


def _step(request: HttpRequest, link: Link) -> str:
    """Takes the step that a form asks for; answers a key of ``SAID``."""
    at, what = desk(request), request.POST.get("step", "")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return "old"
    try:
        held = signing.loads(request.POST.get("key", ""), salt=SALT, max_age=FORM_LASTS)
    except signing.BadSignature:
        return "old"
    if held != link.digest:
        return "old"
    if what not in STEPS:
        return "not"
    try:
        tribe_deciding.take_step(
            at.workspace, request.POST.get("id", ""), what, now=at.now, by="member", of=link.person
        )
    except CourtshipError:
        return "not"
    return what


def _page(request: HttpRequest, link: Link) -> dict[str, Any]:
    at = desk(request)
    held = tribe_member.account(at.workspace, link.person, now=at.now)
    brand = at.brand or "whoever sent you this link"
    shown = [each for each in held.commitments if each.state != "drafted"]
    return {
        "brand": brand,
        "name": held.name,
        "lead": _lead(held, brand),
        "said": SAID.get(request.GET.get("said", ""), ""),
        "key": signing.dumps(link.digest, salt=SALT),
        "open": [_promise(each, brand) for each in shown if each.state in ("offered", "accepted", "paused")],
        "past": [_promise(each, brand) for each in shown if each.state in ("declined", "ended")],
        "theirs": [_due(due) for due in held.theirs[-12:][::-1]],
        "theirs_more": max(0, len(held.theirs) - 12),
        "yours": [_due(due) for due in held.yours[-12:][::-1]],
        "yours_more": max(0, len(held.yours) - 12),
        "lines": [
            {"kind": KIND_WORDS[line.kind], "theirs": line.theirs, "yours": line.yours} for line in held.lines
        ],
        "balance": held.balance,
        "made_up": at.workspace.name == demo.WORKSPACE,
    }


def _lead(held: tribe_member.Account, brand: str) -> str:
    waiting = [each for each in held.commitments if each.state == "offered"]
    if waiting:
        return (
            f"{brand} asks something of you. Nothing holds until you say yes, and you can stop at any time."
        )
    if not held.theirs and not held.yours:
        return "Nothing is open between you. Thank you for what you do."
    said = []
    if held.theirs:
        is_ = "is" if len(held.theirs) == 1 else "are"
        said.append(f"{words.plural(len(held.theirs), 'thing')} that you said you would do {is_} open")
    if held.yours:
        said.append(f"{brand} owes you {words.plural(len(held.yours), 'act')}")
    return f"{words.listed(said)[:1].upper()}{words.listed(said)[1:]}."


def _promise(each: Commitment, brand: str) -> dict[str, Any]:
    mine = each.terms.giver == "member"
    possible = {verb.removeprefix("commitment.") for verb in next_steps(each.state)} & STEPS.keys()
    if not mine:
        possible &= {"accept", "decline"}
    if each.state == "offered":
        possible -= {"end"}
    return {
        "id": each.id,
        "said": tribe_page.in_words(each, "You", brand),
        "state": STATES[each.state],
        "changed": each.changed,
        "words": each.terms.words,
        "start": each.terms.start or None,
        "end": None if each.terms.end == FOREVER else each.terms.end - 1,
        "steps": [(step, label) for step, label in STEPS.items() if step in possible],
    }


def _due(due: tribe_page.Due) -> dict[str, Any]:
    post = due.post
    url = (
        next((u for u in (post.url, post.object) if u.startswith(("https://", "http://"))), "")
        if post
        else ""
    )
    return {
        "gift": DOES[due.gift],
        "at": due.at,
        "on_time": due.on_time,
        "post": (cut(post.text, 90) or "a post without words") if post else "",
        "url": url,
    }
