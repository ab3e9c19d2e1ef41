"""A program performed barely: beside the reference, with no reads but its own, and judged only where it goes wrong.

A session reads the whole store after each write, and keeps account of what each operation has put to the test. Where
there are thousands of operations, nearly all of which do what they must, that costs more than the operations
themselves. So these are only compared, one outcome after the other, with what the specification allows. A program that
diverges somewhere is put to a session up to there, which finds out what is wrong, and by which requirement.

    an outcome that ...                                          is
    -----------------------------------------------------------  ---------------------------------------------------
    meets what the oracle expects                                accepted, and the reference goes along
    is a refusal that the subject's limits allow for             accepted, and the reference stays as it is
    lists the id as well, which nobody has asked for so far      accepted: it may be made at any time
    is anything else                                             a divergence; the reference takes what is there now

Once it has diverged, a program goes on: what comes later may be another fault. But of those that look alike, the first
alone is worth a session.
"""

import uuid
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.probes.vocabulary import vocabulary_of
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import (
    OPENS,
    WRITES,
    Get,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Switch,
)
from conformance.programs.outcomes import Hung, Outcome, Returned
from conformance.programs.telling import telling
from conformance.run.run import Run
from conformance.sequential.candidates import Candidate, Candidates
from conformance.sequential.divergence import Divergence, finding_by_itself, finding_of
from conformance.sequential.expectations import AnId, Anything, Exactly, Expectation
from conformance.sequential.model import Model
from conformance.sequential.observing import ALWAYS, AT_THE_END
from conformance.sequential.oracle import expectation, requirement_for, requirement_of_opening
from conformance.sequential.recording import Recording
from conformance.sequential.session import Session
from conformance.sequential.tolerance import is_permitted
from spec_store import InMemoryStoreBackend
from spec_store.requirements import RequirementId

MOST_ALIKE = 2
"""How many divergences that look alike are put to a session, in all programs of a search."""

MOST_OF_A_PROGRAM = 3
"""How many divergences a program has before it is left."""

READ_THROUGHOUT = 12
"""How many operations a program has at most for its session to read everything after each write."""


def divergences(harness: Harness, program: Program, most: int = MOST_OF_A_PROGRAM) -> tuple[Divergence, ...]:
    """Where a program, on a new store, diverges from the reference; a few at most, each of other traits.

    Operations that are to be avoided, or might write outside the store, are left out.

    Args:
        harness: the subject.
        program: what is performed.
        most: after how many of them the rest of the program is left.

    Raises:
        OutOfTimeError: the time of the run is up.
        SubjectError: no store can be opened.
    """
    found: dict[tuple[object, ...], Divergence] = {}
    performance = Performance(harness)
    performed: list[Operation] = []
    written: object = ""
    try:
        for operation in program:
            if harness.avoids(operation.name) or not (harness.confined or harness.permits((operation,))):
                continue
            performed.append(operation)
            if isinstance(operation, WRITES):
                written = operation.value
            before = len(performance.recording.calls)
            contradiction = performance.perform(operation)
            if contradiction is None:
                continue
            # A long program may diverge at each second operation: what came before is kept of the first alike alone.
            divergence = Divergence((operation,), *contradiction, written)
            if divergence.traits not in found:
                calls = tuple(performance.recording.calls[: before + 1])
                found[divergence.traits] = attrs.evolve(divergence, program=tuple(performed), calls=calls)
            if performance.over or len(found) == most:
                break
    finally:
        performance.recording.close(contradicted=bool(found))
    return tuple(found.values())


def is_news(divergence: Divergence, candidates: Candidates) -> bool:
    """Whether a divergence says more than what candidates say already: it is no trifle that is known."""
    return not candidates.is_known_trifle(finding_by_itself(divergence))


def with_telling_values(harness: Harness) -> Harness:
    """The harness with the most telling values that its subject keeps, when they are set, moved and opened again."""
    material = harness.material
    if material.values is not None:
        return harness
    a, b = map(material.plain_key, range(2))
    reopened = (Reopen(), Get(b)) if harness.subject.claims.durable else ()

    def keeps(values: tuple[str, ...]) -> bool:
        if any(map(harness.refusals.of_value, values)):
            return False
        programs = ((Set(a, value), Get(a), Move(a, b), Get(b), *reopened) for value in values)
        return not any(divergences(harness, program) for program in programs)

    return attrs.evolve(harness, material=attrs.evolve(material, telling=telling(keeps)))


def with_vocabulary(harness: Harness) -> Harness:
    """The harness with what is known of the code of the backends that it has opened."""
    found = vocabulary_of(tuple(harness.memory.classes), harness.subject.code or ())
    return attrs.evolve(harness, material=attrs.evolve(harness.material, vocabulary=found))


