"""PDF by WeasyPrint, where it and Pango are installed (``pip install 'courtship[pdf]'``). Fetches nothing."""

from __future__ import annotations

from functools import cache
from typing import Any


class NoRenderer(Exception):
    """No PDF can be made here; the message says what to do."""


@cache
def there() -> bool:
    """Whether a PDF can be made: found out once, by trying to load the renderer."""
    try:
        _renderer()
    except NoRenderer:
        return False
    return True


def made(page: str) -> bytes:
    """The page as PDF. Raises NoRenderer where none is installed."""
    found: bytes = _renderer().HTML(string=page, url_fetcher=_nothing).write_pdf()
    return found


def _renderer() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError):  # OSError: its system library, Pango, is missing
        raise NoRenderer(
            "No PDF can be made here: install courtship[pdf] and Pango, or print the page from the browser."
        ) from None
    return weasyprint


def _nothing(url: str, *args: object, **options: object) -> dict[str, Any]:
    raise ValueError(f"nothing is fetched for a PDF: {url[:80]}")
