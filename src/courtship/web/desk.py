"""What a request works at: the workspace, its moment, and what the owner has set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from courtship.errors import UnknownWorkspace
from courtship.model import Micros
from courtship.service.demo import demo
from courtship.service.reckoning import standing, upkeep
from courtship.store import list_workspaces, open_workspace
from courtship.web.frame import FRAME, Frame
from courtship.web.middleware import PRIVATE

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

MADE_UP = demo.WORKSPACE
"""The workspace of the made-up brand that the guide offers."""

waiting: dict[tuple[str, str], int] = {}
"""How many things today's queue held when it was last reckoned, by home and workspace."""

_open: dict[tuple[str, str], Workspace] = {}
_lock = threading.Lock()


@dataclass
class Desk:
    """One request's surroundings. ``standing`` is what holds for the whole workspace just now."""

    workspace: Workspace
    now: Micros
    standing: standing.Standing
    frame: Frame
    presenting: bool = False
    theme: str = ""
    keys: bool = True
    search: str = ""
    made_up: bool = False
    own: bool = True
    here: bool = True
    """Whether only this machine can ask: then a path on it may be named."""

    @property
    def brand(self) -> str:
        """What the brand is called; ``""`` until it has a name."""
        return self.standing.brand

    @property
    def waiting(self) -> int:
        """How many things today's queue holds, where it is known."""
        return waiting.get((str(self.workspace.home), self.workspace.name), 0)


class DeskRequest(HttpRequest):
    """A request that the middleware has furnished."""

    desk: Desk


def workspace_of(request: HttpRequest) -> Workspace:
    """The workspace that the server was started on, or the made-up one where this browser asked for it."""
    name = settings.COURTSHIP_WORKSPACE
    if request.COOKIES.get("workspace") == MADE_UP:
        name = MADE_UP
    return _opened(settings.COURTSHIP_HOME, name)


def served_workspace() -> Workspace:
    """The workspace that the server was started on, whatever a browser asks for."""
    return _opened(settings.COURTSHIP_HOME, settings.COURTSHIP_WORKSPACE)


def made_up_workspace(home: str) -> Workspace:
    """The workspace of the made-up brand; made where it is missing."""
    return _opened(home, MADE_UP)


def every_workspace() -> list[Workspace]:
    """The workspaces of the home that the server was started on, by name."""
    home = settings.COURTSHIP_HOME
    return [_opened(home, name) for name in list_workspaces(Path(home))]


def _opened(home: str, name: str) -> Workspace:
    if not home:  # never a silo in whatever folder the server happens to run in
        raise UnknownWorkspace("no home folder is named; start with courtship serve, or set COURTSHIP_HOME")
    with _lock:
        if (home, name) not in _open:
            _open[home, name] = open_workspace(Path(home), name)
        return _open[home, name]


def forget_open() -> None:
    """Forgets opened workspaces (between tests)."""
    with _lock:
        _open.clear()


class OpensDesk:
    """Puts ``desk`` on the request and the page's frame in the context."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/static/", "/sign-in", *PRIVATE)):
            return self.answer(request)
        workspace = workspace_of(request)
        now = time.time_ns() // 1000
        if request.method in ("GET", "HEAD"):
            upkeep.keep_up(workspace, now=now)
        held = standing.standing(workspace)
        presenting = _asked(request, "view") == "present"
        hidden = _asked(request, "names") == "hidden"
        frame = Frame(now, held.timezone, held.ladder, held.brand, hidden)
        request.desk = Desk(  # type: ignore[attr-defined]
            workspace=workspace,
            now=now,
            standing=held,
            frame=frame,
            presenting=presenting,
            theme=request.COOKIES.get("theme", "")
            if request.COOKIES.get("theme") in ("light", "dark")
            else "",
            keys=request.COOKIES.get("keys") != "off",
            search=request.GET.get("q", "")[:200] if request.path.startswith("/people") else "",
            made_up=workspace.name == MADE_UP,
            own=settings.COURTSHIP_WORKSPACE != MADE_UP,
            here=not settings.COURTSHIP_SIGN_IN,
        )
        token = FRAME.set(frame)
        try:
            response = self.answer(request)
        finally:
            FRAME.reset(token)
        _keep_asked(request, response)
        return response


LASTING = {"view": "present", "names": "hidden"}
"""What lasts from page to page until it is taken back: a name must not appear at the next click."""


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "") or request.COOKIES.get(name, "")


def _keep_asked(request: HttpRequest, response: HttpResponse) -> None:
    for name, value in LASTING.items():
        said = request.GET.get(name)
        if said == value:
            response.set_cookie(name, value, httponly=True, samesite="Lax", secure=request.is_secure())
        elif said is not None and name in request.COOKIES:
            response.delete_cookie(name, samesite="Lax")


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: ``page`` is the desk."""
    desk = getattr(request, "desk", None)
    return {"page": desk if desk is not None else {"keys": True, "brand": ""}}
