"""One person: the courtship, what is missing, how each answers, and all that the owner keeps about them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError, UnknownPerson
from courtship.model import DAY, Decision
from courtship.service.importing import log_by_hand
from courtship.service.people import deciding, identity, person_page
from courtship.service.people.person_page import ACTS_A_PAGE, MANY, Page
from courtship.service.people.person_told import HELD, TURNS
from courtship.service.people.story import Act, Drawn
from courtship.service.tribe import decided as tribe
from courtship.service.tribe import page as tribe_page
from courtship.web import exchange, telling, words
from courtship.web.desk import Desk
from courtship.web.frame import Frame
from courtship.web.pictures import answers, courtship
from courtship.web.requests import desk, start_of_day, tell, tell_of_act, whole

RECEIPTS = TURNS
KINDS = (
    ("share", "Shared something of ours"),
    ("endorse", "Recommended us"),
    ("message", "Talked in person, or wrote privately"),
    ("comment", "Answered in public"),
    ("mention", "Spoke of the other in public"),
    ("like", "Liked something"),
    ("view", "Looked"),
    ("follow", "Followed"),
)


@require_safe
def show(request: HttpRequest, ref: str) -> HttpResponse:
    """The page. An older id, or an account, leads to the person's own address."""
    return _show(request, ref)


def _show(request: HttpRequest, ref: str, wrong: str = "") -> HttpResponse:
    at = desk(request)
    try:
        told = person_page.page(at.workspace, ref, now=at.now)
    except UnknownPerson:
        raise Http404 from None
    except person_page.NotYet as being:
        return _not_yet(request, being)
    if told.story.person != ref and not wrong:
        return redirect("person", told.story.person)
    who = _who(told, at.frame, at.standing.brand)
    who |= {"wrong": wrong, "tribe": _in_tribe(at, told.story.person)}
    context = {"place": "people", "who": who}
    return render(request, "courtship/person/person.html", context, status=400 if wrong else 200)


def _in_tribe(at: Desk, person: str) -> dict[str, Any] | None:
    """How a member stands in the tribe; ``None`` for everybody else."""
    if person not in tribe.said(at.workspace).members:
        return None
    member = tribe_page.state(at.workspace, now=at.now).by_person.get(person)
    if member is None:
        return None
    balance = member.balance
    return {
        "band": balance.band,
        "theirs": balance.theirs,
        "yours": balance.yours,
        "owe": len(member.yours),
    }


def _not_yet(request: HttpRequest, being: person_page.NotYet) -> HttpResponse:
    shown = desk(request).frame.name(being.name, being.person)
    who = {"id": being.person, "name": being.name, "shown": shown, "acts": being.acts}
    return render(request, "courtship/person/not_yet.html", {"place": "people", "who": who}, status=202)


def _who(told: Page, frame: Frame, brand: str) -> dict[str, Any]:
    story, row = told.story, told.row
    shown = frame.name(told.name, story.person)
    short = shown if frame.names_hidden else telling.cut(shown.split(" ")[0], 24)
    report = story.report
    return {
        "id": story.person,
        "name": told.name,
        "shown": shown,
        "short": short,
        "now": frame.now,
        "stage": report.stage,
        "certain": row.certain if row else report.certain,
        "since": None if story.beyond else report.since,
        "momentum": row.momentum if row else story.momentum,
        "heard": _heard(told, short),
        "lead": telling.opening(story, short),
        "aside": row.set_aside if row else story.set_aside,
        "acts": told.acts,
        "first": told.first,
        "last": told.last,
        "picture": _drawn(
            told, ("courtship", shown, brand, told.seen_until), lambda: _picture(told, shown, brand)
        ),
        "weekly": told.acts > courtship.MOST_MARKS,
        "receipts": _receipts(told, frame),
        "more_receipts": max(0, len(story.announced) - RECEIPTS),
        **_missing(told, short),
        "answering": exchange.answering(told, short),
        "answers": _drawn(
            told, ("answers", shown), lambda: answers.picture(shown, told.their_waits, told.our_waits)
        )
        if told.their_waits or told.our_waits
        else "",
        "answering_seen": exchange.seen(told),
        "answers_table": exchange.table(told, short),
        "breadth": exchange.breadth(told, short),
        "kinds": KINDS,
        "common": _common(told, short),
        "accounts": [
            {
                "address": a.address,
                "handle": a.handle,
                "platform": a.platform,
                "url": a.url if a.url.startswith(("https://", "http://")) else "",
                "origin": a.origin,
            }
            for a in told.accounts
        ],
        "ideal": _rhythm(told.ideal_days),
        "longest": _rhythm(told.longest_days),
        "ideal_days": told.ideal_days or "",
        "longest_days": told.longest_days or "",
        "last_word": _last_word(told, short),
        "peak": report.peak,
        "introduced_by": told.introduced_by.id if told.introduced_by else "",
        "introducer": (told.introduced_by.name or told.introduced_by.handle) if told.introduced_by else "",
        "introduced": told.introduced,
        "tags": told.tags,
        "notes": told.notes,
    }


