"""What was seen and cannot be made small: told by the whole trace that showed it.

Attribution looks for a short program. There is none where what goes wrong depends on how many calls there have been, on
what was called on another store, on the time, or on chance. But what a session has seen is not to be dropped for that:

    all that was called on the store, replayed       what is told
    -----------------------------------------------  -------------------------------------------------------------
    shows it each time                               a violation, with as few of the calls as still show it
    shows it now and then                            a violation, "seen in N of M tries", with all the calls
    never shows it again                             what was seen, which leaves its requirement undecided

A trace is judged by itself. The reference goes through the same calls and adopts nothing, so that what is wrong at the
end is wrong by the calls that are printed. It is told under the requirement that the session found: that of the
operation which decided the state. Where a state is wrong without that operation as well, it has not decided it, and
the last of the calls that are left has; so has a removal or move of another key that is the last. Where `set` in place
of every add and update shows it too, it is about no condition of theirs; where two backends take turns, and one does
not show it, it is about that; where plain keys show it as well, it is about none; and where `get` tells of a key what
another read does, the state is wrong, unless has_key and the listing know better.
"""

import itertools
from collections.abc import Iterator

import attrs

from conformance.harness.harness import Harness
from conformance.programs.keys import ID_KEY, related
from conformance.programs.minimize import Test, shortest
from conformance.programs.operations import (
    OPENS,
    Add,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    RemoveKey,
    Reopen,
    SetMany,
    Switch,
    Update,
    Wait,
    keys_in,
    map_keys,
)
from conformance.programs.outcomes import Hung, Outcome, Raised, Returned
from conformance.sequential.bare import divergences
from conformance.sequential.blame import needs_witnesses
from conformance.sequential.divergence import finding_of, is_on, requirement_left_by
from conformance.sequential.expectations import Demand, Exactly, Expectation, Lists, Raises, Succeeds, Unchanged
from conformance.sequential.experiments import of_own_set, raises_once
from conformance.sequential.findings import Finding, Symptom, Violation
from conformance.sequential.generalizing import as_sets, as_siblings, of_one, one_after_the_other, without_turns
from conformance.sequential.laboratory import Laboratory
from conformance.sequential.naming import reference_after, writes_to_stored
from conformance.sequential.observing import ALWAYS
from conformance.sequential.oracle import (
    MOST_OMITTED,
    expectation,
    omitted_by,
    requirement_by_provenance,
    requirement_for,
)
from conformance.sequential.replay import contradiction_of, outcome_of
from conformance.system.budget import Effort
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

OF_KEYS: frozenset[RequirementId] = frozenset({"KEY-4", "KEY-5", "KEY-6"})
"""Requirements that are about what keys consist of, or how they are related."""

FIRST_TRIES = 3
"""How often a trace has to show it, one time after the other, before calls are taken out of it."""

TRACE_TRIES = 10
"""How often what is told is replayed, to say how often it shows."""

UNSHORTENED = "Nothing shorter showed it: the calls are those of the run, the kit's own reads among them."
LEFT = "Fewer calls may show it: these are what was left of a run when so many had been tried as the kit allows itself."


def sighting_of(harness: Harness, finding: Finding, effort: Effort) -> Violation:
    """What a session has found, as the calls show it that were made on the store.

    Args:
        harness: the subject.
        finding: what was found, with the calls that led to it.
        effort: how many replays it may cost to take calls out.
    """
    setup = setup_of(finding)
    lost = _loss_behind(harness, setup, finding, 1)
    finding = lost or _state_behind(harness, setup, finding) or finding

    def shows(calls: Program) -> bool:
        return shown_by(harness, calls, finding) is not None

    outcomes: list[Outcome | None]
    first = shown_by(harness, setup, finding)
    if isinstance(first, Hung):  # each would take the whole time limit: once must do
        outcomes = [first]
    else:
        if first and all(shown_by(harness, setup, finding) for _ in range(FIRST_TRIES - 1)):
            setup = _cut(setup, finding, effort, shows)
        elif lost is None:  # what shows now and then at most may come of a loss that does
            finding = _loss_behind(harness, setup, finding, TRACE_TRIES) or finding
        outcomes = [shown_by(harness, setup, finding) for _ in range(TRACE_TRIES)]
        came = next((outcome for outcome in outcomes if outcome is not None), finding.actual)
        finding = _by_what_is_left(harness, setup, attrs.evolve(finding, actual=came))
        if None not in outcomes and finding.key is not None and finding.about_state:
            finding = _by_witnesses(harness, setup, finding, finding.key)
    seen = [outcome for outcome in outcomes if outcome is not None]
    actual = seen[0] if seen else finding.actual
    if finding.key != ID_KEY and not isinstance(finding.expected, Unchanged):
        finding = attrs.evolve(finding, expected=_as_far_as_the_id(finding.expected, actual))
    return Violation(
        of_own_set(harness, setup, finding) or finding.requirement,
        setup,
        finding.observation,
        finding.expected,
        actual,
        attrs.evolve(finding, actual=actual),
        len(seen),
        len(outcomes),
        UNSHORTENED if effort.replays > 0 else LEFT,
    )


