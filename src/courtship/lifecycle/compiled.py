"""Compilation to machine code with numba, cached on disk where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """``function`` compiled when first called; it lets other threads run meanwhile.

    The code is cached beside the source, else in the user's cache folder, else (a read-only install and
    no home) not at all, so that it compiles once a process. ``NUMBA_CACHE_DIR`` overrides this.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder that it can write
        return cast(F, numba.njit(nogil=True)(function))
