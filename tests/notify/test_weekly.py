"""The weekly report sent to a real SMTP server: text and HTML, with the figures of the page."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from tests.notify.conftest import Mails

from courtship.errors import NotAllowed
from courtship.model import DAY, Decision
from courtship.times import parse_iso

NOW = parse_iso("2026-11-27T12:00:00Z")


def test_the_report_arrives_as_a_mail(tmp_path: Path, mails: Mails) -> None:
    from courtship.store import open_workspace

    workspace = open_workspace(tmp_path / "home")
    from courtship.service.accountability import goals, weekly
    from courtship.service.notices import notices
    from courtship.service.reckoning.refresh import refresh

    workspace.decide(Decision("brand.add", "x:me", at=NOW - 90 * DAY))
    detail = {"measure": "by_hand", "period": "week", "target": 2, "words": "<b>bake</b>"}
    (made,) = goals.set_goal(workspace, {**detail, "start": NOW - 30 * DAY}, now=NOW)
    goals.tick(workspace, made.subject, now=NOW, on=NOW - 8 * DAY, times=2)
    refresh(workspace, now=NOW)
    url = f"mailto://127.0.0.1:{mails.port}?from=bread@example.org&to=owner@example.org&mode=insecure"
    notices.keep_address(workspace, "mail", url, now=NOW)
    told = weekly.report(workspace, now=NOW)
    with pytest.raises(NotAllowed):
        weekly.send(workspace, told, "pigeon", base="http://127.0.0.1:8765")
    sent = weekly.send(workspace, told, "mail", base="http://127.0.0.1:8765")
    assert sent.ok, sent.why
    (got,) = mails.got
    mail = email.message_from_bytes(got, policy=email.policy.default)
    assert "1 of 1 kept" in str(mail["Subject"])
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;bake&lt;/b&gt;" in html.get_content()
    assert "kept, 2 of 2" in html.get_content()
