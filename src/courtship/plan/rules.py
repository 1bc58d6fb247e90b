"""All rules of the queue together."""

from __future__ import annotations

from collections.abc import Iterator

from courtship.model import Micros
from courtship.plan.candidate import Candidate
from courtship.plan.inputs import Inputs, Settings
from courtship.plan.replies import answer, thank, welcome
from courtship.plan.settling import Settled
from courtship.plan.together import give, look_after, thank_for_answers
from courtship.plan.upkeep import bring, keep, step, steps, touch
from courtship.plan.words import Calendar


def candidates(inputs: Inputs, settings: Settings, settled: Settled, now: Micros) -> Iterator[Candidate]:
    """Every task that any rule proposes at ``now``; a person may come up more than once."""
    calendar = Calendar(inputs.timezone, now)
    found = steps(inputs, settings, now)
    yield from bring(inputs, settings, calendar)
    yield from answer(inputs, settings, settled, calendar, found)
    yield from thank(inputs, settings, settled, calendar)
    yield from thank_for_answers(inputs, settings, settled, calendar)
    yield from give(inputs, settled, calendar)
    yield from welcome(inputs, settings, calendar)
    yield from step(inputs, calendar, found)
    yield from keep(inputs, settings, calendar)
    yield from touch(inputs, settings, settled, calendar)
    yield from look_after(inputs, settled, calendar)
