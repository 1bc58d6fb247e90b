"""WordPress: what an export (WXR 1.0 to 1.2) tells -> records.

Fields are named as in the export, without prefix: ``post_id``, ``comment_author_email``. The format:
https://github.com/WordPress/wordpress-develop/blob/trunk/src/wp-admin/includes/export.php

Accounts are ``wordpress:SITE/…``, SITE being the blog's host and path. The blog's own authors are
``wordpress:SITE/LOGIN``. Whoever comments is known, in this order, by e-mail address
(``wordpress:SITE/ann@example.org``), by their registered number (``…/user/7``), by their own page
(``…/web/ann.example``), by their name alone (``…/name/ann``). Nothing at all: nobody (``""``).

Decided here:

- A comment waiting for moderation is not an act yet: most of them are spam, and nobody else can see it. It
  comes in with the first export after it was approved. Spam and trash are no acts at all.
- A comment answers the comment above it, or else the post; its target is whoever wrote that.
- A pingback or trackback is a post elsewhere that links here: a ``quote``, by the site that links.
- A date given only in the blog's own time zone (``…_gmt`` of zeros) is read as UTC and not called precise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from courtship.model import Activity, Address, Micros, Post, Problem, Profile, Record
from courtship.platforms import times, words

Fields = Mapping[str, str]
"""Elements of one item, comment or author by name; what is absent is absent."""

KIND_OF_TYPE: Final[Mapping[str, str]] = {
    "": "comment",
    "comment": "comment",
    "pingback": "quote",
    "trackback": "quote",
    # The Webmention and ActivityPub plugins store what they receive as comments of these types.
    "webmention": "quote",
    "mention": "mention",
    "like": "like",
    "favorite": "like",
    "reacji": "like",
    "repost": "share",
    "quote": "quote",
    # WooCommerce: a review with a rating in the upper two fifths recommends; any other is a comment.
    "review": "comment",
}
PINGS: Final = frozenset({"pingback", "trackback"})
NO_ACT_TYPES: Final = frozenset({"order_note", "action_log", "note", "rsvp", "bookmark", "tag", "read"})
"""Comment types that are a plugin's notes, or acts that no kind of ours names."""

NO_ACT_STATES: Final = frozenset({"0", "hold", "spam", "trash", "post-trashed"})

NO_POSTS: Final = frozenset(
    [
        "attachment",
        "nav_menu_item",
        "revision",
        "custom_css",
        "customize_changeset",
        "oembed_cache",
        "user_request",
        "shop_order",
        "shop_order_refund",
        "shop_coupon",
        "scheduled-action",
        "feedback",
        "elementor_library",
        "acf-field",
        "acf-field-group",
        "amp_validated_url",
        "jp_pay_order",
    ]
)
"""Post types that are no publications."""

MANY_ON_ONE_HOST: Final = frozenset(
    [
        "medium.com",
        "dev.to",
        "facebook.com",
        "github.com",
        "gitlab.com",
        "instagram.com",
        "linkedin.com",
        "sites.google.com",
        "threads.net",
        "tiktok.com",
        "tumblr.com",
        "twitter.com",
        "x.com",
        "youtube.com",
    ]
)
"""Hosts where the person is in the path, so that a host alone would make one person of many."""


@dataclass(slots=True)
class Author:
    """One of the blog's own authors."""

    login: str
    number: str = ""
    email: str = ""
    name: str = ""


@dataclass(slots=True)
class Item:
    """One post, page or attachment. ``terms`` are (domain, nicename, name); ``comments`` in file order."""

    fields: dict[str, str] = field(default_factory=dict)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    comments: list[dict[str, str]] = field(default_factory=list)


