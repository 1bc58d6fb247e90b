"""Settings / Sources: bring files in, watch them being read, see problems by file and line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.service.importing import bringing, jobs
from courtship.service.importing.mail_settings import mail_settings
from courtship.service.people import deciding
from courtship.web import words
from courtship.web.requests import desk, tell
from courtship.web.views import connections

PROBLEMS_A_PAGE = 200


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What was brought, and the place to bring more to."""
    at = desk(request)
    context = {
        "jobs": [job_row(job) for job in jobs.latest(at.workspace)],
        "origins": bringing.origins(at.workspace)[:30],
        "problems": bringing.problem_count(at.workspace),
        "offers": bringing.offers(at.workspace),
        "formats": bringing.formats(),
        "anybody": bool(at.workspace.position()),
        "live": connections.rows(request),
    }
    return render(
        request,
        "courtship/settings/sources.html",
        {"place": "settings", "tab": "sources", "sources": context},
    )


@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """Takes files in and has them read in the background."""
    at = desk(request)
    files = request.FILES.getlist("files")
    try:
        name_mail_host(request)
        trial = request.POST.get("trial") == "yes"
        work = bringing.look if trial else bringing.work
        job = jobs.start(at.workspace, _pieces(files), work, now=at.now, paths=_paths(request), trial=trial)
    except CourtshipError as error:
        tell(request, str(error))
        return HttpResponseRedirect(reverse("sources"))
    return HttpResponseRedirect(reverse("job", args=[job.id]))


def _pieces(files: Sequence[UploadedFile[Any]]) -> Iterator[tuple[str, Iterator[bytes]]]:
    for file in files:
        yield file.name or "file", iter(file.chunks())


def name_mail_host(request: HttpRequest) -> None:
    """Remembers the mail host, and the account that gets mails at an address, that were named with the files;
    raises `CourtshipError` for what is none."""
    at = desk(request)
    said = request.POST.get("mail_host", "").split()
    accounts = request.POST.get("mail_account", "").split()
    deciding.set_settings(at.workspace, mail_settings(said, accounts), now=at.now)


def _paths(request: HttpRequest) -> list[Path]:
    """A path on this machine, where the server is for this machine alone."""
    from django.conf import settings

    said = request.POST.get("path", "").strip()
    if not said:
        return []
    if settings.COURTSHIP_SIGN_IN:
        raise CourtshipError("A path can be given on the machine itself only; choose the file instead.")
    path = Path(said).expanduser()
    if not path.exists():
        raise CourtshipError(f"There is no {path}; check the path, or choose the file instead.")
    return [path]


@require_safe
def job(request: HttpRequest, job: str) -> HttpResponse:
    """One import and how far it is; asks again by itself while it runs."""
    found = jobs.find(desk(request).workspace, job)
    if found is None:
        raise Http404
    context: dict[str, Any] = {"place": "settings", "tab": "sources", "job": job_row(found)}
    if found.over:
        tables = jobs.unread(desk(request).workspace, job)
        context["tables"] = [{"number": number, "name": path.name} for number, path in tables.items()]
        context["offers"] = bringing.offers(desk(request).workspace)
    return render(request, "courtship/settings/job.html", context)


def job_row(job: jobs.Job) -> dict[str, Any]:
    """A job in words."""
    said = {
        "waiting": "Waiting for the one before it",
        "running": job.step or "Reading",
        "done": _done(job),
        "failed": job.wrong or next((f.wrong for f in job.files if f.wrong), "It could not be read."),
        "stopped": job.wrong,
    }[job.state]
    return {
        "id": job.id,
        "at": job.at,
        "state": job.state,
        "over": job.over,
        "trial": job.trial,
        "said": said,
        "files": job.files,
        "problems": job.problems,
        "names": words.listed([f.name for f in job.files[:3]])
        + (f" and {len(job.files) - 3} more" if len(job.files) > 3 else ""),
    }


def _done(job: jobs.Job) -> str:
    known = sum(f.known for f in job.files)
    said = f"{words.plural(job.new, 'new act')}{' would come in' if job.trial else ''}"
    if known:
        said += f", {known:,} known already"
    if job.problems:
        said += f", {words.plural(job.problems, 'problem')}"
    return said


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Every problem of every import, by file and line."""
    at = desk(request)
    page = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdecimal() else 1
    found = bringing.problems(at.workspace)
    total = len(found)
    shown = found[(page - 1) * PROBLEMS_A_PAGE : page * PROBLEMS_A_PAGE]
    groups: dict[str, list[dict[str, str]]] = {}
    for problem in shown:
        groups.setdefault(Path(problem.path).name or problem.path, []).append(
            {"where": problem.where, "reason": problem.reason}
        )
    context = {
        "groups": groups.items(),
        "total": total,
        "before": page - 1 if page > 1 else 0,
        "after": page + 1 if page * PROBLEMS_A_PAGE < total else 0,
    }
    return render(
        request,
        "courtship/settings/problems.html",
        {"place": "settings", "tab": "sources", "problems": context},
    )
