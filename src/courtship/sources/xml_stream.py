"""Elements of an XML file, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from courtship.model import Problem
from courtship.platforms.xml_elements import Damage, Element, Elements
from courtship.sources.tree import Entry

_CHUNK: Final = 1 << 18


def elements(entry: Entry, *names: str) -> Iterator[Element | Problem]:
    """The outermost elements of these names (without namespace), in the order of the document."""
    reader = Elements(names)
    with entry.open() as stream:
        while True:
            chunk = stream.read(_CHUNK)
            for one in reader.feed(chunk):
                yield entry.problem(one.where, one.reason) if isinstance(one, Damage) else one
            if not chunk:
                return
