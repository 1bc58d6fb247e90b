"""A list that a server shows from the newest entry backwards, a page at a time: what is new, and every gap.

The state is JSON, for a connection's cursor: ``newest`` is the key of the newest entry that was seen, and
``gaps`` what lies between pages that were seen: ``{"cursor": where to go on, "until": the key below which all
is known}``. However often and wherever it is cut off, no entry is skipped; some are seen twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class Page(NamedTuple):
    """Entries, newest first, and where to go on; ``None`` at the end."""

    entries: Sequence[Any]
    cursor: str | None


class NewestFirst:
    """Reads one such list.

    ``fetch(cursor)`` gets a page, the first one for ``None``; ``key(entry)`` is a text that grows with
    newness, ``""`` where the entry is damaged.
    """

    def __init__(
        self, fetch: Callable[[str | None], Page], key: Callable[[Any], str], state: Mapping[str, Any] | None
    ) -> None:
        self._fetch = fetch
        self._key = key
        self.newest: str | None = None
        self.gaps: list[dict[str, str]] = []
        if state:
            newest = state.get("newest")
            self.newest = newest if isinstance(newest, str) else None
            for gap in state.get("gaps") or ():
                self.gaps.append({"cursor": str(gap["cursor"]), "until": str(gap["until"])})

    @property
    def state(self) -> dict[str, Any]:
        """For the cursor."""
        return {"newest": self.newest, "gaps": [dict(gap) for gap in self.gaps]}

    @property
    def whole(self) -> bool:
        """Whether everything up to the newest entry has been seen."""
        return self.newest is not None and not self.gaps

    def look(self) -> Sequence[Any]:
        """The newest page. What lies between it and what was known becomes a gap."""
        page = self._fetch(None)
        entries = list(page.entries)
        known = self.newest
        if page.cursor is not None and known is not None and self._least(entries) == known:
            # It ends with what was newest: there may be another of the same key behind it.
            page = self._fetch(page.cursor)
            entries += page.entries
        least = self._least(entries)
        if page.cursor is not None and (known is None or not least or least >= known):
            self.gaps.append({"cursor": page.cursor, "until": known or ""})
        self.newest = max([*filter(None, map(self._key, entries)), known or ""])
        return entries

    def _least(self, entries: Sequence[Any]) -> str:
        return min(filter(None, map(self._key, entries)), default="")

    def fill(self) -> Sequence[Any]:
        """The next page of the newest gap, which grows smaller by it or ends."""
        gap = self.gaps[-1]
        page = self._fetch(gap["cursor"])
        keys = [key for entry in page.entries if (key := self._key(entry))]
        if page.cursor is None or page.cursor == gap["cursor"] or (keys and min(keys) < gap["until"]):
            self.gaps.pop()
        else:
            gap["cursor"] = page.cursor
        return page.entries