def _cut(calls: Program, finding: Finding, effort: Effort, shows: Test) -> Program:
    """As few of the calls as still show it, each time that they are tried."""
    # Most calls are reads of the kit's own; nearly always none of them matters.
    writes = tuple(call for call in calls if call.writes)
    own = tuple(call for call in writes if finding.key in call.keys)
    fewer = next((some for some in ((), own, writes, without_turns(calls)) if shows(some)), calls)
    fewest = shortest(_as_far_as_it_shows(fewer, shows), lambda some: effort.spend() and shows(some))
    sets = as_sets(fewest)
    return sets if sets != fewest and shows(sets) else fewest


def _as_far_as_it_shows(calls: Program, shows: Test) -> Program:
    """The fewest of the first calls that show it: where some do, all more are taken to do."""
    fails, size = 0, len(calls)
    while size - fails > 1:
        middle = (fails + size) // 2
        if shows(calls[:middle]):
            size = middle
        else:
            fails = middle
    return calls[:size]


def what_went_wrong_before(harness: Harness, finding: Finding) -> Finding | None:
    """The first thing that went wrong in the calls of a finding, if it is wrong only by what was adopted after that.

    A run goes on with what it finds, so that it tells of all else that is wrong. But what is wrong only then is none of
    its own where the calls are replayed: it is a consequence, and whatever went wrong first is what was seen.
    """
    if is_due(finding.expected, finding.observation, reference_after(setup_of(finding))):
        return None
    first = next(iter(divergences(harness, finding.calls, 1)), None)
    return None if first is None or len(first.program) >= len(finding.calls) else finding_of(first)


def _by_what_is_left(harness: Harness, calls: Program, finding: Finding) -> Finding:
    """The finding; put to the last of the calls if the operation that it was put to is none of them."""
    key = finding.key
    if Switch() in calls and not finding.about_id and not _shown_by_one_backend(harness, calls, finding):
        return attrs.evolve(finding, requirement="REOPEN-2")
    if finding.requirement in OF_KEYS and _is_of_any_keys(harness, calls, finding):
        return attrs.evolve(finding, requirement=requirement_for(finding.observation, reference_after(calls)))
    if not finding.about_state or key is None:
        return finding
    if finding.cause in calls and not _is_taken_along(harness, calls, finding, key):
        return finding
    if not calls:
        own = requirement_for(finding.observation, reference_after(()))
        return attrs.evolve(finding, cause=finding.observation, requirement=own)
    cause = calls[-1]
    requirement = requirement_left_by(cause, calls[:-1], key, finding.symptom)
    if requirement == "GET-3" and raises_once(Laboratory(harness, ALWAYS, Effort()), calls):
        requirement = "GET-2"
    return attrs.evolve(finding, cause=cause, requirement=requirement)


def _shown_by_one_backend(harness: Harness, calls: Program, finding: Finding) -> bool:
    """Whether one of two backends shows it alone: for both, opened anew each time, or by its own calls."""
    current = calls.count(Switch()) % 2
    alone = (without_turns(calls), one_after_the_other(calls), of_one(calls, current))
    return any(shown_by(harness, each, finding) is not None for each in alone)


