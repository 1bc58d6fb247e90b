"""A signed-in session with a Bluesky server (PDS): XRPC queries, tokens renewed, refusals in plain words.

Protocol: https://atproto.com/specs/xrpc and the lexicons ``com.atproto.server.*``. Only queries are sent, and
the two procedures by which a session is opened and renewed: nothing here can post, like or follow.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from courtship.connect.json_api import Answer, Denied, ask, base_address, encrypted_address
from courtship.errors import ConnectionRefused, Unreachable
from courtship.model import Micros
from courtship.platforms.bluesky import account

if TYPE_CHECKING:
    import httpx

DEFAULT_SERVER: Final = "https://bsky.social"

_NEW_PASSWORD: Final = (
    "make a new one at bsky.app, Settings, Privacy and security, App passwords, and enter it here"  # noqa: S105
)
_STALE: Final = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing"})
_ACCOUNT_GONE: Final = {
    "AccountTakedown": "Bluesky has taken this account down",
    "AccountDeactivated": "this account is deactivated; activate it again at bsky.app",
    "AccountSuspended": "Bluesky has suspended this account",
    "RepoTakendown": "Bluesky has taken this account down",
    "RepoDeactivated": "this account is deactivated; activate it again at bsky.app",
}


class BlueskySession:
    """One account on one server. Nothing is asked before `open` or the first `query`."""

    def __init__(
        self, http: httpx.Client, now: Callable[[], Micros], server: str, handle: str, password: str
    ) -> None:
        try:
            self.server = encrypted_address(server or DEFAULT_SERVER, "app password")
        except ValueError as error:
            raise ConnectionRefused(f"Bluesky's server: {error}") from None
        self._http = http
        self._now = now
        self._handle = handle.strip().lstrip("@")
        self._password = password.strip()
        self._access = ""
        self._refresh = ""
        self.did = ""
        self.handle = ""
        self.pds = self.server
        """The server that keeps the account's repository: where the session was opened, or the one that the
        account's own document names."""

    def open(self) -> None:
        """Signs in. `ConnectionRefused` where only the owner can help."""
        body = {"identifier": self._handle, "password": self._password}
        try:
            answer = self._post("createSession", json=body)
        except Denied as error:
            raise self._refused(error) from None
        self._take(answer)

    def _take(self, answer: Answer) -> None:
        said = answer.value if isinstance(answer.value, Mapping) else {}
        did, access = said.get("did"), said.get("accessJwt")
        if not account(did) or not isinstance(access, str):
            raise Unreachable(f"{urlsplit(self.server).netloc} answers, but not as a Bluesky server does")
        if said.get("active") is False:
            why = _ACCOUNT_GONE.get(
                f"Account{str(said.get('status')).capitalize().replace('Takendown', 'Takedown')}"
            )
            raise ConnectionRefused(f"Bluesky: {why or 'this account is not active'}")
        self.did, self._access = str(did), access
        self._refresh = said["refreshJwt"] if isinstance(said.get("refreshJwt"), str) else ""
        self.handle = said["handle"] if isinstance(said.get("handle"), str) else self._handle
        self.pds = _pds(said.get("didDoc")) or self.server

    @property
    def may_do_everything(self) -> bool:
        """Whether the password was the account's own, not an app password (``com.atproto.appPass``)."""
        try:
            part = self._access.split(".")[1]
            claims = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (IndexError, binascii.Error, orjson.JSONDecodeError):
            return False
        return isinstance(claims, Mapping) and claims.get("scope") == "com.atproto.access"

    def query(self, name: str, **params: Any) -> Answer:
        """One query as the account. `Denied` where the server says no to this query alone."""
        if not self._access:
            self.open()
        for last in (False, True):
            try:
                return ask(
                    self._http,
                    "GET",
                    f"{self.server}/xrpc/{name}",
                    params=_given(params),
                    headers={"authorization": f"Bearer {self._access}"},
                    now=self._now(),
                )
            except Denied as error:
                if error.code in _ACCOUNT_GONE and error.status != 404:
                    raise self._refused(error) from None
                if last or not (error.code in _STALE or error.status == 401):
                    raise
            self._renew()
        raise AssertionError("unreachable")

    def public(self, name: str, **params: Any) -> Answer:
        """One query to the account's own PDS, for what is public there and needs no session."""
        return ask(self._http, "GET", f"{self.pds}/xrpc/{name}", params=_given(params), now=self._now())

    def _renew(self) -> None:
        if self._refresh:
            try:
                self._take(self._post("refreshSession", token=self._refresh))
            except Denied:
                self._refresh = ""  # used up or withdrawn: the app password opens another
            else:
                return
        self.open()

    def _post(self, name: str, *, json: Any = None, token: str = "") -> Answer:
        return ask(
            self._http,
            "POST",
            f"{self.server}/xrpc/com.atproto.server.{name}",
            json=json,
            headers={"authorization": f"Bearer {token}"} if token else None,
            now=self._now(),
        )

    def _refused(self, error: Denied) -> ConnectionRefused:
        if error.code in _ACCOUNT_GONE:
            return ConnectionRefused(f"Bluesky: {_ACCOUNT_GONE[error.code]}")
        if error.code == "AuthFactorTokenRequired":
            return ConnectionRefused(
                f"Bluesky wants a code by mail: this is no app password; {_NEW_PASSWORD}"
            )
        if error.status == 401 or error.code in {"AuthenticationRequired", *_STALE}:
            return ConnectionRefused(
                f"Bluesky does not take this handle and app password (any longer); {_NEW_PASSWORD}"
            )
        if error.status == 404:
            return ConnectionRefused(
                f"{urlsplit(self.server).netloc} is no Bluesky server; check its address"
            )
        if 300 <= error.status < 400:
            return ConnectionRefused(f"Bluesky's server: {error.message}")
        return ConnectionRefused(
            f"Bluesky turned the sign-in away ({error.message or error.code or error.status});"
            " check handle, app password and server"
        )


def _pds(document: Any) -> str:
    """The PDS that a DID document names; only over HTTPS, or on this machine."""
    services = document.get("service") if isinstance(document, Mapping) else None
    for service in services if isinstance(services, list) else ():
        if isinstance(service, Mapping) and str(service.get("id")).endswith("#atproto_pds"):
            try:
                address = base_address(str(service.get("serviceEndpoint")))
            except ValueError:
                return ""
            parts = urlsplit(address)
            return address if parts.scheme == "https" else ""
    return ""


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
