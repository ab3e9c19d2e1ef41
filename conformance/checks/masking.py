"""Is a directed check that failed masked by a violation that is known already?

A check that fails only because, say, has_key is known to be wrong (HAS-1) says nothing about its own requirement. So
its calls are recorded, and the recorded programs are judged as any program is: if a session finds a known violation in
one of them, that may explain why the check failed. Then the check is run again with that violation held out (see
`mending`): the faulty operation is done by means of others, or keys are used that work. What comes then decides:

    the check, run again with the violation held out,               the requirement
    --------------------------------------------------------------  ---------------------------------------
    passes                                                          holds, by this check: it was the other one
    fails, and meets no other known violation                       is violated by itself
    fails, and meets another known violation                        is masked by that
    cannot be judged, or the violation cannot be held out           is masked by it

Before that, the first row that applies says what may explain a failure:

    a check has failed, and ...                                     what may explain it
    --------------------------------------------------------------  ---------------------------------------
    it asked for what the interface has and the backend has not     the requirement that demands it, which is no matter
                                                                    of what was done: nothing is recorded, or held out
    it is of ISO-1, which has a control of its own                  nothing
    stores are known to share (ISO-1)                               ISO-1: another store may have done it
    it hung, and calls a method that has hung before                that method
    it hung, or needs another process: neither can be recorded      nothing
    it is of the id, none is read, and a text like the id's does    what a session finds of that text
    not come back
    a session finds a known violation in what it did                that violation, the first that is found
    it lists, and the id is listed wrongly from the start           LIST-4
    none of these                                                   nothing

Example: a backend's move always raises, which programs have shown (MOVE-1). A check of ID-6 fails, for it moves a key
and then looks for the id. With move done by get, set and remove_key it passes: ID-6 holds. A check of KEY-7 fails too,
and meets no move at all: KEY-7 is violated.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import attrs

from conformance.checks.case import Case
from conformance.checks.counterexample import calls
from conformance.checks.mending import LISTS_THE_ID, Mending, mending_of
from conformance.checks.running import CaseOutcome, Failed, Inconclusive, Passed, Setting, run_case
from conformance.harness.harness import Harness
from conformance.harness.interface import DEMANDED_BY, PREFIXES
from conformance.programs.keys import ID_KEY, escapes
from conformance.programs.operations import BY_NAME, Get, ListKeys, Operation, Program, ReadId, Reopen, Set, map_keys
from conformance.programs.outcomes import Returned
from conformance.report.evidence import Mask
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.replay import findings_of
from conformance.subject.subject import Place
from spec_store import StoreBackend
from spec_store.requirements import RequirementId

_RECORDED = ("get", "has_key", "list_keys", "move", "remove_key", "set", "add", "update", "add_or_update")
"""The methods whose calls become operations."""

ID_TEXT = f"{StoreBackend.STORE_BACKEND_ID_PREFIX}5f2c7a1e-9b3d-4c6f-8a70-1d2e3f4a5b6c\n"
"""A text like that of an id."""

INVALID_ID = StoreBackend.STORE_BACKEND_INVALID_CONFIGURATION_ID


@attrs.frozen
class Own:
    """The violation is the check's own: how it was seen, by which mending, if any, and under which keys."""

    seen: Failed
    mending: Mending | None = None


Judgement: TypeAlias = Own | Mask | Passed


@attrs.define
class Recorder:
    """Records the calls on the backends that it opens, by place; calls that a backend makes on itself are left out."""

    traces: dict[int, list[Operation]] = attrs.field(factory=dict)
    _places: list[Place] = attrs.field(factory=list)
    _depth: int = 0

    def wrap(self, place: Place, backend: Any) -> Any:
        """The same backend, its public methods recording; one that takes no attributes is left as it is."""
        known = next((held for held in self._places if place is not None and held is place), None)
        if known is None:
            self._places.append(place if place is not None else backend)  # kept, so that no other gets its identity
        trace = self.traces.setdefault(id(place if place is not None else backend), [])
        if known is not None:
            trace.append(Reopen())
        for name in _RECORDED:
            method = getattr(backend, name, None)
            if callable(method):
                try:
                    setattr(backend, name, self._recording(method, BY_NAME[name], trace))
                except AttributeError:
                    return backend
        return backend

    def _recording(
        self, method: Callable[..., Any], maker: Callable[..., Operation], trace: list[Operation]
    ) -> Callable[..., Any]:
        def recording(*arguments: Any, **keywords: Any) -> Any:
            operation = _operation(maker, arguments, extra=bool(keywords))
            # What a backend calls on itself (get inside move, say) is no operation of the check's.
            if operation is not None and not self._depth:
                trace.append(operation)
            self._depth += 1
            try:
                return method(*arguments, **keywords)
            finally:
                self._depth -= 1

        return recording


