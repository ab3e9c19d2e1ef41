"""zarr's side of `peers`: the cores as a store of zarr's, below its StoreTests and its state machine.

Run by `peers`, each time in a process of its own, which prints what came of it as JSON:
python -m tests.benchmarks.peer_zarr store-tests FAULT
python -m tests.benchmarks.peer_zarr state-machine FAULT SEED
The second goes on when it is done with as many programs as by default, until it fails or is told to end.

A key of zarr's is a text, whose parts between slashes are the elements of the core's. What zarr asks of a path, by
whole elements (`is_empty`, `delete_dir`, `list_dir`), the core answers; `list_prefix` of anything else is by the text,
as in zarr's own store in memory.

zarr is none of the project's dependencies, and is imported by name: classes that inherit from its own are made by
`type`, so that types are checked where it is absent.
"""

import contextlib
import importlib
import io
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from spec_store.keys import Key
from tests.benchmarks.peer_faults import CORES, Core

abc: Any = importlib.import_module("zarr.abc.store")
buffers: Any = importlib.import_module("zarr.core.buffer")
cpu: Any = importlib.import_module("zarr.core.buffer.cpu")
store_tests: Any = importlib.import_module("zarr.testing.store")
stateful: Any = importlib.import_module("zarr.testing.stateful")

FAULT = "SPEC_STORE_PEER_FAULT"
"""The variable by which pytest's module knows what to test."""

DEFAULT_EXAMPLES, ENDLESS = 100, 1_000_000
FURTHER = 1_000
"""What is added to the seed for the programs after the first hundred."""


def key_of(name: str) -> Key:
    return tuple(name.split("/"))


def path_of(prefix: str) -> Key:
    """The elements of a path, which may end with a slash, or be that of the root."""
    return key_of(prefix.rstrip("/")) if prefix.rstrip("/") else ()


class CoreMethods:
    """What `CoreStore` fills in of zarr's Store; what is awaited does the same as what is not."""

    supports_writes = supports_deletes = supports_listing = True
    read_only: bool
    _is_open: bool
    _check_writable: Callable[[], None]

    def __init__(self, core: Core, *, read_only: bool = False) -> None:
        abc.Store.__init__(self, read_only=read_only)
        self.core = core

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CoreMethods) and (self.core, self.read_only) == (other.core, other.read_only)

    def __repr__(self) -> str:
        return f"CoreStore({type(self.core).__name__})"

    def get_sync(self, key: str, *, prototype: Any = None, byte_range: Any = None) -> Any:
        self._is_open = True
        try:
            value = self.core.get(key_of(key))
        except KeyError:
            return None
        prototype = prototype or buffers.default_buffer_prototype()
        return prototype.buffer.from_buffer(value[slice_of(byte_range, len(value))])

    def set_sync(self, key: str, value: Any) -> None:
        self._check_writable()
        self._is_open = True
        self.core.set(key_of(key), value)

    def delete_sync(self, key: str) -> None:
        self._check_writable()
        self.core.delete(key_of(key))

    async def get(self, key: str, prototype: Any = None, byte_range: Any = None) -> Any:
        return self.get_sync(key, prototype=prototype, byte_range=byte_range)

    async def get_partial_values(self, prototype: Any, key_ranges: Iterable[tuple[str, Any]]) -> Any:
        return [self.get_sync(key, prototype=prototype, byte_range=byte_range) for key, byte_range in key_ranges]

    async def exists(self, key: str) -> bool:
        return self.core.exists(key_of(key))

    async def set(self, key: str, value: Any) -> None:
        self.set_sync(key, value)

    async def delete(self, key: str) -> None:
        self.delete_sync(key)

    async def list(self) -> AsyncIterator[str]:
        for key in self.core.below(()):
            yield "/".join(key)

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        keys = self.core.below(path_of(prefix) if prefix.endswith("/") else ())
        for name in map("/".join, keys):
            if prefix.endswith("/") or name.startswith(prefix):
                yield name

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        path = path_of(prefix)
        for name in dict.fromkeys(key[len(path)] for key in self.core.below(path) if len(key) > len(path)):
            yield name


def slice_of(byte_range: Any, length: int) -> slice:
    """The slice of a value that is asked for."""
    match byte_range:
        case None:
            return slice(None)
        case abc.RangeByteRequest():
            return slice(byte_range.start, byte_range.end)
        case abc.OffsetByteRequest():
            return slice(byte_range.offset, None)
        case abc.SuffixByteRequest():
            return slice(max(length - byte_range.suffix, 0), None)
    raise TypeError(f"Unexpected byte_range, got {byte_range}.")


