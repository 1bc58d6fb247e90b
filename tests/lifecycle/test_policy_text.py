"""A ladder survives being written, and its numbers can be moved one by one."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from courtship.lifecycle import policy, policy_text
from courtship.service.policy.trying import default_text

SAID = tomllib.loads(default_text())


def test_the_default_ladder_survives_being_written() -> None:
    assert tomllib.loads(policy_text.write(SAID)) == SAID
    assert policy.parse(policy_text.write(SAID), "x") == policy.load(None)


@given(st.text(min_size=1).filter(str.strip))
def test_any_name_survives(name: str) -> None:
    said = {**SAID, "name": name}
    assert policy.parse(policy_text.write(said), "x").name == name


@given(st.data())
def test_one_number_is_moved_and_no_other(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(policy_text.thresholds(SAID)))
    value = data.draw(st.integers(1, 5000))
    changed = policy_text.moved(SAID, {one.key: value, "9.gain.all.0.count": 3})
    before = {each.key: each.value for each in policy_text.thresholds(SAID)}
    after = {each.key: each.value for each in policy_text.thresholds(changed)}
    assert after == before | {one.key: value}
    policy.load(changed)
