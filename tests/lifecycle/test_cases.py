"""The cases that come with the rules, through every reading of the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import courtship

CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("lifecycle-cases.jsonl").read_text("utf-8").splitlines()
]


def plain(value: Any) -> Any:
    """A value of the result as the cases have it: ISO 8601 texts, only the keys that are given."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if hasattr(value, "strftime") else value


def row(table: Any, person: str) -> Any:
    """What a table of ``courtship.reckon`` says of a person, in the form of the cases."""
    found = [each for each in plain(table.to_pylist()) if each["person"] == person]
    if not found:
        return None
    (only,) = found
    del only["person"]
    for missing in only["missing"]:
        assert missing.pop("seen") == "full"
        missing["condition"] = {key: each for key, each in missing["condition"].items() if each is not None}
    return only


def test_there_are_as_many_cases_as_the_rules_have() -> None:
    assert len(CASES) == 45


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_case_comes_out_of_courtship_reckon(case: dict[str, Any]) -> None:
    table = courtship.reckon(
        case["activities"],
        brand=case["brand"],
        people={"them": case["person"]},
        at=case["at"],
        policy=case["policy"],
    )
    assert row(table, "them") == case["expect"]
