"""A parsed e-mail, as far as notifications need it."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Final, NamedTuple

from courtship.model import Micros
from courtship.platforms import times

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ANGLE: Final = re.compile(r"<([^<>]*)>")
_LONGEST: Final = 254
"""Letters of an address (RFC 5321, 4.5.3.1.3)."""
_BARE: Final = re.compile(r"[^\s@<>(),;:\"]+@[A-Za-z0-9\u0080-\uffff.-]+")


class Mail(NamedTuple):
    """One mail.

    ``headers`` in the order in which they stand, names in small letters, values unfolded but not decoded
    (`decoded`): what an encoded word hides is never taken for an address. ``text`` and ``html`` are its first
    parts of these types; attachments and mails inside of it are left out. ``complete`` is false where it is
    cut short.
    """

    headers: tuple[tuple[str, str], ...]
    text: str = ""
    html: str = ""
    complete: bool = True

    def all(self, name: str) -> list[str]:
        """Every value of a header, topmost first."""
        return [value for held, value in self.headers if held == name]

    def first(self, name: str) -> str:
        """The topmost value of a header, ``""`` without one."""
        return next((value for held, value in self.headers if held == name), "")


class Sender(NamedTuple):
    """Display name and address of whoever sent a mail."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part after the last ``@``, in small letters."""
        return self.address.rpartition("@")[2].lower().rstrip(".")


def decoded(value: str) -> str:
    """The words of a header (RFC 2047); what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, MessageError):
        return value


def addresses(value: str) -> list[str]:
    """The e-mail addresses of a header in small letters; what stands in quotation marks is none."""
    bare = _QUOTED.sub(" ", value)
    found = _ANGLE.findall(bare)
    if not found:
        return [address.lower() for address in _BARE.findall(bare)]
    return [one.strip().lower() for one in found if _BARE.fullmatch(one.strip())]


def sender(mail: Mail) -> Sender | None:
    """Who sent it; ``None`` where it does not say exactly one."""
    values = mail.all("from")
    found = addresses(values[0]) if len(values) == 1 else []
    if len(found) != 1:
        return None
    name = values[0].partition("<")[0].strip() if "<" in values[0] else ""
    return Sender(decoded(name.strip('" ')), found[0])


def recipient(mail: Mail) -> str:
    """To whom it was written, ``""`` where that is not one address."""
    found = list(dict.fromkeys(addresses(mail.first("to"))))
    return found[0] if len(found) == 1 and len(found[0]) <= _LONGEST else ""


def called(mail: Mail) -> str:
    """The name by which the recipient is written to."""
    value = mail.first("to")
    return decoded(value.partition("<")[0].strip(' "')) if "<" in value else ""


def delivered_elsewhere(mail: Mail) -> bool | None:
    """Whether it was delivered to another address than it was written to; ``None`` where it does not say."""
    delivered = addresses(mail.first("delivered-to") or mail.first("x-original-to"))
    return None if not delivered else _same(delivered[0]) != _same(recipient(mail))


def _same(address: str) -> str:
    """An address without what its host ignores: ``+tag``, and Gmail's dots."""
    local, _, host = address.partition("@")
    local = local.partition("+")[0]
    if host in {"gmail.com", "googlemail.com"}:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{host}"


def sent_at(mail: Mail) -> Micros | None:
    """When it was sent: its date, or else that of the topmost host that received it."""
    at = times.mail(mail.first("date"))
    return times.mail(mail.first("received").rpartition(";")[2]) if at is None else at
