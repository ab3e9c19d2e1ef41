"""How a violation that a program shows is told, and its script, which needs the backend alone."""

import inspect
from typing import Any

from conformance.counterexamples.literals import written
from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.wording import (
    abridged,
    actual_lines,
    expected_lines,
    indented,
    message_of,
    program_lines,
    sentence,
    tries_line,
)
from conformance.programs.calls import call, method_call, program_calls
from conformance.programs.operations import OPENS, WRITES, Operation, Program, Reopen, SetMany, Switch, Wait
from conformance.programs.outcomes import Died, Hung, Outcome
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.sequential.differences import told_difference
from conformance.sequential.expectations import (
    INVALID_ID,
    AnId,
    Anything,
    Bag,
    Demand,
    Exactly,
    Lists,
    Raises,
    Succeeds,
    Unchanged,
)
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.relating import told_relation
from conformance.subject.origin import Origin
from conformance.system.clocks import MOVING

CLOCKS = """import datetime as dt
import time
from collections.abc import Callable
from typing import Any"""

MOVABLE = "move_ahead = moved_clocks()  # before the backend is imported, so that it has kept no other clock"
"""What a script needs to move the clocks, beside the functions for that."""

PROGRAM_IMPORTS = tuple(
    f"import {name}" for name in ("contextlib", "faulthandler", "subprocess", "sys", "time", "uuid")
)


def script_of_violation(violation: Violation, origin: Origin, raising: frozenset[int] = frozenset()) -> str:
    """The script of a violation that a program shows.

    Args:
        violation: what to show.
        origin: how to open the backend.
        raising: the numbers of the operations of the setup that raise; their exceptions are passed over.
    """
    observation, expected = violation.observation, violation.expected
    setup = enumerate(violation.setup)
    opened = violation.setup.index(Switch()) if Switch() in violation.setup else None
    values = {
        "has_place": bool(origin.place),
        "dies": isinstance(violation.actual, Died),
        "hangs_for": _hangs_for(violation.actual),
        "before": observation if isinstance(expected, Unchanged) else None,
        "setup": [
            second_opening(origin) if number == opened else _statement(operation, origin, guarded=number in raising)
            for number, operation in setup
        ],
        "observation": _observation(observation, origin),
        "wrong": Source(negated(expected)),
        "complaint": f"{violation.requirement} is violated: expected {observation.name} {expected}, it ",
        "must_return": isinstance(expected, Anything),
    }
    facts = (*expected_lines([f"{observation.name} {expected}."]), *actual_lines([f"it {violation.actual}."]))
    template = "sequential/templates/program.py.j2"
    moved = any(isinstance(operation, Wait) and not operation.really for operation in violation.setup)
    first = moving_clocks() if moved else Source("")
    return render(Script(violation.requirement, origin, template, values, PROGRAM_IMPORTS, facts=facts, first=first))


def moving_clocks() -> Source:
    """What a script begins with whose clocks are moved."""
    functions = "\n\n".join(inspect.getsource(function) for function in MOVING)
    return Source(f"{CLOCKS}\n\n{functions}\n\n{MOVABLE}\n")


def second_opening(origin: Origin) -> list[Source]:
    """The line that opens a second backend, which is called from then on."""
    return [Source(f"backend, other = {origin.opening()}, backend  # both are open on one place")]


def _statement(operation: Operation, origin: Origin, *, guarded: bool) -> list[Source]:
    """The lines that perform an operation; `guarded`, where it raises."""
    if isinstance(operation, Reopen):
        lines = [f"backend = {origin.opening()}  # again, on the same place"]
    elif isinstance(operation, Switch):
        lines = ["backend, other = other, backend"]
    elif isinstance(operation, Wait):
        lines = [call(operation)]
    elif isinstance(operation, SetMany):
        key = f"({''.join(f'{element!r}, ' for element in operation.parent)}f'{{number:05}}')"
        lines = [f"for number in range({operation.count}):", f"    backend.set({key}, str(number))"]
    else:
        lines = [method_call(operation, written)]
    if guarded:
        lines = ["with contextlib.suppress(Exception):  # it raises", *indented(lines)]
    return [Source(line) for line in lines]


def _observation(operation: Operation, origin: Origin) -> list[Source]:
    """The lines that give `actual` what the last operation returns."""
    if isinstance(operation, SetMany):
        return [*_statement(operation, origin, guarded=False), Source("actual = None")]
    return [Source(f"actual = {origin.opening() if isinstance(operation, OPENS) else method_call(operation, written)}")]


def negated(expected: Demand) -> str:
    """The contrary of an expectation as a Python expression."""
    return "isinstance(actual, Exception)" if isinstance(expected, Anything) else f"not ({condition(expected)})"


