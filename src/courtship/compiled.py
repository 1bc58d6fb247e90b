"""Compilation to machine code with numba, cached on disk where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
from numba.core.options import DefaultOptions

F = TypeVar("F", bound=Callable[..., object])

# Not part of numba's promises, hence asked for by name: without it the code is right, and slower.
_UNCOUNTED: Final[dict[str, Any]] = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


def compiled(function: F) -> F:
    """``function`` compiled when first called; it lets other threads run meanwhile.

    The code is cached beside the source, else in the user's cache folder, else (a read-only install and
    no home) not at all, so that it compiles once a process. ``NUMBA_CACHE_DIR`` overrides this.
    """
    return _compiled(function, {})


def compiled_bare(function: F) -> F:
    """As ``compiled``, for a function that makes no arrays: references to those it is given are not counted.

    Where many arrays are handed on in an inner loop, counting took more than half of the time. Division
    by zero is not looked for either. All functions that it calls must be ``compiled_bare`` too.
    """
    return _compiled(function, {"error_model": "numpy", **_UNCOUNTED})


def _compiled(function: F, options: dict[str, Any]) -> F:
    try:
        return cast(F, numba.njit(cache=True, nogil=True, **options)(function))
    except RuntimeError:  # numba found no folder that it can write
        return cast(F, numba.njit(nogil=True, **options)(function))
