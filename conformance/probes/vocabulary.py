"""The words and numbers that a backend's own code knows, for keys and values to be made of them.

A store that leaves out names ending with ".part", or takes "__deleted__" for a mark, is met by no text that somebody
else thinks of: but the text stands in its code. So does the number at which it begins another page. They are read off
the constants of what is loaded, which nothing is run for:

    nearness    whose constants                                          which of them
    ----------  -------------------------------------------------------  ---------------------------------------------
    0           the classes of the backend, its bases included           those of their methods, and their attributes
    1           the modules of these classes                             likewise, of their functions and other classes
    2           the other modules of the package of the backend's class  likewise
                and of those that its author names (`Subject.code`)

Of texts of one nearness, marks come before words, words before members of lists of words, and all of them before pieces
of sentences. Most texts of most code are none of these: what is prose (messages, docstrings), and what names an
attribute or a variable, is left out.
"""

import re
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

import attrs

LONGEST_TEXT = 64
"""Characters of the longest text that counts."""

MOST_TEXTS, MOST_NUMBERS = 60, 24
"""How many texts and numbers are taken, the nearest first."""

COUNTABLE = range(2, 5001)
"""The numbers that may be a length or a count."""

MOST_CONSTANTS = 4000
"""After so many constants no further module is looked at: the package is a large one."""

MOST_MEMBERS = 200
"""How many members of a collection count: a table of data is no vocabulary."""

HOLDS_MANY = ("conformance", "tests")
"""Packages that hold many stores which have nothing to do with one another: of these a backend's own modules alone."""

PROSE = re.compile(r"\w{2,}[,:;]? \w+[,:;]? \w{2,}")
"""Three words in a row."""


