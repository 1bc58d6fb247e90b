"""The figures: which jobs are set against which floor, and the bound that each was promised."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import parsing
from benchmarks.engine_figures import engines
from benchmarks.measure import Job, Runs, in_turn
from benchmarks.refreshing import everybody

KERNEL = "benchmarks.kernel_jobs"
BY_HAND = (("pandas_levels", 2_000_000), ("polars_levels", 2_000_000), ("duckdb_levels", 40_000))
"""Programs of ``benchmarks.by_hand``, and for how many activities each is run: where all would take minutes
(the one for DuckDB took over 400 s for 2,000,000), for fewer."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where data is kept, where a run may write, how often short things run, and whether large ones do."""

    data: Path
    scratch: Path
    rounds: int
    full: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ``bound`` is what was promised, ``kept`` whether it holds, if there is one."""

    what: str
    figure: str
    floor: str = ""
    ratio: float | None = None
    peak_mb: float | None = None
    bound: str = ""
    kept: bool | None = None

    def line(self) -> str:
        """For the terminal."""
        mark = {True: "kept", False: "MISSED", None: ""}[self.kept]
        ratio = f"{self.ratio:.2f}x of {self.floor}" if self.ratio is not None else self.floor
        peak = f"{self.peak_mb:.0f} MB" if self.peak_mb is not None else ""
        return "  ".join(
            part for part in (self.what + ":", self.figure, ratio, peak, self.bound, mark) if part
        )

    def row(self, day: str) -> str:
        """For the page."""
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        peak = f"{self.peak_mb:.0f} MB" if self.peak_mb is not None else ""
        mark = {True: " (kept)", False: " (**missed**)", None: ""}[self.kept]
        return (
            f"| {self.what} | {self.figure} | {self.floor} | {ratio} | {peak} | {self.bound}{mark} | {day} |"
        )


def flat_table(bench: Bench, activities: int) -> Path:
    """The flat table with so many activities, made where it is not there yet."""
    from courtship.demo.volume import Volume

    path = bench.data / f"flat-{activities}.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        Volume(activities, activities * 85 // 2000).write(part)
        part.rename(path)
    return path


def starting(bench: Bench) -> Iterator[Figure]:
    """How long the library and the command take to be there."""
    bare, library, command = in_turn(
        [
            Job("python", command=[sys.executable, "-c", "pass"]),
            Job("import", command=[sys.executable, "-c", "import courtship"]),
            Job("help", command=[sys.executable, "-m", "courtship", "--help"]),
        ],
        max(bench.rounds, 9),
    )
    bare_ms = bare.wall_median * 1000
    for what, runs, most in (("import courtship", library, 100), ("courtship --help", command, 300)):
        less = bare if most == 100 else None
        own = (runs.wall_median - (less.wall_median if less else 0)) * 1000
        busy = (runs.cpu_median - (less.cpu_median if less else 0)) * 1000
        yield Figure(
            what,
            f"{own:.0f} ms (processor {busy:.0f})",
            f"bare Python {bare_ms:.0f} ms",
            runs.wall_median / bare.wall_median,
            runs.peak_mb,
            f"under {most} ms",
            own < most,
        )


def importing(bench: Bench) -> Iterator[Figure]:
    """Activities a second from a Parquet file into SQLite."""
    for activities, least in ((1_000_000, 40_000), (5_000_000, 25_000)):
        if activities > 1_000_000 and not bench.full:
            continue
        path = flat_table(bench, activities)
        rounds = 3 if activities <= 1_000_000 else 1
        taken, scanned = Runs(), Runs()
        for turn in range(rounds):
            home = bench.scratch / f"import-{activities}-{turn}"
            jobs = [
                Job("scan", {"path": str(path)}),
                Job("import_table", {"path": str(path), "home": str(home)}),
            ]
            for into, runs in zip((scanned, taken), in_turn(jobs, 1), strict=True):
                into.inside += runs.inside
                into.peak += runs.peak
                into.cpu += runs.cpu
                into.said = runs.said
        rate = activities / taken.inside_median
        yield Figure(
            f"import of {activities:,} activities, Parquet into SQLite",
            f"{rate:,.0f} a second ({taken.cpu_median:.1f} s of processor time)",
            f"DuckDB scan {scanned.inside_median:.2f} s",
            taken.inside_median / scanned.inside_median,
            taken.peak_mb,
            f"at least {least:,} a second",
            rate >= least,
        )


def reckoning(bench: Bench) -> Iterator[Figure]:
    """Everybody's stage in a new process, from 1,000,000 activities in a workspace."""
    path = flat_table(bench, 1_000_000)
    home = bench.scratch / "reckon"
    given = {"home": str(home)}
    in_turn([Job("import_table", {"path": str(path), **given}), Job("brand", given)], 1)
    scanned, cold, warm = in_turn(
        [
            Job("scan", {"path": str(path)}),
            Job("reckon", {"cached": False, **given}),
            Job("reckon", {"cached": True, **given}),
        ],
        bench.rounds,
    )
    for what, runs, most in (("with its caches", warm, 3.0), ("without caches", cold, 10.0)):
        parts = ", ".join(f"{name} {runs.said[name]:.2f}" for name in ("open", "columns", "kernel"))
        yield Figure(
            f"1,000,000 activities reckoned in a new process {what}",
            f"{runs.wall_median:.2f} s ({parts}; processor {runs.cpu_median:.2f})",
            f"DuckDB scan {scanned.inside_median:.2f} s",
            runs.wall_median / scanned.inside_median,
            runs.peak_mb,
            f"within {most:.0f} s, under 500 MB",
            runs.wall_median <= most and runs.peak_mb < 500,
        )


