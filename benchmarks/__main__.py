"""`python -m benchmarks [NAME…] [--full] [--rounds N] [--postgres] [--write]`: measure, print ratios."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import figures, fixtures, postgres, profile
from benchmarks.figures import Bench, Figure
from benchmarks.measure import ROOT

PAGE = ROOT / "docs" / "measurements.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> None:
    """Measure what was asked for; all without a name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(figures.ALL)}; all without one; fixtures: what is read of others' files; "
        "profile: the lines in which an import and the kernel spend their time",
    )
    parser.add_argument("--full", action="store_true", help="the large sizes too (minutes, gigabytes)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each short thing runs (5)")
    parser.add_argument("--data", type=Path, help="a folder to keep made-up data in between runs")
    parser.add_argument("--into", type=Path, help="profile: a folder for flame graphs and folded stacks")
    parser.add_argument(
        "--postgres",
        action="store_true",
        help=f"on a PostgreSQL server that is started for it ({' and '.join(figures.ON_POSTGRES)} alone)",
    )
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    if asked.names == ["fixtures"]:
        fixtures.run(write=asked.write)
        return
    profiling = asked.names == ["profile"]
    unknown = [name for name in asked.names if name not in figures.ALL]
    if unknown and not profiling:
        parser.error(f"no figure {unknown[0]!r}; there are {', '.join(figures.ALL)}")
    if asked.postgres and not set(asked.names) <= set(figures.ON_POSTGRES):
        parser.error(f"--postgres measures {' and '.join(figures.ON_POSTGRES)} only; name one")
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="courtship-bench-"))
        server = stack.enter_context(postgres.running()) if asked.postgres else None
        data = asked.data or Path(scratch) / "data"
        bench = Bench(data, Path(scratch), asked.rounds, asked.full, server)
        bench.data.mkdir(parents=True, exist_ok=True)
        if profiling:
            profile.run(bench, asked.into)
            return
        rows: list[Figure] = []
        for name in asked.names or (figures.ON_POSTGRES if server else figures.ALL):
            print(f"{name} …", file=sys.stderr, flush=True)
            for figure in figures.ALL[name](bench):
                rows.append(figure)
                print(figure.line(), flush=True)
    if asked.write:
        write(rows)


def machine() -> str:
    """What this was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {python}"


def write(rows: list[Figure]) -> None:
    """Replaces those rows of the table on the page that were measured now."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    held = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("|")}
    held = {what: line for what, line in held.items() if what != "what" and not what.startswith("---")}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for row in rows:
        held[row.what] = row.row(today)
    head = [
        "",
        "| what | figure | floor in the same run | ratio | peak memory | bound | on |",
        "|---|---|---|---|---|---|---|",
    ]
    body = "\n".join([*head, *held.values(), ""])
    PAGE.write_text(f"{before}{BEGIN}\n{body}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
