"""The plan: whom to keep in touch with and how often, and what was published this week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from courtship.errors import CourtshipError, NotAllowed
from courtship.model import DAY, Post
from courtship.service.accountability import checkins
from courtship.service.people import deciding, rhythms
from courtship.web import words
from courtship.web.requests import desk, tell, whole

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Keep-in-touch rhythms, soonest first, and the week."""
    at = desk(request)
    people = rhythms.due(at.workspace, now=at.now)
    context: dict[str, Any] = {
        "people": [
            {
                "id": one.person.id,
                "name": one.person.name or one.person.handle or one.person.id,
                "stage": one.person.stage,
                "certain": one.person.certain,
                "rhythm": f"{words.rhythm(one.ideal_days)}, at least {words.rhythm(one.longest_days)}",
                "last": one.person.last_contact_at,
                "due": _due(one.due_at, at.now),
            }
            for one in people
        ],
        "posts": _week(rhythms.posts_between(at.workspace, at.now - 7 * DAY, at.now)),
        "tags": [
            {"tag": subject[4:], "ideal": ideal, "longest": longest}
            for subject, (ideal, longest) in sorted(deciding.rhythms(at.workspace).items())
            if subject.startswith("tag:")
        ],
        "checkins": checkins.due(at.workspace, now=at.now),
        "lead": _lead(people, at.now),
        "choose": _tags(at.workspace),
    }
    return render(request, "courtship/plan/plan.html", {"place": "plan", "plan": context})


@require_POST
def tag_rhythm(request: HttpRequest) -> HttpResponse:
    """A rhythm for everybody with a tag."""
    at = desk(request)
    tag = request.POST.get("tag", "")
    ideal, longest = (whole(request.POST.get(name), 1, 3650) or 0 for name in ("ideal", "longest"))
    try:
        if tag not in _tags(at.workspace):
            raise NotAllowed("Choose a tag that somebody carries.")
        decided = deciding.set_rhythm(at.workspace, f"tag:{tag}", ideal, longest, now=at.now)
        tell(request, f"Everybody tagged {tag} has a rhythm now.", decided)
    except CourtshipError as error:
        tell(request, str(error))
    return HttpResponseRedirect(reverse("plan"))


def _tags(workspace: Workspace) -> list[str]:
    return sorted({tag for tags in deciding.tags_of(workspace).values() for tag in tags})


def _week(posts: list[Post]) -> list[dict[str, Any]]:
    """The week's posts, newest first; the same words on several platforms in one line."""
    found: dict[tuple[str, str], list[Post]] = {}
    for post in posts:
        found.setdefault((words.iso(post.at), post.text or post.object), []).append(post)
    return [
        {
            "object": same[0].object,
            "text": same[0].text,
            "at": same[0].at,
            "where": words.listed(
                list(dict.fromkeys(words.platform_title(post.author.partition(":")[0]) for post in same))
            ),
        }
        for same in found.values()
    ]


def _due(at: int, now: int) -> str:
    if at <= now:
        return "now" if now - at < DAY else f"{words.length(now - at)} ago"
    return f"in {words.length(at - now)}"


def _lead(people: list[rhythms.Due], now: int) -> str:
    if not people:
        return "Nobody has a rhythm yet. Give somebody one on their page, and they appear here in time."
    late = sum(one.due_at <= now for one in people)
    if not late:
        return f"{words.plural(len(people), 'person has', 'people have')} a rhythm, and none of them waits."
    return (
        f"{words.counted(late)} of {len(people):,} with a rhythm {'is' if late == 1 else 'are'} due a word."
    )
