"""``courtship.reckon``: every person's stage from a table of activities. No file, network or workspace.

Few activities are read in plain Python; many by the columnar kernel, which is proved equal to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from courtship.columns import Columns
from courtship.errors import InvalidRecord
from courtship.lifecycle import live
from courtship.lifecycle import policy as policies
from courtship.lifecycle.acts import acts_of
from courtship.service.reckoning import report_table
from courtship.service.reckoning.flat_rows import Rows, micros, rows
from courtship.vocabulary import KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

MANY = 5_000
"""From how many activities on the kernel is worth loading."""


def reckon(
    activities: object,
    *,
    brand: Iterable[str],
    at: str | datetime | int,
    people: Mapping[str, Iterable[str]] | None = None,
    policy: str | Path | Mapping[str, Any] | None = None,
) -> pa.Table:
    """Where every person stands at ``at``.

    ``activities`` is a pandas, Polars, PyArrow or DuckDB table (anything that hands over an Arrow stream)
    or an iterable of mappings, with the flat table's columns. ``people`` names persons and their
    accounts; any account that it does not name is a person of its own, named as the account. ``at`` is
    ISO 8601, a ``datetime`` or whole UTC microseconds. ``policy`` is a TOML file, a mapping of the same
    shape, or ``None`` for the default ladder.

    Returns an Arrow table in the form of ``report_table.SCHEMA``: a row a person who has met the brand
    by then, the persons of ``people`` first and in its order, then the others by account. Raises
    ``InvalidRecord`` and ``InvalidPolicy``.
    """
    ladder = policies.load(policy)
    try:
        moment = micros(at)
    except (ValueError, OverflowError) as error:
        raise InvalidRecord(
            f"'at' is {at!r}; write an ISO 8601 time such as 2026-03-04T10:00:00Z."
        ) from error
    if isinstance(brand, str):
        raise InvalidRecord(f"'brand' is one text; give a list of accounts, e.g. [{brand!r}].")
    names, columns, ids = _grouped(rows(activities), frozenset(brand), people)
    if len(ids.row) >= MANY:
        from courtship.lifecycle.kernel import reckon_columns

        return report_table.of_columns(names, reckon_columns(columns, ladder, moment), ids)
    each = ids.all.take(pa.array(ids.row)).to_pylist()
    reports = (
        (name, live.reckon_person(acts_of(columns, person, each), ladder, moment))
        for person, name in enumerate(names)
    )
    return report_table.of_reports((name, report) for name, report in reports if report is not None)


def _grouped(
    found: Rows, brand: frozenset[str], people: Mapping[str, Iterable[str]] | None
) -> tuple[list[str], Columns, report_table.Ids]:
    """The effective activities between the brand and each person, grouped by person.

    Returns the persons' names, the columns, and the ids of the activities in them.
    """
    undo = np.asarray(pc.not_equal(found.undoes, ""))
    acts = np.flatnonzero(~undo)
    actor, actors = _encoded(found.actor)
    target, targets = _encoded(found.target)
    platform, platforms = _platforms(actor, actors, target, targets)
    kept, ended = _once(found, acts, np.flatnonzero(undo), (actor, actors), (target, targets), platform)

    ours = [np.array([name in brand for name in side], np.bool_) for side in (actors, targets)]
    by_brand, to_brand = ours[0][actor[kept]], ours[1][target[kept]]
    named = [np.array([name != "" for name in side], np.bool_) for side in (actors, targets)]
    towards = (by_brand != to_brand) & named[0][actor[kept]] & named[1][target[kept]]
    kept, ended, outbound = kept[towards], ended[towards], by_brand[towards]

    names, person_of = _persons(people, brand, {*actors, *targets} - brand - {""})
    persons = [np.array([person_of.get(name, -1) for name in side], np.int64) for side in (actors, targets)]
    person = np.where(outbound, persons[1][target[kept]], persons[0][actor[kept]])
    at = found.at[kept]
    rank = _ranks(found.id)[kept] if 2 * len(kept) > len(found.at) else _ranks(found.id.take(pa.array(kept)))
    order = np.lexsort((rank, at, person))
    kept, person = kept[order], person[order]
    start = np.searchsorted(person, np.arange(len(names) + 1)).astype(np.int64)
    columns = Columns(
        start=start,
        at=at[order],
        ended=np.maximum(ended[order], at[order]),
        kind=found.kind[kept].astype(np.uint8),
        outbound=outbound[order].astype(np.uint8),
        precise=found.precise[kept].astype(np.uint8),
        rank=rank[order],
        platform=platform[kept].astype(np.uint16),
        platforms=tuple(platforms),
    )
    return names, columns, report_table.Ids(found.id, kept)


def _once(
    found: Rows,
    acts: NDArray[np.int64],
    undos: NDArray[np.int64],
    actor: tuple[NDArray[np.int64], list[str]],
    target: tuple[NDArray[np.int64], list[str]],
    platform: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each activity once: the rows to keep and when each ended.

    Of several rows with one id on one platform the least (at, kind, actor, target) is kept, with the
    earliest end that any of them or an undo gives.
    """
    ended = found.ended
    all_acts = len(acts) == len(found.at)
    encoded = pc.dictionary_encode(found.id if all_acts else found.id.take(pa.array(acts)))
    code, different = encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
    width = int(platform.max(initial=0)) + 1
    key = code * width + platform[acts]
    if different == len(acts):
        kept, end, keys = acts, ended[acts], key
    else:
        by_name = [_sorted_codes(*side)[acts] for side in ((found.kind, list(KINDS)), actor, target)]
        order = np.lexsort((found.precise[acts], *by_name[::-1], found.at[acts], key))
        first = np.ones(len(order), np.bool_)
        first[1:] = key[order][1:] != key[order][:-1]
        kept, keys = acts[order[first]], key[order[first]]
        end = np.minimum.reduceat(ended[acts][order], np.flatnonzero(first))
    if len(undos):
        end = end.copy()
        place: dict[str, list[int]] = {}
        wanted = set(found.undoes.take(pa.array(undos)).to_pylist())
        for position, name in enumerate(found.id.take(pa.array(kept)).to_pylist()):
            if name in wanted:
                place.setdefault(name, []).append(position)
        for row in undos.tolist():
            said = found.actor[row].as_py() or found.target[row].as_py()
            ends = place.get(found.undoes[row].as_py(), [])
            if said:
                ends = [position for position in ends if platform[kept[position]] == platform[row]]
            if len(ends) == 1:  # which of several platforms is meant cannot be known
                end[ends[0]] = min(int(end[ends[0]]), int(found.at[row]))
    assert len(keys) == len(kept)
    return kept, end


