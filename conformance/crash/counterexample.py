"""How a crash is told: the system call, what was acknowledged, the files at that moment, and what a reader saw."""

import errno
from collections.abc import Iterator

from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.wording import actual_lines, beginning, expected_lines, indented, message_of
from conformance.crash.crash import AtEnd, Crash, Killed, KilledAtRandom, PowerLost, Refused
from conformance.crash.scenarios import OPENING
from conformance.crash.states import StateText
from conformance.harness.halting import halting_expression, halting_words
from conformance.probes.syscalls import Cut, Stop
from conformance.probes.syscalls.stops import TO_SERVER
from conformance.programs.calls import call
from conformance.programs.operations import Get, Move, Reopen
from conformance.programs.outcomes import short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin

TRIES = 5000
"""How often a script kills at random moments at most."""

CRASH_IMPORTS = tuple(f"import {name}" for name in ("contextlib", "errno", "os", "pathlib", "random", "sys", "time"))
CRASH_KIT = ("NETWORK", "Continue", "Cut", "Kill", "Power", "Refuse", "killed_at", "supervised")

FILES = 12
"""How many files are shown."""


def failure_of_crash(crash: Crash, origin: Origin, shown: int = 1, tried: int = 1) -> Failure:
    """The failure that a crash, or a refused call, is; `shown` of `tried` runs of its scenario showed it.

    What was shown once, and not again though it was tried, is left undecided.
    """
    size = len(crash.scenario.initial) + len(crash.scenario.program)
    script = script_of_crash(crash, origin)
    counterexample = Counterexample(size, _message(crash), script, _headline(crash), shown, tried)
    return Failure(crash.requirement, counterexample, shown_again=shown > 1 or tried == 1)


def _halting_of(crash: Crash, files: str = "place") -> str:
    """What a script is to halt the process at, as an expression; `files` is that of where the files lie."""
    if isinstance(crash.point, AtEnd):
        return halting_expression(TO_SERVER if crash.point.to_server else "", files)
    return halting_expression(crash.stop.text if crash.stop else "", files)


def _headline(crash: Crash) -> str:
    during = f", in {call(crash.during)}" if crash.during is not None else ""
    return f"{crash.scenario.title}: {crash.cause.deed}{during}; {_seen(crash)}"


def _seen(crash: Crash) -> str:
    """What came of it, for a sentence."""
    line = _line_of(crash.actual)
    return f"a reader sees {line}" if line.startswith(("returned", "raised", "opening")) else line


def _line_of(state: StateText) -> str:
    one = len(state) == 1  # words, rather than reads
    return short_text("; ".join(short_text(read, 240 if one else 70) for read in state), 240)


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
    where = f" (number {crash.stop.number} of those {halting_words(_halting_of(crash))})" if crash.stop else ""
    yield f"There {crash.cause.deed}{where}."
    if crash.files:
        yield "The files there at that moment:"
        yield from indented(f"{name}  {size} bytes" for name, size in crash.files[:FILES])
    if len(crash.files) > FILES:
        yield f"    and {len(crash.files) - FILES} more"
    reads = [f"get({key!r})" for key in crash.scenario.keys] + ["list_keys()"]
    if len(crash.actual) == len(reads):
        yield "A reader that opens the store then sees:"
        yield from indented(f"{read} {short_text(one)}" for read, one in zip(reads, crash.actual, strict=True))
    else:
        yield from actual_lines([_line_of(crash.actual)])
    yield from expected_lines([_line_of(state) for state in crash.expected])


def script_of_crash(crash: Crash, origin: Origin) -> str:
    """A script that does the same again: the same call, by its number, is not made.

    It ends with a status other than 0 if the state is neither the one before nor the one after, the id is another,
    or the store does not work any more.
    """
    scenario, cause = crash.scenario, crash.cause
    later = crash.later.keys if crash.later else ()
    reopens = Reopen() in (*scenario.initial, *scenario.program)
    values = {
        "scenario": scenario,
        "reads": [Get(key) for key in dict.fromkeys((*scenario.keys, *later))],
        "first": crash.later,
        "prepares": scenario is not OPENING,
        "number": crash.stop.number if crash.stop else None,
        "watched": Source(_halting_of(crash, origin.files_of("place"))),
        "files": Source(origin.files_of("place")),
        "files_of_image": Source(origin.files_of("image")),
        "watching": Source(halting_words(_halting_of(crash))),
        "action": Source(_action(crash)),
        "dying": f"crash/templates/{_dying(crash)}.py.j2",
        "at_random": crash.point is None,
        "at_end": isinstance(crash.point, AtEnd),
        "rounds": cause.rounds if isinstance(cause, Killed) else 1,
        "seconds": round(cause.seconds, 3) if isinstance(cause, KilledAtRandom) else None,
        "tries": TRIES if crash.point is None else 1,
        "later": cause.later if isinstance(cause, Refused) else None,
        "acknowledged": crash.acknowledged,
        "move": _move_in_steps(crash),
        "reopens": reopens,
        "performing": Source("backend = perform(operation, backend, place)" if reopens else "operation(backend)"),
        "again": _again(crash),
    }
    halting = "" if crash.point is None else " for the halting of a process at a system call, and Linux"
    return render(
        Script(
            crash.requirement,
            origin,
            "crash/templates/crash.py.j2",
            values,
            imports=CRASH_IMPORTS,
            kit=CRASH_KIT,
            needs=f"It needs conformance{halting}.",
        )
    )


def _action(crash: Crash) -> str:
    """What is done to the process at the system call, as an expression."""
    if not isinstance(crash.cause, Refused):
        return "Kill()"
    action = crash.cause.action
    return "Cut()" if isinstance(action, Cut) else f"Refuse(errno.{errno.errorcode[action.errno]})"


def _again(crash: Crash) -> Source | None:
    """What is done at each stop of a second process, as an expression; None where there is no such process."""
    again = crash.cause.again if isinstance(crash.cause, Killed | PowerLost) else None
    if again is None:
        return None
    return Source(
        f"Kill() if stop.number == {again.number} else Continue()" if isinstance(again, Stop) else "Continue()"
    )


def _dying(crash: Crash) -> str:
    """The template that says how the process ends."""
    match crash.cause:
        case Killed(again=Stop()):
            return "killed_recovering"
        case PowerLost(again=Stop() | AtEnd()):
            return "without_power_recovering"
        case KilledAtRandom():
            return "killed_at_random"
        case PowerLost():
            return "without_power"
        case Killed(rounds=rounds) if rounds > 1:
            return "killed_again"
    return "killed"


def _move_in_steps(crash: Crash) -> Move | None:
    """The move that may be seen half done, where that is allowed and there is something to be moved."""
    if not crash.in_steps or not isinstance(crash.during, Move) or len(set(crash.expected)) < 2:
        return None
    return crash.during
