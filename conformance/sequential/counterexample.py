"""How a violation that a program shows is told, and its script, which needs the backend alone."""

import textwrap
from typing import Any

from conformance.counterexamples.script import quotable
from conformance.counterexamples.wording import heading
from conformance.programs.calls import call, source, source_call
from conformance.programs.operations import WRITES, Operation, Program, Reopen, SetMany
from conformance.programs.outcomes import Died, Hung
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
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
from conformance.subject.origin import Origin


def program_script(violation: Violation, origin: Origin, raising: frozenset[int] = frozenset()) -> str:
    """The script of a violation that a program shows.

    Args:
        violation: what to show.
        origin: how to open the backend.
        raising: the numbers of the operations of the setup that raise; their exceptions are passed over.
    """
    body = _body(violation, origin, raising)
    imports = origin.importing("import sys", *_needed_imports(violation, raising))
    lines = [f'"""{_docstring(violation)}"""', "", *imports, ""]
    if isinstance(violation.actual, Died):
        return _in_child(lines, body)
    if isinstance(violation.actual, Hung):
        lines += [
            f"faulthandler.dump_traceback_later({violation.actual.seconds:g}, exit=True)  # ends it with status 1",
            "",
        ]
    return "\n".join([*lines, *body, ""])


def _docstring(violation: Violation) -> str:
    expected = f"Expected: {violation.observation.name} {violation.expected}."
    text = f"{heading(violation.requirement)}\n\n{expected}\nCame:     it {violation.actual}.\n"
    note = "\nThis script ends with a status other than 0 while the fault is there.\n"
    return quotable(textwrap.fill(text.split("\n\n")[0], 110) + "\n\n" + text.split("\n\n", 1)[1] + note)


def _needed_imports(violation: Violation, raising: frozenset[int]) -> set[str]:
    needed = set()
    if raising:
        needed.add("import contextlib")
    if isinstance(violation.expected, AnId):
        needed.add("import uuid")
    if isinstance(violation.actual, Hung):
        needed.add("import faulthandler")
    if isinstance(violation.actual, Died):
        needed.add("import subprocess")
    return needed


def _body(violation: Violation, origin: Origin, raising: frozenset[int]) -> list[str]:
    steps = [f"backend = {origin.opening()}"]
    if isinstance(violation.expected, Unchanged):
        steps.append(f"before = {source_call(violation.observation)}")
    for number, operation in enumerate(violation.setup):
        steps += _step(operation, origin, guarded=number in raising)
    steps += _verdict(violation, origin)
    if not origin.place:
        return steps
    return [f"with {origin.place} as place:", *(textwrap.indent(step, "    ") for step in steps)]


def _step(operation: Operation, origin: Origin, *, guarded: bool) -> list[str]:
    if isinstance(operation, Reopen):
        lines = [f"backend = {origin.opening()}  # again, on the same place"]
    elif isinstance(operation, SetMany):
        key = f"({''.join(f'{element!r}, ' for element in operation.parent)}f'{{number:05}}')"
        lines = [f"for number in range({operation.count}):", f"    backend.set({key}, str(number))"]
    else:
        lines = [source_call(operation)]
    if not guarded:
        return lines
    return ["with contextlib.suppress(Exception):  # it raises", *(f"    {line}" for line in lines)]


def _verdict(violation: Violation, origin: Origin) -> list[str]:
    observation = violation.observation
    if isinstance(observation, SetMany):
        lines = [
            "try:",
            *(f"    {line}" for line in _step(observation, origin, guarded=False)),
            "    came = None",
        ]
    else:
        call = origin.opening() if isinstance(observation, Reopen) else source_call(observation)
        lines = ["try:", f"    came = {call}"]
    told = f"{violation.requirement} is violated: expected {observation.name} {violation.expected}, it "
    return [
        *lines,
        "except Exception as error:",
        "    came = error",
        f"if {negated(violation.expected)}:",
        *_complaint(violation, told),
        f'print("{violation.requirement} holds here")',
    ]


