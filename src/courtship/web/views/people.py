"""The list of people: searched, filtered, sorted and paged on the server; kept filters, tags, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.model import DAY
from courtship.service.people import deciding, people_list, searching
from courtship.service.reckoning.movement import history
from courtship.store.derived import people_query
from courtship.store.derived.people_query import Filter, Person
from courtship.web import words
from courtship.web.frame import AWARE, FRAME, PARTED, Frame
from courtship.web.requests import back, desk, start_of_day, tell
from courtship.web.templatetags.look import MOMENTUM

KEYS = (
    *("q", "stage", "sure", "lately", "platform", "tag", "before", "after", "introduced"),
    *("met", "was", "became", "start", "end", "beyond"),
)
HEADS = (
    ("name", "Name", False),
    ("stage", "Stage", False),
    ("momentum", "Lately", False),
    ("", "Where", False),
    ("", "Introduced by", False),
    ("contact", "Last contact", True),
)
SIZE = 50
SORTS = ("name", "stage", "momentum", "contact", "first", "since", "acts", "followers")
COLUMNS = (
    *("id", "name", "handle", "stage", "at_least", "since", "momentum", "platforms", "introduced_by"),
    *("first", "last_contact", "inbound", "outbound", "followers"),
)
DOWN_FIRST = {"stage", "momentum", "contact", "first", "since", "acts", "followers"}


def chosen(request: HttpRequest) -> dict[str, str]:
    """The filter as the address says it: known keys with a value."""
    return {key: request.GET[key][:200] for key in KEYS if request.GET.get(key)}


def wanted(request: HttpRequest, said: dict[str, str]) -> Filter:
    """The filter for the store. Nonsense in the address is left out, never an error."""
    at = desk(request)
    zone = at.frame.zone
    people: frozenset[str] | None = None
    if said.get("became") or said.get("was"):
        past = history(at.workspace)
        end = _moment(said.get("end"), at.now)
        if "start" in said:
            people = past.announced.who(
                _moment(said.get("start"), end), end, said.get("was", ""), said.get("became", "")
            )
        else:
            people = past.standing(end, said.get("became", ""))
    if said.get("beyond"):
        beyond = history(at.workspace).unannounced
        people = beyond if people is None else people & beyond
    if said.get("tag"):
        tagged = {p for p, tags in deciding.tagged_now(at.workspace).items() if said["tag"] in tags}
        people = frozenset(tagged) if people is None else people & tagged
    q = said.get("q", "")
    return Filter(
        words="" if at.frame.names_hidden else q,
        also=searching.people_who_said(at.workspace, q) if q else frozenset(),
        stage=said.get("stage", ""),
        certain={"yes": True, "no": False}.get(said.get("sure", "")),
        momentum=said.get("lately", ""),
        platform=said.get("platform", ""),
        introduced=said.get("introduced", ""),
        contact_before=start_of_day(said.get("before", ""), zone),
        contact_since=start_of_day(said.get("after", ""), zone),
        first_since=start_of_day(said.get("met", ""), zone),
        people=people,
    )


def _moment(said: str | None, otherwise: int) -> int:
    return int(said) if said and said.lstrip("-").isdecimal() and len(said) < 18 else otherwise


def listing(request: HttpRequest, size: int = SIZE, brief: bool = False) -> dict[str, Any]:
    """All that the table and its surroundings show."""
    at = desk(request)
    said = {} if brief else chosen(request)
    filtered = wanted(request, said)
    sort = request.GET.get("sort", "contact")
    sort = sort if sort in SORTS else "contact"
    descending = request.GET.get("dir", "down" if sort in DOWN_FIRST else "up") == "down"
    number = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdecimal() and not brief else 1
    rows, total = people_list.page(
        at.workspace,
        filtered,
        sort=sort,
        descending=descending,
        ladder=at.standing.ladder,
        offset=(number - 1) * size,
        limit=size,
    )
    number = min(number, max(1, -(-total // size)))
    names = people_query.by_ids(at.workspace, {p.introduced_by for p in rows if p.introduced_by})
    base = reverse("people")
    order = {} if sort == "contact" and descending else {"sort": sort, "dir": "down" if descending else "up"}

    def address(**changes: str) -> str:
        return f"{base}?{urlencode({**said, **order, **changes})}"

    before = address(page=str(number - 1)) if number > 1 else ""
    after = address(page=str(number + 1)) if number * size < total else ""
    if brief:
        after = base if total > size else ""
    return {
        "rows": [_row(p, names) for p in rows],
        "heads": [_head(key, label, num, sort, descending, said, base) for key, label, num in HEADS],
        "bulk": not brief,
        "total": total,
        "from": min(total, (number - 1) * size + 1),
        "to": min(total, number * size),
        "before": before,
        "after": after,
        "next": "Next page" if not brief else f"See all {total:,}",
        "query": urlencode(said),
        "filtered": bool(said),
        "chips": _chips(request, said, base),
        "empty_title": "Nobody fits that." if said else "Nobody here yet.",
        "empty_why": "Leave something out and look again."
        if said
        else "Bring in an export, and everybody who acted with you appears here.",
    }


def _row(p: Person, names: dict[str, Person]) -> dict[str, Any]:
    introducer = names.get(p.introduced_by or "")
    return {
        "id": p.id,
        "name": p.name or p.handle or p.id,
        "handle": p.handle if p.name else "no name given",
        "no_handle": "",
        "stage": p.stage,
        "certain": p.certain,
        "momentum": p.momentum,
        "where": ", ".join(words.platform_title(name) for name in p.platforms[:3]),
        "introduced_by": p.introduced_by if introducer else "",
        "introducer": introducer.name or introducer.handle or introducer.id if introducer else "",
        "last": p.last_contact_at,
    }


def _head(
    key: str, label: str, num: bool, sort: str, descending: bool, said: dict[str, str], base: str
) -> dict[str, Any]:
    if not key:
        return {"label": label, "num": num}
    down = not descending if key == sort else key in DOWN_FIRST
    way = "down" if down else "up"
    return {
        "label": label,
        "num": num,
        "href": f"{base}?{urlencode({**said, 'sort': key, 'dir': way})}",
        "sorted": ("descending" if descending else "ascending") if key == sort else "",
    }


def _chips(request: HttpRequest, said: dict[str, str], base: str) -> list[dict[str, Any]]:
    month = words.iso(desk(request).now - 30 * DAY)
    ready = [
        ("all", {}),
        ("gone quiet", {"lately": "quiet"}),
        ("new these 30 days", {"met": month}),
        ("introduced by somebody", {"introduced": "yes"}),
    ]
    return [
        {"label": label, "href": f"{base}?{urlencode(query)}" if query else base, "current": query == said}
        for label, query in ready
    ]


def _words(request: HttpRequest, said: dict[str, str], introducer: str) -> list[dict[str, str]]:
    """The filter in words, each with the address without it."""
    at, base = desk(request), reverse("people")
    told = []
    for key, value in said.items():
        if key in ("start", "end", "was"):
            continue
        rest = {k: v for k, v in said.items() if k != key}
        if key == "became":
            rest = {k: v for k, v in rest.items() if k not in ("start", "end", "was")}
            end = words.short_day(_moment(said.get("end"), at.now))
            if "start" in said:
                start = words.short_day(_moment(said.get("start"), at.now))
                label = f"{said.get('was', '')} to {value}, {start} to {end}"
            else:
                label = f"{value} on {end}"
        else:
            label = _said(key, value, introducer)
        told.append({"label": label, "without": f"{base}?{urlencode(rest)}"})
    return told


def _said(key: str, value: str, introducer: str) -> str:
    match key:
        case "q":
            return f"“{value}”"
        case "sure":
            return "perhaps further on" if value == "no" else "certain"
        case "lately":
            return MOMENTUM[value][2] if value in MOMENTUM else "cannot tell"
        case "platform":
            return f"on {words.platform_title(value)}"
        case "tag":
            return f"tagged {value}"
        case "before":
            return f"no word since {value}"
        case "after":
            return f"a word since {value}"
        case "met":
            return f"met since {value}"
        case "introduced":
            return {"yes": "introduced by somebody", "no": "introduced by nobody known"}.get(
                value, f"introduced by {introducer or value}"
            )
        case "beyond":
            return "perhaps lapsed since their data end"
        case _:
            return value


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The list."""
    at = desk(request)
    said = chosen(request)
    people = listing(request)
    by = said.get("introduced", "")
    introducer = ""
    if by and by not in ("yes", "no"):
        known = people_query.by_ids(at.workspace, [by]).get(by)
        introducer = FRAME.get().name(known.name or known.handle, known.id) if known else ""
    people |= {
        "lead": _lead(people["total"], bool(said)),
        "words": _words(request, said, introducer),
        "form": {key: said.get(key, "") for key in KEYS},
        "open": request.GET.get("filter") == "open",
        "introducer": introducer,
        "stages": [AWARE, *at.standing.ladder, PARTED],
        "momenta": [(key, told[2]) for key, told in MOMENTUM.items()] + [("blind", "cannot tell")],
        "platforms": people_list.everybody(at.workspace).platform_names(),
        "tags": sorted({tag for tags in deciding.tags_of(at.workspace).values() for tag in tags}),
        "saved": [
            {"name": name, "href": f"{reverse('people')}?{query}"}
            for name, query in at.standing.views.items()
        ],
    }
    return render(request, "courtship/people/people.html", {"place": "people", "people": people})


