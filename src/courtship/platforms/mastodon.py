"""Mastodon: what an archive (actor.json, outbox.json, likes.json) and its CSVs tell -> records.

Accounts are ``mastodon:NAME@HOST`` in small letters. The archive is ActivityStreams 2.0 as Mastodon writes
it (https://docs.joinmastodon.org/spec/activitypub/): everything in it was done by the owner.

Decided here:

- Who wrote the post that is answered or boosted is read from its address (``https://HOST/users/NAME/…``,
  ``https://HOST/@NAME/…``) or, where that does not say (``/ap/users/NUMBER``, other software), from the
  account that the post itself mentions there. Where neither says, the target is ``""``.
- One post may be towards several people: the one it answers or quotes, and everybody it mentions. The first
  has the post's own id, each further one the id with ``#ACCOUNT`` added.
- A post to mentioned accounts only is a ``message`` if there is exactly one, else a private mention of each.
- Favourites have no date. They are as of the archive's date, and not precise; their id names the post, so
  that the next archive tells of the same act. Bookmarks and mutes are nothing between two people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot, Total
from courtship.platforms import times, words

PUBLIC: Final = frozenset({"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"})

_OWNER: Final = re.compile(r"/(?:users|u|accounts|profile)/([\w.-]+)|/@([\w.-]+)|/p/([\w.-]+)/\d+", re.ASCII)
_ACCT: Final = re.compile(r"@?([\w.+-]+)@([\w.-]+(?::\d+)?)")
_NUMBERED: Final = re.compile(r"(https?://[^/]+/ap/users/\d+)(?:/|$)")


def account(acct: str) -> Address:
    """``@Ann@Example.social`` -> ``mastodon:ann@example.social``; ``""`` where it is none."""
    found = _ACCT.fullmatch(acct.strip())
    return f"mastodon:{found[1]}@{found[2]}".casefold() if found else ""


def account_at(address: str) -> Address:
    """The account whose profile or post has this web address, where the address says so."""
    try:
        parts = urlsplit(address)
        host = parts.netloc
    except ValueError:
        return ""
    found = _OWNER.match(unquote(parts.path))
    if not found or not host:
        return ""
    name = found[1] or found[2] or found[3]
    return account(f"{name}@{host}")


def archive_date(name: str) -> Micros | None:
    """When an archive was made, from its file name ``archive-YYYYMMDDhhmmss-….zip``."""
    found = re.search(r"archive-(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-", name)
    return times.iso("{}-{}-{}T{}:{}:{}Z".format(*found.groups())) if found else None


class Archive:
    """Maps one archive. ``made`` is its date, for what has none of its own."""

    def __init__(self, actor: Mapping[str, Any], made: Micros) -> None:
        self.made = made
        self.actor = actor
        self.uri = text_of(actor.get("id"))
        name = text_of(actor.get("preferredUsername"))
        host = urlsplit(self.uri).netloc if self.uri else ""
        self.account: Address = (account(f"{name}@{host}") if name and host else "") or account_at(self.uri)
        self._mine = tuple(
            f"{address}/" for address in (self.uri, text_of(actor.get("url"))) if address.startswith("http")
        )

    def profile(self) -> Profile:
        """The owner of the archive, offered as the brand's own."""
        fields = [field for field in listed(self.actor.get("attachment")) if isinstance(field, Mapping)]
        shown = [link for field in fields for link in words.links(text_of(field.get("value")))]
        return Profile(
            self.account,
            at=self.made,
            name=text_of(self.actor.get("name")) or text_of(self.actor.get("preferredUsername")),
            handle=self.account.partition(":")[2],
            url=_address(self.actor.get("url")) or self.uri,
            bio=words.plain(self.actor.get("summary")),
            links=tuple(dict.fromkeys(shown)),
            own=True,
        )

    # ------------------------------------------------------------------ outbox

    def outbox(self, item: Any) -> Iterator[Record]:
        """One item of the outbox: a post (Create) or a boost (Announce). `ValueError` says what is wrong."""
        if not isinstance(item, Mapping):
            raise ValueError("is no activity")
        kind = item.get("type")
        if kind == "Announce":
            yield self._boost(item)
        elif kind in {"Create", "Update"}:
            note = item.get("object")
            if not isinstance(note, Mapping):
                raise ValueError("has no post in it")
            yield from self._note(note, item)
        else:
            raise ValueError(f"is of a type that is not known here ({kind!s:.40}); left out")

    def _boost(self, item: Mapping[str, Any]) -> Activity:
        boosted = _address(item.get("object"))
        at = times.iso(item.get("published"))
        if not boosted or at is None:
            raise ValueError("is a boost without post or date; left out")
        to = [_address(address) for address in (*listed(item.get("to")), *listed(item.get("cc")))]
        return Activity(
            id=text_of(item.get("id")),
            kind="share",
            actor=self.account,
            # A boost is addressed to the followers, the public and whoever wrote the post.
            target=self._owner(boosted, ((account_at(address), address) for address in to)),
            at=at,
            object=boosted,
            url=boosted,
            public=not PUBLIC.isdisjoint(to),
        )

    def _note(self, note: Mapping[str, Any], item: Mapping[str, Any]) -> Iterator[Record]:
        name = text_of(note.get("id")) or text_of(item.get("id"))
        at = times.iso(note.get("published")) or times.iso(item.get("published"))
        if not name or at is None:
            raise ValueError("is a post without id or date; left out")
        to = {_address(value) for key in ("to", "cc") for value in listed(note.get(key))}
        public = not PUBLIC.isdisjoint(to)
        followers = any(address.endswith("/followers") for address in to)
        mentions = dict(self._mentions(note))
        answered = _address(note.get("inReplyTo"))
        quoted = next(
            (
                found
                for key in ("quote", "quoteUri", "quoteUrl", "_misskey_quote")
                if (found := _address(note.get(key)))
            ),
            "",
        )
        text = words.plain(note.get("content")) or words.plain(note.get("name"))
        summary = words.plain(note.get("summary"))
        text = f"{summary}\n\n{text}" if summary else text
        url = _address(note.get("url")) or name
        direct = not public and not followers

        told: dict[Address, str] = {}
        """Towards whom, as what: the first kind that fits."""
        known = tuple((acct, href) for acct, href in mentions.items())
        if direct and len(mentions) == 1:
            told[next(iter(mentions))] = "message"
        if quoted and (not direct or self._owner(quoted, known) in mentions):
            told.setdefault(self._owner(quoted, known), "quote")
        if answered and (not direct or self._owner(answered, known) in mentions):
            vote = bool(note.get("name")) and not note.get("content")
            told.setdefault(self._owner(answered, known), "vote" if vote else "comment")
        for acct in mentions:
            told.setdefault(acct, "mention")
        if self.account in told and len(told) > 1:
            del told[self.account]  # an answer in the own thread: what it says to others is what counts
        if told.get(self.account) in {"comment", "quote"}:
            told.clear()
        for order, (target, kind) in enumerate(told.items()):
            yield Activity(
                id=name if order == 0 else f"{name}#{target.partition(':')[2]}",
                kind=kind,
                actor=self.account,
                target=target,
                at=at,
                object={"quote": quoted, "comment": answered, "vote": answered}.get(kind, name),
                in_reply_to=answered or None,
                text=text or None,
                url=url,
                public=public,
            )
        if not direct and (not answered or self._is_mine(answered)):
            yield self._post(note, name, at, text, url, public)
        if public:
            yield from self._totals(note, name)

    def _post(
        self, note: Mapping[str, Any], name: str, at: Micros, text: str, url: str, public: bool
    ) -> Post:
        attached = [part for part in listed(note.get("attachment")) if isinstance(part, Mapping)]
        tags = [part for part in listed(note.get("tag")) if isinstance(part, Mapping)]
        options = [option for key in ("oneOf", "anyOf") for option in listed(note.get(key))]
        poll = tuple(
            words.plain(option.get("name"))
            for option in options
            if isinstance(option, Mapping) and option.get("name")
        )
        hidden = {_address(tag.get("href")) for tag in tags}
        linked = [link for link in words.links(text_of(note.get("content"))) if link not in hidden]
        return Post(
            object=name,
            author=self.account,
            at=at,
            text=text,
            media="poll" if poll else _media(attached),
            link=next((link for link in linked if not re.search(r"/tags?/[^/]+$|/@[\w.-]+$", link)), ""),
            tags=tuple(
                dict.fromkeys(
                    text_of(tag.get("name")).lstrip("#") for tag in tags if tag.get("type") == "Hashtag"
                )
            ),
            poll=poll,
            url=url,
            public=public,
        )

    def _totals(self, note: Mapping[str, Any], name: str) -> Iterator[Total]:
        for key, kind in (("likes", "like"), ("shares", "share")):
            collection = note.get(key)
            amount = collection.get("totalItems") if isinstance(collection, Mapping) else None
            if isinstance(amount, int) and amount > 0:
                yield Total(name, kind, amount, self.made)
        if isinstance(voters := note.get("votersCount"), int) and voters > 0:
            yield Total(name, "vote", voters, self.made)

    def _mentions(self, note: Mapping[str, Any]) -> Iterator[tuple[Address, str]]:
        for tag in listed(note.get("tag")):
            if isinstance(tag, Mapping) and tag.get("type") == "Mention":
                href = _address(tag.get("href"))
                named = text_of(tag.get("name"))
                if named.lstrip("@").count("@") == 0 and named:
                    named = f"{named}@{urlsplit(href).netloc}"  # people of the own server
                who = account(named) or account_at(href)
                if who and who != self.account:
                    yield who, href

    def _is_mine(self, address: str) -> bool:
        return address.startswith(self._mine) or (bool(self.account) and account_at(address) == self.account)

    def _owner(
        self, address: str, known: Iterator[tuple[Address, str]] | Sequence[tuple[Address, str]]
    ) -> Address:
        """Who wrote the post at ``address``: by the address, or by the one of the ``known`` accounts (with
        their addresses) that it must be."""
        if self._is_mine(address):
            return self.account
        owner = account_at(address)
        if owner:
            return owner
        people = [(acct, href) for acct, href in known if acct and acct != self.account]
        numbered = _NUMBERED.match(address)
        if numbered:
            return next((acct for acct, href in people if href == numbered[1]), "")
        host = urlsplit(address).netloc.casefold()
        there = {acct for acct, _ in people if acct.endswith(f"@{host}")}
        return there.pop() if len(there) == 1 else ""

    # ------------------------------------------------------------------ likes.json

    def like(self, item: Any) -> Activity:
        """One favourite: the address of a post. `ValueError` where it is none."""
        liked = _address(item)
        if not liked.startswith("http"):
            raise ValueError("is no address of a post; left out")
        return Activity(
            id=f"like:{liked}",
            kind="like",
            actor=self.account,
            target=self._owner(liked, ()),
            at=self.made,
            precise=False,
            object=liked,
            url=liked,
        )


# ---------------------------------------------------------------------- CSV


def listing(rows: Sequence[Sequence[str]]) -> tuple[Address, ...]:
    """The accounts of a CSV of follows or blocks, with or without header, in order, each once."""
    return tuple(dict.fromkeys(who for row in rows if row and (who := account(row[0]))))


def snapshot(owner: Address, kind: str, members: tuple[Address, ...], at: Micros) -> Snapshot:
    """Whom the owner follows or blocks, as of ``at``."""
    return Snapshot(owner, kind, "outbound", members, at)


# ---------------------------------------------------------------------- values


def text_of(value: Any) -> str:
    """The value if it is a string, else ``""``."""
    return value if isinstance(value, str) else ""


def listed(value: Any) -> list[Any]:
    """ActivityStreams writes one value or a list of them: the list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _address(value: Any) -> str:
    """The address of a value that is one, or an object with ``id`` or ``href``."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("id") or value.get("href")
    return value if isinstance(value, str) else ""


def _media(attached: Sequence[Mapping[str, Any]]) -> str:
    if len(attached) > 1:
        return "album"
    kind = text_of(attached[0].get("mediaType")).partition("/")[0] if attached else ""
    return kind if kind in {"image", "video", "audio"} else "text"
