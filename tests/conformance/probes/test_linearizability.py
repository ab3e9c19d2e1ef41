"""The search against brute force, over a register that can be written, read, and written if it holds a value."""

import itertools
import random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.probes.linearizability import Event, Linearizable, NotLinearizable, Undecided, search

VALUES = st.integers(0, 2)
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), VALUES),
    st.tuples(st.just("read")),
    st.tuples(st.just("swap"), VALUES, VALUES),
    st.tuples(st.just("toss")),
)


def register(state, event):
    """`swap` writes if it finds its value and tells whether; `toss` leaves 0 or 1, nobody knows which."""
    name, *arguments = event.operation
    if name == "toss":
        return (0, 1)
    if name == "swap":
        answer, after = state == arguments[0], arguments[1] if state == arguments[0] else state
    else:
        answer, after = (None, arguments[0]) if name == "write" else (state, state)
    return (after,) if event.end is None or answer == event.outcome else ()


def keeps_time(order):
    return not any(
        later.end is not None and later.end < earlier.begin for earlier, later in itertools.combinations(order, 2)
    )


def orders_of(history):
    """Every order that its times allow of the events that ended, with any of the others."""
    ended = [event for event in history if event.end is not None]
    unended = [event for event in history if event.end is None]
    for count in range(len(unended) + 1):
        for applied in itertools.combinations(unended, count):
            yield from filter(keeps_time, itertools.permutations([*ended, *applied]))


def explains(order, initial):
    states = {initial}
    for event in order:
        states = {after for state in states for after in register(state, event)}
    return bool(states)


def by_brute_force(history, initial):
    return any(explains(order, initial) for order in orders_of(history))


def of_real_order(draws, initial):
    """A history of operations that took effect in the order given, somewhere between their begin and end."""
    history = []
    state = initial
    for number, (operation, before, after) in enumerate(draws):
        left = register(state, Event(0, None, operation, None))[-1]
        outcome = {"read": state, "swap": state in operation[1:2]}.get(operation[0])
        history.append(Event(10 * number - before, 10 * number + after, operation, outcome))
        state = left
    return history


@st.composite
def real_histories(draw, most=5):
    reach = st.integers(0, 30)
    return of_real_order(draw(st.lists(st.tuples(OPERATIONS, reach, reach), min_size=1, max_size=most)), 0)


@st.composite
def histories(draw):
    """Histories of which some, by their outcomes or their order, cannot be."""
    history = draw(real_histories())
    for index in draw(st.lists(st.integers(0, len(history) - 1), max_size=2)):
        event = history[index]
        change = draw(st.sampled_from(["outcome", "end"]))
        if change == "end":
            history[index] = attrs.evolve(event, end=None)
        elif event.operation[0] == "read":
            history[index] = attrs.evolve(event, outcome=draw(VALUES))
        elif event.operation[0] == "swap":
            history[index] = attrs.evolve(event, outcome=not event.outcome)
    return draw(st.permutations(history))


def is_reading(event):
    return event.operation[0] == "read"


def event(begin, end, operation, outcome=None):
    return Event(begin, end, operation, outcome)


@settings(max_examples=150, deadline=None)
@given(histories())
def test_it_finds_an_order_if_and_only_if_trying_every_order_does(history):
    expected = Linearizable if by_brute_force(history, 0) else NotLinearizable
    assert isinstance(search(history, 0, register), expected)
    assert isinstance(search(history, 0, register, is_reading=is_reading), expected)


@settings(max_examples=150, deadline=None)
@given(histories(), st.booleans())
def test_the_order_that_it_gives_explains_every_outcome_and_has_every_event_that_ended(history, told):
    verdict = search(history, 0, register, is_reading=is_reading if told else lambda event: False)
    if isinstance(verdict, Linearizable):
        order = [history[index] for index in verdict.order]
        assert explains(order, 0)
        assert keeps_time(order)
        assert {index for index, one in enumerate(history) if one.end is not None} <= set(verdict.order)
        assert len(set(verdict.order)) == len(verdict.order)
    else:
        assert isinstance(verdict, NotLinearizable)
        order = [history[index] for index in verdict.stuck]
        assert explains(order, 0)
        assert keeps_time(order)
        assert sorted(verdict.stuck + verdict.remaining) == list(range(len(history)))


@settings(max_examples=100, deadline=None)
@given(real_histories(most=30), st.randoms(use_true_random=False))
def test_every_history_made_from_a_real_order_is_accepted(history, chance):
    chance.shuffle(history)
    assert isinstance(search(history, 0, register), Linearizable)


