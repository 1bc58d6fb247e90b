"""Notification e-mails through a whole import: what is remembered, and acts that an export tells too."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from tests.sources.notification_mails import BOX, FIXTURES, HOST, eml

from courtship.model import Decision
from courtship.service.importing.importing import import_paths
from courtship.store.workspace import Workspace
from courtship.testing import NOW


def test_named_once_and_remembered(workspace: Workspace) -> None:
    before = import_paths(workspace, [BOX], now=NOW)
    assert (before.new, before.exit_status) == (0, 1)
    trial = import_paths(workspace, [BOX], now=NOW, settings={"mail.host": HOST}, dry_run=True)
    assert trial.new > 15
    assert import_paths(workspace, [BOX], now=NOW).new == 0, "the trial named nothing"
    done = import_paths(workspace, [BOX], now=NOW, settings={"mail.host": HOST})
    assert done.new == trial.new
    again = import_paths(workspace, [BOX, FIXTURES / "Maildir"], now=NOW)
    assert again.new == 0, "and everything is known"
    assert not [p for p in again.problems if "content" in p.reason]


def test_an_endorsement_told_by_mail_and_export_is_one_act(workspace: Workspace, tmp_path: Path) -> None:
    workspace.decide(Decision("brand.add", "linkedin:mira-holt"))
    path = eml(
        tmp_path,
        '<a href="https://www.linkedin.com/comm/in/Ann-Bell?midToken=1">Ann Bell</a> endorsed you for Tea',
        subject="Mira, Ann Bell endorsed you for Tea",
        sent_by="LinkedIn <endorsements-noreply@linkedin.com>",
        results=f"{HOST}; dkim=pass header.d=linkedin.com",
    )
    text = path.read_text().replace("Mon, 4 May 2026 10:00:00 +0000", "Sat, 07 Mar 2026 10:03:00 +0000")
    path.write_text(text)
    export = Path(__file__).parent / "fixtures/linkedin/Complete_LinkedInDataExport_05-04-2026"
    import_paths(workspace, [export], now=NOW)
    (told_by_export,) = [a for a in workspace.activities_of(["linkedin:ann-bell"]) if a.object == "skill:Tea"]
    moved = text.replace("Sat, 07 Mar 2026 10:03:00 +0000", _mail_date(told_by_export.at + 180_000_000))
    path.write_text(moved)
    import_paths(workspace, [path], now=NOW, settings={"mail.host": HOST})
    (one,) = [a for a in workspace.activities_of(["linkedin:ann-bell"]) if a.object == "skill:Tea"]
    assert {origin.format for origin in one.origins} == {"linkedin", "notification-mail"}


def test_a_comment_told_by_mail_and_by_facebooks_export_is_one_act(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.decide(Decision("brand.add", "facebook:name/mira holt"))
    export = Path(__file__).parent / "fixtures/facebook/facebook-miraholt-2026-05-04-AbC1dEf2"
    import_paths(workspace, [export], now=NOW)
    link = "https://www.facebook.com/n/?mira.holt%2Fposts%2F77&amp;comment_id=701&amp;aref=1&amp;medium=email"
    html = f'<a href="https://www.facebook.com/n/?ann.bell&amp;aref=1">Ann Bell</a> <a href="{link}">post</a>'
    path = eml(tmp_path, html)
    sent = _mail_date(1_770_006_060_000_000)
    path.write_text(path.read_text().replace("Mon, 4 May 2026 10:00:00 +0000", sent))
    import_paths(workspace, [path], now=NOW, settings={"mail.host": HOST})
    comments = [
        one
        for one in workspace.activities_of(["facebook:name/ann bell"])
        if one.kind == "comment" and one.actor == "facebook:name/ann bell"
    ]
    (both,) = [one for one in comments if len(one.origins) == 2]
    assert {origin.format for origin in both.origins} == {"facebook", "notification-mail"}
    assert both.url == "https://www.facebook.com/mira.holt/posts/77?comment_id=701"


def _mail_date(at: int) -> str:
    return format_datetime(datetime.fromtimestamp(at / 1_000_000, UTC))
