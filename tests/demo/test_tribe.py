"""The made-up tribe is the one that the docs tell of, at whichever moment it is made."""

from __future__ import annotations

from collections import Counter

import pytest

from courtship import demo
from courtship.demo import tribe
from courtship.model import DAY, Micros

MONDAY: Micros = 1_795_996_800_000_000
"""30 November 2026."""
HOUR: Micros = DAY // 24
TOO_FEW: tuple[Micros, ...] = (1_796_059_800_123_457, 1_808_506_150_656_343)
"""Moments at which too few of the chatty were on the tribe's two platforms."""


@pytest.mark.parametrize("moment", [*TOO_FEW, *(MONDAY + turn * (DAY + 5 * HOUR) for turn in range(8))])
def test_an_audience_of_five_hundred_has_thirty_with_every_role(moment: Micros) -> None:
    audience = demo.audience(people=tribe.FROM, activities=12_000, seed=1871, until=moment)
    members = tribe.members(audience)
    assert len({one.person for one in members}) == tribe.PEOPLE
    roles = Counter(one.role for one in members)
    assert (roles[tribe.POD], roles[tribe.FADING], roles[tribe.DROP_OUT]) == (4, 1, 1)
    assert roles[tribe.OVER_GIVER] == 3
    assert 3 <= roles[tribe.FREE_RIDER] <= 4, "the one who fades may be one of them"
