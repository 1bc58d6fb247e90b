"""Activities of many people as columns: what the store hands to the lifecycle's kernel.

NumPy is imported by whoever makes one; this module loads nothing beyond the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Columns:
    """``n`` activities of ``p`` people, grouped by person, in the order (``at``, ``rank``) within each.

    Only activities between the brand and a person are in it; each activity once. ``start`` has p+1
    offsets. ``at`` and ``ended`` are UTC microseconds (``FOREVER`` where not ended; never before ``at``).
    ``kind`` is the code in ``vocabulary.KIND_CODE``; ``outbound`` and ``precise`` are 0 or 1. ``rank``
    orders ids: the least rank among several is the least id. ``platform`` indexes ``platforms`` (that of
    the person's account).
    """

    start: NDArray[np.int64]
    at: NDArray[np.int64]
    ended: NDArray[np.int64]
    kind: NDArray[np.uint8]
    outbound: NDArray[np.uint8]
    precise: NDArray[np.uint8]
    rank: NDArray[np.int64]
    platform: NDArray[np.uint16]
    platforms: tuple[str, ...]