def trying_out(bench: Bench) -> Iterator[Figure]:
    """A number of the ladder moved over 1,000,000 activities in the running server."""
    path = flat_table(bench, 1_000_000)
    given = {"home": str(bench.scratch / "what-if")}
    in_turn([Job("import_table", {"path": str(path), **given}), Job("brand", given)], 1)
    scanned, tried = in_turn([Job("scan", {"path": str(path)}), Job("what_if", {"rounds": 20, **given})], 1)
    said, floor = tried.said, scanned.inside_median * 1000
    yield Figure(
        "what if: a number of the ladder moved, 1,000,000 activities",
        f"{said['median']:.0f} ms, 95 % within {said['p95']:.0f} ms (engine, both ladders: "
        f"{said['engine']:.0f} ms)",
        f"DuckDB scan {floor:.0f} ms",
        said["median"] / floor,
        tried.peak_mb,
        "under 150 ms, the engine under 80 ms",
        said["median"] < 150 and said["engine"] < 80,
    )
    yield Figure(
        "page: over time, 1,000,000 activities",
        f"{said['over_time']:.0f} ms",
        "",
        None,
        tried.peak_mb,
        "",
        None,
    )


def showing(bench: Bench) -> Iterator[Figure]:
    """`courtship demo`: 2,000 people and 100,000 activities made, written, reckoned and shown."""
    runs = Runs()
    for turn in range(3):
        home = str(bench.scratch / f"demo-{turn}")
        command = [sys.executable, "-m", "courtship", "--home", home, "demo", "--no-serve"]
        (once,) = in_turn([Job("demo", command=command)], 1)
        runs.wall += once.wall
        runs.peak += once.peak
        runs.cpu += once.cpu
    yield Figure(
        "demo of 2,000 people and 100,000 activities",
        f"{runs.wall_median:.1f} s (processor {runs.cpu_median:.1f})",
        peak_mb=runs.peak_mb,
        bound="shown within 15 s",
        kept=runs.wall_median < 15,
    )


def paging(bench: Bench) -> Iterator[Figure]:
    """Server time of every page, over the made-up audience."""
    people, activities = (100_000, 2_000_000) if bench.full else (2_000, 100_000)
    home = bench.data / f"pages-{people}"
    if not home.exists():
        given = {"home": str(home), "people": people, "activities": activities}
        in_turn([Job("make_demo", given)], 1)
    (runs,) = in_turn([Job("pages", {"home": str(home), "rounds": 4 * bench.rounds})], 1)
    floor = runs.said["pages"]["components"]["median"]
    for name, page in runs.said["pages"].items():
        if page["status"] != 200:
            yield Figure(f"page: {name}, {people:,} people", f"answers {page['status']}")
            continue
        yield Figure(
            f"page: {name}, {people:,} people",
            f"{page['median']:.0f} ms (processor {page['processor']:.0f}), "
            f"95 % within {page['p95']:.0f} ms, after one act {page['after']:.0f} ms, {page['kb']:.0f} kB",
            f"a page without data {floor:.0f} ms",
            page["median"] / floor,
            runs.peak_mb,
            "60 ms, 95 % within 150 ms, under 250 kB",
            page["median"] < 60 and page["p95"] < 150 and page["kb"] < 250,
        )


