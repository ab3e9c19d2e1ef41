"""Is a directed check that failed masked by a violation that is known already?

A check that fails only because, say, has_key is known to be wrong (HAS-1) says nothing about its own requirement. So
it is run once more with its calls recorded, and the recorded programs are judged as any program is: if a session finds
a known violation in one of them, that explains why the check failed. The first row that applies decides; `search` has
the first four rows, and this module the last two:

    a check has failed, and ...                                     what explains it
    --------------------------------------------------------------  ---------------------------------------
    stores are known to share (ISO-1), and it is not about that     ISO-1: another store may have done it
    it hung, and calls a method that has hung before                that method
    it hung, and calls none                                         nothing: it is reported
    it needs another process, whose calls cannot be recorded        nothing: it is reported
    a session finds a known violation in what it did                that violation, the first that is found
    none of these                                                   nothing: it is reported

Example: a backend's has_key is always True, which programs have shown (HAS-1). A check of ID-6 fails, because has_key
of the id key is True while the id is suppressed. The program that it ran was has_key of that key; replayed with a plain
key in its place, it shows HAS-1. So ID-6 is not reported as violated; its reason says to mend HAS-1 first.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from conformance.checks.case import Case
from conformance.checks.running import run_case
from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import BY_NAME, ListKeys, Operation, Program, Reopen, map_keys
from conformance.sequential.replay import findings_of
from conformance.sequential.session import ALWAYS, AT_THE_END
from conformance.subject.subject import Place
from spec_store.requirements import RequirementId

_RECORDED = ("get", "has_key", "list_keys", "move", "remove_key", "set", "add", "update", "add_or_update")
"""The methods whose calls become operations."""


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
    """The recorded program, and a copy with a plain key in place of the id's.

    A check may have suppressed the id, so that its key was like any other then; the replay does not.
    """
    # Two backends on one place that is not durable are two stores: what the second shows is no matter of the first.
    if not harness.subject.claims.durable:
        trace = tuple(operation for operation in trace if not isinstance(operation, Reopen))
    other = harness.material.plain_key(5)
    return trace, tuple(map_keys(one, lambda key: other if key == ID_KEY else key) for one in trace)


def _id_is_listed_wrong(harness: Harness) -> bool:
    """Whether LIST-4 is violated before anything is done: every check meets that, so it explains none."""
    return any(finding.requirement == "LIST-4" for finding in findings_of(harness, (), AT_THE_END))


def masked_by(harness: Harness, case: Case, source: str, known: frozenset[RequirementId]) -> RequirementId | None:
    """The id of the known violation that a check meets on its way, or None.

    Args:
        harness: what the check failed on.
        case: the check.
        source: as for `run_case`.
        known: ids of requirements that programs have shown to be violated.
    """
    # What is wrong about the id is met by every program that lists or reopens; it masks only checks of the id.
    if not case.requirement.startswith("ID-"):
        known = frozenset(name for name in known if not name.startswith("ID-"))
    # Likewise an id that is listed wrongly from the start, by every program that lists; it would mask all checks.
    if "LIST-4" in known and _id_is_listed_wrong(harness):
        known -= {"LIST-4"}
    if not known:
        return None
    # The check is run on a store that records; what it says this time is of no matter, only what it does.
    recorder = Recorder()
    run_case(harness, case, source, recorder.wrap)
    variants = (program for trace in recorder.traces.values() for program in _variants(tuple(trace), harness))
    return next(_known_in(harness, variants, known), None)


def _known_in(
    harness: Harness, programs: Iterable[Program], known: frozenset[RequirementId]
) -> Iterator[RequirementId]:
    """The known violations that sessions meet in programs, reading at the end alone first, as the check itself did."""
    for program in programs:
        for observing in (AT_THE_END, ALWAYS):
            findings = findings_of(harness, program, observing)
            yield from (finding.requirement for finding in findings if finding.requirement in known)
