"""Every source by its name, and which of them reads what of a tree. Adding a source is one import here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from courtship.errors import AmbiguousFormat, UnknownFormat
from courtship.model import Address, Micros
from courtship.sources import (
    activitystreams,
    bluesky,
    bluesky_api,
    bluesky_lists,
    csv_mapped,
    disqus,
    facebook,
    facebook_page,
    feed,
    flat_table,
    googleplus,
    googleplus_older,
    instagram,
    linkedin,
    management_tools,
    mastodon,
    mastodon_api,
    meta_business,
    notification_mail,
    pinterest,
    reddit,
    saved_pages,
    tiktok,
    webmentions,
    wordpress,
    x,
    youtube,
    youtube_api,
)
from courtship.sources.base import Claim, Source
from courtship.sources.tree import Entry, Tree

_MODULES: Final = (
    activitystreams,
    bluesky,
    bluesky_api,
    bluesky_lists,
    csv_mapped,
    disqus,
    facebook,
    facebook_page,
    feed,
    flat_table,
    googleplus,
    googleplus_older,
    instagram,
    linkedin,
    management_tools,
    mastodon,
    mastodon_api,
    meta_business,
    notification_mail,
    pinterest,
    reddit,
    saved_pages,
    tiktok,
    webmentions,
    wordpress,
    x,
    youtube,
    youtube_api,
)
SOURCES: Final[Mapping[str, Source]] = {module.SOURCE.name: module.SOURCE for module in _MODULES}


def named(name: str) -> Source:
    """The source of that name; `UnknownFormat` lists all names."""
    try:
        return SOURCES[name]
    except KeyError:
        raise UnknownFormat(f"there is no format {name!r}; known are: {', '.join(sorted(SOURCES))}") from None


def claims(
    tree: Tree,
    *,
    now: Micros,
    format: str | None = None,
    sources: Iterable[Source] | None = None,
    settings: Mapping[str, str] | None = None,
    brand: frozenset[Address] = frozenset(),
) -> list[Claim]:
    """Who reads what of the tree, sources in order of their names.

    ``format`` forces one source: it gets what it recognises and, failing that, the only file there is.
    ``settings`` and ``brand`` are handed on to the readers.
    `AmbiguousFormat` where two claim one entry; `UnknownFormat` where nobody claims anything.
    """
    if format is not None:
        source = named(format)
        entries = _chosen(source, tree, settings) or source.recognise(tree)
        entries = entries or (tree.entries if len(tree.entries) == 1 else [])
        if not entries:
            raise UnknownFormat(f"{tree.path}: nothing in it looks like {source.files}; leave out --format")
        return [Claim(source, tree, entries, now, settings or {}, brand)]
    every = sorted(SOURCES.values() if sources is None else sources, key=lambda source: source.name)
    owner: dict[str, Source] = {}
    found: list[Claim] = []
    for source in every:
        entries = [entry for entry in _chosen(source, tree, settings) if entry.path not in owner]
        owner |= {entry.path: source for entry in entries}
        if entries:
            found.append(Claim(source, tree, entries, now, settings or {}, brand))
    chosen = set(owner)
    for generic in (False, True):
        taken = set(owner) if generic else chosen
        for source in every:
            if source.generic is not generic:
                continue
            entries = [entry for entry in source.recognise(tree) if entry.path not in taken]
            for entry in entries:
                _take(owner, entry, source)
            if entries:
                found.append(Claim(source, tree, entries, now, settings or {}, brand))
    if not found and not tree.archives:
        raise UnknownFormat(f"{tree.path}: {_nothing_known(tree)}")
    return sorted(found, key=lambda claim: claim.source.name)


def _chosen(source: Source, tree: Tree, settings: Mapping[str, str] | None) -> Sequence[Entry]:
    return source.chosen(tree, settings) if source.chosen is not None and settings else ()


def _take(owner: dict[str, Source], entry: Entry, source: Source) -> None:
    other = owner.setdefault(entry.path, source)
    if other is not source:
        raise AmbiguousFormat(
            f"{entry.shown}: could be {other.name} or {source.name};"
            f" say which with --format {other.name} or --format {source.name}"
        )


def _nothing_known(tree: Tree) -> str:
    if tree.problems:
        return tree.problems[0].reason
    what = "in no format that is known" if tree.shape == "file" else "holds no file in a known format"
    return f"{what}; see `courtship sources` for what is, or name it with --format"
