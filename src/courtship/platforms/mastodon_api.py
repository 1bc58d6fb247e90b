"""Mastodon: answers of its REST API -> records (https://docs.joinmastodon.org/entities/).

Accounts are keyed as in `platforms.mastodon`. An answer names people of its own server without a host; the
host is then that of the address shown beside the name. Ids are made of what every answer says alike (the
address of the status and the account), so that a favourite told by a notification and by ``favourited_by``
is one act.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Total
from courtship.platforms import times, words
from courtship.platforms.mastodon import account, listed, text_of

ABOUT: Final = {"favourite": "like", "reblog": "share"}
"""Notifications about a status of the owner's, and the kind of act that each is."""

WRITTEN: Final = frozenset({"mention", "quote", "status"})
"""Notifications that bring a status in which somebody says something."""

_COUNTS: Final = {
    "favourites_count": "like",
    "reblogs_count": "share",
    "replies_count": "comment",
    "quotes_count": "quote",
}
_MEDIA: Final = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


def who(view: Any) -> Address:
    """The account that an answer shows (also in a mention); ``""`` where it does not say."""
    if not isinstance(view, Mapping):
        return ""
    acct = text_of(view.get("acct"))
    if acct and "@" not in acct:
        try:
            host = urlsplit(text_of(view.get("url")) or text_of(view.get("uri"))).netloc
        except ValueError:
            return ""
        acct = f"{acct}@{host}" if host else ""
    return account(acct)


def profile(view: Mapping[str, Any], at: Micros, *, own: bool = False) -> Profile:
    """What an answer says of an account. `ValueError` where it does not say which."""
    address = who(view)
    if not address:
        raise ValueError("does not say who it is; left out")
    fields = [field for field in listed(view.get("fields")) if isinstance(field, Mapping)]
    followers = view.get("followers_count")

    def links(some: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(link for one in some for link in words.links(text_of(one.get("value")))))

    return Profile(
        address,
        at,
        name=words.plain(view.get("display_name")) or text_of(view.get("username")),
        handle=address.partition(":")[2],
        url=text_of(view.get("url")),
        bio=words.plain(view.get("note")),
        followers=followers if isinstance(followers, int) and followers >= 0 else None,
        links=links(fields),
        verified=links(field for field in fields if field.get("verified_at")),
        own=own,
    )


def reaction(type: str, actor: Address, status: Mapping[str, Any], at: Micros, precise: bool) -> Activity:
    """A favourite or a boost of a status. `ValueError` where the status does not say which it is."""
    uri = text_of(status.get("uri"))
    target = who(status.get("account"))
    if not uri or not actor:
        raise ValueError("does not say of what, or by whom; left out")
    return Activity(
        f"{type}:{uri}:{actor.partition(':')[2]}",
        ABOUT[type],
        actor,
        target,
        at,
        precise=precise,
        object=uri,
        url=text_of(status.get("url")) or uri,
        public=_public(status),
    )


def follow(actor: Address, target: Address, at: Micros, precise: bool = True) -> Activity:
    """A follow that a notification tells of."""
    names = f"{actor.partition(':')[2]}:{target.partition(':')[2]}"
    return Activity(f"follow:{names}:{at}", "follow", actor, target, at, precise=precise)


