"""A server that speaks Mastodon's REST API: questions with a token, pages by their ``Link`` header.

https://docs.joinmastodon.org/api/. Only GET is sent: nothing here can post, favourite or follow. Servers of
other software (Pleroma, GoToSocial, Friendica …) answer in the same form and leave things out: what is not
there is an empty answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from courtship.connect.json_api import (
    Answer,
    Denied,
    ask,
    base_address,
    changed,
    encrypted_address,
    nearly_spent,
    onwards,
)
from courtship.errors import ConnectionRefused

if TYPE_CHECKING:
    from courtship.connect.base import Session

_NEXT: Final = re.compile(r'<([^<>]*)>\s*;[^,]*rel="?next"?')


class Listed(NamedTuple):
    """A page of a list, and the ``max_id`` of the next one; ``None`` at the end."""

    entries: list[Any]
    cursor: str | None


class MastodonServer:
    """One account on one server. ``slow_down`` is whether its limit is nearly used up."""

    def __init__(self, session: Session) -> None:
        try:
            self.address = encrypted_address(session.settings.get("server", ""), "access token")
        except ValueError as error:
            raise ConnectionRefused(f"Mastodon's server: {error}") from None
        self.host = urlsplit(self.address).netloc
        self._session = session
        self._token = session.settings.get("token", "").strip()
        if not (self._token.isascii() and self._token.isprintable() and " " not in self._token):
            raise ConnectionRefused(
                "The access token has a blank or a letter in it that no token has; copy it once more"
            )
        self.slow_down = False

    @property
    def headers(self) -> dict[str, str]:
        """What shows who asks."""
        return {"authorization": f"Bearer {self._token}"}

    def get(self, path: str, **params: Any) -> Answer:
        """One question. `Denied` where the server says no to it alone; `ConnectionRefused` where the token is
        not taken."""
        now = self._session.now()
        given = {name: value for name, value in params.items() if value is not None}
        try:
            answer = ask(
                self._session.http,
                "GET",
                f"{self.address}{path}",
                params=given,
                headers=self.headers,
                now=now,
            )
        except Denied as error:
            if error.status == 401:
                raise ConnectionRefused(
                    f"{self.host} does not take this access token (any longer); make a new one in"
                    " Preferences, Development, and enter it here"
                ) from None
            raise
        self.slow_down = nearly_spent(answer.headers, now)
        return answer

    def page(self, path: str, **params: Any) -> Listed:
        """One page of a list. Of the ``Link`` header only ``max_id`` is believed, not the address.
        `Unreachable` where the answer is no list: that is no empty one."""
        answer = self.get(path, **params)
        if not isinstance(answer.value, list):
            raise changed(self.host, f"a list to {path.rpartition('/')[2]}")
        found = _NEXT.search(answer.headers.get("link", ""))
        cursor = None
        if found and answer.value:
            cursor = _max_id(found[1])
        return Listed(answer.value, onwards(self.host, params.get("max_id"), cursor))

    def streaming(self) -> str:
        """Where the server says that its streaming API is; its own address where it does not say."""
        for path, keys in (
            ("/api/v2/instance", ("configuration", "urls", "streaming")),
            ("/api/v1/instance", ("urls", "streaming_api")),
        ):
            try:
                value: Any = self.get(path).value
            except Denied:
                continue
            for key in keys:
                value = value.get(key) if isinstance(value, Mapping) else None
            if isinstance(value, str) and value.startswith(("wss://", "ws://", "https://", "http://")):
                address = re.sub("^ws", "http", value)
                # Nothing is sent in the clear that was not before.
                if address.startswith("https://") or self.address.startswith("http://"):
                    with suppress(ValueError):
                        return base_address(address)
        return self.address


def _max_id(address: str) -> str | None:
    try:
        return next(iter(parse_qs(urlsplit(address).query).get("max_id", ())), None)
    except ValueError:
        return None
