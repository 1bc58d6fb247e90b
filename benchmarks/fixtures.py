"""What formats read of files made by others, as a table: ``python -m benchmarks fixtures [--write]``."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.measure import ROOT
from courtship.errors import CourtshipError
from courtship.model import Activity, Decision, Origin, Post, Problem, Profile, Snapshot, Total
from courtship.sources import registry
from courtship.sources.base import Told
from courtship.sources.walk import open_tree
from courtship.testing import NOW

PAGE: Final = ROOT / "docs" / "formats" / "verified.md"
BEGIN, END = "<!-- table -->", "<!-- end of table -->"


def root() -> Path:
    """Where files made by others lie: ``COURTSHIP_SHARED`` or ``../shared`` beside the project."""
    return Path(os.environ.get("COURTSHIP_SHARED", ROOT.parent / "shared")) / "fixtures"


def recognised(root: Path) -> dict[str, list[Path]]:
    """The files below ``root`` that any source recognises, by their folder; archives each by themselves."""
    found: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        try:
            with open_tree(file) as tree:
                if not registry.claims(tree, now=NOW):
                    continue
                own = tree.shape == "archive"
        except CourtshipError:
            continue
        name = file.relative_to(root)
        found[(name if own else name.parent).as_posix()].append(file)
    return dict(found)


def read(place: Path, own: set[str]) -> dict[str, tuple[int, list[Told]]]:
    """Of a folder or archive: the number of files and what was told, by format. Adds to ``own`` the accounts
    that sources offer as the owner's."""
    found: dict[str, tuple[int, list[Told]]] = {}
    with open_tree(place) as tree:
        for claim in registry.claims(tree, now=NOW):
            told = list(claim.source.read(claim))
            own |= {record.account for record in told if isinstance(record, Profile) and record.own}
            found[claim.source.name] = (len(claim.entries), told)
    return found


def tally(told: Iterable[Told], own: set[str]) -> Counter[str]:
    """Counts: ``in comment``, ``out like``, ``other share`` (between others, or towards nobody known), and
    all else by its sort."""
    counts: Counter[str] = Counter()
    names = {Post: "posts", Total: "totals", Snapshot: "lists", Problem: "problems"}
    for record in told:
        if isinstance(record, Activity):
            way = "out" if record.actor in own else "in" if record.target in own else "other"
            counts[f"{way} {record.kind}"] += 1
        elif not isinstance(record, (Decision, Origin)) and type(record) in names:
            counts[names[type(record)]] += 1
    return counts


def table(root: Path) -> Iterator[str]:
    """The lines of the table, a line for each registered format."""
    files: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for folder in recognised(root):
        own: set[str] = set()
        try:
            told = read(root / folder, own)
        except CourtshipError as error:  # two formats that claim one file there: named, not guessed
            counts[f"({error})"]["problems"] += 1
            continue
        for name, (number, records) in told.items():
            files[name] += number
            counts[name] += tally(records, own)
    heads = ("format", "grade", "files", "from others", "by the owner", "other acts", "posts", "totals")
    yield f"| {' | '.join((*heads, 'lists', 'problems'))} |"
    yield f"|{'---|' * (len(heads) + 2)}"
    for name, source in sorted(registry.SOURCES.items()):
        found = counts[name]
        cells = [f"`{name}`", source.grade or "", f"{files[name]:,}" if files[name] else "none as they are"]
        for way in ("in", "out", "other"):
            kinds = sorted((key, n) for key, n in found.items() if key.startswith(f"{way} "))
            cells.append(", ".join(f"{key.partition(' ')[2]} {n:,}" for key, n in kinds))
        cells += [f"{found[key]:,}" if found[key] else "" for key in ("posts", "totals", "lists", "problems")]
        yield f"| {' | '.join(cells)} |"


def run(*, write: bool) -> None:
    """Prints the table; with ``write`` puts it on its page too."""
    if not root().is_dir():
        raise SystemExit(f"no files made by others at {root()}; set COURTSHIP_SHARED to where they are")
    lines = list(table(root()))
    print("\n".join(lines))
    if write:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text("\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{after}"]), encoding="utf-8")
