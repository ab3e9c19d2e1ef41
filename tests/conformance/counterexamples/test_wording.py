from conformance.counterexamples.wording import beginning, heading, many, message_of, program_lines, tries_line
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