class Statuses:
    """Maps statuses. ``people`` and ``known`` are what else the same answers show: accounts and statuses by
    their number on the server."""

    def __init__(self, people: Mapping[str, Address], known: Mapping[str, Mapping[str, Any]]) -> None:
        self._people = people
        self._known = known

    def records(self, status: Any, made: Micros) -> Iterator[Record]:
        """A status: what it is towards whom, and the post that it is with its totals as of ``made``.

        `ValueError` says what is wrong with it.
        """
        if not isinstance(status, Mapping):
            raise ValueError("is no status; left out")
        author, at, uri = (
            who(status.get("account")),
            times.iso(status.get("created_at")),
            text_of(status.get("uri")),
        )
        if not author or at is None or not uri:
            raise ValueError("does not say who wrote it, where or when; left out")
        boosted = status.get("reblog")
        if isinstance(boosted, Mapping):
            yield reaction("reblog", author, boosted, at, True)
            return
        direct = status.get("visibility") == "direct"
        text = words.plain(status.get("content")) or words.tidy(text_of(status.get("text")))
        summary = words.plain(status.get("spoiler_text"))
        text = f"{summary}\n\n{text}" if summary else text
        answered, answered_whom = self._answered(status, author)
        quoted, quoted_whom = self._quoted(status)
        mentioned = [one for one in map(who, listed(status.get("mentions"))) if one and one != author]

        told: dict[Address, str] = {}
        if direct and len(set(mentioned)) == 1:
            told[mentioned[0]] = "message"
        if quoted and (not direct or quoted_whom in mentioned):
            told.setdefault(quoted_whom, "quote")
        if answered and (not direct or answered_whom in mentioned):
            told.setdefault(answered_whom, "comment")
        for one in mentioned:
            told.setdefault(one, "mention")
        told.pop(author, None)  # what an account says to itself
        for order, (target, kind) in enumerate(told.items()):
            yield Activity(
                f"status:{uri}" if order == 0 else f"status:{uri}#{target.partition(':')[2]}",
                kind,
                author,
                target,
                at,
                object={"quote": quoted, "comment": answered}.get(kind, uri),
                in_reply_to=answered or None,
                text=text or None,
                url=text_of(status.get("url")) or uri,
                public=_public(status),
            )
        if not direct and (not answered or answered_whom == author):
            yield self._post(status, uri, author, at, text)
            if _public(status):
                yield from totals(status, made)

    def _post(self, status: Mapping[str, Any], uri: str, author: Address, at: Micros, text: str) -> Post:
        poll = status.get("poll")
        options = listed(poll.get("options")) if isinstance(poll, Mapping) else []
        attached = [one for one in listed(status.get("media_attachments")) if isinstance(one, Mapping)]
        card = status.get("card")
        media = "album" if len(attached) > 1 else "text"
        if len(attached) == 1:
            media = _MEDIA.get(text_of(attached[0].get("type")), "text")
        return Post(
            uri,
            author,
            at,
            text=text,
            media="poll" if options else media,
            link=text_of(card.get("url")) if isinstance(card, Mapping) else "",
            tags=tuple(
                text_of(one.get("name")) for one in listed(status.get("tags")) if isinstance(one, Mapping)
            ),
            poll=tuple(words.plain(one.get("title")) for one in options if isinstance(one, Mapping)),
            url=text_of(status.get("url")) or uri,
            public=_public(status),
        )

    def _answered(self, status: Mapping[str, Any], author: Address) -> tuple[str, Address]:
        """The status that is answered and who wrote it. Answers give only numbers; where nothing here shows
        that status, its address is made as the server makes those of its own people."""
        number, person = text_of(status.get("in_reply_to_id")), text_of(status.get("in_reply_to_account_id"))
        if not number:
            return "", ""
        known = self._known.get(number)
        if known is not None:
            return text_of(known.get("uri")), who(known.get("account"))
        view = status.get("account")
        if isinstance(view, Mapping) and view.get("id") == person:
            return f"{text_of(status.get('uri')).rpartition('/')[0]}/{number}", author
        shown = [
            one
            for one in listed(status.get("mentions"))
            if isinstance(one, Mapping) and one.get("id") == person
        ]
        return f"urn:mastodon:status:{number}", (who(shown[0]) if shown else self._people.get(person, ""))

    @staticmethod
    def _quoted(status: Mapping[str, Any]) -> tuple[str, Address]:
        quote = status.get("quote")
        inner = quote.get("quoted_status") if isinstance(quote, Mapping) else None
        if not isinstance(inner, Mapping):
            return "", ""
        return text_of(inner.get("uri")), who(inner.get("account"))


def told_of(
    statuses: Statuses,
    owner: Address,
    type: str,
    actor: Address,
    status: Any,
    at: Micros,
    precise: bool,
    made: Micros,
) -> Iterator[Record]:
    """What one notification of ``type`` tells: its status with its totals as of ``made``, and the act.

    ``owner`` is whose notification it is. `ValueError` says what is wrong with it.
    """
    if type in ABOUT or type in WRITTEN:
        if not isinstance(status, Mapping):
            raise ValueError("its status is gone; left out")
        yield from statuses.records(status, made)
        if type in ABOUT:
            yield reaction(type, actor, status, at, precise)
    elif type in {"follow", "follow_request"}:
        if not owner:
            raise ValueError(
                "a follow, but of whom is not said; record verify_credentials beside it, and import again"
            )
        yield follow(actor, owner, at, precise)


def notified(item: Any, statuses: Statuses, owner: Address, made: Micros) -> Iterator[Record]:
    """One notification: who it is of, and what it tells. `ValueError` says what is wrong with it."""
    if not isinstance(item, Mapping) or not isinstance(item.get("account"), Mapping):
        raise ValueError("is no notification; left out")
    at = times.iso(item.get("created_at"))
    if at is None:
        raise ValueError("has no date; left out")
    yield profile(item["account"], at)
    actor = who(item["account"])
    yield from told_of(statuses, owner, str(item.get("type")), actor, item.get("status"), at, True, made)


def totals(status: Mapping[str, Any], made: Micros) -> Iterator[Total]:
    """The counts of a status, of whoever they are."""
    for key, kind in _COUNTS.items():
        amount = status.get(key)
        if isinstance(amount, int) and amount > 0:
            yield Total(text_of(status.get("uri")), kind, amount, made)


def _public(status: Mapping[str, Any]) -> bool | None:
    visibility = status.get("visibility")
    return visibility in {"public", "unlisted"} if isinstance(visibility, str) else None
