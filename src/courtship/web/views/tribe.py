"""The tribe: who is in it, give and take, whom to ask, what both promised. Nothing here acts by itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from courtship.errors import CourtshipError, NotAllowed, UnknownPerson
from courtship.model import FOREVER, Post
from courtship.service.people.identity import resolve
from courtship.service.tribe import asking as tribe_asking
from courtship.service.tribe import deciding
from courtship.service.tribe import member as tribe_member
from courtship.service.tribe import page as tribe_page
from courtship.service.tribe.page import Due, Member, State
from courtship.tribe.commitment import GIFTS, Commitment, Terms, next_steps
from courtship.web import words
from courtship.web.frame import Frame
from courtship.web.pictures import give
from courtship.web.requests import back, desk, end_of_day, start_of_day, tell, whole
from courtship.web.telling import cut
from courtship.web.tribe_words import DID, DOES, GIFT_WORDS, KIND_WORDS, SAID, STATE_WORDS, STEP_WORDS

SIZE = 50
FEW = 8
ENTRIES = 50


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The tribe. A form takes somebody in, passes somebody over, names the tribe or sets its rules."""
    at = desk(request)
    if request.method == "POST":
        try:
            _do(request)
        except CourtshipError as error:
            tell(request, str(error))
        return back(request, reverse("tribe"))
    held = tribe_page.state(at.workspace, now=at.now)
    sort = "owed" if request.GET.get("sort") == "owed" else "name"
    number = max(1, whole(request.GET.get("page", "1"), 1, 100_000) or 1)
    rows = sorted(held.members, key=lambda m: -len(m.yours)) if sort == "owed" else list(held.members)
    shown = rows[(number - 1) * SIZE : number * SIZE]
    names = {one.person: one.name for one in held.members}
    asks = tribe_page.answers(at.workspace, held)
    context: dict[str, Any] = {
        "name": held.said.name,
        "lead": _lead(held),
        "total": len(held.members),
        "rows": [_member(member, at.now) for member in shown],
        "sort": sort,
        "from": min(len(rows), (number - 1) * SIZE + 1),
        "to": min(len(rows), number * SIZE),
        "before": f"?{urlencode({'sort': sort, 'page': number - 1})}" if number > 1 else "",
        "after": f"?{urlencode({'sort': sort, 'page': number + 1})}" if number * SIZE < len(rows) else "",
        "owed": [_owed(member) for member in held.owed[:FEW]],
        "owed_more": max(0, len(held.owed) - FEW),
        "waiting": [{"who": m, "said": tribe_page.in_words(each, "they")} for m, each in held.waiting[:FEW]],
        "drifted": held.quiet[:FEW],
        "thanks": held.unthanked[:FEW],
        "thank_days": held.rules.thank_days,
        "join": tribe_page.could_join(at.workspace, held),
        "warnings": [_warning(one, names) for one in tribe_page.warnings(at.workspace, held)[:3]],
        "asks": [ask_line(one, names, at.workspace) for one in asks[:6]],
        "rules": held.rules,
        "former": [{"name": name, "id": person, "left": left} for name, person, left in held.former[:FEW]],
    }
    return render(
        request, "courtship/tribe/tribe.html", {"place": "people", "tab": "tribe", "tribe": context}
    )


def _do(request: HttpRequest) -> None:
    at = desk(request)
    ref = request.POST.get("person", "").strip()
    match request.POST.get("do"):
        case "name":
            tell(request, "Kept.", deciding.call(at.workspace, request.POST.get("name", ""), now=at.now))
        case "rules":
            values = {
                name: whole(request.POST.get(name), 0 if name == "asks_a_week" else 1, 365)
                for name in ("asks_a_week", "drift_days", "thank_days")
            }
            if None in values.values():
                raise NotAllowed("Whole numbers, please: asks from 0, days from 1, both up to 365.")
            known = {name: value for name, value in values.items() if value is not None}
            decided = deciding.set_rules(at.workspace, known, now=at.now)
            tell(request, "Kept." if decided else "Nothing had changed.", decided)
        case "join":
            decided = deciding.join(at.workspace, ref, now=at.now)
            tell(request, "In the tribe. Nothing is promised yet: that is the next step.", decided)
        case "pass":
            tell(request, "Not suggested any more.", deciding.pass_over(at.workspace, ref, now=at.now))
        case "thank":
            tell(request, "Thanked.", deciding.thank(at.workspace, ref, now=at.now))
        case _:
            raise NotAllowed("That form asked for nothing; open the page again.")


