"""Two threads on one backend: one stopped at each step of its own code, the other's operation run whole.

Which code that is, the author may say (`Subject.code`). If not, it is the backend's own, and after that, where time is
left, the packages that it imports and that are not Python's (`Code`): what they do is its doing too, but an operation
takes many more steps there.
"""

import enum
import functools
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.limits import hurried, patience, perform_in_time
from conformance.concurrent.pairs.interleaving import (
    Impeded,
    Interleaved,
    Openings,
    Stuck,
    observe_in_order,
    reads_of,
)
from conformance.concurrent.pairs.openings import id_of, opened_id
from conformance.concurrent.pairs.pairs import AtLine, Observation, OneByOne, Pair
from conformance.harness.harness import Harness
from conformance.harness.store import SubjectError
from conformance.probes.interleaving import Moment, Partner, StuckError, interleave
from conformance.programs.outcomes import Hung, Outcome
from conformance.system.limits import OperationTimeoutError, TimeLimit

LINES = 300
"""How many steps of an operation are tried at most."""

LINES_OF_OPENING = 400
"""How many of an opening, which does more."""

STRIDE = 3
"""Every so many steps of an opening are tried first, then those between them: its time may end before they do."""

OF_THE_KIT = ("conformance", "tests")
"""Packages that hold many stores which have nothing to do with one another: of these a backend's own file alone."""

TOOLS = frozenset({"attr", "attrs", "pydantic", "pydantic_core", "typing_extensions", *OF_THE_KIT})
"""Packages that a module imports to be written with, and not to store with."""


class Code(enum.Enum):
    """Whose lines are steps."""

    OWN = "the backend's"
    IMPORTED = "that of the packages that it imports"


@attrs.frozen
class ThreadInterleaver:
    """Runs the first operation in this thread, and the second one in its partner's."""

    harness: Harness
    partner: Partner
    code: Code = Code.OWN

    @property
    def who(self) -> Who:
        return "thread"

    @property
    def most(self) -> int:
        return LINES

    def hurried(self) -> "ThreadInterleaver":
        harness = hurried(self.harness)
        return attrs.evolve(self, harness=harness, partner=Partner(patience(harness)))

    def in_order(self, pair: Pair, *, swapped: bool) -> Observation | Stuck | Impeded:
        try:
            with self._opened(pair) as backend:
                return observe_in_order(pair, self.harness, (backend, backend), swapped=swapped)
        except SubjectError as error:
            return Impeded(str(error))

    def at(self, pair: Pair, number: int) -> Interleaved | Stuck | Impeded | None:
        try:
            with self._opened(pair) as backend:
                return self._at(pair, number, backend)
        except SubjectError as error:
            return Impeded(str(error))

    def _at(self, pair: Pair, number: int, backend: Any) -> Interleaved | Stuck | None:
        first = partial(perform_in_time, self.harness, pair.first, backend)
        # In the partner's thread no alarm rings; it has the time that a call may take before it is stuck.
        second = partial(perform_in_time, attrs.evolve(self.harness, limit=TimeLimit()), pair.second, backend)
        try:
            done = interleave(first, second, number, self.traced(backend), self.partner)
        except StuckError as error:
            return Stuck(_where(error.moment, number), f"the second one is {error}")
        if isinstance(done.first, Hung):
            where = OneByOne("thread", swapped=False) if done.moment is None else _where(done.moment, number)
            return Stuck(where, f"the first one is not done after {done.first.seconds:g} s")
        if done.moment is None:
            return None
        reads = reads_of(pair, self.harness, backend)
        return Interleaved(_where(done.moment, number), done.waited, Observation(done.first, done.second, reads))

    def openings(self) -> Iterator[Openings | Stuck | Impeded]:
        traced = self._traced_by_a_sample()
        if isinstance(traced, Impeded):
            yield traced
            return
        for start in range(1, STRIDE + 1):
            for number in range(start, LINES_OF_OPENING, STRIDE):
                result = self._opening(number, traced)
                if result is None:
                    break
                yield result

    def opening(self, number: int) -> Openings | Stuck | Impeded | None:
        traced = self._traced_by_a_sample()
        return traced if isinstance(traced, Impeded) else self._opening(number, traced)

    def _traced_by_a_sample(self) -> Callable[[str], bool] | Impeded:
        try:
            sample = self.harness.open()
        except SubjectError as error:
            return Impeded(str(error))
        self.harness.close(sample)
        return self.traced(sample.backend)

    def _opening(self, number: int, traced: Callable[[str], bool]) -> Openings | Stuck | None:
        subject = self.harness.subject
        with subject.place() as place:
            read = (
                partial(opened_id, self.harness, place)
                if subject.claims.durable
                else partial(id_of, subject.open(place))
            )
            try:
                done = interleave(partial(self._in_time, read), read, number, traced, self.partner)
            except StuckError as error:
                return Stuck(_where(error.moment, number), str(error))
            if done.moment is None:
                return None
            where = _where(done.moment, number)
            stuck = [one for one in (done.first, done.second) if isinstance(one, Hung)]
            if stuck:
                return Stuck(where, f"not done after {stuck[0].seconds:g} s")
            return Openings(where, done.first, done.second, self._in_time(read))

    def _in_time(self, read: Callable[[], Outcome]) -> Outcome:
        try:
            with self.harness.limit:
                return read()
        except OperationTimeoutError as error:
            return Hung(error.seconds)

    @contextmanager
    def _opened(self, pair: Pair) -> Iterator[Any]:
        """A backend on a new place with the initial operations done; closed in the end."""
        store = self.harness.open(**self.harness.cheap)
        try:
            for operation in pair.initial:
                perform_in_time(self.harness, operation, store.backend)
            yield store.backend
        finally:
            self.harness.close(store)

    def traced(self, backend: Any) -> Callable[[str], bool]:
        """Whether the lines of a file, by its name, are steps."""
        return tracing(backend, self.harness.subject.code, self.code)