def engine(bench: Bench) -> Iterator[Figure]:
    """From files to every report, against four aggregates a person by the faster of DuckDB and Polars."""
    shapes = [("heavy", 2_000_000), ("even", 2_000_000)]
    if bench.full:
        shapes = [("heavy", 20_000_000), ("even", 20_000_000), ("heavy", 100_000_000)]
    each = 0.0  # seconds an activity of the heavy shape on Arrow files, at the smaller size
    for shape, number in shapes:
        large, even = number > 20_000_000, shape == "even"
        folder = bench.data / f"files-{number}-{shape}"
        with files(bench, folder, number, even=even):
            for form, most in (("arrow", 2.3 if even else 1.0), ("parquet", None if even else 1.4)):
                path = str(folder / form)
                walked, duck, polars = in_turn(
                    [
                        Job(name, {"path": path}, module=KERNEL)
                        for name in ("reckon_files", "aggregate_duckdb", "aggregate_polars")
                    ],
                    min(bench.rounds, 3) if large else bench.rounds,
                    {"POLARS_MAX_THREADS": "2"},
                )
                floors = (("DuckDB", duck), ("Polars", polars))
                name, floor = min(floors, key=lambda one: one[1].inside_median)
                ratio = walked.inside_median / floor.inside_median
                bound, kept = "", None
                if large:
                    growth = walked.inside_median / number / each if form == "arrow" and each else 0
                    bound = "under 2 GB" + (
                        f", linear ({growth:.2f} of the time an activity)" if growth else ""
                    )
                    kept = walked.peak_mb < 2000 and growth <= 1.1
                elif most:
                    bound = f"at most {most} times, under 700 MB"
                    kept = ratio <= most and walked.peak_mb < 700
                    if form == "arrow" and not even:
                        each = walked.inside_median / number
                yield Figure(
                    f"kernel, {number:,} activities, {shape}, {form}",
                    f"{walked.inside_median:.2f} s (processor {walked.said['processor']:.2f}); "
                    f"{walked.said['transitions']:,} transitions, {walked.said['checksum']}",
                    f"{name} {floor.inside_median:.2f} s (processor {floor.said['processor']:.2f})",
                    ratio,
                    walked.peak_mb,
                    bound,
                    kept,
                )
    for program, number in BY_HAND:
        folder = bench.data / f"files-by-hand-{number}"
        with files(bench, folder, number, even=False):
            yield _by_hand(folder, program, f"{number:,} activities, heavy")
    folder = bench.data / "files-savannah"
    with files(bench, folder, 210_000, people=10_000, even=False):
        (walked,) = in_turn(
            [Job("reckon_files", {"path": str(folder / "arrow")}, module=KERNEL)], bench.rounds
        )
        yield Figure(
            "kernel, 210,000 activities of 10,000 people",
            f"{walked.inside_median * 1000:.1f} ms (processor {walked.said['processor'] * 1000:.1f})",
            "Savannah's published figures for as many: 29 to 39 s",
            peak_mb=walked.peak_mb,
        )


@contextmanager
def files(bench: Bench, folder: Path, activities: int, *, people: int = 0, even: bool) -> Iterator[Path]:
    """The kernel's files, one folder a form; removed at the end where they are of no use to a later run."""
    if not (folder / "parquet" / "people.arrow").exists():
        given = {
            "activities": activities,
            "people": people or activities * 85 // 2000,
            "even": even,
            "folder": str(folder),
            "forms": ["arrow", "parquet"],
        }
        in_turn([Job("write_files", given, module=KERNEL)], 1)
    try:
        yield folder
    finally:
        if bench.data.is_relative_to(bench.scratch):
            shutil.rmtree(folder, ignore_errors=True)


