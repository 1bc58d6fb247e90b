"""Answers of a platform's API, recorded in files: one answer a file, or one a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from courtship.model import DAY, Micros, Problem, Record
from courtship.platforms import times
from courtship.sources.base import Claim
from courtship.sources.text import Lines, json_document
from courtship.sources.tree import Entry

_DAY: Final = re.compile(r"(?<!\d)20\d\d-\d\d-\d\d(?!\d)")

SHOWN: Final = 3
"""Faults of one sort that are named one by one in a file; the rest are counted."""


def answers(entry: Entry) -> Iterator[tuple[str, Any] | Problem]:
    """``(where, answer)`` of each answer in the file; ``where`` is ``""`` where there is only one.

    A file whose first line is a whole JSON value is read line by line; any other at once (an answer is of at
    most some megabytes). A list of answers is taken apart only where it holds maps with lists in them: a
    list of things is itself an answer of some APIs.
    """
    lines = Lines(entry)
    first = next(iter(lines), None)
    if first is None or not _is_json(first[1]):
        document = json_document(entry)
        if isinstance(document, Problem):
            yield document
        else:
            yield "", document
        return
    lines = Lines(entry)
    for number, line in lines:
        try:
            yield f"line {number}", orjson.loads(line)
        except orjson.JSONDecodeError:
            yield entry.problem(f"line {number}", "is not JSON: damaged or cut short; left out")
    yield from lines.problems()


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), (dict, list))
    except orjson.JSONDecodeError:
        return False


def mapped(entry: Entry, mapping: Callable[[Any], Iterator[Record | str]]) -> Iterator[Record | Problem]:
    """Records of every document of a file. Strings say what is left out: the first few, then how many."""
    times: Counter[str] = Counter()
    for told in answers(entry):
        if isinstance(told, Problem):
            yield told
            continue
        where, document = told
        for record in mapping(document):
            if not isinstance(record, str):
                yield record
                continue
            times[record] += 1
            if times[record] <= SHOWN:
                yield entry.problem(where, record)
    for reason, count in times.items():
        if count > SHOWN:
            yield entry.problem("", f"{count - SHOWN:,} more: {reason}")


def day_in(name: str, now: Micros) -> Micros | None:
    """The end of the day that a name tells (``tearoom-2026-02-04``), if that is not yet to come."""
    found = _DAY.search(name)
    day = times.iso(found[0]) if found else None
    return day + DAY if day is not None and day + DAY <= now else None


def recorded_at(claim: Claim) -> Micros:
    """When answers were recorded: the end of the day in the name of the file, the folder or what was given
    (``tearoom-2026-02-04``), else the newest file's time, else now."""
    for name in (claim.tree.path.name, *(entry.path for entry in claim.entries)):
        if (day := day_in(name, claim.now)) is not None:
            return day
    return max((entry.modified for entry in claim.entries if entry.modified), default=claim.now)
