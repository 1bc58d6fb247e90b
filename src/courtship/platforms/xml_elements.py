"""Elements of an XML document, as its pieces come in. Entities are refused: bombs and outside files need
them.

Any encoding that the document declares is read. A document that is damaged gives what stands before the
damage, then why it ends there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from xml.parsers import expat

DEEPEST: Final = 64
LARGEST: Final = 16 * 1024 * 1024
"""Characters in one element; more is no export's."""


@dataclass(slots=True)
class Element:
    """An element without its namespace. ``text`` is its own words, those of its children left out."""

    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Element]:
        """Children of that name."""
        return (child for child in self.children if child.name == name)

    def whole_text(self) -> str:
        """Its words and those of all inside it (own words first: enough for searching and showing)."""
        return " ".join([self.text, *(child.whole_text() for child in self.children)]).strip()

    def first(self, *names: str) -> Element | None:
        """The first child of one of the names, in the order of the names."""
        return next((child for name in names for child in self.all(name)), None)

    def word(self, *names: str) -> str:
        """The text of the first child of one of the names that has some, trimmed; ``""`` without one."""
        return next((said for name in names for child in self.all(name) if (said := child.text.strip())), "")


class Damage(NamedTuple):
    """Where a document ends before its end, and why, in words for the owner."""

    where: str
    reason: str


class _Refused(Exception):
    """The document does what only attacks do; its message says what."""


class Elements:
    """Builds the outermost elements of the names that are wanted (without namespace), in the order of the
    document; drops everything else as it passes."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.ready: list[Element] = []
        self._wanted = frozenset(wanted)
        self._open: list[Element] = []
        self._parts: list[list[str]] = []
        self._depth = 0
        self._size = 0
        self._damaged = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words
        self._parser.EntityDeclHandler = self._entity

    def _entity(self, *_: object) -> None:
        raise _Refused("defines XML entities, as attacks do: refused from here on")

    def _start(self, written: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Refused("nests elements deeper than any export does: refused from here on")
        name = written.rpartition(" ")[2]
        if not self._open and name not in self._wanted:
            return
        if not self._open:
            self._size = 0
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        element = Element(name, self._parser.CurrentLineNumber, local)
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)
        self._parts.append([])

    def _words(self, text: str) -> None:
        if self._open:
            self._size += len(text)
            if self._size > LARGEST:
                raise _Refused("has an element larger than any export's: refused from here on")
            self._parts[-1].append(text)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._open:
            element = self._open.pop()
            element.text = "".join(self._parts.pop())
            if not self._open:
                self.ready.append(element)

    def feed(self, chunk: bytes) -> Iterator[Element | Damage]:
        """What the next piece of the document completes; an empty one is its end. After damage: nothing."""
        if self._damaged:
            return
        damage = self._fed(chunk)
        self._damaged = damage is not None
        yield from self.ready
        self.ready.clear()
        if damage is not None:
            yield damage

    def _fed(self, chunk: bytes) -> Damage | None:
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            return Damage(
                f"line {error.lineno}, column {error.offset + 1}",
                f"is not well-formed XML from here on ({expat.ErrorString(error.code)}): damaged or cut"
                " short; what stands before is in, export it again for the rest",
            )
        except _Refused as refused:
            return Damage(f"line {self._parser.CurrentLineNumber}", str(refused))
        return None
