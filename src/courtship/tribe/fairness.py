"""Give and take as a balance with a gentle band, never a score and never a table of who is best."""

from __future__ import annotations

from typing import Literal, NamedTuple

Band = Literal["nothing yet", "about even", "they give more", "you give more"]

FEW = 3
"""A difference of so many acts is no imbalance."""


class Balance(NamedTuple):
    """How much each side gave, in acts that stand."""

    theirs: int
    yours: int

    @property
    def difference(self) -> int:
        """Above nought where they gave more."""
        return self.theirs - self.yours

    @property
    def band(self) -> Band:
        """Even within a quarter of all that was given, or within a few.

        >>> Balance(12, 8).band, Balance(20, 8).band, Balance(1, 4).band, Balance(0, 9).band
        ('about even', 'they give more', 'about even', 'you give more')
        """
        if not self.theirs and not self.yours:
            return "nothing yet"
        if abs(self.difference) <= FEW or 4 * abs(self.difference) <= self.theirs + self.yours:
            return "about even"
        return "they give more" if self.difference > 0 else "you give more"