def _lead(held: State) -> str:
    if not held.members:
        return (
            "Nobody is in your tribe yet. It is a few people you trust, who agree with you to look after"
            " each other’s posts; begin with one."
        )
    said = f"{words.plural(len(held.members), 'person', 'people')} and you look after each other’s posts"
    if not held.owed:
        return f"{said}. You owe nobody anything just now."
    open_ = sum(len(member.yours) for member in held.owed)
    wait = "waits" if len(held.owed) == 1 else "wait"
    return (
        f"{said}. {words.counted(len(held.owed))} of them {wait} for {words.plural(open_, 'thing')} of yours."
    )


def _member(member: Member, now: int) -> dict[str, Any]:
    return {
        "id": member.person,
        "name": member.name,
        "stage": member.stage,
        "certain": member.certain,
        "theirs": member.balance.theirs,
        "yours": member.balance.yours,
        "band": member.balance.band,
        "owe": len(member.yours),
        "open": len(member.theirs),
        "asked": member.asked,
        "state": _state(member, now),
    }


def _state(member: Member, now: int) -> str:
    if member.away:
        return member.away
    if member.drifted:
        return f"not heard of for {words.length(now - member.drifted)}"
    if member.waiting:
        return "an offer is open"
    return "" if member.in_force else "nothing promised yet"


def _owed(member: Member) -> dict[str, Any]:
    return {
        "id": member.person,
        "name": member.name,
        "count": len(member.yours),
        "since": member.oldest,
        "dues": [_due(due) for due in member.yours[-3:][::-1]],
        "more": max(0, len(member.yours) - 3),
    }


def _due(due: Due) -> dict[str, Any]:
    post = due.post
    return {
        "gift": DOES[due.gift],
        "at": due.at,
        "on_time": due.on_time,
        "post": (cut(post.text, 70) or "a post without words") if post else "",
        "url": _web(post),
        "object": post.object if post else "",
    }


def _web(post: Post | None) -> str:
    for url in (post.url, post.object) if post else ():
        if url.startswith(("https://", "http://")):
            return url
    return ""


def _warning(one: Any, names: dict[str, str]) -> dict[str, Any]:
    people = [{"id": person, "name": names.get(person, person)} for person in one.people]
    if one.sort == "at once":
        why = (
            f"These {words.plural(len(people), 'person', 'people')} were there within ten minutes of"
            f" {one.posts} of your newest {one.of} posts on one platform. Who happens by is not so punctual."
        )
    else:
        why = (
            f"The same words stand under {one.posts} of your newest {one.of} posts on one platform,"
            f" by {len(people)} people."
        )
    return {"why": why, "people": people, "words": one.words, "acts": len(one.activities)}


def ask_line(one: tribe_page.Answer, names: dict[str, str], workspace: Any) -> dict[str, Any]:
    """An ask and what came of it, for a list."""
    post = tribe_asking.posts_by_name(workspace).get(one.object)
    return {
        "id": one.person,
        "name": names.get(one.person, one.person),
        "at": one.at,
        "post": cut(post.text, 60) if post else cut(one.object, 60),
        "href": f"{reverse('tribe_ask')}?{urlencode({'post': one.object})}",
        "answer": DID.get(one.kind, "answered") if one.activity else "",
        "when": one.when,
    }


# ---------------------------------------------------------------- one member


@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, ref: str) -> HttpResponse:
    """A member's part: the ledger, what is open, what both promised, the private link."""
    at = desk(request)
    try:
        someone = resolve(at.workspace, ref)
    except UnknownPerson:
        raise Http404 from None
    wrong, secret = "", ""
    if request.method == "POST":
        try:
            secret = _do_with(request, someone.person)
            if not secret:
                return back(request, reverse("tribe_member", args=[someone.person]))
        except CourtshipError as error:
            wrong = str(error)
    elif someone.person != ref:
        return redirect("tribe_member", someone.person)
    try:
        held = tribe_member.account(at.workspace, someone.person, now=at.now)
    except NotAllowed:
        if wrong:
            tell(request, wrong)
        return redirect("tribe")
    context = _account(request, held, at.frame)
    context |= {"wrong": wrong, "typed": request.POST if wrong else {}}
    if secret:
        path = reverse("with", args=[secret])
        context["secret"] = request.build_absolute_uri(path)
        context["only_here"] = at.here
    return render(
        request,
        "courtship/tribe/member.html",
        {"place": "people", "tab": "tribe", "who": context},
        status=400 if wrong else 200,
    )


