"""The notation of laws: a side of one, from its text to a program with variables.

`spec_store.catalogue.laws` says what the parts of the notation mean. A side is parsed into terms, which are operations
with variables, and what its outcome is; with a binding of the variables it is a program.

    part of a side             becomes
    -------------------------  --------------------------------------------------------------------------------
    `set(a, v)`                the operation of that name, with what the variables stand for
    `reopen`, `write`          the operation of that name, or that the variable stands for
    `write(**extra)`           the same with keyword arguments that no backend knows
    `x = get(b)`               the operation; its outcome is kept as x
    `raise InvalidKeyError`    the outcome: an exception of that kind
    another expression, last   the outcome: an outcome that was kept, or the value; it may read the store
"""

import ast
import itertools
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any, TypeAlias

import attrs

from conformance.programs.keys import ID_KEY
from conformance.programs.operations import BY_NAME, Operation, Program
from conformance.programs.outcomes import Raised
from spec_store.catalogue.laws import Law

Binding: TypeAlias = Mapping[str, Any]
"""What each variable of a law stands for."""

VARIABLES = ("a", "b", "c", "p", "v", "w", "read", "write")

ID_NAME = "STORE_BACKEND_ID_KEY"
"""What the id key is called in a law."""


@attrs.frozen
class Term:
    """One operation of a side.

    Args:
        name: of an operation, or of a variable that stands for one.
        arguments: the variables that are its arguments.
        extra: whether it has keyword arguments that no backend knows.
        kept: the name under which its outcome is kept, or "".
    """

    name: str
    arguments: tuple[str, ...] = ()
    extra: bool = False
    kept: str = ""

    def operation(self, binding: Binding) -> Operation:
        """The operation, with what the variables stand for."""
        kind: Any = BY_NAME.get(self.name)
        arguments = (ID_KEY if one == ID_NAME else binding[one] for one in self.arguments)
        operation: Any = kind(*arguments) if kind is not None else binding[self.name]
        with_extra: Operation = attrs.evolve(operation, extra=True) if self.extra else operation
        return with_extra


@attrs.frozen
class Side:
    """One side of a law.

    Args:
        terms: its operations.
        result: the expression that gives its outcome, or an exception's kind; None if that is the last operation's.
    """

    terms: tuple[Term, ...]
    result: CodeType | Raised | None

    def program(self, binding: Binding) -> Program:
        """Its operations, with what the variables stand for."""
        return tuple(term.operation(binding) for term in self.terms)


_OPERATIONS = {*BY_NAME, "read", "write"}


@cache
def side(text: str) -> Side:
    """A side of a law from its notation."""
    terms: list[Term] = []
    result: CodeType | Raised | None = None
    for node in ast.parse(text).body:
        match node:
            case ast.Raise(exc=ast.Name(id=kind)):
                result = Raised(kind)
            case ast.Assign(targets=[ast.Name(id=kept)], value=value) if (term := _term(value)) is not None:
                terms.append(attrs.evolve(term, kept=kept))
            case ast.Expr(value=value) if (term := _term(value)) is not None:
                terms.append(term)
            case ast.Expr(value=value):
                result = compile(ast.Expression(value), text, "eval")
            case _:
                raise ValueError(f"no step of a law: {ast.unparse(node)}")
    return Side(tuple(terms), result)


def _term(node: ast.expr) -> Term | None:
    """The operation that an expression is, if it is one."""
    match node:
        case ast.Name(id=name) if name in _OPERATIONS:
            return Term(name)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in _OPERATIONS:
            return Term(name, tuple(map(ast.unparse, arguments)), extra=bool(keywords))
    return None


@cache
def variables(law: Law) -> tuple[str, ...]:
    """The variables of a law."""
    nodes = itertools.chain.from_iterable(ast.walk(ast.parse(text)) for text in (law.left, law.right))
    named = {node.id for node in nodes if isinstance(node, ast.Name)}
    return tuple(name for name in VARIABLES if name in named)


@cache
def _condition(text: str) -> CodeType:
    return compile(text or "True", text, "eval")


def admits(law: Law, binding: Binding) -> bool:
    """Whether the condition of a law admits a choice for its variables."""
    return bool(eval(_condition(law.where), {}, dict(binding)))
