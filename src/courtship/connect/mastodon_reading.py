"""What the parts of the Mastodon connection share: the server, whose account it is, which statuses and people
are known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from courtship.connect.base import Batch, Session
from courtship.connect.json_api import Denied
from courtship.connect.mastodon_server import MastodonServer
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Activity, Address, Micros, Post, Problem, Profile, Record, Total
from courtship.platforms.mastodon import text_of
from courtship.platforms.mastodon_api import Statuses, profile, who

PAGE: Final = 80
"""As many notifications or accounts as a page may have; of statuses 40. Servers give fewer if they like."""

STATUSES: Final = 40

REMEMBERED: Final = 200
"""Acts whose disappearance is looked for: the newest ones."""

PAGES: Final = 5
"""So many pages of a list are read to see who is on it."""

_KNOWN: Final = 5_000
"""Statuses of which number, address and author are remembered."""


class Reading(ABC):
    """The state of one run that every part reads or adds to; each part has its own besides."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.server = MastodonServer(session)
        view = own_account(self.server)
        self.view = view
        self.me = who(view)
        self.number = text_of(view.get("id"))
        self.brand = session.brand | {self.me}
        self.saved: Mapping[str, Any] = session.cursor if session.cursor.get("account") == self.me else {}
        """The cursor that the run begins with; none where it is another account's."""
        self.people: dict[str, Address] = {self.number: self.me}
        self.known: dict[str, Mapping[str, Any]] = {}
        self.statuses = Statuses(self.people, self.known)
        self.written: dict[str, set[str]] = {}
        """By the number of a status: the ids of its acts."""
        self.told: dict[Address, Profile] = {}
        self.complained: set[Problem] = set()

    @abstractmethod
    def _batch(
        self, records: Sequence[Record | Problem], complete: Micros | None = None, note: str = ""
    ) -> Batch:
        """Records together with the cursor of all parts."""

    def _kept(self, made: Sequence[Record]) -> list[Record]:
        """Of what a status or a notification tells: acts that are the brand's or towards it, the brand's own
        posts with their totals, and people, each once."""
        records: list[Record] = []
        own = {one.object for one in made if isinstance(one, Post) and one.author in self.brand}
        for one in made:
            if isinstance(one, Activity):
                keep = self._ours(one)
            elif isinstance(one, Profile):
                plain = one._replace(at=None)
                keep = self.told.get(one.account) != plain
                self.told[one.account] = plain
            elif isinstance(one, (Post, Total)):
                keep = one.object in own
            else:
                keep = True
            if keep:
                records.append(one)
        return records

    def _fresh(self, where: str, reasons: Sequence[str]) -> list[Problem]:
        """Problems of one answer but those that an earlier one had: it stays in the newest."""
        problems = [Problem("", where, reason) for reason in reasons]
        new = [one for one in problems if one not in self.complained]
        self.complained.update(new)
        return new

    def _ours(self, act: Activity) -> bool:
        return act.actor in self.brand or act.target in self.brand

    def _learn(self, status: Any) -> None:
        """Remembers a status by its number, and finds the one that it answers: only then is it known what of
        the brand's was answered."""
        if not isinstance(status, Mapping):
            return
        self._know(status)
        self._meet(status.get("account"))
        for mention in status.get("mentions") or ():
            self._meet(mention)
        answered = text_of(status.get("in_reply_to_id"))
        if answered and answered not in self.known:
            try:
                found = self.server.get(f"/api/v1/statuses/{in_path(answered)}").value
            except Denied:
                found = None  # deleted, or not for us to see
            if isinstance(found, Mapping):
                self._know(found)
            else:
                self.known[answered] = {}

    def _know(self, status: Mapping[str, Any]) -> None:
        number = text_of(status.get("id"))
        if not number:
            return
        if len(self.known) >= _KNOWN:
            del self.known[next(iter(self.known))]
        self.known[number] = {"uri": status.get("uri"), "account": status.get("account")}

    def _meet(self, view: Any) -> None:
        if isinstance(view, Mapping) and (address := who(view)) and (number := text_of(view.get("id"))):
            self.people[number] = address

    def _status(self, status: Any) -> list[Record | Problem]:
        """What a status tells, of whoever it is."""
        try:
            self._learn(status)
            made = self._kept(list(self.statuses.records(status, self.session.now())))
        except ValueError as error:
            return list(self._fresh("a status", [str(error)]))
        self.written.setdefault(text_of(status.get("id")), set()).update(
            one.id for one in made if isinstance(one, Activity)
        )
        return list(made)

    def _people(self, status: Any) -> list[Record]:
        view = status.get("account")
        return self._kept([profile(view, self.session.now())]) if isinstance(view, Mapping) else []


def own_account(server: MastodonServer) -> Mapping[str, Any]:
    """The account that the token opens, as the server shows it."""
    try:
        view = server.get("/api/v1/accounts/verify_credentials").value
    except Denied as error:
        if error.status == 403:
            raise ConnectionRefused(no_permission(server.host)) from None
        raise ConnectionRefused(
            f"{server.host} does not speak Mastodon's API (status {error.status}); check the server's address"
        ) from None
    if not isinstance(view, Mapping) or not who(view) or not text_of(view.get("id")):
        raise Unreachable(f"{server.host} does not say whose token this is")
    return view


def no_permission(host: str) -> str:
    """What to do where the token may not read something."""
    return (
        f"The access token of {host} lacks a permission: in Preferences, Development, tick read in your"
        " application, press Regenerate access token, and enter the new one"
    )


def key_of(item: Any) -> str:
    """The number of a notification or status, such that it grows as text: numbers have no fixed length, and
    some servers write letters (ULID), all of one length."""
    number = text_of(item.get("id")) if isinstance(item, Mapping) else ""
    return f"{len(number):03d}{number}" if number else ""


def in_path(number: str) -> str:
    """A number as a part of a path: a server's answer must not choose another question."""
    return quote(number, safe="")