@settings(max_examples=50, deadline=None)
@given(real_histories(most=30))
def test_a_read_of_what_was_never_written_is_rejected(history):
    wrong = [*history, event(0, 1000, ("read",), 7)]
    verdict = search(wrong, 0, register)
    assert isinstance(verdict, NotLinearizable)
    assert len(history) in verdict.remaining


def test_nothing_at_all_is_explained_by_nothing():
    assert search([], 0, register, budget=0) == Linearizable(())


def test_events_that_overlap_may_have_come_in_either_order():
    write = event(0, 10, ("write", 1))
    assert search([write, event(5, 15, ("read",), 0)], 0, register) == Linearizable((1, 0))
    assert search([write, event(5, 15, ("read",), 1)], 0, register) == Linearizable((0, 1))


def test_an_event_that_ended_before_another_began_came_before_it():
    stale = [event(0, 10, ("write", 1)), event(11, 15, ("read",), 0)]
    assert search(stale, 0, register) == NotLinearizable((0,), (1,))


def test_events_that_touch_overlap():
    assert search([event(0, 10, ("write", 1)), event(10, 15, ("read",), 0)], 0, register) == Linearizable((1, 0))


def test_two_readers_may_not_see_two_writes_in_different_orders():
    writes = [event(0, 100, ("write", 1)), event(0, 100, ("write", 2))]
    first = [event(1, 2, ("read",), 1), event(3, 4, ("read",), 2)]
    second = [event(1, 2, ("read",), 2), event(3, 4, ("read",), 1)]
    assert isinstance(search(writes + first, 0, register), Linearizable)
    assert isinstance(search(writes + second, 0, register), Linearizable)
    assert isinstance(search(writes + first + second, 0, register), NotLinearizable)


def test_an_event_without_end_may_take_effect_late():
    history = [event(0, None, ("write", 1)), event(5, 6, ("read",), 0), event(7, 8, ("read",), 1)]
    assert search(history, 0, register) == Linearizable((1, 0, 2))


def test_an_event_without_end_need_not_take_effect():
    assert search([event(0, None, ("write", 1)), event(5, 6, ("read",), 0)], 0, register) == Linearizable((1,))
    assert search([event(0, None, ("write", 1))], 0, register) == Linearizable(())


def test_an_event_without_end_takes_effect_once():
    history = [
        event(0, None, ("write", 1)),
        event(5, 6, ("read",), 1),
        event(7, 8, ("write", 2)),
        event(9, 10, ("read",), 1),
    ]
    assert isinstance(search(history, 0, register), NotLinearizable)


def test_an_event_without_end_does_not_take_effect_before_it_began():
    history = [event(0, 1, ("read",), 1), event(2, None, ("write", 1))]
    assert search(history, 0, register) == NotLinearizable((), (0, 1))


def test_a_write_that_would_change_nothing_now_may_be_needed_later():
    history = [event(0, 9, ("write", 1)), event(0, 9, ("write", 2)), event(10, 11, ("read",), 1)]
    assert search(history, 1, register) == Linearizable((1, 0, 2))


def test_any_state_that_an_event_may_leave_will_do():
    for face in (0, 1):
        history = [event(0, 1, ("toss",)), event(2, 3, ("read",), face), event(4, 5, ("read",), face)]
        assert isinstance(search(history, 5, register), Linearizable)
    assert isinstance(search([event(0, 1, ("toss",)), event(2, 3, ("read",), 2)], 5, register), NotLinearizable)
    changed = [event(0, 1, ("toss",)), event(2, 3, ("read",), 0), event(4, 5, ("read",), 1)]
    assert isinstance(search(changed, 5, register), NotLinearizable)


def test_a_spent_budget_is_undecided_whatever_the_answer():
    writes = [event(0, 100, ("write", number)) for number in range(8)]
    for outcome in (7, 99):
        history = [*writes, event(101, 102, ("read",), outcome)]
        assert search(history, 0, register, budget=5) == Undecided(5)
    assert isinstance(search(history, 0, register), NotLinearizable)


def test_operations_and_outcomes_need_not_be_hashable():
    history = [event(0, 1, ["write", 1], None), event(2, 3, ["read"], 1)]
    assert search(history, 0, register) == Linearizable((0, 1))


def test_an_event_cannot_end_before_it_began():
    with pytest.raises(ValueError, match="cannot end at 1 that began at 2"):
        event(2, 1, ("read",))


def test_five_hundred_events_of_four_threads_are_decided():
    chance = random.Random(1)
    draws = [
        ((("write", number) if chance.random() < 0.5 else ("read",)), chance.randrange(20), chance.randrange(20))
        for number in range(500)
    ]
    history = of_real_order(draws, 0)
    assert isinstance(search(history, 0, register), Linearizable)
    assert isinstance(search([*history, event(0, 10_000, ("read",), -1)], 0, register), NotLinearizable)