def _by_hand(folder: Path, program: str, what: str) -> Figure:
    """What somebody would write with a data frame or SQL, for the default policy."""
    given = {"path": str(folder / "arrow"), "program": program}
    walked, written = in_turn(
        [
            Job("reckon_files", {"path": given["path"]}, module=KERNEL),
            Job("by_hand", given, module=KERNEL),
        ],
        1,
        {"POLARS_MAX_THREADS": "2"},
    )
    differ = written.said["differ"]
    return Figure(
        f"by hand, {program}, {what}",
        f"{written.inside_median:.2f} s (processor {written.said['processor']:.2f}); "
        + (f"{differ:,} people differ" if differ else "the same stage and since of everybody"),
        f"kernel {walked.inside_median:.2f} s",
        written.inside_median / walked.inside_median,
        written.peak_mb,
    )


def hearing(bench: Bench) -> Iterator[Figure]:
    """The webhook: 200 deliveries a second, the sender on the same machine, killed in between."""
    home = bench.scratch / "webhook"
    seconds = 60 if bench.full else 15
    job = Job("webhook.webhook", {"home": str(home), "rate": 200, "seconds": seconds, "kill": True})
    said = in_turn([job], 1)[0].said
    yield Figure(
        f"webhook, 200 a second for {seconds} s, kill -9 in the middle: median",
        f"{said['median']:.1f} ms (90th percentile {said['p90']:.0f}, 99th {said['p99']:.0f})",
        bound="under 20 ms",
        kept=said["median"] < 20,
    )
    yield Figure(
        "the same: lost, counted twice",
        f"{said['lost']}, {said['twice']} of {said['sent']:,} ({said['retried']:,} sent again)",
        bound="none",
        kept=not (said["lost"] or said["twice"] or said["wrong"] or said["differences"]),
    )


def connecting(bench: Bench) -> Iterator[Figure]:
    """From an act on the platforms of the tests to the page and the notice; a year's back-fill, killed."""
    from benchmarks import connectors

    for name, way, seconds in connectors.lags(bench.scratch):
        bound = "" if name == "WordPress" else "under 2 s"
        for where in ("page", "notice"):
            kept = max(seconds[where]) < 2 if bound else None
            what = f"live: {name} by {way}, from the act to the {where}"
            yield Figure(what, connectors.said(seconds[where]), bound=bound, kept=kept)
    many, cuts = (100_000, 5) if bench.full else (10_000, 3)
    filled = connectors.back_fill(bench.scratch, many, cuts)
    yield Figure(
        f"live: back-fill of {many:,} notifications, kill -9 {cuts} times",
        f"{filled.seconds:.0f} s, {filled.missing} missing, {filled.twice} twice, {filled.pages:,} pages",
        peak_mb=filled.peak_mb,
        bound="none missing, none twice",
        kept=filled.missing == filled.twice == 0,
    )


def parsing_alone(bench: Bench) -> Iterator[Figure]:
    """Files of each sort, recognition of very many files, a parser by others, and with ``--full`` 5 GB."""
    for name, (_, _, _, least) in parsing.FILES.items():
        path = str(parsing.made(name, bench.data))
        jobs = [Job("parse", {"path": path})]
        takeout = name == "CSV, YouTube comments"
        if takeout:
            jobs.append(Job("parse_by_others", {"path": f"{path}/Takeout"}))
        runs, *others = in_turn(jobs, bench.rounds)
        speed = runs.said["mb"] / runs.said["cpu"]
        yield Figure(
            f"parsing: {name}",
            f"{speed:.1f} MB/s of processor time, {runs.said['told']:,} told",
            peak_mb=runs.peak_mb,
            bound=f"at least {least:.0f} MB/s",
            kept=speed >= least,
            floor=f"google-takeout-parser {others[0].said['cpu']:.2f} s, {others[0].said['told']:,} told"
            if others
            else "",
            ratio=runs.said["cpu"] / others[0].said["cpu"] if others else None,
        )
    (many,) = in_turn([Job("recognise", {"path": str(bench.scratch / "many.zip"), "files": 10_000})], 1)
    yield Figure(
        "recognition of an archive of 10,000 files",
        f"{many.said['cpu']:.2f} s of processor time",
        bound="under 2 s",
        kept=many.said["cpu"] < 2,
    )
    if bench.full:
        archive = parsing.made_archive(bench.scratch, 5_000)
        (large,) = in_turn([Job("parse", {"path": str(archive)})], 1)
        archive.unlink()
        yield Figure(
            "parsing: a zip of 5 GB (mail and JSON)",
            f"{large.said['mb'] / large.said['cpu']:.1f} MB/s of processor time",
            peak_mb=large.peak_mb,
            bound="under 300 MB",
            kept=large.peak_mb < 300,
        )


