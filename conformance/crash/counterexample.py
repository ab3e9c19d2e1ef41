"""How a crash is told: the system call, what was acknowledged, the files at that moment, and what a reader saw."""

from collections.abc import Iterator

from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.wording import actual_lines, beginning, expected_lines, indented, message_of
from conformance.crash.crash import CUT, Crash
from conformance.crash.scenarios import OPENING
from conformance.crash.states import State
from conformance.harness.halting import watched_by_script, watching
from conformance.programs.calls import call
from conformance.programs.operations import Get, Move
from conformance.programs.outcomes import short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin

TRIES = 5000
"""How often a script kills at random moments at most."""

IMPORTS = tuple(f"import {name}" for name in ("contextlib", "errno", "os", "pathlib", "random", "sys", "time"))
KIT = ("NETWORK", "Continue", "Cut", "Kill", "Power", "Refuse", "killed_at", "supervised")

FILES = 12
"""How many files are shown."""


def failure_of_crash(crash: Crash, origin: Origin) -> Failure:
    """The failure that a crash, or a refused call, is."""
    scenario = crash.scenario
    size = len(scenario.initial) + len(scenario.program)
    counterexample = Counterexample(size, _message(crash), script_of_crash(crash, origin), _headline(crash))
    return Failure(crash.requirement, counterexample)


def _watching(crash: Crash) -> str:
    return watching(watched_by_script(crash.call))


def _deed(crash: Crash) -> str:
    where = short_text(crash.call, 110)
    if crash.at_random:
        return "the process is killed at a random moment"
    if crash.refused == CUT:
        return f"the connection is cut before {where}"
    if crash.refused:
        return f"the system refuses {where} with {crash.refused}"
    return f"{'power is lost' if crash.power else 'the process is killed'} before {where}"


def _headline(crash: Crash) -> str:
    during = call(crash.during) if crash.during is not None else crash.scenario.title
    return f"{crash.scenario.title}: {_deed(crash)}, in {during}; a reader sees {_line_of(crash.came)}"


def _line_of(state: State) -> str:
    return short_text("; ".join(short_text(one, 70) for one in state), 240)


def _message(crash: Crash) -> str:
    """Requirement, program, the moment, the files there, what may be seen and what is."""
    begin = beginning(crash.scenario.initial, "another process opens it")
    return message_of(crash.requirement, [*begin, *indented(_program(crash))], _moment(crash))


def _program(crash: Crash) -> Iterator[str]:
    for number, operation in enumerate(crash.scenario.program):
        done = number < crash.acknowledged
        state = "  has returned" if done else "  is in flight" if operation is crash.during else ""
        yield f"{call(operation)}{state}"


def _moment(crash: Crash) -> Iterator[str]:
    where = "" if crash.at_random else f" (number {crash.number} of those {_watching(crash)})"
    yield f"There {_deed(crash)}{where}."
    if crash.files:
        yield "The files there at that moment:"
        yield from indented(f"{name}  {size} bytes" for name, size in crash.files[:FILES])
    if len(crash.files) > FILES:
        yield f"    and {len(crash.files) - FILES} more"
    reads = [f"get({key!r})" for key in crash.scenario.keys] + ["list_keys()"]
    if len(crash.came) == len(reads):
        yield "A reader that opens the store then sees:"
        yield from indented(f"{read} {short_text(one)}" for read, one in zip(reads, crash.came, strict=True))
    else:
        yield from actual_lines([_line_of(crash.came)])
    yield from expected_lines([_line_of(state) for state in crash.expected])


def script_of_crash(crash: Crash, origin: Origin) -> str:
    """A script that does the same again: the same call, by its number, is not made.

    It ends with a status other than 0 if the state is neither the one before nor the one after, the id is another,
    or the store does not work any more.
    """
    scenario = crash.scenario
    values = {
        "scenario": scenario,
        "reads": [Get(key) for key in scenario.keys],
        "prepares": scenario is not OPENING,
        "number": crash.number,
        "watched": Source(watched_by_script(crash.call)),
        "watching": Source(_watching(crash)),
        "action": Source(_action(crash)),
        "dying": f"crash/templates/{_dying(crash)}.py.j2",
        "at_random": crash.at_random,
        "rounds": crash.rounds,
        "seconds": round(crash.seconds, 3),
        "tries": TRIES if crash.at_random else 1,
        "later": crash.later,
        "acknowledged": crash.acknowledged,
        "move": _move_in_steps(crash),
    }
    halting = "" if crash.at_random else " for the halting of a process at a system call, and Linux"
    return render(
        Script(
            crash.requirement,
            origin,
            "crash/templates/crash.py.j2",
            values,
            imports=IMPORTS,
            kit=KIT,
            needs=f"It needs conformance{halting}.",
        )
    )


def _action(crash: Crash) -> str:
    """What is done to the process at the system call, as an expression."""
    if crash.refused == CUT:
        return "Cut()"
    return f"Refuse(errno.{crash.refused})" if crash.refused else "Kill()"


def _dying(crash: Crash) -> str:
    """The template that says how the process ends."""
    if crash.at_random:
        return "killed_at_random"
    return "without_power" if crash.power else "killed_again" if crash.rounds > 1 else "killed"


def _move_in_steps(crash: Crash) -> Move | None:
    """The move that may be seen half done, where that is allowed and there is something to be moved."""
    if not crash.in_steps or not isinstance(crash.during, Move) or len(set(crash.expected)) < 2:
        return None
    return crash.during
