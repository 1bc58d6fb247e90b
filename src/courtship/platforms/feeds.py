"""RSS 2.0, RSS 1.0 and Atom (RFC 4287, with the threads of RFC 4685) -> records.

Decided here:

- The brand's account is its site: ``web:HOST`` of the feed's own link.
- An entry is a comment if it answers something (``thr:in-reply-to``) or stands at ``…#comment-…``; every
  other is a post of the site's.
- A commenter is whom their address names; without one, the site knows them by e-mail address, else by name.
- A comment is towards the site; one that answers a comment, towards whoever wrote that, if the feed tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from courtship.addresses import of_uri
from courtship.model import Activity, Address, Micros, Post, Profile, Record
from courtship.platforms import times, words
from courtship.platforms.webmention import site

NOBODY = frozenset({"", "anonymous", "anonym", "anonyme", "anónimo", "anoniem", "guest"})


class Node(Protocol):
    """An element of XML, as `Feed` looks at it."""

    name: str
    text: str

    @property
    def attributes(self) -> dict[str, str]: ...
    def all(self, name: str) -> Iterator[Node]: ...
    def first(self, *names: str) -> Node | None: ...
    def word(self, *names: str) -> str: ...
    def whole_text(self) -> str: ...


class Feed:
    """Maps one feed, element by element, in the order of the file: its link stands before its entries."""

    def __init__(self) -> None:
        self.account: Address = ""
        self._title = ""
        self._writers: dict[str, Address] = {}
        self._told: set[Address] = set()

    def about(self, node: Node) -> Iterator[Record]:
        """A title or link of the feed itself."""
        if node.name == "title":
            self._title = self._title or words.plain(node.text)
            return
        if node.attributes.get("rel", "alternate") == "alternate" and not self.account:
            self.account = site(node.attributes.get("href") or node.text.strip())
            if self.account:
                yield Profile(self.account, name=self._title, url=_page(node), own=True)

    def entry(self, node: Node) -> Iterator[Record]:
        """An item or entry. `ValueError` says what is wrong with it."""
        if not self.account:
            raise ValueError("stands before the feed says whose site it is (link)")
        at = _time(node)
        if at is None:
            raise ValueError("has no date; left out")
        link = next((_page(one) for one in node.all("link") if _is_page(one)), "")
        id = node.word("guid", "id") or link
        parent = node.first("in-reply-to")
        if parent is None and "#comment-" not in link and "#comment-" not in id:
            yield self._post(node, link or id, at)
            return
        author = node.first("author", "creator")
        actor = self._who(author)
        self._writers[id] = actor
        answered = parent.attributes.get("ref", "") if parent is not None else ""
        page = parent.attributes.get("href", "") if parent is not None else ""
        # The address of a comment has a fragment, that of a page has none.
        target = self._writers.get(answered, "" if "#" in page else self.account)
        name = _name(author)
        yield Activity(
            id,
            "comment",
            actor,
            "" if target == actor else target,
            at,
            object=page.partition("#")[0] or link.partition("#")[0] or answered or None,
            in_reply_to=answered or link.partition("#")[0] or None,
            text=_words(node) or None,
            url=link or None,
            public=True,
            actor_name=name or None,
        )
        if actor and name and actor not in self._told:
            self._told.add(actor)
            yield Profile(actor, name=name, url=author.word("uri") if author is not None else "")

    def _post(self, node: Node, where: str, at: Micros) -> Post:
        title = words.plain(node.word("title"))
        said = _words(node)
        tags = (words.plain(tag.attributes.get("term") or tag.text) for tag in node.all("category"))
        return Post(
            where,
            self.account,
            at,
            text=f"{title}\n\n{said}" if title and said else title or said,
            media="text",
            tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
            url=where if where.startswith(("https://", "http://")) else "",
            public=True,
        )

    def _who(self, author: Node | None) -> Address:
        if author is None:
            return ""
        uri = author.word("uri", "url")
        if uri.startswith(("https://", "http://")):
            try:
                return of_uri(uri)
            except ValueError:
                pass
        email = author.word("email").casefold()
        written = author.text.strip()
        if not email and author.name == "author" and "@" in written.partition(" ")[0]:
            email = written.partition(" ")[0].casefold()  # RSS: ann@example.org (Ann)
        if "@" in email:
            return f"{self.account}/{email}"
        name = _name(author).casefold()
        return "" if name in NOBODY else f"{self.account}/name/{name}"


def _name(author: Node | None) -> str:
    if author is None:
        return ""
    written = author.word("name") or author.text.strip()
    if author.name == "author" and "@" in written and written.endswith(")"):
        written = written.partition("(")[2][:-1]
    return words.plain(written).replace("\n", " ")


def _time(node: Node) -> Micros | None:
    for name in ("pubDate", "published", "date", "issued", "updated", "modified"):
        written = node.word(name)
        if written:
            return times.mail(written) if name == "pubDate" else times.iso(written)
    return None


def _is_page(link: Node) -> bool:
    return link.attributes.get("rel", "alternate") == "alternate" and bool(_page(link))


def _page(link: Node) -> str:
    address = (link.attributes.get("href") or link.text).strip()
    return address if address.startswith(("https://", "http://")) else ""


def _words(node: Node) -> str:
    for name in ("encoded", "content", "description", "summary"):
        found = node.first(name)
        if found is not None and (said := words.plain(found.whole_text())):
            return said
    return ""
