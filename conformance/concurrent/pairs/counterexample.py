"""How a race is told: a timeline, what came, why no order explains it, and a script that does the same again."""

import linecache
import textwrap
from pathlib import Path

from conformance.concurrent.pairs.pairs import AtCall, AtLine, Race, Seen, Where, answers, reads_after
from conformance.concurrent.pairs.templates import OPENINGS, PROCESSES, PROCESSES_OPEN, THREADS
from conformance.counterexamples.script import NOTE
from conformance.counterexamples.wording import beginning, heading
from conformance.harness.halting import watched_by_script, watching
from conformance.programs.calls import method_call
from conformance.programs.operations import Operation
from conformance.programs.outcomes import Outcome, short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin
from spec_store.requirements import RequirementId

WIDTH = 12


def race_failure(race: Race, origin: Origin, shown: int, tried: int) -> Failure:
    """The failure that a race is; replaying it showed it in `shown` of `tried` tries."""
    return Failure(
        race.requirement,
        Counterexample(race.size, race_message(race), race_script(race, origin), _headline(race), shown, tried),
    )


def _call(operation: Operation) -> str:
    return method_call(operation, repr)


def _statement(operation: Operation) -> str:
    return f"return {_call(operation)}" if answers(operation) else _call(operation)


def _where(where: Where) -> str:
    if isinstance(where, AtCall):
        return short_text(where.text, 110)
    return f"line {where.line} of {Path(where.file).name}"


def _source(where: AtLine) -> str:
    return linecache.getline(where.file, where.line).strip()


def _headline(race: Race) -> str:
    first, second = _call(race.pair.first), _call(race.pair.second)
    if race.stuck:
        return f"{second}, while {first} is stopped, does not end"
    return f"{second} at {_where(race.where)}, inside {first}: no order explains what came"


def race_message(race: Race) -> str:
    """Requirement, timeline, what came, and what each of the two orders would have given."""
    begin = beginning(
        [*map(_call, race.pair.initial)], f"two {race.who}{'es' if isinstance(race.where, AtCall) else 's'} at once"
    )
    lines = [heading(race.requirement), "", *begin, "", *_timeline(race), ""]
    if race.stuck:
        return "\n".join([*lines, f"Came: the second one is {race.stuck}."])
    lines += ["Came:", *(f"    {line}" for line in _told(race, race.seen)), "", "No order of the two explains it:"]
    for order, name in zip(race.orders, (f"{race.who} 1 first", f"{race.who} 2 first"), strict=True):
        lines.append(f"    {name}, it would have been:")
        lines += [f"        {line}" for line in _differences(race, order)]
    return "\n".join(lines)


def _timeline(race: Race) -> list[str]:
    """Who did what from when to when; time goes to the right."""
    first, second = _call(race.pair.first), _call(race.pair.second)
    size = max(len(first), len(second))
    source = f":  {_source(race.where)}" if isinstance(race.where, AtLine) else ""
    end = "." + "=" * WIDTH if race.waited else ""
    return [
        f"    {race.who} 1  {first:{size}}  |{'=' * WIDTH}{'.' * (WIDTH + 2)}{'=' * WIDTH}|",
        f"    {race.who} 2  {second:{size}}  {' ' * (WIDTH + 2)}|{'=' * WIDTH}{end}|",
        f"    {race.who} 1 is stopped before {_where(race.where)}{source}",
        *([f"    {race.who} 2 waits for it, so {race.who} 1 goes on before it ends"] if race.waited else []),
    ]


def _observations(race: Race) -> list[str]:
    reads = [_call(operation) for operation in reads_after(race.pair)]
    first, second = _call(race.pair.first), _call(race.pair.second)
    return [f"{race.who} 1: {first}", f"{race.who} 2: {second}", *(f"afterwards: {read}" for read in reads)]


def _told(race: Race, seen: Seen) -> list[str]:
    names = _observations(race)
    return [f"{name} {verb} {value}" for name, (verb, value) in zip(names, seen, strict=True)]


def _differences(race: Race, order: Seen) -> list[str]:
    told = zip(_told(race, order), order, race.seen, strict=True)
    return [line for line, wanted, came in told if wanted != came]


def race_script(race: Race, origin: Origin) -> str:
    """A plain Python script that ends with a status other than 0 while the race is there.

    It stops the first operation at the same place. For threads it needs the backend alone; for processes, the kit,
    which halts one at a system call.
    """
    pair = race.pair
    values = _common(origin, race.requirement) | {
        "opening": origin.opening(),
        "initial": textwrap.indent("\n".join(map(_call, pair.initial)) or "pass", "    "),
        "first": _statement(pair.first),
        "second": _statement(pair.second),
        "reads": "\n".join(f"        outcome(lambda: {_call(operation)})," for operation in reads_after(pair)),
        "requirement": race.requirement,
    }
    return (PROCESSES if isinstance(race.where, AtCall) else THREADS).format(**values, **_moment(race.where))


def _moment(where: Where) -> dict[str, object]:
    """What a script says of the moment of the first operation at which the second one runs."""
    if isinstance(where, AtCall):
        watched = watched_by_script(where.text)
        return {"number": where.number, "watched": watched, "watching": watching(watched)}
    return {"file": Path(where.file).name, "line": where.line, "occurrence": where.occurrence}


def _common(origin: Origin, requirement: RequirementId) -> dict[str, str]:
    return {
        "docstring": f"{heading(requirement)}\n\n{NOTE}\n",
        "imports": "\n".join(origin.importing("import contextlib", "import sys", "import threading")),
        "place": origin.place or "contextlib.nullcontext()",
    }


def opening_failure(where: Where, ids: tuple[Outcome, ...], origin: Origin) -> Failure:
    """The failure that two openings of one empty place do not give one id (ID-9).

    Args:
        where: the moment of the first opening at which the second one was made.
        ids: what the two read, and what one reads that is opened afterwards.
        origin: how to open the backend.
    """
    who = where.who
    place = f"{_where(where)}:  {_source(where)}" if isinstance(where, AtLine) else where.text
    names = (f"{who} 1, stopped there,", f"{who} 2, meanwhile,", "one that is opened afterwards")
    message = "\n".join(
        [
            heading("ID-9"),
            "",
            f"Two {who}{'es' if isinstance(where, AtCall) else 's'} open one empty place and read store_backend_id:",
            f"    {who} 1  |{'=' * WIDTH}{'.' * (WIDTH + 2)}{'=' * WIDTH}|",
            f"    {who} 2  {' ' * (WIDTH + 2)}|{'=' * WIDTH}|",
            f"    {who} 1 is stopped before {place}",
            "",
            "Expected: one id.",
            *(f"Came:     {name} {came}" for name, came in zip(names, ids, strict=True)),
        ]
    )
    template = PROCESSES_OPEN if isinstance(where, AtCall) else OPENINGS
    script = template.format(**_common(origin, "ID-9"), opening=origin.opening(), **_moment(where))
    headline = f"two openings of one empty place at once, one at {short_text(place, 110)}: not one id"
    return Failure("ID-9", Counterexample(2, message, script, headline))
