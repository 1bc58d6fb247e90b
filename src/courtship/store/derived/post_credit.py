"""Acts on posts as arrays: what credit for posts is reckoned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from courtship.store import bulk, databases
from courtship.store.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = 50_000


def acts_on(
    workspace: Workspace, objects: Mapping[str, int], *, elsewhere: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions (ascending) of the records about these objects, or in reply to them, and which one each
    is about, as its number. With ``elsewhere`` also those about anything else, under that number."""
    import numpy as np

    positions: list[int] = []
    numbers: list[int] = []
    query = (
        "SELECT position, object, in_reply_to FROM store_record "
        "WHERE object IS NOT NULL OR in_reply_to IS NOT NULL ORDER BY position"
    )
    with databases.failures("reading the workspace"), databases.snapshot(workspace.connection):
        for rows in bulk.chunks(workspace.connection, query, _CHUNK):
            for position, object, in_reply_to in rows:
                number = objects.get(object)
                if number is None:
                    number = objects.get(in_reply_to, elsewhere)
                if number is not None:
                    positions.append(position)
                    numbers.append(number)
    return np.array(positions, np.int64), np.array(numbers, np.int64)
