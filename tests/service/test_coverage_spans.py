"""Coverage is declared of exactly the times that were seen, however a connection is cut off or killed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.model import DAY, Micros
from courtship.service.coverage.spans import Span

HOUR = DAY // 24
START = 20_000 * DAY

step = st.tuples(
    st.sampled_from(["on", "gap", "kill", "stop"]),
    st.integers(1, 30),  # hours that are seen, or not
    st.booleans(),  # whether the batch says from when, or goes on from the last
)


def hours(spans: Sequence[tuple[Micros, Micros]]) -> set[int]:
    return {hour for start, end in spans for hour in range(start // HOUR, end // HOUR)}


@given(st.lists(step, max_size=25))
def test_what_is_declared_is_what_was_seen(steps: list[tuple[str, int, bool]]) -> None:
    span, at = Span(), START
    seen: list[tuple[Micros, Micros]] = []
    declared: list[tuple[Micros, Micros]] = []
    gap = True  # nothing has been seen yet: the first batch says from when
    for sort, many, says in steps:
        if sort == "gap":
            at, gap = at + many * HOUR, True
            continue
        if sort == "stop":
            if (pending := span.pending()) is not None:
                declared.append(pending)
            span = span.declared()
            continue
        if sort == "kill":  # the row has what the last batch wrote, and that is all
            span = Span(span.seen_from, span.seen_to, span.declared_to)
            continue
        end = at + many * HOUR
        span, ended = span.further(at if says or gap else None, end)
        if ended is not None:
            declared.append(ended)
        if span.due(end, DAY):
            pending = span.pending()
            assert pending is not None
            declared.append(pending)
            span = span.declared()
        seen.append((at, end))
        at, gap = end, False
    owed = span.pending()
    assert hours([*declared, *([owed] if owed else [])]) == hours(seen)
    assert len(declared) <= len(seen) + sum(sort == "stop" for sort, _, _ in steps)
    if owed is not None:
        assert owed[1] - owed[0] <= 2 * DAY, "what a kill for good leaves undeclared is a day at most"


@pytest.mark.parametrize("pause", [HOUR, 3 * DAY])
def test_a_killed_one_that_begins_again_keeps_the_gap(pause: Micros) -> None:
    """It was declared at its start, ran for five hours, was killed, and begins again after a while."""
    span, _ = Span().further(START, START + HOUR)
    span = span.declared()
    span, _ = span.further(None, START + 5 * HOUR)
    again = Span(span.seen_from, span.seen_to, span.declared_to)
    begun = START + 5 * HOUR + pause
    again, ended = again.further(begun, begun + HOUR)
    assert ended == (START + HOUR, START + 5 * HOUR)
    assert again.pending() == (begun, begun + HOUR)
