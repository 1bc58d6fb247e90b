"""Setting up live connections, and how they are: what the command line and the Sources page call."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import httpx

from courtship.connect import dial, http, registry
from courtship.connect.base import Connector, Session
from courtship.errors import ConnectionRefused, CourtshipError, NotAllowed, Unreachable
from courtship.model import Micros, Origin, Profile
from courtship.service.coverage import spans as coverage_spans
from courtship.service.live import heard_events
from courtship.service.reckoning.refresh import refresh
from courtship.store.operations import connections, hooks, secret_box
from courtship.store.operations.connections import Connection

if TYPE_CHECKING:
    from courtship.store.workspace import Workspace

_AGAIN = re.compile(r"(?:; it|\. It) is (?:asked|tried|dialled) again(?: by itself| later)?$")
"""What a running connection's trouble ends with; one that is being set up is not tried by itself."""

_PASSWORD = re.compile(r"^[a-z]+://[^/?#]*@", re.IGNORECASE)

BEHIND: Micros = 300_000_000
"""A lag above five minutes is worth a word."""


class Tried(NamedTuple):
    """What a check found: the account that the settings open, and whether it is the brand's already."""

    profile: Profile
    ours: bool


def filled(connector: Connector, given: Mapping[str, str]) -> dict[str, str]:
    """The settings with the connector's defaults for what was left empty; blanks around them cut off, of a
    secret (to which they may belong) only the line's end that was copied with it."""
    return {
        one.name: given.get(one.name, "").strip("\r\n" if one.secret else None) or one.default
        for one in connector.settings
    }


def missing(connector: Connector, given: Mapping[str, str]) -> list[str]:
    """The names of the settings that are still needed."""
    full = filled(connector, given)
    return [one.name for one in connector.settings if not one.optional and not full[one.name]]


def checked_names(connector: Connector, given: Mapping[str, str]) -> None:
    """Raises NotAllowed for a setting that the connector does not have, and names those it has."""
    names = [one.name for one in connector.settings]
    for name in given:
        if name not in names:
            raise NotAllowed(
                f"{connector.name} has no setting {name!r}; it has: {', '.join(names) or 'none'}"
            )


def checked_values(connector: Connector, settings: Mapping[str, str]) -> None:
    """Raises NotAllowed for a value that no setting has, and for a password where it would be seen."""
    for one in connector.settings:
        value = settings[one.name]
        if any(unicodedata.category(letter) == "Cc" for letter in value):
            raise NotAllowed(
                f"{one.label} holds a line's end or another sign that cannot be seen; copy it once more"
            )
        if not one.secret and _PASSWORD.search(value):
            raise NotAllowed(
                f"{one.label} has a user name or password in it, which would be shown here and kept in the"
                " open; leave out what stands before the @"
            )


