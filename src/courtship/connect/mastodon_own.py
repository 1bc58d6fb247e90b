"""The brand's own statuses on Mastodon, who reacted to them, and what the brand favourited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from courtship.connect.base import Batch, Session
from courtship.connect.json_api import Denied
from courtship.connect.mastodon_reading import (
    PAGE,
    PAGES,
    REMEMBERED,
    STATUSES,
    Reading,
    in_path,
    key_of,
    no_permission,
)
from courtship.connect.newest_first import NewestFirst, Page
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Problem, Record
from courtship.platforms.mastodon import text_of
from courtship.platforms.mastodon_api import profile, reaction, who


class OwnStatuses(Reading):
    """How far back the own statuses and favourites have been read."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.own = NewestFirst(self._own_fetch, key_of, self.saved.get("own"))
        self.own_saved: dict[str, Any] = self.own.state
        """What is stored: the state after the last page all of whose reactions have been told."""
        self.favourites: dict[str, Any] = dict(self.saved.get("favourites") or {})

    def _own_fetch(self, cursor: str | None) -> Page:
        try:
            page = self.server.page(
                f"/api/v1/accounts/{in_path(self.number)}/statuses", limit=STATUSES, max_id=cursor
            )
        except Denied as error:
            if error.status == 403:
                raise ConnectionRefused(no_permission(self.server.host)) from None
            raise Unreachable(f"{self.server.host} does not show your statuses ({error})") from None
        return Page(page.entries, page.cursor)

    def _own_status(self, status: Any) -> Iterator[Batch]:
        """An own status, and who reacted to it, as far as the server shows it."""
        yield self._batch(self._status(status))
        if not isinstance(status, Mapping) or isinstance(status.get("reblog"), Mapping):
            return
        number = text_of(status.get("id"))
        for counted, name, type in (
            ("favourites_count", "favourited_by", "favourite"),
            ("reblogs_count", "reblogged_by", "reblog"),
        ):
            if status.get(counted) and number:
                yield from self._reacted(status, number, name, type)
        if status.get("replies_count") and number:
            try:
                context = self.server.get(f"/api/v1/statuses/{in_path(number)}/context").value
            except Denied:
                return
            below = context.get("descendants") if isinstance(context, Mapping) else None
            answers = below if isinstance(below, list) else []
            for one in answers:
                if isinstance(one, Mapping):
                    self._know(one)
            records: list[Record | Problem] = []
            for one in answers:
                told = self._status(one)
                if any(isinstance(record, Activity) for record in told):
                    records += [*self._people(one), *told]
            yield self._batch(records)

    def _reacted(self, status: Mapping[str, Any], number: str, name: str, type: str) -> Iterator[Batch]:
        cursor: str | None = None
        while not self.session.stopping():
            try:
                page = self.server.page(
                    f"/api/v1/statuses/{in_path(number)}/{name}", limit=PAGE, max_id=cursor
                )
            except Denied:
                return
            now = self.session.now()
            records: list[Record | Problem] = []
            for view in page.entries:
                try:
                    if who(view) not in self.brand:
                        # A notification of the same act has its date, is the earlier, and counts.
                        records += self._kept(
                            [profile(view, now), reaction(type, who(view), status, now, False)]
                        )
                except (ValueError, AttributeError) as error:
                    records.append(Problem("", name, str(error)))
            yield self._batch(records)
            if page.cursor is None:
                return
            cursor = page.cursor

    def _favourited(self, entries: Sequence[Any]) -> list[Record | Problem]:
        records: list[Record | Problem] = []
        seen: list[str] = self.favourites.setdefault("seen", [])
        for status in entries:
            number = text_of(status.get("id")) if isinstance(status, Mapping) else ""
            if not number or number in seen:
                continue
            try:
                # A favourite has no date: it is as of when it was first seen.
                act = reaction("favourite", self.me, status, self.session.now(), False)
            except ValueError as error:
                records += self._fresh("a favourite", [str(error)])
                continue
            seen.append(number)
            if act.target not in self.brand:
                records.append(act)
        del seen[:-REMEMBERED]
        return records

    def _favourite_news(self) -> list[Record | Problem]:
        """Own favourites since the last look: the newest pages, until one is known."""
        records: list[Record | Problem] = []
        cursor: str | None = None
        for _ in range(PAGES):
            page = self.server.page("/api/v1/favourites", limit=STATUSES, max_id=cursor)
            seen = set(self.favourites.get("seen") or ())
            fresh = [
                one for one in page.entries if isinstance(one, Mapping) and text_of(one.get("id")) not in seen
            ]
            records += self._favourited(fresh)
            if page.cursor is None or len(fresh) < len(page.entries):
                break
            cursor = page.cursor
        return records
