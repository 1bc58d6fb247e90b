"""The addresses of all pages, over the made-up audience."""

from __future__ import annotations

from urllib.parse import quote

from tests.web.conftest import GOAL, HOSTILE, JOB, PARTNER_SECRET, SECRET, Made

from courtship.service.demo import goals as demo_goals

FIXED = (
    *(
        "/",
        "/lifecycle",
        "/lifecycle/over-time",
        "/people",
        "/posts",
        "/plan",
        "/start",
        "/tribe",
        "/tribe/ask",
    ),
    *("/settings", "/settings/problems", "/settings/coverage", "/settings/policy", "/settings/brand"),
    *("/plan/goals", "/plan/check-ins", "/plan/partners", "/plan/report"),
    *(
        "/settings/preferences",
        "/settings/notices",
        "/answers",
        "/settings/components",
        "/sign-in",
        "/no-such-page",
    ),
    *("/settings/connect/webhook", "/settings/connect/bluesky"),
)


def pages(made: Made) -> tuple[str, ...]:
    """Every page, those of the hostile person and post among them."""
    return (
        *FIXED,
        f"/plan/goals/{GOAL}",
        f"/plan/goals/{demo_goals.DAILY}",
        f"/partner/{PARTNER_SECRET}",
        "/partner/none",
        "/coach",
        f"/settings/jobs/{JOB}",
        f"/settings/jobs/{JOB}/columns/0",
        f"/people?q={quote('<script>')}",
        "/people?sort=name&stage=know&filter=open",
        f"/?for={made.mallory}",
        f"/people/{made.mallory}",
        f"/people/{made.mallory}/acts",
        f"/people/{made.mallory}?view=present",
        f"/posts/one?id={quote('https://evil.example/' + HOSTILE)}",
        f"/people/{made.mallory}/tribe",
        f"/people/{made.mallory}/tribe?side=theirs&kind=comment",
        f"/tribe/ask?post={quote('https://evil.example/' + HOSTILE)}",
        f"/with/{SECRET}",
        "/lifecycle?view=present&names=hidden",
    )
