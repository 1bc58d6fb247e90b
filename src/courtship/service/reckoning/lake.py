"""Everybody reckoned from a lake by an engine: on this machine, in a pool of processes, on Dask.

One function, a bucket's files to its reports, runs everywhere, with the same bytes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from courtship.columns import pack
from courtship.engines.lake import (
    BadBucket,
    Lake,
    absolute,
    is_whole,
    open_lake,
    read_bucket,
    write_lake,
)
from courtship.engines.named import open_engine
from courtship.errors import EngineFailure
from courtship.lifecycle.policy import Policy
from courtship.model import Micros

if TYPE_CHECKING:
    from courtship.columns import PeopleColumns
    from courtship.engines.base import Engine
    from courtship.lifecycle.report import Reports
    from courtship.store.workspace import Workspace

FIELDS = ("stage", "top", "peak", "since", "until", "have", "start", "at", "before", "after", "activity")


@dataclass(frozen=True, slots=True)
class Work:
    """One bucket to be reckoned: where its files are, by which ladder, as of when (UTC microseconds)."""

    address: str
    folder: str
    policy: Policy
    at: Micros


def reckon_files(work: Work) -> Reports:
    """The one function: from a bucket's files to the reports of its people."""
    from courtship.lifecycle.kernel import reckon_parts

    files = read_bucket(work.address, work.folder)
    return reckon_parts(files.people, files.rows, files.read, work.policy, work.at, threads=1)


def reckon_lake(lake: Lake, engine: Engine, policy: Policy, at: Micros) -> Reports:
    """Everybody in the lake, in its order. Raises EngineFailure, BadBucket."""
    from courtship.lifecycle.kernel import joined

    works = [Work(lake.address, folder, policy, at) for folder in lake.buckets]
    if not works:
        raise EngineFailure("The lake is empty; import something first.")
    return joined(engine.map(reckon_files, works))


def checksum(reports: Reports) -> str:
    """A digest of every number of the reports: the same wherever they were reckoned."""
    digest = blake2b(digest_size=16)
    for name in FIELDS:
        digest.update(getattr(reports, name).tobytes())
    return digest.hexdigest()


def reckon_by(
    engine: str, address: str, workspace: Workspace, columns: PeopleColumns, policy: Policy, at: Micros
) -> Reports:
    """Everybody of the workspace by an engine at ``engine`` from the lake at ``address``, which is written
    anew where it was written from something else than ``columns``, or where it is damaged.

    Raises EngineFailure, also where those who do the work cannot read the lake.
    """
    with open_engine(engine) as opened:
        address, stamp = absolute(address), _stamp(workspace, columns)
        lake = open_lake(address)
        try:
            if lake is not None and lake.stamp == stamp:
                try:
                    return reckon_lake(lake, opened, policy, at)
                except BadBucket:
                    if is_whole(lake):
                        raise
            lake = write_lake(address, pack(columns.columns), stamp)
            return reckon_lake(lake, opened, policy, at)
        except BadBucket as error:
            raise EngineFailure(
                f"Those who do the work of {engine} cannot read the lake at {address}; give --lake a folder"
                " or an object store that all of them reach."
            ) from error


def _stamp(workspace: Workspace, columns: PeopleColumns) -> str:
    """What the lake was written from: the workspace, its log up to a position, and who is whom."""
    log = (workspace.name, workspace.mark(columns.position))
    said: Sequence[object] = (*log, columns.position, len(columns.columns.at), *columns.earliest)
    return blake2b("\n".join(map(str, said)).encode(), digest_size=12).hexdigest()
