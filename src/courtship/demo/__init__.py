"""A made-up audience, seeded: a neighbourhood bakery on five platforms over two years (docs/demo.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courtship.demo.telling import Audience
    from courtship.model import Micros


def audience(people: int, activities: int, seed: int, until: Micros) -> Audience:
    """A made-up audience; see `courtship.demo.telling.audience`."""
    from courtship.demo import telling

    return telling.audience(people, activities, seed, until)
