from conformance.counterexamples.timeline import Span, timeline_lines


def test_bars_are_to_scale_and_begin_where_the_calls_do():
    lines = timeline_lines([Span("thread 1", "get", 100, 150, outcome="x"), Span("thread 10", "set_it", 150, 200)], 20)

    assert lines == [
        "    thread 1   get     |==========|            x",
        "    thread 10  set_it            |==========|",
    ]


def test_where_a_call_rests_its_bar_is_dotted():
    assert timeline_lines([Span("a", "", 0, 6, rest=(2, 4))], 6) == ["    a  |==..==|"]


def test_calls_at_one_moment_have_a_bar():
    assert timeline_lines([Span("a", "get", 5, 5)], 6) == ["    a  get  ||"]


def test_nothing_has_no_line():
    assert timeline_lines([], 6) == []
