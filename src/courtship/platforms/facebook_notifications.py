"""Facebook's notifications.json: the only trace that an export has of what others did -> records.

A notification is a sentence ("Ann Bell and 3 others reacted to your post.") with the address of what it is
about. The wordings are those of the notification mails (`notification_mail`); an unknown one is for the
owner to see. Decided here:

- Whom it names acted, and at its time whoever is named first; for the others it is the latest moment by
  which they had, so they are not precise. "3 others" are no people: with the named they are a `Total`.
- A reaction that is told again with more names is the same act: it is one a person and thing.
- Messages, requests and friends are told of in files of their own, so not by their notifications.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from courtship.model import Activity, Record, Total
from courtship.platforms import words
from courtship.platforms.facebook import Export, as_text, name_key, when
from courtship.platforms.notification_mail.links import followed, without_comment
from courtship.platforms.notification_mail.sentences import sentence

TOLD_ELSEWHERE: Final = frozenset(("message", "request", "connected"))
SAMPLES: Final = 20
"""Unknown sentences that are shown; the rest are counted."""

SHOWS: Final = ("follow", "like", "comment", "mention", "share", "endorse")
"""Kinds that notifications tell of."""


class Notifications:
    """Maps the notifications of one export."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._shown = 0
        self._once: dict[str, Activity] = {}
        self.first: int | None = None
        """The time of the earliest: how far back they reach."""

    def item(self, item: Any) -> Iterator[Record | str]:
        """One notification -> records; a string says why nothing was taken from it."""
        at = when(item)
        text = words.tidy(as_text(item.get("text")))
        if not text:
            raise ValueError("has no words; left out")
        self.first = at if self.first is None else min(at, self.first)
        said = sentence("facebook", text, known=self._export.names)
        if said is None:
            yield self._unknown(text)
            return
        if not said.kind or said.event in TOLD_ELSEWHERE:
            return
        thing = followed("facebook", as_text(item.get("href"))).object
        about = thing if said.kind in {"like", "mention"} else without_comment(thing)
        if said.event == "reply" and "reply_comment_id=" in thing:
            about = thing.partition("&reply_comment_id=")[0]
        for place, person in enumerate(said.people):
            who = self._export.named(person.name)
            if not who:
                yield "is by a name that is of several people, or of nobody; left out"
                continue
            if who == self._export.account:
                continue
            if said.event == "follow" and name_key(person.name) in self._export.known:
                continue  # the list of followers has it
            once = thing if said.kind == "like" or "comment_id=" in thing else ""
            mark = once or f"{thing}@{at // 1_000_000}"
            act = Activity(
                id=f"notification:{said.event}:{name_key(person.name)}:{mark}",
                kind=said.kind,
                actor=who,
                target=self._export.account,
                at=at,
                precise=place == 0,
                object=about or None,
                text=said.text or None,
                url=thing or None,
                actor_name=person.name,
            )
            if once:
                self._once[act.id] = min(act, self._once.get(act.id, act), key=lambda one: one.at)
            else:
                yield act
        if said.others and about:
            yield Total(about, said.kind, len(said.people) + said.others, at)

    def told_once(self) -> Iterator[Record]:
        """At the end: acts that several notifications may have told of, each as the earliest tells it."""
        yield from self._once.values()
        self._once.clear()

    def _unknown(self, text: str) -> str:
        self._shown += 1
        if self._shown > SAMPLES:
            return "is in a wording that is not known, and was not counted"
        return f"says {text[:120]!r}, a wording that is not known, and was not counted"