def _is_of_any_keys(harness: Harness, calls: Program, finding: Finding) -> bool:
    """Whether it shows as well where each key is a plain one that is related to no other."""
    if not isinstance(finding.observation, ListKeys) and not any(isinstance(call, SetMany) for call in calls):
        shown = (*calls, finding.observation)
        sibling = as_siblings(keys_in(shown), harness.material)
        *mapped, observation = (map_keys(each, sibling) for each in shown)
        key = None if finding.key is None else sibling(finding.key)
        of_plain = attrs.evolve(finding, observation=observation, key=key)
        return shown_by(harness, tuple(mapped), of_plain) is not None
    return finding.requirement == "KEY-6" and not _has_relatives((*calls, finding.observation))


def _is_taken_along(harness: Harness, calls: Program, finding: Finding, key: Key) -> bool:
    """Whether the last of the calls is on another key, and before it nothing was wrong.

    A value that is gone after another was written may have waited for that; one that is changed has not, nor one that
    is gone after a read. A key that is back was never quite removed.
    """
    last = calls[-1]
    if finding.symptom == "appeared" or is_on(last, key) or isinstance(last, (*OPENS, Wait)):
        return False
    taken = isinstance(last, RemoveKey | Move) or not last.writes or isinstance(finding.actual, Returned)
    return taken and shown_by(harness, calls[:-1], finding) is None


def _by_witnesses(harness: Harness, calls: Program, finding: Finding, key: Key) -> Finding:
    """The finding; put to `get` itself, if has_key and the listing both say otherwise."""
    reference, observation = reference_after(calls), finding.observation
    stored = reference.has_key(key)
    if not isinstance(observation, Get) or not needs_witnesses(finding.actual, stored=stored):
        return finding
    listed = outcome_of(harness, calls, ListKeys(key))
    has = contradiction_of(harness, calls, HasKey(key), Exactly(stored))
    found = listed.value if isinstance(listed, Returned) and isinstance(listed.value, list) else None
    if has is not None or found is None or (key in found) is not stored:
        return finding
    symptom: Symptom = "raised" if isinstance(finding.actual, Raised) else "returned"
    return attrs.evolve(
        finding, cause=observation, symptom=symptom, requirement=requirement_for(observation, reference)
    )


def _has_relatives(calls: Program) -> bool:
    """Whether of the keys of some calls one starts with another."""
    return any(related(one, other) for one, other in itertools.combinations(keys_in(calls), 2))


def _loss_behind(harness: Harness, calls: Program, finding: Finding, tries: int) -> Finding | None:
    """The finding that the value was lost which an operation is on, if a read in its place ever says so in some tries.

    A store that was opened again since the value was written has lost it by that, unless it is lost without that too.
    """
    operation = finding.observation
    if not isinstance(operation, Add | Update | Move | RemoveKey):
        return None
    key, reference = operation.keys[0], reference_after(calls)
    writers = [number for number, call in enumerate(calls) if call.writes and is_on(call, key)]
    if not reference.has_key(key) or not writers:
        return None
    expected = expectation(Get(key), reference)

    def lost_after(program: Program, tries: int) -> Raised | None:
        outcomes = (contradiction_of(harness, program, Get(key), expected) for _ in range(tries))
        return next((outcome for outcome in outcomes if isinstance(outcome, Raised)), None)

    actual = lost_after(calls, tries)
    if actual is None:
        return None
    cause, before, after = calls[writers[-1]], calls[: writers[-1]], calls[writers[-1] + 1 :]
    held = tuple(call for call in after if not isinstance(call, Reopen))
    if held != after and lost_after((*before, cause, *held), TRACE_TRIES) is None:
        cause = next(call for call in reversed(after) if isinstance(call, Reopen))
    wrong = attrs.evolve(finding, observation=Get(key), expected=expected, actual=actual, key=key)
    return _put_to(cause, before, wrong, "lost")


