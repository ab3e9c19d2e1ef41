"""An outcome contradicts the model: what is wrong, the state or the operation that shows it, and who did it?

A store answers three questions about a key: what it holds (`get`), whether it is there (`has_key`), and which keys are
there (`list_keys`). One wrong answer accuses whoever gave it. Several that agree against the model accuse the state,
and so the operation that decided it. Where one question has been answered wrongly, the others are therefore put too:

    get of a key that must be stored   has_key and the listing   blame
    ---------------------------------  ------------------------  ------------------------------------
    raises InvalidKeyError             both: it is stored        get: lost
    raises InvalidKeyError             anything else             state: lost
    raises anything else               both: it is stored        get: raised
    raises anything else               anything else             state: lost
    returns another value              (not asked)               state: stale, shared or changed
    hangs                              (not asked)               state: lost

    get of a key that must be absent
    ---------------------------------
    returns a value                    both: it is absent        get: returned
    returns a value                    anything else             state: appeared
    raises, but no InvalidKeyError     (not asked)               get: raised

    has_key says wrongly               get                       blame
    ---------------------------------  ------------------------  ------------------------------------
    that a key is stored, or absent    says the same, wrongly    state
    that a key is stored, or absent    anything else             has_key
    nothing: it raises, or gives None  anything                  has_key

    list_keys, of some key             get of that key           blame
    ---------------------------------  ------------------------  ------------------------------------
    omits it                           raises InvalidKeyError    state
    adds it                            returns a value           state
    omits or adds it                   anything else             list_keys, unless a state is to blame

    an operation that writes           what it meets with        blame
    ---------------------------------  ------------------------  ------------------------------------
    raises, and should not             a limit of the subject    KEY-5 or SET-4: it refuses wrongly
    raises, and should not             a key known before with   KEY-6; the symptom is `blocked` where
                                       which it is related       that key is not stored any more
    raises, and should not             neither                   its own requirement
    returns, and should not            anything                  its own requirement

Example: `Set(("a",), "1")`, `Set(("a", "b"), "2")`, and then `get(("a",))` raises InvalidKeyError. If has_key and the
listing still know ("a",), then get is broken (GET-1). If one of them does not, the value is gone, and the second set
did it: SET-2 by provenance. (That one key starts with the other is found out later, by attribution: KEY-6.)

If the state is to blame, the culprit is the first that there is of these: the last step, if everything was read just
before it and agreed; the step that last decided the state of the key; the last write of another key, where the last
step but reads the key, which one of so many was set at once; the last step; nobody, on a store as it was opened.

All here are functions of what has been observed. The session does the reading that they ask for.
"""

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from conformance.harness.refusals import Refusals
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import OPENS, Get, HasKey, ListKeys, Move, Operation, ReadId, RemoveKey
from conformance.programs.outcomes import Outcome, Raised, Returned, same
from conformance.sequential.expectations import MISSING, AnId, Demand, Lists, Unchanged
from conformance.sequential.findings import Finding, Symptom
from conformance.sequential.model import Model, Step
from conformance.sequential.oracle import (
    expectation,
    has_relative,
    listing_requirement,
    requirement_by_provenance,
    requirement_for,
)
from conformance.sequential.tolerance import expectation_beyond, limit_of
from spec_store import Key
from spec_store.keys import starts_with
from spec_store.requirements import RequirementId


@attrs.frozen
class Contradiction:
    """An outcome that is not what it must be, not blamed on anything yet.

    Args:
        number: how many operations of the program had been performed.
        observation: the operation that has the outcome.
        expected: what might have come of it.
        actual: what came of it.
    """

    number: int
    observation: Operation
    expected: Demand
    actual: Outcome

    def by_itself(self, requirement: RequirementId, symptom: Symptom, key: Key | None = None) -> Finding:
        """The finding that the operation itself is at fault."""
        return self.by(self.observation, requirement, symptom, key)

    def by(self, cause: Operation, requirement: RequirementId, symptom: Symptom, key: Key | None) -> Finding:
        """The finding that another operation is at fault."""
        return Finding(requirement, symptom, self.number, cause, self.observation, self.expected, self.actual, key)


# An operation's own outcome


def symptom_of_outcome(actual: Outcome) -> Symptom:
    """How the outcome of an operation is wrong that is at fault itself."""
    return "raised" if isinstance(actual, Raised) else "returned"


