"""``import --map``: which column of a CSV file is what, asked or said, and shown as it would be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from courtship.model import Address
    from courtship.platforms.csv_mapping import CsvMap
    from courtship.service.importing.csv_mapping import CsvFile

NONE = "-"
"""What is answered where no column says it."""


def mapped(said: str, paths: list[Path], brand: frozenset[Address]) -> tuple[list[Path], dict[str, str]]:
    """The files to import and the settings that remember their mapping.

    ``said`` is a mapping for ``paths``, or a CSV file that is asked about. Raises `InvalidRecord` where it
    is neither.
    """
    from courtship.errors import InvalidRecord
    from courtship.service.importing.csv_mapping import CsvFile

    if "=" in said and not Path(said).exists():
        if not paths:
            raise typer.BadParameter("which file? courtship import FILE.csv --map …", param_hint="--map")
        settings: dict[str, str] = {}
        for path in paths:
            file = CsvFile.at(path)
            chosen = file.chosen(said)
            settings |= file.setting(chosen)
            _shown(file, chosen, brand)
        return paths, settings
    path = Path(said)
    if not path.exists():
        raise InvalidRecord(
            f"--map: there is no file {said}; a mapping is written actor=COLUMN,at=COLUMN,kind=…"
        )
    file = CsvFile.at(path)
    chosen = _asked(file, brand)
    _shown(file, chosen, brand)
    if not typer.confirm("Import it so?", default=True, err=True):
        raise InvalidRecord("nothing was imported; start again, or say it in one: --map actor=…,at=…,kind=…")
    return [path, *paths], file.setting(chosen)


def _asked(file: CsvFile, brand: frozenset[Address]) -> CsvMap:
    from courtship.cli.screen import say
    from courtship.platforms.csv_mapping import EVENTS, platform_named
    from courtship.service.importing.csv_mapping import PARTS
    from courtship.vocabulary import KINDS

    guess = file.guess
    say(f"{file.path.name} has the columns: {', '.join(file.header)}")
    say(f"Answer with a column's name, or {NONE} where none says it; Enter takes what is in brackets.")
    columns: dict[str, str] = {}
    always: dict[str, str] = {}
    for part, words in PARTS.items():
        if part == "kind":
            fixed, hint = KINDS, ", or one kind for all"
        elif part == "platform":
            fixed, hint = (), ", or one platform for all"
        else:
            fixed, hint = (), ""
        needed = part in {"at", "kind"} or (part == "actor_name" and "actor" not in columns)
        question = f"Which column is {words}{hint}?"
        while (answer := _column(file, question, guess.get(part, NONE), part, fixed)) == NONE and needed:
            say("without this no row can be read")
        if answer in file.header:
            columns[part] = answer
        elif answer != NONE:
            always[part] = platform_named(answer) if part == "platform" else answer
    if "direction" not in columns:
        always["direction"] = _one_of("Who did these, they (in) or you (out)?", "in", ("in", "out"))
    meant: dict[str, str] = {}
    if "kind" in columns:
        for value in file.values(columns["kind"]):
            word = "-".join(value.casefold().replace("_", " ").replace("-", " ").split())
            if value and word not in EVENTS:
                kind = _one_of(f"What is {value!r}: {', '.join(KINDS)}?", "comment", KINDS)
                meant[word] = kind
    if us := _us(always.get("platform", ""), brand):
        always["us"] = us
    said = [f"{part}=[{column}]" for part, column in columns.items()]
    said += [f"{part}={value}" for part, value in always.items()]
    said += [f"kind.{word}={kind}" for word, kind in meant.items()]
    chosen = file.chosen(",".join(said))
    if file.needs_order(chosen):
        order = _one_of("Do dates begin with the day (dmy) or the month (mdy)?", "dmy", ("dmy", "mdy"))
        chosen = file.chosen(f"{','.join(said)},dates={order}")
    return chosen


def _column(file: CsvFile, question: str, default: str, part: str, fixed: tuple[str, ...]) -> str:
    from courtship.cli.screen import say

    by_name = {name.casefold(): name for name in file.header}
    while True:
        answer = str(typer.prompt(question, default=default, err=True)).strip()
        if answer == NONE or answer in fixed:
            return answer
        if answer.casefold() in by_name:
            return by_name[answer.casefold()]
        if part == "platform" and answer:
            return answer
        say(f"there is no column {answer!r}")


def _one_of(question: str, default: str, answers: tuple[str, ...]) -> str:
    from courtship.cli.screen import say

    while True:
        answer = str(typer.prompt(question, default=default, err=True)).strip().casefold()
        if answer in answers:
            return answer
        say(f"please answer one of: {', '.join(answers)}")


def _us(platform: str, brand: frozenset[Address]) -> str:
    """Which of the own accounts is meant, where the brand's accounts do not say."""
    from courtship.addresses import is_address
    from courtship.cli.screen import say

    if len([one for one in brand if one.partition(":")[0] == platform]) == 1:
        return ""
    while True:
        default = next(iter(sorted(brand)), NONE)
        answer = str(
            typer.prompt(
                f"Which of your accounts is this about (platform:id; {NONE} if the rows' platforms say so)?",
                default=default,
                err=True,
            )
        ).strip()
        if answer == NONE:
            return ""
        if is_address(answer):
            return answer
        say("an account is written platform:id, as in x:@ann")


def _shown(file: CsvFile, chosen: CsvMap, brand: frozenset[Address]) -> None:
    from rich.text import Text

    from courtship.cli.screen import console, say, table
    from courtship.times import to_iso

    preview = file.preview(chosen, brand)
    rows = [
        [
            Text("".join(sign if sign.isprintable() else " " for sign in cell))
            for cell in (
                to_iso(act.at) if act.precise else to_iso(act.at)[:10],
                act.kind,
                act.actor,
                act.target,
                (act.text or "")[:40],
            )
        ]
        for act in preview.acts
    ]
    if rows:
        say("The first rows, as they would be read:")
        console(stderr=True).print(table(["when", "kind", "who", "towards", "words"], rows))
    for line, reason in preview.problems:
        say(f"line {line}: {reason}")
