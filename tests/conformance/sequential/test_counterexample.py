import importlib
import subprocess
import sys

import pytest

from conformance.counterexamples.literals import written
from conformance.programs.operations import Get, ListKeys, Move, Set, SetMany
from conformance.programs.outcomes import Died, Hung, Raised, Returned
from conformance.sequential.attribution import attribute
from conformance.sequential.counterexample import condition, script_of_violation
from conformance.sequential.expectations import AnId, Anything, Bag, Exactly, Lists, Raises, Succeeds, Unchanged
from conformance.sequential.findings import Finding, Violation
from conformance.sequential.observing import ALWAYS
from conformance.sequential.replay import findings_of
from conformance.subject.origin import Origin
from conformance.system.budget import Effort
from tests.conformance.subjects import LosesOnSelfMove, harness_of

A = ("a",)
ORIGIN = Origin(("from tests.conformance.subjects import LosesOnSelfMove",), "LosesOnSelfMove({options})")
REFERENCE = Origin(("from spec_store import InMemoryStoreBackend",), "InMemoryStoreBackend({options})")


def run(script, tmp_path):
    path = tmp_path / "counterexample.py"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}, check=False
    )


def self_move():
    harness = harness_of(LosesOnSelfMove)
    program = (Set(A, "1"), Move(A, A))
    found = attribute(harness, program, findings_of(harness, program, ALWAYS)[0], ALWAYS, Effort())
    assert found is not None
    return found


def test_a_script_fails_with_the_requirement_while_the_fault_is_there(tmp_path):
    done = run(script_of_violation(self_move(), ORIGIN), tmp_path)
    assert done.returncode == 1
    assert "MOVE-3 is violated: expected get to return '1', it raised InvalidKeyError" in done.stderr


def test_the_same_script_passes_on_a_backend_without_the_fault(tmp_path):
    done = run(script_of_violation(self_move(), REFERENCE), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_script_mentions_nothing_of_the_kit():
    script = script_of_violation(self_move(), REFERENCE)
    assert "conformance" not in script
    assert "hypothesis" not in script.lower()


def violation(observation, expected, actual, setup=()):
    finding = Finding("SET-1", "lost", len(setup), observation, observation, expected, actual)
    return Violation("SET-1", setup, observation, expected, actual, finding)


def test_the_script_of_a_hang_ends_itself(tmp_path):
    origin = Origin(
        ("import time", "from spec_store import InMemoryStoreBackend"),
        "type('Hangs', (InMemoryStoreBackend,), {'_set': lambda *a, **k: time.sleep(60)})(None, False, True{options})",
    )
    done = run(script_of_violation(violation(Set(A, "1"), Anything(), Hung(0.5)), origin), tmp_path)
    assert done.returncode == 1


@pytest.mark.parametrize("status", [0, 3])
def test_the_script_of_a_death_outlives_it(tmp_path, status):
    methods = f"{{'_get': lambda *a: os._exit({status})}}"
    dies = f"type('Dies', (InMemoryStoreBackend,), {methods})(None, False, True{{options}})"
    origin = Origin(("import os", "from spec_store import InMemoryStoreBackend"), dies)
    done = run(script_of_violation(violation(Get(A), Anything(), Died("exit")), origin), tmp_path)
    assert done.returncode == 1
    assert f"SET-1 is violated: the process ended: status {status}" in done.stderr


@pytest.mark.parametrize(
    ("expected", "good", "bad"),
    [
        (Anything(), "x", ValueError()),
        (Exactly("x"), "x", b"x"),
        (Exactly(True), True, 1),
        (Exactly(None), None, 0),
        (Exactly(["x"]), ["x"], ("x",)),
        (Lists(frozenset({("a",), ("b",)})), [("b",), ("a",)], [("a",), ("b",), ("b",)]),
        (Lists(frozenset()), [], ()),
        (Bag(("x", "x")), ["x", "x"], ["x"]),
        (Raises(frozenset({"ValueError"})), UnicodeDecodeError("utf-8", b"", 0, 1, ""), KeyError()),
        (Succeeds(frozenset({"TypeError"})), TypeError(), KeyError()),
        (Exactly(float("nan")), float("nan"), 1.0),
        (Exactly(-0.0), -0.0, 0.0),
    ],
)
def test_a_condition_in_a_script_says_what_the_expectation_says(expected, good, bad):
    for actual, holds in ((good, True), (bad, False)):
        assert bool(eval(condition(expected), {"actual": actual})) is holds
        outcome = Raised(type(actual).__mro__[0].__name__) if isinstance(actual, Exception) else Returned(actual)
        if not isinstance(actual, UnicodeDecodeError):
            assert expected.met_by(outcome) is holds


def test_an_id_and_what_it_was_before_can_be_asked_for():
    assert "uuid" in condition(AnId())
    assert condition(Unchanged()) == "actual == before"


@pytest.mark.parametrize("value", ["x", "x" * 5000, "0123456789" * 410 + "01234", ("a", "n" * 300), b"\xff", ["\n"]])
def test_source_evaluates_to_the_value_and_is_short(value):
    text = written(value)
    assert eval(text) == value
    assert len(text) < 80


def test_a_listing_of_many_keys_is_written_as_a_loop():
    keys = frozenset({*(key for key, _ in SetMany(("m",), 1100).items()), A})
    text = condition(Lists(keys))
    assert eval(text, {"actual": list(keys)})
    assert len(text) < 300


def test_a_setup_operation_that_raises_is_passed_over(tmp_path):
    shown = violation(ListKeys(A), Lists(frozenset()), Returned([A]), (Move(A, ("b",)),))
    done = run(script_of_violation(shown, REFERENCE, frozenset({0})), tmp_path)
    assert done.returncode == 0, done.stderr


class Row:
    """A value without equality, whose repr is no Python."""


def test_a_value_without_a_literal_is_compared_by_an_expression_all_the_same():
    expression = condition(Exactly(Row()))

    assert expression.startswith("type(actual).__name__ == 'Row' and actual == ")
    assert eval(expression, {"actual": "a", "importlib": importlib}) is False
    assert eval(condition(Exactly(["a" * 400])), {"actual": ["a" * 400]}) is True
