"""The ledger once more, act by act: slow and obviously right; what the arrays are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from courtship.model import DAY, Micros
from courtship.tribe.commitment import FULFILS, GIFTS, Commitment, Span, spans_of
from courtship.vocabulary import KIND_CODE


class PlainAct(NamedTuple):
    member: int
    outbound: int
    kind: int
    at: Micros
    ended: Micros
    object: int


class PlainPost(NamedTuple):
    owner: int
    at: Micros
    topics: frozenset[str]


class PlainDue(NamedTuple):
    commitment: str
    gift: str
    start: Micros
    at: Micros
    on_time: Micros
    post: int
    settled_by: int
    open: bool


def reckon(
    acts: Sequence[PlainAct],
    posts: Sequence[PlainPost],
    promised: Sequence[tuple[int, Commitment]],
    weeks: Sequence[Micros],
    at: Micros,
    blocked: Mapping[int, Sequence[Span]],
) -> list[PlainDue]:
    taken: set[int] = set()
    found: list[PlainDue] = []
    for gift in GIFTS:
        for member, outbound, commitment, start, end in _lines(gift, promised, blocked, at):
            dues = _dues(member, outbound, commitment, start, end, posts, weeks, at)
            settled: dict[int, int] = {}
            kinds = {KIND_CODE[kind] for kind in FULFILS[gift]}
            mine = [
                n
                for n, act in enumerate(acts)
                if (act.member, act.outbound) == (member, outbound)
                and act.kind in kinds
                and start <= act.at < end
                and act.at <= at < act.ended
                and n not in taken
            ]
            for n in mine:
                for d, (due_at, _, post) in enumerate(dues):
                    if d not in settled and post >= 0 and acts[n].object == post and acts[n].at >= due_at:
                        settled[d] = n
                        break
            for n in mine:
                terms = commitment.terms
                if n in settled.values():
                    continue
                if terms.pace != "per_week" and acts[n].object != -1:
                    continue
                if (
                    terms.pace == "per_week"
                    and terms.topics
                    and acts[n].object != -1
                    and (acts[n].object < 0 or not set(terms.topics) & posts[acts[n].object].topics)
                ):
                    continue
                for d, (due_at, _, _) in enumerate(dues):
                    if d not in settled:
                        if acts[n].at >= due_at:
                            settled[d] = n
                        break
            taken |= set(settled.values())
            found += [
                PlainDue(
                    commitment.id, gift, start, due_at, on_time, post,
                    settled.get(d, -1), d not in settled and end > at,
                )
                for d, (due_at, on_time, post) in enumerate(dues)
            ]  # fmt: skip
    return sorted(found)


def _lines(
    gift: str,
    promised: Sequence[tuple[int, Commitment]],
    blocked: Mapping[int, Sequence[Span]],
    at: Micros,
) -> list[tuple[int, int, Commitment, Micros, Micros]]:
    rows = sorted(
        (member, int(commitment.terms.giver == "brand"), start, commitment.id, end, number)
        for number, (member, commitment) in enumerate(promised)
        if gift in commitment.terms.gifts
        for start, end in _cut(spans_of(commitment), blocked.get(member, ()))
        if start <= at
    )
    kept: list[tuple[int, int, Commitment, Micros, Micros]] = []
    for member, outbound, start, _, end, number in rows:
        for other in kept:
            if other[:2] == (member, outbound):
                start = max(start, other[4])
        if start < end:
            kept.append((member, outbound, promised[number][1], start, end))
    return kept


def _cut(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    edges = sorted({edge for span in (*spans, *holes) for edge in span})
    pieces = [
        (low, high)
        for low, high in pairwise(edges)
        if any(start <= low < end for start, end in spans)
        and not any(start <= low < end for start, end in holes)
    ]
    joined: list[Span] = []
    ends = {end for _, end in spans}
    for low, high in pieces:
        if joined and joined[-1][1] == low and low not in ends and not any(low in hole for hole in holes):
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _dues(
    member: int,
    outbound: int,
    commitment: Commitment,
    start: Micros,
    end: Micros,
    posts: Sequence[PlainPost],
    weeks: Sequence[Micros],
    at: Micros,
) -> list[tuple[Micros, Micros, int]]:
    terms, dues = commitment.terms, []
    owner = member if outbound else -1
    for begins, ends in pairwise(weeks):
        if terms.pace == "each_post":
            of_week = sorted(
                (post.at, number)
                for number, post in enumerate(posts)
                if post.owner == owner and begins <= post.at < ends and start <= post.at < end
                and post.at <= at and (not terms.topics or set(terms.topics) & post.topics)
            )  # fmt: skip
            of_week = of_week[: terms.cap] if terms.cap else of_week
            dues += [(when, when + terms.within_days * DAY, number) for when, number in of_week]
        elif terms.pace == "per_week":
            low, high = max(begins, start), min(ends, end)
            if low < high and low <= at:
                whole = (low, high) == (begins, ends)
                amount = terms.times if whole else terms.times * ((high - low) // DAY) // 7
                dues += [(low, high, -1)] * amount
    return sorted(dues, key=lambda due: (due[0], due[2]))
