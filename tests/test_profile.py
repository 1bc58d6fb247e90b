"""The profile: samples of stacks as lines, shares and a picture; what ``perf`` tells, as stacks."""

from __future__ import annotations

from pathlib import Path

from benchmarks import flames, kernel_samples
from benchmarks.flames import Samples
from defusedxml.ElementTree import fromstring

OWN = "insert (courtship/store/bulk.py:7)"
SAMPLES = Samples(
    [
        (("<module> (x.py:1)", "run (courtship/a.py:3)", OWN, "step (libsqlite3.so)"), 3),
        (("<module> (x.py:1)", "run (courtship/a.py:3)"), 1),
        (("<module> (x.py:1)", "start <&> (y.py:2)"), 4),
    ]
)


def test_lines_have_what_they_call_in_libraries_as_their_own() -> None:
    within = SAMPLES.within("run")
    assert within.total == 4
    assert list(flames.top_lines(within, "courtship/", 5)) == [
        "    self   total  line",
        f"   75.0%   75.0%  {OWN}",
        "   25.0%  100.0%  run (courtship/a.py:3)",
    ]


def test_the_picture_is_whole_and_has_no_scripts(tmp_path: Path) -> None:
    flames.write(SAMPLES, tmp_path, "all")
    picture = fromstring((tmp_path / "all.svg").read_text())
    titles = [one.text for one in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0] == "<module> (x.py:1): 100.0%"
    assert "start <&> (y.py:2): 50.0%" in titles
    assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))
    assert f"run (courtship/a.py:3);{OWN};step (libsqlite3.so) 3" in (tmp_path / "all.folded").read_text()


def test_what_perf_tells_is_read() -> None:
    text = (
        "  12 100.5: \n\tffffffff81 clear_page_erms+0x7 ([kernel.kallsyms])\n"
        "\tffffffff82 do_anonymous_page ([kernel.kallsyms])\n"
        "\tffffffff83 exc_page_fault ([kernel.kallsyms])\n"
        "\t7f12 memmove (/usr/lib/libc.so.6)\n\n  12 101.5: \n\t7f13 [unknown] ([unknown])\n"
    )
    first, second = kernel_samples.told(text)
    assert first == (
        100.5,
        [
            (0xFFFFFFFF81, "clear_page_erms", "[kernel.kallsyms]"),
            (0xFFFFFFFF82, "do_anonymous_page", "[kernel.kallsyms]"),
            (0xFFFFFFFF83, "exc_page_fault", "[kernel.kallsyms]"),
            (0x7F12, "memmove", "/usr/lib/libc.so.6"),
        ],
    )
    assert kernel_samples.stack(first[1], lambda _: ()) == (
        "memmove (libc.so.6)",
        "[zeroing fresh memory]",
        "[clear_page_erms]",
    )
    walk = ("walk (walk.py)", "walk (walk.py:9) i += 1")
    assert kernel_samples.stack(second[1], lambda _: walk) == walk
