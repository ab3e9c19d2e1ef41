"""Scripts of backends with a known fault: each fails while the fault is there, and ends with 0 once it is taken out.

Those of all faults are run by tests/benchmarks/every_script.py, in some CPU minutes; here is a sample.
"""

import ast
import multiprocessing

import pytest

from conformance.faults.catalogue import FAULTS
from tests.conformance.counterexamples.planted_scripts import complaints, of_programs_and_checks, printed

NAMES = (
    *(
        "TakesListsForKeys",
        "JoinsElements",
        "FilesFoldCase",
        "StripsTheNewline",
        "HandsOutItsOwnObject",
        "IgnoresOverwriting",
    ),
    *("MoveCopies", "SelfMoveLoses", "MoveRaisesKeyError", "HasOneOrZero", "HidesTheId", "ListsATuple"),
    *("GoesToTheLatest", "SharesOneShelf", "WarnsOnce", "RepairsItsId", "HasAnIdOfVersion1", "RaisesWhereStorageFails"),
    *("CountsItsWrites", "TellsMoreThanItTakes", "HandsOutItsConfig", "ListsInOrderAlone", "MovesInOrderAlone"),
    *("HasUrlsAsPaths", "IgnoresNothing", "NamesAnotherPrefix", "FollowsAbsolutePaths"),
)
"""Some of each room: of programs, and of checks with and without arguments."""

FORKED = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="scripts are run in forked processes"
)

EVERY = 8
"""Of all the others each of this number is taken."""


def chosen() -> list[str]:
    others = [fault.name for fault in of_programs_and_checks() if fault.name not in NAMES]
    return [*NAMES, *others[::EVERY]]


def scripts_of(name):
    return printed(next(fault for fault in FAULTS if fault.name == name))


def assert_scripts_tell(name):
    with multiprocessing.get_context("fork").Pool(1) as pool:  # what the campaign leaves in a class is left there
        scripts = pool.apply(scripts_of, (name,))

    planted = next(fault.requirement for fault in FAULTS if fault.name == name)
    assert planted in [one.requirement for one in scripts]
    for one in scripts:
        ast.parse(one.script)
        assert complaints(one) == []


@FORKED
@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", chosen())
def test_a_script_fails_while_the_fault_is_there_and_no_longer(name):
    assert_scripts_tell(name)


@FORKED
@pytest.mark.slow
@pytest.mark.usefixtures("short_programs")
@pytest.mark.parametrize("name", NAMES[::4])
def test_so_does_one_of_a_short_campaign(name):
    assert_scripts_tell(name)
