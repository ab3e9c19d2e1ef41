"""A witness of a generated fault: a program whose last outcome contradicts the reference, run in lock-step with it.

It is found without the kit's own search, so that it says whether there is anything to be found at all. What the program
has to bring about is known from the trigger; which of the keys are stored besides is drawn, a bounded number of times.
"""

import functools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from conformance.faults.generated.fault import FILES, GeneratedFault, drawn
from conformance.faults.generated.plans import RICH, Plan, Step, Witness, plain_plan
from conformance.faults.generated.stores import subject_of_base, subject_of_fault
from conformance.faults.stores.plain import ID_KEY
from conformance.programs.operations import (
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Operation,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    keys_in,
)
from conformance.programs.outcomes import Outcome, Raised, Returned, alike, raised, told
from conformance.subject.subject import Subject
from spec_store import InMemoryStoreBackend

TRIES = 30
"""How many programs are tried for a fault in a dict before it counts as one that cannot be observed."""

TRIES_OF_FILES = 20
MOST_READ = 12
"""How many keys are read after the call."""

MOST_DRAWN = 1000
"""How many faults are drawn for one number at most."""


@attrs.frozen
class Witnessed:
    """A fault, a program that shows it by its last step, and how many were drawn before it that none shows."""

    fault: GeneratedFault
    witness: Witness

    @property
    def discarded(self) -> int:
        """How many faults were drawn for its number before."""
        return self.fault.attempt


def generated(seed: int, number: int) -> Witnessed:
    """The fault of a seed and a number: the first one drawn that can be observed.

    Raises:
        RuntimeError: none of a thousand could be.
    """
    for attempt in range(MOST_DRAWN):
        fault = drawn(seed, number, attempt)
        witness = witness_of(fault)
        if witness is not None:
            return Witnessed(fault, witness)
    raise RuntimeError(f"no fault that was drawn by seed {seed} and number {number} could be observed")


def witness_of(fault: GeneratedFault) -> Witness | None:
    """A program that shows a fault by its last step, and that its base goes through; None if none is found."""
    faulty, base = subject_of_fault(fault), subject_of_base(fault.base)
    for number in range(TRIES_OF_FILES if fault.base == FILES else TRIES):
        rng = random.Random(f"witness {fault.seed}/{fault.number}/{fault.attempt}/{number}")
        program = _program(fault, rng)
        end = contradicted_at(faulty, program)
        if end is not None:
            shorter = _shortened(faulty, program[: end + 1])
            if contradicted_at(base, shorter) is None:
                return shorter
    return None


# Programs


def _program(fault: GeneratedFault, rng: random.Random) -> Witness:
    plan = plain_plan(rng.choice(fault.operations), rng)
    if fault.effect.kind == "id":
        plan = plan.after(ReadId())
    for part in (part for part in fault.parts if part.kind == "key"):
        plan = part.arranged(plan, rng)
    plan = _furnished(plan, rng)
    others = [part for part in fault.parts if part.kind != "key"]
    rng.shuffle(others)
    for part in others:
        plan = part.arranged(plan, rng)
    program = plan.program()
    return (*program, *(Step(operation) for operation in _reads(program)))


def _furnished(plan: Plan, rng: random.Random) -> Plan:
    """The plan with some keys stored first."""
    if plan.name == "list_keys" and rng.random() < 0.5:
        plan = plan.after(Set((*plan.key, "below"), "below the prefix"))
    if rng.random() < (0.3 if plan.name == "add" else 0.7):
        plan = plan.after(Set(plan.key, rng.choice(("old", RICH, "7"))))
    if rng.random() < 0.3:
        plan = plan.after(Set(plan.key, "newer"))
    if rng.random() < 0.5:
        plan = plan.after(Set(("another",), "of another"), Set(("z", "z"), "of one more"))
    if plan.name == "move" and rng.random() < 0.3:
        plan = plan.after(Set(plan.dest, "at dest"))
    if plan.name == "move" and rng.random() < 0.15:
        plan = attrs.evolve(plan, dest=plan.key)
    return plan.after(RemoveKey(plan.key)) if rng.random() < 0.15 else plan


def _reads(program: Witness) -> Iterator[Operation]:
    """What is asked after the call, so that whatever it has done is seen."""
    keys = keys_in(tuple(step.operation for step in program))[-MOST_READ:]
    for key in keys:
        yield HasKey(key)
        yield Get(key)
    yield ListKeys()
    yield GetAll()
    yield ReadId()
    yield Reopen()
    yield ListKeys()
    yield ReadId()


def _shortened(faulty: Subject, program: Witness) -> Witness:
    """The program without those steps that it does without, each tried once, from the last to the first."""
    for number in reversed(range(len(program) - 1)):
        shorter = (*program[:number], *program[number + 1 :])
        if contradicted_at(faulty, shorter) == len(shorter) - 1:
            program = shorter
    return program


# In lock-step


def contradicted_at(subject: Subject, program: Witness) -> int | None:
    """The number of the first step at which a subject contradicts the reference, on a new place; None if none does."""
    reference = InMemoryStoreBackend(suppress_store_backend_id=True)
    with subject.place() as place:
        stores: dict[bool, Any] = {False: subject.open(place)}
        ids: set[object] = set()
        for number, step in enumerate(program):
            for _ in range(step.times):
                actual = _outcome(functools.partial(_perform, subject, place, stores, step))
                if not _agrees(step.operation, actual, reference, ids):
                    return number
    return None


def _perform(subject: Subject, place: Any, stores: dict[bool, Any], step: Step) -> Any:
    if isinstance(step.operation, Reopen) or step.other not in stores:
        stores[step.other] = subject.open(place)
    return None if isinstance(step.operation, Reopen) else step.operation.on(stores[step.other])


def _outcome(perform: Callable[[], Any]) -> Outcome:
    try:
        return Returned(perform())
    except Exception as error:
        return raised(error)


def _agrees(operation: Operation, actual: Outcome, reference: InMemoryStoreBackend, ids: set[object]) -> bool:
    """Perform an operation on the reference, and tell whether the outcome is right; `ids` are those read so far."""
    if isinstance(operation, ReadId | Reopen):
        ids.update([actual.value] if isinstance(operation, ReadId) and isinstance(actual, Returned) else [])
        return isinstance(actual, Returned) and len(ids) < 2
    expected = _outcome(lambda: operation.on(reference))
    if isinstance(expected, Raised) or isinstance(actual, Raised):
        return expected == actual
    assert isinstance(expected, Returned)
    assert isinstance(actual, Returned)
    match operation:
        case Get() | HasKey() | RemoveKey():
            return alike(expected.value, actual.value)
        case ListKeys():
            return isinstance(actual.value, list) and sorted(expected.value) == sorted(_without_id(actual.value))
        case GetAll():
            return Counter(map(told, expected.value)) == Counter(map(told, actual.value))
    return True


def _without_id(listed: list[Any]) -> list[Any]:
    return [key for key in listed if key != ID_KEY]
