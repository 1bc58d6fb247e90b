"""For tests, the product's own and those of sources written elsewhere: golden files and made-up records.

A golden file is a ``.jsonl`` beside a fixture that says, one record a line, what the fixture holds. It is
compared on every run and written only where ``COURTSHIP_GOLDEN=write`` is set, so that a change of a
mapping is seen by whoever reads the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson

from courtship.model import Activity, Address, Decision, Micros, Origin, Problem, Record
from courtship.sources import registry
from courtship.sources.base import Told
from courtship.sources.walk import open_tree
from courtship.times import parse_iso, to_iso

WRITE: Final = "COURTSHIP_GOLDEN"
NOW: Final[Micros] = 1_795_305_600_000_000
"""2026-11-22T00:00:00Z: the moment at which fixtures are read."""

_TIMES: Final = frozenset({"at", "ended", "start", "end"})
_numbers = count(1)


def activity(
    kind: str = "like",
    actor: Address = "test:ann",
    target: Address = "test:me",
    at: str | Micros = "2026-01-01T00:00:00Z",
    **more: Any,
) -> Activity:
    """An activity with an id of its own unless one is given; ``at`` in ISO 8601 or microseconds."""
    more.setdefault("id", f"made-up-{next(_numbers)}")
    return Activity(
        kind=kind, actor=actor, target=target, at=parse_iso(at) if isinstance(at, str) else at, **more
    )


def said_by_owner(fixture: Path) -> tuple[dict[str, str], frozenset[Address]]:
    """The owner's settings and accounts with which a fixture is read: those in ``NAME.owner.json`` beside it,
    as ``{"settings": {…}, "brand": […]}``; none without such a file."""
    beside = fixture.with_name(f"{fixture.name}.owner.json")
    said = orjson.loads(beside.read_bytes()) if beside.exists() else {}
    return dict(said.get("settings", {})), frozenset(said.get("brand", ()))


def read_fixture(path: Path, *, format: str | None = None, now: Micros = NOW) -> list[Record | Problem]:
    """What every source recognised in ``path`` reads there, but for decisions and origins (`read_told`)."""
    return [
        told for told in read_told(path, format=format, now=now) if not isinstance(told, (Decision, Origin))
    ]


def read_told(path: Path, *, format: str | None = None, now: Micros = NOW) -> list[Told]:
    """Everything that every source recognised in ``path`` reads there, in order, then the tree's problems.

    Problems name their place from the fixture on, so that they are the same wherever it lies.
    """
    found: list[Told] = []
    settings, brand = said_by_owner(path)
    with open_tree(path) as tree:
        for claim in registry.claims(tree, now=now, format=format, settings=settings, brand=brand):
            found += claim.source.read(claim)
        found += tree.take_problems()
        archives = list(tree.archives)
    root = str(path.parent)
    found = [
        item._replace(path=item.path.removeprefix(root).lstrip("/")) if isinstance(item, Problem) else item
        for item in found
    ]
    for archive in archives:
        found += read_told(archive, format=format, now=now)
    return found


def as_row(record: Told) -> dict[str, Any]:
    """A record as its line in a golden file: its type, and the fields that are not at their defaults."""
    if isinstance(record, Decision):
        return {"record": "decision", **asdict(record)}
    defaults = record._field_defaults
    row: dict[str, Any] = {"record": type(record).__name__.lower()}
    for name, value in record._asdict().items():
        if name in defaults and value == defaults[name]:
            continue
        row[name] = to_iso(value) if name in _TIMES and isinstance(value, int) else value
    return row


def golden_path(fixture: Path) -> Path:
    """Where the golden file of a fixture lies: beside it, with ``.golden.jsonl`` added to its name."""
    return fixture.with_name(f"{fixture.name}.golden.jsonl")


def check_golden(records: Iterable[Told], golden: Path) -> None:
    """``AssertionError`` where ``records`` are not, in order, what the golden file says.

    With ``COURTSHIP_GOLDEN=write`` in the environment the file is written instead.
    """
    rows = [as_row(record) for record in records]
    lines = [orjson.dumps(row).decode() for row in rows]
    if os.environ.get(WRITE) == "write":
        golden.write_text("".join(f"{line}\n" for line in lines))
        return
    if not golden.exists():
        raise AssertionError(f"{golden} is missing; write it once with {WRITE}=write, and read it")
    wanted = golden.read_text().splitlines()
    for number, (line, want) in enumerate(zip(lines, wanted, strict=False), 1):
        assert orjson.loads(line) == orjson.loads(want), (
            f"{golden.name}, line {number}:\n got {line}\nwant {want}"
        )
    assert len(lines) == len(wanted), f"{golden.name} has {len(wanted)} lines, {len(lines)} were read"


def check_fixture(fixture: Path, *, format: str | None = None, now: Micros = NOW) -> list[Record | Problem]:
    """Reads a fixture and compares it with its golden file; hands over what was read."""
    records = read_fixture(fixture, format=format, now=now)
    check_golden(records, golden_path(fixture))
    return records


def count_kinds(records: Iterable[Told]) -> Mapping[str, int]:
    """How many activities of each kind, and how many of every other type of record."""
    counts: dict[str, int] = {}
    for record in records:
        name = record.kind if isinstance(record, Activity) else type(record).__name__.lower()
        counts[name] = counts.get(name, 0) + 1
    return counts
