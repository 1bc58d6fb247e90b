"""Items of a file in an export of Meta's: a list, a list inside of a key, or one single record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from courtship.model import Problem, Record
from courtship.platforms import meta
from courtship.sources.text import head_utf8, json_document, json_items
from courtship.sources.tree import Entry

Reader = Callable[[Any], Iterator[Record | str]]
"""An item -> records, and strings for what is left out; ``ValueError`` where the item is none."""


def items(entry: Entry, wrappers: Sequence[str], keys: Collection[str]) -> Iterator[Any]:
    """Every item of a file, repaired, and a `Problem` where the file is damaged.

    ``wrappers`` are the keys (with dots, where deeper) under which a list may stand; ``keys`` those by which
    a file of one single record is known.
    """
    number = 0
    listed = head_utf8(entry).startswith(b"[")
    prefixes = ("item",) if listed else tuple(f"{name}.item" for name in wrappers)
    for item in json_items(entry, *prefixes):
        number += 1
        yield item if isinstance(item, Problem) else meta.mended(item)
    if number == 0 and not listed:
        document = json_document(entry)
        if isinstance(document, Mapping):
            single = next((document[name] for name in wrappers if name in document), document)
            if isinstance(single, Mapping) and set(keys) & set(single):
                yield meta.mended(single)


def each(
    entry: Entry, wrappers: Sequence[str], keys: Collection[str], mapping: Reader
) -> Iterator[Record | Problem]:
    """Records of every item of a file. What is left out for one reason is named once and counted."""
    first: dict[str, int] = {}
    times: Counter[str] = Counter()
    for number, item in enumerate(items(entry, wrappers, keys), 1):
        if isinstance(item, Problem):
            yield item
            continue
        try:
            for record in mapping(item):
                if isinstance(record, str):
                    first.setdefault(record, number)
                    times[record] += 1
                else:
                    yield record
        except ValueError as error:
            first.setdefault(str(error), number)
            times[str(error)] += 1
    for reason, number in first.items():
        more = times[reason] - 1
        yield entry.problem(f"item {number}", f"{reason} (and {more:,} more items)" if more else reason)