def _lead(total: int, filtered: bool) -> str:
    if filtered:
        return (
            f"{words.plural(total, 'person fits', 'people fit')} what you asked for."
            if total
            else "Nobody fits what you asked for."
        )
    return (
        f"{words.plural(total, 'person has', 'people have')} met you so far." if total else "Nobody here yet."
    )


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """Everybody whom the filter finds, as a file for a spreadsheet."""
    at = desk(request)
    people = people_query.every(at.workspace, wanted(request, chosen(request)))
    # some ten megabytes for a hundred thousand people; a stream would be gathered by the server all the same
    response = HttpResponse("".join(_lines(people, at.frame)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="courtship-people.csv"'
    return response


def _lines(people: Iterator[Person], frame: Frame) -> Iterator[str]:
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + _line(list(COLUMNS))
    for p in people:
        last = words.iso(p.last_contact_at, frame) if p.last_contact_at else ""
        row: list[object] = [p.id, p.name, p.handle, p.stage, "" if p.certain else "yes"]
        row += [words.iso(p.since, frame), p.momentum, " ".join(p.platforms), p.introduced_by or ""]
        row += [words.iso(p.first_at, frame), last, p.inbound_count, p.outbound_count]
        yield _line([*row, "" if p.followers is None else p.followers])


def _line(values: list[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([inert(value) for value in values])
    return out.getvalue()


def inert(value: object) -> object:
    """A text that a spreadsheet will not take for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Tags on, or off, the chosen people."""
    at = desk(request)
    people = request.POST.getlist("p")[:500]
    known = people_query.by_ids(at.workspace, people)
    on = request.POST.get("do") != "untag"
    if not known:
        tell(request, "Choose some people first: tick the boxes before their names.")
        return back(request, reverse("people"))
    try:
        decided = deciding.tag(at.workspace, sorted(known), request.POST.get("tag", ""), on=on, now=at.now)
    except CourtshipError as error:
        tell(request, str(error))
    else:
        tag = " ".join(request.POST.get("tag", "").split())[:60]
        what = f"now tagged {tag}" if on else f"no longer tagged {tag}"
        tell(request, f"{words.plural(len(decided), 'person is', 'people are')} {what}.", decided)
    return back(request, reverse("people"))


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keeps the filter under a name."""
    at = desk(request)
    query = request.POST.get("query", "")
    try:
        decided = deciding.keep_view(at.workspace, request.POST.get("name", ""), query, now=at.now)
        tell(request, "Kept.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(
        f"{reverse('people')}?{query}" if "\n" not in query and "\r" not in query else reverse("people")
    )


@require_POST
def unsave_view(request: HttpRequest) -> HttpResponse:
    """Forgets a kept filter."""
    at = desk(request)
    tell(request, "Forgotten.", deciding.forget_view(at.workspace, request.POST.get("name", ""), now=at.now))
    return HttpResponseRedirect(reverse("people"))