def _do_with(request: HttpRequest, person: str) -> str:
    """Does what a form on a member's page asks for; answers the secret of a new link, else ""."""
    at, post = desk(request), request.POST
    match post.get("do"):
        case "leave":
            tell(
                request,
                "No longer in the tribe. What was promised has ended.",
                deciding.leave(at.workspace, person, now=at.now),
            )
        case "thank":
            tell(request, "Thanked.", deciding.thank(at.workspace, person, now=at.now))
        case "link":
            secret, _ = deciding.make_link(at.workspace, person, now=at.now)
            return secret
        case "unlink":
            decided = deciding.close_link(at.workspace, person, now=at.now)
            tell(request, "The link opens no more.", decided)
        case "step":
            what = post.get("step", "")
            if what not in STEP_WORDS:
                raise NotAllowed("That is no step; press one of the buttons.")
            decided = deciding.take_step(at.workspace, post.get("id", ""), what, now=at.now)
            tell(request, SAID[what], decided)
        case "draft":
            sides = [side for giver in ("member", "brand") if (side := _terms(request, giver)) is not None]
            offer = post.get("offer") == "1"
            decided = deciding.draft(at.workspace, person, sides, now=at.now, offer=offer)
            said = "Offered. Send them their link, or note what they said." if offer else "Drafted."
            tell(request, said, decided)
        case _:
            raise NotAllowed("That form asked for nothing; open the page again.")
    return ""


def _terms(request: HttpRequest, giver: str) -> Terms | None:
    """One side of the form; ``None`` where nothing of it is ticked."""
    post, zone = request.POST, desk(request).standing.timezone
    gifts = tuple(gift for gift in GIFTS if gift in post.getlist(f"{giver}-gifts"))
    if not gifts:
        return None
    start = start_of_day(post.get("start", ""), zone) if post.get("start") else 0
    end = end_of_day(post.get("end", ""), zone) if post.get("end") else FOREVER
    if start is None or end is None:
        raise NotAllowed("A day is written as 2026-11-27; correct it, or leave it empty.")
    numbers = {
        name: whole(post.get(f"{giver}-{name}") or default, least, most)
        for name, default, least, most in (
            ("times", "1", 1, 100),
            ("days", "7", 1, 90),
            ("cap", "0", 0, 1000),
        )
    }
    if None in numbers.values():
        raise NotAllowed("Times, days and the most a week are whole numbers; correct the one that is none.")
    pace = post.get(f"{giver}-pace", "best_effort")
    topics = tuple(
        dict.fromkeys(t for t in (one.strip() for one in post.get(f"{giver}-topics", "").split(",")) if t)
    )
    return Terms(
        member="-",
        giver=giver,  # type: ignore[arg-type]
        gifts=gifts,
        pace=pace,  # type: ignore[arg-type]
        times=(numbers["times"] or 1) if pace == "per_week" else 0,
        within_days=numbers["days"] or 7,
        cap=numbers["cap"] or 0,
        topics=topics[:20],
        start=start,
        end=end,
        words=" ".join(post.get("words", "").split())[:1000],
    )


