"""What the views share: the desk of a request, dates in fields, a toast with its undo."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from courtship.model import Decision, Micros

if TYPE_CHECKING:
    from courtship.web.desk import Desk

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def desk(request: HttpRequest) -> Desk:
    """The desk that the middleware put on the request."""
    return cast("Desk", request.desk)  # type: ignore[attr-defined]


def start_of_day(said: str, zone: str) -> Micros | None:
    """The first moment of an ISO day in the zone; ``None`` for what is no day."""
    try:
        date = dt.date.fromisoformat(said.strip())
        moment = dt.datetime.combine(date, dt.time(), ZoneInfo(zone))
        return (moment - EPOCH) // dt.timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def end_of_day(said: str, zone: str) -> Micros | None:
    """The last microsecond of an ISO day in the zone."""
    try:
        following = (dt.date.fromisoformat(said.strip()) + dt.timedelta(1)).isoformat()
    except (ValueError, OverflowError):
        return None
    start = start_of_day(following, zone)
    return None if start is None else start - 1


def whole(said: str | None, least: int, most: int) -> int | None:
    """A whole number within [least, most]; ``None`` for anything else."""
    try:
        value = int((said or "").strip())
    except ValueError:
        return None
    return value if least <= value <= most else None


def tell(request: HttpRequest, words: str, decided: list[Decision] | None = None) -> None:
    """Shows a toast on the next page, with an undo of these decisions."""
    positions = ",".join(str(decision.position) for decision in decided or [])
    messages.success(request, words, extra_tags=positions)


def tell_of_act(request: HttpRequest, words: str, person: str, activity: str) -> None:
    """Shows a toast whose undo says that the activity never was."""
    messages.success(request, words, extra_tags=f"act {person} {activity}")


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To where the form says it came from, if that is here; else elsewhere here."""
    wanted = request.POST.get("back", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}) and not urlsplit(wanted).netloc
    return HttpResponseRedirect(wanted if here and wanted.startswith("/") else otherwise)