class Blog:
    """Maps one export. Tell it the channel's fields and authors first, then one item after another.

    Keeps the authors and the profiles of the last `REMEMBERED` commenters; everything else passes through.
    """

    REMEMBERED: Final = 20_000

    def __init__(self, channel: Fields, authors: Sequence[Author] = ()) -> None:
        self.url = next(
            (
                channel[name].strip()
                for name in ("base_blog_url", "link", "base_site_url")
                if channel.get(name)
            ),
            "",
        )
        self.site = site_of(self.url) or "unnamed"
        self.title = words.plain(channel.get("title", ""))
        self.exported_at: Micros | None = times.mail(channel.get("pubDate", "")) or times.iso(
            channel.get("created", "")
        )
        """When the export was made, where it says so."""
        self.account: Address = f"wordpress:{self.site}"
        self._authors: dict[str, Author] = {}
        self._own_email: dict[str, Author] = {}
        self._own_number: dict[str, Author] = {}
        self._own_name: dict[str, Author] = {}
        self._told: dict[Profile, None] = {}
        for author in authors:
            self._add(author)

    def _add(self, author: Author) -> None:
        key = author.login.strip().casefold()
        if not key:
            return
        self._authors.setdefault(key, author)
        if author.email:
            self._own_email.setdefault(author.email.strip().casefold(), author)
        if author.name:
            self._own_name.setdefault(words.plain(author.name).casefold(), author)
        if author.number.strip() not in {"", "0"}:
            self._own_number.setdefault(author.number.strip(), author)

    @property
    def own(self) -> list[Address]:
        """The blog's own accounts, as far as they are known by now."""
        return [self.account, *(self._address(author) for author in self._authors.values())]

    def by(self, number: str) -> Author | None:
        """The author with this number."""
        return self._own_number.get(number)

    def _address(self, author: Author) -> Address:
        return f"{self.account}/{author.login.strip().casefold()}"

    def profiles(self) -> Iterator[Profile]:
        """The blog and its authors, offered as the brand's own."""
        yield Profile(self.account, name=self.title, handle=self.site, url=self.url, own=True)
        for author in self._authors.values():
            yield Profile(
                self._address(author),
                name=words.plain(author.name) or author.login.strip(),
                handle=author.login.strip(),
                email=author.email.strip().casefold(),
                own=True,
            )

    # ------------------------------------------------------------------ items

    def item(self, item: Item, path: str, where: str) -> Iterator[Record | Problem]:
        """Records of one item: the post, if it was published, and what was done about it."""
        fields = item.fields
        creator = fields.get("creator", "").strip()
        if creator and creator.casefold() not in self._authors:
            self._add(Author(creator))  # WXR 1.0 lists no authors; whoever wrote a post of the blog is one
            yield Profile(f"{self.account}/{creator.casefold()}", name=creator, handle=creator, own=True)
        author = self._authors.get(creator.casefold())
        owner = self._address(author) if author else self.account
        number = fields.get("post_id", "").strip()
        link = fields.get("link", "").strip()
        name = link or fields.get("guid", "").strip() or f"https://{self.site}/?p={number}"
        posted, _ = _moment(fields, "post_date")
        if posted is None:
            posted = times.mail(fields.get("pubDate", ""))
        if (
            fields.get("status", "publish").strip() in {"publish", "private"}
            and not _internal(fields.get("post_type", "post").strip())
            and posted is not None
        ):
            yield self._post(item, name, owner, posted)
        yield from self._comments(item.comments, name, owner, path, where)

    def _post(self, item: Item, name: str, owner: Address, posted: Micros) -> Post:
        fields = item.fields
        markup = fields.get("encoded", "")
        title = words.plain(fields.get("title", ""))
        body = words.plain(markup)
        formats = [
            nice.removeprefix("post-format-") for domain, nice, _ in item.terms if domain == "post_format"
        ]
        outward = [address for address in words.links(markup) if site_of(address).split("/")[0] != self._host]
        return Post(
            object=name,
            author=owner,
            at=posted,
            text=f"{title}\n\n{body}".strip(),
            media=_media(formats, markup),
            link=outward[0] if outward else "",
            tags=tuple(
                dict.fromkeys(
                    words.plain(term)
                    for domain, nice, term in item.terms
                    if domain in {"post_tag", "tag", "category"} and nice != "uncategorized" and term.strip()
                )
            ),
            url=name,
            public=fields.get("status", "publish").strip() == "publish"
            and not fields.get("post_password", ""),
        )

    @property
    def _host(self) -> str:
        return self.site.split("/")[0]

    # ------------------------------------------------------------------ comments

    def _comments(
        self, comments: Sequence[Fields], post: str, owner: Address, path: str, where: str
    ) -> Iterator[Record | Problem]:
        actors = {
            number: self.who(comment, owner)
            for comment in comments
            if (number := comment.get("comment_id", "").strip())
        }
        for comment in comments:
            parent = comment.get("comment_parent", "").strip()
            # A parent that is not in the export (it was binned) leaves it open whom this answers.
            above = actors.get(parent, "") if parent not in {"", "0"} else owner
            yield from self.comment(comment, post, owner, above, path, where)

    def comment(
        self, comment: Fields, post: str, owner: Address, above: Address, path: str, where: str
    ) -> Iterator[Record | Problem]:
        """Records of one comment on ``post``, which is ``owner``'s; ``above`` wrote what it answers."""
        number = comment.get("comment_id", "").strip()
        if comment.get("comment_approved", "1").strip() in NO_ACT_STATES:
            return
        written = comment.get("comment_type", "").strip().casefold()
        if written in NO_ACT_TYPES:
            return
        kind = KIND_OF_TYPE.get(written)
        at_place = f"{where}, comment {number}" if number else f"{where}, a comment"
        if kind is None:
            yield Problem(path, at_place, f"is of a type that is not known here ({written:.40}); left out")
            return
        at, precise = _moment(comment, "comment_date")
        if at is None:
            yield Problem(path, at_place, "has no date that can be read; left out")
            return
        if written == "review" and comment.get("rating", "").strip() in {"4", "5"}:
            kind = "endorse"
        parent = comment.get("comment_parent", "").strip()
        actor = self.who(comment, owner)
        ping = written in PINGS
        yield Activity(
            id=self.comment_id(number) if number else "",
            kind=kind,
            actor=actor,
            target=above,
            at=at,
            precise=precise,
            object=post,
            in_reply_to=self.comment_id(parent) if parent not in {"", "0"} else post,
            text=words.plain(comment.get("comment_content", "")) or None,
            url=comment.get("comment_author_url", "").strip() if ping else f"{post}#comment-{number}",
            public=True,
            # A ping's name is the title of the page that links, nobody's name.
            actor_name=None if ping else words.plain(comment.get("comment_author", "")) or None,
        )
        if actor and not self.is_own(actor):
            yield from self._profile(actor, comment)

    def comment_id(self, number: str) -> str:
        """The id of the act that a comment is."""
        return f"{self.site}/comment/{number}"

    def _profile(self, actor: Address, comment: Fields) -> Iterator[Profile]:
        ping = comment.get("comment_type", "").strip().casefold() in PINGS
        profile = Profile(
            actor,
            name="" if ping else words.plain(comment.get("comment_author", "")),
            url=comment.get("comment_author_url", "").strip()
            if not ping
            else f"https://{actor.rpartition('/web/')[2]}",
            email=comment.get("comment_author_email", "").strip().casefold(),
        )
        if profile not in self._told and (profile.name or profile.url):
            self._told[profile] = None
            if len(self._told) > self.REMEMBERED:
                del self._told[next(iter(self._told))]
            yield profile

    def is_own(self, account: Address) -> bool:
        """Whether the account is the blog's or one of its authors'."""
        inside = account.removeprefix(f"{self.account}/")
        return account == self.account or inside in self._authors

    def who(self, comment: Fields, owner: Address) -> Address:
        """The account that wrote a comment; ``""`` where the export does not say."""
        email = comment.get("comment_author_email", "").strip().casefold()
        number = comment.get("comment_user_id", "").strip()
        web = site_of(comment.get("comment_author_url", ""))
        name = words.plain(comment.get("comment_author", ""))
        own = self._own_email.get(email) or self._own_number.get(number)
        if own is None and number not in {"", "0"}:
            # Old exports list authors without number, or none at all: a registered commenter with the
            # name of an author is that author.
            writer = self._authors.get(name.casefold()) or self._own_name.get(name.casefold())
            own = writer if writer is not None and not writer.number else None
        if own is not None:
            return self._address(own)
        if comment.get("comment_type", "").strip().casefold() in PINGS:
            if not web:
                return ""
            return self.account if web.split("/")[0] == self._host else f"{self.account}/web/{person_on(web)}"
        if email and "@" in email:
            return f"{self.account}/{email}"
        if number not in {"", "0"}:
            return f"{self.account}/user/{number}"
        if web:
            return owner if web == self.site else f"{self.account}/web/{web}"
        if name and name.casefold() not in {"anonymous", "anonym", "anonyme", "anónimo", "anoniem", "guest"}:
            return f"{self.account}/name/{name.casefold()}"
        return ""


