"""Mapping a CSV file: what its columns may be, and how its rows would be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from courtship.errors import InvalidRecord
from courtship.model import Activity, Problem
from courtship.platforms import csv_mapping
from courtship.platforms.csv_mapping import EVENTS, FURTHER, PARTS, CsvMap
from courtship.sources import csv_mapped
from courtship.sources.text import csv_rows
from courtship.sources.walk import open_tree

if TYPE_CHECKING:
    from courtship.model import Address

SAMPLE: Final = 200
"""Rows that are looked at before anything is asked."""

__all__ = ["EVENTS", "FURTHER", "PARTS", "CsvFile", "Preview"]


@dataclass(frozen=True, slots=True)
class Preview:
    """How the first rows would be read: acts, and what is wrong with which line."""

    acts: tuple[Activity, ...]
    problems: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A table to be mapped: its columns and its first rows, each with the line it ends on."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @classmethod
    def at(cls, path: Path) -> CsvFile:
        """The table in a file. Raises `InvalidRecord` where it holds none."""
        with open_tree(path) as tree:
            if len(tree.entries) != 1:
                raise InvalidRecord(f"{path}: --map takes one CSV file at a time")
            (entry,) = tree.entries
            header = tuple(name.strip() for name in csv_mapped.header_of(entry))
            if len(header) < 2:
                raise InvalidRecord(f"{path}: is no table with columns; save it as CSV, with a header line")
            rows = []
            for item in csv_rows(entry):
                if not isinstance(item, Problem):
                    rows.append((item[0], tuple(item[1])))
                if len(rows) > SAMPLE:
                    break
        return cls(path, header, tuple(rows[1:]))

    @property
    def guess(self) -> Mapping[str, str]:
        """A column for each part, where one suggests itself."""
        return csv_mapping.guessed(self.header, [row for _, row in self.rows])

    def values(self, column: str) -> list[str]:
        """The different values of a column in the first rows, in order."""
        place = self.header.index(column)
        return list(dict.fromkeys(row[place].strip() for _, row in self.rows if place < len(row)))

    def chosen(self, text: str) -> CsvMap:
        """The mapping that the owner writes. Raises `InvalidRecord` that says what to write instead."""
        try:
            return csv_mapping.parsed(text, self.header)
        except ValueError as error:
            raise InvalidRecord(f"--map: {error}") from None

    def needs_order(self, chosen: CsvMap) -> bool:
        """Whether the dates do not say if the day or the month stands first."""
        table = csv_mapping.Table(chosen, self.header, frozenset())
        return not table.learn([row for _, row in self.rows])

    def preview(self, chosen: CsvMap, brand: frozenset[Address], count: int = 5) -> Preview:
        """How the first ``count`` rows would be read."""
        table = csv_mapping.Table(chosen, self.header, brand)
        table.learn([row for _, row in self.rows])
        acts: list[Activity] = []
        problems: list[tuple[int, str]] = []
        for line, row in self.rows[:count]:
            try:
                acts += [one for one in table.record(row) if isinstance(one, Activity)]
            except ValueError as error:
                problems.append((line, str(error)))
        return Preview(tuple(acts), tuple(problems))

    def answered(self, answers: Mapping[str, str]) -> CsvMap:
        """The mapping that a form answers. Raises `InvalidRecord` that says what to answer instead.

        Of parts, ``us``, ``dates`` and ``kind.WORD`` each answer is ``column:NAME`` or ``always:VALUE``.
        """
        said = []
        for part, answer in answers.items():
            how, _, value = answer.partition(":")
            if how == "column" and value in self.header:
                said.append(f"{part}=[{value}]")
            elif how == "always" and value:
                said.append(f"{part}={csv_mapping.platform_named(value) if part == 'platform' else value}")
        try:
            return csv_mapping.parsed(",".join(said), self.header)
        except ValueError as error:
            raise InvalidRecord(f"{error}") from None

    def unknown_words(self, column: str) -> list[str]:
        """Words in the column of what was done that are not known, as a mapping writes them."""
        words = (
            "-".join(one.casefold().replace("_", " ").replace("-", " ").split())
            for one in self.values(column)
        )
        return list(dict.fromkeys(word for word in words if word and word not in EVENTS))

    def setting(self, chosen: CsvMap) -> dict[str, str]:
        """The setting that remembers the mapping for every table with these columns."""
        return {csv_mapped.setting_of(self.header): chosen.written()}
