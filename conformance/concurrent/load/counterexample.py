"""How a history under load is told: the program, a timeline by the real times, what cannot be explained, a script."""

import textwrap
from collections.abc import Sequence

import attrs

from conformance.concurrent.load.rounds import RoundResult, Seen
from conformance.concurrent.load.templates import COMMON, PROCESSES, THREADS
from conformance.concurrent.load.verdict import first_unexplained
from conformance.counterexamples.script import NOTE
from conformance.counterexamples.wording import beginning, heading
from conformance.programs.calls import call, method_call
from conformance.programs.operations import ListKeys, Program
from conformance.programs.outcomes import short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin
from conformance.subject.subject import Claims
from spec_store.requirements import RequirementId

WIDTH = 40


@attrs.frozen
class Found:
    """A run that violates a requirement, and who ran it: a "thread" or a "process"."""

    requirement: RequirementId
    run: RoundResult
    who: str


def stress_failure(found: Found, claims: Claims, origin: Origin, shown: int, tried: int) -> Failure:
    """The failure that a run is; of `tried` runs of the same round `shown` failed."""
    return Failure(
        found.requirement,
        Counterexample(
            len(found.run.round.every),
            stress_message(found, claims, shown, tried),
            stress_script(found, claims, origin),
            _headline(found, claims),
            shown,
            tried,
        ),
    )


def _headline(found: Found, claims: Claims) -> str:
    sides = f"{len(found.run.round.clients)} {_many(found.who)} at once"
    if found.run.stuck:
        number, text = found.run.stuck[0]
        return f"{sides}: of {found.who} {number}, {text}"
    blamed = _blamed(found, claims)
    if blamed is None:
        return f"{sides}: no order of their operations explains what came"
    return f"{sides}: no order of their operations explains that {_told(blamed)}"


def _many(who: str) -> str:
    return f"{who}es" if who == "process" else f"{who}s"


def _told(one: Seen) -> str:
    return f"{call(one.record.operation)} {one.record.outcome}"


def stress_message(found: Found, claims: Claims, shown: int, tried: int) -> str:
    """Requirement, program, timeline, and what cannot be explained."""
    one = found.run.round
    begin = beginning([*map(call, one.initial)], f"{len(one.clients)} {_many(found.who)} at once")
    lines = [heading(found.requirement), "", *begin]
    for number, side in enumerate(one.clients, 1):
        lines.append(f"    {found.who} {number}: {'; '.join(map(call, side))}")
    lines += ["", *timeline(found.run.seen, found.who), ""]
    if found.run.stuck:
        lines += [f"Came: of {found.who} {number}, {text}." for number, text in found.run.stuck]
    else:
        lines += _unexplained(found, claims)
    if tried > 1:
        lines.append(f"Seen in {shown} of {tried} tries.")
    return "\n".join(lines)


def _blamed(found: Found, claims: Claims) -> Seen | None:
    """The first operation that cannot be explained; unless listings are at fault, without them."""
    seen = found.run.seen
    if found.requirement != "LIN-3":
        seen = tuple(one for one in seen if not isinstance(one.record.operation, ListKeys))
    return first_unexplained(seen, claims)


def _unexplained(found: Found, claims: Claims) -> list[str]:
    lines = ["No order of these explains it."]
    blamed = _blamed(found, claims)
    if blamed is not None:
        who = f"{found.who} {blamed.client}" if blamed.client else "the reads afterwards"
        lines.append(f"The first that none explains is of {who}: {_told(blamed)}.")
    return lines


def timeline(seen: Sequence[Seen], who: str) -> list[str]:
    """A line for each operation of the sides, by its begin, with what came; then one for each that came afterwards.

    Args:
        seen: what was seen; the times may be in any unit.
        who: what each side is called.
    """
    own = sorted((one for one in seen if one.client), key=lambda one: one.record.begin)
    last = max((one.record.end or one.record.begin for one in own), default=0)
    after = [one for one in seen if not one.client and own and one.record.begin >= last]
    names = [short_text(call(one.record.operation).removeprefix("backend."), 40) for one in own]
    size = max(map(len, names), default=0)
    first = own[0].record.begin if own else 0
    lines = []
    for one, name in zip(own, names, strict=True):
        end = last if one.record.end is None else one.record.end
        bar = _bar(one.record.begin - first, end - first, max(last - first, 1))
        lines.append(f"    {who} {one.client}  {name:{size}}  {bar:{WIDTH + 2}}  {one.record.outcome or 'did not end'}")
    return lines + [f"    afterwards: {_told(one)}" for one in after]


def _bar(begin: int, end: int, whole: int) -> str:
    start, stop = begin * WIDTH // whole, end * WIDTH // whole
    return f"{' ' * start}|{'=' * (stop - start)}|"


def stress_script(found: Found, claims: Claims, origin: Origin) -> str:
    """A plain Python script that runs the round again and again, and ends with a status other than 0 once it fails.

    It needs the kit to judge what came.
    """
    one = found.run.round
    values = {
        "docstring": f"{heading(found.requirement)}\n\n{NOTE}\n",
        "imports": _imports(origin, found.who),
        "opening": origin.opening(),
        "place": origin.place or "contextlib.nullcontext()",
        "initial": _listed(one.initial),
        "sides": "".join(f"    [\n{textwrap.indent(_listed(side), '    ')}    ],\n" for side in one.clients),
        "reads": _listed(one.reads),
        "claims": f"Claims(atomic_move={claims.atomic_move}, snapshot_list={claims.snapshot_list})",
        "further": "pauses, pausing, received, sent" if found.who == "process" else "Gate, pauses, pausing",
        "who": found.who,
        "requirement": found.requirement,
    }
    return COMMON.format(**values) + (PROCESSES if found.who == "process" else THREADS).format(**values)


def _listed(program: Program) -> str:
    """A line for each operation, with the call that it is."""
    return "".join(f"    {operation!r},  # {method_call(operation, repr)}\n" for operation in program)


def _imports(origin: Origin, who: str) -> str:
    own = ("os", "random", "select", "signal") if who == "process" else ("random", "threading")
    return "\n".join(origin.importing(*(f"import {name}" for name in ("contextlib", "sys", "time", *own))))
