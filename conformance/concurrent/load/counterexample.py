"""How a history under load is told: the program, a timeline by the real times, what cannot be explained, a script."""

from collections.abc import Sequence

import attrs

from conformance.concurrent.load.rounds import OPERATION_KINDS, RoundResult, Seen
from conformance.concurrent.load.verdict import first_unexplained
from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.timeline import Span, timeline_lines
from conformance.counterexamples.wording import beginning, many, message_of, sentence, tries_line
from conformance.programs.calls import call
from conformance.programs.operations import ListKeys
from conformance.programs.outcomes import short_text
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin
from conformance.subject.subject import Claims
from spec_store.requirements import RequirementId

BAR_WIDTH = 24

LOAD_IMPORTS = ("contextlib", "os", "random", "select", "signal", "sys", "threading", "time")
LOAD_KIT = (
    *("EXPLAINED", "UNDECIDED", "Claims", "Gate", "Seen", *(kind.__name__ for kind in OPERATION_KINDS)),
    *("pauses", "pausing", "received", "recorded", "sent", "timeline", "verdict"),
)


@attrs.frozen
class Found:
    """A run that violates a requirement, and who ran it: a "thread" or a "process"."""

    requirement: RequirementId
    run: RoundResult
    who: str


def failure_of_run(found: Found, claims: Claims, origin: Origin, failures: int, tries: int) -> Failure:
    """The failure that a run is; of `tries` runs of the same round `failures` failed."""
    return Failure(
        found.requirement,
        Counterexample(
            len(found.run.round.every),
            _message(found, claims, failures, tries),
            script_of_run(found, claims, origin),
            _headline(found, claims),
            failures,
            tries,
        ),
    )


def _headline(found: Found, claims: Claims) -> str:
    clients = f"{len(found.run.round.clients)} {many(found.who)} at once"
    if found.run.stuck:
        number, text = found.run.stuck[0]
        return f"{clients}: of {found.who} {number}, {text}"
    culprit = _culprit(found, claims)
    what = "what came" if culprit is None else f"that {_sentence(culprit)}"
    return f"{clients}: no order of their operations explains {what}"


def _sentence(seen: Seen) -> str:
    return sentence(seen.record.operation, seen.record.outcome)


def _message(found: Found, claims: Claims, failures: int, tries: int) -> str:
    """Requirement, program, timeline, and what cannot be explained."""
    round_ = found.run.round
    begin = beginning(round_.initial, f"{len(round_.clients)} {many(found.who)} at once")
    programs = enumerate(round_.clients, 1)
    clients = [f"    {found.who} {number}: {'; '.join(map(call, program))}" for number, program in programs]
    if found.run.stuck:
        actual = [f"Actual: of {found.who} {number}, {text}." for number, text in found.run.stuck]
    else:
        actual = _unexplained(found, claims)
    if tries > 1:
        actual.append(tries_line(failures, tries))
    return message_of(found.requirement, [*begin, *clients], timeline(found.run.seen, found.who), actual)


def _culprit(found: Found, claims: Claims) -> Seen | None:
    """The first operation that cannot be explained; unless listings are at fault, without them."""
    seen = found.run.seen
    if found.requirement != "LIN-3":
        seen = tuple(one for one in seen if not isinstance(one.record.operation, ListKeys))
    return first_unexplained(seen, claims)


def _unexplained(found: Found, claims: Claims) -> list[str]:
    lines = ["No order of these explains it."]
    culprit = _culprit(found, claims)
    if culprit is not None:
        who = f"{found.who} {culprit.client}" if culprit.client else "the reads afterwards"
        lines.append(f"The first that none explains is of {who}: {_sentence(culprit)}.")
    return lines


def timeline(seen: Sequence[Seen], who: str) -> list[str]:
    """A line for each operation of the clients, by its begin, with what came; then one for each that came afterwards.

    Args:
        seen: what was seen; the times may be in any unit.
        who: what each side is called.
    """
    own = sorted((one for one in seen if one.client), key=lambda one: one.record.begin)
    last = max((one.record.end or one.record.begin for one in own), default=0)
    after = [one for one in seen if not one.client and own and one.record.begin >= last]
    lines = timeline_lines([_span(one, who, last) for one in own], BAR_WIDTH)
    return lines + [f"    afterwards: {_sentence(one)}" for one in after]


def _span(seen: Seen, who: str, last: int) -> Span:
    record = seen.record
    what = short_text(call(record.operation).removeprefix("backend."), 40)
    end = last if record.end is None else record.end
    return Span(f"{who} {seen.client}", what, record.begin, end, outcome=str(record.outcome or "did not end"))


def script_of_run(found: Found, claims: Claims, origin: Origin) -> str:
    """A plain Python script that runs the round again and again, and ends with a status other than 0 once it fails.

    It needs the kit to judge what came.
    """
    return render(
        Script(
            found.requirement,
            origin,
            f"concurrent/load/templates/{many(found.who)}.py.j2",
            {
                "round": found.run.round,
                "claims": Source(f"Claims(atomic_move={claims.atomic_move}, snapshot_list={claims.snapshot_list})"),
                "who": found.who,
            },
            imports=tuple(f"import {name}" for name in LOAD_IMPORTS),
            kit=LOAD_KIT,
            needs="It needs conformance to judge what came; it may need many tries, and on another machine more.",
        )
    )
