"""Starts the web application on one home folder."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

from courtship.errors import NotAllowed

GRACE = 3
"""Seconds that requests under way may take when the server ends."""


def serve(
    home: Path,
    workspace: str = "default",
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    names: tuple[str, ...] = (),
    say: Callable[[str], None] | None = None,
) -> None:
    """Serves the pages until interrupted. On loopback without a login; on any other ``host`` with one.

    ``names`` are further host names under which it may be asked for (beyond loopback: all, where none is
    given). ``say`` is told where the pages are, in one line. Raises NotAllowed beyond loopback while there
    is no user yet.
    """
    local = on_loopback(host)
    allowed = ["127.0.0.1", "localhost", "[::1]", *names] if local or names else ["*"]
    from courtship.store.opening import home_secret, open_home, set_up

    set_up()
    open_home(home, workspace, users=not local)
    from django.conf import settings

    # Set here and not by the environment: whoever calls may have set Django up long before.
    settings.COURTSHIP_HOME = str(home.expanduser().resolve())
    settings.COURTSHIP_WORKSPACE = workspace
    settings.COURTSHIP_SIGN_IN = not local
    settings.ALLOWED_HOSTS = allowed
    settings.SECRET_KEY = home_secret(home)
    if not local and not _users():
        raise NotAllowed(
            f"{host} can be reached from other machines, so people must sign in: make a user first with"
            f" courtship user add NAME, or serve on 127.0.0.1"
        )
    import uvicorn

    # Whitenoise hands static files over piece by piece; Django's advice on that is not for the owner.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    shown = f"[{host}]" if ":" in host else host
    (say or _say)(f"Courtship is at http://{shown}:{port}/ (stop it with Ctrl+C)")
    from courtship.service.live.listening import Listening
    from courtship.service.notices import notifying
    from courtship.service.reckoning import readying
    from courtship.store import checkpoints, open_workspace
    from courtship.web import hooks

    end_checkpoints = checkpoints.start(home)
    listening = Listening(open_workspace(home, workspace))
    listening.start()
    readying.start(open_workspace(home, workspace))
    end_notices = notifying.start(open_workspace(home, workspace))
    server = uvicorn.Server(
        uvicorn.Config(
            "courtship.web.asgi:application",
            host=host,
            port=port,
            log_level="warning",
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
    )
    from courtship.web.views import live

    live.ending = lambda: server.should_exit  # a page that stays open must not hold it up
    end_in_order()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
    finally:
        end_notices()
        hooks.stop()
        listening.stop()
        end_checkpoints()


def end_in_order() -> None:
    """Has a SIGTERM end the process as Ctrl+C does, so that what runs is stopped in order."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)


def on_loopback(host: str) -> bool:
    """Whether a server bound to ``host`` can be reached from this machine alone.

    >>> on_loopback("127.0.0.1"), on_loopback("::1"), on_loopback("localhost"), on_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _users() -> bool:
    from django.contrib.auth import get_user_model

    return bool(get_user_model().objects.filter(is_active=True).exists())


def _say(line: str) -> None:
    import sys

    sys.stderr.write(line + "\n")