def condition(expected: Demand) -> str:
    """An expectation as a Python expression over the variable `actual` (and `before`)."""
    match expected:
        case Anything():
            return "not isinstance(actual, Exception)"
        case Succeeds(kinds=kinds):
            return f"not isinstance(actual, Exception) or {condition(Raises(kinds))}"
        case Exactly(value=None):
            return "actual is None"
        case Exactly(value=bool() as value):
            return f"actual is {value}"
        case Exactly(value=float() as value):
            return (
                f"type(actual) is float and repr(actual) == {repr(value)!r}"  # to ==, nan is not nan, and -0.0 is 0.0
            )
        case Exactly(value=value):
            cls = type(value)
            known = cls.__module__ == "builtins"
            kind = f"type(actual) is {cls.__name__}" if known else f"type(actual).__name__ == {cls.__name__!r}"
            return f"{kind} and actual == {written(value)}"
        case Lists(keys=keys):
            every = _key_set(sorted(keys))
            return f"isinstance(actual, list) and len(actual) == {len(keys)} and set(actual) == {every}"
        case Bag(values=values):
            bag = ", ".join(written(value) for value in values)
            return f"not isinstance(actual, Exception) and sorted(map(repr, actual)) == sorted(map(repr, [{bag}]))"
        case Raises(kinds=kinds):
            return f"{{cls.__name__ for cls in type(actual).__mro__}} & {{{', '.join(map(repr, sorted(kinds)))}}}"
        case AnId():
            return f"isinstance(actual, uuid.UUID) and str(actual) != {str(INVALID_ID)!r}"
        case Unchanged():
            return "actual == before"


def _key_set(keys: list[Any]) -> str:
    if len(keys) < 20:
        return f"{{{', '.join(map(repr, keys))}}}" if keys else "set()"
    parent = keys[len(keys) // 2][:-1]
    many = [(*parent, f"{number:05}") for number in range(len(keys))]
    inside = [key for key in many if key in set(keys)]
    rest = sorted(set(keys) - set(inside))
    comprehension = (
        f"({''.join(f'{element!r}, ' for element in parent)}f'{{number:05}}') for number in range({len(inside)})"
    )
    return f"{{{comprehension}}} | {{{', '.join(map(repr, rest))}}}" if rest else f"{{{comprehension}}}"


def failure_of_violation(violation: Violation, origin: Origin, raising: frozenset[int]) -> Failure:
    """The failure that a program shows; `raising` are the operations of its setup that raise."""
    return Failure(
        violation.requirement,
        Counterexample(
            violation.size,
            _message(violation),
            script_of_violation(violation, origin, raising),
            _headline(violation),
            violation.shown,
            violation.tried,
        ),
        foreign=any(isinstance(one, WRITES) and not isinstance(one.value, str) for one in violation.setup),
        shown_again=violation.shown > 0,
    )


def _message(violation: Violation) -> str:
    """Requirement, program, what was expected and what came."""
    facts = [
        *expected_lines([f"the last line {violation.expected}."]),
        *actual_lines([f"it {violation.actual}."]),
        *told_difference(violation.expected, violation.actual),
        *_how_often(violation),
        *([violation.remark] if violation.remark else []),
        *filter(None, [told_relation(violation)]),
    ]
    lines = program_lines((*violation.setup, violation.observation))
    return message_of(violation.requirement, abridged(lines), facts)


def _how_often(violation: Violation) -> list[str]:
    """In how many replays it was seen, where that is not all of them."""
    if not violation.shown:
        return [f"It was seen in the run, and in none of {violation.tried} replays of all that was called there."]
    return [tries_line(violation.shown, violation.tried)] if violation.shown < violation.tried else []


def message_of_finding(finding: Finding, program: Program) -> str:
    """A finding in some lines, for a failing test."""
    begun = program[: finding.step]
    if not program or finding.observation != program[finding.step - 1]:
        begun = (*begun, finding.observation)
    facts = [f"expected {call(finding.observation)} {finding.expected}", f"it {finding.actual}"]
    return message_of(finding.requirement, [*program_lines(begun), *facts])


def _headline(violation: Violation) -> str:
    """What happened, in one sentence."""
    after = "; ".join(program_calls(violation.setup))
    text = f"{sentence(violation.observation, violation.actual)}, expected {violation.expected}"
    return f"after {after}: {text}" if after else text


def _hangs_for(actual: Outcome) -> float | None:
    """For how many seconds a script waits for an operation that hangs; None where it ends, if by raising late."""
    return actual.seconds if isinstance(actual, Hung) and not actual.text else None
