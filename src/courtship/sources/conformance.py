"""What every source must stand, checked on its fixtures: damage, other encodings, other wrappings.

A source conforms if, for each of its fixtures and each check here, it never crashes or hangs, never tells
of a person whom the intact fixture does not have, and tells the same of the same content however it is
wrapped. Tests run every check on every fixture that has a golden file beside it::

    @pytest.mark.parametrize("name", conformance.CHECKS)
    def test_it_conforms(name, tmp_path):
        conformance.run(name, FIXTURE, tmp_path)

Damage inside an id cannot be told from another id. So where bytes are changed at random, accounts may be
new, but no more of them than bytes were changed; and a cut may leave the beginning of a known account.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import tarfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from courtship.addresses import is_address
from courtship.errors import CourtshipError
from courtship.model import (
    Activity,
    Address,
    Coverage,
    Decision,
    Micros,
    Origin,
    Post,
    Problem,
    Profile,
    Snapshot,
    Total,
    Undo,
)
from courtship.sources import registry
from courtship.sources.base import Told
from courtship.sources.walk import open_tree
from courtship.testing import said_by_owner
from courtship.times import EARLIEST, LATEST
from courtship.vocabulary import KIND_CODE

CUTS: Final = 20
CHANGES: Final = 50
SEEDS: Final = (1, 2, 3)
SECONDS: Final = 20.0
"""No reading of a fixture may take longer."""

MODIFIED: Final = 1_780_000_000
"""The time that files made here bear, in seconds: what is dated by its file is dated alike."""

Contents = Mapping[str, bytes]
"""A fixture as it is looked at here: the bytes of each file by its path."""


class Reading(NamedTuple):
    """What was told of one variant; ``refused`` is the one line with which it was refused whole."""

    told: list[Told]
    refused: str = ""


def run(
    name: str, fixture: Path, workdir: Path, *, now: Micros = LATEST - 1, format: str | None = None
) -> None:
    """Runs one of `CHECKS` on a fixture: a file, a folder or an archive.

    ``AssertionError`` says what broke.
    """
    CHECKS[name](_Bench(fixture, workdir, now, format))


class _Bench:
    """A fixture, taken apart, and the folder in which its variants are built."""

    def __init__(self, fixture: Path, workdir: Path, now: Micros, format: str | None) -> None:
        self.fixture = fixture
        self.workdir = workdir
        self.now = now
        self.format = format
        self.settings, self.brand = said_by_owner(fixture)
        with open_tree(fixture) as tree:
            self.single = tree.shape == "file"
            self.contents: dict[str, bytes] = {}
            for entry in tree.entries:
                with entry.open() as stream:
                    self.contents[entry.path] = stream.read()
        self.stem = fixture.name if fixture.is_dir() else fixture.name.split(".")[0]
        self._number = 0
        self.intact = self.read(self.contents)
        assert not self.intact.refused, f"the fixture itself is refused: {self.intact.refused}"

    def folder(self) -> Path:
        """A new empty folder."""
        self._number += 1
        made = self.workdir / f"{self._number}"
        made.mkdir()
        return made

    def build(self, contents: Contents) -> Path:
        """The contents as a file or folder of the fixture's name."""
        root = self.folder() if self.single else self.folder() / self.stem
        for path, data in contents.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            os.utime(file, (MODIFIED, MODIFIED))
        return root / next(iter(contents)) if self.single else root

    def read(self, contents: Contents) -> Reading:
        """Reads a variant given as contents."""
        return self.read_path(self.build(contents))

    def read_path(self, path: Path) -> Reading:
        """Reads a variant; what it tells is checked to be sound."""
        started = time.perf_counter()
        told: list[Told] = []
        try:
            with open_tree(path) as tree:
                for claim in registry.claims(
                    tree, now=self.now, format=self.format, settings=self.settings, brand=self.brand
                ):
                    told += claim.source.read(claim)
                told += tree.take_problems()
        except CourtshipError as error:
            return Reading(told, _one_line(str(error)))
        taken = time.perf_counter() - started
        assert taken < SECONDS, f"took {taken:.0f} s"
        for record in told:
            assert_sound(record)
        return Reading(told)

    def no_wrong_person(
        self, reading: Reading, what: str, *, beginnings: bool = False, allowed: int = 0
    ) -> None:
        """No account that the intact fixture does not have."""
        known = accounts(self.intact.told)
        strange = accounts(reading.told) - known
        if beginnings:
            strange = {one for one in strange if not any(account.startswith(one) for account in known)}
        assert len(strange) <= allowed, f"{what}: tells of {sorted(strange)[:5]}"

    def same(self, reading: Reading, what: str, *, words: bool = True) -> None:
        """The same records, but for dates that a source has from the file itself, and for their order."""
        assert not reading.refused, f"{what}: refused ({reading.refused})"
        want, got = (Counter(_bare(one, words) for one in told) for told in (self.intact.told, reading.told))
        less, more = list((want - got).elements()), list((got - want).elements())
        assert not less, f"{what}: does not tell {less[:2]}, but {more[:2]}"
        assert not more, f"{what}: also tells {more[:2]}"


