"""How a history under load is told."""

from conformance.concurrent.load.counterexample import BAR_WIDTH, timeline
from conformance.programs.operations import Get, Set
from tests.conformance.concurrent.load.examples import A, seen_by


def test_a_timeline_is_in_the_order_of_begin_and_to_scale():
    lines = timeline(
        seen_by((2, 30, 60, Get(A), "1"), (1, 0, 30, Set(A, "1"), None), (0, 60, 61, Get(A), "1")), "thread"
    )

    assert [line.split()[1] for line in lines[:2]] == ["1", "2"]
    assert lines[0].count("=") == lines[1].count("=") == BAR_WIDTH // 2
    assert lines[2].strip() == "afterwards: backend.get(('a',)) returned '1'"
