"""How a race is told: a timeline, what came, why no order explains it, and a script that does the same again."""

import linecache
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from conformance.concurrent.pairs.pairs import Race, Seen, answers, reads_after
from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.timeline import Span, timeline_lines
from conformance.counterexamples.wording import actual_lines, beginning, expected_lines, indented, many, message_of
from conformance.harness.halting import watched_by_script, watching
from conformance.programs.calls import call
from conformance.programs.outcomes import Outcome, short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin
from spec_store.requirements import RequirementId

STEP = 8
"""How long a call runs on a timeline before it is stopped, or goes on."""


@attrs.frozen
class _AtLine:
    """A thread is stopped before a line, when that is reached for the time that `occurrence` says."""

    file: str
    line: int
    occurrence: int
    who: str = "thread"

    def __str__(self) -> str:
        return f"line {self.line} of {Path(self.file).name}"

    @property
    def in_full(self) -> str:
        """The line, with its text."""
        return f"{self}:  {linecache.getline(self.file, self.line).strip()}"

    @property
    def values(self) -> dict[str, Any]:
        """What a template prints of it."""
        return {"file": Path(self.file).name, "line": self.line, "occurrence": self.occurrence}


@attrs.frozen
class _AtCall:
    """A process is halted before a system call, by its number."""

    text: str
    number: int
    who: str = "process"

    def __str__(self) -> str:
        return short_text(self.text, 110)

    @property
    def in_full(self) -> str:
        """The call, as far as a line goes."""
        return str(self)

    @property
    def values(self) -> dict[str, Any]:
        """What a template prints of it."""
        watched = watched_by_script(self.text)
        return {"number": self.number, "watched": Source(watched), "watching": Source(watching(watched))}


_Where: TypeAlias = _AtLine | _AtCall


def failure_of_race(race: Race, origin: Origin, failures: int, tries: int) -> Failure:
    """The failure that a race is; replaying it showed it in `failures` of `tries` tries."""
    script = script_of_race(race, origin)
    return Failure(
        race.requirement, Counterexample(race.size, _message(race), script, _headline(race), failures, tries)
    )


def _where_of(race: Race) -> _Where:
    return _AtCall(race.call, race.at) if race.call else _AtLine(race.file, race.line, race.occurrence)


def _headline(race: Race) -> str:
    first, second = call(race.pair.first), call(race.pair.second)
    if race.stuck:
        return f"{second}, while {first} is stopped, does not end"
    return f"{second} at {_where_of(race)}, inside {first}: no order explains what came"


def _message(race: Race) -> str:
    """Requirement, timeline, what came, and what each of the two orders would have given."""
    begin = beginning(race.pair.initial, f"two {many(race.who)} at once")
    calls = call(race.pair.first), call(race.pair.second)
    times = _times(_where_of(race), calls, waited=race.waited)
    if race.stuck:
        return message_of(race.requirement, begin, times, [f"Actual: the second one is {race.stuck}."])
    actual = ["Actual:", *indented(_outcomes(race, race.seen))]
    return message_of(race.requirement, begin, times, actual, _orders(race))


def _times(where: _Where, calls: tuple[str, str], *, waited: bool) -> list[str]:
    """Both calls on a timeline: the second one ends while the first one is stopped, or waits until that goes on."""
    who = where.who
    resume = 2 * STEP + 2
    end = resume + 1 + STEP if waited else resume
    spans = (
        Span(f"{who} 1", calls[0], 0, resume + STEP, rest=(STEP, resume)),
        Span(f"{who} 2", calls[1], STEP + 2, end, rest=(resume, resume + waited)),
    )
    lines = [f"{who} 1 is stopped before {where.in_full}"]
    if waited:
        lines.append(f"{who} 2 waits for it, so {who} 1 goes on before it ends")
    return [*timeline_lines(spans, max(span.end for span in spans)), *indented(lines)]


def _outcomes(race: Race, seen: Seen) -> list[str]:
    """What came of the two operations and of the reads after them."""
    reads = [f"afterwards: {call(operation)}" for operation in reads_after(race.pair)]
    names = [f"{race.who} 1: {call(race.pair.first)}", f"{race.who} 2: {call(race.pair.second)}", *reads]
    return [f"{name} {verb} {value}" for name, (verb, value) in zip(names, seen, strict=True)]


def _orders(race: Race) -> Iterator[str]:
    """What each order would have given, where that differs from what came."""
    yield "No order of the two explains it:"
    for number, order in enumerate(race.orders, 1):
        yield f"    {race.who} {number} first, it would have been:"
        outcomes = zip(_outcomes(race, order), order, race.seen, strict=True)
        yield from indented((line for line, expected, actual in outcomes if expected != actual), 2)


def script_of_race(race: Race, origin: Origin) -> str:
    """A plain Python script that ends with a status other than 0 while the race is there.

    It stops the first operation at the same place. For threads it needs the backend alone; for processes, the kit,
    which halts one at a system call.
    """
    pair = race.pair
    values = {
        "pair": pair,
        "first_answers": answers(pair.first),
        "second_answers": answers(pair.second),
        "reads": reads_after(pair),
    }
    return _script("pair", _where_of(race), values, race.requirement, origin)


def _script(what: str, where: _Where, values: Mapping[str, Any], requirement: RequirementId, origin: Origin) -> str:
    """The script of a "pair" or of an "opening", the first of the two stopped in its thread, or its process."""
    needs = "It needs conformance for the halting of a process at a system call, and Linux."
    return render(
        Script(
            requirement,
            origin,
            f"concurrent/pairs/templates/{what}_of_{many(where.who)}.py.j2",
            {**values, **where.values},
            imports=("import contextlib", "import sys", "import threading"),
            kit=("NETWORK", "Continue", "supervised"),
            needs=needs if isinstance(where, _AtCall) else "",
        )
    )


def failure_of_opening(who: str, where: tuple[str, int, int], ids: tuple[Outcome, ...], origin: Origin) -> Failure:
    """The failure that two openings of one empty place do not give one id (ID-9).

    Args:
        who: what opens it: a "thread" or a "process".
        where: for threads, the file and the line before which the first one was stopped, and how often that line had
            been reached; for processes, the system call, 0, and its number.
        ids: what the two read, and what one reads that is opened afterwards.
        origin: how to open the backend.
    """
    text, line, number = where
    moment = _AtLine(text, line, number) if who == "thread" else _AtCall(text, number)
    names = (f"{who} 1, stopped there,", f"{who} 2, meanwhile,", "one that is opened afterwards")
    message = message_of(
        "ID-9",
        [f"Two {many(who)} open one empty place and read store_backend_id:", *_times(moment, ("", ""), waited=False)],
        [
            *expected_lines(["one id."]),
            *actual_lines([f"{name} {outcome}" for name, outcome in zip(names, ids, strict=True)]),
        ],
    )
    script = _script("opening", moment, {}, "ID-9", origin)
    headline = f"two openings of one empty place at once, one at {short_text(moment.in_full, 110)}: not one id"
    return Failure("ID-9", Counterexample(2, message, script, headline))
