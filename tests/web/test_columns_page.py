"""A table that no format knows: its columns are mapped on a page, looked at, brought in, and remembered."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from selectolax.lexbor import LexborHTMLParser
from tests.web.conftest import HOSTILE
from tests.web.test_bringing import TABLE, bring

from courtship.service.importing import jobs

CSV = f"""Wann;Wer;Was;Inhalt
2026-02-03 10:00;@ann;comment;Hello
2026-02-04 11:00;@bo;klatschen;"{HOSTILE.replace('"', '""')}"
""".encode()
ANSWERS = {
    "at": "column:Wann",
    "actor": "column:Wer",
    "kind": "column:Was",
    "text": "column:Inhalt",
    "platform": "always:x",
    "direction": "always:in",
    "us": "x:@me",
}


def page_of(client: Client, content: bytes = CSV) -> str:
    """The address of the page for the columns, from the page of the import that knew no format."""
    tree = LexborHTMLParser(client.get(bring(client, "liste.csv", content)).content.decode())
    (link,) = [a for a in tree.css("a") if "/columns/" in (a.attributes.get("href") or "")]
    return link.attributes["href"] or ""


def test_mapped_looked_at_brought_and_remembered(empty_client: Client) -> None:
    address = page_of(empty_client)
    html = empty_client.get(address).content.decode()
    assert "klatschen" in html
    assert "<script>window" not in html
    looked = empty_client.post(address, {**ANSWERS, "do": "look"}).content.decode()
    assert "as they would be read" in looked
    assert "x:@ann" in looked
    assert 'name="kind.klatschen"' in looked, "a word of the table's own is asked about"
    assert "<script>window" not in looked
    answer = empty_client.post(address, {**ANSWERS, "kind.klatschen": "always:like", "do": "bring"})
    assert answer.status_code == 302
    assert jobs.wait(60)
    assert "2 new acts" in empty_client.get(answer.headers["Location"]).content.decode()
    assert empty_client.get(address).status_code == 404, "the file is not kept any longer"
    again = empty_client.get(bring(empty_client, "mehr.csv", CSV + b"2026-02-05 10:00;@cy;comment;Ho\n"))
    assert "1 new act, 2 known already" in again.content.decode()


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"at": "column:Wann"}, "actor"),
        ({**ANSWERS, "us": "nobody"}, "platform:id"),
        ({**ANSWERS, "at": "column:nothing"}, "at"),
    ],
)
def test_what_is_missing_is_said(empty_client: Client, answers: dict[str, str], said: str) -> None:
    address = page_of(empty_client)
    answer = empty_client.post(address, {**answers, "do": "bring"})
    assert answer.status_code == 400
    alert = LexborHTMLParser(answer.content.decode()).css_first('[role="alert"]')
    assert alert
    assert said in alert.text()


def test_dates_that_may_be_read_either_way_are_asked_about(empty_client: Client) -> None:
    address = page_of(
        empty_client, CSV.replace(b"2026-02-03", b"3/2/2026").replace(b"2026-02-04", b"4/2/2026")
    )
    answer = empty_client.post(address, {**ANSWERS, "do": "look"})
    assert "the day or the month" in answer.content.decode()
    answer = empty_client.post(address, {**ANSWERS, "dates": "always:dmy", "do": "look"})
    assert answer.status_code == 200


@pytest.mark.parametrize("job", ["1-2", "..", "x"])
def test_no_other_file_is_shown(empty_client: Client, job: str) -> None:
    assert empty_client.get(f"/settings/jobs/{job}/columns/0").status_code == 404


def test_what_would_come_in_is_told_and_nothing_comes_in(empty_client: Client) -> None:
    files = {"files": [SimpleUploadedFile("a.csv", TABLE)], "trial": "yes"}
    answer = empty_client.post("/settings/bring", files)
    assert jobs.wait(60)
    html = empty_client.get(answer.headers["Location"]).content.decode()
    assert "3 new acts would come in" in html
    assert "Nothing was brought in yet" in html
    again = empty_client.get(bring(empty_client, "a.csv", TABLE)).content.decode()
    assert "3 new acts" in again
    assert "known already" not in again


def test_the_account_that_gets_mails_is_remembered(empty_client: Client) -> None:
    files = [SimpleUploadedFile("a.csv", TABLE)]
    answer = empty_client.post("/settings/bring", {"files": files, "mail_account": "nonsense"})
    assert answer.headers["Location"] == "/settings"
    assert "ADDRESS=ACCOUNT" in empty_client.get("/settings").content.decode()
    answer = empty_client.post(
        "/settings/bring",
        {"files": [SimpleUploadedFile("a.csv", TABLE)], "mail_account": "me@example.org=x:@me"},
    )
    assert answer.headers["Location"].startswith("/settings/jobs/")
    assert jobs.wait(60)
