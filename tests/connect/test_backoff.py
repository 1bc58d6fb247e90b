"""How long to wait: laws of the delays, and the headers of real platforms."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtship.connect import backoff, dial

NOW = 1_795_305_600_000_000  # 2026-11-22T00:00:00Z


def test_what_the_docs_say() -> None:
    assert doctest.testmod(backoff).failed == 0
    assert doctest.testmod(dial).failed == 0


@given(st.integers(-5, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_delay_grows_and_ends(failures: int, chance: float) -> None:
    found = backoff.delay(failures, lambda: chance)
    assert backoff.FIRST / 2 <= found <= backoff.LONGEST
    assert backoff.delay(failures + 1, lambda: chance) >= found


@given(st.text())
def test_no_header_breaks_it(said: str) -> None:
    after = backoff.retry_after(said, NOW)
    assert after is None or 0 <= after <= backoff.MOST
    for name in ("RateLimit", "X-RateLimit-Remaining", "RateLimit-Reset"):
        found = backoff.rate_limit({name: said, "X-RateLimit-Reset": said, "X-RateLimit-Remaining": "0"}, NOW)
        assert found is None or 0 <= found.wait(NOW) <= backoff.MOST


@pytest.mark.parametrize(
    ("headers", "left", "wait"),
    [
        # Mastodon: a date in ISO 8601
        (
            {
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": "2026-11-22T00:05:00.123Z",
            },
            0,
            300.123,
        ),
        # Bluesky: seconds since 1970
        ({"ratelimit-limit": "3000", "ratelimit-remaining": "0", "ratelimit-reset": "1795305660"}, 0, 60.0),
        # the IETF's drafts: seconds from now, then one field
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "7"}, 0, 7.0),
        ({"RateLimit": "limit=100, remaining=0, reset=9"}, 0, 9.0),
        ({"RateLimit": '"default";r=0;t=11', "RateLimit-Policy": '"default";q=100;w=60'}, 0, 11.0),
        # milliseconds since 1970
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795305660000"}, 0, 60.0),
        # some are left: no wait
        ({"X-RateLimit-Remaining": "4", "X-RateLimit-Reset": "1795305660"}, 4, 0.0),
        # already over
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"}, 0, 0.0),
    ],
)
def test_the_limits_that_platforms_tell(headers: dict[str, str], left: int, wait: float) -> None:
    found = backoff.rate_limit(headers, NOW)
    assert found is not None
    assert found.left == left
    assert found.wait(NOW) == pytest.approx(wait)


def test_no_limit_is_told() -> None:
    assert backoff.rate_limit({"Content-Type": "text/html"}, NOW) is None
