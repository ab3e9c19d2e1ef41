"""Values as Python source: whatever it is, it compiles, and what can be made again is made again."""

import datetime as dt
import decimal
import importlib
import math
import uuid

import pytest

from conformance.counterexamples.literals import written
from conformance.counterexamples.script import environment
from conformance.programs.operations import Move, Set
from conformance.subject.subject import Claims


class Row:
    """A value with neither equality nor a repr that is Python."""

    def __init__(self, value: object) -> None:
        self.value = value


class Point(Row):
    """A value that is equal to its like, and has no literal."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and other.value == self.value

    __hash__ = None  # type: ignore[assignment]


class Failing:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __reduce__(self) -> str:
        raise RuntimeError("cannot be taken apart")


LONG = "x" * 40_000


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 1, 1.5, "a", b"a", (), ("a",), ("a", "b"), [], ["a", ["b"]], {}, {"a": [1]}, set(), {1, 2}),
        *(frozenset({"a"}), frozenset(), LONG, LONG.encode(), "ab" * 99 + "a", ("a", LONG), [LONG], {"a": LONG}),
        *(math.inf, bytearray(b"a"), "\ud800", "'\"\\\n", Point("a"), [Point("a")], {"a": (Point("b"),)}),
        *(uuid.UUID(int=7), decimal.Decimal("1.50"), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_is_made_again(value):
    again = eval(written(value), {"importlib": importlib})

    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("value", [LONG, LONG.encode(), ("a", LONG), [LONG], {"a": [LONG]}], ids=lambda v: str(type(v)))
def test_what_is_long_and_repeats_itself_is_written_as_a_product(value):
    assert len(written(value)) < 100


@pytest.mark.parametrize("value", [Failing(), [Failing()], lambda: 1, (Failing(), "a")], ids=["one", "in", "fn", "of"])
def test_what_cannot_be_made_again_is_python_all_the_same(value):
    assert eval(written(value), {}) != value


def test_a_value_of_the_kit_is_written_by_its_name():
    assert written(Move(("a",), ("b",))) == "Move(source=('a',), dest=('b',), extra=False)"
    assert written(Claims(durable=True)).startswith("Claims(durable=True, ")
    assert len(written([Set(("a",), LONG)])) < 100


def test_templates_write_values_so():
    template = environment().from_string("{{ value }}; {{ operation | call }}")

    assert template.render(value=[LONG], operation=Set(("a",), [LONG])) == (
        "[('x' * 40000)]; backend.set(('a',), [('x' * 40000)])"
    )
