"""Each part of a trigger and each effect can be brought about and seen, and the stores without them are correct."""

from typing import Any

import pytest

from conformance.faults.generated.answers import LISTINGS, Invented, Listing, Negated, Stale
from conformance.faults.generated.calls import READS, WRITES
from conformance.faults.generated.circumstances import (
    Holds,
    Nth,
    Old,
    Opening,
    OthersWrote,
    Overtaken,
    Relative,
    Removed,
    Siblings,
    Stored,
    Written,
)
from conformance.faults.generated.effects import (
    ALTERATIONS,
    ERRORS,
    NO_REFUSALS,
    ActsAnyway,
    Altered,
    ChangesId,
    Consumes,
    GivesAnothers,
    HalfMoved,
    Lost,
    Misplaced,
    Neighbour,
    Raises,
    RaisesAfter,
)
from conformance.faults.generated.fault import ANY, DICT, FILES, GeneratedFault
from conformance.faults.generated.keys import (
    CHARACTERS,
    POSITIONS,
    TRANSFORMATIONS,
    WHERE,
    WHOLE,
    Alike,
    CutAlike,
    Element,
    EqualNeighbours,
    LongElement,
    ManyElements,
)
from conformance.faults.generated.plans import Step
from conformance.faults.generated.stores import subject_of_base, subject_of_fault
from conformance.faults.generated.values import TEXTS, TYPES, AsAnothers, AsBefore, LongText, OfType, Text
from conformance.faults.generated.witnesses import contradicted_at, generated, witness_of
from conformance.programs.operations import Get, ListKeys, Operation, ReadId, Reopen, Set
from tests.sampling import sampled

KEYS: list[Any] = [
    *(Element("key", "an", "contains", what) for what in CHARACTERS),
    *(Element("key", position, where, "a dot") for position in POSITIONS for where in WHERE),
    *(Element("key", position, "is", "digits alone") for position in POSITIONS),
    *(Element("key", "the last", "is", what) for what in WHOLE),
    *(LongElement("key", than) for than in (5, 255, 4096)),
    *(ManyElements("key", than) for than in (2, 64)),
    EqualNeighbours("key"),
]
BESIDE: list[Any] = [*(Alike("key", how) for how in TRANSFORMATIONS), CutAlike("key", 1), CutAlike("key", 300)]
VALUES: list[Any] = [*map(Text, TEXTS), *map(LongText, (5, 2**20)), *map(OfType, TYPES), AsBefore(), AsAnothers()]
STATES: list[Any] = [
    *(Stored("key", wanted) for wanted in (True, False)),
    *map(Holds, (1, 1100)),
    *map(Siblings, (1, 40)),
    Removed("key"),
    *map(Written, (1, 4)),
    *(Relative("key", longer) for longer in (True, False)),
]
OTHERS: list[Any] = [
    *(Nth(number, of_all, every) for number in (1, 100, 1500) for of_all in (True, False) for every in (True, False)),
    *map(Old, (1, 1500)),
    *map(Opening, (2, 5)),
    Overtaken(),
    OthersWrote(),
]
OF_DEST: list[Any] = [
    Element("dest", "the last", "ends with", "a space"),
    LongElement("dest", 10),
    ManyElements("dest", 4),
    EqualNeighbours("dest"),
    Alike("dest", "but for case"),
    CutAlike("dest", 5),
    Stored("dest", True),
    Removed("dest"),
    Relative("dest", True),
]
EFFECTS: list[tuple[str, Any]] = [
    *((name, effect) for name in WRITES for effect in (Lost(), Misplaced("first", False), Misplaced("last", True))),
    *(("set", Altered(how)) for how in ALTERATIONS),
    *((name, Raises(error)) for name in (*WRITES, "move", "remove_key") for error in NO_REFUSALS),
    *((name, RaisesAfter(error)) for name in (*WRITES, "move", "remove_key") for error in ERRORS),
    *((name, ActsAnyway()) for name in ("add", "update")),
    *(("move", effect) for effect in (Lost(), HalfMoved(True), HalfMoved(False), Altered("twice over"))),
    *(("move", effect) for effect in (Misplaced("first", False), Misplaced("last", True), GivesAnothers("first"))),
    *(("remove_key", effect) for effect in (Lost(), Negated(True), Negated(False))),
    *(("get", effect) for effect in (Stale(), Altered("stripped"), GivesAnothers("last"), Consumes(), Invented(None))),
    *(("has_key", effect) for effect in (Stale(), Negated(True), Negated(False), Consumes())),
    *((name, Listing(how, first)) for name in ("list_keys", "get_all") for how in LISTINGS for first in (True, False)),
    ("list_keys", Stale()),
    ("get_all", Altered("empty")),
    *((name, Raises(error)) for name in (*READS, "store_backend_id", "reopen") for error in ("OSError", "ValueError")),
    *(
        (name, effect)
        for name in (*WRITES, "move", "remove_key", *READS, "store_backend_id", "reopen")
        for effect in (Neighbour("first", True), Neighbour("last", False), ChangesId())
    ),
]
KEY = ("plain", "key")
PLAIN: tuple[Operation, ...] = (Set(KEY, "plain"), Get(KEY), ListKeys(), ReadId(), Reopen(), Get(KEY))


