"""Google+ (closed on 2 April 2019): what a Takeout tells -> records.

Accounts are ``googleplus:NUMBER`` (``googleplus:+vanity`` where only a vanity address is given). A post of
the Takeout holds what others did about it, with their numbers: comments with times; +1s, reshares and votes
without. Keys: https://github.com/FiXato/Plexodus-Tools (all that occur in some thousand posts).

Decided here:

- A +1, reshare or vote has no time. The earliest moment by which it must have happened is when the Takeout
  was made, at the latest when Google+ closed; not precise.
- Comments are a flat list below a post: one is towards whoever wrote the post. The owner's own comments below
  their own post are towards those that they name.
- A reshare with own words is a ``quote``, without a ``share``.
- A post shown to one person alone is a ``message``.
- Circles have no dates: one list of all that were in any of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from courtship.model import Activity, Address, Micros, Post, Profile, Record, Snapshot
from courtship.platforms import times, words

CLOSED: Final[Micros] = 1_554_163_200_000_000
"""2019-04-02T00:00:00Z."""

_USER: Final = re.compile(r"users/(\d+)")
_PAGE: Final = re.compile(
    r"https?://(?:plus|profiles)\.google\.com/(?:u/\d+/)?(\d{5,}|\+[^/?#\s]+)(?:/(?:posts|about)?/?)?(?:[?#].*)?"
)
_POST: Final = re.compile(r"https?://plus\.google\.com/(?:u/\d+/)?(\d{5,}|\+[^/?#\s]+)/posts/(\w+)")
_HREF: Final = re.compile(r'<a\s[^<>]*?href="([^"<>]*)"')
_OFFSET: Final = re.compile(r"\s*:?([+-]\d\d):?(\d\d)$")
_TAG: Final = re.compile(r"#(\w+)")

ACTED: Final[Mapping[str, str]] = {
    "commentCreatedItem": "comment",
    "postPlusOneAddedItem": "like",
    "commentPlusOneAddedItem": "like",
    "pollVoteAddedItem": "vote",
}
"""What the items of the activity log say that the owner did."""


def moment(text: Any) -> Micros | None:
    """``2018-10-25 17:04:03+0200``, and the ways in which others have written it."""
    return times.iso(_OFFSET.sub(r"\1:\2", text.strip())) if isinstance(text, str) else None


def who(person: Any) -> Address:
    """The account of an author, +1er, resharer or voter; ``""`` where it is none."""
    if type(person) is not dict and not isinstance(person, Mapping):  # the first is what a file gives
        return ""
    found = _USER.match(_text(person.get("resourceName")))
    if found:
        return f"googleplus:{found[1]}"
    number = _text(person.get("id"))
    return f"googleplus:{number}" if number.isdecimal() else at_page(_text(person.get("profilePageUrl")))


def at_page(address: str) -> Address:
    """The account of a profile's address; ``""`` of any other."""
    found = _PAGE.fullmatch(address.strip())
    return f"googleplus:{unquote(found[1]).lower()}" if found else ""


