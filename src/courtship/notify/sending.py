"""Sends a message to one Apprise address. Nothing is kept here; a failure is a value with a reason."""

from __future__ import annotations

import logging
import re
from typing import Any, NamedTuple

from courtship.errors import NotAllowed
from courtship.notify.letters import Letter

EXAMPLE = "ntfy://ntfy.sh/TOPIC or mailto://user:password@example.org"


class Sent(NamedTuple):
    """Whether the service took the message; ``why`` not, in a line without the address's secrets."""

    ok: bool
    why: str = ""


def warm_up() -> None:
    """Loads Apprise, which takes a second or two, before the first message has to wait for it."""
    import apprise

    apprise.Apprise.instantiate("json://127.0.0.1")


def shown(url: str) -> str:
    """The address without its secrets. Raises NotAllowed for what is no Apprise address."""
    return str(_service(url).url(privacy=True)).partition("?")[0]


def send(url: str, message: Letter) -> Sent:
    """Sends; as HTML where the service shows it, else as text. Waits at most about ten seconds.

    Raises NotAllowed for what is no Apprise address.
    """
    import apprise

    service: Any = _service(url)
    takes = service.notify_format  # one format, or several with the preferred one first
    html = (takes[0] if isinstance(takes, tuple) else takes) == apprise.NotifyFormat.HTML
    told = apprise.Apprise()
    told.add(service)
    log = _Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(log)
    try:
        answer = told.notify(
            title=message.title,
            body=message.html if html else message.text,
            body_format=apprise.NotifyFormat.HTML if html else apprise.NotifyFormat.TEXT,
        )
    except Exception as error:  # a service's module may raise whatever it likes; the next try is the remedy
        return Sent(False, f"{service.service_name}: {_hidden(str(error), url, service)}")
    finally:
        logger.removeHandler(log)
    if answer:
        return Sent(True)
    said = log.lines[0] if log.lines else "it did not take the message"
    return Sent(False, f"{service.service_name}: {_hidden(said, url, service)}")


def _service(url: str) -> Any:
    import apprise

    if "://" not in url:
        raise NotAllowed(f"That is no Apprise address; it looks like {EXAMPLE}.")
    logger = logging.getLogger("apprise")
    level, logger.level = logger.level, logging.CRITICAL  # it would print the address
    try:
        found: Any = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    finally:
        logger.level = level
    if found is None:
        scheme = url.partition("://")[0]
        raise NotAllowed(f"Apprise knows no such {scheme[:20]}:// address; it looks like {EXAMPLE}.")
    return found


def _hidden(said: str, url: str, service: Any) -> str:
    """One line without anything of the address that its masked form does not show."""
    masked = str(service.url(privacy=True))
    line = " ".join(said.split())[:300]
    for piece in sorted(re.split(r"[/:@?&=#%]+", url), key=len, reverse=True):
        if len(piece) >= 4 and piece not in masked:
            line = line.replace(piece, "…")
    return line[:200]


class _Heard(logging.Handler):
    """Keeps what Apprise warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
