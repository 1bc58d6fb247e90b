"""Settings / Sources: what the columns of a table are that no format knows, with what would come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from courtship.errors import CourtshipError, InvalidRecord
from courtship.service.importing import bringing, jobs
from courtship.service.importing.csv_mapping import PARTS, CsvFile
from courtship.service.people import deciding
from courtship.vocabulary import KINDS
from courtship.web.requests import desk, tell

SHOWN: Final = 5
"""Rows that are shown."""

WORDS: Final = 12
"""Words of the table's own that are asked about."""

PLATFORMS: Final = (
    *("bluesky", "email", "facebook", "instagram", "linkedin", "mastodon", "pinterest", "reddit"),
    *("threads", "tiktok", "web", "x", "youtube"),
)
_PIECE: Final = 1 << 20


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, job: str, number: int) -> HttpResponse:
    """The columns are chosen, looked at, and the file brought in by them."""
    at = desk(request)
    path = jobs.unread(at.workspace, job).get(number)
    if path is None:
        raise Http404
    try:
        file = CsvFile.at(path)
    except CourtshipError as error:
        tell(request, str(error).removeprefix(f"{path}: "))
        return HttpResponseRedirect(reverse("job", args=[job]))
    answers = _answers(request, file) if request.method == "POST" else _guessed(file, at.workspace.brand())
    wrong, preview = "", None
    if request.method == "POST":
        try:
            chosen = file.answered(answers)
            if file.needs_order(chosen):
                raise InvalidRecord("Say below whether dates begin with the day or the month.")
            preview = file.preview(chosen, at.workspace.brand(), SHOWN)
            if request.POST.get("do") == "bring":
                deciding.set_settings(at.workspace, file.setting(chosen), now=at.now)
                begun = jobs.start(at.workspace, [(path.name, _pieces(path))], bringing.work, now=at.now)
                jobs.drop_unread(path)
                return HttpResponseRedirect(reverse("job", args=[begun.id]))
        except CourtshipError as error:
            wrong = str(error)
    context = {
        "name": path.name,
        "header": file.header,
        "rows": [row for _, row in file.rows[:SHOWN]],
        "fields": list(_fields(file, answers)),
        "us": answers.get("us", "").partition(":")[2],
        "preview": preview,
        "wrong": wrong,
    }
    return render(
        request,
        "courtship/settings/columns.html",
        {"place": "settings", "tab": "sources", "job": job, "table": context},
        status=400 if wrong else 200,
    )


def _guessed(file: CsvFile, brand: frozenset[str]) -> dict[str, str]:
    answers = {part: f"column:{column}" for part, column in file.guess.items()}
    answers.setdefault("direction", "always:in")
    if len(brand) == 1:
        answers["us"] = f"always:{min(brand)}"
    return answers


def _answers(request: HttpRequest, file: CsvFile) -> dict[str, str]:
    answers = {}
    for name in (*PARTS, "dates"):
        if said := request.POST.get(name, ""):
            answers[name] = said
    if us := request.POST.get("us", "").strip():
        answers["us"] = f"always:{us}"
    for word in _own_words(file, answers):
        if said := request.POST.get(f"kind.{word}", ""):
            answers[f"kind.{word}"] = said
    return answers


def _own_words(file: CsvFile, answers: Mapping[str, str]) -> list[str]:
    how, _, column = answers.get("kind", "").partition(":")
    return file.unknown_words(column)[:WORDS] if how == "column" and column in file.header else []


def _fields(file: CsvFile, answers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    always = {"kind": KINDS, "platform": PLATFORMS, "direction": ("in", "out")}
    said = {"in": "they to us", "out": "we to them"}
    for part, label in PARTS.items():
        columns = [(f"column:{name}", name) for name in file.header]
        fixed = [(f"always:{value}", said.get(value, value)) for value in always.get(part, ())]
        yield _field(part, label, answers, columns, fixed, none="no column says it")
        for word in _own_words(file, answers) if part == "kind" else ():
            kinds = [(f"always:{kind}", str(kind)) for kind in KINDS]
            yield _field(
                f"kind.{word}", f"what {word} is", answers, [], kinds, none="none of these: left out"
            )
    orders = [("always:dmy", "with the day"), ("always:mdy", "with the month")]
    yield _field("dates", "dates such as 3/4/2026 begin", answers, [], orders, none="as the dates show")


def _field(
    name: str,
    label: str,
    answers: Mapping[str, str],
    columns: list[tuple[str, str]],
    always: list[tuple[str, str]],
    *,
    none: str = "",
) -> dict[str, Any]:
    chosen = answers.get(name, "")
    return {
        "name": name,
        "label": label[:1].upper() + label[1:],
        "none": none,
        "columns": [(value, said, value == chosen) for value, said in columns],
        "always": [(value, said, value == chosen) for value, said in always],
    }


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
