"""Random draws that are the same on every machine and in every version of NumPy.

Only the raw words of PCG64 are used (NumPy promises that these never change, NEP 19), turned into numbers
here by inversion. Logarithms and cosines may differ in the last bit between processors; all that is drawn
with them is cut to whole seconds or compared with a threshold, where that bit does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Draws:
    """A stream of draws, named by a seed and a path of words: other names, other streams."""

    def __init__(self, seed: int, *path: str) -> None:
        words = [seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, *(crc32(word.encode()) for word in path)]
        self._bits = np.random.PCG64(np.random.SeedSequence(words))

    def uniform(self, n: int) -> Floats:
        """``n`` numbers in [0, 1)."""
        words = np.asarray(self._bits.random_raw(n), np.uint64)
        return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, limit: int, n: int) -> Ints:
        """``n`` whole numbers in [0, limit)."""
        return np.minimum((self.uniform(n) * limit).astype(np.int64), limit - 1)

    def chance(self, probability: float | Floats, n: int) -> Flags:
        """``n`` times whether something of this probability happened."""
        happened: Flags = self.uniform(n) < probability
        return happened

    def exponential(self, mean: float | Floats, n: int) -> Floats:
        """``n`` waiting times of the given mean."""
        return -np.log1p(-self.uniform(n)) * mean

    def normal(self, n: int) -> Floats:
        """``n`` standard normal numbers (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(n)))
        return radius * np.cos(2.0 * np.pi * self.uniform(n))

    def lognormal(self, median: float | Floats, sigma: float, n: int) -> Floats:
        """``n`` numbers whose logarithm is normal, with this median."""
        return np.exp(self.normal(n) * sigma) * median

    def geometric(self, stop: float, n: int) -> Ints:
        """``n`` times how often something went on before it stopped, each time with probability ``stop``."""
        went: Ints = np.floor(np.log1p(-self.uniform(n)) / np.log1p(-stop)).astype(np.int64)
        return went

    def choose(self, weights: Sequence[float] | Floats, n: int) -> Ints:
        """``n`` indices, each as often as its weight says."""
        cumulative = np.cumsum(np.asarray(weights, np.float64))
        chosen = np.searchsorted(cumulative, self.uniform(n) * cumulative[-1], side="right")
        return np.asarray(chosen, np.int64)

    def choose_rows(self, table: Floats, row: Ints) -> Ints:
        """One index for each of ``row``, with the weights of that row of ``table``."""
        cumulative = np.cumsum(table, axis=1)
        cumulative /= cumulative[:, -1:]
        cumulative[:, -1] = 1.0
        drawn = self.uniform(len(row))
        out = np.zeros(len(row), np.int64)
        for column in range(table.shape[1] - 1):
            out += drawn >= cumulative[row, column]
        return out