def _account(request: HttpRequest, held: tribe_member.Account, frame: Frame) -> dict[str, Any]:
    at = desk(request)
    shown = frame.name(held.name, held.person)
    short = shown if frame.names_hidden else cut(shown.split(" ")[0], 24)
    base = reverse("tribe_member", args=[held.person])

    def entries_href(**asked: Any) -> str:
        return f"{base}?{urlencode({name: value for name, value in asked.items() if value})}#entries"

    side = request.GET.get("side", "")
    kind = request.GET.get("kind", "")
    side = side if side in tribe_member.SIDES else ""
    kind = kind if kind in KIND_WORDS else ""
    week = start_of_day(request.GET.get("week", ""), at.standing.timezone)
    number = whole(request.GET.get("page", "1"), 1, 100_000) or 1
    entries, total = tribe_member.entries(
        at.workspace,
        held.person,
        now=at.now,
        side=side,
        kind=kind,
        week=week,
        offset=(number - 1) * ENTRIES,
        limit=ENTRIES,
    )
    asked = {"side": side, "kind": kind, "week": words.iso(week) if week is not None else ""}
    open_states = ("offered", "accepted", "paused", "drafted")
    return {
        "id": held.person,
        "name": held.name,
        "shown": shown,
        "short": short,
        "stage": held.stage,
        "certain": held.certain,
        "here": held.member is not None,
        "joined": held.member.joined if held.member else None,
        "left": held.left,
        "lead": _member_lead(held, short),
        "unthanked": held.member.unthanked if held.member else None,
        "balance": held.balance,
        "recent": held.member.balance if held.member else held.balance,
        "all_href": f"{base}#entries",
        "theirs_href": entries_href(side="theirs"),
        "yours_href": entries_href(side="yours"),
        "lines": [
            {
                "kind": KIND_WORDS[line.kind],
                "theirs": line.theirs,
                "yours": line.yours,
                "theirs_href": entries_href(side="theirs", kind=line.kind),
                "yours_href": entries_href(side="yours", kind=line.kind),
            }
            for line in held.lines
        ],
        "weeks": [
            {"start": week_.start, "theirs": week_.theirs, "yours": week_.yours}
            | {
                f"{side_}_href": entries_href(side=side_, week=words.iso(week_.start))
                for side_ in tribe_member.SIDES
            }
            for week_ in held.weeks
        ],
        "picture": give.picture(
            held.weeks, short, lambda w, s: entries_href(side=s, week=words.iso(w.start))
        ),
        "yours": [_due(due) for due in held.yours[-12:][::-1]],
        "yours_more": max(0, len(held.yours) - 12),
        "theirs": [_due(due) for due in held.theirs[-12:][::-1]],
        "theirs_more": max(0, len(held.theirs) - 12),
        "latest": [
            {"text": cut(post.text, 90) or "a post without words", "at": post.at, "url": _web(post)}
            for post in held.latest
        ],
        "promises": [_promise(each, short) for each in held.commitments if each.state in open_states],
        "past": [_promise(each, short) for each in held.commitments if each.state not in open_states],
        "link": held.link,
        "asks": [ask_line(one, {held.person: held.name}, at.workspace) for one in held.asks[:8]],
        "entries": [_entry(one) for one in entries],
        "entries_said": _entries_said(side, kind, week, short),
        "total": total,
        "from": min(total, (number - 1) * ENTRIES + 1),
        "to": min(total, number * ENTRIES),
        "before": entries_href(**asked, page=number - 1) if number > 1 else "",
        "after": entries_href(**asked, page=number + 1) if number * ENTRIES < total else "",
        "gifts": [(gift, GIFT_WORDS[gift]) for gift in GIFTS],
        "form_sides": (
            ("member", f"What {short} does for your posts"),
            ("brand", f"What you do for {short}’s posts, in return"),
        ),
    }


def _member_lead(held: tribe_member.Account, short: str) -> str:
    if held.member is None:
        return f"{short} has left the tribe. What was given stays on the books."
    balance = held.member.balance
    told = {
        "nothing yet": f"Nothing passed between you and {short} in the last quarter.",
        "about even": f"Give and take between you and {short} is about even.",
        "they give more": f"{short} gives more than you do just now.",
        "you give more": f"You give more than {short} does just now.",
    }[balance.band]
    if held.yours:
        things, are = ("thing", "is") if len(held.yours) == 1 else ("things", "are")
        told += f" {words.counted(len(held.yours))} {things} you promised {are} open."
    return told


def _promise(each: Commitment, short: str) -> dict[str, Any]:
    return {
        "id": each.id,
        "said": tribe_page.in_words(each, short, "You"),
        "state": STATE_WORDS[each.state],
        "changed": each.changed,
        "words": each.terms.words,
        "start": each.terms.start or None,
        "end": None if each.terms.end == FOREVER else each.terms.end - 1,
        "history": [
            {"at": at, "step": step, "by": short if by == "member" else "you"}
            for at, step, by in each.history
        ],
        "steps": [
            (verb.removeprefix("commitment."), STEP_WORDS[verb.removeprefix("commitment.")])
            for verb in next_steps(each.state)
        ],
    }


def _entry(one: tribe_member.Entry) -> dict[str, Any]:
    return {
        "side": one.side,
        "did": KIND_WORDS[one.kind].rstrip("s") if one.kind != "quote" else "share with words",
        "when": one.when,
        "back": one.sign < 0,
        "text": cut(one.text, 160),
        "post": cut(one.post.text, 80) if one.post else "",
        "url": one.url if one.url.startswith(("https://", "http://")) else _web(one.post),
        "settles": bool(one.settles),
    }


def _entries_said(side: str, kind: str, week: int | None, short: str) -> str:
    if not (side or kind or week is not None):
        return "Everything, newest first"
    what = KIND_WORDS[kind] if kind else "acts"
    whose = f"{short}’s {what}" if side == "theirs" else f"your {what}" if side == "yours" else what
    when = f" in the week of {words.day(week)}" if week is not None else ""
    return f"{whose[:1].upper()}{whose[1:]}{when}"