@attrs.frozen
class Vocabulary:
    """What code knows.

    Args:
        texts: texts, the most telling first.
        numbers: numbers that may be lengths or counts, likewise.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


SILENT = Vocabulary()
"""That of code which has not been read."""


@attrs.frozen
class _Constant:
    """A constant; whether it is one of several in a collection."""

    value: Any
    is_member: bool


@attrs.define
class _Reader:
    """Reads constants off classes and modules, each once.

    Args:
        names: the names of attributes and variables that the code uses.
    """

    names: set[str] = attrs.field(factory=set)
    _seen: set[int] = attrs.field(factory=set)

    def of_names(self, named: Iterable[tuple[str, Any]], module: str) -> Iterator[_Constant]:
        """The constants of what a class or a module holds under some names, of what it has itself."""
        for name, value in named:
            self.names.add(name)
            if name.startswith("__") and not callable(_function_of(value)):
                continue
            function = _function_of(value)
            if isinstance(function, FunctionType):
                yield from self._of_function(function, module)
            elif isinstance(value, type):
                if value.__module__ == module:
                    yield from self.of_class(value)
            else:
                yield from _flat(value)

    def of_class(self, cls: type) -> Iterator[_Constant]:
        """The constants of a class, without its bases."""
        if id(cls) not in self._seen:
            self._seen.add(id(cls))
            yield from self.of_names(tuple(vars(cls).items()), cls.__module__)

    def _of_function(self, function: FunctionType, module: str) -> Iterator[_Constant]:
        function = getattr(function, "__wrapped__", function)
        code = getattr(function, "__code__", None)
        if code is not None and id(code) not in self._seen and function.__module__ == module:
            self._seen.add(id(code))
            yield from (one for one in self._of_code(code) if one.value != function.__doc__)
            yield from _flat(function.__defaults__)
            yield from _flat(function.__kwdefaults__)

    def _of_code(self, code: CodeType) -> Iterator[_Constant]:
        self.names.update(code.co_names, code.co_varnames, code.co_freevars)
        for value in code.co_consts:
            if isinstance(value, CodeType):
                yield from self._of_code(value)
            else:
                yield from _flat(value)


def _function_of(value: Any) -> Any:
    """The function that a property, a static method or the like wraps."""
    for name in ("fget", "__func__", "func"):
        value = getattr(value, name, None) or value if type(value).__module__ in ("builtins", "functools") else value
    return value


def _flat(value: Any, *, is_member: bool = False) -> Iterator[_Constant]:
    """A constant; of a collection its members, and what these consist of."""
    if isinstance(value, dict):
        value = (*value.keys(), *value.values()) if len(value) <= MOST_MEMBERS else ()
    if isinstance(value, re.Pattern):
        value = value.pattern
    if type(value) in (tuple, frozenset, set, list):
        # Sets have another order in each process.
        ordered = sorted(value, key=repr) if type(value) in (set, frozenset) else value
        if len(ordered) <= MOST_MEMBERS:
            for one in ordered:
                yield from _flat(one, is_member=True)
    elif type(value) in (str, bytes, int):
        yield _Constant(value, is_member)


def vocabulary_of(classes: Collection[type], packages: Collection[str] = ()) -> Vocabulary:
    """The vocabulary of backends of some classes.

    Args:
        classes: the classes.
        packages: names of packages that they store with.
    """
    reader, found = _Reader(), list[tuple[int, _Constant]]()
    mine = [base for cls in classes for base in cls.__mro__ if not _is_of_python(base.__module__)]
    for base in dict.fromkeys(mine):
        found.extend((0, one) for one in reader.of_class(base))
    beside = dict.fromkeys(base.__module__ for base in mine)
    packages = {*packages, *(cls.__module__.partition(".")[0] for cls in classes)}
    within = sorted({name for package in packages for name in _modules_of(package)} - beside.keys())
    for nearness, names in ((1, beside), (2, within)):
        for name in names:
            module = sys.modules.get(name)
            if module is not None and len(found) < MOST_CONSTANTS:
                found.extend((nearness, one) for one in reader.of_names(tuple(vars(module).items()), name))
    return Vocabulary(_texts(found, reader.names), _numbers(found))


def _is_of_python(name: str) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None)
    library = sysconfig.get_path("stdlib")
    return file is None or (file.startswith(library) and "site-packages" not in file)


def _modules_of(package: str) -> list[str]:
    """The names of the modules that are loaded of a package."""
    if package in HOLDS_MANY or _is_of_python(package):
        return []
    return [name for name in tuple(sys.modules) if name.partition(".")[0] == package]


def _texts(found: Iterable[tuple[int, _Constant]], names: set[str]) -> tuple[str, ...]:
    ranked: dict[str, tuple[int, int]] = {}
    for nearness, one in found:
        text = _text_of(one.value)
        if text is None or not 1 <= len(text) <= LONGEST_TEXT or text in names or PROSE.search(text):
            continue
        rank = (nearness, 3 if _is_piece(text) else 0 if _is_mark(text) else 2 if one.is_member else 1)
        ranked[text] = min(ranked.get(text, rank), rank)
    return tuple(sorted(ranked, key=lambda text: ranked[text])[:MOST_TEXTS])


def _text_of(value: Any) -> str | None:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return value if isinstance(value, str) else None


def _is_mark(text: str) -> bool:
    """Whether a text is no plain word, nor a few: it has, begins or ends with what words have not."""
    return not re.fullmatch(r"[^\W_](\w| )*", text) or text.endswith("_")


def _is_piece(text: str) -> bool:
    """Whether a text has words with a space before or after them: a message is made of such."""
    return text != text.strip(" ") and re.search(r"[^\W\d]{2}", text) is not None


def _numbers(found: Iterable[tuple[int, _Constant]]) -> tuple[int, ...]:
    ranked: dict[int, int] = {}
    for nearness, one in found:
        if type(one.value) is int and one.value in COUNTABLE:
            ranked[one.value] = min(ranked.get(one.value, nearness), nearness)
    return tuple(sorted(ranked, key=lambda number: ranked[number])[:MOST_NUMBERS])
