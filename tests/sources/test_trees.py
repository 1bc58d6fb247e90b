"""Files, folders and archives as trees: what is in them, what is refused, what survives damage."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from courtship.errors import AmbiguousFormat, UnknownFormat, UnsafeArchive
from courtship.sources import registry
from courtship.sources.base import Guide, Source
from courtship.sources.tree import Tree
from courtship.sources.walk import open_tree

ROW = '{"id":"%d","kind":"like","actor":"test:ann","target":"test:me","at":"2026-01-01T00:00:00Z"}\n'
FILES = {"out/a.jsonl": (ROW % 1) * 2, "out/deep/b.txt": "hello " * 5000, "readme.md": "# read me"}


def folder_of(tmp_path: Path) -> Path:
    root = tmp_path / "export"
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def zip_of(path: Path, files: dict[str, str] = FILES, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def tar_of(path: Path, mode: str) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def contents(tree: Tree) -> dict[str, str]:
    found = {}
    for entry in tree.entries:
        with entry.open() as stream:
            found[entry.path] = stream.read().decode()
    return found


@pytest.mark.parametrize("kind", ["folder", "zip", "stored", "tar", "gz", "bz2", "xz"])
def test_the_same_tree_in_every_container(tmp_path: Path, kind: str) -> None:
    if kind == "folder":
        path = folder_of(tmp_path)
    elif kind in {"zip", "stored"}:
        path = zip_of(
            tmp_path / "a.bin", method=zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED
        )
    else:
        path = tar_of(tmp_path / "a.bin", "w" if kind == "tar" else f"w:{kind}")
    with open_tree(path) as tree:
        assert contents(tree) == FILES
        assert not tree.problems
        assert [entry.path for entry in tree.named("deep/B.TXT")] == ["out/deep/b.txt"]
        assert tree.beside(tree.named("a.jsonl")[0], "deep/b.txt") is not None
        assert tree.beside(tree.named("a.jsonl")[0], "readme.md") is None


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/evil.json", "a/../../evil.json", "C:/evil.json", "..\\evil"]
)
def test_a_path_out_of_the_archive_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "a.zip", {name: "{}"})
    with pytest.raises(UnsafeArchive, match="reaches out of itself"):
        open_tree(path)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret", "a/../../x"])
def test_a_link_out_of_the_archive_is_refused_by_name(tmp_path: Path, target: str) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("out/link.json")
        link.type, link.linkname = tarfile.SYMTYPE, target
        archive.addfile(link)
    if target == "a/../../x":  # stays inside: not followed, but no attack
        with open_tree(path) as tree:
            assert "link" in tree.problems[0].reason
        return
    with pytest.raises(UnsafeArchive, match="a link leads out of it"):
        open_tree(path)
    link_in_zip = zipfile.ZipInfo("out/link.json")
    link_in_zip.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr(link_in_zip, target)
    with pytest.raises(UnsafeArchive, match="a link leads out of it"):
        open_tree(tmp_path / "a.zip")


def test_a_bomb_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("a.json", "w") as out,
    ):
        for _ in range(100):
            out.write(bytes(1 << 20))
    with pytest.raises(UnsafeArchive, match="would unpack from"):
        open_tree(path)


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    root = folder_of(tmp_path)
    (tmp_path / "secret.jsonl").write_text(ROW % 9)
    (root / "secret.jsonl").symlink_to(tmp_path / "secret.jsonl")
    with open_tree(root) as tree:
        assert not tree.named("secret.jsonl")
        assert "not followed" in tree.problems[0].reason


def test_a_zip_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    whole = zip_of(tmp_path / "whole.zip").read_bytes()
    files_seen = set()
    for cut in range(10, len(whole), 7):
        path = tmp_path / "cut.zip"
        path.write_bytes(whole[:cut])
        with open_tree(path) as tree:
            for name, text in contents(tree).items():
                assert FILES[name].startswith(text)
                if text == FILES[name]:
                    files_seen.add(name)
            assert tree.problems, "a cut archive is never silent"
    assert files_seen == set(FILES)


def test_a_zip_written_as_a_stream_and_cut_short(tmp_path: Path) -> None:
    # Without sizes in the local headers, as Google's and Mastodon's servers write them.
    class OneWay(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += memoryview(data)  # type: ignore[arg-type]
            return len(memoryview(data))  # type: ignore[arg-type]

    sink = OneWay()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    directory = sink.data.index(b"PK\x01\x02")
    path = tmp_path / "cut.zip"
    path.write_bytes(sink.data[: directory + 5])
    with open_tree(path) as tree:
        assert contents(tree) == FILES
        assert "cut short" in tree.problems[0].reason


def test_a_locked_zip_is_named(tmp_path: Path) -> None:
    whole = bytearray(zip_of(tmp_path / "a.zip").read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(mark)
        while at >= 0:
            whole[at + place] |= 1
            at = whole.find(mark, at + 4)
    (tmp_path / "a.zip").write_bytes(whole)
    with open_tree(tmp_path / "a.zip") as tree:
        contents(tree)
        assert "password" in tree.problems[0].reason


def test_damage_inside_an_archive_ends_that_file_only(tmp_path: Path) -> None:
    files = {f"{n}.txt": "".join(f"{n} {i * i}\n" for i in range(20_000)) for n in range(3)}
    whole = bytearray(zip_of(tmp_path / "a.zip", files).read_bytes())
    middle = whole.index(b"1.txt") + 2000
    whole[middle : middle + 4] = bytes(4)
    (tmp_path / "a.zip").write_bytes(whole)
    with open_tree(tmp_path / "a.zip") as tree:
        found = contents(tree)
        assert found["0.txt"] == files["0.txt"]
        assert found["2.txt"] == files["2.txt"]
        assert [problem.path.endswith("1.txt") for problem in tree.problems] == [True]


def test_nothing_known_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with open_tree(path) as tree, pytest.raises(UnknownFormat, match="courtship sources"):
        registry.claims(tree, now=0)
    with pytest.raises(UnknownFormat, match="no such file"):
        open_tree(tmp_path / "missing.zip")
    (tmp_path / "empty").touch()
    with pytest.raises(UnknownFormat, match="is empty"):
        open_tree(tmp_path / "empty")
    with pytest.raises(UnknownFormat, match="activities"):
        registry.named("nonsense")


def source_of(name: str, *, generic: bool = False) -> Source:
    return Source(
        name=name,
        title=name,
        platforms=(),
        recognise=lambda tree: tree.named("a.jsonl"),
        read=lambda claim: iter(()),
        shows={},
        guide=Guide(()),
        files="a.jsonl",
        generic=generic,
    )


def test_two_claims_on_one_file_are_an_error_that_names_both(tmp_path: Path) -> None:
    with open_tree(folder_of(tmp_path)) as tree:
        with pytest.raises(AmbiguousFormat, match=r"could be one or two.*--format one or --format two"):
            registry.claims(tree, now=0, sources=[source_of("two"), source_of("one")])
        claims = registry.claims(tree, now=0, sources=[source_of("two", generic=True), source_of("one")])
        assert [claim.source.name for claim in claims] == ["one"]


def test_an_archive_of_ten_thousand_files_is_recognised_at_once(tmp_path: Path) -> None:
    path = tmp_path / "big.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(10_000):
            archive.writestr(f"messages/inbox/{n}/message_1.json", '{"participants": []}' + " " * 500)
        archive.writestr("mine/activities.jsonl", ROW % 1)
    # in a process of its own: measuring the tests' coverage, and what they left in memory, took four times as
    # long as what is measured
    code = (
        "import sys, time; from pathlib import Path; from courtship.sources import registry; "
        "from courtship.sources.walk import open_tree; started = time.process_time(); "
        "tree = open_tree(Path(sys.argv[1])).__enter__(); claims = registry.claims(tree, now=0); "
        "print(time.process_time() - started, *[claim.source.name for claim in claims])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    seconds, *names = done.stdout.split()
    assert names == ["activities"]
    assert float(seconds) < 2


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_lone_compressed_file_is_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(pack((ROW % 1).encode()))
    with open_tree(path) as tree:
        assert contents(tree) == {"rows.jsonl": ROW % 1}
        assert [claim.source.name for claim in registry.claims(tree, now=0)] == ["activities"]
    path.write_bytes(path.read_bytes()[:-12])
    with open_tree(path) as tree:
        contents(tree)
        assert tree.problems


def test_a_lone_compressed_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * (200 << 20), 9))
    with open_tree(path) as tree, pytest.raises(UnsafeArchive, match="would unpack from"):
        contents(tree)
