"""``courtship notify`` and ``courtship answers``: what a script sees."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Line


def test_addresses_and_rules_come_and_go(quick: Line) -> None:
    quick("brand", "add", "x:me")
    assert "add one first" in quick("notify", "add", "share", "--to", "phone", status=1).stderr
    quick("notify", "address", "phone", "json://owner:verysecret@127.0.0.1:9/hook")
    rule = quick.json("notify", "add", "waiting", "--to", "phone", "--hours", 8, "--stage", "know")
    assert rule["hours"] == 8
    listed = quick.json("notify", "list")
    assert listed["rules"][0]["said"] == (
        "When somebody has waited 8 hours for an answer, standing at know: tell phone at once"
    )
    assert "verysecret" not in str(listed)
    assert "phone" in listed["addresses"]
    assert "still tells phone" in quick("notify", "forget", "phone", status=1).stderr
    failed = quick("notify", "test", "phone", status=1)
    assert "it was not taken" in failed.stderr
    assert "verysecret" not in failed.stderr
    quick("notify", "remove", rule["rule"])
    quick("notify", "forget", "phone")
    assert quick.json("notify", "list") == {"rules": [], "addresses": {}}
    for words in (
        ["shout"],
        ["act", "--kind", "clap"],
        ["act", "--stage", "none"],
        ["act", "--who", "x:nobody"],
    ):
        quick("notify", "address", "phone", "json://127.0.0.1:9/hook")
        assert quick("notify", "add", *words, "--to", "phone", status=1).stderr.count("\n") == 1


def test_answers_of_a_table(quick: Line, tmp_path: Path) -> None:
    quick("brand", "add", "x:me")
    assert "no clock runs" in quick("answers").stderr
    path = tmp_path / "talk.csv"
    path.write_text(
        "id,kind,actor,target,at\n"
        "a,comment,x:ann,x:me,2026-11-20T10:00:00Z\n"
        "b,comment,x:me,x:ann,2026-11-20T13:00:00Z\n"
        "c,comment,x:bob,x:me,2026-11-20T11:00:00Z\n"
        "d,comment,x:me,x:cy,2026-11-21T13:00:00Z\n",
        encoding="utf-8",
    )
    quick("import", path)
    found = quick.json("answers")
    assert found["overall"]["answered"] == 1
    assert found["overall"]["median"] == 3 * 3600
    assert [one["activity"] for one in found["overdue"]] == ["c"]
    assert "x" in quick("answers").stdout.lower()
