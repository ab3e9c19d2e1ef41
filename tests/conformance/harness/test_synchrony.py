"""An asynchronous backend is refused in one line that says what is asynchronous, from each of the kit's faces."""

import gc
import subprocess
import sys
import warnings

import pytest

from conformance import Subject, check
from spec_store import InMemoryStoreBackend
from tests.conformance import async_stores as stores

pytestmark = pytest.mark.usefixtures("short_programs_of_module")

pytest_plugins = ("pytester",)

HERE = "tests.conformance.async_stores"

AWAITABLE = "what returns an awaitable or an asynchronous generator"
INTERFACE = ("get", "set", "move", "has_key", "list_keys", "remove_key")


def judged(cls, **options):
    """The report on a class, in whose making no warning came up."""
    subject = Subject(open=lambda place, **given: cls(**given), name=cls.__name__)
    with warnings.catch_warnings(record=True) as came:
        warnings.simplefilter("always")
        report = check(subject, examples=2, seed=1, **options)
        gc.collect()
    assert [str(one.message) for one in came if "await" in str(one.message)] == []
    return report


def refusal(name, what):
    return f"{name} is asynchronous, and the interface is synchronous ({what})"


REFUSED = [
    (stores.Coroutine, "coroutine functions: get"),
    (stores.Everything, "coroutine functions: get, set, move, has_key, list_keys, remove_key"),
    (stores.Generator, "asynchronous generator functions: list_keys"),
    (stores.PlainGenerator, f"{AWAITABLE}: list_keys"),
    (stores.Partial, "coroutine functions: move"),
    (stores.CallableObject, "coroutine functions: remove_key"),
    (stores.PartialOfObject, "coroutine functions: has_key"),
    (stores.Returns, f"{AWAITABLE}: list_keys"),
    (
        stores.ReturnsFromWrites,
        f"{AWAITABLE}: set, remove_key, update, add_or_update",
    ),
    (stores.ReturnsAwaitable, f"{AWAITABLE}: add_or_update"),
    (stores.Hook, "coroutines that it does not await: _set"),
]


@pytest.mark.parametrize(("cls", "what"), REFUSED, ids=lambda value: getattr(value, "__name__", ""))
def test_an_asynchronous_backend_is_refused_in_words_without_a_warning(cls, what):
    report = judged(cls)
    assert report.verdict == "invalid"
    assert report.results == ()
    assert report.invalid == refusal(cls.__name__, what)


@pytest.mark.parametrize("name", INTERFACE)
@pytest.mark.parametrize("kind", ["coroutine function", "plain function"])
def test_it_holds_for_each_method_of_the_interface_alone(name, kind):
    base = getattr(InMemoryStoreBackend, name)

    async def later(self, *arguments, **options):
        return base(self, *arguments, **options)

    method = later if kind == "coroutine function" else stores.wrapped(base)
    cls = type("One", (InMemoryStoreBackend,), {name: method})
    what = {"coroutine function": "coroutine functions", "plain function": "what returns an awaitable"}[kind]
    invalid = judged(cls).invalid
    assert invalid.startswith(f"One is asynchronous, and the interface is synchronous ({what}")
    assert name in invalid


@pytest.mark.parametrize("classes", [("surface",), ("extended",)])
def test_it_holds_whatever_classes_are_judged(classes):
    assert "coroutine functions: get" in judged(stores.Coroutine, classes=classes).invalid
    assert judged(stores.ReturnsFromWrites, classes=classes).verdict == "invalid"


def test_a_hook_that_the_base_class_calls_is_seen_too():
    assert judged(stores.HookOfBase).invalid == refusal(
        "HookOfBase",
        f"{AWAITABLE}: has_key; coroutines that it does not await: _has_key",
    )


def test_one_that_does_not_open_for_it_is_told_so():
    assert judged(stores.FailsToOpen).invalid == refusal("FailsToOpen", "coroutines that it does not await: connect")


def test_nothing_is_written_where_the_place_cannot_be_seen_to_be_empty():
    judged(stores.AsyncFull)
    assert stores.AsyncFull.writes == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "cls", [stores.Drives, stores.Decorated, stores.AsyncClose], ids=["drives", "decorated", "close"]
)
def test_a_synchronous_backend_is_judged_though_it_has_coroutines(cls):
    assert judged(cls, classes=("core",)).verdict == "conformant"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Coroutine", refusal("Coroutine", "coroutine functions: get")),
        ("ReturnsFromWrites", "set, remove_key"),
        ("make", "make does not open: TypeError: what opening gives is a coroutine"),
        ("unplaced", "unplaced does not open: TypeError: its place is a coroutine"),
    ],
)
def test_the_shell_says_it_in_one_line_and_exits_with_2(name, message):
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", f"{HERE}:{name}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


@pytest.mark.slow
def test_the_pytest_suite_says_it_in_one_line(pytester):
    pytester.makepyfile(
        test_it="""
from conformance import StoreBackendSuite, Subject
from spec_store import InMemoryStoreBackend

class Async(InMemoryStoreBackend):
    async def get(self, key, **kwargs):
        return super().get(key)

class TestAsync(StoreBackendSuite):
    subject = Subject(open=lambda place, **options: Async(**options), name="Async")
"""
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-k", "GET-1", "-W", "error")
    assert done.parseoutcomes()["failed"] == 1
    assert done.parseoutcomes().keys() <= {"failed", "deselected"}
    done.stdout.fnmatch_lines([refusal("Async", "coroutine functions: get")])
