"""Reading a policy, and what is said of one that breaks a rule."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from courtship.errors import InvalidPolicy
from courtship.lifecycle import policy, toml_lines
from courtship.model import DAY

DEFAULT = Path(policy.__file__).with_name("like-know-trust.toml")

LADDER = """\
name = "mine"          # 1
timezone = "UTC"       # 2

[[stage]]              # 4
name = "fan"           # 5
[stage.gain]           # 6
any = [
  { standing = "follow" },   # 8
  { count = 2, within_days = 30, direction = "inbound", of = ["like",
    "comment"] },            # 10
]
[[stage]]              # 12
name = "friend"
gain.all = [           # 14
  { days = 2, within_days = 30, direction = "inbound", of = ["comment"] },
]
[stage.keep]           # 17
all = [{ kinds = 2, within_days = 90, direction = "outbound", of = ["like", "share"] }]
"""


def test_the_default_ladder_is_like_know_trust() -> None:
    ladder = policy.load()
    assert ladder.names == ("aware", "like", "know", "trust", "parted")
    assert ladder.timezone == "UTC"
    like, know, trust = ladder.stages
    assert like.keep == like.gain
    assert [condition.need for condition in know.gain.all] == [3, 2, 1]
    assert trust.keep.all[0].gauge.window == 730 * DAY
    assert len(ladder.gauges) == 11


def test_a_mapping_a_file_and_the_default_are_the_same_ladder() -> None:
    said = tomllib.loads(DEFAULT.read_text("utf-8"))
    assert policy.load(said) == policy.load(DEFAULT) == policy.load(str(DEFAULT)) == policy.load()


def test_a_ladder_has_the_same_text_in_every_process() -> None:
    code = "from courtship.lifecycle import policy; print(repr(policy.load()))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


def test_own_ladders_are_read(tmp_path: Path) -> None:
    ladder = policy.parse(LADDER, "mine.toml")
    assert [stage.name for stage in ladder.stages] == ["fan", "friend"]
    assert ladder.stages[1].keep.all[0].gauge.direction == "outbound"
    assert ladder.stages[0].gain.any[0].said == {"standing": "follow"}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"comment"] },            # 10', '"poke"] },', 10, "unknown kind 'poke'"),
        ('"comment"] },            # 10', '"follow"] },', 10, "standing"),
        ('"comment"] },            # 10', '"block"] },', 10, "a block parts by itself"),
        ('"like",\n    "comment"]', "", 9, "not TOML"),
        ('of = ["like",\n    "comment"]', "of = []", 9, "of is empty"),
        ('of = ["like",\n    "comment"]', 'of = "like"', 9, "expected a list of kinds"),
        (', of = ["like",\n    "comment"]', "", 9, "of is missing"),
        ("count = 2", "count = 0", 9, "count is 0; write a whole number from 1"),
        ("count = 2", "count = 1.5", 9, "count is 1.5"),
        ("count = 2", "count = true", 9, "count is True"),
        ("count = 2", "count = 2, days = 2", 9, "exactly one of count"),
        ("count = 2, ", "", 9, "this has 0"),
        ("within_days = 30, direction", "within_days = -1, direction", 9, "within_days is -1"),
        (
            ' within_days = 30, direction = "inbound", of = ["like"',
            ' direction = "inbound", of = ["like"',
            9,
            "within_days is missing",
        ),
        ('direction = "inbound", of = ["like"', 'of = ["like"', 9, "the direction is none"),
        ('direction = "inbound", of = ["like"', 'direction = "in", of = ["like"', 9, "the direction is 'in'"),
        ("count = 2", "count = 2, colour = 3", 9, "unknown key 'colour'"),
        ('standing = "follow"', 'standing = "block"', 8, 'only standing = "follow"'),
        ('standing = "follow"', 'standing = "follow", within_days = 3', 8, "unknown key 'within_days'"),
        ('timezone = "UTC"', 'timezone = "Europe/Atlantis"', 2, "unknown timezone"),
        ('timezone = "UTC"', 'timezone = "../UTC"', 2, "unknown timezone"),
        ('timezone = "UTC"', "timezone = 3", 2, "unknown timezone"),
        ('name = "fan"           # 5', 'name = "aware"', 5, "reserved"),
        ('name = "fan"           # 5', 'name = "parted"', 5, "reserved"),
        ('name = "fan"           # 5', "", 4, "no name"),
        ('name = "friend"', 'name = "fan"', 13, "already"),
        ("gain.all = [           # 14", "gain.every = [", 14, "unknown key 'every'"),
        (
            "[stage.keep]           # 17\nall",
            "[stage.keep]\nall = []\n[[other]]\nall",
            19,
            "unknown key 'other'",
        ),
        ("all = [{ kinds", "any = []\nall = []\nunused = [{ kinds", 20, "unknown key 'unused'"),
        ("all = [{ kinds = 2, within", "all = [{ kinds = 2, Within", 18, "unknown key 'Within_days'"),
        ("gain.all = [           # 14", "lose.all = [", 14, "unknown key 'lose'"),
        ("[[stage]]              # 12", "[[stage]", 12, "not TOML"),
        ("[[stage]]              # 12", "[[stage]", 12, "close it with as many brackets"),
        ('name = "mine"          # 1', 'name = "mine', 1, "end it with the same quote"),
        ('name = "mine"          # 1', "name = “mine”", 1, "between plain quotes"),
        ('name = "mine"          # 1', "name = mine", 1, "between plain quotes"),
        ('name = "mine"          # 1', 'name = "mine"\nname = "two"', 2, "said twice"),
        ('name = "mine"          # 1', "name = 7", 1, "name must be words"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    text = LADDER.replace(old, new, 1)
    assert text != LADDER
    with pytest.raises(InvalidPolicy) as caught:
        policy.parse(text, "mine.toml")
    message = str(caught.value)
    assert message.startswith(f"mine.toml, line {line}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "no stages"),
        ({"stage": {"name": "fan"}}, "[[stage]] with two brackets"),
        ({"stage": [7]}, "at stage[0]: expected a table"),
        ({"stage": [{"name": "fan"}]}, "has no gain"),
        ({"stage": [{"name": "fan", "gain": {}}]}, "has no conditions"),
        ({"stage": [{"name": "fan", "gain": {"all": [3]}}]}, "at stage[0].gain.all[0]"),
        ({"stage": [{"name": "fan", "gain": {"all": {}}}]}, "expected a list of conditions"),
    ],
)
def test_a_mapping_is_judged_alike(said: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        policy.load(said)
    assert words in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicy, match="no such file"):
        policy.load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('name = "fané"'.encode("latin-1"))
    with pytest.raises(InvalidPolicy, match="UTF-8"):
        policy.load(tmp_path / "latin.toml")
    with pytest.raises(InvalidPolicy, match=str(tmp_path)):
        policy.load(tmp_path)


def test_lines_are_found_in_every_form_of_toml() -> None:
    text = '''\
a = """
[not.a.table] # nor a comment
"""
"b.c" . d = [ # one
  [1, 2],

  { x = "}", y = [ 'it"s', 3.5 ] },
]
[[t]]
k = 1979-05-27T07:32:00Z
[t.u]
v = \'\'\'
\'\'\'
[[t]]
[[t.w]]
z = 0
'''
    tomllib.loads(text)
    found = toml_lines.lines(text)
    assert found[("a",)] == 1
    assert found[("b.c", "d")] == 4
    assert found[("b.c", "d", 1)] == 7
    assert found[("b.c", "d", 1, "y", 1)] == 7
    assert found[("t", 0, "k")] == 10
    assert found[("t", 0, "u", "v")] == 12
    assert found[("t", 1)] == 14
    assert found[("t", 1, "w", 0, "z")] == 16


def test_stages_with_one_bracket_each_are_said() -> None:
    with pytest.raises(InvalidPolicy, match=r"line 12: .*\[\[stage\]\] with two brackets"):
        policy.parse(LADDER.replace("[[stage]]", "[stage]"), "mine.toml")


def test_a_list_that_is_not_closed_is_said() -> None:
    with pytest.raises(InvalidPolicy, match=r"no \] at its end"):
        policy.parse('[[stage]]\nname = "a"\n[stage.gain]\nany = [\n  {standing = "follow"}\n', "mine.toml")