def _state_behind(harness: Harness, calls: Program, finding: Finding) -> Finding | None:
    """The finding that a key is in a wrong state, if that is what another read has told, and `get` tells it as well."""
    reference = reference_after(calls)
    for key in itertools.islice(_told_wrongly(finding, reference), MOST_OMITTED):
        expected = expectation(Get(key), reference)
        actual = contradiction_of(harness, calls, Get(key), expected)
        writers = [number for number, call in enumerate(calls) if call.writes and is_on(call, key)]
        if actual is None or not writers:
            continue
        wrong = attrs.evolve(finding, observation=Get(key), expected=expected, actual=actual, key=key)
        symptom: Symptom = "lost" if isinstance(actual, Raised) else "stale" if reference.has_key(key) else "appeared"
        found = _put_to(calls[writers[-1]], calls[: writers[-1]], wrong, symptom)
        return None if _by_witnesses(harness, calls, found, key) != found else found
    return None


def _told_wrongly(finding: Finding, reference: InMemoryStoreBackend) -> Iterator[Key]:
    """The keys that has_key, list_keys or get_all has said something wrong of, by the reference."""
    told = finding.actual.value if isinstance(finding.actual, Returned) else None
    match finding.observation:
        case GetAll():
            keys = omitted_by(finding.actual, reference)
        case ListKeys(prefix=prefix) if isinstance(told, list):
            listed = {key for key in told if isinstance(key, tuple)}
            keys = sorted(listed.symmetric_difference(reference.list_keys(prefix)), key=repr)
        case HasKey(key=key) if isinstance(told, bool):
            keys = [key]
        case _:
            keys = []
    return (key for key in keys if key != ID_KEY)


def _put_to(cause: Operation, before: Program, wrong: Finding, symptom: Symptom) -> Finding:
    """The finding that a write has left the key wrong that `wrong` reads, which was made after the calls `before`."""
    if wrong.key is None:
        raise ValueError("a write is put to the key that it has left wrong")
    stored = writes_to_stored(cause, reference_after(before))
    requirement = requirement_by_provenance(cause, wrong.key, symptom, was_refused=False, was_stored=stored)
    return attrs.evolve(wrong, requirement=requirement, symptom=symptom, cause=cause, calls=())


def setup_of(finding: Finding) -> Program:
    """The calls before the observation; without the first such, where what it gave then is compared with."""
    setup, observation = finding.calls[:-1], finding.observation
    if isinstance(finding.expected, Unchanged) and observation in setup:
        first = setup.index(observation)
        return setup[:first] + setup[first + 1 :]
    return setup


def shown_by(harness: Harness, calls: Program, finding: Finding) -> Outcome | None:
    """What comes of the observation after some calls, if it is as wrong, and is to be expected after these calls."""
    expected = finding.expected
    if not is_due(expected, finding.observation, reference_after(calls)):
        return None
    actual = contradiction_of(harness, calls, finding.observation, expected)
    if actual is None or finding.key == ID_KEY or isinstance(expected, Unchanged):
        return actual
    return None if _as_far_as_the_id(expected, actual).met_by(actual) else actual


def _as_far_as_the_id(expected: Expectation, actual: Outcome) -> Expectation:
    """What is expected; of a listing, with the id where that came, and else without: these calls need not make one."""
    if not isinstance(expected, Lists) or not isinstance(actual, Returned) or not isinstance(actual.value, list):
        return expected
    return Lists(expected.keys | {ID_KEY} if ID_KEY in actual.value else expected.keys - {ID_KEY})


def is_due(expected: Demand, observation: Operation, reference: InMemoryStoreBackend) -> bool:
    """Whether the reference asks for what a session has expected, in a state that it has come to by itself.

    A session adopts what it has found wrong, so that it may expect what no calls alone lead to.
    """
    if isinstance(expected, Unchanged | Succeeds):
        return True  # of the subject's own id, and of its limits, the reference knows nothing
    if isinstance(observation, RemoveKey) and isinstance(expected, Exactly):
        return expected.value is reference.has_key(observation.key)
    due: Expectation = expectation(observation, reference)
    if isinstance(due, Lists) and isinstance(expected, Lists):  # the reference has made no id
        return due.keys - {ID_KEY} == expected.keys - {ID_KEY}
    return due == expected or (isinstance(due, Raises) and isinstance(expected, Raises))
