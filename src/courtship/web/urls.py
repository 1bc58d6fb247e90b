"""Addresses. Everything lies inside one of Today, People, Posts, Plan and Settings."""

from __future__ import annotations

from django.urls import path

from courtship.web.views import (
    answers,
    board,
    columns,
    components,
    connections,
    live,
    notices,
    over_time,
    people,
    person,
    plan,
    policy,
    posts,
    settings,
    sign_in,
    sources,
    start,
    today,
    undo,
)

PERSON = "people/<str:ref>"

urlpatterns = [
    path("", today.show, name="today"),
    path("tasks/<str:key>", today.act, name="act"),
    path("undo", undo.undo, name="undo"),
    path("heard", live.heard, name="heard"),
    path("answers", answers.show, name="answers"),
    path("answers/said", answers.act, name="answers_said"),
    path("answers/goals", answers.goals, name="answers_goals"),
    path("lifecycle", board.show, name="board"),
    path("lifecycle/over-time", over_time.show, name="over_time"),
    path("lifecycle/days.csv", over_time.days, name="stages_by_day"),
    path("people", people.show, name="people"),
    path("people.csv", people.as_csv, name="people_csv"),
    path("people/chosen", people.bulk, name="bulk"),
    path("people/filters/keep", people.save_view, name="save_view"),
    path("people/filters/forget", people.unsave_view, name="unsave_view"),
    path(PERSON, person.show, name="person"),
    path(f"{PERSON}/acts", person.acts, name="acts"),
    path(f"{PERSON}/log", person.log, name="log"),
    path(f"{PERSON}/merge", person.merge, name="merge"),
    path(f"{PERSON}/split", person.split, name="split"),
    path(f"{PERSON}/set-aside", person.set_aside, name="set_aside"),
    path(f"{PERSON}/restore", person.restore, name="restore"),
    path(f"{PERSON}/tags", person.tags, name="tags"),
    path(f"{PERSON}/notes", person.notes, name="notes"),
    path(f"{PERSON}/rhythm", person.rhythm, name="rhythm"),
    path(f"{PERSON}/deny", person.deny, name="deny"),
    path("posts", posts.show, name="posts"),
    path("posts/one", posts.one, name="post"),
    path("plan", plan.show, name="plan"),
    path("plan/tag", plan.tag_rhythm, name="tag_rhythm"),
    path("settings", sources.show, name="sources"),
    path("settings/bring", sources.bring, name="bring"),
    path("settings/jobs/<str:job>", sources.job, name="job"),
    path("settings/jobs/<str:job>/columns/<int:number>", columns.show, name="columns"),
    path("settings/problems", sources.problems, name="problems"),
    path("settings/coverage", settings.coverage, name="coverage"),
    path("settings/policy", policy.policy, name="policy"),
    path("settings/brand", settings.brand, name="brand"),
    path("settings/notices", notices.show, name="notices"),
    path("settings/notices/rule", notices.rule, name="notices_rule"),
    path("settings/notices/address", notices.address, name="notices_address"),
    path("settings/notices/hours", notices.hours, name="notices_hours"),
    path("settings/preferences", settings.preferences, name="preferences"),
    path("settings/connect/<str:name>", connections.connector, name="connector"),
    path("settings/connections/<str:id>", connections.connection, name="connection"),
    path("settings/components", components.show, name="components"),
    path("start", start.show, name="start"),
    path("start/name", start.name, name="start_name"),
    path("start/own", start.own, name="start_own"),
    path("start/made-up", start.made_up, name="start_made_up"),
    path("start/leave", start.leave, name="leave_made_up"),
    path("sign-in", sign_in.show, name="sign_in"),
    path("sign-out", sign_in.out, name="sign_out"),
]

handler400 = "courtship.web.views.errors.bad_request"
handler404 = "courtship.web.views.errors.not_found"
handler500 = "courtship.web.views.errors.failed"
