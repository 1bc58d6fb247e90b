"""The signs of the look: badges, icons, faces, moments. Each returns markup that escapes what it is given."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from courtship.model import Micros
from courtship.web import words
from courtship.web.frame import FRAME, PARTED

register = template.Library()

MOMENTUM = {
    "warming": ("up", "i-up-m", "warming"),
    "steady": ("even", "i-even-m", "steady"),
    "cooling": ("down", "i-down-m", "cooling"),
    "quiet": ("quiet", "i-quiet-m", "gone quiet"),
}
UNTOLD = ("blind", "i-blind-m", "cannot tell")


@register.simple_tag
def icon(name: str) -> SafeString:
    """The sign ``i-name`` of the sprite, hidden from screen readers: a word stands beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def glyph(stage: str) -> SafeString:
    """The two rings of a stage."""
    return format_html(
        '<svg class="glyph" aria-hidden="true"><use href="#g-{}"/></svg>', FRAME.get().tone(stage)
    )


@register.filter
def tone(stage: str) -> str:
    """The colour class of a stage."""
    return FRAME.get().tone(stage)


@register.simple_tag
def badge(stage: str, certain: bool = True) -> SafeString:
    """The stage with its sign; hatched and worded "at least" where the next one cannot be fully seen."""
    colour = FRAME.get().tone(stage)
    least = not certain and stage != PARTED
    return format_html(
        '<span class="badge {}{}"><svg class="glyph" aria-hidden="true"><use href="#g-{}"/></svg>'
        "<span>{}{}</span></span>",
        colour,
        " least" if least else "",
        colour,
        "at least " if least else "",
        stage,
    )


@register.simple_tag
def lately(momentum: str | None) -> SafeString:
    """Momentum as sign and word; "cannot tell" where nothing is covered."""
    kind, sign, word = MOMENTUM.get(momentum or "", UNTOLD)
    return format_html(
        '<span class="mo {}"><svg class="icon" aria-hidden="true"><use href="#{}"/></svg>{}</span>',
        kind,
        sign,
        word,
    )


@register.simple_tag
def bdi(name: str, person: str = "") -> SafeString:
    """A name, kept apart from the direction of what surrounds it."""
    shown = FRAME.get().name(name, person)
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown[:40]):
        return format_html('<bdi dir="rtl">{}</bdi>', shown)
    return format_html("<bdi>{}</bdi>", shown)


@register.simple_tag
def face(name: str, person: str = "", size: str = "") -> SafeString:
    """A round initial in place of a picture (nothing is fetched)."""
    frame = FRAME.get()
    shown = frame.name(name, person)
    shown = shown.removeprefix("Person ") if frame.names_hidden else shown
    initial = next((c for c in shown if c.isalnum()), "?").upper()[:1]
    return format_html(
        '<span class="face{}" aria-hidden="true">{}</span>', f" {size}" if size else "", initial
    )


@register.filter
def handle(value: str) -> str:
    """A handle; nothing of it where names are hidden."""
    return "" if FRAME.get().names_hidden else value


@register.filter
def day(at: Micros | None) -> SafeString | str:
    """A ``time`` element in words, without the year where it is the page's own."""
    return _time(at, words.day(at)) if at else ""


@register.filter
def fullday(at: Micros | None) -> SafeString | str:
    """A ``time`` element in words, always with its year."""
    return _time(at, words.day(at, year=True)) if at else ""


@register.filter
def shortday(at: Micros | None) -> SafeString | str:
    """ "14 Sep 2026" as a ``time`` element."""
    return _time(at, words.short_day(at)) if at else ""


@register.filter
def weekday(at: Micros) -> SafeString:
    """ "Tuesday 17 November" as a ``time`` element."""
    local = FRAME.get().local(at)
    return _time(at, f"{words.WEEKDAYS[local.weekday()]} {words.day(at, year=False)}")


@register.filter
def clock(at: Micros) -> str:
    """ "7:52"."""
    return words.clock(at)


@register.filter
def isoday(at: Micros | None) -> str:
    """For the value of a date field."""
    return words.iso(at) if at else ""


@register.filter
def ago(at: Micros | None) -> str:
    """ "3 days ago"."""
    return words.ago(at) if at else ""


@register.filter
def span(length: Micros | None) -> str:
    """ "5 hours"."""
    return words.length(length) if length else ""


@register.filter
def number(value: int | None) -> str:
    """ "1,318"."""
    return words.number(value or 0)


@register.filter
def counted(value: int) -> str:
    """ "Three" at the head of a sentence."""
    return words.counted(value)


@register.filter
def people(value: int) -> str:
    """ "1 person", "2 people"."""
    return words.plural(value, "person", "people")


@register.filter
def times(value: int, one: str) -> str:
    """``{{ 3|times:"post" }}`` is "3 posts"; irregular forms as "person,people"."""
    single, _, many = one.partition(",")
    return words.plural(value, single, many)


@register.filter
def platform(value: str) -> str:
    """A platform's own spelling."""
    return words.platform_title(value)


@register.filter
def field(mapping: dict[str, Any], key: str) -> Any:
    """``mapping[key]`` in a template, empty where it is not there."""
    return mapping.get(key, "")


def _time(at: Micros, said: str) -> SafeString:
    return format_html(
        '<time datetime="{}">{}</time>', words.iso(at), said.replace(" ", "\N{NO-BREAK SPACE}", 1)
    )