def check(
    workspace: Workspace, connector: Connector, given: Mapping[str, str], *, now: Callable[[], Micros]
) -> Tried:
    """Tries the settings. Raises ConnectionRefused or Unreachable, in one line for the owner."""
    checked_names(connector, given)
    lacking = missing(connector, given)
    if lacking:
        raise NotAllowed(f"{connector.title} needs {', '.join(lacking)}; fill it in")
    settings = filled(connector, given)
    checked_values(connector, settings)
    secret = [settings[one.name] for one in connector.settings if one.secret]
    never = threading.Event()
    with http.client(dial.named(_open_ones(connector, settings)), now=now, wait=None) as client:
        session = Session(
            settings=settings,
            cursor={},
            brand=workspace.brand(),
            http=client,
            now=now,
            wait=never.wait,
            stopping=never.is_set,
            posts=lambda: workspace.posts(workspace.brand()),
        )
        try:
            profile = connector.check(session)
        except CourtshipError as error:
            said = _AGAIN.sub("; nothing was kept, so try it once more", str(error))
            error.args = (secret_box.hidden(said, secret),)
            raise
        except httpx.HTTPStatusError as error:
            if error.response.status_code in (401, 403):
                raise ConnectionRefused(http.in_words(error)) from error
            raise Unreachable(http.in_words(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise Unreachable(http.in_words(error)) from error
        except Exception as error:
            said = secret_box.hidden(" ".join(str(error).split()), secret)[:120]
            raise Unreachable(
                f"what {connector.title} answered could not be understood ({type(error).__name__}: {said})"
            ) from error
    return Tried(profile, profile.account in workspace.brand())


def _open_ones(connector: Connector, settings: Mapping[str, str]) -> dict[str, str]:
    secret = {one.name for one in connector.settings if one.secret}
    return {name: value for name, value in settings.items() if name not in secret}


def connect(
    workspace: Workspace,
    name: str,
    given: Mapping[str, str],
    *,
    now: Callable[[], Micros],
    id: str | None = None,
) -> tuple[Connection, Tried]:
    """Checks the settings and keeps them: a new connection, or other settings of ``id``.

    Secrets that are left empty stay as they are. The account that they open is offered to the owner as the
    brand's. A second connection to the same account replaces the settings of the first.
    """
    connector = registry.named(name)
    held = connections.find(workspace, id) if id else None
    if held is not None:
        given = {**_unlocked(workspace, held), **{key: value for key, value in given.items() if value}}
    tried = check(workspace, connector, given, now=now)
    settings = filled(connector, given)
    secret = {one.name: settings.pop(one.name) for one in connector.settings if one.secret}
    account = tried.profile.account
    title = _title(connector, tried.profile)
    if held is None:
        held = next(
            (
                one
                for one in connections.every(workspace)
                if one.connector == name and account and one.account == account and one.settings == settings
            ),
            None,
        )
    if held is not None:
        with workspace.transaction():
            if account and held.account and account != held.account:
                _declare_pending(workspace, held)
            kept = connections.change(workspace, held.id, settings, secret, title=title, account=account)
    else:
        kept = connections.add(workspace, name, title, settings, secret, account=account, now=now())
    workspace.append([tried.profile._replace(own=True)], Origin(title, name, "", kept.added))
    refresh(workspace, now=now())
    heard_events.publish(workspace)
    return kept, tried


def _unlocked(workspace: Workspace, held: Connection) -> dict[str, str]:
    try:
        return connections.settings_of(workspace, held)
    except ConnectionRefused:  # the key is gone: whoever enters them anew need not have it
        return dict(held.settings)


def _title(connector: Connector, profile: Profile) -> str:
    shown = profile.handle or profile.account.partition(":")[2] or profile.name
    return f"{connector.title} · {shown}" if shown else connector.title


def check_again(workspace: Workspace, id: str, *, now: Callable[[], Micros]) -> Tried:
    """Tries the settings that are kept."""
    held = found(workspace, id)
    settings = connections.settings_of(workspace, held)
    return check(workspace, registry.named(held.connector), settings, now=now)


def found(workspace: Workspace, said: str) -> Connection:
    """The connection with this id, or the only one of this connector. Raises NotAllowed otherwise."""
    every = connections.every(workspace)
    named = [one for one in every if one.id == said] or [one for one in every if one.connector == said]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(f"{one.id} ({one.title})" for one in named)
        raise NotAllowed(f"there are several {said} connections; say which: {ids}")
    registry.named(said)  # a name that is none says so
    raise NotAllowed(f"there is no {said} connection yet; courtship connect {said} makes one")


def remove(workspace: Workspace, id: str, *, now: Micros) -> None:
    """Ends a connection: its secrets and cursor are deleted, what it brought stays."""
    held = found(workspace, id)
    with workspace.transaction():
        _declare_pending(workspace, held)
        connections.remove(workspace, held.id, now=now)


def _declare_pending(workspace: Workspace, held: Connection) -> None:
    """Writes what it had seen when it was last heard of, before that is forgotten."""
    pending = coverage_spans.Span.of(held).pending()
    connector = registry.known().get(held.connector)
    if pending is not None and connector is not None:
        origin = Origin(held.title, held.connector, "", held.added)
        workspace.append(coverage_spans.coverage(connector, held.covers, pending), origin)


# ---------------------------------------------------------------- the webhook, to which others connect


WEBHOOK = "webhook"
"""What the webhook is called among the connectors: it has no settings, and a token that is shown once."""

WEBHOOK_CAN = "whatever is sent to it: the flat table or ActivityStreams 2.0, of any platform"
WEBHOOK_CANNOT = "how much of what happened it was sent; its coverage is not declared"


def open_hook(workspace: Workspace, title: str, *, now: Micros) -> tuple[hooks.Hook, str]:
    """A new address of the webhook, and the path (``/hooks/…``) that is shown this once."""
    hook, token = hooks.add(workspace, title, now=now)
    return hook, f"/hooks/{token}"


def hook_of(workspace: Workspace, said: str) -> hooks.Hook | None:
    """The address with this id, or the only one where it is called ``webhook``; ``None`` for neither.

    Raises NotAllowed where ``webhook`` may mean several or none.
    """
    every = hooks.every(workspace)
    if said != WEBHOOK:
        return next((one for one in every if one.id == said), None)
    if len(every) == 1:
        return every[0]
    ids = ", ".join(f"{one.id} ({one.title})" for one in every)
    raise NotAllowed(
        f"there are several webhooks; say which: {ids}"
        if every
        else "there is no webhook yet; courtship connect webhook makes one"
    )


# ---------------------------------------------------------------- how they are


@dataclass(frozen=True, slots=True)
class Health:
    """How a connection is. ``state`` is ``running``, ``starting``, ``waiting``, ``refused``, ``paused`` or
    ``stopped`` (no server runs); ``line`` says it for the owner. Times are UTC microseconds."""

    connection: Connection
    connector: Connector | None
    state: str
    line: str


def health(workspace: Workspace, *, now: Micros) -> list[Health]:
    """Every connection and how it is, oldest first."""
    known = registry.known()
    return [_health(one, known.get(one.connector), now) for one in connections.every(workspace)]


def _health(one: Connection, connector: Connector | None, now: Micros) -> Health:
    if connector is None:
        line = f"The connector {one.connector} is not part of this installation; remove the connection."
        return Health(one, None, "refused", line)
    if one.state in ("refused", "waiting") and one.why:
        return Health(one, connector, one.state, one.why)
    if one.state == "paused":
        return Health(
            one, connector, "paused", "Paused; what happens meanwhile is fetched when it is resumed."
        )
    if not one.running(now):
        return Health(
            one, connector, "stopped", "Not running: it runs while courtship serve or courtship listen does."
        )
    if one.heard_at is None and one.seen_to is None:
        return Health(one, connector, "starting", one.note or "Beginning.")
    return Health(one, connector, "running", one.note or "Listening.")