# ---------------------------------------------------------------- soundness


def _one_line(said: str) -> str:
    assert said, "refused without a word"
    assert "\n" not in said, f"refused in several lines: {said}"
    return said


def assert_sound(record: Told) -> None:
    """``AssertionError`` where a record cannot be one, or a problem does not say what it should."""
    if isinstance(record, Problem):
        assert record.path, f"names no file: {record}"
        assert record.reason, f"gives no reason: {record}"
        assert "\n" not in record.reason, f"of several lines: {record}"
        return
    if isinstance(record, (Decision, Origin)):
        return
    if isinstance(record, (Activity, Total, Snapshot, Coverage)):
        assert record.kind in KIND_CODE, f"of no known kind: {record}"
    if isinstance(record, Activity):
        assert record.actor or record.target, f"of nobody: {record}"
        assert not record.actor.endswith(":*"), f"of somebody unknown: {record}"
        assert not record.target.endswith(":*"), f"towards somebody unknown: {record}"
        assert record.ended is None or EARLIEST <= record.ended < LATEST, f"ended out of range: {record}"
    if isinstance(record, Total):
        assert record.amount >= 0, f"less than none: {record}"
    if not isinstance(record, (Coverage, Profile)):
        assert EARLIEST <= record.at < LATEST, f"out of range: {record}"
    for account in accounts([record]):
        assert is_address(account), f"{account!r} is no account: {record}"


def accounts(told: list[Told]) -> set[Address]:
    """Every account that is told of."""
    found: set[Address] = set()
    for record in told:
        if isinstance(record, Activity):
            found |= {record.actor, record.target}
        elif isinstance(record, Post):
            found.add(record.author)
        elif isinstance(record, (Profile, Coverage)):
            found.add(record.account)
        elif isinstance(record, Snapshot):
            found |= {record.account, *record.members}
    return {account for account in found if account and not account.endswith(":*")}


def _bare(record: Told, words: bool) -> str:
    """A record without what depends on the file's own date or place (and without its words)."""
    if isinstance(record, Problem):
        return f"Problem: {re.sub(r'[0-9]+', '#', record.reason)}"
    if isinstance(record, Activity):
        record = record if record.precise else record._replace(at=0)
        return repr(record if words else record._replace(text=None))
    if isinstance(record, (Post, Profile)) and not words:
        record = record._replace(text="") if isinstance(record, Post) else record._replace(bio="")
    if isinstance(record, Undo):
        return repr(record)
    if isinstance(record, Coverage):
        return repr(record._replace(start=0, end=0))
    if isinstance(record, (Total, Profile, Snapshot)):
        return repr(record._replace(at=0))
    return repr(record)


# ---------------------------------------------------------------- checks


def _twice(bench: _Bench) -> None:
    """Told twice is the same, in the same order: so that the log takes it once."""
    assert bench.read(bench.contents).told[:] == _at(bench, bench.read(bench.contents).told)


def _at(bench: _Bench, told: list[Told]) -> list[Told]:
    """Problems name the folder in which a variant was built; everything else must be equal."""
    before = re.escape(str(bench.workdir))
    numbered = re.compile(rf"{before}/\d+")
    last = f"{bench.workdir}/{bench._number - 1}"
    return [
        record._replace(path=numbered.sub(last, record.path)) if isinstance(record, Problem) else record
        for record in told
    ]


def _nested(bench: _Bench) -> None:
    """One folder deeper, and two."""
    for above in ("more", "one/two"):
        root = bench.folder()
        for path, data in bench.contents.items():
            inside = f"{above}/{path}" if bench.single else f"{above}/{bench.stem}/{path}"
            _write(root / inside, data)
        bench.same(bench.read_path(root), f"nested in {above}")


def _rezipped(bench: _Bench) -> None:
    """As a zip, stored and packed, as a tar and as a compressed one."""
    for ending in ("zip", "stored.zip", "tar", "tar.gz"):
        path = bench.folder() / f"{bench.stem}.{ending}"
        if ending.endswith("zip"):
            _zip(path, bench.contents, zipfile.ZIP_DEFLATED if ending == "zip" else zipfile.ZIP_STORED)
        else:
            _tar(path, bench.contents, "w:gz" if ending == "tar.gz" else "w")
        bench.same(bench.read_path(path), f"as {ending}")


def _utf16(bench: _Bench) -> None:
    """In UTF-16 with its mark: told the same, or refused, or with problems; and no wrong person."""
    reading = bench.read({path: _recoded(data) for path, data in bench.contents.items()})
    bench.no_wrong_person(reading, "in UTF-16")
    silent = not reading.refused and not any(isinstance(record, Problem) for record in reading.told)
    if silent:
        bench.same(reading, "in UTF-16")


def _crlf(bench: _Bench) -> None:
    """With the line ends of Windows: the same, but for line ends within words."""
    changed = {
        path: re.sub(rb"\r?\n", b"\r\n", data) if _is_text(data) else data
        for path, data in bench.contents.items()
    }
    bench.same(bench.read(changed), "with CRLF", words=False)


