"""Sockets to where the owner pointed, and to public addresses, and to nowhere else.

What a stranger names (a link in a feed, a redirect, a name whose owner changes what it means from one look to
the next) must not reach this machine or its neighbours. So the name is looked up once, each address is
judged, and the very address that was judged is the one that is connected to: nothing is looked up again in
between (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from courtship.errors import Unreachable

CONNECT_SECONDS: Final = 15.0
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "imap": 143, "imaps": 993}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w-]+(?:\.[\w-]+)+\.?|localhost))(?::([0-9]{1,5}))?")


class Refused(Unreachable):
    """An address that is this machine's or its network's, and that the owner did not name."""


class Place(NamedTuple):
    """A host that the owner named, in small letters; with a port, or with any (``None``)."""

    host: str
    port: int | None = None


def named(settings: Mapping[str, str]) -> frozenset[Place]:
    """The hosts that the owner's settings name, as addresses (``https://blog.local:8080/x``) or bare
    (``mail.local``, ``127.0.0.1:143``, ``ann@mail.local``)."""
    return frozenset(place for value in settings.values() for place in _places(value))


def _places(value: str) -> Iterable[Place]:
    value = value.strip()
    if "://" in value:
        try:
            parts = urlsplit(value)
            if parts.hostname:
                yield Place(
                    parts.hostname.lower().rstrip("."), parts.port or _PORTS.get(parts.scheme.lower())
                )
        except ValueError:
            pass
        return
    value = value.rpartition("@")[2]
    try:
        yield Place(str(ipaddress.IPv6Address(value.strip("[]"))))
    except ValueError:
        found = _HOST.fullmatch(value)
        if found and (found[1] or found[2]):
            yield Place((found[1] or found[2]).lower().rstrip("."), int(found[3]) if found[3] else None)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network's; addresses wrapped in others are unwrapped.

    >>> [is_public(a) for a in ("1.1.1.1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "100.64.0.1")]
    [True, False, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast


def allowed(host: str, port: int, places: Iterable[Place]) -> bool:
    """Whether the owner named this host and port, or allows private addresses altogether (tests)."""
    if os.environ.get("COURTSHIP_ALLOW_PRIVATE") == "1":
        return True
    host = host.lower().rstrip(".").strip("[]")
    return any(place.host == host and place.port in (None, port) for place in places)


def addresses(host: str, port: int, places: Iterable[Place]) -> list[str]:
    """The IP addresses of ``host`` that may be connected to.

    Raises Unreachable where the name leads nowhere, `Refused` where it leads to private addresses only.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no name"
        raise Unreachable(f"{host} cannot be found ({reason}); check the name and the network") from None
    every = list(dict.fromkeys(str(one[4][0]) for one in found))
    if allowed(host, port, places):
        return every
    public = [address for address in every if is_public(address)]
    if not public:
        raise Refused(
            f"{host}:{port} is an address inside this network ({every[0]}), and no setting names it;"
            " it was not asked"
        )
    return public


def dial(
    host: str, port: int, places: Iterable[Place] = (), *, timeout: float | None = CONNECT_SECONDS
) -> socket.socket:
    """A connected TCP socket. ``timeout`` (seconds) is for the connecting and stays on the socket.

    Raises Unreachable, and `Refused` for what may not be asked.
    """
    last: OSError | None = None
    for address in addresses(host, port, places):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            last = error
    reason = getattr(last, "strerror", None) or str(last)
    if isinstance(last, TimeoutError):
        reason = "it did not answer in time"
    raise Unreachable(f"{host}:{port} cannot be reached ({reason}); it is tried again by itself")
