"""Addresses. Everything lies inside one of Today, People, Posts, Plan and Settings."""

from __future__ import annotations

from django.urls import path

from courtship.web.views import board, components, errors, people, sign_in, undo

PERSON = "people/<str:ref>"

urlpatterns = [
    path("", errors.not_found, name="today"),
    path("tasks/<str:key>", errors.not_found, name="act"),
    path("undo", undo.undo, name="undo"),
    path("lifecycle", board.show, name="board"),
    path("people", people.show, name="people"),
    path("people.csv", people.as_csv, name="people_csv"),
    path("people/chosen", people.bulk, name="bulk"),
    path("people/filters/keep", people.save_view, name="save_view"),
    path("people/filters/forget", people.unsave_view, name="unsave_view"),
    path(PERSON, errors.not_found, name="person"),
    path(f"{PERSON}/acts", errors.not_found, name="acts"),
    path(f"{PERSON}/log", errors.not_found, name="log"),
    path(f"{PERSON}/merge", errors.not_found, name="merge"),
    path(f"{PERSON}/split", errors.not_found, name="split"),
    path(f"{PERSON}/set-aside", errors.not_found, name="set_aside"),
    path(f"{PERSON}/restore", errors.not_found, name="restore"),
    path(f"{PERSON}/tags", errors.not_found, name="tags"),
    path(f"{PERSON}/notes", errors.not_found, name="notes"),
    path(f"{PERSON}/rhythm", errors.not_found, name="rhythm"),
    path(f"{PERSON}/deny", errors.not_found, name="deny"),
    path("posts", errors.not_found, name="posts"),
    path("posts/one", errors.not_found, name="post"),
    path("plan", errors.not_found, name="plan"),
    path("settings", errors.not_found, name="sources"),
    path("settings/bring", errors.not_found, name="bring"),
    path("settings/jobs/<str:job>", errors.not_found, name="job"),
    path("settings/problems", errors.not_found, name="problems"),
    path("settings/coverage", errors.not_found, name="coverage"),
    path("settings/policy", errors.not_found, name="policy"),
    path("settings/brand", errors.not_found, name="brand"),
    path("settings/preferences", errors.not_found, name="preferences"),
    path("settings/components", components.show, name="components"),
    path("start", errors.not_found, name="start"),
    path("start/name", errors.not_found, name="start_name"),
    path("start/own", errors.not_found, name="start_own"),
    path("start/made-up", errors.not_found, name="start_made_up"),
    path("start/leave", errors.not_found, name="leave_made_up"),
    path("sign-in", sign_in.show, name="sign_in"),
    path("sign-out", sign_in.out, name="sign_out"),
]

handler400 = "courtship.web.views.errors.bad_request"
handler404 = "courtship.web.views.errors.not_found"
handler500 = "courtship.web.views.errors.failed"
