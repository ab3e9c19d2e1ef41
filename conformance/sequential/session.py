"""One program against a subject and the model in lock-step: perform, observe, judge, and adopt what is there.

A session does not stop at the first contradiction. It records it under the requirement of whatever last decided the
state in question (`blame`), has the model adopt what the subject shows for the keys concerned (`model`), and goes on.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import (
    OPENS,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    Switch,
)
from conformance.programs.outcomes import Hung, Outcome, Raised, Returned, raised
from conformance.sequential import blame
from conformance.sequential.blame import Contradiction
from conformance.sequential.coverage import Due, credit_read, credit_write
from conformance.sequential.expectations import AnId, Anything, Exactly, Expectation, Lists
from conformance.sequential.findings import Finding, Symptom
from conformance.sequential.model import NOTHING, Model, Step
from conformance.sequential.observing import ALWAYS, Observing
from conformance.sequential.oracle import (
    expectation,
    listing_requirement,
    omitted_by,
    requirement_for,
    requirement_of_opening,
)
from conformance.sequential.recording import Recording
from conformance.sequential.tolerance import is_permitted, limit_of
from spec_store import Key
from spec_store.requirements import RequirementId


@attrs.define
class Session:
    """Performs operations on a new store of the harness's subject and on the model, and collects findings.

    Args:
        harness: what to run.
        observing: how it looks at the store.
        exercised: how often each requirement was put to the test, and held.
        suspected: how often each was contradicted, by provenance; shared by the sessions of a campaign.
        findings: what contradicted the specification, in order.
        program: the operations performed.
        over: whether the subject hung, and is left alone.
        contradicted: whether anything contradicted the specification, reported or not.
        model: what must be there.
    """

    harness: Harness
    observing: Observing = ALWAYS
    exercised: Counter[RequirementId] = attrs.field(factory=Counter)
    suspected: Counter[RequirementId] = attrs.field(factory=Counter)
    findings: list[Finding] = attrs.field(factory=list)
    program: list[Operation] = attrs.field(factory=list)
    over: bool = False
    contradicted: bool = False
    model: Model = attrs.field(factory=Model)
    _recording: Recording = attrs.field(init=False)
    _due: Due = attrs.field(factory=Due)
    _last: Step | None = None
    _id: uuid.UUID | None = None
    _reported: set[tuple[RequirementId, Symptom, Key | None]] = attrs.field(factory=set)

    def __attrs_post_init__(self) -> None:
        self._recording = Recording(self.harness)
        for key in self._recording.listing() or ():
            if isinstance(key, tuple):
                if key in self.harness.memory.written and key != ID_KEY:
                    self._perform(RemoveKey(key))  # of the kit's own, in a store that shares with another (ISO-1)
                self._adopt(key)
        self._adopt_id()

    @property
    def backend(self) -> Any:
        """The backend as it is open now."""
        return self._recording.backend

    def run(self, program: Program) -> tuple[Finding, ...]:
        """Perform a whole program, read everything, clean up, and give the findings."""
        try:
            for operation in program:
                self.apply(operation)
            self.finish()
        finally:
            self.close()
        return tuple(self.findings)

    def apply(self, operation: Operation) -> None:
        """Perform one operation and judge it. Does nothing once the subject hung, or for what is to be avoided."""
        if self.over or self.harness.avoids(operation.name) or not self.harness.permits((operation,)):
            return
        self.program.append(operation)
        if isinstance(operation, OPENS):
            self._last = Step(operation)
            self._change(operation)
        elif operation.writes:
            self._write(operation)
        else:
            self._last = Step(operation)
            self._last = self._judge(operation, self._perform(operation))
            for key in operation.keys:
                self.model.meet(key)
        if self.observing.after_each_write and operation.writes and not self.over:
            self._observe_all(after=self._last)
            self._due.settle(self.exercised)

    def finish(self) -> None:
        """Read everything once more, has_key too."""
        if self.over:
            return
        self._observe_all()
        self._due.settle(self.exercised)
        for key in tuple(self.model.provenance):
            self._ask(HasKey(key))

    def close(self) -> None:
        """Leave the store and clean its place."""
        self._recording.close(contradicted=self.contradicted or self.over)

    # Performing

    def _write(self, operation: Operation) -> None:
        """Perform a write and judge it; it has then decided the state of its keys, whatever came of it."""
        model = self.model
        before = [(key, model.value_of(key)) for key in operation.keys]
        # While it is judged, the keys still have their earlier provenance: if it read one wrongly, that is to blame.
        self._last = Step(operation, was_stored=bool(before) and before[-1][1] is not NOTHING)
        self._last = last = self._judge(operation, self._perform(operation))
        for key, previous in before:
            stored = previous is not NOTHING
            model.decide(key, Step(operation, stored, previous, last.was_refused, last.limit))

    def _perform(self, operation: Operation) -> Outcome:
        if operation.writes:
            self.harness.memory.written.update(operation.keys)
        outcome = self._recording.perform(operation)
        if isinstance(outcome, Hung) and not self.over:
            self.over = True
            reference = self.model.reference
            contradiction = self._contradiction(operation, expectation(operation, reference), outcome)
            self._report(contradiction.by_itself(requirement_for(operation, reference), "hung"))
        return outcome

    def _ask(self, operation: HasKey) -> None:
        """Perform and judge a read that is no step of the program."""
        if not self.over and not self.harness.avoids(operation.name):
            self._judge(operation, self._perform(operation))

    def _change(self, operation: Reopen | Switch) -> None:
        requirement = requirement_of_opening(operation)
        outcome = self._recording.change(operation)
        if isinstance(outcome, Returned):
            self.exercised[requirement] += 1
            return
        self.over = True
        contradiction = self._contradiction(operation, Anything(), outcome)
        self._report(contradiction.by_itself(requirement, "hung" if isinstance(outcome, Hung) else "raised"))

    # Judging an operation's own outcome

    def _judge(self, operation: Operation, actual: Outcome) -> Step:
        """Judge what came of an operation, and give the last step as it is known from then on."""
        last = self._last or Step(operation)
        if self.over:
            return last
        if isinstance(operation, ReadId):
            self._judge_id(operation, actual)
            return last
        expected = expectation(operation, self.model.reference)
        if expected.met_by(actual):
            return self._accept(operation, actual, last)
        if is_permitted(operation, actual, self.harness.refusals, self.model.reference):
            # A listing names no key of its own, so that of a refused prefix counts with the values.
            limit = limit_of(operation, self.harness.refusals) or "SET-4"
            self.exercised[limit] += 1
            return attrs.evolve(last, was_refused=True, limit=limit)
        match operation:
            case Get():
                self._blame_get(operation.key, actual)
            case HasKey():
                self._blame_has_key(operation, expected, actual)
            case ListKeys():
                self._blame_listing(operation, actual)
            case _:
                self._blame_operation(operation, expected, actual)
        return last

    def _accept(self, operation: Operation, actual: Outcome, last: Step) -> Step:
        reference = self.model.reference
        if not operation.writes or not isinstance(actual, Returned):
            credit_read(self.exercised, operation, reference)
        if not isinstance(actual, Returned):
            return attrs.evolve(last, was_refused=True)  # the reference stays as it is, and so must the store
        # What remove_key returns is a SHOULD of its own (REMOVE-4), whatever it has done.
        if isinstance(operation, RemoveKey):
            self._judge_removal(operation, actual)
        if operation.writes:
            self._due.own[requirement_for(operation, reference)] += 1
            credit_write(self._due, operation, reference, self.model.provenance)
            operation.on(reference)
        return last

    def _judge_removal(self, operation: RemoveKey, actual: Returned) -> None:
        expected = Exactly(self.model.reference.has_key(operation.key))
        if expected.met_by(actual):
            self.exercised["REMOVE-4"] += 1
        else:
            self._report(self._contradiction(operation, expected, actual).by_itself("REMOVE-4", "returned"))

    def _judge_id(self, operation: ReadId, actual: Outcome) -> None:
        value = actual.value if AnId().met_by(actual) and isinstance(actual, Returned) else None
        # The first read may create the id, so there is nothing yet to compare it with.
        if value is not None and self._id in (None, value):
            self.exercised["ID-1"] += 1
            self.exercised["ID-10"] += self._id is not None and len(self.program) > 1
            self._id = value
            self._adopt_id()
            return
        last = next((operation for operation in reversed(self.program) if operation.writes), None)
        contradiction = Contradiction(len(self.program), operation, blame.demand_on_id(self._id), actual)
        self._report(blame.blame_id(contradiction, last))
        self._id = value or self._id
        self._adopt(ID_KEY)

    # Observing everything

    def _observe_all(self, after: Step | None = None) -> None:
        """Read every known key and the listing; `after` is the step that did it if anything is wrong."""
        model = self.model
        reads = not self.harness.avoids(Get.name)  # where it is avoided, it contradicts nothing
        for key in tuple(model.provenance) if reads else ():
            if self.over:
                return
            actual = self._perform(Get(key))
            if not model.agrees(key, actual):
                self._blame_get(key, actual, after)
        if not self.over and not self.harness.avoids(ListKeys.name):
            operation = ListKeys()
            actual = self._perform(operation)
            if not expectation(operation, model.reference).met_by(actual) and not self.over:
                self._blame_listing(operation, actual, after)

    def _read(self, key: Key) -> Outcome:
        return self._perform(Get(key)) if not self.harness.avoids(Get.name) else raised(KeyError(key))

    def _agrees(self, key: Key, actual: Outcome) -> bool:
        """Whether get agrees with the model; where it is avoided, it does not contradict it."""
        return self.harness.avoids(Get.name) or self.model.agrees(key, actual)

    def _witnesses_agree(self, key: Key, *, stored: bool) -> bool:
        """Whether has_key and the listing both say that a key is stored, or both that it is not."""
        listing = self._recording.listing()
        if listing is not None and (key in listing) is not stored:
            return False
        if self.harness.avoids(HasKey.name):
            return listing is not None
        has = self._perform(HasKey(key))
        return listing is not None and isinstance(has, Returned) and has.value is stored

    # Blaming: what `blame` has to know is read, and what it says is recorded and adopted

    def _contradiction(self, observation: Operation, expected: Expectation, actual: Outcome) -> Contradiction:
        return Contradiction(len(self.program), observation, expected, actual)

    def _blame_operation(self, operation: Operation, expected: Expectation, actual: Outcome) -> None:
        if isinstance(operation, GetAll):
            # What it gives may be no more than the consequence of a wrong state, which is to be told.
            self._observe_all()
            # What it leaves out of a key that nobody has looked at so far, the last write has left so.
            wrote = (one for one in reversed(self.program) if one.writes)
            self._last = next(map(Step, wrote), self._last)
            for key in omitted_by(actual, self.model.reference):
                if key not in self.model.provenance and not self.over:
                    self._judge(Get(key), self._perform(Get(key)))
            if self.contradicted:
                return
        contradiction = self._contradiction(operation, expected, actual)
        finding = blame.blame_operation(contradiction, self.model, self.harness.refusals)
        if isinstance(operation, Move) and isinstance(actual, Raised) and not self.observing.after_each_write:
            # It may have raised because its source had been lost before, which nobody has looked at yet.
            source = self._read(operation.source)
            if isinstance(source, Raised) and self.model.reference.has_key(operation.source):
                self._blame_state(operation.source, source)
                return
        self._report(finding)
        self._adopt_all()  # what a write that failed has left is anybody's guess

    def _blame_get(self, key: Key, actual: Outcome, after: Step | None = None) -> None:
        model, refusals = self.model, self.harness.refusals
        stored = model.reference.has_key(key)
        breaks = isinstance(actual, Raised) and not blame.is_missing(actual)
        if breaks and is_permitted(Get(key), actual, refusals, model.reference):
            return
        asked = blame.needs_witnesses(actual, stored=stored)
        agree = asked and self._witnesses_agree(key, stored=stored)
        if not blame.is_by_get(actual, stored=stored, witnesses_agree=agree):
            self._blame_state(key, actual, after)
            return
        contradiction = self._contradiction(Get(key), expectation(Get(key), model.reference), actual)
        self._report(blame.blame_get(contradiction, key, model, refusals))
        if breaks:
            self._adopt(key)

    def _blame_has_key(self, operation: HasKey, expected: Expectation, actual: Outcome) -> None:
        read = self._read(operation.key)
        if blame.is_by_state(actual, read, get_agrees=self._agrees(operation.key, read)):
            self._blame_state(operation.key, read)
        else:
            contradiction = self._contradiction(operation, expected, actual)
            self._report(blame.blame_has_key(contradiction, operation, self.harness.refusals))

    def _blame_listing(self, operation: ListKeys, actual: Outcome, after: Step | None = None) -> None:
        reference = self.model.reference
        expected = Lists(frozenset(reference.list_keys(operation.prefix)))
        contradiction = self._contradiction(operation, expected, actual)
        listing = blame.keys_listed(actual)
        refusals = self.harness.refusals
        if not blame.is_list(actual, listing) and not is_permitted(operation, actual, refusals, reference):
            self._report(blame.blame_list(contradiction, operation, bool(expected.keys)))
        if listing is None or self._state_is_behind(listing, operation, expected, after) or self.over:
            return
        findings = blame.blame_listing(contradiction, operation, listing, expected)
        for finding in findings:
            self._report(finding)
        if all(finding.requirement == "LIST-4" for finding in findings):
            self.exercised[listing_requirement(operation.prefix, bool(expected.keys))] += 1

    def _state_is_behind(
        self, listing: Sequence[Key], operation: ListKeys, expected: Lists, after: Step | None
    ) -> bool:
        """Whether the state of a key that is listed wrongly is wrong itself; it is then blamed."""
        behind = False
        for key in blame.doubtful_keys(listing, expected.keys, operation.prefix):
            read = self._read(key)
            if blame.tells_state(read, get_agrees=self._agrees(key, read)):
                behind = True
                self._blame_state(key, read, after)
        return behind

    def _blame_state(self, key: Key, actual: Outcome, after: Step | None = None) -> None:
        model = self.model
        symptom = blame.state_symptom(key, actual, model)
        # An id that nobody has asked for yet may be made at any time.
        if not (key == ID_KEY and self._id is None and symptom == "appeared"):
            culprit = blame.culprit_of(key, model, self._last, was_right_before=after is not None)
            contradiction = Contradiction(len(self.program), Get(key), blame.state_expectation(key, model), actual)
            self._report(blame.blame_state(contradiction, key, symptom, culprit))
            if self.observing.after_each_write and self._last is not None:
                self._due.spoil(self._last.operation, key)
            else:
                self._due.spoil_all()
        if key == ID_KEY:
            self._id = None  # told, so that whoever asks for the id next is not told of it again
        self._adopt(key)

    def _report(self, finding: Finding) -> None:
        """Record a finding; the one place that all of them come through."""
        self.suspected[finding.requirement] += 1
        self.contradicted = True
        mark = finding.repeat_bucket
        if mark not in self._reported and finding.symptom_bucket not in self.observing.ignoring:
            self._reported.add(mark)
            self.findings.append(attrs.evolve(finding, calls=self._recording.until(finding.observation)))

    # Adopting what is there

    def _adopt(self, key: Key) -> None:
        self.model.adopt(key, self._read(key))

    def _adopt_all(self) -> None:
        listing = self._recording.listing() or []
        for key in dict.fromkeys((*self.model.provenance, *listing, *self.model.reference.list_keys())):
            if isinstance(key, tuple) and not self.over:
                self._adopt(key)

    def _adopt_id(self) -> None:
        if not self.model.reference.has_key(ID_KEY):
            self._adopt(ID_KEY)