def _picture(told: Page, shown: str, brand: str) -> str:
    story = told.story
    return courtship.picture(
        courtship.Story(
            name=shown,
            brand=brand or "you",
            first=told.first,
            now=story.at,
            acts=told.drawn,
            turns=tuple(
                courtship.Turn(number, t.at, t.before, t.after, t.cause == "lapse")
                for number, t in enumerate(story.announced, 1)
            ),
            first_stage=story.report.transitions[0].before
            if story.report.transitions
            else story.report.stage,
            seen_until=told.seen_until,
            gaps=told.gaps,
        )
    )


_drawings: OrderedDict[tuple[Any, ...], tuple[Drawn, str]] = OrderedDict()
"""Pictures of people with very many acts, whose stories are kept: they are not drawn at every look."""


def _drawn(told: Page, words: tuple[Any, ...], draw: Callable[[], str]) -> str:
    if told.acts <= MANY:
        return draw()
    key = (id(told.drawn), *words)
    held = _drawings.get(key)
    if held is None or held[0] is not told.drawn:
        held = _drawings[key] = (told.drawn, draw())
        while len(_drawings) > 2 * HELD:
            _drawings.popitem(last=False)
    return held[1]


def _heard(told: Page, short: str) -> str:
    last = told.last_heard
    if last is None:
        return f"nothing heard from {short} yet"
    if told.seen_until is not None:
        return f"last heard of on {words.day(last)}; your data end on {words.day(told.seen_until)}"
    return f"last heard of {words.ago(last)}"


def _receipts(told: Page, frame: Frame) -> list[dict[str, Any]]:
    rank = {stage: n for n, stage in enumerate(("aware", *told.story.ladder))}
    rows = []
    for number, t in reversed(list(enumerate(told.story.announced, 1))[-RECEIPTS:]):
        cause = told.causes.get(t.activity) if t.activity else None
        quote = telling.cut(cause.text, 280) if cause and not cause.outbound and cause.ended != t.at else ""
        rows.append(
            {
                "number": number,
                "at": t.at,
                "after": t.after,
                "back": rank.get(t.after, -1) < rank.get(t.before, -1),
                "said": frame.hide(
                    telling.change(cause, t.cause == "lapse", t.at), told.name, told.story.person
                ),
                "quote": frame.hide(quote, told.name, told.story.person),
                "url": cause.url if cause and cause.url.startswith(("https://", "http://")) else "",
            }
        )
    return rows


def _missing(told: Page, short: str) -> dict[str, Any]:
    report = told.story.report
    items = []
    for item in told.missing:
        what, within = telling.condition(item.condition)
        items.append(
            {"what": what, "within": within, "have": item.have, "need": item.need, "seen": item.seen}
        )
    safe = ""
    if report.until and report.stage not in ("aware", "parted") and told.seen_until is None:
        safe = (
            f"{report.stage.capitalize()} is safe until {words.day(report.until)}, if nothing more happens."
        )
    return {
        "missing": items,
        "next": told.missing[0].stage if told.missing else "",
        "any_of": bool(told.missing) and all(m.rule == "any" for m in told.missing) and len(told.missing) > 1,
        "unseen_said": telling.unseen(told.missing, report.stage, short),
        "safe": safe,
    }


