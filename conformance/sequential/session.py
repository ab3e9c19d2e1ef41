"""One program against a subject and the reference in lock-step: the judge, provenance, resynchronising.

A session does not stop at the first contradiction. It records it under the requirement of whatever last decided
the state in question, takes what the subject shows as the new truth for the keys concerned, and goes on.
"""

import attrs

from conformance.programs.keys import ID_KEY
from conformance.programs.operations import (
    WRITES,
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
    SetMany,
)
from conformance.programs.outcomes import REFUSALS, VALUE_REFUSALS, Outcome, Raised, Returned, same
from conformance.sequential.coverage import credit_read, credit_write
from conformance.sequential.expectations import MISSING, AnId, Exactly, Expectation, Lists, Raises, Succeeds, Unchanged
from conformance.sequential.findings import Finding
from conformance.sequential.model import NOTHING, Decision, Lockstep
from conformance.sequential.oracle import decided, duty, expectation, has_relative, listing_duty
from spec_store import Key
from spec_store.keys import starts_with
from spec_store.requirements import RequirementId


@attrs.define
class Session(Lockstep):
    """Runs operations on a new store of the harness's subject and collects findings."""

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
        self._failed = None
        if isinstance(operation, Reopen):
            self._reopen(operation)
        else:
            before = [(key, self._current(key)) for key in operation.keys] if operation.writes else []
            written = operation.keys[-1] if before else None
            self._existed = written is not None and self.reference.has_key(written)
            self._judge(operation, self._perform(operation))
            for key, previous in before:
                self._known[key] = Decision(operation, previous is not NOTHING, previous, self._failed)
            if not operation.writes:
                for key in operation.keys:
                    self._known.setdefault(key)
        if self.observing.after_each_write and operation.writes and not self.over:
            self.sweep(operation)

    def finish(self) -> None:
        """Read everything once more, has_key too."""
        if self.over:
            return
        self.sweep(None)
        for key in tuple(self._known):
            self._ask(HasKey(key))

    def _ask(self, operation: Operation) -> None:
        if not self.over and not self.harness.avoids(operation.name):
            self._judge(operation, self._perform(operation))

    # -- judging an operation's own outcome ---------------------------------------------------------------------

    def _judge(self, operation: Operation, came: Outcome) -> None:
        if self.over:
            return
        if isinstance(operation, ReadId):
            self._judge_id(operation, came)
            return
        expected = expectation(operation, self.reference)
        if expected.met_by(came):
            self._accept(operation, came)
        elif self._excused(operation, came):
            self._failed = "KEY-5" if any(map(self.harness.refusals.of_key, operation.keys)) else "SET-4"
            self.exercised[self._failed] += 1
        elif isinstance(operation, Get):
            self._blame_read(operation.key, came, None)
        elif isinstance(operation, HasKey):
            self._blame_has(operation, expected, came)
        elif isinstance(operation, ListKeys):
            self._blame_listing(operation, came, None)
        else:
            self._blame_write(operation, expected, came)

    def _accept(self, operation: Operation, came: Outcome) -> None:
        credit_read(self.exercised, operation, self.reference)
        if not isinstance(came, Returned):
            self._failed = duty(operation, self.reference)
            return
        if isinstance(operation, RemoveKey):
            self._judge_removed(operation, came)
        if operation.writes:
            credit_write(self.exercised, operation, self.reference, self._known)
            operation.on(self.reference)
            if isinstance(operation, SetMany):
                self._many.update(key for key, _ in operation.items())

    def _judge_removed(self, operation: RemoveKey, came: Returned) -> None:
        self.exercised["REMOVE-4"] += 1
        expected = Exactly(self.reference.has_key(operation.key))
        if not expected.met_by(came):
            self._report("REMOVE-4", "returned", operation, operation, expected, came)

    def _judge_id(self, operation: ReadId, came: Outcome) -> None:
        self.exercised["ID-1"] += 1
        value = came.value if AnId().met_by(came) and isinstance(came, Returned) else None
        if value is not None and self._id in (None, value):
            self.exercised["ID-10"] += self._id is not None and len(self.program) > 1
            self._id = value
            self._adopt_id()
            return
        expected = AnId() if self._id is None else Unchanged()
        last = next((one for one in reversed(self.program) if one.writes), None)
        blamed: RequirementId = (
            "ID-1" if last is None or self._id is None else "ID-8" if isinstance(last, Reopen) else "ID-10"
        )
        self._report(blamed, "changed", last or operation, operation, expected, came)
        self._id = value or self._id

    # -- blaming ------------------------------------------------------------------------------------------------

    def _blame_write(self, operation: Operation, expected: Expectation, came: Outcome) -> None:
        if isinstance(operation, GetAll) and self._state_is_wrong():
            return
        symptom = "raised" if isinstance(came, Raised) else "returned"
        requirement = self._write_duty(operation, came)
        stored = dict.fromkeys(self.reference.list_keys())
        if requirement == "KEY-6" and not any(has_relative(key, stored) for key in operation.keys):
            symptom = "blocked"
        if isinstance(operation, Move) and isinstance(came, Raised) and not self.observing.after_each_write:
            source = self._read(operation.source)
            if isinstance(source, Raised) and self.reference.has_key(operation.source):
                self._blame_state(operation.source, source, None)
                return
        if requirement in ("KEY-5", "SET-4"):
            expected = self._refusal_expected(operation, requirement)
        self._report(requirement, symptom, operation, operation, expected, came)
        self._resync_all()

    def _state_is_wrong(self) -> bool:
        """Whether anything has contradicted the model: then the outcome at hand may be only a consequence."""
        self.sweep(None)
        return self.contradicted

    def _refusal_expected(self, operation: Operation, requirement: RequirementId) -> Expectation:
        if isinstance(operation, WRITES):
            return Succeeds(REFUSALS if requirement == "KEY-5" else VALUE_REFUSALS)
        kinds = {refusal.kind for refusal in map(self.harness.refusals.of_key, operation.keys) if refusal}
        return Raises(frozenset(kinds | {"InvalidKeyError"}))

    def _write_duty(self, operation: Operation, came: Outcome) -> RequirementId:
        if not isinstance(came, Raised):
            return duty(operation, self.reference)
        refusals = self.harness.refusals
        if any(map(refusals.of_key, operation.keys)):
            return "KEY-5"
        if isinstance(operation, WRITES) and refusals.of_value(operation.value):
            return "SET-4"
        existing = not isinstance(operation, RemoveKey | Move) or self.reference.has_key(operation.keys[0])
        if existing and any(has_relative(key, self._known) for key in operation.keys):
            return "KEY-6"
        return duty(operation, self.reference)

    def _blame_has(self, operation: HasKey, expected: Expectation, came: Outcome) -> None:
        read = self._read(operation.key)
        stored = isinstance(read, Returned)
        if isinstance(came, Returned) and came.value is stored and not self._agrees(operation.key, read):
            self._blame_state(operation.key, read, None)
        else:
            symptom = "raised" if isinstance(came, Raised) else "returned"
            requirement: RequirementId = "KEY-5" if self.harness.refusals.of_key(operation.key) else "HAS-1"
            self._report(requirement, symptom, operation, operation, expected, came, operation.key)

    def _blame_read(self, key: Key, came: Outcome, cause: Operation | None) -> None:
        """`get` contradicts the model: is the state wrong, or get? Has_key and the listing decide."""
        stored = self.reference.has_key(key)
        missing = isinstance(came, Raised) and came.kind == "InvalidKeyError"
        if isinstance(came, Raised) and not missing:
            if self._excused(Get(key), came):
                return
            if stored and not self._others_say(key, True):
                self._blame_state(key, came, cause)
                return
            self._report_get(key, "raised", came)
            self._resync(key)
        elif stored and missing and self._others_say(key, True):
            self._report_get(key, "lost", came)
        elif not stored and not missing and self._others_say(key, False):
            self._report_get(key, "returned", came)
        else:
            self._blame_state(key, came, cause)

    def _report_get(self, key: Key, symptom: str, came: Outcome) -> None:
        operation = Get(key)
        expected = expectation(operation, self.reference)
        if expected == MISSING and self.harness.refusals.of_key(key):
            expected = self._refusal_expected(operation, "KEY-5")
        self._report(duty(operation, self.reference), symptom, operation, operation, expected, came, key)

    def _blame_state(self, key: Key, came: Outcome, cause: Operation | None) -> None:
        decision = self._known.get(key)
        culprit = cause or (decision.cause if decision else None) or (self.program[-1] if self.program else ReadId())
        symptom = self._symptom(key, came, decision)
        if key in culprit.keys and cause is None and decision is not None:
            failed, existed = decision.failed, decision.existed
        else:
            failed, existed = self._failed, self._existed
        requirement = decided(culprit, key, symptom, failed=failed is not None, existed=existed)
        if failed in ("KEY-5", "SET-4"):
            requirement = failed
        if key == ID_KEY and self._id is None and symptom == "appeared":
            self._resync(key)
            return
        expected = Unchanged() if key == ID_KEY else expectation(Get(key), self.reference)
        self._report(requirement, symptom, culprit, Get(key), expected, came, key)
        self._resync(key)

    def _symptom(self, key: Key, came: Outcome, decision: Decision | None) -> str:
        if not isinstance(came, Returned):
            return "lost"
        if not self.reference.has_key(key):
            return "appeared"
        if decision is not None and same(came.value, decision.previous):
            return "stale"
        others = (other for other in self.reference.list_keys() if other != key)
        return "shared" if any(same(self.reference.get(other), came.value) for other in others) else "changed"

    # -- reading everything -------------------------------------------------------------------------------------

    def sweep(self, cause: Operation | None) -> None:
        """Read every known key and the listing; `cause` is the operation that did it if anything is wrong."""
        for key in tuple(self._known):
            if self.over:
                return
            came = self._read(key)
            if not self._agrees(key, came):
                self._blame_read(key, came, cause)
        if not self.over and not self.harness.avoids(ListKeys.name):
            came = self._perform(ListKeys())
            if not expectation(ListKeys(), self.reference).met_by(came) and not self.over:
                self._blame_listing(ListKeys(), came, cause)

    def _blame_listing(self, operation: ListKeys, came: Outcome, cause: Operation | None) -> None:
        """A listing contradicts the model: state or listing? A get of each key concerned decides."""
        prefix = operation.prefix
        matching = self.reference.list_keys(prefix)
        expected = Lists(frozenset(matching))
        listed = _keys_listed(came)
        proper = listed is not None and isinstance(came, Returned) and isinstance(came.value, list)
        if not proper and not self._excused(operation, came):
            symptom = "raised" if isinstance(came, Raised) else "returned"
            self._report(listing_duty(prefix, bool(matching)), symptom, operation, operation, expected, came)
        if listed is not None and not self._state_behind(listed, expected.keys, prefix, cause) and not self.over:
            self._blame_listed(operation, came, listed, expected)

    def _state_behind(self, listed: list[Key], matching: frozenset[Key], prefix: Key, cause: Operation | None) -> bool:
        """Whether get agrees with the listing on a key where both contradict the model; that is then reported."""
        wrong = False
        added = [key for key in dict.fromkeys(listed) if key not in matching and starts_with(key, prefix)]
        for key in (*added, *(key for key in matching if key not in listed)):
            came = self._read(key)
            if self._agrees(key, came) or (isinstance(came, Raised) and came.kind != "InvalidKeyError"):
                continue
            wrong = True
            self._blame_state(key, came, cause)
        return wrong

    def _blame_listed(self, operation: ListKeys, came: Outcome, listed: list[Key], expected: Lists) -> None:
        omitted = [key for key in expected.keys if key not in listed]
        added = [key for key in listed if key not in expected.keys]
        repeated = [key for key in set(listed) if listed.count(key) > 1] if len(listed) != len(set(listed)) else []
        if not operation.prefix and ID_KEY in (*omitted, *added):
            self._report(
                "LIST-4", "omitted" if ID_KEY in omitted else "added", operation, operation, expected, came, ID_KEY
            )
            omitted, added = ([key for key in keys if key != ID_KEY] for keys in (omitted, added))
        for symptom, keys in (("omitted", omitted), ("added", added), ("repeated", repeated)):
            if keys:
                unmatched = symptom == "added" and operation.prefix and not expected.keys
                requirement = "LIST-3" if unmatched else listing_duty(operation.prefix, True)
                self._report(requirement, symptom, operation, operation, expected, came, min(keys, key=repr))
                return
        self.exercised[listing_duty(operation.prefix, bool(expected.keys))] += 1


def _keys_listed(came: Outcome) -> list[Key] | None:
    """The keys that a listing gave, in whatever it gave them; None if it gave something else."""
    try:
        listed = list(came.value) if isinstance(came, Returned) else None
    except Exception:
        return None
    return listed if _is_listing(listed) else None


def _is_listing(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(key, tuple) and all(isinstance(element, str) for element in key) for key in value
    )