def site_of(url: str) -> str:
    """``https://www.Example.org/blog/`` -> ``example.org/blog``; ``""`` where it is no web address."""
    url = url.strip()
    if url and "://" not in url and re.match(r"[\w.-]+\.\w{2,}(?:/|$)", url):
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    return f"{host}{parts.path.rstrip('/')}"


def person_on(page: str) -> str:
    """The part of a page's address that stands for whoever runs it: the host, and the first part of the
    path where many share a host."""
    host, _, path = page.partition("/")
    first = path.split("/")[0]
    shared = host in MANY_ON_ONE_HOST or first.startswith(("@", "~"))
    return f"{host}/{first}" if shared and first else host


def _internal(post_type: str) -> bool:
    return post_type in NO_POSTS or post_type.startswith(("wp_", "acf-", "_"))


def _moment(fields: Fields, name: str) -> tuple[Micros | None, bool]:
    """The moment in ``name``\\ ``_gmt``, else in ``name``, and whether it is exact."""
    for key, precise in ((f"{name}_gmt", True), (name, False)):
        at = times.iso(fields.get(key, "").strip())
        if at is not None:
            return at, precise
    return None, False


_MEDIA: Final = (
    ("poll", re.compile(r"\[poll\b|crowdsignal|wp:crowdsignal", re.IGNORECASE)),
    ("video", re.compile(r"<video\b|\[video\b|wp:video|youtube\.com/|youtu\.be/|vimeo\.com/", re.IGNORECASE)),
    ("audio", re.compile(r"<audio\b|\[audio\b|wp:audio", re.IGNORECASE)),
    ("album", re.compile(r"\[gallery\b|wp:gallery", re.IGNORECASE)),
    ("image", re.compile(r"<img\b", re.IGNORECASE)),
)


def _media(formats: Sequence[str], markup: str) -> str:
    named = {"gallery": "album", "image": "image", "video": "video", "audio": "audio", "link": "link"}
    for name in formats:
        if name in named:
            return named[name]
    return next((media for media, pattern in _MEDIA if pattern.search(markup)), "text")