def _common(told: Page, short: str) -> list[dict[str, Any]]:
    from django.utils.html import conditional_escape, format_html
    from django.utils.safestring import mark_safe

    rows = []
    for one in told.common:
        quote = str(conditional_escape(telling.cut(one.said.text, 120)))
        for word in one.words[:3]:
            safe = str(conditional_escape(word))
            if safe in quote:
                quote = quote.replace(safe, f"<mark>{safe}</mark>", 1)
                break
        said = format_html(
            '{}: <q class="said">{}</q>{}. You: {} on <mark>{}</mark>.',
            short,
            mark_safe(quote),  # noqa: S308 - escaped above, marks added after
            f", and {one.theirs - 1} more" if one.theirs > 1 else "",
            words.plural(one.yours, "post"),
            one.topic,
        )
        rows.append({"title": one.topic[:1].upper() + one.topic[1:], "said": said})
    return rows


def _rhythm(days: int | None) -> str:
    return words.rhythm(days) if days else "not set"


def _last_word(told: Page, short: str) -> str:
    act = told.last_word
    if act is None:
        return "none yet"
    return f"{words.day(act.at)}, {'you' if act.outbound else short}"


@require_safe
def acts(request: HttpRequest, ref: str) -> HttpResponse:
    """Every act, newest first, with where it was heard."""
    at = desk(request)
    try:
        asked = request.GET.get("page", "")
        number = max(1, int(asked)) if asked.isdecimal() else 1
        told = person_page.acts(at.workspace, ref, now=at.now, page=number)
    except UnknownPerson:
        raise Http404 from None
    except person_page.NotYet as being:
        return _not_yet(request, being)
    if told.person != ref:
        return redirect("acts", told.person)
    total, number = told.total, told.page
    who = {
        "id": told.person,
        "name": told.name,
        "shown": at.frame.name(told.name, told.person),
        "total": total,
        "acts": [_act(act, told, at.frame) for act in told.acts],
        "from": min(total, (number - 1) * ACTS_A_PAGE + 1),
        "to": min(total, number * ACTS_A_PAGE),
        "before": number - 1 if number > 1 else 0,
        "after": number + 1 if number * ACTS_A_PAGE < total else 0,
    }
    return render(request, "courtship/person/acts.html", {"place": "people", "who": who})


def _act(act: Act, told: person_page.Acts, frame: Frame) -> dict[str, Any]:
    said = telling.did(act)
    return {
        "at": act.at,
        "precise": act.precise,
        "ended": act.ended,
        "platform": act.account.partition(":")[0],
        "said": said[:1].upper() + said[1:]
        if act.outbound
        else f"{frame.name(told.name, told.person)} {said}",
        "quote": frame.hide(act.text[:12_000], told.name, told.person),
        "url": act.url if act.url.startswith(("https://", "http://")) else "",
        "origin": told.origin.get(act.id, ""),
        "ref": act.id,
    }


Deed = Callable[[], tuple[str, list[Decision]]]


def _do(request: HttpRequest, ref: str, deed: Deed) -> HttpResponse:
    """Does it, says so with an undo, and goes back to the person; says why not otherwise."""
    try:
        said, decided = deed()
    except UnknownPerson as error:
        tell(request, str(error))
    except CourtshipError as error:
        tell(request, str(error))
    else:
        tell(request, said, decided)
    return HttpResponseRedirect(reverse("person", args=[ref]))


@require_POST
def log(request: HttpRequest, ref: str) -> HttpResponse:
    """What no platform shows."""
    at = desk(request)
    when = request.POST.get("when", "").strip()
    moment = start_of_day(when, at.frame.zone) if when else None
    if when and moment is None:
        return _show(request, ref, "The date could not be read; for example 2026-10-24.")
    if moment is not None and moment > at.now:
        return _show(request, ref, "That day has not come yet.")
    try:
        found = identity.resolve(at.workspace, ref)
        done = log_by_hand.log(
            at.workspace,
            person_page.account_of(found.accounts, ref),
            request.POST.get("kind", ""),
            now=at.now,
            at=moment + DAY // 2 if moment is not None and moment + DAY // 2 <= at.now else moment,
            outbound=request.POST.get("dir") == "outbound",
            note=request.POST.get("note", "")[:4000].strip(),
            precise=bool(when),
        )
    except UnknownPerson:
        raise Http404 from None
    except CourtshipError as error:
        return _show(request, ref, str(error))
    tell_of_act(request, f"Logged. Now at {done.stage}.", done.person, done.id)
    return HttpResponseRedirect(reverse("person", args=[done.person]))


