"""Facebook's messages: what a talk in an export tells -> records.

Of talks among several only what the owner wrote is kept, towards nobody. A reaction to a message has the
message's time and is not precise; where the talk has "Reacted … to your message" lines, those are it. Calls,
and lines that Messenger writes itself, are no messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from courtship.model import Activity, Address, Micros, Profile, Record
from courtship.platforms import times, words
from courtship.platforms.facebook import Export, as_list, as_text, name_key

_REACTED: Final = re.compile(
    r"(?:Reacted (.{1,16}) to your message|(?:Heeft met )?(.{1,16}) gereageerd op je bericht"
    r"|(?:Hat mit )?(.{1,16}) auf deine Nachricht reagiert|Liked a message)\s*",
    re.DOTALL | re.IGNORECASE,
)
_BY_MACHINE: Final = re.compile(
    r"(?:You are now connected on Messenger|You can now (?:message and )?call each other"
    r"|Say hi to your new Facebook friend|\S.{0,80} (?:missed your call|called you|missed your video call)\b"
    r"|You (?:missed a|called|started a)|Messages and calls are secured|\S.{0,80} created the group)",
    re.IGNORECASE,
)


class Talks:
    """Maps the talks of one export."""

    def __init__(self, export: Export) -> None:
        self._export = export

    def file(self, document: Any, folder: str) -> Iterator[Record | str]:
        """One message_N.json; ``folder`` is its folder's name. A string says what of it is left out."""
        if not isinstance(document, Mapping):
            raise ValueError("is no conversation; left out")
        people = [
            as_text(one.get("name"))
            for one in as_list(document.get("participants"))
            if isinstance(one, Mapping)
        ]
        messages = [one for one in as_list(document.get("messages")) if isinstance(one, Mapping)]
        number = folder.rpartition("_")[2]
        me = name_key(self._export.name)
        others = [name for name in people if name_key(name) != me]
        if len(people) == 2 and len(others) != 1:
            raise ValueError("does not say which of the two is you; left out")
        other = self._export.partner(others[0], folder) if len(people) <= 2 and len(others) == 1 else ""
        if other and messages and name_key(others[0]):
            yield Profile(other, name=others[0])
        by_line = {
            name_key(one.get("sender_name"))
            for one in messages
            if _REACTED.fullmatch(as_text(one.get("content")))
        }
        for message in messages:
            yield from self._message(message, number, other, by_line)

    def _message(
        self, message: Mapping[str, Any], number: str, other: Address, by_line: set[str]
    ) -> Iterator[Record | str]:
        sender = as_text(message.get("sender_name"))
        at = times.milliseconds(message.get("timestamp_ms"))
        text = words.tidy(as_text(message.get("content")))
        kind = as_text(message.get("type"))
        if not sender or message.get("is_unsent") is True or "call_duration" in message:
            return
        if kind in {"Subscribe", "Unsubscribe", "Call"} or _BY_MACHINE.match(text):
            return
        if at is None:
            yield "is a message without a date that can be read; left out"
            return
        mine = name_key(sender) == name_key(self._export.name)
        if not other and not mine:
            return
        by = "me" if mine else "them"
        if found := _REACTED.fullmatch(text):
            if other:
                emoji = next((one for one in found.groups() if one), "")
                yield self._liked(f"reaction:{number}:{at // 1_000}:{by}", other, mine, at, emoji, True)
            return
        name = f"message:{number}:{at // 1_000}:{by}"
        share = message.get("share")
        link = as_text(share.get("link")) if isinstance(share, Mapping) else ""
        yield Activity(
            id=name,
            kind="message",
            actor=self._export.account if mine else other,
            target=other if mine else self._export.account,
            at=at,
            object=name,
            text=text or link or None,
            public=False,
            actor_name=sender,
        )
        for one in as_list(message.get("reactions")) if other else ():
            who = name_key(one.get("actor")) if isinstance(one, Mapping) else ""
            by_me = who == name_key(self._export.name)
            if not who or by_me == mine or who in by_line:
                continue
            yield self._liked(f"{name}:liked", other, by_me, at, as_text(one.get("reaction")), False)

    def _liked(
        self, name: str, other: Address, mine: bool, at: Micros, emoji: str, precise: bool
    ) -> Activity:
        return Activity(
            id=name,
            kind="like",
            actor=self._export.account if mine else other,
            target=other if mine else self._export.account,
            at=at,
            precise=precise,
            text=emoji or None,
            public=False,
        )
