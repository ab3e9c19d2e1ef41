"""How a crash is told: the system call, what was acknowledged, the files at that moment, and what a reader saw."""

import errno
import textwrap

from conformance.counterexamples.script import NOTE
from conformance.counterexamples.wording import beginning, heading
from conformance.crash.crash import Crash, Killed, KilledAtRandom, PowerLost, Refused
from conformance.crash.scenarios import OPENING
from conformance.crash.states import State
from conformance.harness.halting import watched_by_script, watching
from conformance.probes.syscalls import Cut
from conformance.programs.calls import method_call
from conformance.programs.operations import Move, Operation
from conformance.programs.outcomes import short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin

TRIES = 5000
"""How often a script kills at random moments at most."""

IMPORTS = (
    "import contextlib",
    "import errno",
    "import os",
    "import pathlib",
    "import random",
    "import sys",
    "import time",
)
"""What a script needs but for the backend."""

SHOWN = 12
"""How many files are shown."""


def crash_failure(crash: Crash, origin: Origin) -> Failure:
    """The failure that a crash, or a refused call, is."""
    scenario = crash.scenario
    size = len(scenario.initial) + len(scenario.program)
    counterexample = Counterexample(size, crash_message(crash), crash_script(crash, origin), _headline(crash))
    return Failure(crash.requirement, counterexample)


def _call(operation: Operation) -> str:
    return method_call(operation, lambda value: short_text(repr(value), 60))


def _watched(crash: Crash) -> str:
    return watched_by_script(crash.point.text if crash.point else "")


def _headline(crash: Crash) -> str:
    during = _call(crash.during) if crash.during is not None else crash.scenario.title
    return f"{crash.scenario.title}: {crash.cause.deed}, in {during}; a reader sees {_told(crash.actual)}"


def _told(state: State) -> str:
    return short_text("; ".join(short_text(one, 70) for one in state), 240)


def crash_message(crash: Crash) -> str:
    """Requirement, program, the moment, the files there, what may be seen and what is."""
    scenario = crash.scenario
    lines = [heading(crash.requirement), "", *beginning([*map(_call, scenario.initial)], "another process opens it")]
    for number, operation in enumerate(scenario.program):
        done = number < crash.acknowledged
        during = operation is crash.during
        lines.append(f"    {_call(operation)}{'  has returned' if done else '  is in flight' if during else ''}")
    where = f" (number {crash.point.number} of those {watching(_watched(crash))})" if crash.point else ""
    lines += ["", f"There {crash.cause.deed}{where}."]
    lines += ["The files there at that moment:"] if crash.files else []
    lines += [f"    {name}  {size} bytes" for name, size in crash.files[:SHOWN]]
    lines += [f"    and {len(crash.files) - SHOWN} more"] if len(crash.files) > SHOWN else []
    reads = [f"get({key!r})" for key in scenario.keys] + ["list_keys()"]
    if len(crash.actual) == len(reads):
        lines += ["A reader that opens the store then sees:"]
        lines += [f"    {read} {short_text(one)}" for read, one in zip(reads, crash.actual, strict=True)]
    else:
        lines += [f"Came:     {_told(crash.actual)}"]
    for state in crash.expected:
        lines.append(f"Expected: {_told(state)}")
    return "\n".join(lines)


SCRIPT = '''"""{docstring}
It needs conformance{needs}.
"""

{imports}

from conformance.scripting import NETWORK, Continue, {action}, Power, killed_at, supervised

NUMBER = {number}  # of the system call, of those {watching}


def open_backend(place):
    return {opening}


def new_place():
    return places.enter_context({place})


PROGRAM = [
{program}
]


def prepared(place):
    """A store with what was there before; its id."""
    backend = open_backend(place)
{initial}
    return str(backend.store_backend_id)


def state(backend):
    def told(function):
        try:
            return repr(function())
        except Exception as error:
            return type(error).__name__

    return [{reads}, told(lambda: sorted(key for key in backend.list_keys() if key != (".ge_store_backend_id",)))]


def after(count):
    """The state after so many operations, when nothing goes wrong."""
    place = new_place()
    prepared(place)
    backend = open_backend(place)
    for operation in PROGRAM[:count]:
        operation(backend)
    return state(backend)


{half}def run(acknowledge):
    """What the process does."""
    backend = open_backend(place)
    for operation in PROGRAM:
        files = len(os.listdir("/proc/self/fd"))
        try:
            operation(backend)
        except Exception:
            raised = True
        else:
            raised = False
        acknowledge(b"raised" if raised else b"done")
        if raised and len(os.listdir("/proc/self/fd")) > files:
            acknowledge(b"problem: a file is left open")
{later}
    backend.store_backend_id


def on_stop(stop):
    return {action}({argument}) if stop.number == NUMBER else Continue()


until = time.monotonic() + 60
with contextlib.ExitStack() as places:
    for _ in range({tries}):
        place, counts = new_place(), []
        before = prepared(place) if {prepares} else None
{dying}
        problems = [message.decode()[9:] for message in acknowledged if message.startswith(b"problem: ")]
        done = acknowledged.count(b"done")
        for image in images:
            backend = open_backend(image)
            came, allowed = state(backend), [after(done)] + ([after(done + 1)] if done < len(PROGRAM) else []){allowing}
            if came not in allowed:
                problems.append(f"a reader sees {{came}}, expected one of {{allowed}}")
            ids = [str(backend.store_backend_id), str(open_backend(image).store_backend_id)]
            if len(set(ids)) > 1 or "0000-00000000e003" in ids[0] or before not in (None, ids[0]):
                problems.append(f"the ids read are {{ids}}, before it was {{before}}")
            for key in [{keys}]:
                try:
                    backend.set(key, "again")
                    if backend.get(key) != "again" or backend.remove_key(key) is None:
                        problems.append(f"{{key}} does not take a value any more")
                except Exception as error:
                    problems.append(f"{{key}} does not work any more: {{type(error).__name__}}: {{error}}")
        if len(counts) > 1 and all(one < other for one, other in zip(counts, counts[1:])):
            problems.append(f"there are more files after each crash: {{counts}}")
        if problems or time.monotonic() > until:
            break
if problems:
    sys.exit("{requirement} is violated: " + "; ".join(problems)[:2000])
print("{requirement} holds here")
'''