def _persons(
    people: Mapping[str, Iterable[str]] | None, brand: frozenset[str], accounts: set[str]
) -> tuple[list[str], dict[str, int]]:
    """The persons' names, and whose each account is."""
    names: list[str] = []
    person_of: dict[str, int] = {}
    for name, theirs in (people or {}).items():
        if isinstance(theirs, str):
            raise InvalidRecord(
                f"'people' gives {name!r} one text; give a list of accounts, e.g. [{theirs!r}]."
            )
        for account in theirs:
            if person_of.setdefault(account, len(names)) != len(names):
                other = names[person_of[account]]
                raise InvalidRecord(
                    f"'people' gives {account!r} to both {other!r} and {name!r}; give it to one."
                )
        names.append(name)
    taken = set(names)
    for account in sorted(accounts - person_of.keys()):
        if account in taken:
            raise InvalidRecord(
                f"'people' has a {account!r} who is not the account {account!r}; use another name."
            )
        person_of[account] = len(names)
        names.append(account)
    return names, person_of


def _platforms(
    actor: NDArray[np.int64], actors: list[str], target: NDArray[np.int64], targets: list[str]
) -> tuple[NDArray[np.int64], list[str]]:
    """The platform of each row: what comes before the colon of its actor, else of its target."""
    names = sorted({name.partition(":")[0] if ":" in name else "" for name in (*actors, *targets)})
    code = {name: number for number, name in enumerate(names)}
    sides = [
        np.array([code[name.partition(":")[0] if ":" in name else ""] for name in side], np.int64)
        for side in (actors, targets)
    ]
    silent = np.array([name == "" for name in actors], np.bool_)
    if not len(actor):
        return np.zeros(0, np.int64), names
    return np.where(silent[actor], sides[1][target], sides[0][actor]), names


def _encoded(texts: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Codes and what each stands for."""
    encoded = pc.dictionary_encode(texts)
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def _sorted_codes(codes: NDArray[Any], names: list[str]) -> NDArray[np.int64]:
    """The same codes renumbered in the order of the names."""
    rank = np.empty(len(names), np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    ranked: NDArray[np.int64] = rank[codes]
    return ranked


def _ranks(ids: Any) -> NDArray[np.int64]:
    """The position of each id in the order of ids (that of their UTF-8 bytes)."""
    if len(ids) < 2 or pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py():
        return np.arange(len(ids), dtype=np.int64)
    rank = np.empty(len(ids), np.int64)
    rank[pc.sort_indices(ids).to_numpy()] = np.arange(len(ids))
    return rank
