"""From records to activities: variants, Undos, denials, and acts that several sources tell of.

Plain Python over some records; ``cache/accountrows.py`` does the same over all of them with arrays. Every
rule is a function of the set of records, so that the order of arrival never matters:

- of the variants of a key the least (``at``, kind, actor, target) is in force, with the earliest end;
- records of formats that are all different, by the same actor, of the same kind, towards the same account and
  about the same object, at most ten minutes apart, tell of one act. In order of (imprecise, ``at``, key) each
  joins the first act that none of its formats has told of yet. An imprecise record, whose time is only that
  by which it had happened, joins the first such act with a precise time before it, however long before. The
  act is as its leading record says: the least (imprecise, key); it ends with the earliest end of any;
- an act of which any record is denied never was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from courtship.model import FOREVER, Micros

SAME_ACT: Micros = 600_000_000
"""Ten minutes: as far apart as two sources' times of one act may lie."""


@dataclass(slots=True)
class Row:
    """A record, or a variant of one, as the log has it. ``kind`` is a word, accounts are addresses."""

    position: int
    key: bytes
    content: int
    origin: int
    actor: str
    target: str
    kind: str
    precise: int
    public: int | None
    told: int
    at: Micros
    ended: Micros
    actor_followers: int | None
    activity: str
    object: str | None
    in_reply_to: str | None
    url: str | None
    actor_name: str | None
    target_name: str | None
    text: str | None

    def order(self) -> tuple[Micros, str, str, str, int]:
        """Which of several variants is in force: the least."""
        return (self.at, self.kind, self.actor, self.target, self.content)


@dataclass(slots=True)
class Act:
    """An activity in force: what its leading record says, and all records that tell of it."""

    leader: Row
    ended: Micros
    told_by: list[Row]


def in_force(rows: Iterable[Row]) -> list[Row]:
    """One row a key: the least of its variants, with the earliest end of all, every format."""
    by_key: dict[bytes, Row] = {}
    for row in rows:
        held = by_key.get(row.key)
        if held is None:
            by_key[row.key] = row
            continue
        least = min(held, row, key=Row.order)
        ended, told = min(held.ended, row.ended), held.told | row.told
        position = min(held.position, row.position)
        least.ended, least.told, least.position = ended, told, position
        by_key[row.key] = least
    return list(by_key.values())


def acts(rows: Iterable[Row], ends: Mapping[bytes, Micros], denied: Collection[bytes]) -> list[Act]:
    """The activities that these records tell of, in order of (``at``, id).

    ``ends`` has the earliest Undo by key, ``denied`` the keys of what was not so.
    """
    made: list[Act] = []
    same: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in in_force(rows):
        row.ended = max(row.at, min(row.ended, ends.get(row.key, FOREVER)))
        if row.object and row.actor and row.target:
            same[(row.actor, row.target, row.kind, row.object)].append(row)
        else:
            made.append(Act(row, row.ended, [row]))
    for group in same.values():
        made += one_to_one(group)
    made = [act for act in made if not any(row.key in denied for row in act.told_by)]
    made.sort(key=lambda act: (act.leader.at, act.leader.activity, act.leader.key))
    return made


def one_to_one(group: list[Row]) -> list[Act]:
    """Records that agree in actor, target, kind and object, as acts."""
    if len(group) == 1:
        return [Act(group[0], group[0].ended, group)]
    open_acts: list[_Open] = []
    for row in sorted(group, key=lambda row: (not row.precise, row.at, row.key)):
        act = next((act for act in open_acts if act.takes(row)), None)
        if act is None:
            open_acts.append(_Open(row.told, row.at, bool(row.precise), [row]))
        else:
            act.told |= row.told
            act.rows.append(row)
    made = []
    for act in open_acts:
        leader = min(act.rows, key=lambda row: (not row.precise, row.key))
        made.append(Act(leader, max(leader.at, min(row.ended for row in act.rows)), act.rows))
    return made


@dataclass(slots=True)
class _Open:
    """An act that more records may tell of: the formats that told, the time and preciseness of the first."""

    told: int
    at: Micros
    precise: bool
    rows: list[Row]

    def takes(self, row: Row) -> bool:
        """Whether this record, which comes after all of these, may tell of the same act."""
        if self.told & row.told:
            return False
        if self.precise and not row.precise:
            return self.at <= row.at + SAME_ACT
        return row.at - self.at <= SAME_ACT
