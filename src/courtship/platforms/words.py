"""Words as platforms write them -> plain text."""

from __future__ import annotations

import html
import re
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

_BREAKS: Final = re.compile(
    r"<(?:br|/p|/div|/li|/h[1-6]|/blockquote|/tr|/pre|/figure|/ul|/ol|hr)\b[^>]*>", re.IGNORECASE
)
_CELLS: Final = re.compile(
    r"<(?:br|/p|/div|/li|/h[1-6]|/blockquote|/t[dhr]|/ul|/ol|hr)\b[^>]*>", re.IGNORECASE
)
_TAG: Final = re.compile(r"<[^<>]*>")
_LINKS: Final = 300
_TAGS: Final = 10_000
_HIDDEN: Final = ("script", "style", "noscript", "template", "iframe")


def plain(markup: Any) -> str:
    """HTML -> its words: one line a paragraph, blank lines kept to one, entities resolved, scripts out.

    Text without any markup comes back trimmed. Anything but a string is no words.
    """
    if not markup or not isinstance(markup, str):
        return ""
    if markup.startswith("<p>") and markup.endswith("</p>") and markup.count("<") == 2:
        markup = markup[3:-4]  # one paragraph without more, as most posts are: no parser is needed
    if "<" not in markup:
        return tidy(html.unescape(markup) if "&" in markup else markup)
    broken = _BREAKS.sub(lambda found: found.group() + "\n", markup)
    begun = _shallow(broken)
    tree = LexborHTMLParser(begun)
    tree.strip_tags(list(_HIDDEN))
    body = tree.body
    said = body.text(separator="") if body is not None else ""
    if len(begun) < len(broken):
        said += html.unescape(_TAG.sub("", broken[len(begun) :]))
    return tidy(said)


def with_links(markup: str) -> tuple[str, list[tuple[str, str]]]:
    """HTML of a mail -> its words, and its links as (words or picture's text, address), in order.

    Line ends of the source are blanks, as a reader sees them; a cell of a table is a line of its own.
    """
    flowing = _CELLS.sub(r"\g<0>\n", " ".join(markup.split()))
    tree = LexborHTMLParser(_shallow(flowing))
    tree.strip_tags(["style", "script", "template", "title"])
    body = tree.body
    if body is None:
        return "", []
    found: list[tuple[str, str]] = []
    for node in body.css("a[href]")[:_LINKS]:
        shown = node.text(separator="").strip()
        if not shown:
            picture = node.css_first("img[alt]")
            shown = (picture.attributes.get("alt") or "").strip() if picture is not None else ""
        found.append((shown, (node.attributes.get("href") or "").strip()))
    return tidy(body.text(separator="")), found


def _shallow(markup: str) -> str:
    """The markup up to its ten thousandth tag: the parser's time grows with the square of how deep tags are
    nested, from a quarter of a second at that many to minutes at a few times more."""
    if markup.count("<") <= _TAGS:
        return markup
    place = -1
    for _ in range(_TAGS):
        place = markup.index("<", place + 1)
    return markup[:place]


def tidy(text: str) -> str:
    """Blanks within lines and empty lines between them cut to one; no blanks at the ends."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isprintable() and "  " not in text:  # a space is the only blank that can be printed
        return text.strip(" ")
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split())
    kept: list[str] = []
    for line in text.splitlines():
        line = " ".join(line.split())
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).rstrip("\n")


def links(markup: str) -> list[str]:
    """The addresses (http, https) that HTML links to, in order, each once."""
    if "href" not in markup and "HREF" not in markup:
        return []
    found: dict[str, None] = {}
    for node in LexborHTMLParser(_shallow(markup)).css("a[href]"):
        address = (node.attributes.get("href") or "").strip()
        if address.startswith(("https://", "http://")):
            found[address] = None
    return list(found)


def repaired(text: str) -> str:
    """Undoes Meta's damage: exports write each byte of a text's UTF-8 as a character of its own
    (``\\u00f0\\u009f\\u0091\\u008d`` for a thumb up). Text that is not so damaged comes back as it was."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