def _reordered(bench: _Bench) -> None:
    """With the keys of all JSON objects in another order."""
    for seed in SEEDS:
        chance = random.Random(seed)  # noqa: S311 - a seeded shuffle, no secret
        changed = {path: _shuffled(data, chance) for path, data in bench.contents.items()}
        if changed != bench.contents:
            bench.same(bench.read(changed), f"reordered with seed {seed}")


def _cut(bench: _Bench) -> None:
    """Cut short at 20 places, each file of it, and the whole as a zip."""
    total = sum(map(len, bench.contents.values()))
    for number in range(CUTS):
        place = total * number // CUTS + total // (2 * CUTS)
        reading = bench.read(dict(_cut_at(bench.contents, place)))
        bench.no_wrong_person(reading, f"cut at byte {place}", beginnings=True)
    whole = bench.folder() / f"{bench.stem}.zip"
    _zip(whole, bench.contents, zipfile.ZIP_DEFLATED)
    data = whole.read_bytes()
    for number in range(CUTS):
        path = bench.folder() / f"{bench.stem}.zip"
        path.write_bytes(data[: max(1, len(data) * number // CUTS)])
        reading = bench.read_path(path)
        bench.no_wrong_person(reading, f"zip cut at {number} of {CUTS}", beginnings=True)
        silent = not reading.refused and not any(isinstance(record, Problem) for record in reading.told)
        assert not silent, f"zip cut at {number} of {CUTS}: not a word about it"


def _changed(bench: _Bench) -> None:
    """With 50 random bytes changed, in its files and in the zip of them."""
    whole = bench.folder() / f"{bench.stem}.zip"
    _zip(whole, bench.contents, zipfile.ZIP_DEFLATED)
    for seed in SEEDS:
        chance = random.Random(seed)  # noqa: S311 - seeded damage, no secret
        reading = bench.read(_damaged(bench.contents, chance))
        bench.no_wrong_person(reading, f"changed with seed {seed}", allowed=CHANGES)
        path = bench.folder() / f"{bench.stem}.zip"
        path.write_bytes(_damaged({"": whole.read_bytes()}, chance)[""])
        bench.no_wrong_person(bench.read_path(path), f"zip changed with seed {seed}", allowed=CHANGES)


CHECKS: Final[Mapping[str, Callable[[_Bench], None]]] = {
    "twice": _twice,
    "nested": _nested,
    "rezipped": _rezipped,
    "utf16": _utf16,
    "crlf": _crlf,
    "reordered": _reordered,
    "cut": _cut,
    "changed": _changed,
}
"""Every check by its name."""


# ---------------------------------------------------------------- making variants


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    os.utime(file, (MODIFIED, MODIFIED))


def _zip(path: Path, contents: Contents, method: int) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in contents.items():
            info = zipfile.ZipInfo(name, time.gmtime(MODIFIED)[:6])
            info.compress_type = method
            archive.writestr(info, data)


def _tar(path: Path, contents: Contents, mode: str) -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), MODIFIED
            archive.addfile(info, io.BytesIO(data))


def _is_text(data: bytes) -> bool:
    try:
        return "\x00" not in data.decode()
    except UnicodeDecodeError:
        return False


def _recoded(data: bytes) -> bytes:
    if not _is_text(data):
        return data
    text = data.decode("utf-8-sig")
    declared = re.sub(r'(<\?xml[^>]*encoding=["\'])[^"\']+', r"\1UTF-16", text[:200])
    return (declared + text[200:]).encode("utf-16")


def _shuffled(data: bytes, chance: random.Random) -> bytes:
    """The same JSON (a document, lines of it, or a script that assigns it) with its keys shuffled."""
    if not _is_text(data):
        return data
    before, _, rest = data.partition(b"=") if data.startswith(b"window.") else (b"", b"", data)
    lines = rest.split(b"\n")
    try:
        made = [_dump(_shuffle(json.loads(rest), chance))]
    except ValueError:
        try:
            made = [_dump(_shuffle(json.loads(line), chance)) if line.strip() else line for line in lines]
        except ValueError:
            return data
    return (before + b"= " if before else b"") + b"\n".join(made)


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _shuffle(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [_shuffle(item, chance) for item in value]
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffle(value[key], chance) for key in keys}
    return value


def _cut_at(contents: Contents, place: int) -> Iterator[tuple[str, bytes]]:
    """All files whole but the one in which the place falls, counted through all of them in order."""
    for path, data in contents.items():
        if 0 <= place < len(data):
            yield path, data[:place]
        else:
            yield path, data
        place -= len(data)


def _damaged(contents: Contents, chance: random.Random) -> dict[str, bytes]:
    changed = {path: bytearray(data) for path, data in contents.items()}
    paths = [path for path, data in changed.items() if data]
    if not paths:
        return dict(contents)
    weights = [len(changed[path]) for path in paths]
    for path in chance.choices(paths, weights, k=CHANGES):
        changed[path][chance.randrange(len(changed[path]))] = chance.randrange(256)
    return {path: bytes(data) for path, data in changed.items()}
