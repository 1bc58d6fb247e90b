"""Posts: what the brand published, who answered, and who moved up soon after."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from courtship.service.content import posts as service
from courtship.store.derived import people_query
from courtship.web import words
from courtship.web.requests import desk
from courtship.web.telling import cut

SIZE = 50
SHOWN = 100
SORTS = {"at": "When", "people": "People", "moved": "Moved up", "share": "Credit"}
DEED = {
    "view": "looked",
    "like": "liked it",
    "vote": "voted",
    "comment": "answered",
    "mention": "mentioned it",
    "message": "wrote privately",
    "share": "shared it",
    "quote": "shared it with words",
    "endorse": "recommended it",
}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """All posts, paged and sorted."""
    at = desk(request)
    sort = request.GET.get("sort", "at")
    sort = sort if sort in SORTS else "at"
    number = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdecimal() else 1
    found = service.page(at.workspace, now=at.now, sort=sort, offset=(number - 1) * SIZE, limit=SIZE)
    base = reverse("posts")

    def address(page: int) -> str:
        return f"{base}?{urlencode({'sort': sort, 'page': page})}"

    context: dict[str, Any] = {
        "rows": [_row(row) for row in found.rows],
        "heads": [
            {"key": key, "label": label, "sorted": key == sort, "href": f"{base}?sort={key}"}
            for key, label in SORTS.items()
        ],
        "total": found.total,
        "from": min(found.total, (number - 1) * SIZE + 1),
        "to": min(found.total, number * SIZE),
        "before": address(number - 1) if number > 1 else "",
        "after": address(number + 1) if number * SIZE < found.total else "",
        "window": found.window_days,
        "ready": found.ready,
        "lead": _lead(found),
    }
    return render(request, "courtship/posts/posts.html", {"place": "posts", "posts": context})


def _lead(found: service.List) -> str:
    if not found.total:
        return "None of your posts are here yet. Your own archive brings them."
    if not found.ready:
        return f"{words.plural(found.total, 'post')} of yours. What came of them is being worked out."
    if not found.rises:
        return f"{words.plural(found.total, 'post')} of yours are here."
    return (
        f"{found.credited:,} of {words.plural(found.rises, 'step')} up the ladder came within"
        f" {found.window_days} days of somebody acting on a post of yours."
    )


def _row(row: service.Row) -> dict[str, Any]:
    return {
        "href": f"{reverse('post')}?{urlencode({'id': row.object})}",
        "title": cut(row.text, 110) or f"A post without words{f' ({row.media})' if row.media else ''}",
        "at": row.at,
        "platform": row.platform,
        "people": row.people,
        "moved": row.moved,
        "share": f"{row.share / 100:.1f}" if row.share else "0",
        "unseen": row.seen == "none" and not row.acts,
    }


@require_safe
def one(request: HttpRequest) -> HttpResponse:
    """One post, and everybody behind its numbers."""
    at = desk(request)
    found = service.one(at.workspace, request.GET.get("id", ""), now=at.now, most=SHOWN)
    if found is None:
        raise Http404
    shown = found.answered
    ids = {person for person, _, _ in shown} | {moved.person for moved in found.moved}
    people = people_query.by_ids(at.workspace, ids)

    def who(person: str) -> dict[str, Any]:
        row = people.get(person)
        if row is None:
            return {"id": person, "name": person, "stage": "aware", "certain": True}
        return {
            "id": row.id,
            "name": row.name or row.handle or row.id,
            "stage": row.stage,
            "certain": row.certain,
        }

    context = _row(found.row) | {
        "object": found.post.object,
        "text": found.post.text[:12_000],
        "url": found.post.url if found.post.url.startswith(("https://", "http://")) else "",
        "tags": found.post.tags,
        "window": found.window_days,
        "ready": found.ready,
        "answered": [
            who(person) | {"did": words.listed([DEED.get(kind, kind) for kind in kinds]), "when": when}
            for person, kinds, when in shown
        ],
        "answered_more": max(0, found.row.people - len(shown)),
        "steps": [
            who(moved.person) | {"after": moved.after, "when": moved.at, "among": moved.among}
            for moved in found.moved
        ],
    }
    return render(request, "courtship/posts/post.html", {"place": "posts", "post": context})