@require_POST
def merge(request: HttpRequest, ref: str) -> HttpResponse:
    """Two persons are one."""
    at = desk(request)
    other = request.POST.get("other", "").strip()
    try:
        done = identity.merge(at.workspace, ref, other, now=at.now)
    except CourtshipError as error:
        tell(request, str(error))
        return HttpResponseRedirect(reverse("person", args=[ref]))
    _told(request, "Two people are now one.", done.position)
    return HttpResponseRedirect(reverse("person", args=[done.person]))


@require_POST
def split(request: HttpRequest, ref: str) -> HttpResponse:
    """One account stands alone."""
    at = desk(request)
    try:
        done = identity.split(at.workspace, request.POST.get("account", ""), now=at.now)
    except CourtshipError as error:
        tell(request, str(error))
        return HttpResponseRedirect(reverse("person", args=[ref]))
    _told(request, "This account stands alone now.", done.position)
    return HttpResponseRedirect(reverse("person", args=[done.person]))


@require_POST
def set_aside(request: HttpRequest, ref: str) -> HttpResponse:
    """Out of every count."""
    at = desk(request)
    what = request.POST.get("as", "other")
    try:
        done = identity.set_aside(at.workspace, ref, what if what in ("team", "bot") else "other", now=at.now)
    except CourtshipError as error:
        tell(request, str(error))
    else:
        _told(request, "Set aside.", done.position)
    return HttpResponseRedirect(reverse("person", args=[ref]))


@require_POST
def restore(request: HttpRequest, ref: str) -> HttpResponse:
    """Back into the counts."""
    at = desk(request)
    try:
        done = identity.restore(at.workspace, ref, now=at.now)
    except CourtshipError as error:
        tell(request, str(error))
    else:
        _told(request, "Counted again.", done.position)
    return HttpResponseRedirect(reverse("person", args=[ref]))


@require_POST
def tags(request: HttpRequest, ref: str) -> HttpResponse:
    """A tag on or off."""
    at = desk(request)
    on = "off" not in request.POST
    tag = request.POST.get("on" if on else "off", "")

    def deed() -> tuple[str, list[Decision]]:
        return ("Tagged." if on else "Taken off.", deciding.tag(at.workspace, [ref], tag, on=on, now=at.now))

    return _do(request, ref, deed)


@require_POST
def notes(request: HttpRequest, ref: str) -> HttpResponse:
    """A note kept or taken away."""
    at = desk(request)
    position = whole(request.POST.get("off"), 1, 2**62)

    def deed() -> tuple[str, list[Decision]]:
        if position is not None:
            return "Note taken away.", deciding.take_note_away(at.workspace, ref, position, now=at.now)
        return "Note kept.", deciding.note(at.workspace, ref, request.POST.get("on", ""), now=at.now)

    return _do(request, ref, deed)


@require_POST
def rhythm(request: HttpRequest, ref: str) -> HttpResponse:
    """How often to be in touch."""
    at = desk(request)
    ideal = whole(request.POST.get("ideal"), 1, 3650) or 0
    longest = whole(request.POST.get("longest"), 1, 3650) or 0

    def deed() -> tuple[str, list[Decision]]:
        return "Kept.", deciding.set_rhythm(at.workspace, ref, ideal, longest, now=at.now)

    return _do(request, ref, deed)


@require_POST
def deny(request: HttpRequest, ref: str) -> HttpResponse:
    """An act that was not so."""
    at = desk(request)

    def deed() -> tuple[str, list[Decision]]:
        return "Left out.", person_page.deny(at.workspace, ref, request.POST.get("activity", ""), now=at.now)

    return _do(request, ref, deed)


def _told(request: HttpRequest, said: str, position: int) -> None:
    tell(request, said, [Decision("", "", position=position)])
