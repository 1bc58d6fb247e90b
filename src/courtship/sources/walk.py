"""Opens what an import was given: a file, a folder or an archive, recognised by its content."""

from __future__ import annotations

import os
from pathlib import Path

from courtship.errors import UnknownFormat
from courtship.model import Problem
from courtship.sources import archives
from courtship.sources.tree import Entry, Tree, safe_path


def open_tree(path: Path) -> Tree:
    """The tree at ``path``. `UnknownFormat` where there is nothing to read, `UnsafeArchive` as said above."""
    if path.is_dir():
        return _folder(path)
    try:
        with path.open("rb") as stream:
            head = stream.read(512)
    except FileNotFoundError:
        raise UnknownFormat(f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise UnknownFormat(f"{path}: cannot be opened ({error.strerror}); check the path") from None
    if not head:
        raise UnknownFormat(f"{path}: is empty; get the file again")
    opener = archives.opener_for(path, head)
    return opener(path) if opener is not None else _file(path)


def _file(path: Path) -> Tree:
    tree = Tree(path, "file")
    tree.add([_plain(tree, path, path.name)])
    return tree


def _plain(tree: Tree, file: Path, name: str) -> Entry:
    stat = file.stat()
    return Entry(
        name, stat.st_size, lambda: file.open("rb"), tree=tree, modified=stat.st_mtime_ns // 1000, plain=file
    )


def _folder(path: Path) -> Tree:
    tree = Tree(path, "folder")
    inside = path.resolve()
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in {".git", "__MACOSX"})
        for name in sorted(files):
            file = Path(folder, name)
            if file.is_symlink() and not file.resolve().is_relative_to(inside):
                tree.problems.append(
                    Problem(
                        str(file), "", "is a link out of the folder and was not followed; import its target"
                    )
                )
                continue
            relative = safe_path(file.relative_to(path).as_posix(), path)
            if relative is None or not file.is_file():
                continue
            if archives.named_like_archive(name):
                tree.archives.append(file)
            else:
                tree.add([_plain(tree, file, relative)])
    return tree