def run_barely(run: Run, program: Program, candidates: Candidates) -> bool:
    """Perform a program barely; where it diverges, put it to a session, and keep what that finds.

    Returns:
        Whether it diverged anywhere, in a new way or a known one.
    """
    run.watcher.started_program()
    found = divergences(run.harness, program)
    for divergence in found:
        if candidates.is_worth_judging(divergence.likeness, MOST_ALIKE):
            judge_divergence(run.harness, divergence, candidates)
    return bool(found)


def judge_divergence(harness: Harness, divergence: Divergence, candidates: Candidates) -> None:
    """Put a program that diverges to a session; what no session sees again is kept as it was seen."""
    program = divergence.program
    session = Session(
        harness, ALWAYS if len(program) <= READ_THROUGHOUT else AT_THE_END, suspected=candidates.suspected
    )
    try:
        session.run(program)
    finally:
        candidates.take(harness, session)
    if not session.findings:
        candidates.add(Candidate(program, finding_of(divergence), AT_THE_END))


@attrs.define
class Performance:
    """A new store, and the reference beside it.

    Args:
        harness: the subject.
        over: whether it hung, or did not open again.
    """

    harness: Harness
    over: bool = False
    recording: Recording = attrs.field(init=False)
    _model: Model = attrs.field(factory=Model)
    _id: uuid.UUID | None = None

    def __attrs_post_init__(self) -> None:
        self.recording = Recording(self.harness)
        for key in self.recording.listing() or ():
            if isinstance(key, tuple):
                if key in self.harness.memory.written and key != ID_KEY:
                    self._outcome(RemoveKey(key))  # of the kit's own, in a store that shares with another (ISO-1)
                self._adopt(key)

    @property
    def _reference(self) -> InMemoryStoreBackend:
        return self._model.reference

    def perform(self, operation: Operation) -> tuple[RequirementId, Expectation, Outcome] | None:
        """Perform an operation; by what requirement it contradicts what was expected, and what came, if it does."""
        if isinstance(operation, OPENS):
            return self._change(operation)
        expected: Expectation = AnId() if isinstance(operation, ReadId) else expectation(operation, self._reference)
        actual = self._outcome(operation)
        if expected.met_by(actual):
            unmet = self._accept(operation, actual)
            if unmet is None:
                return None
            requirement, expected = unmet
        elif self._is_right_too(operation, expected, actual):
            return None
        else:
            requirement = requirement_for(operation, self._reference)
        # Of many sets, nobody can tell which have been made.
        self.over = isinstance(actual, Hung) or isinstance(operation, SetMany)
        self._take_what_is_there(operation, actual)
        return requirement, expected, actual

    def _outcome(self, operation: Operation) -> Outcome:
        if operation.writes:
            self.harness.memory.written.update(operation.keys)
        return self.recording.perform(operation)

    def _change(self, operation: Reopen | Switch) -> tuple[RequirementId, Expectation, Outcome] | None:
        outcome = self.recording.change(operation)
        if isinstance(outcome, Returned):
            return None
        self.over = True
        return requirement_of_opening(operation), Anything(), outcome

    def _accept(self, operation: Operation, actual: Outcome) -> tuple[RequirementId, Expectation] | None:
        """Have the reference go along; what is asked of the outcome besides, where it is not met."""
        unmet: tuple[RequirementId, Expectation] | None = None
        if not isinstance(actual, Returned):
            return None  # it was right to raise, and has changed nothing
        if isinstance(operation, RemoveKey):
            told = Exactly(self._reference.has_key(operation.key))
            unmet = None if told.met_by(actual) else ("REMOVE-4", told)
        elif isinstance(operation, ReadId):
            if self._id is not None and actual.value != self._id:
                unmet = ("ID-1", Exactly(self._id))
            self._id = actual.value
            if not self._reference.has_key(ID_KEY):
                self._adopt(ID_KEY)
        if operation.writes:
            operation.on(self._reference)
        return unmet

    def _is_right_too(self, operation: Operation, expected: Expectation, actual: Outcome) -> bool:
        """Whether an outcome that is none of those expected is right none the less."""
        if isinstance(operation, ListKeys) and self._id is None and not self._reference.has_key(ID_KEY):
            listed: Any = actual.value if isinstance(actual, Returned) else ()
            if isinstance(listed, list) and ID_KEY in listed:
                self._adopt(ID_KEY)
                return expectation(operation, self._reference).met_by(actual)
        return is_permitted(operation, actual, self.harness.refusals, self._reference)

    def _take_what_is_there(self, operation: Operation, actual: Outcome) -> None:
        """Have the reference take what the subject shows of what an operation was about."""
        keys = set(operation.keys)
        if isinstance(operation, ListKeys) and isinstance(actual, Returned) and isinstance(actual.value, list):
            listed = {key for key in actual.value if isinstance(key, tuple)}
            keys |= listed.symmetric_difference(self._reference.list_keys(operation.prefix))
        for key in sorted(keys, key=repr):
            if not self.over:
                self._adopt(key)

    def _adopt(self, key: Any) -> None:
        if not self.harness.avoids(Get.name):
            self._model.adopt(key, self._outcome(Get(key)))
