"""The parts of an e-mail that can be read: headers, and the first plain text and HTML (RFC 5322, 2045, 2046).

Made for speed on mailboxes of gigabytes and for damage of every kind: it never raises, goes at most `DEEP`
multiparts down, and neither decodes nor looks into attachments, pictures and mails inside of mails.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from typing import Final

from courtship.platforms.notification_mail.mails import Mail

DEEP: Final = 8
PARTS: Final = 100
"""Parts of one mail that are looked at."""

HEADERS: Final = 256 * 1024
"""Bytes of headers that are looked at."""

_END: Final = re.compile(rb"\r?\n\r?\n")
_HEADER: Final = re.compile(rb"^([!-9;-~]{1,80}):[ \t]*((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*)", re.MULTILINE)
_LINE_END: Final = re.compile(rb"[ \t]*(?:\r?\n|\Z)")
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_PARAMETER: Final = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]+))")

Headers = tuple[tuple[str, str], ...]


def headers_of(data: bytes) -> tuple[Headers, int]:
    """The headers at the start, names in small letters, and where the body begins (-1: it never does)."""
    if data.startswith((b"\n", b"\r\n")):
        return (), 1 if data.startswith(b"\n") else 2
    end = _END.search(data, 0, HEADERS)
    head = data[: end.start() + 1 if end else HEADERS]
    found = tuple((name.decode("ascii").lower(), _unfolded(value)) for name, value in _HEADER.findall(head))
    return found, end.end() if end else -1


def _unfolded(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return _FOLD.sub(" ", text).strip() if "\n" in text else text.strip()


def parse(data: bytes, *, whole: bool = True) -> Mail:
    """A mail from its bytes. ``whole`` is false where the caller has not kept its end."""
    headers, start = headers_of(data)
    if start < 0:
        return Mail(headers, complete=False)
    reader = _Reader()
    closed = reader.part(dict(reversed(headers)), data[start:], 0)
    enough = bool(reader.html) if not whole else closed
    return Mail(headers, reader.text, reader.html, enough)


class _Reader:
    """Collects the first plain text and the first HTML of a mail."""

    def __init__(self) -> None:
        self.text = ""
        self.html = ""
        self.left = PARTS

    def part(self, headers: dict[str, str], data: bytes, depth: int) -> bool:
        """Reads one part; whether it goes on to its own end."""
        kind, parameters = _content(headers.get("content-type", "text/plain"))
        if kind.startswith("multipart/"):
            return self._parts(parameters.get("boundary", ""), data, depth)
        attached = headers.get("content-disposition", "").lower().startswith("attachment")
        if attached or kind not in {"text/plain", "text/html"}:
            return True
        if (kind == "text/html" and self.html) or (kind == "text/plain" and self.text):
            return True
        raw, sound = _unpacked(data, headers.get("content-transfer-encoding", ""))
        text = _decoded(raw, parameters.get("charset", ""))
        if kind == "text/html":
            self.html = text
            # A page alone has no closing boundary: it is whole if it closes itself.
            return sound and (depth > 0 or "</html" in text[-2_000:].lower() or "<html" not in text.lower())
        self.text = text
        return sound

    def _parts(self, boundary: str, data: bytes, depth: int) -> bool:
        if not boundary or len(boundary) > 200 or depth >= DEEP:
            return False
        mark = b"--" + boundary.encode("utf-8", "replace")
        begun, closed, sound = -1, False, True
        for start, end, last in _marks(data, mark):
            if begun >= 0 and self.left > 0:
                self.left -= 1
                inner = data[begun:start]
                headers, body = headers_of(inner)
                if body >= 0:
                    sound = self.part(dict(reversed(headers)), inner[body:], depth + 1) and sound
            begun, closed = end, last
            if last:
                break
        return closed and sound


def _marks(data: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where the boundary is a line of its own: (end of the part before, begin of the next, the last)."""
    at = data.find(mark)
    while at >= 0:
        end = at + len(mark)
        last = data.startswith(b"--", end)
        rest = _LINE_END.match(data, end + 2 if last else end)
        if rest is not None and (at == 0 or data[at - 1] == 10):
            yield max(0, at - (2 if data[max(0, at - 2) : at] == b"\r\n" else 1)), rest.end(), last
        at = data.find(mark, end)


def _content(value: str) -> tuple[str, dict[str, str]]:
    kind = value.partition(";")[0].strip().lower()
    parameters = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(value)
    }
    return kind, parameters


def _unpacked(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """The bytes as they were before they were encoded for transport, and whether that went well."""
    match encoding.strip().lower():
        case "base64":
            packed = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
            try:
                return base64.b64decode(packed + b"=" * (-len(packed) % 4)), True
            except (binascii.Error, ValueError):
                return b"", False
        case "quoted-printable":
            return quopri.decodestring(data), True
        case _:
            return data, True


def _decoded(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return data.decode(name) if name else data.decode()
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("latin-1")
