"""Files brought in on a page: read in the background, told as it goes, safe whatever they are called."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from selectolax.lexbor import LexborHTMLParser
from tests.web.conftest import HOSTILE

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

from courtship.errors import CourtshipError
from courtship.service.importing import jobs
from courtship.store import open_workspace

TABLE = b"""id,kind,actor,target,at,text,actor_name
1,follow,test:ann,test:me,2026-01-01T10:00:00Z,,Ann
2,comment,test:ann,test:me,2026-01-02T10:00:00Z,Hello,Ann
3,comment,test:me,test:ann,2026-01-03T10:00:00Z,Welcome,
4,nonsense,test:ann,test:me,2026-01-04T10:00:00Z,,Ann
"""


def bring(client: Client, name: str, content: bytes, to: str = "/settings/bring") -> str:
    answer = client.post(to, {"files": [SimpleUploadedFile(name, content)]})
    assert answer.status_code == 302
    assert jobs.wait(60)
    return answer.headers["Location"]


def test_an_export_is_brought_and_the_board_shows_it(empty_client: Client) -> None:
    empty_client.post("/start/name", {"name": "Kettlewick Bread"})
    address = bring(empty_client, "activities.csv", TABLE, "/start/own")
    page = LexborHTMLParser(empty_client.get(address).content.decode())
    text = page.body.text() if page.body else ""
    assert "3 new acts" in text
    assert "1 problem" in text
    empty_client.post("/settings/brand", {"do": "add", "account": "test:me"})
    board = LexborHTMLParser(empty_client.get("/lifecycle").content.decode())
    assert [a.text() for a in board.css(".rung .n > a")] == ["0", "1", "0", "0", "0"]
    problems = empty_client.get("/settings/problems").content.decode()
    assert "activities.csv" in problems
    assert "nonsense" in problems


def test_mails_are_brought_with_the_mail_host_named(empty_client: Client) -> None:
    box = Path(__file__).parents[1] / "sources/fixtures/notification-mail/social.mbox"
    html = empty_client.get(bring(empty_client, "social.mbox", box.read_bytes())).content.decode()
    assert "0 new acts" in html
    files = {"files": [SimpleUploadedFile("social.mbox", box.read_bytes())]}
    answer = empty_client.post("/settings/bring", {**files, "mail_host": "a b/c"})
    assert answer.headers["Location"] == "/settings"
    assert "is no mail host" in empty_client.get("/settings").content.decode()
    answer = empty_client.post(
        "/settings/bring",
        {
            "files": [SimpleUploadedFile("social.mbox", box.read_bytes())],
            "mail_host": "mx.tearoom.example.com",
        },
    )
    assert jobs.wait(60)
    html = empty_client.get(answer.headers["Location"]).content.decode()
    assert "new acts" in html
    assert "0 new acts" not in html


def test_brought_again_nothing_counts_twice(empty_client: Client) -> None:
    bring(empty_client, "a.csv", TABLE)
    address = bring(empty_client, "b.csv", TABLE)
    assert "0 new acts, 3 known already" in empty_client.get(address).content.decode()


def test_what_is_no_export_is_said_to_be_none(empty_client: Client) -> None:
    address = bring(empty_client, "photo.jpg", b"\xff\xd8\xff" + b"\0" * 500)
    html = empty_client.get(address).content.decode()
    assert "could not all be read" in html
    assert "photo.jpg" in html


def test_nothing_chosen_is_said(empty_client: Client) -> None:
    answer = empty_client.post("/settings/bring", {})
    assert answer.headers["Location"] == "/settings"
    assert "Choose a file first" in empty_client.get("/settings").content.decode()


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "..\\..\\evil.csv", HOSTILE + ".csv", "..", "a" * 400 + ".csv"]
)
def test_a_file_name_leads_nowhere_and_stays_text(tmp_path: Path, name: str) -> None:
    workspace = open_workspace(tmp_path / "home")
    seen: list[Path] = []

    def work(
        workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
    ) -> tuple[tuple[jobs.File, ...], str]:
        seen.extend(paths)
        return (jobs.File("x"),), ""

    job = jobs.start(workspace, [(name, [b"x"])], work, now=1)
    assert jobs.wait(20)
    (path,) = seen
    assert path.resolve().is_relative_to((tmp_path / "home" / "jobs").resolve())
    assert not any(c in path.name for c in '<>"|\\/:')
    assert not path.exists()
    found = jobs.find(workspace, job.id)
    assert found is not None
    assert found.state == "done"


def test_progress_survives_and_a_dead_job_is_said_to_have_stopped(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "home")
    told: list[str] = []

    def work(
        workspace: Workspace, paths: Sequence[Path], progress: Callable[[str, int], None]
    ) -> tuple[tuple[jobs.File, ...], str]:
        progress("Reading a.csv (50 %)", 7)
        own = next((tmp_path / "home" / "jobs" / "default").iterdir())
        told.append(json.loads((own / "job.json").read_text())["state"])
        assert jobs.busy(workspace)
        raise CourtshipError("The disk is full; make room and bring it again.")

    job = jobs.start(workspace, [("a.csv", [b"x"])], work, now=1)
    assert jobs.wait(20)
    assert told == ["running"]
    assert not jobs.busy(workspace)
    found = jobs.find(workspace, job.id)
    assert found is not None
    assert (found.state, found.wrong) == ("failed", "The disk is full; make room and bring it again.")
    file = tmp_path / "home" / "jobs" / "default" / job.id / "job.json"
    body = json.loads(file.read_text())
    file.write_text(json.dumps(body | {"state": "running", "pid": 2**22 + 1}))
    dead = jobs.find(workspace, job.id)
    assert dead is not None
    assert dead.state == "stopped"
    assert "nothing counts twice" in dead.wrong


@pytest.mark.parametrize("id", ["..", "../default", "", "x", "1-../../etc"])
def test_no_job_id_leads_out(tmp_path: Path, id: str) -> None:
    assert jobs.find(open_workspace(tmp_path / "home"), id) is None


def test_the_guide_shows_a_made_up_brand_and_the_way_back(
    empty_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courtship.service.demo import demo

    whole = demo.fill
    monkeypatch.setattr(
        demo, "fill", lambda workspace, **also: whole(workspace, people=60, activities=1_200, **also)
    )
    answer = empty_client.post("/start/made-up")
    assert jobs.wait(120)
    page = empty_client.get(answer.headers["Location"]).content.decode()
    assert "It is in." in page
    board = empty_client.get("/lifecycle").content.decode()
    assert "A made-up brand, to look around in." in board
    assert sum(int(n) for n in re.findall(r'stage=\w+">(\d+)</a> <small', board)) > 30
    empty_client.get("/start/leave")
    assert "made-up brand, to look" not in empty_client.get("/lifecycle").content.decode()