def fault(names, parts, effect, base=DICT):
    return GeneratedFault(0, 0, 0, base, "of a test", tuple(names), tuple(parts), effect)


def shown(one):
    """The witness of a fault, which has to show it by its last step, and to say nothing of the base."""
    witness = witness_of(one)
    assert witness is not None
    assert contradicted_at(subject_of_fault(one), witness) == len(witness) - 1
    assert contradicted_at(subject_of_base(one.base), witness) is None
    return witness


def told(value):
    return f"{type(value).__name__}-{value}" if not isinstance(value, str) else value


@pytest.mark.parametrize("part", [*KEYS, *BESIDE, *VALUES, *STATES, *OTHERS], ids=told)
def test_each_part_of_a_trigger_is_met_by_a_write(part):
    one = fault(WRITES, [part], RaisesAfter("RuntimeError"), ANY if isinstance(part, OfType) else DICT)

    assert shown(one)


@pytest.mark.parametrize("part", OF_DEST, ids=told)
def test_each_part_about_dest_is_met_by_a_move(part):
    witness = shown(fault(["move"], [part], RaisesAfter("RuntimeError")))

    assert witness[-1].operation.name == "move"


@pytest.mark.parametrize("part", [*KEYS, *BESIDE, *VALUES], ids=told)
def test_a_fault_that_is_about_a_key_or_a_value_leaves_plain_ones_alone(part):
    one = fault(WRITES, [part], RaisesAfter("RuntimeError"))

    assert contradicted_at(subject_of_fault(one), tuple(Step(operation) for operation in PLAIN)) is None


@pytest.mark.parametrize(
    ("base", "name", "effect"),
    [*((DICT, *one) for one in EFFECTS), *sampled(((FILES, *one) for one in EFFECTS), 4)],
    ids=told,
)
def test_each_effect_is_seen_in_each_operation(base, name, effect):
    assert shown(fault([name], [], effect, base))


def test_both_parts_of_a_pair_have_to_be_met():
    dot, dashed = Element("key", "the last", "ends with", "a dot"), Stored("key", True)
    one = fault(["set"], [dot, dashed], Lost())
    subject = subject_of_fault(one)

    assert shown(one)
    assert contradicted_at(subject, (Step(Set(("a.",), "1")), Step(Get(("a.",))))) is None
    assert contradicted_at(subject, (Step(Set(("a",), "1")), Step(Set(("a",), "2")), Step(Get(("a",))))) is None


def test_what_cannot_be_observed_has_no_witness():
    unseen = fault(["list_keys"], [Holds(3)], Neighbour("first", True))
    none = fault(["set"], [Text("of digits alone")], Altered("in lower case"))

    assert shown(unseen)
    assert witness_of(none) is None


@pytest.mark.parametrize("number", range(40))
def test_the_witness_of_a_generated_fault_shows_it_and_its_base_goes_through_it(number):
    one = generated(5, number)

    assert contradicted_at(subject_of_fault(one.fault), one.witness) == len(one.witness) - 1
    assert contradicted_at(subject_of_base(one.fault.base), one.witness) is None
    assert one.discarded == one.fault.attempt


def test_a_witness_has_no_step_that_it_does_without():
    one = fault(["set"], [Holds(2)], Lost())
    witness = shown(one)

    for number in range(len(witness) - 1):
        shorter = (*witness[:number], *witness[number + 1 :])
        assert contradicted_at(subject_of_fault(one), shorter) != len(shorter) - 1
