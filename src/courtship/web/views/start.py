"""The first-run guide: name the brand, bring an export or look at a made-up brand, see the board."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError
from courtship.service.demo import made_up_brand
from courtship.service.importing import bringing
from courtship.service.importing.jobs import start as start_job
from courtship.service.people import brand as brands
from courtship.web import desk as desks
from courtship.web.requests import desk, tell
from courtship.web.views.sources import _paths, _pieces, name_mail_host


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The three steps, and how far one is."""
    at = desk(request)
    context = {
        "named": bool(at.standing.brand),
        "brought": bool(at.workspace.position() and at.workspace.origins()),
        "own": bool(at.standing.accounts),
        "offers": bringing.offers(at.workspace),
    }
    return render(request, "courtship/start/start.html", {"place": "", "start": context})


@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """Step one."""
    at = desk(request)
    said = " ".join(request.POST.get("name", "").split())[:80]
    if said:
        brands.call(at.workspace, said, now=at.now)
    else:
        tell(request, "A name needs at least a letter.")
    return HttpResponseRedirect(reverse("start"))


@require_POST
def own(request: HttpRequest) -> HttpResponse:
    """Step two, with an export."""
    at = desk(request)
    try:
        name_mail_host(request)
        files = _pieces(request.FILES.getlist("files"))
        job = start_job(at.workspace, files, bringing.work, now=at.now, paths=_paths(request))
    except CourtshipError as error:
        tell(request, str(error))
        return HttpResponseRedirect(reverse("start"))
    return HttpResponseRedirect(reverse("job", args=[job.id]))


@require_POST
def made_up(request: HttpRequest) -> HttpResponse:
    """Step two, with a brand that does not exist, in a workspace of its own."""
    at = desk(request)
    workspace = desks.made_up_workspace(settings.COURTSHIP_HOME)
    job = start_job(workspace, [], made_up_brand.work, now=at.now, without_files="A made-up brand")
    response = HttpResponseRedirect(reverse("job", args=[job.id]))
    response.set_cookie("workspace", desks.MADE_UP, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Back to one's own brand. Changes nothing but what this browser looks at."""
    response = HttpResponseRedirect(reverse("today"))
    response.delete_cookie("workspace", samesite="Lax")
    return response
