"""What is new, told to pages that are open: server-sent events, a line each, none of them words.

An event says up to which position the log has moved and whom that concerns; the page fetches itself anew and
offers what is new. What comes while a page is slow to read is told in one event, so that nothing piles up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from courtship.service.live import heard_events
from courtship.store.log import heard as told
from courtship.web.requests import desk, whole

if TYPE_CHECKING:
    from courtship.service.live.heard_events import Heard
    from courtship.store.workspace import Workspace

BEAT = 15.0
"""Seconds after which a line without meaning keeps the connection open."""
LOOK = 0.5
"""Seconds between two looks whether the server is ending."""
MOST = 100
"""So many streams at once; a page beyond works as it does without a script."""
NAMED = 200
"""So many persons are named in one event; more are said as "everybody"."""

ending: Callable[[], bool] = lambda: False  # noqa: E731 - replaced by the server
_open = 0


class _Stream:
    """What one page has not been told yet, merged into one event."""

    def __init__(self, position: int) -> None:
        self.position = self.told = position
        self.people: set[str] = set()
        self.woken = asyncio.Event()

    def add(self, position: int, people: frozenset[str]) -> None:
        self.position = max(self.position, position)
        self.people |= people
        self.woken.set()

    def event(self) -> bytes:
        """The event that says it all; nothing is left to tell."""
        people = sorted(self.people) if len(self.people) <= NAMED else None
        data = orjson.dumps({"position": self.position, "people": people})
        self.told, self.people = self.position, set()
        self.woken.clear()
        return b"id: %d\nevent: heard\ndata: %s\n\n" % (self.told, data)


@require_GET
def heard(request: HttpRequest) -> HttpResponseBase:
    """A stream of events from a position of the log on: ``Last-Event-ID``, else ``since``, else now."""
    workspace = desk(request).workspace
    since = whole(request.headers.get("Last-Event-ID") or request.GET.get("since"), 0, 2**62)
    if _open >= MOST:
        return HttpResponse("Too many pages are open.", status=503, content_type="text/plain")
    answer = StreamingHttpResponse(_events(workspace, since), content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


async def _events(workspace: Workspace, since: int | None) -> AsyncIterator[bytes]:
    global _open
    loop = asyncio.get_running_loop()
    stream = _Stream(since or 0)

    def hear(heard: Heard) -> None:
        loop.call_soon_threadsafe(stream.add, heard.position, heard.people)

    begun = asyncio.ensure_future(asyncio.to_thread(_begin, workspace, since, hear))
    _open += 1
    try:
        _, position, missed = await asyncio.shield(begun)
        yield b"retry: 2000\n\n"
        stream.told = position if since is None else since
        if missed is not None and position > stream.told:
            stream.add(position, missed)
        beat = time.monotonic() + BEAT
        while not ending():
            try:
                await asyncio.wait_for(stream.woken.wait(), LOOK)
            except TimeoutError:
                if time.monotonic() >= beat:
                    beat = time.monotonic() + BEAT
                    yield b": still here\n\n"
                continue
            if stream.position > stream.told:
                yield stream.event()
            stream.woken.clear()
    finally:
        _open -= 1
        begun.add_done_callback(_end)  # a page that is left at once is no longer told either


def _end(begun: asyncio.Future[tuple[Callable[[], None], int, frozenset[str] | None]]) -> None:
    if not begun.cancelled() and begun.exception() is None:
        begun.result()[0]()


def _begin(
    workspace: Workspace, since: int | None, hear: Callable[[Heard], None]
) -> tuple[Callable[[], None], int, frozenset[str] | None]:
    """Listens from now on; answers what ends it, the position, and whom what came since concerns."""
    end = heard_events.subscribe(workspace, hear)
    try:
        position = told.moved(workspace).position
        if since is None or since >= position:
            return end, position, None
        return end, position, told.since(workspace, since, position).people
    except BaseException:
        end()
        raise
    finally:
        workspace.close()