CoreStore: Any = type("CoreStore", (CoreMethods, abc.Store), {"__module__": __name__})


class Filled:
    """What a subclass of StoreTests is asked for; values get into the core, and out of it, past all of its methods."""

    store_cls = CoreStore
    buffer_cls = cpu.Buffer

    async def set(self, store: Any, key: str, value: Any) -> None:
        store.core.values[key_of(key)] = value

    async def get(self, store: Any, key: str) -> Any:
        return store.core.values[key_of(key)]

    @pytest.fixture
    def store_kwargs(self) -> dict[str, Any]:
        return {"core": CORES[os.environ[FAULT]]()}

    def test_store_repr(self, store: Any) -> None:
        assert repr(store).startswith("CoreStore(")

    def test_store_supports_writes(self, store: Any) -> None:
        assert store.supports_writes

    def test_store_supports_listing(self, store: Any) -> None:
        assert store.supports_listing


TestCoreStore: Any = type("TestCoreStore", (Filled, store_tests.StoreTests), {"__module__": __name__})


@attrs.define
class Outcome:
    """What a suite has said against a store so far: in the stages that are done, and since."""

    done: list[dict[str, Any]] = attrs.field(factory=list)
    complaints: list[str] = attrs.field(factory=list)
    error: str = ""
    output: int = attrs.field(factory=lambda: os.dup(1))  # for pytest takes the other one meanwhile

    def end_stage(self) -> None:
        """Keep what has been said by now, and the CPU seconds of the process."""
        self.done.append({"complaints": list(self.complaints), "cpu": time.process_time()})

    def tell(self) -> None:
        """Print it, for `peers`."""
        os.write(self.output, json.dumps({"stages": self.done, "error": self.error}).encode())

    def tell_when_the_budget_ends(self) -> None:
        """Have it told, and the process ended, when `peers` says so."""

        def end(*_: object) -> None:  # no exception, which Hypothesis might take for one of the store's
            self.end_stage()
            self.tell()
            os._exit(0)

        signal.signal(signal.SIGXCPU, end)


@attrs.frozen
class Failures:
    """A plug-in of pytest that keeps the names of the tests that fail."""

    outcome: Outcome

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.outcome.complaints.append(report.nodeid.rpartition("::")[2])


def run_store_tests(fault: str, outcome: Outcome) -> None:
    """Run zarr's StoreTests on the store over a core."""
    os.environ[FAULT] = fault
    plain = ["-q", "-c", os.devnull, "--noconftest", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
    loops = ["-o", "asyncio_default_fixture_loop_scope=function"]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main([*plain, *loops, __file__], plugins=[Failures(outcome)])
    if status != (pytest.ExitCode.TESTS_FAILED if outcome.complaints else pytest.ExitCode.OK):
        outcome.error = f"pytest ended with {status!r}: {said.getvalue()[-1000:]}"


class Watched:
    """Keeps the failure that ended a program of zarr's state machine, for it may be shrinking when time is up."""

    outcome: Outcome

    def teardown(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, Exception) and not isinstance(error, HypothesisException):
            where = traceback.extract_tb(error.__traceback__)[-1].name
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__} in "
            self.outcome.complaints[:] = [kind + where]


Machine: Any = type("Machine", (Watched, stateful.ZarrStoreStateMachine), {"__module__": __name__})


def run_state_machine(fault: str, outcome: Outcome, chosen: int, examples: int) -> None:
    """Run zarr's state machine on the store over a core, as zarr's own tests do, but that nothing is kept on disk."""

    def make() -> Any:
        machine = Machine(CoreStore(CORES[fault]()))
        machine.outcome = outcome
        return machine

    seeded: Any = seed(chosen)(make)  # Hypothesis takes such a function, though its annotations have classes only
    how = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            run_state_machine_as_test(seeded, settings=how)
    except Exception as error:
        if not outcome.complaints:
            outcome.error = f"{type(error).__name__}: {error}"


def main() -> None:
    suite, fault, *drawn = sys.argv[1:]
    outcome = Outcome()
    outcome.tell_when_the_budget_ends()
    if suite == "store-tests":
        run_store_tests(fault, outcome)
    else:
        run_state_machine(fault, outcome, int(drawn[0]), DEFAULT_EXAMPLES)
    outcome.end_stage()
    if suite != "store-tests" and not outcome.complaints and not outcome.error:
        run_state_machine(fault, outcome, FURTHER + int(drawn[0]), ENDLESS)
        outcome.end_stage()
    outcome.tell()


if __name__ == "__main__":
    main()
