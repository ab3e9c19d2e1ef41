"""Which requirements a generated fault may be reported under."""

import pytest

from conformance.faults.generated.answers import Stale
from conformance.faults.generated.calls import WRITES
from conformance.faults.generated.circumstances import Holds, Nth, Old, Opening, Overtaken, Relative
from conformance.faults.generated.effects import ChangesId, GivesAnothers, Lost, Neighbour
from conformance.faults.generated.fault import DICT, OPERATIONS, GeneratedFault, drawn
from conformance.faults.generated.keys import Alike, EqualNeighbours
from conformance.faults.generated.rightful import BY_EFFECT, OWN, rightful
from conformance.faults.generated.values import Text
from spec_store import REQUIREMENTS


def fault(names, effect, *parts):
    return GeneratedFault(0, 0, 0, DICT, "of a test", names, parts, effect)


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (fault(("set",), Lost(), Holds(3)), {"SET-1"}),
        (fault(WRITES, Lost(), Holds(3)), {"SET-1", "ADD-1", "UPDATE-1", "UPSERT-1"}),
        (fault(("set",), Lost(), Text("with a NUL")), {"SET-1", "GET-1", "SET-4"}),
        (fault(("set",), Lost(), EqualNeighbours("key")), {"SET-1", "KEY-5"}),
        (fault(("set",), Lost(), Alike("key", "but for case")), {"SET-1", "KEY-4", "KEY-5"}),
        (fault(("set",), Lost(), Relative("key", True)), {"SET-1", "KEY-6"}),
        (fault(("set",), Neighbour("first", True), Overtaken()), {"SET-1", "SET-2", "REOPEN-2"}),
        (fault(("has_key",), Neighbour("first", True)), {"HAS-1", "GET-3"}),
        (fault(("has_key",), Stale(), Text("with a NUL")), {"HAS-1"}),
        (fault(("get",), GivesAnothers("first")), {"GET-1", "GET-2", "KEY-4"}),
        (fault(("remove_key",), Lost()), {"REMOVE-1", "REMOVE-3", "REMOVE-4"}),
        (fault(("list_keys",), Stale(), Old(4)), {"LIST-1", "LIST-2", "LIST-3", "GET-3", "REOPEN-1"}),
        (fault(("set",), Lost(), Old(4)), {"SET-1", "GET-3"}),
        (fault(("set",), Lost(), Nth(4, True, False)), {"SET-1", "GET-3"}),
        (fault(("set",), Lost(), Nth(4, False, False)), {"SET-1"}),
        (fault(("reopen",), ChangesId(), Opening(3)), {"REOPEN-1", "REOPEN-2", "REOPEN-3", "ID-8", "ID-10", "ID-1"}),
    ],
    ids=lambda value: value.description if isinstance(value, GeneratedFault) else None,
)
def test_what_is_rightful_follows_from_operation_effect_and_trigger(one, wanted):
    assert rightful(one) == wanted


def test_every_operation_has_requirements_of_its_own_that_exist():
    known = {one.id for one in REQUIREMENTS}

    assert set(OWN) == set(OPERATIONS)
    assert set(BY_EFFECT) <= set(OPERATIONS)
    assert {name for number in range(400) for name in rightful(drawn(1, number))} <= known
