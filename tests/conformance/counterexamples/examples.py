"""A script from each template, about a key and a value of the caller's choice."""

import errno
from collections.abc import Callable

from conformance.checks.catalogue import CASES
from conformance.checks.counterexample import Plain, reads_source, script_of_case
from conformance.concurrent.load.counterexample import Found, script_of_run
from conformance.concurrent.load.rounds import Round, RoundResult
from conformance.concurrent.pairs.counterexample import failure_of_opening, script_of_race
from conformance.concurrent.pairs.pairs import AtCall, AtLine, OneByOne, Pair, Race, Where
from conformance.crash.counterexample import script_of_crash
from conformance.crash.crash import Cause, Crash, Killed, KilledAtRandom, PowerLost, Refused
from conformance.crash.scenarios import OPENING, Scenario
from conformance.probes.syscalls import Cut, Refuse, Stop
from conformance.probes.syscalls.stops import TO_SERVER
from conformance.programs.operations import (
    Add,
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Switch,
)
from conformance.programs.outcomes import Died, Hung, Outcome, Raised, Returned
from conformance.sequential.counterexample import script_of_violation
from conformance.sequential.expectations import AnId, Anything, Demand, Exactly, Lists, Raises, Unchanged
from conformance.sequential.findings import Finding, Violation
from conformance.subject.origin import Origin
from conformance.subject.subject import Claims
from spec_store import Key

ORIGIN = Origin(
    ("import tempfile", "from spec_store.backends import FilesystemStoreBackend"),
    "FilesystemStoreBackend(place{options})",
    "tempfile.TemporaryDirectory()",
)
IN_MEMORY = Origin(("from spec_store import InMemoryStoreBackend",), "InMemoryStoreBackend({options})")
SEEN = (("returned", "None"),) * 5
OTHER = ("other",)

Example = Callable[[Key, str], str]


LINE = AtLine("/there/store.py", 7, 2, 3)


def _race(where: Where) -> Example:
    def script(key: Key, value: str) -> str:
        pair = Pair((Set(key, value),), Move(key, OTHER), RemoveKey(key))
        return script_of_race(Race(pair, where, False, SEEN, (SEEN, SEEN)), ORIGIN)

    return script


def _opening(where: Where) -> Example:
    def script(key: Key, value: str) -> str:
        ids: tuple[Outcome, ...] = (Returned(value), Raised("StoreBackendError", value), Returned(key))
        return failure_of_opening(where, ids, IN_MEMORY).counterexample.script

    return script


def _load(who: str) -> Example:
    def script(key: Key, value: str) -> str:
        clients = ((Add(key, value), Get(key), Move(key, OTHER)), (HasKey(key), RemoveKey(key), ListKeys(key)))
        return script_of_run(Found("LIN-1", RoundResult(Round((Set(key, value),), clients)), who), Claims(), IN_MEMORY)

    return script


def _point(text: str = "rename()") -> Stop:
    return Stop(3, "rename", (), 1, (), (), text)


def _crash(cause: Callable[[Set], Cause], *, in_steps: bool = False, opens: bool = False) -> Example:
    """A move that is crashed; `cause` is given a set of what goes into the script."""

    def script(key: Key, value: str) -> str:
        move = Move(key, OTHER)
        scenario = OPENING if opens else Scenario("a move", (Set(key, value),), (move,))
        during = None if opens else move
        states = ((f"returned {value!r}", "[]"), ("raised InvalidKeyError", "[]"))
        crash = Crash(
            "CRASH-2", scenario, during, cause(Set(key, value)), 0, ((value, 3),), states, states[0], in_steps
        )
        return script_of_crash(crash, ORIGIN)

    return script


def _program(expected: Demand | None, actual: Outcome, origin: Origin, last: str = "get") -> Example:
    def script(key: Key, value: str) -> str:
        setup = (Set(key, value), Reopen(), SetMany(key, 30), Switch(), Move(key, OTHER), Switch())
        wanted = Exactly(value) if expected is None else expected
        last_ones: dict[str, Operation] = {
            "get": Get(key),
            "reopen": Reopen(),
            "switch": Switch(),
            "many": SetMany(key, 30),
            "list": ListKeys(key),
        }
        observation = last_ones[last]
        finding = Finding("GET-1", "lost", 1, observation, observation, wanted, actual)
        violation = Violation("GET-1", setup, observation, wanted, actual, finding)
        return script_of_violation(violation, origin, frozenset({0, 2}))

    return script


def _check(values: tuple[object, ...], *, spawning: bool) -> Example:
    def script(key: Key, value: str) -> str:
        case = next(case for case in CASES if reads_source(case) == spawning)
        return script_of_case(case, ORIGIN, Plain((*values, value, key)) if values else Plain(keys=(key,)))

    return script


EXAMPLES: dict[str, Example] = {
    "pair of threads": _race(LINE),
    "pair of processes": _race(AtCall("write('<place>/x', 3 bytes)", 3)),
    "pair of processes on a server": _race(AtCall(f"sendto({TO_SERVER}, 3 bytes)", 3)),
    "pair of threads, one by one": _race(OneByOne("thread", swapped=False)),
    "pair of processes, one by one": _race(OneByOne("process", swapped=True)),
    "opening of threads": _opening(LINE),
    "opening of processes": _opening(AtCall("write()", 3)),
    "threads under load": _load("thread"),
    "processes under load": _load("process"),
    "killed": _crash(lambda _later: Killed(_point()), in_steps=True),
    "killed while it opens": _crash(lambda _later: Killed(_point()), opens=True),
    "killed again and again": _crash(lambda _later: Killed(_point(), rounds=5)),
    "killed at random": _crash(lambda _later: KilledAtRandom(0.25)),
    "without power": _crash(lambda _later: PowerLost(_point())),
    "killed while it recovers": _crash(lambda _later: Killed(_point(), again=_point())),
    "without power while it recovers": _crash(lambda _later: PowerLost(_point(), again=_point())),
    "a call refused": _crash(lambda later: Refused(_point(), Refuse(errno.ENOSPC), later)),
    "the connection cut": _crash(lambda later: Refused(_point(f"sendto({TO_SERVER}, 3 bytes)"), Cut(), later)),
    "a program": _program(None, Raised("InvalidKeyError", 'it\'s """gone"""\\'), ORIGIN),
    "a program that dies": _program(Anything(), Died("signal 11"), ORIGIN),
    "a program that hangs": _program(Anything(), Hung(2.0), IN_MEMORY),
    "a program that ends with many": _program(Raises(frozenset({"TypeError"})), Returned(None), IN_MEMORY, "many"),
    "a program that ends with an opening": _program(AnId(), Returned("no id"), IN_MEMORY, "reopen"),
    "a program that ends with a second opening": _program(Anything(), Raised("OSError"), IN_MEMORY, "switch"),
    "a program that compares": _program(Unchanged(), Returned([]), ORIGIN, "list"),
    "a program that lists": _program(Lists(frozenset({OTHER})), Returned([]), ORIGIN, "list"),
    "a check": _check((), spawning=False),
    "a check in two processes": _check((), spawning=True),
    "a check of what takes no text": _check((1, b"2"), spawning=False),
}
"""By what it shows."""
