"""WordPress export files (WXR), streamed.

How to get one: in the blog's administration choose *Tools*, *Export*, *All content*, *Download Export File*;
it is made at once. On WordPress.com: *Tools*, *Export*, *Export all*; the file comes by mail within minutes,
in a zip. It holds every published post and every comment, pingback and trackback with its author, e-mail
address and time: the one export in which nearly all of what others did is there. It does not hold likes,
subscribers or visits, nor comments that were deleted for good.

XML is read with expat one item at a time: memory holds one post with its comments. Entities of the file's
own are refused. Control characters that XML forbids, which WordPress exports nevertheless, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.parsers import expat

from courtship.model import Activity, Micros, Post, Problem, Record
from courtship.platforms.wordpress import Author, Blog, Item
from courtship.sources.base import Claim, Guide, Shows, Source
from courtship.sources.text import head_utf8, utf8
from courtship.sources.tree import Entry, Tree

CHUNK: Final = 1 << 18
LONGEST_TEXT: Final = 8 * 1024 * 1024
"""Characters of one element; more is no post."""

_EXPORT: Final = re.compile(r"https?://wordpress\.org/export/1\.\d+/")
_FORBIDDEN: Final = bytes(code for code in range(32) if code not in (9, 10, 13))
_CREATED: Final = re.compile(r'created="(\d{4}-\d\d-\d\d \d\d:\d\d)"')
_PREFIX: Final = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/rss/1.0/modules/content/": "content",
}

SHOWS: Final[Shows] = {
    ("comment", "inbound"): "full",
    ("comment", "outbound"): "full",
    ("quote", "inbound"): "some",
}


def _recognise(tree: Tree) -> Sequence[Entry]:
    likely = (
        tree.entries if tree.shape == "file" else [e for e in tree.entries if e.name.lower().endswith(".xml")]
    )
    return [entry for entry in likely if b"wordpress.org/export/1." in head_utf8(entry)]


class _Refused(Exception):
    """The file defines entities."""


class _Reader:
    """expat's handlers: fills the channel's fields and authors, then one item after another."""

    def __init__(self) -> None:
        self.channel: dict[str, str] = {}
        self.authors: list[Author] = []
        self.items: list[tuple[int, Item]] = []
        self.started = 0
        """Line on which the item being read begins; 0 between items."""
        self._names: dict[str, str] = {}
        self._stack: list[str] = []
        self._item: Item | None = None
        self._comment: dict[str, str] | None = None
        self._author: dict[str, str] | None = None
        self._meta: dict[str, str] | None = None
        self._term: tuple[str, str] | None = None
        self._text: list[str] = []
        self._length = 0
        self._leaf = -1

    def parser(self, encoding: str | None) -> expat.XMLParserType:
        self._expat = expat.ParserCreate(encoding, " ")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._words
        self._expat.CommentHandler = self._remark
        self._expat.EntityDeclHandler = self._entity
        self._expat.ExternalEntityRefHandler = self._external
        return self._expat

    def _entity(self, name: str, *_: object) -> None:
        raise _Refused(name)

    def _external(self, *_: object) -> int:
        raise _Refused("external")

    def _remark(self, text: str) -> None:
        found = _CREATED.search(text) if not self.started else None
        if found:
            self.channel.setdefault("created", found.group(1))

    def _name(self, written: str) -> str:
        uri, _, local = written.rpartition(" ")
        if not uri:
            return local
        if _EXPORT.match(uri):
            return f"wp:{local}" if "/excerpt/" not in uri else f"excerpt:{local}"
        return f"{_PREFIX.get(uri, '?')}:{local}"

    def _start(self, written: str, attributes: dict[str, str]) -> None:
        name = self._names.get(written)
        if name is None:
            name = self._names[written] = self._name(written)
        above = self._stack[-1] if self._stack else ""
        self._stack.append(name)
        self._leaf = -1
        if name == "item" and self._item is None:
            self._item, self.started = Item(), self._expat.CurrentLineNumber
        elif name == "wp:comment" and above == "item":
            self._comment = {}
        elif name == "wp:author" and above == "channel":
            self._author = {}
        elif name == "wp:commentmeta":
            self._meta = {}
        elif name == "category" and above == "item":
            self._term = (attributes.get("domain", "category"), attributes.get("nicename", ""))
            self._collect()
        elif above in {"channel", "item", "wp:comment", "wp:author", "wp:commentmeta"}:
            self._collect()

    def _collect(self) -> None:
        self._text, self._length, self._leaf = [], 0, len(self._stack)

    def _words(self, text: str) -> None:
        if self._leaf == len(self._stack) and self._length < LONGEST_TEXT:
            self._text.append(text)
            self._length += len(text)

    def _end(self, written: str) -> None:
        name = self._stack.pop()
        collected = self._leaf == len(self._stack) + 1
        self._leaf = -1
        above = self._stack[-1] if self._stack else ""
        if collected:
            self._field(name, above, "".join(self._text))
        elif name == "wp:commentmeta" and self._meta is not None:
            if self._meta.get("meta_key", "").strip() == "rating" and self._comment is not None:
                self._comment.setdefault("rating", self._meta.get("meta_value", ""))
            self._meta = None
        elif name == "wp:comment" and self._comment is not None and self._item is not None:
            self._item.comments.append(self._comment)
            self._comment = None
        elif name == "wp:author" and self._author is not None:
            told = self._author
            self.authors.append(
                Author(
                    told.get("author_login", ""),
                    told.get("author_id", ""),
                    told.get("author_email", ""),
                    told.get("author_display_name", ""),
                )
            )
            self._author = None
        elif name == "item" and self._item is not None:
            self.items.append((self.started, self._item))
            self._item, self.started = None, 0

    def _field(self, name: str, above: str, text: str) -> None:
        prefix, _, local = name.rpartition(":")
        if above == "channel" and prefix in {"", "wp"}:
            self.channel.setdefault(local, text)
        elif above == "item" and self._item is not None:
            if name == "category" and self._term is not None:
                self._item.terms.append((*self._term, text))
                self._term = None
            elif prefix in {"", "wp", "dc", "content"}:
                self._item.fields.setdefault(local, text)
        elif prefix == "wp":
            for part, inside in (
                (self._meta, "wp:commentmeta"),
                (self._comment, "wp:comment"),
                (self._author, "wp:author"),
            ):
                if above == inside and part is not None:
                    part.setdefault(local, text)


def _read(claim: Claim) -> Iterator[Record | Problem]:
    for entry in claim.entries:
        yield from _read_entry(claim, entry)


def _read_entry(claim: Claim, entry: Entry) -> Iterator[Record | Problem]:
    reader = _Reader()
    marked = entry.head()[:2] in {b"\xff\xfe", b"\xfe\xff"}
    # What `utf8` has recoded is UTF-8 whatever the XML declaration says; else the declaration counts.
    parser = reader.parser("utf-8" if marked else None)
    blog: Blog | None = None
    latest: Micros | None = None
    kinds: set[str] = set()
    damage: Problem | None = None
    with utf8(entry) as stream:
        while damage is None:
            chunk = stream.read(CHUNK)
            try:
                parser.Parse(chunk.translate(None, _FORBIDDEN), not chunk)
            except expat.ExpatError as error:
                damage = entry.problem(
                    f"line {error.lineno}, column {error.offset + 1}",
                    f"is not well-formed XML from here on ({expat.ErrorString(error.code)}): damaged or cut"
                    " short; what stands before is in, export it again for the rest",
                )
            except _Refused:
                damage = entry.problem(
                    f"line {parser.CurrentLineNumber}",
                    "defines XML entities, as attacks do: refused from here on",
                )
            if reader.items and blog is None:
                blog = Blog(reader.channel, reader.authors)
                yield from blog.profiles()
            for line, item in reader.items:
                assert blog is not None
                for record in blog.item(item, entry.shown, f"line {line}"):
                    if isinstance(record, Activity | Post):
                        latest = record.at if latest is None else max(latest, record.at)
                    if isinstance(record, Activity) and not blog.is_own(record.actor):
                        kinds.add(record.kind)
                    yield record
            reader.items.clear()
            if not chunk:
                break
    if damage is not None:
        yield damage
    if blog is None:
        blog = Blog(reader.channel, reader.authors)
        if not blog.url:
            return  # cut short before it says whose site it is
        yield from blog.profiles()
    end = latest + 1 if latest is not None and damage is not None else blog.exported_at
    if end is None:
        end = latest + 1 if latest is not None else None
    if end is not None:
        # Likes, shares and reviews are there only where a plugin keeps them.
        shows: Shows = {**SHOWS, **{(kind, "inbound"): "some" for kind in kinds - {"comment"}}}
        for account in blog.own:
            yield from SOURCE.coverage(account, end, only=shows)


SOURCE = Source(
    name="wordpress",
    title="WordPress export (WXR)",
    platforms=("wordpress",),
    recognise=_recognise,
    read=_read,
    shows=SHOWS,
    guide=Guide(
        steps=(
            "In your blog's administration open Tools, then Export.",
            "Choose All content and press Download Export File.",
            "On WordPress.com: Tools, Export, Export all; the file comes by mail, in a zip.",
        ),
        wait="At once; on WordPress.com within minutes.",
        link="https://wordpress.org/documentation/article/tools-export-screen/",
    ),
    files="BLOG.wordpress.DATE.xml, or a zip of them (WXR 1.0, 1.1 and 1.2)",
    can_say="Every comment, pingback and trackback with its author and time, your replies, your posts.",
    cannot_say="Likes, shares, subscribers, visits; comments that wait for moderation or were deleted; spam.",
    grade="A",
)