class Takeout:
    """Maps one Takeout of the account ``owner``, made at ``made``."""

    REMEMBERED: Final = 20_000

    def __init__(self, owner: Address, made: Micros) -> None:
        self.owner = owner
        self.made = min(made, CLOSED)
        self._told: dict[tuple[Address, str, str, bool], None] = {}
        self._numbers: dict[Address, Address] = {}
        """Accounts by their vanity address, of those whose number is known too."""
        self._commented: set[tuple[str, int]] = set()
        """The owner's comments: the post's id and the second."""

    def profile(self, person: Any, own: bool = False) -> Iterator[Profile]:
        """What is said of somebody, once."""
        account = who(person)
        if not account:
            return
        name, url = _text(person.get("displayName")), _text(person.get("profilePageUrl"))
        said = (account, name, url, own)
        if said in self._told:
            return
        vanity = at_page(url)
        if vanity and vanity != account and len(self._numbers) < self.REMEMBERED:
            self._numbers[vanity] = account
        if account != self.owner or own:
            self._told[said] = None
            if len(self._told) > self.REMEMBERED:
                del self._told[next(iter(self._told))]
            handle = vanity.partition(":")[2] if vanity != account else ""
            yield Profile(account, name=name, handle=handle, url=url, own=own)

    # ------------------------------------------------------------------ a post, and what was done about it

    def post(self, post: Any) -> Iterator[Record | str]:
        """One file of the stream. A string says what of it is left out; `ValueError` that all of it is."""
        if not isinstance(post, Mapping):
            raise ValueError("is no post; left out")
        name = _text(post.get("url")) or _text(post.get("resourceName"))
        author, at = who(post.get("author")), moment(post.get("creationTime"))
        if not name or not author or at is None:
            raise ValueError("is a post without address, author or date; left out")
        acl = post.get("postAcl")
        public = acl.get("isPublic") if isinstance(acl, Mapping) else None
        public = public if isinstance(public, bool) else _circles(acl, "CIRCLE_TYPE_PUBLIC")
        text = words.plain(post.get("content"))
        acts = list(self._outward(post, name, author, at, text, public, acl))
        yield from acts
        if author != self.owner:
            yield from self.profile(post.get("author"))
        elif not any(act.kind in {"message", "share"} for act in acts):
            yield self._as_post(post, name, at, text, public)
        yield from self._inward(post, name, author, public)

    def _outward(
        self,
        post: Mapping[str, Any],
        name: str,
        author: Address,
        at: Micros,
        text: str,
        public: bool | None,
        acl: Any,
    ) -> Iterator[Activity]:
        told: dict[Address, tuple[str, str]] = {}
        alone = _shown_to(acl)
        if len(alone) == 1:
            told[alone[0]] = ("message", name)
        shared = post.get("resharedPost")
        if isinstance(shared, Mapping):
            about = _text(shared.get("url")) or _text(shared.get("resourceName"))
            told.setdefault(who(shared.get("author")), ("quote" if text else "share", about))
        for named in _named(post.get("content")):
            told.setdefault(named, ("mention", name))
        told.pop(author, None)
        for order, (target, (kind, about)) in enumerate(told.items()):
            yield Activity(
                id=name if order == 0 else f"{name}#{target.partition(':')[2]}",
                kind=kind,
                actor=author,
                target=target,
                at=at,
                object=about,
                text=text or None,
                url=name if name.startswith("http") else None,
                public=public,
            )

    def _as_post(
        self, post: Mapping[str, Any], name: str, at: Micros, text: str, public: bool | None
    ) -> Post:
        link, poll = post.get("link"), post.get("poll")
        choices = _each(poll.get("choices")) if isinstance(poll, Mapping) else []
        address = _text(link.get("url")) if isinstance(link, Mapping) else ""
        return Post(
            object=name,
            author=self.owner,
            at=at,
            text=text,
            media="poll" if choices else _media(post) or ("link" if address else "text"),
            link=address,
            tags=tuple(dict.fromkeys(_TAG.findall(text))),
            poll=tuple(words.plain(one.get("description")) for one in choices),
            url=name if name.startswith("http") else "",
            public=public,
        )

    def _inward(
        self, post: Mapping[str, Any], name: str, author: Address, public: bool | None
    ) -> Iterator[Record | str]:
        for comment in _each(post.get("comments")):
            yield from self._comment(comment, name, author, public)
        undated: list[tuple[str, Any, str]] = [
            *(("like", one.get("plusOner"), "") for one in _each(post.get("plusOnes"))),
            *(("share", one.get("resharer"), "") for one in _each(post.get("reshares"))),
        ]
        poll = post.get("poll")
        for choice in _each(poll.get("choices")) if isinstance(poll, Mapping) else ():
            answer = words.plain(choice.get("description"))
            undated += (("vote", one.get("voter"), answer) for one in _each(choice.get("votes")))
        for kind, person, text in undated:
            actor = who(person)
            if not actor:
                yield f"has a {kind} by nobody that can be told; left out"
            elif actor != author:
                yield Activity(
                    id=f"{kind}:{name}:{actor.partition(':')[2]}",
                    kind=kind,
                    actor=actor,
                    target=author,
                    at=self.made,
                    precise=False,
                    object=name,
                    text=text or None,
                    url=name if name.startswith("http") else None,
                    public=public,
                    actor_name=_text(person.get("displayName")) or None,
                )
                yield from self.profile(person)

    def _comment(
        self, comment: Mapping[str, Any], name: str, author: Address, public: bool | None
    ) -> Iterator[Record | str]:
        actor, at = who(comment.get("author")), moment(comment.get("creationTime"))
        if not actor or at is None:
            yield "has a comment without author or date; left out"
            return
        if actor == self.owner:
            self._commented.add((name.rpartition("/")[2], at // 1_000_000))
        told = {} if actor == author else {author: "comment"}
        for named in _named(comment.get("content")):
            if named != actor:
                told.setdefault(named, "mention")
        own = _text(comment.get("resourceName")) or f"{name}#comment-{actor.partition(':')[2]}-{at}"
        for order, (target, kind) in enumerate(told.items()):
            yield Activity(
                id=own if order == 0 else f"{own}#{target.partition(':')[2]}",
                kind=kind,
                actor=actor,
                target=target,
                at=at,
                object=name,
                in_reply_to=name,
                text=words.plain(comment.get("content")) or None,
                url=name if name.startswith("http") else None,
                public=public,
                actor_name=_text(comment["author"].get("displayName")) or None,
            )
        yield from self.profile(comment.get("author"))

    # ------------------------------------------------------------------ what the owner did elsewhere

    def logged(self, item: Any) -> Iterator[Activity]:
        """One item of the activity log: what the owner did about somebody's post.

        To be read after the posts: a comment that stands below one of them is not told again.
        """
        key = next((key for key in ACTED if isinstance(item, Mapping) and key in item), "")
        if not key:
            return  # removed again, or of no kind between two
        inner = item[key]
        at = times.milliseconds(item.get("timestampMs"))
        link = _text(inner.get("postPermalink")) if isinstance(inner, Mapping) else ""
        if at is None or not link:
            raise ValueError("has no date or post; left out")
        found = _POST.match(link)
        target = f"googleplus:{unquote(found[1]).lower()}" if found else ""
        target = self._numbers.get(target, target)
        if found and {(found[2], at // 1_000_000 + late) for late in (-1, 0, 1)} & self._commented:
            return
        if key == "commentPlusOneAddedItem":
            target = ""  # the permalink is the post's; whose comment it was is not said
        if target == self.owner:
            return
        yield Activity(
            id=f"log:{key}:{item.get('timestampMs')}",
            kind=ACTED[key],
            actor=self.owner,
            target=target,
            at=at,
            object=link,
            url=link,
            public=item.get("visibility") == "PUBLIC" or None,
        )

    def circles(self, members: Iterable[Address]) -> Snapshot:
        """Everybody in any circle, as of the Takeout."""
        return Snapshot(self.owner, "follow", "outbound", tuple(dict.fromkeys(members)), self.made)


def vcard_people(text: str) -> Iterator[tuple[Address, str]]:
    """The accounts and names in a circle's vCard file (RFC 6350, folded lines joined)."""
    name = page = ""
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        key, _, value = line.partition(":")
        key = key.split(";")[0].split(".")[-1].upper()
        if key == "BEGIN":
            name = page = ""
        elif key == "FN":
            name = value.strip()
        elif key == "URL" and at_page(value.replace("\\:", ":")):
            page = at_page(value.replace("\\:", ":"))
        elif key == "END" and page:
            yield page, name


def _media(post: Mapping[str, Any]) -> str:
    """``album``, ``image``, ``video`` or ``audio``; ``""`` of words alone."""
    album, media = post.get("album"), post.get("media")
    several = _each(album.get("media")) if isinstance(album, Mapping) else []
    if len(several) > 1:
        return "album"
    one = several[0] if several else media if isinstance(media, Mapping) else {}
    kind = _text(one.get("contentType")).partition("/")[0]
    return kind if kind in {"image", "video", "audio"} else ""


def _named(content: Any) -> list[Address]:
    """Whom words name, by links to their profiles."""
    if not isinstance(content, str) or "google.com/" not in content:
        return []
    # Takeouts write links in one way; whatever is written otherwise is left to the parser.
    found = _HREF.findall(content)
    links = map(html.unescape, found) if len(found) == content.count("href") else words.links(content)
    return list(dict.fromkeys(page for link in links if (page := at_page(link))))


def _shown_to(acl: Any) -> list[Address]:
    """Who a post was shown to, if to persons only."""
    shown = acl.get("visibleToStandardAcl") if isinstance(acl, Mapping) else None
    if not isinstance(shown, Mapping) or _each(shown.get("circles")):
        return []
    return [person for one in _each(shown.get("users")) if (person := who(one))]


def _circles(acl: Any, kind: str) -> bool | None:
    shown = acl.get("visibleToStandardAcl") if isinstance(acl, Mapping) else None
    if not isinstance(shown, Mapping):
        return None
    return any(one.get("type") == kind for one in _each(shown.get("circles")))


def _each(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