def _operation(maker: Callable[..., Operation], arguments: tuple[Any, ...], *, extra: bool) -> Operation | None:
    """The operation of a call; None where it has arguments that no program has."""
    try:
        operation = maker(*arguments, extra) if extra else maker(*arguments)
    except TypeError:
        return None
    keys = (*operation.keys, *((operation.prefix,) if isinstance(operation, ListKeys) else ()))
    good = all(isinstance(key, tuple) and all(isinstance(element, str) for element in key) for key in keys)
    return operation if good else None


def _variants(trace: Program, harness: Harness) -> tuple[Program, ...]:
    """The recorded program, and a copy with a plain key in place of the id's, and of each that may lead out.

    A check may have suppressed the id, so that its key was like any other then; the replay does not. And a key that may
    lead out of the store is performed by no replay, but by a check of KEY-8.
    """
    # Two backends on one place that is not durable are two stores: what the second shows is no matter of the first.
    if not harness.subject.claims.durable:
        trace = tuple(operation for operation in trace if not isinstance(operation, Reopen))
    other = harness.material.plain_key(5)
    plain = tuple(map_keys(one, lambda key: other if key == ID_KEY or escapes(key) else key) for one in trace)
    return trace, plain


def _id_is_listed_wrong(harness: Harness) -> bool:
    """Whether LIST-4 is violated before anything is done: every check meets that, so it explains none."""
    return any(finding.requirement == "LIST-4" for finding in findings_of(harness, (), AT_THE_END))


def _id_is_read(harness: Harness) -> bool:
    """Whether a new store has an id: then it is no matter of ids how its text comes back, without its end perhaps."""
    store = harness.open()
    try:
        outcome = harness.perform(ReadId(), store.backend)
    finally:
        harness.close(store)
    return isinstance(outcome, Returned) and str(outcome.value) not in ("None", INVALID_ID)


def met_by(harness: Harness, case: Case, setting: Setting, known: "Known") -> RequirementId | None:
    """The id of the known violation that a check meets on its way, or None; rather one that is reported.

    Its own requirement does not mask a check, nor does ISO-1, which is told otherwise.

    Args:
        harness: what the check failed on.
        case: the check.
        setting: how it was run.
        known: what is known to be violated.
    """
    return _met(harness, case, setting, known.seen - {"ISO-1", case.requirement}, known.reported)


def _met(
    harness: Harness,
    case: Case,
    setting: Setting,
    known: frozenset[RequirementId],
    preferred: frozenset[RequirementId],
) -> RequirementId | None:
    about_id = case.requirement.startswith("ID-")
    # What is wrong about the id is met by every program that lists or reopens; it masks only checks of the id.
    if not about_id:
        known = frozenset(name for name in known if not name.startswith("ID-"))
    # Likewise an id that is listed wrongly from the start, by every program that lists; it would mask all checks.
    if "LIST-4" in known and _id_is_listed_wrong(harness):
        known -= {"LIST-4"}
    if not known:
        return None
    # The check is run on a store that records; what it says this time is of no matter, only what it does.
    recorder = Recorder()
    run_case(harness, case, attrs.evolve(setting, wrap=recorder.wrap, started=None))
    key = harness.material.plain_key(5)
    id_text = (Set(key, ID_TEXT), Get(key))
    asked = about_id and not harness.material.foreign and not _id_is_read(harness)
    variants: list[Program] = [id_text] if asked else []
    variants += [program for trace in recorder.traces.values() for program in _variants(tuple(trace), harness)]
    met = list(dict.fromkeys(_known_in(harness, variants, known)))
    return next((name for name in met if name in preferred), next(iter(met), None))