def _where(moment: Moment, number: int) -> AtLine:
    return AtLine(moment.file, moment.line, moment.occurrence, number, moment.event, moment.calling)


# Whose lines are steps


def tracing(backend: Any, named: tuple[str, ...] | None = None, code: Code = Code.OWN) -> Callable[[str], bool]:
    """Whether a file is the code of a backend whose lines are steps.

    Args:
        backend: the backend.
        named: the packages that its author names besides its own; None where none are named.
        code: its own code with what is named, or that which it imports.
    """
    roots, answers = _all_roots(backend.__class__, named, code), dict[str, bool]()

    def is_own(name: str) -> bool:
        if name not in answers:
            answers[name] = name.startswith(roots)
        return answers[name]

    return is_own


@functools.lru_cache(maxsize=64)
def _all_roots(cls: type, named: tuple[str, ...] | None, code: Code) -> tuple[str, ...]:
    own = tuple(_roots(cls))
    if code is Code.IMPORTED:
        return tuple(imported_roots(own)) if named is None else ()
    return (*own, *filter(None, map(_root_of, named or ())))


def imported_roots(own: tuple[str, ...]) -> Iterator[str]:
    """Where the packages lie that modules import, which lie at `own`; without Python's own, and tools."""
    modules = [module for module in tuple(sys.modules.values()) if (_file_of(module) or "-").startswith(own)]
    names = {name.partition(".")[0] for module in modules for name in map(_named_in, tuple(vars(module).values()))}
    for name in sorted(names - TOOLS - sys.stdlib_module_names):
        root = _root_of(name)
        if root is not None and not root.startswith(own):
            yield root


def _named_in(value: object) -> str:
    """The module that a value of a module's is, or is from."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return name if isinstance(name, str) else ""


def _file_of(module: ModuleType | None) -> str | None:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else None


def _root_of(package: str) -> str | None:
    """Where the files of a package that is imported lie; the file itself of a module that is none."""
    module = sys.modules.get(package)
    file = _file_of(module)
    return file if file is None or not hasattr(module, "__path__") else str(Path(file).parent)


def _roots(cls: type) -> Iterator[str]:
    """Where the code of a class lies, and of its bases, and of the packages that they are from."""
    library = sysconfig.get_path("stdlib")
    for base in cls.__mro__:
        file = _file_of(sys.modules.get(base.__module__))
        if file is None or (file.startswith(library) and "site-packages" not in file):
            continue
        package = base.__module__.partition(".")[0]
        yield file if package in OF_THE_KIT else _root_of(package) or file
