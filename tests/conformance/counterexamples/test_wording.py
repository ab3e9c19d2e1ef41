from conformance.counterexamples.wording import (
    abridged,
    beginning,
    heading,
    many,
    message_of,
    program_lines,
    tries_line,
)
from conformance.programs.operations import Get, Set

A = ("a",)


def test_a_message_is_the_heading_and_its_parts_but_for_empty_ones():
    assert message_of("GET-1", ["one", "two"], [], ["three"]) == f"{heading('GET-1')}\n\none\ntwo\n\nthree"


def test_what_is_done_on_a_new_store_is_told_a_call_a_line():
    assert program_lines((Set(A, "1"), Get(A))) == [
        "On a new, empty store:",
        "    backend.set(('a',), '1')",
        "    backend.get(('a',))",
    ]


def test_what_is_done_then_follows_the_program_or_stands_alone():
    assert beginning((Set(A, "1"),), "two threads at once")[-1] == "then two threads at once:"
    assert beginning((), "two threads at once") == ["On a new, empty store, two threads at once:"]


def test_words_for_several_and_for_tries():
    assert (many("thread"), many("process")) == ("threads", "processes")
    assert tries_line(2, 5) == "Seen in 2 of 5 tries."


def test_the_middle_of_a_program_that_nobody_would_read_is_left_to_its_script():
    lines = ["On a new, empty store:", *(f"    backend.get(({number},))" for number in range(100))]

    told = abridged(lines)

    assert told[0] == lines[0]
    assert told[-1] == lines[-1]
    assert "    ... 60 more calls, which are in the script ..." in told
    assert abridged(lines[:42]) == lines[:42]
