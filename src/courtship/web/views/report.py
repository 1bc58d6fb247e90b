"""The weekly report: a page to read and print, a PDF where a renderer is installed, a mail to send on."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.plan import periods
from courtship.service.accountability import partners, weekly
from courtship.service.accountability.weekly import Report
from courtship.service.notices import notices
from courtship.web import goal_words, pdf, words
from courtship.web.desk import Desk
from courtship.web.requests import desk, tell


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page; ``week`` is the first day of another than the last one."""
    at = desk(request)
    return render(request, "courtship/plan/report.html", _context(at, _told(request, at)))


@require_safe
def as_pdf(request: HttpRequest) -> HttpResponse:
    """The same as PDF. Where no renderer is installed, 501 with what to do."""
    at = desk(request)
    told = _told(request, at)
    try:
        made = pdf.made(weekly_html(at, told))
    except pdf.NoRenderer as error:
        return HttpResponse(f"{error}\n", status=501, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="courtship-week-{told.day}.pdf"'},
    )


@require_safe
def as_mail(request: HttpRequest) -> HttpResponse:
    """The same as a mail without sender, to open and send on."""
    at = desk(request)
    told = _told(request, at)
    made = weekly.mail(at.workspace, told).as_bytes()
    return HttpResponse(
        made,
        content_type="message/rfc822",
        headers={"Content-Disposition": f'attachment; filename="courtship-week-{told.day}.eml"'},
    )


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Sends the report to one of the owner's own addresses."""
    at = desk(request)
    day, to = request.POST.get("week", "")[:10], request.POST.get("to", "")
    try:
        told = weekly.report(at.workspace, now=at.now, day=day)
        sent = weekly.send(at.workspace, told, to, base=notices.base(at.workspace))
        tell(request, f"Sent to {to}." if sent.ok else f"It was not taken. {sent.why}")
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(f"{reverse('report')}?week={quote(day)}")


def weekly_html(at: Desk, told: Report) -> str:
    """The report as a document of its own, for paper."""
    from django.template.loader import render_to_string

    return render_to_string("courtship/plan/report_paper.html", {**_context(at, told), "page": None})


def _told(request: HttpRequest, at: Desk) -> Report:
    try:
        return weekly.report(at.workspace, now=at.now, day=request.GET.get("week", "")[:10])
    except CourtshipError:
        raise Http404 from None


def _context(at: Desk, told: Report) -> dict[str, object]:
    names = {one.id: one.name for one in partners.partners(at.workspace)}
    zone = at.standing.timezone
    before = words.iso(periods.holding(told.week.start - 1, "week", zone).start)
    return {
        "place": "plan",
        "tab": "report",
        "report": {
            "brand": told.brand,
            "when": f"{words.day(told.week.start)} to {words.day(told.week.end - 1, year=True)}",
            "day": told.day,
            "lead": weekly.opening(told),
            "lines": [
                {
                    "id": line.goal.id,
                    "title": goal_words.title(line.goal),
                    "came": goal_words.several(line.goal, line.kept),
                    "streak": f"{words.plural(line.streak.length, line.goal.period)} in a row"
                    if line.streak.length
                    else "",
                }
                for line in told.lines
            ],
            "written": [goal_words.written(one, names) for one in told.written],
            "said": [
                {
                    "name": note.name or "A former partner",
                    "did": goal_words.SAID[note.sort],
                    "text": note.text,
                    "at": note.at,
                }
                for note in told.said
            ],
            "before": before,
            "after": words.iso(told.week.end) if told.week.end <= at.now else "",
            "pdf": pdf.there(),
            "addresses": list(notices.addresses(at.workspace)),
            "link": reverse("report"),
        },
    }
