"""Any page as one file: the sheet inside, no script, no forms, no links that need the server."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from selectolax.lexbor import LexborHTMLParser

LEAVES = "script, form, .noprint, .skip, .nav, .search, .toast, dialog, link, .ribbon, details.menu"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class AsOneFile:
    """Answers ``?as=file`` with the page as a file to keep or to hand on."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        wanted = request.method == "GET" and request.GET.get("as") == "file"
        if not wanted or response.status_code != 200 or response.streaming:
            return response
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        name = request.path.strip("/").replace("/", "-") or "today"
        return HttpResponse(
            one_file(response.content.decode()),
            headers={"Content-Disposition": f'attachment; filename="courtship-{name}.html"'},
        )


def one_file(page: str) -> str:
    """The page with its sheets inside and everything left out that works with the server alone."""
    tree = LexborHTMLParser(page)
    for node in tree.css(LEAVES):
        node.decompose()
    for node in tree.css("a[href]"):
        href = node.attributes.get("href") or ""
        if not href.startswith(("#", "http://", "https://")):
            del node.attrs["href"]
    for node in tree.css("details"):
        node.attrs["open"] = ""
    html = tree.html or ""
    head = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><style>{sheets()}</style></head>'
    return "<!doctype html>\n" + html.removeprefix("<!DOCTYPE html>").replace("</head>", head, 1)


@cache
def sheets() -> str:
    """Both style sheets."""
    found = [finders.find(f"courtship/{name}.css") for name in ("look", "pages")]
    texts = []
    for path in found:
        assert isinstance(path, str)
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 - Django answers a plain path
            texts.append(file.read())
    # a sheet that closed its own element early would open the page to whatever follows
    return "\n".join(texts).replace("</", "<\\/")
