"""Measurements, never tests: `python -m benchmarks` prints each figure as a ratio taken in one run."""