def _complaint(violation: Violation, told: str) -> list[str]:
    if isinstance(violation.expected, Anything):
        return [f"    sys.exit({told + 'raised '!r} + repr(came))"]
    return [
        "    what = 'raised' if isinstance(came, Exception) else 'returned'",
        f"    sys.exit({told!r} + f'{{what}} {{came!r:.300}}')",
    ]


def negated(expected: Demand) -> str:
    """The contrary of an expectation as a Python expression."""
    return "isinstance(came, Exception)" if isinstance(expected, Anything) else f"not ({condition(expected)})"


def condition(expected: Demand) -> str:
    """An expectation as a Python expression over the variable `came` (and `before`)."""
    match expected:
        case Anything():
            return "not isinstance(came, Exception)"
        case Succeeds(kinds=kinds):
            return f"not isinstance(came, Exception) or {condition(Raises(kinds))}"
        case Exactly(value=None):
            return "came is None"
        case Exactly(value=bool() as value):
            return f"came is {value}"
        case Exactly(value=value):
            return f"type(came) is {type(value).__name__} and came == {source(value)}"
        case Lists(keys=keys):
            every = _key_set(sorted(keys))
            return f"isinstance(came, list) and len(came) == {len(keys)} and set(came) == {every}"
        case Bag(values=values):
            shown = ", ".join(source(value) for value in values)
            return f"not isinstance(came, Exception) and sorted(map(repr, came)) == sorted(map(repr, [{shown}]))"
        case Raises(kinds=kinds):
            return f"{{cls.__name__ for cls in type(came).__mro__}} & {{{', '.join(map(repr, sorted(kinds)))}}}"
        case AnId():
            return f"isinstance(came, uuid.UUID) and str(came) != {str(INVALID_ID)!r}"
        case Unchanged():
            return "came == before"


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


def _in_child(lines: list[str], body: list[str]) -> str:
    """A script that runs its body in a process of its own, since that ends it."""
    alive = "print('still alive')"
    watch = [
        "if sys.argv[1:] != ['child']:",
        "    child = subprocess.run([sys.executable, __file__, 'child'], capture_output=True, text=True)",
        "    sys.exit(0 if 'still alive' in child.stdout else f'the process ended: status {child.returncode}')",
        "",
    ]
    return "\n".join([*lines, *watch, *body, alive, ""])


def violation_failure(violation: Violation, origin: Origin, raising: frozenset[int]) -> Failure:
    """The failure that a program shows; `raising` are the operations of its setup that raise."""
    return Failure(
        violation.requirement,
        Counterexample(
            violation.size,
            message_of(violation),
            program_script(violation, origin, raising),
            sentence(violation),
            violation.shown,
            violation.tried,
        ),
        foreign=any(isinstance(one, WRITES) and not isinstance(one.value, str) for one in violation.setup),
    )


def message_of(violation: Violation) -> str:
    """Requirement, program, what was expected and what came."""
    lines = [heading(violation.requirement), "", "On a new, empty store:"]
    lines += [f"    {call(operation)}" for operation in (*violation.setup, violation.observation)]
    lines += ["", f"Expected: the last line {violation.expected}.", f"Came:     it {violation.actual}."]
    if violation.shown < violation.tried:
        lines.append(f"Seen in {violation.shown} of {violation.tried} tries.")
    return "\n".join(lines)


def told(finding: Finding, program: Program) -> str:
    """A finding in some lines, for a failing test."""
    lines = [heading(finding.requirement), "", "On a new, empty store:"]
    lines += [f"    {call(operation)}" for operation in program[: finding.step]]
    if not program or finding.observation != program[finding.step - 1]:
        lines.append(f"    {call(finding.observation)}")
    lines += [f"expected {call(finding.observation)} {finding.expected}", f"it {finding.actual}"]
    return "\n".join(lines)


def sentence(violation: Violation) -> str:
    """What happened, in one sentence."""
    after = "; ".join(call(operation) for operation in violation.setup)
    came = f"{call(violation.observation)} {violation.actual}, expected {violation.expected}"
    return f"after {after}: {came}" if after else came
