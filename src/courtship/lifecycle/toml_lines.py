"""Where each value of a TOML document stands, by line: ``tomllib`` keeps no positions of what it read.

The text must be one that ``tomllib`` accepts, so nothing is checked here: only strings, comments and
brackets are told apart (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re
from typing import Final

Path = tuple[str | int, ...]
"""Keys and positions from the top of the document, e.g. ``("stage", 1, "gain", "all", 0, "count")``."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


def lines(text: str) -> dict[Path, int]:
    """The line (from 1) on which each table, key and element of ``text`` begins."""
    return _Walk(text).document()


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.place = 0
        self.found: dict[Path, int] = {}
        self.length: dict[Path, int] = {}  # of arrays of tables, so far

    def document(self) -> dict[Path, int]:
        base: Path = ()
        self.blank()
        while self.place < len(self.text):
            if self.text[self.place] == "[":
                base = self.header()
            else:
                self.pair(base)
            self.blank()
        return self.found

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.place)
        assert match is not None
        self.place = match.end()

    def note(self, path: Path) -> None:
        self.found.setdefault(path, self.text.count("\n", 0, self.place) + 1)

    def header(self) -> Path:
        start = self.place
        many = self.text.startswith("[[", start)
        self.place += 2 if many else 1
        keys = self.keys()
        base: Path = ()
        for key in keys[:-1]:
            base = (*base, key)
            if base in self.length:  # a table below the newest element of an array
                base = (*base, self.length[base] - 1)
        base = (*base, keys[-1])
        end = self.place + (2 if many else 1)
        self.place = start
        self.note(base)
        if many:
            self.length[base] = self.length.get(base, 0) + 1
            base = (*base, self.length[base] - 1)
            self.note(base)
        self.place = end
        return base

    def keys(self) -> list[str]:
        found: list[str] = []
        while True:
            self.blank()
            match = _STRING.match(self.text, self.place) or _BARE.match(self.text, self.place)
            assert match is not None
            found.append(match[0].strip("\"'"))
            self.place = match.end()
            self.blank()
            if self.text[self.place] != ".":
                return found
            self.place += 1

    def pair(self, base: Path) -> None:
        start = self.place
        keys = self.keys()
        after, self.place = self.place, start
        for depth in range(len(keys)):
            self.note((*base, *keys[: depth + 1]))
        self.place = after + 1  # past the "="
        self.value((*base, *keys))

    def value(self, path: Path) -> None:
        self.blank()
        opening = self.text[self.place]
        if opening in "[{":
            closing = "]" if opening == "[" else "}"
            self.place += 1
            self.blank()
            position = 0
            while self.text[self.place] != closing:
                if opening == "{":
                    self.pair(path)
                else:
                    self.note((*path, position))
                    self.value((*path, position))
                    position += 1
                self.blank()
                if self.text[self.place] == ",":
                    self.place += 1
                    self.blank()
            self.place += 1
        else:
            match = _STRING.match(self.text, self.place) or _SCALAR.match(self.text, self.place)
            assert match is not None
            self.place = match.end()
