"""What is read off a backend's code: what may be a mark, a word or a number of its own, and nothing else."""

import functools
import json
import sys
import types

import pytest

from conformance.probes.vocabulary import MOST_NUMBERS, MOST_TEXTS, SILENT, vocabulary_of

MODULE = types.ModuleType("knowing_store")
SOURCE = r'''
import re
ENDING = ".later"
PAGE = 777
NAMES = frozenset({"lpt~", "prn~"})
PATTERN = re.compile("%[0-9]")
TABLE = {f"t{n}": n for n in range(1000)}

def helper():
    "One of the texts that nobody ever wants."
    return b"helped:"

class Base:
    KIND = "=base="

    def close(self):
        return lambda: "=inner="

class Store(Base):
    """Keeps what you give it, for a time."""

    def get(self, key):
        "Give it back, all of it."
        if key == "__gone__":
            raise ValueError("there is no such key here")
        return self.attribute[key, 3141]

    @property
    def size(self):
        return getattr(self, "attribute"), "=size=", 2.5, True, None, 10**9, 1

    @staticmethod
    def make(ending="=default="):
        return ending
'''
MODULE.__file__ = "/nowhere/knowing_store.py"
exec(compile(SOURCE, MODULE.__file__, "exec"), MODULE.__dict__)


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setitem(sys.modules, MODULE.__name__, MODULE)
    return vocabulary_of([MODULE.Store])


@pytest.mark.parametrize("text", ["__gone__", "=size=", "=base=", "=inner=", "=default=", ".later", "lpt~", "helped:"])
def test_marks_are_known_wherever_they_stand(known, text):
    assert text in known.texts


def test_the_pattern_of_an_expression_is_known(known):
    assert "%[0-9]" in known.texts


def test_what_the_class_itself_knows_comes_before_what_its_module_knows(known):
    assert known.texts.index("__gone__") < known.texts.index(".later")


@pytest.mark.parametrize(
    "text", ["there is no such key here", "One of the texts that nobody ever wants.", "attribute", "t0", "get"]
)
def test_prose_names_and_tables_are_not(known, text):
    assert text not in known.texts


def test_numbers_that_may_be_lengths_are_known_the_nearest_first(known):
    assert known.numbers[:2] == (3141, 777)
    assert not {1, 10**9} & set(known.numbers)
    assert all(type(number) is int for number in known.numbers)


def test_there_are_no_more_than_so_many():
    members = {f"m{number}": f"<{number}>" for number in range(2 * MOST_TEXTS)}
    numbers = {f"n{number}": 100 + number for number in range(2 * MOST_NUMBERS)}
    known = vocabulary_of([type("Large", (), {**members, **numbers})])

    assert len(known.texts) == MOST_TEXTS
    assert len(known.numbers) == MOST_NUMBERS


def test_what_is_of_python_is_not_read():
    assert vocabulary_of([functools.partial, json.JSONEncoder]) == SILENT


def test_a_package_that_is_named_is_read_too(monkeypatch):
    monkeypatch.setitem(sys.modules, MODULE.__name__, MODULE)

    assert ".later" in vocabulary_of([], [MODULE.__name__]).texts
    assert vocabulary_of([], ["no_such_package"]) == SILENT
