"""The notification e-mails that tests read: own mailboxes, and one mail at a time."""

from __future__ import annotations

from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures/notification-mail"
BOX = FIXTURES / "social.mbox"
HOST = "mx.tearoom.example.com"


def eml(
    folder: Path,
    html: str,
    *,
    subject: str = "Ann Bell commented on your post",
    sent_by: str = "Facebook <notification@facebookmail.com>",
    results: str = f"{HOST}; dkim=pass header.d=facebookmail.com",
    to: str = "Mira Holt <mira@example.com>",
    more: str = "",
) -> Path:
    """One mail in a file of its own."""
    path = folder / "mail.eml"
    path.write_text(
        f"{more}Authentication-Results: {results}\nFrom: {sent_by}\nTo: {to}\nSubject: {subject}\n"
        "Date: Mon, 4 May 2026 10:00:00 +0000\nMessage-ID: <1@x>\nContent-Type: text/html; charset=utf-8\n\n"
        f"<html><body>{html}</body></html>\n"
    )
    return path
