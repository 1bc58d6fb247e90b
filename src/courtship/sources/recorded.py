"""Answers of a platform's API, recorded in files: one answer a file, or one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from courtship.model import Problem
from courtship.sources.text import Lines, json_document
from courtship.sources.tree import Entry


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