HALF = '''
def half_done():
    """The state in which the move has stored the value under the new key and not yet removed the old one."""
    place = new_place()
    prepared(place)
    backend = open_backend(place)
    for operation in PROGRAM[:{number}]:
        operation(backend)
    value = backend.get({source!r})
    PROGRAM[{number}](backend)
    backend.set({source!r}, value)
    return state(backend)


'''

LATER = """
try:
    backend.{set}
    if backend.get({key!r}) != {value!r} or not backend.remove_key({key!r}):
        acknowledge(b"problem: a later operation does not do what it should")
except Exception as error:
    acknowledge(f"problem: a later operation raises {{type(error).__name__}}".encode())
"""

KILLED = """
acknowledged = supervised(run, {watched}, on_stop).acknowledged
images = [place]
"""

KILLED_AT_RANDOM = """
acknowledged = killed_at(run, random.uniform(0, {seconds:.3f})).acknowledged
images = [place]
"""

KILLED_AGAIN = """
for _ in range({rounds}):
    acknowledged = supervised(run, place, on_stop).acknowledged
    counts.append(len([path for path in pathlib.Path(place).rglob("*") if path.is_file()]))
images = [place]
"""

WITHOUT_POWER = """
with Power(place) as power:  # what was not synced is lost with it
    acknowledged = supervised(run, place, power.watching(on_stop)).acknowledged
    images = [new_place(), new_place()]
    power.image(images[0])
    power.image(images[1], names_kept=True)
"""


def _dying(crash: Crash) -> str:
    match crash.cause:
        case KilledAtRandom(seconds=seconds):
            return KILLED_AT_RANDOM.format(seconds=seconds)
        case PowerLost():
            return WITHOUT_POWER
        case Killed(rounds=rounds) if rounds > 1:
            return KILLED_AGAIN.format(rounds=rounds)
    return KILLED.format(watched=_watched(crash))


def _action(crash: Crash) -> tuple[str, str]:
    """What is done at the system call: the name of a class of the kit, and its argument."""
    if not isinstance(crash.cause, Refused):
        return "Kill", ""
    action = crash.cause.action
    return ("Cut", "") if isinstance(action, Cut) else ("Refuse", f"errno.{errno.errorcode[action.errno]}")


def _later(crash: Crash) -> str:
    """What the process does after the program, if a call was refused."""
    if not isinstance(crash.cause, Refused):
        return ""
    key, value = crash.cause.later.key, crash.cause.later.value
    text = LATER.format(set=f"set({key!r}, {value!r})", key=key, value=value)
    return textwrap.indent(text.strip("\n"), "    ")


def _half(crash: Crash) -> str:
    """What gives the state of a move half done, where that is allowed and there is something to be moved."""
    if not crash.in_steps or not isinstance(crash.during, Move) or len(set(crash.expected)) < 2:
        return ""
    return HALF.format(number=crash.acknowledged, source=crash.during.source).lstrip("\n")


def crash_script(crash: Crash, origin: Origin) -> str:
    """A script that does the same again: the same call, by its number, is not made.

    It ends with a status other than 0 if the state is neither the one before nor the one after, the id is another,
    or the store does not work any more.
    """
    scenario = crash.scenario
    dying = _dying(crash)
    action, argument = _action(crash)
    half = _half(crash)
    program = [f"    lambda backend: {method_call(operation, repr)}," for operation in scenario.program]
    return SCRIPT.format(
        docstring=f"{heading(crash.requirement)}\n\n{NOTE}",
        imports="\n".join(origin.importing(*IMPORTS)),
        action=action,
        argument=argument,
        opening=origin.opening(),
        place=origin.place or "contextlib.nullcontext()",
        program="\n".join(program),
        initial=textwrap.indent("\n".join(method_call(one, repr) for one in scenario.initial) or "pass", "    "),
        prepares=scenario is not OPENING,
        reads=", ".join(f"told(lambda: backend.get({key!r}))" for key in scenario.keys) or "None",
        keys=", ".join(map(repr, scenario.keys)),
        number=crash.point.number if crash.point else 0,
        watching=watching(_watched(crash)),
        needs="" if crash.point is None else " for the halting of a process at a system call, and Linux",
        later=_later(crash),
        half=half,
        allowing=f" + [half_done()] * (done == {crash.acknowledged})" if half else "",
        tries=TRIES if crash.point is None else 1,
        dying=textwrap.indent(dying.strip("\n"), "        "),
        requirement=crash.requirement,
    )
