"""Courtship: the relationship lifecycle system for social media."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courtship.service.reckoning.reckon import reckon

__all__ = ["__version__", "reckon"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """``courtship.reckon``, loaded when it is first used: ``import courtship`` itself loads nothing."""
    if name == "reckon":
        from courtship.service.reckoning.reckon import reckon

        return reckon
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
