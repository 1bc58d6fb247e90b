"""What holds for the whole of one page: its moment, time zone, ladder, and whether names are shown.

Set once a request by the middleware; template tags and pictures read it. Nothing outside a request needs
it: the default is a page in UTC at the epoch with the default ladder.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from courtship.model import Micros

AWARE = "aware"
PARTED = "parted"
TONES = ("like", "know", "trust")
"""The colours of the rungs. A ladder of another length shares them: first, between, last."""


@dataclass(frozen=True, slots=True)
class Frame:
    """``now`` in UTC microseconds; ``zone`` an IANA name; ``ladder`` the stages' names, lowest first."""

    now: Micros = 0
    zone: str = "UTC"
    ladder: tuple[str, ...] = TONES
    brand: str = ""
    names_hidden: bool = False

    def tone(self, stage: str) -> str:
        """The colour class of a stage: one of ``aware like know trust parted``."""
        if stage in (AWARE, PARTED):
            return stage
        if stage not in self.ladder:
            return AWARE
        rung, last = self.ladder.index(stage), len(self.ladder) - 1
        if rung == 0:
            return TONES[0]
        return TONES[2] if rung == last else TONES[1]

    def local(self, at: Micros) -> dt.datetime:
        """``at`` in the page's time zone."""
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at)
        return moment.astimezone(ZoneInfo(self.zone))

    def name(self, shown: str, person: str) -> str:
        """The name to print: a stand-in where names are hidden, the same one for a person everywhere."""
        return stand_in(person or shown) if self.names_hidden else shown

    def hide(self, text: str, shown: str, person: str) -> str:
        """A text with a name in it as it may be printed."""
        return text.replace(shown, stand_in(person)) if self.names_hidden and shown else text


FRAME: ContextVar[Frame] = ContextVar("courtship_page", default=Frame())  # noqa: B039 - frozen


def stand_in(person: str) -> str:
    """A short label that tells people apart and says nothing of who they are.

    >>> stand_in("abc") == stand_in("abc")
    True
    """
    digest = hashlib.blake2b(person.encode(), digest_size=5).digest()
    return "Person " + base64.b32encode(digest).decode()[:4]
