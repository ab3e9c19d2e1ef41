"""How far a run is, told where there is no terminal."""

from conformance.cli import LINE_SECONDS, ProgressLines
from conformance.run.progress import Progress

AT_LOAD = Progress("threads under load", 3, 10, 0)
STUCK = Progress("directed programs", 40, 800, 2, "get(('a',))")


def told(*shown):
    """The lines for progress that is shown at these times."""
    now = [0.0]
    lines: list[str] = []
    progress = ProgressLines(lines.append, lambda: now[0])
    for seconds, one in shown:
        now[0] = seconds
        progress.show(one)
    return lines


def test_nothing_is_told_of_a_run_that_is_soon_done():
    assert told((0.1, AT_LOAD), (LINE_SECONDS - 0.1, AT_LOAD)) == []


def test_a_line_is_told_now_and_then_with_what_is_waited_for():
    assert told((LINE_SECONDS, AT_LOAD), (LINE_SECONDS + 1, AT_LOAD), (25.0, STUCK), (26.0, STUCK)) == [
        "conformance: 10 s: threads under load 3 of 10",
        "conformance: 25 s: directed programs 40 of 800, 2 suspicious, waiting for get(('a',))",
    ]


def test_a_target_that_takes_long_to_import_is_what_is_waited_for():
    assert told((12.0, Progress("", 0, 0, 0, "importing the target"))) == [
        "conformance: 12 s: starting, waiting for importing the target"
    ]