def _known_in(
    harness: Harness, programs: Iterable[Program], known: frozenset[RequirementId]
) -> Iterator[RequirementId]:
    """The known violations that sessions meet in programs, reading at the end alone first, as the check itself did."""
    for program in programs:
        findings = [one for observing in (AT_THE_END, ALWAYS) for one in findings_of(harness, program, observing)]
        yield from (finding.requirement for finding in findings if finding.requirement in known)
        # By provenance a write has left what a read has done since, for a read decides nothing.
        if "GET-3" in known and any(one.about_state for one in findings) and _a_read_breaks(harness, program):
            yield "GET-3"


def _a_read_breaks(harness: Harness, program: Program) -> bool:
    """Whether the first operation of a program after which something is wrong is one that only reads."""
    ends = (end for end in range(1, len(program) + 1) if findings_of(harness, program[:end], AT_THE_END))
    first = next(ends, None)
    return first is not None and not program[first - 1].writes


@attrs.frozen
class Known:
    """What is known to be violated when the checks are judged.

    Args:
        reported: the ids of what is reported as violated.
        seen: likewise, and of what was seen at first and put to another requirement since.
    """

    reported: frozenset[RequirementId]
    seen: frozenset[RequirementId]

    def told(self, by: RequirementId) -> RequirementId:
        """The id of what is reported, for one that may only have been seen at first."""
        if by in self.reported or not self.reported:
            return by
        alike = sorted(name for name in self.reported if name.partition("-")[0] == by.partition("-")[0])
        return alike[0] if alike else min(self.reported)


def judge(harness: Harness, case: Case, outcome: Failed, setting: Setting, known: Known) -> Judgement:
    """Whose violation a check that failed has shown: its own, or another's that masks it; `Passed` if it holds.

    Args:
        harness: what it failed on.
        case: the check.
        outcome: how it failed.
        setting: how it was run.
        known: what is known to be violated.
    """
    demanded = DEMANDED_BY.get(outcome.lacks, case.requirement)
    if demanded != case.requirement:
        return Mask(demanded, f"the backend has no {outcome.lacks}")
    by = _explanation(harness, case, outcome, setting, known)
    if by is None:
        return Own(outcome)
    mending = mending_of(harness, case, by, known.seen | {by})
    if mending is None:
        return Mask(known.told(by), f"{_what(case)} fails for it, and it cannot be held out")
    mended = mending.applied(harness)
    within = attrs.evolve(setting, keys=mending.keys or setting.keys, started=None)
    again: CaseOutcome = run_case(mended, case, within)
    if mending.shares():
        return Mask(known.told(by), f"{_what(case)} fails for it, and takes two stores")
    if isinstance(again, Passed):
        return again
    if isinstance(again, Inconclusive):
        return Mask(known.told(by), f"with {mending}, {again.reason}")
    other = met_by(mended, case, within, known)
    if other is None:
        note = f"Seen with {known.told(by)} held out: {mending}. The script does not do that, and fails for both."
        only_keys = mending.keys and not mending.methods
        return Own(again if only_keys else attrs.evolve(again, notes=(note,)), mending)
    return Mask(known.told(other or by), f"{_what(case)} fails for it, with {mending} too")


def _what(case: Case) -> str:
    return f"the check ({case.title})" if case.title else "the check"


def _explanation(harness: Harness, case: Case, outcome: Failed, setting: Setting, known: Known) -> RequirementId | None:
    """What may explain that a check failed, by the second table of this module."""
    if case.requirement == "ISO-1":
        return None
    if "ISO-1" in known.reported:
        return "ISO-1"
    if outcome.hung:
        hung = next((name for name in harness.memory.hangs if calls(case, name)), None)
        return None if hung is None else _of_method(hung, known)
    if case.spawns:
        return None
    by = met_by(harness, case, setting, known)
    lists = "LIST-4" in known.seen and case.requirement != "LIST-4" and calls(case, "list_keys")
    return by or (LISTS_THE_ID if lists and _id_is_listed_wrong(harness) else None)


def _of_method(name: str, known: Known) -> RequirementId | None:
    """What is known to be violated of a method."""
    prefix = PREFIXES.get(name, name.upper())
    return next((one for one in sorted(known.seen) if one.startswith(f"{prefix}-")), None)
