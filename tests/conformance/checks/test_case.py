"""Every case of the catalogue keeps the contract under which its source can be printed and read."""

import ast
import contextlib
import inspect
import tempfile
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.checks.counterexample import calls, reads_source
from conformance.programs.operations import BY_NAME
from tests.conformance.checks.stores import FileBackend

CHECKS = tuple({case.check: case for case in CASES}.values())
FIRST = pytest.mark.parametrize("case", CHECKS, ids=[case.check.__name__ for case in CHECKS])


def global_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from global_names(constant)


def used_by(function: Any) -> dict[str, Any]:
    """What a function reads by a global name."""
    names = set(global_names(function.__code__)) & function.__globals__.keys()
    return {name: function.__globals__[name] for name in names if not name.startswith("__")}


def is_of_the_kit(value: Any) -> bool:
    return str(getattr(value, "__module__", None)).startswith("conformance.")


def functions_of(case: Case) -> set[Any]:
    """The check, and each function of the kit that it uses."""
    found: set[Any] = set()
    rest: list[Any] = [case.check]
    while rest:
        function = rest.pop()
        if function not in found:
            found.add(function)
            rest += [one for one in used_by(function).values() if isinstance(one, FunctionType) and is_of_the_kit(one)]
    return found


def definition_of(function: Any) -> ast.FunctionDef:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(node, ast.FunctionDef), function
    return node


@FIRST
def test_it_is_made_of_plain_functions_with_a_name_of_their_own(case):
    functions = functions_of(case)

    for function in functions:
        assert function.__qualname__ == function.__name__ == definition_of(function).name
        assert function.__closure__ is None
        assert definition_of(function).decorator_list == []
        assert function not in used_by(function).values()
    assert len({function.__name__ for function in functions}) == len(functions)


@FIRST
def test_what_it_reads_can_be_written_in_a_script(case):
    for function in functions_of(case):
        for name, value in used_by(function).items():
            if isinstance(value, ModuleType):
                assert not value.__name__.startswith("conformance"), name
            elif is_of_the_kit(value):
                assert isinstance(value, FunctionType | type), name
                assert value.__name__ == name
            elif not callable(value):
                assert eval(repr(value), {}) == value, name


@FIRST
def test_its_annotations_need_no_import(case):
    for function in functions_of(case):
        for annotation in function.__annotations__.values():
            assert annotation is None or isinstance(annotation, str) or inspect.getmodule(annotation) is not None
        node = definition_of(function)
        read = {name.id for name in ast.walk(node.args) if isinstance(name, ast.Name)}
        read |= {name.id for name in ast.walk(node.returns) if isinstance(name, ast.Name)} if node.returns else set()
        assert all(name in vars(__import__("builtins")) for name in read), (function, read)


def test_its_arguments_are_written_with_built_in_names_alone():
    for case in CASES:
        for argument in case.arguments:
            again = eval(repr(argument), {})
            assert type(again) is type(argument)
            assert repr(again) == repr(argument)


def test_only_the_check_itself_reads_how_the_store_is_opened_and_such_a_case_spawns():
    assert any(map(reads_source, CASES))
    for case in CASES:
        readers = {one for one in functions_of(case) if "source" in set(global_names(one.__code__))}
        assert readers <= {case.check}
        assert reads_source(case) == bool(readers)
        assert case.spawns or not readers


class Recording(FileBackend):
    """Notes the operations that are called on it from outside, and not those that it calls itself."""

    def __init__(self, noted: set[str], directory: str, **options: Any) -> None:
        self.noted = noted
        with self.inside():
            super().__init__(directory, **options)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        own = vars(self)
        own["depth"] = own.get("depth", 0) + 1
        try:
            yield
        finally:
            own["depth"] -= 1

    def __getattribute__(self, name: str) -> Any:
        plain = super().__getattribute__
        if name in ("__dict__", "inside", "noted") or plain("__dict__").get("depth"):
            return plain(name)
        with self.inside():  # a property calls what it likes
            value = plain(name)
        if name not in OPERATIONS:
            return value

        def called(*arguments: Any, **keywords: Any) -> Any:
            self.noted.add(name)
            with self.inside():
                return value(*arguments, **keywords)

        return called


OPERATIONS = set(BY_NAME) & set(dir(FileBackend))


def test_an_operation_that_a_check_calls_is_named_in_it():
    recorded = 0
    for case in (case for case in CASES if not case.spawns):
        noted: set[str] = set()
        with contextlib.ExitStack() as places, contextlib.suppress(Exception):  # whatever it says of this store
            case.check(
                lambda places=places: places.enter_context(tempfile.TemporaryDirectory()),
                lambda place, noted=noted, **options: Recording(noted, place, **options),
                *case.arguments,
            )
        recorded += len(noted)
        assert [name for name in noted if not calls(case, name)] == [], case.name
    assert recorded > len(CASES)
