"""How a race is told: a timeline, what came, why no order explains it, and a script that does the same again."""

import linecache
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.concurrent.pairs.pairs import AtCall, AtLine, OneByOne, Race, Transcript, Where, is_answer, reads_after
from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.timeline import Span, timeline_lines
from conformance.counterexamples.wording import actual_lines, beginning, expected_lines, indented, many, message_of
from conformance.harness.halting import halting_expression, halting_words
from conformance.programs.calls import call
from conformance.programs.outcomes import Outcome, short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin
from spec_store.requirements import RequirementId

STEP = 8
"""How long a call runs on a timeline before it is stopped, or goes on."""


def failure_of_race(race: Race, origin: Origin, failures: int, tries: int) -> Failure:
    """The failure that a race is; replaying it showed it in `failures` of `tries` tries."""
    script = script_of_race(race, origin)
    return Failure(
        race.requirement, Counterexample(race.size, _message(race), script, _headline(race), failures, tries)
    )


def _place_of(where: Where) -> str:
    """The moment of the first call at which the second one ran, for a sentence."""
    if isinstance(where, AtCall):
        return short_text(where.text, 110)
    if isinstance(where, OneByOne):
        return "no moment"
    line = f"line {where.line} of {Path(where.file).name}"
    return line if where.event == "line" else f"the call of {where.calling} in {line}"


def _place_in_full(where: Where) -> str:
    """The same with the text of the line."""
    if not isinstance(where, AtLine):
        return _place_of(where)
    return f"{_place_of(where)}:  {linecache.getline(where.file, where.line).strip()}"


def _moment(where: Where, files: str) -> dict[str, Any]:
    """What a template prints of it; `files` is the expression of where the files of a place lie."""
    if isinstance(where, AtLine):
        names = ("line", "occurrence", "event", "calling")
        return {"file": Path(where.file).name, **{name: getattr(where, name) for name in names}}
    if isinstance(where, OneByOne):
        return {"who": where.who, "swapped": where.swapped}
    watched = halting_expression(where.text, files)
    of_files = watched == files
    return {
        "number": where.number,
        "watched": Source(watched),
        "watching": Source(halting_words(watched)),
        "reached": Source(f"Accesses({files})" if of_files else watched),
        "reaching": Source("that reach the place and are worth a try" if of_files else halting_words(watched)),
    }


def _headline(race: Race) -> str:
    first, second = call(race.pair.first), call(race.pair.second)
    if race.stuck:
        how = "one after the other" if isinstance(race.where, OneByOne) else f"at {_place_of(race.where)}"
        return f"{first} and {second}, {how}: {race.stuck}"
    return f"{second} at {_place_of(race.where)}, inside {first}: no order explains what came"


def _message(race: Race) -> str:
    """Requirement, timeline, what came, and what each of the two orders would have given."""
    calls = call(race.pair.first), call(race.pair.second)
    if isinstance(race.where, OneByOne):
        ordered = reversed(calls) if race.where.swapped else calls
        begin = beginning(race.pair.initial, "one after the other")
        return message_of(race.requirement, begin, indented(ordered), [f"Actual: {race.stuck}."])
    begin = beginning(race.pair.initial, f"two {many(race.who)} at once")
    times = _times(race.where, calls, waited=race.waited)
    if race.stuck:
        return message_of(race.requirement, begin, times, [f"Actual: {race.stuck}."])
    actual = ["Actual:", *indented(_outcomes(race, race.seen))]
    return message_of(race.requirement, begin, times, actual, _orders(race))


def _times(where: Where, calls: tuple[str, str], *, waited: bool) -> list[str]:
    """Both calls on a timeline: the second one ends while the first one is stopped, or waits until that goes on."""
    who = where.who
    resume = 2 * STEP + 2
    end = resume + 1 + STEP if waited else resume
    spans = (
        Span(f"{who} 1", calls[0], 0, resume + STEP, rest=(STEP, resume)),
        Span(f"{who} 2", calls[1], STEP + 2, end, rest=(resume, resume + waited)),
    )
    lines = [f"{who} 1 is stopped before {_place_in_full(where)}"]
    if waited:
        lines.append(f"{who} 2 waits for it, so {who} 1 goes on before it ends")
    return [*timeline_lines(spans, max(span.end for span in spans)), *indented(lines)]


def _outcomes(race: Race, seen: Transcript) -> list[str]:
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
        "first_answers": is_answer(pair.first),
        "second_answers": is_answer(pair.second),
        "reads": reads_after(pair),
    }
    return _script("pair", race.where, {**values, "stuck": bool(race.stuck)}, race.requirement, origin)


def _script(what: str, where: Where, values: Mapping[str, Any], requirement: RequirementId, origin: Origin) -> str:
    """The script of a "pair" or of an "opening", the first of the two stopped in its thread, or its process."""
    how = "one_by_one" if isinstance(where, OneByOne) else f"of_{many(where.who)}"
    needs = "It needs conformance for the halting of a process at a system call, and Linux."
    return render(
        Script(
            requirement,
            origin,
            f"concurrent/pairs/templates/{what}_{how}.py.j2",
            {**values, **_moment(where, origin.files_of("place"))},
            imports=("import contextlib", "import faulthandler", "import sys", "import threading"),
            kit=("NETWORK", "Accesses", "Continue", "WorthATry", "supervised"),
            needs=needs if isinstance(where, AtCall) else "",
        )
    )


def failure_of_opening(where: Where, ids: tuple[Outcome, ...], origin: Origin) -> Failure:
    """The failure that two openings of one empty place do not give one id (ID-9).

    Args:
        where: the moment of the first opening at which the second one was made.
        ids: what the two read, and what one reads that is opened afterwards.
        origin: how to open the backend.
    """
    who = where.who
    names = (f"{who} 1, stopped there,", f"{who} 2, meanwhile,", "one that is opened afterwards")
    message = message_of(
        "ID-9",
        [f"Two {many(who)} open one empty place and read store_backend_id:", *_times(where, ("", ""), waited=False)],
        [
            *expected_lines(["one id."]),
            *actual_lines([f"{name} {outcome}" for name, outcome in zip(names, ids, strict=True)]),
        ],
    )
    script = _script("opening", where, {}, "ID-9", origin)
    headline = f"two openings of one empty place at once, one at {short_text(_place_in_full(where), 110)}: not one id"
    return Failure("ID-9", Counterexample(2, message, script, headline))
