"""A message to the owner in text and in HTML: what happened, why it is told, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: a sentence, the words that were said (``""``: none), why it is told, and a link."""

    said: str
    quote: str = ""
    reason: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Items under a heading (``""``: none); ``more`` counts those that are left out."""

    heading: str
    items: Sequence[Item]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is sent."""

    title: str
    text: str
    html: str


def letter(title: str, opening: str, parts: Sequence[Part], *, foot: str, link: str = "") -> Letter:
    """The message. ``opening`` is one sentence; ``foot`` says by which rule it came; ``link`` where that is
    changed."""
    return Letter(title, _text(opening, parts, foot, link), _html(title, opening, parts, foot, link))


def _text(opening: str, parts: Sequence[Part], foot: str, link: str) -> str:
    lines = [opening, ""] if opening else []
    for part in parts:
        if part.heading:
            lines += [part.heading, ""]
        for item in part.items:
            lines.append(item.said)
            if item.quote:
                lines.append(f"“{item.quote}”")
            if item.reason:
                lines.append(item.reason)
            if item.link:
                lines.append(item.link)
            lines.append("")
        if part.more:
            lines += [f"and {part.more:,} more", ""]
    lines.append(f"{foot} {link}".rstrip())
    return "\n".join(lines) + "\n"


def _html(title: str, opening: str, parts: Sequence[Part], foot: str, link: str) -> str:
    """Plain elements that every mail program shows, readable without any style."""
    body = [f"<p>{escape(opening)}</p>"] if opening else []
    for part in parts:
        if part.heading:
            body.append(f"<h2>{escape(part.heading)}</h2>")
        body.append("<ul>" if part.heading else "")
        tag = "li" if part.heading else "p"
        for item in part.items:
            said = escape(item.said)
            if item.link:
                said = f'<a href="{escape(item.link)}">{said}</a>'
            inside = [f"<strong>{said}</strong>"]
            if item.quote:
                inside.append(f"<q>{escape(item.quote)}</q>")
            if item.reason:
                inside.append(escape(item.reason))
            body.append(f"<{tag}>{'<br>'.join(inside)}</{tag}>")
        if part.more:
            body.append(f"<{tag}>and {part.more:,} more</{tag}>")
        body.append("</ul>" if part.heading else "")
    end = escape(foot)
    if link:
        end = f'{end} <a href="{escape(link)}">{escape(link)}</a>'
    body.append(f"<hr><p><small>{end}</small></p>")
    content = "\n".join(one for one in body if one)
    return f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n<body>\n{content}\n</body></html>\n'  # noqa: E501
