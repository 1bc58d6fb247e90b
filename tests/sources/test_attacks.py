"""Documents made to harm: entity bombs and outside files in XML, whatever source reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from courtship.model import Problem
from courtship.testing import read_fixture

FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS = sorted(
    file.relative_to(FIXTURES).as_posix()
    for file in FIXTURES.rglob("*")
    if file.is_file() and file.read_bytes()[:5] == b"<?xml"
)
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>%s]>" % "".join(  # noqa: UP031
    f"<!ENTITY {after} '{f'&{before};' * 10}'>"
    for before, after in zip("abcdefghi", "bcdefghij", strict=True)
)
SECRET = "nobody may read this"


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("attack", ["a bomb", "an outside file", "an outside document type"])
def test_what_only_attacks_define_is_refused_by_name(name: str, attack: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    text = (FIXTURES / name).read_text()
    begun = re.search(r"<(?![?!])[^>]+>", text)
    assert begun
    doctype = {
        "a bomb": LAUGHS,
        "an outside file": f'<!DOCTYPE x [<!ENTITY j SYSTEM "{secret.as_uri()}">]>',
        "an outside document type": f'<!DOCTYPE x SYSTEM "{secret.as_uri()}">',
    }[attack]
    words = re.compile(r"(<(?:title|description|message|content)[^>]*>)")
    harmful = text[: begun.start()] + doctype + words.sub(r"\1&j;", text[begun.start() :])
    path = tmp_path / Path(name).name
    path.write_text(harmful)
    records = read_fixture(path)
    assert SECRET not in repr(records)
    assert "hahahahahaha" not in repr(records)
    problems = [record.reason for record in records if isinstance(record, Problem)]
    if attack != "an outside document type":  # which defines nothing that is read
        assert any("defines XML entities, as attacks do" in reason for reason in problems)


def test_there_are_documents_of_every_sort() -> None:
    assert {name.partition("/")[0] for name in DOCUMENTS} >= {"disqus", "feed", "wordpress"}
