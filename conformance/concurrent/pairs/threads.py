"""Two threads on one backend: one stopped before each line of its own code, the other's operation run whole."""

import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from conformance.concurrent.histories.records import Who
from conformance.concurrent.pairs.interleaving import Interleaved, Openings, Stuck, observe_in_order, reads_of
from conformance.concurrent.pairs.openings import id_of, opened_id
from conformance.concurrent.pairs.pairs import AtLine, Observation, Pair
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.probes.interleaving import Interleaving, Partner, StuckError, interleave

LINES = 300
"""How many lines of an operation are tried at most."""

LINES_OF_OPENING = 400
"""How many of an opening, which does more."""


@attrs.frozen
class ThreadInterleaver:
    """Runs the first operation in this thread, and the second one in its partner's."""

    harness: Harness
    partner: Partner

    @property
    def who(self) -> Who:
        return "thread"

    @property
    def most(self) -> int:
        return LINES

    def in_order(self, pair: Pair, *, swapped: bool) -> Observation:
        with self._opened(pair) as backend:
            return observe_in_order(pair, (backend, backend), swapped=swapped)

    def at(self, pair: Pair, number: int) -> Interleaved | Stuck | None:
        with self._opened(pair) as backend:
            first, second = partial(perform, pair.first, backend), partial(perform, pair.second, backend)
            try:
                done = interleave(first, second, number, tracing(backend), self.partner)
            except StuckError as error:
                return Stuck(AtLine("", 0, 1, number), str(error))
            if not done.reached:
                return None
            reads = reads_of(pair, backend)
        return Interleaved(_where(done, number), done.waited, Observation(done.first, done.second, reads))

    def openings(self) -> Iterator[Openings | Stuck]:
        sample = self.harness.open()
        self.harness.close(sample)
        traced = tracing(sample.backend)
        for number in range(1, LINES_OF_OPENING):
            result = self._opening(number, traced)
            if result is None:
                return
            yield result

    def _opening(self, number: int, traced: Callable[[str], bool]) -> Openings | Stuck | None:
        subject = self.harness.subject
        with subject.place() as place:
            read = (
                partial(opened_id, self.harness, place)
                if subject.claims.durable
                else partial(id_of, subject.open(place))
            )
            try:
                done = interleave(read, read, number, traced, self.partner)
            except StuckError as error:
                return Stuck(AtLine("", 0, 1, number), str(error))
            if not done.reached:
                return None
            return Openings(_where(done, number), done.first, done.second, read())

    @contextmanager
    def _opened(self, pair: Pair) -> Iterator[Any]:
        """A backend on a new place with the initial operations done; closed in the end."""
        store = self.harness.open(**self.harness.cheap)
        for operation in pair.initial:
            perform(operation, store.backend)
        try:
            yield store.backend
        finally:
            self.harness.close(store)


def _where(done: Interleaving, number: int) -> AtLine:
    return AtLine(done.file, done.line, done.occurrence, number)


def tracing(backend: Any) -> Callable[[str], bool]:
    """Whether a file is the backend's own code: that of its class, its bases, and the packages that they are from."""
    roots = tuple(_roots(type(backend)))
    known: dict[str, bool] = {}

    def is_own(name: str) -> bool:
        if name not in known:
            known[name] = name.startswith(roots)
        return known[name]

    return is_own


def _roots(cls: type) -> Iterator[str]:
    library = sysconfig.get_path("stdlib")
    for base in cls.__mro__:
        module = sys.modules.get(base.__module__)
        file = getattr(module, "__file__", None)
        if file is None or (file.startswith(library) and "site-packages" not in file):
            continue
        package = sys.modules.get(base.__module__.partition(".")[0])
        directory = getattr(package, "__file__", None)
        # The kit and its tests hold many stores that have nothing to do with one another: of these the file alone.
        own = base.__module__.partition(".")[0] in ("conformance", "tests") or package is module or directory is None
        yield file if own else str(Path(str(directory)).parent)