def blame_operation(contradiction: Contradiction, model: Model, refusals: Refusals) -> Finding:
    """The finding that an operation which reads no single key did not do what it should, or did not refuse."""
    operation, actual = contradiction.observation, contradiction.actual
    if not isinstance(actual, Raised):
        return contradiction.by_itself(requirement_for(operation, model.reference), "returned")
    limit = limit_of(operation, refusals)
    if limit is not None:
        expected = expectation_beyond(limit, operation, refusals)
        return attrs.evolve(contradiction, expected=expected).by_itself(limit, "raised")
    # To move or remove what is not stored may fail for that alone, whatever it is related to.
    existing = not isinstance(operation, RemoveKey | Move) or model.reference.has_key(operation.keys[0])
    if not existing or not any(has_relative(key, model.provenance) for key in operation.keys):
        return contradiction.by_itself(requirement_for(operation, model.reference), "raised")
    # What is in the way may be left of a key that is removed by now: that is no matter of how the keys are related.
    stored = dict.fromkeys(model.reference.list_keys())
    in_the_way = any(has_relative(key, stored) for key in operation.keys)
    return contradiction.by_itself("KEY-6", "raised" if in_the_way else "blocked")


def blame_id(contradiction: Contradiction, last: Operation | None) -> Finding:
    """The finding that the id is none, or is not what it was.

    Args:
        contradiction: what reading the id gave; it is to be a UUID, or unchanged.
        last: the last operation that writes, if there is one: it has changed the id.
    """
    # Where there has been no id yet, nothing can have changed it.
    if last is None or isinstance(contradiction.expected, AnId):
        return contradiction.by(last or contradiction.observation, "ID-1", "changed", None)
    return contradiction.by(last, "ID-8" if isinstance(last, OPENS) else "ID-10", "changed", None)


def demand_on_id(known: object | None) -> Demand:
    """What reading the id must give: a UUID at first, the same from then on."""
    return AnId() if known is None else Unchanged()


# get


def is_missing(actual: Outcome) -> bool:
    """Whether a get says that its key is not stored."""
    return MISSING.met_by(actual)


def needs_witnesses(actual: Outcome, *, stored: bool) -> bool:
    """Whether has_key and the listing have to say who is wrong, get or the state.

    Another value under a stored key speaks for itself: they do not tell values. So does another exception than
    InvalidKeyError where nothing is to be read: whatever the state is, get must not raise that.

    Args:
        actual: what get gave, against the model.
        stored: whether the key is stored by the model.
    """
    return isinstance(actual, Raised) if stored else not isinstance(actual, Raised)


def is_by_get(actual: Outcome, *, stored: bool, witnesses_agree: bool) -> bool:
    """Whether get is to blame, and not the state.

    Args:
        actual: what get gave, against the model.
        stored: whether the key is stored by the model.
        witnesses_agree: whether has_key and the listing both agree with the model; False where they are not asked.
    """
    if not needs_witnesses(actual, stored=stored):
        return not stored
    return witnesses_agree


def blame_get(contradiction: Contradiction, key: Key, model: Model, refusals: Refusals) -> Finding:
    """The finding that get is broken."""
    requirement = requirement_for(Get(key), model.reference)
    if contradiction.expected == MISSING and refusals.of_key(key):
        expected = expectation_beyond("KEY-5", Get(key), refusals)
        contradiction = attrs.evolve(contradiction, expected=expected)
    symptom: Symptom = "lost" if is_missing(contradiction.actual) else symptom_of_outcome(contradiction.actual)
    return contradiction.by_itself(requirement, symptom, key)


# has_key


def is_by_state(has: Outcome, read: Outcome, *, get_agrees: bool) -> bool:
    """Whether has_key, which contradicts the model, tells the state as it is: get says the same, against the model."""
    stored = isinstance(read, Returned)
    # A value that is true but not True is wrong whatever the state is.
    return isinstance(has, Returned) and has.value is stored and not get_agrees


def blame_has_key(contradiction: Contradiction, operation: HasKey, refusals: Refusals) -> Finding:
    """The finding that has_key is broken."""
    requirement: RequirementId = "KEY-5" if refusals.of_key(operation.key) else "HAS-1"
    return contradiction.by_itself(requirement, symptom_of_outcome(contradiction.actual), operation.key)


# State


def culprit_of(key: Key, model: Model, last: Step | None, *, was_right_before: bool) -> Step:
    """The step that is to blame for the state of a key.

    Args:
        key: the key.
        model: the model, which knows the provenance of the key.
        last: the last step of the program.
        was_right_before: whether everything was read just before the last step, and agreed: then it is to blame.
    """
    # On a store as it was opened, to ask for its id is the least that anybody does.
    nobody = last or Step(ReadId())
    if was_right_before:
        return nobody
    decided = model.provenance.get(key)
    if decided is None and isinstance(nobody.operation, Get | HasKey) and nobody.operation.key == key:
        return model.last_write or nobody
    return decided or nobody