def living(bench: Bench) -> Iterator[Figure]:
    """One event, felt at once: over the made-up audience, by the services' own calls in one warm process."""
    people, activities = (100_000, 2_000_000) if bench.full else (2_000, 100_000)
    home = bench.data / f"pages-{people}"
    if not home.exists():
        given = {"home": str(home), "people": people, "activities": activities}
        in_turn([Job("make_demo", given)], 1)
    where = {"home": str(home), "name": "demo"}
    bare, felt, mended, *rates = in_turn(
        [
            Job("live_jobs.floor", {"path": str(bench.scratch / "floor"), "rows": 2_000}),
            Job("live_jobs.felt", {**where, "people": 100 * bench.rounds}),
            Job("live_jobs.mended", {**where, "times": 4 * bench.rounds}),
            *(Job("live_jobs.sustained", {**where, "seconds": 5, "at_once": many}) for many in (1, 20, 100)),
        ],
        1,
    )
    floor = bare.said["median"] * 1000
    said = f"insert and commit {floor:.2f} ms, 99 % {bare.said['p99'] * 1000:.1f}"
    for what, one in felt.said["felt"].items():
        promised = what in ("ordinary", "10,000 earlier")
        yield Figure(
            f"one act in order of time: {what}, {people:,} people",
            f"{one['median']:.2f} ms (processor {one['processor']:.2f}), 99 % within {one['p99']:.1f} ms",
            said,
            one["median"] / floor,
            felt.peak_mb,
            "under 1 ms, 99 % under 5 ms" if promised else "",
            (one["median"] < 1 and one["p99"] < 5) if promised else None,
        )
    for what, one in mended.said["mended"].items():
        yield Figure(
            f"{what}, {people:,} people",
            f"{one['median']:.0f} ms (processor {one['processor']:.0f}), at most {one['most']:.0f} ms",
            peak_mb=mended.peak_mb,
            bound="under 100 ms",
            kept=one["median"] < 100,
        )
    for many, runs in zip((1, 20, 100), rates, strict=True):
        yield Figure(
            f"acts a second from one connection, {many} to a commit, {people:,} people",
            f"{runs.said['rate']:,.0f} a second",
            f"insert and commit, one by one, {1000 / floor:,.0f} a second; Savannah's models 85",
            bound="2,000 a second, every one durable" if many > 1 else "",
            kept=runs.said["rate"] >= 2_000 if many > 1 else None,
        )


def tribes(bench: Bench) -> Iterator[Figure]:
    """The books of a large tribe, and its pages."""
    members, acts = (10_000, 1_000_000) if bench.full else (1_000, 100_000)
    home = bench.scratch / "tribe"
    job = Job("tribe", {"home": str(home), "members": members, "acts": acts, "rounds": max(3, bench.rounds)})
    (runs,) = in_turn([job], 1)
    said = runs.said
    size = f"{members:,} members, {acts:,} acts"
    yield Figure(
        f"tribe: the ledger anew, {size}",
        f"{said['seconds']:.2f} s ({said['dues']:,} dues; everything from the log {said['cold']:.1f} s)",
        peak_mb=runs.peak_mb,
        bound="under 1 s",
        kept=said["seconds"] < 1,
    )
    for name, spent in said["pages"].items():
        yield Figure(
            f"tribe: page {name}, warm, {size}", f"{spent:.0f} ms", bound="under 100 ms", kept=spent < 100
        )


ALL: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "start": starting,
    "import": importing,
    "reckon": reckoning,
    "everybody": everybody,
    "what-if": trying_out,
    "demo": showing,
    "pages": paging,
    "kernel": engine,
    "live": living,
    "webhook": hearing,
    "connectors": connecting,
    "parsing": parsing_alone,
    "engines": engines,
    "tribe": tribes,
}
