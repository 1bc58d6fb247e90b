"""Disqus: the XML export of a site's comments -> records.

Decided here:

- The brand's account is its forum: ``disqus:FORUM``. Whoever opened the threads with an account of their own
  is offered as the brand's too.
- A commenter with an account is ``disqus:USERNAME``; without one, the forum knows them by e-mail address,
  else by name (``disqus:FORUM/…``).
- A comment is towards whoever wrote the one that it answers, else towards the forum.
- What is marked as spam was never said; what was deleted was said, but the export does not tell when it
  ended: it ends as it begins, so that it counts for nothing, while the two have met.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from courtship.model import Activity, Address, Post, Profile, Record
from courtship.platforms import times, words


class Node(Protocol):
    """An element of XML, as `Export` looks at it."""

    @property
    def attributes(self) -> dict[str, str]: ...
    def first(self, *names: str) -> Node | None: ...
    def word(self, *names: str) -> str: ...


class _Said(NamedTuple):
    """Who said a comment or opened a thread, and where it is."""

    who: Address
    link: str


class Export:
    """Maps one export, element by element, in the order of the file: threads stand before comments."""

    def __init__(self) -> None:
        self.forum = ""
        self._threads: dict[str, _Said] = {}
        self._comments: dict[str, Address] = {}
        self._owners: set[Address] = set()
        self._told: set[Address] = set()

    @property
    def account(self) -> Address:
        """The forum's account; ``""`` until the export has said what it is called."""
        return f"disqus:{self.forum}" if self.forum else ""

    def category(self, node: Node) -> Iterator[Record]:
        """A category: it names the forum."""
        return self._named(node)

    def thread(self, node: Node) -> Iterator[Record]:
        """A page of the brand's."""
        yield from self._named(node)
        number = node.attributes.get("id", "")
        link = node.word("link")
        author = node.first("author")
        owner = self._account(author)
        if author is not None and author.word("username"):
            yield from self._offered(owner, author)
        self._threads[number] = _Said(owner or self.account, link)
        at = times.iso(node.word("createdAt"))
        if link and at is not None and self.account:
            yield Post(link, self.account, at, text=words.plain(node.word("title")), media="text", url=link)

    def comment(self, node: Node) -> Iterator[Record]:
        """A comment. `ValueError` says what is wrong with it."""
        number = node.attributes.get("id", "")
        if node.word("isSpam") == "true":
            return
        at = times.iso(node.word("createdAt"))
        if at is None:
            raise ValueError("has no date (createdAt); left out")
        if not self.account:
            raise ValueError("stands before the export says whose forum it is; export it again")
        author = node.first("author")
        actor = self._account(author)
        if number:
            self._comments[number] = actor
        thread = node.first("thread")
        page = self._threads.get(thread.attributes.get("id", "") if thread is not None else "")
        parent = node.first("parent")
        answered = parent.attributes.get("id", "") if parent is not None else ""
        target = self._comments.get(answered, "") if answered else self.account
        if actor == target:
            target = ""  # an answer to oneself is towards nobody
        text = words.plain(node.word("message"))
        link = page.link if page is not None else ""
        yield Activity(
            f"comment:{number}" if number else "",
            "comment",
            actor or "",
            target or ("" if answered else self.account),
            at,
            ended=at if node.word("isDeleted") == "true" else None,
            object=link or None,
            in_reply_to=f"comment:{answered}" if answered else link or None,
            text=text or None,
            url=f"{link}#comment-{number}" if link and number else link or None,
            public=True,
            actor_name=(author.word("name") or None) if author is not None else None,
        )
        if actor and author is not None and actor not in self._told:
            self._told.add(actor)
            yield Profile(
                actor,
                name=author.word("name"),
                handle=author.word("username"),
                email=author.word("email").casefold(),
            )

    def _named(self, node: Node) -> Iterator[Record]:
        forum = node.word("forum")
        if forum and not self.forum:
            self.forum = forum
            yield Profile(self.account, name=forum, handle=forum, own=True)

    def _offered(self, owner: Address, author: Node) -> Iterator[Record]:
        if owner and owner not in self._owners:
            self._owners.add(owner)
            self._told.add(owner)
            yield Profile(owner, name=author.word("name"), handle=author.word("username"), own=True)

    def owners(self) -> list[Address]:
        """The forum and those who opened its threads."""
        return [self.account, *sorted(self._owners - {self.account})] if self.account else []

    def _account(self, author: Node | None) -> Address:
        if author is None:
            return ""
        username = author.word("username")
        if username and author.word("isAnonymous") != "true":
            return f"disqus:{username}"
        email = author.word("email").casefold()
        name = author.word("name").casefold()
        if not self.forum or not (email or name) or name in {"anonymous", "guest"}:
            return f"{self.account}/{email}" if email and self.forum else ""
        return f"{self.account}/{email}" if email else f"{self.account}/name/{name}"
