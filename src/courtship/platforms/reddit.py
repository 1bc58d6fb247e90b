"""Reddit's data request (a flat folder of CSV files) -> records.

Accounts are ``reddit:NAME`` in small letters. Columns: the parser of https://github.com/epicenter-md/epicenter,
for Reddit publishes none. Times are UTC.

Decided here:

- A comment or vote names a post or comment, never whose it is: towards ``""``. Two things are known for sure:
  what stands in somebody's own corner (``/r/u_NAME/``) was posted there by NAME, and what answers or is
  voted on of the owner's own is the owner's.
- Whoever words name (``u/name``) is mentioned.
- A vote up is a ``like``, a vote down none. Votes have no date: they were cast at the latest when the export
  was made; not precise. Reddit votes for the author of each post and comment: such are left out.
- An award (gilded, gold) is a ``like``: a reaction that costs.
- Friends are whom the owner follows; a list without dates.
- In a chat with one other, a message is towards the other; in one of several, towards nobody in particular.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot
from courtship.platforms import times, words

Row = Mapping[str, str]

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{3,20}", re.ASCII)
_MENTION: Final = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{3,20})(?![\w-])", re.ASCII)
_THING: Final = re.compile(
    r"(?:https?://(?:www\.|old\.|new\.)?reddit\.com)?/(?:r/([\w-]+)|u(?:ser)?/([\w-]+))"
    r"/comments/(\w+)(?:/[^/?#]*(?:/(\w+))?)?",
    re.ASCII,
)
_LINK: Final = re.compile(r"https?://\S+")
_GONE: Final = frozenset({"[deleted]", "[removed]", "deleted", "removed"})
_UTC: Final = re.compile(r"\s*UTC$")


def account(name: str) -> Address:
    """``u/Ann_Bell`` -> ``reddit:ann_bell``; ``""`` of what is no name (``[deleted]``, ``#subreddit``)."""
    name = re.sub(r"^/?u(?:ser)?/", "", name.strip())
    return f"reddit:{name.lower()}" if _NAME.fullmatch(name) and name not in _GONE else ""


def moment(text: str) -> Micros | None:
    """``2024-03-01 12:30:00 UTC``."""
    return times.iso(_UTC.sub("Z", text).replace(" Z", "Z")) if text else None


def thing(link: str) -> str:
    """The address of a post or comment in one form, without the title in it; ``""`` where it is neither."""
    found = _THING.match(link.strip())
    if found is None:
        return ""
    place = f"r/{found[1]}" if found[1] else f"user/{found[2]}"
    return f"https://www.reddit.com/{place}/comments/{found[3]}/" + (f"_/{found[4]}/" if found[4] else "")


def corner(link: str) -> Address:
    """Whose own corner a post stands in (``/r/u_NAME/``, ``/user/NAME/``): only they can post there."""
    found = _THING.match(link.strip())
    if found is None:
        return ""
    return account(found[2] or (found[1][2:] if found[1].lower().startswith("u_") else ""))


class Export:
    """Maps the export of ``me``, made at ``made``.

    Posts and own comments are to be read first: what answers them, and votes on them, are the owner's own.
    """

    def __init__(self, me: Address, made: Micros) -> None:
        self.me = me
        self.made = made
        self._own: set[str] = set()
        """Ids of the owner's own posts and comments."""
        self._chats: dict[str, set[Address]] = {}

    def learn(self, row: Row) -> None:
        """A row of posts or comments, or of their headers: the owner's own."""
        if row.get("id"):
            self._own.add(row["id"])

    def learn_chat(self, row: Row) -> None:
        """A row of the chats: who talks in which."""
        who = account(row.get("username", ""))
        if who and who != self.me and row.get("channel_url"):
            self._chats.setdefault(row["channel_url"], set()).add(who)

    def post(self, row: Row) -> Iterator[Post]:
        """A post of the owner's."""
        at, where = moment(row.get("date", "")), thing(row.get("permalink", ""))
        if at is None or not where:
            raise ValueError("is a post without date or address; left out")
        title, body = words.tidy(row.get("title", "")), words.tidy(row.get("body", ""))
        shown = row.get("url", "")
        link = shown if _LINK.fullmatch(shown) and thing(shown) != where else ""
        image = bool(re.search(r"//i\.redd\.it/|\.(?:jpe?g|png|gif)$", link))
        video = "//v.redd.it/" in link
        yield Post(
            object=where,
            author=self.me,
            at=at,
            text=f"{title}\n\n{body}" if title and body else title or body,
            media="image" if image else "video" if video else "link" if link else "text",
            link="" if image or video else link,
            url=where,
            public=True,
        )

    def comment(self, row: Row) -> Iterator[Activity]:
        """A comment of the owner's."""
        at, where = moment(row.get("date", "")), thing(row.get("permalink", ""))
        number = row.get("id", "")
        if at is None or not where or not number:
            raise ValueError("is a comment without date, number or address; left out")
        above, below = thing(row.get("link", "")), row.get("parent", "")
        post = above.rstrip("/").rpartition("/")[2]
        # Without a parent it answers the post, whose number is the last part of its address.
        answered = below.rpartition("_")[2] or post
        own = answered in self._own
        target = self.me if own else corner(above) if answered == post else ""
        body = words.tidy(row.get("body", ""))
        told: dict[Address, str] = {} if target in {"", self.me} else {target: "comment"}
        for name in _MENTION.findall(body):
            if (named := account(name)) and named != self.me:
                told.setdefault(named, "mention")
        if not told and not own:
            told[""] = "comment"
        for order, (who, kind) in enumerate(told.items()):
            yield Activity(
                id=f"comment:{number}" if order == 0 else f"comment:{number}#{who.partition(':')[2]}",
                kind=kind,
                actor=self.me,
                target=who,
                at=at,
                object=above or where,
                in_reply_to=above or None,
                text=body or None,
                url=where,
                public=True,
            )

    def vote(self, row: Row) -> Iterator[Activity]:
        """A vote on a post or a comment."""
        where = thing(row.get("permalink", ""))
        if not where:
            raise ValueError("is a vote without address; left out")
        if row.get("direction", "").casefold() != "up" or row.get("id", "") in self._own:
            return
        target = corner(where) if "/_/" not in where else ""
        if target == self.me:
            return
        yield self._undated("like", f"vote:{row.get('id') or where}", target, where, "")

    def poll_vote(self, row: Row) -> Iterator[Activity]:
        """A vote in a poll: only the post's number is told."""
        number = row.get("post_id", "")
        if not number:
            raise ValueError("is a vote without post; left out")
        if number in self._own:
            return
        chosen = words.tidy(row.get("text", ""))
        where = f"https://www.reddit.com/comments/{number}/"
        yield self._undated("vote", f"poll:{number}", "", where, chosen)

    def _undated(self, kind: str, id: str, target: Address, where: str, text: str) -> Activity:
        return Activity(
            id=id,
            kind=kind,
            actor=self.me,
            target=target,
            at=self.made,
            precise=False,
            object=where,
            text=text or None,
            url=where,
        )

    def award_given(self, row: Row) -> Iterator[Activity]:
        """Something the owner gilded."""
        at, where = moment(row.get("date", "")), thing(row.get("content_link", ""))
        if at is None or not where:
            raise ValueError("is an award without date or address; left out")
        target = corner(where) if "/_/" not in where else ""
        if target != self.me:
            yield self._award(self.me, target, at, where, row.get("award", ""))

    def award_received(self, row: Row) -> Iterator[Activity]:
        """Something of the owner's that somebody gilded."""
        at, where = moment(row.get("date", "")), thing(row.get("content_link", ""))
        giver = account(row.get("gilder_username", ""))
        if at is None or not where:
            raise ValueError("is an award without date or address; left out")
        if not giver:
            raise ValueError("is an award by nobody that is named; left out")
        yield self._award(giver, self.me, at, where, "")

    def _award(self, actor: Address, target: Address, at: Micros, where: str, text: str) -> Activity:
        return Activity(
            id=f"award:{actor.partition(':')[2]}:{where}:{at // 1_000_000}",
            kind="like",
            actor=actor,
            target=target,
            at=at,
            object=where,
            text=text or None,
            url=where,
        )

    def message(self, row: Row) -> Iterator[Record]:
        """A private message, either way. Those to or from a whole community are nobody's."""
        at, number = moment(row.get("date", "")), row.get("id", "")
        if at is None or not number:
            raise ValueError("is a message without date or number; left out")
        sender, receiver = account(row.get("from", "")), account(row.get("to", ""))
        if sender == self.me == receiver:
            return
        if self.me not in {sender, receiver} or not sender or not receiver:
            return
        subject, body = words.tidy(row.get("subject", "")), words.tidy(row.get("body", ""))
        text = f"{subject}\n\n{body}" if subject and body else subject or body
        yield self._message(f"dm:{number}", sender, receiver, at, text, row.get("permalink", ""))

    def chat(self, row: Row) -> Iterator[Record]:
        """A message of a chat."""
        at, number = moment(row.get("created_at", "")), row.get("message_id", "")
        sender = account(row.get("username", ""))
        if at is None or not number or not sender:
            raise ValueError("is a chat message without sender, date or number; left out")
        others = self._chats.get(row.get("channel_url", ""), set())
        alone = next(iter(others)) if len(others) == 1 else ""
        if row.get("conversation_type", "direct").casefold() not in {"direct", "dm", ""}:
            alone = ""
        target = alone if sender == self.me else self.me if alone else ""
        yield self._message(f"chat:{number}", sender, target, at, words.tidy(row.get("message", "")), "")

    def _message(
        self, id: str, sender: Address, target: Address, at: Micros, text: str, url: str
    ) -> Activity:
        return Activity(
            id=id,
            kind="message",
            actor=sender,
            target=target,
            at=at,
            object=id,
            text=text or None,
            url=url if _LINK.fullmatch(url) else None,
            public=False,
        )

    def friends(self, members: Iterable[Address]) -> Snapshot:
        """Everybody among the friends, as of the export."""
        return Snapshot(self.me, "follow", "outbound", tuple(dict.fromkeys(members)), self.made)


def friend(row: Row) -> Address:
    """One line of friends.csv; `ValueError` where it is nobody."""
    who = account(row.get("username", ""))
    if not who:
        raise ValueError("is a friend without name; left out")
    return who


def owner(me: Address, made: Micros, email: str = "") -> Profile:
    """Whose export it is."""
    name = me.partition(":")[2]
    return Profile(
        me, at=made, name=name, handle=name, url=f"https://www.reddit.com/user/{name}", email=email, own=True
    )