def state_symptom(key: Key, actual: Outcome, model: Model) -> Symptom:
    """How the state of a key is wrong, by what get gave."""
    if not isinstance(actual, Returned):
        return "lost"  # raised or hung: what cannot be read is gone for whoever reads
    if not model.reference.has_key(key):
        return "appeared"
    step = model.provenance.get(key)
    if step is not None and same(actual.value, step.previous):
        return "stale"
    return "shared" if model.holders_of(actual.value, besides=key) else "changed"


def blame_state(contradiction: Contradiction, key: Key, symptom: Symptom, culprit: Step) -> Finding:
    """The finding that a step has left a key in a wrong state."""
    # What was refused for a limit must have changed nothing: the requirement that permits the refusal says so.
    requirement = culprit.limit or requirement_by_provenance(
        culprit.operation, key, symptom, was_refused=culprit.was_refused, was_stored=culprit.was_stored
    )
    return contradiction.by(culprit.operation, requirement, symptom, key)


def state_expectation(key: Key, model: Model) -> Demand:
    """What get of a key must give. The id is the subject's own, so of its key only a replay can tell."""
    return Unchanged() if key == ID_KEY else expectation(Get(key), model.reference)


# list_keys

Listing: TypeAlias = Sequence[Key]


def keys_listed(actual: Outcome) -> list[Key] | None:
    """The keys that a listing gave, in whatever it gave them; None if it gave something else.

    It is to be asked once of each outcome: a generator gives its keys only once.
    """
    try:
        listing = list(actual.value) if isinstance(actual, Returned) else None
    except Exception:
        return None
    return listing if listing is not None and all(map(_is_key, listing)) else None


def _is_key(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(element, str) for element in value)


def is_list(actual: Outcome, listing: Listing | None) -> bool:
    """Whether list_keys gave a list of keys, right or wrong; `listing` is what `keys_listed` makes of it."""
    return listing is not None and isinstance(actual, Returned) and isinstance(actual.value, list)


def blame_list(contradiction: Contradiction, operation: ListKeys, matches: bool) -> Finding:
    """The finding that list_keys gave no list of keys."""
    requirement = listing_requirement(operation.prefix, matches)
    return contradiction.by_itself(requirement, symptom_of_outcome(contradiction.actual))


def doubtful_keys(listing: Listing, matching: frozenset[Key], prefix: Key) -> list[Key]:
    """The keys that a listing adds or omits, against the model; get has to say of each whether it is right."""
    added = [key for key in dict.fromkeys(listing) if key not in matching and starts_with(key, prefix)]
    return [*added, *(key for key in matching if key not in listing)]


def tells_state(read: Outcome, *, get_agrees: bool) -> bool:
    """Whether get says of a doubtful key that the listing is right; another exception says nothing."""
    return not get_agrees and (not isinstance(read, Raised) or is_missing(read))


def blame_listing(
    contradiction: Contradiction, operation: ListKeys, listing: Listing, expected: Lists
) -> list[Finding]:
    """The findings on a list that is wrong about keys of which the state is as it should be.

    What is wrong about the key of the id is LIST-4, and told beside. Of the rest the first kind is told: keys omitted,
    added, repeated. (Of a subject that lists one key as another, the second is only the other side of the first.)
    """
    omitted = [key for key in expected.keys if key not in listing]
    added = [key for key in listing if key not in expected.keys]
    repeated = [key for key in set(listing) if listing.count(key) > 1] if len(listing) != len(set(listing)) else []
    findings = []
    if not operation.prefix and ID_KEY in (*omitted, *added):
        findings.append(contradiction.by_itself("LIST-4", "omitted" if ID_KEY in omitted else "added", ID_KEY))
        omitted, added = ([key for key in keys if key != ID_KEY] for keys in (omitted, added))
    kinds: tuple[tuple[Symptom, list[Key]], ...] = (("omitted", omitted), ("added", added), ("repeated", repeated))
    symptom, keys = next(((symptom, keys) for symptom, keys in kinds if keys), (None, []))
    if symptom is not None:
        # Where nothing matches, LIST-3 is what says that nothing may be listed; it has nothing to say of the others.
        nothing_matches = symptom == "added" and operation.prefix and not expected.keys
        requirement = "LIST-3" if nothing_matches else listing_requirement(operation.prefix, True)
        findings.append(contradiction.by_itself(requirement, symptom, min(keys, key=repr)))
    return findings
