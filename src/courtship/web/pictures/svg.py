"""Small pieces of SVG. Everything that is text or an attribute's value goes through ``escape``."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString, mark_safe


def n(value: float) -> str:
    """A coordinate to one decimal; whole numbers without it."""
    said = f"{value:.1f}"
    return said[:-2] if said.endswith(".0") else said


def text(x: float, y: float, words: str, css: str = "") -> str:
    """A line of text; ``css`` are classes."""
    named = f' class="{escape(css)}"' if css else ""
    return f'<text{named} x="{n(x)}" y="{n(y)}">{escape(words)}</text>'


def rect(x: float, y: float, width: float, height: float, css: str, title: str = "") -> str:
    """A bar or band."""
    box = f'<rect class="{escape(css)}" x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}"'
    return f"{box}><title>{escape(title)}</title></rect>" if title else f"{box}/>"


def link(href: str, label: str, inside: str, css: str = "") -> str:
    """Something inside the picture that can be followed, named for those who hear it."""
    named = f' class="{escape(css)}"' if css else ""
    return f'<a href="{escape(href)}"{named} aria-label="{escape(label)}">{inside}</a>'


def drawing(css: str, width: int, height: float, key: str, title: str, desc: str, inside: list[str]) -> str:
    """A drawing with links inside: ``role="group"``, named by its title, told by its description."""
    return (
        f'<svg class="{css}" viewBox="0 0 {width} {n(height)}" role="group" aria-labelledby="{key}t"'
        f' aria-describedby="{key}d"><title id="{key}t">{escape(title)}</title>'
        f'<desc id="{key}d">{escape(desc)}</desc>{"".join(inside)}</svg>'
    )


def image(css: str, width: int, height: float, key: str, title: str, inside: list[str]) -> str:
    """A drawing without links: one image, whose title says the finding."""
    return (
        f'<svg class="{css}" viewBox="0 0 {width} {n(height)}" role="img" aria-labelledby="{key}t">'
        f'<title id="{key}t">{escape(title)}</title>{"".join(inside)}</svg>'
    )


def safe(*drawings: str) -> SafeString:
    """The drawings as markup for a template. Only this module's own pieces may be handed in."""
    return mark_safe("".join(drawings))  # noqa: S308 - every piece escapes its text
